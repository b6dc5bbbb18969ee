// Lists come page by page: every page is read, a fault of any is translated, and one that never ends is given up.
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { listRunning, readStop, readWhereabouts } from '../../../../functions/aws/flows/whereabouts.ts';
import { listAlarms } from '../../../../functions/aws/looking/alarms.ts';
import { readLag } from '../../../../functions/aws/looking/metrics.ts';
import { openTable } from '../../../../functions/aws/store/table.ts';
import { replicaLag as lagOf } from '../../../../functions/kinds/rds-instance/says/watch.ts';
import { mocked } from '../../../mocked.ts';
import { failureOf } from '../../setting.ts';

const cloudWatch = mocked(CloudWatchClient);
const sfn = mocked(SFNClient);
const dynamoDb = mocked(DynamoDBDocumentClient);
const region = 'us-east-1';
const since = new Date('2026-11-23T03:00:00Z');

beforeEach(() => {
  cloudWatch.reset();
  sfn.reset();
  dynamoDb.reset();
  sfn.on(ListStateMachinesCommand).resolves({ stateMachines: [machine('az-failover')] });
});

const machine = (flow: string) => ({
  stateMachineArn: `arn:aws:states:${region}:111122223333:stateMachine:breakwater-test-${flow}`,
  name: `breakwater-test-${flow}`,
  type: 'STANDARD' as const,
  creationDate: since,
});
const execution = (name: string) => ({
  executionArn: `arn:${name}`,
  stateMachineArn: 'arn:machine',
  name,
  status: 'RUNNING' as const,
  startDate: since,
});
const entered = (id: number, name: string) => ({
  id,
  previousEventId: id - 1,
  timestamp: since,
  type: 'TaskStateEntered' as const,
  stateEnteredEventDetails: { name },
});
const named = { prefix: 'breakwater-test' };

/** How each list is read, what its pages hold and what comes of them. `answer` gives the page that a token leads to. */
type Listed = readonly [
  name: string,
  answer: (pageOf: (token: string | undefined) => { items: unknown[]; next?: string }) => void,
  items: readonly (readonly unknown[])[],
  read: () => Promise<unknown>,
  found: readonly string[],
];

const lists: readonly Listed[] = [
  [
    'the alarms of a region',
    (pageOf) =>
      cloudWatch.on(DescribeAlarmsCommand).callsFake(({ NextToken }) => {
        const { items, next } = pageOf(NextToken);
        return { MetricAlarms: items, ...(next !== undefined && { NextToken: next }) };
      }),
    ['a', 'b', 'c'].map((AlarmName) => [{ AlarmName, StateValue: 'OK', StateTransitionedTimestamp: since }]),
    async () => (await listAlarms(region, '')).map(({ name }) => name),
    ['a', 'b', 'c'],
  ],
  [
    'the state machines of a region',
    (pageOf) => {
      sfn.on(ListExecutionsCommand).callsFake(({ stateMachineArn }) => ({ executions: [execution(stateMachineArn)] }));
      sfn.on(ListStateMachinesCommand).callsFake(({ nextToken }) => {
        const { items, next } = pageOf(nextToken);
        return { stateMachines: items, ...(next !== undefined && { nextToken: next }) };
      });
    },
    [[machine('az-failover')], [machine('other')], [machine('region-failover')]],
    async () => (await listRunning(region, named)).map(({ flow }) => flow),
    ['az-failover', 'region-failover'],
  ],
  [
    'the executions of a state machine',
    (pageOf) =>
      sfn.on(ListExecutionsCommand).callsFake(({ nextToken }) => {
        const { items, next } = pageOf(nextToken);
        return { executions: items, ...(next !== undefined && { nextToken: next }) };
      }),
    [[execution('a')], [], [execution('b'), execution('c')]],
    async () => (await listRunning(region, named)).map(({ name }) => name),
    ['a', 'b', 'c'],
  ],
  [
    'the history of an execution, for where it is',
    (pageOf) =>
      sfn.on(GetExecutionHistoryCommand).callsFake(({ nextToken }) => {
        const { items, next } = pageOf(nextToken);
        return { events: items, ...(next !== undefined && { nextToken: next }) };
      }),
    [
      [{ id: 4, previousEventId: 3, type: 'TaskFailed' }],
      [{ id: 3, previousEventId: 2, type: 'TaskScheduled' }],
      [entered(2, 'Assess')],
    ],
    async () => (await readWhereabouts(region, 'arn')).map(({ state }) => state),
    ['Assess'],
  ],
  [
    'the history of an execution, for where it stopped',
    (pageOf) =>
      sfn.on(GetExecutionHistoryCommand).callsFake(({ nextToken }) => {
        const { items, next } = pageOf(nextToken);
        return { events: items, ...(next !== undefined && { nextToken: next }) };
      }),
    [
      [{ id: 4, previousEventId: 3, type: 'TaskFailed', taskFailedEventDetails: { error: 'CannotProceed' } }],
      [{ id: 3, previousEventId: 2, type: 'TaskScheduled' }],
      [entered(2, 'LeaveZone')],
    ],
    async () => {
      const { state, error } = await readStop(region, 'arn');
      return [state, error];
    },
    ['LeaveZone', 'CannotProceed'],
  ],
  [
    'the lag of a replica',
    (pageOf) =>
      cloudWatch.on(GetMetricDataCommand).callsFake(({ NextToken }) => {
        const { items, next } = pageOf(NextToken);
        const Values = items.map(Number);
        const Timestamps = Values.map((value) => new Date(since.getTime() + value * 60_000));
        const StatusCode = next === undefined ? 'Complete' : 'PartialData';
        return {
          MetricDataResults: [{ Id: 'm0', Timestamps, Values, StatusCode }],
          ...(next !== undefined && { NextToken: next }),
        };
      }),
    [[0, 1], [2], [3]],
    async () => (await readLag(region, lagOf('replica'), 0, 1)).map(({ lagSeconds }) => String(lagSeconds)),
    ['0', '1', '2', '3'],
  ],
  [
    'the items of a partition',
    (pageOf) =>
      dynamoDb.on(QueryCommand).callsFake(({ ExclusiveStartKey }) => {
        const { items, next } = pageOf(ExclusiveStartKey?.at);
        return { Items: items, ...(next !== undefined && { LastEvaluatedKey: { at: next } }) };
      }),
    [[{ sk: 'a' }, { sk: 'b' }], [], [{ sk: 'c' }]],
    async () => (await openTable(region, 'breakwater', () => undefined).query('signals')).map(({ sk }) => sk),
    ['a', 'b', 'c'],
  ],
  [
    'the count of a partition',
    (pageOf) =>
      dynamoDb.on(QueryCommand).callsFake(({ ExclusiveStartKey }) => {
        const { items, next } = pageOf(ExclusiveStartKey?.at);
        return { Count: items.length, ...(next !== undefined && { LastEvaluatedKey: { at: next } }) };
      }),
    [[1, 2], [], [3]],
    async () => [String(await openTable(region, 'breakwater', () => undefined).count('stray'))],
    ['3'],
  ],
];

test.for(lists)('every page of %s is read', async ([, answer, pages, read, found]) => {
  answer((token) => {
    const at = Number(token ?? 0);
    const items = [...(pages[at] ?? [])];
    return at + 1 < pages.length ? { items, next: String(at + 1) } : { items };
  });
  expect(await read()).toEqual(found);
});

test.for(lists)('a fault of a later page of %s is translated', async ([, answer, , read]) => {
  answer((token) => {
    if (token === undefined) return { items: [], next: '1' };
    throw Object.assign(new Error('slow down'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });
  });
  expect((await failureOf(read())).name).toBe('Unavailable');
});

test.for(lists)('%s that never ends is given up', async ([, answer, , read]) => {
  let asked = 0;
  answer(() => {
    asked += 1;
    return { items: [], next: 'again' };
  });
  expect(await failureOf(read())).toEqual({
    name: 'CannotProceed',
    message: expect.stringMatching(/: it does not end after 1000 pages$/),
  });
  expect(asked).toBe(1_000);
});

describe('lag that CloudWatch gives only in part', () => {
  const point = { Id: 'm0', Timestamps: [since], Values: [0] };

  test.for([
    ['PartialData', 'Unavailable'],
    ['InternalError', 'Unavailable'],
    ['Forbidden', 'CannotProceed'],
  ] as const)('is not known where it ends with %s', async ([StatusCode, name]) => {
    cloudWatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [{ ...point, StatusCode }] });
    const message = `read the lag of replica: CloudWatch says ${StatusCode}`;
    expect(await failureOf(readLag(region, lagOf('replica'), 0, 1))).toEqual({ name, message });
  });

  test('is known where a page failed and the next one ends well', async () => {
    cloudWatch
      .on(GetMetricDataCommand)
      .resolvesOnce({ MetricDataResults: [{ Id: 'm0', StatusCode: 'InternalError' }], NextToken: 'more' })
      .resolves({ MetricDataResults: [{ ...point, StatusCode: 'Complete' }] });
    expect(await readLag(region, lagOf('replica'), 0, 1)).toEqual([{ at: since.getTime(), lagSeconds: 0 }]);
  });
});

test('a lag has milliseconds and is never less than CloudWatch says', async () => {
  const MetricDataResults = [
    { Id: 'm0', Timestamps: [since], Values: [1.509124755859375], StatusCode: 'Complete' as const },
  ];
  cloudWatch.on(GetMetricDataCommand).resolves({ MetricDataResults });
  expect(await readLag(region, lagOf('replica'), 0, 1)).toEqual([{ at: since.getTime(), lagSeconds: 1.51 }]);
});
