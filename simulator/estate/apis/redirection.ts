// Route 53 and S3: the service's record, the latch objects, the lists of exports, and what rebuilds of clusters leave.
import * as z from 'zod';
import { latchKey, readableMark } from '../../../functions/domain/traffic/latch.ts';
import { refusal } from '../calls/aws-error.ts';
import { hex } from '../chance/random.ts';
import { latchChecks, listed } from '../services/records.ts';
import type { Call } from '../types.ts';
import { type Answers, noteMutation, type Parts, read } from './answer.ts';

const set = z.looseObject({
  Name: z.string(),
  Type: z.string(),
  SetIdentifier: z.string().optional(),
  Weight: z.number().optional(),
  Region: z.string().optional(),
  Failover: z.string().optional(),
  GeoLocation: z.looseObject({ CountryCode: z.string().optional() }).optional(),
  MultiValueAnswer: z.boolean().optional(),
  TTL: z.number().optional(),
  ResourceRecords: z.array(z.looseObject({ Value: z.string() })).optional(),
  AliasTarget: z.looseObject({ DNSName: z.string() }).optional(),
});
const change = z.looseObject({
  HostedZoneId: z.string(),
  ChangeBatch: z.looseObject({
    Changes: z.array(z.looseObject({ Action: z.enum(['CREATE', 'DELETE', 'UPSERT']), ResourceRecordSet: set })).min(1),
  }),
});
const object = z.looseObject({ Bucket: z.string(), Key: z.string() });

const withId = z.looseObject({ Id: z.string() });
const listSets = z.looseObject({ HostedZoneId: z.string(), StartRecordName: z.string().default('') });
const listObjects = z.looseObject({ Bucket: z.string(), Prefix: z.string().default('') });

export const route53: Answers = {
  ChangeResourceRecordSets(call, parts) {
    const { HostedZoneId, ChangeBatch } = read(change, call);
    expectZone(HostedZoneId, parts);
    const { record } = parts.world.plan.redirection;
    const id = `/change/C${hex(parts.world.chances.ids, 13).toUpperCase()}`;
    parts.dns.change(ChangeBatch.Changes, id, call.caller);
    noteMutation(call, parts, record, null);
    return { ChangeInfo: { Id: id, Status: 'PENDING', SubmittedAt: new Date(parts.world.now()) } };
  },
  GetHostedZone(call, parts) {
    const { Id } = read(withId, call);
    expectZone(Id, parts);
    const { name: Name, isPrivate: PrivateZone = false, sets } = parts.dns.zone();
    const more = { CallerReference: 'made-by-hand', ResourceRecordSetCount: sets.length };
    return {
      HostedZone: { Id: `/hostedzone/${Id.replace('/hostedzone/', '')}`, Name, Config: { PrivateZone }, ...more },
    };
  },
  ListResourceRecordSets(call, parts) {
    const asked = read(listSets, call);
    expectZone(asked.HostedZoneId, parts);
    const sets = listed(parts.dns.zone(), asked.StartRecordName);
    return { ResourceRecordSets: sets, IsTruncated: false, MaxItems: 300 };
  },
  /** What the account has besides, such as the check of an alarm, is left out: nobody here asks for it. */
  ListHealthChecks: (_, { world }) => ({
    HealthChecks: world.plan.redirection.mode === 'latch' ? latchChecks(world.plan) : [],
    IsTruncated: false,
    MaxItems: 1_000,
  }),
  GetChange(call, parts) {
    const { Id } = read(withId, call);
    const found = parts.dns.changeOf(Id) ?? parts.dns.changeOf(`/change/${Id}`);
    if (found === null) throw refusal('NoSuchChange', `a change with the id ${Id} does not exist`, 404);
    return { ChangeInfo: { Id: found.id, Status: found.inSyncAt <= parts.world.now() ? 'INSYNC' : 'PENDING' } };
  },
};

function expectZone(id: string, { world }: Parts): void {
  const zone = id.replace('/hostedzone/', '');
  if (zone !== world.plan.redirection.hostedZone)
    throw refusal('NoSuchHostedZone', `No hosted zone found with ID: ${zone}`, 404);
}

export const s3: Answers = {
  PutObject(call, parts) {
    const { Bucket, Key } = inBucket(call, parts);
    parts.objects.put(call.region, Bucket, Key, String(call.input['Body'] ?? ''));
    // What is laid beside the latches moves nobody, and reports are no part of the estate.
    if (!parts.objects.isOfReports(call.region, Bucket) && Key !== latchKey(readableMark))
      noteMutation(call, parts, `${Bucket}/${Key}`, null);
    parts.dns.follow(parts.objects.isClosed, call.caller);
    return { ETag: `"${hex(parts.world.chances.calls, 32)}"` };
  },
  DeleteObject(call, parts) {
    const { Bucket, Key } = inBucket(call, parts);
    parts.objects.remove(call.region, Bucket, Key);
    noteMutation(call, parts, `${Bucket}/${Key}`, null);
    parts.dns.follow(parts.objects.isClosed, call.caller);
    return {};
  },
  ListObjectsV2(call, parts) {
    const { Bucket, Prefix } = read(listObjects, call);
    if (!parts.objects.exists(call.region, Bucket))
      throw refusal('NoSuchBucket', `The specified bucket does not exist: ${Bucket}`, 404);
    const keys = parts.objects.list(call.region, Bucket, Prefix);
    return { Name: Bucket, Prefix, KeyCount: keys.length, IsTruncated: false, Contents: keys.map((Key) => ({ Key })) };
  },
  HeadObject(call, parts) {
    const { Bucket, Key } = read(object, call);
    const body = parts.objects.get(call.region, Bucket, Key);
    // A HEAD has no body, so that a bucket that is not there is told as an object that is not there.
    if (body === null) throw refusal('NotFound', `there is no object ${Bucket}/${Key}`, 404);
    return {
      ContentLength: body.length,
      LastModified: new Date(parts.objects.writtenAt(call.region, Bucket, Key) ?? 0),
    };
  },
  GetObject(call, parts) {
    const { Bucket, Key } = read(object, call);
    const body = parts.objects.get(call.region, Bucket, Key);
    if (body === null) throw refusal('NoSuchKey', 'The specified key does not exist.', 404);
    return { Body: { transformToString: async () => body }, ContentLength: body.length };
  },
};

function inBucket(call: Call, parts: Parts): { Bucket: string; Key: string } {
  const asked = read(object, call);
  if (parts.objects.exists(call.region, asked.Bucket)) return asked;
  throw refusal('NoSuchBucket', `The specified bucket does not exist: ${asked.Bucket}`, 404);
}
