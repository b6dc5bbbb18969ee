// Judges what people answer: which answers count, what they add up to, and whether what was approved is still so. Pure.
import { personOf } from './persons.ts';
import type { Plan } from './plan.ts';
import type { Answer, ApprovalRequest, Bounds, RecordedAnswer } from './types.ts';

/** Whether an answer counts; `why` says in one line why it does not, and is empty where it does. */
export type Verdict = { readonly valid: boolean; readonly why: string };

/**
 * Judges one answer beside those that were given before. The time of the answer's arrival counts, not the one that it
 * names itself.
 */
export function judgeAnswer(
  request: ApprovalRequest,
  answers: readonly RecordedAnswer[],
  answer: Answer,
  plan: Plan,
  now: number,
): Verdict {
  const { approver } = answer;
  const person = personOf(approver, plan);
  if (answer.request !== request.id) return not(`it answers request ${answer.request}, expected ${request.id}`);
  if (now >= request.expiresAt)
    return not(`it is late: request ${request.id} expired at ${new Date(request.expiresAt).toISOString()}`);
  if (person === personOf(request.requestedBy, plan))
    return not(`${approver} asked for it, and who asks does not approve`);
  if (!request.roles.includes(approver)) return not(`${approver} is no approver, expected ${request.roles.join(', ')}`);
  if (answers.some((past) => counts(past, request, plan) && personOf(past.approver, plan) === person))
    return not(`${approver} has answered request ${request.id} before, and an answer counts once`);
  const unnamed = request.unfenced.filter((name) => !answer.unfenced.includes(name));
  if (answer.answer === 'approve' && unnamed.length > 0)
    return not(`it does not name what stays unfenced: ${unnamed.join(', ')}`);
  return { valid: true, why: '' };
}

/** What the answers add up to, in whatever order they came. One rejection rejects; a person in two roles counts once. */
export function outcomeOf(
  request: ApprovalRequest,
  answers: readonly RecordedAnswer[],
  plan: Pick<Plan, 'contacts'>,
): 'pending' | 'approved' | 'rejected' {
  const given = answers.filter((answer) => counts(answer, request, plan));
  if (given.some(({ answer }) => answer === 'reject')) return 'rejected';
  const persons = new Set(given.map(({ approver }) => personOf(approver, plan)));
  return persons.size >= request.required ? 'approved' : 'pending';
}

/**
 * Compares what was approved with what would be approved now; null where it is still inside. Outside, it says what
 * changed. Of `now` the ceiling is what would be lost, without the margin that people are asked for.
 */
export function checkBounds(approved: Bounds, now: Bounds): string | null {
  if (now.plan !== approved.plan) return 'the plan has changed since it was approved';
  if (now.target !== approved.target) return `the target is ${now.target}, approved was ${approved.target}`;
  if (now.mode !== approved.mode) return `it would be a ${now.mode}, approved was a ${approved.mode}`;
  if (now.way !== approved.way) return `the way would be ${now.way}, approved was ${approved.way}`;
  const more = now.unfenced.filter((name) => !approved.unfenced.includes(name));
  if (more.length > 0) return `${more.join(', ')} can not be fenced any more, which nobody approved`;
  const { lossCeilingSeconds: ceiling } = approved;
  const { lossCeilingSeconds: loss } = now;
  if (ceiling === null) return null; // people were told that the loss is not known
  if (loss === null) return `the data loss is not known any more, approved were at most ${ceiling} s`;
  return loss > ceiling ? `${loss} s of data would be lost, approved were at most ${ceiling} s` : null;
}

/** The second lock on the same door: whatever the record says, nobody approves what they asked for. */
function counts(
  answer: RecordedAnswer,
  { id, roles, requestedBy }: ApprovalRequest,
  plan: Pick<Plan, 'contacts'>,
): boolean {
  const isAsked = answer.valid && answer.request === id && roles.includes(answer.approver);
  return isAsked && personOf(answer.approver, plan) !== personOf(requestedBy, plan);
}

function not(why: string): Verdict {
  return { valid: false, why };
}
