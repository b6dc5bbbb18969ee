// What every bucket that a stack makes for itself has: nobody but this account gets in, and nothing travels in clear.
import type { Value } from './template.ts';
import { sub } from './template.ts';

/** Where it is in S3, as policies name it. */
export function inS3(path: string): Value {
  return sub(`arn:\${AWS::Partition}:s3:::${path}`);
}

/** The key of S3 itself: a key of KMS would have to let each service in that reads or writes here. */
export const closedBucket = {
  BucketEncryption: {
    ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
  },
  OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
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
