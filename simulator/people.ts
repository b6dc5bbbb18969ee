// People in a drill: approvers who answer a request in their own time, and operators who hold the automation's levers.
// They do what the command line does, on the stack that runs the flow.
import { Unavailable } from '../functions/domain/errors.ts';
import type { ApprovalRequest } from '../functions/domain/types.ts';
import { answerRequest } from '../functions/shared/approve.ts';
import { abort, freeze, resume, skip, unfreeze } from '../functions/shared/operate.ts';
import type { Clock } from './estate/types.ts';
import type { Recorder } from './recorder.ts';
import type { Progress } from './result.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** What approvers do: all that are needed approve after a time, one rejects, or nobody answers. */
export type Way = { readonly kind: 'approve' | 'reject'; readonly afterSeconds: number } | { readonly kind: 'never' };

const secondsOf = { s: 1, m: 60, h: 3_600 } as const;
const usualSeconds = 300;
const againMs = 30_000;

/** Reads `after=10m`, `deny` or `never`. @throws Error saying what was expected */
export function parseWay(text: string): Way {
  if (text === 'never') return { kind: 'never' };
  if (text === 'deny') return { kind: 'reject', afterSeconds: usualSeconds };
  const after = /^after=(\d+)([smh])$/.exec(text);
  if (after === null) throw new Error(`approve: is ${JSON.stringify(text)}, expected after=10m, deny or never`);
  return { kind: 'approve', afterSeconds: Number(after[1]) * secondsOf[after[2] as keyof typeof secondsOf] };
}

/** Whether a request can be approved in this way before it expires. */
export function mayApprove(way: Way, expirySeconds: number): boolean {
  return way.kind === 'approve' && way.afterSeconds < expirySeconds;
}

type Tell = ((progress: Progress) => void) | undefined;

/** Answers requests in one way; `asked` is called with each request and the region whose stack opened it. */
export function createApprovers(
  way: Way,
  clock: Clock,
  worldOf: () => World,
  tell: Tell,
): { asked(request: ApprovalRequest, region: string): void } {
  const known = new Set<string>();
  const answer = async (request: ApprovalRequest, region: string, approver: string): Promise<void> => {
    const stack = worldOf().stacks.get(region);
    if (stack === undefined || way.kind === 'never') return;
    tell?.({ at: clock.now(), kind: 'operator', text: `${approver} ${way.kind}s the request of ${request.execution}` });
    const given = {
      request: request.id,
      approver,
      answer: way.kind,
      unfenced: request.unfenced,
      reason: 'the drill asks for it',
      from: 'drill',
      who: approver,
      how: 'command-line' as const,
    };
    try {
      await stack.as('approver', (shell) => answerRequest({ ...given, at: clock.now() }, shell));
    } catch (error) {
      // A person whose answer did not get through sends it again.
      if (!(error instanceof Unavailable)) throw error;
      clock.setTimeout(() => void answer(request, region, approver), againMs);
    }
  };
  return {
    asked(request, region) {
      if (way.kind === 'never' || known.has(request.id)) return;
      known.add(request.id);
      const roles = request.roles.filter((role) => role !== request.requestedBy);
      const answering = roles.slice(0, way.kind === 'reject' ? 1 : request.required);
      clock.setTimeout(async () => {
        for (const approver of answering) await answer(request, region, approver);
      }, way.afterSeconds * 1000);
    },
  };
}

/** Lets operators act at their times, or after the first failure; returns whether any of them is still to come. */
export function scheduleOperator(
  world: World,
  recorder: Recorder,
  scenario: Scenario,
  zero: number,
  clock: Clock,
  tell: Tell,
): () => boolean {
  let left = scenario.operator.length;
  /** On the stack that runs it, for each execution that stopped, to abort also one that runs; a freeze from the standby. */
  const act = async ({ do: what, state }: Scenario['operator'][number]): Promise<void> => {
    tell?.({ at: clock.now(), kind: 'operator', text: state === undefined ? what : `${what} ${state}` });
    recorder.lastChangeAt = clock.now();
    const anyStack = world.stacks.get(world.plan.roles.standby);
    if (what === 'freeze')
      await anyStack?.as('operator', (shell) => freeze('operator', 'the scenario asks for it', shell));
    if (what === 'unfreeze') await anyStack?.as('operator', (shell) => unfreeze('operator', shell));
    const running = [...recorder.executions].filter(([, ran]) => ran.execution.status === 'RUNNING');
    const stopped = what === 'abort' ? [...recorder.failed, ...running.map(([arn]) => arn)] : [...recorder.failed];
    for (const arn of stopped) {
      const ran = recorder.executions.get(arn);
      const stack = world.stacks.get(ran?.region ?? '');
      if (ran === undefined || stack === undefined) continue;
      const { name } = ran.execution;
      if (what === 'redrive') await stack.as('operator', (shell) => resume(arn, shell));
      if (what === 'skip') await stack.as('operator', (shell) => skip(name, state ?? '', 'operator', 'drill', shell));
      if (what === 'abort') await stack.as('operator', (shell) => abort(arn, 'operator', shell), name);
    }
  };
  const done = (action: Scenario['operator'][number]) =>
    void act(action).finally(() => {
      left -= 1;
    });
  for (const action of scenario.operator) {
    const { atSeconds, afterFailureSeconds = 0 } = action;
    if (atSeconds !== undefined) {
      clock.setTimeout(() => done(action), zero + atSeconds * 1000 - clock.now());
      continue;
    }
    const untilFailed = (): void => {
      if (recorder.failed.size > 0) clock.setTimeout(() => done(action), afterFailureSeconds * 1000);
      else clock.setTimeout(untilFailed, 1_000);
    };
    untilFailed();
  }
  return () => left > 0;
}
