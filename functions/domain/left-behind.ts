// What an execution that a person aborts leaves behind: what it has changed and nobody undoes. Pure.
import { kinds } from '../kinds/kinds.ts';
import type { Leaves, Says } from './kind.ts';
import type { AuditRecord } from './store.ts';
import type { Standing } from './types.ts';

/** Calls that no kind makes for itself alone. */
const common: Leaves = {
  's3:PutObject': (target) => `users are kept away from their region: the latch ${target} is closed`,
  'route-53:ChangeResourceRecordSets': (target) => `${target} points to the other region`,
  'arc-zonal-shift:StartZonalShift': (target) =>
    `traffic of ${target} stays out of the zone until its zonal shift expires or is cancelled`,
  'codebuild:StartBuild': (target) => `the build of ${target} that was started goes on`,
};

const all: Leaves = Object.assign({}, common, ...Object.values<Says<never>>(kinds).map(({ leaves = {} }) => leaves));

/**
 * A line for each thing that an execution changed, in the order in which it began. Fences are no part of it: they are undone, or
 * said to stay. `moved`: whether the role of the primary region has moved meanwhile.
 */
export function leftBehind(
  past: readonly AuditRecord[],
  { primary, epoch }: Pick<Standing, 'primary' | 'epoch'>,
  moved: boolean,
): string[] {
  const changed = past.filter(({ step }) => step !== 'abort' && !/^fence\//.test(step));
  const ended = past.flatMap(({ call, target }) => (call === 'arc-zonal-shift:CancelZonalShift' ? [target] : []));
  const lines = changed.flatMap(({ call, target, region }) => {
    const words = all[call];
    if (call === 'arc-zonal-shift:StartZonalShift' && ended.includes(target)) return [];
    if (words === undefined) return isRepetition(call) ? [] : [`${call} was asked of ${target} in ${region}`];
    return [words(target, region)];
  });
  return [...new Set([...lines, ...(moved ? [`${primary} is the primary region now, in epoch ${epoch}`] : [])])];
}

/** What only goes on with, or ends, what another call began. */
function isRepetition(call: string): boolean {
  return call === 'arc-zonal-shift:UpdateZonalShift' || call === 'arc-zonal-shift:CancelZonalShift';
}
