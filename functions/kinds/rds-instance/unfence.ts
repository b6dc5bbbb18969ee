// Desired state: the database that a flow has fenced takes writes again, because nothing took over from it.
import { CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import { assetsOf } from '../../domain/plan/assets.ts';
import { unfenceMark } from '../../domain/recovery/reaching.ts';
import { assetNamed } from '../../shared/estate.ts';
import { keep } from '../../shared/fencing/marks.ts';
import { unfencing } from '../../shared/fencing/unfence.ts';
import { act, callsOf } from '../../shared/recovery/act.ts';
import { noteFailing } from '../../shared/recovery/failing.ts';
import type { RegionIncident } from '../../shared/recovery/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { describeDatabase, exchangeGroups } from './aws/instances.ts';
import { fenceOf, openGroupsOf } from './fencing/unfencing.ts';
import { groupsChange, nextUnfence } from './moves.ts';
import { instanceIn } from './seen/held.ts';
import { type Promotion, promotionOf } from './seen/promotion.ts';

/**
 * Called again until the database takes writes. One that this execution has not fenced is left as it is. One whose
 * replica takes writes, or may, stays fenced, and the outcome says so: one writer is enough.
 * @throws CannotProceed where it is not there, or a person has to look; Unavailable where the region does not answer.
 */
export const handler = unfencing('rds-instance', async ({ incident, asset, asks }, shell) => {
  const { region } = incident;
  const { plan, now } = shell;
  const found = assetNamed(asset, 'rds-instance', plan);
  const made = await callsOf(incident, shell);
  const database = fenceOf(asset, region, made)?.target ?? null;
  if (database === null) {
    const open = { region, database: await instanceIn(found, region, shell), opened: false, why: 'it was not fenced' };
    if (incident.mode !== 'failover') return open;
    // A person who reads that nothing has taken over gives the flow up.
    const { promoted, why } = await promotionBefore(asset, incident, shell);
    return promoted === 'no' ? open : { ...open, beside: why };
  }
  const { promoted, why } = await promotionBefore(asset, incident, shell);
  if (promoted === 'soon') throw new InProgress(`${why}: whether ${database} may take writes is not known yet`);
  if (promoted !== 'no') return { region, database, opened: false, stays: `${why}, and one writer is enough` };
  const seen = await describeDatabase(region, database).catch(async (error: unknown) => {
    // Users cannot write meanwhile: the sweep tells people, as soon as their patience has ended.
    if (error instanceof Unavailable && !asks)
      await noteFailing(incident, unfenceMark(asset), stillFenced(error), shell);
    throw error;
  });
  if (seen === null) throw new CannotProceed(`database ${database} is not in ${region}`);
  const fencedAt = Math.max(...made.filter(({ step }) => step === `fence/${asset}`).map(({ at }) => at));
  const asked = made.filter((one) => one.step === unfenceMark(asset) && one.at > fencedAt).map(({ at }) => at);
  const askedAt = asked.length === 0 ? null : Math.max(...asked);
  const open = openGroupsOf(found, region);
  const move = nextUnfence(seen, open, askedAt, now());
  if (move.next === 'done') return { region, database, opened: true, openSince: now() };
  if (move.next === 'give-up') throw new CannotProceed(`database ${database} stays fenced: ${move.why}`);
  if (move.next === 'wait') throw new InProgress(`database ${database} takes no writes yet: ${move.why}`);
  // Before the call: whatever becomes of it, what was fenced counts no more, and is fenced afresh when the flow goes on.
  await keep(incident, unfenceMark(asset), shell);
  const change = groupsChange(seen, open);
  const call = {
    step: unfenceMark(asset),
    call: 'rds:ModifyDBInstance',
    target: database,
    change,
    continues: ['fence'],
  };
  await act(incident, call, shell, () => exchangeGroups(region, database, open));
  throw new InProgress(`database ${database}: its open groups were asked for`);
});

/** A failover that has promoted one database opens no other: its users would write to two regions. The first that is not no counts. */
async function promotionBefore(asset: string, incident: RegionIncident, shell: Shell): Promise<Promotion> {
  const all = incident.mode === 'failover' ? assetsOf('rds-instance', shell.plan) : [];
  const others = all.filter(({ name }) => name !== asset).map(({ name }) => promotionOf(name, incident, shell));
  const [own, ...found] = await Promise.all([promotionOf(asset, incident, shell), ...others]);
  return [own, ...found].find(({ promoted }) => promoted !== 'no') ?? own;
}

function stillFenced({ message }: Error): string {
  return `it is STILL FENCED, and users cannot write: ${message}`;
}
