// The alarms that a stack deploys, as definitions of the estate's CloudWatch: what they measure is read from the metrics.
import type { AlarmDefinition } from '../estate/alarms/alarm-catalogue.ts';
import type { DeployedAlarm } from './deployment.ts';
import { calculation, queryIn } from './metrics/metric-math.ts';
import type { Metrics, Period } from './metrics/metrics.ts';

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
    measure: measureOf(alarm, region, metrics),
    actions: { ALARM: alarm.alarmActions, OK: alarm.okActions },
  };
}

/** Gives one period of the alarm's expression. */
function measureOf(
  { name, expression, metrics: named, periodSeconds }: DeployedAlarm,
  region: string,
  metrics: Metrics,
): (at: number) => Period {
  const query = queryIn(expression);
  if (query !== null) return (at) => metrics.readAll(region, query, at, periodSeconds);
  const calculate = calculation(expression);
  const readers = new Map(Object.entries(named).map(([id, metric]) => [id, metrics.reader(region, metric)]));
  return (at) => {
    let samples = 0;
    const value = calculate((id) => {
      const read = readers.get(id);
      if (read === undefined) throw new Error(`alarm ${name} names the metric ${id}, which it does not have`);
      const period = read(at, periodSeconds);
      samples += period.samples;
      return period.value;
    });
    return { at, value, samples };
  };
}
