// What an execution that a person aborts leaves behind: what it has changed and nobody undoes. Pure.
import { kinds } from '../../kinds/kinds.ts';
import type { Machine } from '../flows.ts';
import type { Leaves, Says } from '../kind/kind.ts';
import type { AuditRecord, StepRecord } from '../record/store.ts';
import type { Standing } from '../types.ts';
import { unfenceMark } from './reaching.ts';

/** What came of an abort. `unfenced`: the databases that admit their applications again; null where this execution had fenced none, or may not. */
export type Aborted = {
  readonly execution: string;
  readonly released: readonly string[];
  readonly unfenced: string | null;
  /** Why something stays fenced, or open, as the execution left it; empty where nothing does. */
  readonly stays: string;
  /** What else it has changed, and nobody undoes: a line each. */
  readonly left: readonly string[];
};

/** Calls that no kind makes for itself alone. */
const common: Leaves = {
  's3:PutObject': (target) => `users are kept away from their region: the latch ${target} is closed`,
  's3:DeleteObject': (target) => `users may come back to their region: the latch ${target} was taken away`,
  'route-53:ChangeResourceRecordSets': (target) => `${target} points to the other region`,
  'arc-zonal-shift:StartZonalShift': (target) =>
    `traffic of ${target} stays out of the zone until its zonal shift expires or is cancelled`,
  'codebuild:StartBuild': (target) => `the build of ${target} that was started goes on`,
};

const all: Leaves = Object.assign({}, common, ...Object.values<Says<never>>(kinds).map(({ leaves = {} }) => leaves));

/**
 * A line for each thing that an execution changed, in the order in which it began. Fences are no part of it: they are undone, or
 * said to stay. `past`, `reached`: its calls and its steps. `givenUp`: the region that a region flow gives up; null of any other.
 */
export function leftBehind(
  past: readonly AuditRecord[],
  reached: readonly StepRecord[],
  { primary, epoch }: Pick<Standing, 'primary' | 'epoch'>,
  givenUp: string | null,
): string[] {
  const changed = past.filter(({ step }) => step !== 'abort' && !isFence(step));
  const ended = past.flatMap(({ call, target }) => (call === 'arc-zonal-shift:CancelZonalShift' ? [target] : []));
  const lines = changed.flatMap(({ call, target, region: where }) => {
    const words = all[call];
    if (call === 'arc-zonal-shift:StartZonalShift' && ended.includes(target)) return [];
    if (words === undefined) return isRepetition(call) ? [] : [`${call} was asked of ${target} in ${where}`];
    return [words(target, where, reached)];
  });
  const hasMoved = givenUp !== null && primary !== givenUp;
  return [...new Set([...lines, ...(hasMoved ? [`${primary} is the primary region now, in epoch ${epoch}`] : [])])];
}

/** What a flow has asked to take over outside of the region that it leaves: the assets by name, and a line for each change that nobody undoes. */
export type Elsewhere = {
  readonly leaves: string;
  readonly assets: readonly string[];
  readonly lines: readonly string[];
};

/** Null where it asked that of nothing: then giving it up leaves no asset of the region that it leaves in another one. */
export function elsewhere(
  past: readonly AuditRecord[],
  reached: readonly StepRecord[],
  leaves: string,
): Elsewhere | null {
  const asked = past.filter(({ step, region }) => step.startsWith('take-over/') && region !== leaves);
  if (asked.length === 0) return null;
  const assets = [...new Set(asked.map(({ step }) => step.slice('take-over/'.length)))];
  return { leaves, assets, lines: leftBehind(asked, reached, { primary: leaves, epoch: 0 }, leaves) };
}

/** The same of a flow that is not aborted, with the databases that it has closed and not opened again. */
export function changedBy(
  past: readonly AuditRecord[],
  reached: readonly StepRecord[],
  standing: Pick<Standing, 'primary' | 'epoch'>,
  givenUp: string | null,
): string[] {
  const opened = past.filter(({ step }) => step === 'abort' || step.startsWith(unfenceMark('')));
  const closed = past.filter(
    ({ step, at, target }) => isFence(step) && !opened.some((one) => one.target === target && one.at > at),
  );
  const fences = closed.map(
    ({ target, region }) => `${target} in ${region} was fenced, or is about to be fenced: ${target} takes no writes`,
  );
  const kept = past.filter(({ step }) => !step.startsWith(unfenceMark('')));
  return [...new Set([...fences, ...leftBehind(kept, reached, standing, givenUp)])];
}

/** What a person is told who has a flow go on, or stops it for a while. */
export function doneSentences(changed: readonly string[]): string[] {
  return changed.length === 0
    ? ['The flow has changed nothing that stays.']
    : ['These changes stay:', ...changed.map((line) => `  ${line}`)];
}

/** What a freeze does to a flow, in a sentence. `past`: its calls. */
export function frozenSentence(flow: Machine, past: readonly Pick<AuditRecord, 'step'>[]): string {
  if (flow === 'fence-watch') return 'This watch goes on: a freeze does not stop it.';
  const has = (verb: string) => past.some(({ step }) => step.startsWith(`${verb}/`));
  const areSent = past.some(({ step }) => step === 'redirect-users');
  if ((has('fence') || has('take-over')) && !areSent)
    return 'This flow has begun to give its region up. It goes on until everything has taken over, and stops before users are sent there.';
  return 'This flow stops before the next step that would change something. A step that has begun is finished.';
}

function isFence(step: string): boolean {
  return step.startsWith('fence/');
}

/** What a person who aborts is told, a line each: what may be done again, and what stays. */
export function abortedSentences({ released, unfenced, stays, left }: Omit<Aborted, 'execution'>): string[] {
  return [
    released.length === 0
      ? 'The flow held no region.'
      : `Given back: ${released.join(', ')}. Other flows may act there.`,
    ...(unfenced === null ? [] : [`Database ${unfenced} admits its applications again.`]),
    ...(stays === '' ? [] : [`This stays as it is: ${stays}.`]),
    ...(left.length === 0
      ? ['The flow has changed nothing else.']
      : ['The flow has made changes that nobody undoes:', ...left.map((line) => `  ${line}`)]),
  ];
}

/** What only goes on with, or ends, what another call began. */
function isRepetition(call: string): boolean {
  return call === 'arc-zonal-shift:UpdateZonalShift' || call === 'arc-zonal-shift:CancelZonalShift';
}
