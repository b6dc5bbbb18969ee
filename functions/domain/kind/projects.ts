// The words in which a kind says which build projects it needs. infrastructure/runs/projects.ts makes them of these.
import type { KindRight } from './rights.ts';

/** A project that runs infrastructure/scripts/. */
export type KindProject = {
  /** With the prefix of the stack. */
  readonly name: string;
  readonly description: string;
  /** What the scripts find in their environment; `${AWS::AccountId}` and the like are filled in at deployment. */
  readonly variables: Readonly<Record<string, string>>;
  /** What a build may be started to do instead, as its variable TASK says it: each changes something. */
  readonly tasks: readonly string[];
  /** What its builds may do, beside writing their log. */
  readonly may: readonly KindRight[];
  /** The longest that a build may take. */
  readonly minutes: number;
  /** Whether a build of it is started each day, with the variables as they are. */
  readonly daily: boolean;
};
