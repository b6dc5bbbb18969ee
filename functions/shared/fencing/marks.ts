// Moments that a fence keeps in the record of its flow: when it was first seen whole, since when it waits.
import type { RegionIncident } from '../recovery/flow.ts';
import type { Shell } from '../shell.ts';

/** When a mark was first kept, in milliseconds since 1970: now, where it was not, or not after `since`. */
export async function firstSeen(
  incident: RegionIncident,
  mark: string,
  shell: Shell,
  since: number | null = null,
): Promise<number> {
  const kept = await newestOf(incident, mark, shell);
  return kept === null || (since !== null && kept <= since) ? keep(incident, mark, shell) : kept;
}

/** Keeps a mark in the record, and gives its time. */
export async function keep(
  { id, execution, region }: RegionIncident,
  step: string,
  { store, now }: Shell,
): Promise<number> {
  const at = now();
  await store.recordStep({ incident: id, execution, step, at, outcome: { region } });
  return at;
}

/** When a mark was last kept; null where it was not. */
export async function newestOf(
  { id, execution }: RegionIncident,
  step: string,
  { store }: Shell,
): Promise<number | null> {
  const past = (await store.readSteps(id)).filter((one) => one.execution === execution && one.step === step);
  return past.length === 0 ? null : Math.max(...past.map(({ at }) => at));
}
