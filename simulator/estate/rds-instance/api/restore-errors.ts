// The errors of a restore, under the names that the SDK gives them, with what AWS says and where a fault makes them so.
import { type AwsError, refusal } from '../../calls/aws-error.ts';

type Row = {
  readonly status: 400 | 404;
  /** Of a fault that names no cause of its own. */
  readonly message: string;
};

/**
 * What both restores may throw [AWS, errors of RestoreDBInstanceToPointInTime and of RestoreDBInstanceFromDBSnapshot]. What is
 * said stands in reports of users where there are some, else in the API reference.
 */
const rows = {
  AuthorizationNotFoundFault: {
    status: 404,
    message: 'The security group is not authorized for the DB security group.',
  },
  BackupPolicyNotFoundFault: { status: 404, message: 'The backup policy was not found.' },
  CertificateNotFoundFault: { status: 404, message: 'The certificate was not found.' },
  DBInstanceAlreadyExistsFault: { status: 400, message: 'DB instance already exists' },
  DBInstanceAutomatedBackupNotFoundFault: { status: 404, message: 'The automated backup was not found.' },
  DBInstanceNotFoundFault: { status: 404, message: 'The DB instance was not found.' },
  DBParameterGroupNotFoundFault: { status: 404, message: 'DBParameterGroup not found' },
  DBSecurityGroupNotFoundFault: { status: 404, message: 'The DB security group was not found.' },
  DBSnapshotNotFoundFault: { status: 404, message: 'DBSnapshot not found' },
  DBSubnetGroupDoesNotCoverEnoughAZs: {
    status: 400,
    message:
      "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Add subnets to cover at least 2 AZs.",
  },
  DBSubnetGroupNotFoundFault: { status: 404, message: 'DB subnet group does not exist.' },
  DomainNotFoundFault: { status: 404, message: 'The domain was not found.' },
  InstanceQuotaExceededFault: { status: 400, message: 'DB Instance quota exceeded' },
  InsufficientDBInstanceCapacityFault: {
    status: 400,
    message: 'There are no Availability Zones with sufficient capacity for the DB instance class.',
  },
  InvalidDBInstanceStateFault: { status: 400, message: 'Database instance is not in available state.' },
  InvalidDBSnapshotStateFault: { status: 400, message: 'The DB snapshot is not in available state.' },
  InvalidRestoreFault: { status: 400, message: 'Cannot restore from VPC backup to non-VPC DB instance.' },
  InvalidSubnet: { status: 400, message: 'The requested subnet is invalid.' },
  InvalidVPCNetworkStateFault: {
    status: 400,
    message: "The DB subnet group doesn't cover all Availability Zones after it was created.",
  },
  KMSKeyNotAccessibleFault: {
    status: 400,
    message: 'The specified KMS key does not exist, is not enabled or you do not have permissions to access it.',
  },
  NetworkTypeNotSupported: { status: 400, message: 'The network type is invalid for the DB instance.' },
  OptionGroupNotFoundFault: { status: 404, message: 'Specified OptionGroup not found.' },
  PointInTimeRestoreNotEnabledFault: {
    status: 400,
    message: 'Point in time restore is not enabled for the source DB instance.',
  },
  ProvisionedIopsNotAvailableInAZFault: {
    status: 400,
    message: 'Provisioned IOPS not available in the specified Availability Zone.',
  },
  StorageQuotaExceededFault: { status: 400, message: 'The storage quota of the account would be exceeded.' },
  StorageTypeNotSupportedFault: { status: 400, message: "The storage type can't be associated with the DB instance." },
  TenantDatabaseQuotaExceededFault: { status: 400, message: 'The quota of tenant databases would be exceeded.' },
  VpcEncryptionControlViolationException: {
    status: 400,
    message: 'The operation violates VPC encryption control settings.',
  },
} as const satisfies Record<string, Row>;

export type RestoreError = keyof typeof rows;
export const restoreErrors = Object.keys(rows) as RestoreError[];

/** A restore, or what leads to one, is refused. */
export function restoreRefusal(name: RestoreError, message: string = rows[name].message): AwsError {
  return refusal(name, message, rows[name].status);
}
