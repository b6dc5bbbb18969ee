// The schema of plan.yml: what a plan may hold, and the plan that handlers run with. What is wrong beyond its shape is in check/,
// and is said before a plan is packaged.
import * as z from 'zod';
import { kinds } from '../../kinds/kinds.ts';
import { plannedDrill } from '../drills/plan.ts';
import { channels, nextChannels } from './channels.ts';
import { describeIssues, type Wrong } from './issues.ts';
import {
  applicationName,
  bucketName,
  parameterName,
  projectName,
  recordName,
  regionName as region,
  securityGroupName,
  subnetName,
  zoneIdName as zoneId,
  zoneLetterName,
  zoneName,
} from './names.ts';

const seconds = z.int().positive();
const count = z.int().positive();
const name = z.string().min(1);
const mode = z.enum(['act', 'observe']);
const pattern = z
  .string()
  .refine(isPattern, { error: 'a regular expression', abort: true })
  .refine(isAnchored, 'a regular expression from ^ to $');

/** The network, by region, of the functions that must reach a database or a cluster; without it they stand outside of any. */
const vpc = z.record(
  region,
  z.strictObject({ subnets: z.array(subnetName).min(1), securityGroups: z.array(securityGroupName).min(1).max(5) }),
);

const alarmRule = z.strictObject({
  match: pattern,
  kind: z.enum(['component', 'canary', 'probe', 'heartbeat', 'replica']),
});

const eventRule = z.strictObject({
  source: name,
  detailType: name,
  kind: z.enum(['beat', 'canary-run', 'probe-run', 'release', 'maintenance', 'cache']),
});

/** One name alone could be a role's or a user's, and these are two. A role has no path here: a session does not tell it. */
const identity = z.string().refine((text) => /^(role\/[\w+=,.@-]{1,64}|user(\/[\w+=,.@-]+)+)$/.test(text), {
  error: ({ input }) =>
    /^[\w+=,.@-]{1,64}$/.test(String(input))
      ? `role/${input} or user/${input}: which of the two answers`
      : 'role/NAME without a path, or user/PATH/NAME with the path of the user',
});

/** Who may put events of the application on its bus. Unlike whoever answers, a role says itself with its path. */
const sender = z
  .string()
  .regex(
    /^(role|user)(\/[\w+=,.@-]{1,128})+$/,
    'role/NAME or user/NAME, with the path where it has one: role/deploy/NAME',
  );

/** Where people read docs/runbook.md: a section is `#` and its name behind it. */
const runbook = z
  .url({ protocol: /^https$/, error: 'an https address of docs/runbook.md, as people open it' })
  .max(200, 'at most 200 characters')
  .refine((text) => !/[#?\s]/.test(text), 'an address that ends with the file: each message adds its section');

const contact = z.strictObject({
  handle: name,
  duty: name,
  channel: z.enum(channels),
  /** Name of the SecureString parameter that holds the address of a Slack or Teams webhook, or PagerDuty's routing key. */
  webhook: parameterName.optional(),
  /** What is tried, in this order, where the channel before fails. */
  next: z.array(z.enum(nextChannels)).max(3).optional(),
  /** The IAM roles and users that answer for this role from the command line. */
  iam: z.array(identity).default([]),
});

const evidence = z.strictObject({
  degradation: z.strictObject({
    components: count,
    confirmSeconds: seconds,
    aloneSeconds: seconds,
    /** How long readiness has to be lost: for three looks, five minutes apart. Replication and backups need some to catch up. */
    readinessSeconds: seconds.default(900),
    againSeconds: seconds,
  }),
  zone: z.strictObject({
    components: count,
    causes: count,
    componentsWithAwsNotice: count,
    strayComponentsElsewhere: z.int().nonnegative(),
    confirmSeconds: z
      .strictObject({ traffic: seconds, costly: seconds })
      .refine(({ traffic, costly }) => traffic <= costly, {
        path: ['traffic'],
        error: 'at most what is costly waits for',
      }),
  }),
  region: z.strictObject({
    observers: count.min(2, 'at least 2: one observer is never a region disaster'),
    zones: count.min(2, 'at least 2: one zone is not a region'),
    hardDependencies: count,
    sharedInfrastructure: count,
    confirmSeconds: seconds,
    overwhelmingSeconds: seconds,
    unconfirmedSeconds: seconds,
  }),
  telemetryLoss: z.strictObject({ components: count, zones: count }),
  recoverySeconds: seconds,
  lateSeconds: seconds,
  retentionSeconds: seconds,
});

type AssetSchema = (typeof kinds)[keyof typeof kinds]['plan'];
const assetSchemas = Object.values(kinds).map(({ plan }) => plan) as unknown as readonly [
  AssetSchema,
  ...AssetSchema[],
];

export const schema = z.strictObject({
  application: applicationName,
  objectives: z.strictObject({ rtoSeconds: seconds, rpoSeconds: seconds, mttrSeconds: seconds }),
  regions: z.record(region, z.strictObject({ zones: z.record(zoneId, zoneLetterName) })),
  roles: z.strictObject({ primary: region, standby: region, witness: region, observers: z.array(region) }),
  assets: z.array(z.discriminatedUnion('kind', assetSchemas)).min(1),
  vpc: vpc.optional(),
  service: z.strictObject({
    healthUrl: z.url(),
    healthTimeoutSeconds: seconds,
    regionalHealthUrls: z.record(region, z.url()),
    /** The header in which a health page names the region that answers; null where it does not. */
    regionHeader: z.string().min(1).nullable(),
    healthPassesNeeded: count,
    /** What a health page that passes has in it: a balancer's own page, or one of apologies, may answer 200 as well. None: the status alone counts. */
    healthBody: z.string().min(1).max(200).optional(),
    /** The assets without which it does not serve, and with them all that they need; left out, every asset. */
    needs: z.array(name).min(1).optional(),
  }),
  redirection: z.strictObject({
    mode: z.enum(['latch', 'record-change']),
    record: recordName,
    ttlSeconds: seconds,
    hostedZone: zoneName,
    latchBuckets: z.record(region, z.record(region, bucketName)),
  }),
  predictions: z.strictObject({
    /** Of the kinds that take time of their own to take over; the others are done in otherSeconds. */
    takeOverSeconds: z.partialRecord(z.enum(Object.keys(kinds) as (keyof typeof kinds)[]), seconds),
    redirectionSeconds: seconds,
    otherSeconds: seconds,
  }),
  zonalShift: z.strictObject({ expirySeconds: seconds, extendBeforeSeconds: seconds, maximumSeconds: seconds }),
  contacts: z.record(name, contact),
  notifications: z.strictObject({
    level1: z.array(name).min(1),
    level2: z.array(name).min(1),
    level3: z.array(name).min(1),
    unknown: z.array(name).min(1),
    failure: z.array(name).min(1),
    /** Messages and pages link the sections of the runbook there; without it they name the file. */
    runbookUrl: runbook.optional(),
    /** Who owns readiness that is lost, by kind of asset; `other`: of all that is about no asset, and of kinds without an owner. */
    owners: z.record(name, name).default({}),
    /** While users fail in an open incident, people hear of it again after so long. */
    silentSeconds: seconds.default(900),
    /** How long a step of a flow may fail and be tried again before people hear of it. */
    patienceSeconds: seconds.default(120),
  }),
  approval: z.strictObject({
    required: count,
    roles: z.array(name).min(1),
    expirySeconds: seconds,
    reminderSeconds: seconds,
    lossMarginSeconds: seconds,
    /** How long what was approved is fresh until the first change, and again after each pause: then it is looked at again. */
    freshSeconds: seconds.default(900),
    escalation: z.array(name).default([]),
  }),
  fenceWatch: z
    .strictObject({
      /** So long the old region is waited for, to be fenced when it answers; then people hear that it was not. */
      days: z.int().min(1).max(5).default(5),
    })
    .default({ days: 5 }),
  levels: z.strictObject({
    level1: z.strictObject({ mode, cooldownSeconds: seconds }),
    level2: z.strictObject({ mode, cooldownSeconds: seconds }),
    level3: z.strictObject({ mode, cooldownSeconds: seconds }),
  }),
  dependencies: z.strictObject({ hard: z.array(name) }),
  evidence,
  explanations: z.strictObject({
    release: z.strictObject({
      components: z.array(name),
      measures: z.array(name),
      afterSeconds: seconds,
      longestSeconds: seconds,
    }),
    maintenance: z.strictObject({
      afterSeconds: seconds,
      /** However long work is announced for, it explains nothing for longer. */
      longestSeconds: seconds.default(14_400),
    }),
  }),
  sharedCauses: z.record(name, z.array(name).min(1)),
  dependents: z.record(name, z.array(name).min(1)),
  infrastructureComponents: z.array(name).min(1),
  signals: z.strictObject({
    alarms: z.array(alarmRule).min(1),
    events: z.array(eventRule),
    canaries: z.array(z.strictObject({ match: pattern })),
    /** Nobody else may put events on the bus. A policy of a bus has at most 10 KB. */
    senders: z.array(sender).max(40, 'at most 40').default([]),
  }),
  remediation: z.strictObject({ afterRelease: z.strictObject({ mode, buildProject: projectName }).nullable() }),
  drills: z.array(plannedDrill),
});

/** A valid plan. All durations are whole seconds. */
export type Plan = Readonly<z.infer<typeof schema>>;

/** A plan that cannot be used, with one line for each reason: path, value, expectation. */
export class InvalidPlan extends Error {
  override readonly name = 'InvalidPlan';
  readonly wrong: readonly Wrong[];
  constructor(wrong: readonly Wrong[]) {
    super(wrong[0]?.line ?? 'the plan is not valid');
    this.wrong = wrong;
  }
  get lines(): readonly string[] {
    return this.wrong.map(({ line }) => line);
  }
}

/**
 * Parses what a plan file holds (YAML or JSON, already read). What its parts say about each other is judged before it is packaged.
 * @throws InvalidPlan with a line `path: is value, expected …` for everything that is wrong.
 */
export function parseShape(raw: unknown): Plan {
  const { success, data, error } = schema.safeParse(raw);
  if (!success) throw new InvalidPlan(describeIssues(error.issues, raw, schema));
  return data;
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function isAnchored(text: string): boolean {
  return text.startsWith('^') && text.endsWith('$');
}
