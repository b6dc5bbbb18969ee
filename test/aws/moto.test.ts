// The packaged stacks on an AWS that nobody here wrote: deployed, compared with what the simulator boots, used, gone.
import { CloudWatchClient, DeleteAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateHostedZoneCommand, ListHealthChecksCommand, Route53Client } from '@aws-sdk/client-route-53';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { runFramework } from '../../cli/packaged/packaging.ts';
import { listRunning, readWhereabouts } from '../../functions/aws/flows/whereabouts.ts';
import { readSecret } from '../../functions/aws/secrets.ts';
import { dynamoStore } from '../../functions/aws/store/store.ts';
import { readKeyRing } from '../../functions/domain/approval/link.ts';
import type { Flow } from '../../functions/domain/flows.ts';
import { unknownLinkPage } from '../../functions/domain/page/approval-page.ts';
import { assetsOf } from '../../functions/domain/plan/assets.ts';
import type { Store } from '../../functions/domain/record/store.ts';
import { linkFor } from '../../functions/shared/approval/links.ts';
import { type Deployment, readResources } from '../../simulator/aws/deployment.ts';
import { run } from '../cli/invented.ts';
import { setting } from '../functions/setting.ts';
import { darkRequest, minute } from '../page/views.ts';
import { folderOf, packaged, templateOf } from '../permissions/packaged.ts';
import { plan, planFile } from '../plan.ts';
import { storeContract } from '../store/contract.ts';
import { account, hasMoto, type Moto, startMoto } from './moto.ts';
import { alarmEvent, message, visit } from './sent.ts';
import { readStanding } from './standing.ts';

const stage = 'rehearsal';
const prefix = `breakwater-${stage}`;
const { primary, witness, observers } = plan.roles;
const [observer = ''] = observers;
const regions = [primary, witness, observer];
/** Degradations count after this time, and are not late yet. */
const confirmedSeconds = plan.evidence.degradation.confirmSeconds + 10;

let moto: Moto;

describe.skipIf(!hasMoto)('on moto (skipped where there is no moto_server)', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    moto = await startMoto(plan.redirection.hostedZone);
    vi.stubEnv('AWS_ENDPOINT_URL', moto.url);
    const zone = { Name: new URL(plan.service.healthUrl).hostname, CallerReference: 'the application' };
    await new Route53Client({ region: primary }).send(new CreateHostedZoneCommand(zone));
    const folders = await Promise.all(regions.map((region) => folderOf(region)));
    await Promise.all(regions.map((region, at) => serverless('deploy', region, '--package', folders[at] ?? '')));
  }, 480_000);

  afterAll(async () => {
    await moto?.stop();
    vi.unstubAllEnvs();
  });

  test.for(regions)('a deployment makes of %s what the simulator boots', async (region) => {
    const { Resources } = await templateOf(region);
    const standing = await readStanding(region, moto.ask, Resources);
    expect(comparable(standing)).toEqual(comparable(readResources(Resources, region, account)));
  });

  test('a batch is delivered again but for what was done', async () => {
    const queue = `arn:aws:sqs:${primary}:${account}:${prefix}-signals`;
    const alarm = message('alarm', alarmEvent('chatops-api-5xx', primary, confirmedSeconds), queue);
    const poison = message(
      'poison',
      { ...alarmEvent('chatops-api-5xx', primary, 0), time: 'soon', detail: null },
      queue,
    );
    const stray = message('stray', alarmEvent('someone-elses', primary, 0), queue);
    const strays = await storeOf(prefix).countStrays();
    const { Environment } = await configurationOf('classify');
    // Of that prefix there is no queue: the alarm is kept, and a look at it in time cannot be asked for.
    await configure('classify', { ...Environment.Variables, BREAKWATER_PREFIX: 'breakwater-elsewhere' });
    expect(await invoke('classify', { Records: [alarm, poison, stray] })).toEqual({
      failed: false,
      answer: { batchItemFailures: [{ itemIdentifier: 'alarm' }] },
    });
    await configure('classify', Environment.Variables);
    const done = { failed: false, answer: { batchItemFailures: [] } };
    expect(await invoke('classify', { Records: [alarm] })).toEqual(done);
    expect(await storeOf(prefix).countStrays()).toBe(strays + 2);
    expect(await storeOf(prefix).readSignals(primary, 0)).toContainEqual(
      expect.objectContaining({ key: `alarm:${primary}:chatops-api-5xx`, condition: 'failing' }),
    );
  });

  test('a sweep keeps the signals of alarms on several pages', async () => {
    const cloudWatch = new CloudWatchClient({ region: primary });
    const names = Array.from({ length: 130 }, (_, index) => `chatops-worker-errors-${1000 + index}`);
    const alarm = {
      Namespace: 'chatops',
      MetricName: 'Errors',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
    } as const;
    await byTens(names, (AlarmName) => cloudWatch.send(new PutMetricAlarmCommand({ AlarmName, ...alarm })));
    expect(await invoke('sweep', {})).toEqual({ failed: false, answer: null });
    const kept = new Set((await storeOf(prefix).readSignals(primary, 0)).map(({ key }) => key));
    expect(names.filter((name) => !kept.has(`alarm:${primary}:${name}`))).toEqual([]);
    for (const AlarmNames of [names.slice(0, 100), names.slice(100)])
      await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames }));
  });

  test('what is put on the bus of the application is kept, and what is put on the default bus is not', async () => {
    const events = new EventBridgeClient({ region: primary });
    // The standby is not deployed here, and moto forwards while it takes an event.
    const there = new EventBridgeClient({ region: plan.roles.standby });
    await there.send(new CreateEventBusCommand({ Name: `${prefix}-events` }));
    const put = (windowId: string, EventBusName?: string) => {
      const Detail = JSON.stringify({ phase: 'STARTED', windowId, targets: ['nothing'], plannedMinutes: 1 });
      const entry = {
        Source: 'chatops.maintenance',
        DetailType: 'Chatops Maintenance Window',
        Detail,
        Time: new Date(),
      };
      return events.send(new PutEventsCommand({ Entries: [{ ...entry, ...(EventBusName && { EventBusName }) }] }));
    };
    await put('on-default');
    await put('on-own', `${prefix}-events`);
    const windows = async () =>
      (await storeOf(prefix).readSignals(primary, 0)).flatMap((one) => (one.kind === 'maintenance' ? one.window : []));
    await expect.poll(windows, patient).toEqual(['on-own']);
    await there.send(new DeleteEventBusCommand({ Name: `${prefix}-events` }));
  });

  test('alarms that are told to the region reach whoever is on call, and the command line', async () => {
    const sqs = new SQSClient({ region: primary });
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'phone' }));
    const Endpoint = `arn:aws:sqs:${primary}:${account}:phone`;
    const TopicArn = `arn:aws:sns:${primary}:${account}:${prefix}-on-call`;
    await new SNSClient({ region: primary }).send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
    const Entries = ['chatops-api-5xx', 'chatops-worker-errors'].map((name) => {
      const { source, detail, time, 'detail-type': DetailType } = alarmEvent(name, primary, confirmedSeconds);
      return { Source: source, DetailType, Time: new Date(time), Detail: JSON.stringify(detail) };
    });
    await new EventBridgeClient({ region: primary }).send(new PutEventsCommand({ Entries }));
    const heard = async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.Body;
    await expect.poll(heard, patient).toContain(`service degraded in ${primary}`);
    const [{ arn = '' } = {}, ...others] = await listRunning(primary, { prefix });
    expect(others).toEqual([]);
    await expect.poll(() => statesOf(arn), patient).toEqual(['WatchAtFirst']);
    const { status, out } = await run(['status', '--stage', stage]);
    expect(out).toContain(`service degradation in ${primary}, level 1`);
    expect(out).toContain('in WatchAtFirst for');
    expect(status).toBe(0);
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  });

  describe('the door of approvers', () => {
    const base64url = (text: string) => Buffer.from(text).toString('base64url');
    let path: string;

    beforeAll(async () => {
      const { Variables } = (await configurationOf('serve-approval')).Environment;
      const { BREAKWATER_LINK_KEY: linkKey = null, BREAKWATER_PAGE_URL: pageUrl = null } = Variables;
      const store = storeOf(prefix);
      const shell = setting({ region: primary, account, prefix, linkKey, pageUrl, store, now: Date.now });
      const request = { ...darkRequest, askedAt: Date.now(), expiresAt: Date.now() + 60 * minute };
      await store.openRequest(request, 'the-task-token');
      path = new URL(await linkFor(request, 'dba', shell)).pathname;
    });

    test.for([
      ['of no shape', () => 'no-link'],
      ['of a key that there is not', (token: string) => base64url(token.replace(/^k0/, 'k9'))],
      ['that proves nothing', (token: string) => base64url(token.replace(/[^.]{9}$/, 'aaaaaaaaa'))],
    ] as const)('a link %s opens nothing', async ([, changed]) => {
      const token = Buffer.from(path.slice('/r/'.length), 'base64url').toString();
      const { answer } = await invoke('serve-approval', visit(`/r/${changed(token)}`));
      expect(answer).toMatchObject({ statusCode: 404, body: unknownLinkPage(stage) });
    });

    test('a link opens before and after a rotation of the key, which is then the second', async () => {
      const page = expect.objectContaining({ statusCode: 200, body: expect.stringContaining('Approve') });
      const SecretId = `${prefix}-link-key`;
      const keys = async () => readKeyRing((await readSecret(primary, SecretId)) ?? '')?.map(({ id }) => id);
      expect(await keys()).toEqual(['k0']);
      expect(await invoke('serve-approval', visit(path))).toEqual({ failed: false, answer: page });
      await new SecretsManagerClient({ region: primary }).send(new RotateSecretCommand({ SecretId }));
      expect(await keys()).toEqual(['k1', 'k0']);
      expect(await invoke('serve-approval', visit(path))).toEqual({ failed: false, answer: page });
    });
  });

  describe('executions', () => {
    const waiting = { Type: 'Wait', Seconds: 3600, End: true };
    const named = { prefix: 'pages' };

    /** Starts executions of a machine of its own, so that no more of the application runs. Gives what deletes it. */
    async function start(flow: Flow, machine: object, names: readonly string[]): Promise<() => Promise<unknown>> {
      const sfn = new SFNClient({ region: primary });
      const roleArn = `arn:aws:iam::${account}:role/pages`;
      const { stateMachineArn } = await sfn.send(
        new CreateStateMachineCommand({ name: `pages-${flow}`, roleArn, definition: JSON.stringify(machine) }),
      );
      await byTens(names, (name) => sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: '{}' })));
      return () => sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
    }

    test('on several pages are all listed', async () => {
      const names = Array.from({ length: 130 }, (_, index) => `execution-${1000 + index}`);
      const end = await start('az-failover', { StartAt: 'Wait', States: { Wait: waiting } }, names);
      const found = await listRunning(primary, named);
      expect(found.map(({ name }) => name).toSorted()).toEqual(names);
      await end();
    });

    test('with a history of several pages are found where they are', async () => {
      const steps = Array.from({ length: 25 }, (_, index) => [`S${index}`, { Type: 'Pass', Next: `S${index + 1}` }]);
      const Branches = [
        { StartAt: 'Early', States: { Early: waiting } },
        { StartAt: 'S0', States: { ...Object.fromEntries(steps), S25: waiting } },
      ];
      const both = { StartAt: 'Both', States: { Both: { Type: 'Parallel', Branches, End: true } } };
      const end = await start('region-failover', both, ['execution']);
      const [{ arn = '' } = {}] = await listRunning(primary, named);
      await expect.poll(() => statesOf(arn), patient).toEqual(['Early', 'S25']);
      await end();
    });
  });

  let tables = 0;
  storeContract('the store', async () => {
    tables += 1;
    return storeOf(await createTable(`contract-${tables}`));
  });

  test('a removal leaves the state table, latches, exports, keys and what users are moved by, and nothing else', async () => {
    await Promise.all(regions.map((region) => serverless('remove', region)));
    for (const region of regions) {
      const standing = await readStanding(region, moto.ask, {});
      expect(comparable(standing)).toEqual(comparable(readResources({}, region, account)));
      expect(await leftIn(region)).toEqual({ keys: 1, aliases: [], logGroups: [] });
    }
    const dynamoDb = new DynamoDBClient({ region: primary });
    const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName: prefix }));
    expect(Table?.TableStatus).toBe('ACTIVE');
    const { Buckets = [] } = await new S3Client({ region: primary }).send(new ListBucketsCommand({}));
    const latches = Object.values(plan.redirection.latchBuckets).flatMap(Object.entries);
    const here = latches.flatMap(([region, bucket]) => (regions.includes(region) ? [bucket] : []));
    // Users find the service by its records, and the records look at their health checks.
    const route53 = new Route53Client({ region: primary });
    const { HealthChecks = [] } = await route53.send(new ListHealthChecksCommand({}));
    const checks = Object.values((await templateOf(primary)).Resources).filter(({ Type }) => /HealthCheck$/.test(Type));
    expect([checks.length > 0, HealthChecks.length]).toEqual([true, checks.length]);
    // Exports of the cache are data, which no removal deletes.
    const exported = assetsOf('elasticache', packaged).flatMap((asset) =>
      regions.flatMap((region) => asset.regions[region]?.snapshotBucket?.name ?? []),
    );
    // Reports are read after years.
    const reports = Buckets.flatMap(({ Name = '' }) => (Name.startsWith(`${prefix}-reports-`) ? [Name] : []));
    expect(reports).toHaveLength(1);
    expect(new Set(Buckets.map(({ Name }) => Name))).toEqual(new Set([...here, ...exported, ...reports]));
  });
});

/** `npx serverless` with a command for a region. @throws Error with what it printed, and what went wrong in moto. */
async function serverless(command: string, region: string, ...options: string[]): Promise<void> {
  try {
    await runFramework([command, '--stage', stage, '--region', region, '--param', `plan=${planFile}`, ...options], {
      AWS_ENDPOINT_URL: moto.url,
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
      SLS_AWS_MONITORING_FREQUENCY: '100', // milliseconds: what moto does is done when it answers
    });
  } catch (error) {
    throw new Error(`serverless ${command} --region ${region}: ${String(error)}\n${moto.lastError()}`);
  }
}

function invoke(verb: string, event: unknown) {
  return moto.invoke(primary, `${prefix}-${verb}`, event);
}

const Configuration = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.string()) }) });

async function configurationOf(verb: string): Promise<z.infer<typeof Configuration>> {
  const path = `/2015-03-31/functions/${prefix}-${verb}/configuration`;
  return Configuration.parse(await moto.ask('lambda', primary, path));
}

async function configure(verb: string, Variables: Readonly<Record<string, string>>): Promise<void> {
  const path = `/2015-03-31/functions/${prefix}-${verb}/configuration`;
  await moto.ask('lambda', primary, path, { method: 'PUT', body: { Environment: { Variables } } });
}

function storeOf(table: string): Store {
  return dynamoStore(primary, table, plan, () => undefined);
}

async function createTable(TableName: string): Promise<string> {
  await new DynamoDBClient({ region: primary }).send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  return TableName;
}

/** moto runs flows in the background. */
const patient = { timeout: 60_000, interval: 500 };

async function statesOf(execution: string): Promise<string[]> {
  return (await readWhereabouts(primary, execution)).map(({ state }) => state);
}

/** Without order: AWS's lists have none that counts. moto makes no templates of AWS FIS. */
function comparable({ place: _, experiments: __, functions, ...standing }: Deployment): unknown {
  const named = [...functions.values()].map(({ environment, ...one }) => {
    const { BREAKWATER_EXPERIMENTS: ___, ...variables } = environment;
    return { ...one, environment: variables };
  });
  const sorted = (value: unknown): unknown => {
    if (value instanceof Map) return sorted([...value.values()]);
    if (!Array.isArray(value)) return value;
    return value.map(sorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  };
  return Object.fromEntries(
    Object.entries({ ...standing, functions: named }).map(([name, value]) => [name, sorted(value)]),
  );
}

const Kms = z.object({ Keys: z.array(z.unknown()) });
const Aliases = z.object({ Aliases: z.array(z.object({ AliasName: z.string() })) });
const LogGroups = z.object({ logGroups: z.array(z.object({ logGroupName: z.string() })) });

/** What a deployment made beside what the simulator boots. */
async function leftIn(region: string) {
  const ask = (service: string, target: string) => moto.ask(service, region, '/', { target, body: {} });
  const { Keys } = Kms.parse(await ask('kms', 'TrentService.ListKeys'));
  const aliases = Aliases.parse(await ask('kms', 'TrentService.ListAliases')).Aliases.map((one) => one.AliasName);
  const { logGroups } = LogGroups.parse(await ask('logs', 'Logs_20140328.DescribeLogGroups'));
  return {
    keys: Keys.length,
    aliases: aliases.filter((name) => name.includes(prefix)),
    logGroups: logGroups.map((one) => one.logGroupName),
  };
}

async function byTens<One>(all: readonly One[], work: (one: One) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += 10) await Promise.all(all.slice(at, at + 10).map(work));
}
