// Restores a database beside production, verifies and measures what came up, and throws it away.
import { expectWritable, lookAt, readLedgerOf, watermarkOf } from '../../../aws/sql/sql.ts';
import { isYounger } from '../../../domain/data/ledger.ts';
import type { Rehearsal } from '../../../domain/data/rehearsal.ts';
import { returnedWords, whatReturned } from '../../../domain/data/returned-data.ts';
import { whyNotUsable } from '../../../domain/data/usable.ts';
import { CannotProceed, Unavailable } from '../../../domain/errors.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import { ownersOf, readinessCause, rebuildMs } from '../../../domain/signals/unready.ts';
import { isBusy } from '../../../shared/drills/busy.ts';
import { peerOf } from '../../../shared/estate.ts';
import { tellAll } from '../../../shared/messages/tell.ts';
import type { Shell } from '../../../shared/shell.ts';
import { describeDatabase } from '../aws/instances.ts';
import { seeBackups } from '../look.ts';
import { nextStep, provesNothing, rehearsalMessage } from '../rules/rehearsing.ts';
import { driftOf } from '../rules/restored.ts';
import { type Restore, rehearsalName } from '../says/backup-plan.ts';
import { askedIn } from '../sql/asked.ts';
import { asRehearsed, discard, make, type Rehearsed, standingAs, zoneOf } from './beside.ts';

type Database = AssetOf<'rds-instance'>;

/**
 * Called every five minutes: looks, takes one step, and tells how the last one came out where somebody has not heard. People who cannot be told
 * keep nothing standing that costs. @throws CannotProceed, Unavailable: the next call tries again
 */
export async function rehearse(asset: Database, shell: Shell): Promise<void> {
  const { restore } = asset.regions[shell.region] ?? {};
  if (restore?.rehearsal === undefined) return;
  const last = await shell.store.readRehearsal(asset.name, shell.region);
  const done = await Promise.allSettled([
    takeStep(asset, restore, restore.rehearsal, last, shell),
    tellEnd(last, shell),
  ]);
  for (const one of done) if (one.status === 'rejected') throw one.reason;
}

async function takeStep(
  asset: Database,
  restore: Restore,
  rehearsed: Rehearsed,
  last: Rehearsal | null,
  shell: Shell,
): Promise<void> {
  const { region, store, now } = shell;
  const instance = rehearsalName(restore.instance);
  const { primary, movedAt } = await store.readStanding(region);
  // Begun in the other region alone; but what stands here when the role moves is not left to stand.
  const serves = primary === region;
  if (serves && last === null) return;
  const [{ seen, standing }, isDelayed] = await Promise.all([standingAs(instance, asset, shell), isBusy(shell)]);
  // What a failover has left has no backups of the other region yet; readiness says what is missing.
  const isNew = movedAt !== null && now() - movedAt < rebuildMs;
  const busy = serves || isNew || isDelayed;
  const everyDays = (await isAskedFor(asset, last, shell)) ? 0 : rehearsed.everyDays;
  const step = nextStep(last, standing, { now: now(), everyDays, busy });
  if (step.next === 'begin') return begin(asset, restore, rehearsed, instance, shell);
  if (step.next === 'discard') return discard(asset, instance, shell);
  if (last === null || step.next === 'nothing' || step.next === 'wait') return;
  if (step.next === 'make-way') return store.keepRehearsal({ ...last, endedAt: now() });
  if (step.next === 'give-up') return end({ ...last, wrong: [...last.wrong, step.why] }, shell);
  const available = { ...last, availableAt: last.availableAt ?? now() };
  await store.keepRehearsal(available); // what was measured stays, whatever the questions come to
  const zoneName = zoneOf(restore, shell);
  const drift = seen === null ? [] : driftOf(asRehearsed(restore, rehearsed, asset, shell), zoneName, seen.made);
  const { data, wrong } = await verified(asset, available, shell);
  await end({ ...available, data, wrong: [...wrong, ...drift] }, shell);
}

/** Whether a drill that runs waits for a rehearsal that begins after it. */
async function isAskedFor(asset: Database, last: Rehearsal | null, { store, region }: Shell): Promise<boolean> {
  const runs = await store.listDrills();
  return runs.some(
    ({ kind, outcome, asset: name, region: place, faultAt }) =>
      kind === 'restore' &&
      outcome === null &&
      name === asset.name &&
      place === region &&
      faultAt !== null &&
      (last === null || last.begunAt < faultAt),
  );
}

async function begin(
  asset: Database,
  restore: Restore,
  rehearsed: Rehearsed,
  instance: string,
  shell: Shell,
): Promise<void> {
  const { region, plan, store, now, log } = shell;
  const target = peerOf(region, plan);
  if (target === null) throw new CannotProceed(`${region} has no peer`);
  const found = await sourceOf(asset, { target, standby: region }, shell);
  const published = await store.readLedger(asset.name);
  if (found.dataUntil !== null && (published === null || isYounger(published, found.dataUntil)))
    return log.warn('not rehearsed yet: no backup has rows of the ledger', { asset: asset.name, source: found.words });
  const begun: Rehearsal = {
    ...{ asset: asset.name, region, instance, begunAt: now(), source: found.words, dataUntil: found.dataUntil },
    ...{ availableAt: null, endedAt: null, data: null, wrong: [] },
  };
  if (found.source === null) return end({ ...begun, wrong: [found.words] }, shell);
  // Kept first: what is asked for and never heard of is looked at all the same.
  await store.keepRehearsal(begun);
  try {
    await make(asset, instance, restore, rehearsed, found.source, shell);
  } catch (error) {
    if (error instanceof CannotProceed) return end({ ...begun, wrong: [error.message] }, shell);
    throw error;
  }
}

/** What a restore on the day would be made from; `words`: which, or why there is none. */
async function sourceOf(asset: Database, between: { target: string; standby: string }, shell: Shell) {
  const seen = await seeBackups(asset, between, shell);
  const { automated, snapshot, preflight } = seen ?? {};
  const stopped = (of: 'automated' | 'snapshot') => preflight?.[of]?.problems ?? [];
  if (automated?.latestAt != null && stopped('automated').length === 0)
    return {
      source: automated.source,
      words: `replicated automated backups in ${shell.region}`,
      dataUntil: automated.latestAt,
    };
  if (snapshot?.found != null && stopped('snapshot').length === 0)
    return {
      source: { of: 'snapshot', id: snapshot.found.id } as const,
      words: `snapshot ${snapshot.found.id}`,
      dataUntil: snapshot.found.takenAt,
    };
  if (automated === undefined || snapshot === undefined || snapshot.found === undefined)
    throw new Unavailable(`the backups of ${asset.name} in ${shell.region} could not be looked at`);
  const problems = [...stopped('automated'), ...stopped('snapshot')];
  const why = problems.length > 0 ? `: ${[...new Set(problems)].join('; ')}` : '';
  return {
    source: null,
    words: `there is nothing to restore ${asset.name} from in ${shell.region}${why}`,
    dataUntil: null,
  };
}

/** Whether it can be used, and has the data that its backup should have. @throws Unavailable while it may yet answer */
async function verified(asset: Database, rehearsal: Rehearsal, shell: Shell) {
  const { region, store, now } = shell;
  const where = await describeDatabase(region, rehearsal.instance);
  if (where === null) return { data: null, wrong: [`${rehearsal.instance} is not there any more`] };
  try {
    const { data, reader, writer } = askedIn(asset, { ...where, region });
    const why = whyNotUsable(await lookAt(reader, Object.keys(data.parameters)), data);
    await expectWritable(writer, region, now());
    const published = await store.readLedger(asset.name);
    if (published === null) return { data: null, wrong: [...why, 'nothing was published to compare its data with'] };
    const [rows, ...tables] = await Promise.all([
      readLedgerOf(writer),
      ...data.tables.map((table) => watermarkOf(reader, table)),
    ]);
    const age = rehearsal.dataUntil === null ? null : Math.max(0, (published.at - rehearsal.dataUntil) / 1000);
    const returned = whatReturned(published, rows, { at: now(), tables }, data.tables, age);
    return {
      data: `what was written after the backup is not in it: ${returnedWords({ ...returned, wrong: [] })}`,
      wrong: [...why, ...returned.wrong],
    };
  } catch (error) {
    if (error instanceof CannotProceed) return { data: null, wrong: [error.message] };
    // It may only be starting; a quarter of an hour later it is not.
    const waited = now() - (rehearsal.availableAt ?? now());
    if (error instanceof Error && waited > askedForMs) return { data: null, wrong: [error.message] };
    throw error;
  }
}

const askedForMs = 900_000;

/** In the record first: what has ended is thrown away whoever hears of it. */
async function end(rehearsal: Rehearsal, shell: Shell): Promise<void> {
  const ended = { ...rehearsal, endedAt: shell.now() };
  await shell.store.keepRehearsal(ended);
  await tellEnd(ended, shell);
}

/** So long how it came out is news. */
const newsMs = 86_400_000;

/** Whose backups are told of it, good or bad; on-call too, where it is bad. Each hears once; of one that made way nobody does. */
async function tellEnd(last: Rehearsal | null, shell: Shell): Promise<void> {
  const { plan, now } = shell;
  if (last === null || last.endedAt === null || now() - last.endedAt > newsMs || provesNothing(last)) return;
  const owners = ownersOf([readinessCause('restore')], plan);
  const roles = last.wrong.length === 0 ? owners : [...new Set([...plan.notifications.failure, ...owners])];
  await tellAll(`rehearsal/${last.asset}/${last.region}/${last.begunAt}`, roles, rehearsalMessage(last), shell);
}
