// Keeps what happened in a drill: for the result, for the timeline, and for the invariants.
import { isWithdrawn } from '../../functions/domain/decision/incident.ts';
import { type Machine, machineIn } from '../../functions/domain/flows.ts';
import { assetsOf } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import {
  assetIn,
  causeWords,
  outcomeOf,
  readJson,
  type StepOutcome,
  stepName,
  type Tick,
  tickIn,
} from '../../functions/domain/record/step.ts';
import { readEvent } from '../../functions/domain/signals/signals.ts';
import type {
  ApprovalRequest,
  Incident,
  RecordedAnswer,
  RecordedDecision,
  Signal,
} from '../../functions/domain/types.ts';
import { reasonWords } from '../../functions/domain/words/decision-words.ts';
import { askingSentences, assessmentSentences } from '../../functions/domain/words/region-words.ts';
import type { Clock, Estate, Event, Message } from '../estate/types.ts';
import type { ObservationOf } from '../invariants/model/observations.ts';
import type { createInvariants } from '../invariants.ts';
import { isApproved } from '../people/approval-count.ts';
import type { Execution } from '../stepfunctions/options.ts';
import { assetOf } from '../stepfunctions/states/asset.ts';
import type { Watch } from '../world.ts';
import type { Progress, StepPhase } from './result.ts';
import { firstFailedRun, isBad, wordsFor } from './signal-words.ts';

export type Step = {
  readonly execution: string;
  readonly state: string;
  /** The asset that it is about; null where it is about the whole flow. */
  readonly asset: string | null;
  readonly startedAt: number;
  endedAt: number | null;
  outcome: StepOutcome | null;
  tick: Tick['state'] | null;
  attempts: number;
  failedOnce: boolean;
  /** Whether its last try threw: then the state was left by a Catch. */
  caught: boolean;
};
/** A request to people, as it was first asked; `outcome` is the first that settled it. */
export type Asked = {
  readonly request: ApprovalRequest;
  readonly askedAt: number;
  settledAt: number | null;
  outcome: string | null;
};
export type Ran = { readonly execution: Readonly<Execution>; readonly region: string };

/** Everything of a drill that is looked at afterwards. Lists are in order of time. */
export type Recorder = Watch & {
  readonly signals: { readonly at: number; readonly signal: Signal }[];
  readonly decisions: { readonly incident: string; readonly decision: RecordedDecision }[];
  readonly incidents: Map<string, Incident>;
  readonly executions: Map<string, Ran>;
  readonly steps: Step[];
  readonly requests: Map<string, Asked>;
  readonly answers: (RecordedAnswer & { readonly at: number })[];
  /** What the fence of an old region reported of each asset, by execution. */
  readonly oldRegions: Map<string, Readonly<Record<string, unknown>>>;
  readonly messages: Message[];
  /** Each change between served and not served; served at first. */
  readonly served: { readonly at: number; readonly served: boolean }[];
  /** Executions that have failed and not been redriven since. */
  readonly failed: Set<string>;
  lastChangeAt: number;
};

export function createRecorder(
  plan: Plan,
  prefix: string,
  clock: Clock,
  invariants: ReturnType<typeof createInvariants>,
  onProgress: (progress: Progress) => void,
): Recorder {
  const open = new Map<string, Step>();
  /** Which asset the events of an execution are about: each is about that of the event before it, or begins a step. */
  const assets = new Map<string, string | null>();
  const { primary, standby } = plan.roles;
  // A database is verified where users were at first, and where a flow has proved it and the region's page before it sent them.
  const verified = new Map(assetsOf('rds-instance', plan).map(({ name }) => [name, new Set([primary])]));
  const pageVerified = new Set([primary]);
  let watched: Estate | null = null;
  const observeApproval = ({ request, outcome }: Asked, valid: boolean): void =>
    invariants.observe({
      kind: 'approval',
      at: clock.now(),
      execution: request.execution,
      valid,
      asked: outcome === null,
      names: request.unfenced,
      assets: request.unfencedAssets ?? [],
      // What is restored where it stands comes back in the region itself.
      target: request.mode === 'restore' ? request.target : request.target === primary ? standby : primary,
    });
  /** Whether the record started a flow, and had not taken that back by then; what its input says of who asks is nobody's proof. */
  const isAutomatic = (name: string): boolean => {
    const ran = [...recorder.executions.values()].find(({ execution }) => execution.name === name);
    const startedAt = ran?.execution.startDate ?? Number.POSITIVE_INFINITY;
    const decisions = recorder.decisions.map(({ decision }) => decision);
    const isDecided = decisions.some(({ action, execution }) => action === 'request-approval' && execution === name);
    return isDecided && !isWithdrawn({ decisions: decisions.filter(({ at }) => at <= startedAt) }, name);
  };
  const tell = (step: Step, phase: StepPhase, detail: string | null = null) => {
    const seconds = phase === 'began' ? null : (clock.now() - step.startedAt) / 1000;
    onProgress({
      at: clock.now(),
      kind: 'step',
      execution: step.execution,
      state: stepName(step),
      phase,
      seconds,
      detail,
    });
  };
  /** The first look is told whole; of the second, after the approval, only what has changed. */
  const assessed = ({ state, outcome }: Step, assessment: Readonly<Record<string, unknown>>): void => {
    if (outcome === 'failed') return;
    const { changed } = assessment;
    const sentences =
      state === 'Assess'
        ? assessmentSentences(assessment)
        : typeof changed === 'string'
          ? [`Changed: ${changed}.`]
          : [];
    if (sentences.length > 0) onProgress({ at: clock.now(), kind: 'assessment', sentences });
  };
  const recorder: Recorder = {
    signals: [],
    decisions: [],
    incidents: new Map(),
    executions: new Map(),
    steps: [],
    requests: new Map(),
    answers: [],
    oldRegions: new Map(),
    messages: [],
    served: [],
    failed: new Set(),
    lastChangeAt: clock.now(),

    event(event: Event) {
      const reading = readEvent(event, plan);
      if ('stray' in reading) return;
      const { signal } = reading;
      recorder.signals.push({ at: clock.now(), signal });
      const text = firstFailedRun(signal, recorder.signals) ?? wordsFor(signal, event);
      if (text !== null)
        onProgress({ at: clock.now(), kind: 'signal', region: event.region, text, bad: isBad(signal) });
    },
    message(message) {
      const { at, takenAt, role, subject, body } = message;
      recorder.messages.push(message);
      invariants.observe({ kind: 'message', at, takenAt, role, subject, body });
      onProgress({ at, kind: 'message', role, subject });
    },
    lostMessage(subject, body) {
      invariants.observe({ kind: 'lost-message', at: clock.now(), subject, body });
    },
    request(request) {
      if (recorder.requests.has(request.id)) return;
      const asked = { request, askedAt: clock.now(), settledAt: null, outcome: null };
      recorder.requests.set(request.id, asked);
      onProgress({ at: clock.now(), kind: 'request', sentences: askingSentences(request) });
      recorder.lastChangeAt = clock.now();
      // Asked again: what was approved before holds no longer.
      observeApproval(asked, false);
    },
    answer(answer, kept) {
      // What was not kept is offered again with the reason.
      if (kept || !answer.valid) recorder.answers.push(answer);
    },
    settled(id, outcome) {
      const asked = recorder.requests.get(id);
      if (asked === undefined || asked.outcome !== null) return;
      asked.outcome = outcome;
      asked.settledAt = clock.now();
      const { request } = asked;
      const enough = isApproved(request, recorder.answers, plan, isAutomatic(request.execution));
      observeApproval(asked, outcome === 'approved' && enough);
    },
    audit(record) {
      invariants.observe({ kind: 'audit', ...record });
    },
    decision(incident, decision) {
      recorder.incidents.set(incident.id, incident);
      recorder.lastChangeAt = clock.now();
      // An incident is written again for other news, too.
      const known = recorder.decisions.findLast((one) => one.incident === incident.id)?.decision;
      if (known !== undefined && known.at === decision.at && known.action === decision.action) return;
      recorder.decisions.push({ incident: incident.id, decision });
      invariants.observe({ kind: 'decision', incident: incident.id, ...decision, at: clock.now() });
      const { action, level, scope } = decision;
      const reason = reasonWords(decision);
      onProgress({ at: clock.now(), kind: 'decision', action, level, place: scope.zone ?? scope.region, reason });
    },
    status(execution, region) {
      recorder.executions.set(execution.executionArn, { execution: { ...execution }, region });
      recorder.lastChangeAt = clock.now();
      const stateMachine = flowOfExecution(execution, prefix);
      if (execution.status === 'RUNNING') recorder.failed.delete(execution.executionArn);
      else if (execution.status !== 'SUCCEEDED') recorder.failed.add(execution.executionArn);
      for (const [key, step] of open) {
        if (!key.startsWith(`${execution.executionArn} `) || step.endedAt !== null || execution.status === 'RUNNING')
          continue;
        step.outcome = 'failed';
        step.failedOnce = true;
        tell(step, 'failed', messageOf(execution.cause));
      }
      invariants.observe({
        kind: 'execution',
        at: clock.now(),
        execution: execution.name,
        stateMachine,
        region,
        status: execution.status,
        ...targetAndMode(execution),
      });
      onProgress({
        at: clock.now(),
        kind: 'execution',
        name: execution.name,
        stateMachine,
        region,
        status: execution.status,
      });
    },
    task(call, failure) {
      const step = open.get(`${call.executionArn} ${stepName({ state: call.state, asset: assetOf(call.arguments) })}`);
      if (step === undefined) return;
      step.attempts += 1;
      step.caught = failure !== null;
      if (failure !== null && failure.error !== 'InProgress') tell(step, 'retrying', messageOf(failure.cause));
    },
    history(event, execution, region) {
      const now = event.timestamp;
      const { executionArn } = execution;
      const entered = event.stateEnteredEventDetails;
      const inherited = assets.get(`${executionArn} ${event.previousEventId}`) ?? null;
      const asset = entered === undefined ? inherited : assetIn(entered.input);
      assets.set(`${executionArn} ${event.id}`, asset);
      if (event.type === 'TaskStateEntered' && entered !== undefined) {
        if (/^Release\w*Lock$/.test(entered.name))
          invariants.observe({ kind: 'release', at: now, execution: execution.name });
        const step: Step = {
          execution: execution.name,
          state: entered.name,
          asset,
          startedAt: now,
          endedAt: null,
          outcome: null,
          tick: null,
          attempts: 0,
          failedOnce: false,
          caught: false,
        };
        recorder.steps.push(step);
        open.set(`${executionArn} ${stepName(step)}`, step);
        tell(step, 'began');
      }
      const exited = event.stateExitedEventDetails;
      const step = open.get(`${executionArn} ${stepName({ state: exited?.name ?? '', asset })}`);
      if (event.type === 'TaskStateExited' && step !== undefined) {
        step.endedAt = now;
        step.outcome = step.caught ? 'failed' : outcomeOf(exited?.output, asset, targetAndMode(execution).dryRun);
        if (step.caught) step.failedOnce = true;
        if (step.state === 'Verify' && step.outcome === 'succeeded') verified.get(asset ?? '')?.add(region);
        if (step.state === 'VerifyRegion' && step.outcome === 'succeeded') {
          pageVerified.add(region);
          if (watched !== null) recorder.tick(watched);
        }
        if (step.state === 'FenceOldRegion') {
          recorder.oldRegions.set(step.execution, readJson(exited?.output));
        }
        const tick = tickIn(exited?.output, asset);
        step.tick = step.caught ? null : tick.state;
        if (step.outcome === 'failed') tell(step, 'failed');
        // Also in a dry run a look is a look, and a message is sent.
        else if (tick.state === 'done') tell(step, 'succeeded');
        else tell(step, tick.state, tick.why);
        if (step.state === 'Reassess' && step.outcome !== 'failed') {
          const { offered, approved, changed } = readJson(exited?.output);
          const holds = offered === true && approved === true && changed === null;
          invariants.observe({ kind: 'look', at: now, execution: step.execution, holds });
        }
        if (step.state === 'Assess' || step.state === 'Reassess') assessed(step, readJson(exited?.output));
      }
    },
    tick(estate) {
      watched = estate;
      const { usersRegion, served, writable, consuming } = estate.glance();
      invariants.observe({
        kind: 'tick',
        at: clock.now(),
        writable,
        consuming,
        usersRegion,
        verified: Object.fromEntries(
          [...verified].map(([database, regions]) => [
            database,
            [...regions].filter((region) => pageVerified.has(region)),
          ]),
        ),
        served,
        lost: [plan.roles.primary, plan.roles.standby].filter((region) => !estate.canReach(region, region)),
        ...faultsIn(estate, [plan.roles.primary, plan.roles.standby]),
      });
      if (served !== (recorder.served.at(-1)?.served ?? true)) {
        recorder.served.push({ at: clock.now(), served });
        onProgress({ at: clock.now(), kind: 'users', served });
      }
    },
  };
  return recorder;
}

/** What goes wrong on the way of calls, as far as judges ask for it; nearly always nothing. */
function faultsIn(
  { faults }: Estate,
  regions: readonly string[],
): Pick<ObservationOf<'tick'>, 'mute' | 'stale' | 'killed'> {
  const mute = faults
    .of('api-failure')
    .flatMap(({ service, operation, error, region, caller, target, times }) =>
      service === 'sns' &&
      operation === 'Publish' &&
      error !== 'timeout-after-acting' &&
      (caller ?? target ?? times) === undefined
        ? (region ?? regions)
        : [],
    );
  const killed = faults.of('function-crash').map(({ function: name }) => name);
  const stale = faults.of('stale-reads').some(({ service }) => service === 'rds');
  return { ...(mute.length > 0 && { mute }), ...(killed.length > 0 && { killed }), ...(stale && { stale }) };
}

/** What a function said when it threw; the cause itself where it is no function's. */
function messageOf(cause: unknown): string | null {
  if (typeof cause !== 'string') return null;
  return causeWords(cause);
}

/** The flow that an execution is of: a stack has no other machines. */
export function flowOfExecution({ stateMachineArn }: Readonly<Execution>, prefix: string): Machine {
  const flow = machineIn(stateMachineArn, prefix);
  if (flow === null) throw new Error(`${stateMachineArn} is no flow of ${prefix}`);
  return flow;
}

function targetAndMode(execution: Readonly<Execution>): {
  target: { region: string; zone: string | null } | null;
  dryRun: boolean;
} {
  try {
    const input: unknown = JSON.parse(execution.input);
    if (typeof input !== 'object' || input === null) return { target: null, dryRun: false };
    const dryRun = 'dryRun' in input && input.dryRun === true;
    const target = 'target' in input && typeof input.target === 'object' && input.target !== null ? input.target : null;
    if (target === null || !('region' in target) || typeof target.region !== 'string') return { target: null, dryRun };
    return {
      target: { region: target.region, zone: 'zone' in target && typeof target.zone === 'string' ? target.zone : null },
      dryRun,
    };
  } catch {
    return { target: null, dryRun: false };
  }
}
