// An estate on a clock that the test moves, and everything it said: what every test of the estate begins with.
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import type { Deployment } from '../../../simulator/aws/deployment.ts';
import { createVirtualClock } from '../../../simulator/clock.ts';
import { createRandom } from '../../../simulator/estate/chance/random.ts';
import { createEstate } from '../../../simulator/estate/estate.ts';
import type { Call, Caller, Clock, DatabaseTruth, Estate, Event, Message } from '../../../simulator/estate/types.ts';
import { createWorld, deploymentsOf, type Watch, type World } from '../../../simulator/world.ts';
import { plan } from '../../plan.ts';

export const account = '111122223333';
export const primary = plan.roles.primary;
export const standby = plan.roles.standby;
const startAt = Date.UTC(2026, 10, 23, 9, 0, 0);

export type Rehearsal = {
  readonly estate: Estate;
  readonly events: Event[];
  readonly messages: Message[];
  now(): number;
  /** Moves the clock. */
  pass(seconds: number): Promise<void>;
  /** Calls an operation of a service in a region, the primary where none is given, and moves the clock until it answers. */
  call(
    service: string,
    operation: string,
    input?: Call['input'],
    from?: Partial<Caller> & { in?: string },
  ): Promise<Answer>;
};

/** An SDK's output, as deep as tests look into it. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads answers of every shape
export type Answer = any;

/**
 * Starts an estate that no stack is deployed in, of the plan that is given or of the tests' own, and lets ten quiet
 * minutes pass.
 */
export async function rehearse(seed = 1, quietSeconds = 600, of: Plan = plan): Promise<Rehearsal> {
  const { clock, ticking } = createTicking();
  const events: Event[] = [];
  const messages: Message[] = [];
  const estate = createEstate({
    plan: of,
    account,
    clock,
    random: createRandom(seed),
    emit: (event) => events.push(event),
    cacheMessage: (region, body) =>
      messages.push({ at: clock.now(), region, role: 'cache-events', channel: 'unknown', subject: '', body }),
    alarmMessage: () => undefined,
    deployed: { reaches: () => true, authorize: () => undefined },
  });
  estate.start();
  return quietly({ estate, events, messages, call: estate.call }, ticking, quietSeconds);
}

/** The same with the stacks of every region of the plan. Their own events are among those that are heard. */
export async function rehearseStacks(
  seed = 1,
  quietSeconds = 600,
  change: (deployments: readonly Deployment[]) => readonly Deployment[] = (deployments) => deployments,
  of: Plan = plan,
): Promise<Rehearsal & { readonly world: World }> {
  const { clock, ticking } = createTicking();
  const events: Event[] = [];
  const messages: Message[] = [];
  const nothing = () => undefined;
  const watch: Watch = {
    event: (event) => void events.push(event),
    message: (message) => void messages.push(message),
    lostMessage: nothing,
    history: nothing,
    status: nothing,
    task: nothing,
    audit: nothing,
    decision: nothing,
    request: nothing,
    answer: nothing,
    settled: nothing,
    tick: nothing,
  };
  const pageUrls = new Map([primary, standby].map((region) => [region, `https://${region}.approval.example`]));
  const deployments = change(await deploymentsOf(of));
  const world = createWorld(of, deployments, clock, createRandom(seed), watch, pageUrls);
  world.start();
  const { estate, call } = world;
  return { ...(await quietly({ estate, events, messages, call }, ticking, quietSeconds)), world };
}

type Ticking = { readonly now: () => number; readonly pass: (seconds: number) => Promise<void> };

function createTicking(): { readonly clock: Clock; readonly ticking: Ticking } {
  const clock = createVirtualClock(startAt);
  return {
    clock,
    ticking: { now: clock.now, pass: (seconds) => clock.run(clock.now() + seconds * 1000, () => false) },
  };
}

async function quietly(
  parts: Pick<Rehearsal, 'estate' | 'events' | 'messages'> & { readonly call: Estate['call'] },
  { now, pass }: Ticking,
  quietSeconds: number,
): Promise<Rehearsal> {
  const rehearsal: Rehearsal = {
    ...parts,
    now,
    pass,
    async call(service, operation, input = {}, from = {}) {
      const { in: region = primary, ...caller } = from;
      const who = { region: primary, step: 'Step', execution: 'execution', incident: 'incident', ...caller };
      const outcome: { answer?: unknown; error?: unknown } = {};
      const asked = parts.call({ service, operation, region, input, caller: who }).then(
        (answer) => {
          outcome.answer = answer;
        },
        (error: unknown) => {
          outcome.error = error;
        },
      );
      for (let second = 0; second < 30 && !('answer' in outcome) && !('error' in outcome); second += 1) await pass(1);
      await asked;
      if ('error' in outcome) throw outcome.error;
      return outcome.answer;
    },
  };
  await pass(quietSeconds);
  return rehearsal;
}

/** What is so of a database, the first where none is named. */
export function databaseTruth({ estate }: Rehearsal, name?: string): DatabaseTruth {
  const { databases } = estate.truth();
  const found = databases.find((one) => name === undefined || one.name === name);
  if (found === undefined) throw new Error(`the plan has no database ${name}`);
  return found;
}

/** Names of the alarms that went into a state, in order, since a time. */
export function alarmsTo(rehearsal: Rehearsal, value: string, since = 0): string[] {
  return rehearsal.events
    .filter((event) => event.source === 'aws.cloudwatch' && Date.parse(event.time) >= since)
    .filter((event) => (event.detail['state'] as { value: string }).value === value)
    .map((event) => String(event.detail['alarmName']));
}

/** The ids of RDS events since a time, in order. */
export function databaseEvents(rehearsal: Rehearsal, since = 0): string[] {
  return rehearsal.events
    .filter((event) => event.source === 'aws.rds' && Date.parse(event.time) >= since)
    .map((event) => String(event.detail['EventID']));
}
