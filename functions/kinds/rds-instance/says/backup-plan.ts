// What a plan says of the backups of a database, and of the database that is restored from one: everything for which a restore would
// otherwise take a default. Nothing here has a default either.
import * as z from 'zod';
import {
  databaseGroupName,
  databaseName,
  instanceClassName,
  keyName,
  regionName,
  reservationName,
  secretName,
  securityGroupName,
  zoneIdName,
} from '../../../domain/plan/names.ts';

/** The key with which copies are encrypted, by the region into which they are copied. None: the database is not encrypted. */
const keys = z.record(regionName, keyName).optional();
const days = z.int().min(1).max(35);

/** What is kept in the other region, whichever of the two is primary. Null: not kept. */
export const backups = z.strictObject({
  /** Automated backups with their logs, replicated as they are made: what a point-in-time restore needs. */
  replicated: z.strictObject({ retentionDays: days, keys }).nullable(),
  /** Copies of the newest automated snapshot. `keep`: how many; RDS lets an account have 100 snapshots in a region. */
  snapshots: z.strictObject({ everyHours: z.int().min(1).max(168), keep: z.int().min(1).max(50), keys }).nullable(),
});
export type Backups = Readonly<z.infer<typeof backups>>;

/** Logs that RDS exports of PostgreSQL, MySQL and MariaDB. */
const log = z.enum(['postgresql', 'upgrade', 'iam-db-auth-error', 'audit', 'error', 'general', 'slowquery']);

/** The database that a restore makes in a region. It never takes the name of one that exists. */
export const restore = z.strictObject({
  instance: databaseName,
  instanceClass: instanceClassName,
  /** A reservation of capacity is used by the one who names it, and by nobody else. */
  capacityReservation: reservationName.nullable(),
  /** Null with multiAz: then RDS chooses both zones. */
  zone: zoneIdName.nullable(),
  multiAz: z.boolean(),
  securityGroups: z.array(securityGroupName).min(1),
  subnetGroup: databaseGroupName,
  parameterGroup: databaseGroupName,
  optionGroup: databaseGroupName,
  deletionProtection: z.boolean(),
  tags: z.record(z.string().min(1).max(128), z.string().max(256)),
  iamAuthentication: z.boolean(),
  /**
   * The secret, replicated to this region, with which applications sign in: a restored database has the password of the backup's time, and
   * RDS keeps no secret of its own for it. Null where they sign in by IAM.
   */
  secret: secretName.nullable(),
  logExports: z.array(log),
  /** With `-disabled` a major version that is past its end is upgraded by the restore. */
  lifecycleSupport: z.enum(['open-source-rds-extended-support', 'open-source-rds-extended-support-disabled']),
  storageType: z.enum(['gp2', 'gp3', 'io1', 'io2']),
  /** Null with gp2, which has none to name. */
  iops: z.int().positive().nullable(),
  /** MiB per second; null without gp3. */
  storageThroughput: z.int().positive().nullable(),
  /** Null: the storage does not grow by itself. */
  maxAllocatedGib: z.int().positive().nullable(),
  dedicatedLogVolume: z.boolean(),
  backupRetentionDays: days,
  /** UTC. */
  backupWindow: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM-HH:MM in UTC'),
  caCertificate: z.string().regex(/^rds-ca-[a-z0-9-]+$/, 'a certificate authority of RDS, such as rds-ca-rsa2048-g1'),
  /**
   * Every so many days the restore is rehearsed, while the other region is primary: as it would be, but in groups that admit nobody but what
   * verifies it. None: it is not rehearsed.
   */
  rehearsal: z
    .strictObject({ everyDays: z.int().min(1).max(90), securityGroups: z.array(securityGroupName).min(1) })
    .optional(),
});
export type Restore = Readonly<z.infer<typeof restore>>;

/** A replica that stays behind on purpose: the fast way back from before a corruption. PostgreSQL alone has it. */
export const delayedReplica = z.strictObject({ instance: databaseName, delaySeconds: z.int().min(60).max(86_400) });

/** The tag of each copy that Breakwater made: no other snapshot is ever deleted. */
export const copyTag = 'breakwater:copy';

/** What that tag says: which stack's copy it is, and of which database. Another stage of the same plan has copies of its own. */
export function copyOwner(prefix: string, asset: string): string {
  return `${prefix}/${asset}`;
}

/** How the names of copies begin. A name says of which moment its data is, so that a second try finds the first one's. */
export function copyPrefix(prefix: string, asset: string): string {
  return `${prefix}-${asset}-copy-`;
}

/** The tag of what a rehearsal has made: nothing else may be deleted by who rehearses. */
export const rehearsalTag = 'breakwater:rehearsal';

/** RDS names an instance with up to 63 letters. */
export function rehearsalName(restored: string): string {
  return `${restored.slice(0, 53)}-rehearsal`;
}

/** The copy of an old database that is compared with the one that took over. It is thrown away as a rehearsal is. */
export function comparedName(restored: string): string {
  return `${restored.slice(0, 54)}-compared`;
}

/** The tag of a replica that was made for the way home: no other instance is taken for it. */
export const rejoinTag = 'breakwater:replica';

/** How the names of snapshots of databases that were set aside begin: one in each epoch. */
export function asidePrefix(prefix: string, asset: string): string {
  return `${prefix}-${asset}-aside-`;
}

/** How the names of the snapshots begin that are taken before drills, and the tag by which the next drill knows them. */
export function drillPrefix(prefix: string, asset: string): string {
  return `${prefix}-${asset}-drill-`;
}
export const drillTag = 'breakwater:drill';
