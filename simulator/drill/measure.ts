// What a drill achieved, measured from what happened in it: nothing here is a constant, and what is not known is null.
import * as z from 'zod';
import { rank } from '../../functions/domain/evidence/classify.ts';
import type { Machine } from '../../functions/domain/flows.ts';
import { assetsOf, wavesOf } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { countsFromShape } from '../../functions/domain/record/fault-clock.ts';
import type { Incident, Scope, Signal } from '../../functions/domain/types.ts';
import { reasonWords } from '../../functions/domain/words/decision-words.ts';
import type { Work } from '../estate/types.ts';
import { prefix } from '../stage.ts';
import type { Execution } from '../stepfunctions/options.ts';
import type { World } from '../world.ts';
import { regionPathSeconds, zonePathSeconds } from './critical-path.ts';
import { flowOfExecution, type Recorder } from './recorder.ts';
import type { DrillResult, IncidentSummary, InvariantResult, ScopeSummary } from './result.ts';
import { isBad } from './signal-words.ts';

const predictedSchema = z.object({
  predicted: z.object({
    recoverySeconds: z.number().nullable(),
    dataLossSeconds: z.number().nullable(),
    countsFrom: countsFromShape.optional(),
  }),
  countsFrom: countsFromShape.nullish(),
});

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
  const dataLoss = await dataLossOf(main, world);
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
      reason: reasonWords(decision),
      evidence: decision.evidence,
    })),
    executions: [...recorder.executions.values()].map(({ execution, region }) => ({
      stateMachine: flowOfExecution(execution, prefix),
      name: execution.name,
      region,
      status: execution.status,
      startedAt: iso(execution.startDate),
      endedAt: execution.stopDate === undefined ? null : iso(execution.stopDate),
    })),
    steps: recorder.steps.map((step) => ({
      ...(step.asset !== null && { asset: step.asset }),
      execution: step.execution,
      state: step.state,
      startedAt: iso(step.startedAt),
      endedAt: step.endedAt === null ? null : iso(step.endedAt),
      outcome: step.outcome ?? 'failed',
      attempts: step.attempts,
    })),
    approvals: recorder.answers.map(({ at, approver, answer, valid, reason, why }) => ({
      at: iso(at),
      approver,
      answer,
      valid,
      reason: valid ? reason : why,
    })),
    clocks: clocks.clocks,
    dataLoss,
    predicted: await predictedOf(main, world),
    objectives: {
      rtoSeconds,
      rpoSeconds,
      mttrSeconds,
      rtoMet: clocks.clocks.recoverySeconds === null ? null : clocks.clocks.recoverySeconds <= rtoSeconds,
      rpoMet: dataLoss.actualSeconds === null ? null : dataLoss.actualSeconds <= rpoSeconds,
    },
    overhead: clocks.overhead,
    invariants,
    notifications: recorder.messages.map(({ at, role, channel, subject }) => ({
      at: iso(at),
      role,
      channel,
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
      assets: truth.assets,
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
  const executions = [...recorder.executions.values()].map(({ execution }) => execution);
  const ofFlow = (flow: Machine) => executions.find((execution) => flowOfExecution(execution, prefix) === flow);
  const region = ofFlow('region-failover');
  const acting = region ?? ofFlow('az-failover') ?? null;
  const proof = region === undefined ? 'VerifyService' : 'VerifyOutside';
  const verifiedAt =
    recorder.steps.find(
      (step) => step.execution === acting?.name && step.state === proof && step.outcome === 'succeeded',
    )?.endedAt ?? null;
  const waits = [...recorder.requests.values()].flatMap(({ request, askedAt, settledAt, outcome }) =>
    request.execution === acting?.name && settledAt !== null ? [{ askedAt, settledAt, outcome }] : [],
  );
  const total = (some: readonly { askedAt: number; settledAt: number }[]): number =>
    seconds(some.reduce((sum, { askedAt, settledAt }) => sum + settledAt - askedAt, 0));
  const answered = waits.filter(({ outcome }) => outcome === 'approved' || outcome === 'rejected');
  const executeSeconds =
    acting === null || verifiedAt === null ? null : seconds(verifiedAt - acting.startDate - total(waits) * 1000);
  const done = world.estate.works();
  const works = acting === null ? done : [...done, ...waitedByRule(done, acting, main, faultAt, world, recorder)];
  const waves = wavesOf(world.plan.assets);
  const waveOf = (asset: string) => waves.findIndex((wave) => wave.some(({ name }) => name === asset));
  const pathSeconds = region === undefined ? zonePathSeconds : regionPathSeconds;
  const criticalPathSeconds =
    acting === null || verifiedAt === null
      ? null
      : pathSeconds(works, acting.name, verifiedAt, world.plan.service.healthPassesNeeded, waveOf);
  return {
    clocks: {
      detectSeconds: firstSignal === null ? null : seconds(firstSignal - faultAt),
      decideSeconds: firstSignal === null || decision === null ? null : seconds(decision.at - firstSignal),
      approvalSeconds: answered.length === 0 ? null : total(answered),
      executeSeconds,
      recoverySeconds: recoverySecondsOf(recorder.served, faultAt, plannedFrom(executions, acting)),
      unprotectedSeconds: await unprotectedSecondsOf(faultAt, world),
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

/**
 * What a zone flow leaves to others for a while, by rule: a database's failover waits for evidence of its own, and a cache for ElastiCache's
 * own failover. Until then there is nothing to do, and no flow could be faster; what it waits for after that is its own time.
 */
function waitedByRule(
  works: readonly Work[],
  { name, startDate }: Readonly<Execution>,
  main: Incident | null,
  faultAt: number,
  { plan }: World,
  { signals, steps }: Recorder,
): Work[] {
  const isItsAlarm = (signal: Signal) =>
    signal.kind === 'component' &&
    signal.component === 'database' &&
    signal.condition === 'failing' &&
    signal.zone === main?.scope.zone &&
    signal.at >= faultAt;
  const until = (at: number) => Math.max(0, at - startDate) / 1000;
  const failsSince = signals.find(({ signal }) => isItsAlarm(signal))?.signal.at ?? Number.NEGATIVE_INFINITY;
  const heldAt = failsSince + plan.evidence.zone.confirmSeconds.costly * 1000;
  const failovers = works.filter(({ execution, latency }) => execution === name && latency === 'rds-failover');
  const caches = assetsOf('elasticache', plan).flatMap((asset) => {
    const step = steps.find((one) => one.execution === name && one.state === 'LeaveZone' && one.asset === asset.name);
    const ownUntil = (main?.openedAt ?? 0) + asset.ownFailoverSeconds * 1000;
    const target = asset.regions[main?.region ?? '']?.replicationGroup ?? asset.name;
    const seconds = until(Math.min(step?.endedAt ?? 0, ownUntil));
    return [
      {
        latency: 'own-failover',
        target,
        startedAt: startDate,
        seconds,
        step: `LeaveZone/${asset.name}`,
        execution: name,
      },
    ];
  });
  return [
    ...failovers.map((work) => ({ ...work, latency: 'own-evidence', startedAt: startDate, seconds: until(heldAt) })),
    ...caches,
  ];
}

/** Until the region that would take over now had all that it needs, as its own stack saw it: a later loss is another story. */
async function unprotectedSecondsOf(faultAt: number, { store, plan }: World): Promise<number | null> {
  const { primary, standby } = plan.roles;
  const { primary: serving, movedAt } = await store.readStanding(primary);
  if (movedAt === null) return 0;
  const { coveredAt = null } = (await store.readReadiness(serving === primary ? standby : primary)) ?? {};
  return coveredAt === null || coveredAt < movedAt ? null : seconds(coveredAt - faultAt);
}

/** When a person began a switchover after the flow that recovers: what users miss of it is planned, and no part of the recovery. */
function plannedFrom(executions: readonly Readonly<Execution>[], acting: Readonly<Execution> | null): number {
  const isPlanned = ({ input }: Readonly<Execution>) => (JSON.parse(input) as { mode?: unknown }).mode === 'switchover';
  const later = executions.filter((one) => acting !== null && one.startDate > acting.startDate && isPlanned(one));
  return Math.min(...later.map(({ startDate }) => startDate), Number.POSITIVE_INFINITY);
}

/** Fault until users are served and stay served: 0 where they always were, null where they are not served at the end. */
function recoverySecondsOf(
  changes: readonly { readonly at: number; readonly served: boolean }[],
  faultAt: number,
  planned: number,
): number | null {
  const all = changes.filter((change) => change.at >= faultAt);
  const last = all.at(-1);
  if (last === undefined) return 0;
  if (!last.served) return null;
  const before = all.filter(({ at }) => at < planned).at(-1);
  if (before === undefined) return 0;
  return seconds((before.served ? before : last).at - faultAt);
}

/**
 * What was lost. While the writer stays nothing is: the other zone's copy is synchronous; a restore loses what was written after its
 * moment, also in the same region. What was
 * reported is what the flow wrote in its record; null where no flow reported, or where it said that it does not know.
 */
async function dataLossOf(main: Incident | null, { store, estate }: World): Promise<DrillResult['dataLoss']> {
  const steps = main === null ? [] : await store.readSteps(main.id);
  const reported = steps.findLast((step) => 'dataLossSeconds' in step.outcome)?.outcome['dataLossSeconds'];
  const { lostSeconds, lostWrites, divergedWrites } = estate.truth();
  return {
    reportedSeconds: typeof reported === 'number' ? reported : null,
    actualSeconds: seconds(lostSeconds * 1000),
    lostWrites,
    divergedWrites,
  };
}

/** What the flow set beside what it achieved, in its record. */
async function predictedOf(main: Incident | null, { store }: World): Promise<DrillResult['predicted']> {
  const steps = main === null ? [] : await store.readSteps(main.id);
  const parsed = predictedSchema.safeParse(steps.findLast(({ outcome }) => 'predicted' in outcome)?.outcome);
  if (!parsed.success) return null;
  const { recoverySeconds, dataLossSeconds, countsFrom = parsed.data.countsFrom } = parsed.data.predicted;
  return { recoverySeconds, dataLossSeconds, countsFrom: countsFrom?.what ?? null };
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
