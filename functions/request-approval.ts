// Desired state: people were asked whether a region may be given up. Their answer comes back on the task token.
import * as z from 'zod';
import { unfencedSentences } from './domain/flow-words/stops.ts';
import { elsewhere } from './domain/recovery/left-behind.ts';
import { type ApprovalRequest, modes, ways } from './domain/types.ts';
import { heardBy } from './shared/approval/approve.ts';
import { approversNeeded } from './shared/approval/approvers.ts';
import { askPeople } from './shared/approval/ask.ts';
import { isSameContent, shortHash } from './shared/approval/hash.ts';
import { isOfEndedDrill } from './shared/drills/ask-in-drill.ts';
import { callsOf } from './shared/recovery/act.ts';
import { RegionStepInput } from './shared/recovery/flow.ts';
import { type Shell, step } from './shared/shell.ts';

const Bounds = z.strictObject({
  plan: z.string(),
  target: z.string(),
  mode: z.enum(modes),
  way: z.enum(ways),
  ways: z.record(z.string(), z.enum(ways)).exactOptional(),
  unfenced: z.array(z.string()),
  unfencedAssets: z.array(z.string()).exactOptional(),
  lossCeilingSeconds: z.number().nullable(),
  assetCeilingSeconds: z.record(z.string(), z.number().nullable()).exactOptional(),
});

const RequestInput = RegionStepInput.extend({
  /** What was assessed: the bounds that are approved, and what people are shown. */
  assessment: z.looseObject({ bounds: Bounds }),
  /** The first request is round 1; a later one says what has changed since. */
  round: z.int().positive(),
  changed: z.string().nullable(),
  /** What became of what a switchover had fenced before it asks again, by state and asset. */
  ofAssets: z.record(z.string(), z.unknown()).default({}),
  taskToken: z.string().min(1),
});

/**
 * Opens one request for this execution and tells people, until enough approvers were told. A later try of the same question
 * asks nobody twice: it goes on with the request of the first, and is who hears of the answers. @throws Unavailable.
 */
export const handler = step(RequestInput, async ({ incident, assessment, round, taskToken, ...news }, shell) => {
  const { id: incidentId, execution, requestedBy, reason, mode, region, standby } = incident;
  const { store, plan, now, log } = shell;
  const { bounds, ...shown } = assessment;
  const { changed } = news;
  const isOpened = unfencedSentences(news.ofAssets, null).length > 0;
  const moved = isOpened ? elsewhere(await callsOf(incident, shell), await store.readSteps(incidentId), region) : null;
  const opened = unfencedSentences(news.ofAssets, moved);
  const { required, roles } = approversNeeded(incident, plan);
  const askedAt = now();
  const first = await earlierTry(`${execution}-${round}-`, bounds, shell);
  const request: ApprovalRequest = first ?? {
    ...bounds,
    id: `${execution}-${round}-${shortHash(taskToken)}`,
    incident: incidentId,
    execution,
    required,
    roles,
    requestedBy,
    askedAt,
    expiresAt: askedAt + plan.approval.expirySeconds * 1000,
    ...(incident.drill && { drillMoves: true as const }),
    shown: { ...shown, reason, mode, region, standby, changed, opened, onNoAnswer: 'hold' },
  };
  for (const open of await store.listOpenRequests()) {
    if (open.execution === execution && open.id !== request.id) await store.settleRequest(open.id, 'void', askedAt);
  }
  if (first === null) await store.openRequest(request, taskToken);
  else await store.renewTaskToken(request.id, taskToken);
  const outcome = { request: request.id, round };
  await store.recordStep({
    incident: incidentId,
    execution,
    step: 'request-approval',
    at: request.askedAt,
    outcome,
  });
  // Looked at once the request is open: a drill that ends from here on finds it, and voids it.
  if (incident.drill && (await isOfEndedDrill(execution, shell))) {
    log.warn('nobody is asked: the drill has ended', { execution, request: request.id });
    await store.settleRequest(request.id, 'void', now());
  }
  // Nor is anybody asked for a flow that cannot act: its region was given back, or another flow has it.
  if ((await store.readStanding(region)).lock?.execution !== execution) {
    log.warn('nobody is asked: the flow does not hold the region', { execution, request: request.id });
    await store.settleRequest(request.id, 'void', now());
  }
  // What was settled between two tries is delivered with the next sweep: nobody is asked any more.
  if ((await store.readOutcome(request.id)) === null) await askPeople(request, shell);
  log.info('approval requested', { incident: incidentId, execution, request: request.id, required, round });
  return outcome;
});

/**
 * The request that an earlier try opened for the same question, open or answered, if its flow has not heard the answer; null
 * where there is none. One that has expired, or is void, is asked afresh.
 */
async function earlierTry(ids: string, bounds: z.infer<typeof Bounds>, shell: Shell): Promise<ApprovalRequest | null> {
  const { store, now } = shell;
  const answered = (await store.listSettledRequests(now())).filter(
    ({ outcome }) => outcome === 'approved' || outcome === 'rejected',
  );
  const asked = [...(await store.listOpenRequests()), ...answered.map(({ request }) => request)];
  const same = asked.find(
    (one) => one.id.startsWith(ids) && now() < one.expiresAt && isSameContent(Bounds.strip().parse(one), bounds),
  );
  return same === undefined || (await store.wasSent(heardBy(same.id))) ? null : same;
}
