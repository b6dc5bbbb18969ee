// Histories made by chance: what fails, what only looks as if it did, what is announced, and what is lost on its way. One seed, one
// history. What a history comes to is not known here: its label is read from the estate afterwards.
import { assetsOf, type Kind } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { alarmCatalogue } from '../estate/alarms/alarm-catalogue.ts';
import { between, createRandom, type Random } from '../estate/chance/random.ts';
import { cacheStatuses } from '../estate/elasticache/cache.ts';
import { zonesOf } from '../estate/faults/faults.ts';
import { databaseStatuses } from '../estate/rds-instance/database-status.ts';
import type { Fault } from '../estate/types.ts';
import type { Scenario } from '../playing/scenario.ts';
import { nodesOf } from './labels.ts';

export type History = {
  readonly seed: number;
  readonly scenario: Scenario;
  /** What planned work strikes, as labels call it, in seconds as the scenario counts them. */
  readonly work: readonly { readonly thing: string; readonly fromSeconds: number; readonly untilSeconds: number }[];
};

/** A part of a history: faults in seconds after its beginning, and which things planned work struck. */
export type Part = {
  readonly faults: readonly Timed[];
  readonly struck?: readonly string[];
};
type Timed = { readonly after: number; readonly fault: Unnamed<Fault> };
export type Unnamed<F> = F extends unknown ? Omit<F, 'id'> : never;

export type Draw = {
  readonly random: Random;
  readonly plan: Plan;
  readonly pick: <One>(some: readonly One[]) => One;
  readonly happens: (share: number) => boolean;
  /** Short times as often as long ones: each doubling is as likely as the one before. */
  readonly seconds: (least: number, most: number) => number;
};
export type Maker = { readonly weight: number; readonly needs?: Kind; readonly make: (draw: Draw) => Part };

/** Parts begin within so many seconds, so that a history stays short. */
const spreadSeconds = 300;
/** What is decided about the last beginning, and the last end, is waited for. */
const afterBeginningSeconds = 480;
const afterEndSeconds = 360;
const longestSeconds = 1_500;

/** What fails. */
export const failures: readonly Maker[] = [
  { weight: 6, make: (draw) => lone(zoneFault(draw, zoneOf(draw))) },
  { weight: 3, make: secondZone },
  { weight: 1, make: everyZone },
  { weight: 4, make: (draw) => lone({ kind: 'region-dark', ...for_(draw.seconds(20, 1_200)) }) },
  { weight: 0.5, make: outsideDark },
  { weight: 1, make: (draw) => lone({ kind: 'region-dark', region: 'standby', ...for_(draw.seconds(60, 900)) }) },
  { weight: 1.5, make: regionThenZone },
  { weight: 2, make: isolated },
  { weight: 2, make: oneWay },
  { weight: 3, make: controlPlanes },
  {
    weight: 1,
    needs: 'rds-instance',
    make: ({ plan, pick }) => lone({ kind: 'database-crash', asset: one('rds-instance', plan, pick) }),
  },
  { weight: 2, needs: 'rds-instance', make: databaseStatus },
  {
    weight: 0.5,
    needs: 'rds-instance',
    make: (draw) =>
      lone({
        kind: 'database-stuck',
        asset: one('rds-instance', draw.plan, draw.pick),
        ...for_(draw.seconds(60, 900)),
      }),
  },
  {
    weight: 1,
    needs: 'rds-instance',
    make: (draw) =>
      lone({
        kind: 'replica-broken',
        asset: one('rds-instance', draw.plan, draw.pick),
        ...for_(draw.seconds(60, 900)),
      }),
  },
  { weight: 1, needs: 'elasticache', make: (draw) => lone(cacheNode(draw)) },
  {
    weight: 1,
    needs: 'elasticache',
    make: (draw) =>
      lone({
        kind: 'cache-status',
        status: draw.pick(cacheStatuses),
        asset: one('elasticache', draw.plan, draw.pick),
        ...for_(draw.seconds(60, 900)),
      }),
  },
  { weight: 1, needs: 'rds-instance', make: (draw) => lone(slowStore('database-slow', 'rds-instance', draw)) },
  { weight: 1, needs: 'elasticache', make: (draw) => lone(slowStore('cache-slow', 'elasticache', draw)) },
  { weight: 2, needs: 'eks-cluster', make: nodes },
  { weight: 1, needs: 'eks-cluster', make: pods },
  {
    weight: 2,
    make: (draw) =>
      lone({
        kind: 'bad-release',
        ...for_(draw.seconds(60, 900)),
        ...(draw.happens(0.2) ? { region: 'standby' } : {}),
      }),
  },
  {
    weight: 0.5,
    needs: 'rds-instance',
    make: (draw) => lone({ kind: 'standby-bad', ...for_(draw.seconds(120, 900)) }),
  },
];

/** What is announced: work that breaks what it says, work that breaks nothing, and releases. */
export const announcements: readonly Maker[] = [
  { weight: 3, make: window },
  { weight: 3, make: plannedWork },
  { weight: 2, make: ({ happens }) => lone({ kind: 'release', ...(happens(0.2) ? { region: 'standby' } : {}) }) },
];

/** What looks like a failure and is none, and instruments that fail. */
export const noises: readonly Maker[] = [
  { weight: 2, make: storm },
  { weight: 2, make: flapping },
  { weight: 1, make: deletedAlarms },
  {
    weight: 2,
    make: (draw) =>
      lone({ kind: 'canary-broken', observer: draw.pick(draw.plan.roles.observers), ...for_(draw.seconds(30, 900)) }),
  },
  { weight: 2, make: silenced },
  {
    weight: 2,
    make: (draw) =>
      lone({
        kind: 'telemetry-loss',
        ...for_(draw.seconds(60, 900)),
        ...(draw.happens(0.2) ? { region: 'standby' } : {}),
      }),
  },
  { weight: 1, make: (draw) => lone({ kind: 'autoshift', zone: zoneOf(draw), ...for_(draw.seconds(120, 900)) }) },
  { weight: 0.5, make: (draw) => lone({ kind: 'practice-run', zone: zoneOf(draw) }) },
  { weight: 1, needs: 'rds-instance', make: (draw) => lone({ kind: 'writer-idle', ...for_(draw.seconds(60, 900)) }) },
];

/** What happens to what is told and to those who read it. */
export const losses: readonly Maker[] = [
  { weight: 4, make: messageFault },
  { weight: 2, make: crashes },
  {
    weight: 1,
    make: (draw) =>
      lone({ kind: 'stale-reads', service: 'cloudwatch', operation: 'DescribeAlarms', ...for_(draw.seconds(60, 900)) }),
  },
  { weight: 3, make: failingCalls },
];

/** The history of a seed. */
export function historyOf(seed: number, plan: Plan): History {
  const draw = drawWith(createRandom(seed ^ 0x5eed), plan);
  const { random } = draw;
  const counts: [readonly Maker[], number][] = [
    [failures, draw.pick([0, 1, 1, 1, 1, 2, 2, 3])],
    [announcements, draw.pick([0, 0, 0, 1])],
    [noises, draw.pick([0, 0, 0, 1, 1, 2])],
    [losses, draw.pick([0, 0, 1, 1])],
  ];
  const chosen = counts.flatMap(([makers, count]) => Array.from({ length: count }, () => drawn(makers, draw)));
  const parts = chosen.map(({ make }) => ({
    at: draw.happens(0.5) ? 0 : Math.round(between(random, 0, spreadSeconds)),
    ...make(draw),
  }));
  const faults = parts
    .flatMap(({ at, faults: some }) => some.map(({ after, fault }) => ({ atSeconds: at + after, fault })))
    .toSorted((a, b) => a.atSeconds - b.atSeconds)
    .map(({ atSeconds, fault }, index) => ({
      atSeconds,
      fault: { ...fault, id: `${fault.kind} ${index + 1}` } as Fault,
    }));
  const work = parts.flatMap(workOf);
  const ends = faults.flatMap(({ atSeconds, fault }) => [
    atSeconds + afterBeginningSeconds,
    ...(fault.forSeconds === undefined ? [] : [atSeconds + fault.forSeconds + afterEndSeconds]),
  ]);
  const withinSeconds = Math.min(longestSeconds, Math.max(afterBeginningSeconds, ...ends));
  return { seed, scenario: scenarioOf(faults, withinSeconds), work };
}

/** What the planned work of a part strikes, from its beginning to its end. */
export function workOf({ at, faults, struck = [] }: Part & { readonly at: number }): History['work'] {
  return struck.map((thing) => ({ thing, fromSeconds: at, untilSeconds: at + Math.max(...faults.map(endOf)) }));
}

/** What a history is drawn with. */
export function drawWith(random: Random, plan: Plan): Draw {
  return {
    random,
    plan,
    pick: (some) => some[Math.floor(random() * some.length)] as (typeof some)[number],
    happens: (share) => random() < share,
    seconds: (least, most) => Math.round(least * (most / least) ** random()),
  };
}

/** Nobody answers: what is judged is what was decided. */
function scenarioOf(faults: Scenario['faults'], withinSeconds: number): Scenario {
  return {
    title: 'made by chance',
    plan: {},
    needs: [],
    restores: false,
    watchSeconds: 0,
    before: { actedSecondsAgo: {} },
    faults,
    operator: [],
    approve: 'never',
    manualAfterSeconds: 60,
    withinSeconds,
    endsOpen: true,
    expect: { level: 0, actions: [], failedSteps: [], served: true, told: [], said: [], notified: [] },
    expectOf: {},
  };
}

export function drawn(makers: readonly Maker[], { random, plan }: Draw): Maker {
  const possible = makers.filter(({ needs }) => needs === undefined || assetsOf(needs, plan).length > 0);
  let left = random() * possible.reduce((sum, { weight }) => sum + weight, 0);
  const found = possible.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return found ?? (possible[0] as Maker);
}

/** What planned work has done ends with it, or in the minutes that AWS takes to mend what it broke. */
function endOf({ after, fault }: Timed): number {
  return after + (fault.forSeconds ?? 300);
}

export function lone(fault: Unnamed<Fault>): Part {
  return { faults: [{ after: 0, fault }] };
}

export function for_(forSeconds: number): { readonly forSeconds: number } {
  return { forSeconds };
}

export function one(kind: Kind, plan: Plan, pick: Draw['pick']): string {
  return pick(assetsOf(kind, plan)).name;
}

/** Mostly of the region where users are. */
function zoneOf({ plan, pick, happens }: Draw): string {
  return pick(zonesOf(plan, happens(0.9) ? plan.roles.primary : plan.roles.standby));
}

/** A zone that is impaired or without power, for a moment or to the end. */
function zoneFault({ pick, happens, seconds }: Draw, zone: string): Unnamed<Fault> {
  const lasts = happens(0.3) ? {} : for_(seconds(20, 1_200));
  return { kind: pick(['zone-impaired', 'zone-power'] as const), zone, ...lasts };
}

/** A region from which the service is only watched. */
function outsideDark({ plan, pick, seconds }: Draw): Part {
  const { witness, observers } = plan.roles;
  return lone({ kind: 'region-dark', region: pick([witness, ...observers]), ...for_(seconds(60, 900)) });
}

function slowStore(
  kind: 'database-slow' | 'cache-slow',
  asset: Kind,
  { plan, pick, happens, seconds }: Draw,
): Unnamed<Fault> {
  return { kind, asset: one(asset, plan, pick), ...(happens(0.3) ? {} : for_(seconds(60, 900))) };
}

/** Two zones, at once or one after the other. */
function secondZone(draw: Draw): Part {
  const { plan, pick, happens, random } = draw;
  const zones = zonesOf(plan, plan.roles.primary);
  const first = pick(zones);
  const others = zones.filter((zone) => zone !== first);
  const later = happens(0.3) ? 0 : Math.round(between(random, 10, 300));
  const faults = [{ after: 0, fault: zoneFault(draw, first) }];
  if (others.length > 0) faults.push({ after: later, fault: zoneFault(draw, pick(others)) });
  return { faults };
}

/** The whole region stumbles, zone by zone. */
function everyZone({ plan, pick, seconds, random }: Draw): Part {
  const kind = pick(['zone-impaired', 'zone-power'] as const);
  const faults = zonesOf(plan, plan.roles.primary).map((zone) => ({
    after: Math.round(between(random, 0, 20)),
    fault: { kind, zone, ...for_(seconds(20, 600)) },
  }));
  return { faults };
}

/** A region is dark, and comes back without one of its zones. */
function regionThenZone(draw: Draw): Part {
  const { plan, pick, seconds } = draw;
  const dark = seconds(60, 420);
  const zone = pick(zonesOf(plan, plan.roles.primary));
  return {
    faults: [
      { after: 0, fault: { kind: 'region-dark', ...for_(dark) } },
      {
        after: 0,
        fault: { kind: pick(['zone-impaired', 'zone-power'] as const), zone, ...for_(dark + seconds(60, 1_200)) },
      },
    ],
  };
}

/** The primary region is cut off from all others, or from some of them, both ways or one. */
function isolated({ plan, happens, pick, seconds }: Draw): Part {
  const { primary, standby, witness, observers } = plan.roles;
  const oneWay = happens(0.4) ? { oneWay: true } : {};
  const outward = happens(0.5);
  const lasts = for_(seconds(30, 1_200));
  const missing = pick([0, 0, 0.2, 0.4]);
  const cut = [standby, witness, ...observers].filter(() => !happens(missing));
  return {
    faults: cut.map((place) => ({
      after: 0,
      fault: { kind: 'partition', between: outward ? [primary, place] : [place, primary], ...oneWay, ...lasts },
    })),
  };
}

function oneWay({ plan, pick, happens, seconds }: Draw): Part {
  const { primary, standby, witness, observers } = plan.roles;
  const places = [primary, standby, witness, ...observers];
  const from = pick(places);
  const to = pick(places.filter((place) => place !== from));
  return lone({
    kind: 'partition',
    between: [from, to],
    ...(happens(0.5) ? { oneWay: true } : {}),
    ...for_(seconds(30, 1_200)),
  });
}

/** What answers for a hard dependency, as clients call it. */
export function clientOf(dependency: string): string {
  return dependency === 'elb' ? 'elastic-load-balancing-v2' : dependency;
}

/** Control planes of some services, or of all, refuse every call for a while. */
function controlPlanes({ plan, pick, happens, seconds }: Draw): Part {
  const { hard } = plan.dependencies;
  const share = pick([0.2, 0.5, 1]);
  const struck = hard.filter(() => happens(share));
  const error = pick(['internal', 'throttle', 'timeout'] as const);
  const region = happens(0.8) ? plan.roles.primary : plan.roles.standby;
  const lasts = for_(seconds(60, 900));
  return {
    faults: struck.map((service) => ({
      after: 0,
      fault: { kind: 'api-failure', service: clientOf(service), operation: '*', error, region, ...lasts },
    })),
  };
}

function databaseStatus({ plan, pick, happens, seconds }: Draw): Part {
  // Half of them of those that cost users something.
  const status = happens(0.5)
    ? pick(['storage-full', 'failed', 'maintenance', 'upgrading', 'stopped'] as const)
    : pick(databaseStatuses);
  return lone({ kind: 'database-status', status, asset: one('rds-instance', plan, pick), ...for_(seconds(30, 1_200)) });
}

function cacheNode({ plan, pick, happens }: Draw): Unnamed<Fault> {
  const asset = one('elasticache', plan, pick);
  return { kind: 'cache-node-loss', asset, ...(happens(0.5) ? { zone: pick(zonesOf(plan, plan.roles.primary)) } : {}) };
}

/** Nodes, all of one zone or wherever they are. */
function nodes(draw: Draw): Part {
  const { happens, pick, random } = draw;
  const zone = zoneOf(draw);
  const inOne = happens(0.6);
  const count = pick([1, 1, 2, 3]);
  return {
    faults: Array.from({ length: count }, (_, index) => ({
      after: index === 0 ? 0 : Math.round(between(random, 0, 120)),
      fault: { kind: 'node-loss', zone: inOne ? zone : zoneOf(draw) },
    })),
  };
}

function pods(draw: Draw): Part {
  const { pick, random } = draw;
  return {
    faults: Array.from({ length: pick([1, 2, 4, 8]) }, () => ({
      after: Math.round(between(random, 0, 90)),
      fault: { kind: 'pod-crash', zone: zoneOf(draw) },
    })),
  };
}

/** Work is announced on anything, and does nothing that is felt. */
function window({ plan, pick, happens, seconds }: Draw): Part {
  const places = [...Object.keys(plan.regions[plan.roles.primary]?.zones ?? {}), plan.roles.primary, 'all'];
  const targets = [pick([...plan.infrastructureComponents, ...plan.explanations.release.components, ...places])];
  const planned = happens(0.8) ? { plannedMinutes: pick([5, 15, 45, 240]) } : {};
  return lone({ kind: 'maintenance', targets, ...planned, ...for_(seconds(60, 1_200)) });
}

/** Work is announced on what it then breaks. */
function plannedWork(draw: Draw): Part {
  const { pick, happens, seconds } = draw;
  const lasts = seconds(60, 900);
  const { target, struck, faults } = pick(worksOn(draw, lasts));
  const announced: Timed = {
    after: 0,
    fault: {
      kind: 'maintenance',
      targets: [target],
      ...(happens(0.8) ? { plannedMinutes: pick([5, 15, 45]) } : {}),
      ...for_(lasts + 60),
    },
  };
  return {
    faults: [announced, ...faults.map((fault, index) => ({ after: 20 + index * 60, fault }))],
    struck: [struck],
  };
}

type PlannedWork = { readonly target: string; readonly struck: string; readonly faults: readonly Unnamed<Fault>[] };

/** A zone's network, a database that is failed over or upgraded, a cache whose node is exchanged, a zone's nodes one after another. */
function worksOn({ plan, pick }: Draw, lasts: number): PlannedWork[] {
  const zone = pick(zonesOf(plan, plan.roles.primary));
  const status = pick(['maintenance', 'upgrading'] as const);
  return [
    { target: zone, struck: zone, faults: [{ kind: 'zone-impaired', zone, ...for_(lasts) }] },
    ...assetsOf('rds-instance', plan).flatMap(({ name }): PlannedWork[] => [
      { target: name, struck: name, faults: [{ kind: 'database-crash', asset: name }] },
      { target: name, struck: name, faults: [{ kind: 'database-status', status, asset: name, ...for_(lasts) }] },
    ]),
    ...assetsOf('elasticache', plan).map(
      ({ name }): PlannedWork => ({ target: name, struck: name, faults: [{ kind: 'cache-node-loss', asset: name }] }),
    ),
    ...assetsOf('eks-cluster', plan).map(
      ({ name }): PlannedWork => ({
        target: name,
        struck: nodesOf(zone),
        faults: [1, 2, 3].map(() => ({ kind: 'node-loss', zone })),
      }),
    ),
  ];
}

function storm({ plan, pick, happens, seconds }: Draw): Part {
  const component = pick([...plan.explanations.release.components, ...plan.infrastructureComponents]);
  const zone = happens(0.5) ? { zone: pick(zonesOf(plan, plan.roles.primary)) } : {};
  return lone({ kind: 'alarm-storm', component, count: seconds(2, 300), ...zone, ...for_(seconds(60, 900)) });
}

function alarmNames({ plan }: Draw): string[] {
  const { primary } = plan.roles;
  return alarmCatalogue(plan).flatMap(({ name, region }) => (region === primary ? [name] : []));
}

function flapping(draw: Draw): Part {
  const { pick, seconds } = draw;
  return {
    faults: Array.from({ length: pick([1, 1, 2, 3]) }, () => ({
      after: 0,
      fault: {
        kind: 'alarm-flapping',
        alarm: pick(alarmNames(draw)),
        everySeconds: seconds(30, 240),
        ...for_(seconds(120, 900)),
      },
    })),
  };
}

function deletedAlarms(draw: Draw): Part {
  const { happens, pick, seconds } = draw;
  const share = pick([0.05, 0.3, 1]);
  const lasts = happens(0.5) ? for_(seconds(60, 900)) : {};
  const faults = alarmNames(draw)
    .filter(() => happens(share))
    .map((alarm): Timed => ({ after: 0, fault: { kind: 'alarm-deleted', alarm, ...lasts } }));
  return { faults };
}

/** Who tells of health does not run: nothing is heard from it. */
function silenced({ plan, pick, seconds }: Draw): Part {
  const { primary, standby, observers } = plan.roles;
  const [name, region] = pick([
    ['send-heartbeat', primary],
    ['send-heartbeat', standby],
    ['probe-dependencies', standby],
    ['probe-dependencies', primary],
    ...observers.map((observer) => ['run-canary', observer] as const),
  ] as const);
  return lone({ kind: 'function-crash', function: name, when: 'before', region, ...for_(seconds(60, 900)) });
}

function messageFault({ plan, pick, happens, seconds }: Draw): Part {
  const effect = pick(['lost', 'late', 'doubled'] as const);
  const late = effect === 'late' ? { lateSeconds: seconds(10, 300) } : {};
  const region = happens(0.5) ? { region: pick([plan.roles.primary, plan.roles.standby]) } : {};
  const often = happens(0.5) ? { after: seconds(1, 60), times: seconds(1, 100) } : {};
  const what = pick(['event', 'event', 'message', 'notification'] as const);
  return lone({ kind: 'message-fault', what, effect, ...late, ...region, ...often, ...for_(seconds(60, 600)) });
}

function crashes({ plan, pick, happens, seconds }: Draw): Part {
  const name = pick(['classify', 'sweep', 'notify']);
  const when = pick(['before', 'after'] as const);
  const region = happens(0.5) ? { region: pick([plan.roles.primary, plan.roles.standby]) } : {};
  return lone({ kind: 'function-crash', function: name, when, times: seconds(1, 12), ...region });
}

function failingCalls({ plan, pick, happens, seconds }: Draw): Part {
  const [service, operation] = pick([
    ['cloudwatch', 'DescribeAlarms'],
    ['cloudwatch', 'PutMetricData'],
    ['eventbridge', 'PutEvents'],
    ['dynamodb', '*'],
    ['sns', 'Publish'],
    ['sqs', '*'],
    ['sfn', 'StartExecution'],
  ] as const);
  const region = happens(0.7) ? { region: pick([plan.roles.primary, plan.roles.standby]) } : {};
  const error = pick(['throttle', 'internal', 'timeout', 'timeout-after-acting'] as const);
  return lone({ kind: 'api-failure', service, operation, error, ...region, ...for_(seconds(20, 400)) });
}
