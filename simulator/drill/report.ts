// The facts of a drill's report: what the record of its main incident holds, as on AWS, and what only the simulator knows: the
// truth, every message in full, and when each step began. One seed, the same bytes.
import { rank } from '../../functions/domain/evidence/classify.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import {
  canaryMetrics,
  measuresTimes,
  tookWords,
  usersSeen,
  usualMs,
  type Visits,
} from '../../functions/domain/record/users-seen.ts';
import { buildReport, incidentOf } from '../../functions/domain/report/build.ts';
import type { Assumption, Phase, Report } from '../../functions/domain/report/facts.ts';
import type { Seen } from '../../functions/domain/report/seen.ts';
import { isoOf } from '../../functions/domain/report-page/times.ts';
import type { Signal } from '../../functions/domain/types.ts';
import { levelWords } from '../../functions/domain/words/words.ts';
import { planHash } from '../../functions/shared/approval/hash.ts';
import { recordOf } from '../../functions/shared/report/incident-record.ts';
import { passingShare } from '../../functions/shared/traffic/health.ts';
import type { Clock, Estate } from '../estate/types.ts';
import type { Way } from '../people/approvers.ts';
import type { Scenario } from '../playing/scenario.ts';
import { prefix } from '../stage.ts';
import type { World } from '../world.ts';
import type { Recorder } from './recorder.ts';
import type { DrillResult, Miss, Progress } from './result.ts';
import { isBad } from './signal-words.ts';

/** How the estate was while a drill ran. */
export type Observed = {
  /** The faults and the signals, in words. */
  readonly told: Progress[];
  /** Of the users' requests the share that succeeded, 0 to 1. */
  readonly ratios: { readonly at: number; readonly ratio: number }[];
  /** Where the assets stood at first. */
  readonly before: Report['assets'];
};

/** How often the share of the requests that succeed is looked at. */
const lookEveryMs = 10_000;

/** Watches an estate for a report. A look sets nothing going: with a report the drill is the same one. */
export function observeEstate(
  estate: Estate,
  clock: Clock & { watch(look: () => void, everyMs: number): void },
): Observed {
  const ratios: Observed['ratios'] = [];
  clock.watch(() => ratios.push({ at: clock.now(), ratio: estate.truth().successRatio }), lookEveryMs);
  const before = estate.truth().assets.map(({ name, kind, region, zone }) => ({
    name,
    kind,
    before: zone ?? region,
    after: null,
    serves: null,
  }));
  return { told: [], ratios, before };
}

export type Drilled = {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly world: World;
  readonly recorder: Recorder;
  readonly observed: Observed;
  readonly result: DrillResult;
  readonly misses: readonly Miss[];
  /** All that was missed, a line each. */
  readonly missed: readonly string[];
  readonly way: Way;
  /** Whether a person played it in another way than the scenario says: then its expectations were not looked at. */
  readonly differently: boolean;
  /** From when all times of the drill count, and when it ended. */
  readonly zeroAt: number;
  readonly faultAt: number | null;
  readonly endedAt: number;
};

export async function reportOfDrill(drilled: Drilled): Promise<Report> {
  const { plan, world, result } = drilled;
  const record = result.incident === null ? null : await recordOf(result.incident.id, { store: world.store, plan });
  return buildReport(record, seenIn(drilled), plan);
}

function seenIn(drilled: Drilled): Seen {
  const { scenario, plan, recorder, observed, result, missed, way, faultAt, endedAt } = drilled;
  const { scenario: name, seed, clocks, dataLoss } = result;
  const signals = observed.told.flatMap((one) =>
    one.kind === 'signal' && one.bad ? [{ at: one.at, text: one.text }] : [],
  );
  const firstBad = recorder.signals.find(({ at, signal }) => at >= drilled.zeroAt && isBad(signal))?.at ?? null;
  return {
    id: `${name}-${seed}`,
    subject: name,
    title: scenario.title,
    source: 'simulator',
    environment:
      'The simulator: a model of AWS in virtual time. Handlers and state machines are the real ones. AWS was not touched.',
    plan: planHash(plan),
    asOf: endedAt,
    run: null,
    ownCalls: [],
    orderedBy: null,
    why: whyThis(name, plan),
    faults: observed.told.flatMap((one) => (one.kind === 'fault' ? [one.text] : [])),
    zeroAt: drilled.zeroAt,
    faultAt,
    firstSignalAt: faultAt === null ? null : firstBad,
    missed: [...missed],
    expectations: expectationsOf(drilled),
    truth: {
      recoverySeconds: clocks.recoverySeconds,
      lossSeconds: dataLoss.actualSeconds,
      lostWrites: dataLoss.lostWrites,
      divergedWrites: dataLoss.divergedWrites,
    },
    steps: recorder.steps,
    signals,
    served: recorder.served,
    messages: recorder.messages.map(({ at, role, channel, subject, body }) => ({
      at: isoOf(at),
      role,
      channel,
      subject,
      body,
    })),
    invariants: result.invariants.map(({ id, held, detail }) => ({ id, held, detail: detail ?? null })),
    assets: observed.before.map((asset) => {
      const end = result.end.assets.find((one) => one.name === asset.name);
      return { ...asset, after: end === undefined ? null : (end.zone ?? end.region), serves: end?.serves ?? null };
    }),
    absence: absenceIn(way),
    others: [...recorder.incidents.values()]
      .filter(({ id }) => id !== result.incident?.id)
      .sort((a, b) => rank(b.level) - rank(a.level) || a.openedAt - b.openedAt)
      .map(incidentOf),
    users: usersOf(drilled),
    cost: 'Nothing: the simulator does not call AWS. `npm run cost` shows what an incident costs there.',
    gaps: [
      'The report does not say who ran this drill. Only the simulator evaluated it.',
      ...(faultAt === null ? ['This drill had no fault: times count from its beginning.'] : []),
    ],
  };
}

function whyThis(name: string, { drills }: Plan): string {
  const planned = drills.filter(({ scenario }) => scenario === name);
  if (planned.length === 0) return 'A person chose this drill. The plan does not ask for it.';
  return planned.map((one) => `The plan asks for it once a ${one.every}: "${one.name}".`).join(' ');
}

function absenceIn(way: Way): string {
  switch (way.kind) {
    case 'approve':
    case 'doubled':
    case 'split':
    case 'reject-once':
      return 'absent on purpose: enough others answer in this drill';
    case 'reject':
      return 'absent on purpose: in this drill one rejects';
    case 'never':
      return 'absent on purpose: in this drill nobody answers';
    case 'scanner':
      return 'absent on purpose: in this drill only mail scanners open the links';
    case 'ask':
      return 'asked on this machine, and did not answer';
  }
}

/** What the scenario expects, in sentences, and what became of it. */
function expectationsOf({ scenario, misses, differently, plan }: Drilled): Assumption[] {
  const { expect } = scenario;
  const told = expect.notified.flatMap((list) => plan.notifications[list]);
  const expected: readonly (readonly [what: string, misses: readonly string[]])[] = [
    ...(expect.level === undefined
      ? []
      : [[`It is recognised as ${levelWords(expect.level)}, level ${expect.level}`, ['level']] as const]),
    ...(expect.zone === undefined ? [] : [[`The failed zone is found: ${expect.zone}`, ['zone']] as const]),
    [
      expect.actions.length === 0 ? 'Nothing is decided' : `The decision is: ${expect.actions.join(', ')}`,
      ['actions', 'hold'],
    ],
    ...(expect.executions === undefined
      ? []
      : [[`Flows end as: ${expect.executions.join(', ') || 'none is started'}`, ['executions']] as const]),
    [`Users are ${expect.served ? '' : 'not '}served at the end`, ['served']],
    ...(expect.usersRegion === undefined
      ? []
      : [[`Users are in ${expect.usersRegion} at the end`, ['users']] as const]),
    ...(expect.mutations === 'none' ? [['Nothing is changed', ['mutations']] as const] : []),
    ...(told.length === 0
      ? []
      : [[`${[...new Set(told)].join(', ')} are told`, told.map((role) => `message to ${role}`)] as const]),
  ];
  const known = new Set(expected.flatMap(([, whats]) => whats));
  const others = misses.filter(({ what }) => !known.has(what));
  if (differently)
    return [
      {
        what: 'All that the scenario expects',
        state: 'not-tested',
        why: 'a person played the drill in another way than the scenario',
      },
      ...others.map(brokenBy),
    ];
  return [
    ...expected.map(([what, whats]): Assumption => {
      const miss = misses.find((one) => whats.includes(one.what));
      return miss === undefined
        ? { what, state: 'held', why: 'as the scenario expects' }
        : { what, state: 'broken', why: `expected ${miss.expected}, was ${miss.was}` };
    }),
    ...others.map(brokenBy),
  ];
}

function brokenBy({ what, expected, was }: Miss): Assumption {
  return { what: `${what}: ${expected}`, state: 'broken', why: `was ${was}` };
}

/** How users fared before the fault, until they were served again, and after that. */
function usersOf({ plan, world, recorder, observed, result, zeroAt, endedAt }: Drilled): Report['users'] {
  const began = observed.ratios[0]?.at ?? zeroAt;
  const { recoverySeconds } = result.clocks;
  const servedAt = recoverySeconds === null ? endedAt : zeroAt + recoverySeconds * 1000;
  const seen = usersSeen(
    visitsIn(world.estate, plan, zeroAt, endedAt),
    { from: zeroAt, servedAt, closedAt: endedAt },
    passingShare,
  );
  const stretches = [
    ['before', began, zeroAt],
    ['during', zeroAt, servedAt],
    ['after', servedAt, endedAt],
  ] as const;
  return {
    phases: stretches
      .filter(([, from, to]) => to > from)
      .map(([phase, from, to]) => ({
        ...phaseOf(phase, from, to, recorder, observed),
        took: seen.phases.find((one) => one.phase === phase)?.took ?? null,
      })),
    how: 'Time served: users count as served in each second in which most requests succeed. Requests: the share that succeeds, measured each 10 s. Canaries: their runs in all regions.',
    latency: `${tookWords(seen)} ${latencyWords(recorder.signals)}`,
  };
}

/** What the canaries of all regions have told CloudWatch, as the report of an incident reads it. */
function visitsIn({ metrics }: Estate, { roles }: Plan, from: number, to: number): Visits {
  const minuteMs = 60_000;
  const first = Math.ceil((from - usualMs) / minuteMs) * minuteMs;
  const minutes = Array.from({ length: Math.ceil((to - first) / minuteMs) }, (_, index) => first + index * minuteMs);
  const read = (region: string, name: string, stat: string) =>
    minutes.flatMap((minute) => {
      const metric = { namespace: prefix, name, dimensions: { Observer: region }, stat };
      const { at, value } = metrics.read(region, metric, minute, 60);
      return value === null ? [] : [{ at, value }];
    });
  const regions = [roles.primary, roles.standby, ...roles.observers].map((region) => [
    region,
    {
      shares: read(region, canaryMetrics.share, 'Average'),
      times: measuresTimes(region, roles)
        ? {
            medians: read(region, canaryMetrics.seconds, 'p50'),
            slowest: read(region, canaryMetrics.seconds, 'Maximum'),
          }
        : null,
    },
  ]);
  return Object.fromEntries(regions);
}

function phaseOf(
  phase: Phase['phase'],
  from: number,
  to: number,
  { served, signals }: Recorder,
  { ratios }: Observed,
): Omit<Phase, 'took'> {
  const within = ({ at }: { readonly at: number }) => at >= from && at < to;
  const isServed = (at: number) => served.findLast((change) => change.at <= at)?.served ?? true;
  const edges = [from, ...served.filter(within).map(({ at }) => at), to];
  const servedMs = edges.slice(1).reduce((sum, edge, index) => {
    const start = edges[index] ?? from;
    return sum + (isServed(start) ? edge - start : 0);
  }, 0);
  const seen = ratios.filter(within);
  const runs = signals.flatMap(({ at, signal }) =>
    within({ at }) && signal.kind === 'canary-run' ? [signal.passed] : [],
  );
  return {
    phase,
    from: isoOf(from),
    to: isoOf(to),
    servedPercent: percent(servedMs / (to - from)),
    requestsPercent: seen.length === 0 ? null : percent(seen.reduce((sum, { ratio }) => sum + ratio, 0) / seen.length),
    runs: { passed: runs.filter((passed) => passed).length, failed: runs.filter((passed) => !passed).length },
  };
}

function percent(share: number): number {
  return Number((share * 100).toFixed(2));
}

/** Of each latency alarm that went off, its highest value: what the balancer measures of the zones. */
function latencyWords(signals: readonly { readonly signal: Signal }[]): string {
  const highest = new Map<string, number | null>();
  for (const { signal } of signals) {
    if (signal.kind !== 'component' || signal.measure !== 'latency' || signal.condition !== 'failing') continue;
    const name = `${signal.component}${signal.zone === null ? '' : ` in ${signal.zone}`}`;
    highest.set(name, Math.max(highest.get(name) ?? 0, signal.value ?? 0) || null);
  }
  if (highest.size === 0) return 'No alarm on latency went off.';
  const told = [...highest].map(([name, value]) => `${name}${value === null ? '' : ` at ${value}`}`);
  return `Alarms on latency went off: ${told.join('; ')}.`;
}
