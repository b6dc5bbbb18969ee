// Writes carry numbers, and the replica in the standby region replays them with a lag. What the engine reports of that lag
// is another figure than what is behind. What a promotion or a restore cost is known here and nowhere else.
import { consumedPerSecond } from '../consumers/twin.ts';
import { struckBy } from '../faults/faults.ts';
import { databaseEndpoint, type Parameters } from '../ssm-parameters/parameters.ts';
import type { Counts, Lost } from '../types.ts';
import { tickSeconds, type World } from '../world.ts';
import { createLedger, type Ledger, writesPerSecond } from './data/ledger.ts';
import type { Database, Fork, Instance } from './database.ts';

/** Jobs of a region that users have left, and clients that keep an old answer of DNS. */
const leftoverPerSecond = 2;

/**
 * How often RDS writes a transaction of its own and switches the WAL segment of PostgreSQL, also where nobody writes
 * [AWS, read replica limitations with PostgreSQL].
 */
const walSwitchSeconds = 300;

const all: Counts = () => true;

/** What one promotion or restore cost. */
/** `until`: when the last of the lost writes was made. */
type Cost = Lost & { readonly incident: string | null; readonly writes: number };

/** As much of an instance's writes as another one has, and until when they were made. */
type Held = Pick<Fork, 'of' | 'sequence' | 'at'>;

export type Replication = {
  /** Commits what was written since the last time, by users in their region and by what is left in the other. */
  commit(usersRegion: string, successRatio: number): void;
  /** Commits, and replays what reached the replica. */
  tick(usersRegion: string, successRatio: number): void;
  /**
   * Whether an instance takes writes of users' data now: it can, and the application of its region writes into it. What was restored is
   * nobody's writer before that.
   */
  takesWrites(instance: Instance): boolean;
  /** Whether a replica receives what its source writes. */
  isRunning(instance: Instance): boolean;
  /** Seconds behind, in truth; null where replication does not run. */
  behindSeconds(): number | null;
  /** What ReplicaLag reports, as its engine counts; null where it says that it does not know, or nothing. */
  lagSeconds(): number | null;
  /** The same of a replica that was made since, as it is measured; it is none any more, or not yet: not in the list. */
  lagsSince(): readonly { readonly of: Instance; readonly lagSeconds: number | null }[];
  lastCommitted(): number;
  lastReplicated(): number;
  /** Lag when the writer was last seen alive; null where replication did not run then. */
  lagAtOutageSeconds(): number | null;
  /** Writes that an old writer took between two times, after the promotion or the restore of the other one had begun; of these incidents. */
  divergedBetween(from: number, until: number, counts?: Counts): number;
  /** What promotions and restores cost, of these incidents; nothing where there were none. `seconds`: the most of `each`. */
  loss(counts?: Counts): Pick<Cost, 'writes' | 'seconds'> & {
    readonly each: readonly Lost[];
    readonly divergedWrites: number;
  };
  /** What an instance holds up to a time, for what is made from its backups. */
  forkOf(instance: Instance, at: number): Fork;
  /** Where the write with that number was made that an instance holds, and when. */
  originOf(instance: Instance, sequence: number): { readonly of: Instance; readonly at: number };
  /** What an instance was made from or follows, itself first, and until when each one's writes are in it. */
  heldBy(instance: Instance): readonly { readonly of: Instance; readonly at: number }[];
  /** When the newest write that an instance holds was made. */
  lastWriteIn(instance: Instance): number;
  /** What is written from now on is corrupt, in the writer and in what follows it. */
  corrupt(failing: number): void;
};

export function createReplication(world: World, database: Database, inUse: Parameters['inUse']): Replication {
  const { asset, primary: source, replica, delayed } = database;
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
  let loss: Cost | null = null;
  const diverged: { incident: string | null; from: number; until: number; writes: number }[] = [];
  const ledgers = new Map<Instance, Ledger>();
  /** What has the data that counts: the writer, what was promoted, and what was restored once the application uses it. */
  let holder = source;
  /** Writers that were left behind, each with the incident in which: what they still take has diverged. */
  const left = new Map<Instance, string | null>();
  const restores: Cost[] = [];

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

  const ledgerOf = (instance: Instance): Ledger => {
    const known = ledgers.get(instance) ?? createLedger(instance.bornAt ?? world.now(), instance.sequence);
    ledgers.set(instance, known);
    return known;
  };
  for (const instance of database.all()) ledgers.set(instance, createLedger(world.now(), instance.sequence));

  /** Whether the application of its region writes into it: into what its parameter names, and else into what stood there at first. */
  const isUsed = (instance: Instance): boolean => {
    const host = inUse(instance.region, asset.name);
    const named = database.instances(instance.region).find(({ id, region }) => databaseEndpoint(id, region) === host);
    return named === instance || (named === undefined && (instance === source || instance === replica));
  };
  const takesWrites: Replication['takesWrites'] = (instance) => database.writable(instance) && isUsed(instance);

  const write = (instance: Instance, usersRegion: string, successRatio: number, seconds: number): void => {
    if (!takesWrites(instance) || isStruck('writer-idle')) return;
    const each = instance.region === usersRegion ? writesPerSecond * successRatio : leftoverPerSecond;
    const writes = Math.round((each + consumedPerSecond(world, instance.region, asset.name)) * seconds);
    instance.sequence += writes;
    if (writes === 0) return;
    const incident = left.get(instance);
    if (incident !== undefined)
      diverged.push({ incident, from: world.now() - seconds * 1000, until: world.now(), writes });
    if (instance === source) lastCommitAt = world.now();
  };

  /** What an instance was made from, itself first: each with as much of its writes as the instance has. */
  const lineOf = (instance: Instance): Held[] => {
    const line: Held[] = [];
    let held: Held | null = { of: instance, sequence: instance.sequence, at: world.now() };
    while (held !== null) {
      line.push(held);
      const { fork }: Instance = held.of;
      const { sequence, at }: Held = held;
      // Numbers go on where the data parted.
      held =
        fork === null ? null : { of: fork.of, sequence: Math.min(sequence, fork.sequence), at: Math.min(at, fork.at) };
    }
    return line;
  };

  /**
   * The application of its region uses it from now on: what the one before took since their data parted is lost. What that one took
   * in another region after the call for it is not lost there; it has diverged.
   */
  const takeOver = (instance: Instance, fork: Fork): void => {
    const before = holder;
    const had = lineOf(before);
    const common = lineOf(instance).find(({ of }) => had.some((one) => one.of === of)) ?? fork;
    const theirs = had.find(({ of }) => of === common.of) ?? common;
    const until = before.region === instance.region ? world.now() : fork.begunAt;
    const ledger = ledgerOf(before);
    const since = Math.min(common.at, theirs.at);
    const writes = Math.max(0, ledger.at(until) - Math.min(common.sequence, theirs.sequence));
    const { incident } = instance;
    restores.push({
      incident,
      writes,
      seconds: writes === 0 ? 0 : Math.max(0, (ledger.lastWriteAt(until) - since) / 1000),
      until: ledger.lastWriteAt(until),
    });
    const after = ledger.between(until, world.now());
    if (after > 0) diverged.push({ incident, from: until, until: world.now(), writes: after });
    left.set(before, incident);
    holder = instance;
  };

  const commit: Replication['commit'] = (usersRegion, successRatio) => {
    const now = world.now();
    traffic = { usersRegion, successRatio };
    const seconds = (now - committedUntil) / 1000;
    if (seconds === 0) return;
    committedUntil = now;
    for (const instance of database.all()) {
      write(instance, usersRegion, successRatio, seconds);
      ledgerOf(instance).note(now, instance.sequence);
    }
    for (const instance of database.all()) {
      const { fork } = instance;
      if (fork === null || holder === instance || left.has(instance)) continue;
      if (takesWrites(instance)) takeOver(instance, fork);
    }
    if (now - (ownCommits.at(-1) ?? 0) >= walSwitchSeconds * 1000 && database.condition(source) !== 'down')
      ownCommits.push(now);
    commits.push({ at: now, sequence: source.sequence });
    // What is sent between two looks arrives as well.
    if (loss === null && linked()) replayUntil(now - lag * 1000);
    if (database.condition(source) !== 'down') aliveLag = behindSeconds();
  };

  let lateUntil = world.now();
  /** What stays behind on purpose holds what its source wrote until then. */
  const replayLate = (): void => {
    if (delayed === null || delayed.sourceId === null || !world.canReach(source.region, delayed.region)) return;
    if (database.condition(delayed) === 'down') return;
    lateUntil = world.now() - delayed.delaySeconds * 1000;
    delayed.sequence = Math.max(delayed.sequence, ledgerOf(source).at(lateUntil));
  };

  /** Replicas that were made since, and until when each has what its source wrote. */
  const since = new Map<Instance, { until: number; running: boolean; cutSince: number | null; patience: number }>();
  const followersSince = (): Instance[] =>
    database.all().filter((one) => one.sourceId !== null && one.bornAt !== null && one !== replica && one !== delayed);
  const replaySince = (): void => {
    for (const follower of followersSince()) {
      const { source: of } = follower;
      if (of === null) continue;
      const begun = { until: follower.bornAt ?? world.now(), running: true, cutSince: null, patience: 0 };
      const known = since.get(follower) ?? begun;
      since.set(follower, known);
      const isLinked =
        world.canReach(of.region, follower.region) &&
        database.condition(follower) !== 'down' &&
        database.condition(of) !== 'down' &&
        !isBroken();
      if (!isLinked) {
        // A source that restarts is waited for, as of the first replica; a fault of replication itself says so at once.
        if (known.cutSince === null) known.patience = world.draw('replication-loss-detection', world.chances.physics);
        known.cutSince ??= world.now();
        const patience = isBroken() ? 0 : known.patience;
        if (world.now() - known.cutSince >= patience * 1000) known.running = false;
        continue;
      }
      known.cutSince = null;
      known.running = true;
      const behind = world.draw('replica-lag', world.chances.physics);
      known.until = Math.max(known.until, Math.min(world.now() - behind * 1000, known.until + tickSeconds * 10_000));
      follower.sequence = Math.max(follower.sequence, ledgerOf(of).at(known.until));
    }
  };
  /** As its engine counts: PostgreSQL the age of the last transaction, RDS's own every five minutes among them. */
  const lagSince = (follower: Instance): number | null => {
    const known = since.get(follower);
    const { source: of } = follower;
    if (known === undefined || of === null || database.condition(follower) === 'down') return null;
    if (engine !== 'postgres') {
      if (!known.running) return null;
      return follower.sequence >= of.sequence ? 0 : (world.now() - known.until) / 1000;
    }
    const own = Math.floor(known.until / (walSwitchSeconds * 1000)) * walSwitchSeconds * 1000;
    return (world.now() - Math.max(Math.min(ledgerOf(of).lastWriteAt(known.until), known.until), own)) / 1000;
  };

  database.onPromotion((promoted) => {
    commit(traffic.usersRegion, traffic.successRatio);
    promoted.corruption = database.corruptionOf(promoted);
    const followed = since.get(promoted);
    const at = followed?.until ?? (promoted === replica ? replayedUntil : lateUntil);
    promoted.fork = { of: promoted.source ?? source, sequence: promoted.sequence, at, begunAt: world.now() };
    if (promoted !== replica) return;
    running = false;
    const { incident } = promoted;
    loss = { incident, writes: 0, seconds: 0, until: lastCommitAt };
    // Of a replica of what was left behind before, it counts what users lose once they come to it.
    if (holder !== source) return;
    const writes = Math.max(0, source.sequence - replica.sequence);
    const seconds = writes === 0 ? 0 : Math.max(0, (lastCommitAt - replayedUntil) / 1000);
    loss = { incident, writes, seconds, until: lastCommitAt };
    left.set(source, incident);
    holder = replica;
  });

  /** Until when an instance that follows another one has what that one wrote. */
  const followsUntil = (instance: Instance): number | null => {
    if (instance.sourceId === null) return null;
    return since.get(instance)?.until ?? (instance === delayed ? lateUntil : replayedUntil);
  };

  const heldBy: Replication['heldBy'] = (instance) => {
    const until = followsUntil(instance);
    const line = lineOf(instance);
    if (until === null || line.length > 1) return line;
    // What it follows may itself have been made from another one.
    return [...line, ...lineOf(instance.source ?? source).map((one) => ({ ...one, at: Math.min(one.at, until) }))];
  };

  const lastWriteIn: Replication['lastWriteIn'] = (instance) => {
    const held = heldBy(instance);
    // What follows another one, or was just made from it, has written nothing itself.
    const own = instance.fork === null ? null : instance.fork.sequence;
    const from = followsUntil(instance) !== null || own === instance.sequence ? held.slice(1) : held;
    const [first = { of: instance, at: world.now() }] = from;
    return ledgerOf(first.of).lastWriteAt(first.at);
  };

  const divergedBetween: Replication['divergedBetween'] = (from, until, counts = all) =>
    diverged
      .filter((one) => counts(one.incident) && one.from < until && one.until > from)
      .reduce((sum, { writes }) => sum + writes, 0);

  return {
    commit,
    divergedBetween,
    tick(usersRegion, successRatio) {
      commit(usersRegion, successRatio);
      // From the moment in which a promotion begins nothing is replayed any more: there the histories part.
      if (loss === null) replay();
      replayLate();
      replaySince();
    },
    heldBy,
    originOf(instance, sequence) {
      const line = lineOf(instance);
      const { of } = line.findLast((one, place) => place > 0 && sequence <= one.sequence) ?? { of: instance };
      // What follows another one has written nothing itself.
      const writer = of.sourceId === null ? of : source;
      return { of: writer, at: ledgerOf(writer).writtenAt(sequence) };
    },
    lastWriteIn,
    forkOf: (instance, at) => ({ of: instance, sequence: ledgerOf(instance).at(at), at, begunAt: world.now() }),
    corrupt(failing) {
      const followers = [replica, delayed].filter((one) => one !== null).filter((one) => one.sourceId !== null);
      for (const instance of [holder, ...(holder === source ? followers : [])])
        instance.corruption ??= { after: holder.sequence, failing };
    },
    takesWrites,
    isRunning: (instance) => since.get(instance)?.running ?? running,
    lagsSince: () => followersSince().map((of) => ({ of, lagSeconds: lagSince(of) })),
    behindSeconds,
    lagSeconds,
    lastCommitted: () => source.sequence,
    lastReplicated: () => replica.sequence,
    lagAtOutageSeconds: () => aliveLag,
    loss(counts = all) {
      const costs = [...(loss === null ? [] : [loss]), ...restores].filter(({ incident }) => counts(incident));
      return {
        writes: costs.reduce((sum, one) => sum + one.writes, 0),
        seconds: Math.max(0, ...costs.map(({ seconds }) => seconds)),
        each: costs.map(({ seconds, until }) => ({ seconds, until })),
        divergedWrites: divergedBetween(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, counts),
      };
    },
  };
}
