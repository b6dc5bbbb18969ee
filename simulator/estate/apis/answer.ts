// What the answers of all services share: the parts of the estate, the notebook of mutations, and reading an input.
import type * as z from 'zod';
import type { Metrics } from '../../aws/metrics/metrics.ts';
import type { Alarms } from '../alarms/alarms.ts';
import { refusal } from '../calls/aws-error.ts';
import type { Cache } from '../elasticache/cache.ts';
import type { Snapshots } from '../elasticache/snapshots.ts';
import type { Releases } from '../faults/releases.ts';
import type { Shifts } from '../load-balancer/shifts.ts';
import type { Replicated } from '../rds-instance/databases.ts';
import type { Builds } from '../services/builds.ts';
import type { Dns } from '../services/dns.ts';
import type { Experiments } from '../services/experiments.ts';
import type { Fleet } from '../services/fleet.ts';
import type { Objects } from '../services/objects.ts';
import type { Trail } from '../services/trail.ts';
import type { Parameters } from '../ssm-parameters/parameters.ts';
import type { Standing } from '../twins.ts';
import type { Call } from '../types.ts';
import type { World } from '../world.ts';

export type Parts = {
  readonly world: World;
  readonly databases: readonly Replicated[];
  readonly caches: readonly Cache[];
  readonly fleet: Fleet;
  readonly shifts: Shifts;
  readonly releases: Releases;
  readonly builds: Builds;
  readonly alarms: Alarms;
  readonly experiments: Experiments;
  readonly dns: Dns;
  readonly objects: Objects;
  readonly snapshots: Snapshots;
  readonly parameters: Parameters;
  readonly metrics: Metrics;
  readonly trail: Trail;
  /** What else the kinds of the plan bring. */
  readonly standing: readonly Standing[];
};

/** Answers one operation: acts at once and gives the SDK's output, or throws the SDK's error. */
export type Answer = (call: Call, parts: Parts) => Record<string, unknown>;

/** Answers of a service by operation. */
export type Answers = Readonly<Record<string, Answer>>;

/** Reads a call's input. @throws ValidationException naming path and expectation; ARC says why in a word of its model */
export function read<Input>(schema: z.ZodType<Input>, call: Call): Input {
  const parsed = schema.safeParse(call.input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') ?? 'input';
  const error = refusal('ValidationException', `${call.service} ${call.operation}: ${where}: ${issue?.message}`);
  throw call.service === 'arc-zonal-shift' ? Object.assign(error, { reason: 'MissingValue' }) : error;
}

/** Notes that a call changed the estate, with the place where the changed thing stands now. */
export function noteMutation(call: Call, parts: Parts, target: string, zone: string | null): void {
  const { service, operation, region, caller } = call;
  const { step, execution, incident } = caller;
  parts.world.mutations.push({
    at: parts.world.now(),
    service,
    operation,
    region,
    target,
    step,
    execution,
    incident,
    scope: { region, zone },
  });
}
