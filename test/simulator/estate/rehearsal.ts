// An estate on a clock that the test moves, and everything it said: what every test of the estate begins with.
import { readFileSync } from 'node:fs';
import { createClock } from '@sinonjs/fake-timers';
import { parse } from 'yaml';
import { type Plan, parsePlan } from '../../../functions/domain/plan.ts';
import { createEstate } from '../../../simulator/estate/estate.ts';
import { createRandom } from '../../../simulator/estate/random.ts';
import type { Call, Caller, Estate, Event, Message } from '../../../simulator/estate/types.ts';

export const plan: Plan = parsePlan(parse(readFileSync('plan.yml', 'utf8')));
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

/** Starts an estate, of the plan that is given or of the shipped one, and lets ten quiet minutes pass. */
export async function rehearse(seed = 1, quietSeconds = 600, of: Plan = plan): Promise<Rehearsal> {
  const clock = createClock(startAt, 1_000_000);
  const events: Event[] = [];
  const messages: Message[] = [];
  const estate = createEstate({
    plan: of,
    account,
    clock: {
      now: () => clock.now,
      setTimeout: (run, ms) => clock.setTimeout(run, ms),
      clearTimeout: (handle) => clock.clearTimeout(handle as number),
    },
    random: createRandom(seed),
    emit: (event) => events.push(event),
    message: (message) => messages.push(message),
  });
  estate.start();
  const rehearsal: Rehearsal = {
    estate,
    events,
    messages,
    now: () => clock.now,
    pass: async (seconds) => void (await clock.tickAsync(seconds * 1000)),
    async call(service, operation, input = {}, from = {}) {
      const { in: region = primary, ...caller } = from;
      const who = { region: primary, step: 'Step', execution: 'execution', incident: 'incident', ...caller };
      const outcome: { answer?: unknown; error?: unknown } = {};
      const asked = estate.call({ service, operation, region, input, caller: who }).then(
        (answer) => {
          outcome.answer = answer;
        },
        (error: unknown) => {
          outcome.error = error;
        },
      );
      for (let second = 0; second < 30 && !('answer' in outcome) && !('error' in outcome); second += 1) {
        await clock.tickAsync(1_000);
      }
      await asked;
      if ('error' in outcome) throw outcome.error;
      return outcome.answer;
    },
  };
  await rehearsal.pass(quietSeconds);
  return rehearsal;
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
