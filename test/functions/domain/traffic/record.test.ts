// Which records a change can move to another region, and what people read of those that it cannot.
import { describe, expect, test } from 'vitest';
import {
  changedRecordReady,
  type HealthCheckSeen,
  isSurelyApex,
  latchRecordReady,
  type RecordSeen,
  recordReady,
  recordSeen,
  type SetSeen,
} from '../../../../functions/domain/traffic/record.ts';
import { plan } from '../../../plan.ts';

const named = { record: 'api.example.com', hostedZone: 'Z1' };
const cname: SetSeen = { type: 'CNAME', isAlias: false, policy: null, trafficPolicy: null };
const simple: RecordSeen = { zone: 'example.com.', isPrivate: false, managedBy: null, sets: [cname] };
const sets = (...all: readonly Partial<SetSeen>[]): RecordSeen => ({
  ...simple,
  sets: all.map((one) => ({ ...cname, ...one })),
});
const fix = '; a changed record is a simple CNAME: make it one, or set redirection.mode: latch';

test.for([
  ['a simple CNAME', simple],
  ['a simple CNAME, whatever the zone is written like', { ...simple, zone: 'EXAMPLE.com' }],
  ['a simple CNAME in a zone further up', { ...simple, zone: 'com' }],
] as const)('%s can be changed', ([, seen]) => {
  const why = 'api.example.com is a simple CNAME, which can be changed';
  expect(recordReady(seen, named)).toEqual({ state: 'ready', why });
  expect(recordSeen(seen, named)).toEqual({ obstacles: [], merits: [why] });
});

test.for<[string, RecordSeen | null, string]>([
  ['no zone', null, 'hosted zone Z1 is not there: name the public zone of api.example.com'],
  [
    'the zone of another name',
    { ...simple, zone: 'ample.com.', sets: [] },
    'hosted zone Z1 is that of ample.com: name the public zone of api.example.com',
  ],
  [
    'a private zone',
    { ...simple, isPrivate: true },
    'hosted zone Z1 is private: name the public zone of api.example.com',
  ],
  [
    'the zone of a service',
    { ...simple, managedBy: 'servicediscovery.amazonaws.com' },
    'hosted zone Z1 is changed by servicediscovery.amazonaws.com alone: name the public zone of api.example.com',
  ],
  [
    'the apex, whatever stands there',
    { ...sets({ type: 'NS' }, { type: 'SOA' }), zone: 'api.example.com.' },
    `api.example.com is the apex of its zone, where no CNAME may be${fix}`,
  ],
  ['nothing', sets(), `api.example.com is not there, so that users do not go by it${fix}`],
  ['an alias', sets({ type: 'AAAA', isAlias: true }), `api.example.com is an alias of type AAAA${fix}`],
  ['an alias to a CNAME', sets({ isAlias: true }), `api.example.com is an alias of type CNAME${fix}`],
  ['an address', sets({ type: 'A' }), `api.example.com is a record of type A${fix}`],
  [
    'a weighted pair',
    sets({ policy: 'weighted' }, { policy: 'weighted' }),
    `api.example.com is one of 2 weighted sets${fix}`,
  ],
  [
    'a weighted alias, whose policy is said',
    sets({ type: 'A', isAlias: true, policy: 'weighted' }),
    `api.example.com is one of 1 weighted sets${fix}`,
  ],
  ['a policy that is not known', sets({ policy: 'other' }), `api.example.com is one of 1 other sets${fix}`],
  [
    'a traffic policy',
    sets({ policy: 'weighted', trafficPolicy: 'tp-1' }),
    `api.example.com belongs to traffic policy instance tp-1${fix}`,
  ],
])('%s cannot, and one line says why and what to do', ([, seen, why]) => {
  expect(recordReady(seen, named)).toEqual({ state: 'not-ready', why });
  expect(recordSeen(seen, named)).toEqual({ obstacles: [why], merits: [] });
  expect(why).not.toContain('\n');
});

test.for([
  ['example.com', true],
  ['api.example.com', false],
  ['example.co.uk', false], // it may be, and only Route 53 knows
] as const)('whether %s is surely an apex: %s', ([record, isApex]) => {
  expect(isSurelyApex(record)).toBe(isApex);
});

describe('a record that follows latches', () => {
  const latch = (region: string, at: string): HealthCheckSeen => ({
    id: `${region}-${at}`,
    host: `chatops-latch-${at}.s3.${at}.amazonaws.com`,
    path: `/latch/${region}`,
    ...{ inverted: true, disabled: false, children: null, threshold: 0 },
  });
  const all = (region: string, ...children: string[]): HealthCheckSeen => ({
    ...{ id: region, host: '', path: '', inverted: false, disabled: false, children, threshold: children.length },
  });
  const of = (region: string, other: string) => [
    latch(region, other),
    latch(region, 'us-east-2'),
    all(region, `${region}-${other}`, `${region}-us-east-2`),
  ];
  const checks = [...of('us-east-1', 'us-west-2'), ...of('us-west-2', 'us-east-1')];
  const pair: SetSeen[] = [
    { ...cname, policy: 'failover', failover: 'PRIMARY', healthCheck: 'us-east-1' },
    { ...cname, policy: 'failover', failover: 'SECONDARY', healthCheck: 'us-west-2' },
  ];
  const seen: RecordSeen = { zone: 'chatops.example.com.', isPrivate: false, managedBy: null, sets: pair };
  const changed = (id: string, change: Partial<HealthCheckSeen>) =>
    checks.map((one) => (one.id === id ? { ...one, ...change } : one));
  const [first, second] = pair as [SetSeen, SetSeen];

  test('is ready, as a pair of names or of aliases for both kinds of addresses', () => {
    const ready = { state: 'ready', why: 'api.chatops.example.com follows the latches of us-east-1 and us-west-2' };
    expect(latchRecordReady(seen, checks, plan)).toEqual(ready);
    const aliases = ['A', 'AAAA'].flatMap((type) => pair.map((set) => ({ ...set, type, isAlias: true })));
    expect(latchRecordReady({ ...seen, sets: aliases }, checks, plan)).toEqual(ready);
  });

  test.for<[string, Partial<SetSeen>, Partial<SetSeen>, string | null]>([
    [
      'the plan’s names',
      { to: ['us-east-1.api.chatops.example.com.'] },
      { to: ['US-WEST-2.api.chatops.example.com'] },
      null,
    ],
    [
      'balancers of both regions',
      { to: ['x.us-east-1.elb.amazonaws.com'] },
      { to: ['elb.us-west-2.amazonaws.com.'] },
      null,
    ],
    ['an alias that names no region', { to: ['d1.cloudfront.net'], isAlias: true }, {}, null],
    [
      'the other region',
      { to: ['us-west-2.api.chatops.example.com'] },
      {},
      'its PRIMARY set leads to us-west-2.api.chatops.example.com, and not to us-east-1.api.chatops.example.com, where us-east-1 answers',
    ],
    [
      'an alias of the other region',
      {},
      { to: ['dualstack.x.us-east-1.elb.amazonaws.com.'], isAlias: true },
      'its SECONDARY set leads to dualstack.x.us-east-1.elb.amazonaws.com, and not to us-west-2.api.chatops.example.com, where us-west-2 answers',
    ],
    [
      'a name that nobody knows',
      {},
      { to: ['old.example.com'] },
      'its SECONDARY set leads to old.example.com, and not to us-west-2.api.chatops.example.com, where us-west-2 answers',
    ],
  ])('that leads to %s', ([, primary, secondary, why]) => {
    const sets = [
      { ...first, ...primary },
      { ...second, ...secondary },
    ];
    const verdict = latchRecordReady({ ...seen, sets }, checks, plan);
    expect(verdict.state).toBe(why === null ? 'ready' : 'not-ready');
    if (why !== null) expect(verdict.why).toBe(`api.chatops.example.com: ${why}`);
  });

  test.for([
    ['us-east-1', 'us-east-1', 'ready'],
    ['us-west-2', 'us-east-1', 'not-ready'],
    ['us-west-2', 'us-west-2', 'ready'],
    ['us-west-2', null, 'ready'],
  ] as const)('a record that is changed and leads to %s, where %s serves: %s', ([to, serving, state]) => {
    const sets = [{ ...cname, to: [`${to}.api.chatops.example.com`] }];
    expect(changedRecordReady({ ...seen, sets }, plan, serving).state).toBe(state);
  });

  test.for<[string, RecordSeen | null, readonly HealthCheckSeen[], RegExp]>([
    ['no zone', null, checks, /^hosted zone \S+ is not there/],
    ['a private zone', { ...seen, isPrivate: true }, checks, /is private/],
    [
      'a simple record',
      { ...seen, sets: [cname] },
      checks,
      /no PRIMARY set.*no SECONDARY set, which leads to us-west-2$/,
    ],
    [
      'a set without a health check',
      { ...seen, sets: [{ ...cname, policy: 'failover', failover: 'PRIMARY' }, second] },
      checks,
      /: its PRIMARY set follows no health check, so that the latch of us-east-1 moves nobody$/,
    ],
    ['health checks that are gone', seen, [], /health check us-east-1 of its PRIMARY set is not there/],
    [
      'the health check of the other region',
      { ...seen, sets: [{ ...first, healthCheck: 'us-west-2' }, second] },
      checks,
      /health check us-west-2 does not look at the latch of us-east-1 in chatops-latch-us-west-2/,
    ],
    [
      'one bucket that nobody looks at',
      seen,
      changed('us-east-1', { children: ['us-east-1-us-west-2'], threshold: 1 }),
      /^\S+ health check us-east-1 does not look at the latch of us-east-1 in chatops-latch-us-east-2$/,
    ],
    ['one that is not inverted', seen, changed('us-west-2-us-east-2', { inverted: false }), /is not inverted/],
    [
      'one that is disabled',
      seen,
      changed('us-west-2-us-east-2', { disabled: true }),
      /us-west-2-us-east-2 is disabled/,
    ],
    ['the sum of them disabled', seen, changed('us-east-1', { disabled: true }), /check us-east-1 is disabled/],
    ['the sum of them inverted', seen, changed('us-east-1', { inverted: true }), /check us-east-1 is inverted/],
    [
      'one of two that is enough',
      seen,
      changed('us-east-1', { threshold: 1 }),
      /passes while 1 of its 2 checks do, expected all/,
    ],
  ])('is not ready with %s', ([, record, looks, why]) => {
    expect(latchRecordReady(record, looks, plan)).toEqual({ state: 'not-ready', why: expect.stringMatching(why) });
  });

  const record = 'api.chatops.example.com';
  const changedTo = (sets: Partial<SetSeen>[], of = plan, serving: string | null = 'us-east-1') =>
    changedRecordReady({ ...seen, sets: sets.map((set) => ({ ...cname, ...set })) }, of, serving);
  const [own, othersHost] = ['us-east-1.api.chatops.example.com', 'us-west-2.api.chatops.example.com'];
  const { regionalHealthUrls: _, ...service } = plan.service;
  const hostless = { ...plan, service: { ...service, regionalHealthUrls: {} } };

  test('that is changed and leads elsewhere is told with all that it leads to', () => {
    expect(changedTo([{ to: [own, `${othersHost}.`, 'OLD.example.com'] }])).toEqual({
      ...{ state: 'not-ready' },
      why: `${record} leads to ${othersHost} and old.example.com, and not to ${own}, where us-east-1 answers`,
    });
    expect(changedTo([{ to: [othersHost] }, { to: ['old.example.com'] }]).why).toBe(
      `${record} leads to ${othersHost}, and not to ${own}, where us-east-1 answers, leads to old.example.com, and not to ${own}, where us-east-1 answers`,
    );
    expect(changedTo([{}]).state).toBe('ready');
  });

  test('that cannot be changed is told so, wherever it leads', () => {
    const why = `${record} is a record of type A; a changed record is a simple CNAME: make it one, or set redirection.mode: latch`;
    expect(changedTo([{ type: 'A', to: [othersHost] }])).toEqual({ state: 'not-ready', why });
    expect(changedRecordReady(null, plan, 'us-east-1').why).toMatch(/is not there/);
    expect(changedTo([{ to: [othersHost] }], plan, null).state).toBe('ready');
  });

  test('of a region whose own name the plan does not say: only another region’s is wrong', () => {
    expect(changedTo([{ to: ['old.example.com'] }], hostless).state).toBe('ready');
    expect(changedTo([{ to: ['x.us-east-1.elb.amazonaws.com'] }], hostless).state).toBe('ready');
    expect(changedTo([{ to: ['x.us-west-2.elb.amazonaws.com'] }], hostless).why).toBe(
      `${record} leads to x.us-west-2.elb.amazonaws.com, and not to us-east-1, where us-east-1 answers`,
    );
  });

  const told = (looks: readonly HealthCheckSeen[], sets = pair) => latchRecordReady({ ...seen, sets }, looks, plan).why;

  test('is told all that is wrong with both of its sets', () => {
    expect(told([])).toBe(
      `${record}: health check us-east-1 of its PRIMARY set is not there; health check us-west-2 of its SECONDARY set is not there`,
    );
    expect(latchRecordReady(null, checks, plan).why).toBe(
      `hosted zone ${plan.redirection.hostedZone} is not there: name the public zone of ${record}`,
    );
  });

  test('has to look at the latch of its own region, in each bucket', () => {
    const path = '/latch/us-west-2';
    expect(told(changed('us-east-1-us-west-2', { path }))).toBe(
      `${record}: health check us-east-1 does not look at the latch of us-east-1 in chatops-latch-us-west-2`,
    );
    expect(told(changed('us-east-1-us-west-2', { host: 'CHATOPS-LATCH-US-WEST-2.s3.amazonaws.com' }))).toContain(
      'follows',
    );
  });

  test('may follow one check alone, which looks at one bucket, and is judged as itself', () => {
    const single = (change: Partial<HealthCheckSeen>) => {
      const sets = [{ ...first, healthCheck: 'us-east-1-us-west-2' }, second];
      return told(changed('us-east-1-us-west-2', change), sets);
    };
    const rest = `health check us-east-1-us-west-2 does not look at the latch of us-east-1 in chatops-latch-us-east-2`;
    expect(single({})).toBe(`${record}: ${rest}`);
    expect(single({ disabled: true })).toBe(
      `${record}: health check us-east-1-us-west-2 is disabled, and counts as healthy; ${rest}`,
    );
    expect(single({ inverted: false })).toBe(
      `${record}: health check us-east-1-us-west-2 is not inverted: it passes while the latch of us-east-1 is closed; ${rest}`,
    );
  });
});
