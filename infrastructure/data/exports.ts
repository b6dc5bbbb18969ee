// The buckets of the plan that hold exports of caches, where the stack makes them: one in each main region, and S3 takes what is written
// to one to the other. ElastiCache exports to a bucket of its own region, and a group is made of objects of its own region.
import { type AssetOf, assetsOf } from '../../functions/domain/plan/assets.ts';
import { arnOf, kept, pascal, type Resources, ref, sub, type Value } from '../template.ts';
import type { Stack } from '../values.ts';
import { closedBucket, encryptedOnly, inS3 } from './bucket.ts';

/**
 * Replication waits as forwarding does: S3 takes no bucket for its destination that is not there yet.
 * Each bucket once: several caches may share one, whose objects begin with their names.
 */
export function exportBuckets(stack: Stack): Resources {
  const made = bucketsOf(stack);
  if (made.length === 0) return {};
  const buckets = made.map((one) => exportBucket(one, stack));
  return Object.assign({}, ...buckets, stack.forwards ? { ExportsReplicationRole: replicationRole(made) } : {});
}

type Made = { readonly name: string; readonly there: string; readonly keepDays: number };

function bucketsOf({ plan, region }: Stack): Made[] {
  const all = assetsOf('elasticache', plan).flatMap((asset) => madeOf(asset, region));
  return [...new Map(all.map((one) => [one.name, one])).values()];
}

/** `there`: where it is replicated to, whoever makes that one. */
function madeOf({ snapshots, regions }: AssetOf<'elasticache'>, region: string): Made[] {
  const bucket = regions[region]?.snapshotBucket;
  if (snapshots === undefined || bucket?.madeBy !== 'stack') return [];
  const there = Object.entries(regions).flatMap(([place, { snapshotBucket: other }]) =>
    place === region || other === undefined ? [] : [other.name],
  );
  return there.map((other) => ({ name: bucket.name, there: other, keepDays: snapshots.keepDays }));
}

function exportBucket({ name, there, keepDays }: Made, { forwards }: Stack): Resources {
  const bucket = `${pascal(name)}Bucket`;
  return {
    [bucket]: {
      Type: 'AWS::S3::Bucket',
      ...kept, // what a cache would be made of, when the stack is gone too
      Properties: {
        BucketName: name,
        VersioningConfiguration: { Status: 'Enabled' }, // replication needs it
        LifecycleConfiguration: {
          Rules: [
            {
              Id: 'old-exports',
              Status: 'Enabled',
              ExpirationInDays: keepDays,
              NoncurrentVersionExpiration: { NoncurrentDays: 1 },
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
          ],
        },
        ...closedBucket,
        ...(forwards ? { ReplicationConfiguration: replicationTo(there) } : {}),
      },
    },
    [`${bucket}Policy`]: {
      Type: 'AWS::S3::BucketPolicy',
      ...kept,
      Properties: { Bucket: ref(bucket), PolicyDocument: policyOf(name) },
    },
  };
}

/** S3 replicates what is written, and not what has been replicated to the bucket: both directions may be on. */
function replicationTo(there: string): Value {
  return {
    Role: arnOf('ExportsReplicationRole'),
    Rules: [
      {
        Id: 'to-the-other-region',
        Status: 'Enabled',
        Priority: 1,
        Filter: { Prefix: '' },
        DeleteMarkerReplication: { Status: 'Disabled' },
        Destination: { Bucket: inS3(there) },
      },
    ],
  };
}

/**
 * ElastiCache of this region and account writes and reads; its grants by ACL would need ACLs to be on. Source of the principal and the
 * actions: ElastiCache user guide, "Exporting a backup" and "Seeding a new cluster with an externally created backup".
 */
function policyOf(name: string): Value {
  const elastiCache = { Service: sub(`\${AWS::Region}.elasticache-snapshot.amazonaws.com`) };
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ExportsBucket',
        Effect: 'Allow',
        Principal: elastiCache,
        Action: ['s3:ListBucket', 's3:GetBucketAcl', 's3:ListBucketMultipartUploads'],
        Resource: inS3(name),
      },
      {
        Sid: 'Exports',
        Effect: 'Allow',
        Principal: elastiCache,
        Action: ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts'],
        Resource: inS3(`${name}/*`),
      },
      encryptedOnly(name),
    ],
  };
}

/** What S3 reads here and writes there, and nothing else. Source: S3 user guide, "Setting up permissions for live replication". */
function replicationRole(made: readonly Made[]): Resources[string] {
  const from = made.map(({ name }) => name);
  const to = made.map(({ there }) => there);
  const allow = (Sid: string, Action: readonly string[], Resource: readonly Value[]) => ({
    Sid,
    Effect: 'Allow',
    Action,
    Resource,
  });
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 's3.amazonaws.com' },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
          },
        ],
      },
      Policies: [
        {
          PolicyName: 'replicate-exports',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              allow('See', ['s3:GetReplicationConfiguration', 's3:ListBucket'], from.map(inS3)),
              allow(
                'Read',
                ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging'],
                from.map((name) => inS3(`${name}/*`)),
              ),
              allow(
                'Write',
                ['s3:ReplicateObject', 's3:ReplicateTags'],
                to.map((name) => inS3(`${name}/*`)),
              ),
            ],
          },
        },
      ],
    },
  };
}
