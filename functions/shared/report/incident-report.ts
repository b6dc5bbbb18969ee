// The report of an incident of a deployment, from its record. What the record lacks is named as missing. Earlier incidents of the same level
// are compared with it.
import type { DrillRecord } from '../../domain/drills/record.ts';
import { tookWords, type UsersSeen } from '../../domain/record/users-seen.ts';
import { buildReport, incidentOf } from '../../domain/report/build.ts';
import { type Earlier, earlierOf, type Report } from '../../domain/report/facts.ts';
import { cameOf, type IncidentRecord, type MadeCall } from '../../domain/report/record.ts';
import { seenOfRun } from '../../domain/report/run.ts';
import type { Seen } from '../../domain/report/seen.ts';
import { isoOf } from '../../domain/report-page/times.ts';
import type { Incident } from '../../domain/types.ts';
import { levelWords, placeWords } from '../../domain/words/words.ts';
import { planHash } from '../approval/hash.ts';
import type { Shell } from '../shell.ts';
import { callsUnder, recordOf } from './incident-record.ts';

/** A deployment as its record was read. `gaps`: what could not be read, a sentence each. */
export type ReadFrom = Pick<Shell, 'plan' | 'prefix' | 'region' | 'account' | 'now'> & {
  readonly gaps: readonly string[];
};

/** `incidents`: all incidents of the record; some of them were open at the same time. */
export function reportOfIncident(record: IncidentRecord, from: ReadFrom, incidents: readonly Incident[]): Report {
  const { incident } = record;
  const { id, level, scope } = incident;
  const seen: Seen = {
    ...seenOnAws(
      from,
      incidents.filter((one) => isBeside(one, incident)),
    ),
    id,
    subject: levelWords(level),
    title: `${levelWords(level)} in ${placeWords(scope)}`,
    users: usersOf(record.users),
    orderedBy: orderedByIn(record),
  };
  return buildReport(record, seen, from.plan);
}

/** Who ordered what was done: by decisions, by requests to people, and by calls. Null if something ran and nobody knows who ordered it. */
function orderedByIn({ incident, asked, calls, steps }: IncidentRecord): string | null {
  const names = [
    ...incident.decisions.flatMap(({ execution }) => (execution === null ? [] : ['classify'])),
    ...asked.map(({ request }) => request.requestedBy),
    ...calls.map(({ actor }) => actor),
  ];
  const words = [...new Set(names)].map((name) =>
    name === 'classify' ? 'Breakwater itself, by its own decision' : name,
  );
  if (words.length > 0) return words.join('; ');
  return steps.length === 0 ? 'nobody: no flow was started' : null;
}

/** What a drill caused: the record of its incident, and the calls of the drill itself. `record`: null if there is none, or none that can be read. */
type Made = { readonly record: IncidentRecord | null; readonly calls: readonly MadeCall[] };
const nothingMade: Made = { record: null, calls: [] };

export function reportOfRun(run: DrillRecord, made: Made, from: ReadFrom, incidents: readonly Incident[]): Report {
  const { record, calls } = made;
  const others = record === null ? [] : incidents.filter((one) => isBeside(one, record.incident));
  const seen = { ...seenOnAws(from, others), ...seenOfRun(run, from.plan), ownCalls: calls };
  return buildReport(record, seen, from.plan);
}

/** Reads the record of a drill's incident first. */
export async function readRun(
  run: DrillRecord,
  shell: Pick<Shell, 'store' | 'plan'>,
  from: ReadFrom,
  incidents: readonly Incident[],
): Promise<Report> {
  const [record, calls] = await Promise.all([
    run.incident === null ? null : recordOf(run.incident, shell),
    callsUnder(run.execution, shell),
  ]);
  return reportOfRun(run, { record, calls }, from, incidents);
}

/** The runs of the same drill before one, oldest first. `pageOf`: the address of a report. */
export function earlierRuns(
  { name, execution, startedAt }: DrillRecord,
  runs: readonly DrillRecord[],
  from: ReadFrom,
  pageOf: (id: string) => string | null,
): Earlier[] {
  return runs
    .filter((one) => one.name === name && one.execution !== execution && one.startedAt < startedAt)
    .sort((a, b) => a.startedAt - b.startedAt)
    .slice(-mostEarlier)
    .map((one) => earlierOf(reportOfRun(one, nothingMade, from, []), pageOf(one.execution)));
}

function isBeside(one: Incident, other: Incident): boolean {
  const endOf = ({ closedAt }: Incident) => closedAt ?? Number.POSITIVE_INFINITY;
  return one.id !== other.id && one.openedAt <= endOf(other) && other.openedAt <= endOf(one);
}

/** What every report of a deployment says; null where nobody looked. */
function seenOnAws(from: ReadFrom, others: readonly Incident[]): Omit<Seen, 'id' | 'subject' | 'title' | 'orderedBy'> {
  const { prefix, account, region, plan, now, gaps } = from;
  return {
    run: null,
    source: 'record',
    environment: `The deployment ${prefix} in ${account === '' ? 'an account that is not known' : `account ${account}`}, from the record in ${region}.`,
    plan: planHash(plan),
    asOf: now(),
    why: null,
    faults: [],
    faultAt: null,
    zeroAt: null,
    firstSignalAt: null,
    missed: null,
    expectations: [],
    truth: null,
    ownCalls: [],
    steps: null,
    signals: [],
    served: null,
    messages: null,
    invariants: null,
    assets: null,
    absence: null,
    others: others.map(incidentOf),
    users: usersOf(null),
    cost: null,
    gaps: [...gaps],
  };
}

function usersOf(seen: UsersSeen | null): Report['users'] {
  const latency = tookWords(seen);
  if (seen === null)
    return {
      phases: [],
      how: 'The record has no availability. CloudWatch has each run of the canaries, for as long as it keeps them.',
      latency,
    };
  const silent = seen.silent.length === 0 ? '' : ` Nothing could be read from ${seen.silent.join(', ')}.`;
  return {
    phases: seen.phases.map(({ from, to, ...phase }) => ({
      ...{ ...phase, from: isoOf(from), to: isoOf(to), servedPercent: null },
    })),
    how: `Requests are the visits of the canaries in ${seen.regions.join(', ')}, counted each minute. A run passes if nine of ten visits succeed.${silent} The time for which users were served was not measured.`,
    latency,
  };
}

/** More reports would add nothing. */
const mostEarlier = 20;

/** The incidents of the same level before one, oldest first. `pageOf`: the address of a report. */
export async function earlierIncidents(
  { id, level, openedAt }: Incident,
  incidents: readonly Incident[],
  { store }: Pick<Shell, 'store'>,
  from: ReadFrom,
  pageOf: (id: string) => string | null,
): Promise<Earlier[]> {
  const before = incidents
    .filter((one) => one.level === level && one.id !== id && one.openedAt < openedAt)
    .sort((a, b) => a.openedAt - b.openedAt)
    .slice(-mostEarlier);
  return Promise.all(before.map(async (one) => earlierOf(await shortReport(one, store, from), pageOf(one.id))));
}

/** The part of a report that a list needs: verdict and numbers, without approvals and calls. */
export async function shortReport(incident: Incident, store: Shell['store'], from: ReadFrom): Promise<Report> {
  const steps = await store.readSteps(incident.id);
  const drill = steps.some(({ outcome }) => outcome['drill'] === true);
  const record = {
    incident,
    drill,
    asked: [],
    waivers: [],
    aborts: [],
    steps,
    calls: [],
    refused: [],
    came: cameOf(steps),
    comparisons: [],
    users: null,
  };
  return reportOfIncident(record, from, []);
}
