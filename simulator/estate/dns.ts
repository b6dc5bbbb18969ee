// The service's DNS record: where users go, and how long a change takes to reach them. A latch, an object in a bucket
// outside the primary region, turns the primary record away; a changed record does the same through Route 53.
import type { World } from './world.ts';

/** Key of the object that, while it can be read, keeps users away from a region. */
export function latchKey(region: string): string {
  return `latch/${region}`;
}

export type Change = { readonly id: string; readonly inSyncAt: number };

export type Dns = {
  usersRegion(): string;
  /** What the record answers once all has spread. */
  target(): string;
  /** Points the record at a region by a change of records. */
  change(region: string, id: string): Change;
  changeOf(id: string): Change | null;
  /** A latch object was written or deleted. */
  latch(region: string, closed: boolean): void;
};

export function createDns(world: World): Dns {
  const { plan } = world;
  const { primary, standby } = plan.roles;
  const changes = new Map<string, Change>();
  let target = primary;
  let usersRegion = primary;

  const move = (region: string, seconds: number): void => {
    target = region;
    // Clients keep an answer for its time to live.
    world.after(seconds + plan.redirection.ttlSeconds, () => {
      if (target === region) usersRegion = region;
    });
  };

  return {
    usersRegion: () => usersRegion,
    target: () => target,
    change(region, id) {
      const seconds = world.draw('dns-change');
      const change = { id, inSyncAt: world.now() + seconds * 1000 };
      changes.set(id, change);
      move(region, seconds);
      return change;
    },
    changeOf: (id) => changes.get(id) ?? null,
    latch(region, closed) {
      const other = region === primary ? standby : primary;
      move(closed ? other : region, world.draw('health-check-detection'));
    },
  };
}
