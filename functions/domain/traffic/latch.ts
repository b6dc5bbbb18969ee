// Names the latch of a region: the object in a bucket that, while it can be read, keeps users away from that region; and says where it is read and
// what is wrong where it cannot be. Pure.

/** The key of a region's latch, the same in each bucket; of `*` the pattern of all latches, as policies take it. */
export function latchKey(region: string): string {
  return `latch/${region}`;
}

/** A latch as records and rights name it: its bucket and its key. */
export function latchObject(bucket: string, region: string): string {
  return `${bucket}/${latchKey(region)}`;
}

/** An object beside the latches that is always there: who may read it may read a latch, and nobody is moved by that. */
export const readableMark = 'readable';

/** The host of a bucket that the health checks ask. `at`: the region of the bucket. */
export function latchHost(at: string, bucket: string): string {
  return `${bucket}.s3.${at}.amazonaws.com`;
}

/** Where the health checks look, and how: without TLS, and nobody signs. */
export function latchUrl(at: string, bucket: string, region: string): string {
  return `http://${latchHost(at, bucket)}/${latchKey(region)}`;
}

/** What a bucket answers to whoever signs nothing. `status`: null where nobody answers. */
export type Reading = { readonly bucket: string; readonly status: number | null };

/**
 * Whether an object that lies in a bucket can be read by the health checks; null where the answer says nothing of that. S3 answers 403 where a block
 * of public access keeps them out, also to an object that is there: the strictest setting of bucket, account and organization counts.
 * Source: S3, "Blocking public access to your Amazon S3 storage".
 */
export function isReadable({ status }: Pick<Reading, 'status'>): boolean | null {
  if (status === null || status >= 500) return null;
  return status === 200;
}

/** Where the cause is to be found, for a person who may never have heard of latches. */
const whereBlocked = 'look at S3 Block Public Access of the bucket, of the account and of the organization';

/** Of latches that lie where no health check sees them, so that users stay. */
export function unseenWords(region: string, readings: readonly Reading[]): string {
  return `the latch of ${region} lies in ${answersOf(readings)}, but nobody without credentials can read it, so that users are not sent away: ${whereBlocked}`;
}

/** The same before anything happens, by the object that is always there. */
export function unreadableWords(readings: readonly Reading[]): string {
  return `health checks cannot read what lies in ${answersOf(readings)}, so that a closed latch moves nobody: ${whereBlocked}`;
}

function answersOf(readings: readonly Reading[]): string {
  return readings.map(({ bucket, status }) => `${bucket} (${status ?? 'no answer'})`).join(' and ');
}
