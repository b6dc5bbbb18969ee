// What a drill says: the object that `drill --json` prints, and the progress that the live timeline is drawn from.
import type { Machine } from '../../functions/domain/flows.ts';
import type { CountsFrom } from '../../functions/domain/record/fault-clock.ts';
import type { StepOutcome } from '../../functions/domain/record/step.ts';
import type { Report } from '../../functions/domain/report/facts.ts';
import type { Action, Level } from '../../functions/domain/types.ts';
import type { AssetTruth } from '../estate/types.ts';
import type { Pulled } from '../people/levers.ts';

/** Times are ISO 8601 in virtual time, durations are seconds, and a number that is not known is null. */
export type DrillResult = {
  readonly scenario: string;
  readonly seed: number;
  /** The incident with the highest level. */
  readonly incident: IncidentSummary | null;
  readonly otherIncidents: readonly IncidentSummary[];
  readonly decisions: readonly DecisionSummary[];
  readonly executions: readonly ExecutionSummary[];
  readonly steps: readonly StepSummary[];
  readonly approvals: readonly {
    readonly at: string;
    readonly approver: string;
    readonly answer: string;
    readonly valid: boolean;
    readonly reason: string;
  }[];
  readonly clocks: {
    /** Fault to first signal. */
    readonly detectSeconds: number | null;
    /** First signal to decision. */
    readonly decideSeconds: number | null;
    /** Request to the answer that settles it. */
    readonly approvalSeconds: number | null;
    /** Start of the flow to verified, without approvalSeconds. */
    readonly executeSeconds: number | null;
    /** Fault until users are served and stay served. */
    readonly recoverySeconds: number | null;
    /** Fault until the next disaster is covered again; null while it is not, and 0 where no role has moved. */
    readonly unprotectedSeconds: number | null;
  };
  readonly dataLoss: {
    readonly reportedSeconds: number | null;
    readonly actualSeconds: number | null;
    readonly lostWrites: number | null;
    readonly divergedWrites: number | null;
  };
  /**
   * What people were told before they approved, or what the flow out of a zone was predicted to take; null where neither was. `countsFrom`: what
   * `recoverySeconds` counts from, as nobody but the simulator knows when the fault was; null where the record does not say.
   */
  readonly predicted: {
    readonly recoverySeconds: number | null;
    readonly dataLossSeconds: number | null;
    readonly countsFrom: CountsFrom['what'] | null;
  } | null;
  readonly objectives: {
    readonly rtoSeconds: number;
    readonly rpoSeconds: number;
    readonly mttrSeconds: number;
    readonly rtoMet: boolean | null;
    readonly rpoMet: boolean | null;
  };
  /** executeSeconds against the longest chain of the estate's own latencies. */
  readonly overhead: {
    readonly criticalPathSeconds: number | null;
    readonly addedSeconds: number | null;
    readonly ratio: number | null;
  };
  readonly invariants: readonly InvariantResult[];
  readonly notifications: readonly {
    readonly at: string;
    readonly role: string;
    readonly channel: string;
    readonly subject: string;
  }[];
  readonly mutations: readonly {
    readonly at: string;
    readonly service: string;
    readonly operation: string;
    readonly region: string;
    readonly target: string;
    readonly step: string;
  }[];
  readonly end: {
    /** All that the plan protects, in its order. */
    readonly assets: readonly AssetTruth[];
    /** Of the first database and the first cache; null where there is none. */
    readonly databaseZone: string | null;
    readonly databaseRegion: string | null;
    readonly cacheZone: string | null;
    readonly cacheRegion: string | null;
    readonly usersRegion: string | null;
    readonly served: boolean;
  };
};

export type ScopeSummary = { readonly region: string; readonly zone?: string };
export type IncidentSummary = {
  readonly id: string;
  readonly level: Level;
  readonly scope: ScopeSummary;
  readonly openedAt: string;
  readonly closedAt: string | null;
};
export type DecisionSummary = {
  readonly at: string;
  readonly action: Action;
  readonly level: Level;
  readonly scope: ScopeSummary;
  readonly reason: string;
  readonly evidence: readonly string[];
};
export type ExecutionSummary = {
  readonly stateMachine: Machine;
  readonly name: string;
  readonly region: string;
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
};
export type StepSummary = {
  readonly execution: string;
  readonly state: string;
  /** Where the state is about one asset. */
  readonly asset?: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: StepOutcome;
  readonly attempts: number;
};
export type InvariantResult = { readonly id: string; readonly held: boolean; readonly detail?: string };

/** How a step stands: a try of it threw and another follows, or how it ended. */
export type StepPhase = 'began' | 'retrying' | StepOutcome;

/** What a scenario asked for and did not get; empty when it got everything. */
export type Miss = { readonly what: string; readonly expected: string; readonly was: string };

/** A drill that has run: its result, what of its scenario's expectations was missed, and how often a person resumed what stopped. */
export type DrillRun = {
  readonly result: DrillResult;
  readonly misses: readonly Miss[];
  readonly resumed?: number;
  /** The facts of its report; only where one was asked for. */
  readonly report?: Report;
  /** How many signals a spectator saw; only where a report was asked for. */
  readonly signals?: number;
  /** What came of the lever that was pulled; null where its state was not entered. */
  readonly pulled?: Pulled | null;
};

/** Something a spectator would want to see as it happens. `at` is milliseconds of virtual time; `sinceFault` in seconds. */
export type Progress = { readonly at: number } & (
  | { readonly kind: 'zero' } // comes first: all times of the drill count from its `at`
  | { readonly kind: 'fault'; readonly text: string }
  | { readonly kind: 'signal'; readonly region: string; readonly text: string; readonly bad: boolean }
  | {
      readonly kind: 'decision';
      readonly action: Action;
      readonly level: Level;
      readonly place: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'execution';
      readonly name: string;
      readonly stateMachine: Machine;
      readonly region: string;
      readonly status: string;
    }
  | {
      readonly kind: 'step';
      readonly execution: string;
      /** Its state, and behind a slash the asset that it is about. */
      readonly state: string;
      readonly phase: StepPhase;
      readonly seconds: number | null;
      readonly detail: string | null;
    }
  | { readonly kind: 'message'; readonly role: string; readonly subject: string }
  /** What people are shown before they decide, in sentences. */
  | { readonly kind: 'assessment'; readonly sentences: readonly string[] }
  | { readonly kind: 'request'; readonly sentences: readonly string[] }
  /** A page on this machine that waits for a person. */
  | { readonly kind: 'page'; readonly role: string; readonly url: string }
  | { readonly kind: 'users'; readonly served: boolean }
  | { readonly kind: 'operator'; readonly text: string }
);
