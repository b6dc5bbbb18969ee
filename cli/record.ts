// Gathers the whole record of one incident: what was decided, asked, answered, done and reached, and what it came to.

import { waivable } from '../functions/domain/skipping.ts';
import { stepName } from '../functions/domain/step.ts';
import type { AuditRecord, Settled, StepRecord } from '../functions/domain/store.ts';
import type { ApprovalRequest, Incident, RecordedAnswer } from '../functions/domain/types.ts';
import type { Shell } from '../functions/shared/shell.ts';
import { isoTime } from './layout.ts';

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

/** What a flow came to, beside what people were told before. A number that is not known is null. */
export type Came = {
  readonly execution: string;
  readonly predicted: { readonly recoverySeconds: number | null; readonly dataLossSeconds: number | null } | null;
  readonly clocks: Readonly<
    Record<'decideSeconds' | 'approvalSeconds' | 'executeSeconds' | 'recoverySeconds', number | null>
  >;
  readonly dataLossSeconds: number | null;
};

export type IncidentRecord = {
  readonly incident: Incident;
  readonly drill: boolean;
  readonly asked: readonly Asked[];
  readonly waivers: readonly Waiver[];
  readonly steps: readonly StepRecord[];
  readonly calls: readonly AuditRecord[];
  readonly came: readonly Came[];
};

/** Null where the record has no such incident. @throws as the store does. */
export async function recordOf(id: string, { store, plan }: Shell): Promise<IncidentRecord | null> {
  const incident = await store.readIncident(id);
  if (incident === null) return null;
  const [steps, calls, open, settled] = await Promise.all([
    store.readSteps(id),
    store.readAudit(id),
    store.listOpenRequests(),
    store.listSettledRequests(0), // whether they have expired or not
  ]);
  const requests = [
    ...settled.map(({ request, outcome, at }) => ({ request, settled: { outcome, at } })),
    ...open.map((request) => ({ request, settled: null })),
  ].filter(({ request }) => request.incident === id);
  const executions = new Set([
    ...incident.decisions.flatMap(({ execution }) => (execution === null ? [] : [execution])),
    ...[...steps, ...calls].map(({ execution }) => execution),
    ...requests.map(({ request }) => request.execution),
  ]);
  const [asked, waivers] = await Promise.all([
    Promise.all(requests.map(async (one) => ({ ...one, answers: await store.readAnswers(one.request.id) }))),
    Promise.all([...executions].map((execution) => waiversOf(execution, store, plan))),
  ]);
  return {
    incident,
    drill: [...steps.map(({ outcome }) => outcome['drill']), ...calls.map(({ drill }) => drill)].includes(true),
    asked: asked.sort((a, b) => a.request.askedAt - b.request.askedAt),
    waivers: waivers.flat(),
    // A call that was refused is kept beside the steps; the calls tell it.
    steps: steps.filter(({ step }) => !step.startsWith('refused/')),
    calls,
    came: steps.filter(({ step }) => step === 'record-failover' || step === 'record-recovery').map(cameTo),
  };
}

async function waiversOf(execution: string, store: Shell['store'], plan: Shell['plan']): Promise<Waiver[]> {
  const found = await Promise.all(
    waivable(plan).map(async (step) => {
      const state = stepName(step);
      const waiver = await store.readWaiver(execution, state);
      return waiver === null ? [] : [{ execution, state, ...waiver }];
    }),
  );
  return found.flat();
}

function cameTo({ execution, outcome }: StepRecord): Came {
  const predicted = outcome['predicted'];
  return {
    execution,
    predicted: isTable(predicted)
      ? { recoverySeconds: number(predicted['recoverySeconds']), dataLossSeconds: number(predicted['dataLossSeconds']) }
      : null,
    clocks: {
      decideSeconds: number(outcome['decideSeconds']),
      approvalSeconds: number(outcome['approvalSeconds']),
      executeSeconds: number(outcome['executeSeconds']),
      recoverySeconds: number(outcome['recoverySeconds']),
    },
    dataLossSeconds: number(outcome['dataLossSeconds']),
  };
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The same with times that other programs read. What a step reached is its own data and stays as it was kept. */
export function recordForMachines(record: IncidentRecord): Record<string, unknown> {
  const { incident, drill, asked, waivers, steps, calls, came } = record;
  const { openedAt, lastSignalAt, closedAt, decisions, version: _, ...rest } = incident;
  return {
    incident: {
      ...rest,
      openedAt: isoTime(openedAt),
      lastSignalAt: isoTime(lastSignalAt),
      closedAt: isoTime(closedAt),
    },
    drill,
    decisions: decisions.map(timed),
    requests: asked.map(({ request, answers, settled }) => ({
      ...request,
      askedAt: isoTime(request.askedAt),
      expiresAt: isoTime(request.expiresAt),
      settled: settled === null ? null : timed(settled),
      answers: answers.map(timed),
    })),
    waivers: waivers.map(timed),
    steps: steps.map(timed),
    mutations: calls.map(timed),
    came,
  };
}

function timed<Timed extends { readonly at: number }>(
  record: Timed,
): Omit<Timed, 'at'> & { readonly at: string | null } {
  return { ...record, at: isoTime(record.at) };
}
