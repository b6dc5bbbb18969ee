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
  const found = await Promise.all([
    asked(name, incident, shell),
    ...needs.map((need) => whether(need, incident, shell)),
  ]);
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
  return (await takenOverFrom(need, incident, shell)) ?? asked(need, incident, shell);
}

/** What was found to have taken over needed no call. */
async function asked(
  asset: string,
  { id, execution }: Pick<FlowIncident, 'id' | 'execution'>,
  shell: Shell,
): Promise<TakenOver> {
  const [calls, steps] = await Promise.all([callsOf({ id, execution }, shell), shell.store.readSteps(id)]);
  const step = `take-over/${asset}`;
  const done = steps.some(
    (past) => past.execution === execution && past.step === step && past.outcome['skipped'] !== true,
  );
  const isAsked = done || calls.some((past) => past.step === step);
  return isAsked ? { promoted: 'yes', why: `${asset} was asked to take over` } : { promoted: 'no', why: '' };
}
