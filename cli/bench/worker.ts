// A thread of `breakwater bench`: lives through the draws that it is sent, one after the other, and sends back what each took.
import { parentPort } from 'node:worker_threads';
import type { Counts } from '../../functions/domain/cost/bill.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { type Draw, type Outage, runDraw } from '../../simulator/bench/draw.ts';
import { countsOf } from '../cost.ts';

export type Drawing = { readonly outage: Outage; readonly seed: number; readonly plan: Plan };
/** `counts`: what AWS would charge for. */
export type Drawn = Omit<Draw, 'result' | 'signals'> & { readonly counts: Counts };

// An error is not caught: it ends the thread, and with it only the draw that threw it.
parentPort?.on('message', async ({ outage, seed, plan }: Drawing) => {
  const { result, signals, ...draw } = await runDraw(outage, seed, plan);
  parentPort?.postMessage({ ...draw, counts: countsOf(result, signals) } satisfies Drawn);
});
