// What counts as ready for a takeover: each check, and that what is not known never does.
import { describe, expect, test } from 'vitest';
import {
  approvalPageReady,
  approvalReady,
  type CheckResult,
  contactsReady,
  drillsReady,
  latchesReadable,
  latchesReady,
  notReady,
  type Readiness,
  readinessChecks,
  readinessLost,
  ready,
  shiftReady,
  sinceBefore,
  smsReady,
  stateTableReady,
  unread,
  worst,
} from '../../../../functions/domain/recovery/readiness.ts';
import { unknownRoles } from '../../../../functions/domain/types.ts';
import { clusterReady } from '../../../../functions/kinds/eks-cluster/rules/assess.ts';
import { cacheMemberReady, emptyCacheReady } from '../../../../functions/kinds/elasticache/rules/assess.ts';
import { lagReady, replicaReady } from '../../../../functions/kinds/rds-instance/rules/assess.ts';
import { plan } from '../../../plan.ts';
import { start } from '../../setting.ts';

const replica = { status: 'available', replicaOf: 'chatops-prod', replicating: true, multiAz: true };
const multiAz = { multiAz: true, writer: 'chatops-prod' };
const member = { group: 'chatops-redis-dr', region: 'us-west-2', primary: false, status: 'associated' };
const warm = { cluster: 'chatops-dr', warm: true };
const roles = { primary: 'us-east-1', epoch: 1 };
const latch = { bucket: 'chatops-latch-us-west-2', region: 'us-east-1', closed: false };
const reading = { bucket: latch.bucket, status: 200 };
const lag = (lagSeconds: number | null, secondsAgo = 60) =>
  lagReady({ at: start - secondsAgo * 1000, lagSeconds }, plan, start);
const cache = (change: object) => cacheMemberReady('chatops-redis-dr', 'us-west-2', [{ ...member, ...change }]);

test.for<[string, () => CheckResult, CheckResult['state'], RegExp]>([
  ['a replica that replicates', () => replicaReady('dr', replica, multiAz), 'ready', /replicates$/],
  [
    'a replica of a database that was restored elsewhere',
    () => replicaReady('dr', replica, { ...multiAz, writer: 'chatops-prod-restored' }),
    'not-ready',
    /made anew/,
  ],
  ['a replica that is gone', () => replicaReady('dr', null, multiAz), 'not-ready', /does not exist/],
  [
    'a replica that is a writer',
    () => replicaReady('dr', { ...replica, replicaOf: null }, multiAz),
    'not-ready',
    /no replica: it has no source/,
  ],
  [
    'a replica that is backed up',
    () => replicaReady('dr', { ...replica, status: 'backing-up' }, multiAz),
    'ready',
    /replicates$/,
  ],
  [
    'a replica whose disk is full',
    () => replicaReady('dr', { ...replica, status: 'storage-full' }, multiAz),
    'not-ready',
    /full/,
  ],
  [
    'a replica that is stopped',
    () => replicaReady('dr', { ...replica, status: 'stopped' }, multiAz),
    'not-ready',
    /is stopped/,
  ],
  [
    'a replica whose replication stopped',
    () => replicaReady('dr', { ...replica, replicating: false }, multiAz),
    'not-ready',
    /stopped/,
  ],
  [
    'a replica in one zone, which the plan promises to be in two',
    () => replicaReady('dr', { ...replica, multiAz: false }, multiAz),
    'not-ready',
    /no standby in another zone/,
  ],
  [
    'a replica in one zone, as the plan says',
    () => replicaReady('dr', { ...replica, multiAz: false }, { ...multiAz, multiAz: false }),
    'ready',
    /replicates$/,
  ],
  [
    'a replica RDS says too little of',
    () => replicaReady('dr', { ...replica, replicating: null }, multiAz),
    'unknown',
    /not say/,
  ],
  ['a small lag', () => lag(2), 'ready', /replica lag: 2 s \(RPO: 1 h\)/],
  ['no lag', () => lag(0), 'ready', /replica lag: 0 s/],
  ['a lag of the RPO', () => lag(3600), 'not-ready', /replica lag: 1 h/],
  ['a lag that the metric does not know', () => lag(null), 'not-ready', /not known/],
  ['a lag that is old', () => lag(2, 301), 'unknown', /no lag was measured/],
  ['a lag that was never measured', () => lagReady(null, plan, start), 'unknown', /no lag was measured/],
  ['a member of the global datastore', () => cache({}), 'ready', /associated/],
  ['a member that leaves it', () => cache({ status: 'disassociating' }), 'not-ready', /disassociating/],
  ['a member of another region', () => cache({ region: 'us-east-1' }), 'not-ready', /no member/],
  ['a datastore that does not exist', () => cacheMemberReady('a', 'b', null), 'not-ready', /does not exist/],
  ['an empty cache that stands', () => emptyCacheReady('a', { status: 'available' }), 'ready', /stands/],
  ['an empty cache that is being made', () => emptyCacheReady('a', { status: 'creating' }), 'not-ready', /creating/],
  ['no cache', () => emptyCacheReady('a', null), 'not-ready', /does not exist/],
  [
    'a warm cluster without a writer',
    () => clusterReady(warm, plan, 'us-west-2', { status: 503, region: 'us-west-2', passes: false }),
    'ready',
    /503/,
  ],
  ['a warm cluster that is silent', () => clusterReady(warm, plan, 'us-west-2', null), 'not-ready', /not answer/],
  [
    'a page without what it should have in it',
    () =>
      clusterReady(warm, { ...plan, service: { ...plan.service, healthBody: 'healthy' } }, 'us-west-2', {
        status: 200,
        region: 'us-west-2',
        passes: false,
      }),
    'not-ready',
    /answers 200 without "healthy"/,
  ],
  [
    'a page that does not say where it is',
    () => clusterReady(warm, plan, 'us-west-2', { status: 200, region: null, passes: true }),
    'not-ready',
    /without x-served-by: us-west-2/,
  ],
  ['open latches', () => latchesReady([latch, latch]), 'ready', /2 latches are open/],
  ['latches that anybody may read', () => latchesReadable([reading, reading]), 'ready', /health checks can read them/],
  [
    'latches that only we may read',
    () => latchesReadable([reading, { ...reading, status: 403 }]),
    'not-ready',
    /^health checks cannot read what lies in chatops-latch-us-west-2 \(403\), .* S3 Block Public Access/,
  ],
  [
    'a latch bucket that takes nothing',
    () => latchesReadable([{ ...reading, status: 404, unwritten: 'write latch/readable: NoSuchBucket' }]),
    'not-ready',
    /\(404\), .*; write latch\/readable: NoSuchBucket$/,
  ],
  [
    'a latch bucket that gives no answer',
    () => latchesReadable([reading, { ...reading, status: null }]),
    'unknown',
    /chatops-latch-us-west-2 did not answer/,
  ],
  [
    'a latch bucket that gives no answer, beside one that says no',
    () =>
      latchesReadable([
        { bucket: 'the-other', status: 503 },
        { ...reading, status: 403 },
      ]),
    'not-ready',
    /lies in chatops-latch-us-west-2 \(403\),/,
  ],
  [
    'a closed latch',
    () => latchesReady([latch, { ...latch, closed: true }]),
    'not-ready',
    /latch of us-east-1 is closed in/,
  ],
  [
    'the latch of a region that was left',
    () => latchesReady([{ ...latch, closed: true }], 'us-east-1'),
    'ready',
    /until the way home/,
  ],
  [
    'no latch where a region was left',
    () => latchesReady([latch], 'us-east-1'),
    'not-ready',
    /its latch is missing in/,
  ],
  [
    'one latch of two where a region was left',
    () =>
      latchesReady(
        [
          { ...latch, closed: true },
          { ...latch, bucket: 'the-other' },
        ],
        latch.region,
      ),
    'not-ready',
    /its latch is missing in the-other/,
  ],
  [
    'both latches, after a way home with a bucket that did not answer',
    () =>
      latchesReady(
        [
          { ...latch, region: 'us-west-2', closed: true },
          { ...latch, closed: true },
        ],
        null,
        latch.region,
      ),
    'not-ready',
    /in this order: the latch of us-east-1 is closed in .*; the latch of us-west-2 is closed/,
  ],
  ['no latches', () => latchesReady([]), 'not-ready', /no latch buckets/],
  ['drills that were run', () => drillsReady([]), 'ready', /no drill is overdue/],
  [
    'a drill that is overdue',
    () => drillsReady(['drill "x" is overdue since 2026-11-01']),
    'not-ready',
    /since 2026-11-01/,
  ],
  ['one truth', () => stateTableReady(roles, roles), 'ready', /us-east-1 is primary in epoch 1/],
  [
    'roles that cannot be read',
    () => stateTableReady(unknownRoles, unknownRoles),
    'not-ready',
    /record of the roles cannot/,
  ],
  ['roles that cannot be read there', () => stateTableReady(roles, unknownRoles), 'not-ready', /cannot be read/],
  ['two truths', () => stateTableReady(roles, { ...roles, epoch: 2 }), 'not-ready', /disagree/],
  ['contacts that hear', () => contactsReady([{ role: 'dba', hears: ['dba@example.com'] }]), 'ready', /1 contacts/],
  ['a contact that hears nothing', () => contactsReady([{ role: 'dba', hears: [] }]), 'not-ready', /nobody hears dba/],
  ['a contact of whom SNS says nothing', () => contactsReady([{ role: 'dba', hears: null }]), 'unknown', /dba/],
  ['an approval page', () => approvalPageReady(404), 'ready', /404/],
  ['an approval page that fails', () => approvalPageReady(502), 'not-ready', /502/],
  ['an approval page that is silent', () => approvalPageReady(null), 'not-ready', /not answer/],
])('%s', ([, verdict, state, why]) => {
  expect(verdict()).toEqual({ state, why: expect.stringMatching(why) });
});

describe('who must approve', () => {
  const at = (addresses: Readonly<Record<string, readonly string[] | null>>) =>
    approvalReady(
      Object.entries(addresses).map(([role, hears]) => ({ role, hears })),
      plan,
    );

  test.for<[string, () => CheckResult, CheckResult['state'], RegExp]>([
    [
      'three with addresses of their own',
      () => at({ 'dr-coordinator': ['a'], 'infra-lead': ['b'], dba: ['c'] }),
      'ready',
      /^3 different people hear .* 2 must approve$/,
    ],
    [
      'one of three who hears nothing',
      () => at({ 'dr-coordinator': ['a'], 'infra-lead': ['b'], dba: [] }),
      'ready',
      /^2 /,
    ],
    [
      'one alone who hears',
      () => at({ 'dr-coordinator': [], 'infra-lead': ['b'], dba: [] }),
      'not-ready',
      /^2 different people must approve, and only 1 .*: nobody hears dr-coordinator; nobody hears dba$/,
    ],
    [
      'one address for all, in capitals or not',
      () => at({ 'dr-coordinator': ['ops@x'], 'infra-lead': ['OPS@x'], dba: ['ops@x'] }),
      'not-ready',
      /only 1 .*dr-coordinator, infra-lead, dba share an address$/,
    ],
    [
      'two who share one address, and one of them has another',
      () => at({ 'dr-coordinator': ['ops'], 'infra-lead': ['ops', 'b'], dba: [] }),
      'ready',
      /^2 /,
    ],
    [
      'contacts who are not asked count for nothing',
      () => at({ 'on-call': ['a'], 'app-lead': ['b'] }),
      'not-ready',
      /only 0/,
    ],
    [
      'one of whom SNS says nothing',
      () => at({ 'dr-coordinator': ['a'], 'infra-lead': null, dba: [] }),
      'unknown',
      /SNS/,
    ],
    [
      'where too few are left whatever SNS says',
      () => at({ 'dr-coordinator': [], 'infra-lead': null, dba: [] }),
      'not-ready',
      /0/,
    ],
  ])('%s', ([, verdict, state, why]) => {
    expect(verdict()).toEqual({ state, why: expect.stringMatching(why) });
  });

  test('two roles of one person are one, however many addresses they have', () => {
    const contacts = {
      ...plan.contacts,
      dba: { ...plan.contacts['dba'], handle: '@infra-lead' },
    } as typeof plan.contacts;
    const heard = ['infra-lead', 'dba'].map((role) => ({ role, hears: [role] }));
    expect(approvalReady(heard, { ...plan, contacts }).state).toBe('not-ready');
  });
});

test('what is unknown counts as lost', () => {
  expect(readinessLost([{ state: 'ready', why: '' }, unread('throttled'), { state: 'not-ready', why: '' }])).toBe(2);
});

const good: CheckResult = { state: 'ready', why: 'replica a replicates' };
const bad: CheckResult = { state: 'not-ready', why: 'replica b does not exist' };
const silent = unread('throttled');

test.for<[string, readonly CheckResult[], CheckResult]>([
  ['all are ready', [good, { ...good, why: 'b' }], { state: 'ready', why: 'replica a replicates; b' }],
  ['one is not ready', [good, bad], bad],
  ['one is unknown', [silent, good], silent],
  ['one is not ready and one unknown', [silent, bad, good], bad],
  ['two are not ready', [bad, good, { ...bad, why: 'c' }], { state: 'not-ready', why: 'replica b does not exist; c' }],
])('of several assets the worst counts, with its reasons: %s', ([, verdicts, expected]) => {
  expect(worst(verdicts)).toEqual(expected);
});

test('of no asset nothing is known, which is not ready', () => {
  expect(worst([]).state).toBe('unknown');
});

describe('that the next disaster is covered', () => {
  const looked = (at: number, verdict = ready('it is there')): Readiness => ({
    region: 'us-east-1',
    at,
    checks: [{ check: 'replica', ...verdict }],
  });

  test('counts from the first look since the roles moved at which nothing was missing, and stays', () => {
    const missing = sinceBefore(looked(10, notReady('no replica')), null, 5);
    expect(missing).not.toHaveProperty('coveredAt');
    const whole = sinceBefore(looked(20), missing, 5);
    expect(whole.coveredAt).toBe(20);
    expect(sinceBefore(looked(30, notReady('lost')), whole, 5).coveredAt).toBe(20);
  });

  test('counts anew when the roles move again, and is nothing where they never moved', () => {
    const whole = sinceBefore(looked(20), null, 5);
    expect(sinceBefore(looked(30, notReady('no replica')), whole, 25)).not.toHaveProperty('coveredAt');
    expect(sinceBefore(looked(40), whole, 25).coveredAt).toBe(40);
    expect(sinceBefore(looked(20), null)).not.toHaveProperty('coveredAt');
  });
});

const both = [
  { bucket: 'b1', region: 'us-east-1', closed: false },
  { bucket: 'b2', region: 'us-west-2', closed: false },
] as const;
const close = (...buckets: string[]) => both.map((one) => ({ ...one, closed: buckets.includes(one.bucket) }));
test.for<[string, () => CheckResult, string]>([
  ['one is closed', () => latchesReady(close('b2')), 'users are kept away: the latch of us-west-2 is closed in b2'],
  [
    'both are closed: first that of the region that serves',
    () => latchesReady(close('b1', 'b2'), null, 'us-west-2'),
    'users are kept away, open them in this order: the latch of us-west-2 is closed in b2; the latch of us-east-1 is closed in b1',
  ],
  [
    'both are closed, and that of the region that serves stands first',
    () => latchesReady(close('b1', 'b2'), null, 'us-east-1'),
    'users are kept away, open them in this order: the latch of us-east-1 is closed in b1; the latch of us-west-2 is closed in b2',
  ],
  ['all are open', () => latchesReady(both), '2 latches are open'],
  [
    'a region was left: its own stays closed, and the other one is open',
    () => latchesReady(close('b1'), 'us-east-1'),
    'the latch of us-east-1 keeps users away from it until the way home, and the others are open',
  ],
  [
    'a region was left, and the other one is closed too',
    () => latchesReady(close('b1', 'b2'), 'us-east-1'),
    'users are kept away: the latch of us-west-2 is closed in b2',
  ],
])('of latches, where %s', ([, verdict, words]) => {
  expect(verdict().why).toBe(words);
});

test('a zone is left where every resource is managed', () => {
  const of = (...managed: boolean[]) =>
    shiftReady(managed.map((one, index) => ({ resource: `arn${index}`, managed: one })));
  expect(of(true, true)).toEqual(ready('zonal shift is enabled on arn0 and arn1'));
  expect(of(false, true, false)).toEqual(
    notReady('traffic cannot leave a zone: zonal shift is not enabled on arn0 and arn2'),
  );
});

test.for<[string, Parameters<typeof smsReady>[0], CheckResult]>([
  [
    'in the sandbox, whatever may be spent',
    { sandbox: true, limitDollars: 100, spentDollars: 100 },
    notReady('the account is in the SMS sandbox: only verified numbers are reached. Ask AWS to move it out'),
  ],
  [
    'with a limit that is not known',
    { sandbox: false, limitDollars: null, spentDollars: 100 },
    unread('SNS does not say what may be spent on SMS: set MonthlySpendLimit'),
  ],
  [
    'with the limit of a new account',
    { sandbox: false, limitDollars: 1, spentDollars: null },
    notReady('no more than 1 USD a month may be spent on SMS: then SNS stops. Raise MonthlySpendLimit'),
  ],
  [
    'with more',
    { sandbox: false, limitDollars: 2, spentDollars: null },
    ready('the account may send SMS, for 2 USD a month'),
  ],
  [
    'that has spent little of it',
    { sandbox: false, limitDollars: 100, spentDollars: 79.9 },
    ready('the account may send SMS, for 100 USD a month'),
  ],
  [
    'that has spent most of it',
    { sandbox: false, limitDollars: 100, spentDollars: 80 },
    notReady(
      '80 of 100 USD that may be spent on SMS this month are spent: at the limit SNS stops. Raise MonthlySpendLimit',
    ),
  ],
])('SMS of an account %s', ([, account, verdict]) => {
  expect(smsReady(account)).toEqual(verdict);
});

test.for<[string, () => CheckResult, CheckResult]>([
  [
    'the regions agree',
    () => stateTableReady(roles, roles),
    ready('both regions read that us-east-1 is primary in epoch 1'),
  ],
  [
    'they name other regions',
    () => stateTableReady(roles, { ...roles, primary: 'us-west-2' }),
    notReady('the regions disagree: us-east-1 is primary in epoch 1 here, and us-west-2 is primary in epoch 1 there'),
  ],
  [
    'the roles cannot be read here',
    () => stateTableReady(unknownRoles, roles),
    notReady('the record of the roles cannot be read'),
  ],
  [
    'several hear nothing',
    () => contactsReady(['a', 'b', 'c'].map((role) => ({ role, hears: role === 'b' ? null : [] }))),
    notReady('nobody hears a, c: no subscription is confirmed'),
  ],
  [
    'SNS does not say of several',
    () => contactsReady(['a', 'b'].map((role) => ({ role, hears: null }))),
    unread('SNS does not say who hears a, b'),
  ],
  [
    'all hear',
    () => contactsReady(['a', 'b'].map((role) => ({ role, hears: [role] }))),
    ready('all 2 contacts hear, by every channel'),
  ],
  ['the page answers', () => approvalPageReady(499), ready('the approval page answers with 499')],
  ['the page fails', () => approvalPageReady(500), notReady('the approval page fails with 500')],
  ['the page is silent', () => approvalPageReady(null), notReady('the approval page does not answer')],
  ['drills were run', () => drillsReady([]), ready('no drill is overdue, and none failed')],
  ['drills lack something', () => drillsReady(['a', 'b']), notReady('a; b')],
])('where %s', ([, verdict, expected]) => {
  expect(verdict()).toEqual(expected);
});

test('who approves is matched to addresses of their own, whatever the order of the roles', () => {
  const three = (...hears: (readonly string[] | null)[]) =>
    approvalReady(
      ['dr-coordinator', 'infra-lead', 'dba'].map((role, index) => ({ role, hears: hears[index] ?? [] })),
      plan,
    );
  // The first takes the only address of the second, and gives it up for its other one.
  expect(three(['a', 'b'], ['a'], [])).toEqual(
    ready('2 different people hear that they are asked, and 2 must approve'),
  );
  expect(three(['a'], ['a'], ['b']).why).toBe('2 different people hear that they are asked, and 2 must approve');
  expect(three(['a'], [' A '], [])).toEqual(
    notReady(
      '2 different people must approve, and only 1 can hear that they are asked: nobody hears dba; dr-coordinator, infra-lead share an address',
    ),
  );
  expect(three(['a'], [], []).why).toBe(
    '2 different people must approve, and only 1 can hear that they are asked: nobody hears infra-lead; nobody hears dba',
  );
  const alone = { ...plan, approval: { ...plan.approval, roles: ['dba'] } };
  expect(approvalReady([{ role: 'dba', hears: ['a'] }], alone)).toEqual(
    notReady('2 different people must approve, and only 1 can hear that they are asked'),
  );
});

test('an address that is not known may be one of their own, and not the same for two', () => {
  const known = (hears: readonly string[] | null, others: readonly string[] | null) =>
    approvalReady(
      [
        { role: 'dr-coordinator', hears },
        { role: 'infra-lead', hears: others },
        { role: 'dba', hears: [] },
      ],
      plan,
    );
  const unknown = unread('SNS does not say who hears enough of those who must approve');
  expect(known(null, null)).toEqual(unknown);
  expect(known(['a'], null)).toEqual(unknown);
});

test('a check was last ready when it was last seen so, and each of them is known by its name', () => {
  const seen = (state: CheckResult['state'], at: number): Readiness => ({
    ...{ region: 'us-west-2', at, checks: [{ check: 'replica', state, why: '' }] },
  });
  const readyAt = (one: Readiness) => one.checks[0]?.readyAt;
  expect(readyAt(sinceBefore(seen('not-ready', 10), null))).toBeUndefined();
  expect(sinceBefore(seen('not-ready', 10), null).checks[0]).not.toHaveProperty('readyAt');
  const first = sinceBefore(seen('ready', 10), null);
  expect(readyAt(first)).toBe(10);
  expect(readyAt(sinceBefore(seen('unknown', 20), first))).toBe(10);
  expect(readyAt(sinceBefore(seen('ready', 30), first))).toBe(30);
  expect(readinessChecks).toEqual(
    expect.arrayContaining(['replica', 'lag', 'cache', 'cluster', 'last-drill', 'latches']),
  );
  expect(new Set(readinessChecks).size).toBe(readinessChecks.length);
});

test('an overdue drill keeps nobody from being covered; a look at the moment of the move is none since', () => {
  const checks = [
    { check: 'replica', state: 'ready', why: '' },
    { check: 'last-drill', state: 'not-ready', why: 'it is overdue' },
  ] as const;
  const seen = (at: number): Readiness => ({ region: 'us-west-2', at, checks });
  expect(sinceBefore(seen(10), null, 5).coveredAt).toBe(10);
  expect(sinceBefore(seen(20), { ...seen(5), coveredAt: 5 }, 5).coveredAt).toBe(20);
  expect(sinceBefore(seen(20), { ...seen(6), coveredAt: 6 }, 5).coveredAt).toBe(6);
});
