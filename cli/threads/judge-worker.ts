// A thread of `breakwater judge`: lives through the histories that it is sent, one after the other, and sends back the verdict on each.
import { parentPort } from 'node:worker_threads';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { judgeSeed } from '../../simulator/histories/judging.ts';

export type Judging = { readonly seed: number; readonly plan: Plan };

// An error is not caught: it ends the thread, and with it only the history that threw it.
parentPort?.on('message', async ({ seed, plan }: Judging) => parentPort?.postMessage(await judgeSeed(seed, plan)));
