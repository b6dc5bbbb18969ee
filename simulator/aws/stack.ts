// One region's stack as it is deployed: its bus, schedules, queues, topics, functions, flows and secrets, joined as AWS joins
// them. The real handlers and the real state machine files run in it.
import { dynamoStore } from '../../functions/aws/store/store.ts';
import { assetsOf } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { stepName } from '../../functions/domain/record/step.ts';
import type { Store } from '../../functions/domain/record/store.ts';
import { damageIn } from '../../functions/shared/damage.ts';
import type { Shell } from '../../functions/shared/shell.ts';
import { wait } from '../clock.ts';
import { hash } from '../estate/chance/random.ts';
import { credentialsOf } from '../estate/rds-instance/data/sql.ts';
import type { Call, Caller, Clock, Event } from '../estate/types.ts';
import type { Gate } from '../iam/gate.ts';
import { runIn } from '../sdk.ts';
import type { HistoryEvent } from '../stepfunctions/history.ts';
import type { Execution, TaskCall } from '../stepfunctions/options.ts';
import { StepFunctions, TaskFailure } from '../stepfunctions/service.ts';
import { assetOf } from '../stepfunctions/states/asset.ts';
import { type Bus, createBus, Denied, type Sent } from './bus.ts';
import { type Deployment, defaultBus, type Mapping, type Rule, type Target } from './deployment.ts';
import { createLambda, type Lambda, type LambdaOptions, lambdaError } from './lambda.ts';
import { embeddedMetrics } from './metrics/embedded-metrics.ts';
import { createQueue, type Queue } from './queue.ts';
import { createSecrets, type Secrets } from './secrets.ts';
import { readOnce } from './table/table.ts';

export type StackOptions = {
  readonly plan: Plan;
  readonly deployment: Deployment;
  readonly account: string;
  /** Where this region's approval pages are. */
  readonly pageUrl: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** The store that the functions have, as it is watched. */
  readonly watched: (store: Store) => Store;
  readonly isLit: () => boolean;
  readonly seconds: (what: 'event-delivery' | 'function-cold-start' | 'function-warm-start') => number;
  /** Answers an AWS call of this stack's code. */
  readonly answer: (call: Call) => Promise<unknown>;
  /** Sends one HTTP request of this stack's code. */
  readonly fetch: Shell['fetch'];
  readonly gate: Pick<Gate, 'roleMay' | 'serviceMay'>;
  readonly faultOf: LambdaOptions['faultOf'];
  /** When the copies of something on its way arrive, in seconds more than it takes: [0] unless something fails. */
  readonly copies: (what: 'event' | 'message' | 'notification', text: string) => readonly number[];
  /** Hands an event to a bus of another region. @throws Unreachable, and Denied where it is not there. */
  readonly forward: (event: Event, busArn: string) => Promise<void>;
  readonly measure: (
    namespace: string,
    name: string,
    dimensions: Readonly<Record<string, string>>,
    value: number,
  ) => void;
  readonly onEvent: (event: HistoryEvent, execution: Readonly<Execution>) => void;
  readonly onStatus: (execution: Readonly<Execution>) => void;
  /** Called after each attempt of a task; `failure` is what it threw, null where it returned. */
  readonly onTask: (call: TaskCall, failure: TaskFailure | null) => void;
  /** Whether what a function did is lost on its way back: it ran, and Step Functions hears of a crash. */
  readonly losesAnswer: ((call: TaskCall) => boolean) | undefined;
  readonly onLog: (line: string) => void;
  /** Called with each answer of the approval page. */
  readonly onPage: (answer: string) => void;
  /** A message is heard that was published to a topic of this stack. `takenAt`: when SNS took it. */
  readonly onMessage: (topicArn: string, subject: string, body: string, takenAt: number) => void;
  /** One is lost that SNS has taken: who sends it cannot know. */
  readonly onLostMessage: (subject: string, body: string) => void;
};

export type Stack = {
  readonly region: string;
  readonly deployment: Deployment;
  readonly bus: Bus;
  readonly machines: StepFunctions;
  readonly secrets: Secrets;
  /** Sends to a queue by its URL. False where this stack has none of that name. */
  send(queueUrl: string, body: string, delaySeconds: number, chain?: number): boolean;
  /** A queue by its URL or ARN; null where this stack has none of that name. */
  queue(name: string): Queue | null;
  /** Publishes to a topic by its ARN. False where this stack has none of that name. */
  publish(topicArn: string, subject: string, body: string): boolean;
  /** Calls one function by its file's name and waits. @throws what the handler throws */
  invoke(verb: string, event: unknown, caller?: Partial<Caller>): Promise<unknown>;
  /** Runs what a person does with this stack's credentials, for an execution where it is about one. */
  as<Result>(who: string, run: (shell: Shell) => Promise<Result>, execution?: string): Promise<Result>;
  start(): void;
  stop(): void;
};

/** Whether a region has a bus of that name. */
export function hasBus({ deployment }: Pick<Stack, 'deployment'>, bus: string): boolean {
  return bus === defaultBus || deployment.buses.includes(bus);
}

const litCheckMs = 1_000;
const measureEveryMs = 60_000;
/**
 * Lambda stops a function that began itself so often through a queue; what it was to read is delivered again, and then a dead letter [Lambda, "Use
 * Lambda recursive loop detection to prevent infinite loops"]. Of a batch, whose messages may be of several chains, the longest counts here.
 */
const longestChain = 16;

/** Deploys a stack: nothing runs before `start`. */
export function createStack(options: StackOptions): Stack {
  const { plan, deployment, account, clock, isLit, measure, gate } = options;
  const { region } = deployment;
  let stopped = false;

  const write = (message: string, details: object = {}): void => {
    options.onLog(`${message} ${JSON.stringify(details)}`);
    for (const { namespace, name, dimensions, value } of embeddedMetrics(details, clock.now()))
      measure(namespace, name, dimensions, value);
  };
  const log: Shell['log'] = { info: write, warn: write, error: write };
  const stores = new Map<string, Store>();
  const storeOf = (table: string, prefix: string): Store => {
    const known = stores.get(table);
    if (known !== undefined) return known;
    const damaged = damageIn({ prefix, region, now: clock.now, log });
    const store = options.watched(dynamoStore(region, table, plan, damaged, readOnce));
    stores.set(table, store);
    return store;
  };
  const shellOf = (environment: Readonly<Record<string, string>>): Shell => {
    const { BREAKWATER_PREFIX: prefix = '', BREAKWATER_TABLE: table = '' } = environment;
    return {
      plan,
      region,
      account,
      prefix,
      pageUrl: environment['BREAKWATER_PAGE_URL'] === undefined ? null : options.pageUrl,
      linkKey: environment['BREAKWATER_LINK_KEY'] ?? null,
      experiments: (environment['BREAKWATER_EXPERIMENTS'] ?? '').split(','),
      now: clock.now,
      after: (ms) => new Promise((resolve) => clock.setTimeout(resolve, ms)),
      log,
      store: storeOf(table, prefix),
      fetch: options.fetch,
    };
  };

  const queues = new Map<string, Queue>();
  for (const one of deployment.queues) {
    const deadLetters = (body: string): void => queues.get(one.deadLetters ?? '')?.send(body);
    const queue = createQueue(one, clock, deadLetters);
    queues.set(one.arn, queue);
    queues.set(one.url, queue);
  }

  const lambda: Lambda = createLambda({
    deployment,
    clock,
    isLit,
    startSeconds: (cold) => options.seconds(cold ? 'function-cold-start' : 'function-warm-start'),
    faultOf: options.faultOf,
    measure: ({ arn }, metric, value) =>
      measure('AWS/Lambda', metric, { FunctionName: arn.split(':').at(-1) ?? '' }, value),
    keep: ({ role }, destination, body) => {
      if (gate.roleMay(region, role, 'sqs:SendMessage', destination)) queues.get(destination)?.send(body);
    },
    run: async ({ verb, environment }, handler, event, caller, isAlive) => {
      const who = { region, step: verb, execution: '', incident: '', function: verb, ...caller };
      const result = await runIn({ answer: options.answer, caller: who, isAlive }, () =>
        handler.on(shellOf(environment))(event),
      );
      if (verb === 'serve-approval') options.onPage(JSON.stringify(result));
      return result;
    },
  });

  const arnOf = (verb: string): string => {
    const found = [...deployment.functions.values()].find((one) => one.verb === verb);
    return found?.arn ?? `arn:aws:lambda:${region}:${account}:function:${verb}`;
  };

  /** Step Functions of a dark region stands still: what was due meanwhile is due when the region is back. */
  const standingStill: Clock = {
    now: clock.now,
    setTimeout(run, ms) {
      const timer: { handle: unknown } = { handle: null };
      const fire = (): void => {
        if (isLit()) run();
        else timer.handle = clock.setTimeout(fire, litCheckMs);
      };
      timer.handle = clock.setTimeout(fire, ms);
      return timer;
    },
    clearTimeout: (timer) => clock.clearTimeout((timer as { handle: unknown }).handle),
  };

  const task = async (call: TaskCall): Promise<unknown> => {
    const { FunctionName, Payload } = call.arguments as { FunctionName: string; Payload: unknown };
    if (!call.resource.startsWith('lambda:invoke'))
      throw new TaskFailure('States.Runtime', `the simulator has no task ${call.resource}`);
    try {
      const machine = deployment.machines.find(({ arn }) => call.executionArn.startsWith(`${executionsOf(arn)}:`));
      if (!gate.roleMay(region, machine?.role ?? '', 'lambda:InvokeFunction', FunctionName))
        throw new TaskFailure(
          'Lambda.AWSLambdaException',
          `${machine?.role} is not authorized to perform: lambda:InvokeFunction on resource: ${FunctionName}`,
        );
      const step = stepName({ state: call.state, asset: assetOf(call.arguments) });
      const caller = { step, execution: call.executionName, incident: incidentOf(Payload) };
      const result = await lambda.invoke(FunctionName, Payload, caller).catch((error: unknown) => error);
      if (options.losesAnswer?.(call))
        throw new TaskFailure('Lambda.Unknown', 'the function was killed after it had acted');
      if (result instanceof Error) throw result;
      options.onTask(call, null);
      return { ExecutedVersion: '$LATEST', StatusCode: 200, Payload: result };
    } catch (error) {
      const failure = toTaskFailure(error);
      options.onTask(call, failure);
      throw failure;
    }
  };

  const machines = new StepFunctions({
    clock: standingStill,
    random: options.random,
    region,
    account,
    task,
    onEvent: options.onEvent,
    onStatus: (execution) => {
      options.onStatus(execution);
      const { status, stateMachineArn } = execution;
      const failures = { FAILED: 'ExecutionsFailed', TIMED_OUT: 'ExecutionsTimedOut', ABORTED: 'ExecutionsAborted' };
      const metric = failures[status as keyof typeof failures];
      if (metric !== undefined) measure('AWS/States', metric, { StateMachineArn: stateMachineArn }, 1);
      bus.put(statusChange(execution, region, account), defaultBus);
    },
  });
  for (const { name, definition } of deployment.machines) machines.createStateMachine({ name, definition });

  /** The target takes the event, or it does not. */
  const hand = async ({ event, text }: Sent, rule: Rule, target: Target): Promise<void> => {
    const [, , service = ''] = target.arn.split(':');
    const action = {
      sqs: 'sqs:SendMessage',
      lambda: 'lambda:InvokeFunction',
      events: 'events:PutEvents',
      codebuild: 'codebuild:StartBuild',
    }[service];
    if (action === undefined) throw new Denied(`${rule.name}: the simulator has no target ${target.arn}`);
    const may =
      target.role === null
        ? gate.serviceMay('events.amazonaws.com', rule.arn, action, target.arn)
        : gate.roleMay(region, target.role, action, target.arn);
    if (!may) throw new Denied(`${rule.name} may not ${action} on ${target.arn}`);
    if (service === 'lambda') {
      if (!deployment.functions.has(target.arn)) throw new Denied(`${rule.name}: there is no function ${target.arn}`);
      return lambda.start(target.arn, event);
    }
    if (service === 'codebuild') {
      const projectName = target.arn.slice(target.arn.lastIndexOf('/') + 1);
      const caller = { region, step: `rule/${rule.name}`, execution: '', incident: '' };
      await options.answer({ service, operation: 'StartBuild', region, input: { projectName }, caller });
      return;
    }
    if (service === 'events') return options.forward(event as Event, target.arn);
    const queue = queues.get(target.arn);
    if (queue === undefined) throw new Denied(`${rule.name}: there is no queue ${target.arn}`);
    return queue.send(text);
  };

  const bus: Bus = createBus({
    rules: deployment.rules,
    clock,
    deliverySeconds: () => options.seconds('event-delivery'),
    isLit,
    copies: (text) => options.copies('event', text),
    hand,
    deadLetter: ({ text }, rule, { deadLetters }) => {
      if (deadLetters !== null && gate.serviceMay('events.amazonaws.com', rule.arn, 'sqs:SendMessage', deadLetters))
        queues.get(deadLetters)?.send(text);
    },
  });

  const secrets = createSecrets(
    deployment.rotations.map(({ secret }) => secret),
    region,
    secretsOfDatabases(plan, region),
  );

  /** What SNS tells a function is an invocation that nobody waits for. */
  const tell = (topicArn: string, body: string, subject: string): void => {
    const topic = deployment.topics.find(({ arn }) => arn === topicArn);
    for (const { protocol, endpoint } of topic?.subscriptions ?? []) {
      if (protocol !== 'lambda' || !gate.serviceMay('sns.amazonaws.com', topicArn, 'lambda:InvokeFunction', endpoint))
        continue;
      const Sns = {
        Type: 'Notification',
        MessageId: `${topicArn}-${clock.now()}`,
        TopicArn: topicArn,
        Subject: subject === '' ? null : subject,
        Message: body,
        Timestamp: new Date(clock.now()).toISOString(),
      };
      lambda.start(endpoint, { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', Sns }] });
    }
  };

  const measureQueues = (): void => {
    if (stopped) return;
    clock.setTimeout(measureQueues, measureEveryMs);
    if (!isLit()) return;
    for (const { name, arn } of deployment.queues) {
      const queue = queues.get(arn);
      if (queue === undefined) continue;
      measure('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: name }, queue.visible());
      measure('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: name }, queue.oldestSeconds());
    }
  };

  return {
    region,
    deployment,
    bus,
    machines,
    secrets,
    send(queueUrl, body, delaySeconds, chain) {
      const queue = queues.get(queueUrl);
      for (const lateSeconds of queue === undefined ? [] : options.copies('message', body))
        queue?.send(body, delaySeconds + lateSeconds, chain);
      return queue !== undefined;
    },
    queue: (name) => queues.get(name) ?? null,
    publish(topicArn, subject, body) {
      if (!deployment.topics.some(({ arn }) => arn === topicArn)) return false;
      const takenAt = clock.now();
      const copies = options.copies('notification', `${topicArn} ${subject} ${body}`);
      if (copies.length === 0) options.onLostMessage(subject, body);
      for (const lateSeconds of copies)
        clock.setTimeout(() => {
          options.onMessage(topicArn, subject, body, takenAt);
          tell(topicArn, body, subject);
        }, lateSeconds * 1000);
      return true;
    },
    invoke: (verb, event, caller = {}) => lambda.invoke(arnOf(verb), event, caller),
    as: (who, run, execution = '') => {
      const caller = { region, step: who, execution, incident: '' };
      const anyFunction = [...deployment.functions.values()].find(
        ({ environment }) => 'BREAKWATER_PAGE_URL' in environment,
      );
      return runIn({ answer: options.answer, caller }, () => run(shellOf(anyFunction?.environment ?? {})));
    },
    start() {
      for (const mapping of deployment.mappings) {
        const reader = deployment.functions.get(mapping.function)?.role ?? '';
        const reads = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
        if (!reads.every((action) => gate.roleMay(region, reader, action, mapping.queue))) continue;
        refuseEarlyReturn(mapping, deployment);
        queues.get(mapping.queue)?.read(mapping, async (batch) => {
          while (!isLit()) await wait(clock, litCheckMs);
          const Records = batch.map(({ messageId, body }) => ({
            messageId,
            body,
            eventSource: 'aws:sqs',
            eventSourceARN: mapping.queue,
          }));
          const chain = 1 + Math.max(...batch.map((one) => one.chain));
          if (chain > longestChain)
            throw lambdaError('RecursiveInvocationException', `${mapping.function} has begun itself ${chain} times`);
          const answer = await lambda.invoke(mapping.function, { Records }, { chain });
          return mapping.reportsItems ? failuresIn(answer) : [];
        });
      }
      bus.startSchedules((rule) => hash(`${rule.name} in ${region}`) % 60);
      measureQueues();
      for (const { secret, function: rotates, atOnce } of deployment.rotations) {
        if (atOnce)
          throw new Error('the simulator does not rotate a secret at once; RotateImmediatelyOnUpdate is false');
        if (!gate.serviceMay('secretsmanager.amazonaws.com', secret, 'lambda:InvokeFunction', rotates)) continue;
        // The rotation function is tried out when the rotation is set up (RotateSecret: RotateImmediatelyOnUpdate).
        lambda.start(rotates, { Step: 'testSecret', SecretId: secret, ClientRequestToken: secrets.pend(secret) });
      }
    },
    stop() {
      stopped = true;
      bus.stop();
    },
  };
}

/** What Lambda refuses a mapping for: a message would be read again while it is still worked on. @throws in Lambda's words */
function refuseEarlyReturn({ queue, function: reader }: Mapping, { queues, functions }: Deployment): void {
  const visible = queues.find(({ arn }) => arn === queue)?.visibilitySeconds ?? 0;
  const limit = functions.get(reader)?.timeoutSeconds ?? 0;
  if (visible < limit)
    throw lambdaError(
      'InvalidParameterValueException',
      `Queue visibility timeout: ${visible} seconds is less than Function timeout: ${limit} seconds (${queue})`,
    );
}

/** How the ARNs of a state machine's executions begin. */
function executionsOf(stateMachineArn: string): string {
  return stateMachineArn.replace(':stateMachine:', ':execution:');
}

/** What a batch's reader says has failed. */
function failuresIn(answer: unknown): string[] {
  if (typeof answer !== 'object' || answer === null || !('batchItemFailures' in answer)) return [];
  const { batchItemFailures } = answer;
  return Array.isArray(batchItemFailures) ? batchItemFailures.map(({ itemIdentifier }) => String(itemIdentifier)) : [];
}

/** A function's error as Step Functions sees it: its name, and the rest as JSON. */
function toTaskFailure(error: unknown): TaskFailure {
  if (error instanceof TaskFailure) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new TaskFailure(name, JSON.stringify({ errorType: name, errorMessage: message, trace: [] }));
}

/** The incident that a step's payload names, for the record of who did what. */
function incidentOf(payload: unknown): string {
  if (typeof payload !== 'object' || payload === null) return '';
  if ('incidentId' in payload && typeof payload.incidentId === 'string') return payload.incidentId;
  if (!('incident' in payload)) return '';
  return typeof payload.incident === 'string' ? payload.incident : idOf(payload.incident);
}

function idOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : '';
}

/** The event that Step Functions puts on the bus for each change of an execution's status. */
function statusChange(execution: Readonly<Execution>, region: string, account: string): Event {
  const { executionArn, stateMachineArn, name, status, startDate, stopDate, input } = execution;
  return {
    version: '0',
    id: `${name}-${status}-${execution.redriveCount}`,
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account,
    time: new Date(stopDate ?? startDate).toISOString(),
    region,
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn,
      name,
      status,
      startDate,
      stopDate: stopDate ?? null,
      input,
      inputDetails: { included: true },
      output: null,
      outputDetails: null,
      redriveCount: execution.redriveCount,
    },
  };
}

/** Of the applications that use a database, which nobody here reads, and of the roles that ask it with SQL. */
function secretsOfDatabases(plan: Plan, region: string): ReadonlyMap<string, string | null> {
  const databases = assetsOf('rds-instance', plan);
  const named = databases.flatMap(({ regions }) => regions[region]?.restore?.secret ?? []);
  const roles = databases.flatMap(({ data }) => {
    const { reader, writer } = data?.secrets[region] ?? {};
    return [reader, writer].filter((one) => one !== undefined);
  });
  return new Map<string, string | null>([
    ...named.map((name) => [name, null] as const),
    ...roles.map((name) => [name, JSON.stringify(credentialsOf(name))] as const),
  ]);
}
