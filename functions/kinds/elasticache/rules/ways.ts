// In which ways a cache can take over, best first: a member of its global datastore; a new group from the newest export; empty. Pure.
import type { Way } from '../../../domain/types.ts';
import { formatSeconds } from '../../../domain/words/durations.ts';
import type { Export, Snapshots } from '../says/backup-plan.ts';

/** What was seen of a cache in the region that takes over. */
export type CacheEvidence = {
  readonly now: number;
  readonly region: string;
  /** Null where the cache is in none. `member`: whether its group of the region is one; null where nobody answered. */
  readonly datastore: { readonly id: string; readonly member: boolean | null } | null;
  /** The plan's own group of the region. `status`: null where there is none; `unread` where nobody answered. */
  readonly standing: { readonly group: string; readonly status: string | null };
  /** Null where the plan makes no group there. `name`: of the one that would be made; null where all names are taken. */
  readonly restore: { readonly name: string | null; readonly clusterMode: boolean } | null;
  /** Null where the plan has none. `newest`: null where there is none; `unread`: the bucket could not be read. */
  readonly snapshots: (Snapshots & { readonly newest: Export | null | 'unread' }) | null;
  /** The ways that this flow has tried, and that have failed. */
  readonly failed: readonly Way[];
};

/** One way, as the evidence stands. The first that is usable is the one to take. */
export type CacheWay = {
  readonly way: Way;
  readonly usable: boolean;
  /** What is lost of what the cache held, in seconds; null where nobody knows, or all of it is. */
  readonly lossSeconds: number | null;
  /** How long it takes; null: nobody has measured it. */
  readonly seconds: number | null;
  /** One part of a sentence: what is there. */
  readonly why: string;
  /** Everything that makes it unusable. */
  readonly against: readonly string[];
  /** The group that takes over. */
  readonly group: string | null;
  /** Whether that group has to be made. */
  readonly made: boolean;
  /** The export that it is made from. */
  readonly source: Export | null;
};

/** All ways that the plan has for a cache, best first. */
export function cacheWays(seen: CacheEvidence): CacheWay[] {
  const { datastore, restore, snapshots, failed } = seen;
  const all = [
    ...(datastore === null ? [] : [asMember(seen, datastore)]),
    ...(restore === null || snapshots === null ? [] : [fromExport(seen, restore, snapshots)]),
    ...(datastore === null || restore !== null ? [empty(seen)] : []),
  ];
  return all
    .map((one): CacheWay => {
      const against = [...(failed.includes(one.way) ? ['this way was tried, and has failed'] : []), ...one.against];
      return { ...one, against, usable: against.length === 0 };
    })
    .toSorted((a, b) => Number(b.usable) - Number(a.usable));
}

type Unjudged = Omit<CacheWay, 'usable'>;

function asMember(
  { region, standing }: CacheEvidence,
  { id, member }: NonNullable<CacheEvidence['datastore']>,
): Unjudged {
  const { group } = standing;
  return {
    way: 'fail-over-datastore',
    lossSeconds: null,
    seconds: null,
    why: `${group} is made the primary of ${id}`,
    against: member === true ? [] : [`the cache in ${region} was not seen as a member of ${id}`],
    group,
    made: false,
    source: null,
  };
}

function fromExport(
  { now, region }: CacheEvidence,
  { name, clusterMode }: NonNullable<CacheEvidence['restore']>,
  { newest, maxAgeSeconds }: NonNullable<CacheEvidence['snapshots']>,
): Unjudged {
  const source = newest === 'unread' ? null : newest;
  const ageSeconds = source === null ? null : ageOf(source, now);
  const against = [
    ...(newest === 'unread' ? [`the exports in ${region} could not be read`] : []),
    ...(newest === null ? [`there is no export in ${region}`] : []),
    ...(ageSeconds !== null && ageSeconds > maxAgeSeconds
      ? [
          `the newest export is ${formatSeconds(ageSeconds)} old, older than ${formatSeconds(maxAgeSeconds)}: it would log people in again whom somebody has logged out`,
        ]
      : []),
    ...(source !== null && source.shards > 1 && !clusterMode
      ? [`the export has ${source.shards} shards, and a group without cluster mode takes one`]
      : []),
    ...noName(name),
  ];
  return {
    way: 'restore-snapshot',
    lossSeconds: ageSeconds,
    seconds: null,
    why: `${name} is made from the export ${source?.name}, which is ${formatSeconds(ageSeconds)} old`,
    against,
    group: name,
    made: true,
    source,
  };
}

/** The plan's own group, where it stands alone; else a new one. */
function empty({ datastore, standing, restore, snapshots, region }: CacheEvidence): Unjudged {
  const { group, status } = standing;
  const stands = datastore === null && status === 'available';
  const holds = snapshots?.whenOlder === 'hold' ? ['the plan has a person decide whether it starts empty'] : [];
  const none = restore === null ? [`cache ${group} ${stateOf(status)} in ${region}, and the plan makes no other`] : [];
  return {
    way: 'start-empty',
    lossSeconds: null,
    seconds: null,
    why: stands ? `${group} starts EMPTY` : `${restore?.name ?? group} is made, and starts EMPTY`,
    against: [...holds, ...(stands ? [] : restore === null ? none : noName(restore.name))],
    group: stands ? group : (restore?.name ?? null),
    made: !stands,
    source: null,
  };
}

function stateOf(status: string | null): string {
  if (status === null) return 'does not stand';
  return status === 'unread' ? 'was not seen' : `is ${status}`;
}

function noName(name: string | null): string[] {
  return name === null ? ['the names of restored groups are all taken: delete what nobody uses'] : [];
}

/** How old what an export holds is, at most. */
export function ageOf({ at }: Pick<Export, 'at'>, now: number): number {
  return Math.max(0, Math.round((now - at) / 1000));
}

/** What people are told of the way that is taken, and of the better ones that are not. Null where no way is left. */
export function wayTaken(ways: readonly CacheWay[]): { readonly way: CacheWay; readonly why: string } | null {
  const [way] = ways;
  if (way === undefined || !way.usable) return null;
  const order = ['fail-over-datastore', 'restore-snapshot', 'start-empty'];
  const better = ways.filter((other) => order.indexOf(other.way) < order.indexOf(way.way));
  const reasons = better.flatMap(({ against }) => against);
  const nothing =
    way.way === 'start-empty' && reasons.length === 0 ? ['the plan has neither a global datastore nor snapshots'] : [];
  const said = [...reasons, ...nothing];
  return { way, why: said.length === 0 ? way.why : `${way.why}: ${said.join('; ')}` };
}

/** A group as it stands in a region. `createdAt`: milliseconds since 1970; null where ElastiCache says nothing. */
export type Standing = { readonly group: string; readonly status: string; readonly createdAt: number | null };

/** What is in none of these can serve, or soon will. */
const cannotServe = /^(creating|create-failed|deleting)$/;

/** The group that serves: of the plan's own and of those that were made, the one that was made last. Null where none stands. */
export function servingOf<Group extends Standing>(groups: readonly Group[]): Group | null {
  const can = groups.filter(({ status }) => !cannotServe.test(status));
  return can.toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0))[0] ?? null;
}

/** The first name that no group has; null where all are taken. */
export function freeName(names: readonly string[], taken: readonly string[]): string | null {
  return names.find((name) => !taken.includes(name)) ?? null;
}
