// Desired state: the database of the region that takes over takes writes.

import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { act, givingUp, lastCallAt } from '../../shared/act.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { RegionVerbInput } from '../../shared/flow.ts';
import { reach } from '../../shared/reach.ts';
import { describeDatabase, promoteLosingWhatIsMissing } from './aws.ts';
import { nextPromotion } from './moves.ts';

/** Called again until the replica's source link was seen gone. No waiver leaves this out: users need a writer. */
export const handler = reach('take-over', RegionVerbInput, async ({ incident, asset }, shell) => {
  const { standby: region } = incident;
  const { now } = shell;
  const { instance: replica } = placeOf(assetNamed(asset, 'rds-instance', shell.plan), region);
  const step = `take-over/${asset}`;
  const call = { step, call: 'rds:PromoteReadReplica', target: replica, region, continues: givingUp };
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
  return { database: replica, promoted: calledAt !== null, writableSince: now(), endpoint: seen.endpoint };
});
