// Who serves users now, and what follows from it: the plan says who began, and the record who is it since. Pure.
import { kindNames, saidOf } from './plan/assets.ts';
import type { Plan } from './plan/plan.ts';
import type { Mode, Signal, Standing } from './types.ts';

/** The plan with its roles as the record has them; as it was written where the record names no other main region. */
export function asRolesStand(plan: Plan, { primary }: Pick<Standing, 'primary'>): Plan {
  const { roles } = plan;
  return primary === roles.standby ? { ...plan, roles: { ...roles, primary, standby: roles.primary } } : plan;
}

/** What a region flow makes of the roles: who takes them over, and the epoch that it began in. */
export type Turn = {
  readonly standby: string;
  readonly epoch: number;
  readonly mode?: Mode | undefined;
};

/**
 * Who is the primary, where the roles have moved on beyond what a region flow has made of them itself; null while it is its turn. From then
 * on the region that it gave up may be the one that serves users. A restore where the data stands moves no role, and of roles that nobody
 * can read nobody knows that they have moved.
 */
export function whyMovedOn(
  { standby, epoch, mode }: Turn,
  { primary, epoch: now }: Pick<Standing, 'primary' | 'epoch'>,
): string | null {
  const isItsOwn = now <= epoch || (now === epoch + 1 && primary === standby);
  if (mode === 'restore' || isItsOwn) return null;
  return `the roles have moved on: ${primary} is the primary in epoch ${now}`;
}

/**
 * The signals about a region that say something of it now. Canaries, lag and targets speak of the region that serves users: of
 * another one nothing. What canaries said before the role moved was about the old region: it counts from the move on, as
 * their newest runs tell soon whether it is over. A writer has no lag, whatever is read of its old one.
 */
export function inForce(
  signals: readonly Signal[],
  region: string,
  { primary, movedAt }: Pick<Standing, 'primary' | 'movedAt'>,
  plan: Plan,
): readonly Signal[] {
  const serving = asRolesStand(plan, { primary }).roles.primary;
  const from = movedAt ?? Number.NEGATIVE_INFINITY;
  return signals.flatMap((signal) => {
    if (region !== serving) return isOfService(signal) ? [] : signal;
    if (isOfReplication(signal)) {
      const isOfWriter = signal.observer === serving || signal.observer === `rds:${serving}`;
      return isOfWriter || signal.at < from ? [] : signal;
    }
    return signal.kind === 'canary' && signal.at < from ? { ...signal, at: from } : signal;
  });
}

/** Measures of the alarms of kinds that say something of a region only while it serves users. */
const measuresOfService = kindNames.flatMap((kind) => saidOf({ kind }).measuresOfService ?? []);

function isOfService(signal: Signal): boolean {
  if (signal.kind === 'component') return measuresOfService.includes(signal.measure);
  return signal.kind === 'canary' || signal.kind === 'canary-run' || isOfReplication(signal);
}

function isOfReplication(signal: Signal): boolean {
  if (signal.kind === 'replica') return true;
  return signal.kind === 'database' && /^replication-/.test(signal.change);
}
