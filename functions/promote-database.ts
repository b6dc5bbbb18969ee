// Desired state: the database of the region that takes over takes writes.
import { describeDatabase, promoteLosingWhatIsMissing } from './aws/database.ts';
import { CannotProceed, InProgress } from './domain/errors.ts';
import { nextPromotion } from './domain/region-moves.ts';
import { act, lastCallAt } from './shared/act.ts';
import { databaseIn } from './shared/estate.ts';
import { RegionStepInput } from './shared/flow.ts';
import { step } from './shared/shell.ts';

const stepName = 'promote-database';

/** Called again until the replica's source link was seen gone. No waiver leaves this out: users need a writer. */
export const handler = step(RegionStepInput, async ({ incident }, shell) => {
  const { id, execution, standby: region } = incident;
  const { store, now } = shell;
  const replica = databaseIn(region, shell.plan);
  const call = { step: stepName, call: 'rds:PromoteReadReplica', target: replica, region, continues: 'fence-database' };
  const seen = await describeDatabase(region, replica);
  if (seen === null) throw new CannotProceed(`database ${replica} is not in ${region}`);
  const calledAt = await lastCallAt(incident, call, shell);
  const move = nextPromotion(seen, calledAt, now());
  if (move.next === 'give-up') throw new CannotProceed(`database ${replica} cannot be promoted: ${move.why}`);
  if (move.next === 'wait') throw new InProgress(`database ${replica} is not promoted yet: ${move.why}`);
  if (move.next === 'promote') {
    await act(incident, call, shell, () => promoteLosingWhatIsMissing(region, replica));
    throw new InProgress(`database ${replica} was asked to become a writer`);
  }
  const outcome = { database: replica, promoted: calledAt !== null, writableSince: now(), endpoint: seen.endpoint };
  const known = (await store.readSteps(id)).find((past) => past.execution === execution && past.step === stepName);
  if (known !== undefined) return known.outcome;
  await store.recordStep({ incident: id, execution, step: stepName, at: now(), outcome });
  return outcome;
});
