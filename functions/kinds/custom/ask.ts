// Asks a Lambda of the user's to do a verb, and reads its answer by the contract in docs/custom-kind.md.
import * as z from 'zod';
import { invokeFunction } from '../../aws/user-lambda.ts';
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { act, givingUp, lastCallAt } from '../../shared/act.ts';
import { assetNamed } from '../../shared/estate.ts';
import type { FlowIncident } from '../../shared/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import type { CustomVerb } from './plan.ts';

const answer = z.discriminatedUnion('done', [
  z.object({ done: z.literal(true), seen: z.record(z.string(), z.unknown()).default({}) }),
  z.object({ done: z.literal(false), why: z.string().min(1) }),
]);

/** Where a verb is asked for. `region` is where the Lambda runs: where a zone is left, or the region that takes over. */
export type Asked = { readonly verb: CustomVerb; readonly asset: string; readonly region: string };

/**
 * What the Lambda has seen, once it is done. The first call of an execution is recorded before it is made; a dry run only
 * looks, as the event says, and a `verify` changes nothing. @throws InProgress until it is done
 */
export async function askLambda({ verb, asset, region }: Asked, incident: FlowIncident, shell: Shell) {
  const name = assetNamed(asset, 'custom', shell.plan).functions[verb];
  if (name === undefined) throw new CannotProceed(`the plan names no function that does ${verb} for ${asset}`);
  const { id, execution, zone, dryRun, drill } = incident;
  const event = { verb, asset, region, zone, from: incident.region, incident: id, execution, dryRun, drill };
  const call = { step: `${verb}/${asset}`, call: 'lambda:Invoke', target: name, region };
  const continues = verb === 'take-over' ? { continues: givingUp } : {};
  const run = () => invokeFunction(region, name, event);
  const isAsked = dryRun || verb === 'verify' || (await lastCallAt(incident, call, shell)) !== null;
  const parsed = answer.safeParse(isAsked ? await run() : await act(incident, { ...call, ...continues }, shell, run));
  if (!parsed.success) {
    const expected = '{ "done": true, "seen": { ... } } or { "done": false, "why": "..." }';
    throw new CannotProceed(`${name} in ${region} answered what is not expected of ${verb}: expected ${expected}`);
  }
  if (!parsed.data.done) throw new InProgress(`${name} in ${region}: ${parsed.data.why}`);
  return { function: name, ...parsed.data.seen };
}
