// Desired state: the database of the region that is given up takes no more writes, or the approval says that it may.
import { fencing } from '../../shared/fencing/fence.ts';
import type { RegionIncident } from '../../shared/recovery/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { fence, standing } from './fencing/fencing.ts';

export const handler = fencing({
  what: 'database',
  fence,
  isOpen: async (incident, asset, shell) => (await standing(incident, asset, shell)) === 'open',
  before: async (incident, asset, shell) =>
    incident.mode === 'restore' ? await fencedBefore(incident, asset, shell) : null,
});

/**
 * What the fence of this flow came to, once it has restored the database in the same region: what stands there by then is the one that takes
 * writes. Null before.
 */
async function fencedBefore(
  { id, execution }: RegionIncident,
  asset: string,
  { store }: Shell,
): Promise<object | null> {
  const own = (await store.readSteps(id)).filter((past) => past.execution === execution);
  if (!own.some(({ step }) => step === `take-over/${asset}`)) return null;
  const step = `fence/${asset}`;
  const left = own.findLast((past) => past.step === step);
  const seen = own.findLast((past) => past.step === `${step}/fenced`);
  // What it was seen to be is noted first, and what people let it be after that.
  if (left !== undefined && left.at >= (seen?.at ?? 0)) return left.outcome;
  if (seen === undefined) return { fenced: false, unfenced: [], why: 'it was not fenced before it was restored' };
  return { fenced: true, unfenced: [], fencedAt: seen.at, late: false };
}
