// What the schedules and the cache's topic start: heartbeats, probes, canaries and forwarded messages, against mocked services.
import 'aws-sdk-client-mock-vitest/extend';
import { readFileSync } from 'node:fs';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { SNSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { busName } from '../../../functions/domain/signals/own-events.ts';
import { probeValue } from '../../../functions/domain/signals/probe.ts';
import { readEvent } from '../../../functions/domain/signals/signals.ts';
import { handler as forwardCacheEvents } from '../../../functions/forward-cache-events.ts';
import { handler as probeDependencies } from '../../../functions/probe-dependencies.ts';
import { handler as runCanary } from '../../../functions/run-canary.ts';
import { handler as sendHeartbeat } from '../../../functions/send-heartbeat.ts';
import { without } from '../../assets.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { failureOf, setting, start } from '../setting.ts';

const cloudWatch = mocked(CloudWatchClient);
const eventBridge = mocked(EventBridgeClient);

beforeEach(() => {
  for (const client of [cloudWatch, eventBridge]) client.reset();
  cloudWatch.on(PutMetricDataCommand).resolves({});
  eventBridge.on(PutEventsCommand).resolves({ Entries: [{ EventId: 'one' }] });
});

/** Each call with the region of the client that made it. */
async function regionsOf(client: typeof cloudWatch | typeof eventBridge): Promise<string[]> {
  const regions = client.calls().map((call) => (call.thisValue as CloudWatchClient).config.region());
  return (await Promise.all(regions)).toSorted();
}

function measures(): [string | undefined, Record<string, string | undefined>, number | number[] | undefined][] {
  return cloudWatch
    .commandCalls(PutMetricDataCommand)
    .flatMap((call) =>
      (call.args[0].input.MetricData ?? []).map(
        ({ MetricName, Dimensions = [], Value, Values }): ReturnType<typeof measures>[0] => [
          MetricName,
          Object.fromEntries(Dimensions.map((one) => [one.Name ?? '', one.Value])),
          Value ?? Values,
        ],
      ),
    );
}

/** The event as classify will read it. */
function asDelivered(entry: PutEventsRequestEntry | undefined, region: string): unknown {
  return {
    id: 'delivered',
    source: entry?.Source,
    'detail-type': entry?.DetailType,
    time: entry?.Time?.toISOString(),
    region,
    detail: JSON.parse(entry?.Detail ?? 'null'),
  };
}

const entries = () => eventBridge.commandCalls(PutEventsCommand).map((call) => call.args[0].input.Entries?.[0]);

describe('the heartbeat', () => {
  test('is heard in both regions, as an event that the plan reads and as a measure', async () => {
    await sendHeartbeat.on(setting())({});
    expect(await regionsOf(eventBridge)).toEqual(['us-east-1', 'us-west-2']);
    expect(await regionsOf(cloudWatch)).toEqual(['us-east-1', 'us-west-2']);
    expect(measures()).toEqual(Array(2).fill(['Heartbeat', { Region: 'us-east-1' }, 1]));
    for (const entry of entries())
      expect(readEvent(asDelivered(entry, 'us-west-2'), plan)).toMatchObject({
        signal: { kind: 'beat', region: 'us-east-1', at: start },
      });
    expect(entries().map((entry) => entry?.EventBusName)).toEqual(Array(2).fill(busName('breakwater-test')));
  });

  test('goes on where the peer is dark, and fails where its own region does not take it', async () => {
    const dark = Object.assign(new Error('no answer'), { name: 'TimeoutError' });
    cloudWatch.on(PutMetricDataCommand).callsFake(async (_input, clientOf: () => CloudWatchClient) => {
      if ((await clientOf().config.region()) === 'us-west-2') throw dark;
      return {};
    });
    await sendHeartbeat.on(setting())({});
    eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] });
    expect((await failureOf(sendHeartbeat.on(setting())({}))).name).toBe('Unavailable');
  });

  test('is measured also where the bus does not take it', async () => {
    eventBridge.on(PutEventsCommand).rejects(Object.assign(new Error('no'), { name: 'TimeoutError' }));
    await failureOf(sendHeartbeat.on(setting())({}));
    expect(measures()).toHaveLength(2);
  });
});

describe('probes', () => {
  afterEach(() => vi.unstubAllGlobals());

  const asked = (answer: (host: string) => Response | Promise<Response>): Request[] => {
    const requests: Request[] = [];
    vi.stubGlobal('fetch', async (request: Request) => {
      requests.push(request);
      return answer(new URL(request.url).host);
    });
    return requests;
  };
  const value = (service: string) => measures().find(([, dimensions]) => dimensions['Service'] === service)?.[2];

  test('ask every hard dependency of the peer region, signed and without changing anything', async () => {
    const requests = asked(() => new Response('{}', { status: 200 }));
    await probeDependencies.on(setting({ region: 'us-west-2' }))({});
    expect(measures()).toEqual(plan.dependencies.hard.map((Service) => ['Probe', { Service, Region: 'us-east-1' }, 1]));
    expect(requests.map(({ url }) => new URL(url).host.replace('.us-east-1.amazonaws.com', '')).toSorted()).toEqual(
      plan.dependencies.hard.map((service) => (service === 'elb' ? 'elasticloadbalancing' : service)).toSorted(),
    );
    for (const request of requests) expect(request.headers.get('authorization')).toContain('/us-east-1/');
    const bodies = await Promise.all(requests.map((request) => request.clone().text()));
    for (const body of bodies) expect(body).toMatch(/^$|^Action=(Describe|Get)|^\{"TableName"/);
  });

  test('that fail or stay silent are bad, and the others are not touched', async () => {
    asked((host) => {
      if (host.startsWith('rds')) return new Response('', { status: 503 });
      if (host.startsWith('eks')) throw new TypeError('fetch failed');
      return new Response('', { status: 200 });
    });
    await probeDependencies.on(setting())({});
    expect([value('rds'), value('eks'), value('ec2')]).toEqual([0, 0, 1]);
  });

  test('tell of their run on the bus of their own region, as an event that the plan reads', async () => {
    asked((host) => new Response('', { status: host.startsWith('rds') || host.startsWith('eks') ? 503 : 200 }));
    await probeDependencies.on(setting({ region: 'us-west-2' }))({});
    expect(await regionsOf(eventBridge)).toEqual(['us-west-2']);
    expect(entries().map((entry) => entry?.EventBusName)).toEqual([busName('breakwater-test')]);
    expect(readEvent(asDelivered(entries()[0], 'us-west-2'), plan)).toMatchObject({
      signal: { kind: 'probe-run', observer: 'us-west-2', region: 'us-east-1', services: ['eks', 'rds'], at: start },
    });
  });

  test('are measured also where the bus does not take their run, and the other way round', async () => {
    asked(() => new Response('', { status: 200 }));
    const dark = Object.assign(new Error('no'), { name: 'TimeoutError' });
    eventBridge.on(PutEventsCommand).rejects(dark);
    expect((await failureOf(probeDependencies.on(setting())({}))).name).toBe('Unavailable');
    expect(measures()).toHaveLength(plan.dependencies.hard.length);
    eventBridge.reset();
    eventBridge.on(PutEventsCommand).resolves({ Entries: [{ EventId: 'one' }] });
    cloudWatch.on(PutMetricDataCommand).rejects(dark);
    expect((await failureOf(probeDependencies.on(setting())({}))).name).toBe('Unavailable');
    expect(entries()).toHaveLength(1);
  });

  test('of a service that nobody can ask give no value, which is unknown and never good', async () => {
    asked(() => new Response('', { status: 200 }));
    const dependencies = { ...plan.dependencies, hard: ['rds', 'kinesis'] };
    await probeDependencies.on(setting({ plan: { ...plan, dependencies } }))({});
    expect(measures().map(([, dimensions]) => dimensions['Service'])).toEqual(['rds']);
    expect(JSON.parse(entries()[0]?.Detail ?? '')).toMatchObject({ failing: [] });
  });

  test('of a service whose asset the plan has not are not sent: an empty name is another question', async () => {
    const requests = asked(() => new Response('', { status: 200 }));
    const lean = without(plan, 'eks-cluster', 'rds-instance', 'elasticache');
    await probeDependencies.on(setting({ plan: lean }))({});
    expect(measures().map(([, dimensions]) => dimensions['Service'])).toEqual(['ec2', 'elb', 'sts', 'dynamodb']);
    expect(requests).toHaveLength(4);
  });

  test.for([
    [200, 1],
    [429, 1],
    [403, 1],
    [500, 0],
    [503, 0],
    [null, 0],
  ] as const)('answered with %s measure %s', ([status, expected]) => {
    expect(probeValue(status)).toBe(expected);
  });
});

describe('messages of ElastiCache', () => {
  const sent = (Message: string): SNSEvent =>
    ({ Records: [{ Sns: { Message, MessageId: 'm', Timestamp: '2026-01-05T10:00:00.123Z' } }] }) as SNSEvent;

  test('become an event that the plan reads, with the time of the message', async () => {
    await forwardCacheEvents.on(setting())(sent(readFileSync('events/elasticache.sns-message.json', 'utf8')));
    expect(await regionsOf(eventBridge)).toEqual(['us-east-1']);
    expect(entries()[0]).toMatchObject({ Source: 'chatops.elasticache', DetailType: 'ElastiCache Notification' });
    expect(readEvent(asDelivered(entries()[0], 'us-east-1'), plan)).toMatchObject({
      signal: {
        kind: 'cache',
        group: 'chatops-redis',
        change: 'failover-completed',
        at: Date.parse('2026-01-05T10:00:00.123Z'),
      },
    });
  });

  test.for(['not JSON', '[]', 'null', '"text"'])(
    'that say nothing readable (%s) are kept as strays',
    async (message) => {
      await forwardCacheEvents.on(setting())(sent(message));
      expect(readEvent(asDelivered(entries()[0], 'us-east-1'), plan)).toHaveProperty('stray');
    },
  );

  test('are delivered again where the bus does not take them', async () => {
    eventBridge.on(PutEventsCommand).resolves({ Entries: [{ ErrorCode: 'ThrottlingException' }] });
    expect((await failureOf(forwardCacheEvents.on(setting())(sent('{}')))).name).toBe('Unavailable');
  });

  test('and heartbeats need a rule of the plan', async () => {
    const blind = { ...plan, signals: { ...plan.signals, events: [] } };
    expect((await failureOf(forwardCacheEvents.on(setting({ plan: blind }))(sent('{}')))).name).toBe('CannotProceed');
    expect((await failureOf(sendHeartbeat.on(setting({ plan: blind }))({}))).name).toBe('CannotProceed');
  });
});

describe('the canary', () => {
  test.for([
    ['are served', [200], 1, true],
    ['are served but for one in ten', [200, 200, 200, 200, 200, 200, 200, 200, 200, 503], 0.9, true],
    ['fail two times in ten', [200, 200, 200, 200, 503], 0.8, false],
    ['are sent elsewhere', [302], 0, false],
    ['meet a failure', [500], 0, false],
    ['meet nobody', [null], 0, false],
  ] as const)('of users who %s', async ([, statuses, share, passed]) => {
    const asked: string[] = [];
    let at = start;
    const fetch = async (url: unknown) => {
      const status = statuses[asked.length % statuses.length] ?? null;
      asked.push(String(url));
      at += 100;
      if (status === null) throw new TypeError('fetch failed');
      return new Response(null, { status });
    };
    const now = () => at;
    await runCanary.on(setting({ region: 'eu-west-1', fetch: fetch as typeof globalThis.fetch, now }))({});
    expect(asked).toEqual(Array(10).fill(plan.service.healthUrl));
    const [shares, times, ...more] = measures();
    expect(shares).toEqual(['Canary', { Observer: 'eu-west-1' }, share]);
    if (share === 0)
      expect(times).toBeUndefined(); // what failed has no time, and no zero either
    else {
      expect(times?.slice(0, 2)).toEqual(['CanarySeconds', { Observer: 'eu-west-1' }]);
      expect(times?.[2]).toHaveLength(share * 10);
      expect(times?.[2]).toSatisfy((all: number[]) => all.every((seconds) => seconds >= 0.1 && seconds <= 1));
    }
    expect(more).toEqual([]);
    expect(eventBridge).toHaveReceivedCommandWith(PutEventsCommand, {
      Entries: [
        expect.objectContaining({
          Source: 'chatops.canary',
          Detail: JSON.stringify({ observer: 'eu-west-1', passed, share }),
        }),
      ],
    });
    expect(await regionsOf(cloudWatch)).toEqual(['eu-west-1']);
  });

  test('of a main region measures no times: each measure is paid for by the month, and users are outside', async () => {
    const fetch = async () => new Response(null, { status: 200 });
    await runCanary.on(setting({ region: plan.roles.primary, fetch }))({});
    expect(measures()).toEqual([['Canary', { Observer: plan.roles.primary }, 1]]);
  });
});
