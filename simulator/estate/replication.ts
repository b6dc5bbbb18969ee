// Writes carry numbers, and the replica in the standby region replays them with a lag. A lag is a figure only while
// replication runs; otherwise it is not known.
import type { Database } from './database.ts';
import { tickSeconds, type World } from './world.ts';

/** Writes each second when every request succeeds. */
const writesPerSecond = 40;

export type Replication = {
  /** Commits the writes of one tick in the users' region, and replays what reached the replica. */
  tick(usersRegion: string, successRatio: number): void;
  /** Seconds behind; null where replication does not run. */
  lagSeconds(): number | null;
  lastCommitted(): number;
  lastReplicated(): number;
};

export function createReplication(world: World, database: Database): Replication {
  const { plan } = world;
  const source = database.instance(plan.database.instance, plan.roles.primary);
  const replica = database.instance(plan.database.replica, plan.roles.standby);
  if (source === null || replica === null) throw new Error('the plan names no database to replicate');
  // What was committed when, as far back as the replica has not replayed it.
  let commits: { at: number; sequence: number }[] = [{ at: world.now(), sequence: source.sequence }];
  let replayedUntil = world.now();
  let cutSince: number | null = null;
  let patienceSeconds = 0;
  let running = true;

  const replay = (): void => {
    const now = world.now();
    const lag = world.draw('replica-lag', world.chances.physics);
    const linked = world.canReach(source.region, replica.region) && database.condition(replica) !== 'down';
    if (linked && database.condition(source) !== 'down') {
      if (!running) database.announce(replica, 'RDS-EVENT-0046');
      running = true;
      cutSince = null;
      // A backlog is worked off ten times faster than it grew.
      replayedUntil = Math.max(replayedUntil, Math.min(now - lag * 1000, replayedUntil + tickSeconds * 10_000));
      replica.sequence = Math.max(replica.sequence, sequenceAt(replayedUntil));
      commits = commits.slice(
        Math.max(
          0,
          commits.findLastIndex(({ at }) => at <= replayedUntil),
        ),
      );
      return;
    }
    if (cutSince === null) {
      cutSince = now;
      patienceSeconds = world.draw('replication-loss-detection', world.chances.physics);
    }
    if (running && now - cutSince >= patienceSeconds * 1000) {
      running = false;
      database.announce(replica, 'RDS-EVENT-0045');
    }
  };

  const sequenceAt = (time: number): number => {
    const after = commits.findIndex(({ at }) => at > time);
    const [from, to] = [commits[after - 1], commits[after]];
    if (from === undefined || to === undefined) return after === -1 ? (commits.at(-1)?.sequence ?? 0) : 0;
    return from.sequence + Math.floor(((to.sequence - from.sequence) * (time - from.at)) / (to.at - from.at));
  };

  return {
    tick(usersRegion, successRatio) {
      const writer = database.inRegion(usersRegion);
      if (writer !== null && database.writable(writer)) {
        writer.sequence += Math.round(writesPerSecond * tickSeconds * successRatio);
      }
      commits.push({ at: world.now(), sequence: source.sequence });
      if (replica.sourceId === null) running = false;
      else replay();
    },
    lagSeconds: () => (running ? (world.now() - replayedUntil) / 1000 : null),
    lastCommitted: () => source.sequence,
    lastReplicated: () => replica.sequence,
  };
}
