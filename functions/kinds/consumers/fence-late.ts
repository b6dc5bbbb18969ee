// Desired state: the consumers of the region that was given up are off, from the moment it answers again. The fence watch asks.
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { fencingLate } from '../../shared/fencing/fence-late.ts';
import { holdsFence } from '../../shared/fencing/fence-lock.ts';
import { callsOf } from '../../shared/recovery/act.ts';
import { describeConsumer } from './aws.ts';
import { fence } from './fencing.ts';
import { consumersOf } from './rules/listed.ts';
import { needsTakenOver } from './seen/needs.ts';

export const handler = fencingLate({
  kind: 'consumers',
  takenOver: needsTakenOver,
  async look(incident, asset, shell) {
    const { region } = incident;
    const place = placeOf(assetNamed(asset, 'consumers', shell.plan), region);
    // One answer is enough: what does not answer is asked by the fence.
    const [first] = consumersOf(place);
    if (first !== undefined) await describeConsumer(region, first, shell.now());
    const begun = (await callsOf(incident, shell)).some(({ step }) => step === `fence/${asset}`);
    return begun ? 'closing' : 'open';
  },
  fence: (incident, asset, shell) => fence(incident, asset, shell, { watches: holdsFence }),
});
