// served-then-redirect: users are never sent to a region in which a database is not writable and verified, each by its name.
// Where there is no database, nothing of it can be missing.
import { describe, type Invariant, type Violation } from './model/history.ts';
import type { Mutation, ObservationOf } from './model/observations.ts';
import { regionActOf } from './model/region-acts.ts';

type Tick = ObservationOf<'tick'>;

/** Resolvers follow a record within minutes: what fails while users are on their way had been ready when they were sent. */
const followMs = 5 * 60_000;
/** The application reads the address of its database again so often: what was proved takes its writes no later than that, and before users come. */
const readAgainMs = 30_000;

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
  let sent: { readonly at: number; readonly to: readonly string[] } | null = null;
  const ticks = history.of('tick');
  for (const moment of [...ticks, ...redirects].sort((a, b) => a.at - b.at)) {
    if (moment.kind === 'mutation') {
      // A flow that redirects in two calls leaves the region where users were before the first.
      if (!leaving.has(moment.execution)) leaving.set(moment.execution, usersRegion);
      const soon = ticks.filter(({ at }) => at > moment.at && at <= moment.at + readAgainMs);
      violations.push(...judgeRedirect(moment, tick, soon, leaving.get(moment.execution) ?? null));
      sent = { at: moment.at, to: readyIn(tick) };
      continue;
    }
    tick = moment;
    const arrived = moment.usersRegion;
    const isMoved = arrived !== null && usersRegion !== null && arrived !== usersRegion;
    const isSent = sent !== null && arrived !== null && sent.to.includes(arrived) && moment.at - sent.at <= followMs;
    const missing = isMoved && !isSent ? notReady(arrived, moment) : null;
    if (missing !== null)
      violations.push({
        at: moment.at,
        what: `users came from ${usersRegion} to ${arrived}, where ${missing}`,
      });
    if (isMoved) sent = null;
    usersRegion = arrived ?? usersRegion;
  }
  return violations;
};

/** What was not verified before counts as nothing; what takes writes may come `soon`. */
function judgeRedirect(
  mutation: Mutation,
  tick: Tick | null,
  soon: readonly Tick[],
  leaving: string | null,
): Violation[] {
  if (tick !== null && Object.keys(tick.writable).length === 0) return [];
  const asProved = tick === null ? [] : [tick, ...soon].map((one) => ({ ...one, verified: tick.verified }));
  return asProved.some((one) => readyIn(one).some((region) => region !== leaving))
    ? []
    : [
        {
          at: mutation.at,
          what: `${describe(mutation)}, while no other region's databases were writable and verified`,
        },
      ];
}

/** The regions that users may come to. */
function readyIn(tick: Tick | null): readonly string[] {
  const regions = new Set(Object.values(tick?.writable ?? {}).flat());
  return [...regions].filter((region) => tick !== null && notReady(region, tick) === null);
}

/** What the databases of a region lack; null where users may come. */
function notReady(region: string, { writable, verified }: Tick): string | null {
  const databases = Object.keys(writable);
  const closed = databases.find((database) => writable[database]?.includes(region) !== true);
  if (closed !== undefined) return `${closed} is not writable`;
  const unproved = databases.find((database) => verified[database]?.includes(region) !== true);
  return unproved === undefined ? null : `${unproved} is not verified`;
}
