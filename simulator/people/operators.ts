// Operators in a drill, who hold the automation's levers. They do what the command line does, on the stack that runs the flow.
import { errorNames } from '../../functions/domain/errors.ts';
import { failback } from '../../functions/kinds/undo.ts';
import { abort, freeze, pullLever, resume, skip, unfreeze } from '../../functions/shared/operate.ts';
import type { VirtualClock } from '../clock.ts';
import { flowOfExecution, type Recorder } from '../drill/recorder.ts';
import type { Progress } from '../drill/result.ts';
import type { Scenario } from '../playing/scenario.ts';
import { prefix } from '../stage.ts';
import type { World } from '../world.ts';

type Acting = Scenario['operator'][number];
type Tell = ((progress: Progress) => void) | undefined;

/** Lets operators act at their times, or after the first failure; returns whether any of them is still to come. */
export function scheduleOperator(
  world: World,
  recorder: Recorder,
  scenario: Scenario,
  zero: number,
  clock: VirtualClock,
  tell: Tell,
): () => boolean {
  let left = scenario.operator.filter(({ maybe }) => maybe !== true).length;
  /** On the stack that runs it, for each execution that stopped, to abort also one that runs; a freeze from the standby. */
  const act = async ({ do: what, state, asset }: Acting): Promise<void> => {
    tell?.({ at: clock.now(), kind: 'operator', text: state === undefined ? what : `${what} ${state}` });
    recorder.lastChangeAt = clock.now();
    const anyStack = world.stacks.get(world.plan.roles.standby);
    if (what === 'freeze')
      await anyStack?.as('operator', (shell) => freeze('operator', 'the scenario asks for it', shell));
    if (what === 'pull-lever')
      await anyStack?.as('operator', (shell) => pullLever('operator', 'the scenario asks for it', shell));
    if (what === 'unfreeze') await anyStack?.as('operator', (shell) => unfreeze('operator', shell));
    // As the command line does, in a region that answers.
    if (what === 'failback')
      await anyStack?.as(
        'operator',
        async (shell) => void (await failback('operator', 'the scenario asks for it', shell)),
      );
    // Nobody stops a fence watch with the flow that it belongs to.
    const running = [...recorder.executions].filter(
      ([, { execution }]) => execution.status === 'RUNNING' && flowOfExecution(execution, prefix) !== 'fence-watch',
    );
    const watches = [...recorder.executions].filter(
      ([, { execution }]) => execution.status === 'RUNNING' && flowOfExecution(execution, prefix) === 'fence-watch',
    );
    const phrase = `${world.plan.roles.primary} stays unfenced`;
    if (what === 'abort-watch')
      for (const [arn] of watches)
        await anyStack?.as(
          'operator',
          async (shell) => void (await abort(arn, 'operator', shell, { confirmed: phrase })),
        );
    const stopped =
      what === 'abort' || what === 'abort-leaving-fenced'
        ? [...recorder.failed, ...running.map(([arn]) => arn)]
        : [...recorder.failed];
    for (const arn of stopped) {
      const ran = recorder.executions.get(arn);
      const stack = world.stacks.get(ran?.region ?? '');
      if (ran === undefined || stack === undefined) continue;
      const { name } = ran.execution;
      if (what === 'redrive') await stack.as('operator', (shell) => resume(arn, shell));
      if (what === 'skip')
        await stack.as('operator', (shell) =>
          skip(name, { state: state ?? '', asset: asset ?? null }, 'operator', 'drill', shell),
        );
      if (what === 'abort' || what === 'abort-leaving-fenced')
        await stack.as(
          'operator',
          (shell) => abort(arn, 'operator', shell, { leaveFenced: what === 'abort-leaving-fenced' }),
          name,
        );
    }
  };
  const done = (action: Acting) =>
    void act(action)
      .catch((error: unknown) => {
        // Who is told that it cannot be done leaves it. What says so has a name; all else is a mistake of the code.
        if (!isNamed(error)) throw error;
        tell?.({ at: clock.now(), kind: 'operator', text: `${action.do} is not done: ${error.message}` });
      })
      .finally(() => {
        if (action.maybe !== true) left -= 1;
      });
  for (const action of scenario.operator)
    if (action.atSeconds !== undefined)
      clock.setTimeout(() => done(action), zero + action.atSeconds * 1000 - clock.now());
  const waiting = scenario.operator.filter(({ atSeconds }) => atSeconds === undefined);
  // One look for all who wait: a history of hours has thousands of seconds.
  clock.watch(() => {
    if (recorder.failed.size === 0) return;
    for (const action of waiting.splice(0))
      clock.setTimeout(() => done(action), (action.afterFailureSeconds ?? 0) * 1000);
  }, 1_000);
  return () => left > 0;
}

/** Whether an error is one that a state machine could branch on. */
function isNamed(error: unknown): error is Error {
  return error instanceof Error && (errorNames as readonly string[]).includes(error.name);
}

/** How long after it has stopped a person resumes what stopped: by then people have been told, and have looked. */
const resumeAfterMs = 600_000;

/** Lets a person resume whatever has stopped, so many times each; says whether that is still to come, and how often it was. */
export function resumeWhatStops(
  times: number,
  world: World,
  recorder: Recorder,
  clock: VirtualClock,
  tell: Tell,
): { isDue(): boolean; count(): number } {
  const resumed = new Map<string, number>();
  const stoppedAt = new Map<string, number>();
  const isLeft = (arn: string): boolean => (resumed.get(arn) ?? 0) < times;
  const look = (): void => {
    for (const arn of stoppedAt.keys()) if (!recorder.failed.has(arn)) stoppedAt.delete(arn);
    for (const arn of recorder.failed) {
      const since = stoppedAt.get(arn) ?? clock.now();
      stoppedAt.set(arn, since);
      const stack = world.stacks.get(recorder.executions.get(arn)?.region ?? '');
      if (!isLeft(arn) || stack === undefined || clock.now() - since < resumeAfterMs) continue;
      stoppedAt.delete(arn);
      resumed.set(arn, (resumed.get(arn) ?? 0) + 1);
      tell?.({ at: clock.now(), kind: 'operator', text: 'resume' });
      recorder.lastChangeAt = clock.now();
      void stack
        .as('operator', (shell) => resume(arn, shell))
        .catch((error: unknown) => {
          if (!isNamed(error)) throw error;
        });
    }
    clock.setTimeout(look, 10_000);
  };
  if (times > 0) look();
  return {
    isDue: () => [...recorder.failed].some(isLeft),
    count: () => [...resumed.values()].reduce((sum, one) => sum + one, 0),
  };
}
