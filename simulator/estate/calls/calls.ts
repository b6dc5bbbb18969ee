// The way of an API call: to the region and back, with its latency, and with everything that can go wrong on the way.
import { limits } from '../../../functions/aws/calls/client.ts';
import type { Answers, Parts } from '../apis/answer.ts';
import { cloudwatch } from '../apis/cloudwatch.ts';
import { codebuild } from '../apis/codebuild.ts';
import { ec2, sts } from '../apis/control-planes.ts';
import { fis } from '../apis/fis.ts';
import { route53, s3 } from '../apis/redirection.ts';
import type { LatencyName } from '../chance/latencies.ts';
import { elasticache } from '../elasticache/api.ts';
import { elasticLoadBalancing } from '../load-balancer/api.ts';
import { arcZonalShift } from '../load-balancer/zonal-shift.ts';
import { kms, securityGroups } from '../rds-instance/api/account-api.ts';
import { rds } from '../rds-instance/api/api.ts';
import { asSqlFault, sql } from '../rds-instance/data/sql.ts';
import { ssm } from '../ssm-parameters/api.ts';
import type { Call, Deployed, Estate, FaultOf } from '../types.ts';
import { type AwsError, denied, internalFailure, refusal, throttled, timedOut, withoutBody } from './aws-error.ts';
import { createFilling } from './shapes.ts';

const services: Readonly<Record<string, Answers>> = {
  ec2: { ...ec2, ...securityGroups },
  kms,
  'elastic-load-balancing-v2': elasticLoadBalancing,
  sts,
  rds,
  elasticache,
  'arc-zonal-shift': arcZonalShift,
  cloudwatch,
  codebuild,
  fis,
  'route-53': route53,
  s3,
  sql,
  ssm,
};

/** Where the control plane of Route 53 stands (facts.md, section 1). */
const route53Region = 'us-east-1';

/** Operations that only look. */
const looking = /^(Describe|Get|List|Batch|Head)/;

/** Answers calls to the estate's parts. */
export function createCalls(parts: Parts, deployed: Deployed): Estate['call'] {
  const { world } = parts;
  const own = { cloudtrail: parts.trail.answers, autoscaling: parts.fleet.answers };
  const answers = merged([services, own, ...parts.standing.map((one) => one.services)]);
  const stale = new Map<string, unknown>();
  const looked = new Set<string>();
  const fill = createFilling(world.shapeSeed, world.now());

  const wait = (seconds: number): Promise<void> => new Promise((resolve) => world.after(seconds, resolve));

  const answer = (call: Call): unknown => {
    const run = answers[call.service]?.[call.operation];
    if (run === undefined) throw unknownOperation(call);
    return run(call, parts);
  };

  /** The first answer since the fault began is repeated as long as it lasts: what was done since is not seen. */
  const look = (call: Call, run: () => unknown): unknown => {
    const fault = world.faults.of('stale-reads').find((one) => matches(one, call));
    if (fault === undefined || !looking.test(call.operation)) return run();
    const key = `${fault.id} ${call.service} ${call.operation} ${call.region} ${JSON.stringify(call.input)}`;
    if (!stale.has(key)) stale.set(key, run());
    return structuredClone(stale.get(key));
  };

  /** The work that a call sets going began with the call. */
  const answerTimed = (call: Call, run: () => unknown, callSeconds: number): unknown => {
    const before = world.works.length;
    const result = look(call, run);
    if (world.works.length === before) return result;
    const begun = world.works.splice(before);
    for (const work of begun) {
      const startedAt = work.startedAt - callSeconds * 1000;
      world.works.push({ ...work, startedAt, seconds: work.seconds + callSeconds });
    }
    return result;
  };

  const giveUp = async (call: Call): Promise<never> => {
    const { maxAttempts } = limits;
    const seconds = (world.draw('api-timeout', world.chances.calls) * (call.tries ?? maxAttempts)) / maxAttempts;
    world.recordWork('api-timeout', `${call.service} in ${call.region}`, seconds, call.caller);
    await wait(seconds);
    throw timedOut(`${call.service} in ${call.region}`);
  };

  const through = async (call: Call, run: () => unknown): Promise<unknown> => {
    const { region } = call.caller;
    const failure = world.faults.bites('api-failure', (fault) => isMet(fault, call));
    const reaches = world.canReach(region, call.region) && deployed.reaches(call);
    if (failure?.error === 'timeout' || !reaches) return giveUp(call);
    const callSeconds = world.draw(latencyOf(call), world.chances.calls);
    // A step's first look is part of what AWS takes: nobody can act without it.
    const { step, execution } = call.caller;
    if (call.service !== 'dynamodb' && looking.test(call.operation) && !looked.has(`${execution} ${step}`)) {
      looked.add(`${execution} ${step}`);
      world.recordWork('api-call', step, callSeconds, call.caller);
    }
    await wait(callSeconds);
    deployed.authorize(call);
    if (failure !== null && failure.error !== 'timeout-after-acting') throw errorOf(failure, call, world.account);
    if (world.isDark(call.region)) return giveUp(call);
    const result = answerTimed(call, run, callSeconds);
    // The call has acted; whether its caller learns of it is another matter.
    if (failure !== null || !world.canReach(call.region, region)) return giveUp(call);
    return result;
  };

  let requests = 0;
  /** What changes something is answered with the id of its request, as CloudTrail has it. The table is asked too often for that. */
  const named = (answered: unknown, { service, operation }: Call): unknown => {
    if (service === 'dynamodb' || looking.test(operation) || typeof answered !== 'object' || answered === null)
      return answered;
    requests += 1;
    const requestId = `00000000-0000-4000-8000-${String(requests).padStart(12, '0')}`;
    return { ...answered, $metadata: { httpStatusCode: 200, requestId } };
  };

  return async (asked, run) => {
    // Route 53 has one control plane, whatever the region of the client.
    const call = asked.service === 'route-53' ? { ...asked, region: route53Region } : asked;
    const answered = run !== undefined || answers[call.service]?.[call.operation] !== undefined;
    if (!answered && world.canReach(call.caller.region, call.region)) throw unknownOperation(call);
    try {
      return named(fill(call, await through(call, run ?? (() => answer(call)))), call);
    } catch (error) {
      if (call.service === 'sql') throw asSqlFault(error);
      throw call.operation.startsWith('Head') && isAnswer(error) ? withoutBody(error) : error;
    }
  };
}

/** What all answer, by service and operation: several may answer a part of one service. */
function merged(all: readonly (typeof services)[]): Record<string, Answers> {
  const answers: Record<string, Answers> = {};
  for (const one of all)
    for (const [service, operations] of Object.entries(one)) answers[service] = { ...answers[service], ...operations };
  return answers;
}

type Named = { readonly service: string; readonly operation: string; readonly region?: string | undefined };

function matches(fault: Named, { service, operation, region }: Call): boolean {
  const named = fault.operation === '*' || fault.operation === operation;
  return fault.service === service && named && (fault.region === undefined || fault.region === region);
}

function isMet(fault: FaultOf<'api-failure'>, call: Call): boolean {
  const { step, function: name } = call.caller;
  const isAsked = fault.caller === undefined || fault.caller === step || fault.caller === name;
  return matches(fault, call) && isAsked && (fault.target === undefined || names(call.input, fault.target));
}

/** Whether an input names a thing, however deep: by its identifier, or by an ARN that ends with it. */
function names(input: unknown, target: string): boolean {
  if (typeof input === 'string')
    return input === target || (input.endsWith(target) && /[:/]$/.test(input.slice(0, -target.length)));
  if (typeof input !== 'object' || input === null || input instanceof Uint8Array) return false;
  return Object.values(input).some((value) => names(value, target));
}

function errorOf(failure: FaultOf<'api-failure'>, call: Call, account: string): AwsError {
  switch (failure.error) {
    case 'throttle':
      return throttled(call.service);
    case 'deny':
      return denied(call, account);
    case 'refuse':
      return refusal(failure.name, failure.message ?? failure.name, failure.status);
    default:
      return internalFailure(call.service);
  }
}

function isAnswer(error: unknown): error is AwsError {
  return error instanceof Error && '$metadata' in error && (error as AwsError).$metadata.httpStatusCode !== undefined;
}

/** The table is asked with every step, and answers faster than a control plane. */
function latencyOf({ service, operation }: Call): LatencyName {
  if (service !== 'dynamodb') return 'api-call';
  return operation === 'Get' || operation === 'Query' ? 'table-read' : 'table-write';
}

function unknownOperation(call: Call): Error {
  return new Error(`the estate does not answer ${call.service} ${call.operation}; what answers is in simulator/estate`);
}
