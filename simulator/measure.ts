// What a drill achieved, measured from what happened in it: nothing here is a constant, and what is not known is null.

import { rank } from '../functions/domain/classify.ts';
import type { Plan } from '../functions/domain/plan.ts';
import type { Incident, Scope } from '../functions/domain/types.ts';
import type { Work } from './estate/types.ts';
import { isBad, machineOf, type Recorder } from './recorder.ts';
import type { DrillResult, IncidentSummary, InvariantResult, ScopeSummary } from './result.ts';
import { prefix, type World } from './world.ts';

export type Measured = {
  readonly scenario: string;
  readonly seed: number;
  readonly plan: Plan;
  /** Milliseconds: when the first fault began, or the observation where there is none. */
  readonly faultAt: number;
  readonly world: World;
  readonly recorder: Recorder;
  readonly invariants: readonly InvariantResult[];
};

/** The object of `drill --json`. */
export async function measure({
  scenario,
  seed,
  plan,
  faultAt,
  world,
  recorder,
  invariants,
}: Measured): Promise<DrillResult> {
  const incidents = byLevel(recorder);
  const main = incidents[0] ?? null;
  const clocks = await clocksOf(main, faultAt, world, recorder);
  const dataLoss = await dataLossOf(world, recorder);
  const { rtoSeconds, rpoSeconds, mttrSeconds } = plan.objectives;
  const truth = world.estate.truth();
  return {
    scenario,
    seed,
    incident: main === null ? null : summarise(main),
    otherIncidents: incidents.slice(1).map(summarise),
    decisions: recorder.decisions.map(({ decision }) => ({
      at: iso(decision.at),
      action: decision.action,
      level: decision.level,
      scope: showScope(decision.scope),
      reason: decision.reason,
      evidence: decision.evidence,
    })),
    executions: [...recorder.executions.values()].map(({ execution, region }) => ({
      stateMachine: machineOf(execution, prefix),
      name: execution.name,
      region,
      status: execution.status,
      startedAt: iso(execution.startDate),
      endedAt: execution.stopDate === undefined ? null : iso(execution.stopDate),
    })),
    steps: recorder.steps.map((step) => ({
      execution: step.execution,
      state: step.state,
      startedAt: iso(step.startedAt),
      endedAt: step.endedAt === null ? null : iso(step.endedAt),
      outcome: step.outcome ?? 'failed',
      attempts: step.attempts,
    })),
    approvals: [],
    clocks: clocks.clocks,
    dataLoss,
    objectives: {
      rtoSeconds,
      rpoSeconds,
      mttrSeconds,
      rtoMet: clocks.clocks.recoverySeconds === null ? null : clocks.clocks.recoverySeconds <= rtoSeconds,
      rpoMet: dataLoss.actualSeconds === null ? null : dataLoss.actualSeconds <= rpoSeconds,
    },
    overhead: clocks.overhead,
    invariants,
    notifications: recorder.messages.map(({ at, role, subject }) => ({
      at: iso(at),
      role,
      channel: plan.contacts[role]?.channel ?? 'unknown',
      subject,
    })),
    mutations: world.estate.mutations().map(({ at, service, operation, region, target, step }) => ({
      at: iso(at),
      service,
      operation,
      region,
      target,
      step,
    })),
    end: {
      databaseZone: truth.writerZone,
      databaseRegion: truth.writerRegion,
      cacheZone: truth.cachePrimaryZone,
      cacheRegion: truth.cacheRegion,
      usersRegion: truth.usersRegion,
      served: truth.served,
    },
  };
}

async function clocksOf(
  main: Incident | null,
  faultAt: number,
  world: World,
  recorder: Recorder,
): Promise<{ clocks: DrillResult['clocks']; overhead: DrillResult['overhead'] }> {
  const firstSignal = recorder.signals.find(({ at, signal }) => at >= faultAt && isBad(signal))?.at ?? null;
  const decision = main?.decisions.find((one) => one.level === main.level && one.action !== 'none') ?? null;
  const acting =
    [...recorder.executions.values()].find(({ execution }) => machineOf(execution, prefix) === 'az-failover')
      ?.execution ?? null;
  const verified = recorder.steps.find(
    (step) => step.execution === acting?.name && step.state === 'VerifyService' && step.outcome === 'succeeded',
  );
  const executeSeconds =
    acting === null || verified?.endedAt == null ? null : seconds(verified.endedAt - acting.startDate);
  const criticalPathSeconds =
    acting === null || executeSeconds === null
      ? null
      : longestChain(world.estate.works(), acting.name, verified?.endedAt ?? 0);
  return {
    clocks: {
      detectSeconds: firstSignal === null ? null : seconds(firstSignal - faultAt),
      decideSeconds: firstSignal === null || decision === null ? null : seconds(decision.at - firstSignal),
      approvalSeconds: null,
      executeSeconds,
      recoverySeconds: recoverySecondsOf(recorder.served, faultAt),
    },
    overhead: {
      criticalPathSeconds,
      addedSeconds:
        criticalPathSeconds === null || executeSeconds === null
          ? null
          : seconds((executeSeconds - criticalPathSeconds) * 1000),
      ratio:
        criticalPathSeconds === null || executeSeconds === null || criticalPathSeconds === 0
          ? null
          : Number((executeSeconds / criticalPathSeconds).toFixed(3)),
    },
  };
}

/** Fault until users are served and stay served: 0 where they always were, null where they are not served at the end. */
function recoverySecondsOf(
  changes: readonly { readonly at: number; readonly served: boolean }[],
  faultAt: number,
): number | null {
  const last = changes.filter((change) => change.at >= faultAt).at(-1);
  if (last === undefined) return 0;
  return last.served ? seconds(last.at - faultAt) : null;
}

/**
 * What the estate itself took: of the steps that moved something side by side the longest, then the requests that verified. Work that
 * was still going on when the flow had verified is not what it waited for.
 */
function longestChain(works: readonly Work[], execution: string, verifiedAt: number): number {
  const waitedFor = works.filter(
    (work) => work.execution === execution && work.startedAt + work.seconds * 1000 <= verifiedAt,
  );
  const chains = new Map<string, number>();
  for (const work of waitedFor) {
    // Two shifts of one step go on side by side; everything else of a step follows one another.
    const chain = isCheck(work) ? 'checks' : work.latency === 'zonal-shift' ? `${work.step} ${work.target}` : work.step;
    chains.set(chain, (chains.get(chain) ?? 0) + work.seconds);
  }
  const checks = chains.get('checks') ?? 0;
  chains.delete('checks');
  return Number((Math.max(0, ...chains.values()) + checks).toFixed(3));
}

function isCheck(work: Work): boolean {
  return work.latency === 'health-request';
}

/**
 * What was lost: committed writes that the writer no longer holds, and the time over which they were committed. What was
 * reported is what the flow wrote in its record; null where no flow reported. Writes of a second region are not counted
 * here: where one took any, how many diverged is not known.
 */
export async function dataLossOf({ store }: World, recorder: Recorder): Promise<DrillResult['dataLoss']> {
  const main = mainIncident(recorder);
  const steps = main === null ? [] : await store.readSteps(main.id);
  const reported = steps.map((step) => step.outcome['dataLossSeconds']).find((value) => typeof value === 'number');
  const held = recorder.commits.at(-1)?.sequence ?? 0;
  const highest = recorder.commits.reduce((most, one) => (one.sequence > most.sequence ? one : most), {
    at: 0,
    sequence: 0,
  });
  const firstLost = recorder.commits.find((one) => one.sequence > held);
  return {
    reportedSeconds: typeof reported === 'number' ? reported : null,
    actualSeconds: firstLost === undefined ? 0 : seconds(highest.at - firstLost.at),
    lostWrites: Math.max(0, highest.sequence - held),
    divergedWrites: recorder.writers.size > 1 ? null : 0,
  };
}

/** The incident with the highest level; of several the first. */
export function mainIncident(recorder: Recorder): Incident | null {
  return byLevel(recorder)[0] ?? null;
}

function byLevel(recorder: Recorder): Incident[] {
  return [...recorder.incidents.values()].sort((a, b) => rank(b.level) - rank(a.level) || a.openedAt - b.openedAt);
}

function summarise(incident: Incident): IncidentSummary {
  const { id, level, scope, openedAt, closedAt } = incident;
  return {
    id,
    level,
    scope: showScope(scope),
    openedAt: iso(openedAt),
    closedAt: closedAt === null ? null : iso(closedAt),
  };
}

function showScope(scope: Scope): ScopeSummary {
  return scope.zone === null ? { region: scope.region } : { region: scope.region, zone: scope.zone };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(3));
}
