// What an instance is set up with beside its data: as the plan has it for those that stand there from the first, and for a
// restored one as it was asked for, with AWS's default for everything that was left out.
import { createHash } from 'node:crypto';
import type { AssetOf } from '../../../functions/domain/plan/assets.ts';
import { placeOf } from '../../../functions/shared/estate.ts';

type Asset = AssetOf<'rds-instance'>;
export type Engine = Asset['engine'];

export type Settings = {
  readonly engine: Engine;
  readonly engineVersion: string;
  readonly instanceClass: string;
  readonly subnetGroup: string;
  readonly parameterGroup: string;
  readonly optionGroup: string;
  readonly deletionProtection: boolean;
  readonly tags: Tags;
  readonly copyTagsToSnapshot: boolean;
  readonly iamAuthentication: boolean;
  readonly logExports: readonly string[];
  readonly lifecycleSupport: string;
  readonly storageType: string;
  readonly allocatedGib: number;
  readonly iops: number | null;
  readonly storageThroughput: number | null;
  readonly maxAllocatedGib: number | null;
  readonly dedicatedLogVolume: boolean;
  /** 0: there are no automated backups. */
  readonly backupRetentionDays: number;
  readonly backupWindow: string;
  readonly caCertificate: string;
  readonly port: number;
  readonly autoMinorVersionUpgrade: boolean;
  readonly publiclyAccessible: boolean;
  /** The reservation that it uses; null where it uses none. */
  readonly capacityReservation: string | null;
  /** Null: it is not encrypted. */
  readonly keyArn: string | null;
};

export type Tags = Readonly<Record<string, string>>;

/** The versions that the estate's instances run, and what RDS calls their families. */
const engines = {
  postgres: {
    version: '16.8',
    major: '16',
    family: 'postgres16',
    port: 5432,
    licence: 'postgresql-license',
    logs: ['postgresql', 'upgrade', 'iam-db-auth-error'],
  },
  mysql: {
    version: '8.4.5',
    major: '8.4',
    family: 'mysql8.4',
    port: 3306,
    licence: 'general-public-license',
    logs: ['audit', 'error', 'general', 'slowquery', 'iam-db-auth-error'],
  },
  mariadb: {
    version: '11.4.5',
    major: '11.4',
    family: 'mariadb11.4',
    port: 3306,
    licence: 'general-public-license',
    logs: ['audit', 'error', 'general', 'slowquery', 'iam-db-auth-error'],
  },
} as const satisfies Record<Engine, object>;

export function engineOf(engine: Engine): (typeof engines)[Engine] {
  return engines[engine];
}

/** The groups that AWS takes where nobody names one. */
export function defaultGroups(engine: Engine): { readonly parameters: string; readonly options: string } {
  const { family, major } = engines[engine];
  return { parameters: `default.${family}`, options: `default:${engine}-${major.replace('.', '-')}` };
}

export const defaultSubnetGroup = 'default';
/** The certificate authority of instances where nobody names one. */
export const defaultCertificate = 'rds-ca-rsa2048-g1';
export const defaultLifecycle = 'open-source-rds-extended-support';
/** How much storage each database of the plan has. */
const allocatedGib = 500;
/** RDS chooses a window of 30 minutes where nobody names one; daily backups of the estate are taken in it. */
export const defaultWindow = '05:10-05:40';
/** How long the estate's databases keep their automated backups where the plan says nothing. */
const retentionDays = 7;

/** The key with which what stands in a region is encrypted, and the backups that stay there; null where it is not. */
function keyIn(asset: Asset, region: string, account: string): string | null {
  const { kmsKey } = placeOf(asset, region);
  return kmsKey === undefined ? null : keyArn(kmsKey, region, account);
}

/** The key with which backups are encrypted that are kept in a region, of what stands in the other one; null where they are not. */
export function keptKeyIn(
  { backups }: Asset,
  kept: 'replicated' | 'snapshots',
  region: string,
  account: string,
): string | null {
  const key = backups?.[kept]?.keys?.[region];
  return key === undefined ? null : keyArn(key, region, account);
}

/** A key's ARN, by that or by its alias. */
export function keyArn(name: string, region: string, account: string): string {
  if (name.startsWith('arn:') && !name.includes(':alias/')) return name;
  const alias = name.replace(/^arn:.*:alias\//, 'alias/');
  return `arn:aws:kms:${region}:${account}:key/${uuidOf(`${account} ${region} ${alias}`)}`;
}

/** How the instances that stand in a region from the first are set up: as one that were restored there by the plan. */
export function settingsOf(asset: Asset, region: string, isReplica: boolean, account: string): Settings {
  const { engine, instanceClass } = asset;
  const { version, family, port } = engines[engine];
  const { restore } = placeOf(asset, region);
  const { options } = defaultGroups(engine);
  return {
    engine,
    engineVersion: version,
    instanceClass,
    subnetGroup: restore?.subnetGroup ?? asset.name,
    parameterGroup: restore?.parameterGroup ?? `${asset.name}-${family.replace('.', '-')}`,
    optionGroup: restore?.optionGroup ?? options,
    deletionProtection: restore?.deletionProtection ?? true,
    tags: restore?.tags ?? {},
    copyTagsToSnapshot: true,
    iamAuthentication: restore?.iamAuthentication ?? false,
    logExports: restore?.logExports ?? [],
    lifecycleSupport: restore?.lifecycleSupport ?? defaultLifecycle,
    storageType: restore?.storageType ?? 'gp3',
    allocatedGib,
    // What RDS gives gp3 of 400 GiB and more.
    iops: restore === undefined ? 12_000 : restore.iops,
    storageThroughput: restore === undefined ? 500 : restore.storageThroughput,
    maxAllocatedGib: restore?.maxAllocatedGib ?? null,
    dedicatedLogVolume: restore?.dedicatedLogVolume ?? false,
    // A replica of PostgreSQL keeps no backups before it is promoted, unless somebody asked for them.
    backupRetentionDays: isReplica ? 0 : (restore?.backupRetentionDays ?? retentionDays),
    backupWindow: restore?.backupWindow ?? defaultWindow,
    caCertificate: restore?.caCertificate ?? defaultCertificate,
    port,
    autoMinorVersionUpgrade: true,
    publiclyAccessible: false,
    capacityReservation: null,
    keyArn: keyIn(asset, region, account),
  };
}

/** An id as RDS gives resources, the same for the same text: `db-` and 26 letters and digits. */
export function resourceId(prefix: 'db' | 'ab', text: string): string {
  const digits = createHash('sha256').update(`${prefix} ${text}`).digest('hex').slice(0, 26);
  return prefix === 'db' ? `db-${digits.toUpperCase()}` : `ab-${digits}`;
}

/** Of the few keys of an account, which are asked for with each look at what they encrypt. */
function uuidOf(text: string): string {
  const known = uuids.get(text);
  if (known !== undefined) return known;
  const digits = createHash('sha256').update(text).digest('hex');
  const uuid = [8, 12, 16, 20, 32].map((end, index, ends) => digits.slice(ends[index - 1] ?? 0, end)).join('-');
  uuids.set(text, uuid);
  return uuid;
}
const uuids = new Map<string, string>();
