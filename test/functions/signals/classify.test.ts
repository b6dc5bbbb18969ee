// The classify function among many copies: one incident from a storm, one start of each execution, nothing lost, nothing twice.
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { handler as classify } from '../../../functions/classify.ts';
import { CannotProceed, Unavailable } from '../../../functions/domain/errors.ts';
import type { Store } from '../../../functions/domain/record/store.ts';
import type { Signal } from '../../../functions/domain/types.ts';
import type { Shell } from '../../../functions/shared/shell.ts';
import { handler as sweep } from '../../../functions/sweep.ts';
import { createMemoryStore } from '../../../simulator/memory-store.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';

const start = Date.parse('2026-11-23T03:00:00Z');
const account = '111122223333';
const silent = () => undefined;
const [sfn, sns, sqs, cloudWatch] = [mocked(SFNClient), mocked(SNSClient), mocked(SQSClient), mocked(CloudWatchClient)];

let store: Store;
let now: number;

beforeEach(() => {
  for (const client of [sfn, sns, sqs, cloudWatch]) client.reset();
  sfn.on(StartExecutionCommand).resolves({});
  sns.on(PublishCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
  cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [] });
  store = createMemoryStore(plan);
  now = start;
});

function shell(region = 'us-east-1', other: Partial<Shell> = {}): Shell {
  const log = { info: silent, warn: silent, error: silent };
  return {
    plan,
    region,
    account,
    prefix: 'breakwater-test',
    pageUrl: null,
    linkKey: null,
    experiments: [],
    now: () => now,
    after: () => new Promise(() => undefined),
    log,
    store,
    fetch,
    ...other,
  };
}

let sent = 0;

function alarm(name: string, seconds: number, value = 'ALARM', region = 'us-east-1') {
  sent += 1;
  const time = new Date(start + seconds * 1000).toISOString();
  const detail = { alarmName: `chatops-${name}`, state: { value } };
  return {
    id: `event-${sent}`,
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    time,
    region,
    account,
    detail,
  };
}

const zoneFails = () =>
  ['cluster-nodes-notready', 'api-5xx', 'database-latency', 'cache-latency'].map((name) =>
    alarm(`${name}-use1-az1`, 0),
  );

function batch(...events: unknown[]) {
  const bodies = events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event)));
  return { Records: bodies.map((body, index) => ({ messageId: `message-${index}-${body.length}`, body })) } as never;
}

const started = () => sfn.commandCalls(StartExecutionCommand).map((call) => call.args[0].input);
const paged = () => sns.commandCalls(PublishCommand).map((call) => call.args[0].input);
const lookAgain = () => batch({ lookAgain: 'us-east-1' });

describe('from events to an execution', () => {
  test('a zone failure starts the flow once its evidence has held, with an input that holds what the flow needs', async () => {
    await classify.on(shell())(batch(...zoneFails()));
    expect(started()).toEqual([]);
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    await classify.on(shell())(lookAgain());
    expect(started()).toHaveLength(1);
    expect(started()[0]?.stateMachineArn).toBe(
      'arn:aws:states:us-east-1:111122223333:stateMachine:breakwater-test-az-failover',
    );
    expect(JSON.parse(started()[0]?.input ?? '')).toMatchObject({
      target: { region: 'us-east-1', zone: 'use1-az1' },
      requestedBy: 'classify',
      attempt: 1,
    });
  });

  test('it asks to be called again at the moment when time alone can change its mind', async () => {
    await classify.on(shell())(batch(...zoneFails()));
    const asked = sqs.commandCalls(SendMessageCommand).map((call) => call.args[0].input);
    expect(asked.at(-1)).toMatchObject({
      DelaySeconds: plan.evidence.degradation.confirmSeconds,
      MessageBody: '{"lookAgain":"us-east-1","chain":1}',
    });
  });

  // Lambda stops a function that begins itself some 16 times, and what it was to read with it.
  test.for([
    [{ lookAgain: 'us-east-1' }, [2]],
    [{ lookAgain: 'us-east-1', chain: 3 }, [4]],
    [{ lookAgain: 'us-east-1', chain: 9 }, [10]],
    [{ lookAgain: 'us-east-1', chain: 10 }, []],
    [{ lookAgain: 'us-east-1', chain: 'many' }, [2]],
    [{ lookAgain: 'us-west-2', chain: 10 }, []],
  ])('by %j it asks for a look that continues the longest chain, up to the tenth', async ([look, chains]) => {
    await classify.on(shell())(batch(...zoneFails(), { lookAgain: 'us-east-1' }, look));
    const asked = sqs.commandCalls(SendMessageCommand).map((call) => JSON.parse(call.args[0].input.MessageBody ?? ''));
    expect(asked.map(({ chain }) => chain)).toEqual(chains);
  });

  test('a degradation starts its flow, and the other region starts nothing', async () => {
    const events = [alarm('api-5xx', 0), alarm('worker-errors', 0)];
    now = start + plan.evidence.degradation.confirmSeconds * 1000;
    await classify.on(shell('us-west-2'))(batch(...events));
    expect(started()).toEqual([]);
    await classify.on(shell('us-east-1'))(batch(...events));
    expect(started().map((input) => input.stateMachineArn)).toEqual([
      'arn:aws:states:us-east-1:111122223333:stateMachine:breakwater-test-service-degradation',
    ]);
  });

  test('a hold is told by the other region at once, and by the affected one only when that stays silent', async () => {
    await store.freeze('operator', 'test', start);
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    await classify.on(shell('us-east-1'))(batch(...zoneFails()));
    expect(paged()).toEqual([]);
    now += 180_000;
    await classify.on(shell('us-east-1'))(lookAgain());
    expect(paged().map(({ TopicArn }) => TopicArn?.split(':').at(-1))).toEqual(
      plan.notifications.level2.map((role) => `breakwater-test-${role}`),
    );
    await classify.on(shell('us-west-2'))(lookAgain());
    expect(paged()).toHaveLength(plan.notifications.level2.length);
  });

  test('an unfreeze is noticed, and what was held is started', async () => {
    await store.freeze('operator', 'test', start);
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    await classify.on(shell())(batch(...zoneFails()));
    await store.unfreeze();
    now += 60_000;
    await classify.on(shell())(lookAgain());
    expect(started()).toHaveLength(1);
  });

  test('the other region calls people when the responsible one has not started what was decided', async () => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    await classify.on(shell('us-west-2'))(batch(...zoneFails()));
    expect([started(), paged()]).toEqual([[], []]);
    now += 180_000;
    await classify.on(shell('us-west-2'))(lookAgain());
    expect(paged()[0]?.Subject).toContain('has not started');
    expect(started()).toEqual([]);
  });
});

describe('what has gone stale, or went wrong on the way', () => {
  test('a decision that was not started in time is not started any more, and is made afresh where it still holds', async () => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    await classify.on(shell('us-west-2'))(batch(...zoneFails()));
    now += 7_200_000;
    await classify.on(shell())(lookAgain());
    expect(started()).toEqual([]);
    now += 60_000;
    await classify.on(shell())(lookAgain());
    expect(started().map(({ name }) => name)).toEqual([expect.stringMatching(/-az-failover-3$/)]);
  });

  test('a decision that was not started in time and is over starts nothing', async () => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    await classify.on(shell('us-west-2'))(batch(...zoneFails()));
    now += 7_200_000;
    const well = zoneFails().map((event) => ({
      ...event,
      id: `${event.id}-ok`,
      time: new Date(now).toISOString(),
      detail: { ...event.detail, state: { value: 'OK' } },
    }));
    await classify.on(shell())(batch(...well));
    now += 60_000;
    await classify.on(shell())(lookAgain());
    expect(started()).toEqual([]);
  });

  test('a topic that does not answer does not keep the other roles from hearing', async () => {
    await store.freeze('operator', 'test', start);
    const dead = { TopicArn: 'arn:aws:sns:us-west-2:111122223333:breakwater-test-on-call' };
    sns
      .on(PublishCommand, dead)
      .rejects(Object.assign(new Error('gone'), { name: 'NotFoundException', $metadata: { httpStatusCode: 404 } }));
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    await classify.on(shell('us-west-2'))(batch(...zoneFails()));
    expect(paged().map(({ TopicArn }) => TopicArn?.split('test-').at(-1))).toEqual(
      expect.arrayContaining(plan.notifications.level2),
    );
    expect(paged().map(({ Subject }) => Subject)).toContainEqual(expect.stringContaining('NOT TOLD: on-call'));
  });

  test('people who heard of a hold hear that it is over', async () => {
    await store.freeze('operator', 'test', start);
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    await classify.on(shell('us-west-2'))(batch(...zoneFails()));
    const well = zoneFails().map((event) => ({
      ...event,
      id: `${event.id}-ok`,
      time: new Date(now + 1000).toISOString(),
      detail: { ...event.detail, state: { value: 'OK' } },
    }));
    now += 1000;
    await classify.on(shell('us-west-2'))(batch(...well));
    now += plan.evidence.recoverySeconds * 1000;
    await classify.on(shell('us-west-2'))(lookAgain());
    expect(
      paged()
        .slice(plan.notifications.level2.length)
        .map(({ Subject }) => Subject),
    ).toEqual(plan.notifications.level2.map(() => '[Breakwater] For information: all well in us-east-1: over'));
  });

  test.for([
    [300, 0],
    [301, 1],
  ] as const)(
    'an event %i s ahead of the clock gives %i strays: a later time would silence what is true',
    async ([seconds, strays]) => {
      await classify.on(shell())(batch(alarm('api-5xx', seconds, 'OK')));
      expect(await store.countStrays()).toBe(strays);
    },
  );

  test('a look that lies hours ahead is asked for again and again until it is near', async () => {
    const release = {
      id: 'r-1',
      source: 'aws.arc-zonal-shift',
      'detail-type': 'Autoshift In Progress',
      time: new Date(start).toISOString(),
      region: 'us-east-1',
      account,
      detail: { metadata: { awayFrom: 'use1-az1' } },
    };
    await classify.on(shell())(batch(release, { ...alarm('api-5xx', 0, 'INSUFFICIENT_DATA') }));
    for (let minutes = 1; minutes <= 60; minutes += 1) {
      now = start + minutes * 60_000;
      await classify.on(shell())(lookAgain());
    }
    expect(
      sqs.commandCalls(SendMessageCommand).filter((call) => call.args[0].input.DelaySeconds === 900).length,
    ).toBeGreaterThanOrEqual(3);
  });
});

describe('many copies, duplicates and crashes', () => {
  test('forty copies with the same storm open one incident and start one execution', async () => {
    const storm = [
      ...zoneFails(),
      ...Array.from({ length: 200 }, (_, index) => alarm(`api-status-${String(index).padStart(3, '0')}-use1-az1`, 1)),
    ];
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    await Promise.all(Array.from({ length: 40 }, () => classify.on(shell())(batch(...storm))));
    expect(await store.listIncidents()).toHaveLength(1);
    expect(new Set(started().map(({ name, input }) => `${name} ${input}`)).size).toBe(1);
  });

  test('a crash before the start is made up for by the next call, with the same bytes', async () => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    sfn.on(StartExecutionCommand).rejectsOnce(new Error('killed')).resolves({});
    await expect(classify.on(shell())(batch(...zoneFails()))).rejects.toThrow();
    now += 30_000;
    await classify.on(shell())(lookAgain());
    const [first, second] = started();
    expect(second).toEqual(first);
  });

  test('an execution that was started already counts as started', async () => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    sfn.on(StartExecutionCommand).rejects(Object.assign(new Error('it exists'), { name: 'ExecutionAlreadyExists' }));
    await classify.on(shell())(batch(...zoneFails()));
    await classify.on(shell())(lookAgain());
    expect(started()).toHaveLength(1);
  });

  test('a batch delivered again changes nothing', async () => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    const again = batch(...zoneFails());
    await classify.on(shell())(again);
    const [incident] = await store.listIncidents();
    await classify.on(shell())(again);
    expect(await store.listIncidents()).toEqual([incident]);
    expect(started()).toHaveLength(1);
  });
});

describe('what says nothing', () => {
  test('events that are no JSON, malformed or unknown are kept and counted, and the rest of the batch is read', async () => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    const strays = ['{ not json', '', '42', 'null', { id: 'e-1', hello: 'world' }, { ...alarm('nobody-knows', 0) }];
    await classify.on(shell())(batch(...strays, ...zoneFails()));
    expect(await store.countStrays()).toBe(strays.length);
    expect(started()).toHaveLength(1);
  });

  test('a store that does not answer fails the batch, so that it is delivered again', async () => {
    const broken = { ...store, keepSignals: async () => Promise.reject(new Error('no answer')) };
    await expect(classify.on(shell('us-east-1', { store: broken }))(batch(...zoneFails()))).rejects.toThrow(
      'no answer',
    );
  });
});

/** Each would have failed the batch that it came in, or every later reading of its region. */
const own = (source: string, type: string, detail: object) => ({
  id: `own-${source}`,
  source,
  'detail-type': type,
  time: new Date(start).toISOString(),
  region: 'us-east-1',
  account,
  detail,
});
const work = (detail: object) =>
  own('chatops.maintenance', 'Chatops Maintenance Window', {
    ...{ phase: 'STARTED', windowId: 'mw-1', targets: ['all'] },
    ...detail,
  });
const long = 'x'.repeat(210_000);
const poison = [
  ['planned work of 1e15 minutes', work({ plannedMinutes: 1e15 })],
  ['planned work of 1e307 minutes', work({ plannedMinutes: 1e307 })],
  ['planned work of 1e150 minutes', work({ plannedMinutes: 1e150 })],
  ['planned work of 5e-324 minutes', work({ plannedMinutes: 5e-324 })],
  ['planned work of a window of 210,000 letters', work({ windowId: long })],
  ['a region of 3,000 letters', { ...work({}), region: 'r'.repeat(3_000) }],
  [
    'a beat of a region of 3,000 letters',
    own('chatops.heartbeat', 'Chatops Heartbeat', { sourceRegion: 'r'.repeat(3_000) }),
  ],
  [
    'a release of 210,000 letters',
    own('chatops.deploy', 'Chatops Deployment', { phase: 'STARTED', deploymentId: long, targetRegion: 'us-east-1' }),
  ],
  [
    'a cache of 210,000 letters',
    own('chatops.elasticache', 'ElastiCache Notification', { 'ElastiCache:FailoverComplete': long }),
  ],
  ['an event whose id has 210,000 letters', { ...alarm('api-5xx', 0), id: long }],
  ['half a letter', { ...alarm('api-5xx', 0), id: 'half \ud83d' }],
] as const;

describe('what one event costs', () => {
  test.for(poison)('%s is a stray, and the alarms beside it start a flow', async ([, event]) => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    expect(await classify.on(shell())(batch(event, ...zoneFails()))).toEqual({ batchItemFailures: [] });
    expect(await store.countStrays()).toBe(1);
    expect(started()).toHaveLength(1);
  });

  /** The order in which a batch is worked through. */
  function watched(): string[] {
    const order: string[] = [];
    const note = (verb: 'keepSignals' | 'writeIncident' | 'keepStray') => {
      const run = store[verb] as (...given: unknown[]) => Promise<unknown>;
      Object.assign(store, {
        [verb]: (...given: unknown[]) => {
          order.push(verb);
          return run(...given);
        },
      });
    };
    for (const verb of ['keepSignals', 'writeIncident', 'keepStray'] as const) note(verb);
    return order;
  }

  test('signals are kept and judged before strays', async () => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    const order = watched();
    await classify.on(shell())(batch('no event', ...zoneFails(), 'no event either'));
    expect([...new Set(order)]).toEqual(['keepSignals', 'writeIncident', 'keepStray']);
  });

  const failing = (change: Partial<Store>) => shell('us-east-1', { store: { ...store, ...change } });
  const messageOf = (sent: { Records: { messageId: string; body: string }[] }, part: string) =>
    sent.Records.filter(({ body }) => body.includes(part)).map(({ messageId }) => ({ itemIdentifier: messageId }));

  test('a stray that cannot be stored is delivered again, and nothing else is', async () => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    const sent = batch(...zoneFails(), 'no event', '{"id":"s-1"}');
    const full = (stray: { id: string }) =>
      stray.id === 's-1' ? store.keepStray(stray as never) : Promise.reject(new Unavailable('full'));
    const answer = await classify.on(failing({ keepStray: full }))(sent);
    expect(answer).toEqual({ batchItemFailures: messageOf(sent, 'no event') });
    expect(started()).toHaveLength(1);
    expect(await store.countStrays()).toBe(1);
  });

  test('a signal that the store refuses is a stray that says why, and the others are kept', async () => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    const refuse = async (signals: readonly Signal[]) => {
      await store.keepSignals(signals.filter(({ key }) => !key.includes('worker')));
      if (signals.some(({ key }) => key.includes('worker'))) throw new CannotProceed('item a / b cannot be written');
    };
    const strays: string[] = [];
    const keepStray = async ({ reason }: { reason: string }) => void strays.push(reason);
    const answer = await classify.on(failing({ keepSignals: refuse, keepStray }))(
      batch(alarm('worker-errors', 0), ...zoneFails()),
    );
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(strays).toEqual(['item a / b cannot be written']);
    expect(started()).toHaveLength(1);
  });

  test('a region that cannot be judged costs its own records', async () => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    const dark = (region: string, since: number) =>
      region === 'us-west-2' ? Promise.reject(new Unavailable('dark')) : store.readSignals(region, since);
    const sent = batch(...zoneFails(), alarm('api-5xx', 0, 'ALARM', 'us-west-2'), { lookAgain: 'us-west-2' });
    const answer = await classify.on(failing({ readSignals: dark }))(sent);
    expect(answer).toEqual({ batchItemFailures: messageOf(sent, 'us-west-2') });
    expect(started()).toHaveLength(1);
  });

  test('a table that refuses everything fails the function, so that its alarm rises', async () => {
    const no = () => Promise.reject(new CannotProceed('AccessDeniedException'));
    const broken = failing({ keepSignals: no, keepStray: no });
    await expect(classify.on(broken)(batch(...zoneFails()))).rejects.toThrow('AccessDeniedException');
  });

  const run = (seconds: number, passed = true) => ({
    ...own('chatops.canary', 'Chatops Canary Run', { observer: 'eu-west-1', passed }),
    region: 'eu-west-1',
    id: `run-${seconds}`,
    time: new Date(start + seconds * 1000).toISOString(),
  });
  const beat = (seconds: number) => ({
    ...own('chatops.heartbeat', 'Chatops Heartbeat', { sourceRegion: 'us-east-1' }),
    id: `beat-${seconds}`,
    time: new Date(start + seconds * 1000).toISOString(),
  });
  const probeRun = (seconds: number, failing: readonly string[] = []) => ({
    ...own('chatops.probe', 'Chatops Probe Run', { observer: 'us-west-2', region: 'us-east-1', failing }),
    region: 'us-west-2',
    id: `probe-run-${seconds}`,
    time: new Date(start + seconds * 1000).toISOString(),
  });
  test.for([
    ['a run that passed', [run(0)], false],
    ['another run that passed', [run(0), run(60)], false],
    ['a run that passed after one that failed', [run(0, false), run(60)], false],
    ['a beat', [beat(0)], false],
    ['a probe that was answered', [probeRun(0)], false],
    ['a probe that was not', [probeRun(0, ['rds'])], true],
    ['a run that failed', [run(0, false)], true],
    ['another run that failed', [run(0, false), run(60, false)], true],
    ['a run that passed, beside an alarm', [run(0), [run(60), alarm('api-5xx', 60)]], true],
  ] as const)('a region is judged at once where something is no good news: %s', async ([, deliveries, judged]) => {
    let judgements = 0;
    const counting = failing({
      readSignals: (region: string, since: number) => {
        judgements += 1;
        return store.readSignals(region, since);
      },
    });
    for (const delivery of deliveries) {
      now = start + 200_000;
      judgements = 0;
      await classify.on(counting)(batch(...[delivery].flat()));
    }
    expect(judgements > 0).toBe(judged);
    const kept = (await store.readSignals('us-east-1', 0)).map(({ id }) => id);
    expect(kept).toContain(([deliveries.at(-1)].flat()[0] as { id: string }).id);
  });

  test('an empty batch fails nothing', async () => {
    expect(await classify.on(shell())(batch())).toEqual({ batchItemFailures: [] });
  });
});

describe('what nobody here has sent, or nobody needs', () => {
  test('alarms of another account start nothing, and are strays', async () => {
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    const foreign = zoneFails().map((event) => ({ ...event, account: '444455556666' }));
    await classify.on(shell())(batch(...foreign));
    expect(started()).toEqual([]);
    expect(await store.countStrays()).toBe(foreign.length);
    expect(await store.readSignals('us-east-1', 0)).toEqual([]);
  });

  test('an event of a clock that is ahead counts from now on, and hides nothing that comes after it', async () => {
    await classify.on(shell())(batch(alarm('api-5xx', 299, 'OK')));
    expect(await store.readSignals('us-east-1', 0)).toMatchObject([{ at: start, condition: 'healthy' }]);
    now = start + 5_000;
    await classify.on(shell())(batch(alarm('api-5xx', 4)));
    expect(await store.readSignals('us-east-1', 0)).toMatchObject([{ at: start + 4_000, condition: 'failing' }]);
  });

  test.for([
    ['in their order', [200, 'ALARM'], [210, 'OK']],
    ['the other way round', [210, 'OK'], [200, 'ALARM']],
  ] as const)('of several that are ahead the last counts: %s', async ([, ...states]) => {
    await classify.on(shell())(batch(...states.map(([seconds, value]) => alarm('api-5xx', seconds, value))));
    expect(await store.readSignals('us-east-1', 0)).toMatchObject([{ at: start, condition: 'healthy' }]);
  });

  test('however many instances, releases, windows, bulletins and caches there are, a judgement reads a bounded number', async () => {
    const of = (index: number) => {
      const named = `x-${index}`;
      const health = { eventArn: named, service: 'EC2', eventTypeCategory: 'issue', statusCode: 'open' };
      const message = { [`ElastiCache:${named}`]: `chatops-redis-${String(index % 1000).padStart(3, '0')}` };
      const work = { phase: 'STARTED', windowId: named, targets: [named] };
      return [
        own('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': `i-${index}`, state: 'running' }),
        own('aws.autoscaling', 'EC2 Instance Launch Successful', { AutoScalingGroupName: named }),
        own('aws.health', 'AWS Health Event', health),
        own('chatops.deploy', 'Chatops Deployment', { phase: 'STARTED', deploymentId: named }),
        own('chatops.maintenance', 'Chatops Maintenance Window', work),
        own('chatops.elasticache', 'ElastiCache Notification', message),
      ].map((event) => ({ ...event, id: `${event.source}-${index}` }));
    };
    for (let index = 0; index < 6_000; index += 500)
      await classify.on(shell())(batch(...Array.from({ length: 500 }, (_, more) => of(index + more)).flat()));
    expect((await store.readSignals('us-east-1', 0)).length).toBeLessThan(800);
  });
});

describe('once the role has moved', () => {
  const movedAt = start + 600_000;
  const heard = async (region: string) =>
    (await store.readSignals(region, 0)).map(({ kind, id }) => `${kind} ${id}`).toSorted();

  beforeEach(async () => {
    now = movedAt + 60_000;
    await store.moveRole('us-west-2', 1, 'execution', movedAt);
  });

  test('users who fail are evidence about the region that serves them', async () => {
    const events = ['eu-west-1', 'ap-southeast-1'].map((from) => alarm(`canary-${from}`, 630, 'ALARM', from));
    await classify.on(shell('us-west-2'))(batch(...events));
    expect(await heard('us-west-2')).toEqual(events.map(({ id }) => `canary ${id}`).toSorted());
    expect(await heard('us-east-1')).toEqual([]);
    now += plan.evidence.region.unconfirmedSeconds * 1000;
    await classify.on(shell('us-west-2'))(batch({ lookAgain: 'us-west-2' }));
    expect(await store.readOpenIncident('us-west-2')).toMatchObject({ region: 'us-west-2' });
    expect(await store.readOpenIncident('us-east-1')).toBeNull();
  });

  test('the sweep reads the same of their alarms', async () => {
    cloudWatch.on(DescribeAlarmsCommand).resolves({
      MetricAlarms: [
        { AlarmName: 'chatops-canary-eu-west-1', StateValue: 'ALARM', StateTransitionedTimestamp: new Date(now) },
      ],
    });
    await sweep.on(shell('us-west-2'))(null);
    expect(await heard('us-east-1')).toEqual([]);
    expect(new Set((await heard('us-west-2')).map((one) => one.split(' ')[0]))).toEqual(new Set(['canary']));
  });

  test('a lost zone of the new primary starts the flow there', async () => {
    const events = ['cluster-nodes-notready', 'api-5xx', 'database-latency', 'cache-latency'].map((name) =>
      alarm(`${name}-usw2-az1`, 600, 'ALARM', 'us-west-2'),
    );
    now = movedAt + plan.evidence.zone.confirmSeconds.costly * 1000;
    await classify.on(shell('us-west-2'))(batch(...events));
    expect(started().map(({ stateMachineArn }) => stateMachineArn)).toEqual([
      'arn:aws:states:us-west-2:111122223333:stateMachine:breakwater-test-az-failover',
    ]);
  });
});

describe('the sweep', () => {
  const state = (name: string, value: string, at: number) => ({
    AlarmName: `chatops-${name}`,
    StateValue: value as 'OK',
    StateTransitionedTimestamp: new Date(at),
  });

  test('an alarm whose event was lost is read within the minute', async () => {
    const alarms = ['cluster-nodes-notready', 'api-5xx', 'database-latency'].map((name) =>
      state(`${name}-use1-az1`, 'ALARM', start),
    );
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: alarms });
    now = start + plan.evidence.zone.confirmSeconds.costly * 1000;
    await sweep.on(shell())(null);
    expect(started()).toHaveLength(1);
  });

  test('what the event said first stands when the sweep reads the same state', async () => {
    await classify.on(shell())(batch(...zoneFails()));
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [state('api-5xx-use1-az1', 'ALARM', start + 400)] });
    now = start + 200_000;
    await sweep.on(shell())(null);
    const signals = await store.readSignals('us-east-1', 0);
    expect(signals.find(({ key }) => key.includes('api-5xx'))).toMatchObject({
      seenAt: start,
      id: expect.stringMatching(/^event-/),
    });
  });

  test('a region that does not answer is no evidence, and the others are read', async () => {
    cloudWatch.on(DescribeAlarmsCommand).rejects(Object.assign(new Error('timed out'), { name: 'TimeoutError' }));
    await sweep.on(shell())(null);
    expect(await store.readSignals('us-east-1', 0)).toEqual([]);
    expect(await store.listIncidents()).toEqual([]);
  });

  test('a replica that reports -1 is not known to be well, however the alarm stands', async () => {
    const reasonData = JSON.stringify({ recentDatapoints: [-1] });
    cloudWatch
      .on(DescribeAlarmsCommand)
      .resolves({ MetricAlarms: [{ ...state('database-replica-lag', 'OK', start), StateReasonData: reasonData }] });
    await sweep.on(shell())(null);
    expect(await store.readSignals('us-east-1', 0)).toContainEqual(
      expect.objectContaining({ kind: 'replica', condition: 'unknown' }),
    );
  });
});
