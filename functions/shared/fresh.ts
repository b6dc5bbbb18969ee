// Reads from the record whether what people approved may still be acted on, and keeps the marks of it that a flow leaves there.
import { ApprovalStale } from '../domain/errors.ts';
import { whyStale } from '../domain/freshness.ts';
import type { AuditRecord, StepRecord } from '../domain/store.ts';
import type { FlowIncident } from './flow.ts';
import type { Shell } from './shell.ts';

/** In the record: a look found what was approved still so (`request`); the flow stopped or was resumed; a person gave it up. */
export const marks = { looked: 'reassess', paused: 'paused', resumed: 'resumed', aborted: 'aborted' } as const;

/** Keeps a mark. `at`: milliseconds since 1970. */
export async function mark(
  what: keyof typeof marks,
  { id, execution }: Pick<FlowIncident, 'id' | 'execution'>,
  { store, now }: Pick<Shell, 'store' | 'now'>,
  { at = now(), request = null }: { readonly at?: number; readonly request?: string | null } = {},
): Promise<void> {
  await store.recordStep({ incident: id, execution, step: marks[what], at, outcome: { request } });
}

/** `called`: the calls that this execution has made and that were not refused; `all`: the steps of its incident. Only region flows rest on an approval. @throws ApprovalStale. */
export async function expectFresh(
  { id, execution, flow, manual = false }: FlowIncident,
  called: readonly AuditRecord[],
  all: readonly StepRecord[],
  { store, plan, now }: Shell,
): Promise<void> {
  if (flow !== 'region-failover') return;
  const steps = all.filter((step) => step.execution === execution);
  const newest = (...names: readonly string[]) =>
    steps.reduce<StepRecord | null>(
      (last, one) => (names.includes(one.step) && one.at >= (last?.at ?? 0) ? one : last),
      null,
    );
  const looked = newest(marks.looked);
  const request = looked?.outcome['request'];
  const [incident, settled] = await Promise.all([
    store.readIncident(id),
    typeof request === 'string' ? store.readOutcome(request) : null,
  ]);
  const why = whyStale(
    {
      lookedAt: looked?.at ?? null,
      outcome: settled?.outcome ?? null,
      stoppedAt: newest(marks.paused, marks.resumed)?.at ?? null,
      changedAt: called.length === 0 ? null : Math.max(...called.map(({ at }) => at)),
      redirected: newest('redirect-users') !== null,
      aborted: newest(marks.aborted) !== null,
      closedAt: manual ? null : (incident?.closedAt ?? null),
    },
    plan.approval.freshSeconds,
    now(),
  );
  if (why !== null) throw new ApprovalStale(`what was approved is stale: ${why}`);
}
