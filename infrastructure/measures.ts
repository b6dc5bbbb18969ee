// Figures for the dashboard that no function measures: CloudWatch reads them from the functions' logs. A line without the
// figure, or with null, gives none; nothing is shown as zero that is not known.
import { frameworkName } from './functions.ts';
import { pascal, type Resources, ref } from './template.ts';
import type { Stack } from './values.ts';

type Measure = {
  readonly metric: string;
  /** The function in whose log it stands. */
  readonly verb: string;
  readonly filter: string;
  readonly value: string;
  readonly unit: 'Count' | 'Seconds';
  readonly dimensions?: Readonly<Record<string, string>>;
};

const decided = '$.message = "decided"';
const judges = ['classify', 'sweep'] as const;

const all: readonly Measure[] = [
  ...judges.flatMap((verb): Measure[] => [
    // The first decision of an incident opens it.
    { metric: 'Incidents', verb, filter: `{ ${decided} && $.attempt = 1 }`, value: '1', unit: 'Count' },
    {
      metric: 'Decisions',
      verb,
      filter: `{ ${decided} }`,
      value: '1',
      unit: 'Count',
      dimensions: { Action: '$.action' },
    },
    {
      metric: 'Findings',
      verb,
      filter: `{ ${decided} && $.finding = "*" }`,
      value: '1',
      unit: 'Count',
      dimensions: { Finding: '$.finding' },
    },
  ]),
  clock('ZoneRecoverySeconds', 'record-recovery', 'recovered', 'recoverySeconds'),
  clock('DetectSeconds', 'record-failover', 'failed over', 'detectSeconds'),
  clock('ZoneExecuteSeconds', 'record-recovery', 'recovered', 'executeSeconds'),
  clock('DecideSeconds', 'record-failover', 'failed over', 'decideSeconds'),
  clock('ApprovalSeconds', 'record-failover', 'failed over', 'approvalSeconds'),
  clock('RegionExecuteSeconds', 'record-failover', 'failed over', 'executeSeconds'),
  clock('RecoverySeconds', 'record-failover', 'failed over', 'recoverySeconds'),
  clock('DataLossSeconds', 'record-failover', 'failed over', 'dataLossSeconds'),
  clock('UnprotectedSeconds', 'check-readiness', 'the next disaster is covered again', 'unprotectedSeconds'),
  {
    ...clock('DrillRecoverySeconds', 'conclude-drill', 'drill ended', 'recoverySeconds'),
    dimensions: { Drill: '$.drill' },
  },
  {
    metric: 'Drills',
    verb: 'conclude-drill',
    filter: '{ $.message = "drill ended" }',
    value: '1',
    unit: 'Count',
    dimensions: { Outcome: '$.outcome' },
  },
];

/** What the clocks of a failover are called, for the dashboard. Those of drills are told apart by the drill. */
export const clocks: readonly string[] = all
  .filter(({ unit, dimensions }) => unit === 'Seconds' && dimensions === undefined)
  .map(({ metric }) => metric);

function clock(metric: string, verb: string, message: string, field: string): Measure {
  return {
    metric,
    verb,
    filter: `{ $.message = "${message}" && $.${field} >= 0 }`,
    value: `$.${field}`,
    unit: 'Seconds',
  };
}

export function measures({ prefix }: Stack): Resources {
  const filters = all.map(({ metric, verb, filter, value, unit, dimensions }) => {
    const transformation = {
      MetricNamespace: prefix,
      MetricName: metric,
      MetricValue: value,
      Unit: unit,
      ...(dimensions && { Dimensions: Object.entries(dimensions).map(([Key, Value]) => ({ Key, Value })) }),
    };
    const Properties = {
      FilterName: `${prefix}-${metric}-${verb}`,
      LogGroupName: ref(`${frameworkName(verb)}LogGroup`),
      FilterPattern: filter,
      MetricTransformations: [transformation],
    };
    return [`${metric}Of${pascal(verb)}`, { Type: 'AWS::Logs::MetricFilter', Properties }] as const;
  });
  return Object.fromEntries(filters);
}
