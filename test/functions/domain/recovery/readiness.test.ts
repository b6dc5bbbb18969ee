// What counts as ready for a takeover: each check, and that what is not known never does.
import { describe, expect, test } from 'vitest';
import {
  approvalPageReady,
  approvalReady,
  type CheckResult,
  contactsReady,
  drillsReady,
  latchesReady,
  notReady,
  type Readiness,
  readinessLost,
  ready,
  sinceBefore,
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
const lag = (lagSeconds: number | null, secondsAgo = 60) =>
  lagReady({ at: start - secondsAgo * 1000, lagSeconds }, plan, start);
const cache = (change: object) => cacheMemberReady('chatops-redis-dr', 'us-west-2', [{ ...member, ...change }]);

test.for<[string, CheckResult, CheckResult['state'], RegExp]>([
  ['a replica that replicates', replicaReady('dr', replica, multiAz), 'ready', /replicates$/],
  [
    'a replica of a database that was restored elsewhere',
    replicaReady('dr', replica, { ...multiAz, writer: 'chatops-prod-restored' }),
    'not-ready',
    /made anew/,
  ],
  ['a replica that is gone', replicaReady('dr', null, multiAz), 'not-ready', /does not exist/],
  [
    'a replica that is a writer',
    replicaReady('dr', { ...replica, replicaOf: null }, multiAz),
    'not-ready',
    /no replica: it has no source/,
  ],
  [
    'a replica that is backed up',
    replicaReady('dr', { ...replica, status: 'backing-up' }, multiAz),
    'ready',
    /replicates$/,
  ],
  [
    'a replica whose disk is full',
    replicaReady('dr', { ...replica, status: 'storage-full' }, multiAz),
    'not-ready',
    /full/,
  ],
  [
    'a replica that is stopped',
    replicaReady('dr', { ...replica, status: 'stopped' }, multiAz),
    'not-ready',
    /is stopped/,
  ],
  [
    'a replica whose replication stopped',
    replicaReady('dr', { ...replica, replicating: false }, multiAz),
    'not-ready',
    /stopped/,
  ],
  [
    'a replica in one zone, which the plan promises to be in two',
    replicaReady('dr', { ...replica, multiAz: false }, multiAz),
    'not-ready',
    /no standby in another zone/,
  ],
  [
    'a replica in one zone, as the plan says',
    replicaReady('dr', { ...replica, multiAz: false }, { ...multiAz, multiAz: false }),
    'ready',
    /replicates$/,
  ],
  [
    'a replica RDS says too little of',
    replicaReady('dr', { ...replica, replicating: null }, multiAz),
    'unknown',
    /not say/,
  ],
  ['a small lag', lag(2), 'ready', /replica lag: 2 s \(RPO: 3600 s\)/],
  ['no lag', lag(0), 'ready', /replica lag: 0 s/],
  ['a lag of the RPO', lag(3600), 'not-ready', /replica lag: 1 h/],
  ['a lag that the metric does not know', lag(null), 'not-ready', /not known/],
  ['a lag that is old', lag(2, 301), 'unknown', /no lag was measured/],
  ['a lag that was never measured', lagReady(null, plan, start), 'unknown', /no lag was measured/],
  ['a member of the global datastore', cache({}), 'ready', /associated/],
  ['a member that leaves it', cache({ status: 'disassociating' }), 'not-ready', /disassociating/],
  ['a member of another region', cache({ region: 'us-east-1' }), 'not-ready', /no member/],
  ['a datastore that does not exist', cacheMemberReady('a', 'b', null), 'not-ready', /does not exist/],
  ['an empty cache that stands', emptyCacheReady('a', { status: 'available' }), 'ready', /stands/],
  ['an empty cache that is being made', emptyCacheReady('a', { status: 'creating' }), 'not-ready', /creating/],
  ['no cache', emptyCacheReady('a', null), 'not-ready', /does not exist/],
  [
    'a warm cluster without a writer',
    clusterReady(warm, plan, 'us-west-2', { status: 503, region: 'us-west-2', passes: false }),
    'ready',
    /503/,
  ],
  ['a warm cluster that is silent', clusterReady(warm, plan, 'us-west-2', null), 'not-ready', /not answer/],
  [
    'a page without what it should have in it',
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
    clusterReady(warm, plan, 'us-west-2', { status: 200, region: null, passes: true }),
    'not-ready',
    /without x-served-by: us-west-2/,
  ],
  ['open latches', latchesReady([latch, latch]), 'ready', /2 latches are open/],
  ['a closed latch', latchesReady([latch, { ...latch, closed: true }]), 'not-ready', /latch of us-east-1 is closed in/],
  [
    'the latch of a region that was left',
    latchesReady([{ ...latch, closed: true }], 'us-east-1'),
    'ready',
    /until the way home/,
  ],
  ['no latch where a region was left', latchesReady([latch], 'us-east-1'), 'not-ready', /its latch is missing in/],
  [
    'one latch of two where a region was left',
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
  ['no latches', latchesReady([]), 'not-ready', /no latch buckets/],
  ['drills that were run', drillsReady([]), 'ready', /no drill is overdue/],
  ['a drill that is overdue', drillsReady(['drill "x" is overdue since 2026-11-01']), 'not-ready', /since 2026-11-01/],
  ['one truth', stateTableReady(roles, roles), 'ready', /us-east-1 is primary in epoch 1/],
  ['roles that cannot be read', stateTableReady(unknownRoles, unknownRoles), 'not-ready', /record of the roles cannot/],
  ['roles that cannot be read there', stateTableReady(roles, unknownRoles), 'not-ready', /cannot be read/],
  ['two truths', stateTableReady(roles, { ...roles, epoch: 2 }), 'not-ready', /disagree/],
  ['contacts that hear', contactsReady([{ role: 'dba', hears: ['dba@example.com'] }]), 'ready', /1 contacts/],
  ['a contact that hears nothing', contactsReady([{ role: 'dba', hears: [] }]), 'not-ready', /nobody hears dba/],
  ['a contact of whom SNS says nothing', contactsReady([{ role: 'dba', hears: null }]), 'unknown', /dba/],
  ['an approval page', approvalPageReady(404), 'ready', /404/],
  ['an approval page that fails', approvalPageReady(502), 'not-ready', /502/],
  ['an approval page that is silent', approvalPageReady(null), 'not-ready', /not answer/],
])('%s', ([, verdict, state, why]) => {
  expect(verdict).toEqual({ state, why: expect.stringMatching(why) });
});

describe('who must approve', () => {
  const at = (addresses: Readonly<Record<string, readonly string[] | null>>) =>
    approvalReady(
      Object.entries(addresses).map(([role, hears]) => ({ role, hears })),
      plan,
    );

  test.for<[string, CheckResult, CheckResult['state'], RegExp]>([
    [
      'three with addresses of their own',
      at({ 'dr-coordinator': ['a'], 'infra-lead': ['b'], dba: ['c'] }),
      'ready',
      /^3 different people hear .* 2 must approve$/,
    ],
    ['one of three who hears nothing', at({ 'dr-coordinator': ['a'], 'infra-lead': ['b'], dba: [] }), 'ready', /^2 /],
    [
      'one alone who hears',
      at({ 'dr-coordinator': [], 'infra-lead': ['b'], dba: [] }),
      'not-ready',
      /^2 different people must approve, and only 1 .*: nobody hears dr-coordinator; nobody hears dba$/,
    ],
    [
      'one address for all, in capitals or not',
      at({ 'dr-coordinator': ['ops@x'], 'infra-lead': ['OPS@x'], dba: ['ops@x'] }),
      'not-ready',
      /only 1 .*dr-coordinator, infra-lead, dba share an address$/,
    ],
    [
      'two who share one address, and one of them has another',
      at({ 'dr-coordinator': ['ops'], 'infra-lead': ['ops', 'b'], dba: [] }),
      'ready',
      /^2 /,
    ],
    [
      'contacts who are not asked count for nothing',
      at({ 'on-call': ['a'], 'app-lead': ['b'] }),
      'not-ready',
      /only 0/,
    ],
    ['one of whom SNS says nothing', at({ 'dr-coordinator': ['a'], 'infra-lead': null, dba: [] }), 'unknown', /SNS/],
    [
      'where too few are left whatever SNS says',
      at({ 'dr-coordinator': [], 'infra-lead': null, dba: [] }),
      'not-ready',
      /0/,
    ],
  ])('%s', ([, verdict, state, why]) => {
    expect(verdict).toEqual({ state, why: expect.stringMatching(why) });
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
