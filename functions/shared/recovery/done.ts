// Says what a flow has done so far, by its record: for people who cannot see the flow, or are about to pull a lever.

import { whyOf } from '../../domain/errors.ts';
import { heldSentence } from '../../domain/flow-words/steps.ts';
import { flowOf } from '../../domain/flows.ts';
import { assetsOf } from '../../domain/plan/assets.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import { isCallMark } from '../../domain/record/call-marks.ts';
import type { AuditRecord } from '../../domain/record/store.ts';
import { whereSentences } from '../../domain/record/where.ts';
import { changedBy, doneSentences, elsewhere } from '../../domain/recovery/left-behind.ts';
import { failingIn, isMended, notToldMark } from '../../domain/recovery/reaching.ts';
import { restoringSentences } from '../../domain/recovery/restoring.ts';
import type { Lock, Standing } from '../../domain/types.ts';
import type { Holding } from '../../domain/words/decision-words.ts';
import type { Shell } from '../shell.ts';
import { callsOf, madeBy } from './act.ts';
import { agesIn, firstLookAt, stoppedIn } from './fresh.ts';
import { flowHeldFor } from './locks.ts';

/**
 * Where the flow is that holds a region, and what it restores now, in sentences: a restore goes on for hours. `pausedAt`: when it stopped,
 * where nothing was kept of it since; null where it goes on. `stoppedAt`: what failed then. `ends`: whether it is not to be resumed. `aborts`: whether
 * a person's abort of it has begun and not ended. `asks`: whether nobody has approved anything yet. The others: what it has begun.
 */
export async function doneBy(
  lock: Lock,
  { store, plan, now }: Pick<Shell, 'store' | 'plan' | 'now'>,
): Promise<Holding & { readonly restores: readonly string[] }> {
  const { calls, own } = await recordOf(lock, { store });
  const restores = restoringSentences(calls, own);
  const execution = flowHeldFor(lock);
  if (execution !== lock.execution) {
    const { target, action } = lock;
    const changed = changedBy(
      calls,
      own,
      await store.readStanding(target),
      action === 'request-approval' ? target : null,
    );
    const where = ['A person has ended the flow. The abort is not finished.', ...doneSentences(changed), ...restores];
    return { execution, where, restores, pausedAt: null, stoppedAt: [], aborts: true };
  }
  const { stoppedAt } = agesIn(own);
  const ofFlow = [...calls, ...own].filter(({ step }) => !isBeside(step));
  const goesOn = stoppedAt === null || ofFlow.some(({ at }) => at > stoppedAt);
  const { failed, ends } = stoppedIn(own);
  const flow = lock.action === 'none' || lock.action === 'hold' ? null : flowOf[lock.action];
  const where =
    flow === null ? [] : whereSentences(flow, { calls, own, lookedAt: firstLookAt(own) }, now(), { isPaused: !goesOn });
  return {
    execution,
    where: [...where, ...restores],
    restores,
    pausedAt: goesOn ? null : stoppedAt,
    stoppedAt: goesOn ? [] : failed,
    ends: !goesOn && ends,
    asks: flow === 'region-failover' && firstLookAt(own) === null,
    takesOver: takesOver(calls, lock.target, plan),
    moved: lock.action === 'request-approval' ? elsewhere(calls, own, lock.target) : null,
    fences: calls.some(({ step }) => step.startsWith('fence/')),
    cannotOpen: own.some((record) => failingIn(record.step)?.state === 'Unfence' && !isMended(record, own)),
  };
}

/** Whether a database outside of the region that a flow leaves was asked to take over: what only that one has may be lost. */
export function takesOver(
  calls: readonly Pick<AuditRecord, 'step' | 'region'>[],
  leaves: string,
  plan: Pick<Plan, 'assets'>,
): boolean {
  const asked = assetsOf('rds-instance', plan).map(({ name }) => `take-over/${name}`);
  return calls.some(({ step, region }) => region !== leaves && asked.includes(step));
}

/** So long what a flow has left in a region is looked for. */
const leftForMs = 7 * 86_400_000;

/**
 * What earlier flows of a region that broke off have changed and left since the roles moved last, a line each, where it is the primary still: what users
 * need may be closed, or stand in the other region. `except`: the flow that asks. What a person has undone since, the record does not know.
 */
export async function leftBehindIn(
  region: string,
  { store, now }: Pick<Shell, 'store' | 'now'>,
  except: string | null = null,
): Promise<string[]> {
  const [all, standing] = await Promise.all([store.listIncidents(), store.readStanding(region)]);
  const from = Math.max(now() - leftForMs, standing.movedAt ?? Number.NEGATIVE_INFINITY);
  if (standing.primary !== region) return [];
  const recent = all.filter((one) => one.region === region && (one.closedAt ?? now()) >= from);
  const lines = recent.map(async ({ id }) => {
    const [audit, steps] = await Promise.all([store.readAudit(id), store.readSteps(id)]);
    const executions = audit.flatMap(({ at, step, execution }) => (at >= from && isOfMove(step) ? [execution] : []));
    return [...new Set(executions)].flatMap((execution) => {
      if (execution === except) return [];
      const own = steps.filter((step) => step.execution === execution);
      // What reached its end has left what it was for: a restore's old database stays closed.
      if (own.some(({ step }) => step === 'record-failover')) return [];
      return changedBy(madeBy({ execution }, audit, steps), own, standing, region);
    });
  });
  return [...new Set((await Promise.all(lines)).flat())];
}

/** Whether a call is one of a flow that leaves a region or restores in it. */
function isOfMove(step: string): boolean {
  return step === 'redirect-users' || /^(fence|take-over)\//.test(step);
}

/**
 * A line each: what a flow holds and has called, what of that stays whatever becomes of it, and what is half done. `name`: of the
 * execution. A record that cannot be read keeps no lever from being pulled.
 */
export async function doneSoFar(name: string, shell: Pick<Shell, 'store' | 'plan'>): Promise<string[]> {
  try {
    return await readSoFar(name, shell);
  } catch (error) {
    return [`What ${name} has done is not known: ${whyOf(error)}`];
  }
}

async function readSoFar(name: string, shell: Pick<Shell, 'store' | 'plan'>): Promise<string[]> {
  const held = await heldBy(name, shell);
  const lines = held.map(async ({ lock, region, standing }) => {
    const { calls, own } = await recordOf(lock, shell);
    const changed = changedBy(calls, own, standing, lock.action === 'request-approval' ? region : null);
    return [heldSentence(lock, calls), ...doneSentences(changed), ...restoringSentences(calls, own)];
  });
  return held.length === 0 ? [`${name} holds no region.`] : (await Promise.all(lines)).flat();
}

/**
 * Whether something is kept under a flow's name that goes on while that is paused: what the fence watch does and fails at, and whom nobody could
 * tell. A flow that is resumed looks again before it fences.
 */
function isBeside(step: string): boolean {
  const tried = step.replace(/^(failing(-on)?|mended)\//, '');
  const beside = ['watch-fence/', 'fence/', 'fence-late/', notToldMark('')];
  return isCallMark(step) || beside.some((prefix) => tried.startsWith(prefix));
}

/** The calls of a flow that holds a region. */
export async function callsBy(name: string, shell: Pick<Shell, 'store' | 'plan'>): Promise<AuditRecord[]> {
  const calls = (await heldBy(name, shell)).map(async ({ lock }) => (await recordOf(lock, shell)).calls);
  return (await Promise.all(calls)).flat();
}

/** The regions that a flow holds, each with its lock and how it stands. */
export async function heldBy(
  name: string,
  { store, plan }: Pick<Shell, 'store' | 'plan'>,
): Promise<{ readonly lock: Lock; readonly region: string; readonly standing: Standing }[]> {
  const all = Object.keys(plan.regions).map(async (region) => ({ region, standing: await store.readStanding(region) }));
  return (await Promise.all(all)).flatMap(({ region, standing }) =>
    standing.lock !== null && flowHeldFor(standing.lock) === name ? [{ lock: standing.lock, region, standing }] : [],
  );
}

async function recordOf(lock: Lock, { store }: Pick<Shell, 'store'>) {
  const { incident } = lock;
  const execution = flowHeldFor(lock);
  const [calls, steps] = await Promise.all([
    callsOf({ id: incident, execution }, { store }),
    store.readSteps(incident),
  ]);
  return { calls, own: steps.filter((step) => step.execution === execution) };
}
