// What to do next so that a database comes back as a replica in the region that was given up. Pure, and total: what is not known is
// waited for, and everything has an end.
import type { Rejoin } from '../../../domain/recovery/rejoin.ts';
import { formatSeconds } from '../../../domain/words/durations.ts';

/** What was seen; null where it is not there. */
export type RejoinSeen = {
  /** The database that stood there. `closed`: its security groups admit nobody, and are in force. */
  readonly old: { readonly status: string; readonly closed: boolean } | null;
  /** `isOurs`: it is of the old database, and bears the tag. */
  readonly snapshot: { readonly status: string; readonly isOurs: boolean } | null;
  /** `isOurs`: it bears the tag. `follows`: its source is what takes writes now. `replicating`: null where RDS does not say. */
  readonly replica: {
    readonly status: string;
    readonly works: boolean;
    readonly isOurs: boolean;
    readonly follows: boolean;
    readonly replicating: boolean | null;
  } | null;
};

export type RejoinStep =
  | { readonly next: 'nothing' | 'prove' | 'take-snapshot' | 'note-snapshot' | 'make-replica' | 'done' }
  | { readonly next: 'wait' | 'give-up'; readonly why: string };

/** A copy of a whole database between regions takes hours; what has not come up by then needs a person. */
export const longestRejoinMs = 12 * 3_600_000;
/** RDS shows what was asked for a moment later. */
const graceMs = 600_000;

export const failedStatus = [
  'failed',
  'incompatible-restore',
  'incompatible-parameters',
  'incompatible-network',
  'storage-full',
];

/**
 * The old database is proven to take no writes and has a snapshot before anything is made; what stands under the replica's name and is not
 * ours is left alone. `busy`: an incident, a flow or a freeze goes first; what was asked for already is still looked at. `locked`: a flow has a region. All of it has an end.
 */
export function nextRejoin(
  rejoin: Rejoin,
  seen: RejoinSeen,
  { now, busy, locked }: { readonly now: number; readonly busy: boolean; readonly locked: boolean },
): RejoinStep {
  const step = stepOf(rejoin, seen, { now, busy, locked });
  const isOver = ['nothing', 'done', 'give-up'].includes(step.next);
  if (isOver || now - rejoin.begunAt <= longestRejoinMs) return step;
  const why = 'why' in step ? step.why : 'RDS goes on to refuse the replica';
  return giveUp(`${why}, ${formatSeconds((now - rejoin.begunAt) / 1000)} after it was begun`);
}

function stepOf(
  rejoin: Rejoin,
  { old, snapshot, replica }: RejoinSeen,
  { now, busy, locked }: { readonly now: number; readonly busy: boolean; readonly locked: boolean },
): RejoinStep {
  const { askedAt, instance, snapshotAt } = rejoin;
  if (rejoin.endedAt !== null) return { next: 'nothing' };
  if (askedAt !== null) {
    if (replica === null)
      return now - askedAt < graceMs
        ? wait(`${instance} was requested`)
        : giveUp(`${instance} is not there: RDS never made it, or somebody deleted it`);
    if (!replica.isOurs) return giveUp(`${instance} is there, and is not what was made for this`);
    if (failedStatus.includes(replica.status))
      return giveUp(`${instance} is ${replica.status}: a person looks, and deletes it`);
    if (!replica.works) return wait(`${instance} is ${replica.status}`);
    if (!replica.follows) return giveUp(`${instance} does not follow the database that takes writes now`);
    if (replica.replicating !== true) return wait(`${instance} does not replicate yet`);
    return locked
      ? wait(`${instance} replicates, and a flow has a region: it is the database once that is over`)
      : { next: 'done' };
  }
  if (busy) return wait('an incident, a flow or a freeze goes first');
  // Proven and kept before, it was deleted since. Else somebody may have renamed it, and left it open.
  if (old === null) return rejoin.proof === null ? giveUp(`${rejoin.old} ${gone}`) : { next: 'make-replica' };
  if (!old.closed) return wait(`${rejoin.old} is not closed yet: the fence watch does that`);
  if (rejoin.proof === null) return { next: 'prove' };
  if (rejoin.snapshot === null) return { next: 'take-snapshot' };
  if (snapshotAt !== null) return { next: 'make-replica' };
  if (snapshot?.isOurs === false)
    return giveUp(
      `snapshot ${rejoin.snapshot} is there, and is not what was taken of ${rejoin.old}: a person gives it another name`,
    );
  if (snapshot?.status === 'failed')
    return giveUp(`snapshot ${rejoin.snapshot} of ${rejoin.old} failed: delete it, so that another can be taken`);
  if (snapshot?.status === 'available') return { next: 'note-snapshot' };
  return wait(`snapshot ${rejoin.snapshot} is ${snapshot?.status ?? 'not to be seen yet'}`);
}

const gone = 'is not there: who renamed it closes it, and gives it its name back; who deleted it types failback again';

/** Whether that is why it came to nothing. */
export function isGone(wrong: string): boolean {
  return wrong.includes(gone);
}

function wait(why: string): RejoinStep {
  return { next: 'wait', why };
}

function giveUp(why: string): RejoinStep {
  return { next: 'give-up', why };
}
