// A switchover loses nothing: the replica is waited for, against a mocked RDS and CloudWatch.
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { beforeEach, expect, test } from 'vitest';
import { handler as catchUp } from '../../../../functions/kinds/rds-instance/catch-up.ts';
import { mocked } from '../../../mocked.ts';
import { failureOf, regionIncident as incident, running, type Setting, start } from '../../setting.ts';

const rds = mocked(RDSClient);
const cloudWatch = mocked(CloudWatchClient);
let shell: Setting;

beforeEach(async () => {
  rds.reset();
  cloudWatch.reset();
  shell = await running(incident, { region: 'us-west-2' });
});

const replica = (Normal: boolean) =>
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' }).resolves({
    DBInstances: [
      {
        DBInstanceStatus: 'available',
        ReadReplicaSourceDBInstanceIdentifier: 'arn:source',
        StatusInfos: [{ StatusType: 'read replication', Normal }],
      },
    ],
  });

test.for([
  ['zero was measured after the fence', [[60, 0]], true, 'done'],
  ['zero was measured before the fence only', [[-60, 0]], true, 'InProgress'],
  ['what was replayed last was committed after the fence', [[60, 59]], true, 'done'],
  ['what was replayed last was committed with the fence', [[60, 60]], true, 'done'],
  ['what was replayed last was committed before the fence', [[60, 61]], true, 'InProgress'],
  ['the writer is idle, and its last transaction of its own came after the fence', [[240, 180]], true, 'done'],
  ['the writer is idle, and has had no transaction of its own since', [[240, 245]], true, 'InProgress'],
  [
    'the newest lag says less than one before it',
    [
      [60, 0],
      [120, 130],
    ],
    true,
    'InProgress',
  ],
  ['the lag reads -1', [[60, -1]], true, 'InProgress'],
  ['no lag was measured', [], true, 'InProgress'],
  ['the replication broke, and may come back', [[60, 0]], false, 'InProgress'],
] as const)('a switchover goes on when everything arrived: %s', async ([, points, replicating, expected]) => {
  replica(replicating);
  cloudWatch.on(GetMetricDataCommand).resolves({
    MetricDataResults: [
      {
        Id: 'm0',
        Timestamps: points.map(([seconds]) => new Date(start + seconds * 1000)),
        Values: points.map(([, lag]) => lag),
      },
    ],
  });
  shell.at = start + 300_000;
  const run = catchUp.on(shell)({ incident, asset: 'database', fencedAt: start });
  const [seconds = 0, lagSeconds = 0] = points[0] ?? [];
  const measuredAt = start + seconds * 1000;
  if (expected === 'done')
    expect(await run).toMatchObject({ lagSeconds, measuredAt, replayedUntil: measuredAt - lagSeconds * 1000 });
  else expect((await failureOf(run)).name).toBe(expected);
});

test('a replication that does not come back in two minutes was cut by the fence: the switchover ends', async () => {
  replica(false);
  const run = () => catchUp.on(shell)({ incident, asset: 'database', fencedAt: start });
  expect((await failureOf(run())).name).toBe('InProgress');
  shell.at += 119_000;
  expect((await failureOf(run())).name).toBe('InProgress');
  shell.at += 1_000;
  expect(await failureOf(run())).toMatchObject({
    name: 'CannotProceed',
    message: expect.stringContaining('replication to chatops-dr-replica has stopped'),
  });
});
