// Fences the database of the region that is given up: security groups that admit nobody, then a restart that ends the
// sessions which survived the exchange.
import * as z from 'zod';
import { CannotProceed, InProgress } from '../../../domain/errors.ts';
import { unfenceMark } from '../../../domain/recovery/reaching.ts';
import { assetNamed, placeOf } from '../../../shared/estate.ts';
import { firstSeen, keep, newestOf } from '../../../shared/fencing/marks.ts';
import { act, givingUp, lastCallAt, type Watching } from '../../../shared/recovery/act.ts';
import type { RegionIncident } from '../../../shared/recovery/flow.ts';
import type { Shell } from '../../../shared/shell.ts';
import { describeDatabase, exchangeGroups, rebootInPlace } from '../aws/instances.ts';
import { groupsChange, nextFence } from '../moves.ts';
import { otherSource } from '../rules/assess.ts';
import { heldIn, instanceIn } from '../seen/held.ts';

/** Older events say nothing about a restart that was asked for now. */
const eventsSeconds = 3600;

/** `fencedAt`: when it was first seen fenced, in milliseconds since 1970. */
export type Fenced = { readonly database: string; readonly fencedAt: number };

/**
 * Makes the next call towards a fenced database and throws InProgress until it is one. What the fence has begun the late one
 * finishes, and the other way round. `watches`: where it is the fence watch that asks.
 * @throws Unavailable where the region does not answer, and CannotProceed.
 */
export async function fence(
  incident: RegionIncident,
  asset: string,
  shell: Shell,
  { watches }: { readonly watches?: Watching } = {},
): Promise<Fenced> {
  const { region } = incident;
  const { now } = shell;
  const { instance, groups, bound } = await toFence(incident, asset, shell, watches !== undefined);
  const step = `fence/${asset}`;
  if (groups === undefined) throw new CannotProceed(`the plan names no security groups for the database of ${region}`);
  const seen = await describeDatabase(region, instance);
  if (seen === null) throw new CannotProceed(`database ${instance} is not in ${region}`);
  // Somebody has made a replica of it, which takes no writes: closing it would only stop the way home.
  if (seen.replicaOf !== null) {
    await expectFollower(asset, { instance, source: seen.replicaOf }, incident, shell);
    return { database: instance, fencedAt: await firstSeen(incident, `${step}/fenced`, shell) };
  }
  const found = { instance, resource: seen.resourceId };
  if (watches !== undefined) expectSame(incident.region, found, bound);
  if (!isSame(found, bound)) await bind(incident, asset, found, shell);
  // Also while frozen: a freeze must leave neither two writers nor an application that is half fenced.
  const part = { step, target: instance, continues: givingUp, watches };
  const exchange = { ...part, call: 'rds:ModifyDBInstance' };
  const reboot = { ...part, call: 'rds:RebootDBInstance' };
  // What was done before the fence was undone says nothing of the one that is wanted now.
  const undoneAt = await newestOf(incident, unfenceMark(asset), shell);
  const since = (at: number | null) => (at === null || (undoneAt !== null && at <= undoneAt) ? null : at);
  const history = {
    exchangedAt: since(await lastCallAt(incident, exchange, shell)),
    rebootedAt: since(await lastCallAt(incident, reboot, shell)),
    // What was seen fenced stays proven, also when the event of its restart is too old to be read.
    fencedAt: since(await newestOf(incident, `${step}/fenced`, shell)),
    restartSeenAt: await restartSeenAt(incident, `${step}/restarting`, instance, seen.status, shell),
  };
  const move = nextFence(seen, groups.closed, history, now());
  if (move.next === 'stopped') {
    // Only the watch has the time to close it once it is started: a flow goes on where people approved that it stays open.
    if (watches === undefined)
      throw new CannotProceed(
        `database ${instance} cannot be fenced: it is stopped, and takes writes when somebody starts it`,
      );
    throw new InProgress(`database ${instance} is stopped: it takes no writes, and is fenced when it is started`);
  }
  if (move.next === 'done')
    return { database: instance, fencedAt: await firstSeen(incident, `${step}/fenced`, shell, undoneAt) };
  if (move.next === 'give-up') throw new CannotProceed(`database ${instance} cannot be fenced: ${move.why}`);
  if (move.next === 'wait') throw new InProgress(`database ${instance} is not fenced yet: ${move.why}`);
  if (move.next === 'exchange') {
    const change = groupsChange(seen, [groups.closed]);
    await act(incident, { ...exchange, change }, shell, () => exchangeGroups(region, instance, [groups.closed]));
  } else {
    const change = { before: groupsChange(seen, []).before, wanted: 'restarted: no session of before is left' };
    await act(incident, { ...reboot, change }, shell, () => rebootInPlace(region, instance));
  }
  throw new InProgress(`database ${instance}: ${move.next} was requested`);
}

/** The database that a flow gave up: its name, and the id that no other one ever has. Null where RDS did not say one. */
type Bound = { readonly instance: string; readonly resource: string | null };

/**
 * What is to be fenced. The watch stays with what its flow saw there first: what has become the database of that region since, by a way home or
 * a restore, is not the one that was given up. @throws CannotProceed, Unavailable.
 */
async function toFence(
  incident: RegionIncident,
  asset: string,
  shell: Shell,
  watches: boolean,
): Promise<{ readonly instance: string; readonly groups: Groups; readonly bound: Bound | null }> {
  const { id, execution, region } = incident;
  const steps = await shell.store.readSteps(id);
  const mark = steps.findLast((past) => past.execution === execution && past.step === boundMark(asset));
  const read = BoundRecord.safeParse(mark?.outcome);
  const bound = read.success ? read.data : null;
  const database = assetNamed(asset, 'rds-instance', shell.plan);
  if (watches && bound !== null)
    return { instance: bound.instance, groups: placeOf(database, region).securityGroups, bound };
  const { instance, securityGroups: groups } = await heldIn(database, region, shell);
  return { instance, groups, bound };
}

const BoundRecord = z.object({ instance: z.string(), resource: z.string().nullable() });
const boundMark = (asset: string): string => `fence/${asset}/bound`;
type Groups = Awaited<ReturnType<typeof heldIn>>['securityGroups'];

/** Keeps what the flow gives up: what it sees first, and what it finds when people have approved a fence anew. */
async function bind(
  { id, execution }: RegionIncident,
  asset: string,
  found: Bound,
  { store, now }: Shell,
): Promise<void> {
  await store.recordStep({ incident: id, execution, step: boundMark(asset), at: now(), outcome: { ...found } });
}

function isSame(found: Bound, bound: Bound | null): boolean {
  return bound?.instance === found.instance && bound.resource === found.resource;
}

/**
 * @throws CannotProceed where another database has the name of the one that was given up: it was made since, and may be the one that users
 * need.
 */
function expectSame(region: string, { instance, resource }: Bound, bound: Bound | null): void {
  const was = bound?.resource ?? null;
  if (was === null || was === resource) return;
  throw new CannotProceed(
    `database ${instance} of ${region} is ${resource ?? 'of an id that RDS does not say'}, and the one that was given up was ${was}: it is left alone`,
  );
}

/** How the database stands: with its own groups, or with the one that admits nobody. @throws Unavailable, CannotProceed. */
export async function standing(incident: RegionIncident, asset: string, shell: Shell): Promise<'closing' | 'open'> {
  const { instance, groups, bound } = await toFence(incident, asset, shell, true);
  const seen = await describeDatabase(incident.region, instance);
  if (bound === null && seen?.replicaOf === null)
    await bind(incident, asset, { instance, resource: seen.resourceId }, shell);
  return seen?.groups.includes(groups?.closed ?? '') === true ? 'closing' : 'open';
}

/** What follows something else than the database that takes over is not all that there is in the region. @throws CannotProceed, Unavailable. */
async function expectFollower(
  asset: string,
  { instance, source }: { readonly instance: string; readonly source: string },
  { region, standby }: RegionIncident,
  shell: Shell,
): Promise<void> {
  if (standby === region) return;
  const writer = await instanceIn(assetNamed(asset, 'rds-instance', shell.plan), standby, shell);
  if (otherSource(source, writer) === null) return;
  throw new CannotProceed(
    `database ${instance} in ${region} follows ${source}, and not ${writer} of ${standby}: which one takes writes there is not known`,
  );
}

/** The newest restart: seen by this step while it went on, or told by RDS. Its events may get lost, and so may a look. */
async function restartSeenAt(
  incident: RegionIncident,
  mark: string,
  instance: string,
  status: string,
  shell: Shell,
): Promise<number | null> {
  const { store, now } = shell;
  const looked = status === 'rebooting' ? await keep(incident, mark, shell) : await newestOf(incident, mark, shell);
  const told = (await store.readSignals(incident.region, now() - eventsSeconds * 1000)).filter(
    (signal) => signal.kind === 'database' && signal.instance === instance && signal.change === 'restarted',
  );
  const times = [...(looked === null ? [] : [looked]), ...told.map(({ at }) => at)];
  return times.length === 0 ? null : Math.max(...times);
}
