// Reads the states of CloudWatch alarms.
import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { limits, oneForEachRegion } from '../calls/client.ts';
import { callingEach } from '../calls/faults.ts';

const cloudWatch = oneForEachRegion((region) => new CloudWatchClient({ region, ...limits }));

/** An alarm as it stands. `since`: when it changed to this state, milliseconds since 1970. */
export type AlarmState = {
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly since: number;
  /** What its state rests on, as JSON; not every alarm has it. */
  readonly reasonData: string | undefined;
};

/** All alarms whose name begins with a prefix, composite ones too. @throws Unavailable, CannotProceed. */
export async function listAlarms(region: string, prefix: string): Promise<AlarmState[]> {
  const alarms: AlarmState[] = [];
  const pages = paginateDescribeAlarms(
    { client: cloudWatch(region), pageSize: 100 },
    { AlarmNamePrefix: prefix, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
  );
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of callingEach(`list the alarms of ${region}`, pages)) {
    for (const alarm of [...MetricAlarms, ...CompositeAlarms]) {
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
  }
  return alarms;
}
