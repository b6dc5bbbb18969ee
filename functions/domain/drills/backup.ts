// Which databases are backed up before a drill touches anything. Pure.
import { assetsOf } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import type { ScheduledDrill } from './plan.ts';

/**
 * The one that is failed over; of a zone, or of a switchover, all. What breaks nothing, a pod and a node touch none. One without a standby in
 * another zone is left out: a snapshot stops its I/O, which would be an outage of its own.
 */
export function databasesKept({ target, staysDays }: ScheduledDrill, plan: Pick<Plan, 'assets'>) {
  const isAll = target?.fault === 'zone' || staysDays !== undefined;
  const asset = target?.fault === 'database-failover' ? target.asset : null;
  return assetsOf('rds-instance', plan).filter(({ name, multiAz }) => multiAz && (isAll || name === asset));
}
