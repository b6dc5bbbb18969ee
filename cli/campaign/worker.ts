// A thread of `breakwater campaign`: lives through the histories that it is sent, one after the other, and sends back what was broken.
import { parentPort } from 'node:worker_threads';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { liveThrough } from '../../simulator/campaign/live.ts';

export type Living = { readonly seed: number; readonly plan: Plan };

// An error is not caught: it ends the thread, and with it only the history that threw it.
parentPort?.on('message', async ({ seed, plan }: Living) => parentPort?.postMessage(await liveThrough(seed, plan)));
