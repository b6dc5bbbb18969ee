// What AWS asks for what Breakwater uses: list prices of us-east-1 in US dollars. us-west-2 asks the same for all of these [M].
// Grades as in the facts: D vendor's own page; S read in somebody's code or a transcription of that page, with its date; M from memory.
// `free` is what AWS gives every account each month for ever; it is not counted against what Breakwater costs, and is shown apart.

type Price = {
  readonly dollars: number;
  readonly per: number;
  readonly free?: number;
  readonly grade: 'D' | 'S' | 'M';
  readonly source: string;
};

export const prices = {
  'lambda-requests': {
    dollars: 0.2,
    per: 1_000_000,
    free: 1_000_000,
    grade: 'S',
    source: 'https://aws.amazon.com/lambda/pricing/, transcribed 2026-09-20',
  },
  'lambda-gb-seconds': {
    dollars: 0.0000133334,
    per: 1,
    free: 400_000,
    grade: 'S',
    source: 'https://aws.amazon.com/lambda/pricing/ (arm64), as in artillery 2.0.28',
  },
  alarms: {
    dollars: 0.1,
    per: 1,
    free: 10,
    grade: 'S',
    source: 'https://aws.amazon.com/cloudwatch/pricing/, as c3x.dev and infracost quote it, 2026',
  },
  'alarms-high-resolution': {
    dollars: 0.3,
    per: 1,
    grade: 'S',
    source: 'https://aws.amazon.com/cloudwatch/pricing/, as c3x.dev quotes it, 2026',
  },
  'alarms-composite': {
    dollars: 0.5,
    per: 1,
    grade: 'S',
    source: 'https://aws.amazon.com/cloudwatch/pricing/, as c3x.dev quotes it, 2026',
  },
  metrics: {
    dollars: 0.3,
    per: 1,
    free: 10,
    grade: 'S',
    source: 'https://aws.amazon.com/cloudwatch/pricing/, quoted in several repositories',
  },
  'cloudwatch-requests': {
    dollars: 0.01,
    per: 1000,
    free: 1_000_000,
    grade: 'S',
    source: 'https://aws.amazon.com/cloudwatch/pricing/, quoted in several repositories',
  },
  'metrics-read': {
    dollars: 0.01,
    per: 1000,
    grade: 'S',
    source: 'https://aws.amazon.com/cloudwatch/pricing/, quoted in several repositories',
  },
  dashboards: {
    dollars: 3,
    per: 1,
    free: 3,
    grade: 'S',
    source: 'https://aws.amazon.com/cloudwatch/pricing/, quoted in several repositories',
  },
  'log-ingestion-gb': {
    dollars: 0.5,
    per: 1,
    free: 5,
    grade: 'S',
    source: 'https://aws.amazon.com/cloudwatch/pricing/, quoted in several repositories',
  },
  'log-storage-gb': {
    dollars: 0.03,
    per: 1,
    grade: 'S',
    source: 'https://aws.amazon.com/cloudwatch/pricing/, quoted in several repositories',
  },
  'kms-keys': {
    dollars: 1,
    per: 1,
    grade: 'S',
    source: 'https://aws.amazon.com/kms/pricing/, quoted 2019; unchanged [M]',
  },
  'kms-requests': {
    dollars: 0.03,
    per: 10_000,
    free: 20_000,
    grade: 'S',
    source: 'https://aws.amazon.com/kms/pricing/, quoted 2019; unchanged [M]',
  },
  secrets: {
    dollars: 0.4,
    per: 1,
    grade: 'S',
    source: 'https://aws.amazon.com/secrets-manager/pricing/, transcribed 2026-09-20',
  },
  'dynamodb-writes': {
    dollars: 0.625,
    per: 1_000_000,
    grade: 'M',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  'dynamodb-reads': {
    dollars: 0.125,
    per: 1_000_000,
    grade: 'M',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  'dynamodb-storage-gb': {
    dollars: 0.25,
    per: 1,
    free: 25,
    grade: 'M',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  'dynamodb-recovery-gb': {
    dollars: 0.2,
    per: 1,
    grade: 'M',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  'sqs-requests': {
    dollars: 0.4,
    per: 1_000_000,
    free: 1_000_000,
    grade: 'S',
    source: 'https://aws.amazon.com/sqs/pricing/, quoted 2020; unchanged [M]',
  },
  'sns-requests': {
    dollars: 0.5,
    per: 1_000_000,
    free: 1_000_000,
    grade: 'S',
    source: 'https://aws.amazon.com/sns/pricing/, quoted 2020; unchanged [M]',
  },
  'sns-emails': { dollars: 2, per: 100_000, free: 1000, grade: 'M', source: 'https://aws.amazon.com/sns/pricing/' },
  'custom-events': { dollars: 1, per: 1_000_000, grade: 'M', source: 'https://aws.amazon.com/eventbridge/pricing/' },
  'state-transitions': {
    dollars: 0.025,
    per: 1000,
    free: 4000,
    grade: 'D',
    source: 'https://aws.amazon.com/step-functions/pricing/',
  },
  'api-requests': {
    dollars: 1,
    per: 1_000_000,
    grade: 'S',
    source: 'https://aws.amazon.com/api-gateway/pricing/ (HTTP API), quoted 2026',
  },
  'health-checks': {
    dollars: 0.5,
    per: 1,
    free: 50,
    grade: 'S',
    source: 'https://aws.amazon.com/route53/pricing/ (AWS endpoints), transcribed 2026-09-20',
  },
  'health-check-features': {
    dollars: 1,
    per: 1,
    grade: 'S',
    source: 'https://aws.amazon.com/route53/pricing/ (HTTPS, text, fast interval, latency), transcribed 2026-09-20',
  },
  's3-gets': { dollars: 0.0004, per: 1000, grade: 'M', source: 'https://aws.amazon.com/s3/pricing/' },
  'vpc-endpoint-hours': { dollars: 0.01, per: 1, grade: 'M', source: 'https://aws.amazon.com/privatelink/pricing/' },
  'build-minutes': {
    dollars: 0.005,
    per: 1,
    free: 100,
    grade: 'M',
    source: 'https://aws.amazon.com/codebuild/pricing/ (general1.small, Linux)',
  },
  'canary-runs': {
    dollars: 0.0012,
    per: 1,
    free: 100,
    grade: 'M',
    source: 'https://aws.amazon.com/cloudwatch/pricing/ (Synthetics)',
  },
} as const satisfies Record<string, Price>;

/** What the template does not say. Estimates lean to the dear side. */
export const usage = {
  'lambda-seconds': { value: 0.3, why: 'a run of a step, or of a schedule: a few calls of 20 to 100 ms' },
  'log-bytes': { value: 1200, why: 'per run: the three lines of Lambda and one or two of the function' },
  'sweep-reads': {
    value: 20,
    why: 'units of 4 KB, at 15 reads a sweep in a drill: what is kept of two regions, the standing, the open requests',
  },
  'classify-reads': { value: 20, why: 'units of 4 KB: what is kept of one region, the standing, the incident' },
  'other-reads': { value: 5, why: 'units of 4 KB: lock, standing, waiver' },
  writes: { value: 2, why: 'units of 1 KB of a run that found something new' },
  'readiness-writes': { value: 2, why: 'units of 1 KB: what was seen' },
  'write-copies': {
    value: 3,
    why: 'each write goes to two replicas and the witness; whether that one is charged is not known, so it is',
  },
  'stored-gb': { value: 0.2, why: 'signals expire; incidents, steps and records of a year' },
  pollers: { value: 5, why: 'Lambda keeps five requests waiting on an empty queue' },
  'poll-seconds': { value: 20, why: 'for so long each' },
  'readiness-requests': { value: 2, why: 'to CloudWatch in a run of check-readiness: the lag, and the measures' },
  'health-checkers': { value: 16, why: 'Route 53 asks an endpoint from so many places, each in its own interval [M]' },
  'build-minutes': {
    value: 5,
    why: 'a daily copy of what runs in a cluster, or a dry run of it: tools, a question to the API server, some hundred objects',
  },
  'kms-requests': {
    value: 10_000,
    why: 'in each region: topics, secret and log groups; keys of data are kept for minutes',
  },
} as const satisfies Record<string, { readonly value: number; readonly why: string }>;

export type PriceName = keyof typeof prices;

export function usageOf(name: keyof typeof usage): number {
  return usage[name].value;
}

/** Dollars of an amount; `free` is how much of them falls into what AWS gives every account. */
export function priceOf(name: PriceName, amount: number): { dollars: number; free: number } {
  const price: Price = prices[name];
  const each = price.dollars / price.per;
  return { dollars: amount * each, free: Math.min(amount, price.free ?? 0) * each };
}
