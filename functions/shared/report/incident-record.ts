// Gathers the whole record of one incident from the store, for `report`, for the page that people open, and for a drill's report.
import * as z from 'zod';
import type { Comparison } from '../../domain/data/only-old.ts';
import { assetsOf } from '../../domain/plan/assets.ts';
import { type CallMark, callMark, isCallMark } from '../../domain/record/call-marks.ts';
import { stepName } from '../../domain/record/step.ts';
import type { AuditRecord, StepRecord } from '../../domain/record/store.ts';
import { readUsersSeen } from '../../domain/record/users-seen.ts';
import { waivable } from '../../domain/recovery/skipping.ts';
import { isReportMark, usersMark } from '../../domain/report/place.ts';
import { cameOf, type IncidentRecord, type MadeCall, type Waiver } from '../../domain/report/record.ts';
import { readAbort } from '../recovery/waivers.ts';
import type { Shell } from '../shell.ts';

const requestIds = z.array(z.string()).catch([]);

/** Null where the record has no such incident. @throws as the store does. */
export async function recordOf(
  id: string,
  { store, plan }: Pick<Shell, 'store' | 'plan'>,
): Promise<IncidentRecord | null> {
  const incident = await store.readIncident(id);
  if (incident === null) return null;
  const [steps, audit, open, settled] = await Promise.all([
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
    ...[...steps, ...audit].map(({ execution }) => execution),
    ...requests.map(({ request }) => request.execution),
  ]);
  const calls = withIds(audit, steps);
  const [asked, waivers, aborts, comparisons] = await Promise.all([
    Promise.all(requests.map(async (one) => ({ ...one, answers: await store.readAnswers(one.request.id) }))),
    Promise.all([...executions].map((execution) => waiversOf(execution, store, plan))),
    Promise.all(
      [...executions].map(async (execution) => {
        const found = await readAbort(execution, { store });
        return found === null ? [] : [{ execution, by: found.by, at: found.at }];
      }),
    ),
    comparisonsOf(id, store, plan),
  ]);
  return {
    incident,
    drill: wasDrill(steps, audit),
    asked: asked.sort((a, b) => a.request.askedAt - b.request.askedAt),
    waivers: waivers.flat(),
    aborts: aborts.flat(),
    // What came of a call is kept beside the steps, and the calls tell it; so is where the report was written.
    steps: steps.filter(({ step }) => !isCallMark(step) && !isReportMark(step)),
    calls,
    refused: calls.filter((call) => markOf('refused', call, steps) !== undefined),
    came: cameOf(steps),
    comparisons,
    users: readUsersSeen(steps.findLast(({ step }) => step === usersMark)?.outcome),
  };
}

/** The calls that were recorded under an id that is no incident's, such as that of a drill. */
export async function callsUnder(id: string, { store }: Pick<Shell, 'store'>): Promise<MadeCall[]> {
  const [audit, steps] = await Promise.all([store.readAudit(id), store.readSteps(id)]);
  return withIds(audit, steps);
}

function withIds(audit: readonly AuditRecord[], steps: readonly StepRecord[]): MadeCall[] {
  return audit.map((call) => ({ ...call, requestIds: requestIdsOf(call, steps) }));
}

function markOf(mark: CallMark, call: AuditRecord, steps: readonly StepRecord[]): StepRecord | undefined {
  const name = callMark(mark, call);
  return steps.find(({ execution, at, step }) => execution === call.execution && at === call.at && step === name);
}

function requestIdsOf(call: AuditRecord, steps: readonly StepRecord[]): string[] {
  const mark = markOf('made', call, steps) ?? markOf('refused', call, steps);
  return requestIds.parse(mark?.outcome['requestIds']);
}

async function comparisonsOf(id: string, store: Shell['store'], plan: Shell['plan']): Promise<Comparison[]> {
  const asked = assetsOf('rds-instance', plan).filter(({ data }) => data !== undefined);
  const places = asked.flatMap(({ name, regions }) => Object.keys(regions).map((region) => [name, region] as const));
  const found = await Promise.all(places.map(([name, region]) => store.readComparison(name, region)));
  return found.filter((one) => one !== null && one.incident === id) as Comparison[];
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

/** Whether what was done for an incident was a drill: the flow that did it says so, in each of its calls and at its end. */
export function wasDrill(steps: readonly StepRecord[], calls: readonly AuditRecord[]): boolean {
  return [...steps.map(({ outcome }) => outcome['drill']), ...calls.map(({ drill }) => drill)].includes(true);
}
