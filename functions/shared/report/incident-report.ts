// The report of an incident of a deployment: its record, and what the record lacks said as missing. Earlier incidents of the same
// level are set beside it.
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

/** `incidents`: all of the record, of which some were open at the same time. */
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

/** Whoever had something done, in order: by what was decided, by requests to people, and by calls. Null where something ran and nobody is known. */
function orderedByIn({ incident, asked, calls, steps }: IncidentRecord): string | null {
  const names = [
    ...incident.decisions.flatMap(({ execution }) => (execution === null ? [] : ['classify'])),
    ...asked.map(({ request }) => request.requestedBy),
    ...calls.map(({ actor }) => actor),
  ];
  const words = [...new Set(names)].map((name) =>
    name === 'classify' ? 'Breakwater itself: what it decided starts flows' : name,
  );
  if (words.length > 0) return words.join('; ');
  return steps.length === 0 ? 'nobody: no flow was started' : null;
}

/** What a drill made: the record of its incident, null where it made none, or none that can be read; and the calls of the drill itself. */
type Made = { readonly record: IncidentRecord | null; readonly calls: readonly MadeCall[] };
const nothingMade: Made = { record: null, calls: [] };

export function reportOfRun(run: DrillRecord, made: Made, from: ReadFrom, incidents: readonly Incident[]): Report {
  const { record, calls } = made;
  const others = record === null ? [] : incidents.filter((one) => isBeside(one, record.incident));
  const seen = { ...seenOnAws(from, others), ...seenOfRun(run, from.plan), ownCalls: calls };
  return buildReport(record, seen, from.plan);
}

/** The same, with what the record has of it. */
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

/** What nobody looked at, and what every report of a deployment says. */
function seenOnAws(from: ReadFrom, others: readonly Incident[]): Omit<Seen, 'id' | 'subject' | 'title' | 'orderedBy'> {
  const { prefix, account, region, plan, now, gaps } = from;
  return {
    run: null,
    source: 'record',
    environment: `The deployment ${prefix} in account ${account === '' ? 'that is not known' : account}, by its record as ${region} has it.`,
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
      how: 'The record holds no availability. The canaries in CloudWatch have each run, for as long as they are kept.',
      latency,
    };
  const silent = seen.silent.length === 0 ? '' : ` Of ${seen.silent.join(', ')} nothing could be read.`;
  return {
    phases: seen.phases.map(({ from, to, ...phase }) => ({
      ...{ ...phase, from: isoOf(from), to: isoOf(to), servedPercent: null },
    })),
    how: `Requests: the visits of the canaries in ${seen.regions.join(', ')}, each minute; a run passes with nine visits of ten.${silent} For how long users were served was not measured.`,
    latency,
  };
}

/** More of them would say no more. */
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

/** What a list says of an incident: its verdict and numbers, without who was asked and what was called. */
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
