// Threads that do work side by side: a drill is bound by the processor, and each core takes one at a time.
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Lived } from '../../simulator/campaign/live.ts';
import type { DrillOptions } from '../../simulator/drill/drill.ts';
import type { DrillRun } from '../../simulator/drill/result.ts';
import type { Judged } from '../../simulator/histories/judging.ts';
import type { Drawing, Drawn } from '../bench/worker.ts';
import type { Living } from '../campaign/worker.ts';
import type { Judging } from './judge-worker.ts';

export type Thread<Task, Result> = {
  readonly run: (task: Task) => Promise<Result>;
  readonly end: () => Promise<unknown>;
};
export type DrillThread = Thread<DrillOptions, DrillRun>;
export type JudgeThread = Thread<Judging, Judged>;
export type CampaignThread = Thread<Living, Lived>;
export type BenchThread = Thread<Drawing, Drawn>;

/** Threads that run drills. */
export function drillThreads(drills: number): DrillThread[] {
  return threads(drills, 'drill-worker.ts');
}

/** Threads that make histories and judge what was decided in them. */
export function judgeThreads(histories: number): JudgeThread[] {
  return threads(histories, 'judge-worker.ts');
}

/** Threads that live through histories of the campaign. */
export function campaignThreads(histories: number): CampaignThread[] {
  return threads(histories, '../campaign/worker.ts');
}

/** Threads that live through draws of the bench. */
export function benchThreads(draws: number): BenchThread[] {
  return threads(draws, '../bench/worker.ts');
}

/** A thread for each core, and no more than there are tasks; each starts with its first task. */
function threads<Task, Result>(tasks: number, worker: string): Thread<Task, Result>[] {
  return Array.from({ length: Math.min(tasks, availableParallelism()) }, () => thread<Task, Result>(worker));
}

/** A history makes a gigabyte of what is soon thrown away: with more room for what is young, less of it is carried along. */
const resourceLimits = { maxYoungGenerationSizeMb: 192 };

/** What a thread loads is compiled once as well, and kept where the command keeps its own (cli/main.ts): Node keeps each version in a folder of it. */
function environment(): NodeJS.ProcessEnv | undefined {
  const kept = getCompileCacheDir();
  // biome-ignore lint/style/noProcessEnv: a thread has the environment of its process, and is told in no other way.
  return kept === undefined ? undefined : { ...process.env, NODE_COMPILE_CACHE: dirname(kept) };
}

/** A thread that does one task at a time. What a task throws ends the thread; the next task gets a new one. */
function thread<Task, Result>(file: string): Thread<Task, Result> {
  let worker: Worker | null = null;
  return {
    async run(task) {
      worker ??= new Worker(new URL(file, import.meta.url), { resourceLimits, env: environment() });
      try {
        worker.postMessage(task);
        const [result] = (await once(worker, 'message')) as [Result];
        return result;
      } catch (error) {
        await worker.terminate();
        worker = null;
        throw error;
      }
    },
    end: async () => worker?.terminate(),
  };
}
