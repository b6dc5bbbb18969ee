// What Route 53 does and refuses to do to the service's record, whatever that record is.
import { expect, test } from 'vitest';
import { parsePlan } from '../../../../check/plan.ts';
import { describeRecord } from '../../../../functions/aws/traffic/dns.ts';
import type { Plan } from '../../../../functions/domain/plan/plan.ts';
import { recordReady } from '../../../../functions/domain/traffic/record.ts';
import { type RecordShape, recordShapes } from '../../../../simulator/estate/services/records.ts';
import { runIn } from '../../../../simulator/sdk.ts';
import { plan } from '../../../plan.ts';
import { primary, rehearse, standby } from '../rehearsal.ts';

const { hostedZone, record, latchBuckets } = plan.redirection;
const Name = `${record}.`;
const zone = Name.slice(Name.indexOf('.') + 1);
const byChange: Plan = parsePlan({ ...plan, redirection: { ...plan.redirection, mode: 'record-change' } });
const host = (region: string) => `${region}.api.chatops.example.com`;
const simple = (region: string, fields: object = {}) => ({
  Name: record,
  Type: 'CNAME',
  TTL: 60,
  ResourceRecords: [{ Value: host(region) }],
  ...fields,
});
const alias = (region: string) => ({
  Name: record,
  Type: 'A',
  AliasTarget: { DNSName: `lb.${region}.elb.amazonaws.com.`, HostedZoneId: 'Z1', EvaluateTargetHealth: true },
});
const batch = (...changes: [action: string, set: object][]) => ({
  HostedZoneId: hostedZone,
  ChangeBatch: { Changes: changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet })) },
});

async function withRecord(shape: RecordShape) {
  const rehearsal = await rehearse(1, 60, byChange);
  rehearsal.estate.inject({ id: 'record', kind: 'record-shape', shape });
  const change = (input: object) => rehearsal.call('route-53', 'ChangeResourceRecordSets', input as never);
  const caller = { region: standby, step: 'assess', execution: '', incident: '' };
  const look = async (zone = hostedZone) => {
    const looked = runIn({ answer: (call) => rehearsal.estate.call(call), caller }, () => describeRecord(zone, record));
    await rehearsal.pass(5);
    return looked;
  };
  return { ...rehearsal, change, look };
}

test('users follow a changed record within its propagation and time to live', async () => {
  const { estate, pass, call, change } = await withRecord('simple');
  const { ChangeInfo } = await change(batch(['UPSERT', simple(standby)]));
  expect(ChangeInfo.Status).toBe('PENDING');
  expect(estate.truth().usersRegion).toBe(primary);
  await pass(125);
  expect(estate.truth().usersRegion).toBe(standby);
  expect((await call('route-53', 'GetChange', { Id: ChangeInfo.Id })).ChangeInfo.Status).toBe('INSYNC');
});

const conflicts = `RRSet of type CNAME with DNS name ${Name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone}`;
const otherSets = `RRSet with DNS name ${Name}, type CNAME cannot be created as other RRSets exist with the same name and type.`;

test.for<[shape: RecordShape, what: string, changes: [string, object][], name: string, message: string]>([
  ['alias', 'a CNAME in the place of an alias', [['UPSERT', simple(standby)]], 'InvalidChangeBatch', `[${conflicts}]`],
  ['weighted', 'one CNAME beside weighted ones', [['UPSERT', simple(standby)]], 'InvalidChangeBatch', `[${otherSets}]`],
  [
    'failover',
    'one CNAME beside a failover pair',
    [['UPSERT', simple(standby)]],
    'InvalidChangeBatch',
    `[${otherSets}]`,
  ],
  [
    'apex',
    'a CNAME at the top of the zone',
    [['UPSERT', simple(standby)]],
    'InvalidChangeBatch',
    `[RRSet of type CNAME with DNS name ${Name} is not permitted at apex in zone ${Name}]`,
  ],
  [
    'simple',
    'an alias in the place of a CNAME',
    [['UPSERT', alias(standby)]],
    'InvalidChangeBatch',
    `[RRSet of type A with DNS name ${Name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone}]`,
  ],
  [
    'simple',
    'a weighted set beside a simple one',
    [['UPSERT', simple(standby, { SetIdentifier: 'other', Weight: 1 })]],
    'InvalidChangeBatch',
    `[RRSet with DNS name ${Name}, type CNAME, SetIdentifier other cannot be created as a non-weighted set exists with the same name and type.]`,
  ],
  [
    'weighted',
    'another routing policy for a set that is there',
    [['UPSERT', simple(standby, { SetIdentifier: 'other', Failover: 'PRIMARY' })]],
    'InvalidChangeBatch',
    `[RRSet with DNS name ${Name}, type CNAME, SetIdentifier other cannot be created as a non-failover set exists with the same name and type.]`,
  ],
  [
    'simple',
    'a record that is there already',
    [['CREATE', simple(standby)]],
    'InvalidChangeBatch',
    `[Tried to create resource record set [name='${Name}', type='CNAME'] but it already exists]`,
  ],
  [
    'simple',
    'to delete what has other values',
    [['DELETE', simple(standby)]],
    'InvalidChangeBatch',
    `[Tried to delete resource record set [name='${Name}', type='CNAME'] but the values provided do not match the current values]`,
  ],
  [
    'failover',
    'to delete what is not there',
    [['DELETE', simple(standby, { SetIdentifier: 'other', Weight: 1 })]],
    'InvalidChangeBatch',
    `[Tried to delete resource record set [name='${Name}', type='CNAME', set identifier='other'] but it was not found]`,
  ],
  [
    'simple',
    'a name of another zone',
    [['UPSERT', { ...simple(standby), Name: 'api.example.org' }]],
    'InvalidChangeBatch',
    `[RRSet with DNS name api.example.org. is not permitted in zone ${zone}]`,
  ],
  [
    'simple',
    'a record without time to live',
    [['UPSERT', simple(standby, { TTL: undefined })]],
    'InvalidInput',
    `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=UPSERT, Name=${Name}, Type=CNAME, SetIdentifier=null]`,
  ],
  [
    'alias',
    'an alias with a time to live',
    [['UPSERT', { ...alias(standby), TTL: 60 }]],
    'InvalidInput',
    `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found more than one in Change with [Action=UPSERT, Name=${Name}, Type=A, SetIdentifier=null]`,
  ],
  [
    'weighted',
    'a weight without an identifier',
    [['UPSERT', simple(standby, { Weight: 1 })]],
    'InvalidInput',
    `Invalid request: Missing field 'SetIdentifier' in Change with [Action=UPSERT, Name=${Name}, Type=CNAME, SetIdentifier=null]`,
  ],
  [
    'weighted',
    'an identifier without a policy',
    [['UPSERT', simple(standby, { SetIdentifier: standby })]],
    'InvalidInput',
    `Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer], but found none in Change with [Action=UPSERT, Name=${Name}, Type=CNAME, SetIdentifier=${standby}]`,
  ],
])('where the record is %s, Route 53 refuses %s', async ([shape, , changes, name, message]) => {
  const { estate, pass, change } = await withRecord(shape);
  await expect(change(batch(...changes))).rejects.toMatchObject({
    name,
    message,
    $metadata: { httpStatusCode: 400 },
  });
  await pass(600);
  expect(estate.truth().usersRegion).toBe(primary);
  expect(estate.mutations()).toEqual([]);
});

test.for<[shape: RecordShape, what: string, changes: [string, object][]]>([
  ['alias', 'another target of the alias', [['UPSERT', alias(standby)]]],
  ['apex', 'another target of the alias', [['UPSERT', alias(standby)]]],
  [
    'weighted',
    'other weights',
    [
      ['UPSERT', simple(primary, { SetIdentifier: primary, Weight: 0 })],
      ['UPSERT', simple(standby, { SetIdentifier: standby, Weight: 100 })],
    ],
  ],
  ['failover', 'another PRIMARY', [['UPSERT', simple(standby, { SetIdentifier: primary, Failover: 'PRIMARY' })]]],
  [
    'simple',
    'an alias after the CNAME was deleted, in one batch',
    [
      ['DELETE', simple(primary)],
      ['CREATE', alias(standby)],
    ],
  ],
])('where the record is %s, users follow %s', async ([shape, , changes]) => {
  const { estate, pass, change } = await withRecord(shape);
  await change(batch(...changes));
  await pass(240);
  expect(estate.truth().usersRegion).toBe(standby);
});

test.for(recordShapes)('what is seen of a record that is %s is what Route 53 takes or refuses', async (shape) => {
  const { change, look } = await withRecord(shape);
  const seen = await look();
  const { state, why } = recordReady(seen, { record, hostedZone });
  const taken = await change(batch(['UPSERT', simple(standby)])).then(
    () => true,
    (error: Error) => error.name,
  );
  // Route 53 would take these, and users would not follow, or not for long.
  const followed = !['private-zone', 'missing', 'traffic-policy'].includes(shape);
  if (followed) expect(state === 'ready').toBe(taken === true);
  else expect([state, taken]).toEqual(['not-ready', true]);
  const words: Readonly<Record<RecordShape, string>> = {
    simple: 'is a simple CNAME, which can be changed',
    alias: 'is an alias of type A;',
    address: 'is a record of type A;',
    weighted: 'is one of 2 weighted sets;',
    latency: 'is one of 2 latency sets;',
    geolocation: 'is one of 2 geolocation sets;',
    failover: 'is one of 2 failover sets;',
    'traffic-policy': 'belongs to traffic policy instance 4fa1c9f3',
    apex: 'is the apex of its zone',
    missing: 'is not there',
    'private-zone': `hosted zone ${hostedZone} is private`,
    'other-zone': `hosted zone ${hostedZone} is that of example.org`,
  };
  expect(why).toContain(words[shape]);
});

test('a zone that is not there is seen as none', async () => {
  const { look } = await withRecord('simple');
  expect(await look('Z1')).toBeNull();
});

test('of a batch all changes are made or none', async () => {
  const { estate, pass, change } = await withRecord('simple');
  const both = batch(['UPSERT', simple(standby)], ['CREATE', simple(standby, { Name: 'api.example.org' })]);
  await expect(change(both)).rejects.toThrow('is not permitted in zone');
  await pass(600);
  expect(estate.truth().usersRegion).toBe(primary);
  // A deletion names the values that are there.
  await change(batch(['DELETE', simple(primary)], ['CREATE', simple(standby)]));
});

test('a zone that is not there is told with its id', async () => {
  const { change } = await withRecord('simple');
  await expect(change({ ...batch(['UPSERT', simple(standby)]), HostedZoneId: '/hostedzone/Z1' })).rejects.toMatchObject(
    {
      name: 'NoSuchHostedZone',
      message: 'No hosted zone found with ID: Z1',
      $metadata: { httpStatusCode: 404 },
    },
  );
  await expect(
    change({ ...batch(['UPSERT', simple(standby)]), HostedZoneId: `/hostedzone/${hostedZone}` }),
  ).resolves.toHaveProperty('ChangeInfo');
});

test('a latch moves nobody where the record is no failover pair', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'record', kind: 'record-shape', shape: 'simple' });
  const [at, bucket] = Object.entries(latchBuckets[primary] ?? {})[0] ?? ['', ''];
  await rehearsal.call('s3', 'PutObject', { Bucket: bucket, Key: `latch/${primary}`, Body: 'x' }, { in: at });
  await rehearsal.pass(600);
  expect(rehearsal.estate.truth().usersRegion).toBe(primary);
});
