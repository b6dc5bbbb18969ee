// The way home of a database: how it comes back as a replica in the region that was given up, as it stands in the record. Pure.
import { formatSeconds } from '../words/durations.ts';
import { plainText } from '../words/plain-text.ts';
import { type Message, messageOf } from '../words/words.ts';

/** One for each database and region; of a later epoch another takes its place. Times are milliseconds since 1970. */
export type Rejoin = {
  readonly asset: string;
  /** Where it comes back: the region that would take over. */
  readonly region: string;
  /** Of the roles when it was begun: it is over when they move. */
  readonly epoch: number;
  /** The execution that gave the region up, and its incident: what is undone. */
  readonly undoes: { readonly execution: string; readonly incident: string };
  readonly by: string;
  readonly reason: string;
  readonly begunAt: number;
  /** The database that stood there. It stays, closed, for people to compare with. */
  readonly old: string;
  /** What proves that it takes no writes, in words; null while nobody has tried. */
  readonly proof: string | null;
  /** Its snapshot; null while none was asked for. And when that was seen to be whole. */
  readonly snapshot: string | null;
  readonly snapshotAt: number | null;
  /** The new replica, and when it was asked for; null while it was not. */
  readonly instance: string | null;
  readonly askedAt: number | null;
  /** When it was seen to replicate: it is the database of its region from then on. */
  readonly replicatesAt: number | null;
  /** When it was over, whatever it came to. */
  readonly endedAt: number | null;
  /** Why it came to nothing; empty where it did not. */
  readonly wrong: readonly string[];
};

/** Where it is, in one line, as `status` says it. `why`: what it waits for. */
export function rejoinSentence(rejoin: Rejoin, now: number): string {
  const { asset, old, snapshot, snapshotAt, instance, askedAt, replicatesAt, endedAt, wrong } = rejoin;
  const since = (at: number) => formatSeconds((now - at) / 1000);
  if (endedAt !== null && wrong.length > 0) return `${asset} did NOT come back as a replica: ${wrong.join('; ')}`;
  if (replicatesAt !== null)
    return `${asset} came back as the replica ${instance}; ${old} stays closed${snapshot === null ? '' : `, with snapshot ${snapshot}`}`;
  const steps = [
    snapshot === null ? `${old} is being set aside` : null,
    snapshot !== null && snapshotAt === null ? `snapshot ${snapshot} of ${old} is being taken` : null,
    snapshotAt !== null ? `snapshot ${snapshot} of ${old} is taken` : null,
    askedAt === null ? null : `replica ${instance} is being made since ${since(askedAt)}`,
  ];
  return `${asset} comes back as a replica, begun ${since(rejoin.begunAt)} ago by ${rejoin.by}: ${steps.filter((one) => one !== null).join(', ')}`;
}

/** What is told when it is over. `serving`: who takes writes then; where that is the region itself, the roles have moved there meanwhile. */
export function rejoinMessage(rejoin: Rejoin, serving: string): Message {
  if (serving === rejoin.region) return supersededMessage(rejoin);
  const { asset, region, old, proof, snapshot, instance, begunAt, endedAt, wrong, undoes, by, reason } = rejoin;
  const took = formatSeconds(((endedAt ?? begunAt) - begunAt) / 1000);
  const isWell = wrong.length === 0;
  return messageOf({
    marks: '[FAILBACK] ',
    canWait: true,
    headline: isWell
      ? `${asset} has a replica in ${region} again`
      : `${asset} has NO replica in ${region}: a person is needed`,
    needed: isWell
      ? [
          `It can wait until morning: compare the old database ${old} in ${region}, copy what you need, then delete it. It stays there, closed, until you do.`,
        ]
      : [
          'Repair what is wrong, then type this. It can wait until morning. Read docs/runbook.md#the-way-home.',
          '  npm run failback',
        ],
    happened: [
      isWell
        ? `Replica ${instance} replicates from ${serving}. The failback took ${took}.`
        : `${region} cannot take over from ${serving}: the replica is missing.`,
      ...wrong.map((why) => `WRONG: ${why}.`),
      proof === null
        ? 'Breakwater has closed the old database. Whether it still takes writes was NOT tested.'
        : `Proof that the old database takes no writes: ${proof}.`,
      ...(snapshot === null ? [] : [`The snapshot of the old database: ${snapshot}.`]),
    ],
    done: [`${serving} stays the primary. Nothing was moved, and nothing was deleted.`],
    follows: isWell
      ? [
          '`npm run status` says when the region is ready to take over again. Then you can start the switchover home. Read docs/runbook.md#the-way-home.',
        ]
      : [`The old database ${old} stays in ${region}, closed, until you delete it.`],
    more: [
      `Begun by ${plainText(by)}: ${plainText(reason)}.`,
      `This follows flow ${undoes.execution} (incident ${undoes.incident}). ${serving} has served users since.`,
    ],
  });
}

/** The roles moved to the region while its replica was being made: there is nothing to come back to. */
function supersededMessage({ asset, region, old, snapshot, instance, undoes, by, reason }: Rejoin): Message {
  return messageOf({
    marks: '[FAILBACK] ',
    canWait: true,
    headline: `no failback of ${asset} is needed: ${region} is the primary`,
    needed: [
      `Delete nothing tonight. In the morning, first see whether the old database ${old} in ${region} serves users. If it does, keep it. If it does not: compare it, copy what you need, and then delete it. Then make a replica in the other region: docs/runbook.md#the-way-home.`,
    ],
    happened: [
      `${region} became the primary while a replica of ${asset} was being made there.`,
      ...(instance === null
        ? []
        : [
            `The replica that was being made: ${instance}. It may have writes of the region that is lost, which the database of ${region} has not: compare it, too, before you delete it.`,
          ]),
      ...(snapshot === null ? [] : [`The snapshot of the old database: ${snapshot}.`]),
    ],
    done: ['Nothing more is done for this failback. Nothing was deleted.'],
    follows: ['`npm run status` says whether the other region is ready to take over.'],
    more: [
      `Begun by ${plainText(by)}: ${plainText(reason)}.`,
      `It followed flow ${undoes.execution} (incident ${undoes.incident}).`,
    ],
  });
}
