// How often something may fail at the door: from one address, with one link, of one caller. What is right is never counted. Pure.

/** At most so many hits in a window of so many seconds. */
export type Limit = { readonly most: number; readonly seconds: number };

export const limits = {
  /** Links that open nothing, and callers that are no contact. */
  address: { most: 30, seconds: 60 },
  /** Forms of one true link that are not taken. */
  answer: { most: 20, seconds: 600 },
  caller: { most: 30, seconds: 60 },
} as const satisfies Record<string, Limit>;

/** When the window that a time falls into began, in milliseconds since 1970. */
export function windowStart(now: number, { seconds }: Limit): number {
  return Math.floor(now / (seconds * 1000)) * seconds * 1000;
}

/** What counts as one address: of IPv6 the first 64 bits, of which everybody has all the rest. */
export function addressBlock(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [front, back] = address.toLowerCase().split('::');
  const [before, after] = [groupsOf(front), groupsOf(back)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

function groupsOf(part = ''): string[] {
  return part.split(':').filter((group) => group !== '');
}
