// EventBridge of one region, with all of its buses: finds the rules of a bus that an event matches, and brings it to their targets; what a target does not
// take for a day goes to the rule's dead letters.
import { wait } from '../clock.ts';
import type { Clock, Event } from '../estate/types.ts';
import { WithoutStack } from '../without-stack.ts';
import type { Rule, Target } from './deployment.ts';
import { matches } from './patterns.ts';

export type BusOptions = {
  readonly rules: readonly Rule[];
  readonly clock: Clock;
  readonly deliverySeconds: () => number;
  readonly isLit: () => boolean;
  /** When the copies of an event arrive, in seconds more than it takes: one that is on time, unless something fails. */
  readonly copies: (text: string) => readonly number[];
  /** Hands an event to a target, once. @throws Unreachable where it does not take it now, Denied where it never will */
  readonly hand: (event: Sent, rule: Rule, target: Target) => Promise<void>;
  readonly deadLetter: (event: Sent, rule: Rule, target: Target) => void;
};

/** An event, and the same as JSON, made once for all that take it. */
export type Sent = { readonly event: unknown; readonly text: string };

/** The target, or the rule's rights to it, say no: trying again cannot help. */
export class Denied extends WithoutStack {
  override readonly name = 'Denied';
}

/** The target does not answer now. */
export class Unreachable extends WithoutStack {
  override readonly name = 'Unreachable';
}

export type Bus = {
  /** An event has arrived on one of this region's buses, by its name. */
  put(event: Event, bus: string): void;
  /** Starts the schedules: each at a moment of its own, and then by its rate. */
  startSchedules(offsetSeconds: (rule: Rule) => number): void;
  stop(): void;
};

/** EventBridge tries for 24 hours, at most 185 times, at growing intervals. */
const retryMs = (attempt: number): number => Math.min(1_000 * 2 ** attempt, 600_000);
const longestMs = 24 * 3_600_000;
const litCheckMs = 1_000;

export function createBus(options: BusOptions): Bus {
  const { rules, clock, isLit } = options;
  const patterns = rules.filter(({ pattern }) => pattern !== null);
  let stopped = false;

  const deliver = async (sent: Sent, rule: Rule, target: Target, lateSeconds: number): Promise<void> => {
    const acceptedAt = clock.now();
    await wait(clock, (options.deliverySeconds() + lateSeconds) * 1000);
    for (let attempt = 0; ; attempt += 1) {
      while (!isLit()) await wait(clock, litCheckMs);
      try {
        return await options.hand(sent, rule, target);
      } catch (error) {
        if (!(error instanceof Unreachable || error instanceof Denied)) throw error;
        if (error instanceof Denied || clock.now() - acceptedAt > longestMs)
          return options.deadLetter(sent, rule, target);
        await wait(clock, retryMs(attempt));
      }
    }
  };

  const send = (sent: Sent, rule: Rule): void => {
    for (const target of rule.targets)
      for (const lateSeconds of options.copies(sent.text)) void deliver(sent, rule, target, lateSeconds);
  };

  const fire = (rule: Rule, everySeconds: number): void => {
    if (stopped) return;
    clock.setTimeout(() => fire(rule, everySeconds), everySeconds * 1000);
    if (!isLit()) return;
    const event = { 'detail-type': 'Scheduled Event', source: 'aws.events', time: new Date(clock.now()).toISOString() };
    send({ event, text: JSON.stringify(event) }, rule);
  };

  return {
    put(event, bus) {
      const heard = patterns.filter((rule) => rule.bus === bus && matches(rule.pattern, event));
      if (heard.length === 0) return;
      const sent = { event, text: JSON.stringify(event) };
      for (const rule of heard) send(sent, rule);
    },
    startSchedules(offsetSeconds) {
      for (const rule of rules) {
        const { everySeconds } = rule;
        if (everySeconds !== null) clock.setTimeout(() => fire(rule, everySeconds), offsetSeconds(rule) * 1000);
      }
    },
    stop: () => {
      stopped = true;
    },
  };
}
