// The facts of one report, of an incident or a drill: what the JSON file beside the page holds under `report`, and all that the
// page is made from. docs/report.md describes it. Times are ISO 8601 in UTC, durations are seconds, and what is not known is null.
import * as z from 'zod';

const time = z.iso.datetime();
const seconds = z.number().nullable();

/** A sentence about what was so, and how it turned out. */
const assumption = z.strictObject({
  what: z.string(),
  state: z.enum(['held', 'broken', 'not-tested']),
  why: z.string(),
});

/** A number beside what the plan asks for. `how`: what was measured, from when to when, and by whom. */
const measured = z.strictObject({
  seconds,
  objectiveSeconds: z.number(),
  met: z.boolean().nullable(),
  how: z.string(),
});

/** A stretch of the picture. `from`: null where only its end is known; `to`: null where it had not ended. */
const bar = z.strictObject({
  name: z.string(),
  from: time.nullable(),
  to: time.nullable(),
  outcome: z.enum([
    'succeeded',
    'failed',
    'held',
    'skipped',
    'not-needed',
    'not-possible',
    'dry-run',
    'waiting',
    'not-served',
    'refused',
  ]),
  attempts: z.int().nullable(),
  critical: z.boolean(),
  /** How long it was predicted to take; null where nobody had predicted it. */
  predictedSeconds: seconds.default(null),
});

const incident = z.strictObject({
  id: z.string(),
  level: z.union([z.literal([0, 1, 2, 3]), z.literal('unknown')]),
  region: z.string(),
  zone: z.string().nullable(),
  openedAt: time,
  closedAt: time.nullable(),
});

/** The version of this shape: a reader refuses another one. */
export const reportVersion = 1;

export const reportSchema = z.strictObject({
  version: z.literal(reportVersion),
  /** The incident's id, or the scenario and its seed. */
  id: z.string(),
  /** What reports are compared by: a scenario, or a level and a place. */
  subject: z.string(),
  title: z.string(),
  application: z.string(),
  occasion: z.enum(['incident', 'drill']),
  /** simulator: nothing at AWS was touched. record: what the deployment's record holds. */
  source: z.enum(['simulator', 'record']),
  /** Where it happened, in one sentence. */
  environment: z.string(),
  /** SHA-256 of the plan as it is now. */
  plan: z.string(),
  /** Where the runbook is read; null where the plan does not say. */
  runbookUrl: z.string().nullable().default(null),
  /** When the facts were looked at. */
  asOf: time,
  /** Who ordered it, where somebody did. */
  orderedBy: z.string().nullable(),
  verdict: z.strictObject({
    state: z.enum(['passed', 'missed', 'recovered', 'not-recovered', 'held', 'open', 'not-known']),
    line: z.string(),
    missed: z.array(z.string()),
  }),
  incident: incident.nullable(),
  others: z.array(incident),
  numbers: z.strictObject({ recovery: measured, dataLoss: measured, restore: measured }),
  clocks: z.array(z.strictObject({ name: z.string(), seconds, how: z.string() })),
  predicted: z
    .strictObject({
      recoverySeconds: seconds,
      dataLossSeconds: seconds,
      /** From what the times come. */
      basis: z.string().nullable().default(null),
    })
    .nullable(),
  why: z.strictObject({ reason: z.string(), faults: z.array(z.string()), assumptions: z.array(assumption) }),
  notTested: z.array(z.strictObject({ what: z.string(), why: z.string() })),
  people: z.array(
    z.strictObject({
      role: z.string(),
      duty: z.string(),
      asked: z.boolean(),
      /** How many messages went to the role; null where nobody counted. */
      told: z.int().nullable(),
      answer: z.strictObject({ at: time, answer: z.string(), valid: z.boolean(), afterSeconds: seconds }).nullable(),
      /** Of one who was asked and did not answer: why, as far as it is known. */
      absence: z.string().nullable(),
    }),
  ),
  timeline: z.strictObject({
    zeroAt: time,
    lanes: z.array(z.strictObject({ name: z.string(), bars: z.array(bar) })),
    marks: z.array(z.strictObject({ lane: z.string(), at: time, text: z.string() })),
    servedAt: time.nullable(),
    predictedAt: time.nullable(),
  }),
  decisions: z.array(
    z.strictObject({
      at: time,
      action: z.string(),
      level: z.union([z.literal([0, 1, 2, 3]), z.literal('unknown')]),
      reason: z.string(),
      indication: z.string().nullable(),
      evidence: z.array(z.string()),
      /** How many signals it rests on. */
      signals: z.int(),
      execution: z.string().nullable(),
    }),
  ),
  ways: z.array(
    z.strictObject({
      way: z.string(),
      state: z.enum(['taken', 'offered', 'refused']),
      why: z.string(),
      recoverySeconds: seconds,
      dataLossSeconds: seconds,
    }),
  ),
  approvals: z.array(
    z.strictObject({
      id: z.string(),
      askedAt: time,
      expiresAt: time,
      requestedBy: z.string(),
      mode: z.string(),
      target: z.string(),
      way: z.string(),
      required: z.int(),
      roles: z.array(z.string()),
      unfenced: z.array(z.string()),
      lossCeilingSeconds: seconds,
      plan: z.string(),
      shown: z.array(z.string()),
      outcome: z.string().nullable(),
      settledAt: time.nullable(),
      answers: z.array(
        z.strictObject({
          at: time,
          approver: z.string(),
          answer: z.string(),
          valid: z.boolean(),
          why: z.string(),
          reason: z.string(),
          from: z.string(),
          who: z.string().nullable(),
          how: z.string().nullable(),
          shownHash: z.string().nullable(),
        }),
      ),
    }),
  ),
  waivers: z.array(z.strictObject({ at: time, state: z.string(), by: z.string(), reason: z.string() })),
  calls: z.array(
    z.strictObject({
      at: time,
      call: z.string(),
      target: z.string(),
      region: z.string(),
      step: z.string(),
      actor: z.string(),
      refused: z.boolean(),
      requestId: z.string().nullable(),
      /** The target as it was seen before, and as it was asked to be; null where nobody had looked. */
      before: z.string().nullable().default(null),
      wanted: z.string().nullable().default(null),
      /** When its step had reached what it wants; null where the record does not say that it did. */
      reachedAt: time.nullable().default(null),
    }),
  ),
  reached: z.array(z.strictObject({ at: time, step: z.string(), outcome: z.string() })),
  /** The state as it was before a drill of the deployment began, a line each. */
  before: z.array(z.string()).default([]),
  assets: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.string(),
      before: z.string().nullable(),
      after: z.string().nullable(),
      serves: z.boolean().nullable(),
    }),
  ),
  data: z.array(assumption),
  /** Rows that only an old database has, newest first: by table, key and hash, and never what is in them. */
  onlyOld: z
    .array(
      z.strictObject({
        asset: z.string(),
        region: z.string(),
        /** When both sides were compared; null where they were not, or are not yet. */
        comparedAt: time.nullable(),
        /** A sentence for each table, and for what went wrong. */
        words: z.array(z.string()),
        rows: z.array(
          z.strictObject({
            table: z.string(),
            key: z.string(),
            hash: z.string(),
            writtenAt: time.nullable(),
            /** Whether the new database has another row with that key. */
            other: z.boolean(),
          }),
        ),
      }),
    )
    .default([]),
  users: z.strictObject({
    phases: z.array(
      z.strictObject({
        phase: z.enum(['before', 'during', 'after']),
        from: time,
        to: time,
        /** 0 to 100: of the time that users counted as served, and of their requests that succeeded. */
        servedPercent: z.number().nullable(),
        requestsPercent: z.number().nullable(),
        /** Runs of the canaries in all regions. */
        runs: z.strictObject({ passed: z.int(), failed: z.int() }).nullable(),
        /** How long answers took that passed; null where that was not measured. `medianMs`: null where only the slowest is known. */
        took: z.strictObject({ medianMs: z.number().nullable(), slowestMs: z.number() }).nullable().default(null),
      }),
    ),
    how: z.string(),
    /** What these times are, and why some are missing. */
    latency: z.string(),
  }),
  messages: z.array(
    z.strictObject({ at: time, role: z.string(), channel: z.string(), subject: z.string(), body: z.string() }),
  ),
  invariants: z.array(z.strictObject({ id: z.string(), held: z.boolean(), detail: z.string().nullable() })),
  findings: z.array(z.strictObject({ severity: z.enum(['high', 'medium', 'low']), what: z.string() })),
  cost: z.string(),
  gaps: z.array(z.string()),
  /** Why a part has nothing to say, by the part's name. */
  silent: z.record(z.string(), z.string()),
});

export type Report = Readonly<z.infer<typeof reportSchema>>;
export type Assumption = z.infer<typeof assumption>;
export type Bar = z.infer<typeof bar>;
export type Measured = z.infer<typeof measured>;
export type Lane = Report['timeline']['lanes'][number];
export type Message = Report['messages'][number];
export type Phase = Report['users']['phases'][number];

/** What of an earlier report is compared. */
export type Earlier = {
  readonly id: string;
  readonly at: string;
  readonly verdict: Report['verdict']['state'];
  readonly recoverySeconds: number | null;
  readonly dataLossSeconds: number | null;
  readonly restoreSeconds: number | null;
  readonly predictedSeconds: number | null;
  /** The address of its page, as a link from this one; null where there is none. */
  readonly page: string | null;
};

export function earlierOf(report: Report, page: string | null): Earlier {
  const { recovery, dataLoss, restore } = report.numbers;
  return {
    id: report.id,
    at: report.incident?.openedAt ?? report.timeline.zeroAt,
    verdict: report.verdict.state,
    recoverySeconds: recovery.seconds,
    dataLossSeconds: dataLoss.seconds,
    restoreSeconds: restore.seconds,
    predictedSeconds: report.predicted?.recoverySeconds ?? null,
    page,
  };
}

/** Reads a report's facts back; null where it is none, or one of another version. */
export function readReport(value: unknown): Report | null {
  const read = reportSchema.safeParse(value);
  return read.success ? read.data : null;
}
