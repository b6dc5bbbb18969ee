// never-silent: while users fail in an open incident, people hear something about it within the plan's reminder time, and no
// message says that all is well: none that users are served, and none of that incident that it is over.
import type { History, Invariant, Violation } from './model/history.ts';
import type { ObservationOf } from './model/observations.ts';

/** A failure must be seen by a canary, and a sweep comes once a minute. The other stack stands in three minutes later. */
const graceMs = 6 * 60_000;

/** What people hear of whoever fails: by the name of a flow that a person started, and that users still fail or fail again, in whichever incident they do. */
const ofAll = /\bIncident manual-|\busers (?:still fail|fail AGAIN)\b/;

/** What a message looks at is seen by canaries, which run each minute, and a channel may take as long: what was true then is no lie. */
const measuringMs = 2 * 60_000;

/** That users are served, whoever fails them: of the incident that it is about, or of another one. Every message says it in a line of its own. */
const saysServed = /\busers are served\b|\bchecks pass\b/;
const saysServedNow = /^Users are served now\b/m;
/** Of a step that takes over it says nothing. */
const saysOver = /(?<!\btaking )\bover\b|\bis complete\b|\ball well\b|\bhas ended\b/;

type Span = { readonly from: number; readonly to: number };

export const neverSilent: Invariant = (history, plan) => {
  const longestMs = plan.notifications.silentSeconds * 1000 + graceMs;
  const failing = unserved(history);
  const messages = history.of('message');
  return incidents(history).flatMap(({ id, words, open }) => {
    const told = messages.filter(({ subject, body }) => names(`${subject} ${body}`, words));
    // Users fail once: where two regions have an incident, it may be the one that they have not left, or the one that has to take over.
    const heard = messages.filter(
      ({ subject, body }) => names(`${subject} ${body}`, words) || ofAll.test(`${subject} ${body}`),
    );
    return failing.flatMap(({ from, to }): Violation[] => {
      const span = { from: Math.max(from, open.from), to: Math.min(to, open.to) };
      if (span.from >= span.to) return [];
      return [...silences(span, heard, longestMs, id), ...lies(span, from, told, messages, id)];
    });
  });
};

/** From the last that was heard, or from when users failed in an incident that was decided about. */
function silences({ from, to }: Span, told: readonly ObservationOf<'message'>[], longestMs: number, id: string) {
  const heard = [from, ...told.map(({ at }) => at).filter((at) => at > from && at < to), to];
  return heard.slice(1).flatMap((at, index): Violation[] => {
    const since = heard[index] ?? from;
    if (at - since <= longestMs) return [];
    return [{ at: since + longestMs, what: `nobody had heard of ${id} for ${Math.round(longestMs / 60_000)} minutes` }];
  });
}

/** `failing`: since when users fail, be it from before the incident on. */
function lies(
  { from, to }: Span,
  failing: number,
  told: readonly ObservationOf<'message'>[],
  all: readonly ObservationOf<'message'>[],
  id: string,
): Violation[] {
  const said =
    all.find(
      ({ at, subject, body }) =>
        at >= from && at > failing + measuringMs && at < to && (saysServed.test(subject) || saysServedNow.test(body)),
    ) ?? told.find(({ at, subject }) => at > from + graceMs && at < to && saysOver.test(subject));
  return said === undefined ? [] : [{ at: said.at, what: `"${said.subject}" was said of ${id} while users failed` }];
}

/** When users were not served, in order. */
function unserved(history: History): Span[] {
  const spans: Span[] = [];
  let from: number | null = null;
  for (const { at, served } of history.of('tick')) {
    if (!served) from ??= at;
    else if (from !== null) {
      spans.push({ from, to: at });
      from = null;
    }
  }
  return from === null ? spans : [...spans, { from, to: history.now }];
}

/**
 * Each incident in which users may fail, with the words that name it, from its first decision to do something until it is over. That a
 * region is not ready for a recovery fails nobody: of those who fail elsewhere, that region's incident says nothing. What a person planned ends
 * with its flow, and without a decision: a region has one incident at a time, so that it is over where the next begins.
 */
function incidents(history: History): { id: string; words: readonly string[]; open: Span }[] {
  const all = history.of('decision');
  return [...Map.groupBy(all, ({ incident }) => incident)].flatMap(([id, decisions]) => {
    const first = decisions.find(({ action, indication }) => action !== 'none' && indication !== 'readiness-lost');
    if (first === undefined) return [];
    const over = all.find(({ incident, action, level, scope, at }) => {
      const isNext = incident !== id && scope.region === first.scope.region;
      return at > first.at && (isNext || (incident === id && action === 'none' && level === 0));
    });
    const words = [id, ...decisions.flatMap(({ execution }) => execution ?? [])];
    return [{ id, words, open: { from: first.at, to: over?.at ?? history.now } }];
  });
}

/** Whole words, as ids are. */
function names(text: string, words: readonly string[]): boolean {
  const said = new Set(text.split(/[^A-Za-z0-9_-]+/));
  return words.some((word) => said.has(word));
}
