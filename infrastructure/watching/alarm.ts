// One CloudWatch alarm, in the words of this folder.
import type { Metric, Watch } from '../../functions/domain/kind/watched.ts';
import { type Resource, sub, type Value } from '../template.ts';

/** Topics that it tells; none for a signal, which EventBridge takes from every alarm. */
export type Alarm = Watch & { readonly tells: readonly Value[] };

export function alarmResource(alarm: Alarm): Resource {
  const { name, description, comparison, threshold, bad, of, missing, tells } = alarm;
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: name,
      AlarmDescription: description,
      ...measured(alarm),
      ComparisonOperator: comparison,
      Threshold: threshold,
      EvaluationPeriods: of,
      DatapointsToAlarm: bad,
      TreatMissingData: missing,
      ...(tells.length === 0 ? {} : { AlarmActions: tells, OKActions: tells }),
    },
  };
}

function measured({ metrics, expression, periodSeconds }: Alarm): Readonly<Record<string, Value>> {
  if (isMetric(metrics)) return { ...inTemplate(metrics), Statistic: metrics.stat, Period: periodSeconds };
  const inputs = Object.entries(metrics).map(([Id, metric]) => ({
    Id,
    MetricStat: { Metric: inTemplate(metric), Stat: metric.stat, Period: periodSeconds },
    ReturnData: false,
  }));
  const result = { Id: 'result', Expression: expression ?? '', Period: periodSeconds, ReturnData: true };
  // CloudWatch takes a period for a query and refuses it for arithmetic.
  const { Period: _, ...arithmetic } = result;
  return { Metrics: [...inputs, inputs.length === 0 ? result : arithmetic] };
}

function inTemplate({ namespace, name, dimensions }: Metric) {
  const Dimensions = Object.entries(dimensions).map(([Name, value]) => ({
    Name,
    Value: value.includes('${') ? sub(value) : value, // the ARN of a machine has the account in it
  }));
  return { Namespace: namespace, MetricName: name, Dimensions };
}

function isMetric(metrics: Alarm['metrics']): metrics is Metric {
  return typeof metrics['namespace'] === 'string';
}
