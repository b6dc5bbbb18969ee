// Keeps what happened in a drill: for the result, for the timeline, and for the invariants.
import type { Plan } from '../functions/domain/plan.ts';
import { readEvent } from '../functions/domain/signals.ts';
import type { Incident, RecordedDecision, Signal } from '../functions/domain/types.ts';
import type { Clock, Event, Message } from './estate/types.ts';
import type { createInvariants } from './invariants.ts';
import type { Progress, StepSummary } from './result.ts';
import type { Execution } from './stepfunctions/options.ts';
import type { Watch } from './world.ts';

export type Step = {
  readonly execution: string;
  readonly state: string;
  readonly startedAt: number;
  endedAt: number | null;
  outcome: StepSummary['outcome'] | null;
  attempts: number;
  failedOnce: boolean;
  /** Whether its last try threw: then the state was left by a Catch. */
  caught: boolean;
};
export type Ran = { readonly execution: Readonly<Execution>; readonly region: string };

/** Everything of a drill that is looked at afterwards. Lists are in order of time. */
export type Recorder = Watch & {
  readonly signals: { readonly at: number; readonly signal: Signal }[];
  readonly decisions: { readonly incident: string; readonly decision: RecordedDecision }[];
  readonly incidents: Map<string, Incident>;
  readonly executions: Map<string, Ran>;
  readonly steps: Step[];
  readonly messages: (Message & { readonly role: string })[];
  /** Each change between served and not served; served at first. */
  readonly served: { readonly at: number; readonly served: boolean }[];
  /** The writer's last committed write each time it was looked at: its highest number, and whether it went back. */
  readonly commits: { readonly at: number; readonly sequence: number }[];
  /** Regions that took writes at some time. */
  readonly writers: Set<string>;
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
  const tell = (step: Step, phase: 'began' | 'succeeded' | 'failed' | 'retrying', detail: string | null = null) => {
    const seconds = phase === 'began' ? null : (clock.now() - step.startedAt) / 1000;
    onProgress({ at: clock.now(), kind: 'step', execution: step.execution, state: step.state, phase, seconds, detail });
  };
  const recorder: Recorder = {
    signals: [],
    decisions: [],
    incidents: new Map(),
    executions: new Map(),
    steps: [],
    messages: [],
    served: [],
    commits: [],
    writers: new Set(),
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
      const role =
        message.topicArn
          .split(':')
          .at(-1)
          ?.slice(prefix.length + 1) ?? message.topicArn;
      recorder.messages.push({ ...message, role });
      invariants.observe({ kind: 'message', at: message.at, role, subject: message.subject, body: message.body });
      onProgress({ at: message.at, kind: 'message', role, subject: message.subject });
    },
    audit(record) {
      invariants.observe({ kind: 'audit', ...record });
    },
    decision(incident, decision) {
      recorder.incidents.set(incident.id, incident);
      recorder.decisions.push({ incident: incident.id, decision });
      recorder.lastChangeAt = clock.now();
      invariants.observe({ kind: 'decision', incident: incident.id, ...decision, at: clock.now() });
      const { action, level, scope, reason } = decision;
      onProgress({ at: clock.now(), kind: 'decision', action, level, place: scope.zone ?? scope.region, reason });
    },
    status(execution, region) {
      recorder.executions.set(execution.executionArn, { execution: { ...execution }, region });
      recorder.lastChangeAt = clock.now();
      const stateMachine = machineOf(execution, prefix);
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
      const step = open.get(`${call.executionArn} ${call.state}`);
      if (step === undefined) return;
      step.attempts += 1;
      step.caught = failure !== null;
      if (failure !== null && failure.error !== 'InProgress') tell(step, 'retrying', messageOf(failure.cause));
    },
    history(event, execution) {
      const now = event.timestamp;
      const entered = event.stateEnteredEventDetails?.name;
      if (event.type === 'TaskStateEntered' && entered !== undefined) {
        const step: Step = {
          execution: execution.name,
          state: entered,
          startedAt: now,
          endedAt: null,
          outcome: null,
          attempts: 0,
          failedOnce: false,
          caught: false,
        };
        recorder.steps.push(step);
        open.set(`${execution.executionArn} ${entered}`, step);
        tell(step, 'began');
      }
      const exited = event.stateExitedEventDetails;
      const step = open.get(`${execution.executionArn} ${exited?.name ?? ''}`);
      if (event.type === 'TaskStateExited' && step !== undefined) {
        step.endedAt = now;
        step.outcome = step.caught ? 'failed' : targetAndMode(execution).dryRun ? 'dry-run' : 'succeeded';
        tell(step, step.caught ? 'failed' : 'succeeded');
      }
    },
    tick(estate) {
      const truth = estate.truth();
      recorder.commits.push({ at: clock.now(), sequence: truth.lastCommittedSequence });
      for (const region of truth.writableRegions) recorder.writers.add(region);
      invariants.observe({
        kind: 'tick',
        at: clock.now(),
        writableRegions: [...truth.writableRegions],
        usersRegion: truth.usersRegion,
        served: truth.served,
      });
      if (truth.served !== (recorder.served.at(-1)?.served ?? true)) {
        recorder.served.push({ at: clock.now(), served: truth.served });
        onProgress({ at: clock.now(), kind: 'users', served: truth.served });
      }
    },
  };
  return recorder;
}

/** What a function said when it threw; the cause itself where it is no function's. */
function messageOf(cause: unknown): string | null {
  if (typeof cause !== 'string') return null;
  try {
    const parsed: unknown = JSON.parse(cause);
    return typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed
      ? String(parsed.errorMessage)
      : cause;
  } catch {
    return cause;
  }
}

/** The short name of an execution's state machine. */
export function machineOf(execution: Readonly<Execution>, prefix: string): string {
  return (
    execution.stateMachineArn
      .split(':')
      .at(-1)
      ?.slice(prefix.length + 1) ?? ''
  );
}

/** Whether a signal says that something is wrong. */
export function isBad(signal: Signal): boolean {
  if ('condition' in signal) return signal.condition === 'failing';
  if (signal.kind === 'canary-run') return !signal.passed;
  if (signal.kind === 'database')
    return (
      signal.change === 'failover-started' || signal.change === 'replication-stopped' || signal.change === 'shutdown'
    );
  if (signal.kind === 'cache') return signal.change === 'failover-started' || signal.change === 'failover-completed';
  if (signal.kind === 'instance') return signal.state === 'terminated' || signal.state === 'shutting-down';
  return (
    (signal.kind === 'health' && signal.open) ||
    (signal.kind === 'scaling' && signal.change === 'launch-failed') ||
    (signal.kind === 'shift' && signal.cause === 'autoshift')
  );
}

/** The first run of a canary that fails is news; the ones after it would only fill the screen. */
function firstFailedRun(signal: Signal, seen: Recorder['signals']): string | null {
  const isFailedRun = (one: Signal) => one.kind === 'canary-run' && !one.passed;
  if (!isFailedRun(signal) || seen.filter((one) => isFailedRun(one.signal)).length > 1) return null;
  return 'a canary run failed';
}

/** A signal in a few words; null for what would only fill the screen. */
function wordsFor(signal: Signal, event: Event): string | null {
  const { detail } = event;
  switch (signal.kind) {
    case 'component':
    case 'canary':
    case 'probe':
    case 'heartbeat':
    case 'replica':
      return signal.condition === 'unknown'
        ? `${String(detail['alarmName'])} has no data`
        : `${String(detail['alarmName'])} ${signal.condition === 'failing' ? 'in alarm' : 'is well again'}`;
    case 'database':
    case 'maintenance':
      return String(detail['Message'] ?? `maintenance ${signal.kind === 'maintenance' ? signal.phase : ''}`);
    case 'cache':
      return Object.keys(detail).find((key) => key.startsWith('ElastiCache:')) ?? null;
    case 'release':
      return `release ${signal.release} ${signal.phase}`;
    case 'shift':
      return `${event['detail-type']} (${signal.zone})`;
    case 'instance':
      return `instance ${signal.instance} ${signal.state}`;
    case 'scaling':
      return event['detail-type'];
    case 'health':
      return `AWS Health: ${signal.service} ${signal.open ? 'open' : 'closed'}`;
    default:
      return null;
  }
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
