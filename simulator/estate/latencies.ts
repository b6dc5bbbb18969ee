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
  'rds-failover-detection',
  'rds-failover',
  'rds-restart',
  'rds-promotion',
  'rds-modification',
  'replica-lag',
  'replication-loss-detection',
  'elasticache-failover-detection',
  'elasticache-failover',
  'elasticache-modification',
  'elasticache-promotion',
  'elasticache-node-replacement',
  'elasticache-global-failover',
  'application-repoint',
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

const distribution = z
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

/** The latencies that come with the simulator. */
export function loadLatencies(): Latencies {
  return parseLatencies(parse(readFileSync(new URL('./latencies.yml', import.meta.url), 'utf8')));
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

/**
 * Seconds of the longest chain of work that calls set going: what a flow without any overhead would have taken.
 * Work on one target follows one another; different targets are worked on side by side.
 */
export function criticalPathSeconds(works: readonly { readonly target: string; readonly seconds: number }[]): number {
  const chains = new Map<string, number>();
  for (const { target, seconds } of works) chains.set(target, (chains.get(target) ?? 0) + seconds);
  return Math.max(0, ...chains.values());
}

const latencyOf: Readonly<Record<string, LatencyName>> = {
  'rds:RebootDBInstance': 'rds-failover',
  'rds:PromoteReadReplica': 'rds-promotion',
  'rds:ModifyDBInstance': 'rds-modification',
  'elasticache:ModifyReplicationGroup': 'elasticache-modification',
  'elasticache:FailoverGlobalReplicationGroup': 'elasticache-global-failover',
  'ssm:PutParameter': 'application-repoint',
  's3:PutObject': 'health-check-detection',
  'arc-zonal-shift:StartZonalShift': 'zonal-shift',
  'route-53:ChangeResourceRecordSets': 'dns-change',
  'codebuild:StartBuild': 'build',
};

/** The latency of what an operation (service:operation) sets going; null where it is done when the call returns. */
export function operationLatency(operation: string): LatencyName | null {
  return latencyOf[operation] ?? null;
}
