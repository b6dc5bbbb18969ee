// Switches off what the region that is given up consumes: nothing there works any more without a user.
import { unfenceMark } from '../../domain/recovery/reaching.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import type { Fenced } from '../../shared/fencing/fence.ts';
import { firstSeen, newestOf } from '../../shared/fencing/marks.ts';
import type { Watching } from '../../shared/recovery/act.ts';
import type { RegionIncident } from '../../shared/recovery/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { switchOff } from './aws.ts';
import { keepGoesOn } from './goes-on.ts';
import { consumersOf } from './rules/listed.ts';
import { switchAll } from './switching.ts';

const off = { on: false, tasks: 0 } as const;

/**
 * Asks for what is on to be off, and throws InProgress until all is. What the fence has begun the late one finishes, and the other way round.
 * A consumer that is not there consumes nothing: the outcome says so, and what goes on in a cluster. @throws Unavailable, CannotProceed.
 */
export async function fence(
  incident: RegionIncident,
  asset: string,
  shell: Shell,
  { watches }: { readonly watches?: Watching } = {},
): Promise<Fenced> {
  const { region } = incident;
  const step = `fence/${asset}`;
  const place = placeOf(assetNamed(asset, 'consumers', shell.plan), region);
  const consumers = consumersOf(place).map((one) => ({ one, goal: off }));
  const switched = await switchAll(incident, { region, step, consumers, call: switchOff, watches }, shell);
  const undoneAt = await newestOf(incident, unfenceMark(asset), shell);
  const fencedAt = await firstSeen(incident, `${step}/fenced`, shell, undoneAt);
  const all = consumers.map(({ one }) => one);
  const why = await keepGoesOn(incident, asset, all, shell);
  return { consumers: switched, fencedAt, ...(why !== null && { why }) };
}
