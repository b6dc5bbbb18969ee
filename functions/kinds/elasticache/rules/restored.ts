// What was chosen for a cache that is made anew, what to do next for it, and where what was made differs from the plan. Pure.
import * as z from 'zod';
import { giveUp, isRecent, type Next, wait } from '../../../domain/recovery/moves.ts';
import { type Way, ways } from '../../../domain/types.ts';
import type { Export, Restore } from '../says/backup-plan.ts';

/** A way that was chosen, with its reason; the group may be the plan's own, which is not made. */
export type Choice = {
  readonly way: Way;
  readonly group: string;
  readonly made: boolean;
  readonly source: Export | null;
  readonly why: string;
};

const kept = z.object({
  way: z.enum(ways),
  group: z.string(),
  made: z.boolean(),
  source: z.object({ name: z.string(), at: z.number(), shards: z.number() }).nullable(),
  why: z.string(),
});

/** What an execution has chosen last for an asset, of its steps; null where it has not, or that way has failed. */
export function choiceIn(
  own: readonly { readonly step: string; readonly at: number; readonly outcome: unknown }[],
  asset: string,
  failed: readonly Way[],
): Choice | null {
  const chosen = own
    .filter(({ step }) => step.startsWith(`way/${asset}/`))
    .toSorted((a, b) => a.at - b.at)
    .flatMap(({ outcome }) => kept.safeParse(outcome).data ?? []);
  const last = chosen.at(-1);
  return last === undefined || failed.includes(last.way) ? null : last;
}

/** A call that shows no effect for longer was lost. */
const callShowsSeconds = 120;

type Seen = { readonly status: string; readonly endpoint: string | null };

/** The group stands, and has an address. One that this flow has not asked for is nobody's to write over. */
export function nextRestore(
  seen: Seen | null,
  made: boolean,
  calledAt: number | null,
  now: number,
): Next<'create' | 'choose-again'> {
  if (seen === null) {
    if (!made) return giveUp('it does not stand any more');
    return isRecent(calledAt, callShowsSeconds, now) ? wait('it was requested') : { next: 'create' };
  }
  if (made && calledAt === null) return { next: 'choose-again' };
  if (/^(create-failed|deleting)$/.test(seen.status)) return giveUp(`it is ${seen.status}`);
  if (seen.status !== 'available') return wait(`it is ${seen.status}`);
  return seen.endpoint === null ? wait('it has no address yet') : { next: 'done' };
}

type Made = {
  readonly clusterMode: boolean;
  readonly shards: number;
  readonly nodes: readonly unknown[];
  readonly multiAz: boolean;
  readonly nodeType: string | null;
  readonly encryptedAtRest: boolean | null;
  readonly kmsKey: string | null;
  readonly transitEncryption: string | null;
  readonly snapshotRetentionDays: number | null;
};

/** What a group that was made has and the plan does not say: a line each. */
export function differencesOf(wanted: Restore, made: Made): string[] {
  const compared: readonly (readonly [string, unknown, unknown])[] = [
    ['node type', wanted.nodeType, made.nodeType],
    ['cluster mode', wanted.clusterMode, made.clusterMode],
    ['shards', wanted.shards, made.shards],
    ['nodes', wanted.shards * (wanted.replicas + 1), made.nodes.length],
    ['Multi-AZ', wanted.multiAz, made.multiAz],
    ['encryption at rest', wanted.encryptedAtRest, made.encryptedAtRest],
    ...(wanted.kmsKey === null ? [] : [['key', wanted.kmsKey, made.kmsKey] as const]),
    ['encryption in transit', wanted.transitEncryption, made.transitEncryption],
    ['days of snapshots', wanted.snapshotRetentionDays, made.snapshotRetentionDays],
  ];
  return compared.flatMap(([what, planned, is]) =>
    planned === is ? [] : [`${what}: is ${String(is)}, the plan says ${String(planned)}`],
  );
}
