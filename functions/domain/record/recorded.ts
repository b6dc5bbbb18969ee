// The shapes of what the store keeps. They are checked when it is written, so that whatever was written can be read,
// and when it is read back: a damaged record is named and never acted on.
import * as z from 'zod';
import type { Link } from '../approval/link.ts';
import type { LedgerRecord } from '../data/ledger.ts';
import type { Comparison } from '../data/only-old.ts';
import type { Rehearsal } from '../data/rehearsal.ts';
import { indicationNames } from '../evidence/indications.ts';
import { type Readiness, readinessChecks } from '../recovery/readiness.ts';
import type { Rejoin } from '../recovery/rejoin.ts';
import {
  type Action,
  type ApprovalRequest,
  holdReasons,
  type Incident,
  type Lock,
  modes,
  type RecordedAnswer,
  type Signal,
  type Standing,
  ways,
} from '../types.ts';
import type { AuditRecord, FenceLock, Holder, Settled, StepRecord } from './store.ts';

/**
 * The format of what is written now. It rises where an older release could not read it any more; keys that are only added do not raise
 * it. An item without one is of the first.
 */
export const recordFormat = 1;

/** Whether a newer release has written an item: what cannot be read of it is not damaged. */
export function isNewer(item: Readonly<Record<string, unknown>>): boolean {
  return typeof item['format'] === 'number' && item['format'] > recordFormat;
}

/** Checks one record. `corrupt` says what is wrong with it, path by path. */
export type Reader<Record> = (raw: unknown) => { readonly record: Record } | { readonly corrupt: string };

/** Three bytes a letter at most: one text alone never fills an item of 400 KB. Events have limits of their own. */
const longestText = 50_000;
/** DynamoDB keeps numbers from 1E-130 on; below that JavaScript goes on to 5e-324. */
const smallestNumber = 1e-130;

/** Why a number does not come back from the table as it went in; null where it does. -0 comes back as 0, its equal. */
export function whyNotNumber(number: number): string | null {
  if (!Number.isFinite(number)) return 'a number that is not finite';
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER) return `a number beyond ${Number.MAX_SAFE_INTEGER}`;
  return number !== 0 && Math.abs(number) < smallestNumber ? `a number nearer to 0 than ${smallestNumber}` : null;
}

/** Why a text does not; null where it does. */
function whyNotText(text: string): string | null {
  if (text.length > longestText) return `a text of ${text.length} letters, expected at most ${longestText}`;
  return text.isWellFormed() ? null : 'a text with half a letter in it';
}

export const text = z.string().refine((letters) => whyNotText(letters) === null, {
  error: ({ input }) => whyNotText(String(input)) ?? '',
});
export const number = z.number().refine((value) => whyNotNumber(value) === null, {
  error: ({ input }) => whyNotNumber(Number(input)) ?? '',
});
export const time = number;
const scope = z.object({ region: text, zone: text.nullable() });
const level = z.literal([0, 1, 2, 3, 'unknown']);
const action = z.enum(['none', 'notify', 'az-failover', 'request-approval', 'hold']);
const condition = z.enum(['failing', 'healthy', 'unknown', 'gone']);
const phase = z.enum(['started', 'ended']);
const databaseChange = z.enum([
  'failover-started',
  'failover-completed',
  'restarted',
  'shutdown',
  'replication-stopped',
  'replication-resumed',
  'promoted',
  'other',
]);
const cacheChange = z.enum([
  'failover-started',
  'failover-completed',
  'replacement-scheduled',
  'replacement-canceled',
  'replacement-started',
  'node-replaced',
  'other',
]);
const cause = z.enum(['autoshift', 'manual', 'practice', 'experiment']);

/** Signals, with what tells one from another, and with texts and numbers as they are checked when they are written, or lighter. */
function signalOf<Named extends z.ZodRawShape>(named: Named, text: z.ZodType<string>, number: z.ZodType<number>) {
  const seen = { ...named, id: text, at: number, seenAt: number.optional(), observer: text, value: number.optional() };
  return z.discriminatedUnion('kind', [
    z.object({
      ...seen,
      kind: z.literal('component'),
      component: text,
      measure: text,
      zone: text.nullable(),
      condition,
    }),
    z.object({ ...seen, kind: z.literal('canary'), condition }),
    z.object({ ...seen, kind: z.literal('canary-run'), passed: z.boolean() }),
    z.object({ ...seen, kind: z.literal('probe'), service: text, condition }),
    z.object({ ...seen, kind: z.literal('probe-run'), services: z.array(text) }),
    z.object({ ...seen, kind: z.literal('heartbeat'), condition }),
    z.object({ ...seen, kind: z.literal('beat'), everySeconds: z.number().optional() }),
    z.object({ ...seen, kind: z.literal('replica'), condition }),
    z.object({ ...seen, kind: z.literal('readiness'), check: text, why: text, condition }),
    z.object({
      ...seen,
      kind: z.literal('health'),
      service: text,
      open: z.boolean(),
      category: text,
      zones: z.array(text),
    }),
    z.object({ ...seen, kind: z.literal('database'), instance: text, change: databaseChange }),
    z.object({ ...seen, kind: z.literal('cache'), group: text, change: cacheChange }),
    z.object({ ...seen, kind: z.literal('shift'), zone: text, cause, active: z.boolean() }),
    z.object({ ...seen, kind: z.literal('release'), release: text, phase }),
    z.object({
      ...seen,
      kind: z.literal('maintenance'),
      window: text,
      phase,
      targets: z.array(text),
      plannedSeconds: number.nullable(),
    }),
  ]);
}

const decision = z.object({
  action,
  reason: text,
  hold: z.enum(holdReasons).exactOptional(),
  at: time,
  level,
  indication: z.enum(indicationNames).exactOptional(),
  scope,
  evidence: z.array(text),
  facts: z.array(text).exactOptional(),
  causes: z.array(text),
  attempt: number,
  execution: text.nullable(),
});

const incident = z.object({
  id: text,
  region: text,
  level,
  scope,
  openedAt: time,
  lastServedAt: time.exactOptional(),
  lastSignalAt: time,
  closedAt: time.nullable(),
  decisions: z.array(decision),
  returned: z.object({ zone: text, at: time }).exactOptional(),
  planned: z.enum(['switchover', 'restore']).exactOptional(),
  doneAt: time.exactOptional(),
  version: z.int().positive(),
});

const audit = z.object({
  incident: text,
  at: time,
  step: text,
  actor: text,
  execution: text,
  call: text,
  region: text,
  target: text,
  drill: z.boolean(),
  change: z.object({ before: text, wanted: text }).exactOptional(),
});

const step = z.object({
  incident: text,
  execution: text,
  step: text,
  at: time,
  outcome: z.record(text, z.unknown()),
});

const request = z.object({
  id: text,
  incident: text,
  execution: text,
  plan: text,
  target: text,
  mode: z.enum(modes),
  way: z.enum(ways),
  ways: z.record(text, z.enum(ways)).exactOptional(),
  unfenced: z.array(text),
  unfencedAssets: z.array(text).exactOptional(),
  lossCeilingSeconds: number.nullable(),
  assetCeilingSeconds: z.record(text, number.nullable()).exactOptional(),
  required: z.int().positive(),
  roles: z.array(text),
  requestedBy: text,
  askedAt: time,
  expiresAt: time,
  shown: z.record(text, z.unknown()),
  drill: z.literal(true).exactOptional(),
  drillMoves: z.literal(true).exactOptional(),
});

const answer = z.object({
  request: text,
  approver: text,
  answer: z.enum(['approve', 'reject']),
  unfenced: z.array(text),
  reason: text,
  at: time,
  from: text,
  who: text.exactOptional(),
  how: z.enum(['page', 'command-line']).exactOptional(),
  shownHash: text.exactOptional(),
  valid: z.boolean(),
  why: text,
});

export const signalRecord: Reader<Signal> = reader(signalOf({ key: text, region: text }, text, number));
/**
 * A signal as the table has it: its region in the partition's key, and its key in the item's where it fits. They are read
 * by the thousand in a storm: what no table gives back is not looked for again.
 */
export const storedSignal: Reader<Stored<Signal>> = reader(
  signalOf({ key: z.string().optional() }, z.string().max(longestText), z.number()),
);
export type Stored<Named> = Named extends Signal ? Omit<Named, 'key' | 'region'> & { key?: string | undefined } : never;
export const incidentRecord: Reader<Incident> = reader(incident);
export const auditRecord: Reader<AuditRecord> = reader(audit);
export const stepRecord: Reader<StepRecord> = reader(step);
export const lockRecord: Reader<Lock> = reader(
  z.object({ target: text, execution: text, incident: text, action, at: time }),
);
export const freezeRecord: Reader<NonNullable<Standing['frozen']>> = reader(
  z.object({ by: text, reason: text, at: time }),
);
/** `movedBy`: the execution that moved the roles there; null where nobody knows. */
export const rolesRecord: Reader<
  Pick<Standing, 'primary' | 'epoch' | 'movedAt'> & { readonly movedBy: string | null }
> = reader(
  z
    .object({
      primary: text,
      epoch: z.int().positive(),
      movedBy: text.nullable().default(null),
      at: time.nullable().default(null),
    })
    .transform(({ at: movedAt, ...roles }) => ({ ...roles, movedAt })),
);
export const holderRecord: Reader<Holder> = reader(
  z.object({
    asset: text,
    region: text,
    instance: text.nullable(),
    instead: text.exactOptional(),
    execution: text,
    at: time,
  }),
);
export const fenceRecord: Reader<FenceLock> = reader(
  z.object({
    region: text,
    epoch: z.int().nonnegative(),
    execution: text,
    startedAt: time,
    start: z.int().positive(),
    incident: text,
    at: time,
  }),
);
const watermark = z.object({
  table: text,
  count: number.nullable(),
  greatestKey: text.nullable(),
  newestAt: time.nullable(),
});
export const ledgerRecord: Reader<LedgerRecord> = reader(
  z.object({
    asset: text,
    region: text,
    instance: text,
    at: time,
    attempted: number,
    since: number,
    acknowledged: z.array(z.object({ id: number, at: time })),
    watermarks: z.object({ at: time, tables: z.array(watermark) }).nullable(),
    countedAt: time.nullable(),
    provenAt: time.nullable(),
    shrank: z.array(z.object({ at: time, why: z.array(text) })).exactOptional(),
  }),
);
export const rehearsalRecord: Reader<Rehearsal> = reader(
  z.object({
    asset: text,
    region: text,
    instance: text,
    begunAt: time,
    source: text,
    dataUntil: time.nullable(),
    availableAt: time.nullable(),
    endedAt: time.nullable(),
    data: text.nullable(),
    wrong: z.array(text),
  }),
);
export const comparisonRecord: Reader<Comparison> = reader(
  z.object({
    asset: text,
    region: text,
    incident: text,
    execution: text,
    openedAt: time,
    writesEndedAt: time,
    since: z.array(watermark),
    begunAt: time.nullable(),
    readAt: time.nullable(),
    tables: z.array(
      z.object({
        table: text,
        newer: number.nullable(),
        compared: number,
        rows: z.array(z.object({ key: text, hash: text, at: time.nullable(), other: z.boolean().exactOptional() })),
      }),
    ),
    comparedAt: time.nullable(),
    endedAt: time.nullable(),
    wrong: z.array(text),
  }),
);
export const rejoinRecord: Reader<Rejoin> = reader(
  z.object({
    asset: text,
    region: text,
    epoch: z.int().positive(),
    undoes: z.object({ execution: text, incident: text }),
    by: text,
    reason: text,
    begunAt: time,
    old: text,
    proof: text.nullable(),
    snapshot: text.nullable(),
    snapshotAt: time.nullable(),
    instance: text.nullable(),
    askedAt: time.nullable(),
    replicatesAt: time.nullable(),
    endedAt: time.nullable(),
    wrong: z.array(text),
  }),
);
export const requestRecord: Reader<ApprovalRequest> = reader(request);
export const answerRecord: Reader<RecordedAnswer> = reader(answer);
export const settledRecord: Reader<Settled> = reader(
  z.object({ outcome: z.enum(['approved', 'rejected', 'expired', 'void']), at: time }),
);
export const tokenRecord: Reader<{ readonly token: string }> = reader(z.object({ token: text }));
/** When it may go from the table is another time, and in seconds: `expiresAt` of the item. */
export const linkRecord: Reader<Omit<Link, 'id' | 'expiresAt'> & { readonly until: number }> = reader(
  z.object({ request: text, approver: text, until: time }),
);
export const waiverRecord: Reader<{ readonly by: string; readonly reason: string; readonly at: number }> = reader(
  z.object({ by: text, reason: text, at: time }),
);
export const actionRecord: Reader<{ readonly action: Action; readonly target: string; readonly at: number }> = reader(
  z.object({ action, target: text, at: time }),
);
export const readinessRecord: Reader<Readiness> = reader(
  z.object({
    region: text,
    at: time,
    checks: z.array(
      z.object({
        check: z.enum(readinessChecks),
        state: z.enum(['ready', 'not-ready', 'unknown']),
        why: text,
        readyAt: time.exactOptional(),
      }),
    ),
    coveredAt: time.exactOptional(),
  }),
);

export function reader<Record>(schema: z.ZodType<Record>): Reader<Record> {
  return (raw) => {
    const parsed = schema.safeParse(raw);
    if (parsed.success) return { record: parsed.data };
    return { corrupt: parsed.error.issues.map(describe).join('; ') };
  };
}

function describe(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.') || 'record'}: ${issue.message}`;
}
