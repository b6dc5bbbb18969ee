// What RDS tells of databases, by the numbers of its events.
import * as z from 'zod';
import { firstIssue, type Hearing, name } from '../../../domain/signals/reading.ts';
import type { DatabaseChange } from '../../../domain/types.ts';
import { restoreNames } from '../rules/restored.ts';
import type { Restore } from './backup-plan.ts';

type Database = {
  readonly name: string;
  readonly regions: Readonly<Record<string, { readonly instance: string; readonly restore?: Restore | undefined }>>;
};

const databaseChanges = new Map<string, DatabaseChange>([
  ['RDS-EVENT-0004', 'shutdown'],
  ['RDS-EVENT-0006', 'restarted'],
  ['RDS-EVENT-0013', 'failover-started'],
  ['RDS-EVENT-0015', 'failover-completed'],
  ['RDS-EVENT-0049', 'failover-completed'],
  ['RDS-EVENT-0050', 'failover-started'],
  ['RDS-EVENT-0051', 'failover-completed'],
  ['RDS-EVENT-0065', 'failover-completed'],
  ['RDS-EVENT-0045', 'replication-stopped'],
  ['RDS-EVENT-0057', 'replication-stopped'],
  ['RDS-EVENT-0046', 'replication-resumed'],
  ['RDS-EVENT-0071', 'failover-completed'],
  ['RDS-EVENT-0072', 'failover-started'],
  ['RDS-EVENT-0073', 'failover-started'],
]);
/** What is told of a replica is about the region that it protects; everything else is about where the database stands. */
const ofReplication: readonly DatabaseChange[] = ['replication-stopped', 'replication-resumed'];
const patching = new Map<string, 'started' | 'ended'>([
  ['RDS-EVENT-0026', 'started'],
  ['RDS-EVENT-0027', 'ended'],
  ['RDS-EVENT-0047', 'ended'],
]);

const databaseDetail = z.object({ EventID: name, SourceIdentifier: name });

export const hears: Hearing<Database> = {
  source: 'aws.rds',
  read(detail, common, databases, { primary, standby }) {
    const parsed = databaseDetail.safeParse(detail);
    if (!parsed.success) return firstIssue('detail', parsed.error);
    const { EventID, SourceIdentifier: instance } = parsed.data;
    // What was restored in its place speaks for the database as well, in the region where it stands.
    const asset = databases.find(({ regions }) =>
      [primary, standby].some((region) => {
        const { instance: named, restore } = regions[region] ?? {};
        const restored = restore === undefined || region !== common.region ? [] : restoreNames(restore);
        return named === instance || restored.includes(instance);
      }),
    );
    if (asset === undefined) return `no rule knows database ${instance}`;
    const seen = { ...common, observer: `rds:${common.region}` };
    const phase = patching.get(EventID);
    if (phase !== undefined) {
      return {
        ...seen,
        kind: 'maintenance',
        key: `maintenance:${instance}:${phase}`,
        window: instance,
        phase,
        targets: [asset.name],
        plannedSeconds: null,
      };
    }
    const change = databaseChanges.get(EventID) ?? 'other';
    return {
      ...seen,
      kind: 'database',
      region: ofReplication.includes(change) ? primary : common.region,
      key: `database:${instance}:${EventID}`,
      instance,
      change,
    };
  },
};
