// A scenario: a small data file with faults, what operators do, and what must come of it. Read and checked by schema.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { drillKinds } from '../../functions/domain/drills/plan.ts';
import { regionName } from '../../functions/domain/plan/names.ts';
import { holdReasons } from '../../functions/domain/types.ts';
import { didYouMeanOf } from '../../functions/domain/words/nearest.ts';
import { kinds as assetKinds } from '../../functions/kinds/kinds.ts';
import { rdsInstance } from '../../functions/kinds/rds-instance/plan.ts';
import { inactiveErrors } from '../estate/calls/inactive-functions.ts';
import { cacheStatuses } from '../estate/elasticache/cache.ts';
import { restoreWays } from '../estate/rds-instance/account.ts';
import { restoreErrors } from '../estate/rds-instance/api/restore-errors.ts';
import { databaseStatuses, failedRestores } from '../estate/rds-instance/database-status.ts';
import { recordShapes } from '../estate/services/records.ts';
import type { Fault } from '../estate/types.ts';
import { regionWord, secondsWord, zoneWord } from './words.ts';

const seconds = z.number().nonnegative();

const often = { after: z.int().nonnegative().optional(), times: z.int().positive().optional() };
/** Which asset is struck; the first of its kind where none is named. */
const ofAsset = { asset: z.string().optional() };
const place = { region: regionWord.optional(), zone: zoneWord.optional() };
const kinds = {
  'zone-impaired': z.strictObject({ zone: zoneWord }),
  'zone-power': z.strictObject({ zone: zoneWord }),
  'database-crash': z.strictObject(ofAsset),
  'database-slow': z.strictObject({
    call: z.string().optional(),
    by: z
      .string()
      .regex(/^[^/]+\/[^/]+$/, 'role/session')
      .optional(),
    ...ofAsset,
  }),
  'cache-slow': z.strictObject({ told: z.string().min(1).optional(), ...ofAsset }),
  'cache-node-loss': z.strictObject({ zone: zoneWord.optional(), ...ofAsset }),
  'cache-status': z.strictObject({ status: z.enum(cacheStatuses), group: z.string().optional(), ...ofAsset }),
  'cache-cluster-mode': z.strictObject({ shards: z.int().positive(), ...ofAsset }),
  'cache-exports-stopped': z.strictObject({ hoursAgo: z.number().positive().optional(), ...ofAsset }),
  'bad-release': z.strictObject({ region: regionWord.optional() }),
  release: z.strictObject({ region: regionWord.optional() }),
  maintenance: z.strictObject({
    targets: z.array(z.string()).min(1),
    plannedMinutes: z.number().positive().optional(),
    region: regionWord.optional(),
  }),
  'pod-crash': z.strictObject(place),
  'node-loss': z.strictObject(place),
  'canary-broken': z.strictObject({ observer: regionWord }),
  'telemetry-loss': z.strictObject({ region: regionWord.optional() }),
  partition: z.strictObject({ between: z.tuple([regionWord, regionWord]), oneWay: z.boolean().optional() }),
  'region-dark': z.strictObject({ region: regionWord.optional() }),
  'replica-broken': z.strictObject(ofAsset),
  'writer-idle': z.strictObject(ofAsset),
  'database-status': z.strictObject({ status: z.enum(databaseStatuses), instance: z.string().optional(), ...ofAsset }),
  'database-stuck': z.strictObject({ instance: z.string().optional(), ...ofAsset }),
  'backup-replication-stopped': z.strictObject(ofAsset),
  'snapshot-missing': z.strictObject({ region: regionWord.optional(), ...ofAsset }),
  'restore-fails': z.strictObject({
    error: z.enum(restoreErrors).optional(),
    ends: z.enum(failedRestores).optional(),
    way: z.enum(restoreWays).optional(),
    region: regionWord.optional(),
  }),
  'data-corrupted': z.strictObject({
    failing: z.number().min(0).max(1).optional(),
    corrected: z.boolean().optional(),
    ...ofAsset,
  }),
  'parameter-sealed': z.strictObject({ region: regionWord.optional() }),
  'rows-lost': z.strictObject({ region: regionWord.optional(), ...ofAsset }),
  'cluster-changed': z.strictObject({ by: z.string().min(1).optional(), region: regionWord.optional(), ...ofAsset }),
  'cluster-missing': z.strictObject({ region: regionWord.optional(), ...ofAsset }),
  'build-fails': z.strictObject({
    phase: z.enum(['terraform', 'application', 'scale']),
    exit: z.int().positive(),
    told: z.array(z.string()),
  }),
  'standby-bad': z.strictObject({}),
  'bucket-lost': z.strictObject({ bucket: z.string() }),
  'bucket-private': z.strictObject({ bucket: z.string().optional() }),
  'record-shape': z.strictObject({ shape: z.enum(recordShapes) }),
  'alarm-storm': z.strictObject({ component: z.string(), count: z.int().positive(), ...place }),
  'alarm-flapping': z.strictObject({
    alarm: z.string(),
    region: regionWord.optional(),
    everySeconds: z.int().positive().optional(),
  }),
  'functions-inactive': z.strictObject({
    functions: z.array(z.string()).min(1).optional(),
    region: regionWord.optional(),
    error: z.enum(inactiveErrors).optional(),
  }),
  'alarm-deleted': z.strictObject({ alarm: z.string(), region: regionWord.optional() }),
  'api-failure': z.strictObject({
    service: z.string(),
    operation: z.string(),
    error: z.enum(['throttle', 'deny', 'timeout-after-acting', 'timeout', 'internal', 'refuse']),
    /** Of a refusal: the name that the SDK gives the error, its status and its message. */
    name: z.string().optional(),
    status: z.int().min(400).max(599).optional(),
    message: z.string().optional(),
    region: regionWord.optional(),
    target: z.string().optional(),
    caller: z.string().optional(),
    after: z.int().nonnegative().optional(),
    times: z.int().positive().optional(),
  }),
  'stale-reads': z.strictObject({ service: z.string(), operation: z.string(), region: regionWord.optional() }),
  autoshift: z.strictObject({ zone: zoneWord }),
  'function-crash': z.strictObject({
    function: z.string(),
    when: z.enum(['before', 'after']),
    region: regionWord.optional(),
    ...often,
  }),
  'message-fault': z.strictObject({
    what: z.enum(['event', 'message', 'notification']),
    effect: z.enum(['lost', 'late', 'doubled']),
    lateSeconds: seconds.optional(),
    text: z.string().optional(),
    region: regionWord.optional(),
    ...often,
  }),
  'messages-bounce': z.strictObject({ target: z.string().min(1) }),
  'practice-run': z.strictObject({ zone: zoneWord }),
};
/** The kinds of faults that there are. */
export const faultKinds = Object.keys(kinds) as Fault['kind'][];
const common = { id: z.string().min(1), forSeconds: secondsWord.optional() };

/** A fault as a scenario file writes it. */
export const faultSchema: z.ZodType<Fault> = z
  .discriminatedUnion(
    'kind',
    Object.entries(kinds).map(([kind, fields]) =>
      z.strictObject({ ...fields.shape, ...common, kind: z.literal(kind) }),
    ) as never,
  )
  .refine(
    (fault: Partial<Record<string, unknown>>) => fault['error'] !== 'refuse' || fault['name'] !== undefined,
    'error: refuse needs a name, such as InvalidDBInstanceStateFault',
  )
  .refine(
    (fault: Partial<Record<string, unknown>>) =>
      fault['kind'] !== 'restore-fails' || (fault['error'] === undefined) !== (fault['ends'] === undefined),
    'restore-fails needs either an error, such as DBSubnetGroupNotFoundFault, or how it ends, such as restore-error',
  ) as never;

const expectation = z.strictObject({
  /** Left out where a person begins, and how much of it alarms see depends on the plan. */
  level: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal('unknown')]).optional(),
  zone: zoneWord.optional(),
  /** Actions in order of decision, without `none`. */
  actions: z.array(z.enum(['notify', 'az-failover', 'request-approval', 'hold'])),
  /** What the last decision is held back by. */
  hold: z.enum(holdReasons).optional(),
  executions: z.array(z.string()).optional(),
  /** Steps that must have failed at least once, and been told to people. */
  failedSteps: z.array(z.string()).default([]),
  served: z.boolean().default(true),
  /** Of every database that the plan has. first: that one alone, which is the one that a fault strikes. */
  databaseMoved: z.union([z.boolean(), z.literal('first')]).optional(),
  /** Of every cache. alone: of those that are members of no global datastore, which refuses to move them. */
  cacheMoved: z.union([z.boolean(), z.literal('first'), z.literal('alone')]).optional(),
  mutations: z.union([z.literal('none'), z.literal('some')]).optional(),
  /** How often each of some calls took effect, by service:operation and the region, as primary or standby. */
  calls: z.record(z.string(), z.int().min(0)).optional(),
  recoveryWithinSeconds: seconds.optional(),
  /** Whether the next disaster is covered again at the end. */
  covered: z.boolean().optional(),
  /** What the flow may add to what AWS itself takes, and to the time that costly evidence needs. */
  addedWithinSeconds: seconds.optional(),
  usersRegion: regionWord.optional(),
  /** Where every database takes writes. */
  databaseRegion: regionWord.optional(),
  /** Where consumers work, all that the plan has there, and nowhere else. */
  consumersRegion: regionWord.optional(),
  /** How often people were asked. */
  requests: z.int().nonnegative().optional(),
  /** A number, or what the plan makes it: `required`, `required + 1`, `2 * required`. */
  validAnswers: z
    .union([
      z.int().nonnegative(),
      z.string().regex(/^([1-9]\d* \* )?required( \+ [1-9]\d*)?$/, 'required, required + 1 or 2 * required'),
    ])
    .optional(),
  lostWrites: z.union([z.literal('none'), z.literal('some')]).optional(),
  divergedWrites: z.union([z.literal('none'), z.literal('some')]).optional(),
  /** Words of which each is in the subject of a message. */
  told: z.array(z.string()).default([]),
  /** Words of which each is in the text of a message. */
  said: z.array(z.string()).default([]),
  /** The plan's lists of whom each must have got a message. */
  notified: z.array(z.enum(['level1', 'level2', 'level3', 'unknown', 'failure'])).default([]),
  /** The most messages that one role may get. */
  mostMessages: z.number().optional(),
});

const scenarioSchema = z.strictObject({
  /** One line for the list of scenarios. */
  title: z.string().min(1),
  /** Changes to the plan for this rehearsal, such as observe-only; merged over the plan. Assets are named, as in `cache 1`, and
   * their regions and those of a network by their roles. One with a kind that the plan does not have is added. */
  plan: z
    .looseObject({
      assets: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
      vpc: z.record(regionWord, z.unknown()).optional(),
    })
    .default({}),
  /** Kinds of assets that it is about, beside those that its faults break. */
  needs: z.array(z.enum(Object.keys(assetKinds) as (keyof typeof assetKinds)[])).default([]),
  /** It is about restoring: the plan's first database must say what it is restored as, in both main regions. */
  restores: z.boolean().default(false),
  /** The region that must be primary: one where a control plane of AWS's stands. */
  primary: regionName.optional(),
  /** How long is looked on at least, where what happens is no fault and no flow. */
  watchSeconds: seconds.default(0),
  /** What has happened before the drill begins. */
  before: z
    .strictObject({ frozen: z.string().optional(), actedSecondsAgo: z.record(zoneWord, seconds).default({}) })
    .prefault({}),
  /** What goes wrong, in seconds after the start of the observation. */
  faults: z.array(z.strictObject({ atSeconds: secondsWord, fault: faultSchema })),
  /** What people do, in seconds after the start, or when an execution has failed. */
  operator: z
    .array(
      z.strictObject({
        atSeconds: secondsWord.optional(),
        afterFailureSeconds: seconds.optional(),
        do: z.enum([
          'freeze',
          'unfreeze',
          'redrive',
          'skip',
          'abort',
          'abort-leaving-fenced',
          'abort-watch',
          'failback',
          'pull-lever',
        ]),
        /** The state that is skipped. */
        state: z.string().optional(),
        asset: z.string().optional(),
        /** The drill does not go on for the sake of what may never be to do. */
        maybe: z.boolean().optional(),
      }),
    )
    .default([]),
  /**
   * What approvers do, unless --approve says otherwise: after=10m, deny, never; deny-once: reject, and ask again when reminded;
   * or too-late: once the request has expired. doubled: each answers twice; split: all but the last approve, who rejects.
   */
  approve: z.string().default('after=5m'),
  /** Input of a flow that a person starts by hand. `corruptedSince`: in seconds after the first fault. */
  manual: z
    .looseObject({
      target: z.strictObject({ region: regionWord, zone: zoneWord.optional() }),
      asset: z.string().optional(),
      corruptedSince: z.number().optional(),
    })
    .optional(),
  /** A drill that the deployment runs itself: once a month, as its schedule asks in both regions, or started by whoever is named. */
  drill: z
    .strictObject({
      kind: z.enum(drillKinds),
      target: z.looseObject({ fault: z.string() }).optional(),
      withinSeconds: seconds,
      by: z.string().default('schedule'),
      /** In seconds after the start. */
      atSeconds: seconds.default(60),
      staysDays: z.int().min(1).optional(),
      /** How long each snapshot takes: what happens next is told in seconds after the start. */
      backupSeconds: seconds.default(60),
      /** When it passed before; it never ran where left out. */
      passedDaysAgo: seconds.optional(),
    })
    .optional(),
  /** When, in seconds after the first fault. */
  manualAfterSeconds: seconds.default(60),
  /** The longest the drill may take in virtual time; reaching it is a miss. */
  withinSeconds: seconds,
  /** The incident is still open when all flows have ended: what was lost, such as a replica, nobody has made again by then. */
  endsOpen: z.boolean().default(false),
  expect: expectation,
  /** What else is expected of a plan whose first database is of that engine. */
  expectOf: z
    .partialRecord(rdsInstance.plan.shape.engine, expectation.pick({ actions: true, executions: true }).partial())
    .default({}),
});

export type Scenario = z.infer<typeof scenarioSchema>;

/** A scenario that is not known, or whose file is not valid. */
export class InvalidScenario extends Error {
  override readonly name = 'InvalidScenario';
}

const folder = join(import.meta.dirname, '../scenarios');

/** The names of the scenarios there are, sorted. */
export function scenarioNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yml'))
    .map((file) => file.slice(0, -'.yml'.length))
    .sort();
}

/** Reads a scenario. @throws InvalidScenario with one line that says what, where and what was expected. */
export function readScenario(name: string): Scenario {
  if (!scenarioNames().includes(name))
    throw new InvalidScenario(
      `scenario ${name || '""'} is not known, ${didYouMeanOf('npm run drill', name, scenarioNames())}`,
    );
  return parseScenario(name, readFileSync(join(folder, `${name}.yml`), 'utf8'));
}

/** A scenario from the text of its file. @throws InvalidScenario, as readScenario does. */
export function parseScenario(name: string, text: string): Scenario {
  const raw: unknown = parse(text);
  const parsed = scenarioSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new InvalidScenario(`scenario ${name}: ${describe(parsed.error.issues[0], raw)}`);
}

function describe(issue: z.core.$ZodIssue | undefined, raw: unknown): string {
  const { path = [], message = '' } = issue ?? {};
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], raw);
  return `${path.join('.')}: is ${JSON.stringify(value)}, expected ${message.replace(/^Invalid input: expected /, '')}`;
}
