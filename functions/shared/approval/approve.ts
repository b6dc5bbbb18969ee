// Takes people's answers to a request: judges and keeps each, settles the request once, and tells the flow that waits.
import { sendTaskSuccess } from '../../aws/flows/executions.ts';
import { judgeAnswer, tallyOf, type Validity } from '../../domain/approval/approval.ts';
import { givesWay } from '../../domain/decision/incident.ts';
import type { Settlement } from '../../domain/record/store.ts';
import type { Answer, ApprovalRequest, Given, Incident } from '../../domain/types.ts';
import { isAboutGoingOn } from '../../domain/words/region-words.ts';
import { runsIn } from '../estate.ts';
import type { Shell } from '../shell.ts';
import { hasEnded } from './asker.ts';
import { requestHash, shortHash } from './hash.ts';

/** An answer and how it was given. */
export type Offered = Answer & Pick<Given, 'who' | 'how'>;

/** `outcome` is how the request stands afterwards. `why` says in one line why an answer did not count. */
export type Answered = Validity & { readonly outcome: Settlement | 'pending' };

/**
 * Takes one answer. What does not count is kept with the reason, and changes nothing. An answer that settles the request
 * reaches the flow at once, or with the next sweep where Step Functions does not answer. `refused` says why the way it was
 * given does not count, whatever it says; null where nothing is wrong with that. @throws Unavailable where the
 * answer could not be kept: given again, it counts once.
 */
export async function answerRequest(given: Offered, shell: Shell, refused: string | null = null): Promise<Answered> {
  const { store, log } = shell;
  const request = await store.readRequest(given.request);
  const answer = { ...given, shownHash: request === null ? '' : requestHash(request) };
  const validity = await keep(answer, request, refused, shell);
  const { approver, request: id } = answer;
  if (request === null || !validity.valid) {
    log.warn('answer does not count', { request: id, approver, why: validity.why });
    return { ...validity, outcome: (await store.readOutcome(id))?.outcome ?? 'pending' };
  }
  log.info('answered', { incident: request.incident, request: id, approver, answer: answer.answer });
  return { ...validity, outcome: await settle(request, shell) };
}

async function keep(
  answer: Answer & Given,
  request: ApprovalRequest | null,
  refused: string | null,
  shell: Shell,
): Promise<Validity> {
  const { store } = shell;
  const judged = refused === null ? await judge(answer, request, shell) : { valid: false, why: refused };
  if (judged.valid && (await store.keepAnswer({ ...answer, ...judged }))) return judged;
  // Where a valid one was not kept, another answer of the same person came a moment before.
  const validity = judged.valid ? { valid: false, why: twice(answer) } : judged;
  await store.keepAnswer({ ...answer, ...validity });
  return validity;
}

async function judge(answer: Answer, request: ApprovalRequest | null, shell: Shell): Promise<Validity> {
  const { store, plan, now } = shell;
  if (request === null) return { valid: false, why: `there is no request ${answer.request}` };
  const [answers, settled] = await Promise.all([store.readAnswers(request.id), store.readOutcome(request.id)]);
  const validity = judgeAnswer(request, answers, answer, plan, now());
  if (!validity.valid) return validity;
  if (settled === null) {
    if (!(await hasEnded(request, shell))) return validity;
    await store.settleRequest(request.id, 'void', now());
    return { valid: false, why: `the flow that asked has ended, and request ${request.id} is void` };
  }
  return { valid: false, why: `it is late: request ${request.id} is ${settled.outcome} already` };
}

function twice({ approver, request }: Answer): string {
  return `${approver} has answered request ${request} before, and an answer counts once`;
}

/**
 * Settles a request whose answers say enough, and tells its flow. Safe to repeat: how it was settled first stays.
 * Returns how it stands.
 */
export async function settle(request: ApprovalRequest, shell: Shell): Promise<Settlement | 'pending'> {
  const { store, plan, now, log } = shell;
  const outcome = tallyOf(request, await store.readAnswers(request.id), plan).outcome;
  if (outcome === 'pending') return outcome;
  const stands = await store.settleRequest(request.id, outcome, now());
  log.info('request settled', { incident: request.incident, request: request.id, outcome: stands });
  try {
    await deliver(request, stands, shell);
  } catch (error) {
    log.warn('callback not delivered, the next sweep does', { request: request.id, error: String(error) });
  }
  return stands;
}

/**
 * Tells the flow how its request was settled, until it was told once. A flow that does not wait any more is not told;
 * neither is one whose request expired, or is void while it is needed, outside of drills: its state has a time limit of its own. @throws
 * Unavailable, CannotProceed.
 */
export async function deliver(request: ApprovalRequest, outcome: Settlement, shell: Shell): Promise<void> {
  const { store, plan, now, log } = shell;
  const { id } = request;
  const flowRegion = runsIn(request, plan);
  if (request.drill === true) return; // a drill looks by itself
  // Void as its drill, or what it was asked for, has ended, the flow would hold its region until its time is over.
  const isHeard =
    outcome === 'approved' ||
    outcome === 'rejected' ||
    (outcome === 'void' &&
      (request.drillMoves === true || (await isNeededNoMore(request, shell)) || (await gaveWay(request, shell))));
  if (flowRegion === null || !isHeard) return;
  const token = await store.readTaskToken(id);
  // Of each try of the waiting state: an answer that met the end of one try is for the next.
  const sent = `callback:${id}:${shortHash(token ?? '')}`;
  if (await store.wasSent(sent)) return;
  const heard = token !== null && (await sendTaskSuccess(flowRegion, token, JSON.stringify({ outcome, request: id })));
  if (heard) await store.markSent(heardBy(id), now());
  else log.warn('nobody waits for this answer', { incident: request.incident, request: id, outcome });
  await store.markSent(sent, now());
}

/**
 * Whether what Breakwater asked about by itself is over: the region has been well for as long as that takes, and no answer would change anything. Once
 * something was promoted people have to choose all the same, and what a person started a person ends.
 */
export async function isNeededNoMore(request: ApprovalRequest, shell: Pick<Shell, 'store' | 'log'>): Promise<boolean> {
  if (request.requestedBy !== 'classify' || request.mode !== 'failover' || isAboutGoingOn(request)) return false;
  const incident = await incidentOf(request, shell);
  return incident !== null && incident.closedAt !== null;
}

/** Whether what made the request of a plan void is what failed beside it (`give-way.ts`). */
async function gaveWay(request: ApprovalRequest, shell: Pick<Shell, 'store' | 'log'>): Promise<boolean> {
  const incident = request.mode === 'failover' ? null : await incidentOf(request, shell);
  return incident !== null && givesWay(incident);
}

/** What cannot be read of it keeps nobody from being asked. */
async function incidentOf(
  { incident }: ApprovalRequest,
  { store, log }: Pick<Shell, 'store' | 'log'>,
): Promise<Incident | null> {
  return store.readIncident(incident).catch((error: unknown) => {
    log.error('incident not read', { incident, error: String(error) });
    return null;
  });
}

/** The mark of a request whose flow has heard how it was settled. */
export function heardBy(id: string): string {
  return `heard:${id}`;
}
