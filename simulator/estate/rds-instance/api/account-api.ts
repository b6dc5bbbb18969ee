// What is looked at before a restore: groups, classes, versions, quotas, reservations, keys and the regions that copy into one another.
import * as z from 'zod';
import { type Answers, type Parts, read } from '../../apis/answer.ts';
import { refusal } from '../../calls/aws-error.ts';
import { zoneName } from '../../faults/faults.ts';
import type { Call } from '../../types.ts';
import { type Account, accountIn, keyNamed, type SubnetGroup, storageTypes } from '../account.ts';
import { regionsOfRds, replicatesInto } from '../region-pairs.ts';
import { type Engine, engineOf } from '../settings.ts';
import { listed, paged } from './paging.ts';
import { restoreRefusal } from './restore-errors.ts';

const groupNamed = (field: string) => listed.extend({ [field]: z.string().optional() });
const subnetGroups = groupNamed('DBSubnetGroupName');
const parameterGroups = groupNamed('DBParameterGroupName');
const optionGroups = listed.extend({
  OptionGroupName: z.string().optional(),
  EngineName: z.string().optional(),
  MajorEngineVersion: z.string().optional(),
});
const offers = listed.extend({
  Engine: z.string(),
  EngineVersion: z.string().optional(),
  DBInstanceClass: z.string().optional(),
  Vpc: z.boolean().optional(),
});
const versions = listed.extend({
  Engine: z.string().optional(),
  EngineVersion: z.string().optional(),
  DBParameterGroupFamily: z.string().optional(),
  DefaultOnly: z.boolean().optional(),
});
const sourceRegions = listed.extend({ RegionName: z.string().optional() });
const reservations = listed.extend({ DBCapacityReservationIdentifier: z.string().optional() });

/** What the account has in the region of a call. */
export function accountOf({ region }: Pick<Call, 'region'>, { world, databases }: Parts): Account {
  const snapshots = databases
    .flatMap(({ backups }) => backups.snapshots(region))
    .filter(({ type }) => type === 'manual');
  return accountIn(
    world,
    region,
    databases.map(({ database }) => database),
    snapshots.length,
  );
}

export const rdsAccount: Answers = {
  DescribeDBSubnetGroups(call, parts) {
    const asked = read(subnetGroups, call);
    const name = asked['DBSubnetGroupName'] as string | undefined;
    const found = accountOf(call, parts).subnetGroups.filter((group) => (name ?? group.name) === group.name);
    if (name !== undefined && found.length === 0)
      throw restoreRefusal('DBSubnetGroupNotFoundFault', `DB subnet group '${name}' does not exist.`);
    const { page, marker } = paged(found, asked);
    return { DBSubnetGroups: page.map((group) => subnetGroupShown(group, parts, call.region)), Marker: marker };
  },
  DescribeDBParameterGroups(call, parts) {
    const asked = read(parameterGroups, call);
    const name = asked['DBParameterGroupName'] as string | undefined;
    const found = accountOf(call, parts).parameterGroups.filter((group) => (name ?? group.name) === group.name);
    if (name !== undefined && found.length === 0)
      throw restoreRefusal('DBParameterGroupNotFoundFault', `DBParameterGroup not found: ${name}`);
    const { page, marker } = paged(found, asked);
    const shown = page.map(({ name: DBParameterGroupName, engine }) => ({
      DBParameterGroupName,
      DBParameterGroupFamily: engineOf(engine).family,
      Description: DBParameterGroupName,
      DBParameterGroupArn: arnOf(call, parts, `pg:${DBParameterGroupName}`),
    }));
    return { DBParameterGroups: shown, Marker: marker };
  },
  DescribeOptionGroups(call, parts) {
    const asked = read(optionGroups, call);
    const { OptionGroupName: name, EngineName, MajorEngineVersion } = asked;
    const found = accountOf(call, parts).optionGroups.filter(
      (group) =>
        (name ?? group.name) === group.name &&
        (EngineName ?? group.engine) === group.engine &&
        (MajorEngineVersion ?? engineOf(group.engine).major) === engineOf(group.engine).major,
    );
    if (name !== undefined && found.length === 0)
      throw restoreRefusal('OptionGroupNotFoundFault', `Specified OptionGroupName: ${name} not found.`);
    const { page, marker } = paged(found, asked);
    const shown = page.map(({ name: OptionGroupName, engine }) => ({
      OptionGroupName,
      OptionGroupDescription: OptionGroupName,
      EngineName: engine,
      MajorEngineVersion: engineOf(engine).major,
      Options: [],
      AllowsVpcAndNonVpcInstanceMemberships: true,
      VpcId: undefined,
      SourceOptionGroup: undefined,
      SourceAccountId: undefined,
      CopyTimestamp: undefined,
      OptionGroupArn: arnOf(call, parts, `og:${OptionGroupName}`),
    }));
    return { OptionGroupsList: shown, Marker: marker };
  },
  DescribeOrderableDBInstanceOptions(call, parts) {
    const asked = read(offers, call);
    const { Engine, EngineVersion, DBInstanceClass } = asked;
    const zones = zonesShown(call, parts);
    const found = accountOf(call, parts)
      .classes.filter(({ engine, name }) => {
        const isVersion = EngineVersion === undefined || EngineVersion === engineOf(engine).version;
        return engine === Engine && isVersion && (DBInstanceClass ?? name) === name;
      })
      .flatMap((offered) => storageTypes.map((storageType) => ({ ...offered, storageType })));
    const { page, marker } = paged(found, asked);
    const shown = page.map(({ engine, name, storageType }) => {
      const provisioned = storageType !== 'gp2';
      return {
        Engine: engine,
        EngineVersion: engineOf(engine).version,
        DBInstanceClass: name,
        LicenseModel: engineOf(engine).licence,
        AvailabilityZones: zones,
        AvailabilityZoneGroup: call.region,
        MultiAZCapable: true,
        ReadReplicaCapable: true,
        Vpc: true,
        SupportsStorageEncryption: true,
        StorageType: storageType,
        SupportsIops: provisioned,
        SupportsStorageThroughput: storageType === 'gp3',
        SupportsIAMDatabaseAuthentication: true,
        SupportsDedicatedLogVolume: storageType.startsWith('io'),
        SupportsStorageAutoscaling: true,
        MinStorageSize: storageType.startsWith('io') ? 100 : 20,
        MaxStorageSize: 65_536,
        MinIopsPerDbInstance: provisioned ? leastIops[storageType] : undefined,
        MaxIopsPerDbInstance: provisioned ? mostIops : undefined,
        SupportsClusters: false,
        OutpostCapable: false,
        SupportedEngineModes: [],
      };
    });
    return { OrderableDBInstanceOptions: shown, Marker: marker };
  },
  DescribeAccountAttributes(call, parts) {
    const { instances, storageGib, snapshots } = accountOf(call, parts).quotas;
    const quotas = [instances, storageGib, snapshots].map(({ name, used, most }) => ({
      AccountQuotaName: name,
      Used: used,
      Max: most,
    }));
    return { AccountQuotas: quotas };
  },
  DescribeDBEngineVersions(call, parts) {
    const asked = read(versions, call);
    const { Engine, EngineVersion, DBParameterGroupFamily } = asked;
    const engines = [...new Set(accountOf(call, parts).classes.map(({ engine }) => engine))];
    const found = engines.filter((engine) => {
      const { version, family } = engineOf(engine);
      const isVersion =
        EngineVersion === undefined || version === EngineVersion || version.startsWith(`${EngineVersion}.`);
      return (Engine ?? engine) === engine && isVersion && (DBParameterGroupFamily ?? family) === family;
    });
    const { page, marker } = paged(found, asked);
    return { DBEngineVersions: page.map(versionShown), Marker: marker };
  },
  DescribeSourceRegions(call) {
    const asked = read(sourceRegions, call);
    const known = regionsOfRds.filter((name) => name !== call.region && (asked.RegionName ?? name) === name);
    if (asked.RegionName !== undefined && known.length === 0)
      throw refusal('InvalidParameterValue', `${asked.RegionName} is not a valid region name.`);
    const { page, marker } = paged(known, asked);
    const shown = page.map((RegionName) => ({
      RegionName,
      Endpoint: `https://rds.${RegionName}.amazonaws.com`,
      Status: 'available',
      SupportsDBInstanceAutomatedBackupsReplication: replicatesInto(RegionName, call.region),
    }));
    return { SourceRegions: shown, Marker: marker };
  },
  DescribeDBCapacityReservations(call, parts) {
    const asked = read(reservations, call);
    const { DBCapacityReservationIdentifier: id } = asked;
    const found = accountOf(call, parts).reservations.filter((one) => (id ?? one.id) === one.id);
    if (id !== undefined && found.length === 0) throw reservationMissing(id);
    const { page, marker } = paged(found, asked);
    const shown = page.map((one) => ({
      DBCapacityReservationIdentifier: one.id,
      DBCapacityReservationArn: arnOf(call, parts, `capacity-reservation:${one.id}`),
      DBInstanceClass: one.instanceClass,
      Engine: one.engine,
      State: 'active',
      AvailableCapacityPerAvailabilityZoneList: zonesShown(call, parts).map(({ Name }) => ({
        AvailabilityZone: Name,
        AvailableCapacity: one.left,
      })),
    }));
    return { DBCapacityReservations: shown, Marker: marker };
  },
};

export function reservationMissing(id: string) {
  return refusal('DBCapacityReservationNotFoundFault', `DB capacity reservation ${id} not found.`, 404);
}

const describeKey = z.looseObject({ KeyId: z.string() });
const describeGroups = z.looseObject({ GroupIds: z.array(z.string()).optional() });

/** A key that stands in no region of that name answers as KMS says it. */
export const kms: Answers = {
  DescribeKey(call, parts) {
    const { KeyId } = read(describeKey, call);
    const key = keyNamed(KeyId, accountOf(call, parts).keys);
    if (key === null) {
      const what = KeyId.includes('alias/') ? 'Alias' : 'Key';
      const arn = KeyId.startsWith('arn:')
        ? KeyId
        : `arn:aws:kms:${call.region}:${parts.world.account}:${what === 'Alias' ? KeyId : `key/${KeyId}`}`;
      throw refusal('NotFoundException', `${what} '${arn}' does not exist`);
    }
    const { arn, enabled, aliases } = key;
    const KeyState = enabled ? 'Enabled' : 'Disabled';
    const KeyMetadata = {
      AWSAccountId: parts.world.account,
      KeyId: arn.split('/').at(-1),
      Arn: arn,
      Enabled: enabled,
      KeyState,
      KeyUsage: 'ENCRYPT_DECRYPT',
      KeySpec: 'SYMMETRIC_DEFAULT',
      Origin: 'AWS_KMS',
      KeyManager: aliases.includes('alias/aws/rds') ? 'AWS' : 'CUSTOMER',
      MultiRegion: false,
    };
    return { KeyMetadata };
  },
};

/** The security groups that the application's databases have, and those of each VPC. */
export const securityGroups: Answers = {
  DescribeSecurityGroups(call, parts) {
    const { GroupIds } = read(describeGroups, call);
    const all = accountOf(call, parts).securityGroups;
    const missing = GroupIds?.find((id) => all.every((group) => group.id !== id));
    if (missing !== undefined) {
      if (!/^sg-[0-9a-z]+$/.test(missing))
        throw refusal('InvalidGroupId.Malformed', `Invalid id: "${missing}" (expecting "sg-...")`);
      throw refusal('InvalidGroup.NotFound', `The security group '${missing}' does not exist`);
    }
    const found = all.filter(({ id }) => GroupIds === undefined || GroupIds.includes(id));
    return {
      SecurityGroups: found.map(({ id, vpc }) => ({
        GroupId: id,
        GroupName: id,
        Description: id,
        VpcId: vpc,
        OwnerId: parts.world.account,
        IpPermissions: [],
        IpPermissionsEgress: [],
        Tags: [],
      })),
    };
  },
};

const leastIops: Readonly<Record<string, number>> = { gp3: 3_000, io1: 1_000, io2: 1_000 };
const mostIops = 64_000;

function versionShown(engine: Engine): Record<string, unknown> {
  const { version, family, major, logs } = engineOf(engine);
  return {
    Engine: engine,
    EngineVersion: version,
    MajorEngineVersion: major,
    DBParameterGroupFamily: family,
    Status: 'available',
    ExportableLogTypes: logs,
    SupportsLogExportsToCloudwatchLogs: true,
    SupportsReadReplica: true,
    SupportedCACertificateIdentifiers: certificates,
    SupportsCertificateRotationWithoutRestart: true,
    ValidUpgradeTarget: [],
  };
}

/** The certificate authorities of RDS [AWS, "Using SSL/TLS to encrypt a connection"]. */
export const certificates = ['rds-ca-rsa2048-g1', 'rds-ca-rsa4096-g1', 'rds-ca-ecc384-g1'];

export function subnetGroupShown(
  { name, vpc, zones }: SubnetGroup,
  parts: Parts,
  region: string,
): Record<string, unknown> {
  const { plan } = parts.world;
  return {
    DBSubnetGroupName: name,
    DBSubnetGroupDescription: name,
    VpcId: vpc,
    SubnetGroupStatus: 'Complete',
    Subnets: zones.map((zone) => ({
      SubnetIdentifier: `subnet-0${zone.replace('-', '')}`,
      SubnetAvailabilityZone: { Name: zoneName(plan, zone) },
      SubnetStatus: 'Active',
    })),
    DBSubnetGroupArn: arnOf({ region }, parts, `subgrp:${name}`),
    SupportedNetworkTypes: ['IPV4'],
  };
}

function zonesShown({ region }: Pick<Call, 'region'>, { world: { plan } }: Parts): { Name: string }[] {
  return Object.values(plan.regions[region]?.zones ?? {}).map((Name) => ({ Name }));
}

function arnOf({ region }: Pick<Call, 'region'>, { world }: Parts, what: string): string {
  return `arn:aws:rds:${region}:${world.account}:${what}`;
}
