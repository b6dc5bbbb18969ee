// The service's DNS record: where users go, and how long a change takes to reach them. A latch, an object in a bucket
// outside a region, turns that region's record away by an inverted health check; a changed record does the same through
// Route 53.
import type { Caller } from '../types.ts';
import type { World } from '../world.ts';
import { changed, leadsTo, type RecordChange, type RecordShape, serviceZone, type Zone } from './records.ts';

export type Change = { readonly id: string; readonly inSyncAt: number };

export type Dns = {
  usersRegion(): string;
  /** Changes the records. @throws what Route 53 refuses; an Error for a name in which no region of the plan stands */
  change(changes: readonly RecordChange[], id: string, caller: Caller): Change;
  zone(): Zone;
  changeOf(id: string): Change | null;
  /** The service's record is, and has long been, of another shape than the redirection of the plan needs. */
  reshape(shape: RecordShape): void;
  /** Looks at the latches; `isClosed` says whether one of a region can be read. */
  follow(isClosed: (region: string) => boolean, caller: Caller | null): void;
};

export function createDns(world: World): Dns {
  const { plan } = world;
  const { primary, standby } = plan.roles;
  const { mode, record, ttlSeconds } = plan.redirection;
  const changes = new Map<string, Change>();
  let zone = serviceZone(mode === 'latch' ? 'failover' : 'simple', plan);
  let isLatched = false;
  let target = primary;
  let usersRegion = primary;

  const wanted = (): string => {
    const name = leadsTo(zone, record, isLatched);
    const region = Object.keys(plan.regions).find((known) => name.includes(known));
    if (region === undefined) throw new Error(`${record} leads to '${name}', which names no region of the plan`);
    return region;
  };

  /** Clients keep an answer for its time to live. */
  const move = (latency: 'dns-change' | 'health-check-detection', caller: Caller | null): number => {
    const region = wanted();
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
    zone: () => zone,
    change(asked, id, caller) {
      zone = changed(zone, asked);
      const change = { id, inSyncAt: world.now() + move('dns-change', caller) * 1000 };
      changes.set(id, change);
      return change;
    },
    changeOf: (id) => changes.get(id) ?? null,
    reshape(shape) {
      zone = serviceZone(shape, plan);
    },
    follow(isClosed, caller) {
      // With both latches closed no record is healthy, and Route 53 answers the first.
      const latched = isClosed(primary) && !isClosed(standby);
      if (latched === isLatched) return;
      isLatched = latched;
      if (target !== wanted()) move('health-check-detection', caller);
    },
  };
}
