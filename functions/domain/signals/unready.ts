// Readiness that is lost, as signals: what a recovery needs is not there, and nothing fails yet. And whose it is. Pure.
import { type Kind, saidOf } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import type { Readiness } from '../recovery/readiness.ts';
import type { Incident, Lock, Signal } from '../types.ts';

type Unready = Extract<Signal, { kind: 'readiness' }>;

const cause = 'readiness:';

/** The cause that a degradation has where a check of readiness has failed. */
export function readinessCause(check: string): string {
  return `${cause}${check}`;
}

/** So long people have to make what a failover or a restore has made necessary. Then they hear that it is not there, whoever forgot it. */
export const rebuildMs = 24 * 3_600_000;

/** What readiness that is lost is judged by. */
export type Around = {
  /** When the roles last moved; null where they never did. */
  readonly movedAt: number | null;
  /** The region's open incident. */
  readonly open: Incident | null;
  /** Whether people or a flow deal with more than a degradation, wherever it is. */
  readonly overruled: boolean;
};

/** A flow that has held a region for longer waits for people: it is no reason to be silent about anything else. */
const longestFlowMs = 24 * 3_600_000;

/** Whether what goes on in a region is more than a degradation: then people know that a region cannot take over, or make it so themselves. */
export function isOverruled(open: Pick<Incident, 'level'> | null, lock: Pick<Lock, 'at'> | null, now: number): boolean {
  return (lock !== null && now - lock.at < longestFlowMs) || (open !== null && open.level !== 1);
}

/** Whether nothing of it is lost, and nothing is said to be: then nothing changes, whatever goes on. */
export function isAllReady({ checks }: Readiness, known: readonly Signal[]): boolean {
  return checks.every(({ state }) => state === 'ready') && failingIn(known).length === 0;
}

/**
 * What changed since the last look: a check that has failed, and one that is ready again or is not made any more. One that is not
 * ready counts from the look that found it. `known`: the signals about the region. While it is overruled nothing is lost anew, and
 * what nobody was told of is taken back: what is still lost afterwards is told then. Where a failover has made a new standby,
 * nothing of it is lost for a day that has not been there since: what is to be made was told with the failover. What was lost before stays so until
 * it is ready: nobody is told that it is well because a role moved.
 */
export function unreadySignals(
  { region, at, checks }: Readiness,
  known: readonly Signal[],
  { movedAt, open, overruled }: Around,
): readonly Unready[] {
  const signal = (check: string, condition: Unready['condition'], why: string): Unready => {
    const key = `readiness:${region}:${check}`;
    const before = known.findLast((one) => one.key === key);
    return {
      kind: 'readiness',
      id: `#readiness/${region}/${check}/${at}/${condition}`,
      key,
      at: Math.max(at, (before?.at ?? 0) + 1),
      region,
      observer: region,
      check,
      why,
      condition,
    };
  };
  const isLost = (readyAt = 0): boolean => movedAt === null || readyAt > movedAt || at - movedAt >= rebuildMs;
  const said = failingIn(known).map(({ check }) => check);
  const lost = checks.filter(
    ({ check, state, readyAt }) => state !== 'ready' && (isLost(readyAt) || said.includes(check)),
  );
  const names = new Set(lost.map(({ check }) => check));
  const told = new Set(open?.decisions.flatMap(({ causes }) => causes));
  return [
    ...lost.flatMap(({ check, why }) => (overruled || said.includes(check) ? [] : signal(check, 'failing', why))),
    ...said.flatMap((check) => {
      if (!names.has(check)) return signal(check, 'healthy', 'it is ready, or is not looked at any more');
      return overruled && !told.has(readinessCause(check)) ? signal(check, 'gone', 'more than that is dealt with') : [];
    }),
  ];
}

/** The role that owns what is of a kind; of none: what is beside the assets. */
export function ownerOf(
  kind: Kind | undefined,
  { notifications: { owners, level1 } }: Pick<Plan, 'notifications'>,
): string {
  return (kind === undefined ? undefined : owners[kind]) ?? owners['other'] ?? level1[0] ?? '';
}

/** The roles that own what has failed, by the causes of a degradation; empty where it is not about readiness. */
export function ownersOf(causes: readonly string[], plan: Plan): string[] {
  const checks = causes.flatMap((one) => (one.startsWith(cause) ? one.slice(cause.length) : []));
  const owning = checks.map((check) => {
    return ownerOf(plan.assets.find((one) => saidOf(one).checks?.includes(check))?.kind, plan);
  });
  return [...new Set(owning)].sort();
}

function failingIn(known: readonly Signal[]): Unready[] {
  return known.flatMap((signal) => (signal.kind === 'readiness' && signal.condition === 'failing' ? signal : []));
}
