// Suspects a cause of a degradation from the signals about a region, and from what was changed before. A suspicion for people, never a decision.
import type { Plan } from '../plan/plan.ts';
import { factOf } from '../signals/facts.ts';
import type { CacheChange, Signal } from '../types.ts';
import { formatSeconds } from '../words/durations.ts';
import { type ChangesSeen, callWords, changeFact, changeWords, nearest } from './changes.ts';
import { newestByKey } from './picture.ts';

/** What is suspected, with the facts behind it, oldest first. `release` names the release where one is suspected. */
export type Diagnosis = {
  readonly cause:
    | 'release'
    | 'maintenance'
    | 'change'
    | 'database'
    | 'cache'
    | 'dependency'
    | 'component'
    | 'readiness'
    | 'unknown';
  readonly suspected: string;
  readonly release: string | null;
  /** The change that is suspected, such as `ModifyDBInstance on database`; null where it is something else. */
  readonly call: string | null;
  readonly facts: readonly string[];
  /** What was changed, by people, by AWS or by Breakwater, as facts. */
  readonly changed: readonly string[];
  /** A line for each source of changes that could not be read, or not in full. */
  readonly gaps: readonly string[];
};

/** `remediation`: what the plan says about the suspected cause; none where it has no answer. */
export type PlannedDiagnosis = Diagnosis & {
  readonly remediation: 'act' | 'observe' | 'none';
  readonly buildProject: string | null;
};

/** Signals that somebody changed something. */
const changes: readonly Signal['kind'][] = ['release', 'maintenance', 'database', 'cache', 'shift'];

/** What ElastiCache tells of a cache that has not changed. */
const planned: readonly CacheChange[] = ['other', 'replacement-scheduled', 'replacement-canceled'];

/**
 * Looks for what changed shortly before the first failure, then for what failed first. Total. `now` in milliseconds.
 * A release is suspected only where a component that releases can break fails after it began.
 */
export function diagnose(
  signals: Iterable<Signal>,
  region: string,
  plan: Plan,
  now: number,
  seen: ChangesSeen = { changes: [], gaps: [], since: now },
): Diagnosis {
  const newest = newestByKey(signals, region, now);
  const failing = newest.filter((signal) => 'condition' in signal && signal.condition === 'failing');
  // What gives no data is no cause, and there may be hundreds of it.
  const known = newest.filter((signal) => !('condition' in signal && signal.condition === 'unknown'));
  const facts = known.flatMap((signal) => factOf(signal) ?? []);
  const heard = newest.filter(({ kind }) => changes.includes(kind)).flatMap((signal) => factOf(signal) ?? []);
  // Each begins with its time.
  const changed = [...heard, ...seen.changes.map(changeFact)].toSorted();
  const first = failing.find((signal) => signal.kind === 'component');
  const found = (
    cause: Diagnosis['cause'],
    suspected: string,
    { release = null, call = null }: Partial<Pick<Diagnosis, 'release' | 'call'>> = {},
  ): Diagnosis => ({
    cause,
    suspected,
    release,
    call,
    facts,
    changed,
    gaps: seen.gaps,
  });
  const from = (first?.at ?? now) - windowMs(plan);
  const before = newest.filter((signal) => signal.at >= from && (first === undefined || signal.at <= first.at));
  const release = before.findLast((signal) => signal.kind === 'release');
  const components = failing.flatMap((signal) => (signal.kind === 'component' ? signal.component : []));
  const change = nearest(seen, components, seen.since - windowMs(plan), plan);
  const breakable = failing.some(
    (signal) => signal.kind === 'component' && plan.explanations.release.components.includes(signal.component),
  );
  // What the pipeline calls is its release.
  const isNearer = change?.by === 'people' && change.at > (release?.at ?? 0);
  if (release?.kind === 'release' && breakable && !isNearer)
    return found('release', `release ${release.release}, ${release.phase} before the first failure`, {
      release: release.release,
    });
  const work = before.findLast((signal) => signal.kind === 'maintenance' && signal.phase === 'started');
  if (work?.kind === 'maintenance')
    return found('maintenance', `planned work ${work.window} on ${work.targets.join(', ')}`);
  if (change !== null) {
    const before = formatSeconds(Math.round((seen.since - change.at) / 1000));
    return found('change', `a change ${before} before the first sign: ${changeWords(change)}`, {
      call: callWords(change),
    });
  }
  const database = before.findLast((signal) => signal.kind === 'database' && signal.change !== 'other');
  if (database?.kind === 'database') return found('database', `database ${database.instance}: ${database.change}`);
  const cache = before.findLast((signal) => signal.kind === 'cache' && !planned.includes(signal.change));
  if (cache?.kind === 'cache') return found('cache', `cache ${cache.group}: ${cache.change}`);
  const probe = failing.find((signal) => signal.kind === 'probe');
  if (probe?.kind === 'probe') return found('dependency', `AWS service ${probe.service} does not answer`);
  if (first?.kind === 'component')
    return found(
      'component',
      `${first.component} failed first (${first.measure}${first.zone === null ? '' : `, ${first.zone}`})`,
    );
  const unready = failing.flatMap((signal) => (signal.kind === 'readiness' ? signal.check : []));
  if (unready.length > 0)
    return found('readiness', `nothing fails now, but a recovery would not find this ready: ${unready.join(', ')}`);
  return found('unknown', 'not known: nothing that was seen explains the failure');
}

/** How far back before the first sign a change is looked for: as long as a release explains what fails after it. */
export function windowMs({ explanations }: Pick<Plan, 'explanations'>): number {
  return explanations.release.afterSeconds * 1000;
}
