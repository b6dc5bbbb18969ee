// The way of an API call: to the region and back, with its latency, and with everything that can go wrong on the way.
import type { Answers, Parts } from './apis/answer.ts';
import { cloudwatch } from './apis/cloudwatch.ts';
import { codebuild } from './apis/codebuild.ts';
import { elasticache } from './apis/elasticache.ts';
import { ssm } from './apis/parameter-store.ts';
import { rds } from './apis/rds.ts';
import { route53, s3 } from './apis/redirection.ts';
import { arcZonalShift } from './apis/zonal-shift.ts';
import { internalFailure, throttled, timedOut } from './aws-error.ts';
import type { LatencyName } from './latencies.ts';
import type { Call, Deployed, FaultOf } from './types.ts';

const services: Readonly<Record<string, Answers>> = {
  rds,
  elasticache,
  'arc-zonal-shift': arcZonalShift,
  cloudwatch,
  codebuild,
  'route-53': route53,
  s3,
  ssm,
};

/** Where the control plane of Route 53 stands (facts.md, section 1). */
const route53Region = 'us-east-1';

/** Operations that only look. */
const looking = /^(Describe|Get|List|Batch|Head)/;

/** Whether the estate answers an operation, or one of a service. */
export function isAnswered(service: string, operation: string): boolean {
  return services[service]?.[operation] !== undefined;
}

/** Answers calls to the estate's parts. */
export function createCalls(parts: Parts, deployed: Deployed): (call: Call) => Promise<unknown> {
  const { world } = parts;
  const used = new Map<string, number>();
  const stale = new Map<string, unknown>();
  const looked = new Set<string>();

  const wait = (seconds: number): Promise<void> => new Promise((resolve) => world.after(seconds, resolve));
  const matches = (fault: { service: string; operation: string; region?: string | undefined }, call: Call): boolean =>
    fault.service === call.service &&
    (fault.operation === '*' || fault.operation === call.operation) &&
    (fault.region === undefined || fault.region === call.region);

  /** The failure that a call meets, counted; null where it meets none. */
  const failureOf = (call: Call): FaultOf<'api-failure'>['error'] | null => {
    for (const fault of world.faults.of('api-failure')) {
      const count = used.get(fault.id) ?? 0;
      if (!matches(fault, call) || (fault.times !== undefined && count >= fault.times)) continue;
      used.set(fault.id, count + 1);
      return fault.error;
    }
    return null;
  };

  const answer = (call: Call): unknown => {
    if (deployed.has(call)) return deployed.answer(call);
    const run = services[call.service]?.[call.operation];
    if (run === undefined) throw unknownOperation(call);
    return run(call, parts);
  };

  /** The first answer since the fault began is repeated as long as it lasts: what was done since is not seen. */
  const look = (call: Call): unknown => {
    const fault = world.faults.of('stale-reads').find((one) => matches(one, call));
    if (fault === undefined || !looking.test(call.operation)) return answer(call);
    const key = `${fault.id} ${call.service} ${call.operation} ${call.region} ${JSON.stringify(call.input)}`;
    if (!stale.has(key)) stale.set(key, answer(call));
    return structuredClone(stale.get(key));
  };

  /** The work that a call sets going began with the call. */
  const answerTimed = (call: Call, callSeconds: number): unknown => {
    const before = world.works.length;
    const result = look(call);
    const begun = world.works.splice(before);
    for (const work of begun) {
      const startedAt = work.startedAt - callSeconds * 1000;
      world.works.push({ ...work, startedAt, seconds: work.seconds + callSeconds });
    }
    return result;
  };

  const giveUp = async (call: Call): Promise<never> => {
    const seconds = world.draw('api-timeout', world.chances.calls);
    world.recordWork('api-timeout', `${call.service} in ${call.region}`, seconds, call.caller);
    await wait(seconds);
    throw timedOut(`${call.service} in ${call.region}`);
  };

  return async (asked) => {
    // Route 53 has one control plane, whatever the region of the client.
    const call = asked.service === 'route-53' ? { ...asked, region: route53Region } : asked;
    const { region } = call.caller;
    const known = deployed.has(call) || isAnswered(call.service, call.operation);
    if (!known && world.canReach(region, call.region)) throw unknownOperation(call);
    const failure = failureOf(call);
    if (failure === 'timeout' || !world.canReach(region, call.region) || !deployed.reaches(call)) return giveUp(call);
    const callSeconds = world.draw(latencyOf(call), world.chances.calls);
    // A step's first look is part of what AWS takes: nobody can act without it.
    const { step, execution } = call.caller;
    if (call.service !== 'dynamodb' && looking.test(call.operation) && !looked.has(`${execution} ${step}`)) {
      looked.add(`${execution} ${step}`);
      world.recordWork('api-call', step, callSeconds, call.caller);
    }
    await wait(callSeconds);
    deployed.authorize(call);
    if (failure === 'throttle') throw throttled(call.service);
    if (failure === 'internal') throw internalFailure(call.service);
    if (world.isDark(call.region)) return giveUp(call);
    const result = answerTimed(call, callSeconds);
    // The call has acted; whether its caller learns of it is another matter.
    if (failure === 'timeout-after-acting' || !world.canReach(call.region, region)) return giveUp(call);
    return result;
  };
}

/** The table is asked with every step, and answers faster than a control plane. */
function latencyOf({ service, operation }: Call): LatencyName {
  if (service !== 'dynamodb') return 'api-call';
  return operation === 'Get' || operation === 'Query' ? 'table-read' : 'table-write';
}

function unknownOperation(call: Call): Error {
  return new Error(
    `the estate does not answer ${call.service} ${call.operation}; it is defined in simulator/estate/apis`,
  );
}
