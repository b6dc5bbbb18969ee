// One rehearsal: builds a world, breaks what the scenario says, lets operators do what it says, and measures what came of it.
import { nobodyAsked, runsWhere } from '../../functions/domain/drills/judge.ts';
import type { DrillRecord } from '../../functions/domain/drills/record.ts';
import { flowFor, machineName, watchName } from '../../functions/domain/flows.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import type { StepRecord } from '../../functions/domain/record/store.ts';
import type { Incident, RecordedDecision } from '../../functions/domain/types.ts';
import { formatSeconds } from '../../functions/domain/words/durations.ts';
import { createVirtualClock } from '../clock.ts';
import { createRandom } from '../estate/chance/random.ts';
import type { Counts, Estate, Lost } from '../estate/types.ts';
import { createInvariants, type Invariants } from '../invariants.ts';
import { type Approvers, createApprovers, mayApprove, parseWay, type Way } from '../people/approvers.ts';
import { type Asking, askOnLocalhost } from '../people/browser.ts';
import { createLever, type Lever } from '../people/levers.ts';
import { resumeWhatStops, scheduleOperator } from '../people/operators.ts';
import { missedExpectations } from '../playing/expectations.ts';
import { drillName, isRecord, playing } from '../playing/playing.ts';
import type { Scenario } from '../playing/scenario.ts';
import { prefix } from '../stage.ts';
import type { TaskCall } from '../stepfunctions/options.ts';
import { account, createWorld, deploymentsOf, type Release, type Watch, type World } from '../world.ts';
import { measure } from './measure.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { type Observed, observeEstate, reportOfDrill } from './report.ts';
import type { DrillRun, Miss, Progress } from './result.ts';
import { missesOf } from './verdict.ts';

export type DrillOptions = {
  readonly scenario: string;
  /** The scenario itself, where it is no file of the simulator's. */
  readonly written?: Scenario;
  readonly seed: number;
  readonly plan: Plan;
  /** The input of an execution that a person starts by hand, a minute after the first fault; else the scenario's. */
  readonly manual?: unknown;
  /** What approvers do instead of what the scenario says: after=10m, deny, never, scanner or ask. */
  readonly approve?: string;
  /** Faults beside those of the scenario. */
  readonly extraFaults?: Scenario['faults'];
  /** A person resumes whatever has stopped, ten minutes after it stopped, so many times. */
  readonly resumes?: number;
  /** What a person does the moment that a state is entered. */
  readonly lever?: Lever;
  /** A release that is deployed when a flow has stopped for the first time; or that stands there from the start. */
  readonly upgrade?: Release & { readonly fromStart?: true };
  /** Whether the facts of a report are gathered. */
  readonly report?: boolean;
  /** Called with each run of a function, and each of its calls. */
  readonly met?: Watch['met'];
  /** Whether a step's function is killed after it has acted, so that its answer is lost. */
  readonly losesAnswer?: (call: TaskCall) => boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** Called with the estate each second of virtual time: what is so, whatever the signals say. */
  readonly looked?: (estate: Estate, at: number) => void;
  /** Called with each decision, and with the incident as it stands then. */
  readonly decided?: (incident: Incident, decision: RecordedDecision) => void;
  /** Called with what leaves the stacks, and with what must not. */
  readonly overheard?: (where: 'log' | 'page' | 'message' | 'token', text: string) => void;
  /** Says that no person will answer any more, when approvers are asked on this machine. */
  readonly nobodyAnswers?: AbortSignal;
};

/** Every drill begins on the same Monday morning: one seed, one history. */
const startAt = Date.UTC(2026, 0, 5, 9, 0, 0);
/** The estate runs for so long before the first fault that every alarm has its data. */
const warmUpSeconds = 300;
/** From then on scenarios count their seconds. */
export const zeroAt = startAt + warmUpSeconds * 1000;
/** How long nothing may change before a drill without an end of its own is over. */
const quietSeconds = 480;

/** Runs a drill to its end. @throws InvalidScenario, NotPlayable, InvalidPlan */
export async function runDrill(options: DrillOptions): Promise<DrillRun> {
  const { scenario, plan } = playing(options.scenario, options.plan, options.extraFaults, options.written);
  const clock = createVirtualClock(startAt);
  const invariants = createInvariants({ plan });
  let observed: Observed | null = null;
  let due = options.upgrade;
  const tell = (progress: Progress): void => {
    if (due !== undefined && due.fromStart !== true && progress.kind === 'execution' && progress.status === 'FAILED') {
      world.upgrade(due);
      due = undefined;
    }
    observed?.told.push(progress);
    options.onProgress?.(progress);
  };
  const recorder: Recorder = createRecorder(plan, prefix, clock, invariants, (progress) => {
    lever.hear(progress);
    tell(progress);
  });
  const lever = createLever(options.lever, recorder, clock, () => world);
  const way = parseWay(options.approve ?? scenario.approve);
  const manual = options.manual ?? scenario.manual;
  const regions = [plan.roles.primary, plan.roles.standby];
  const asking =
    way.kind === 'ask' ? await askOnLocalhost(regions, clock, () => world, tell, options.nobodyAnswers) : null;
  const pageUrls = asking?.pageUrls ?? new Map(regions.map((region) => [region, `https://${region}.approval.example`]));
  const approvers = createApprovers(way, clock, () => world, pageUrls, tell);
  const watch: Watch = {
    ...watchPeople(recorder, approvers, asking, options),
    task(call, failure) {
      recorder.task(call, failure);
      lever.hearTask(call, failure);
    },
  };
  const deployments = await deploymentsOf(plan);
  const random = createRandom(options.seed);
  const { losesAnswer } = options;
  const backup = scenario.drill?.backupSeconds ?? null;
  const world: World = createWorld(plan, deployments, clock, random, watch, pageUrls, losesAnswer, backup);
  const faultAt =
    zeroAt + Math.min(...scenario.faults.map((fault) => fault.atSeconds), Number.POSITIVE_INFINITY) * 1000;
  const began = Number.isFinite(faultAt) ? faultAt : zeroAt;
  tell?.({ at: began, kind: 'zero' });

  if (due?.fromStart === true) world.upgrade(due);
  if (options.report === true) observed = observeEstate(world.estate, clock);
  await prepare(world, scenario, zeroAt);
  world.start();
  const endOfFaults = scheduleFaults(world, scenario, zeroAt, clock, tell);
  const busy = scheduleOperator(world, recorder, scenario, zeroAt, clock, tell);
  const resuming = resumeWhatStops(options.resumes ?? 0, world, recorder, clock, tell);
  const manualAt = began + scenario.manualAfterSeconds * 1000;
  if (manual !== undefined) scheduleManual(world, plan, asStarted(manual, began), manualAt, clock, tell);
  const drillAt = zeroAt + (scenario.drill?.atSeconds ?? 0) * 1000;
  if (scenario.drill !== undefined) scheduleDrill(world, scenario.drill, drillAt, clock, tell);
  clock.watch(() => {
    recorder.tick(world.estate);
    options.looked?.(world.estate, clock.now());
  }, 1_000);
  const quietFrom = Math.max(
    endOfFaults,
    zeroAt + scenario.watchSeconds * 1000,
    manual === undefined ? 0 : manualAt,
    drillAt,
  );
  const isQuiet = (): boolean =>
    clock.now() > quietFrom + quietSeconds * 1000 &&
    clock.now() > recorder.lastChangeAt + quietSeconds * 1000 &&
    !busy() &&
    !resuming.isDue() &&
    !lever.isDue() &&
    (scenario.endsOpen || [...recorder.incidents.values()].every((incident) => incident.closedAt !== null)) &&
    [...recorder.executions.values()].every(({ execution }) => execution.status !== 'RUNNING');
  const over = (): boolean => lever.endsDrill() || isQuiet();
  await clock.run(zeroAt + scenario.withinSeconds * 1000, over, asking?.standStill).finally(() => asking?.close());
  const endedInTime = over();
  world.stop();
  for (const mutation of world.estate.mutations()) invariants.observe({ kind: 'mutation', ...mutation });
  const executions = [...recorder.executions.values()].map(({ execution }) => ({
    execution: execution.name,
    status: execution.status,
  }));
  await observeLoss(world, recorder, invariants, clock.now());
  if (!lever.endsDrill()) invariants.observe({ kind: 'end', at: clock.now(), executions });
  const result = await measure({
    ...options,
    plan,
    faultAt: began,
    world,
    recorder,
    invariants: invariants.verdict(clock.now()),
  });
  const held = options.approve !== undefined && !wasApprovable(way, recorder, plan);
  const differently = options.manual !== undefined || held;
  const misses = missedExpectations(scenario, differently, result, recorder, plan);
  for (const { who, action, resource } of world.denials())
    misses.push({
      what: 'rights',
      expected: 'every call allowed',
      was: `AccessDenied: ${who} may not ${action} on ${resource}`,
    });
  if (way.kind === 'scanner') misses.push(...missedByScanners(recorder));
  if (!endedInTime)
    misses.push({
      what: 'end',
      expected: `everything settled within ${scenario.withinSeconds} s`,
      was: 'still going on',
    });
  const report =
    observed === null
      ? null
      : await reportOfDrill({
          ...{ scenario, plan, world, recorder, observed, result, misses, way, differently, zeroAt: began },
          missed: missesOf({ result, misses }),
          faultAt: Number.isFinite(faultAt) ? faultAt : null,
          endedAt: clock.now(),
        });
  return {
    result,
    misses,
    ...(report !== null && { report, signals: observed?.told.filter(({ kind }) => kind === 'signal').length ?? 0 }),
    resumed: resuming.count(),
    ...(options.lever !== undefined && { pulled: lever.result() }),
  };
}

/** Whether the drill could go on to its end as the scenario says. */
function wasApprovable(way: Way, { requests }: Recorder, plan: Plan): boolean {
  if (way.kind === 'ask') return [...requests.values()].some(({ outcome }) => outcome === 'approved');
  return mayApprove(way, plan.approval.expirySeconds);
}

/** Scanners press whatever they find: nothing of it may count, and the request must end as if nobody had. */
function missedByScanners({ requests, answers }: Recorder): Miss[] {
  const counted = answers.filter(({ valid }) => valid).length;
  const ended = [...requests.values()].filter(({ outcome }) => outcome !== 'expired').map(({ outcome }) => outcome);
  return [
    ...(counted === 0 ? [] : [{ what: 'answers of scanners that count', expected: '0', was: String(counted) }]),
    ...ended.map((outcome) => ({ what: 'request', expected: 'expired', was: outcome ?? 'open' })),
  ];
}

/** What is recorded is also what people see. */
function watchPeople(
  recorder: Recorder,
  approvers: Approvers,
  asking: Asking | null,
  { overheard, met, decided }: DrillOptions,
): Watch {
  return {
    ...recorder,
    ...(met === undefined ? {} : { met }),
    decision(incident, decision) {
      recorder.decision(incident, decision);
      decided?.(incident, decision);
    },
    request(request, region) {
      recorder.request(request, region);
      asking?.asked(request);
      approvers.asked(request, region);
    },
    message(message) {
      recorder.message(message);
      overheard?.('message', `${message.subject}\n${message.body}`);
      const role = recorder.messages.at(-1)?.role ?? '';
      asking?.told(message, role);
      approvers.told(message, role);
    },
    settled(request, outcome) {
      recorder.settled(request, outcome);
      asking?.settled(request);
    },
    ...(overheard === undefined ? {} : { overheard }),
  };
}

async function prepare(world: World, scenario: Scenario, zero: number): Promise<void> {
  const { frozen, actedSecondsAgo } = scenario.before;
  if (frozen !== undefined) await world.store.freeze('operator', frozen, zero);
  const { drill } = scenario;
  if (drill?.passedDaysAgo !== undefined) await world.store.keepDrill(passedBefore(drill, zero, world.plan));
  for (const [target, seconds] of Object.entries(actedSecondsAgo))
    await world.store.recordAction('az-failover', target, zero - seconds * 1000);
}

/** The run of a drill that passed some days ago. */
function passedBefore(
  { kind, withinSeconds, passedDaysAgo = 0 }: NonNullable<Scenario['drill']>,
  zero: number,
  plan: Plan,
): DrillRecord {
  const startedAt = zero - passedDaysAgo * 86_400_000;
  const common = { name: drillName, kind, execution: `drill-${startedAt}`, by: 'schedule', withinSeconds, startedAt };
  const where = {
    region: plan.roles.primary,
    zone: null,
    asset: null,
    experiment: null,
    incident: null,
    struck: null,
    answers: [],
    leg: null,
  };
  const times = { faultAt: startedAt, recoveredAt: startedAt, endedAt: startedAt };
  return { ...common, ...where, ...times, before: [], asked: nobodyAsked, outcome: 'passed', why: [] };
}

/** A drill is started as its schedule does, in both regions, or by a person in the one that runs it. */
function scheduleDrill(
  world: World,
  { kind, by }: NonNullable<Scenario['drill']>,
  at: number,
  clock: DrillClock,
  tell: Tell,
): void {
  const { primary, standby } = world.plan.roles;
  const regions = by === 'schedule' ? [primary, standby] : [runsWhere(kind, primary, standby)];
  clock.setTimeout(() => {
    tell?.({
      at: clock.now(),
      kind: 'operator',
      text: by === 'schedule' ? 'the schedule asks for a drill' : 'starts a drill',
    });
    for (const region of regions) {
      const stack = world.stacks.get(region ?? '');
      if (stack === undefined) continue;
      const stateMachineArn = `arn:aws:states:${stack.region}:${account}:stateMachine:${machineName('drill', prefix)}`;
      const input = JSON.stringify({ drill: drillName, requestedBy: by });
      stack.machines.startExecution({ stateMachineArn, name: `drill-${stack.region}-${at}`, input });
    }
  }, at - clock.now());
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
  return `${kind}${where === '' ? '' : ` (${where})`}${forSeconds === undefined ? '' : `, for ${formatSeconds(forSeconds)}`}`;
}

/** What a person types: a scenario has a time in seconds after its first fault, and a file has the time itself. */
function asStarted(input: unknown, began: number): unknown {
  if (!isRecord(input) || typeof input['corruptedSince'] !== 'number') return input;
  return { ...input, corruptedSince: new Date(began + input['corruptedSince'] * 1000).toISOString() };
}

/** A person starts a flow where it runs: a region's in its peer, every other one, and a restore, in the region that its input names. */
function scheduleManual(world: World, plan: Plan, input: unknown, at: number, clock: DrillClock, tell: Tell): void {
  const target = isRecord(input) && isRecord(input['target']) ? input['target'] : {};
  const { primary, standby } = plan.roles;
  const named = typeof target['region'] === 'string' ? target['region'] : primary;
  const flow = flowFor({ ...(isRecord(input) && input), target });
  const leaves = flow === 'region-failover' && isRecord(input) && input['mode'] !== 'restore';
  const region = leaves ? (named === primary ? standby : primary) : named;
  clock.setTimeout(() => {
    tell?.({ at: clock.now(), kind: 'operator', text: `starts ${flow} by hand` });
    const stack = world.stacks.get(region) ?? world.stacks.get(primary);
    if (stack === undefined) return;
    const stateMachineArn = `arn:aws:states:${stack.region}:${account}:stateMachine:${machineName(flow, prefix)}`;
    stack.machines.startExecution({ stateMachineArn, name: `by-hand-${at}`, input: JSON.stringify(input) });
  }, at - clock.now());
}

/** Tells the invariants what a region failover is said to have cost, and what it did: no other flow promotes anything. */
async function observeLoss(world: World, recorder: Recorder, invariants: Invariants, at: number): Promise<void> {
  const records = new Map<string, StepRecord>();
  for (const incident of new Set(world.estate.mutations().map((mutation) => mutation.incident))) {
    const record = (await world.store.readSteps(incident)).findLast(({ step }) => step === 'record-failover');
    if (record !== undefined) records.set(incident, record);
  }
  for (const [incident, record] of records) {
    const { dataLossSeconds: reported } = record.outcome;
    // What no incident has reported belongs into every report; of an aborted flow the fence watch has told people.
    const counts: Counts = (made) =>
      made === incident || made === null || !(records.has(made) || isToldByWatch(made, recorder));
    const costs = world.estate.costOf(counts);
    const ended = recorder.oldRegions.get(record.execution);
    const reports = ended === undefined ? await toldLate(record, world, recorder) : toldOpen(ended, record, recorder);
    const diverged = costs.map(({ name, divergedWrites: actual }) => [
      name,
      { reported: divergedIn(name, reports[name], counts, world), actual },
    ]);
    invariants.observe({
      kind: 'loss',
      at,
      incident,
      reportedSeconds: typeof reported === 'number' ? reported : null,
      actualSeconds: Math.max(0, ...costs.map(({ name, losses }) => untoldSeconds(losses, reports[name]))),
      divergedWrites: Object.fromEntries(diverged),
    });
  }
}

/** Whether people have read what a database took that the fence watch closed after its flow was aborted. */
function isToldByWatch(incident: string, { messages }: Recorder): boolean {
  return messages.some(
    ({ subject, body }) =>
      /FENCED: /.test(subject) && body.includes(' are missing in ') && body.includes(`Incident ${incident}, `),
  );
}

/**
 * What was told of databases that were fenced after their flow had been aborted: the fence watch tells people, and the record has when that was. Where
 * a person has ended the watch, too, people were told that nobody fences the region: what it takes from then on has no end.
 */
async function toldLate(
  { incident, execution, outcome }: StepRecord,
  world: World,
  { messages }: Recorder,
): Promise<Readonly<Record<string, unknown>>> {
  const own = (await world.store.readSteps(incident)).filter((past) => past.execution === execution);
  const isLeft = messages.some(
    ({ subject, body }) =>
      subject.includes('ABORTED: nobody closes') && body.includes(`execution ${watchName(execution, 1)}`),
  );
  const reports = world.plan.assets.flatMap(({ name }) => {
    const fencedAt = own.find(({ step }) => step === `fence/${name}/fenced`)?.at;
    if (fencedAt === undefined && isLeft)
      return [[name, { divergedFrom: outcome['writesEndedAt'], divergedUntil: Number.POSITIVE_INFINITY }]];
    const isTold = messages.some(
      ({ subject, body }) =>
        /FENCED: /.test(subject) && subject.includes(` ${name}`) && body.includes(`execution ${execution}.`),
    );
    return fencedAt !== undefined && isTold
      ? [[name, { divergedFrom: outcome['writesEndedAt'], divergedUntil: fencedAt }]]
      : [];
  });
  return Object.fromEntries(reports);
}

/** A database that a person leaves open takes writes that are told as long as people were told so: without an end. */
function toldOpen(
  ended: Readonly<Record<string, unknown>>,
  { execution }: StepRecord,
  { messages }: Recorder,
): Readonly<Record<string, unknown>> {
  const isTold = (name: string): boolean =>
    messages.some(
      ({ subject, body }) =>
        subject.includes('is NOT fenced, and Breakwater does not fence it any more') &&
        body.includes(`- ${name}: the old one is NOT FENCED`) &&
        body.includes(`execution ${execution},`),
    );
  return Object.fromEntries(
    Object.entries(ended).map(([name, one]) => [
      name,
      isRecord(one) && one['skipped'] === true && isTold(name)
        ? { ...one, divergedUntil: Number.POSITIVE_INFINITY }
        : one,
    ]),
  );
}

/**
 * The most that one of a database's promotions and restores lost and nobody told. A region that was cut off from all who watch may have served on
 * until the promotion: what it took in the time that the report names as diverged is told, and the reported loss does not have to hold it too.
 */
export function untoldSeconds(losses: readonly Lost[], report: unknown): number {
  const { divergedFrom, divergedUntil } = (report ?? {}) as Readonly<Record<string, unknown>>;
  const untold = losses.map(({ seconds, until }) => {
    if (typeof divergedFrom !== 'number' || typeof divergedUntil !== 'number') return seconds;
    const isTold = divergedFrom < until && until <= divergedUntil;
    return isTold ? Math.max(0, seconds - (until - divergedFrom) / 1000) : seconds;
  });
  return Math.max(0, ...untold);
}

/** A report may name the time in which writes diverged instead of their number: then those in it are told. */
function divergedIn(database: string, report: unknown, counts: Counts, world: World): number | null {
  const { divergedWrites, divergedFrom, divergedUntil } = (report ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof divergedWrites === 'number') return divergedWrites;
  if (typeof divergedFrom !== 'number' || typeof divergedUntil !== 'number') return null;
  return world.estate.divergedBetween(database, divergedFrom, divergedUntil, counts);
}
