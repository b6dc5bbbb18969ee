// CloudWatch: reads the states of alarms, page by page, and the datapoints of a metric.
import * as z from 'zod';
import type { Datapoint } from '../alarms/alarm-evaluation.ts';
import { type Alarm, alarmArn } from '../alarms/alarms.ts';
import { refusal } from '../calls/aws-error.ts';
import { type Answers, read } from './answer.ts';

const describe = z.looseObject({
  AlarmNames: z.array(z.string()).optional(),
  AlarmNamePrefix: z.string().optional(),
  StateValue: z.string().optional(),
  MaxRecords: z.number().int().min(1).max(100).optional(),
  NextToken: z.string().optional(),
});
const query = z.looseObject({
  Id: z.string(),
  Label: z.string().optional(),
  MetricStat: z.looseObject({
    Metric: z.looseObject({
      Namespace: z.string(),
      MetricName: z.string(),
      Dimensions: z.array(z.looseObject({ Name: z.string(), Value: z.string() })).optional(),
    }),
    Period: z.number(),
    Stat: z.string(),
  }),
});
const data = z.looseObject({
  MetricDataQueries: z.array(query),
  StartTime: z.date(),
  EndTime: z.date(),
  ScanBy: z.string().optional(),
  MaxDatapoints: z.number().int().min(1).max(100_800).optional(),
  NextToken: z.string().optional(),
});

export const cloudwatch: Answers = {
  DescribeAlarms(call, parts) {
    const asked = read(describe, call);
    const wanted = parts.alarms.list(call.region).filter(({ definition: { name }, state, isDeleted }) => {
      if (isDeleted) return false;
      const named = asked.AlarmNames === undefined || asked.AlarmNames.includes(name);
      const prefixed = asked.AlarmNamePrefix === undefined || name.startsWith(asked.AlarmNamePrefix);
      return named && prefixed && (asked.StateValue === undefined || state.value === asked.StateValue);
    });
    const from = start(asked.NextToken);
    const until = from + (asked.MaxRecords ?? 50);
    return {
      MetricAlarms: wanted.slice(from, until).map((alarm) => shown(alarm, parts.world.account)),
      CompositeAlarms: [],
      ...(until < wanted.length ? { NextToken: String(until) } : {}),
    };
  },
  GetMetricData(call, parts) {
    const asked = read(data, call);
    const results = asked.MetricDataQueries.map(({ Id, Label, MetricStat: { Metric, Period, Stat } }) => {
      const dimensions = Object.fromEntries((Metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
      const metric = { namespace: Metric.Namespace, name: Metric.MetricName, dimensions, stat: Stat };
      const step = Period * 1000;
      const points: Datapoint[] = [];
      for (let at = Math.ceil(asked.StartTime.getTime() / step) * step; at < asked.EndTime.getTime(); at += step) {
        const point = parts.metrics.read(call.region, metric, at, Period);
        // The minute that is under way has no datapoint yet.
        if (point.value !== null && at + step <= parts.world.now()) points.push(point);
      }
      if (asked.ScanBy !== 'TimestampAscending') points.reverse();
      return { Id, Label: Label ?? Metric.MetricName, points };
    });
    return { ...page(results, start(asked.NextToken), asked.MaxDatapoints ?? mostDatapoints), Messages: [] };
  },
};

/** Datapoints in one answer, unless fewer are asked for [AWS, GetMetricData]. */
const mostDatapoints = 100_800;

type Result = {
  readonly Id: string;
  readonly Label: string;
  readonly points: readonly { at: number; value: unknown }[];
};

/** So many of the points of all results, one result after the other; those that go on have the status PartialData. */
function page(results: readonly Result[], from: number, most: number): Record<string, unknown> {
  const until = from + most;
  let before = 0;
  const shownResults = results.map(({ Id, Label, points }) => {
    const own = points.slice(Math.max(0, from - before), Math.max(0, until - before));
    before += points.length;
    return {
      Id,
      Label,
      Timestamps: own.map(({ at }) => new Date(at)),
      Values: own.map(({ value }) => value),
      StatusCode: before > until ? 'PartialData' : 'Complete',
    };
  });
  return { MetricDataResults: shownResults, ...(before > until ? { NextToken: String(until) } : {}) };
}

/** Where a page begins. @throws InvalidNextToken */
function start(token: string | undefined): number {
  const from = Number(token ?? 0);
  if (!Number.isInteger(from)) throw refusal('InvalidNextToken', `NextToken ${token} is not valid`);
  return from;
}

function shown({ definition, state }: Alarm, account: string): Record<string, unknown> {
  return {
    AlarmName: definition.name,
    AlarmArn: alarmArn(definition, account),
    ActionsEnabled: true,
    StateValue: state.value,
    StateReason: state.reason,
    StateReasonData: state.reasonData,
    StateUpdatedTimestamp: new Date(state.at),
    StateTransitionedTimestamp: new Date(state.at),
    Namespace: definition.namespace,
    MetricName: definition.metric,
    Dimensions: Object.entries(definition.dimensions).map(([Name, Value]) => ({ Name, Value })),
    Statistic: definition.stat,
    Period: definition.periodSeconds,
    EvaluationPeriods: definition.evaluationPeriods,
    DatapointsToAlarm: definition.breachingPeriods,
    Threshold: definition.threshold,
    ComparisonOperator: definition.comparison,
    TreatMissingData: definition.missing,
  };
}
