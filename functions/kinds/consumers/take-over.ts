// Desired state: the consumers of the region that takes over are on. What they write to has taken over before (`needs`).
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { RegionVerbInput } from '../../shared/recovery/flow.ts';
import { reach } from '../../shared/recovery/reach.ts';
import { switchOn } from './aws.ts';
import { wentOn } from './goes-on.ts';
import { consumersOf, tasksOf } from './rules/listed.ts';
import { offBefore } from './seen/was-off.ts';
import { switchAll } from './switching.ts';

/** Called again until all are on. @throws CannotProceed where one of them is not there, or cannot be switched on; the others are on then. */
export const handler = reach('take-over', RegionVerbInput, async ({ incident, asset }, shell) => {
  const { standby: region } = incident;
  const place = placeOf(assetNamed(asset, 'consumers', shell.plan), region);
  const consumers = consumersOf(place).map((one) => ({
    one,
    goal: { on: true, tasks: tasksOf(one) },
  }));
  const switched = await switchAll(incident, { region, step: `take-over/${asset}`, consumers, call: switchOn }, shell);
  const wereOff = await offBefore(incident, asset, shell);
  const goesOn = await wentOn(incident, asset, shell);
  return { consumers: switched, ...(wereOff !== null && { wereOff }), ...(goesOn !== null && { goesOn }) };
});
