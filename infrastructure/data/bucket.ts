// What the buckets of a stack have in common: how they are encrypted, who owns what is in them, and, of all but those of the latches, that
// nobody but this account gets in and nothing travels in clear.
import { sub, type Value } from '../template.ts';

/** Where it is in S3, as policies name it. */
export function inS3(path: string): Value {
  return sub(`arn:\${AWS::Partition}:s3:::${path}`);
}

/** The key of S3 itself: a key of KMS would have to let each service in that reads or writes here, and answers nobody who does not sign. */
export const ownBucket = {
  BucketEncryption: {
    ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
  },
  OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
} as const;

export const closedBucket = {
  ...ownBucket,
  PublicAccessBlockConfiguration: {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  },
} as const;

/** The statement of its policy that refuses what is not encrypted on its way. */
export function encryptedOnly(name: string): Value {
  return {
    Sid: 'EncryptedOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [inS3(name), inS3(`${name}/*`)],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}
