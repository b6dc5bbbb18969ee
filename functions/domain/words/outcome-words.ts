// What a flow reached, in sentences for people. Total: what it does not know it tells as it stands.
import { clock, day } from '../page/page-times.ts';
import { countsFromShape, fromWords } from '../record/fault-clock.ts';
import { causeWords } from '../record/step.ts';
import { formatSeconds } from './durations.ts';

type Facts = Readonly<Record<string, unknown>>;

/**
 * Of a flow's record at its end: what it cost, what each asset came to, and where users are. `served`: whether users are seen to be served when it
 * is written.
 */
export function outcomeSentences(facts: Facts, served = true): string[] {
  const { assets, redirected, to, verifiedAt, fenced, unfenced, returned, data, later, countsFrom, ...rest } = facts;
  const { wellAgain, inPartAt, users, failed, why, leftOpen: stays, promotedInVain: inVain, ...others } = rest;
  return [
    ...(typeof failed === 'string' ? [unrecorded(failed, why)] : []),
    ...costs(facts, served),
    ...outcomesOf(wellAgain === true ? returnedTraffic(assets) : assets),
    ...(Array.isArray(later) && later.length > 0 ? [`Next, while users are served already: ${later.join(', ')}.`] : []),
    ...(isFacts(redirected) && typeof redirected['redirectedAt'] === 'number'
      ? [`Users were sent to ${String(to)} at ${clock(redirected['redirectedAt'], redirected['redirectedAt'])}.`]
      : []),
    ...(typeof verifiedAt === 'number'
      ? [
          `All test visits were answered at ${clock(verifiedAt, verifiedAt)}${served ? '' : ', and not all are any more'}.`,
        ]
      : []),
    ...unfencedSentences(facts, Array.isArray(stays) && stays.length > 0),
    ...(Array.isArray(inVain) ? inVain.map((replica) => inVainSentence(String(replica), to)) : []),
    ...outcomesOf(data),
    ...outcomesOf(returned),
    ...outcomesOf(unknownIn(others)),
  ];
}

/**
 * Of a flow's end: what each asset came to in the region that was left, and why it is over. `place`: the zone or region that it was about. `served`:
 * whether users are seen to be served when it is written.
 */
export function endSentences(facts: Facts, place: string, served = true): string[] {
  const { ended, closedAt, left, leftUntil, by, users, failed, why, ...assets } = facts;
  return [
    ...(typeof failed === 'string' ? [`${place} is watched no more: ${whyWords(failed, why)}.`] : []),
    ...(typeof by === 'string'
      ? [`The incident is about ${by} now.`]
      : typeof ended === 'string'
        ? [
            ended === 'recovered' && !served
              ? 'Nothing that Breakwater watches there fails any more.'
              : (endings[ended] ?? `The flow ended: ${ended}.`),
          ]
        : []),
    ...(typeof closedAt === 'number' ? [`The incident ended at ${clock(closedAt, closedAt)}.`] : []),
    ...(Array.isArray(left)
      ? trafficSentences(
          left.map(String),
          typeof leftUntil === 'number' ? leftUntil : null,
          ended === 'recovered',
          place,
        )
      : []),
    ...outcomesOf(assets),
  ];
}

/** Of a zone that was left: whether traffic is back. `left`: the assets of which a shift still stands; `until`: when the last one expires, if known. */
function trafficSentences(left: readonly string[], until: number | null, isOver: boolean, zone: string): string[] {
  if (left.length > 0)
    return [
      `Traffic of ${left.join(', ')} STAYS OUT of ${zone} until ${until === null ? 'the zonal shift expires' : `the zonal shift expires at ${day(until)}`}. To end it sooner: step 2 of docs/runbook.md#kept-out; no abort is needed.`,
    ];
  return isOver ? [`Traffic goes to ${zone} again: nothing keeps it out any more.`] : [];
}

const endings: Readonly<Record<string, string>> = {
  recovered: 'What had failed shows no failure any more.',
  superseded: 'The incident has moved on to something else.',
  escalated: 'The incident has got worse, and another flow acts.',
  'dry-run': 'This was a dry run.',
};

/** Once a zone is well again no traffic stays away from it. */
function returnedTraffic(assets: unknown): unknown {
  if (!isFacts(assets)) return assets;
  return Object.fromEntries(
    Object.entries(assets).filter(([, outcome]) => !(isFacts(outcome) && Array.isArray(outcome['shifted']))),
  );
}

/** Where the record could not be written, nobody knows more than why. */
function unrecorded(failed: string, why: unknown): string {
  return `What it came to is NOT in the record: ${whyWords(failed, why)}.`;
}

/** What a state that gave up ended with. */
function whyWords(failed: string, why: unknown): string {
  return typeof why === 'string' ? causeWords(why) : failed;
}

function costs(facts: Facts, served: boolean): string[] {
  const { recoverySeconds, inPartAt, approvalSeconds, executeSeconds, dataLossSeconds, predicted } = facts;
  const took = [
    ...(typeof approvalSeconds === 'number' ? [`The approval took ${formatSeconds(approvalSeconds)}.`] : []),
    ...(typeof executeSeconds === 'number' ? [`The execution took ${formatSeconds(executeSeconds)}.`] : []),
  ];
  const foreseen = isFacts(predicted) ? predicted : {};
  const { recoverySeconds: down, dataLossSeconds: lost } = foreseen;
  const forecast = [
    ...(typeof down === 'number' ? [`${formatSeconds(down)} without service`] : []),
    ...(typeof lost === 'number'
      ? [lost === 0 ? 'no loss of writes' : `a loss of ${formatSeconds(lost)} of writes`]
      : []),
  ].join(' and ');
  return [
    ...(typeof recoverySeconds === 'number' && typeof inPartAt === 'number'
      ? [
          `Users were served again at ${clock(inPartAt, inPartAt)}, before everything had left the zone. The whole recovery took ${formatSeconds(recoverySeconds)}${countedFrom(facts['countsFrom'])}.`,
        ]
      : []),
    ...(typeof recoverySeconds === 'number' && typeof inPartAt !== 'number' && served
      ? [recoverySentence(recoverySeconds, facts)]
      : []),
    ...('dataLossSeconds' in facts ? [lossSentence(dataLossSeconds, facts['unfenced'])] : []),
    ...took,
    ...(forecast === '' ? [] : [`Predicted: ${forecast}.`]),
  ];
}

/** What opened its own incident was started by a person while nothing had failed: users were not down since then. */
function recoverySentence(seconds: number, { countsFrom, startedAt }: Facts): string {
  const from = countsFromShape.safeParse(countsFrom).data;
  return from?.what === 'first-evidence' && from.at === startedAt
    ? `Users were served ${formatSeconds(seconds)} after the start of the flow at ${clock(from.at, from.at)}.`
    : `Users were down for ${formatSeconds(seconds)}${countedFrom(countsFrom)}.`;
}

/** From when on it counts; nothing where the record does not say so. */
function countedFrom(from: unknown): string {
  const { data } = countsFromShape.safeParse(from);
  return data === undefined ? '' : `, counted from ${fromWords(data)} at ${clock(data.at, data.at)}`;
}

/** What is not fenced may go on taking writes: those are missing beside what is lost. */
function lossSentence(seconds: unknown, unfenced: unknown): string {
  const open = Array.isArray(unfenced) ? unfenced.map(String).join(', ') : '';
  const more = open === '' ? '' : ` Beside that, all is missing that ${open} takes until it is fenced.`;
  if (typeof seconds !== 'number') return `How much data is lost is NOT KNOWN.${more}`;
  if (seconds === 0 && more === '') return 'No data was lost.';
  return `At most the last ${formatSeconds(seconds)} of writes${more === '' ? '' : ' before the move'} are lost.${more}`;
}

/** `stays`: whether a person has ended the watch that would have closed it. */
function unfencedSentences({ unfenced, fenced, to, mode }: Facts, stays: boolean): string[] {
  if (!Array.isArray(unfenced) || unfenced.length === 0) return [];
  // What a restore leaves alone is not fenced either, and is no part of this.
  const open = isFacts(fenced) ? Object.values(fenced).filter(isFacts).filter(isUnfenced) : [];
  const whys = open.flatMap(({ why }) => (typeof why === 'string' ? [why] : []));
  const why = whys.length === 0 ? '' : `: ${[...new Set(whys)].join('; ')}`;
  if (mode === 'restore')
    return [`The old database is NOT FENCED${why}. What is written to it is missing in the restored one.`];
  const missing = typeof to === 'string' ? ` What it still writes is missing in ${to}.` : '';
  const said = stays ? 'NOT FENCED: ' : 'NOT FENCED yet: ';
  return [`${said}${unfenced.map(String).join(', ')}${why}.${missing}`];
}

function inVainSentence(replica: string, to: unknown): string {
  const where = typeof to === 'string' ? ` in ${to}` : '';
  return `${replica}${where} was asked to take writes, failed, and may take them by now: nobody uses or closes it. See docs/runbook.md#after-a-restore.`;
}

function isUnfenced({ unfenced }: Facts): boolean {
  return Array.isArray(unfenced) && unfenced.length > 0;
}

/** What each asset came to, a line each. */
export function outcomesOf(assets: unknown): string[] {
  if (!isFacts(assets)) return [];
  return Object.entries(assets).flatMap(([name, outcome]) => {
    const words = outcomeWords(outcome);
    return words === '' ? [] : [`- ${name}: ${words}`];
  });
}

/** What one asset came to: what the verbs of its kind hand on (`functions/kinds`), in words. */
function outcomeWords(outcome: unknown): string {
  if (!isFacts(outcome)) return valueWords('', outcome);
  const { failed, why, held, leftAlone, skipped, by, stays, awayFrom, shifted, fenced } = outcome;
  if (typeof failed === 'string') return `FAILED: ${whyWords(failed, why)}`;
  if (typeof held === 'string') return `waits: ${held}`;
  if (typeof leftAlone === 'string') return `left as it is: ${leftAlone}`;
  if (outcome['dryRun'] === true && typeof outcome['wouldDo'] === 'string')
    return `in a real run: ${outcome['wouldDo']}`;
  if (skipped === true) return isLeftOpen(outcome) ? leftOpenWords(outcome) : `left out, signed by ${String(by)}`;
  if (Array.isArray(shifted)) return `traffic was moved away from ${String(awayFrom)}`;
  if (typeof fenced === 'boolean') return fenceWords(fenced, outcome);
  const { promoted, moved, zone, database, answers, parameters, consumers, tasks, seen } = outcome;
  if (outcome['restored'] === true) return restoredWords(outcome);
  if (typeof promoted === 'boolean') return `${promoted ? 'took over' : 'takes writes already'} (${String(database)})`;
  if (typeof outcome['empty'] === 'boolean' && typeof moved === 'boolean') return cacheWords(outcome);
  if (moved === true) return zone === undefined ? 'took over' : `moved to ${String(zone ?? 'another zone')}`;
  if (moved === false && typeof stays === 'string') return `not moved, because ${stays}`;
  if (moved === false && typeof zone === 'string') return `not moved, because it stands in ${zone}`;
  if (moved === false && zone === null) return 'not moved: it is not there';
  if (typeof answers === 'number') return clusterWords(outcome);
  if (isFacts(consumers)) return consumerWords(consumers, outcome);
  if (typeof tasks === 'number') return `runs ${tasks === 1 ? '1 task' : `${tasks} tasks`}`;
  if (isFacts(parameters)) return `${Object.keys(parameters).length} settings point to what took over`;
  if (typeof outcome['function'] === 'string' && seen !== undefined)
    return `done by the function ${outcome['function']}`;
  return Object.entries(outcome)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key} ${valueWords(key, value)}`)
    .join(', ');
}

/** Of the old region's, where a person has ended the watch that would have closed it. */
function leftOpenWords({ by, at, divergedFrom, consumers }: Facts): string {
  const signed = `, as ${String(by)} signed${typeof at === 'number' ? ` at ${clock(at, at)}` : ''}`;
  if (isFacts(consumers)) return `NOT off in the old region${signed}`;
  const since = typeof divergedFrom === 'number' ? `since ${clock(divergedFrom, divergedFrom)}` : 'since then';
  return `the old one is NOT FENCED${signed}. What it has taken ${since}, and takes from now on, the new one does not have`;
}

/** What a person types to end the fence watch of a region, and what that is signed with. */
export function unfencedPhrase(region: string): string {
  return `${region} stays unfenced`;
}

/** What of the old region nobody closes any more, by its name: a person has signed that it stays open. */
export function leftOpen(assets: Facts): string[] {
  return Object.entries(assets).flatMap(([name, one]) => (isFacts(one) && isLeftOpen(one) ? name : []));
}

/** Who leaves out one asset says why: it is deleted, or closed by hand. Who ends the watch has typed that all stays open. */
function isLeftOpen({ skipped, fenced, region, reason, divergedWrites }: Facts): boolean {
  const takesWrites = fenced === false && divergedWrites !== 0;
  return skipped === true && takesWrites && reason === unfencedPhrase(String(region));
}

function fenceWords(isFenced: boolean, { why, fencedAt, divergedWrites, consumers, stops }: Facts): string {
  const since = typeof fencedAt === 'number' ? ` since ${clock(fencedAt, fencedAt)}` : '';
  if (isFenced && isFacts(consumers)) return `off in the old region${since}${stillAtWork(why)}`;
  // What runs there holds no data: a person may leave it.
  if (typeof stops === 'string')
    return `its ${stops} in the old region ${isFenced ? `do not run any more${since}` : `run on: ${String(why)}`}`;
  if (!isFenced && isFacts(consumers)) return `NOT off in the old region${typeof why === 'string' ? `: ${why}` : ''}`;
  const said = isFenced ? 'the old one takes no writes any more' : 'the old one is NOT FENCED';
  const because = typeof why === 'string' ? `: ${why}` : '';
  const diverged =
    divergedWrites === null ? '. What it took until then, and the new one does not have, is not known' : '';
  return `${said}${since}${because}${diverged}`;
}

/** Of a database that was restored: with the data until when, and what differs from the plan. */
function restoredWords({ database, restoreTo, dataUntil, drift }: Facts): string {
  const until = [restoreTo, dataUntil].find((at) => typeof at === 'number');
  const data = typeof until === 'number' ? `, with the data until ${day(until)}` : '';
  return `restored as ${String(database)}${data}${differing(drift)}`;
}

/** Of a cache that takes over: whether it has its data. `moved`: this flow made it primary, or made it. */
function cacheWords({ cache, moved, empty, snapshot, why, differs }: Facts): string {
  const name = typeof cache === 'string' ? ` (${cache})` : '';
  const stands = `${empty === true ? 'takes over' : 'is the primary already'}${name}`;
  const age = isFacts(snapshot) ? snapshot['ageSeconds'] : undefined;
  const data = typeof age === 'number' ? `, with an export that was ${formatSeconds(age)} old` : '';
  const begins = empty === true ? `, and began empty${typeof why === 'string' ? `: ${why}` : ''}` : data;
  return `${moved === true ? 'took over' : stands}${begins}${differing(differs)}`;
}

/** Of a cluster that takes over: how it came to answer, and what it lacks. */
function clusterWords({ way, raised, deployments, notRaised, told }: Facts): string {
  return [
    way === 'rebuild' ? 'was rebuilt, and answers' : way === 'scale' ? 'was scaled up, and answers' : 'answers',
    ...(Array.isArray(raised) ? [`More nodes were asked for in ${raised.map(String).join(', ')}`] : []),
    ...(Array.isArray(deployments) ? [`Asked to run again: ${deployments.map(String).join(', ')}`] : []),
    ...(typeof notRaised === 'string' ? [`NOT asked to run: ${notRaised}`] : []),
    ...(Array.isArray(told) ? told.map(String) : []),
  ].join('. ');
}

function consumerWords(consumers: Facts, { wereOff, goesOn }: Facts): string {
  const count = Object.keys(consumers).length;
  const said = count === 1 ? '1 consumer is on' : `${count} consumers are on`;
  return `${said}${typeof wereOff === 'string' ? `. ${wereOff}` : ''}${stillAtWork(goesOn)}`;
}

/** What goes on after consumers were switched off. */
function stillAtWork(why: unknown): string {
  return typeof why === 'string' ? `. Still at work: ${why}` : '';
}

/** What was made, and is not as the plan has it. */
function differing(lines: unknown): string {
  return Array.isArray(lines) && lines.length > 0 ? `. It differs from the plan: ${lines.map(String).join('; ')}` : '';
}

/** Times are kept as milliseconds. */
function valueWords(name: string, value: unknown): string {
  if (typeof value === 'number' && /(At|Until|From|Since)$/.test(name)) return clock(value, value);
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((one) => valueWords('', one)).join(', ');
  if (isFacts(value))
    return Object.entries(value)
      .map(([key, one]) => `${key} ${valueWords(key, one)}`)
      .join(', ');
  return JSON.stringify(value) ?? 'not known';
}

/** What this file says nothing of by itself: seconds and flags of the record, which its report has, are left out. */
function unknownIn(rest: Facts): Facts {
  const told = [
    'from',
    'mode',
    'startedAt',
    'writesEndedAt',
    'predicted',
    'drill',
    'dryRun',
    'verified',
    'epoch',
    'undoes',
  ];
  return Object.fromEntries(
    Object.entries(rest).filter(([name, value]) => !told.includes(name) && !name.endsWith('Seconds') && value !== null),
  );
}

function isFacts(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
