// Desired state: it is known what became of the old region. The fence watch fences it; here is said what that means for its data.
import * as z from 'zod';
import { InProgress } from './domain/errors.ts';
import type { StepRecord } from './domain/record/store.ts';
import { fencedIn, unfenceMark, watchedIn } from './domain/recovery/reaching.ts';
import { type FlowIncident, RegionStepInput } from './shared/recovery/flow.ts';
import { readWaiver } from './shared/recovery/waivers.ts';
import { type Shell, step } from './shared/shell.ts';

const Fenced = z.looseObject({
  fenced: z.boolean(),
  late: z.boolean().default(false),
  fencedAt: z.number().optional(),
});
const AwaitFenceInput = RegionStepInput.extend({
  /** What Fence did before anything took over, by asset. */
  fenced: z.record(z.string(), Fenced),
  /** What the old region wrote after that is not in the reported data loss. */
  writesEndedAt: z.number(),
});

/**
 * What became of each asset that had to be fenced. What it wrote after it was last seen alive has diverged, until the fence; how
 * many writes that were, only its data can say. @throws InProgress until all is known.
 */
export const handler = step(AwaitFenceInput, async ({ incident, fenced, writesEndedAt: divergedFrom }, shell) => {
  const { id, execution, region } = incident;
  const own = (await shell.store.readSteps(id)).filter((past) => past.execution === execution);
  const found: Record<string, Became> = {};
  for (const name of watchedIn(shell.plan)) {
    // What was fenced stays so, whatever a person has signed since.
    const became = becameOf(name, fenced[name], own);
    const outcome = became?.['fenced'] === true ? became : ((await leftOut(name, incident, shell)) ?? became);
    if (outcome === null) throw new InProgress(`${name} of ${region} is not fenced yet`);
    // Consumers hold no data: what they wrote is the databases'.
    const isConsumers = shell.plan.assets.some((one) => one.name === name && one.kind === 'consumers');
    const of = isConsumers ? { region, consumers: {} } : { region };
    found[name] =
      'divergedWrites' in outcome ? { ...of, ...outcome } : { ...of, divergedWrites: null, divergedFrom, ...outcome };
  }
  return found;
});

type Became = Readonly<Record<string, unknown>>;

async function leftOut(name: string, incident: FlowIncident, shell: Shell): Promise<Became | null> {
  const waived = await readWaiver(incident, 'FenceOnReturn', shell, name);
  const lost = fencedIn(shell.plan).includes(name) ? {} : { divergedWrites: 0 };
  return waived === null ? null : { fenced: false, ...waived, ...lost };
}

function becameOf(name: string, first: z.infer<typeof Fenced> | undefined, own: readonly StepRecord[]): Became | null {
  if (first?.fenced === true) return first.late ? until(first.fencedAt) : { fenced: true, divergedWrites: 0 };
  const undone = own.findLast(({ step }) => step === unfenceMark(name));
  const fenced = own.find(({ step, at }) => step === `fence/${name}/fenced` && at > (undone?.at ?? 0));
  if (fenced !== undefined) return until(fenced.at);
  return own.find(({ step }) => step === `fence-late/${name}`)?.outcome ?? null;
}

function until(fencedAt: number | undefined): Became {
  return { fenced: true, fencedAt, divergedUntil: fencedAt };
}
