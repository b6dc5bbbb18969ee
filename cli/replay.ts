// `breakwater replay`: feeds recorded EventBridge events to the classifier and says what it would have decided, and when.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import * as z from 'zod';
import { noticeTarget } from '../functions/domain/decide.ts';
import type { Plan } from '../functions/domain/plan.ts';
import { readEvent } from '../functions/domain/signals.ts';
import type { Store } from '../functions/domain/store.ts';
import { type Action, type Level, type RecordedDecision, type Scope, targetOf } from '../functions/domain/types.ts';
import { reasonWords } from '../functions/domain/words.ts';
import { judge } from '../functions/shared/judge.ts';
import { createMemoryStore } from '../simulator/memory-store.ts';
import { checkReadable } from './input-file.ts';
import { formatCount, printable } from './layout.ts';
import { readPlanFile } from './plan-file.ts';
import { type Colors, colorsOf, type Terminal } from './terminal.ts';
import { WrongInput } from './wrong-input.ts';

/** One change of decision: what would have been decided, at which time of the stream's clock, after which event. */
export type Replayed = {
  readonly at: string;
  readonly eventId: string | null;
  readonly level: Level;
  readonly scope: { readonly region: string; readonly zone?: string };
  readonly action: Action;
  readonly reason: string;
  readonly evidence: readonly string[];
};

/** What a replay read, apart from its decisions. */
export type ReplayCount = { events: number; strays: number };

type Options = { readonly until?: number; readonly plan?: string; readonly json?: boolean };

/** Adds the verb. */
export function addReplay(program: Command, terminal: Terminal): void {
  program
    .command('replay')
    .summary('what would have been decided about recorded events, and when')
    .argument('<file>', 'EventBridge events in order of arrival, one JSON object a line')
    .option('--until <time>', 'how long to go on looking after the last event, such as 2021-12-22T14:00:00Z', readTime)
    .option('--plan <file>', 'another plan than plan.yml')
    .option('--json', 'print one JSON object a line and nothing else')
    .action(async (file: string, options: Options) => {
      checkReadable(file, 'recorded events, one JSON object a line');
      const plan = readPlanFile(options.plan);
      const colors = colorsOf(terminal);
      const count: ReplayCount = { events: 0, strays: 0 };
      for await (const replayed of replay(
        readLines(file),
        plan,
        createMemoryStore(plan),
        options.until ?? null,
        count,
      )) {
        terminal.out(`${options.json === true ? JSON.stringify(replayed) : replayedLine(replayed, colors)}\n`);
      }
      if (options.json !== true) terminal.out(`${countLine(count)}\n`);
      else if (count.strays > 0) terminal.err(`${countLine(count)}\n`);
    });
}

/** One decision on one line: time, level, action, place, reason. */
function replayedLine({ at, level, action, scope, reason }: Replayed, colors: Colors): string {
  const time = colors.dim(at.replace(/\.\d{3}Z$/, 'Z'));
  const act = (action === 'none' ? colors.green : colors.cyan)(action.padEnd(16));
  const place = (scope.zone ?? scope.region).padEnd(10);
  return `${time}  ${String(level).padEnd(7)}  ${act}  ${place}  ${printable(reason)}`;
}

function countLine({ events, strays }: ReplayCount): string {
  return `${formatCount(events)} ${events === 1 ? 'event' : 'events'}, ${formatCount(strays)} kept as evidence without a rule`;
}

function readTime(text: string): number {
  if (z.iso.datetime({ offset: true }).safeParse(text).success) return Date.parse(text);
  throw new WrongInput(`--until: is ${JSON.stringify(text)}, expected an ISO 8601 time such as 2021-12-22T14:00:00Z`);
}

/**
 * Replays lines in order of arrival. The clock is the largest `time` read and never goes back; looks that fall due
 * between two lines are taken at their own time. `until` (milliseconds) moves the clock on after the last line.
 */
export async function* replay(
  lines: AsyncIterable<string> | Iterable<string>,
  plan: Plan,
  store: Store,
  until: number | null,
  count: ReplayCount,
): AsyncGenerator<Replayed> {
  const due = new Map<string, number>();
  let clock = 0;
  let lastEvent: string | null = null;

  const look = async (region: string, now: number): Promise<RecordedDecision | null> => {
    const { decision, lookAgainAt, classification } = await judge(region, store, plan, now);
    if (lookAgainAt === null) due.delete(region);
    else due.set(region, lookAgainAt);
    if (decision?.execution != null) {
      const target = decision.action === 'notify' ? noticeTarget(classification) : targetOf(decision.scope);
      await store.recordAction(decision.action, target, now);
    }
    return decision;
  };
  async function* moveTo(time: number): AsyncGenerator<Replayed> {
    for (;;) {
      const next = [...due].filter(([, at]) => at <= time).sort((a, b) => a[1] - b[1])[0];
      if (next === undefined) break;
      clock = Math.max(clock, next[1]);
      due.delete(next[0]);
      const decision = await look(next[0], clock);
      if (decision !== null) yield show(decision, lastEvent);
    }
    clock = Math.max(clock, time);
  }

  for await (const line of lines) {
    const text = line.replace(/^\uFEFF/, ''); // some editors mark a file's beginning
    if (text.trim() === '') continue;
    count.events += 1;
    const event = parseLine(text);
    const reading = readEvent(event, plan);
    if ('stray' in reading) {
      count.strays += 1;
      await store.keepStray({
        id: eventId(event) ?? `line-${count.events}`,
        at: clock,
        reason: reading.stray,
        event: line,
      });
      const time = eventTime(event);
      if (time !== null) yield* moveTo(time);
      continue;
    }
    yield* moveTo(reading.signal.at);
    await store.keepSignals([{ ...reading.signal, seenAt: clock }]);
    lastEvent = reading.signal.id;
    if (!Object.hasOwn(plan.regions, reading.signal.region)) continue;
    const decision = await look(reading.signal.region, clock);
    if (decision !== null) yield show(decision, lastEvent);
  }
  if (until !== null) yield* moveTo(until);
}

/** The lines of a file, as they are read. */
export function readLines(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
}

function show(decision: RecordedDecision, lastEvent: string | null): Replayed {
  const { level, action, evidence } = decision;
  return {
    at: new Date(decision.at).toISOString(),
    eventId: lastEvent,
    level,
    scope: showScope(decision.scope),
    action,
    reason: reasonWords(decision),
    evidence,
  };
}

function showScope(scope: Scope): { region: string; zone?: string } {
  return scope.zone === null ? { region: scope.region } : { region: scope.region, zone: scope.zone };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function eventId(event: unknown): string | null {
  return typeof event === 'object' && event !== null && 'id' in event && typeof event.id === 'string' ? event.id : null;
}

function eventTime(event: unknown): number | null {
  if (typeof event !== 'object' || event === null || !('time' in event) || typeof event.time !== 'string') return null;
  const time = Date.parse(event.time);
  return Number.isNaN(time) ? null : time;
}
