// The schema of plan.yml: one place that says what a plan may hold, and one line for each thing that is wrong with it.
import * as z from 'zod';
import { kinds } from '../kinds/kinds.ts';
import { type AssetOf, leftOver } from './assets.ts';
import {
  bucketName,
  parameterName,
  projectName,
  recordName,
  regionName as region,
  securityGroupName,
  subnetName,
  zoneName,
} from './names.ts';
import { personOf, spelled } from './persons.ts';

const seconds = z.int().positive();
const count = z.int().positive();
const name = z.string().min(1);
const zoneId = z.string().regex(/^[a-z]{3,4}\d-az\d$/, 'a zone id such as use1-az1');
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
  kind: z.enum(['beat', 'canary-run', 'release', 'maintenance', 'cache']),
});

const contact = z.strictObject({
  handle: name,
  duty: name,
  channel: z.enum(['email', 'page', 'slack', 'teams']),
  /** Name of the SecureString parameter that holds the address of a Slack or Teams webhook. */
  webhook: parameterName.optional(),
  /** Names of the IAM roles and users that answer for this role from the command line. */
  iam: z.array(name).default([]),
});

const evidence = z.strictObject({
  degradation: z.strictObject({
    components: count,
    confirmSeconds: seconds,
    aloneSeconds: seconds,
    againSeconds: seconds,
  }),
  zone: z.strictObject({
    components: count,
    causes: count,
    componentsWithAwsNotice: count,
    strayComponentsElsewhere: z.int().nonnegative(),
    confirmSeconds: seconds,
  }),
  region: z.strictObject({
    observers: count.min(2, 'at least 2: one observer is never a region disaster'),
    zones: count.min(2, 'at least 2: one zone is not a region'),
    hardDependencies: count,
    sharedInfrastructure: count,
    confirmSeconds: seconds,
    unconfirmedSeconds: seconds,
  }),
  telemetryLoss: z.strictObject({ components: count, zones: count }),
  recoverySeconds: seconds,
  lateSeconds: seconds,
  retentionSeconds: seconds,
});

const schema = z.strictObject({
  application: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'lower-case letters, digits and hyphens'),
  objectives: z.strictObject({ rtoSeconds: seconds, rpoSeconds: seconds, mttrSeconds: seconds }),
  regions: z.record(region, z.strictObject({ zones: z.record(zoneId, name) })),
  roles: z.strictObject({ primary: region, standby: region, witness: region, observers: z.array(region) }),
  assets: z.array(z.discriminatedUnion('kind', kinds)).min(1),
  vpc: vpc.optional(),
  service: z.strictObject({
    healthUrl: z.url(),
    healthTimeoutSeconds: seconds,
    regionalHealthUrls: z.record(region, z.url()),
    /** The header in which a health page names the region that answers; null where it does not. */
    regionHeader: z.string().min(1).nullable(),
    healthPassesNeeded: count,
  }),
  redirection: z.strictObject({
    mode: z.enum(['latch', 'record-change']),
    record: recordName,
    ttlSeconds: seconds,
    hostedZone: zoneName,
    latchBuckets: z.record(region, z.record(region, bucketName)),
  }),
  predictions: z.strictObject({
    promotionSeconds: seconds,
    cacheSeconds: seconds,
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
  }),
  approval: z.strictObject({
    required: count,
    roles: z.array(name).min(1),
    expirySeconds: seconds,
    reminderSeconds: seconds,
    lossMarginSeconds: seconds,
    escalation: z.array(name).default([]),
  }),
  levels: z.strictObject({
    level1: z.strictObject({ mode, cooldownSeconds: seconds }),
    level2: z.strictObject({ mode, cooldownSeconds: seconds }),
    level3: z.strictObject({ mode, cooldownSeconds: seconds }),
  }),
  dependencies: z.strictObject({ hard: z.array(name), soft: z.array(name), unused: z.array(name) }),
  evidence,
  explanations: z.strictObject({
    release: z.strictObject({
      components: z.array(name),
      measures: z.array(name),
      afterSeconds: seconds,
      longestSeconds: seconds,
    }),
    maintenance: z.strictObject({ afterSeconds: seconds }),
  }),
  sharedCauses: z.record(name, z.array(name).min(1)),
  dependents: z.record(name, z.array(name).min(1)),
  infrastructureComponents: z.array(name).min(1),
  signals: z.strictObject({
    alarms: z.array(alarmRule).min(1),
    events: z.array(eventRule),
    canaries: z.array(z.strictObject({ match: pattern })),
  }),
  remediation: z.strictObject({ afterRelease: z.strictObject({ mode, buildProject: projectName }).nullable() }),
  drills: z.array(
    z.strictObject({ name, scenario: name, every: z.enum(['month', 'quarter', 'year']), withinSeconds: seconds }),
  ),
});

/** A valid plan. All durations are whole seconds. */
export type Plan = Readonly<z.infer<typeof schema>>;

/** A plan that cannot be used, with one line for each reason: path, value, expectation. */
export class InvalidPlan extends Error {
  override readonly name = 'InvalidPlan';
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines[0] ?? 'the plan is not valid');
    this.lines = lines;
  }
}

/**
 * Parses what a plan file holds (YAML or JSON, already read).
 * @throws InvalidPlan with a line `path: is value, expected …` for everything that is wrong.
 */
export function parsePlan(raw: unknown): Plan {
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw new InvalidPlan(parsed.error.issues.flatMap((issue) => describeIssue(issue, raw)));
  const contradictions = findContradictions(parsed.data);
  if (contradictions.length > 0) throw new InvalidPlan(contradictions);
  return parsed.data;
}

/** What parts of a valid-looking plan say about each other and cannot be true. */
function findContradictions(plan: Plan): string[] {
  return [
    ...contradictionsOfRegions(plan),
    ...contradictionsOfPeople(plan),
    ...contradictionsOfAssets(plan),
    ...contradictionsOfLimits(plan),
  ];
}

function contradictionsOfRegions({ roles, regions }: Plan): string[] {
  const { primary, standby, witness, observers } = roles;
  const free = (region: string) => region !== primary && region !== standby;
  const known = (region: string) => Object.hasOwn(regions, region);
  const zones = Object.keys(regions[primary]?.zones ?? {});
  const third = 'a region that is neither primary nor standby';
  return [
    ...must(known(primary), 'roles.primary', primary, 'one of the regions with zones above'),
    ...must(known(standby), 'roles.standby', standby, 'one of the regions with zones above'),
    ...must(standby !== primary, 'roles.standby', standby, 'another region than the primary'),
    ...must(free(witness), 'roles.witness', witness, third),
    ...observers.flatMap((observer, index) => must(free(observer), `roles.observers.${index}`, observer, third)),
    ...must(new Set(observers).size === observers.length, 'roles.observers', observers, 'each region once'),
    ...must(zones.length >= 2 || !known(primary), `regions.${primary}.zones`, zones, 'at least two zones'),
  ];
}

function contradictionsOfPeople({ application, notifications, approval, contacts }: Plan): string[] {
  const lists = [
    ...Object.entries(notifications).map(([list, roles]) => [`notifications.${list}`, roles] as const),
    ['approval.roles', approval.roles] as const,
    ['approval.escalation', approval.escalation] as const,
  ];
  const persons = new Set(approval.roles.map((role) => personOf(role, { contacts }))).size;
  return [
    ...contradictionsOfChannels({ application, approval, contacts }),
    ...contradictionsOfIdentities({ contacts }),
    ...contradictionsOfEscalation(approval),
    ...lists.flatMap(([path, roles]) =>
      roles.flatMap((role, index) =>
        must(Object.hasOwn(contacts, role), `${path}.${index}`, role, 'a role of contacts'),
      ),
    ),
    ...must(
      approval.required < persons,
      'approval.required',
      approval.required,
      `at most ${persons - 1}: of the ${persons} persons in approval.roles, a manual start needs one more`,
    ),
  ];
}

function contradictionsOfChannels({
  application,
  approval,
  contacts,
}: Pick<Plan, 'application' | 'approval' | 'contacts'>): string[] {
  const readable = `/${application}/webhooks/`;
  const manyRead = (role: string) => ['slack', 'teams'].includes(contacts[role]?.channel ?? '');
  return [
    ...Object.entries(contacts).flatMap(([role, { channel, webhook }]) =>
      must(
        manyRead(role) === (webhook !== undefined),
        `contacts.${role}.webhook`,
        webhook,
        manyRead(role)
          ? `the name of a parameter with the webhook's address, as the channel is ${channel}`
          : `no webhook, as the channel is ${channel}`,
      ),
    ),
    ...Object.entries(contacts).flatMap(([role, { webhook }]) =>
      must(
        webhook === undefined || !manyRead(role) || webhook.startsWith(readable),
        `contacts.${role}.webhook`,
        webhook,
        `a name that begins with ${readable}: no other secret may be read`,
      ),
    ),
    // Whoever reads the channel could open the link.
    ...approval.roles.flatMap((role, index) =>
      must(
        !manyRead(role),
        `approval.roles.${index}`,
        role,
        'a role whose channel is email or page: its link is for one person',
      ),
    ),
  ];
}

/** One IAM name is one person. */
function contradictionsOfIdentities({ contacts }: Pick<Plan, 'contacts'>): string[] {
  const owners = new Map<string, string>();
  return Object.entries(contacts).flatMap(([role, { iam }]) =>
    iam.flatMap((identity, index) => {
      const owner = owners.get(spelled(identity)) ?? role;
      owners.set(spelled(identity), owner);
      const isOne = personOf(owner, { contacts }) === personOf(role, { contacts });
      return must(isOne, `contacts.${role}.iam.${index}`, identity, `a name that is not also in contacts.${owner}.iam`);
    }),
  );
}

function contradictionsOfEscalation({ escalation, expirySeconds, reminderSeconds }: Plan['approval']): string[] {
  const reminders = Math.ceil(expirySeconds / reminderSeconds) - 1;
  return must(
    escalation.length <= reminders,
    'approval.escalation',
    escalation,
    `at most ${reminders} roles: so many reminders come before a request expires`,
  );
}

/** Names are one asset's each, and what an asset needs is there, in an order that can be kept. */
function contradictionsOfAssets({ application, assets, roles, regions }: Plan): string[] {
  const mains = [roles.primary, roles.standby].filter((region) => Object.hasOwn(regions, region));
  const secret = `/${application}/webhooks/`;
  const names = assets.map((asset) => asset.name);
  const others = (name: string) => names.filter((one) => one !== name);
  const each = assets.flatMap((asset, index): string[] => {
    const path = `assets.${index}`;
    const { name, needs } = asset;
    const at = names.indexOf(name);
    return [
      ...must(at === index, `${path}.name`, name, `a name of its own: assets.${at} has it already`),
      ...needs.flatMap((need, place) =>
        must(others(name).includes(need), `${path}.needs.${place}`, need, `one of ${others(name).join(', ')}`),
      ),
      ...('regions' in asset
        ? mains.flatMap((region) =>
            must(Object.hasOwn(asset.regions, region), `${path}.regions.${region}`, undefined, 'what stands there'),
          )
        : []),
      ...(asset.kind === 'ssm-parameters' ? contradictionsOfParameters(asset, path, assets, secret) : []),
    ];
  });
  const left = each.length === 0 ? leftOver(assets) : [];
  return left.length > 0 ? [line(['assets'], names, `needs that go in no circle: ${left.join(', ')}`)] : each;
}

/** What the application reads may be written by a flow; the addresses of channels are secrets, which only messages need. */
function contradictionsOfParameters(
  { parameters }: AssetOf<'ssm-parameters'>,
  path: string,
  assets: Plan['assets'],
  secret: string,
): string[] {
  const found = assets.filter(({ kind }) => kind === 'rds-instance' || kind === 'elasticache').map(({ name }) => name);
  return parameters.flatMap(({ name, endpointOf }, index) => [
    ...must(
      !name.startsWith(secret),
      `${path}.parameters.${index}.name`,
      name,
      `a name that does not begin with ${secret}`,
    ),
    ...must(
      found.includes(endpointOf),
      `${path}.parameters.${index}.endpointOf`,
      endpointOf,
      `one of ${found.join(', ') || 'the databases and caches, of which there are none'}`,
    ),
  ]);
}

function contradictionsOfLimits({ zonalShift, roles, evidence }: Plan): string[] {
  const { expirySeconds, extendBeforeSeconds, maximumSeconds } = zonalShift;
  const needed = evidence.region.observers;
  const outside = roles.observers.length + 1;
  return [
    ...must(
      extendBeforeSeconds < expirySeconds,
      'zonalShift.extendBeforeSeconds',
      extendBeforeSeconds,
      `less than expirySeconds, ${expirySeconds}`,
    ),
    ...must(
      maximumSeconds >= expirySeconds,
      'zonalShift.maximumSeconds',
      maximumSeconds,
      `at least expirySeconds, ${expirySeconds}`,
    ),
    ...must(
      needed <= outside,
      'evidence.region.observers',
      needed,
      `at most ${outside}, the outside observers there are`,
    ),
  ];
}

function must(holds: boolean, path: string, value: unknown, expected: string): string[] {
  return holds ? [] : [line([path], value, expected)];
}

/** One zod issue as lines of path, value and expectation; an unknown key is a line of its own. */
function describeIssue(issue: z.core.$ZodIssue, raw: unknown): string[] {
  const value = issue.path.reduce<unknown>((at, key) => (isRecord(at) ? at[String(key)] : undefined), raw);
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const stranger = isRecord(value) ? value[key] : undefined;
      return line([...path, key], stranger, 'no such key: the shipped plan.yml shows those there are');
    });
  }
  if (issue.code === 'invalid_key') return [line(path, path.at(-1), expectationOf(issue.issues[0] ?? issue))];
  return [line(path, value, expectationOf(issue))];
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a table of keys',
  record: 'a table of keys',
};

/** What zod expected, in words of a plan. A message of the schema above is the expectation itself. */
function expectationOf(issue: z.core.$ZodRawIssue | z.core.$ZodIssue): string {
  const message = issue.message ?? '';
  if (!/^(Invalid|Too)/.test(message)) return message;
  const [, choices] = /^Invalid discriminator value\. Expected (.*)$/.exec(message) ?? [];
  if (choices !== undefined) return `one of ${choices.replaceAll("'", '').replaceAll(' | ', ', ')}`;
  if (issue.code === 'invalid_type') return typeWords[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_format') return issue.format === 'url' ? 'a URL' : `text in the form of ${issue.format}`;
  if (issue.code === 'too_small') return lowerBound(issue.origin, issue.minimum, issue.inclusive ?? true);
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  return message;
}

function lowerBound(origin: string, minimum: number | bigint, inclusive: boolean): string {
  if (origin === 'string') return 'text that is not empty';
  if (origin === 'array') return `a list with at least ${minimum} ${Number(minimum) === 1 ? 'entry' : 'entries'}`;
  return inclusive ? `at least ${minimum}` : `more than ${minimum}`;
}

function line(path: readonly string[], value: unknown, expected: string): string {
  return `${path.join('.') || 'plan'}: is ${show(value)}, expected ${expected}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
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
