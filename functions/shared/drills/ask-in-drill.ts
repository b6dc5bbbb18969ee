// Asks the approvers as on the day, for a drill: with the same links, mails and page. The request is bound to nothing, and nobody waits for it but
// the drill.
import { tallyOf } from '../../domain/approval/approval.ts';
import { requestIdOf, requestOfDrill } from '../../domain/drills/asked.ts';
import { answersMissing, type Missing } from '../../domain/drills/judge.ts';
import { type DrillAnswer, type DrillRecord, flowOfDrill } from '../../domain/drills/record.ts';
import { CannotProceed } from '../../domain/errors.ts';
import { stageOf } from '../../domain/flows.ts';
import type { ApprovalRequest } from '../../domain/types.ts';
import { askPeople } from '../approval/ask.ts';
import { peerOf } from '../estate.ts';
import type { Shell } from '../shell.ts';

/** No flow has this token: an approval that reached Step Functions would find nobody. */
const nobodyWaits = 'a drill';

/**
 * Opens the request and tells people, until enough were told. Safe to repeat: nobody is asked twice. Gives the request.
 * @throws Unavailable, CannotProceed
 */
export async function askInDrill(drill: DrillRecord, shell: Shell): Promise<ApprovalRequest> {
  const { execution, region } = drill;
  const { store, plan, now } = shell;
  const known = await store.readRequest(requestIdOf(execution));
  const request = known ?? requestOfDrill(drill, peerOf(region, plan) ?? region, plan, now());
  if (known === null) await store.openRequest(request, nobodyWaits);
  await askPeople(request, shell);
  return request;
}

/** Who has answered so far, and who is missing. @throws CannotProceed where the time is over, Unavailable */
export async function answersInDrill(
  { incident }: DrillRecord,
  { store, plan, now }: Shell,
): Promise<{ readonly answers: readonly DrillAnswer[]; readonly missing: Missing }> {
  const request = await store.readRequest(incident ?? '');
  if (request === null) throw new CannotProceed(`there is no request ${incident}`);
  const tally = tallyOf(request, await store.readAnswers(request.id), plan);
  const missing = answersMissing(request, tally);
  if (missing !== null && now() >= request.expiresAt) throw new CannotProceed(missing);
  return { answers: tally.answers.map(({ approver, answer, at }) => ({ approver, answer, at })), missing };
}

/**
 * A drill that has ended asks nobody any more, and no answer to what its switchover asked moves users from then on. What was approved before
 * stays, and its flow goes on. Gives what people must know. @throws Unavailable
 */
export async function askNoMore(drill: DrillRecord, { store, now, prefix }: Shell): Promise<string[]> {
  const { kind, execution, leg, recoveredAt } = drill;
  if (kind === 'approvers') await store.settleRequest(requestIdOf(execution), 'void', now());
  if (leg === null) return [];
  const flow = flowOfDrill(drill);
  const open = (await store.listOpenRequests()).filter((request) => request.execution === flow);
  for (const { id } of open) await store.settleRequest(id, 'void', now());
  const settled = recoveredAt === null ? await store.listSettledRequests(0) : [];
  const isApproved = settled.some(({ request, outcome }) => request.execution === flow && outcome === 'approved');
  return [
    ...open.map(({ id }) => `request ${id} is void: no answer to it moves users any more`),
    ...(isApproved
      ? [
          `the switchover ${flow} was approved before, and does not end with the drill: ${abortOf(flow, prefix)} ends it`,
        ]
      : []),
  ];
}

/** Whether a flow is the switchover of a drill that has ended: it asks nobody. @throws Unavailable */
export async function isOfEndedDrill(flow: string, { store }: Shell): Promise<boolean> {
  const drills = await store.listDrills();
  return drills.some((drill) => drill.leg !== null && drill.outcome !== null && flowOfDrill(drill) === flow);
}

function abortOf(flow: string, prefix: string): string {
  return `npm run abort -- ${flow} --stage ${stageOf(prefix)}`;
}
