// Where executions are, read from the histories that Step Functions keeps.
import {
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { beforeEach, expect, test } from 'vitest';
import { listRunning, readStop, readWhereabouts } from '../../../../functions/aws/flows/whereabouts.ts';
import { mocked } from '../../../mocked.ts';

const sfn = mocked(SFNClient);

beforeEach(() => sfn.reset());

/**
 * An event: its id, the id of the one before it, its type, and the state where it enters or leaves one, with an asset where
 * the state is given one.
 */
type Brief = readonly [id: number, previous: number, type: HistoryEvent['type'] & string, step?: string];

const flow: readonly Brief[] = [
  [1, 0, 'ExecutionStarted'],
  [2, 1, 'TaskStateEntered', 'TakeLock'],
  [3, 2, 'TaskScheduled'],
  [4, 3, 'TaskStateExited', 'TakeLock'],
];

async function statesOf(...events: readonly Brief[]): Promise<string[]> {
  const newestFirst = events.toReversed().map(([id, previousEventId, type, step = '']) => {
    const [name = '', asset] = step.split(' ');
    const input = JSON.stringify(asset === undefined ? [{ name: 'x', kind: 'y' }] : { name: asset, kind: 'y' });
    return {
      ...{ id, previousEventId, type, timestamp: new Date(id * 1000) },
      ...(type.endsWith('StateEntered') && { stateEnteredEventDetails: { name, input } }),
      ...(type.endsWith('StateExited') && { stateExitedEventDetails: { name } }),
    };
  });
  const half = Math.ceil(newestFirst.length / 2);
  sfn.on(GetExecutionHistoryCommand).resolves({ events: newestFirst.slice(0, half), nextToken: 'older' });
  sfn.on(GetExecutionHistoryCommand, { nextToken: 'older' }).resolves({ events: newestFirst.slice(half) });
  return (await readWhereabouts('us-east-1', 'arn')).map(
    ({ state, asset, since }) => `${[state, asset ?? []].flat().join(' ')} since ${(since ?? 0) / 1000}`,
  );
}

test.for([
  [
    'the one that was entered last',
    [
      [5, 4, 'TaskStateEntered', 'Assess'],
      [6, 5, 'TaskScheduled'],
    ],
    ['Assess since 5'],
  ],
  [
    'the one that is tried again and again',
    [
      [5, 4, 'TaskStateEntered', 'VerifyRegion'],
      [6, 5, 'TaskScheduled'],
      [7, 6, 'TaskFailed'],
      [8, 7, 'TaskScheduled'],
      [9, 8, 'TaskFailed'],
    ],
    ['VerifyRegion since 5'],
  ],
  [
    'one for each branch that is still at work',
    [
      [5, 4, 'ParallelStateEntered', 'LeaveRegion'],
      [6, 5, 'ParallelStateStarted'],
      [7, 6, 'TaskStateEntered', 'VerifyService'],
      [8, 6, 'TaskStateEntered', 'NotifyStarted'],
      [9, 6, 'TaskStateEntered', 'WatchZone'],
      [10, 7, 'TaskScheduled'],
      [11, 9, 'TaskStateExited', 'WatchZone'],
      [12, 8, 'TaskScheduled'],
    ],
    ['VerifyService since 7', 'NotifyStarted since 8'],
  ],
  [
    'one for each asset that is not done',
    [
      [5, 4, 'MapStateEntered', 'LeaveAssets'],
      [6, 5, 'MapStateStarted'],
      [7, 6, 'MapIterationStarted'],
      [8, 7, 'TaskStateEntered', 'LeaveZone database'],
      [9, 6, 'MapIterationStarted'],
      [10, 9, 'TaskStateEntered', 'LeaveZone cache'],
      [11, 6, 'MapIterationStarted'],
      [12, 11, 'TaskStateEntered', 'LeaveZone ingress'],
      [13, 8, 'TaskScheduled'],
      [14, 12, 'TaskStateExited', 'LeaveZone'],
      [15, 14, 'MapIterationSucceeded'],
      [16, 10, 'TaskScheduled'],
    ],
    ['LeaveZone database since 8', 'LeaveZone cache since 10'],
  ],
  [
    'the one it stopped at',
    [
      [5, 4, 'TaskStateEntered', 'Assess'],
      [6, 5, 'TaskFailed'],
      [7, 6, 'ExecutionFailed'],
    ],
    ['Assess since 5'],
  ],
  [
    'the one it was aborted in, which the last event does not name',
    [
      [5, 4, 'TaskStateEntered', 'Assess'],
      [6, 5, 'TaskScheduled'],
      [7, 0, 'ExecutionAborted'],
    ],
    ['Assess since 5'],
  ],
  [
    'after a redrive not the one it had stopped at',
    [
      [5, 4, 'TaskStateEntered', 'Assess'],
      [6, 5, 'TaskFailed'],
      [7, 6, 'ExecutionFailed'],
      [8, 7, 'ExecutionRedriven'],
      [9, 5, 'TaskScheduled'],
      [10, 9, 'TaskStateExited', 'Assess'],
      [11, 10, 'TaskStateEntered', 'RequestApproval'],
    ],
    ['RequestApproval since 11'],
  ],
] as const satisfies readonly (readonly [string, readonly Brief[], readonly string[]])[])(
  'the state of an execution is %s',
  async ([, events, expected]) => {
    expect(await statesOf(...flow, ...events)).toEqual(expected);
  },
);

test('what runs is listed page by page, of the flows of this deployment only', async () => {
  const machine = (name: string) => ({
    name,
    stateMachineArn: `arn:aws:states:us-east-1:111122223333:stateMachine:${name}`,
    type: 'STANDARD' as const,
    creationDate: new Date(0),
  });
  sfn
    .on(ListStateMachinesCommand)
    .resolves({ stateMachines: [machine('breakwater-prod-az-failover')], nextToken: 'two' });
  sfn.on(ListStateMachinesCommand, { nextToken: 'two' }).resolves({
    stateMachines: [
      machine('breakwater-prod-eu-az-failover'),
      machine('breakwater-prod-region-failover'),
      machine('other'),
    ],
  });
  sfn.on(ListExecutionsCommand).callsFake(({ stateMachineArn }: { stateMachineArn: string }) => ({
    executions: [
      {
        executionArn: `${stateMachineArn}:one`,
        name: 'one',
        stateMachineArn,
        status: 'RUNNING',
        startDate: new Date(5),
      },
    ],
  }));
  const named = { prefix: 'breakwater-prod' };
  expect((await listRunning('us-east-1', named)).map(({ flow: which, startedAt }) => [which, startedAt])).toEqual([
    ['az-failover', 5],
    ['region-failover', 5],
  ]);
});

const failure = { resourceType: 'lambda', resource: 'invoke', error: 'InvalidInput', cause: 'no' };
const item = { name: 'cache', kind: 'elasticache' };

test.for([
  ['the asset of the iteration it stopped in', JSON.stringify(item), 'cache'],
  ['no asset where the state is about the whole flow', JSON.stringify({ incidentId: 'x' }), null],
  ['no asset where what is named is none', JSON.stringify({ name: 'cache' }), null],
  ['no asset where the input is a list', JSON.stringify([item]), null],
  ['no asset where the input was cut', JSON.stringify(item).slice(0, 20), null],
  ['no asset where the history gives no input', undefined, null],
] as const)('where an execution stopped is told with %s', async ([, input, asset]) => {
  const stateEnteredEventDetails = { name: 'LeaveZone', ...(input !== undefined && { input }) };
  const common = { timestamp: new Date(0) };
  sfn.on(GetExecutionHistoryCommand).resolves({
    events: [
      { ...common, id: 4, previousEventId: 3, type: 'TaskFailed', taskFailedEventDetails: failure },
      { ...common, id: 3, previousEventId: 2, type: 'TaskScheduled' },
      { ...common, id: 2, previousEventId: 1, type: 'TaskStateEntered', stateEnteredEventDetails },
      { ...common, id: 1, previousEventId: 0, type: 'MapIterationStarted' },
    ],
  });
  expect(await readStop('us-east-1', 'arn')).toEqual({ state: 'LeaveZone', asset, error: 'InvalidInput', cause: 'no' });
});
