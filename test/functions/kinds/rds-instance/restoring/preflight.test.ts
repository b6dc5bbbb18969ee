// What a restore would meet: one line for each problem, and what nobody answers is unknown and hides nothing.
import {
  DescribeAccountAttributesCommand,
  DescribeDBCapacityReservationsCommand,
  DescribeDBEngineVersionsCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeOptionGroupsCommand,
  DescribeOrderableDBInstanceOptionsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { beforeEach, expect, test } from 'vitest';
import { preflight } from '../../../../../functions/kinds/rds-instance/restoring/preflight.ts';
import type { Call } from '../../../../../simulator/estate/types.ts';
import { runIn } from '../../../../../simulator/sdk.ts';
import { the } from '../../../../assets.ts';
import { mocked } from '../../../../mocked.ts';
import { plan } from '../../../../plan.ts';
import { lookedUp, offer, restorable } from './restorable.ts';

const rds = mocked(RDSClient);
const region = 'us-west-2';
const { restore } = the('rds-instance', plan).regions[region] ?? {};
const backup = { engine: 'postgres', engineVersion: '16.4', allocatedGib: 500, keyId: 'key-1' };
let answer: (call: Call) => Promise<unknown>;

const fault = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });

beforeEach(() => {
  rds.reset();
  restorable(rds);
  answer = async (call) => lookedUp(call);
});

function flight(change: Partial<NonNullable<typeof restore>> = {}, from: Partial<typeof backup> = {}) {
  if (restore === undefined) throw new Error('the plan restores nothing');
  const place = { region, restore: { ...restore, ...change }, zones: plan.regions[region]?.zones ?? {} };
  const caller = { region, step: 'assess', execution: '', incident: '' };
  return runIn({ answer: (call: Call) => answer(call), caller }, () => preflight(place, { ...backup, ...from }));
}

test('finds nothing where everything is there', async () => {
  expect(await flight()).toEqual({ problems: [], unknown: [] });
});

const offers = (change: object) =>
  rds.on(DescribeOrderableDBInstanceOptionsCommand).resolves({ OrderableDBInstanceOptions: [{ ...offer, ...change }] });
const version = (change: object) => rds.on(DescribeDBEngineVersionsCommand).resolves(change);
const reserved = (change: object) =>
  rds.on(DescribeDBCapacityReservationsCommand).resolves({
    DBCapacityReservations: [
      {
        State: 'active',
        DBInstanceClass: 'db.r6g.xlarge',
        Engine: 'postgres',
        AvailableCapacityPerAvailabilityZoneList: [{ AvailabilityZone: 'us-west-2a', AvailableCapacity: 1 }],
        ...change,
      },
    ],
  });
const reservation = { capacityReservation: 'dr' };

test.for<[string, () => unknown, Parameters<typeof flight>, string]>([
  [
    'no name is free',
    () => rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{}] }),
    [{ instance: 'taken' }],
    'no name is free in us-west-2: taken, taken-2, taken-3 exist',
  ],
  [
    'the subnet group is not there',
    () => rds.on(DescribeDBSubnetGroupsCommand).rejects(fault('DBSubnetGroupNotFoundFault', 404)),
    [],
    'subnet group chatops-db is not in us-west-2',
  ],
  [
    'the subnet group covers one zone',
    () =>
      rds.on(DescribeDBSubnetGroupsCommand).resolves({
        DBSubnetGroups: [{ Subnets: [{ SubnetAvailabilityZone: { Name: 'us-west-2a' } }] }],
      }),
    [],
    'subnet group chatops-db covers 1 zone, and RDS wants two at least',
  ],
  [
    'the subnet group does not reach the zone',
    () => undefined,
    [{ zone: 'usw2-az3' }],
    'subnet group chatops-db has no subnet in us-west-2c, where the plan restores',
  ],
  [
    'the parameter group is not there',
    () => rds.on(DescribeDBParameterGroupsCommand).rejects(fault('DBParameterGroupNotFound', 404)),
    [],
    'parameter group chatops-postgres16 is not in us-west-2',
  ],
  [
    'the parameter group is of another family',
    () =>
      rds
        .on(DescribeDBParameterGroupsCommand)
        .resolves({ DBParameterGroups: [{ DBParameterGroupFamily: 'postgres15' }] }),
    [],
    'parameter group chatops-postgres16 is of postgres15, and the backup is of postgres16',
  ],
  [
    'the option group is of another version',
    () =>
      rds
        .on(DescribeOptionGroupsCommand)
        .resolves({ OptionGroupsList: [{ EngineName: 'postgres', MajorEngineVersion: '15' }] }),
    [],
    'option group default:postgres-16 is of postgres 15, and the backup is of postgres 16.4',
  ],
  [
    'the version is not offered',
    () => version({ DBEngineVersions: [] }),
    [],
    'postgres 16.4, the version of the backup, is not offered in us-west-2 any more',
  ],
  ['a log is not exported', () => undefined, [{ logExports: ['slowquery'] }], 'postgres 16.4 exports no log slowquery'],
  [
    'the certificate is not offered',
    () => undefined,
    [{ caCertificate: 'rds-ca-2019' }],
    'certificate authority rds-ca-2019 is not offered for postgres 16.4 in us-west-2',
  ],
  [
    'a security group is not there',
    () => {
      answer = (call) =>
        call.service === 'ec2' ? Promise.reject(fault('InvalidGroup.NotFound', 400)) : Promise.resolve(lookedUp(call));
    },
    [],
    'security group sg-0b2chatopsdb is not in us-west-2',
  ],
  [
    'the key is disabled',
    () => {
      answer = async (call) => (call.service === 'kms' ? { KeyMetadata: { KeyState: 'Disabled' } } : lookedUp(call));
    },
    [],
    'key key-1 of the backup is Disabled in us-west-2',
  ],
  [
    'the key is not there',
    () => {
      answer = (call) =>
        call.service === 'kms' ? Promise.reject(fault('NotFoundException', 400)) : Promise.resolve(lookedUp(call));
    },
    [],
    'key key-1 of the backup is not in us-west-2',
  ],
  [
    'the secret is not replicated',
    () => {
      answer = (call) =>
        call.service === 'secrets-manager'
          ? Promise.reject(fault('ResourceNotFoundException', 400))
          : Promise.resolve(lookedUp(call));
    },
    [],
    'secret chatops/database is not in us-west-2: applications could not sign in',
  ],
  [
    'the class is not offered',
    () => rds.on(DescribeOrderableDBInstanceOptionsCommand).resolves({}),
    [],
    'db.r6g.xlarge for postgres 16.4 is not offered in us-west-2',
  ],
  [
    'the storage is not offered',
    () => undefined,
    [{ storageType: 'io2' }],
    'db.r6g.xlarge for postgres 16.4 is not offered with io2 in us-west-2',
  ],
  [
    'the class is not offered in the zone',
    () => offers({ AvailabilityZones: [{ Name: 'us-west-2b' }] }),
    [],
    'db.r6g.xlarge for postgres 16.4 is not offered in us-west-2a',
  ],
  [
    'there is no Multi-AZ',
    () => offers({ MultiAZCapable: false }),
    [{ multiAz: true, zone: null }],
    'db.r6g.xlarge for postgres 16.4 is not offered with Multi-AZ in us-west-2',
  ],
  [
    'there is no IAM authentication',
    () => offers({ SupportsIAMDatabaseAuthentication: false }),
    [],
    'db.r6g.xlarge for postgres 16.4 has no IAM authentication in us-west-2',
  ],
  [
    'IOPS are too many',
    () => undefined,
    [{ iops: 70_000 }],
    'db.r6g.xlarge for postgres 16.4 takes 12000 to 64000 IOPS with gp3, and the plan says 70000',
  ],
  [
    'the storage is small',
    () => undefined,
    [{}, { allocatedGib: 100 }],
    'gp3 with 100 GiB has 3000 IOPS and takes no other number, and the plan says 12000',
  ],
  [
    'the storage is too large',
    () => offers({ MaxStorageSize: 400 }),
    [],
    'db.r6g.xlarge for postgres 16.4 takes 20 to 400 GiB of gp3, and the backup has 500',
  ],
  [
    'a quota is full',
    () =>
      rds
        .on(DescribeAccountAttributesCommand)
        .resolves({ AccountQuotas: [{ AccountQuotaName: 'DBInstances', Used: 40, Max: 40 }] }),
    [],
    'quota DBInstances in us-west-2 has 40 of 40 in use',
  ],
  [
    'there is no reservation',
    () => rds.on(DescribeDBCapacityReservationsCommand).resolves({}),
    [reservation],
    'capacity reservation dr is not in us-west-2',
  ],
  [
    'the reservation is used up',
    () =>
      reserved({
        AvailableCapacityPerAvailabilityZoneList: [{ AvailabilityZone: 'us-west-2a', AvailableCapacity: 0 }],
      }),
    [reservation],
    'capacity reservation dr has nothing left in us-west-2a',
  ],
  [
    'the reservation is elsewhere',
    () =>
      reserved({
        AvailableCapacityPerAvailabilityZoneList: [{ AvailabilityZone: 'us-west-2b', AvailableCapacity: 1 }],
      }),
    [reservation],
    'capacity reservation dr has none in us-west-2a',
  ],
  [
    'the reservation has ended',
    () => reserved({ State: 'expired' }),
    [reservation],
    'capacity reservation dr is expired',
  ],
  [
    'the reservation is of another class',
    () => reserved({ DBInstanceClass: 'db.r6g.large' }),
    [reservation],
    'capacity reservation dr is for db.r6g.large',
  ],
])('says in one line that %s', async ([, happens, asked, line]) => {
  happens();
  expect(await flight(...asked)).toMatchObject({ problems: expect.arrayContaining([line]) });
});

test('what nobody answers is unknown, and hides no problem', async () => {
  rds.on(DescribeDBSubnetGroupsCommand).rejects(fault('InternalFailure', 500));
  rds.on(DescribeAccountAttributesCommand).rejects(fault('AccessDenied', 403));
  rds.on(DescribeDBParameterGroupsCommand).rejects(fault('DBParameterGroupNotFound', 404));
  const { problems, unknown, unanswered } = await flight();
  expect(unanswered).toBe(true);
  expect(problems).toEqual(['parameter group chatops-postgres16 is not in us-west-2']);
  expect(unknown).toEqual([
    expect.stringMatching(/^the subnet group in us-west-2: NOT KNOWN, .*InternalFailure/),
    expect.stringMatching(/^the quota in us-west-2: NOT KNOWN, .*AccessDenied/),
  ]);
});
