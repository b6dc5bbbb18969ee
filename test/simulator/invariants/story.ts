// Small histories for the tests of the invariants: a zone flow and a region flow that keep all, to be broken.
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import type { Mutation, Observation, ObservationOf } from '../../../simulator/invariants/model/observations.ts';
import { createInvariants } from '../../../simulator/invariants.ts';
import { plan } from '../../plan.ts';

export const east = 'us-east-1';
export const west = 'us-west-2';
export const bad = 'use1-az1';
export const good = 'use1-az2';
export const incident = 'us-east-1-20260105';
export const zoneFlow = `${incident}-az-failover-1`;
export const regionFlow = `${incident}-region-failover-1`;
export const balancer = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/chatops-ingress/50dc';

/** Milliseconds since 1970 of so many seconds after the drill began. */
export const at = (seconds: number): number => Date.UTC(2026, 0, 5, 9) + seconds * 1000;

/** The verdict on one invariant: null where it held, or else its sentence. */
export function verdictOn(
  id: string,
  observations: readonly Observation[],
  nowSeconds = 100_000,
  of: Plan = plan,
): string | null {
  const invariants = createInvariants({ plan: of });
  for (const observation of observations) invariants.observe(observation);
  const result = invariants.verdict(at(nowSeconds)).find((one) => one.id === id);
  if (result === undefined) throw new Error(`there is no invariant ${id}`);
  return result.held ? null : (result.detail ?? 'broken without a word');
}

/** A call that took effect, without a record of it. By the zone flow on the bad zone, unless changes say otherwise. */
export function mutation(seconds: number, call: string, target: string, changes: Partial<Mutation> = {}): Mutation {
  const [service = '', operation = ''] = call.split(':');
  const scope = { region: changes.region ?? east, zone: bad };
  const made = { kind: 'mutation', at: at(seconds), service, operation, region: east, target } as const;
  return { ...made, step: 'Step', execution: zoneFlow, incident, scope, ...changes };
}

/** The record of a mutation, written just before it. */
export function recordOf(of: Mutation, changes: Partial<ObservationOf<'audit'>> = {}): Observation {
  const { service, operation, region, target, execution } = of;
  const record = { at: of.at - 50, incident, step: 'step', actor: 'classify', execution, region, target };
  return { kind: 'audit', ...record, call: `${service}:${operation}`, ...changes };
}

export function audited(mutations: readonly Mutation[]): Observation[] {
  return mutations.flatMap((one) => [recordOf(one), one]);
}

export function execution(
  seconds: number,
  status: ObservationOf<'execution'>['status'],
  changes: Partial<ObservationOf<'execution'>> = {},
): Observation {
  const target = { region: east, zone: bad };
  const shown = { execution: zoneFlow, stateMachine: 'az-failover', region: east, target, dryRun: false };
  return { kind: 'execution', at: at(seconds), ...shown, status, ...changes };
}

export function decision(seconds: number, changes: Partial<ObservationOf<'decision'>> = {}): Observation {
  const scope = { region: east, zone: bad };
  const made = { incident, attempt: 1, action: 'az-failover', level: 2, scope, execution: zoneFlow } as const;
  return { kind: 'decision', at: at(seconds), ...made, ...changes };
}

export function message(seconds: number, body: string): Observation {
  return { kind: 'message', at: at(seconds), role: 'on-call', subject: '[Breakwater] drill', body };
}

/** `writableRegions` and `verifiedRegions`: of the story's one database, unless `writable` and `verified` name others. */
export function tick(
  seconds: number,
  {
    writableRegions = [east],
    verifiedRegions = [],
    ...changes
  }: Partial<ObservationOf<'tick'>> & {
    writableRegions?: readonly string[];
    verifiedRegions?: readonly string[];
  } = {},
): Observation {
  const writable = { database: writableRegions };
  const verified = { database: verifiedRegions };
  return { kind: 'tick', at: at(seconds), writable, verified, usersRegion: east, served: true, ...changes };
}

export function approval(seconds: number, changes: Partial<ObservationOf<'approval'>> = {}): Observation {
  return { kind: 'approval', at: at(seconds), execution: regionFlow, valid: true, names: [], target: west, ...changes };
}

export function loss(seconds: number, reportedSeconds: number | null, actualSeconds: number | null): Observation {
  return { kind: 'loss', at: at(seconds), incident, reportedSeconds, actualSeconds };
}

const cache = 'elasticache:ModifyReplicationGroup';
const shift = 'arc-zonal-shift:StartZonalShift';

/** Everything a zone flow changes when the database and the cache stand in the bad zone. */
export const zoneMutations: readonly Mutation[] = [
  mutation(105, 'rds:RebootDBInstance', 'chatops-prod'),
  mutation(106, shift, balancer),
  mutation(165, cache, 'chatops-redis'),
  mutation(225, cache, 'chatops-redis'),
  mutation(285, cache, 'chatops-redis', { scope: { region: east, zone: good } }),
  mutation(2806, 'arc-zonal-shift:UpdateZonalShift', balancer),
  mutation(4000, 'arc-zonal-shift:CancelZonalShift', balancer),
];

/** A zone flow from its decision to its end. */
export const zoneStory: readonly Observation[] = [
  tick(0),
  decision(100),
  execution(101, 'RUNNING'),
  message(102, `Incident ${incident}, execution ${zoneFlow}.`),
  ...audited(zoneMutations),
  execution(4010, 'SUCCEEDED'),
  { kind: 'end', at: at(5000), executions: [{ execution: zoneFlow, status: 'SUCCEEDED' }] },
];

const here = { execution: regionFlow };
const there = { execution: regionFlow, region: west, scope: { region: west, zone: 'usw2-az1' } };
export const fence = mutation(700, 'rds:ModifyDBInstance', 'chatops-prod', { ...here, step: 'Fence/database' });
export const promotion = mutation(710, 'rds:PromoteReadReplica', 'chatops-dr-replica', there);
const nowhere = { region: west, zone: null };
export const latch = mutation(900, 's3:PutObject', 'bucket-west/latch/us-east-1', { ...there, scope: nowhere });
export const secondLatch = mutation(905, 's3:PutObject', 'bucket-witness/latch/us-east-1', {
  ...here,
  region: 'us-east-2',
  scope: { region: 'us-east-2', zone: null },
});

export function regionExecution(seconds: number, status: ObservationOf<'execution'>['status']): Observation {
  const target = { region: east, zone: null };
  return execution(seconds, status, { ...here, stateMachine: 'region-failover', region: west, target });
}

/** The flow looked again at what people approved. */
export function look(seconds: number, holds = true): Observation {
  return { kind: 'look', at: at(seconds), execution: regionFlow, holds };
}

/** A region flow from its decision to its end: approved, fenced, promoted, verified, redirected, and its loss told. */
export const regionStory: readonly Observation[] = [
  tick(0),
  decision(100, { level: 3, action: 'request-approval', scope: { region: east, zone: null }, execution: regionFlow }),
  regionExecution(101, 'RUNNING'),
  approval(600),
  look(602),
  tick(705, { writableRegions: [], served: false }),
  tick(800, { writableRegions: [west], served: false }),
  tick(850, { writableRegions: [west], verifiedRegions: [west], served: false }),
  tick(902, { writableRegions: [west], verifiedRegions: [west], usersRegion: west }),
  ...audited([fence, promotion, latch, secondLatch]),
  loss(950, 12, 10),
  regionExecution(1000, 'SUCCEEDED'),
  { kind: 'end', at: at(2000), executions: [{ execution: regionFlow, status: 'SUCCEEDED' }] },
];

/** A story without some of its observations. */
export function without(
  story: readonly Observation[],
  isLeftOut: (observation: Observation) => boolean,
): readonly Observation[] {
  return story.filter((observation) => !isLeftOut(observation));
}
