// Counts approvals for the invariant `approved` by the design's words alone, and shares no code with the count it watches.
import type { Plan } from '../../functions/domain/plan/plan.ts';
import type { ApprovalRequest, RecordedAnswer } from '../../functions/domain/types.ts';

/**
 * Whether enough people approved a request: the plan's approvers, each person once, the requester never, none too late.
 * One rejection rejects. `automatic`: a decision of the record started the flow; a start by hand needs one person more.
 */
export function isApproved(
  request: ApprovalRequest,
  answers: readonly RecordedAnswer[],
  plan: Pick<Plan, 'approval' | 'contacts'>,
  automatic: boolean,
): boolean {
  const requester = personBehind(request.requestedBy, plan);
  const first = new Map<string, RecordedAnswer['answer']>();
  for (const { answer, approver, at, request: id, unfenced, valid } of answers) {
    const person = personBehind(approver, plan);
    if (id !== request.id || at >= request.expiresAt) continue;
    if (!plan.approval.roles.includes(approver) || person === requester || first.has(person)) continue;
    // A rejection needs nobody's consent: it rejects even where the product refused it.
    if (answer === 'approve' && !(valid && request.unfenced.every((name) => unfenced.includes(name)))) continue;
    first.set(person, answer);
  }
  const given = [...first.values()];
  return given.every((one) => one === 'approve') && given.length >= plan.approval.required + (automatic ? 0 : 1);
}

/** The handle of the person with this role, handle or IAM name; a name that the plan does not know stands for itself. */
function personBehind(name: string, { contacts }: Pick<Plan, 'contacts'>): string {
  const wanted = plain(name);
  const known = Object.entries(contacts).find(([role, { handle, iam }]) =>
    [role, handle, ...iam].some((one) => plain(one) === wanted),
  );
  return plain(known?.[1].handle ?? name);
}

/** Without capitals and the sign before a handle; an ARN as the plan writes it: role/NAME, user/PATH/NAME. */
function plain(name: string): string {
  const [kind = '', ...path] = name.slice(name.lastIndexOf(':') + 1).split('/');
  const bare = !name.startsWith('arn:')
    ? name
    : kind === 'assumed-role'
      ? `role/${path[0]}`
      : [kind, ...path].join('/');
  return bare.trim().replace(/^@/, '').toLowerCase();
}
