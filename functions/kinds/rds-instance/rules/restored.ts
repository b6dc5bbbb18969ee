// What a restored database is asked to be, by the plan, and what it is not. Pure.
import type { Restore } from '../says/backup-plan.ts';

/** What a restore failed with stays for people to look at, and its name with it: there are as many as ways, and one more. */
const mostNames = 3;

/** The names of what is restored in a region, in order: the first that is free is taken, and never one that exists. */
export function restoreNames({ instance }: Pick<Restore, 'instance'>): string[] {
  return Array.from({ length: mostNames }, (_, index) => (index === 0 ? instance : `${instance}-${index + 1}`));
}

/** A restored database, as RDS describes it; null where RDS says nothing. Lists are in alphabetical order. */
export type Made = {
  readonly instanceClass: string | null;
  readonly capacityReservation: string | null;
  readonly zoneName: string | null;
  readonly multiAz: boolean;
  readonly groups: readonly string[];
  readonly subnetGroup: string | null;
  /** With its state, where that is not `in-sync`. */
  readonly parameterGroup: string | null;
  readonly optionGroup: string | null;
  readonly deletionProtection: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly iamAuthentication: boolean;
  readonly logExports: readonly string[];
  readonly lifecycleSupport: string | null;
  readonly storageType: string | null;
  readonly iops: number | null;
  readonly storageThroughput: number | null;
  readonly maxAllocatedGib: number | null;
  readonly dedicatedLogVolume: boolean;
  readonly backupRetentionDays: number | null;
  readonly backupWindow: string | null;
  readonly caCertificate: string | null;
  readonly publiclyAccessible: boolean;
};

/** What a restored database has and the plan does not say, and the other way round: a line each. `zoneName`: of the plan's zone. */
export function driftOf(wanted: Restore, zoneName: string | null, made: Made): string[] {
  const tags = Object.entries(wanted.tags).map(
    ([key, value]) => [`tag ${key}`, value, made.tags[key] ?? null] as const,
  );
  const compared: readonly (readonly [name: string, wanted: Compared, made: Compared])[] = [
    ['class', wanted.instanceClass, made.instanceClass],
    ['capacity reservation', wanted.capacityReservation, made.capacityReservation],
    ...(zoneName === null ? [] : [['zone', zoneName, made.zoneName] as const]),
    ['multi-AZ', wanted.multiAz, made.multiAz],
    ['security groups', sorted(wanted.securityGroups), made.groups],
    ['subnet group', wanted.subnetGroup, made.subnetGroup],
    ['parameter group', wanted.parameterGroup, made.parameterGroup],
    ['option group', wanted.optionGroup, made.optionGroup],
    ['deletion protection', wanted.deletionProtection, made.deletionProtection],
    ...tags,
    ['IAM authentication', wanted.iamAuthentication, made.iamAuthentication],
    ['exported logs', sorted(wanted.logExports), made.logExports],
    ['lifecycle support', wanted.lifecycleSupport, made.lifecycleSupport],
    ['storage type', wanted.storageType, made.storageType],
    // gp2 and a small gp3 have figures of their own, which nobody has chosen.
    ...(wanted.iops === null ? [] : [['IOPS', wanted.iops, made.iops] as const]),
    ...(wanted.storageThroughput === null
      ? []
      : [['storage throughput', wanted.storageThroughput, made.storageThroughput] as const]),
    ['storage limit', wanted.maxAllocatedGib, made.maxAllocatedGib],
    ['dedicated log volume', wanted.dedicatedLogVolume, made.dedicatedLogVolume],
    ['days of backups', wanted.backupRetentionDays, made.backupRetentionDays],
    ['backup window', wanted.backupWindow, made.backupWindow],
    ['certificate', wanted.caCertificate, made.caCertificate],
    ['public access', false, made.publiclyAccessible],
  ];
  return compared.flatMap(([name, plan, is]) =>
    words(plan) === words(is) ? [] : [`${name}: is ${words(is)}, the plan says ${words(plan)}`],
  );
}

type Compared = string | number | boolean | null | readonly string[];

function words(value: Compared): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'object' ? value.join(', ') || 'none' : String(value);
}

function sorted(list: readonly string[]): string[] {
  return list.toSorted();
}
