// How the labels of an incident stream are read: what was decided, and which of the stream's expectations it misses.
import { readdirSync, readFileSync } from 'node:fs';
import { newCount, type Replayed, replay } from '../../cli/replay.ts';
import { rank } from '../../functions/domain/evidence/classify.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import type { Action, Level } from '../../functions/domain/types.ts';
import { createMemoryStore } from '../../simulator/memory-store.ts';

type Answer = { readonly level: Level; readonly action: Action };

/** An expectation file, as README.md of the streams describes it. */
export type Expectation = Answer & {
  readonly scope: { readonly region: string; readonly zone?: string };
  readonly sufficientEventId: string;
  readonly decideWithinSeconds: number;
  readonly mustNot: readonly string[];
  readonly interim?: readonly (Answer & {
    readonly afterEventId: string;
    readonly required: boolean;
    readonly scope?: { readonly region: string; readonly zone?: string };
    readonly withinSeconds?: number;
  })[];
  readonly acceptableAlternatives?: readonly Answer[];
  readonly duplicates?: readonly string[];
  readonly logicalDuplicates?: readonly (readonly string[])[];
  readonly observeUntil: string;
};

/** A recorded event; `text` is its line. */
export type Line = { readonly id: string; readonly time: number; readonly source: string; readonly text: string };

export type Stream = { readonly name: string; readonly lines: readonly Line[]; readonly expected: Expectation };

const folder = 'test/incidents';

/** All labelled streams. */
export function readStreams(): Stream[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ndjson'));
  return files.sort().map((file) => {
    const name = file.replace(/\.ndjson$/, '');
    const texts = readFileSync(`${folder}/${file}`, 'utf8').split('\n');
    const expected = JSON.parse(readFileSync(`${folder}/${name}.expect.json`, 'utf8')) as Expectation;
    return { name, lines: texts.filter((text) => text !== '').map(toLine), expected };
  });
}

export function toLine(text: string): Line {
  const { id, time, source } = JSON.parse(text) as { id: string; time: string; source: string };
  return { id, time: Date.parse(time), source, text };
}

/** Every change of decision, with a fresh store, up to a time in ISO 8601. */
export async function play(lines: readonly Line[], until: string, plan: Plan): Promise<Replayed[]> {
  const texts = lines.map((line) => line.text);
  const replayed = replay(texts, plan, createMemoryStore(plan), Date.parse(until), newCount());
  const decisions: Replayed[] = [];
  for await (const decision of replayed) decisions.push(decision);
  return decisions;
}

/** The first decision of the highest level; level 0 and `none` where there was none. */
export function strongest(
  decisions: readonly Replayed[],
): Pick<Replayed, 'level' | 'action' | 'scope'> & { at?: string } {
  const none = { level: 0, action: 'none', scope: { region: 'us-east-1' } } as const;
  return decisions.reduce<ReturnType<typeof strongest>>(
    (best, one) => (rank(one.level) > rank(best.level) ? one : best),
    none,
  );
}

/** What a stream's decisions miss of its expectations; empty where they meet all. */
export function missed(stream: Stream, decisions: readonly Replayed[]): string[] {
  const { expected } = stream;
  return [
    ...wrongAnswer(stream, decisions),
    ...expected.mustNot.flatMap((rule) => (breaks(rule, stream, decisions) ? [`must not ${rule}`] : [])),
    ...(expected.interim ?? [])
      .filter((interim) => interim.required && !decisions.some((one) => answersInTime(one, interim, stream)))
      .map((interim) => `no interim ${interim.level} ${interim.action}`),
  ];
}

type Interim = NonNullable<Expectation['interim']>[number];

function answersInTime(one: Replayed, interim: Interim, { lines }: Stream): boolean {
  const { scope, withinSeconds, afterEventId } = interim;
  const isThere = scope === undefined || (one.scope.region === scope.region && one.scope.zone === scope.zone);
  const until = clockAt(lines, afterEventId) + (withinSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  return sameAnswer(one, interim) && isThere && Date.parse(one.at) <= until;
}

/** The strongest answer; of a stream in which a stronger one comes first and the level falls, the strongest since it fell. */
function bestAnswer({ expected, lines }: Stream, decisions: readonly Replayed[]) {
  const falls = (expected.interim ?? []).some((interim) => rank(interim.level) > rank(expected.level));
  const from = falls ? clockAt(lines, expected.sufficientEventId) : 0;
  return strongest(decisions.filter((one) => Date.parse(one.at) >= from));
}

function wrongAnswer(stream: Stream, decisions: readonly Replayed[]): string[] {
  const { expected, lines } = stream;
  const best = bestAnswer(stream, decisions);
  const given = `level ${best.level}, ${best.action}, ${JSON.stringify(best.scope)} at ${best.at ?? 'no time'}`;
  if ((expected.acceptableAlternatives ?? []).some((answer) => sameAnswer(best, answer))) return [];
  if (!sameAnswer(best, expected)) return [`is ${given}`];
  if (best.at === undefined) return [];
  const deadline = clockAt(lines, expected.sufficientEventId) + expected.decideWithinSeconds * 1000;
  const wrongZone = expected.level === 2 && best.scope.zone !== expected.scope.zone;
  const wrongPlace = best.scope.region !== expected.scope.region || wrongZone;
  return [...(wrongPlace ? [`is ${given}`] : []), ...(Date.parse(best.at) > deadline ? [`is late: ${given}`] : [])];
}

function sameAnswer(a: Answer, b: Answer): boolean {
  return a.level === b.level && a.action === b.action;
}

function breaks(rule: string, { lines }: Stream, decisions: readonly Replayed[]): boolean {
  const words = rule.split(':');
  if (words[0] === 'before') {
    const [, id = '', ...rest] = words;
    const early = decisions.filter((one) => Date.parse(one.at) < clockAt(lines, id));
    return breaksPlainly(rest.join(':'), early);
  }
  // That a decision must not wait for Health is a test of its own: it needs a second replay.
  return rule !== 'wait:health' && breaksPlainly(rule, decisions);
}

function breaksPlainly(rule: string, decisions: readonly Replayed[]): boolean {
  const [kind = '', value = ''] = rule.split(':');
  const told = decisions.filter((one) => one.action === 'notify' || one.action === 'hold');
  const acted = decisions.filter((one) => one.action === 'az-failover' || one.action === 'request-approval');
  if (kind === 'level') return decisions.some((one) => String(one.level) === value);
  if (kind === 'action') return decisions.some((one) => one.action === value);
  if (kind === 'zone') return acted.some((one) => one.scope.zone === value);
  if (rule === 'actions>1') return acted.length > 1;
  if (rule === 'repeat:notify') return told.length > 1;
  throw new Error(`no test knows what "must not ${rule}" means`);
}

/** The stream's clock at a line: the largest time read so far. */
export function clockAt(lines: readonly Line[], id: string): number {
  const index = lines.findIndex((line) => line.id === id);
  if (index < 0) throw new Error(`no line has id ${id}`);
  return Math.max(...lines.slice(0, index + 1).map((line) => line.time));
}
