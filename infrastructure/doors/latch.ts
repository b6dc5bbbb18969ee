// How users are moved: latch buckets, and the failover records with the health checks that look at the latches. All of it
// is made at deployment; a failover only writes an object, which needs no control plane.
import { latchHost, latchKey } from '../../functions/domain/traffic/latch.ts';
import { ownBucket } from '../data/bucket.ts';
import { kept, pascal, type Resources, ref, sub, type Value } from '../template.ts';
import type { Stack } from '../values.ts';

/** The buckets that the plan puts into this region, each once: one may hold the latches of both directions. */
export function latchBuckets({ plan, region }: Stack): Resources {
  if (plan.redirection.mode !== 'latch') return {};
  const here = Object.values(plan.redirection.latchBuckets).flatMap((buckets) => buckets[region] ?? []);
  return Object.assign({}, ...[...new Set(here)].map(latchBucket));
}

/**
 * Health checkers of Route 53 sign nothing, so that anybody may read the latches, and nothing else: not list, not write.
 * What can be learnt is that a region was given up, which its users know by then. For that reason it is encrypted with S3's
 * own key (a key of KMS answers nobody who does not sign), and an account that blocks public policies as a whole needs an
 * exception for these buckets.
 */
function latchBucket(name: string): Resources {
  const bucket = `${pascal(name)}Bucket`;
  const arn = (path: string) => sub(`arn:\${AWS::Partition}:s3:::${name}${path}`);
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ReadLatches',
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: arn(`/${latchKey('*')}`),
      },
      {
        // The health checks read without TLS: they would not check the certificate, and the option has its price.
        Sid: 'EncryptedOnly',
        Effect: 'Deny',
        Principal: '*',
        NotAction: 's3:GetObject',
        Resource: [arn(''), arn('/*')],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Sid: 'OnlyThisAccountWrites',
        Effect: 'Deny',
        Principal: '*',
        NotAction: 's3:GetObject',
        Resource: [arn(''), arn('/*')],
        Condition: { StringNotEquals: { 'aws:PrincipalAccount': ref('AWS::AccountId') } },
      },
    ],
  };
  return {
    [bucket]: {
      Type: 'AWS::S3::Bucket',
      ...kept, // a bucket that goes while a latch lies in it sends users back
      Properties: {
        BucketName: name,
        VersioningConfiguration: { Status: 'Enabled' },
        LifecycleConfiguration: {
          Rules: [
            {
              Id: 'old-versions',
              Status: 'Enabled',
              NoncurrentVersionExpiration: { NoncurrentDays: 365 },
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
          ],
        },
        ...ownBucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: false,
          RestrictPublicBuckets: false,
        },
      },
    },
    [`${bucket}Policy`]: {
      Type: 'AWS::S3::BucketPolicy',
      ...kept,
      Properties: { Bucket: ref(bucket), PolicyDocument: policy },
    },
  };
}

/**
 * The stack of the plan's primary makes them, for both directions: the primary record follows the latch of the primary
 * region, the secondary one that of the standby. Where both are latched, Route 53 answers with the primary record.
 *
 * A health check is inverted: a latch that can be read makes it fail, and a bucket that is lost makes it pass. The check
 * of a record passes only while all of its region's checks pass, so that one latch that can be read keeps users away.
 *
 * A new inverted check counts as failed until it has looked. Deploy with `--param records=elsewhere` first, and with the
 * records when the checks have passed: users would otherwise visit the standby for some seconds.
 */
export function failoverRecords(stack: Stack): Resources {
  const { plan, region, makesRecords } = stack;
  const { primary, standby } = plan.roles;
  if (region !== primary || plan.redirection.mode !== 'latch') return {};
  return {
    ...healthChecks(primary, stack),
    ...healthChecks(standby, stack),
    ...(makesRecords ? { PrimaryRecord: record(primary, 'PRIMARY', stack) } : {}),
    ...(makesRecords ? { SecondaryRecord: record(standby, 'SECONDARY', stack) } : {}),
  };
}

function healthChecks(givenUp: string, { plan, prefix }: Stack): Resources {
  const tags = (name: string): Value => [{ Key: 'Name', Value: `${prefix}-${name}` }];
  const buckets = Object.entries(plan.redirection.latchBuckets[givenUp] ?? {});
  const checks = buckets.map(([at, bucket]) => {
    const check = {
      Type: 'AWS::Route53::HealthCheck',
      ...kept, // the records stay, and a record whose health check is gone answers as nobody can predict
      Properties: {
        HealthCheckConfig: {
          Type: 'HTTP',
          FullyQualifiedDomainName: latchHost(at, bucket),
          Port: 80,
          ResourcePath: `/${latchKey(givenUp)}`,
          RequestInterval: 30,
          FailureThreshold: 1,
          Inverted: true,
        },
        HealthCheckTags: tags(`latch-${givenUp}-in-${at}`),
      },
    };
    return [`Latch${pascal(givenUp)}In${pascal(at)}Check`, check] as const;
  });
  return {
    ...Object.fromEntries(checks),
    [keptCheck(givenUp)]: {
      Type: 'AWS::Route53::HealthCheck',
      ...kept,
      Properties: {
        HealthCheckConfig: {
          Type: 'CALCULATED',
          ChildHealthChecks: checks.map(([name]) => ref(name)),
          HealthThreshold: checks.length,
        },
        HealthCheckTags: tags(`${givenUp}-not-given-up`),
      },
    },
  };
}

function keptCheck(region: string): string {
  return `${pascal(region)}NotGivenUpCheck`;
}

function record(region: string, failover: 'PRIMARY' | 'SECONDARY', { plan }: Stack): Resources[string] {
  const { hostedZone, record: name, ttlSeconds } = plan.redirection;
  const url = plan.service.regionalHealthUrls[region];
  if (url === undefined) throw new Error(`the plan has no address of ${region}, which check/refusals.ts refuses`);
  return {
    Type: 'AWS::Route53::RecordSet',
    ...kept, // removing the stack must not take the service off the net
    Properties: {
      HostedZoneId: hostedZone,
      Name: name,
      Type: 'CNAME',
      TTL: String(ttlSeconds),
      ResourceRecords: [new URL(url).hostname],
      SetIdentifier: region,
      Failover: failover,
      HealthCheckId: ref(keptCheck(region)),
    },
  };
}
