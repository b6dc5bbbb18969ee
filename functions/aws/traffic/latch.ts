// Looks at, closes and opens the latch of a region: an object that, while it can be read, keeps users away from that region. Also writes the object
// beside the latches by which anybody may try whether they can be read.
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { latchKey, readableMark } from '../../domain/traffic/latch.ts';
import { limits, oneForEachRegion } from '../calls/client.ts';
import { calling, faultName } from '../calls/faults.ts';

const s3 = oneForEachRegion((region) => new S3Client({ region, ...limits }));

/** Whether a bucket holds the latch of a region. @throws Unavailable, CannotProceed. */
export async function isLatched(bucketRegion: string, bucket: string, region: string): Promise<boolean> {
  const request = new HeadObjectCommand({ Bucket: bucket, Key: latchKey(region) });
  try {
    await calling(`look for the latch of ${region} in ${bucket}`, s3(bucketRegion).send(request));
    return true;
  } catch (error) {
    if (/^(NotFound|NoSuchKey)$/.test(faultName(error))) return false;
    throw error;
  }
}

/** Puts the latch of a region into a bucket: users leave that region. @throws Unavailable, CannotProceed. */
export async function closeLatch(bucketRegion: string, bucket: string, region: string, body: string): Promise<void> {
  const request = new PutObjectCommand({ Bucket: bucket, Key: latchKey(region), Body: body });
  await calling(`close the latch of ${region} in ${bucket}`, s3(bucketRegion).send(request));
}

/** Takes the latch of a region out of a bucket: once none can be read, users may come back. @throws Unavailable, CannotProceed. */
export async function openLatch(bucketRegion: string, bucket: string, region: string): Promise<void> {
  const request = new DeleteObjectCommand({ Bucket: bucket, Key: latchKey(region) });
  await calling(`open the latch of ${region} in ${bucket}`, s3(bucketRegion).send(request));
}

/** Writes what is always there beside the latches. @throws Unavailable, CannotProceed. */
export async function writeReadable(bucketRegion: string, bucket: string): Promise<void> {
  const Key = latchKey(readableMark);
  const request = new PutObjectCommand({ Bucket: bucket, Key, Body: 'health checks can read this bucket\n' });
  await calling(`write ${Key} to ${bucket}`, s3(bucketRegion).send(request));
}
