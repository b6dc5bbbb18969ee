// Figures that CloudWatch reads from one line of a log, in its embedded metric format, and the clocks that are kept so: by their names
// in the record, so that record, mail, page, report and dashboard show one number. Pure.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
import type { Flow } from './flows.ts';
import type { Incident, RecordedDecision } from './types.ts';

/** `value`: null where it is not known: then there is no figure, rather than 0. */
export type Figure = {
  readonly name: string;
  readonly unit: 'Count' | 'Seconds';
  readonly value: number | null;
  readonly dimensions?: Readonly<Record<string, string>>;
};

type Directive = {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
};
type Embedded = {
  readonly [member: string]:
    | string
    | number
    | { readonly Timestamp: number; readonly CloudWatchMetrics: readonly Directive[] };
};

/** Fields of a log line; none where no figure is known. A name, and a dimension, has one value in one line. `at`: milliseconds since 1970. */
export function embedded(namespace: string, at: number, figures: readonly Figure[]): Embedded {
  const known = figures.flatMap(({ value, ...figure }) => (value === null ? [] : [{ ...figure, value }]));
  if (known.length === 0) return {};
  const measured = known.map(({ name, unit, dimensions = {} }) => ({
    Namespace: namespace,
    Dimensions: [Object.keys(dimensions)],
    Metrics: [{ Name: name, Unit: unit }],
  }));
  return {
    ...Object.assign({}, ...known.map(({ name, value, dimensions }) => ({ ...dimensions, [name]: value }))),
    _aws: { Timestamp: at, CloudWatchMetrics: measured },
  };
}

/** What is measured of each flow that moves something, by its name in the record; all in seconds. `restoreSeconds` is what MTTR is the mean of. */
export const clocksOfFlow = {
  'az-failover': [
    'detectSeconds',
    'decideSeconds',
    'executeSeconds',
    'recoverySeconds',
    'restoreSeconds',
    'dataLossSeconds',
  ],
  'region-failover': [
    'detectSeconds',
    'decideSeconds',
    'approvalSeconds',
    'executeSeconds',
    'recoverySeconds',
    'restoreSeconds',
    'unprotectedSeconds',
    'dataLossSeconds',
  ],
} as const satisfies Partial<Record<Flow, readonly string[]>>;

/** The first decision of an incident opens it; the last may end it. */
export function figuresOfDecision(
  { attempt, action, indication }: Pick<RecordedDecision, 'attempt' | 'action' | 'indication'>,
  incident: Pick<Incident, 'openedAt' | 'closedAt'> | null,
): Figure[] {
  const closedAt = incident?.closedAt ?? null;
  return [
    { name: 'Incidents', unit: 'Count', value: attempt === 1 ? 1 : null },
    { name: 'Decisions', unit: 'Count', value: 1, dimensions: { Action: action } },
    ...(indication === undefined
      ? []
      : [{ name: 'Indications', unit: 'Count', value: 1, dimensions: { Indication: indication } } as const]),
    {
      name: 'LastedSeconds',
      unit: 'Seconds',
      value: incident === null || closedAt === null ? null : (closedAt - incident.openedAt) / 1000,
    },
  ];
}

/** What a clock of the record is called in CloudWatch, beside the dimension `Flow`. */
export function metricOf(clock: string): string {
  return `${clock.charAt(0).toUpperCase()}${clock.slice(1)}`;
}

/** The clocks that a record has of a flow. What is not there, or not known, is no figure. */
export function figuresOf(flow: keyof typeof clocksOfFlow, record: Readonly<Record<string, unknown>>): Figure[] {
  return clocksOfFlow[flow].map((clock) => {
    const value = record[clock];
    return {
      name: metricOf(clock),
      unit: 'Seconds',
      value: typeof value === 'number' ? value : null,
      dimensions: { Flow: flow },
    };
  });
}
