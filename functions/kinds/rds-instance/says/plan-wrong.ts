// What of the backups, restores and data of a database cannot be true together: a line for each. What only AWS knows, such as a class that a
// zone does not offer, preflight asks.
import { type Data, wrongInData } from '../../../domain/data/keys.ts';
import type { Around } from '../../../domain/kind/kind.ts';
import { must, type Wrong } from '../../../domain/plan/issues.ts';
import { restoreNames } from '../rules/restored.ts';
import type { Backups, Restore } from './backup-plan.ts';

type Place = {
  readonly instance: string;
  readonly kmsKey?: string | undefined;
  readonly securityGroups?: { readonly open: readonly string[]; readonly closed: string } | undefined;
  readonly restore?: Restore | undefined;
  readonly delayedReplica?: { readonly instance: string } | undefined;
};

type Database = {
  readonly name: string;
  readonly engine: string;
  readonly regions: Readonly<Record<string, Place>>;
  readonly backups?: Backups | undefined;
  readonly data?: Data | undefined;
};

export function wrongIn(
  asset: Database,
  path: string,
  around: Around & { readonly same: readonly Database[] },
): Wrong[] {
  return [
    ...Object.entries(asset.regions).flatMap(([region, place]) => [
      ...must(
        isOf(region, place.kmsKey),
        `${path}.regions.${region}.kmsKey`,
        place.kmsKey,
        `a key of ${region}: keys are not used from another region`,
      ),
      ...must(
        place.securityGroups?.open.includes(place.securityGroups.closed) !== true,
        `${path}.regions.${region}.securityGroups.closed`,
        place.securityGroups?.closed,
        'a group that is not one of the open ones: it lets nobody in, or a fence would keep nobody out',
      ),
      ...(place.restore === undefined ? [] : wrongInRestore(place.restore, asset, region, path, around)),
      ...must(
        place.restore?.rehearsal === undefined || asset.data !== undefined,
        `${path}.regions.${region}.restore.rehearsal`,
        place.restore?.rehearsal,
        'a data block beside it: what is not asked proves nothing',
      ),
      ...must(
        place.delayedReplica === undefined || asset.engine === 'postgres',
        `${path}.regions.${region}.delayedReplica`,
        place.delayedReplica?.instance,
        `none: RDS delays replicas of PostgreSQL alone, and this is ${asset.engine}`,
      ),
    ]),
    ...(asset.backups === undefined ? [] : wrongInBackups(asset.backups, asset, path, around)),
    ...(asset.data === undefined ? [] : wrongInAsking(asset.data, Object.keys(asset.regions), path, around)),
  ];
}

/** Of a database that is asked with SQL: from a network in each of its regions. */
function wrongInAsking(data: Data, regions: readonly string[], path: string, { networks }: Around): Wrong[] {
  return [
    ...wrongInData(data, regions).flatMap(([at, value, expected]) =>
      must(false, `${path}.data.${at}`, value, expected),
    ),
    ...regions.flatMap((region) =>
      must(networks.includes(region), `vpc.${region}`, undefined, `the network from which ${path} is asked with SQL`),
    ),
  ];
}

/** IOPS and MiB per second that a type of storage takes, of these engines [AWS, Amazon RDS DB instance storage]. */
const storage: Readonly<
  Record<string, { readonly iops: readonly [number, number]; readonly throughput?: readonly [number, number] }>
> = {
  gp3: { iops: [3_000, 64_000], throughput: [125, 4_000] },
  io1: { iops: [1_000, 256_000] },
  io2: { iops: [1_000, 256_000] },
};

/** Logs that each engine has, for RDS to export [AWS, Publishing database logs to Amazon CloudWatch Logs]. */
const logs: Readonly<Record<string, readonly string[]>> = {
  postgres: ['postgresql', 'upgrade', 'iam-db-auth-error'],
  mysql: ['audit', 'error', 'general', 'slowquery', 'iam-db-auth-error'],
  mariadb: ['audit', 'error', 'general', 'slowquery', 'iam-db-auth-error'],
};

function wrongInRestore(
  restore: Restore,
  { name, engine, regions }: Database,
  region: string,
  path: string,
  { zones, same }: Around & { readonly same: readonly Database[] },
): Wrong[] {
  const at = (key: string) => `${path}.regions.${region}.restore.${key}`;
  const { zone, multiAz, storageType, iops, storageThroughput, iamAuthentication, secret, securityGroups } = restore;
  const known = zones[region] ?? [];
  const bounds = storage[storageType];
  const groups = regions[region]?.securityGroups;
  const closed = groups?.open.includes(groups.closed) === true ? undefined : groups?.closed;
  const taken = same.flatMap((one) => [
    ...Object.values(one.regions).flatMap(({ instance, delayedReplica }) =>
      [instance, delayedReplica?.instance ?? []].flat(),
    ),
    ...(one.name === name
      ? []
      : one.regions[region]?.restore === undefined
        ? []
        : restoreNames(one.regions[region].restore)),
  ]);
  const exists = restoreNames(restore).find((one) => taken.includes(one));
  return [
    ...must(
      exists === undefined,
      at('instance'),
      restore.instance,
      `a name that no instance of the plan has, nor may have: ${exists} is one`,
    ),
    ...must(
      multiAz === (zone === null),
      at('zone'),
      zone,
      multiAz
        ? 'null with multiAz: RDS chooses both zones'
        : 'a zone: without multiAz RDS would choose any, the one that failed too',
    ),
    ...must(
      zone === null || known.includes(zone),
      at('zone'),
      zone,
      `one of ${known.join(', ')}, the zones of ${region}`,
    ),
    ...must(
      bounds === undefined ? iops === null : iops !== null && iops >= bounds.iops[0] && iops <= bounds.iops[1],
      at('iops'),
      iops,
      bounds === undefined ? `null with ${storageType}` : `${bounds.iops[0]} to ${bounds.iops[1]} with ${storageType}`,
    ),
    ...must(
      bounds?.throughput === undefined
        ? storageThroughput === null
        : storageThroughput !== null &&
            storageThroughput >= bounds.throughput[0] &&
            storageThroughput <= bounds.throughput[1],
      at('storageThroughput'),
      storageThroughput,
      bounds?.throughput === undefined
        ? `null with ${storageType}`
        : `${bounds.throughput[0]} to ${bounds.throughput[1]} MiB per second with ${storageType}`,
    ),
    ...must(
      secret !== null || iamAuthentication,
      at('secret'),
      secret,
      'a secret, or iamAuthentication: true: else nobody can sign in to what was restored',
    ),
    ...must(
      closed === undefined || !securityGroups.includes(closed),
      at('securityGroups'),
      securityGroups,
      `groups that admit the applications: ${closed} admits nobody`,
    ),
    ...restore.logExports.flatMap((log, index) =>
      must(logs[engine]?.includes(log) === true, at(`logExports.${index}`), log, `one of ${logs[engine]?.join(', ')}`),
    ),
    ...must(
      minutesOf(restore.backupWindow) >= 30,
      at('backupWindow'),
      restore.backupWindow,
      'a window of 30 minutes or more',
    ),
  ];
}

/** How long a window is; one that ends before it begins goes on past midnight. */
function minutesOf(window: string): number {
  const [from = 0, until = 0] = window.split('-').map((time) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    return hours * 60 + minutes;
  });
  return (until - from + 1440) % 1440;
}

/** [AWS, Finding information about replicated backups]: its example says of these two that nothing is replicated into us-west-2. */
const notReplicated: readonly (readonly [from: string, into: string])[] = [
  ['us-east-2', 'us-west-2'],
  ['us-west-1', 'us-west-2'],
];

/** Whether a key may be one of a region: an alias is of each. */
function isOf(region: string, key: string | undefined): boolean {
  return key?.startsWith('arn:') !== true || key.split(':')[3] === region;
}

function wrongInBackups(
  { replicated, snapshots }: Backups,
  { regions }: Database,
  path: string,
  { mains, rpoSeconds }: Around,
): Wrong[] {
  const at = (key: string) => `${path}.backups${key}`;
  const days = Math.ceil(rpoSeconds / 86_400);
  const pairs = mains.flatMap((from) => mains.filter((into) => into !== from).map((into) => [from, into] as const));
  const partition = (region: string) => /^(cn|us-gov|us-iso|us-isob|eusc)-/.exec(region)?.[1] ?? '';
  const kept = [['.replicated', replicated] as const, ['.snapshots', snapshots] as const];
  const isEncrypted = [...mains.map((region) => regions[region]?.kmsKey), ...kept.map(([, one]) => one?.keys)].some(
    (key) => key !== undefined,
  );
  return [
    // What is encrypted is so everywhere: RDS copies it with a key of where it is copied to, and opens it with its own where it stands.
    ...(isEncrypted
      ? [
          ...mains.flatMap((region) =>
            must(
              regions[region]?.kmsKey !== undefined,
              `${path}.regions.${region}.kmsKey`,
              undefined,
              'the key of the database there, or alias/aws/rds: its backups are encrypted',
            ),
          ),
          ...kept.flatMap(([key, one]) =>
            must(
              one === null || one.keys !== undefined,
              at(`${key}.keys`),
              undefined,
              'a key of each region: the database is encrypted',
            ),
          ),
        ]
      : []),
    ...must(
      replicated !== null || snapshots !== null,
      at(''),
      { replicated, snapshots },
      'one of both, or no backups at all',
    ),
    ...mains.flatMap((region) =>
      must(
        regions[region]?.restore !== undefined,
        `${path}.regions.${region}.restore`,
        undefined,
        'what a restore there needs, as its backups are kept for one',
      ),
    ),
    ...(replicated === null
      ? []
      : [
          ...must(
            replicated.retentionDays >= days,
            at('.replicated.retentionDays'),
            replicated.retentionDays,
            `at least ${days}: the RPO is ${rpoSeconds} s`,
          ),
          ...pairs.flatMap(([from, into]) =>
            must(
              partition(from) === partition(into) &&
                !notReplicated.some(([one, other]) => one === from && other === into),
              at('.replicated'),
              into,
              `null, or another pair of regions: RDS does not replicate automated backups from ${from} into ${into}`,
            ),
          ),
        ]),
    ...[['.replicated.keys', replicated?.keys] as const, ['.snapshots.keys', snapshots?.keys] as const].flatMap(
      ([key, keys]) =>
        keys === undefined
          ? []
          : [
              ...mains.flatMap((region) =>
                must(
                  Object.hasOwn(keys, region),
                  `${path}.backups${key}.${region}`,
                  undefined,
                  'a key of that region, or no keys at all',
                ),
              ),
              ...Object.entries(keys).flatMap(([region, name]) =>
                must(
                  isOf(region, name),
                  `${path}.backups${key}.${region}`,
                  name,
                  `a key of ${region}: keys are not used from another region`,
                ),
              ),
            ],
    ),
  ];
}
