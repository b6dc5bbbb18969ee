// Reads from CloudWatch what the canaries of all regions saw around an incident, and keeps it in the record. It does so once: then every
// report says the same.
import { readValues } from '../../aws/looking/metrics.ts';
import {
  canaryMetrics,
  measuresTimes,
  type Point,
  type UsersSeen,
  usersSeen,
  usualMs,
  type Visits,
} from '../../domain/record/users-seen.ts';
import { usersMark } from '../../domain/report/place.ts';
import type { IncidentRecord } from '../../domain/report/record.ts';
import type { Shell } from '../shell.ts';
import { passingShare } from '../traffic/health.ts';

/** The record with what was seen. If reading or keeping fails, the report names it as a gap. */
export async function withUsers(record: IncidentRecord, shell: Shell): Promise<IncidentRecord> {
  const { incident, came, users } = record;
  if (users !== null || incident.closedAt === null) return record;
  const { store, now, log } = shell;
  const proven = came.findLast(({ verifiedAt }) => verifiedAt !== null);
  const closedAt = incident.closedAt;
  const from = proven?.countsFrom?.at ?? incident.openedAt;
  const seen = await lookBack({ from, servedAt: proven?.verifiedAt ?? closedAt, closedAt }, shell);
  if (seen.phases.length === 0) return record;
  try {
    const kept = { incident: incident.id, execution: 'write-reports', step: usersMark, at: now() };
    await store.recordStep({ ...kept, outcome: seen });
  } catch (error) {
    log.warn('what users saw is not kept', { incident: incident.id, error: String(error) });
  }
  return { ...record, users: seen };
}

async function lookBack(times: Parameters<typeof usersSeen>[1], { plan, prefix, log }: Shell): Promise<UsersSeen> {
  const { primary, standby, observers } = plan.roles;
  const readOne = async (
    region: string,
    name: string,
    stat: 'Average' | 'p50' | 'Maximum',
  ): Promise<Point[] | null> => {
    const metric = { namespace: prefix, name, dimensions: { Observer: region }, stat };
    try {
      return await readValues(region, metric, times.from - usualMs, times.closedAt);
    } catch (error) {
      log.warn('visits not read', { region, name, stat, error: String(error) });
      return null;
    }
  };
  const read = async (region: string): Promise<[string, Visits[string]]> => {
    const { share, seconds } = canaryMetrics;
    const shares = await readOne(region, share, 'Average');
    if (!measuresTimes(region, plan.roles)) return [region, { shares, times: null }];
    const [medians, slowest] = await Promise.all([
      readOne(region, seconds, 'p50'),
      readOne(region, seconds, 'Maximum'),
    ]);
    return [region, { shares, times: { medians, slowest } }];
  };
  return usersSeen(
    Object.fromEntries(await Promise.all([primary, standby, ...observers].map(read))),
    times,
    passingShare,
  );
}
