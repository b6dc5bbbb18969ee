// The alarms that a stack deploys, as definitions of the estate's CloudWatch: what they measure is read from the metrics.
import type { AlarmDefinition } from '../estate/alarm-catalogue.ts';
import type { DeployedAlarm } from './deployment.ts';
import { calculate, queryIn } from './metric-math.ts';
import type { Metrics, Period } from './metrics.ts';

export function alarmDefinition(alarm: DeployedAlarm, region: string, metrics: Metrics): AlarmDefinition {
  const [first] = Object.values(alarm.metrics);
  const isSingle = alarm.expression === 'm1' && first !== undefined;
  return {
    name: alarm.name,
    region,
    namespace: first?.namespace ?? '',
    metric: first?.name ?? alarm.expression,
    dimensions: first?.dimensions ?? {},
    expression: isSingle ? null : alarm.expression,
    stat: (first?.stat ?? 'Maximum') as AlarmDefinition['stat'],
    comparison: alarm.comparison,
    threshold: alarm.threshold,
    periodSeconds: alarm.periodSeconds,
    breachingPeriods: alarm.bad,
    evaluationPeriods: alarm.of,
    missing: alarm.missing,
    read: null,
    measure: (at) => measured(alarm, region, metrics, at),
    actions: { ALARM: alarm.alarmActions, OK: alarm.okActions },
  };
}

/** One period of the alarm's expression. */
function measured(alarm: DeployedAlarm, region: string, metrics: Metrics, at: number): Period {
  const query = queryIn(alarm.expression);
  if (query !== null) return metrics.readAll(region, query, at, alarm.periodSeconds);
  let samples = 0;
  const value = calculate(alarm.expression, (id) => {
    const metric = alarm.metrics[id];
    if (metric === undefined) throw new Error(`alarm ${alarm.name} names the metric ${id}, which it does not have`);
    const period = metrics.read(region, metric, at, alarm.periodSeconds);
    samples += period.samples;
    return period.value;
  });
  return { at, value, samples };
}
