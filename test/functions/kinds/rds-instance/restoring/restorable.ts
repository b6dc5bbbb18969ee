// RDS as it answers where everything stands that a restore in us-west-2 needs, and the services that preflight looks things up in.
import {
  DescribeAccountAttributesCommand,
  DescribeDBEngineVersionsCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSnapshotsCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeOptionGroupsCommand,
  DescribeOrderableDBInstanceOptionsCommand,
  DescribeSourceRegionsCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { AwsClientStub } from 'aws-sdk-client-mock';
import type { Call } from '../../../../../simulator/estate/types.ts';
import { start } from '../../../setting.ts';

type Mock = AwsClientStub<RDSClient>;

const fault = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });

export const backupArn = 'arn:aws:rds:us-west-2:111122223333:auto-backup:ab-1';

/** The automated backups of chatops-prod, as us-west-2 holds them. */
export const replicated = {
  DBInstanceArn: 'arn:aws:rds:us-east-1:111122223333:db:chatops-prod',
  DBInstanceIdentifier: 'chatops-prod',
  DbiResourceId: 'db-1',
  Region: 'us-east-1',
  Status: 'active',
  DBInstanceAutomatedBackupsArn: backupArn,
  RestoreWindow: { EarliestTime: new Date(start - 86_400_000), LatestTime: new Date(start - 360_000) },
  AllocatedStorage: 500,
  Engine: 'postgres',
  EngineVersion: '16.4',
  KmsKeyId: 'arn:aws:kms:us-west-2:111122223333:key/1',
};

/** A copy of ours of the newest automated snapshot. */
export const copied = {
  DBSnapshotIdentifier: 'breakwater-test-database-copy-2026-11-22-20-00-00',
  DBSnapshotArn: 'arn:aws:rds:us-west-2:111122223333:snapshot:breakwater-test-database-copy-2026-11-22-20-00-00',
  SourceDBSnapshotIdentifier: 'arn:aws:rds:us-east-1:111122223333:snapshot:rds:chatops-prod-2026-11-22-20-00',
  DBInstanceIdentifier: 'chatops-prod',
  DbiResourceId: 'db-1',
  SnapshotType: 'manual',
  Status: 'available',
  OriginalSnapshotCreateTime: new Date(start - 7 * 3_600_000),
  SnapshotCreateTime: new Date(start - 6 * 3_600_000),
  AllocatedStorage: 500,
  Engine: 'postgres',
  EngineVersion: '16.4',
  KmsKeyId: 'arn:aws:kms:us-west-2:111122223333:key/1',
  TagList: [{ Key: 'breakwater:copy', Value: 'breakwater-test/database' }],
};

export const offer = {
  StorageType: 'gp3',
  AvailabilityZones: [{ Name: 'us-west-2a' }, { Name: 'us-west-2b' }],
  MultiAZCapable: true,
  SupportsIAMDatabaseAuthentication: true,
  SupportsDedicatedLogVolume: true,
  MinIopsPerDbInstance: 12_000,
  MaxIopsPerDbInstance: 64_000,
  MinStorageSize: 20,
  MaxStorageSize: 65_536,
};

/** Everything is there, and nothing has one of the names that a restore takes. */
export function restorable(rds: Mock): void {
  for (const name of ['chatops-prod-restored', 'chatops-prod-restored-2', 'chatops-prod-restored-3'])
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: name }).rejects(fault('DBInstanceNotFoundFault', 404));
  rds.on(DescribeDBInstanceAutomatedBackupsCommand).resolves({ DBInstanceAutomatedBackups: [replicated] });
  rds.on(DescribeDBSnapshotsCommand).resolves({ DBSnapshots: [copied] });
  rds.on(DescribeSourceRegionsCommand).resolves({
    SourceRegions: ['us-east-1', 'us-west-2'].map((RegionName) => ({
      RegionName,
      SupportsDBInstanceAutomatedBackupsReplication: true,
    })),
  });
  rds.on(DescribeDBSubnetGroupsCommand).resolves({
    DBSubnetGroups: [
      {
        Subnets: ['us-west-2a', 'us-west-2b'].map((Name) => ({ SubnetAvailabilityZone: { Name } })),
      },
    ],
  });
  rds.on(DescribeDBParameterGroupsCommand).resolves({ DBParameterGroups: [{ DBParameterGroupFamily: 'postgres16' }] });
  rds.on(DescribeOptionGroupsCommand).resolves({
    OptionGroupsList: [{ EngineName: 'postgres', MajorEngineVersion: '16' }],
  });
  rds.on(DescribeDBEngineVersionsCommand).resolves({
    DBEngineVersions: [
      {
        DBParameterGroupFamily: 'postgres16',
        MajorEngineVersion: '16',
        ExportableLogTypes: ['postgresql', 'upgrade'],
        SupportedCACertificateIdentifiers: ['rds-ca-rsa2048-g1'],
      },
    ],
  });
  rds.on(DescribeOrderableDBInstanceOptionsCommand).resolves({ OrderableDBInstanceOptions: [offer] });
  rds.on(DescribeAccountAttributesCommand).resolves({
    AccountQuotas: [
      { AccountQuotaName: 'DBInstances', Used: 3, Max: 40 },
      { AccountQuotaName: 'AllocatedStorage', Used: 1_000, Max: 100_000 },
    ],
  });
}

/** What the other services say of a key, a secret and a security group; undefined of every other call. */
export function lookedUp({ service }: Pick<Call, 'service'>): object | undefined {
  if (service === 'kms') return { KeyMetadata: { KeyState: 'Enabled' } };
  return service === 'secrets-manager' || service === 'ec2' ? {} : undefined;
}
