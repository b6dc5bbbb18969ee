// Writes carry numbers, and the replica in the standby region replays them with a lag. What the engine reports of that lag
// is another figure than what is behind. What a promotion cost is known here and nowhere else.
import { struckBy } from '../faults.ts';
import { tickSeconds, type World } from '../world.ts';
import type { Database, Instance } from './database.ts';

/** Writes each second when every request succeeds. */
const writesPerSecond = 40;
/** Jobs of a region that users have left, and clients that keep an old answer of DNS. */
const leftoverPerSecond = 2;

/**
 * How often RDS writes a transaction of its own and switches the WAL segment of PostgreSQL, also where nobody writes
 * [AWS, read replica limitations with PostgreSQL].
 */
const walSwitchSeconds = 300;

export type Replication = {
  /** Commits what was written since the last time, by users in their region and by what is left in the other. */
  commit(usersRegion: string, successRatio: number): void;
  /** Commits, and replays what reached the replica. */
  tick(usersRegion: string, successRatio: number): void;
  /** Whether the replica receives what its source writes. */
  isRunning(): boolean;
  /** Seconds behind, in truth; null where replication does not run. */
  behindSeconds(): number | null;
  /** What ReplicaLag reports, as its engine counts; null where it says that it does not know, or nothing. */
  lagSeconds(): number | null;
  lastCommitted(): number;
  lastReplicated(): number;
  /** Lag when the writer was last seen alive; null where replication did not run then. */
  lagAtOutageSeconds(): number | null;
  /** Writes that the old writer took between two times, after the promotion had begun. */
  divergedBetween(from: number, until: number): number;
  /** What the promotion cost; nothing where there was none. */
  loss(): { readonly writes: number; readonly seconds: number; readonly divergedWrites: number };
};

export function createReplication(world: World, database: Database): Replication {
  const { asset, primary: source, replica } = database;
  const { engine } = asset;
  // What was committed when, as far back as the replica has not replayed it.
  let commits: { at: number; sequence: number }[] = [{ at: world.now(), sequence: source.sequence }];
  let lastCommitAt = world.now();
  let committedUntil = world.now();
  // Times of RDS's own transactions, the last one that the replica has replayed first.
  let ownCommits = [world.now()];
  let replayedUntil = world.now();
  let lag = 0;
  let aliveLag: number | null = 0;
  let cutSince: number | null = null;
  let patienceSeconds = 0;
  let running = true;
  let traffic = { usersRegion: source.region, successRatio: 1 };
  let loss: { writes: number; seconds: number } | null = null;
  const diverged: { from: number; until: number; writes: number }[] = [];

  const isStruck = (kind: 'replica-broken' | 'writer-idle'): boolean =>
    world.faults.of(kind).some((fault) => struckBy(fault, world.plan) === asset.name);
  const isBroken = (): boolean => isStruck('replica-broken');
  const linked = (): boolean =>
    world.canReach(source.region, replica.region) &&
    database.condition(replica) !== 'down' &&
    database.condition(source) !== 'down' &&
    !isBroken();
  const behindSeconds = (): number | null => {
    if (!running) return null;
    // An idle writer leaves nothing to wait for; without the way between them only the time since is known.
    if (cutSince === null && replica.sequence >= source.sequence) return 0;
    return (world.now() - replayedUntil) / 1000;
  };
  /**
   * PostgreSQL reports the age of the last transaction that was replayed, whether or not there is anything newer, and
   * goes on when replication is broken. The others report nothing behind, or that replication does not run.
   */
  const lagSeconds = (): number | null => {
    if (engine !== 'postgres') return behindSeconds();
    if (loss !== null || database.condition(replica) === 'down') return null;
    return (world.now() - Math.max(Math.min(lastCommitAt, replayedUntil), ownCommits[0] ?? 0)) / 1000;
  };

  const replayUntil = (time: number): void => {
    replayedUntil = Math.max(replayedUntil, time);
    replica.sequence = Math.max(replica.sequence, sequenceAt(replayedUntil));
    ownCommits = ownCommits.slice(
      Math.max(
        0,
        ownCommits.findLastIndex((at) => at <= replayedUntil),
      ),
    );
    commits = commits.slice(
      Math.max(
        0,
        commits.findLastIndex(({ at }) => at <= replayedUntil),
      ),
    );
  };

  const replay = (): void => {
    const now = world.now();
    lag = world.draw('replica-lag', world.chances.physics);
    if (linked()) {
      if (!running) database.announce(replica, 'RDS-EVENT-0046');
      running = true;
      cutSince = null;
      // A backlog is worked off ten times faster than it grew.
      replayUntil(Math.min(now - lag * 1000, replayedUntil + tickSeconds * 10_000));
      return;
    }
    if (cutSince === null) {
      cutSince = now;
      patienceSeconds = world.draw('replication-loss-detection', world.chances.physics);
    }
    // A fault of replication itself says so at once; a cut way is noticed by the silence.
    const patience = isBroken() ? 0 : patienceSeconds;
    if (running && now - cutSince >= patience * 1000) {
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

  const write = (instance: Instance, usersRegion: string, successRatio: number, seconds: number): void => {
    if (!database.writable(instance) || isStruck('writer-idle')) return;
    const each = instance.region === usersRegion ? writesPerSecond * successRatio : leftoverPerSecond;
    const writes = Math.round(each * seconds);
    instance.sequence += writes;
    if (instance !== source || writes === 0) return;
    lastCommitAt = world.now();
    if (loss !== null) diverged.push({ from: world.now() - seconds * 1000, until: world.now(), writes });
  };

  const commit: Replication['commit'] = (usersRegion, successRatio) => {
    const now = world.now();
    traffic = { usersRegion, successRatio };
    const seconds = (now - committedUntil) / 1000;
    if (seconds === 0) return;
    committedUntil = now;
    for (const instance of [source, replica]) write(instance, usersRegion, successRatio, seconds);
    if (now - (ownCommits.at(-1) ?? 0) >= walSwitchSeconds * 1000 && database.condition(source) !== 'down')
      ownCommits.push(now);
    commits.push({ at: now, sequence: source.sequence });
    // What is sent between two looks arrives as well.
    if (loss === null && linked()) replayUntil(now - lag * 1000);
    if (database.condition(source) !== 'down') aliveLag = behindSeconds();
  };

  database.onPromotion(() => {
    commit(traffic.usersRegion, traffic.successRatio);
    const writes = Math.max(0, source.sequence - replica.sequence);
    const seconds = writes === 0 ? 0 : Math.max(0, (lastCommitAt - replayedUntil) / 1000);
    loss = { writes, seconds };
    running = false;
  });

  const divergedBetween: Replication['divergedBetween'] = (from, until) =>
    diverged.reduce((sum, one) => sum + (one.from < until && one.until > from ? one.writes : 0), 0);

  return {
    commit,
    divergedBetween,
    tick(usersRegion, successRatio) {
      commit(usersRegion, successRatio);
      // From the moment in which a promotion begins nothing is replayed any more: there the histories part.
      if (loss === null) replay();
    },
    isRunning: () => running,
    behindSeconds,
    lagSeconds,
    lastCommitted: () => source.sequence,
    lastReplicated: () => replica.sequence,
    lagAtOutageSeconds: () => aliveLag,
    loss: () => ({
      writes: loss?.writes ?? 0,
      seconds: loss?.seconds ?? 0,
      divergedWrites: divergedBetween(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    }),
  };
}
