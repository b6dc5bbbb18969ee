// What of databases is watched: how far their replicas are behind.
import type { Graph, KindAlarm, Metric, Watching } from '../../../domain/kind/watched.ts';

type Database = {
  readonly name: string;
  readonly engine: string;
  readonly regions: Readonly<Record<string, { readonly instance: string }>>;
};

/** Seconds by which a replica is behind, in the region where it stands. */
export function replicaLag(instance: string): Metric {
  return {
    namespace: 'AWS/RDS',
    name: 'ReplicaLag',
    dimensions: { DBInstanceIdentifier: instance },
    stat: 'Maximum',
  };
}

/** A twelfth of the data loss that is allowed: early enough to act, and far above what a busy minute brings. */
const partOfObjective = 12;

/**
 * In both regions: the replica stands in either, as roles move, and of a writer nothing is measured. MySQL and MariaDB report -1 where replication does not run, which lies below every threshold:
 * it counts as the whole objective behind, and the alarm ends when replication runs again. PostgreSQL's lag grows instead.
 */
export function alarmsIn(
  region: string,
  databases: readonly Database[],
  { objectives: { rpoSeconds } }: Watching,
): KindAlarm[] {
  return databases.flatMap(({ name, engine, regions }): KindAlarm[] => {
    const instance = regions[region]?.instance;
    if (instance === undefined) return [];
    const lag = replicaLag(instance);
    return [
      {
        kind: 'replica',
        name: `${name}-replica-lag`,
        description: `Seconds by which ${instance} is behind.`,
        ...(engine === 'postgres'
          ? { metrics: lag }
          : { metrics: { lag }, expression: `IF(lag < 0, ${rpoSeconds}, lag)` }),
        comparison: 'GreaterThanThreshold',
        threshold: Math.round(rpoSeconds / partOfObjective),
        periodSeconds: 60,
        bad: 2,
        of: 3,
        missing: 'missing', // no data is not no lag
      },
    ];
  });
}

export function graph(databases: readonly Database[]): Graph {
  const lags = databases.flatMap(({ regions }) =>
    Object.entries(regions).flatMap(([region, { instance }]) => {
      const metric = replicaLag(instance);
      return [
        { metric, region },
        { metric: { ...metric, stat: 'Minimum' as const }, region, label: 'lowest' },
      ];
    }),
  );
  return { title: 'Replica lag, seconds (below zero: it does not replicate)', lines: lags, objective: 'RPO' };
}
