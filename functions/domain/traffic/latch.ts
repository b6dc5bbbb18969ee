// Names the latch of a region: the object in a bucket that, while it can be read, keeps users away from that region. Pure.

/** The key of a region's latch, the same in each bucket; of `*` the pattern of all latches, as policies take it. */
export function latchKey(region: string): string {
  return `latch/${region}`;
}

/** A latch as records and rights name it: its bucket and its key. */
export function latchObject(bucket: string, region: string): string {
  return `${bucket}/${latchKey(region)}`;
}
