// served-then-redirect: users are never sent to a region whose database is not writable and verified.
import { describe, type Invariant, type Violation } from './history.ts';
import type { Mutation, ObservationOf } from './observations.ts';
import { regionActOf } from './region-acts.ts';

type Tick = ObservationOf<'tick'>;

export const servedThenRedirect: Invariant = (history) => {
  const violations: Violation[] = [];
  const leaving = new Map<string, string | null>();
  const redirects = history.of('mutation').filter((mutation) => {
    const act = regionActOf(mutation, history.executions.get(mutation.execution)?.stateMachine);
    // A latch that is deleted is re-armed; where users are by then shows in the ticks.
    return act === 'redirected' && mutation.operation !== 'DeleteObject';
  });
  let tick: Tick | null = null;
  let usersRegion: string | null = null;
  for (const moment of [...history.of('tick'), ...redirects].sort((a, b) => a.at - b.at)) {
    if (moment.kind === 'mutation') {
      // A flow that redirects in two calls leaves the region where users were before the first.
      if (!leaving.has(moment.execution)) leaving.set(moment.execution, usersRegion);
      violations.push(...judgeRedirect(moment, tick, leaving.get(moment.execution) ?? null));
      continue;
    }
    tick = moment;
    const arrived = moment.usersRegion;
    const missing =
      arrived === null || usersRegion === null || arrived === usersRegion ? null : notReady(arrived, moment);
    if (missing !== null)
      violations.push({
        at: moment.at,
        what: `users came from ${usersRegion} to ${arrived}, whose database is ${missing}`,
      });
    usersRegion = arrived ?? usersRegion;
  }
  return violations;
};

function judgeRedirect(mutation: Mutation, tick: Tick | null, leaving: string | null): Violation[] {
  const regions = tick?.writableRegions ?? [];
  const ready = tick !== null && regions.some((region) => region !== leaving && notReady(region, tick) === null);
  return ready
    ? []
    : [{ at: mutation.at, what: `${describe(mutation)}, while no other region's database was writable and verified` }];
}

/** What a region's database lacks; null where users may come. */
function notReady(region: string, tick: Tick): string | null {
  if (!tick.writableRegions.includes(region)) return 'not writable';
  return tick.databaseVerifiedRegions?.includes(region) === true ? null : 'not verified';
}
