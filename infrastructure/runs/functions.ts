// The functions of a region's stack: one file of functions/, one Lambda, one role of its own. Nothing here keeps a function
// warm or limits how many run at once: a storm needs them, and a flow waits for a cold start.
import { heardOfKinds } from '../../functions/domain/kind/kind-signals.ts';
import { assetsOf } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { ownSources } from '../../functions/domain/signals/own-events.ts';
import { verbsIn } from '../../functions/kinds/verbs.ts';
import { clusterCalls, healthCheckCalls, recordCalls } from '../events/calls.ts';
import { arnHere, arnOf, pascal, type Resources, ref, sub, type Value } from '../template.ts';
import type { Stack } from '../values.ts';
import { templateIds } from './experiments.ts';
import { projectsOf } from './projects.ts';
import { asksDatabases, connectedIn, rehearsesRestores, rejoinsStandby, vpcOf, vpcRights } from './vpc.ts';

/** Less than the 30 s that a state machine waits for a step. */
const timeoutSeconds = 25;

/** How a function is started, beside those that a state machine invokes. */
type Started =
  /** By a schedule. */
  | { readonly every: string }
  /** By events of the region's default bus, or of the application's. */
  | {
      readonly on: (stack: Stack) => { readonly [key: string]: Value };
      readonly named?: string;
      readonly bus?: 'ApplicationBus';
      /** In which stacks; in all where left out. */
      readonly where?: (stack: Stack) => boolean;
    };

type Spec = {
  /** Its file in functions/, where that is not its name. */
  readonly file?: string;
  readonly started?: readonly Started[];
  /**
   * Nobody waits for it: what fails each time ends in the dead letters, and an alarm tells. `newsSeconds`: an older event is
   * no news, and the next one is better. AWS's own limit, 6 hours, where left out.
   */
  readonly unattended?: { readonly newsSeconds?: number };
  /** Makes, checks or rotates links of approvers. */
  readonly linkKey?: true;
  readonly pageUrl?: true;
  /** Starts experiments of FIS. */
  readonly experiments?: true;
};

const everyMinute: Spec = { started: [{ every: 'rate(1 minute)' }], unattended: { newsSeconds: 300 } };

const canary: Readonly<Record<string, Spec>> = { 'run-canary': everyMinute };

const main: Readonly<Record<string, Spec>> = {
  // From event to decision. The signals queue is in front of classify (queues.ts).
  classify: {},
  sweep: { ...everyMinute, linkKey: true, pageUrl: true },
  'report-failure': {
    started: [
      { on: stoppedFlows },
      {
        on: failedBuilds,
        named: 'report-failure-on-build',
        where: (stack) => projectsOf(stack).length > 0,
      },
    ],
    unattended: {},
  },
  // What the schedules start.
  'send-heartbeat': everyMinute,
  'probe-dependencies': everyMinute,
  ...canary,
  'check-readiness': {
    started: [
      { every: 'rate(5 minutes)' },
      { on: changes, named: 'check-readiness-on-change' },
      { on: cacheMessages, named: 'check-readiness-on-cache', bus: 'ApplicationBus' },
      { on: clusterCalls, named: 'check-readiness-on-eks', where: hasClusters },
      { on: recordCalls, named: 'check-readiness-on-dns' },
      {
        on: healthCheckCalls,
        named: 'check-readiness-on-latch',
        where: ({ plan }) => plan.redirection.mode === 'latch',
      },
    ],
    unattended: { newsSeconds: 300 },
    pageUrl: true,
  },
  'write-reports': { started: [{ every: 'rate(10 minutes)' }], unattended: { newsSeconds: 600 } },
  'keep-backups': { started: [{ every: 'rate(15 minutes)' }], unattended: { newsSeconds: 900 } },
  // Subscribed to a topic (cache-events.ts).
  'forward-cache-events': { unattended: {} },
  // The door of approvers (approval-page.ts).
  'serve-approval': { linkKey: true, pageUrl: true },
  'rotate-link-key': { linkKey: true, unattended: {} },
  // Steps that every flow shares.
  'take-lock': {},
  'release-lock': {},
  'record-recovery': {},
  notify: {},
  pause: {},
  'verify-service': {},
  // Steps of az-failover, beside the verbs of the plan's kinds.
  'watch-zone': {},
  // Steps of region-failover, beside the same.
  assess: {},
  'request-approval': { linkKey: true, pageUrl: true },
  'verify-region': {},
  'redirect-users': {},
  'move-role': {},
  'watch-fence': {},
  'hand-over-watch': {},
  'await-fence': {},
  'record-failover': {},
  // Steps of service-degradation.
  diagnose: {},
  remediate: {},
  'watch-incident': {},
  // Steps of drill.
  'prepare-drill': {},
  'inject-fault': { experiments: true, linkKey: true, pageUrl: true },
  'follow-drill': {},
  'verify-drill': {},
  'conclude-drill': {},
};

/** What only some plans need: without exports of a cache, or databases that are asked, nothing is deployed for them. */
function upkeep(plan: Plan): Readonly<Record<string, Spec>> {
  const exported = plan.assets.some((asset) => asset.kind === 'elasticache' && asset.snapshots !== undefined);
  return {
    ...(exported && {
      'keep-cache-exports': { started: [{ every: 'rate(10 minutes)' }], unattended: { newsSeconds: 600 } },
    }),
    ...(asksDatabases(plan) && { 'keep-ledger': everyMinute }),
    ...(rejoinsStandby(plan) && {
      'rejoin-standby': { started: [{ every: 'rate(5 minutes)' }], unattended: { newsSeconds: 300 } },
    }),
    ...(rehearsesRestores(plan) && {
      'rehearse-restores': { started: [{ every: 'rate(5 minutes)' }], unattended: { newsSeconds: 300 } },
    }),
  };
}

/** The verbs of the kinds that the plan uses: a kind that it does not use deploys nothing. */
function verbSpecs(stack: Stack): Readonly<Record<string, Spec>> {
  return Object.fromEntries(
    verbsIn(stack.plan).map(({ kind, verb, name }) => [name, { file: `kinds/${kind}/${verb}` }]),
  );
}

function specsOf(stack: Stack): Readonly<Record<string, Spec>> {
  const all: Readonly<Record<string, Spec>> = {
    main: { ...main, ...upkeep(stack.plan), ...verbSpecs(stack) },
    observer: canary,
    outside: {},
  }[stack.kind];
  if (vpcOf(stack) === null) return all;
  const awake = connectedIn(stack)
    .filter((verb) => all[verb]?.started === undefined)
    .map((verb) => [verb, { ...all[verb], ...keptAwake }] as const);
  return { ...all, ...Object.fromEntries(awake) };
}

/**
 * Lambda takes the network back from a function that nobody calls for weeks, and the first calls fail [AWS, Giving Lambda
 * functions access to resources in an Amazon VPC]. Only a region failover calls these.
 */
const keptAwake: Spec = { started: [{ every: 'rate(6 hours)' }], unattended: { newsSeconds: 3600 } };

/** The names of a main stack's functions, those of the plan's kinds too. */
export function functionsFor(plan: Plan): string[] {
  return [...Object.keys(main), ...Object.keys(upkeep(plan)), ...verbsIn(plan).map(({ name }) => name)];
}

/** The functions as serverless.yml has them, whose framework packages the file and makes the log group. */
export function functionsOf(stack: Stack): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(specsOf(stack)).map(([verb, spec]) => [verb, lambda(verb, spec, stack)]));
}

function lambda(verb: string, { file = verb, unattended, linkKey, pageUrl, experiments }: Spec, stack: Stack): Value {
  const { prefix } = stack;
  const vpc = connectedIn(stack).includes(verb) ? vpcOf(stack) : null;
  return {
    handler: `functions/${file}.handler`,
    name: `${prefix}-${verb}`,
    role: `${pascal(verb)}Role`,
    timeout: timeoutSeconds,
    memorySize: 512,
    environment: {
      BREAKWATER_ACCOUNT: ref('AWS::AccountId'),
      BREAKWATER_PREFIX: prefix,
      BREAKWATER_TABLE: prefix, // by name: one stack makes the global table, and both use it
      NODE_OPTIONS: '--enable-source-maps',
      ...(linkKey && { BREAKWATER_LINK_KEY: ref('LinkKey') }),
      ...(pageUrl && { BREAKWATER_PAGE_URL: approvalPageUrl }),
      ...(experiments && templateIds(stack)),
    },
    ...(unattended && { destinations: { onFailure: { type: 'sqs', arn: arnOf('DeadLetters') } } }),
    ...(unattended?.newsSeconds && { maximumEventAge: unattended.newsSeconds }),
    // Lambda refuses a function whose role may not connect it.
    ...(vpc && { vpc, dependsOn: Object.keys(vpcRights(stack)) }),
  };
}

/** Where approvers' links lead. */
export const approvalPageUrl = sub(`https://\${ApprovalApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}`);

/** The rules and schedules that start functions, each with leave to do so and dead letters. */
export function starters(stack: Stack): Resources {
  const all = Object.entries(specsOf(stack)).flatMap(([verb, { started = [] }]) =>
    started
      .filter((one) => !('where' in one) || one.where === undefined || one.where(stack))
      .map((one) => starter(verb, one, stack)),
  );
  return Object.assign({}, ...all);
}

function starter(verb: string, one: Started, stack: Stack): Resources {
  const name = 'named' in one && one.named !== undefined ? one.named : verb;
  const rule = `${pascal(name)}Starter`;
  const target = { Id: verb, Arn: arnOf(functionId(verb)), DeadLetterConfig: { Arn: arnOf('DeadLetters') } };
  return {
    [rule]: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: `${stack.prefix}-${name}`,
        ...('every' in one ? { ScheduleExpression: one.every } : { EventPattern: one.on(stack) }),
        ...('bus' in one && one.bus !== undefined ? { EventBusName: ref(one.bus) } : {}),
        Targets: [target],
      },
    },
    [`${rule}Permission`]: mayInvoke(verb, 'events.amazonaws.com', arnOf(rule)),
  };
}

/**
 * Lets a service call a function, for one thing, whose ARN names the account too. No `SourceAccount`: with one EventBridge
 * could not invoke the function (EventBridge user guide, "Troubleshooting Amazon EventBridge"). Sources of the condition on
 * the ARN: "Using resource-based policies for Amazon EventBridge"; of SNS "Fanout to Lambda functions"; of API Gateway
 * "Lambda permissions" of HTTP APIs. For Secrets Manager none was found: docs/deploy.md has it to watch.
 */
export function mayInvoke(verb: string, service: string, source: Value): Resources[string] {
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: arnOf(functionId(verb)),
      Action: 'lambda:InvokeFunction',
      Principal: service,
      SourceArn: source,
    },
  };
}

/** The logical name that the framework gives to a function. */
export function functionId(verb: string): string {
  return `${frameworkName(verb)}LambdaFunction`;
}

/** How the framework begins the logical names of what belongs to a function: LogGroup, LambdaFunction. */
export function frameworkName(verb: string): string {
  return `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`.replaceAll('-', 'Dash');
}

function stoppedFlows({ prefix }: Stack) {
  return {
    source: ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    detail: {
      status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
      stateMachineArn: [{ prefix: arnHere('states', `stateMachine:${prefix}-`) }],
    },
  };
}

/** Of the stack's own projects, which run each day and have nobody who waits for them. */
function failedBuilds(stack: Stack) {
  return {
    source: ['aws.codebuild'],
    'detail-type': ['CodeBuild Build State Change'],
    detail: {
      'build-status': ['FAILED', 'FAULT', 'TIMED_OUT', 'STOPPED'],
      'project-name': projectsOf(stack).map(({ name }) => name),
    },
  };
}

function changes() {
  return { source: heardOfKinds.map(({ source }) => source) };
}

function hasClusters({ plan, region }: Stack): boolean {
  return assetsOf('eks-cluster', plan).some(({ regions }) => regions[region] !== undefined);
}

function cacheMessages({ plan }: Stack) {
  return { source: [`${plan.application}.${ownSources.cache}`] };
}
