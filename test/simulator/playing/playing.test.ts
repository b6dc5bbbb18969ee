// Scenarios are played with whatever plan there is: in its names, without what it does not have, or not at all and with a reason.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parsePlan } from '../../../check/plan.ts';
import type { AssetOf } from '../../../functions/domain/plan/assets.ts';
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import type { Fault } from '../../../simulator/estate/types.ts';
import { NotPlayable, playing } from '../../../simulator/playing/playing.ts';
import { faultSchema, readScenario, scenarioNames } from '../../../simulator/playing/scenario.ts';
import { changing, withRebuild } from '../../assets.ts';
import { plan } from '../../plan.ts';
import { shipped } from '../../shipped.ts';

/** The plan of the tests, whose cluster has deployments of the plan's: a drill ends a pod of one. */
const scaled = withRebuild(plan);

/** The plan of the tests somewhere else, for another application. */
const elsewhere: Plan = parsePlan(
  JSON.parse(
    JSON.stringify(scaled)
      .replaceAll('us-east-1', 'eu-central-1')
      .replaceAll('us-west-2', 'ca-central-1')
      .replaceAll('use1-', 'euc1-')
      .replaceAll('usw2-', 'cac1-')
      .replaceAll('us[ew]\\\\d', '[a-z]{3}\\\\d')
      .replaceAll('chatops', 'shop')
      .replaceAll('on-call', 'nurse'),
  ),
);
const without = (...kinds: Plan['assets'][number]['kind'][]): Plan => ({
  ...plan,
  assets: plan.assets.filter(({ kind }) => !kinds.includes(kind)),
});
const faulty = (fault: Partial<Fault> & Pick<Fault, 'kind'>) => [
  { atSeconds: 0, fault: { id: 'beside', ...fault } as Fault },
];

function whyNot(name: string, base: Plan, faults: ReturnType<typeof faulty> = []): string {
  try {
    playing(name, base, faults);
  } catch (error) {
    if (error instanceof NotPlayable) return error.message;
    throw error;
  }
  return '';
}

test('no scenario names a zone, a person or anything of AWS, and only what depends on AWS itself a region', () => {
  const names = [
    ...Object.keys(plan.contacts),
    // Its values: the keys are words of every plan.
    ...plan.assets.flatMap((asset) =>
      'regions' in asset ? JSON.stringify(asset.regions).match(/(?<=")[\w/-]{6,}(?="(?!:))/g) : [],
    ),
    plan.application,
  ];
  const kinds = new RegExp(plan.assets.map(({ kind }) => kind).join('|'), 'g');
  const named = scenarioNames().flatMap((name) => {
    const text = readFileSync(new URL(`../../../simulator/scenarios/${name}.yml`, import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .join('\n')
      .replaceAll(kinds, '');
    const found = [...(text.match(/\b[a-z]{2}(-[a-z]+)+-\d\b|\b[a-z]{3,4}\d-az\d\b/g) ?? [])];
    const shown = names.filter((one) => one !== null && text.includes(one));
    return [...new Set([...found, ...shown])].map((one) => `${name}: ${one}`);
  });
  expect(named.toSorted()).toEqual(['region-outage-record-change: us-east-1']);
});

describe('a scenario in the names of another plan', () => {
  test.for(scenarioNames())('%s speaks of that plan alone', (name) => {
    const { primary } = readScenario(name);
    if (primary !== undefined) return expect(whyNot(name, elsewhere)).toContain('it needs us-east-1 to be primary');
    const { scenario } = playing(name, elsewhere);
    const words = JSON.stringify({ ...scenario, title: '', plan: {} }).replaceAll(/"id":"\w+"/g, '');
    expect(words).not.toMatch(/us-east-1|us-west-2|us[ew]\d-az|chatops|on-call/);
    expect(words).not.toMatch(/"(primary|standby|(standby )?zone \d|the writer's zone|latch in \w+|observer \d)"/);
    return expect(playing(name, scaled).plan).toMatchObject({ roles: plan.roles });
  });

  test('a fault, what was done before, a start by hand and what is expected are all filled', () => {
    expect(playing('second-zone', elsewhere).scenario).toMatchObject({
      faults: [{ fault: { zone: 'euc1-az1' } }, { fault: { zone: 'euc1-az2' } }],
      expect: { zone: 'euc1-az2' },
    });
    expect(playing('cooldown', elsewhere).scenario.before.actedSecondsAgo).toEqual({ 'eu-central-1/euc1-az1': 1800 });
    expect(playing('manual-switchover', elsewhere).scenario).toMatchObject({
      manual: { target: { region: 'eu-central-1' }, expectedEpoch: 1 },
      expect: { usersRegion: 'ca-central-1', databaseRegion: 'ca-central-1' },
    });
    expect(playing('region-partition', elsewhere).scenario.faults[0]?.fault).toMatchObject({
      between: ['eu-central-1', 'ca-central-1'],
    });
  });

  test('alarms that a plan does not read are no storm', () => {
    const { signals } = plan;
    const alarms = signals.alarms.map((rule) => ({ ...rule, match: rule.match.replace('worker', 'queue') }));
    expect(whyNot('alarm-storm', plan)).toBe('');
    expect(whyNot('alarm-storm', { ...plan, signals: { ...signals, alarms } })).toContain(
      'no alarm in signals.alarms is about worker',
    );
  });

  test('an answer that is too late comes half an hour after the request has expired', () => {
    const patient = { ...plan, approval: { ...plan.approval, expirySeconds: 5400 } };
    expect(playing('approval-too-late', plan).scenario.approve).toBe('after=5400s');
    expect(playing('approval-too-late', patient).scenario.approve).toBe('after=7200s');
  });

  test('times are parts of what the plan allows, and some more', () => {
    const stricter = { ...plan, objectives: { rtoSeconds: 7200, rpoSeconds: 900, mttrSeconds: 3600 } };
    const times = (base: Plan) => ({
      stopped: playing('replica-broken', base).scenario.faults.map(({ atSeconds }) => atSeconds),
      dark: playing('region-outage-record-change', base).scenario.faults.map(({ fault }) => fault.forSeconds),
      redriven: playing('region-outage-record-change', base).scenario.operator.map(({ atSeconds }) => atSeconds),
    });
    expect(times(plan)).toEqual({ stopped: [0, 0, 1200], dark: [4500], redriven: [4800] });
    expect(times(stricter)).toEqual({ stopped: [0, 0, 300], dark: [2700], redriven: [3000] });
  });

  test('what an engine does differently is expected of a plan with that engine', () => {
    // What PostgreSQL is restored as is nothing for another engine.
    const { regions: placed = {} } = plan.assets.find(({ kind }) => kind === 'rds-instance') as AssetOf<'rds-instance'>;
    const regions = Object.fromEntries(
      Object.entries(placed).map(([region, { restore: _, ...place }]) => [region, place] as const),
    );
    const unrestored = { regions, backups: undefined };
    const actionsOf = (engine: 'postgres' | 'mysql') =>
      playing('replica-broken', changing('rds-instance', plan, { ...unrestored, engine })).scenario.expect.actions;
    expect(actionsOf('postgres')).toEqual(['notify', 'notify', 'notify', 'notify', 'request-approval']);
    expect(actionsOf('mysql')).toEqual(['notify', 'request-approval']);
  });

  test('what a scenario changes about an asset is changed about that asset alone', () => {
    const changed = playing('cache-moves', plan).plan;
    expect(changed).toEqual(changing('elasticache', plan, { globalDatastore: null }));
  });
});

describe('a plan without some assets', () => {
  test.for([
    ['database-failover', 'rds-instance'],
    ['replica-broken', 'rds-instance'],
    ['standby-also-bad', 'rds-instance'],
    ['promote-fails', 'rds-instance'],
    ['step-fails', 'rds-instance'],
    ['two-zones', 'rds-instance'],
    ['approval-outgrown', 'rds-instance'],
    ['cache-failover', 'elasticache'],
    ['flapping', 'elasticache'],
    ['pod-crash', 'eks-cluster'],
    ['node-loss', 'eks-cluster'],
  ] as const)('%s is not played without %s, which is said', ([name, kind]) => {
    expect(whyNot(name, plan)).toBe('');
    expect(whyNot(name, without(kind, 'ssm-parameters'))).toBe(
      `scenario ${name} cannot be played with this plan: it needs ${kind}, of which the plan has none`,
    );
  });

  test('a change to a cache that is not there is no scenario either', () => {
    expect(whyNot('cache-moves', without('elasticache', 'ssm-parameters'))).toBe(
      'scenario cache-moves cannot be played with this plan: plan.assets is "cache 1", which the plan does not have',
    );
  });

  test('nothing is expected of a database or a cache that is not there, and the rest stays', () => {
    const lean = without('rds-instance', 'elasticache', 'ssm-parameters');
    const zone = playing('az-outage', lean).scenario.expect;
    expect(Object.keys(zone)).not.toEqual(expect.arrayContaining(['databaseMoved']));
    expect(Object.keys(zone)).not.toEqual(expect.arrayContaining(['cacheMoved']));
    expect(zone).toMatchObject({ level: 2, zone: 'use1-az1', actions: ['az-failover'], mutations: 'some' });
    const region = playing('region-returns', lean).scenario.expect;
    for (const key of ['databaseRegion', 'lostWrites', 'divergedWrites']) expect(region).not.toHaveProperty(key);
    expect(region).toMatchObject({ usersRegion: 'us-west-2', requests: 1 });
    const uncached = playing('az-outage', without('elasticache', 'ssm-parameters')).scenario.expect;
    expect(uncached).toMatchObject({ databaseMoved: true });
    expect(uncached).not.toHaveProperty('cacheMoved');
  });

  test.for([
    ['rds-instance', /database|replica|promot|restor|\bwrites\b|diverged|\brows\b|backup/i],
    ['elasticache', /cache/i],
    ['eks-cluster', /\bcluster of|no cluster|\bpod\b|\bnode\b|terraform/i],
    ['load-balancer', /traffic|balancer/i],
    ['ssm-parameters', /parameter|settings/i],
  ] as const)('no title and no expected word names %s where the scenario is played without it', ([kind, named]) => {
    const parameters = kind === 'ssm-parameters' ? [] : (['ssm-parameters'] as const); // they name the others
    const played = scenarioNames().filter((name) => whyNot(name, without(kind, ...parameters)) === '');
    expect(played.length).toBeGreaterThan(20);
    const naming = played.filter((name) => {
      const { title, expect: wanted } = readScenario(name);
      return named.test([title, ...wanted.told, ...wanted.said].join('\n'));
    });
    expect(naming).toEqual([]);
  });

  test.for([
    ['a zone', { kind: 'zone-power', zone: 'zone 9' }, 'faults.0.fault.zone is "zone 9"'],
    ['an observer', { kind: 'canary-broken', observer: 'observer 3' }, 'faults.0.fault.observer is "observer 3"'],
    ['a region', { kind: 'region-dark', region: 'eu-north-1' }, 'faults.0.fault.region is "eu-north-1"'],
    ['one end', { kind: 'partition', between: ['primary', 'observer 7'] }, 'faults.0.fault.between is "observer 7"'],
    ['a database', { kind: 'database-stuck', instance: 'database 2' }, 'faults.0.fault.instance is "database 2"'],
    ['a cache', { kind: 'cache-status', group: 'cache 2', status: 'creating' }, 'faults.0.fault.group is "cache 2"'],
    ['a bucket', { kind: 'bucket-lost', bucket: 'latch in primary' }, 'faults.0.fault.bucket is "latch in primary"'],
  ] as const)('%s that it lacks is one line', ([, fault, line]) => {
    expect(whyNot('calm', plan, faulty(fault as Fault))).toBe(
      `scenario calm cannot be played with this plan: ${line}, which the plan does not have`,
    );
  });
});

test('what is about latches is not played where a changed record moves users', () => {
  const changing = { ...plan, redirection: { ...plan.redirection, mode: 'record-change' as const } };
  expect(whyNot('latch-not-readable', plan)).toBe('');
  expect(whyNot('latch-not-readable', changing)).toMatch(
    /: it is about latches, and the plan moves users by a changed/,
  );
});

test('what is no word is refused when the scenario is read, at its path', () => {
  const { error } = faultSchema.safeParse({ id: 'a', kind: 'zone-power', zone: 'zoen 1' });
  expect(error?.issues).toMatchObject([
    { path: ['zone'], message: expect.stringContaining("zone 1, standby zone 1, the writer's zone") },
  ]);
  const endless = faultSchema.safeParse({ id: 'a', kind: 'region-dark', forSeconds: 'half of rto' });
  expect(endless.error?.issues).toMatchObject([
    { path: ['forSeconds'], message: 'a part of rto or rpo such as 5/8 * rto + 300' },
  ]);
});

test('the drills that a plan names can be played with it, also those of the shipped plan', () => {
  const unplayable = [plan, shipped].flatMap((one) => one.drills.map(({ scenario }) => whyNot(scenario, one)));
  expect(unplayable.filter((why) => why !== '')).toEqual([]);
  expect(plan.drills.map(({ scenario }) => scenario)).toContain('region-outage');
});
