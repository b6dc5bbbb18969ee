// Reads from the record whether what people approved may still be acted on, and keeps the marks of it that a flow leaves there.
import * as z from 'zod';
import { type Aging, whyStale } from '../../domain/approval/freshness.ts';
import { endedAt } from '../../domain/decision/incident.ts';
import { ApprovalStale } from '../../domain/errors.ts';
import { callMark } from '../../domain/record/call-marks.ts';
import type { AuditRecord, StepRecord } from '../../domain/record/store.ts';
import type { ChosenWay } from '../../domain/recovery/restoring.ts';
import type { StoppedAt } from '../../domain/words/decision-words.ts';
import type { Shell } from '../shell.ts';
import type { FlowIncident } from './flow.ts';

/** In the record, that a look found what was approved still so; its outcome names the request. */
const lookMark = 'reassess';

/** In the record, that a flow stopped: `stop` tells its stops apart, and a repetition of one is the same. */
export function pauseMark(stop: string | number): string {
  return `${pausePrefix}${stop}`;
}
const pausePrefix = 'paused/';

/** How often the flow of these steps has stopped. */
export function stopsIn(own: readonly StepRecord[]): number {
  return new Set(own.map(({ step }) => step).filter((step) => step.startsWith(pausePrefix))).size;
}

/** When a flow was looked at, and when it stopped or was resumed, by its steps. */
export function agesIn(
  own: readonly StepRecord[],
): Pick<Aging, 'lookedAt' | 'stoppedAt'> & { looked: StepRecord | null } {
  const newest = (is: (step: string) => boolean) =>
    own.reduce<StepRecord | null>((last, one) => (is(one.step) && one.at >= (last?.at ?? 0) ? one : last), null);
  const looked = newest((step) => step === lookMark);
  const stopped = newest((step) => step.startsWith(pausePrefix));
  return { looked, lookedAt: looked?.at ?? null, stoppedAt: stopped?.at ?? null };
}

/** Whether what people approved for an execution is a restore where the data stands: then no region is given up. */
export async function restoresInPlace(
  { incident, execution }: { readonly incident: string; readonly execution: string },
  { store }: Pick<Shell, 'store'>,
): Promise<boolean> {
  const own = (await store.readSteps(incident)).filter((past) => past.execution === execution);
  const request = agesIn(own).looked?.outcome['request'];
  return typeof request === 'string' && (await store.readRequest(request))?.mode === 'restore';
}

/** Keeps that a look, which began at a time, found what was approved by a request still so, and the best way of each asset that has several. */
export async function noteLook(
  { id, execution }: Pick<FlowIncident, 'id' | 'execution'>,
  {
    at,
    ...outcome
  }: { readonly at: number; readonly request: string; readonly ways?: Readonly<Record<string, ChosenWay>> },
  { store }: Pick<Shell, 'store'>,
): Promise<void> {
  await store.recordStep({ incident: id, execution, step: lookMark, at, outcome });
}

/** Keeps that a flow stopped at a time, by the clock of Step Functions; the same stop is the same mark. */
export async function noteStop(
  { id, execution }: Pick<FlowIncident, 'id' | 'execution'>,
  at: number,
  { store }: Pick<Shell, 'store'>,
  failed: readonly StoppedAt[] = [],
): Promise<StepRecord> {
  const stop = { incident: id, execution, step: pauseMark(`stopped-${at}`), at, outcome: { failed } };
  await store.recordStep(stop);
  return stop;
}

const Stopped = z.object({
  failed: z.array(z.object({ step: z.string(), why: z.string(), mayBeSkipped: z.boolean() })).min(1),
  ends: z.boolean().default(false),
});

/** What failed when the flow of these steps last stopped; empty where the record does not say it. `ends`: whether it does not go on, whoever resumes it. */
export function stoppedIn(own: readonly StepRecord[]): {
  readonly failed: readonly StoppedAt[];
  readonly ends: boolean;
} {
  const stops = own.filter(({ step }) => step.startsWith(pausePrefix)).toSorted((a, b) => b.at - a.at);
  for (const { outcome } of stops) {
    const { data } = Stopped.safeParse(outcome);
    if (data !== undefined) return data;
  }
  return { failed: [], ends: false };
}

/** When what people had approved was first looked at again and found still so, in milliseconds since 1970; null where it never was. */
export function firstLookAt(own: readonly StepRecord[]): number | null {
  const looks = own.filter(({ step }) => step === lookMark).map(({ at }) => at);
  return looks.length === 0 ? null : Math.min(...looks);
}

/** `called`: the calls that this execution has made and that were not refused; `all`: the steps of its incident. Only region flows rest on an approval. @throws ApprovalStale. */
export async function expectFresh(
  flowIncident: FlowIncident,
  called: readonly AuditRecord[],
  all: readonly StepRecord[],
  { store, plan, now }: Shell,
): Promise<void> {
  const { id, execution, flow } = flowIncident;
  if (flow !== 'region-failover') return;
  const steps = all.filter((step) => step.execution === execution);
  const { looked, lookedAt, stoppedAt } = agesIn(steps);
  // A record is written before its call. Where its flow kept nothing since, as its region went dark then, nobody knows that the call was ever made.
  const isKnown = (call: AuditRecord) =>
    now() - call.at <= plan.approval.freshSeconds * 1000 ||
    steps.some(({ step, at }) => at > call.at || (at === call.at && step === callMark('made', call)));
  const changed = called.filter(isKnown).map(({ at }) => at);
  const request = looked?.outcome['request'];
  const [incident, settled] = await Promise.all([
    store.readIncident(id),
    typeof request === 'string' ? store.readOutcome(request) : null,
  ]);
  const why = whyStale(
    {
      lookedAt,
      outcome: settled?.outcome ?? null,
      stoppedAt,
      changedAt: changed.length === 0 ? null : Math.max(...changed),
      // Asked for is enough: users may be there although nobody could read that.
      redirected: [...steps, ...called].some(({ step }) => step === 'redirect-users'),
      closedAt: endedAt(flowIncident, incident),
    },
    plan.approval.freshSeconds,
    now(),
  );
  if (why !== null) throw new ApprovalStale(`what was approved is stale: ${why}`);
}
