// The whole record of one incident, as a report is made from it: what was decided, asked, answered, done and reached. Times are
// milliseconds since 1970, and a number that is not known is null.
import type { Comparison } from '../data/only-old.ts';
import { type CountsFrom, countsFromShape } from '../record/fault-clock.ts';
import type { AuditRecord, Settled, StepRecord } from '../record/store.ts';
import type { UsersSeen } from '../record/users-seen.ts';
import type { ApprovalRequest, Incident, RecordedAnswer } from '../types.ts';

export type Asked = {
  readonly request: ApprovalRequest;
  readonly answers: readonly RecordedAnswer[];
  readonly settled: Settled | null;
};

export type Waiver = {
  readonly execution: string;
  readonly state: string;
  readonly by: string;
  readonly reason: string;
  readonly at: number;
};

/** What a flow came to, beside what was predicted. */
export type Came = {
  readonly execution: string;
  readonly predicted: {
    readonly recoverySeconds: number | null;
    readonly dataLossSeconds: number | null;
    /** From what the times come; null in records of before that was kept. */
    readonly basis: string | null;
    /** Of each asset that had to leave a zone, from the start of the flow; empty of another flow. */
    readonly assetSeconds: Readonly<Record<string, number>>;
  } | null;
  readonly clocks: Readonly<
    Record<'detectSeconds' | 'decideSeconds' | 'approvalSeconds' | 'executeSeconds' | 'recoverySeconds', number | null>
  >;
  readonly dataLossSeconds: number | null;
  /** When users were proved to be served. */
  readonly verifiedAt: number | null;
  readonly startedAt: number | null;
  /** From when its clock counts; null where it was kept before that was said: from the first evidence. */
  readonly countsFrom: CountsFrom | null;
};

/** `requestIds`: of the requests that it took, oldest first; empty where AWS gave none, or nobody could keep them. */
export type MadeCall = AuditRecord & { readonly requestIds: readonly string[] };

export type IncidentRecord = {
  readonly incident: Incident;
  readonly drill: boolean;
  readonly asked: readonly Asked[];
  readonly waivers: readonly Waiver[];
  /** Flows that a person has ended, with whom. */
  readonly aborts: readonly { readonly execution: string; readonly by: string; readonly at: number }[];
  readonly steps: readonly StepRecord[];
  readonly calls: readonly MadeCall[];
  /** Those of the calls that were refused: they were not made. */
  readonly refused: readonly MadeCall[];
  readonly came: readonly Came[];
  /** What only the old databases have, as far as that was looked for. */
  readonly comparisons: readonly Comparison[];
  /** What the canaries saw of users; null where that was not kept. */
  readonly users: UsersSeen | null;
};

/** Whether a call went to a Lambda that the plan names to move what Breakwater has no kind for: what that changes it alone sees. */
export function isOwnLambda({ call }: Pick<AuditRecord, 'call'>): boolean {
  return call === 'lambda:Invoke';
}

/** What the last state of a flow wrote of it; empty where it did not come so far. */
export function cameOf(steps: readonly StepRecord[]): Came[] {
  return steps.filter(({ step }) => step === 'record-failover' || step === 'record-recovery').map(cameTo);
}

function cameTo({ execution, outcome }: StepRecord): Came {
  const predicted = outcome['predicted'];
  return {
    execution,
    predicted: isTable(predicted)
      ? {
          recoverySeconds: number(predicted['recoverySeconds']),
          dataLossSeconds: number(predicted['dataLossSeconds']),
          basis: typeof predicted['basis'] === 'string' ? predicted['basis'] : null,
          assetSeconds: numbersIn(predicted['assetSeconds']),
        }
      : null,
    clocks: {
      detectSeconds: number(outcome['detectSeconds']),
      decideSeconds: number(outcome['decideSeconds']),
      approvalSeconds: number(outcome['approvalSeconds']),
      executeSeconds: number(outcome['executeSeconds']),
      recoverySeconds: number(outcome['recoverySeconds']),
    },
    dataLossSeconds: number(outcome['dataLossSeconds']),
    verifiedAt: number(outcome['verifiedAt']),
    startedAt: number(outcome['startedAt']),
    countsFrom: countsFromShape.safeParse(outcome['countsFrom']).data ?? null,
  };
}

function numbersIn(table: unknown): Readonly<Record<string, number>> {
  const known = Object.entries(isTable(table) ? table : {}).flatMap(([key, value]) => {
    const one = number(value);
    return one === null ? [] : [[key, one] as const];
  });
  return Object.fromEntries(known);
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
