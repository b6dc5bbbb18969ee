// What `deploy` keeps on this machine between two runs of it: where people are reached, and which stacks stand as they were
// packaged. In .breakwater, which git ignores and which its owner alone may read: addresses belong into no repository.
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { WrongInput } from '../screen/wrong-input.ts';

const Kept = z.strictObject({
  /** By the name of their --param. */
  addresses: z.record(z.string(), z.string()).default({}),
  /** By step: the packaging that was deployed there. */
  stands: z.record(z.string(), z.string()).default({}),
  /** Whether a first deployment has begun and not come to its end. */
  unfinished: z.boolean().default(false),
});
export type Kept = Readonly<z.infer<typeof Kept>>;

const folder = join(import.meta.dirname, '../../.breakwater');

const fileOf = (stage: string): string => join(folder, `${stage}.json`);

/** Nothing where there is no file yet. @throws WrongInput where somebody has damaged it. */
export function readKept(stage: string): Kept {
  const file = fileOf(stage);
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return Kept.parse({});
  try {
    return Kept.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new WrongInput(
      `${file}: is damaged, expected what deploy has written: delete it, and addresses are asked again`,
    );
  }
}

/** Changes what is kept: whole or not at all. */
export function keep(stage: string, changes: Partial<Kept>): void {
  const kept = { ...readKept(stage), ...changes };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unfinished = `${fileOf(stage)}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, fileOf(stage));
}
