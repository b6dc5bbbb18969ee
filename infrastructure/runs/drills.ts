// The schedules of the plan's drills: each asks, on every day of its window, whether its drill is due. Most days it is not.
import { type ScheduledDrill, scheduledIn } from '../../functions/domain/drills/plan.ts';
import { machineName } from '../../functions/domain/flows.ts';
import { serviceRole } from '../rights/service-role.ts';
import { arnHere, arnOf, type Resource, type Resources } from '../template.ts';
import type { Stack } from '../values.ts';

/** In both main stacks: roles move, and the drill itself says where it runs. A plan without such drills has none of it. */
export function drillSchedules(stack: Stack): Resources {
  const { prefix, plan } = stack;
  const drills = scheduledIn(plan);
  if (drills.length === 0) return {};
  const schedules = drills.map((drill, index) => [`DrillSchedule${index + 1}`, schedule(drill, index, stack)] as const);
  const machine = arnHere('states', `stateMachine:${machineName('drill', prefix)}`);
  // "Confused deputy prevention in EventBridge Scheduler": the condition names a group, and a schedule is in the default one here.
  const role = serviceRole('start-drills', 'scheduler.amazonaws.com', arnHere('scheduler', 'schedule-group/default'), [
    { sid: 'StartDrills', actions: ['states:StartExecution'], on: [machine] },
    { sid: 'OnFailure', actions: ['sqs:SendMessage'], on: [arnOf('DeadLetters')] },
    {
      sid: 'UseKey',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      on: [arnOf('Key')],
      onlyIf: { StringEquals: { 'kms:ViaService': { 'Fn::Sub': `sqs.\${AWS::Region}.amazonaws.com` } } },
    },
  ]);
  return { DrillScheduleRole: role, ...Object.fromEntries(schedules) };
}

function schedule(drill: ScheduledDrill, index: number, { prefix }: Stack): Resource {
  const { days, from, timeZone } = drill.window;
  const [hour, minute] = from.split(':').map(Number);
  return {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Name: `${prefix}-drill-${index + 1}`,
      Description: `Asks whether the drill ${drill.name} is due.`,
      ScheduleExpression: `cron(${minute} ${hour} ? * ${days.map((day) => day.toUpperCase()).join(',')} *)`,
      ScheduleExpressionTimezone: timeZone,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: arnHere('states', `stateMachine:${machineName('drill', prefix)}`),
        RoleArn: arnOf('DrillScheduleRole'),
        Input: JSON.stringify({ drill: drill.name, requestedBy: 'schedule' }),
        // A drill that is late is asked for on the next day.
        RetryPolicy: { MaximumEventAgeInSeconds: 600, MaximumRetryAttempts: 5 },
        DeadLetterConfig: { Arn: arnOf('DeadLetters') },
      },
    },
  };
}
