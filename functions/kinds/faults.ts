// What drills break on purpose, and whether it is whole again. A list of its own: only drills break anything.

import type { Missing } from '../domain/drills/judge.ts';
import type { DrillTarget } from '../domain/drills/plan.ts';
import type { Shell } from '../shared/shell.ts';
import { databaseIsWhole, databaseToStrike, failDatabaseOver } from './rds-instance/strike.ts';

/** A fault that can be injected: into what, and what it is now, by which it is seen afterwards that the fault has struck. */
export type Strike = {
  /** service:operation, and what it is about, for the record. */
  readonly call: string;
  readonly target: string;
  readonly struck: string;
};

/** Looks, and changes nothing. @throws CannotProceed where it is not there, or not as it must be to be broken */
export function strikeOf({ asset }: DrillTarget, region: string, shell: Shell): Promise<Strike> {
  return databaseToStrike(asset, region, shell);
}

/** @throws CannotProceed, Unavailable */
export function inject({ target }: Strike, region: string): Promise<void> {
  return failDatabaseOver(target, region);
}

/** What is missing until it is whole; null where nothing is. A fault that was not seen to strike is missing too. */
export function missingOf({ asset }: DrillTarget, region: string, struck: string, shell: Shell): Promise<Missing> {
  return databaseIsWhole(asset, region, struck, shell);
}
