// A lever that a person pulls the moment that a flow enters a state: what the flow does then, and whether what people were told of
// it is so. Each state of each flow is one rehearsal with an abort, and one with a freeze.
import { machineIn, watchName } from '../../functions/domain/flows.ts';
import { assetsOf, standsIn } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { stepName } from '../../functions/domain/record/step.ts';
import { abortedSentences } from '../../functions/domain/recovery/left-behind.ts';
import { abort, freeze, unfreeze } from '../../functions/shared/operate.ts';
import { wait } from '../clock.ts';
import type { Ran, Recorder } from '../drill/recorder.ts';
import type { DrillRun, Progress } from '../drill/result.ts';
import type { Clock, Mutation } from '../estate/types.ts';
import { missedInSpite } from '../histories/single-faults.ts';
import { prefix } from '../stage.ts';
import type { TaskFailure } from '../stepfunctions/errors.ts';
import type { TaskCall } from '../stepfunctions/options.ts';
import { assetOf } from '../stepfunctions/states/asset.ts';
import type { World } from '../world.ts';

/** `at`: a flow and its state, and behind a slash the asset: `az-failover LeaveZone/cache`. It is pulled once, the first time. */
export type Lever = { readonly do: 'abort' | 'freeze'; readonly at: string };

/** The scenarios in which levers are pulled at every state; beside them those that enter others, where only these are tried. */
export const operated = {
  wholly: ['manual-switchover', 'region-outage', 'cache-moves', 'service-degradation'],
  beside: [
    'cache-member-refuses',
    'promote-fails',
    'standby-also-bad',
    'approval-too-late',
    'manual-dry-run',
    'switchover-resumed',
  ],
} as const;

/** So often a person resumes what a freeze stops: while it is frozen, and afterwards. */
export const resumesAfterFreeze = 3;

/** An abort and a freeze at each state that a scenario enters; `known`: those that others have entered before. */
export function leversAt(scenario: string, entered: Iterable<string>, known: ReadonlySet<string>): Lever[] {
  const isBeside = (operated.beside as readonly string[]).includes(scenario);
  return [...entered]
    .filter((at) => !isBeside || !known.has(at))
    .flatMap((at) => (['abort', 'freeze'] as const).map((what) => ({ do: what, at })));
}

/** What came of a lever. Times are milliseconds of virtual time. */
export type Pulled = {
  readonly lever: Lever;
  readonly execution: string;
  /** When it was done, as the person was told. */
  readonly doneAt: number;
  /** What the person was told, line by line: of an abort that had to be repeated, first why. */
  readonly said: readonly string[];
  /** Who held the lock of the region then, which region was primary, and in which regions each database took writes. */
  readonly lock: string | null;
  readonly primary: string;
  readonly writable: Readonly<Record<string, readonly string[]>>;
  /** How the execution stood when somebody looked again: after a redrive of what was aborted, or before the freeze was ended. */
  readonly status: string;
  readonly lookedAt: number;
  /** What the execution changed in the whole drill, also what a person undid of it: that step is called operator. */
  readonly changed: readonly Pick<Mutation, 'at' | 'service' | 'operation' | 'region' | 'target' | 'step'>[];
  /** States of the execution that came to an end in spite of its abort. */
  readonly wentOn: readonly string[];
};

const againMs = 60_000;
/** An abort is repeated while a region does not answer: for longer than one is dark in any drill. */
const mostTries = 120;
const redriveAfterMs = 60_000;
const lookAfterMs = 300_000;
/** Longer than a promotion takes: what a freeze does not stop has come to its end by then. */
const frozenMs = 1_200_000;

/** Waits for the state and pulls. `hear` is told all progress. */
export function createLever(lever: Lever | undefined, recorder: Recorder, clock: Clock, worldOf: () => World) {
  let isBusy = false;
  let pulling: { readonly name: string; doneAt: number | null } | null = null;
  let pulled: Omit<Pulled, 'changed' | 'wentOn'> | null = null;
  const wentOn: string[] = [];

  const pull = async (lever: Lever, { execution, region }: Ran): Promise<void> => {
    const { executionArn: arn, name } = execution;
    const world = worldOf();
    const stack = world.stacks.get(region);
    if (stack === undefined) throw new Error(`no stack in ${region}`);
    const said: string[] = [];
    if (lever.do === 'freeze') {
      await stack.as('operator', (shell) => freeze('operator', 'the drill asks for it', shell));
    } else {
      for (let tries = 1; tries <= mostTries; tries += 1) {
        const told = await stack
          .as('operator', (shell) => abort(arn, 'operator', shell, { confirmed: phraseOf(execution.input) }), name)
          .then(abortedSentences, (error: unknown) => `Not done: ${String(error)}`);
        said.push(...(typeof told === 'string' ? [told] : told));
        if (typeof told !== 'string') break;
        await wait(clock, againMs);
      }
    }
    const doneAt = clock.now();
    keepDiverged(name, said, recorder, world);
    pulling = { name, doneAt };
    const { lock, primary } = await world.store.readStanding(targetOf(execution.input));
    const { writable } = world.estate.glance();
    const statusNow = () => recorder.executions.get(arn)?.execution.status ?? '';
    if (lever.do === 'abort') {
      await wait(clock, redriveAfterMs);
      // As anybody may who has the rights in Step Functions: `resume` refuses it.
      if (statusNow() !== 'SUCCEEDED' && statusNow() !== 'RUNNING') stack.machines.redriveExecution(arn);
    }
    await wait(clock, lever.do === 'abort' ? lookAfterMs : frozenMs);
    const seen = { lock: lock?.execution ?? null, primary, writable, status: statusNow(), lookedAt: clock.now() };
    pulled = { lever, execution: name, doneAt, said, ...seen };
    recorder.lastChangeAt = clock.now();
    if (lever.do === 'abort') return;
    await stack.as('operator', (shell) => unfreeze('operator', shell));
  };

  return {
    hear(progress: Progress): void {
      if (lever === undefined || progress.kind !== 'step') return;
      const { execution, state, phase } = progress;
      if (pulling !== null || phase !== 'began') return;
      const [arn, ran] = [...recorder.executions].find(([, one]) => one.execution.name === execution) ?? [];
      if (arn === undefined || ran === undefined || `${machineIn(arn, prefix)} ${state}` !== lever.at) return;
      pulling = { name: execution, doneAt: null };
      isBusy = true;
      void pull(lever, ran).finally(() => {
        isBusy = false;
      });
    },
    /** Of an aborted execution no call may be answered but with a refusal, whoever redrives it. */
    hearTask(call: TaskCall, failure: TaskFailure | null): void {
      const isOver = lever?.do === 'abort' && pulling?.name === call.executionName && pulling.doneAt !== null;
      const isLate = isOver && clock.now() > (pulling?.doneAt ?? 0) + callMs;
      if (isLate && failure === null) wentOn.push(stepName({ state: call.state, asset: assetOf(call.arguments) }));
    },
    isDue: () => isBusy,
    /** What an incident without its flow comes to is another story. */
    endsDrill: () => lever?.do === 'abort' && pulled !== null,
    result(): Pulled | null {
      if (pulled === null) return null;
      const { execution } = pulled;
      // What the fence watch of a flow changes is the flow's.
      const isOf = (name: string) => name === execution || name === watchName(execution, 1);
      const changed = worldOf()
        .estate.mutations()
        .filter((mutation) => isOf(mutation.execution))
        .map(({ at, service, operation, region, target, step }) => ({ at, service, operation, region, target, step }));
      return { ...pulled, changed, wentOn };
    },
  };
}

function targetOf(input: string): string {
  const { target }: { target?: { region?: string } } = JSON.parse(input);
  return target?.region ?? '';
}

/** What is typed to end a fence watch; an abort of a flow asks for nothing. */
function phraseOf(input: string): string {
  return `${targetOf(input)} stays unfenced`;
}

/** What has diverged is reported by the flow, and of one that was aborted by what the person is told. */
function keepDiverged(execution: string, said: readonly string[], recorder: Recorder, { plan }: World): void {
  const told = said.flatMap((line) => [
    ...line.matchAll(/(\S+) stays fenced[^;]*; what it wrote between (\S+) and (\S+) has/g),
  ]);
  const reports = told.flatMap(([, instance = '', from = '', until = '']) =>
    assetsOf('rds-instance', plan)
      .filter((asset) => standsIn(plan.roles.primary, asset).includes(instance))
      .map(({ name }) => [name, { divergedFrom: Date.parse(from), divergedUntil: Date.parse(until) }] as const),
  );
  if (reports.length === 0) return;
  recorder.oldRegions.set(execution, { ...recorder.oldRegions.get(execution), ...Object.fromEntries(reports) });
}

/** What a drill missed in which a lever was pulled. */
export function missedByLever(run: DrillRun, plan: Plan): string[] {
  const { pulled, result } = run;
  if (pulled === undefined || pulled === null) return ['the state was not entered, or the lever not done'];
  const broken = result.invariants
    .filter(({ held }) => !held)
    .map(({ id, detail = '' }) => `invariant ${id} does not hold: ${detail}`);
  return pulled.lever.do === 'abort'
    ? [...missedByAbort(pulled, run, plan), ...broken]
    : [...missedByFreeze(pulled), ...missedInSpite(run, plan)];
}

/** A call that was on its way when the person was told is done by then. */
const underWayMs = 1_000;
/** A function that ran then has ended by then: it runs for 30 s at most. */
const callMs = 30_000;

function missedByAbort(pulled: Pulled, { result }: DrillRun, plan: Plan): string[] {
  const { lever, execution, doneAt, said, lock, primary, writable, status, changed, wentOn } = pulled;
  const isSaid = (...words: readonly string[]) => said.some((line) => words.every((word) => line.includes(word)));
  const missed: string[] = [];
  const expect = (what: string, holds: boolean): void => {
    if (!holds) missed.push(what);
  };
  const isOwnEnd = status === 'SUCCEEDED';
  expect(
    `the execution is ${status} after an abort and a redrive`,
    isOwnEnd || status === 'FAILED' || status === 'ABORTED',
  );
  expect(`went on after the abort: ${wentOn.join(', ')}`, isOwnEnd || wentOn.length === 0);
  expect('the abort was never done', !(said.at(-1) ?? 'Not done').startsWith('Not done'));
  const isTold = result.notifications.some(({ subject }) => /\bABORTED(?: while| in|: nobody closes)\b/.test(subject));
  expect('nobody was told of the abort', isOwnEnd || isTold);
  const holds = lock === execution || lock === `${execution}/abort`;
  expect(`${lock} holds the region after the abort`, !holds);

  if (lever.at.startsWith('fence-watch ')) {
    // The flow goes on, or has ended; from now on nobody fences what it left.
    expect('not said: it stays unfenced', isSaid('stays unfenced'));
    for (const { at, operation, target } of changed.filter((one) => one.at > doneAt + underWayMs))
      expect(`${operation} of ${target} ${(at - doneAt) / 1000} s after the abort`, false);
    return missed;
  }
  const isUndoing = ({ step }: (typeof changed)[number]) => step === 'operator';
  for (const { at, operation, target, step } of changed.filter(
    (one) => !isUndoing(one) && one.at > doneAt + underWayMs,
  ))
    expect(`${operation} of ${target} by ${step}, ${(at - doneAt) / 1000} s after the abort`, false);

  const endedShifts = changed.flatMap((one) => (one.operation === 'CancelZonalShift' ? [one.target] : []));
  for (const one of changed) {
    if (isUndoing(one) || one.step.startsWith('Fence') || /^(Update|Cancel)ZonalShift$/.test(one.operation)) continue;
    if (one.operation === 'StartZonalShift' && endedShifts.includes(one.target)) continue;
    expect(`not said: ${one.operation} of ${one.target}`, isSaid(one.target));
  }
  const roleMoved = primary !== plan.roles.primary;
  expect(
    `${primary} is primary, and it is ${roleMoved ? 'not ' : ''}said`,
    isSaid('is the primary region now') === roleMoved,
  );

  for (const asset of assetsOf('rds-instance', plan)) {
    const [old = ''] = standsIn(plan.roles.primary, asset);
    const [replica = ''] = standsIn(plan.roles.standby, asset);
    const exchanges = changed.filter(({ operation, target }) => operation === 'ModifyDBInstance' && target === old);
    const isPromoted = changed.some(
      ({ operation, target }) => operation === 'PromoteReadReplica' && target === replica,
    );
    const last = exchanges.at(-1);
    const takesWrites = (writable[asset.name] ?? []).includes(plan.roles.primary);
    if (last !== undefined && isUndoing(last))
      expect(`not said: ${old} is open again`, isSaid(old, 'admits its applications again'));
    else if (last !== undefined) {
      expect(`not said: ${old} is fenced`, isSaid(`${old} stays fenced`) || isSaid(`${old} stays HALF FENCED`));
      expect(`${old} is said to be fenced, and takes writes`, !(isSaid(`${old} stays fenced`) && takesWrites));
    } else if (isPromoted) expect(`not said: ${old} is not fenced`, isSaid(`${old} is NOT FENCED`));
    else {
      // What is not done yet names the option that keeps a fence, and says of none that it stands.
      const claims = said.filter((line) => !line.startsWith('Not done'));
      const isClaimed = claims.some((line) => line.includes(old) && line.includes('fenced'));
      expect(`said of ${old}, which was never fenced: ${claims.join(' ')}`, !isClaimed);
    }
  }
  return missed;
}

/** A freeze stops what has not begun; what gives a region up goes on to its end, and the fence watch is not stopped by it. */
function missedByFreeze({ lever, execution, doneAt, status, lookedAt, changed }: Pulled): string[] {
  if (lever.at.startsWith('fence-watch ')) return [];
  const givesUp = ({ step }: (typeof changed)[number]) => /^(Fence|TakeOver)/.test(step);
  const before = changed.filter(({ at }) => at <= doneAt + underWayMs);
  const during = changed.filter(({ at }) => at > doneAt + underWayMs && at < lookedAt);
  const begun = during.filter(
    (one) =>
      // What moved an asset half way is undone when it is tidied up.
      !before.some(({ step }) => step === one.step || step === one.step.replace('TidyUp/', 'LeaveZone/')) &&
      // What gives back what was taken is not stopped.
      !one.step.startsWith('Unfence') &&
      // The record names the step that began a shift, whoever extends it.
      one.operation !== 'UpdateZonalShift' &&
      !(givesUp(one) && before.some(givesUp)),
  );
  const exchanges = [...before, ...during].filter(({ operation }) => operation === 'ModifyDBInstance');
  const isFenced = exchanges.at(-1)?.step.startsWith('Fence') === true;
  const isPromoted = [...before, ...during].some(({ operation }) => operation === 'PromoteReadReplica');
  const isBetween = isFenced && !isPromoted && status !== 'RUNNING';
  return [
    ...begun.map(({ operation, target, step }) => `${step} began while frozen: ${operation} of ${target}`),
    ...(isBetween ? [`${execution} stands between fencing and promotion`] : []),
  ];
}

/** Every state that a drill enters: where a lever can be pulled. `watch` is the drill's `onProgress`. */
export function enteredStates(): {
  readonly entered: ReadonlySet<string>;
  readonly watch: (progress: Progress) => void;
} {
  const entered = new Set<string>();
  const flows = new Map<string, string>();
  return {
    entered,
    watch(progress) {
      if (progress.kind === 'execution') flows.set(progress.name, progress.stateMachine);
      if (progress.kind === 'step' && progress.phase === 'began')
        entered.add(`${flows.get(progress.execution)} ${progress.state}`);
    },
  };
}
