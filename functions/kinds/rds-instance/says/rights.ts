// What the functions of an `rds-instance` may do. Fencing may neither promote nor restore, and neither of them may fence; who keeps backups may do none of it.
import type { Data } from '../../../domain/data/keys.ts';
import {
  type About,
  acts,
  arnIn,
  fences,
  heeds,
  type KindRight,
  type KindRights,
  names,
  type Partitions,
  together,
  waived,
} from '../../../domain/kind/rights.ts';
import { restoreNames } from '../rules/restored.ts';
import {
  asidePrefix,
  type Backups,
  comparedName,
  copyOwner,
  copyPrefix,
  copyTag,
  drillPrefix,
  drillTag,
  type Restore,
  rehearsalName,
  rehearsalTag,
} from './backup-plan.ts';

type Database = {
  readonly name: string;
  readonly multiAz: boolean;
  readonly regions: Readonly<
    Record<
      string,
      { readonly instance: string; readonly kmsKey?: string | undefined; readonly restore?: Restore | undefined }
    >
  >;
  readonly backups?: Backups | undefined;
  readonly data?: Data | undefined;
};

export function rights(about: About<Database>): KindRights {
  const { assets, here, there } = about;
  const arn = (region: string, kind: string) => (name: string) => arnIn('rds', region, `${kind}:${name}`);
  const restored = (region: string) => assets.flatMap(({ regions }) => regions[region]?.restore ?? []);
  const restorable = (region: string) => restored(region).flatMap(restoreNames).map(arn(region, 'db'));
  const databases = (region: string) => [
    ...assets.flatMap(({ regions }) => regions[region]?.instance ?? []).map(arn(region, 'db')),
    ...restorable(region),
  ];
  const see = (...regions: string[]) => ({
    sid: 'SeeDatabase',
    actions: ['rds:DescribeDBInstances'],
    on: regions.flatMap(databases),
  });
  const seeLag = { sid: 'SeeLag', actions: ['cloudwatch:GetMetricData'], on: '*' } as const;
  const fence = (on: readonly string[]) => ({
    sid: 'Fence',
    actions: ['rds:ModifyDBInstance', 'rds:RebootDBInstance'],
    on,
  });
  // What is corrupted is fenced where it stands.
  const fenced = [...databases(there), ...(restored(here).length === 0 ? [] : databases(here))];
  const wanted = restored(here);
  const restoredAs = [
    ...restorable(here),
    ...unique(wanted.map(({ subnetGroup }) => subnetGroup)).map(arn(here, 'subgrp')),
    ...unique(wanted.map(({ parameterGroup }) => parameterGroup)).map(arn(here, 'pg')),
    ...unique(wanted.map(({ optionGroup }) => optionGroup)).map(arn(here, 'og')),
  ];
  const made: KindRight[] = [
    // The ids of backups are made by RDS, or by whoever copies them.
    {
      sid: 'RestoreToPointInTime',
      actions: ['rds:RestoreDBInstanceToPointInTime'],
      on: wanted.length === 0 ? [] : [...restoredAs, arnIn('rds', here, 'auto-backup:*')],
    },
    {
      sid: 'RestoreSnapshot',
      actions: ['rds:RestoreDBInstanceFromDBSnapshot'],
      on: wanted.length === 0 ? [] : [...restoredAs, arnIn('rds', here, 'snapshot:*')],
    },
    { sid: 'TagRestored', actions: ['rds:AddTagsToResource'], on: restorable(here) },
    // What is corrupted comes back from its own backups, which have the key of the database itself.
    ...useOfKeys(here, [...keysOfBackups(here, assets), ...keysOfRestored(here, assets)]),
  ];
  return {
    verbs: {
      'leave-zone': {
        state: together(acts, heeds, names),
        may: [see(here), { sid: 'MoveDatabase', actions: ['rds:RebootDBInstance'], on: databases(here) }],
      },
      fence: {
        state: together(waived, acts, heeds, names),
        may: [{ ...see(there), on: fenced }, fence(fenced)],
      },
      // What was taken over is looked at as well: a promotion may have been lost.
      'fence-late': {
        state: together(waived, acts, heeds, names, fences),
        may: [see(here, there), fence(databases(there))],
      },
      'catch-up': { state: names, may: [see(here), seeLag] },
      unfence: {
        state: together(waived, acts, names),
        may: [see(here, there), { sid: 'Unfence', actions: ['rds:ModifyDBInstance'], on: databases(there) }],
      },
      'take-over': {
        state: together(acts, names, { put: ['holders'] }),
        may: [see(here, there), { sid: 'Promote', actions: ['rds:PromoteReadReplica'], on: databases(here) }, ...made],
      },
      verify: {
        state: assets.some(({ data }) => data !== undefined) ? together(waived, names, comparesData) : names,
        may: [see(here), ...readCredentials(about)],
      },
    },
    looks: {
      assess: [see(here, there), ...seesRestores(about)],
      'check-readiness': [see(here), ...seesRestores(about), ...seesPair(about)],
      'follow-drill': [see(here)],
      'inject-fault': [see(here), { sid: 'FailDatabaseOver', actions: ['rds:RebootDBInstance'], on: databases(here) }],
      'keep-backups': keepsBackups(about),
      'keep-ledger': [see(here), ...readCredentials(about)],
      'prepare-drill': backsUp(about),
      'rehearse-restores': rehearses(about),
      'rejoin-standby': rejoins(about),
    },
    find: [see(here)],
    ask: [see(here)],
  };
}

/** What was published before, what was approved, and what was found. */
const comparesData = { get: ['ledger', 'requests'], query: ['incident#*'], put: ['incident#*'] } satisfies Partitions;

/** The secrets of the roles that ask databases, and of nothing else. Secrets Manager ends their ARNs with six letters of its own. */
function readCredentials({ assets, here }: About<Database>): KindRight[] {
  const places = assets.flatMap(({ data }) => data?.secrets[here] ?? []);
  const secrets = places.flatMap(({ reader, writer }) => [reader, writer]);
  return [
    {
      sid: 'ReadCredentials',
      actions: ['secretsmanager:GetSecretValue'],
      on: unique(secrets).map((name) => arnIn('secretsmanager', here, `secret:${name}-??????`)),
    },
    {
      sid: 'DecryptCredentials',
      actions: ['kms:Decrypt'],
      on: unique(places.flatMap(({ key }) => key ?? [])),
      through: 'secretsmanager',
    },
  ];
}

function keysOfBackups(here: string, assets: readonly Database[]): string[] {
  return assets.flatMap(({ backups }) =>
    [backups?.replicated, backups?.snapshots].flatMap((kept) => kept?.keys?.[here] ?? []),
  );
}

/** RDS's own key is not among them: its policy lets everybody in the account use it. */
function keysOfRestored(here: string, assets: readonly Database[]): string[] {
  return assets.flatMap(({ regions }) => {
    const { kmsKey, restore } = regions[here] ?? {};
    return restore === undefined || kmsKey === undefined || kmsKey.startsWith('alias/aws/') ? [] : [kmsKey];
  });
}

/**
 * RDS uses the key of an encrypted backup in the name of who restores it: it needs a look and a grant, and decrypts by that grant alone
 * [AWS, RDS: Encrypting Amazon RDS resources].
 */
function useOfKeys(here: string, all: readonly string[]): KindRight[] {
  const keys = unique(all);
  const actions = ['kms:CreateGrant', 'kms:DescribeKey'];
  const aliases = keys.filter((key) => key.startsWith('alias/'));
  const arns = keys.filter((key) => !key.startsWith('alias/'));
  return [
    { sid: 'UseBackupKeys', actions, on: arns, through: 'rds' },
    {
      sid: 'UseBackupKeysByAlias',
      actions,
      on: aliases.length === 0 ? [] : [arnIn('kms', here, 'key/*')],
      onlyIf: ['ForAnyValue:StringEquals', 'kms:ResourceAliases', aliases],
      through: 'rds',
    },
  ];
}

/** Everything that a preflight asks, and the backups that there are. IAM knows no resource of the most; none of it changes anything. */
function seesRestores({ assets, here }: About<Database>): KindRight[] {
  const restores = assets.flatMap(({ regions }) => regions[here]?.restore ?? []);
  if (restores.length === 0) return [];
  const each = (kind: string, names: (restore: Restore) => readonly string[]) => [
    ...new Set(restores.flatMap(names).map((name) => arnIn('rds', here, `${kind}:${name}`))),
  ];
  const secrets = restores.flatMap(({ secret }) => secret ?? []);
  return [
    ...seesBackups(here),
    { sid: 'SeeSubnets', actions: ['rds:DescribeDBSubnetGroups'], on: each('subgrp', (one) => [one.subnetGroup]) },
    { sid: 'SeeParameters', actions: ['rds:DescribeDBParameterGroups'], on: each('pg', (one) => [one.parameterGroup]) },
    { sid: 'SeeOptions', actions: ['rds:DescribeOptionGroups'], on: each('og', (one) => [one.optionGroup]) },
    {
      sid: 'SeeOffers',
      actions: [
        'rds:DescribeDBEngineVersions',
        'rds:DescribeOrderableDBInstanceOptions',
        'rds:DescribeAccountAttributes',
        'rds:DescribeDBCapacityReservations',
        'ec2:DescribeSecurityGroups',
      ],
      on: '*',
    },
    // The key is that of the backup, which no plan names.
    { sid: 'SeeKeys', actions: ['kms:DescribeKey'], on: [arnIn('kms', here, 'key/*')] },
    {
      sid: 'SeeSecrets',
      actions: ['secretsmanager:DescribeSecret'],
      on: secrets.map((name) => arnIn('secretsmanager', here, `secret:${name}-??????`)),
    },
  ];
}

/** Lists of a region: RDS gives what is of its databases, whatever their names. */
function seesBackups(...regions: readonly string[]): KindRight[] {
  const all = (...kinds: readonly string[]) =>
    regions.flatMap((region) => kinds.map((kind) => arnIn('rds', region, `${kind}:*`)));
  return [
    { sid: 'SeeBackups', actions: ['rds:DescribeDBInstanceAutomatedBackups'], on: all('auto-backup', 'db') },
    { sid: 'SeeSnapshots', actions: ['rds:DescribeDBSnapshots'], on: all('db', 'snapshot') },
  ];
}

function seesPair({ assets }: About<Database>): KindRight[] {
  const replicates = assets.some(({ backups }) => (backups?.replicated ?? null) !== null);
  return replicates ? [{ sid: 'SeePairs', actions: ['rds:DescribeSourceRegions'], on: '*' }] : [];
}

/** Restores under a name of its own, into groups that admit nobody; and deletes what bears its tag, and nothing else. */
function rehearses(about: About<Database>): KindRight[] {
  const { assets, here, prefix } = about;
  const rehearsed = assets.flatMap(({ name, regions }) => {
    const { restore } = regions[here] ?? {};
    return restore?.rehearsal === undefined ? [] : [{ name, restore }];
  });
  const own = rehearsed.flatMap(({ restore: { instance } }) =>
    [rehearsalName(instance), comparedName(instance)].map((name) => arnIn('rds', here, `db:${name}`)),
  );
  const groups = (kind: string, of: (restore: Restore) => string) =>
    unique(rehearsed.map(({ restore }) => of(restore))).map((name) => arnIn('rds', here, `${kind}:${name}`));
  const made = [
    ...own,
    ...groups('subgrp', ({ subnetGroup }) => subnetGroup),
    ...groups('pg', ({ parameterGroup }) => parameterGroup),
    ...groups('og', ({ optionGroup }) => optionGroup),
  ];
  const places = assets.flatMap(({ regions }) => regions[here] ?? []);
  const standing = places.flatMap(({ instance, restore }) => [
    instance,
    ...(restore === undefined ? [] : restoreNames(restore)),
  ]);
  // Where nothing is rehearsed it compares with what the other region has read of its old database.
  const asks = [
    {
      sid: 'SeeDatabase',
      actions: ['rds:DescribeDBInstances'],
      on: unique([...own, ...standing.map((name) => arnIn('rds', here, `db:${name}`))]),
    },
    ...readCredentials(about),
  ];
  if (rehearsed.length === 0) return asks;
  return [
    ...asks,
    ...seesRestores(about),
    {
      sid: 'RehearseToPointInTime',
      actions: ['rds:RestoreDBInstanceToPointInTime'],
      on: [...made, arnIn('rds', here, 'auto-backup:*')],
    },
    {
      sid: 'RehearseSnapshot',
      actions: ['rds:RestoreDBInstanceFromDBSnapshot'],
      on: [...made, arnIn('rds', here, 'snapshot:*')],
    },
    { sid: 'TagRehearsed', actions: ['rds:AddTagsToResource'], on: own },
    {
      sid: 'DeleteRehearsed',
      actions: ['rds:DeleteDBInstance'],
      on: own,
      onlyIf: ['StringEquals', `aws:ResourceTag/${rehearsalTag}`, rehearsed.map(({ name }) => copyOwner(prefix, name))],
    },
    ...useOfKeys(here, [...keysOfBackups(here, assets), ...keysOfRestored(here, assets)]),
  ];
}

/** Takes a snapshot of what stands here, and makes a replica of what stands there: it can delete and change nothing. */
function rejoins(about: About<Database>): KindRight[] {
  const { assets, here, there, prefix } = about;
  const back = assets.filter(({ regions }) => regions[here]?.restore !== undefined);
  if (back.length === 0) return [];
  const wanted = back.flatMap(({ regions }) => regions[here]?.restore ?? []);
  const standing = (region: string) =>
    back.flatMap(({ regions }) => {
      const { instance, restore } = regions[region] ?? {};
      return [...(instance === undefined ? [] : [instance]), ...(restore === undefined ? [] : restoreNames(restore))];
    });
  const arns = (region: string, kind: string, names: readonly string[]) =>
    unique(names).map((name) => arnIn('rds', region, `${kind}:${name}`));
  const made = arns(here, 'db', wanted.flatMap(restoreNames));
  const snapshots = back.map(({ name }) => arnIn('rds', here, `snapshot:${asidePrefix(prefix, name)}*`));
  return [
    { sid: 'SeeDatabase', actions: ['rds:DescribeDBInstances'], on: arns(here, 'db', standing(here)) },
    {
      sid: 'SeeSnapshots',
      actions: ['rds:DescribeDBSnapshots'],
      on: [arnIn('rds', here, 'db:*'), arnIn('rds', here, 'snapshot:*')],
    },
    { sid: 'SetAside', actions: ['rds:CreateDBSnapshot'], on: [...arns(here, 'db', standing(here)), ...snapshots] },
    {
      sid: 'MakeReplica',
      actions: ['rds:CreateDBInstanceReadReplica'],
      on: [
        ...made,
        ...arns(
          here,
          'subgrp',
          wanted.map(({ subnetGroup }) => subnetGroup),
        ),
        ...arns(
          here,
          'pg',
          wanted.map(({ parameterGroup }) => parameterGroup),
        ),
        ...arns(
          here,
          'og',
          wanted.map(({ optionGroup }) => optionGroup),
        ),
        ...arns(there, 'db', standing(there)),
      ],
    },
    { sid: 'TagRejoined', actions: ['rds:AddTagsToResource'], on: [...made, ...snapshots] },
    ...useOfKeys(here, keysOfRestored(here, assets)),
    ...readCredentials(about),
  ];
}

/** Before a drill, where users are: of a switchover that is the other region. The snapshots of earlier drills alone can be deleted. */
function backsUp({ assets, here, there, prefix }: About<Database>): KindRight[] {
  const kept = assets.filter(({ multiAz }) => multiAz);
  const regions = [here, there];
  const all = (kind: string) => regions.map((region) => arnIn('rds', region, `${kind}:*`));
  const databases = regions.flatMap((region) =>
    unique(
      kept.flatMap(({ regions: { [region]: place } }) =>
        place === undefined
          ? []
          : [place.instance, ...(place.restore === undefined ? [] : restoreNames(place.restore))],
      ),
    ).map((name) => arnIn('rds', region, `db:${name}`)),
  );
  const snapshots = regions.flatMap((region) =>
    kept.map(({ name }) => arnIn('rds', region, `snapshot:${drillPrefix(prefix, name)}*`)),
  );
  if (kept.length === 0) return [];
  return [
    { sid: 'SeeSnapshots', actions: ['rds:DescribeDBSnapshots'], on: [...all('db'), ...all('snapshot')] },
    { sid: 'BackUp', actions: ['rds:CreateDBSnapshot'], on: [...databases, ...snapshots] },
    { sid: 'TagBackups', actions: ['rds:AddTagsToResource'], on: snapshots },
    {
      sid: 'DeleteEarlierBackups',
      actions: ['rds:DeleteDBSnapshot'],
      on: snapshots,
      onlyIf: ['StringEquals', `aws:ResourceTag/${drillTag}`, kept.map(({ name }) => copyOwner(prefix, name))],
    },
  ];
}

/** Copies into this region, of what the other one holds; what has no tag of ours cannot be deleted. */
function keepsBackups({ assets, here, there, prefix }: About<Database>): KindRight[] {
  const kept = assets.filter(({ backups }) => backups !== undefined);
  if (kept.length === 0) return [];
  const replicated = kept.filter(({ backups }) => backups?.replicated);
  const copied = kept.filter(({ backups }) => backups?.snapshots);
  const instances = (some: readonly Database[]) =>
    some.flatMap(({ regions }) => {
      const place = regions[there];
      return place === undefined
        ? []
        : [place.instance, ...(place.restore === undefined ? [] : restoreNames(place.restore))];
    });
  const copies = copied.map(({ name }) => arnIn('rds', here, `snapshot:${copyPrefix(prefix, name)}*`));
  return [
    ...seesBackups(here, there),
    {
      sid: 'ReplicateBackups',
      actions: ['rds:StartDBInstanceAutomatedBackupsReplication'],
      on: [
        ...instances(replicated).map((id) => arnIn('rds', there, `db:${id}`)),
        ...(replicated.length === 0 ? [] : [arnIn('rds', here, 'auto-backup:*')]),
      ],
    },
    {
      sid: 'CopySnapshots',
      actions: ['rds:CopyDBSnapshot'],
      on: [...instances(copied).map((id) => arnIn('rds', there, `snapshot:rds:${id}-*`)), ...copies],
    },
    {
      sid: 'TagCopies',
      actions: ['rds:AddTagsToResource'],
      on: copies,
    },
    {
      sid: 'DeleteCopies',
      actions: ['rds:DeleteDBSnapshot'],
      on: copies,
      onlyIf: ['StringEquals', `aws:ResourceTag/${copyTag}`, copied.map(({ name }) => copyOwner(prefix, name))],
    },
    ...useOfKeys(here, keysOfBackups(here, assets)),
  ];
}

function unique(all: readonly string[]): string[] {
  return [...new Set(all)];
}
