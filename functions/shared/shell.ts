// The handler shell, written once: parses the input, hands over configuration, region, clock and log, lets errors out.
import { setTimeout as after } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { dynamoStore } from '../aws/store/store.ts';
import { InvalidInput } from '../domain/errors.ts';
import { type Plan, schema } from '../domain/plan/plan.ts';
import type { Store } from '../domain/record/store.ts';
import { damageIn } from './damage.ts';
import { readPlan } from './plan-file.ts';
import { withReadings } from './readings.ts';
import { noted } from './recovery/failing.ts';
import { expectNotAborted } from './recovery/waivers.ts';

/** Fields that the logger writes itself. Ours of the first five names it drops, with a warning; ours replace the rest. */
export type OwnField =
  | 'level'
  | 'message'
  | 'sampling_rate'
  | 'service'
  | 'timestamp'
  | 'cold_start'
  | 'function_arn'
  | 'function_memory_size'
  | 'function_name'
  | 'function_request_id'
  | 'tenant_id'
  | 'xray_trace_id';

/** What a field of a log line holds. Within it every name is free. */
type Loggable =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Loggable[]
  | { readonly [name: string]: Loggable };

/** Fields of a log line, none of them one of the logger's own. A record of anything is refused: it could hold one. */
export type Details = { readonly [field: string]: Loggable } & { readonly [Field in OwnField]?: never };

/** What an operator would ask about; one line for each effect. */
export type Log = {
  info(message: string, details?: Details): void;
  warn(message: string, details?: Details): void;
  error(message: string, details?: Details): void;
};

/** Everything a handler may know besides its input. */
export type Shell = {
  readonly plan: Plan;
  /** The region this stack is deployed to. */
  readonly region: string;
  readonly account: string;
  /** Prefix of everything this stack created, such as breakwater-prod. */
  readonly prefix: string;
  /** Where approvers' pages are, without a slash at the end; null where this function knows none. */
  readonly pageUrl: string | null;
  /** ARN of the secret with the key of the approvers' links; null where this function has none. */
  readonly linkKey: string | null;
  /** Ids of FIS templates of the stack, in the order of the plan's drills that have one; '' for one that is of the other region. */
  readonly experiments: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  readonly store: Store;
  /** Resolves after so many milliseconds, while answers are under way: no function waits for what has to come to pass. */
  readonly after: (ms: number) => Promise<void>;
  /** Sends one HTTP request; the simulator answers it from its model of the service. */
  readonly fetch: typeof fetch;
};

/** A Lambda handler, and the same code on another shell: the simulator runs one for each stack. */
export type ShellHandler<Event, Result> = {
  (event: Event, context: Context): Promise<Result>;
  on(shell: Shell): (event: Event) => Promise<Result>;
};

/** A handler for events as AWS sends them; parsing them is its own work. */
export function onEvent<Event, Result>(
  run: (event: Event, shell: Shell) => Promise<Result>,
): ShellHandler<Event, Result> {
  const logger = new Logger({ serviceName: 'breakwater' });
  let shell: Shell | null = null;
  const wrapped = middy<Event, Result>()
    .use(injectLambdaContext(logger))
    .handler(async (event) => {
      shell ??= coldStart(logger);
      return run(event, ofOneRun(shell));
    });
  return Object.assign((event: Event, context: Context): Promise<Result> => wrapped(event, context), {
    on: (other: Shell) => (event: Event) => run(event, ofOneRun(other)),
  });
}

function ofOneRun(shell: Shell): Shell {
  return { ...shell, store: withReadings(shell.store, shell.now) };
}

/** What a step of a flow is given: the incident with the execution's name; the first step finds it for the others. */
type OfExecution = { readonly incident: { readonly execution: string } } | { readonly execution: string };

/** A step of a flow. Whatever it would do, and be it to look: of an execution that a person aborted nothing goes on. @throws Aborted */
export function step<Input extends OfExecution, Result>(
  input: z.ZodType<Input>,
  run: (input: Input, shell: Shell) => Promise<Result>,
): ShellHandler<unknown, Result> {
  return onInput(input, async (given, shell) => {
    const { execution } = 'incident' in given ? given.incident : given;
    await expectNotAborted(execution, shell);
    return run(given, shell);
  });
}

/**
 * What a flow or its fence watch asks for. A state says its name beside the input: what fails there for long is told. A schedule calls some
 * of them for nothing but to keep them awake. @throws Aborted where a person aborted the watch that asks
 */
export function onInput<Input, Result>(
  input: z.ZodType<Input>,
  run: (input: Input, shell: Shell) => Promise<Result>,
): ShellHandler<unknown, Result> {
  return onEvent(async (event, shell) => {
    if (isSchedule(event)) return { awake: true } as never;
    const { state, given } = askedBy(event);
    const asked = async () => {
      const read = parsed(input, given);
      if (isOfWatch(read)) await expectNotAborted(read.watch, shell);
      return run(read, shell);
    };
    return noted({ state, ...whoseRecord(given) }, asked, shell);
  });
}

/** What an event or an input says. One that does not fit fails for good. @throws InvalidInput naming path and expectation */
export function parsed<Input>(input: z.ZodType<Input>, event: unknown): Input {
  const read = input.safeParse(event);
  if (!read.success) throw new InvalidInput(read.error.issues.map(describe).join('; '));
  return read.data;
}

/** The state of a flow that asks, and its input; null where no state does. */
function askedBy(event: unknown): { readonly state: string | null; readonly given: unknown } {
  if (typeof event !== 'object' || event === null || !('state' in event) || typeof event.state !== 'string')
    return { state: null, given: event };
  const { state, ...given } = event;
  return { state, given };
}

const Recorded = z.object({
  asset: z.string().nullable().catch(null),
  execution: z.string().optional(),
  incident: z.object({ id: z.string(), execution: z.string(), dryRun: z.boolean() }).optional(),
  input: z.object({ incidentId: z.string().optional(), dryRun: z.boolean().optional() }).optional(),
});

/**
 * In whose record it is kept that a step fails: that of its incident, which the first step is only told of, and of a drill its own. A dry run
 * has none.
 */
function whoseRecord(given: unknown) {
  const { data } = Recorded.safeParse(given);
  const { asset = null, incident, input } = data ?? {};
  const execution = incident?.execution ?? data?.execution;
  const isDry = (incident ?? input)?.dryRun === true;
  const of =
    execution === undefined || isDry ? null : { id: incident?.id ?? input?.incidentId ?? execution, execution };
  return { asset, of };
}

/** What the fence watch asks for. It outlives an abort of its flow, and not one of its own execution, `watch`. */
function isOfWatch(given: unknown): given is { readonly watch: string } {
  return typeof given === 'object' && given !== null && 'watch' in given && typeof given.watch === 'string';
}

/** What a rule with a schedule sends [AWS, EventBridge: events of schedules]. */
function isSchedule(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'source' in event && event.source === 'aws.events';
}

function describe(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.') || 'input'}: ${issue.message}`;
}

/** Reads the environment once. The only place that does. */
function coldStart(logger: Logger): Shell {
  const read = (variable: string): string => {
    const value = process.env[variable];
    if (value === undefined || value === '') throw new Error(`environment variable ${variable} is missing`);
    return value;
  };
  const ifThere = (variable: string): string | null => process.env[variable] || null;
  const plan = schema.parse(readPlan()); // packaging has said what is wrong with a plan, and people read it there
  const region = read('AWS_REGION');
  const prefix = read('BREAKWATER_PREFIX');
  const log: Log = {
    info: (message, details = {}) => logger.info(message, details),
    warn: (message, details = {}) => logger.warn(message, details),
    error: (message, details = {}) => logger.error(message, details),
  };
  const now = Date.now;
  return {
    plan,
    region,
    account: read('BREAKWATER_ACCOUNT'),
    prefix,
    pageUrl: ifThere('BREAKWATER_PAGE_URL'),
    linkKey: ifThere('BREAKWATER_LINK_KEY'),
    experiments: (ifThere('BREAKWATER_EXPERIMENTS') ?? '').split(','),
    now,
    after: (ms) => after(ms),
    log,
    store: dynamoStore(region, read('BREAKWATER_TABLE'), plan, damageIn({ prefix, region, now, log })),
    fetch,
  };
}
