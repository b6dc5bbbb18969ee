// Lambda: runs the handlers of a stack with their cold starts, time limits and environment; what nobody waits for is tried
// again and then kept where the stack says.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { verbs } from '../../functions/kinds/verbs.ts';
import type { ShellHandler } from '../../functions/shared/shell.ts';
import { wait } from '../clock.ts';
import type { Caller, Clock, Run } from '../estate/types.ts';
import { WithoutStack } from '../without-stack.ts';
import type { DeployedFunction, Deployment } from './deployment.ts';

/** What a call of a function meets beside what its code does. */
export type FunctionFault = {
  /** Thrown before the code runs. */
  readonly before: Error | null;
  /** Thrown after it has run: its effect is there, and its answer is lost. */
  readonly after: Error | null;
};

export type LambdaOptions = {
  readonly deployment: Deployment;
  readonly clock: Clock;
  /** Seconds that starting a sandbox, or calling a warm one, takes. */
  readonly startSeconds: (cold: boolean) => number;
  readonly isLit: () => boolean;
  /** Runs the code of a function as it; `isAlive` turns false when its time is over. */
  readonly run: (
    one: DeployedFunction,
    handler: ShellHandler<unknown, unknown>,
    event: unknown,
    caller: Partial<Caller>,
    isAlive: () => boolean,
  ) => Promise<unknown>;
  readonly faultOf: (one: DeployedFunction, run: Run) => FunctionFault;
  readonly measure: (one: DeployedFunction, metric: 'Invocations' | 'Errors' | 'Throttles', value: number) => void;
  /** Sends what failed each time to where the function keeps it; its role must allow that. */
  readonly keep: (one: DeployedFunction, destination: string, body: string) => void;
};

export type Lambda = {
  /** Calls a function and waits. @throws what it throws, and Lambda's own errors by their names */
  invoke(arn: string, event: unknown, caller: Partial<Caller>): Promise<unknown>;
  /**
   * Calls a function that nobody waits for: tried again after a minute, and after two more.
   * @throws Lambda.ResourceNotFoundException where there is no such function
   */
  start(arn: string, event: unknown): void;
};

/** An error by the name that Step Functions and callers know it by. */
export function lambdaError(name: string, message: string): Error {
  return Object.assign(new WithoutStack(message), { name });
}

const folder = join(import.meta.dirname, '..', '..', 'functions');
const handlers = new Map<string, ShellHandler<unknown, unknown>>();
const files = [
  ...readdirSync(folder).filter((one) => one.endsWith('.ts')),
  ...Object.entries(verbs).flatMap(([kind, known]) => Object.keys(known).map((verb) => `kinds/${kind}/${verb}.ts`)),
];
for (const file of files) {
  const { handler } = await import(join(folder, file));
  handlers.set(file.slice(0, -'.ts'.length), handler);
}

/** Lambda waits this long before it tries an unattended call again. */
const retryAfterSeconds = [60, 120];
const litCheckMs = 1_000;

export function createLambda(options: LambdaOptions): Lambda {
  const { deployment, clock, isLit, measure } = options;
  const warm = new Set<string>();
  let runs = 0;

  const named = (arn: string): DeployedFunction => {
    const one = deployment.functions.get(arn);
    if (one === undefined)
      throw lambdaError('Lambda.ResourceNotFoundException', `Function not found: ${arn} (in ${deployment.region})`);
    return one;
  };

  const invoke: Lambda['invoke'] = async (arn, event, caller) => {
    const one = named(arn);
    // The region is dark: nothing runs and nothing answers.
    if (!isLit()) return new Promise(() => undefined);
    const handler = handlers.get(one.file);
    if (handler === undefined)
      throw lambdaError('Runtime.ImportModuleError', `there is no file functions/${one.file}.ts`);
    runs += 1;
    const of = `${caller.execution ?? ''} ${caller.step ?? ''} ${assetIn(event)}`;
    const run: Run = { id: `${arn} ${runs}`, of };
    const fault = options.faultOf(one, run);
    measure(one, 'Invocations', 1);
    measure(one, 'Throttles', 0);
    try {
      await wait(clock, options.startSeconds(!warm.has(arn)) * 1000);
      if (fault.before !== null) throw fault.before;
      warm.add(arn);
      const result = await inTime(one, (isAlive) =>
        options.run(one, handler, asJson(event), { ...caller, run }, isAlive),
      );
      if (fault.after !== null) throw fault.after;
      measure(one, 'Errors', 0);
      return asJson(result);
    } catch (error) {
      measure(one, 'Errors', 1);
      throw error;
    }
  };

  /** @throws Sandbox.Timedout when the function's time is over; what it had begun ends with it */
  const inTime = async (
    { verb, timeoutSeconds }: DeployedFunction,
    run: (isAlive: () => boolean) => Promise<unknown>,
  ): Promise<unknown> => {
    let alive = true;
    let timer: unknown = null;
    const over = new Promise<never>((_, reject) => {
      timer = clock.setTimeout(() => {
        alive = false;
        reject(lambdaError('Sandbox.Timedout', `${verb}: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`));
      }, timeoutSeconds * 1000);
    });
    try {
      return await Promise.race([run(() => alive), over]);
    } finally {
      clock.clearTimeout(timer);
    }
  };

  const tryAgain = async (one: DeployedFunction, event: unknown): Promise<void> => {
    const { maximumAgeSeconds, retries, onFailure } = one.unattended;
    const acceptedAt = clock.now();
    for (let attempt = 0; ; attempt += 1) {
      // What AWS keeps while its region is dark, it delivers when the region is back.
      while (!isLit()) await wait(clock, litCheckMs);
      const late = clock.now() - acceptedAt > maximumAgeSeconds * 1000;
      const error = late ? 'EventAgeExceeded' : await invoke(one.arn, event, {}).then(() => null, String);
      if (error === null) return;
      if (late || attempt >= retries) {
        const condition = late ? error : 'RetriesExhausted';
        const body = {
          requestContext: { functionArn: one.arn, condition },
          requestPayload: event,
          responsePayload: error,
        };
        if (onFailure !== null) options.keep(one, onFailure, JSON.stringify(body));
        return;
      }
      await wait(clock, (retryAfterSeconds[attempt] ?? 120) * 1000);
    }
  };

  return {
    invoke,
    start(arn, event) {
      void tryAgain(named(arn), event);
    },
  };
}

function assetIn(event: unknown): string {
  const { asset } = (event ?? {}) as { readonly asset?: unknown };
  return typeof asset === 'string' ? asset : '';
}

/** What Lambda passes on is JSON, both ways. */
function asJson(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}
