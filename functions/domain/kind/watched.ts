// What a kind has watched in CloudWatch: alarms that become signals, and a graph. infrastructure/ makes resources of them.

/** A metric as alarms, graphs and questions name it. */
export type Metric = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly stat: 'Sum' | 'Average' | 'Minimum' | 'Maximum';
};

/** What an alarm watches, and when it rises. */
export type Watch = {
  readonly name: string;
  readonly description: string;
  /** One metric, or several by the ids that `expression` joins them by. */
  readonly metrics: Metric | Readonly<Record<string, Metric>>;
  readonly expression?: string;
  readonly comparison: 'GreaterThanThreshold' | 'GreaterThanOrEqualToThreshold' | 'LessThanThreshold';
  readonly threshold: number;
  readonly periodSeconds: number;
  /** `bad` of the last `of` periods. */
  readonly bad: number;
  readonly of: number;
  /** What a period without data is: missing leaves the alarm without an opinion, and says so. */
  readonly missing: 'missing' | 'breaching' | 'notBreaching';
};

/** `kind`: the signal that the plan's rules must make of it. The name has the application's before it. */
export type KindAlarm = Watch & { readonly kind: 'component' | 'replica' };

/** Lines of metrics, each in its region, beside one of the plan's objectives. */
export type Graph = {
  readonly title: string;
  readonly lines: readonly { readonly metric: Metric; readonly region: string; readonly label?: string }[];
  readonly objective: 'RPO' | 'RTO';
};

/** What of a plan decides what is watched. */
export type Watching = {
  readonly roles: { readonly primary: string; readonly standby: string };
  readonly objectives: { readonly rpoSeconds: number };
  readonly regions: Readonly<Record<string, { readonly zones: Readonly<Record<string, string>> }>>;
};
