// Whether something has taken over from what consumers write to: from then on they must be off where they were.
import { assetNamed } from '../../../shared/estate.ts';
import type { TakenOver } from '../../../shared/fencing/fence-late.ts';
import { callsOf } from '../../../shared/recovery/act.ts';
import type { FlowIncident } from '../../../shared/recovery/flow.ts';
import type { Shell } from '../../../shared/shell.ts';
import { takenOverFrom } from '../../looks.ts';

/** The first that is so of any of them: yes, unknown, soon; no where nothing has taken over from any. @throws CannotProceed, Unavailable. */
export async function needsTakenOver(
  name: string,
  incident: Pick<FlowIncident, 'id' | 'execution' | 'region' | 'mode'>,
  shell: Shell,
): Promise<TakenOver> {
  const { needs } = assetNamed(name, 'consumers', shell.plan);
  const found = await Promise.all(needs.map((need) => whether(need, incident, shell)));
  const order = ['yes', 'unknown', 'soon', 'no'] as const;
  const first = order.flatMap((one) => found.find(({ promoted }) => promoted === one) ?? [])[0];
  return first ?? { promoted: 'no', why: '' };
}

/** Of a kind that cannot tell, what was asked for counts: two that consume are worse than none. */
async function whether(
  need: string,
  incident: Pick<FlowIncident, 'id' | 'execution' | 'region' | 'mode'>,
  shell: Shell,
): Promise<TakenOver> {
  const told = await takenOverFrom(need, incident, shell);
  if (told !== null) return told;
  const asked = (await callsOf(incident, shell)).some(({ step }) => step === `take-over/${need}`);
  return asked ? { promoted: 'yes', why: `${need} was asked to take over` } : { promoted: 'no', why: '' };
}
