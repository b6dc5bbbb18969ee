// Reads latencies.yml: how long things take in the estate, as distributions, and what the longest chain of them is.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Random } from './random.ts';

const latencyNames = [
  'api-call',
  'api-timeout',
  'health-request',
  'event-delivery',
  'function-cold-start',
  'function-warm-start',
  'table-read',
  'trail-delivery',
  'table-write',
  'function-activation',
  'rds-failover-detection',
  'rds-failover',
  'rds-restart',
  'rds-promotion',
  'rds-first-backup',
  'rds-modification',
  'rds-conversion',
  'rds-restore',
  'rds-restore-of-100-gib',
  'rds-restore-of-an-hour-of-logs',
  'rds-log-replication',
  'rds-snapshot',
  'rds-snapshot-copy',
  'rds-replica',
  'rds-deletion',
  'replica-lag',
  'replication-loss-detection',
  'elasticache-failover-detection',
  'elasticache-failover',
  'elasticache-modification',
  'elasticache-promotion',
  'elasticache-node-replacement',
  'elasticache-global-failover',
  'elasticache-creation',
  'elasticache-restore',
  'elasticache-snapshot',
  'elasticache-export',
  's3-replication',
  'application-repoint',
  'custom-take-over',
  'zonal-shift',
  'balancer-own-removal',
  'target-removal',
  'health-check-detection',
  'dns-change',
  'node-replacement',
  'pod-restart',
  'release-rollout',
  'build',
] as const;

export type LatencyName = (typeof latencyNames)[number];

export const distribution = z
  .strictObject({
    minSeconds: z.number().nonnegative(),
    typicalSeconds: z.number().nonnegative().optional(),
    maxSeconds: z.number().nonnegative(),
    grade: z.enum(['D', 'S', 'I', '2', 'M', 'assumed']),
    source: z.string().min(1),
  })
  .refine(
    ({ minSeconds, typicalSeconds = minSeconds, maxSeconds }) =>
      minSeconds <= typicalSeconds && typicalSeconds <= maxSeconds,
    'minSeconds <= typicalSeconds <= maxSeconds',
  );

export type Distribution = z.infer<typeof distribution>;
export type Latencies = Readonly<Record<LatencyName, Distribution>>;

/** Parses latencies, already read from YAML. Every one must be there, and no other. */
export function parseLatencies(raw: unknown): Latencies {
  return z.record(z.enum(latencyNames), distribution).parse(raw);
}

/** The latencies that come with the simulator: every drill draws from them, and they are read once. */
export function loadLatencies(): Latencies {
  loaded ??= parseLatencies(parse(readFileSync(new URL('./latencies.yml', import.meta.url), 'utf8')));
  return loaded;
}
let loaded: Latencies | null = null;

/** Those that come with the simulator, with one that always lasts as long. */
export function lasting(name: LatencyName, seconds: number): Latencies {
  const all = loadLatencies();
  return { ...all, [name]: { ...all[name], minSeconds: seconds, typicalSeconds: seconds, maxSeconds: seconds } };
}

/** Seconds drawn from a distribution: triangular around the typical value, uniform where there is none. */
export function drawSeconds({ minSeconds, typicalSeconds, maxSeconds }: Distribution, random: Random): number {
  const chance = random();
  const span = maxSeconds - minSeconds;
  if (span === 0) return minSeconds;
  if (typicalSeconds === undefined) return minSeconds + span * chance;
  const below = typicalSeconds - minSeconds;
  if (chance < below / span) return minSeconds + Math.sqrt(chance * span * below);
  return maxSeconds - Math.sqrt((1 - chance) * span * (maxSeconds - typicalSeconds));
}
