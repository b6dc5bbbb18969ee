// The drills of a plan: what each rehearses, how often, when it may run, and within what users must be served again.
import * as z from 'zod';
import { assetName, kubernetesName, zoneIdName } from '../plan/names.ts';
import { every, isDay, isTimeZone, rangeOf, weekdays } from './calendar.ts';

/**
 * tabletop: people talk it through, and nothing is touched; approvers: they are asked as on the day, and nothing comes of it; restore: a backup
 * comes up beside production, and is thrown away; fault: something is broken on purpose; region: a dry run of the region failover, in the region
 * that takes over, or with `staysDays` a switchover there, and another one home.
 */
export const drillKinds = ['tabletop', 'approvers', 'restore', 'fault', 'region'] as const;
export type DrillKind = (typeof drillKinds)[number];

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 09:30');

/** When a drill may begin and must be over, on days of the week, by the clock of one place. */
const window = z
  .strictObject({
    days: z.array(z.enum(weekdays)).min(1),
    from: clock,
    to: clock,
    timeZone: z.string().refine(isTimeZone, 'a time zone such as Europe/Berlin'),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'a later time of the same day than `from`' });
export type Window = Readonly<z.infer<typeof window>>;

/** One day or the first and the last of several; without a year they are blocked each year. */
const blocked = z.string().refine((text) => {
  const { first, last } = rangeOf(text);
  return isDay(first) && isDay(last) && first.length === last.length && (first.length === 5 || first <= last);
}, '12-24, 12-18/01-06, or with the year: 2026-11-27/2026-11-30');

const seconds = z.int().positive();

/** Alarms of CloudWatch, in the region where it is broken, at which AWS ends the experiment; beside those that the stack names. */
const stopAlarms = z.array(z.string().min(1)).max(2, 'at most 2: AWS takes 5, and the stack has its own').default([]);

/** What is broken. It is looked up when it is broken: what is not there by then is a failure of the drill. */
const target = z.discriminatedUnion('fault', [
  z.strictObject({ fault: z.literal('database-failover'), asset: assetName }),
  /** One pod of a deployment, through the API of the cluster. */
  z.strictObject({ fault: z.literal('pod'), asset: assetName, namespace: kubernetesName, deployment: kubernetesName }),
  /** One node of a managed group of the cluster. */
  z.strictObject({ fault: z.literal('node'), asset: assetName, stopAlarms }),
  /** The network of a zone, in the subnets with the tag of drills, for so long. FIS takes a minute at least. */
  z.strictObject({ fault: z.literal('zone'), zone: zoneIdName, seconds: seconds.min(60), stopAlarms }),
]);
export type DrillTarget = Readonly<z.infer<typeof target>>;
/** What AWS FIS breaks: the stack has a template of it, and what lasts ends by itself. */
export type FisTarget = Extract<DrillTarget, { readonly fault: 'node' | 'zone' }>;

export function isByFis(target: DrillTarget | undefined): target is FisTarget {
  return target?.fault === 'node' || target?.fault === 'zone';
}

/** The kind of the asset that a fault breaks; null where it breaks no one asset. */
export const brokenKind = {
  'database-failover': 'rds-instance',
  pod: 'eks-cluster',
  node: 'eks-cluster',
  zone: null,
} as const satisfies Record<DrillTarget['fault'], string | null>;

/** What a person names to break it: an asset, or a zone. */
export function brokenBy(target: DrillTarget): string {
  return target.fault === 'zone' ? target.zone : target.asset;
}

/** People type it, mails have it in their subject, and CloudWatch as a dimension; two words of `drill --aws` are no names. */
const name = z
  .string()
  .regex(
    /^[!-~]([ -~]{0,58}[!-~])?$/,
    'at most 60 letters, digits and signs of ASCII, with none of white space at its ends',
  )
  .refine(
    (text) => text !== 'stop' && text !== 'allow',
    'another name: drill --aws stop and allow pull and release the lever',
  );

/** Without `kind` it is played in the simulator alone; with it, it runs by itself in the deployment. */
export const plannedDrill = z
  .strictObject({
    name,
    /** Of the simulator. */
    scenario: z.string().min(1),
    every: z.enum(every),
    /** From the fault until users are served again, and stay served. */
    withinSeconds: seconds,
    kind: z.enum(drillKinds).optional(),
    window: window.optional(),
    blocked: z.array(blocked).default([]),
    target: target.optional(),
    /** Of a restore: the database that comes back. */
    asset: assetName.optional(),
    /** Of a region: users move there, stay for so many days, and come home. Without it nothing is changed. */
    staysDays: z.int().min(1).max(60).optional(),
  })
  .superRefine((drill, { addIssue }) => {
    const must = (holds: boolean, path: string, message: string) => {
      if (!holds) addIssue({ code: 'custom', path: [path], message });
    };
    const { kind } = drill;
    const ofKind = kind === undefined ? 'a drill without a kind' : `kind ${kind}`;
    must((kind === undefined) === (drill.window === undefined), 'window', windowWords(kind));
    must(
      (kind === 'fault') === (drill.target !== undefined),
      'target',
      kind === 'fault' ? 'what is broken: { fault, … }' : `none with ${ofKind}`,
    );
    must(
      (kind === 'restore') === (drill.asset !== undefined),
      'asset',
      kind === 'restore' ? 'the database that is restored' : `none with ${ofKind}`,
    );
    must(kind === 'region' || drill.staysDays === undefined, 'staysDays', `none with ${ofKind}`);
    must(kind !== undefined || drill.blocked.length === 0, 'blocked', `none with ${ofKind}`);
  });

function windowWords(kind: DrillKind | undefined): string {
  return kind === undefined ? 'none with a drill without a kind' : 'when it may run: { days, from, to, timeZone }';
}

export type PlannedDrill = Readonly<z.infer<typeof plannedDrill>>;
/** One that runs by itself. */
export type ScheduledDrill = PlannedDrill & { readonly kind: DrillKind; readonly window: Window };

/** Those of a plan that AWS FIS carries out, in the plan's order, by which the stack tells the ids of their templates. */
export function experimentsIn(plan: {
  readonly drills: readonly PlannedDrill[];
}): (ScheduledDrill & { readonly target: FisTarget })[] {
  return scheduledIn(plan).filter((drill): drill is ScheduledDrill & { target: FisTarget } => isByFis(drill.target));
}

/** Those of a plan that run by themselves. One that has a kind has a window: a plan without it is refused. */
export function scheduledIn({ drills }: { readonly drills: readonly PlannedDrill[] }): ScheduledDrill[] {
  return drills.filter((drill): drill is ScheduledDrill => drill.kind !== undefined);
}
