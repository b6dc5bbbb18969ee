// Readiness as it is looked at on AWS, against mocked services: what is seen is kept and measured, and what cannot be seen
// is unknown and never good.
import 'aws-sdk-client-mock-vitest/extend';
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeGlobalReplicationGroupsCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import {
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSnapshotsCommand,
  DescribeOrderableDBInstanceOptionsCommand,
  DescribeSourceRegionsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  GetHostedZoneCommand,
  type HealthCheck,
  ListHealthChecksCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  ListSubscriptionsByTopicCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test } from 'vitest';
import { handler as checkReadiness } from '../../../functions/check-readiness.ts';
import { latchChecks, serviceZone } from '../../../simulator/estate/services/records.ts';
import type { Call } from '../../../simulator/estate/types.ts';
import { runIn } from '../../../simulator/sdk.ts';
import { without, withSecondDatabase } from '../../assets.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { drill } from '../../store/samples.ts';
import { copied, lookedUp, replicated, restorable } from '../kinds/rds-instance/restoring/restorable.ts';
import { type Setting, setting, start } from '../setting.ts';

const rds = mocked(RDSClient);
const cloudWatch = mocked(CloudWatchClient);
const elastiCache = mocked(ElastiCacheClient);
const route53 = mocked(Route53Client);
const s3 = mocked(S3Client);
const sns = mocked(SNSClient);
let parameter: (name: string) => object;
let parametersAsked: object[];
/** The table as the peer region has it, and what it was asked. */
let table: { answer: (call: Call) => Promise<unknown>; readonly calls: Call[] };
/** Where preflight looks a key up. */
let keys: { answer: (call: Call) => Promise<unknown> };
/** The Lambdas of the user's. */
let lambda: { answer: (call: Call) => Promise<unknown>; readonly calls: Call[] };
/** What S3 answers to who signs nothing, by the URL; null: nothing. */
let anonymous: (url: string) => number | null;
/** What ARC manages is all but these. */
let unmanaged: string[];
let shell: Setting & { pageUrl: string | null };

const fault = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });

/** Everything a takeover by us-west-2 needs is there. */
beforeEach(() => {
  for (const client of [rds, cloudWatch, elastiCache, route53, s3, sns]) client.reset();
  lambda = { answer: async () => ({}), calls: [] };
  const instance = {
    DBInstanceStatus: 'available',
    MultiAZ: true,
    ReadReplicaSourceDBInstanceIdentifier: 'chatops-prod',
    StatusInfos: [{ StatusType: 'read replication', Normal: true }],
  };
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [instance] });
  restorable(rds);
  cloudWatch
    .on(GetMetricDataCommand)
    .resolves({ MetricDataResults: [{ Id: 'm0', Timestamps: [new Date(start - 60_000)], Values: [3] }] });
  cloudWatch.on(PutMetricDataCommand).resolves({});
  elastiCache.on(DescribeGlobalReplicationGroupsCommand).resolves({
    GlobalReplicationGroups: [
      {
        Members: [
          { ReplicationGroupId: 'chatops-redis-dr', ReplicationGroupRegion: 'us-west-2', Status: 'associated' },
        ],
      },
    ],
  });
  s3.on(HeadObjectCommand).rejects(fault('NotFound', 404));
  const { name, sets } = serviceZone('failover', plan);
  route53.on(GetHostedZoneCommand).resolves({ HostedZone: { Id: 'Z', Name: name, CallerReference: 'c' } });
  route53
    .on(ListResourceRecordSetsCommand)
    .resolves({ ResourceRecordSets: sets as ResourceRecordSet[], IsTruncated: false, MaxItems: 300 });
  followed(latchChecks(plan));
  sns.on(ListSubscriptionsByTopicCommand).callsFake(({ TopicArn }) => heardAt(`${TopicArn}@example.com`));
  parameter = () => ({ Value: 'prod.us-east-1', Type: 'String' });
  parametersAsked = [];
  table = { answer: async () => ({ Items: [] }), calls: [] };
  keys = { answer: async (call) => lookedUp(call) };
  unmanaged = [];
  anonymous = () => 200;
  shell = {
    ...setting({
      region: 'us-west-2',
      fetch: async (url) => {
        const status = String(url).includes('.s3.') ? anonymous(String(url)) : 404;
        if (status === null) throw new TypeError('fetch failed');
        return new Response(null, { status, headers: { 'x-served-by': 'us-west-2' } });
      },
    }),
    pageUrl: 'https://page.example.com',
  };
});

const failsToRead = (error: Error) => {
  parameter = () => {
    throw error;
  };
};
const followed = (checks: readonly object[], IsTruncated = false) =>
  route53
    .on(ListHealthChecksCommand)
    .resolves({ HealthChecks: checks as HealthCheck[], IsTruncated, Marker: '', MaxItems: 1_000 });
const topicOf = (role: string) => ({ TopicArn: `arn:aws:sns:us-west-2:111122223333:breakwater-test-${role}` });
const heardAt = (Endpoint: string) => ({
  Subscriptions: [{ SubscriptionArn: 'arn:aws:sns:s', Protocol: 'email', Endpoint }],
});

async function shiftsOf(resource: string): Promise<object> {
  if (unmanaged.includes(resource)) throw fault('ResourceNotFoundException', 404);
  if (unmanaged.includes('*')) throw fault('AccessDeniedException', 403);
  return { arn: resource, zonalShifts: [], autoshifts: [] };
}

async function seen(): Promise<Record<string, string>> {
  const { region } = shell;
  const answer = async (call: Call) => {
    if (call.service === 'kms') return keys.answer(call);
    if (call.service === 'lambda') {
      lambda.calls.push(call);
      return lambda.answer(call);
    }
    if (call.service === 'ssm') {
      parametersAsked.push(call.input);
      return Promise.resolve({ Parameter: parameter(String(call.input['Name'])) });
    }
    if (call.service === 'arc-zonal-shift') return shiftsOf(String(call.input['resourceIdentifier']));
    const found = lookedUp(call);
    if (found !== undefined) return Promise.resolve(found);
    table.calls.push(call);
    return table.answer(call);
  };
  const caller = { region, step: 'check-readiness', execution: '', incident: '' };
  await runIn({ answer, caller }, () => checkReadiness.on(shell)({}));
  const { checks } = (await shell.store.readReadiness(shell.region)) ?? { checks: [] };
  return Object.fromEntries(checks.map(({ check, state }) => [check, state]));
}

const theReplica = { DBInstanceIdentifier: 'chatops-dr-replica' };

const everything = [
  'replica',
  'lag',
  'cache',
  'cluster',
  'latches',
  'record',
  'state-table',
  'contacts',
  'approval',
  'approval-page',
  'functions',
  'settings',
  'backups',
  'restore',
  'cluster-shift',
  'balancer-shift',
];

test('a standby with everything is ready, is measured, and is kept with a reason for each check', async () => {
  expect(await seen()).toEqual(Object.fromEntries(everything.map((check) => [check, 'ready'])));
  const { at, checks } = (await shell.store.readReadiness('us-west-2')) ?? { at: 0, checks: [] };
  expect(at).toBe(start);
  for (const { why } of checks) expect(why).toMatch(/^[^\n]{10,}$/);
  const [call] = cloudWatch.commandCalls(PutMetricDataCommand);
  const { Namespace, MetricData } = call?.args[0].input ?? {};
  expect(Namespace).toBe('breakwater-test');
  const Dimensions = [{ Name: 'Region', Value: 'us-west-2' }];
  expect(MetricData).toEqual([{ Timestamp: new Date(start), MetricName: 'ReadinessLost', Dimensions, Value: 0 }]);
});

test.for<[string, string, () => unknown]>([
  ['RDS', 'replica', () => rds.on(DescribeDBInstancesCommand, theReplica).rejects(fault('InternalFailure', 500))],
  ['KMS', 'restore', () => Object.assign(keys, { answer: () => Promise.reject(fault('AccessDeniedException', 400)) })],
  ['backups', 'backups', () => rds.on(DescribeSourceRegionsCommand).rejects(fault('InternalFailure', 500))],
  ['CloudWatch', 'lag', () => cloudWatch.on(GetMetricDataCommand).rejects(fault('AccessDenied', 403))],
  ['CloudWatch, which has no data,', 'lag', () => cloudWatch.on(GetMetricDataCommand).resolves({})],
  [
    'ElastiCache',
    'cache',
    () => elastiCache.on(DescribeGlobalReplicationGroupsCommand).rejects(fault('Throttling', 400)),
  ],
  ['a latch bucket', 'latches', () => s3.on(HeadObjectCommand).rejects(fault('Forbidden', 403))],
  [
    'the table in the peer region',
    'state-table',
    () => Object.assign(table, { answer: () => Promise.reject(fault('TimeoutError', 0)) }),
  ],
  [
    'Lambda',
    'functions',
    () => Object.assign(lambda, { answer: () => Promise.reject(fault('AccessDeniedException', 403)) }),
  ],
  ['the Parameter Store', 'settings', () => failsToRead(fault('InternalServerError', 500))],
  ['the address of the page', 'approval-page', () => Object.assign(shell, { pageUrl: null })],
])(
  'when %s cannot be read, %s is unknown, the others are not touched, and it counts as lost',
  async ([, check, fail]) => {
    fail();
    const states = await seen();
    expect(states[check]).toBe('unknown');
    expect(Object.entries(states).filter(([other, state]) => other !== check && state !== 'ready')).toEqual([]);
    const measures = cloudWatch.commandCalls(PutMetricDataCommand)[0]?.args[0].input.MetricData ?? [];
    expect(measures.at(-1)).toMatchObject({ MetricName: 'ReadinessLost', Value: 1 });
  },
);

describe('of a plan that moves users by a changed record', () => {
  const { record, hostedZone } = plan.redirection;
  beforeEach(() => {
    shell = { ...shell, plan: { ...plan, redirection: { ...plan.redirection, mode: 'record-change' } } };
    route53.on(GetHostedZoneCommand).resolves({
      HostedZone: { Id: hostedZone, Name: 'chatops.example.com.', CallerReference: 'c' },
    });
  });
  const standsAs = (...sets: readonly ResourceRecordSet[]) =>
    route53
      .on(ListResourceRecordSetsCommand)
      .resolves({ ResourceRecordSets: [...sets], IsTruncated: false, MaxItems: 300 });
  const cname: ResourceRecordSet = {
    Name: `${record}.`,
    Type: 'CNAME',
    TTL: 60,
    ResourceRecords: [{ Value: 'us-east-1.example.com' }],
  };
  const neighbour: ResourceRecordSet = { ...cname, Name: `www.${record}.`, Type: 'A' };

  test('the record is looked at, and no latch is', async () => {
    standsAs(cname, neighbour);
    const checks = everything.filter((check) => check !== 'latches');
    expect(await seen()).toEqual(Object.fromEntries(checks.map((check) => [check, 'ready'])));
    expect(s3).not.toHaveReceivedCommand(HeadObjectCommand);
    expect(route53).toHaveReceivedCommandWith(ListResourceRecordSetsCommand, {
      HostedZoneId: hostedZone,
      StartRecordName: record,
    });
  });

  test.for<[string, Partial<ResourceRecordSet>, string]>([
    [
      'an alias',
      { Type: 'A', AliasTarget: { HostedZoneId: 'Z2', DNSName: 'lb', EvaluateTargetHealth: true } },
      'an alias of type A',
    ],
    ['weighted', { SetIdentifier: 'a', Weight: 0 }, 'one of 1 weighted sets'],
    ['by latency', { SetIdentifier: 'a', Region: 'us-east-1' }, 'one of 1 latency sets'],
    ['by failover', { SetIdentifier: 'a', Failover: 'PRIMARY' }, 'one of 1 failover sets'],
    ['by place', { SetIdentifier: 'a', GeoLocation: { CountryCode: '*' } }, 'one of 1 geolocation sets'],
    [
      'by distance',
      { SetIdentifier: 'a', GeoProximityLocation: { AWSRegion: 'us-east-1' } },
      'one of 1 geoproximity sets',
    ],
    ['by many values', { SetIdentifier: 'a', MultiValueAnswer: true }, 'one of 1 multivalue sets'],
    [
      'by addresses',
      { SetIdentifier: 'a', CidrRoutingConfig: { CollectionId: 'c', LocationName: 'l' } },
      'one of 1 IP-based sets',
    ],
    ['by what is new', { SetIdentifier: 'a' }, 'one of 1 other sets'],
    ['by a traffic policy', { TrafficPolicyInstanceId: 'tp-1' }, 'traffic policy instance tp-1'],
  ])('a record that is %s is not ready, before anything happens', async ([, change, words]) => {
    standsAs({ ...cname, ...change }, neighbour);
    expect(await seen()).toMatchObject({ record: 'not-ready', replica: 'ready' });
    const { checks } = (await shell.store.readReadiness('us-west-2')) ?? { checks: [] };
    expect(checks.find(({ check }) => check === 'record')?.why).toContain(words);
  });

  test('neither is one in a private zone, or in a zone that another service made', async () => {
    standsAs(cname);
    for (const more of [
      { Config: { PrivateZone: true } },
      { LinkedService: { ServicePrincipal: 'x.amazonaws.com' } },
    ]) {
      route53.on(GetHostedZoneCommand).resolves({
        HostedZone: { Id: hostedZone, Name: 'chatops.example.com.', CallerReference: 'c', ...more },
      });
      expect(await seen()).toMatchObject({ record: 'not-ready' });
    }
  });

  test('a control plane that does not answer says nothing of the record', async () => {
    route53.on(ListResourceRecordSetsCommand).rejects(fault('TimeoutError', 0));
    expect(await seen()).toMatchObject({ record: 'unknown', replica: 'ready' });
  });
});

describe('of a plan that moves users by latches', () => {
  const why = async () => {
    const { record } = await seen();
    const { checks } = (await shell.store.readReadiness('us-west-2')) ?? { checks: [] };
    return [record, checks.find(({ check }) => check === 'record')?.why];
  };

  test('the record follows both latches', async () => {
    expect(await why()).toEqual(['ready', 'api.chatops.example.com follows the latches of us-east-1 and us-west-2']);
  });

  test('a health check that somebody has disabled is not ready', async () => {
    const [first, ...rest] = latchChecks(plan) as { Id: string; HealthCheckConfig: object }[];
    followed([{ ...first, HealthCheckConfig: { ...first?.HealthCheckConfig, Disabled: true } }, ...rest]);
    expect(await why()).toEqual([
      'not-ready',
      `api.chatops.example.com: health check ${first?.Id} is disabled, and counts as healthy`,
    ]);
  });

  test('more health checks than one page has, or a control plane that is silent, say nothing of it', async () => {
    followed(latchChecks(plan), true);
    expect((await why())[0]).toBe('unknown');
    route53.on(ListHealthChecksCommand).rejects(fault('TimeoutError', 0));
    expect((await why())[0]).toBe('unknown');
  });
});

describe('what lies beside the latches', () => {
  const why = async () => {
    const { latches } = await seen();
    const { checks } = (await shell.store.readReadiness('us-west-2')) ?? { checks: [] };
    return [latches, checks.find(({ check }) => check === 'latches')?.why];
  };
  const blocked = 'look at S3 Block Public Access of the bucket, of the account and of the organization';
  const inWest = (url: string) => url.startsWith('http://chatops-latch-us-west-2.s3.us-west-2.amazonaws.com/');

  test('is read as the health checks read it, in each bucket once, and is not written where it can be', async () => {
    const asked: string[] = [];
    anonymous = (url) => {
      asked.push(url);
      return 200;
    };
    expect(await why()).toEqual(['ready', '4 latches are open; health checks can read them']);
    expect(asked.toSorted()).toEqual(
      ['us-east-1', 'us-east-2', 'us-west-2'].map(
        (at) => `http://chatops-latch-${at}.s3.${at}.amazonaws.com/latch/readable`,
      ),
    );
    expect(s3).not.toHaveReceivedCommand(PutObjectCommand);
  });

  test('is laid there where it is not yet, and nobody is told', async () => {
    let isThere = false;
    s3.on(PutObjectCommand).callsFake(() => {
      isThere = true;
      return {};
    });
    anonymous = (url) => (inWest(url) && !isThere ? 403 : 200);
    expect((await why())[0]).toBe('ready');
    expect(s3).toHaveReceivedCommandTimes(PutObjectCommand, 1);
    expect(s3).toHaveReceivedCommandWith(PutObjectCommand, {
      Bucket: 'chatops-latch-us-west-2',
      Key: 'latch/readable',
    });
  });

  test('is there, and only who signs may read it: not ready, in a sentence that says where to look', async () => {
    s3.on(PutObjectCommand).resolves({});
    anonymous = (url) => (inWest(url) ? 403 : 200);
    expect(await why()).toEqual([
      'not-ready',
      `health checks cannot read what lies in chatops-latch-us-west-2 (403), so that a closed latch moves nobody: ${blocked}`,
    ]);
  });

  test('cannot be laid there either: the sentence says why', async () => {
    s3.on(PutObjectCommand).rejects(fault('NoSuchBucket', 404));
    anonymous = (url) => (inWest(url) ? 404 : 200);
    const [state, said] = await why();
    expect(state).toBe('not-ready');
    expect(said).toMatch(
      /chatops-latch-us-west-2 \(404\), .*; write latch\/readable to chatops-latch-us-west-2: NoSuchB/,
    );
  });

  test.for([
    ['does not answer', null],
    ['has a fault of its own', 503],
  ] as const)('is unknown where S3 %s, and nothing is written', async ([, status]) => {
    anonymous = () => status;
    expect((await why())[0]).toBe('unknown');
    expect(s3).not.toHaveReceivedCommand(PutObjectCommand);
  });
});

describe('of two databases', () => {
  const other = { DBInstanceIdentifier: 'orders-dr' };
  const replicating = {
    DBInstanceStatus: 'available',
    MultiAZ: true,
    ReadReplicaSourceDBInstanceIdentifier: 'orders-prod',
    StatusInfos: [{ StatusType: 'read replication', Normal: true }],
  };
  const whyOf = async (name: string) => {
    const { checks } = (await shell.store.readReadiness('us-west-2')) ?? { checks: [] };
    return checks.filter(({ check }) => check === name).map(({ why }) => why);
  };
  beforeEach(() => {
    shell = { ...shell, plan: withSecondDatabase(plan) };
    rds.on(DescribeDBInstancesCommand, other).resolves({ DBInstances: [replicating] });
  });

  test('both are looked at, in one check that is ready where both are', async () => {
    expect(await seen()).toEqual(Object.fromEntries(everything.map((check) => [check, 'ready'])));
    expect(await whyOf('replica')).toEqual(['replica chatops-dr-replica replicates; replica orders-dr replicates']);
  });

  test('the worst counts: one that is gone is not ready', async () => {
    rds.on(DescribeDBInstancesCommand, other).resolves({ DBInstances: [] });
    expect(await seen()).toMatchObject({ replica: 'not-ready', lag: 'ready' });
    expect(await whyOf('replica')).toEqual(['replica orders-dr does not exist']);
  });

  test.for([
    ['the other is well', false, 'unknown'],
    ['the other is gone', true, 'not-ready'],
  ] as const)('one that cannot be read hides nothing when %s', async ([, gone, state]) => {
    rds.on(DescribeDBInstancesCommand, other).rejects(fault('InternalFailure', 500));
    if (gone)
      rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' }).resolves({ DBInstances: [] });
    expect(await seen()).toMatchObject({ replica: state });
  });
});

test('a drill that is overdue lowers readiness with its date, and a plan whose drills nobody starts is not asked', async () => {
  const window = { days: ['mon' as const], from: '10:00', to: '15:00', timeZone: 'UTC' };
  const monthly = { name: 'on paper', scenario: 'calm', every: 'month' as const, withinSeconds: 60 };
  const planned = { ...monthly, kind: 'tabletop' as const, window, blocked: [] };
  shell = { ...shell, plan: { ...plan, drills: [planned] } };
  await shell.store.keepDrill({ ...drill, name: 'on paper', kind: 'tabletop', startedAt: start - 100 * 86_400_000 });
  expect(await seen()).toMatchObject({ 'last-drill': 'not-ready' });
  const { checks } = (await shell.store.readReadiness('us-west-2')) ?? { checks: [] };
  expect(checks.find(({ check }) => check === 'last-drill')?.why).toMatch(/^drill "on paper" is overdue since 2026-/);
});

test('of a plan without database and cache neither is looked at', async () => {
  shell = { ...shell, plan: without(plan, 'rds-instance', 'elasticache') };
  // The parameters name both of them, and are gone with them.
  const left = ['replica', 'lag', 'cache', 'settings', 'backups', 'restore'];
  const expected = everything.filter((check) => !left.includes(check));
  expect(await seen()).toEqual(Object.fromEntries(expected.map((check) => [check, 'ready'])));
});

test.for([
  'PendingConfirmation', // its owner has not confirmed it
  'Deleted', // its owner, or a mail that bounced for long, has ended it
])('a latch that is closed and a contact whose only subscription is %s are not ready', async (SubscriptionArn) => {
  s3.on(HeadObjectCommand, { Bucket: 'chatops-latch-us-east-2', Key: 'latch/us-west-2' }).resolves({});
  sns.on(ListSubscriptionsByTopicCommand, topicOf('dba')).resolves({
    Subscriptions: [{ SubscriptionArn, Protocol: 'email', Endpoint: 'dba@example.com' }],
  });
  expect(await seen()).toMatchObject({
    latches: 'not-ready',
    contacts: 'not-ready',
    approval: 'ready',
    replica: 'ready',
  });
});

test.for([
  ['in the sandbox', true, '100', null, 'not-ready'],
  ['with the limit of a new account', false, '1', null, 'not-ready'],
  ['with a limit that SNS does not say', false, undefined, null, 'unknown'],
  ['that may send', false, '100', null, 'ready'],
  ['that has spent little', false, '100', 20, 'ready'],
  ['that has spent most', false, '100', 95, 'not-ready'],
] as const)(
  'where somebody is told by SMS, an account %s is looked at',
  async ([, IsInSandbox, limit, spent, state]) => {
    const asked = { Namespace: 'AWS/SNS', MetricName: 'SMSMonthToDateSpentUSD', Dimensions: [] };
    const query = { Id: 'm0', MetricStat: { Metric: asked, Period: 60, Stat: 'Maximum' } };
    cloudWatch.on(GetMetricDataCommand, { MetricDataQueries: [query] }).resolves(
      spent === null
        ? {}
        : {
            MetricDataResults: [
              { Id: 'm0', Timestamps: [new Date(shell.now() - 60_000)], Values: [spent], StatusCode: 'Complete' },
            ],
          },
    );
    sns.on(GetSMSSandboxAccountStatusCommand).resolves({ IsInSandbox });
    sns.on(GetSMSAttributesCommand).resolves({ attributes: limit === undefined ? {} : { MonthlySpendLimit: limit } });
    const { dba } = plan.contacts;
    if (dba === undefined) throw new Error('the plan has a dba');
    shell = { ...shell, plan: { ...plan, contacts: { ...plan.contacts, dba: { ...dba, next: ['sms'] } } } };
    expect(await seen()).toMatchObject({ contacts: state });
  },
);

test('where nobody is told by SMS, the account is not asked about it', async () => {
  expect(await seen()).toMatchObject({ contacts: 'ready' });
  expect(sns).not.toHaveReceivedCommand(GetSMSSandboxAccountStatusCommand);
});

test('when SNS cannot be read, who hears and who could approve is unknown', async () => {
  sns.on(ListSubscriptionsByTopicCommand).rejects(fault('AuthorizationError', 403));
  const lost = Object.entries(await seen()).filter(([, state]) => state !== 'ready');
  expect(lost).toEqual([
    ['contacts', 'unknown'],
    ['approval', 'unknown'],
  ]);
});

test('approvers who share an address are one person: too few can approve', async () => {
  for (const role of ['dba', 'infra-lead', 'dr-coordinator'])
    sns.on(ListSubscriptionsByTopicCommand, topicOf(role)).resolves(heardAt('Ops@example.com'));
  expect(await seen()).toMatchObject({ contacts: 'ready', approval: 'not-ready' });
  const { checks } = (await shell.store.readReadiness('us-west-2')) ?? { checks: [] };
  expect(checks.find(({ check }) => check === 'approval')?.why).toBe(
    '2 different people must approve, and only 1 can hear that they are asked: dr-coordinator, infra-lead, dba share an address',
  );
});

test('each topic is looked at once, for both checks that ask who hears it', async () => {
  await seen();
  expect(sns.calls()).toHaveLength(Object.keys(plan.contacts).length);
});

test("a Lambda of the user's that is not there is not ready, and is named with its region", async () => {
  lambda.answer = async ({ input }) => {
    if (input['FunctionName'] === 'chatops-search-move') throw fault('ResourceNotFoundException', 404);
    return {};
  };
  expect(await seen()).toMatchObject({ functions: 'not-ready', replica: 'ready' });
  const { checks } = (await shell.store.readReadiness('us-west-2')) ?? { checks: [] };
  expect(checks.find(({ check }) => check === 'functions')?.why).toBe(
    'no such function in us-west-2: chatops-search-move',
  );
});

test('a parameter that is not there, and one that is no String, are not ready: a takeover would stop after the promotion', async () => {
  parameter = (name) => {
    if (name === '/chatops/cache/host') throw fault('ParameterNotFound', 400);
    return { Value: 'AQICAHh0', Type: 'SecureString' };
  };
  expect(await seen()).toMatchObject({ settings: 'not-ready', replica: 'ready' });
  const { checks } = (await shell.store.readReadiness('us-west-2')) ?? { checks: [] };
  expect(checks.find(({ check }) => check === 'settings')?.why).toBe(
    'parameter /chatops/database/host in us-west-2 is a SecureString, expected a String; parameter /chatops/cache/host in us-west-2 is not there, expected a String',
  );
  // What a SecureString holds stays sealed: Breakwater has no right to the user's key.
  expect(parametersAsked).toEqual([{ Name: '/chatops/database/host' }, { Name: '/chatops/cache/host' }]);
});

test('the table is read in the peer region, and two truths are not ready', async () => {
  await shell.store.moveRole('us-west-2', 1, 'failover', start);
  await shell.store.moveRole('us-east-1', 2, 'failback', start);
  expect((await seen())['state-table']).toBe('not-ready');
  expect(table.calls.map(({ service, operation, region }) => [service, operation, region])).toContainEqual([
    'dynamodb',
    'Query',
    'us-east-1',
  ]);
});

test('the primary has no replica to look at: it tells, asks and shares the truth', async () => {
  shell = { ...shell, region: 'us-east-1' };
  // What it looks at of its databases is the way back into it: its own backups, and a restore of them.
  expect(Object.keys(await seen())).toEqual([
    'state-table',
    'contacts',
    'approval',
    'approval-page',
    'backups',
    'restore',
    'cluster-shift',
    'balancer-shift',
  ]);
});

describe('what leaves a zone by a zonal shift', () => {
  const nameOf = (region: string, of: 'cluster' | 'balancer') =>
    of === 'cluster' ? `chatops-${region === 'us-east-1' ? 'prod' : 'dr'}` : 'chatops-ingress';
  const arn = (region: string, of: 'cluster' | 'balancer') =>
    of === 'cluster'
      ? `arn:aws:eks:${region}:111122223333:cluster/${nameOf(region, of)}`
      : `arn:aws:elasticloadbalancing:${region}:111122223333:loadbalancer/app/chatops-ingress/50dc6c495c0c9188`;

  test.for([
    ['us-east-1', 'cluster'],
    ['us-east-1', 'balancer'],
    ['us-west-2', 'cluster'],
    ['us-west-2', 'balancer'],
  ] as const)('is not ready in %s where ARC does not manage its %s', async ([region, of]) => {
    shell = { ...shell, region };
    unmanaged = [arn(region, of)];
    const other = of === 'cluster' ? 'balancer-shift' : 'cluster-shift';
    expect(await seen()).toMatchObject({ [`${of}-shift`]: 'not-ready', [other]: 'ready' });
    const { checks } = (await shell.store.readReadiness(region)) ?? { checks: [] };
    expect(checks.find(({ check }) => check === `${of}-shift`)?.why).toBe(
      `traffic cannot leave a zone: zonal shift is not enabled on ${nameOf(region, of)}`,
    );
  });

  test('is unknown where ARC refuses to say, and nothing else is', async () => {
    unmanaged = ['*'];
    const lost = Object.entries(await seen()).filter(([, state]) => state !== 'ready');
    expect(lost).toEqual([
      ['cluster-shift', 'unknown'],
      ['balancer-shift', 'unknown'],
    ]);
  });
});

describe('of the backups in the standby', () => {
  const whyOf = async (name: string) => {
    const state = (await seen())[name];
    const { checks } = (await shell.store.readReadiness(shell.region)) ?? { checks: [] };
    return [state, checks.find(({ check }) => check === name)?.why];
  };
  const holds = (change: object) =>
    rds
      .on(DescribeDBInstanceAutomatedBackupsCommand)
      .resolves({ DBInstanceAutomatedBackups: [{ ...replicated, ...change }] });

  test('the newest moment and the newest copy are told with their age', async () => {
    expect(await whyOf('backups')).toEqual([
      'ready',
      'database can be restored in us-west-2 to 6 min ago; its newest snapshot is 7 h old',
    ]);
  });

  test('a newest restorable time that does not move is not ready, long before the RPO', async () => {
    holds({ RestoreWindow: { ...replicated.RestoreWindow, LatestTime: new Date(start - 46 * 60_000) } });
    expect(await whyOf('backups')).toEqual([
      'not-ready',
      'the newest restorable time of database in us-west-2 has not moved for 46 min: replication has stopped, or is behind',
    ]);
  });

  test('neither are backups that are not there', async () => {
    rds.on(DescribeDBInstanceAutomatedBackupsCommand).resolves({ DBInstanceAutomatedBackups: [] });
    rds.on(DescribeDBSnapshotsCommand).resolves({ DBSnapshots: [] });
    expect(await whyOf('backups')).toEqual([
      'not-ready',
      'no automated backups of database are replicated to us-west-2; no snapshot of database is in us-west-2',
    ]);
    expect(await whyOf('restore')).toEqual([
      'unknown',
      'could not be read: there is no backup of database in us-west-2 to restore',
    ]);
  });

  test('nor a copy older than two intervals of the plan and the day between two snapshots', async () => {
    const OriginalSnapshotCreateTime = new Date(start - 49 * 3_600_000);
    rds.on(DescribeDBSnapshotsCommand).resolves({ DBSnapshots: [{ ...copied, OriginalSnapshotCreateTime }] });
    expect((await whyOf('backups'))[1]).toBe(
      'the newest snapshot of database in us-west-2 is 49 h old, and 48 h is the most',
    );
  });

  test('a pair of regions that RDS does not replicate in is not ready, also the way back into the primary', async () => {
    rds.on(DescribeSourceRegionsCommand).resolves({ SourceRegions: [{ RegionName: 'us-east-1' }] });
    expect((await whyOf('backups'))[0]).toBe('not-ready');
    shell = { ...shell, region: 'us-east-1' };
    expect(await whyOf('backups')).toEqual([
      'not-ready',
      'once roles have moved, RDS does not replicate automated backups of database back into us-east-1',
    ]);
  });

  test('a restore that would meet something is not ready, with a line for each', async () => {
    rds.on(DescribeDBParameterGroupsCommand).rejects(fault('DBParameterGroupNotFoundFault', 404));
    rds.on(DescribeOrderableDBInstanceOptionsCommand).resolves({ OrderableDBInstanceOptions: [] });
    expect(await whyOf('restore')).toEqual([
      'not-ready',
      'parameter group chatops-postgres16 is not in us-west-2; db.r6g.xlarge for postgres 16.4 is not offered in us-west-2',
    ]);
  });
});

test('nothing is looked at with a call that changes anything', async () => {
  await seen();
  const calls = [...rds.calls(), ...elastiCache.calls(), ...s3.calls(), ...sns.calls()];
  const names = [...calls.map((call) => call.args[0].constructor.name), ...table.calls.map((call) => call.operation)];
  expect(names.filter((name) => !/^(Describe|Get|Head|List|Query)/.test(name))).toEqual([]);
  const tried = lambda.calls.map(({ input }) => input['InvocationType']);
  expect(tried).toEqual(['DryRun', 'DryRun', 'DryRun']);
});
