// Switches event source mappings of Lambda, schedules of EventBridge Scheduler and rules of EventBridge on and off. Signed here: what a
// schedule is, is read and written back whole, also what an SDK client of today does not know of it, for what is left out of that request
// is reset. And the client of Lambda alone would be a fourteenth of a bundle (docs/decisions/0009-the-sdk-in-every-bundle.md).
import { oneForEachRegion } from '../calls/client.ts';
import type { Service } from '../calls/endpoint.ts';
import { calling, faultName } from '../calls/faults.ts';
import { callSigned } from '../calls/signed.ts';
import type { Unsigned } from '../calls/signing.ts';
import { busy } from '../calls/transient.ts';

type Input = Readonly<Record<string, unknown>>;

/** One request, as an SDK client would name it. */
export type SwitchCommand =
  | {
      readonly service: 'lambda';
      readonly operation: 'GetEventSourceMapping';
      readonly input: { readonly UUID: string };
    }
  | {
      readonly service: 'lambda';
      readonly operation: 'UpdateEventSourceMapping';
      readonly input: { readonly UUID: string; readonly Enabled: boolean };
    }
  | {
      readonly service: 'scheduler';
      readonly operation: 'GetSchedule';
      readonly input: { readonly GroupName: string; readonly Name: string };
    }
  | {
      readonly service: 'scheduler';
      readonly operation: 'UpdateSchedule';
      readonly input: Input & { readonly Name: string };
    }
  | {
      readonly service: 'eventbridge';
      readonly operation: 'DescribeRule' | 'EnableRule' | 'DisableRule';
      readonly input: { readonly EventBusName: string; readonly Name: string };
    };

const places: Readonly<Record<SwitchCommand['service'], Service>> = {
  lambda: { service: 'lambda', variable: 'LAMBDA' },
  scheduler: { service: 'scheduler', variable: 'SCHEDULER' },
  eventbridge: { service: 'events', variable: 'EVENTBRIDGE' },
};

/** A client of the shape that SDK clients have: `send` takes a command, `config` says which region it asks, and how often. */
export class SwitchClient {
  readonly config: { readonly region: () => Promise<string>; readonly maxAttempts: () => Promise<number> };

  constructor({ region }: { readonly region: string }) {
    this.config = { region: async () => region, maxAttempts: async () => 1 };
  }

  /** Asks once: its caller's state machine asks again. @throws ServiceFault, and what fetch throws. */
  async send(command: SwitchCommand): Promise<Input> {
    const region = await this.config.region();
    const text = await callSigned(httpOf(command), places[command.service], region);
    return text === '' ? {} : JSON.parse(text);
  }
}

/** Where Lambda has them: behind the date of its API, and a slash at their end. */
const mappings = ['2015-03-31', 'event-source-mappings'];

function httpOf(command: SwitchCommand): Omit<Unsigned, 'endpoint'> {
  switch (command.operation) {
    case 'GetEventSourceMapping':
      return { method: 'GET', segments: [...mappings, command.input.UUID] };
    case 'UpdateEventSourceMapping': {
      const { UUID, ...change } = command.input;
      return { method: 'PUT', segments: [...mappings, UUID], body: JSON.stringify(change) };
    }
    case 'GetSchedule': {
      const { GroupName, Name } = command.input;
      return { method: 'GET', segments: ['schedules', Name], query: { groupName: GroupName } };
    }
    case 'UpdateSchedule': {
      const { Name, ...schedule } = command.input;
      return { method: 'PUT', segments: ['schedules', Name], body: JSON.stringify(schedule) };
    }
    default: {
      const contentType = 'application/x-amz-json-1.1';
      const headers = { 'content-type': contentType, 'x-amz-target': `AWSEvents.${command.operation}` };
      return { method: 'POST', segments: [], headers, contentType, body: JSON.stringify(command.input) };
    }
  }
}

const switches = /* @__PURE__ */ oneForEachRegion((region) => new SwitchClient({ region }));

/** An event source mapping: its state, and the ARN of its function, empty where Lambda does not say. */
export type MappingSeen = { readonly state: string; readonly functionArn: string };

/** Null where it is not there. @throws Unavailable, CannotProceed. */
export async function describeMapping(region: string, UUID: string): Promise<MappingSeen | null> {
  const found = await ifThere(`describe event source mapping ${UUID}`, () =>
    switches(region).send({ service: 'lambda', operation: 'GetEventSourceMapping', input: { UUID } }),
  );
  if (found === null) return null;
  return { state: String(found['State'] ?? 'unknown'), functionArn: String(found['FunctionArn'] ?? '') };
}

/** False where it was not done: it is being made, switched or changed, or it is not there any more. @throws Unavailable, CannotProceed. */
export function switchMapping(region: string, UUID: string, on: boolean): Promise<boolean> {
  return unlessBusy(`switch event source mapping ${UUID} ${on ? 'on' : 'off'}`, () =>
    switches(region).send({ service: 'lambda', operation: 'UpdateEventSourceMapping', input: { UUID, Enabled: on } }),
  );
}

/** A schedule in its group. */
export type SchedulePlace = { readonly group: string; readonly name: string };
/** A rule of a bus. `managed`: by whom, where a service of AWS keeps it for itself. */
export type RulePlace = { readonly bus: string; readonly name: string };
export type RuleSeen = { readonly state: string; readonly managed: string | null };

/** A schedule is ENABLED, DISABLED, or has ENDED. `role`: the ARN of what its target is called as; `key`: of what encrypts its input, null for AWS's own. */
export type ScheduleSeen = { readonly state: string; readonly role: string; readonly key: string | null };

/** How a schedule stands at a time; null where it is not there. @throws Unavailable, CannotProceed. */
export async function describeSchedule(region: string, place: SchedulePlace, at: number): Promise<ScheduleSeen | null> {
  const schedule = await readSchedule(region, place);
  if (schedule === null) return null;
  const { State = 'ENABLED', EndDate, Target, KmsKeyArn } = schedule;
  const { RoleArn = '' } = (Target ?? {}) as { readonly RoleArn?: string };
  return {
    state: isPast(EndDate, at) ? 'ENDED' : String(State),
    role: RoleArn,
    key: typeof KmsKeyArn === 'string' ? KmsKeyArn : null,
  };
}

/** Scheduler writes times as seconds since 1970. */
function isPast(seconds: unknown, at: number): boolean {
  return typeof seconds === 'number' && seconds * 1000 <= at;
}

const unitSeconds: Readonly<Record<string, number>> = { minute: 60, hour: 3_600, day: 86_400 };

/**
 * The next time at which a schedule by rate would run, in seconds since 1970: without a start it would run at once when it is switched on, and
 * once more than it should. One that has no start counts from when it was made. Null of any other, for which a start that has passed says nothing
 * any more.
 */
function nextStart({ StartDate, CreationDate, ScheduleExpression: expression }: Input, at: number): number | null {
  const start = StartDate ?? CreationDate;
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(String(expression)) ?? [];
  const every = Number(count) * (unitSeconds[unit ?? ''] ?? Number.NaN);
  if (typeof start !== 'number' || !(every > 0)) return null;
  return start + (Math.floor((at / 1000 - start) / every) + 1) * every;
}

function readSchedule(region: string, { group: GroupName, name: Name }: SchedulePlace): Promise<Input | null> {
  return ifThere(`read schedule ${GroupName}/${Name}`, () =>
    switches(region).send({ service: 'scheduler', operation: 'GetSchedule', input: { GroupName, Name } }),
  );
}

/** What Scheduler says of a schedule and takes from nobody. */
const told = ['Arn', 'CreationDate', 'LastModificationDate'];

/**
 * Switches a schedule and writes everything else of it back as it was read; but a start that has passed is the next one of its rate, or none:
 * Scheduler takes none that is older than five minutes. False where it was not done: somebody else changes it, or
 * it is not there any more. @throws Unavailable, CannotProceed.
 */
export async function switchSchedule(region: string, place: SchedulePlace, on: boolean, at: number): Promise<boolean> {
  const schedule = await readSchedule(region, place);
  if (schedule === null) return false;
  const isStarted = isPast(schedule['StartDate'], at);
  const startsAtOnce = isStarted || (on && schedule['StartDate'] === undefined);
  const next = startsAtOnce ? nextStart(schedule, at) : null;
  const left = isStarted ? [...told, 'StartDate'] : told;
  const all = Object.fromEntries(Object.entries(schedule).filter(([key]) => !left.includes(key)));
  const kept = next === null ? all : { ...all, StartDate: next };
  const input = { ...kept, GroupName: place.group, Name: place.name, State: on ? 'ENABLED' : 'DISABLED' };
  return unlessBusy(`switch schedule ${place.group}/${place.name} ${on ? 'on' : 'off'}`, () =>
    switches(region).send({ service: 'scheduler', operation: 'UpdateSchedule', input }),
  );
}

/** How a rule stands; null where it is not there. @throws Unavailable, CannotProceed. */
export async function describeRule(region: string, { bus, name }: RulePlace): Promise<RuleSeen | null> {
  const rule = await ifThere(`describe rule ${bus}/${name}`, () =>
    switches(region).send({
      service: 'eventbridge',
      operation: 'DescribeRule',
      input: { EventBusName: bus, Name: name },
    }),
  );
  if (rule === null) return null;
  const { State, ManagedBy } = rule;
  return { state: String(State ?? 'ENABLED'), managed: typeof ManagedBy === 'string' ? ManagedBy : null };
}

/** False where it was not done: somebody else changes it, or it is not there any more. @throws Unavailable, CannotProceed. */
export function enableRule(region: string, { bus, name }: RulePlace): Promise<boolean> {
  return unlessBusy(`enable rule ${bus}/${name}`, () =>
    switches(region).send({
      service: 'eventbridge',
      operation: 'EnableRule',
      input: { EventBusName: bus, Name: name },
    }),
  );
}

/** The same. Two functions, so that who may only switch off has no code that switches on. */
export function disableRule(region: string, { bus, name }: RulePlace): Promise<boolean> {
  return unlessBusy(`disable rule ${bus}/${name}`, () =>
    switches(region).send({
      service: 'eventbridge',
      operation: 'DisableRule',
      input: { EventBusName: bus, Name: name },
    }),
  );
}

/** What is not there. */
const absent = 'ResourceNotFoundException';

async function ifThere(what: string, ask: () => Promise<Input>): Promise<Input | null> {
  try {
    return await calling(what, ask());
  } catch (error) {
    if (faultName(error) === absent) return null;
    throw error;
  }
}

async function unlessBusy(what: string, ask: () => Promise<Input>): Promise<boolean> {
  try {
    await calling(what, ask());
    return true;
  } catch (error) {
    if ([absent, ...busy].includes(faultName(error))) return false;
    throw error;
  }
}
