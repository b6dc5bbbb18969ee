// The words in which a scenario speaks of places and assets: `primary`, `standby zone 2`, `database 1`. What each is in a plan
// is said here and nowhere else; the plan's own names are read too. Null is what the plan does not have.
import * as z from 'zod';
import { type Asset, saidOf, standsIn } from '../../functions/domain/plan/assets.ts';
import { topicName } from '../../functions/domain/plan/channels.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { zonesOf } from '../estate/faults/faults.ts';
import { prefix } from '../stage.ts';

export const regionWord = z
  .string()
  .regex(
    /^(primary|standby|witness|observer [1-9]\d*|[a-z]{2}(-[a-z]+)+-\d)$/,
    'primary, standby, witness, observer 1 or a region such as us-east-1',
  );

export const zoneWord = z
  .string()
  .regex(
    /^((standby )?zone [1-9]\d*|the writer's zone|[a-z]{3,4}\d-az\d)$/,
    "zone 1, standby zone 1, the writer's zone or a zone id such as use1-az1",
  );

/** Seconds, or a part of a limit of the plan and some more: `1/3 * rpo`, `5/8 * rto + 300`. A number once it is filled. */
export const secondsWord: z.ZodType<number> = z.union([
  z.number().nonnegative(),
  z.string().regex(/^[1-9]\d*\/[1-9]\d* \* (rto|rpo)( \+ [1-9]\d*)?$/, 'a part of rto or rpo such as 5/8 * rto + 300'),
]) as never;

/** What assets are called whatever their kind. */
const isCalled = (word: string) => (asset: Asset) => saidOf(asset).called === word;

export function secondsIn({ objectives }: Plan, word: string): number {
  const [, over, under, limit, more = 0] = /^(\d+)\/(\d+) \* (rto|rpo)(?: \+ (\d+))?$/.exec(word) ?? [];
  const whole = limit === 'rto' ? objectives.rtoSeconds : objectives.rpoSeconds;
  return Math.round((whole * Number(over)) / Number(under)) + Number(more);
}

export function regionIn({ roles, regions }: Plan, word: string): string | null {
  const { witness, observers } = roles;
  const observer = /^observer (\d+)$/.exec(word)?.[1];
  if (observer !== undefined) return observers[Number(observer) - 1] ?? null;
  if (word === 'primary' || word === 'standby' || word === 'witness') return roles[word];
  return [...Object.keys(regions), witness, ...observers].includes(word) ? word : null;
}

/**
 * A zone id; zones count in the plan's order. In the estate each database's writer and each cache's primary starts in the
 * first zone: that is the writer's zone, also of what has neither.
 */
export function zoneIn(plan: Plan, word: string): string | null {
  const { primary, standby } = plan.roles;
  if (word === "the writer's zone") return zoneIn(plan, 'zone 1');
  const [, inStandby, place] = /^(standby )?zone (\d+)$/.exec(word) ?? [];
  if (place !== undefined) return zonesOf(plan, inStandby === undefined ? primary : standby)[Number(place) - 1] ?? null;
  return Object.keys(plan.regions).some((region) => zonesOf(plan, region).includes(word)) ? word : null;
}

/** An asset by its name, or by its place among those that are called so: `database 1`. */
export function assetIn({ assets }: Plan, word: string): Asset | null {
  const [, called = '', place = ''] = /^([a-z]+) (\d+)$/.exec(word) ?? [];
  if (place !== '') return assets.filter(isCalled(called))[Number(place) - 1] ?? null;
  return assets.find(({ name }) => name === word) ?? null;
}

/** The name of an asset. */
export function assetNameIn(plan: Plan, word: string): string | null {
  return assetIn(plan, word)?.name ?? null;
}

/** A text with the assets in it by their names: `taking over database 1`. */
export function textIn(plan: Plan, text: string): string {
  return text.replaceAll(/\b[a-z]+ \d\b/g, (word) => assetNameIn(plan, word) ?? word);
}

/** The topic of one who is asked to approve, or of one who is told of a region disaster and not asked (`the topic of reader 1`). */
function topicIn({ approval, notifications }: Plan, word: string): string | null {
  const [, who, place] = /^the topic of (approver|reader) (\d+)$/.exec(word) ?? [];
  if (who === undefined) return null;
  const readers = notifications.level3.filter((role) => !approval.roles.includes(role));
  const role = (who === 'approver' ? approval.roles : readers)[Number(place) - 1];
  return role === undefined ? null : topicName(role, prefix);
}

/** What AWS calls an asset in the primary region, or in the standby region (`standby database 1`), or a topic. */
export function identifierIn(plan: Plan, word: string): string | null {
  if (word.startsWith('the topic of ')) return topicIn(plan, word);
  const { primary, standby } = plan.roles;
  const asset = assetIn(plan, word.replace(/^standby /, ''));
  if (asset !== null) return standsIn(word.startsWith('standby ') ? standby : primary, asset)[0] ?? null;
  const standing = plan.assets.flatMap((one) => [...standsIn(primary, one), ...standsIn(standby, one)]);
  return standing.includes(word) ? word : null;
}

/** The bucket of the latch that gives up the primary region: `latch in standby`. */
export function bucketIn(plan: Plan, word: string): string | null {
  const { latchBuckets } = plan.redirection;
  const place = /^latch in (.+)$/.exec(word)?.[1];
  if (place !== undefined) return latchBuckets[plan.roles.primary]?.[regionIn(plan, place) ?? ''] ?? null;
  return Object.values(latchBuckets).some((buckets) => Object.values(buckets).includes(word)) ? word : null;
}

/** An alarm of the application, whose names all begin with the application's. */
export function alarmIn({ application }: Plan, word: string): string {
  return word.startsWith(`${application}-`) ? word : `${application}-${word}`;
}

/** A step: a state, or a verb and its asset: `take-over/database 1`. */
export function stepIn(plan: Plan, word: string): string | null {
  const [verb = '', asset] = word.split('/');
  if (asset === undefined) return word;
  const found = assetIn(plan, asset);
  return found === null ? null : `${verb}/${found.name}`;
}
