// One rehearsal: builds a world, breaks what the scenario says, lets operators do what it says, and measures what came of it.
import { type Plan, parsePlan } from '../functions/domain/plan.ts';
import { createVirtualClock } from './clock.ts';
import { createRandom } from './estate/random.ts';
import { missedExpectations } from './expectations.ts';
import { createInvariants } from './invariants.ts';
import { dataLossOf, mainIncident, measure } from './measure.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import type { DrillRun, Progress } from './result.ts';
import { readScenario, type Scenario } from './scenario.ts';
import type { TaskCall } from './stepfunctions/options.ts';
import { account, createWorld, prefix, type World } from './world.ts';

export type DrillOptions = {
  readonly scenario: string;
  readonly seed: number;
  readonly plan: Plan;
  /** The input of an execution that a person starts by hand, a minute after the first fault. */
  readonly manual?: unknown;
  /** Faults beside those of the scenario. */
  readonly extraFaults?: Scenario['faults'];
  /** Whether a step's function is killed after it has acted, so that its answer is lost. */
  readonly losesAnswer?: (call: TaskCall) => boolean;
  readonly onProgress?: (progress: Progress) => void;
};

/** Every drill begins on the same Monday morning: one seed, one history. */
const startAt = Date.UTC(2026, 0, 5, 9, 0, 0);
/** The estate runs for so long before the first fault that every alarm has its data. */
const warmUpSeconds = 600;
/** How long nothing may change before a drill without an end of its own is over. */
const settleSeconds = 600;
const manualAfterSeconds = 60;

/** Runs a drill to its end. @throws InvalidScenario, InvalidPlan */
export async function runDrill(options: DrillOptions): Promise<DrillRun> {
  const read = readScenario(options.scenario);
  const scenario = { ...read, faults: [...read.faults, ...(options.extraFaults ?? [])] };
  const plan = parsePlan(merge(options.plan, scenario.plan));
  const clock = createVirtualClock(startAt);
  const invariants = createInvariants({ plan });
  const zero = startAt + warmUpSeconds * 1000;
  const recorder = createRecorder(plan, prefix, clock, invariants, options.onProgress ?? (() => undefined));
  const world = createWorld(plan, clock, createRandom(options.seed), recorder, options.losesAnswer);
  const faultAt = zero + Math.min(...scenario.faults.map((fault) => fault.atSeconds), Number.POSITIVE_INFINITY) * 1000;
  const began = Number.isFinite(faultAt) ? faultAt : zero;

  await prepare(world, scenario, zero);
  world.start();
  const endOfFaults = scheduleFaults(world, scenario, zero, clock, options.onProgress);
  const busy = scheduleOperator(world, recorder, scenario, zero, clock, options.onProgress);
  if (options.manual !== undefined)
    scheduleManual(world, plan, options.manual, began + manualAfterSeconds * 1000, clock, options.onProgress);
  const watchTick = (): void => {
    recorder.tick(world.estate);
    clock.setTimeout(watchTick, 1_000);
  };
  watchTick();
  const quietFrom = Math.max(endOfFaults, options.manual === undefined ? 0 : began + manualAfterSeconds * 1000);
  const over = (): boolean =>
    clock.now() > quietFrom + settleSeconds * 1000 &&
    clock.now() > recorder.lastChangeAt + settleSeconds * 1000 &&
    !busy() &&
    [...recorder.incidents.values()].every((incident) => incident.closedAt !== null) &&
    [...recorder.executions.values()].every(({ execution }) => execution.status !== 'RUNNING');
  await clock.run(zero + scenario.withinSeconds * 1000, over);
  const endedInTime = over();
  world.stop();
  for (const mutation of world.estate.mutations()) invariants.observe({ kind: 'mutation', ...mutation });
  const { reportedSeconds, actualSeconds } = await dataLossOf(world, recorder);
  const incident = mainIncident(recorder)?.id;
  if (incident !== undefined)
    invariants.observe({ kind: 'loss', at: clock.now(), incident, reportedSeconds, actualSeconds });
  const executions = [...recorder.executions.values()].map(({ execution }) => ({
    execution: execution.name,
    status: execution.status,
  }));
  invariants.observe({ kind: 'end', at: clock.now(), executions });
  const result = await measure({
    ...options,
    plan,
    faultAt: began,
    world,
    recorder,
    invariants: invariants.verdict(clock.now()),
  });
  const misses = missedExpectations(scenario, options.manual !== undefined, result, recorder, plan);
  if (!endedInTime)
    misses.push({
      what: 'end',
      expected: `everything settled within ${scenario.withinSeconds} s`,
      was: 'still going on',
    });
  return { result, misses };
}

async function prepare(world: World, scenario: Scenario, zero: number): Promise<void> {
  const { frozen, actedSecondsAgo = {} } = scenario.before;
  if (frozen !== undefined) await world.store.freeze('operator', frozen, zero);
  for (const [target, seconds] of Object.entries(actedSecondsAgo))
    await world.store.recordAction('az-failover', target, zero - seconds * 1000);
}

type Tell = ((progress: Progress) => void) | undefined;
type DrillClock = ReturnType<typeof createVirtualClock>;

/** Injects each fault at its time; returns when the last one is over. */
function scheduleFaults(world: World, scenario: Scenario, zero: number, clock: DrillClock, tell: Tell): number {
  let end = zero;
  for (const { atSeconds, fault } of scenario.faults) {
    clock.setTimeout(
      () => {
        tell?.({ at: clock.now(), kind: 'fault', text: describeFault(fault) });
        world.estate.inject(fault);
      },
      zero + atSeconds * 1000 - clock.now(),
    );
    end = Math.max(end, zero + (atSeconds + (fault.forSeconds ?? 0)) * 1000);
  }
  return end;
}

function describeFault(fault: Scenario['faults'][number]['fault']): string {
  const { id: _id, kind, forSeconds, ...details } = fault;
  const where = Object.values(details).flat().join(' ');
  return `${kind}${where === '' ? '' : ` (${where})`}${forSeconds === undefined ? '' : `, for ${forSeconds} s`}`;
}

/** Lets operators act at their times, or after the first failure; returns whether any of them is still to come. */
function scheduleOperator(
  world: World,
  recorder: Recorder,
  scenario: Scenario,
  zero: number,
  clock: DrillClock,
  tell: Tell,
): () => boolean {
  let left = scenario.operator.length;
  const act = async (what: Scenario['operator'][number]['do']): Promise<void> => {
    tell?.({ at: clock.now(), kind: 'operator', text: what });
    recorder.lastChangeAt = clock.now();
    if (what === 'freeze') await world.store.freeze('operator', 'the scenario asks for it', clock.now());
    if (what === 'unfreeze') await world.store.unfreeze();
    if (what === 'redrive')
      for (const arn of recorder.failed)
        world.stacks.get(recorder.executions.get(arn)?.region ?? '')?.machines.redriveExecution(arn);
    left -= 1;
  };
  for (const { atSeconds, afterFailureSeconds = 0, do: what } of scenario.operator) {
    if (atSeconds !== undefined) {
      clock.setTimeout(() => void act(what), zero + atSeconds * 1000 - clock.now());
      continue;
    }
    const untilFailed = (): void => {
      if (recorder.failed.size > 0) clock.setTimeout(() => void act(what), afterFailureSeconds * 1000);
      else clock.setTimeout(untilFailed, 1_000);
    };
    untilFailed();
  }
  return () => left > 0;
}

/** A person starts a flow in the region that its input names, or in the primary where it names none. */
function scheduleManual(world: World, plan: Plan, input: unknown, at: number, clock: DrillClock, tell: Tell): void {
  const target =
    typeof input === 'object' && input !== null && 'target' in input && typeof input.target === 'object'
      ? input.target
      : null;
  const region =
    target !== null && 'region' in target && typeof target.region === 'string' ? target.region : plan.roles.primary;
  const stateMachine = target !== null && 'zone' in target ? 'az-failover' : 'service-degradation';
  clock.setTimeout(() => {
    tell?.({ at: clock.now(), kind: 'operator', text: `starts ${stateMachine} by hand` });
    const stack = world.stacks.get(region) ?? world.stacks.get(plan.roles.primary);
    if (stack === undefined) return;
    const stateMachineArn = `arn:aws:states:${stack.region}:${account}:stateMachine:${prefix}-${stateMachine}`;
    stack.machines.startExecution({ stateMachineArn, name: `by-hand-${at}`, input: JSON.stringify(input) });
  }, at - clock.now());
}

/** A plan with a scenario's changes laid over it; lists are replaced. */
function merge(base: unknown, changes: unknown): unknown {
  if (!isRecord(base) || !isRecord(changes)) return changes === undefined ? base : changes;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(changes)) merged[key] = merge(base[key], value);
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
