// What an incident or a drill did not show, where its report is kept, and what is read of the end of a flow.
import { expect, test } from 'vitest';
import { notTestedOf } from '../../../../functions/domain/report/not-tested.ts';
import {
  isReportMark,
  reportAddress,
  reportBucket,
  reportFolder,
  reportKey,
  reportMark,
  usersMark,
} from '../../../../functions/domain/report/place.ts';
import { cameOf, type IncidentRecord, isOwnLambda, isTable } from '../../../../functions/domain/report/record.ts';
import type { Seen } from '../../../../functions/domain/report/seen.ts';
import { plan } from '../../../plan.ts';
import { recordWith, seenInDrill } from '../../../reports.ts';
import { at, call, drill, incidentOf, reached, request } from '../../../store/samples.ts';

const blind: Seen = { ...seenInDrill({}), source: 'record', steps: null };
const bare = recordWith({ incident: incidentOf({ decisions: [] }), asked: [], steps: [], calls: [] });
const lines = (record: IncidentRecord | null, saw: Partial<Seen> = {}) =>
  notTestedOf(record, { ...blind, ...saw }, plan).map(({ what, why }) => `${what}: ${why}`);

const idle = (...names: string[]) =>
  `The recovery of ${names.join(', ')}: no step was about it: it was not affected, or it was healthy`;
const all = ['database', 'cache', 'cluster', 'ingress', 'settings', 'search'];
const zone = 'Leaving a zone: this was not a zone failure, or nothing was moved';
const region =
  'Giving up us-east-1: approval, fencing, promotion, redirection: this was not a region disaster, or no approval was requested';
const approvers = 'Whether enough approvers can be reached: no approval was requested';
const days = 'Running in us-west-2 for days, with the load of a whole week: the report ends with the incident';
const home = 'Failback to us-east-1: a failback is a separate flow that a person starts';
const backup = 'Restoring from a backup: no backup was restored';
const customers = 'Telling customers: a status page is not part of the plan';
const aws =
  'AWS itself: the simulator is a model: it refuses, throttles and fails as AWS is known to do; real AWS may behave differently';
const tables = 'The application and its data: the simulator counts writes, but has no tables';
const stress = 'People under stress: the drill plays the approvers: they find the page, but read nothing';

const [decision] = incidentOf({}).decisions;
if (decision === undefined) throw new Error('the incident has a decision');
const deciding = (action: 'az-failover' | 'request-approval') =>
  recordWith({ incident: incidentOf({ decisions: [{ ...decision, action }] }), asked: [], steps: [], calls: [] });
const asking = { ...bare, asked: [{ request, answers: [], settled: null }] };
const restoring = { ...bare, calls: [{ ...call, call: 'rds:RestoreDBInstanceFromDBSnapshot', requestIds: [] }] };
const ran = (asset: string | null) => ({
  ...{ state: 'Verify', asset, startedAt: at, endedAt: at, outcome: null, tick: null, attempts: 1 },
});

test.for<[string, () => string[], string[]]>([
  ['nothing', () => lines(null), [idle(...all), zone, region, approvers, days, home, backup, customers]],
  ['a record of nothing', () => lines(bare), [idle(...all), zone, region, approvers, days, home, backup, customers]],
  [
    'a zone failure',
    () => lines(deciding('az-failover')),
    [idle(...all), region, approvers, days, home, backup, customers],
  ],
  [
    'a request that was decided',
    () => lines(deciding('request-approval')),
    [idle(...all), zone, approvers, days, home, backup, customers],
  ],
  ['a request', () => lines(asking), [idle(...all), zone, days, home, backup, customers]],
  ['a restore', () => lines(restoring), [idle(...all), zone, region, approvers, days, home, customers]],
  [
    'a drill in the simulator',
    () => lines(null, { source: 'simulator' }),
    [aws, tables, idle(...all), zone, region, approvers, days, home, backup, customers],
  ],
  [
    'a drill in the simulator that asked',
    () => lines(asking, { source: 'simulator' }),
    [aws, tables, stress, idle(...all), zone, days, home, backup, customers],
  ],
  [
    'steps that were seen, and steps of the record',
    () =>
      lines(
        {
          ...bare,
          steps: [
            { ...reached, step: 'leave-zone/cache' },
            { ...reached, step: 'pause' },
          ],
        },
        {
          steps: [ran('database'), ran(null)],
        },
      ),
    [idle('cluster', 'ingress', 'settings', 'search'), zone, region, approvers, days, home, backup, customers],
  ],
  [
    'steps of every asset',
    () => lines(null, { steps: all.map(ran) }),
    [zone, region, approvers, days, home, backup, customers],
  ],
  [
    'a drill that restored',
    () => lines(null, { run: { ...drill, kind: 'restore' } }),
    [
      'Serving users from the backup: it was restored beside production, and deleted after that',
      ...[idle(...all), zone, region, approvers, days, home, customers],
    ],
  ],
])('%s did not show the rest', ([, said, expected]) => {
  expect(said()).toEqual(expected);
});

test('a report is kept in a bucket of its region, and opened in the console of its partition', () => {
  const place = { prefix: 'Breakwater-Prod', account: '111122223333', region: 'us-east-1' };
  expect(reportBucket(place)).toBe('breakwater-prod-reports-111122223333-us-east-1');
  expect(reportKey('i-1', 'json')).toBe('reports/i-1.json');
  expect(reportFolder).toBe('reports/');
  const address = (region: string) => reportAddress('i-1', { ...place, region });
  const end = (region: string) =>
    `/s3/object/breakwater-prod-reports-111122223333-${region}?region=${region}&prefix=reports%2Fi-1.html`;
  expect(address('us-east-1')).toBe(`https://us-east-1.console.aws.amazon.com${end('us-east-1')}`);
  expect(address('cn-north-1')).toBe(`https://console.amazonaws.cn${end('cn-north-1')}`);
  expect(address('us-gov-west-1')).toBe(`https://console.amazonaws-us-gov.com${end('us-gov-west-1')}`);
});

test('what the record keeps of a report is no step of a flow', () => {
  expect([reportMark('us-east-1'), usersMark]).toEqual(['report/us-east-1', 'report/users']);
  expect([reportMark('us-east-1'), usersMark, 'reported/x', 'a/report/'].map(isReportMark)).toEqual([
    ...[true, true, false, false],
  ]);
});

test('what a flow came to is read from its last state; what is no number is not known', () => {
  const nothing = {
    ...{ detectSeconds: null, decideSeconds: null, approvalSeconds: null, executeSeconds: null, recoverySeconds: null },
  };
  const read = (outcome: Record<string, unknown>, step = 'record-failover') => cameOf([{ ...reached, step, outcome }]);
  const empty = {
    ...{ execution: 'execution-1', predicted: null, clocks: nothing, dataLossSeconds: null },
    ...{ verifiedAt: null, startedAt: null, countsFrom: null },
  };
  expect(read({})).toEqual([empty]);
  expect(read({}, 'record-recovery')).toEqual([empty]);
  expect(read({}, 'record-failover/tried')).toEqual([]);
  const clocks = { detectSeconds: 1, decideSeconds: 2, approvalSeconds: 3, executeSeconds: 4, recoverySeconds: 5 };
  const from = { at, what: 'last-served' };
  const predicted = {
    ...{ recoverySeconds: 6, dataLossSeconds: 7, basis: 'the plan' },
    assetSeconds: { database: 8, cache: 'x', cluster: Number.NaN },
  };
  expect(read({ ...clocks, predicted, dataLossSeconds: 9, verifiedAt: 10, startedAt: 11, countsFrom: from })).toEqual([
    {
      ...{ execution: 'execution-1', predicted: { ...predicted, assetSeconds: { database: 8 } }, clocks },
      ...{ dataLossSeconds: 9, verifiedAt: 10, startedAt: 11, countsFrom: from },
    },
  ]);
  expect(read({ predicted: {}, countsFrom: 'x', verifiedAt: 'x', startedAt: Number.POSITIVE_INFINITY })).toEqual([
    { ...empty, predicted: { recoverySeconds: null, dataLossSeconds: null, basis: null, assetSeconds: {} } },
  ]);
  expect(read({ predicted: [] })[0]?.predicted).toBeNull();
});

test.for([
  [{}, true],
  [[], false],
  [null, false],
  ['x', false],
] as const)('%j is a table of keys: %s', ([value, is]) => {
  expect(isTable(value)).toBe(is);
});

test('only a Lambda of the application is its own', () => {
  expect(isOwnLambda({ call: 'lambda:Invoke' })).toBe(true);
  expect(isOwnLambda({ call: 'lambda:InvokeAsync' })).toBe(false);
});
