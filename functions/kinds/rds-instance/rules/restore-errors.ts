// What follows when RDS refuses to restore a database, by the name of its error: one table for both ways of restoring.

/**
 * again: it passes by itself, within minutes; next-way: of this backup nobody can restore; person: what stands in the region, or the
 * quota of the account, keeps every restore from beginning: a person mends it without losing more, and the way stays.
 */
export type AfterRefusal = 'again' | 'next-way' | 'person';

/** Every error that the SDK names of the two calls (a test compares), without the `Fault` or `Exception` at the end of some. */
export const afterRefusals = {
  // Somebody, or an earlier try, has made it: the next look says which.
  DBInstanceAlreadyExists: 'again',
  InsufficientDBInstanceCapacity: 'again',
  InvalidDBInstanceState: 'again',
  InvalidDBSnapshotState: 'again',

  DBClusterSnapshotNotFound: 'next-way',
  DBInstanceAutomatedBackupNotFound: 'next-way',
  DBInstanceNotFound: 'next-way',
  DBSnapshotNotFound: 'next-way',
  InvalidRestore: 'next-way',
  KMSKeyNotAccessible: 'next-way',
  PointInTimeRestoreNotEnabled: 'next-way',

  AuthorizationNotFound: 'person',
  BackupPolicyNotFound: 'person',
  CertificateNotFound: 'person',
  DBCapacityReservationNotFound: 'person',
  DBParameterGroupNotFound: 'person',
  DBSecurityGroupNotFound: 'person',
  DBSubnetGroupDoesNotCoverEnoughAZs: 'person',
  DBSubnetGroupNotFound: 'person',
  DomainNotFound: 'person',
  InstanceQuotaExceeded: 'person',
  InvalidDBCapacityReservationState: 'person',
  InvalidSubnet: 'person',
  InvalidVPCNetworkState: 'person',
  NetworkTypeNotSupported: 'person',
  OptionGroupNotFound: 'person',
  ProvisionedIopsNotAvailableInAZ: 'person',
  StorageQuotaExceeded: 'person',
  StorageTypeNotSupported: 'person',
  TenantDatabaseQuotaExceeded: 'person',
  VpcEncryptionControlViolation: 'person',
} as const satisfies Readonly<Record<string, AfterRefusal>>;

/** What follows a refusal, by its name as the SDK gives it. One that nobody knows needs a person. */
export function afterRefusal(name: string): AfterRefusal {
  const known: Readonly<Record<string, AfterRefusal | undefined>> = afterRefusals;
  const short = name.replace(/(Fault|Exception)$/, '');
  return (Object.hasOwn(known, short) ? known[short] : undefined) ?? 'person';
}
