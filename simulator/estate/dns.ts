// The service's DNS record: where users go, and how long a change takes to reach them. A latch, an object in a bucket
// outside a region, turns that region's record away by an inverted health check; a changed record does the same through
// Route 53.
import type { Caller } from './types.ts';
import type { World } from './world.ts';

/** Key of the object that, while it can be read, keeps users away from a region. */
export function latchKey(region: string): string {
  return `latch/${region}`;
}

export type Change = { readonly id: string; readonly inSyncAt: number };

export type Dns = {
  usersRegion(): string;
  /** Points the record at a region by a change of records. */
  change(region: string, id: string, caller: Caller): Change;
  changeOf(id: string): Change | null;
  /** Looks at the latches; `isClosed` says whether one of a region can be read. */
  follow(isClosed: (region: string) => boolean, caller: Caller | null): void;
};

export function createDns(world: World): Dns {
  const { plan } = world;
  const { primary, standby } = plan.roles;
  const { record, ttlSeconds } = plan.redirection;
  const changes = new Map<string, Change>();
  let latched = primary;
  let target = primary;
  let usersRegion = primary;

  /** Clients keep an answer for its time to live. */
  const move = (region: string, latency: 'dns-change' | 'health-check-detection', caller: Caller | null): number => {
    const seconds = world.draw(latency);
    world.recordWork(latency, record, seconds + ttlSeconds, caller);
    target = region;
    world.after(seconds + ttlSeconds, () => {
      if (target === region) usersRegion = region;
    });
    return seconds;
  };

  return {
    usersRegion: () => usersRegion,
    change(region, id, caller) {
      const change = { id, inSyncAt: world.now() + move(region, 'dns-change', caller) * 1000 };
      changes.set(id, change);
      return change;
    },
    changeOf: (id) => changes.get(id) ?? null,
    follow(isClosed, caller) {
      // With both latches closed no record is healthy, and Route 53 answers the first.
      const wanted = isClosed(primary) && !isClosed(standby) ? standby : primary;
      if (wanted === latched) return;
      latched = wanted;
      if (target !== wanted) move(wanted, 'health-check-detection', caller);
    },
  };
}
