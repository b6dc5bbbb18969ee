// What a sweep over the alarms of a region adds to what events have told: states that were missed, and alarms that are no more. Pure.
import type { Plan } from '../plan/plan.ts';
import type { Signal } from '../types.ts';
import { alarmSignal, conditions } from './signals.ts';

/** An alarm as it was read. `since`: when it came to this state, milliseconds since 1970. */
export type Read = {
  readonly name: string;
  readonly state: keyof typeof conditions;
  readonly since: number;
  readonly reasonData: string | undefined;
};

/** Which alarms were read: all of a region whose names begin so. `startedAt`, `now`: around the reading. */
export type Sweep = {
  readonly region: string;
  readonly prefix: string;
  readonly startedAt: number;
  readonly now: number;
};

/** An alarm that was heard of so shortly before may be too new for the list. */
const newAlarmMs = 60_000;

/** What is read may be old. What differs from a newer event for longer than this is no old answer: then the event was wrong. */
const oldAnswerMs = 600_000;

/**
 * The signals to keep. A state that differs from what is known wins, unless an event came in meanwhile, or tells of a later state and came
 * a short while ago: then what was read is old. An alarm that is known and not listed is gone; an empty list says nothing, for it may be a service that fails.
 */
export function sweptSignals(
  alarms: readonly Read[],
  known: readonly Signal[],
  sweep: Sweep,
  plan: Plan,
): readonly Signal[] {
  const ofRegion = keyOf('', sweep);
  const own = known.filter(({ key }) => key.startsWith(ofRegion));
  const byKey = new Map(own.map((signal) => [signal.key, signal]));
  const states = alarms.flatMap((alarm) => {
    if (saysNothingNew(alarm, byKey.get(keyOf(alarm.name, sweep)))) return [];
    const read = readState(alarm, sweep, plan);
    return read === null ? [] : (asStands(read, byKey.get(read.key), sweep) ?? []);
  });
  if (alarms.length === 0) return states;
  const listed = new Set(alarms.map(({ name }) => keyOf(name, sweep)));
  const covered = keyOf(sweep.prefix, sweep);
  const gone = own.filter((signal) => {
    const isCovered = signal.key.startsWith(covered) && !listed.has(signal.key);
    return isCovered && !isGone(signal) && (signal.seenAt ?? signal.at) < sweep.startedAt - newAlarmMs;
  });
  return [...states, ...gone.flatMap((signal) => asGone(signal, sweep))];
}

function keyOf(alarmName: string, { region }: Sweep): string {
  return `alarm:${region}:${alarmName}`;
}

function isGone(signal: Signal): boolean {
  return 'condition' in signal && signal.condition === 'gone';
}

function readState({ name, state, since, reasonData }: Read, { region, now }: Sweep, plan: Plan): Signal | null {
  // Sorts before the id of every event: of the two, the event counts, which was there first.
  const common = { id: `#${region}/${name}/${since}`, at: since, region, observer: region };
  const signal = alarmSignal(name, conditions[state], common, plan, reasonData);
  return typeof signal === 'string' ? null : { ...signal, seenAt: now };
}

/**
 * Nearly every alarm of a sweep is known as it was read, and need not be made a signal to see that. Of a replica its value decides as well what
 * it says.
 */
function saysNothingNew({ state, since }: Read, known: Signal | undefined): boolean {
  if (known === undefined || known.kind === 'replica' || !('condition' in known)) return false;
  return known.condition === conditions[state] && !isLater(since, known);
}

/** The time of an event and the one that is read may differ by milliseconds. */
function isLater(at: number, known: Signal): boolean {
  return at - known.at >= 1000;
}

/** What was read where it is news; null where it is known. */
function asStands(read: Signal, known: Signal | undefined, { startedAt }: Sweep): Signal | null {
  if (known === undefined) return read;
  const isSame = 'condition' in read && 'condition' in known && read.condition === known.condition;
  if (isSame) return isLater(read.at, known) ? read : null;
  const seenAt = known.seenAt ?? known.at;
  const isOld = isLater(known.at, read) && !isGone(known) && seenAt > startedAt - oldAnswerMs;
  if (seenAt >= startedAt || isOld) return null;
  return { ...read, at: Math.max(read.at, known.at + 1) };
}

function asGone(signal: Signal, { startedAt, now }: Sweep): Signal[] {
  if (!('condition' in signal)) return [];
  return [
    { ...signal, id: `#${signal.key}/gone`, condition: 'gone', at: Math.max(startedAt, signal.at + 1), seenAt: now },
  ];
}
