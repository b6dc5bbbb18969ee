// The whole twin: the estate, the state table, and the stack of every region of the plan as it is deployed.
import { hearerOf } from '../functions/domain/plan/channels.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import type { AuditRecord, Store } from '../functions/domain/record/store.ts';
import { busName } from '../functions/domain/signals/own-events.ts';
import type { ApprovalRequest, Incident, RecordedAnswer, RecordedDecision } from '../functions/domain/types.ts';
import { partsOf } from '../infrastructure/stack.ts';
import { describeStack, placesOf } from '../infrastructure/values.ts';
import { Denied, Unreachable } from './aws/bus.ts';
import { type Deployment, defaultBus, readParts } from './aws/deployment.ts';
import { lambdaError } from './aws/lambda.ts';
import { answerOf, isDeployed, type Services } from './aws/services.ts';
import { createStack, hasBus, type Stack } from './aws/stack.ts';
import { alarmDefinition } from './aws/stack-alarms.ts';
import { createTableServer } from './aws/table/table.ts';
import { lasting } from './estate/chance/latencies.ts';
import { createEstate } from './estate/estate.ts';
import { isOutside, postTo } from './estate/services/chat.ts';
import type { Call, Clock, Estate, Event, FaultOf, Message, Run } from './estate/types.ts';
import { createGate, type Denial } from './iam/gate.ts';
import { createMemoryStore, inContext } from './memory-store.ts';
import { visitUrl } from './people/visitor.ts';
import { currentCaller } from './sdk.ts';
import { prefix, stage } from './stage.ts';
import type { TaskFailure } from './stepfunctions/errors.ts';
import type { HistoryEvent } from './stepfunctions/history.ts';
import type { Execution, TaskCall } from './stepfunctions/options.ts';

export const account = '111122223333';

/** What can be watched in a world. */
export type Watch = {
  event(event: Event): void;
  message(message: Message): void;
  /** A message is lost that SNS has taken. */
  lostMessage(subject: string, body: string): void;
  history(event: HistoryEvent, execution: Readonly<Execution>, region: string): void;
  status(execution: Readonly<Execution>, region: string): void;
  task(call: TaskCall, failure: TaskFailure | null): void;
  audit(record: AuditRecord): void;
  /** An incident was written; its newest decision may be known already. */
  decision(incident: Incident, decision: RecordedDecision): void;
  /** A request was opened, by the stack of a region. */
  request(request: ApprovalRequest, region: string): void;
  /** An answer was offered; `kept` is false for an approver's second. */
  answer(answer: RecordedAnswer, kept: boolean): void;
  /** A request was settled, or had been: the outcome that stands. */
  settled(request: string, outcome: string): void;
  tick(estate: Estate): void;
  /** A function runs, or a function calls AWS for a flow (`call`) or for itself: what a single fault can strike. */
  met?(caller: string, call: Call | null, run: Run): void;
  /** A line of a log, a page that was served, or a task token as the store got it. */
  overheard?(where: 'log' | 'page' | 'token', text: string): void;
};

export type World = {
  readonly plan: Plan;
  readonly estate: Estate;
  /** The truth in the table, read past everything that may fail. */
  readonly store: Store;
  readonly stacks: ReadonlyMap<string, Stack>;
  /** Answers a call to any part of AWS. */
  readonly call: Estate['call'];
  /** What roles and policies did not allow. */
  denials(): readonly Denial[];
  start(): void;
  stop(): void;
  /** Deploys the next release into some regions. */
  upgrade(release: Release): void;
};

/** What a release changes, as those beside it can see it. */
export type Release = {
  readonly regions: readonly string[];
  readonly machine: (name: string, definition: unknown) => unknown;
  readonly item: (item: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
};

const deployed = new Map<string, Promise<readonly Deployment[]>>();

/** What the stack of each region of a plan is; of the same plan it is made once. */
export function deploymentsOf(plan: Plan): Promise<readonly Deployment[]> {
  const key = JSON.stringify(plan);
  const known = deployed.get(key) ?? deploy(plan);
  deployed.set(key, known);
  return known;
}

/** People are subscribed as they are where they are subscribed elsewhere. */
async function deploy(plan: Plan): Promise<Deployment[]> {
  const given = async (name: string) => (name === 'addresses' ? 'elsewhere' : null);
  const regions = [...placesOf(plan).keys()];
  const stacks = await Promise.all(
    regions.map((region) => describeStack(plan, { region, stage, named: ['addresses'], given })),
  );
  return stacks.map((stack) => readParts(partsOf(stack), stack.region, account));
}

/** Builds a world; nothing moves before `start`. One seed of `random`, one history. `pageUrls`: where each region's pages are. */
export function createWorld(
  plan: Plan,
  deployments: readonly Deployment[],
  clock: Clock,
  random: () => number,
  watch: Watch,
  pageUrls: ReadonlyMap<string, string>,
  losesAnswer?: (call: TaskCall) => boolean,
  /** Null: drawn by chance. */
  snapshotSeconds: number | null = null,
): World {
  const stacks = new Map<string, Stack>();
  /** By region, where another one than the first was deployed. */
  const releases = new Map<string, Release>();
  const table = createTableServer(prefix);
  const truth = createMemoryStore(plan, undefined, {
    answer: (operation, input) => table.answer(operation, { ...input, TableName: prefix }),
  });
  const voters = [plan.roles.primary, plan.roles.standby, plan.roles.witness];
  /** The table is there while a majority of its regions can be reached. */
  const hasMajority = (region: string) =>
    voters.filter((voter) => estate.canReach(region, voter)).length * 2 > voters.length;
  const put = (event: Event, bus: string): void => {
    watch.event(event);
    stacks.get(event.region)?.bus.put(event, bus);
  };
  const estate: Estate = createEstate({
    plan,
    clock,
    random,
    account,
    latencies: snapshotSeconds === null ? undefined : lasting('rds-snapshot', snapshotSeconds),
    emit: (event) => {
      // AWS itself tells the default bus; the first of the plan's senders, who may, the application's.
      if (event.source.startsWith('aws.')) return put(event, defaultBus);
      const bus = busName(prefix);
      const sender = `arn:aws:iam::${account}:${plan.signals.senders[0] ?? 'role/chatops-deploy'}`;
      const resource = `arn:aws:events:${event.region}:${account}:event-bus/${bus}`;
      if (gate.personMay(sender, 'events:PutEvents', resource, { 'events:source': [event.source] })) put(event, bus);
    },
    cacheMessage: (region, message) => {
      const stack = stacks.get(region);
      stack?.publish(cacheTopicOf(stack.deployment) ?? '', 'ElastiCache Notification', message);
    },
    alarmMessage: (alarmArn, topicArn, subject, body) => {
      if (gate.serviceMay('cloudwatch.amazonaws.com', alarmArn, 'sns:Publish', topicArn))
        stacks.get(topicArn.split(':')[3] ?? '')?.publish(topicArn, subject, body);
    },
    deployed: {
      reaches: ({ service, region }) => service !== 'dynamodb' || hasMajority(region),
      authorize: (call) => gate.authorize(call),
    },
  });
  const gate = createGate(deployments, account, {
    shiftedBy: estate.shiftedBy,
    tagsOf: estate.tagsOf,
    backupKeyOf: estate.backupKeyOf,
    waitingFor: (token) => {
      const owners = [...stacks.values()].map(({ machines }) => machines.waitingFor(token));
      return owners.find((owner) => owner !== null) ?? '*';
    },
  });
  const services: Services = {
    account,
    table,
    metrics: estate.metrics,
    now: clock.now,
    newId: estate.newId,
    put: (event, bus) => {
      // A dark region takes no events, and gives none.
      if (estate.canReach(event.region, event.region)) put(event, bus);
    },
  };

  /** What a stack deployed it answers itself, on the same way there and back as the estate. */
  const answer = (call: Call): Promise<unknown> => {
    const { function: name, run } = call.caller;
    if (name !== undefined && run !== undefined) watch.met?.(name, call, run);
    if (!isDeployed(call)) return estate.call(call);
    return estate.call(call, () => {
      const release = releases.get(call.region);
      if (release !== undefined && call.service === 'dynamodb' && call.operation === 'Put')
        Object.assign(call.input, { Item: release.item(call.input['Item'] as Readonly<Record<string, unknown>>) });
      const stack = stacks.get(call.region);
      if (stack === undefined) throw new Error(`no stack in ${call.region} answers ${call.service} ${call.operation}`);
      return answerOf(call, stack, services);
    });
  };

  const forward = async (event: Event, busArn: string, from: string): Promise<void> => {
    const [, , , to = '', , name = ''] = busArn.split(':');
    if (!estate.canReach(from, to)) throw new Unreachable(`${to} does not answer ${from}`);
    const bus = name.replace('event-bus/', '');
    const stack = stacks.get(to);
    if (stack !== undefined && !hasBus(stack, bus)) throw new Denied(`there is no bus ${busArn}`);
    stack?.bus.put(event, bus);
  };
  const post = (url: string, body: string, region: string): Response => {
    const { status, taken } = postTo(url, body, plan);
    if (taken !== null) watch.message({ ...taken, at: clock.now(), region, body });
    return new Response(null, { status });
  };

  for (const deployment of deployments) {
    const { region } = deployment;
    for (const alarm of deployment.alarms) estate.addAlarm(alarmDefinition(alarm, region, estate.metrics));
    for (const template of deployment.experiments) estate.addExperiment(template);
    stacks.set(
      region,
      createStack({
        plan,
        deployment,
        account,
        pageUrl: pageUrls.get(region) ?? '',
        clock,
        random,
        watched: (store) => watchStore(store, truth, region, watch),
        gate,
        isLit: () => estate.canReach(region, region),
        seconds: estate.draw,
        answer,
        fetch: async (input, init) => {
          const url = String(input instanceof Request ? input.url : input);
          if (isOutside(url)) return post(url, String(init?.body), region);
          const page = [...pageUrls].find(([, start]) => start !== '' && url.startsWith(`${start}/`));
          const stack = stacks.get(page?.[0] ?? '');
          return stack === undefined ? estate.fetch(url, region, currentCaller()) : visitUrl(stack, url);
        },
        faultOf: ({ verb, inNetwork }, run) => {
          watch.met?.(verb, null, run);
          // Only what is connected to a network can have lost its connection.
          const refusal = inNetwork ? estate.invocationRefusal(verb, region) : null;
          if (refusal !== null) return { before: refusal, after: null };
          const crash = estate.faults.bites('function-crash', (one) => one.function === verb && isHere(one, region));
          if (crash === null) return { before: null, after: null };
          const error = lambdaError('Runtime.ExitError', `${verb}: RequestId: Error: Runtime exited`);
          return { before: crash.when === 'before' ? error : null, after: crash.when === 'after' ? error : null };
        },
        copies: (what, text) => {
          const isAbout = (one: FaultOf<'message-fault'>) =>
            one.what === what && isHere(one, region) && (one.text === undefined || text.includes(one.text));
          const fault = estate.faults.bites('message-fault', isAbout);
          if (fault === null) return [0];
          return { lost: [], late: [fault.lateSeconds ?? 60], doubled: [0, 0] }[fault.effect];
        },
        forward: (event, busArn) => forward(event, busArn, region),
        measure: (namespace, name, dimensions, value) => {
          estate.metrics.record(region, { namespace, name, dimensions }, value, clock.now());
        },
        onEvent: (event, execution) => watch.history(event, execution, region),
        onStatus: (execution) => watch.status(execution, region),
        onTask: watch.task,
        onLog: (line) => watch.overheard?.('log', line),
        onPage: (answer) => watch.overheard?.('page', answer),
        onMessage: (topicArn, subject, body, takenAt) => {
          if (topicArn === cacheTopicOf(deployment)) return; // told to a function, and to nobody
          const topic = topicArn.split(':').at(-1) ?? '';
          if (estate.faults.of('messages-bounce').some(({ target }) => target === topic)) {
            const bounced = {
              namespace: 'AWS/SNS',
              name: 'NumberOfNotificationsFailed',
              dimensions: { TopicName: topic },
            };
            return estate.metrics.record(region, bounced, 1, clock.now());
          }
          const heard = hearerOf(topicArn, prefix, plan.contacts) ?? { role: topicArn, channel: 'unknown' };
          watch.message({ ...heard, at: clock.now(), takenAt, region, subject, body });
        },
        onLostMessage: watch.lostMessage,
        losesAnswer,
      }),
    );
  }
  return {
    plan,
    estate,
    store: truth,
    stacks,
    call: answer,
    denials: gate.denials,
    upgrade: (release) => {
      for (const region of release.regions) {
        releases.set(region, release);
        const stack = stacks.get(region);
        for (const { name, definition } of stack?.deployment.machines ?? [])
          stack?.machines.updateStateMachine({ name, definition: release.machine(name, definition) });
      }
    },
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

/**
 * The store as one region's functions have it, with what is written to it watched. `truth` reads the same table and never fails: what
 * was written without an answer is there all the same.
 */
function watchStore(store: Store, truth: Store, region: string, watch: Watch): Store {
  const seen: Partial<Record<keyof Store, (values: readonly unknown[], result: unknown) => void>> = {
    audit: ([record]) => watch.audit(record as AuditRecord),
    openRequest: ([request, token]) => {
      watch.overheard?.('token', String(token));
      watch.request(request as ApprovalRequest, region);
    },
    keepAnswer: ([answer], result) => watch.answer(answer as RecordedAnswer, result === true),
    settleRequest: ([request], result) => watch.settled(String(request), String(result)),
    writeIncident: ([written], result) => {
      const incident = written as Incident;
      const decision = incident.decisions.at(-1);
      if (result === true && decision !== undefined) watch.decision(incident, decision);
    },
  };
  /** What a write that failed has come to; undefined where nothing was written. */
  const inTruth: Partial<Record<keyof Store, (values: readonly unknown[]) => Promise<unknown>>> = {
    openRequest: async ([request]) => (await truth.readRequest((request as ApprovalRequest).id)) ?? undefined,
    keepAnswer: async ([given]) => {
      const { request, approver, at, valid } = given as RecordedAnswer;
      const kept = (await truth.readAnswers(request)).some(
        (one) => one.approver === approver && one.at === at && one.valid === valid,
      );
      return kept || undefined;
    },
    settleRequest: async ([request]) => (await truth.readOutcome(String(request)))?.outcome,
    writeIncident: async ([written]) => {
      const stored = await truth.readIncident((written as Incident).id);
      return JSON.stringify(stored) === JSON.stringify(written) || undefined;
    },
  };
  return inContext(store, async (run, method, values) => {
    try {
      const result = await run();
      seen[method]?.(values, result);
      return result;
    } catch (error) {
      const result = await inTruth[method]?.(values);
      if (result !== undefined) seen[method]?.(values, result);
      throw error;
    }
  });
}

/** The topic that a region's cache tells: the one that forward-cache-events is subscribed to. Null where there is none. */
function cacheTopicOf({ topics, functions }: Deployment): string | null {
  const forwards = (endpoint: string) => functions.get(endpoint)?.verb === 'forward-cache-events';
  return topics.find(({ subscriptions }) => subscriptions.some(({ endpoint }) => forwards(endpoint)))?.arn ?? null;
}

/** Whether a fault is in a region; one that names none is everywhere. */
function isHere(fault: { readonly region?: string | undefined }, region: string): boolean {
  return fault.region === undefined || fault.region === region;
}
