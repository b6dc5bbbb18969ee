// Reads the states of CloudWatch alarms.
import { CloudWatchClient, DescribeAlarmsCommand, type DescribeAlarmsOutput } from '@aws-sdk/client-cloudwatch';
import { limits, oneForEachRegion } from './client.ts';
import { asking } from './faults.ts';

const cloudWatch = oneForEachRegion((region) => new CloudWatchClient({ region, ...limits }));

/** An alarm as it stands. `since`: when it changed to this state, milliseconds since 1970. */
export type AlarmState = {
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly since: number;
  /** What its state rests on, as JSON; not every alarm has it. */
  readonly reasonData: string | undefined;
};

/** Fifty pages of a hundred: more than an account may have by default in one region. */
const mostPages = 50;

/** All alarms whose name begins with a prefix, composite ones too. @throws Unavailable, CannotProceed. */
export async function listAlarms(region: string, prefix: string): Promise<AlarmState[]> {
  const alarms: AlarmState[] = [];
  let next: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer: DescribeAlarmsOutput = await asking(
      `list the alarms of ${region}`,
      cloudWatch(region).send(
        new DescribeAlarmsCommand({
          AlarmNamePrefix: prefix,
          AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
          MaxRecords: 100,
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      ),
    );
    for (const alarm of [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])]) {
      // The update time moves with each evaluation that changes the reason; the transition time only with the state.
      const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
      if (alarm.AlarmName === undefined || alarm.StateValue === undefined || since === undefined) continue;
      alarms.push({
        name: alarm.AlarmName,
        state: alarm.StateValue,
        since: since.getTime(),
        reasonData: alarm.StateReasonData,
      });
    }
    next = answer.NextToken;
    if (next === undefined) break;
  }
  return alarms;
}
