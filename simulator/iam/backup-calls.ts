// What IAM is asked for the calls about backups of databases, restores, and what a restore needs. Sources: the service authorization
// reference of RDS; of its keys "AWS KMS key management", by which who encrypts needs a grant and a look.
import { keyArn } from '../estate/rds-instance/settings.ts';
import type { Input, Row } from './calls.ts';

type At = Parameters<Row['on']>[1];

/** What a call names, as ARNs of RDS in the region that is asked. */
function ofRds(...things: readonly ((input: Input) => string | readonly string[])[]): Row['on'] {
  return (input, at) => things.flatMap((thing) => thing(input)).map((one) => arnOf(one, at));
}

function arnOf(thing: string, { region, account }: At): string {
  return thing.startsWith('arn:') ? thing : `arn:aws:rds:${region}:${account}:${thing}`;
}

/** A thing by a field of the input. Where it is not named, all are meant, or a default that only RDS knows. */
function by(type: string, field: string): (input: Input) => string {
  return (input) => {
    const value = input[field];
    if (typeof value !== 'string') return `${type}:*`;
    return value.startsWith('arn:') ? value : `${type}:${value}`;
  };
}

const groups = [by('og', 'OptionGroupName'), by('pg', 'DBParameterGroupName'), by('subgrp', 'DBSubnetGroupName')];

/** What is restored from: replicated backups by their ARN, or an instance; of a resource id the reference names no ARN. */
function sourceOf(input: Input): string {
  const { SourceDBInstanceAutomatedBackupsArn: arn, SourceDBInstanceIdentifier: id } = input;
  if (typeof arn === 'string') return arn;
  return typeof id === 'string' ? `db:${id}` : 'auto-backup:*';
}

/** Whoever names tags has to be allowed to. */
/** The tags that a thing has, as IAM compares them. */
function tagsOf(thing: (input: Input) => string): NonNullable<Row['carries']> {
  return (input, at) => {
    const tags = Object.entries(at.tagsOf?.(arnOf(thing(input), at)) ?? {});
    return Object.fromEntries(tags.map(([tag, value]) => [`aws:ResourceTag/${tag}`, value]));
  };
}

function tagging(thing: (input: Input) => string): Row {
  const isTagged = ({ Tags }: Input) => Array.isArray(Tags) && Tags.length > 0;
  return {
    action: 'rds:AddTagsToResource',
    on: (input, at) => (isTagged(input) ? [arnOf(thing(input), at)] : []),
  };
}

/** What RDS does with a key in the name of who calls. */
const uses = ['kms:CreateGrant', 'kms:DescribeKey'];

/** RDS opens what is encrypted for who restores it. Its own key lets everybody in the account: that is asked of nobody's role. */
function opening(source: (input: Input) => string): readonly Row[] {
  const keyOf = (input: Input, at: At) => {
    const named = source(input);
    const key = at.keyOf(/^db-/.test(named) ? named : arnOf(named, at));
    return key?.aliases.includes('alias/aws/rds') === true ? null : key;
  };
  return uses.map((action) => ({
    action,
    on: (input, at) => [keyOf(input, at)?.arn ?? []].flat(),
    carries: (input, at) => ({
      'kms:CallerAccount': at.account,
      'kms:ViaService': `rds.${at.region}.amazonaws.com`,
      'kms:ResourceAliases': keyOf(input, at)?.aliases ?? [],
    }),
  }));
}

/** RDS encrypts for who calls: with a key of the region that is asked. */
const encrypting: readonly Row[] = uses.map((action) => ({
  action,
  on: ({ KmsKeyId: key }, { region, account }) => (typeof key === 'string' ? [keyArn(key, region, account)] : []),
  carries: ({ KmsKeyId: key }, { region, account }) => ({
    'kms:CallerAccount': account,
    'kms:ViaService': `rds.${region}.amazonaws.com`,
    ...(typeof key === 'string' && key.startsWith('alias/') && { 'kms:ResourceAliases': [key] }),
  }),
}));

const anything = () => ['*'];
const looks = (action: string, on: Row['on']): readonly Row[] => [{ action, on }];
const target = by('db', 'TargetDBInstanceIdentifier');
const restored = by('db', 'DBInstanceIdentifier');
const snapshot = by('snapshot', 'DBSnapshotIdentifier');
const copied = by('snapshot', 'TargetDBSnapshotIdentifier');
const replicatedFrom = by('db', 'SourceDBInstanceArn');
const kept = () => 'auto-backup:*';
const followed = by('db', 'SourceDBInstanceIdentifier');

export const backupCalls: Readonly<Record<string, readonly Row[]>> = {
  'ec2 DescribeSecurityGroups': looks('ec2:DescribeSecurityGroups', anything),
  'kms DescribeKey': [
    {
      action: 'kms:DescribeKey',
      on: ({ KeyId }, { region, account }) => [keyArn(String(KeyId), region, account)],
      carries: ({ KeyId }, { account }) => ({
        'kms:CallerAccount': account,
        ...(String(KeyId).startsWith('alias/') && { 'kms:ResourceAliases': [String(KeyId)] }),
      }),
    },
  ],
  'rds CopyDBSnapshot': [
    { action: 'rds:CopyDBSnapshot', on: ofRds(by('snapshot', 'SourceDBSnapshotIdentifier'), copied, optionsNamed) },
    tagging(copied),
    ...encrypting,
  ],
  'rds CreateDBInstanceReadReplica': [
    { action: 'rds:CreateDBInstanceReadReplica', on: ofRds(restored, followed, ...groups) },
    tagging(restored),
    ...encrypting,
  ],
  'rds CreateDBSnapshot': [{ action: 'rds:CreateDBSnapshot', on: ofRds(restored, snapshot) }, tagging(snapshot)],
  'rds DeleteDBInstance': [{ action: 'rds:DeleteDBInstance', on: ofRds(restored), carries: tagsOf(restored) }],
  'rds DeleteDBSnapshot': [
    {
      action: 'rds:DeleteDBSnapshot',
      on: ofRds(snapshot),
      carries: tagsOf(snapshot),
    },
  ],
  'rds DescribeAccountAttributes': looks('rds:DescribeAccountAttributes', anything),
  'rds DescribeDBCapacityReservations': looks('rds:DescribeDBCapacityReservations', anything),
  'rds DescribeDBEngineVersions': looks('rds:DescribeDBEngineVersions', anything),
  'rds DescribeDBInstanceAutomatedBackups': looks(
    'rds:DescribeDBInstanceAutomatedBackups',
    ofRds(by('auto-backup', 'DBInstanceAutomatedBackupsArn')),
  ),
  'rds DescribeDBParameterGroups': looks('rds:DescribeDBParameterGroups', ofRds(by('pg', 'DBParameterGroupName'))),
  'rds DescribeDBSnapshots': looks('rds:DescribeDBSnapshots', ofRds(snapshotsSeen)),
  'rds DescribeDBSubnetGroups': looks('rds:DescribeDBSubnetGroups', ofRds(by('subgrp', 'DBSubnetGroupName'))),
  'rds DescribeOptionGroups': looks('rds:DescribeOptionGroups', ofRds(by('og', 'OptionGroupName'))),
  'rds DescribeOrderableDBInstanceOptions': looks('rds:DescribeOrderableDBInstanceOptions', anything),
  'rds DescribeSourceRegions': looks('rds:DescribeSourceRegions', anything),
  'rds RestoreDBInstanceFromDBSnapshot': [
    { action: 'rds:RestoreDBInstanceFromDBSnapshot', on: ofRds(restored, snapshot, ...groups) },
    tagging(restored),
    ...opening(snapshot),
  ],
  'rds RestoreDBInstanceToPointInTime': [
    { action: 'rds:RestoreDBInstanceToPointInTime', on: ofRds(target, sourceOf, ...groups) },
    tagging(target),
    ...opening((input) => String(input['SourceDbiResourceId'] ?? sourceOf(input))),
  ],
  'rds StartDBInstanceAutomatedBackupsReplication': [
    { action: 'rds:StartDBInstanceAutomatedBackupsReplication', on: ofRds(replicatedFrom, kept) },
    tagging(kept),
    ...encrypting,
  ],
  'rds StopDBInstanceAutomatedBackupsReplication': looks(
    'rds:StopDBInstanceAutomatedBackupsReplication',
    ofRds(replicatedFrom),
  ),
};

/** The option group of a copy, where one is named. */
function optionsNamed({ OptionGroupName: name }: Input): string[] {
  return typeof name === 'string' ? [`og:${name}`] : [];
}

/** Of an instance, by that; else by the snapshot's own name. */
function snapshotsSeen(input: Input): string {
  return typeof input['DBInstanceIdentifier'] === 'string'
    ? by('db', 'DBInstanceIdentifier')(input)
    : by('snapshot', 'DBSnapshotIdentifier')(input);
}
