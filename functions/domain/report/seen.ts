// What is known of an incident beside its record: by the simulator nearly all, by a deployment on AWS little. Null is what nobody
// looked at. Times are milliseconds since 1970.
import type { DrillRecord } from '../drills/record.ts';
import type { StepOutcome, Tick } from '../record/step.ts';
import type { Assumption, Report } from './facts.ts';
import type { MadeCall } from './record.ts';

/** A step as its flow ran it. */
export type SeenStep = {
  readonly state: string;
  /** The asset that it is about; null where it is about the whole flow. */
  readonly asset: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly outcome: StepOutcome | null;
  /** Whether anything was done; null of a step that has not ended, or threw. */
  readonly tick: Tick['state'] | null;
  readonly attempts: number;
};

/** What was true, whatever was reported. */
export type Truth = {
  readonly recoverySeconds: number | null;
  readonly lossSeconds: number | null;
  readonly lostWrites: number | null;
  readonly divergedWrites: number | null;
};

export type Seen = Pick<Report, 'id' | 'subject' | 'title' | 'source' | 'environment' | 'plan' | 'others' | 'users'> & {
  readonly asOf: number;
  /** The drill that the deployment ran; null of incidents that no drill made, and in the simulator. */
  readonly run: DrillRecord | null;
  readonly orderedBy: string | null;
  /** Why this scenario; null where it was not chosen. */
  readonly why: string | null;
  readonly faults: readonly string[];
  readonly faultAt: number | null;
  /** From when all times of a drill count, also where nothing was broken; null of what was no drill. */
  readonly zeroAt: number | null;
  readonly firstSignalAt: number | null;
  /** What was expected of it and missed, a line each; null where nobody expected anything. */
  readonly missed: readonly string[] | null;
  readonly expectations: readonly Assumption[];
  readonly truth: Truth | null;
  /** Calls of the drill itself, beside those that its incident made. */
  readonly ownCalls: readonly MadeCall[];
  readonly steps: readonly SeenStep[] | null;
  readonly signals: readonly { readonly at: number; readonly text: string }[];
  readonly served: readonly { readonly at: number; readonly served: boolean }[] | null;
  readonly messages: Report['messages'] | null;
  readonly invariants: Report['invariants'] | null;
  readonly assets: Report['assets'] | null;
  /** What it cost, in words; null where the record alone says what was done. */
  readonly cost: string | null;
  /** Why those who were asked and did not answer did not; null where nobody knows. */
  readonly absence: string | null;
  readonly gaps: readonly string[];
};
