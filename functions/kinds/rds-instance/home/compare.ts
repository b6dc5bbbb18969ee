// What only the old database has after a failover: a copy of it is made beside it, read there, and compared by the region that serves users now.
// The old database itself stays fenced.

import { newerIn, rowsOf } from '../../../aws/sql/sql.ts';
import {
  type Comparison,
  countOnlyOld,
  hasNothing,
  kept,
  mostRows,
  onlyOld,
  onlyOldMark,
  onlyOldWords,
  sinceOf,
  type TableRows,
} from '../../../domain/data/only-old.ts';
import { CannotProceed } from '../../../domain/errors.ts';
import { stageOf } from '../../../domain/flows.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import { ownersOf, readinessCause } from '../../../domain/signals/unready.ts';
import { formatSeconds } from '../../../domain/words/durations.ts';
import { isBusy } from '../../../shared/drills/busy.ts';
import { peerOf } from '../../../shared/estate.ts';
import { tellAll } from '../../../shared/messages/tell.ts';
import type { Shell } from '../../../shared/shell.ts';
import { describeAutomatedBackups } from '../aws/backups.ts';
import { describeDatabase } from '../aws/instances.ts';
import { discard, make, type Rehearsed, standingAs } from '../restoring/beside.ts';
import { comparedWithinMs, comparisonMessage, nextOfComparison, type OldSeen } from '../rules/rehearsing.ts';
import { comparedName, type Restore } from '../says/backup-plan.ts';
import { instanceIn } from '../seen/held.ts';
import { askedIn } from '../sql/asked.ts';

type Database = AssetOf<'rds-instance'>;

/** So long a side is asked again that does not answer. */
const patienceMs = 8 * 3_600_000;

/**
 * Called every five minutes in both regions: each takes its next step. What the old region has read stands in the record, which is how the other
 * one gets it: no network joins the two. @throws CannotProceed, Unavailable: the next call tries again
 */
export async function compareOld(asset: Database, shell: Shell): Promise<void> {
  const { region, plan, store } = shell;
  const peer = peerOf(region, plan);
  const [here, there] = await Promise.all([
    store.readComparison(asset.name, region),
    peer === null ? null : store.readComparison(asset.name, peer),
  ]);
  const done = await Promise.allSettled([
    here === null ? null : readHere(asset, here, shell),
    there === null ? null : compareHere(asset, there, shell),
  ]);
  for (const one of done) if (one.status === 'rejected') throw one.reason;
}

/** In the region of the old database. */
async function readHere(asset: Database, comparison: Comparison, shell: Shell): Promise<void> {
  const { region, store, now } = shell;
  const { restore } = asset.regions[region] ?? {};
  const isOver = comparison.readAt !== null || comparison.endedAt !== null;
  const giveUp = (why: string) =>
    isOver ? undefined : store.keepComparison({ ...comparison, endedAt: now(), wrong: [...comparison.wrong, why] });
  if (restore?.rehearsal === undefined)
    return giveUp(`the plan names no closed network in ${region} any more; delete by hand a copy that stands there`);
  const instance = comparedName(restore.instance);
  const [{ standing }, { primary }] = await Promise.all([
    standingAs(instance, asset, shell),
    store.readStanding(region),
  ]);
  // Nothing stands, nothing is left to do: that is so for years.
  if (isOver && standing === null) return;
  if (comparison.since.length === 0 && !isOver)
    return giveUp('what the database that took over had before users came was not looked at');
  if (primary === region && !isOver)
    return giveUp(`users are back in ${region}: what it had alone is compared by nobody any more`);
  const [busy, old] = await Promise.all([
    isBusy(shell),
    comparison.begunAt === null && !isOver ? seeOld(asset, comparison, shell) : unseen,
  ]);
  const step = nextOfComparison(comparison, old, standing, { now: now(), busy, instance });
  if (step.next === 'begin')
    return begin(asset, comparison, { instance, restore, rehearsed: restore.rehearsal }, old, shell);
  if (step.next === 'discard') return discard(asset, instance, shell);
  if (step.next === 'make-way') return store.keepComparison({ ...comparison, begunAt: null });
  if (step.next === 'give-up') return giveUp(step.why);
  if (step.next !== 'verify') return;
  await readCopy(asset, comparison, instance, shell);
}

type Old = OldSeen & { readonly resourceId: string | null };
const unseen: Old = { why: null, fencedAt: null, latestAt: null, resourceId: null };

async function seeOld(asset: Database, { incident, execution }: Comparison, shell: Shell): Promise<Old> {
  const { region, store } = shell;
  // On the way home a replica has its place, and the old one stands beside it under its own name.
  const rejoin = await store.readRejoin(asset.name, region);
  const isAside = rejoin?.undoes.execution === execution;
  const instance = isAside ? rejoin.old : await instanceIn(asset, region, shell);
  const [seen, backups, steps] = await Promise.all([
    describeDatabase(region, instance),
    describeAutomatedBackups(region),
    store.readSteps(incident),
  ]);
  const own = backups.find(
    (backup) => backup.instance === instance && backup.of === region && backup.latestAt !== null,
  );
  const fenced = steps.filter((past) => past.execution === execution && past.step === `fence/${asset.name}/fenced`);
  // What the fence watch has given up, or a person has left out, is fenced by nobody.
  const ended = steps.find((past) => past.execution === execution && past.step === `fence-late/${asset.name}`);
  const unfenced = fenced.length === 0 && typeof ended?.outcome['why'] === 'string' ? ended.outcome['why'] : null;
  const why = whyNone(instance, seen, unfenced, region);
  return {
    why,
    fencedAt: fenced.length === 0 ? null : Math.max(...fenced.map(({ at }) => at)),
    latestAt: own?.latestAt ?? null,
    resourceId: own?.resourceId ?? null,
  };
}

function whyNone(
  instance: string,
  seen: { readonly replicaOf: string | null } | null,
  unfenced: string | null,
  region: string,
): string | null {
  if (seen === null) return `${instance} is not in ${region} any more`;
  if (seen.replicaOf !== null) return `${instance} follows ${seen.replicaOf} again: what it had alone is gone`;
  return unfenced === null ? null : `${instance} was not fenced (${unfenced}): what it has may still change`;
}

async function begin(
  asset: Database,
  comparison: Comparison,
  {
    instance,
    restore,
    rehearsed,
  }: { readonly instance: string; readonly restore: Restore; readonly rehearsed: Rehearsed },
  { resourceId, fencedAt }: Old,
  { store, now, ...shell }: Shell,
): Promise<void> {
  // Kept first: what is asked for and never heard of is looked at all the same.
  await store.keepComparison({ ...comparison, begunAt: now() });
  try {
    await make(
      asset,
      instance,
      restore,
      rehearsed,
      { of: 'own-backups', resourceId: resourceId ?? '' },
      { store, now, ...shell },
    );
  } catch (error) {
    if (!(error instanceof CannotProceed)) throw error;
    // RDS says no: the next look asks again, for as long as that may help.
    const isLate = now() - (fencedAt ?? now()) > comparedWithinMs;
    if (isLate)
      return store.keepComparison({ ...comparison, endedAt: now(), wrong: [...comparison.wrong, error.message] });
    await store.keepComparison({ ...comparison, begunAt: null });
    throw error;
  }
}

/**
 * Reads the rows of the copy that are newer than what came back, one table at each look: what was read is kept, whatever the next one takes.
 * A table that cannot be read costs itself. @throws Unavailable, InProgress: the next call tries again
 */
async function readCopy(asset: Database, comparison: Comparison, instance: string, shell: Shell): Promise<void> {
  const { region, store, now } = shell;
  const { since, tables, wrong, begunAt } = comparison;
  const { data } = asset;
  const next = data?.tables.find(({ name }) => !isDone(name, comparison));
  if (data === undefined || next === undefined) return store.keepComparison({ ...comparison, readAt: now() });
  const from = sinceOf(next, since);
  const isLate = now() - (begunAt ?? now()) > patienceMs;
  const found = await asked(async (): Promise<TableRows> => {
    if (typeof from === 'string') throw new CannotProceed(from);
    if (isLate) throw new CannotProceed(`it could not be read within ${formatSeconds(patienceMs / 1000)}`);
    const seen = await describeDatabase(region, instance);
    if (seen === null) throw new CannotProceed(`${instance} is not there any more`);
    const { reader } = askedIn(asset, { ...seen, region });
    const { newer, rows } = await newerIn(reader, next, from, mostRows(data.tables));
    const some = kept(rows, data.tables);
    return { table: next.name, newer, compared: some.length, rows: some };
  });
  const done =
    'why' in found
      ? { ...comparison, wrong: [...wrong, lineOf(next.name, found.why)] }
      : { ...comparison, tables: [...tables, found.found] };
  const isLast = data.tables.every(({ name }) => isDone(name, done));
  await store.keepComparison(isLast ? { ...done, readAt: now() } : done);
}

/** How a table that is not known stands among what went wrong. */
function lineOf(table: string, why: string): string {
  return `${table}: not compared: ${why}`;
}

function isDone(table: string, { tables, wrong }: Pick<Comparison, 'tables' | 'wrong'>): boolean {
  return tables.some((one) => one.table === table) || wrong.some((line) => line.startsWith(lineOf(table, '')));
}

/** In the region that took over. */
async function compareHere(asset: Database, comparison: Comparison, shell: Shell): Promise<void> {
  const { store, now } = shell;
  const { incident, execution, readAt, comparedAt, endedAt } = comparison;
  if (readAt === null || comparedAt !== null || endedAt !== null) return tellEnd(comparison, shell);
  const isLate = now() - readAt > patienceMs;
  const read = isLate
    ? { why: `${shell.region} could not be asked within ${formatSeconds(patienceMs / 1000)}` }
    : await asked(() => compared(asset, comparison, shell));
  const ended: Comparison =
    'why' in read
      ? { ...comparison, endedAt: now(), wrong: [...comparison.wrong, read.why] }
      : { ...comparison, comparedAt: now(), ...read.found };
  const outcome = { rows: countOnlyOld(ended), tables: onlyOldWords(ended), wrong: ended.wrong };
  if (ended.comparedAt !== null)
    await store.recordStep({ incident, execution, step: onlyOldMark(asset.name), at: now(), outcome });
  await store.keepComparison(ended);
  await tellEnd(ended, shell);
}

/** A table that cannot be asked for costs itself. @throws CannotProceed, Unavailable, InProgress */
async function compared(
  asset: Database,
  { tables, since, wrong }: Comparison,
  shell: Shell,
): Promise<Pick<Comparison, 'tables' | 'wrong'>> {
  const { region } = shell;
  const instance = await instanceIn(asset, region, shell);
  const seen = await describeDatabase(region, instance);
  if (seen === null) throw new CannotProceed(`database ${instance} is not in ${region}`);
  const { data, reader } = askedIn(asset, { ...seen, region });
  const found: TableRows[] = [];
  const lines: string[] = [];
  for (const one of tables) {
    const table = data.tables.find(({ name }) => name === one.table);
    const arrivedAt = since.find((mark) => mark.table === one.table)?.newestAt ?? null;
    const keys = one.rows.map(({ key }) => key);
    const there =
      table === undefined ? { why: 'the plan names it no more' } : await asked(() => rowsOf(reader, table, keys));
    if ('why' in there) lines.push(lineOf(one.table, there.why));
    else found.push(onlyOld(one, there.found, arrivedAt));
  }
  return { tables: found, wrong: [...wrong, ...lines] };
}

/** What was found; or why it never will be. @throws what may be otherwise at the next call */
async function asked<Found>(ask: () => Promise<Found>): Promise<{ readonly found: Found } | { readonly why: string }> {
  try {
    return { found: await ask() };
  } catch (error) {
    if (error instanceof CannotProceed) return { why: error.message };
    throw error;
  }
}

/** So long how it came out is news. */
const newsMs = 7 * 86_400_000;

/** Who owns the data, and on-call where rows are missing or nobody knows. Each hears once. */
async function tellEnd(comparison: Comparison, shell: Shell): Promise<void> {
  const { plan, now } = shell;
  const { asset, region, openedAt, comparedAt, endedAt } = comparison;
  const at = comparedAt ?? endedAt;
  if (at === null || now() - at > newsMs) return;
  const owners = ownersOf([readinessCause('restore')], plan);
  const roles = hasNothing(comparison) ? owners : [...new Set([...plan.notifications.failure, ...owners])];
  await tellAll(
    `comparison/${asset}/${region}/${openedAt}`,
    roles,
    comparisonMessage(comparison, stageOf(shell.prefix)),
    shell,
  );
}
