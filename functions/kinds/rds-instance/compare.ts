// What only the old database has after a failover: a copy of it is made beside it, read there, and compared by the region that serves users now.
// The old database itself stays fenced.
import { newerIn, rowsOf } from '../../aws/sql.ts';
import type { AssetOf } from '../../domain/assets.ts';
import type { Data } from '../../domain/data/keys.ts';
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import {
  type Comparison,
  countOnlyOld,
  kept,
  mostRows,
  onlyOld,
  onlyOldMark,
  onlyOldWords,
  sinceOf,
  type TableRows,
} from '../../domain/only-old.ts';
import { ownersOf, readinessCause } from '../../domain/unready.ts';
import { peerOf } from '../../shared/estate.ts';
import { page } from '../../shared/page.ts';
import type { Shell } from '../../shared/shell.ts';
import { askedIn } from './asked.ts';
import { describeDatabase } from './aws.ts';
import { describeAutomatedBackups } from './aws-backups.ts';
import { comparedName, type Restore } from './backup-plan.ts';
import { discard, isBusy, make, type Rehearsed, standingAs } from './beside.ts';
import { instanceIn } from './held.ts';
import { comparisonMessage, nextOfComparison, type OldSeen } from './rehearsing.ts';

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
  if (restore?.rehearsal === undefined) return giveUp(`the plan names no closed network in ${region} any more`);
  const instance = comparedName(restore.instance);
  const [{ standing }, { primary }] = await Promise.all([
    standingAs(instance, asset, shell),
    store.readStanding(region),
  ]);
  // Nothing stands, nothing is left to do: that is so for years.
  if (isOver && standing === null) return;
  if (comparison.since.length === 0)
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
  const since = comparison.begunAt ?? now();
  const read = await asked(() => readCopy(asset, comparison, instance, shell), since, now());
  if ('why' in read) return giveUp(read.why);
  const unknown = (asset.data?.tables ?? []).filter(({ name }) => !read.found.some(({ table }) => table === name));
  const wrong = unknown.map(
    ({ name }) => `${name} was not looked at before users came: what is missing there is not known`,
  );
  await store.keepComparison({
    ...comparison,
    readAt: now(),
    tables: read.found,
    wrong: [...comparison.wrong, ...wrong],
  });
}

type Old = OldSeen & { readonly resourceId: string | null };
const unseen: Old = { why: null, fencedAt: null, latestAt: null, resourceId: null };

async function seeOld(asset: Database, { incident, execution }: Comparison, shell: Shell): Promise<Old> {
  const { region, store } = shell;
  const instance = await instanceIn(asset, region, shell);
  const [seen, backups, steps] = await Promise.all([
    describeDatabase(region, instance),
    describeAutomatedBackups(region),
    store.readSteps(incident),
  ]);
  const own = backups.find(
    (backup) => backup.instance === instance && backup.of === region && backup.latestAt !== null,
  );
  const fenced = steps.filter((past) => past.execution === execution && past.step === `fence/${asset.name}/fenced`);
  const why =
    seen === null
      ? `${instance} is not in ${region} any more`
      : seen.replicaOf === null
        ? null
        : `${instance} follows ${seen.replicaOf} again: what it had alone is gone`;
  return {
    why,
    fencedAt: fenced.length === 0 ? null : Math.max(...fenced.map(({ at }) => at)),
    latestAt: own?.latestAt ?? null,
    resourceId: own?.resourceId ?? null,
  };
}

async function begin(
  asset: Database,
  comparison: Comparison,
  {
    instance,
    restore,
    rehearsed,
  }: { readonly instance: string; readonly restore: Restore; readonly rehearsed: Rehearsed },
  { resourceId }: Old,
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
    await store.keepComparison({ ...comparison, endedAt: now(), wrong: [...comparison.wrong, error.message] });
  }
}

/** Rows of the copy that are newer than what came back. @throws CannotProceed, Unavailable, InProgress */
async function readCopy(
  asset: Database,
  { since }: Comparison,
  instance: string,
  { region }: Shell,
): Promise<TableRows[]> {
  const seen = await describeDatabase(region, instance);
  if (seen === null) throw new CannotProceed(`${instance} is not there any more`);
  const { data, reader } = askedIn(asset, { ...seen, region });
  const tables: TableRows[] = [];
  for (const table of data.tables) {
    const from = sinceOf(table, since);
    // A table that is new in the plan: nobody knows what came back of it.
    if (from === null) continue;
    const { newer, rows } = await newerIn(reader, table, from, mostRows(data.tables));
    const some = kept(rows, data.tables);
    tables.push({ table: table.name, newer, compared: some.length, rows: some });
  }
  return tables;
}

/** In the region that took over. */
async function compareHere(asset: Database, comparison: Comparison, shell: Shell): Promise<void> {
  const { store, now } = shell;
  const { incident, execution, readAt, comparedAt, endedAt } = comparison;
  if (readAt === null || comparedAt !== null || endedAt !== null) return tellEnd(comparison, shell);
  const read = await asked(() => compared(asset, comparison, shell), readAt, now());
  const ended: Comparison =
    'why' in read
      ? { ...comparison, endedAt: now(), wrong: [...comparison.wrong, read.why] }
      : { ...comparison, comparedAt: now(), tables: read.found };
  const outcome = { rows: countOnlyOld(ended), tables: onlyOldWords(ended), wrong: ended.wrong };
  if (ended.comparedAt !== null)
    await store.recordStep({ incident, execution, step: onlyOldMark(asset.name), at: now(), outcome });
  await store.keepComparison(ended);
  await tellEnd(ended, shell);
}

/** @throws CannotProceed, Unavailable, InProgress */
async function compared(asset: Database, { tables }: Comparison, shell: Shell): Promise<TableRows[]> {
  const { region } = shell;
  const instance = await instanceIn(asset, region, shell);
  const seen = await describeDatabase(region, instance);
  if (seen === null) throw new CannotProceed(`database ${instance} is not in ${region}`);
  const { data, reader } = askedIn(asset, { ...seen, region });
  const found: TableRows[] = [];
  for (const one of tables) {
    const keys = one.rows.map(({ key }) => key);
    found.push(onlyOld(one, await rowsOf(reader, tableOf(one, data), keys)));
  }
  return found;
}

function tableOf({ table }: TableRows, { tables }: Data): Data['tables'][number] {
  const named = tables.find(({ name }) => name === table);
  if (named === undefined) throw new CannotProceed(`the plan names no table ${table} any more`);
  return named;
}

/** What was found; or why it never will be. @throws what may be otherwise at the next call */
async function asked<Found>(
  ask: () => Promise<Found>,
  since: number,
  now: number,
): Promise<{ readonly found: Found } | { readonly why: string }> {
  try {
    return { found: await ask() };
  } catch (error) {
    if (error instanceof CannotProceed) return { why: error.message };
    if (error instanceof Error && now - since > patienceMs) return { why: error.message };
    if (error instanceof InProgress) throw new CannotProceed(error.message); // no state machine asks again here
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
  const isWell = comparedAt !== null && countOnlyOld(comparison) === 0;
  const roles = isWell ? owners : [...new Set([...plan.notifications.failure, ...owners])];
  await page(`comparison/${asset}/${region}/${openedAt}`, roles, comparisonMessage(comparison), shell);
}
