// `breakwater replay`: feeds recorded EventBridge events to the classifier and says what it would have decided, and when.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import * as z from 'zod';
import { noticeTarget } from '../functions/domain/decision/decide.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import type { Store } from '../functions/domain/record/store.ts';
import { envelope, firstIssue } from '../functions/domain/signals/reading.ts';
import { readEvent } from '../functions/domain/signals/signals.ts';
import { type Action, type Level, type RecordedDecision, type Scope, targetOf } from '../functions/domain/types.ts';
import { reasonWords } from '../functions/domain/words/decision-words.ts';
import { judge } from '../functions/shared/judgement/judge.ts';
import { createMemoryStore } from '../simulator/memory-store.ts';
import { readPlanFile } from './files/plan.ts';
import { checkReadable } from './files/text.ts';
import { formatCount, printable } from './screen/layout.ts';
import { type Colors, colorsOf, type Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';

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

/** What a replay read, apart from its decisions: how many signals of each kind, and why events gave none. */
export type ReplayCount = {
  events: number;
  strays: number;
  readonly kinds: Map<string, number>;
  readonly reasons: Map<string, number>;
};

export function newCount(): ReplayCount {
  return { events: 0, strays: 0, kinds: new Map(), reasons: new Map() };
}

type Options = { readonly until?: number; readonly plan?: string; readonly json?: boolean };

/** Adds the verb. */
export function addReplay(program: Command, terminal: Terminal): void {
  program
    .command('replay')
    .summary('shows what Breakwater would have decided about recorded events, and when')
    .argument('<file>', 'EventBridge events in order of arrival, one JSON object a line')
    .option('--until <time>', 'how long to go on looking after the last event, such as 2021-12-22T14:00:00Z', readTime)
    .option('--plan <file>', 'another plan than plan.yml')
    .option('--json', 'print one JSON object a line and nothing else')
    .action(async (file: string, options: Options) => {
      checkReadable(file, expectedLines);
      await checkEvents(file);
      const plan = readPlanFile(options.plan);
      const colors = colorsOf(terminal);
      const count = newCount();
      let decided = 0;
      for await (const replayed of replay(
        readLines(file),
        plan,
        createMemoryStore(plan),
        options.until ?? null,
        count,
      )) {
        decided += 1;
        terminal.out(`${options.json === true ? JSON.stringify(replayed) : replayedLine(replayed, colors)}\n`);
      }
      if (options.json !== true) {
        if (decided === 0) terminal.out('No decision: nothing in the events failed for long enough.\n');
        for (const line of [...kindLines(count), ...strayLines(count)]) terminal.out(`${colors.dim(line)}\n`);
        terminal.out(`${countLine(count)}\n`);
      } else if (count.strays > 0)
        for (const line of [...strayLines(count), countLine(count)]) terminal.err(`${line}\n`);
    });
}

const expectedLines = 'recorded events, one JSON object a line';

/** What a file lacks to be replayed is said before anything of it is. @throws WrongInput naming the first line that is no event. */
async function checkEvents(file: string): Promise<void> {
  let number = 0;
  let events = 0;
  for await (const line of readLines(file)) {
    number += 1;
    const text = plain(line);
    if (text === '') continue;
    const event = parseLine(text);
    if (event === undefined)
      throw new WrongInput(`${file}: line ${number} is not a complete JSON object, expected ${expectedLines}`);
    const parsed = envelope.safeParse(event);
    if (!parsed.success)
      throw new WrongInput(
        `${file}: line ${number} is no EventBridge event (${printable(firstIssue('event', parsed.error))}), expected ${expectedLines}`,
      );
    events += 1;
  }
  if (events === 0) throw new WrongInput(`${file}: holds no event, expected ${expectedLines}`);
}

/** How many signals of each kind were read, the most of them first. */
function kindLines({ kinds }: ReplayCount): string[] {
  const counted = [...kinds].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return counted.length === 0
    ? []
    : [`Read: ${counted.map(([kind, many]) => `${formatCount(many)} ${kind}`).join(', ')}`];
}

const mostReasons = 10;
const longestReason = 200;

/** Why events gave no signal, the most frequent reasons first. */
function strayLines({ reasons }: ReplayCount): string[] {
  const counted = [...reasons].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const shown = counted
    .slice(0, mostReasons)
    .map(([reason, many]) => `No signal: ${formatCount(many)} x ${printable(reason).slice(0, longestReason)}`);
  const left = counted.length - shown.length;
  return left > 0 ? [...shown, `and ${formatCount(left)} other reasons`] : shown;
}

/** One decision on one line: time, level, action, place, reason. */
function replayedLine({ at, level, action, scope, reason }: Replayed, colors: Colors): string {
  const time = colors.dim(at.replace(/\.\d{3}Z$/, 'Z'));
  const act = (action === 'none' ? colors.green : colors.cyan)(action.padEnd(16));
  const place = (scope.zone ?? scope.region).padEnd(10);
  return `${time}  ${String(level).padEnd(7)}  ${act}  ${place}  ${printable(reason)}`;
}

function countLine({ events, strays }: ReplayCount): string {
  return `${formatCount(events)} ${events === 1 ? 'event' : 'events'}, ${formatCount(strays)} matched no rule and were kept as evidence`;
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
    const text = plain(line);
    if (text === '') continue;
    count.events += 1;
    const event = parseLine(text);
    const reading = readEvent(event, plan);
    if ('stray' in reading) {
      count.strays += 1;
      addTo(count.reasons, reading.stray);
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
    addTo(count.kinds, reading.signal.kind);
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

/** A line without what is not of its text: some editors mark a file's beginning. */
function plain(line: string): string {
  return line.replace(/^\uFEFF/, '').trim();
}

/** What a line of JSON holds; undefined where it is none. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function addTo(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function eventId(event: unknown): string | null {
  return typeof event === 'object' && event !== null && 'id' in event && typeof event.id === 'string' ? event.id : null;
}

function eventTime(event: unknown): number | null {
  if (typeof event !== 'object' || event === null || !('time' in event) || typeof event.time !== 'string') return null;
  const time = Date.parse(event.time);
  return Number.isNaN(time) ? null : time;
}
