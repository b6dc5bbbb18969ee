// Every answer of the estate beside the shapes that AWS's models give it: no member, type or value of an enum is from memory.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { balancersIn } from '../../../../functions/shared/estate.ts';
import { outputOf, type Schema, type Shape, services, shapeOf } from '../../../../simulator/estate/calls/shapes.ts';
import { cacheIn, databaseIn, the } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { account, primary, rehearse, rehearseStacks, standby } from '../rehearsal.ts';

const there = { in: standby, region: standby };
const instance = { DBInstanceIdentifier: databaseIn(plan.roles.primary, plan) };
const replica = { DBInstanceIdentifier: databaseIn(plan.roles.standby, plan) };
const group = { ReplicationGroupId: cacheIn(plan.roles.primary, plan) };
const global = { GlobalReplicationGroupId: the('elasticache', plan).globalDatastore };
const balancer = `arn:aws:elasticloadbalancing:${primary}:${account}:loadbalancer/${balancersIn(plan.roles.primary, plan)[0]}`;
const shift = { resourceIdentifier: balancer, awayFrom: 'use1-az2', expiresIn: '60m', comment: 'test' };
const takeOver = { PrimaryRegion: standby, PrimaryReplicationGroupId: cacheIn(plan.roles.standby, plan) };

const writerArn = `arn:aws:rds:${primary}:${account}:db:${instance.DBInstanceIdentifier}`;
const copied = {
  SourceDBSnapshotIdentifier: `arn:aws:rds:${primary}:${account}:snapshot:one`,
  KmsKeyId: 'alias/chatops-backups',
};
const restored = { TargetDBInstanceIdentifier: 'restored' };

type Question = readonly [service: string, operation: string, input: Record<string, unknown>, from?: object];

/** One question for each operation that the estate answers; they are asked in this order. */
const questions: readonly Question[] = [
  ['rds', 'CreateDBSnapshot', { ...instance, DBSnapshotIdentifier: 'one' }],
  ['rds', 'DescribeDBInstances', {}],
  ['rds', 'DescribeDBInstances', replica, there],
  ['rds', 'ModifyDBInstance', { ...instance, VpcSecurityGroupIds: ['sg-0a1closed'] }],
  ['rds', 'RebootDBInstance', replica, there],
  ['rds', 'DescribeEvents', { Duration: 60 }, there],
  ['rds', 'PromoteReadReplica', replica, there],
  ['rds', 'DescribeDBInstanceAutomatedBackups', {}, there],
  ['rds', 'DescribeDBInstanceAutomatedBackups', {}],
  ['rds', 'StopDBInstanceAutomatedBackupsReplication', { SourceDBInstanceArn: writerArn }, there],
  [
    'rds',
    'StartDBInstanceAutomatedBackupsReplication',
    { SourceDBInstanceArn: writerArn, KmsKeyId: 'alias/chatops-backups' },
    there,
  ],
  ['rds', 'DescribeDBSnapshots', {}, there],
  ['rds', 'DescribeDBSnapshots', {}],
  [
    'rds',
    'RestoreDBInstanceToPointInTime',
    { ...restored, SourceDBInstanceIdentifier: instance.DBInstanceIdentifier, UseLatestRestorableTime: true },
  ],
  ['rds', 'DescribeDBInstances', { DBInstanceIdentifier: 'restored' }],
  ['rds', 'DescribeDBSubnetGroups', {}],
  ['rds', 'DescribeDBParameterGroups', {}],
  ['rds', 'DescribeOptionGroups', {}],
  ['rds', 'DescribeOrderableDBInstanceOptions', { Engine: 'postgres' }],
  ['rds', 'DescribeAccountAttributes', {}],
  ['rds', 'DescribeDBEngineVersions', { Engine: 'postgres' }],
  ['rds', 'DescribeSourceRegions', {}],
  ['rds', 'DescribeDBCapacityReservations', {}],
  ['elasticache', 'DescribeReplicationGroups', {}],
  ['elasticache', 'ModifyReplicationGroup', { ...group, MultiAZEnabled: true, ApplyImmediately: true }],
  ['elasticache', 'DescribeGlobalReplicationGroups', { ...global, ShowMemberInfo: true }],
  ['elasticache', 'TestFailover', { ...group, NodeGroupId: '0001' }],
  [
    'elasticache',
    'ModifyGlobalReplicationGroup',
    { ...global, AutomaticFailoverEnabled: true, ApplyImmediately: true },
  ],
  ['elasticache', 'FailoverGlobalReplicationGroup', { ...global, ...takeOver }, there],
  ['sns', 'Publish', { TopicArn: `arn:aws:sns:${primary}:${account}:breakwater-sim-dba`, Message: 'look' }],
  // Half an hour later the snapshot is there.
  ['rds', 'CopyDBSnapshot', { ...copied, TargetDBSnapshotIdentifier: 'two' }, there],
  ['rds', 'DeleteDBSnapshot', { DBSnapshotIdentifier: 'two' }, there],
  ['arc-zonal-shift', 'StartZonalShift', shift],
  ['arc-zonal-shift', 'GetManagedResource', { resourceIdentifier: balancer }],
  ['arc-zonal-shift', 'ListZonalShifts', {}],
];

/** What of an answer its shape does not know, as paths. */
function strange(value: unknown, shape: Shape, path: string, owner: string, service: string): string[] {
  switch (shape.is) {
    case 'structure': {
      if (typeof value !== 'object' || value === null) return [`${path} is no ${shape.name}`];
      return Object.entries(value).flatMap(([member, is]) => {
        const schema = shape.members.get(member);
        const name = `${shape.name}.${member}`;
        return schema === undefined
          ? [`${path}.${member} is no member of ${shape.name}`]
          : strange(is, shapeOf(schema), `${path}.${member}`, name, service);
      });
    }
    case 'list':
      if (!Array.isArray(value)) return [`${path} is no list`];
      return value.flatMap((element, index) => strange(element, shapeOf(shape.of), `${path}.${index}`, owner, service));
    case 'map':
      if (typeof value !== 'object' || value === null) return [`${path} is no map`];
      return Object.entries(value).flatMap(([key, is]) =>
        strange(is, shapeOf(shape.of), `${path}.${key}`, owner, service),
      );
    case 'time':
      return value instanceof Date && !Number.isNaN(value.getTime()) ? [] : [`${path} is no time`];
    case 'other':
      return [];
    default: {
      if (typeof value !== shape.is) return [`${path} is ${typeof value}, expected ${shape.is}`];
      const allowed = services[service]?.enums[owner];
      const isAllowed = allowed === undefined || Object.values(allowed).includes(String(value));
      return isAllowed ? [] : [`${path} is ${value}, expected one of ${Object.values(allowed).join(', ')}`];
    }
  }
}

test.for([1, 2, 3])('every answer has members, types and values that its shape knows, with seed %i', async (seed) => {
  const rehearsal = await rehearseStacks(seed, 0);
  for (const [service, operation, input, from] of questions) {
    const shape = outputOf(service, operation);
    if (shape === null) throw new Error(`${service} has no shape of ${operation}`);
    // What an SDK client says of the request itself is of no shape.
    const { $metadata: _, ...answer } = await rehearsal.call(service, operation, input, from);
    expect(strange(answer, shape, operation, '', service)).toEqual([]);
    await rehearsal.pass(operation === 'TestFailover' ? 700 : 80);
  }
  const [started] = (await rehearsal.call('arc-zonal-shift', 'ListZonalShifts', {})).items;
  for (const [operation, change] of [
    ['UpdateZonalShift', { expiresIn: '2h' }],
    ['CancelZonalShift', {}],
  ] as const) {
    const { $metadata: _, ...answer } = await rehearsal.call('arc-zonal-shift', operation, {
      zonalShiftId: started.zonalShiftId,
      ...change,
    });
    const shape = outputOf('arc-zonal-shift', operation);
    expect(shape === null ? null : strange(answer, shape, operation, '', 'arc-zonal-shift')).toEqual([]);
  }
});

test('an answer holds much that nobody asked for, the same at each look, and other things with another seed', async () => {
  const look = async (seed: number) => {
    const rehearsal = await rehearse(seed, 0);
    const ask = async () => (await rehearsal.call('rds', 'DescribeDBInstances', instance)).DBInstances[0];
    const [first, second] = [await ask(), await ask()];
    expect(second).toEqual(first);
    return first;
  };
  const [one, again, other] = [await look(1), await look(1), await look(2)];
  expect(Object.keys(one).length).toBeGreaterThan(40);
  expect(again).toEqual(one);
  expect(Object.keys(other)).not.toEqual(Object.keys(one));
});

test('what the estate leaves out on purpose stays out, whatever is drawn', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const rehearsal = await rehearse(seed, 0);
    const { DBInstances, Marker } = await rehearsal.call('rds', 'DescribeDBInstances', instance);
    const names = ['ReadReplicaSourceDBInstanceIdentifier', 'ReadReplicaSourceDBClusterIdentifier', 'StatusInfos'];
    for (const name of names) expect(DBInstances[0]).not.toHaveProperty(name);
    expect(Marker).toBeUndefined();
  }
});

test('a list of everything holds a neighbour, in a status of its own', async () => {
  const statuses = new Set<string>();
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const rehearsal = await rehearse(seed, 0);
    const { DBInstances } = await rehearsal.call('rds', 'DescribeDBInstances', {});
    const { ReplicationGroups } = await rehearsal.call('elasticache', 'DescribeReplicationGroups', {});
    expect([DBInstances.length, ReplicationGroups.length]).toEqual([2, 2]);
    statuses.add(DBInstances[1].DBInstanceStatus);
  }
  expect(statuses.size).toBeGreaterThan(2);
});

/** Members whose values are an enum, as the types of an SDK package say: shape, member and the enum's name. */
function enumsTyped(client: string): Map<string, string> {
  const folder = `node_modules/@aws-sdk/client-${client}/dist-types/models`;
  const text = readdirSync(folder).map((file) =>
    file.startsWith('models') ? readFileSync(join(folder, file), 'utf8') : '',
  );
  const found = new Map<string, string>();
  for (const [, shape, body = ''] of text.join('\n').matchAll(/export interface (\w+)[^{]*\{([\s\S]*?)\n\}/g))
    for (const [, member, type] of body.matchAll(/^ {4}(\w+)\??: (\w+)( \| undefined)?;/gm))
      found.set(`${shape}.${member}`, String(type));
  return found;
}

function outputSchema(service: string, operation: string): Schema {
  const schema = services[service]?.schemas[`${operation}$`];
  if (!Array.isArray(schema)) throw new Error(`${service} has no shape of ${operation}`);
  return schema[5];
}

/** Every string that can stand in an answer of a service, as shape and member. */
function stringsIn(service: string): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const walk = (schema: Schema, owner: string): void => {
    const shape = shapeOf(schema);
    if (shape.is === 'string') found.add(owner);
    if (shape.is === 'list' || shape.is === 'map') walk(shape.of, owner);
    if (shape.is !== 'structure' || seen.has(shape.name)) return;
    seen.add(shape.name);
    for (const [member, of] of shape.members) walk(of, `${shape.name}.${member}`);
  };
  for (const [asked, operation] of questions) if (asked === service) walk(outputSchema(service, operation), operation);
  return found;
}

test.for(['rds', 'elasticache', 'sns'])('the estate knows every enum in the answers of %s, and no other', (service) => {
  const typed = enumsTyped(service);
  const known = services[service];
  const isEnum = (member: string) => typeof known?.schemas[typed.get(member) ?? ''] === 'object';
  const expected = [...stringsIn(service)]
    .filter(isEnum)
    .map((member) => [member, known?.schemas[typed.get(member) ?? '']]);
  expect(Object.fromEntries(expected)).toEqual(known?.enums);
});

/** What the API reference of ARC zonal shift lists for each shape, written down a second time. */
const documented: Readonly<Record<string, string>> = {
  AutoshiftInResource: 'appliedStatus awayFrom startTime',
  ControlCondition: 'alarmIdentifier type',
  GetManagedResourceResponse:
    'appliedWeights arn autoshifts name practiceRunConfiguration zonalAutoshiftStatus zonalShifts',
  ListZonalShiftsResponse: 'items nextToken',
  PracticeRunConfiguration: 'allowedWindows blockedDates blockedWindows blockingAlarms outcomeAlarms',
  ZonalShift: 'awayFrom comment expiryTime resourceIdentifier startTime status zonalShiftId',
  ZonalShiftInResource:
    'appliedStatus awayFrom comment expiryTime practiceRunOutcome resourceIdentifier shiftType startTime zonalShiftId',
  ZonalShiftSummary:
    'awayFrom comment expiryTime practiceRunOutcome resourceIdentifier shiftType startTime status zonalShiftId',
};

test('the shapes of ARC zonal shift have the members that are documented', () => {
  const members: Record<string, string> = {};
  const walk = (schema: Schema): void => {
    const shape = shapeOf(schema);
    if (shape.is === 'list' || shape.is === 'map') walk(shape.of);
    if (shape.is !== 'structure') return;
    members[shape.name] = [...shape.members.keys()].toSorted().join(' ');
    for (const of of shape.members.values()) walk(of);
  };
  for (const name of Object.keys(services['arc-zonal-shift']?.schemas ?? {}))
    walk(outputSchema('arc-zonal-shift', name.slice(0, -1)));
  expect(members).toEqual(documented);
});

/** The model of ARC zonal shift, where Python's botocore is on the machine: it also says statuses and reasons. */
function arcModel(): Record<string, { [field: string]: never }> | null {
  const script =
    'import botocore.loaders,json;print(json.dumps(botocore.loaders.Loader().load_service_model("arc-zonal-shift","service-2")["shapes"]))';
  for (const python of ['python3', 'python']) {
    try {
      return JSON.parse(
        execFileSync(python, ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      );
    } catch {
      // the next one may have it
    }
  }
  return null;
}

const model = arcModel();
if (model === null)
  process.stdout.write('skipped: no botocore, ARC zonal shift is checked against what is written here\n');

test.runIf(model !== null)('the shapes of ARC zonal shift are those of its model (needs botocore)', () => {
  const types = { string: 'string', timestamp: 'time', integer: 'number', float: 'number', list: 'list', map: 'map' };
  const shapes = model as unknown as Record<string, { type: keyof typeof types; members?: object; enum?: string[] }>;
  const seen: string[] = [];
  const compare = (schema: Schema): void => {
    const shape = shapeOf(schema);
    if (shape.is === 'list' || shape.is === 'map') compare(shape.of);
    if (shape.is !== 'structure') return;
    seen.push(shape.name);
    const members = Object.entries((shapes[shape.name]?.members ?? {}) as Record<string, { shape: string }>);
    expect([shape.name, ...shape.members.keys()]).toEqual([shape.name, ...members.map(([member]) => member)]);
    for (const [member, { shape: name }] of members) {
      const path = `${shape.name}.${member}`;
      const of = shape.members.get(member) ?? 0;
      const { type, enum: values = null } = shapes[name] ?? {};
      if (type !== undefined && type in types) expect([path, shapeOf(of).is]).toEqual([path, types[type]]);
      const known = services['arc-zonal-shift']?.enums[path];
      expect([path, known === undefined ? null : Object.values(known)]).toEqual([path, values]);
      compare(of);
    }
  };
  for (const name of Object.keys(services['arc-zonal-shift']?.schemas ?? {}))
    compare(outputSchema('arc-zonal-shift', name.slice(0, -1)));
  expect(new Set(seen).size).toBe(8);
});

test.runIf(model !== null)(
  'the refusals of ARC zonal shift have statuses and reasons of its model (needs botocore)',
  () => {
    const shapes = model as unknown as Record<string, { error?: { httpStatusCode: number }; enum?: string[] }>;
    const statuses = {
      Conflict: 409,
      ResourceNotFound: 404,
      Validation: 400,
      Throttling: 429,
      AccessDenied: 403,
      InternalServer: 500,
    };
    for (const [name, status] of Object.entries(statuses))
      expect([name, shapes[`${name}Exception`]?.error?.httpStatusCode]).toEqual([name, status]);
    const reasons = [
      ...(shapes['ConflictExceptionReason']?.enum ?? []),
      ...(shapes['ValidationExceptionReason']?.enum ?? []),
    ];
    const used = [
      'ZonalShiftAlreadyExists',
      'ZonalShiftStatusNotActive',
      'InvalidAz',
      'InvalidExpiresIn',
      'InvalidResourceIdentifier',
      'MissingValue',
    ];
    expect(reasons).toEqual(expect.arrayContaining(used));
  },
);
