// Reads and writes objects of S3, and what is known of them without reading.
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { limits, oneForEachRegion } from './calls/client.ts';
import { calling, faultName } from './calls/faults.ts';

const s3 = /* @__PURE__ */ oneForEachRegion((region) => new S3Client({ region, ...limits }));

/** An object by its bucket, where that stands, and its key. */
export type ObjectPlace = { readonly region: string; readonly bucket: string; readonly key: string };

/** `at`: when it was written, in milliseconds since 1970. */
export type ObjectSeen = { readonly at: number };

/** What is known of an object; null where there is none. @throws Unavailable, CannotProceed. */
export async function seeObject({ region, bucket, key }: ObjectPlace): Promise<ObjectSeen | null> {
  const request = s3(region).send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  return orNone(
    calling(`look for ${key} in ${bucket}`, request).then(({ LastModified }) => ({ at: LastModified?.getTime() ?? 0 })),
  );
}

/**
 * Whether there is an object, or anything in a folder (a key that ends with a slash), for whoever may list the bucket and read nothing of it: a
 * state of Terraform holds secrets. @throws Unavailable, CannotProceed.
 */
export async function isListed({ region, bucket, key }: ObjectPlace): Promise<boolean> {
  const request = s3(region).send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }));
  // Keys come in their order, so that the shortest of those that begin so is first.
  const first = (await calling(`look for ${key} in ${bucket}`, request)).Contents?.[0]?.Key;
  return key.endsWith('/') ? first !== undefined : first === key;
}

/** The text of an object; null where there is none. @throws Unavailable, CannotProceed. */
export async function readObject({ region, bucket, key }: ObjectPlace): Promise<string | null> {
  const request = s3(region).send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return orNone(calling(`read ${key} of ${bucket}`, request).then(({ Body }) => Body?.transformToString() ?? ''));
}

/** Writes an object, over one that is there. @throws Unavailable, CannotProceed. */
export async function writeObject({ region, bucket, key }: ObjectPlace, text: string, type: string): Promise<void> {
  const request = new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: type });
  await calling(`write ${key} to ${bucket}`, s3(region).send(request));
}

async function orNone<Found>(asked: Promise<Found>): Promise<Found | null> {
  try {
    return await asked;
  } catch (error) {
    if (/^(NotFound|NoSuchKey)$/.test(faultName(error))) return null;
    throw error;
  }
}
