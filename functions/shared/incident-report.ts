// The report of an incident of a deployment: its record, and what the record lacks said as missing. Earlier incidents of the same
// level are set beside it.
import { buildReport, incidentOf } from '../domain/report/build.ts';
import { type Earlier, earlierOf, type Report } from '../domain/report/facts.ts';
import { cameOf, type IncidentRecord } from '../domain/report/record.ts';
import type { Seen } from '../domain/report/seen.ts';
import type { Incident } from '../domain/types.ts';
import { levelWords, placeWords } from '../domain/words.ts';
import { planHash } from './hash.ts';
import type { Shell } from './shell.ts';

/** A deployment as its record was read. `gaps`: what could not be read, a sentence each. */
export type ReadFrom = Pick<Shell, 'plan' | 'prefix' | 'region' | 'account' | 'now'> & {
  readonly gaps: readonly string[];
};

/** `incidents`: all of the record, of which some were open at the same time. */
export function reportOfIncident(record: IncidentRecord, from: ReadFrom, incidents: readonly Incident[]): Report {
  return buildReport(record, seenOnAws(record, from, incidents), from.plan);
}

function isBeside(one: Incident, other: Incident): boolean {
  const endOf = ({ closedAt }: Incident) => closedAt ?? Number.POSITIVE_INFINITY;
  return one.id !== other.id && one.openedAt <= endOf(other) && other.openedAt <= endOf(one);
}

function seenOnAws({ incident, asked, calls }: IncidentRecord, from: ReadFrom, incidents: readonly Incident[]): Seen {
  const { id, level, scope } = incident;
  const { prefix, account, region, plan, now, gaps } = from;
  const orderedBy = asked[0]?.request.requestedBy ?? calls[0]?.actor ?? null;
  return {
    id,
    subject: levelWords(level),
    title: `${levelWords(level)} in ${placeWords(scope)}`,
    source: 'record',
    environment: `The deployment ${prefix} in account ${account === '' ? 'that is not known' : account}, by its record as ${region} has it.`,
    plan: planHash(plan),
    asOf: now(),
    orderedBy: orderedBy === 'classify' ? 'Breakwater itself: what it decided starts flows' : orderedBy,
    why: null,
    faults: [],
    faultAt: null,
    firstSignalAt: null,
    missed: null,
    expectations: [],
    truth: null,
    steps: null,
    signals: [],
    served: null,
    messages: null,
    invariants: null,
    assets: null,
    absence: null,
    others: incidents.filter((one) => isBeside(one, incident)).map(incidentOf),
    users: {
      phases: [],
      how: 'The record holds no availability. The canaries in CloudWatch Synthetics have each run, for as long as they are kept.',
      latency: 'The record holds no latency; the metrics of the load balancer in CloudWatch do.',
    },
    cost: 'What the incident cost is not in the record. `npm run breakwater -- cost` says what one is expected to cost, and the bill what it did.',
    gaps: [...gaps],
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
    steps,
    calls: [],
    refused: [],
    came: cameOf(steps),
    comparisons: [],
  };
  return reportOfIncident(record, from, []);
}
