// The whole twin: the estate, the strongly consistent store, and both stacks, joined by buses that forward to each other.

import { Unavailable } from '../functions/domain/errors.ts';
import type { Plan } from '../functions/domain/plan.ts';
import type { AuditRecord, Store } from '../functions/domain/store.ts';
import type { ApprovalRequest, Incident, RecordedAnswer, RecordedDecision } from '../functions/domain/types.ts';
import { wait } from './clock.ts';
import { createEstate } from './estate/estate.ts';
import type { Call, Clock, Estate, Event, Message } from './estate/types.ts';
import { createStack, type Stack } from './stack.ts';
import type { TaskFailure } from './stepfunctions/errors.ts';
import type { HistoryEvent } from './stepfunctions/history.ts';
import type { Execution, TaskCall } from './stepfunctions/options.ts';
import { createSimulatedStore } from './store.ts';

export const account = '111122223333';
export const prefix = 'breakwater-sim';

/** EventBridge delivers in well under a second (facts.md: p90 80 ms), and tries again for 24 hours. */
const deliveryMs = 250;
const retryMs = 30_000;
/** How long the SDK waits for a store that does not answer. */
const storeTimeoutMs = 5_000;

/** What can be watched in a world. */
export type Watch = {
  event(event: Event): void;
  message(message: Message): void;
  history(event: HistoryEvent, execution: Readonly<Execution>, region: string): void;
  status(execution: Readonly<Execution>, region: string): void;
  task(call: TaskCall, failure: TaskFailure | null): void;
  audit(record: AuditRecord): void;
  decision(incident: Incident, decision: RecordedDecision): void;
  /** A request was opened, by the stack of a region. */
  request(request: ApprovalRequest, region: string): void;
  /** An answer was offered; `kept` is false for an approver's second. */
  answer(answer: RecordedAnswer, kept: boolean): void;
  /** A request was settled, or had been: the outcome that stands. */
  settled(request: string, outcome: string): void;
  tick(estate: Estate): void;
  /** A line of a log, a page that was served, or a task token as the store got it. */
  overheard?(where: 'log' | 'page' | 'token', text: string): void;
};

export type World = {
  readonly plan: Plan;
  readonly estate: Estate;
  readonly store: Store;
  readonly stacks: ReadonlyMap<string, Stack>;
  start(): void;
  stop(): void;
};

/** Builds a world; nothing moves before `start`. One seed of `random`, one history. `pageUrls`: where each region's pages are. */
export function createWorld(
  plan: Plan,
  clock: Clock,
  random: () => number,
  watch: Watch,
  pageUrls: ReadonlyMap<string, string>,
  losesAnswer?: (call: TaskCall) => boolean,
): World {
  const store = createSimulatedStore(plan);
  const stacks = new Map<string, Stack>();
  const estate: Estate = createEstate({
    plan,
    clock,
    random,
    account,
    emit: (event) => {
      watch.event(event);
      for (const stack of stacks.values()) void deliver(event, stack);
    },
    message: watch.message,
  });

  const deliver = async (event: Event, stack: Stack): Promise<void> => {
    await wait(clock, deliveryMs);
    while (!estate.canReach(event.region, stack.region)) await wait(clock, retryMs);
    stack.receive(event);
  };

  /** Calls to Step Functions and the queue go to the stack of their region; everything else is the estate's. */
  const answer = async (call: Call): Promise<unknown> => {
    const stack = stacks.get(call.region);
    if (stack === undefined || !estate.canReach(call.caller.region, call.region)) return estate.call(call);
    if (call.service === 'sqs' && call.operation === 'SendMessage') {
      stack.queueMessage(String(call.input['MessageBody']), Number(call.input['DelaySeconds'] ?? 0));
      return { MessageId: `${call.region}-${clock.now()}` };
    }
    return call.service === 'sfn' ? answerStepFunctions(call, stack) : estate.call(call);
  };

  const voters = [plan.roles.primary, plan.roles.standby, plan.roles.witness];
  for (const region of [plan.roles.primary, plan.roles.standby]) {
    const hasMajority = () => voters.filter((voter) => estate.canReach(region, voter)).length * 2 > voters.length;
    stacks.set(
      region,
      createStack({
        plan,
        region,
        account,
        prefix,
        pageUrl: pageUrls.get(region) ?? '',
        clock,
        random,
        estate,
        store: watchStore(store, region, hasMajority, clock, watch),
        answer,
        onEvent: (event, execution) => watch.history(event, execution, region),
        onStatus: (execution) => watch.status(execution, region),
        onTask: watch.task,
        onLog: (line) => watch.overheard?.('log', line),
        onPage: (answer) => watch.overheard?.('page', answer),
        onWebhook: (url, body) => {
          const topicArn = `webhook:${prefix}-${url.split('/').at(-1)}`;
          watch.message({ at: clock.now(), region, topicArn, subject: subjectIn(body), body });
          return new Response(null, { status: 200 });
        },
        losesAnswer,
      }),
    );
  }
  return {
    plan,
    estate,
    store,
    stacks,
    start: () => {
      estate.start();
      for (const stack of stacks.values()) stack.start();
    },
    stop: () => {
      estate.stop();
      for (const stack of stacks.values()) stack.stop();
    },
  };
}

/** The store as one region sees it: there while a majority of its regions can be reached; its audit and decisions are watched. */
function watchStore(store: Store, region: string, hasMajority: () => boolean, clock: Clock, watch: Watch): Store {
  return new Proxy(store, {
    get:
      (target, name) =>
      async (...values: unknown[]) => {
        if (!hasMajority()) {
          await wait(clock, storeTimeoutMs);
          throw new Unavailable('the table has no majority of its regions in reach');
        }
        const method = target[name as keyof Store] as (...values: unknown[]) => Promise<unknown>;
        const result = await method.apply(target, values);
        if (name === 'audit') watch.audit(values[0] as AuditRecord);
        if (name === 'openRequest') {
          watch.overheard?.('token', String(values[1]));
          watch.request(values[0] as ApprovalRequest, region);
        }
        if (name === 'keepAnswer') watch.answer(values[0] as RecordedAnswer, result === true);
        if (name === 'settleRequest') watch.settled(String(values[0]), String(result));
        if (name === 'writeIncident' && result === true) {
          const incident = values[0] as Incident;
          const decision = incident.decisions.at(-1);
          if (decision !== undefined) watch.decision(incident, decision);
        }
        return result;
      },
  });
}

/** What a webhook's message begins with. */
function subjectIn(body: string): string {
  return /"text":"\*?([^"\\*]*)/.exec(body)?.[1] ?? '';
}

function answerStepFunctions({ operation, input }: Call, { machines }: Stack): unknown {
  const arn = String(input['executionArn'] ?? '');
  switch (operation) {
    case 'StartExecution':
      return machines.startExecution({
        stateMachineArn: String(input['stateMachineArn']),
        name: String(input['name']),
        input: String(input['input']),
      });
    case 'DescribeExecution':
      return machines.describeExecution(arn);
    case 'GetExecutionHistory': {
      const events = [...machines.getExecutionHistory(arn)].map((event) => ({
        ...event,
        timestamp: new Date(event.timestamp),
      }));
      if (input['reverseOrder'] === true) events.reverse();
      const from = Number(input['nextToken'] ?? 0);
      const until = from + Number(input['maxResults'] ?? 100);
      return { events: events.slice(from, until), ...(until < events.length ? { nextToken: String(until) } : {}) };
    }
    case 'RedriveExecution':
      return machines.redriveExecution(arn);
    case 'StopExecution':
      return machines.stopExecution(arn, { error: String(input['error'] ?? ''), cause: String(input['cause'] ?? '') });
    case 'SendTaskSuccess':
      machines.sendTaskSuccess(String(input['taskToken']), String(input['output']));
      return {};
    case 'SendTaskFailure':
      machines.sendTaskFailure(String(input['taskToken']), {
        error: String(input['error'] ?? ''),
        cause: String(input['cause'] ?? ''),
      });
      return {};
    case 'SendTaskHeartbeat':
      machines.sendTaskHeartbeat(String(input['taskToken']));
      return {};
    default:
      throw new Error(`the simulator has no sfn ${operation}`);
  }
}
