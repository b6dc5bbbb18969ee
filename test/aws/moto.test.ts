// The packaged stacks on an AWS that nobody here wrote: deployed, compared with what the simulator boots, used, and removed.
import { readFileSync } from 'node:fs';
import { CloudWatchClient, DeleteAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
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
import { runFramework } from '../../cli/packaging.ts';
import { listAlarms } from '../../functions/aws/alarms.ts';
import { readSecret } from '../../functions/aws/secrets.ts';
import { dynamoStore } from '../../functions/aws/store.ts';
import { listRunning, readWhereabouts } from '../../functions/aws/whereabouts.ts';
import { unknownLinkPage } from '../../functions/domain/approval-page.ts';
import { readKeyRing } from '../../functions/domain/link.ts';
import type { Store } from '../../functions/domain/store.ts';
import { linkFor } from '../../functions/shared/links.ts';
import { type Deployment, readResources } from '../../simulator/aws/deployment.ts';
import { plan, setting } from '../functions/setting.ts';
import { darkRequest, minute } from '../page/views.ts';
import { folderOf, templateOf } from '../permissions/packaged.ts';
import { storeContract } from '../store/contract.ts';
import { account, hasMoto, type Moto, startMoto } from './moto.ts';
import { readStanding } from './standing.ts';

const stage = 'rehearsal';
const prefix = `breakwater-${stage}`;
const { primary, witness, observers } = plan.roles;
const [observer = ''] = observers;
const regions = [primary, witness, observer];

let moto: Moto;

describe.skipIf(!hasMoto)('on moto (skipped where there is no moto_server)', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    moto = await startMoto(plan.redirection.hostedZone);
    vi.stubEnv('AWS_ENDPOINT_URL', moto.url);
    const zone = { Name: new URL(plan.service.healthUrl).hostname, CallerReference: 'the application' };
    await new Route53Client({ region: primary }).send(new CreateHostedZoneCommand(zone));
    for (const region of regions) await serverless('deploy', region, '--package', await folderOf(region));
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

  test('a batch costs its reader only what could not be done', async () => {
    const [api, words, stray] = [
      record(alarmEvent('chatops-api-5xx')),
      record('no event'),
      record({ ...alarmEvent('someone-elses'), id: 'someone-elses' }),
    ];
    const Records = [api, words, stray];
    const strays = await storeOf(prefix).countStrays();
    const { Environment } = Configuration.parse(await moto.ask('lambda', primary, configurationOf('classify')));
    const configure = (change: object) =>
      moto.ask('lambda', primary, configurationOf('classify'), {
        method: 'PUT',
        body: { Environment: { Variables: { ...Environment.Variables, ...change } } },
      });
    // Of that prefix there is no queue in which a later look could be asked for.
    await configure({ BREAKWATER_PREFIX: 'breakwater-elsewhere' });
    const batchItemFailures = [{ itemIdentifier: api.messageId }];
    expect(await invoke('classify', { Records })).toEqual({ failed: false, answer: { batchItemFailures } });
    await configure({});
    expect(await invoke('classify', { Records: [api] })).toEqual({ failed: false, answer: { batchItemFailures: [] } });
    expect(await storeOf(prefix).countStrays()).toBe(strays + 2);
    expect(await storeOf(prefix).readSignals(primary, 0)).toContainEqual(
      expect.objectContaining({ key: `alarm:${primary}:chatops-api-5xx`, condition: 'failing' }),
    );
  });

  test('a sweep keeps the signals of alarms on several pages', async () => {
    const cloudWatch = new CloudWatchClient({ region: primary });
    const names = Array.from(
      { length: 230 },
      (_, index) => `chatops-worker-errors-${String(index + 1).padStart(4, '0')}`,
    );
    await inParts(names, 10, (AlarmName) =>
      cloudWatch.send(
        new PutMetricAlarmCommand({
          AlarmName,
          Namespace: 'chatops',
          MetricName: 'Errors',
          Statistic: 'Sum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanThreshold',
        }),
      ),
    );
    const all = (await listAlarms(primary, `${plan.application}-`)).map(({ name }) => name);
    expect(all).toEqual(expect.arrayContaining(names));
    expect(await invoke('sweep', {})).toEqual({ failed: false, answer: null });
    const kept = new Set((await storeOf(prefix).readSignals(primary, 0)).map(({ key }) => key));
    expect(names.filter((name) => !kept.has(`alarm:${primary}:${name}`))).toEqual([]);
    for (let at = 0; at < names.length; at += 100)
      await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: names.slice(at, at + 100) }));
  });

  test('alarms that are told to the region lead to a message to whoever is on call', async () => {
    const sqs = new SQSClient({ region: primary });
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'phone' }));
    const Endpoint = `arn:aws:sqs:${primary}:${account}:phone`;
    const TopicArn = `arn:aws:sns:${primary}:${account}:${prefix}-on-call`;
    await new SNSClient({ region: primary }).send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
    const Entries = ['chatops-api-5xx', 'chatops-worker-errors'].map(alarmEvent).map((event) => ({
      Source: event.source,
      DetailType: event['detail-type'],
      Time: new Date(event.time),
      Detail: JSON.stringify(event.detail),
    }));
    await new EventBridgeClient({ region: primary }).send(new PutEventsCommand({ Entries }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    const { Subject } = JSON.parse(Messages?.[0]?.Body ?? '{}');
    expect(Subject).toContain(`service degraded in ${primary}`);
    const flow = 'service-degradation';
    const [{ arn = '' } = {}, ...others] = await listRunning(primary, { prefix, flows: [flow] });
    expect(others).toEqual([]);
    await expect.poll(() => statesOf(arn), patient).toEqual(['WatchIncident']);
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  });

  describe('the door of approvers', () => {
    const seal = 'k9.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb';
    let path: string;

    beforeAll(async () => {
      const { Environment } = Configuration.parse(await moto.ask('lambda', primary, configurationOf('serve-approval')));
      const { BREAKWATER_LINK_KEY: linkKey = null, BREAKWATER_PAGE_URL: pageUrl = null } = Environment.Variables;
      const shell = setting({
        region: primary,
        account,
        prefix,
        linkKey,
        pageUrl,
        store: storeOf(prefix),
        now: Date.now,
      });
      const request = { ...darkRequest, askedAt: Date.now(), expiresAt: Date.now() + 60 * minute };
      await shell.store.openRequest(request, 'the-task-token');
      path = new URL(await linkFor(request, 'dba', shell)).pathname;
    });

    test.for([
      ['of no shape', () => '/r/no-link'],
      ["of nobody's key", () => `/r/${Buffer.from(seal).toString('base64url')}`],
      ['of another seal', () => `${path.slice(0, -4)}AAAA`],
    ] as const)('a link %s opens nothing', async ([, link]) => {
      const { answer } = await invoke('serve-approval', visit(link()));
      expect(answer).toMatchObject({ statusCode: 404, body: unknownLinkPage() });
    });

    test('a link opens before and after the key was exchanged, which is then the second', async () => {
      const shown = {
        failed: false,
        answer: expect.objectContaining({ statusCode: 200, body: expect.stringContaining('Approve') }),
      };
      expect(await invoke('serve-approval', visit(path))).toEqual(shown);
      const SecretId = `${prefix}-link-key`;
      expect(await keyIds(SecretId)).toEqual(['k0']);
      await new SecretsManagerClient({ region: primary }).send(new RotateSecretCommand({ SecretId }));
      expect(await keyIds(SecretId)).toEqual(['k1', 'k0']);
      expect(await invoke('serve-approval', visit(path))).toEqual(shown);
    });
  });

  describe('executions', () => {
    const sfn = () => new SFNClient({ region: primary });
    const named = { prefix: 'pages', flows: ['many', 'long'] };

    /** Starts executions of a machine of its own, so that no more of the application runs. Gives what deletes it. */
    async function start(flow: string, states: object, count: number) {
      const { stateMachineArn } = await sfn().send(
        new CreateStateMachineCommand({
          name: `pages-${flow}`,
          roleArn: `arn:aws:iam::${account}:role/pages`,
          definition: JSON.stringify(states),
        }),
      );
      const names = Array.from({ length: count }, (_, index) => `execution-${index}`);
      await inParts(names, 10, (name) => sfn().send(new StartExecutionCommand({ stateMachineArn, name, input: '{}' })));
      return { names, end: () => sfn().send(new DeleteStateMachineCommand({ stateMachineArn })) };
    }

    test('on several pages are all listed', async () => {
      const { names, end } = await start('many', { StartAt: 'Wait', States: { Wait: waiting } }, 230);
      const found = await listRunning(primary, named);
      expect(found.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
      await end();
    });

    test('with a history of several pages are found where they are', async () => {
      const steps = Array.from({ length: 25 }, (_, index) => [
        `Step${index}`,
        { Type: 'Pass', Next: `Step${index + 1}` },
      ]);
      const branches = [
        { StartAt: 'Early', States: { Early: waiting } },
        { StartAt: 'Step0', States: { ...Object.fromEntries(steps), Step25: waiting } },
      ];
      const { end } = await start(
        'long',
        { StartAt: 'Both', States: { Both: { Type: 'Parallel', Branches: branches, End: true } } },
        1,
      );
      const [{ arn = '' } = {}] = await listRunning(primary, named);
      await expect.poll(() => statesOf(arn), patient).toEqual(['Early', 'Step25']);
      await end();
    });
  });

  let tables = 0;
  storeContract('the store', async () => {
    tables += 1;
    return storeOf(await createTable(`contract-${tables}`));
  });

  test('a removal leaves the state table, the latches and the keys, and nothing else', async () => {
    for (const region of regions.toReversed()) await serverless('remove', region);
    for (const region of regions) {
      const standing = await readStanding(region, moto.ask, {});
      expect(comparable(standing)).toEqual(comparable(readResources({}, region, account)));
      const { Keys } = KeyList.parse(await moto.ask('kms', region, '/', { target: 'TrentService.ListKeys', body: {} }));
      expect(Keys).toHaveLength(1);
    }
    const { Table } = await new DynamoDBClient({ region: primary }).send(
      new DescribeTableCommand({ TableName: prefix }),
    );
    expect(Table?.TableStatus).toBe('ACTIVE');
    const { Buckets = [] } = await new S3Client({ region: primary }).send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name).toSorted()).toEqual(latches());
  });
});

/** `npx serverless` with a command for a region. @throws Error with what it printed. */
async function serverless(command: string, region: string, ...options: string[]): Promise<void> {
  try {
    await runFramework([command, '--stage', stage, '--region', region, ...options], {
      AWS_ENDPOINT_URL: moto.url,
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
      SLS_AWS_MONITORING_FREQUENCY: '100', // milliseconds: what moto does is done when it answers
    });
  } catch (error) {
    throw new Error(`${command} of ${region}: ${String(error)}\n${moto.lastError()}`);
  }
}

const invoke = (verb: string, event: unknown) => moto.invoke(primary, `${prefix}-${verb}`, event);
const configurationOf = (verb: string) => `/2015-03-31/functions/${prefix}-${verb}/configuration`;
const Configuration = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.string()) }) });
const KeyList = z.object({ Keys: z.array(z.unknown()) });

function storeOf(table: string): Store {
  return dynamoStore(primary, table, plan, () => undefined);
}

/** In an order of their own: a list of AWS has none that counts. */
function comparable({ place: _, ...standing }: Deployment): unknown {
  const sorted = (value: unknown): unknown => {
    if (value instanceof Map) return sorted([...value.values()]);
    if (!Array.isArray(value)) return value;
    return value.map(sorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  };
  return Object.fromEntries(Object.entries(standing).map(([name, value]) => [name, sorted(value)]));
}

/** The latches of the plan that lie in the regions deployed to. */
function latches(): string[] {
  const buckets = Object.values(plan.redirection.latchBuckets).flatMap((byRegion) =>
    regions.map((region) => byRegion[region] ?? []),
  );
  return [...new Set(buckets.flat())].toSorted();
}

const template = JSON.parse(readFileSync('events/cloudwatch.metric-alarm-to-alarm.json', 'utf8'));

/** An alarm that went off long enough ago to count, and not so long ago that it would be late. */
function alarmEvent(alarmName: string) {
  const time = new Date(Date.now() - (plan.evidence.degradation.confirmSeconds + 10) * 1000).toISOString();
  return { ...template, id: alarmName, account, region: primary, time, detail: { ...template.detail, alarmName } };
}

let messages = 0;

/** As Lambda hands over a message of a queue. */
function record(body: unknown) {
  messages += 1;
  const eventSourceARN = `arn:aws:sqs:${primary}:${account}:${prefix}-signals`;
  return {
    messageId: `message-${messages}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    eventSource: 'aws:sqs',
    eventSourceARN,
  };
}

/** As an HTTP API hands over a request (payload 2.0). */
function visit(rawPath: string) {
  return {
    version: '2.0',
    routeKey: 'GET /r/{link}',
    rawPath,
    rawQueryString: '',
    headers: { accept: 'text/html', 'user-agent': 'Mozilla/5.0' },
    requestContext: {
      http: { method: 'GET', path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'Mozilla/5.0' },
    },
    pathParameters: { link: rawPath.split('/').at(-1) },
    isBase64Encoded: false,
  };
}

async function keyIds(secret: string): Promise<readonly string[] | undefined> {
  return readKeyRing((await readSecret(primary, secret)) ?? '')?.map(({ id }) => id);
}

/** moto runs a flow in the background. */
const patient = { timeout: 30_000, interval: 500 };

async function statesOf(execution: string): Promise<string[]> {
  return (await readWhereabouts(primary, execution)).map(({ state }) => state);
}

const waiting = { Type: 'Wait', Seconds: 3600, End: true };

/** Does something for each, `width` at a time. */
async function inParts<One>(all: readonly One[], width: number, work: (one: One) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += width) await Promise.all(all.slice(at, at + width).map(work));
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
