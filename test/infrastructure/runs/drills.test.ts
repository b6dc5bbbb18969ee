// The schedules of the plan's drills: when each asks, in which time zone, with which right, and that a plan without drills has none.
import { expect, test } from 'vitest';
import { scheduledIn } from '../../../functions/domain/drills/plan.ts';
import { drillSchedules } from '../../../infrastructure/runs/drills.ts';
import { stackOf } from '../../../infrastructure/values.ts';
import { plan } from '../../plan.ts';
import { shipped } from '../../shipped.ts';

const { primary, standby } = shipped.roles;
const made = (region: string) => drillSchedules(stackOf(shipped, region, 'breakwater-prod'));

test.for([primary, standby])(
  'in %s each drill with a kind has one, on the days of its window, in its time zone',
  (region) => {
    const schedules = Object.values(made(region)).filter(({ Type }) => Type === 'AWS::Scheduler::Schedule');
    expect(schedules).toHaveLength(scheduledIn(shipped).length);
    expect(schedules[0]?.Properties).toMatchObject({
      Name: 'breakwater-prod-drill-1',
      ScheduleExpression: 'cron(0 10 ? * TUE,WED,THU *)',
      ScheduleExpressionTimezone: 'America/New_York',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Input: '{"drill":"one pod fails","requestedBy":"schedule"}',
        RoleArn: { 'Fn::GetAtt': ['DrillScheduleRole', 'Arn'] },
      },
    });
  },
);

test('their role may start that machine, and leave what failed with the dead letters', () => {
  const role = made(primary)['DrillScheduleRole'];
  if (role === undefined) throw new Error('the schedules of drills have no role');
  const { AssumeRolePolicyDocument, Policies } = role.Properties as unknown as {
    AssumeRolePolicyDocument: { Statement: object[] };
    Policies: { PolicyDocument: { Statement: { Action: string[]; Resource: object[] }[] } }[];
  };
  expect(AssumeRolePolicyDocument.Statement).toMatchObject([
    {
      Principal: { Service: 'scheduler.amazonaws.com' },
      Condition: { ArnLike: { 'aws:SourceArn': { 'Fn::Sub': expect.stringMatching(/:schedule-group\/default$/) } } },
    },
  ]);
  const statements = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  expect(statements.map(({ Action }) => Action)).toEqual([
    ['states:StartExecution'],
    ['sqs:SendMessage'],
    ['kms:Decrypt', 'kms:GenerateDataKey'],
  ]);
  expect(statements[0]?.Resource).toEqual([
    { 'Fn::Sub': expect.stringMatching(/:stateMachine:breakwater-prod-drill$/) },
  ]);
});

test('a plan whose drills have no kind has none', () => {
  expect(scheduledIn(plan)).toEqual([]);
  expect(drillSchedules(stackOf(plan, plan.roles.primary, 'breakwater-prod'))).toEqual({});
});
