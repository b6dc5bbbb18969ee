// Threads that run drills side by side: a drill is bound by the processor, and each core takes one at a time.
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DrillRun } from '../simulator/result.ts';
import type { RunDrill } from './drill.ts';

export type DrillThread = { readonly run: RunDrill; readonly end: () => Promise<unknown> };

/** A thread for each core, and no more than there are drills; each starts with its first drill. */
export function drillThreads(drills: number): DrillThread[] {
  return Array.from({ length: Math.min(drills, availableParallelism()) }, drillThread);
}

/** A thread that runs one drill at a time. What a drill throws ends the thread; the next drill gets a new one. */
function drillThread(): DrillThread {
  let worker: Worker | null = null;
  return {
    async run(options) {
      worker ??= new Worker(new URL('drill-worker.ts', import.meta.url));
      try {
        worker.postMessage(options);
        const [run] = (await once(worker, 'message')) as [DrillRun];
        return run;
      } catch (error) {
        await worker.terminate();
        worker = null;
        throw error;
      }
    },
    end: async () => worker?.terminate(),
  };
}
