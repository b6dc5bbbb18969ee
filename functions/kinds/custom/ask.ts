// Asks a Lambda of the user's for a verb, and reads its answer by the contract in docs/custom-kind.md.
import * as z from 'zod';
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { assetNamed } from '../../shared/estate.ts';
import type { FlowIncident } from '../../shared/recovery/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { invokeFunction, shortened } from './aws.ts';
import type { CustomVerb } from './rights.ts';

/** Of what a Lambda has seen that is handed on. */
const longestSeen = 10_000;

const answer = z.discriminatedUnion('done', [
  z.object({ done: z.literal(true), seen: z.record(z.string(), z.unknown()).default({}) }),
  z.object({ done: z.literal(false), why: z.string().min(1) }),
]);

/** `region`: where the Lambda runs, which is where a zone is left, or the region that takes over. */
export type Asked = { readonly verb: CustomVerb; readonly asset: string; readonly region: string };

/** The Lambda that does a verb for an asset. @throws CannotProceed where the plan names none */
export function lambdaFor({ verb, asset }: Asked, { plan }: Pick<Shell, 'plan'>): string {
  const name = assetNamed(asset, 'custom', plan).functions[verb];
  if (name === undefined) throw new CannotProceed(`the plan names no function that does ${verb} for ${asset}`);
  return name;
}

/** What the Lambda has seen, once it is done; a dry run only looks, as it is told. @throws InProgress until it is done */
export async function callLambda(asked: Asked, incident: FlowIncident, shell: Pick<Shell, 'plan'>) {
  const name = lambdaFor(asked, shell);
  const { verb, region } = asked;
  const { id, execution, zone, dryRun, drill } = incident;
  const event = { ...asked, zone, from: incident.region, incident: id, execution, dryRun, drill };
  const parsed = answer.safeParse(await invokeFunction(region, name, event));
  if (!parsed.success) {
    const expected = '{ "done": true, "seen": { ... } } or { "done": false, "why": "..." }';
    throw new CannotProceed(`${name} in ${region} answered what is not expected of ${verb}: expected ${expected}`);
  }
  if (!parsed.data.done) throw new InProgress(`${name} in ${region}: ${shortened(parsed.data.why)}`);
  // A flow hands on 256 KB at most: what is longer would end it after the work was done.
  const { seen } = parsed.data;
  const isShort = JSON.stringify(seen).length <= longestSeen;
  // Beside the name and not among what flows read of a step: what is seen may be called `skipped`.
  return { function: name, seen: isShort ? seen : `more than ${longestSeen} letters` };
}
