// One role for each function and each flow: what it may do, in the words of rights.ts, and nothing else.
// docs/permissions.md says the same in a second way; test/permissions/permissions.test.ts compares the two, and both with the calls that
// are in each bundle. In the state table rights are partitions: only move-role writes who is primary, only serve-approval
// keeps answers, and a task token is written by request-approval and read by the two that deliver answers.
import { databasesKept } from '../../functions/domain/drills/backup.ts';
import { brokenKind, scheduledIn } from '../../functions/domain/drills/plan.ts';
import { type Machine, machineName, machines } from '../../functions/domain/flows.ts';
import { acts, type Looking, leaves, type Partitions, reaches, together } from '../../functions/domain/kind/rights.ts';
import { InvalidPlan } from '../../functions/domain/plan/plan.ts';
import { type Verb, verbsIn } from '../../functions/kinds/verbs.ts';
import { functionId, functionsOf } from '../runs/functions.ts';
import { definitionOf } from '../runs/machines.ts';
import { vpcRights } from '../runs/vpc.ts';
import { arnHere, arnOf, pascal, type Resource, type Resources, type Value } from '../template.ts';
import type { Stack } from '../values.ts';
import { isNamed, roleName } from './named-roles.ts';
import { canaryRights, ofKind, type Right, rightsIn, rightsOfKinds } from './rights.ts';
import { serviceRole } from './service-role.ts';

type Rights = readonly (Right | readonly Right[])[];

function mainRights(stack: Stack): Readonly<Record<string, Rights>> {
  const may = rightsIn(stack);
  const { measure, tellRun } = canaryRights(stack);
  /** Every step keeps in the record that it fails and is tried again. */
  const step = (partitions: Partitions) => may.state(together(reaches, partitions));
  return {
    // From event to decision.
    classify: [
      may.readQueue,
      may.state({
        get: ['drills', 'incidents', 'sent#*', 'standing'],
        query: ['incident#*', 'incidents', 'signals#*', 'standing', 'standing#*'],
        put: ['incident#*', 'incidents', 'sent#*', 'signals#*', 'standing#*', 'stray'],
      }),
      may.start,
      may.lookAgain,
      may.tell,
    ],
    sweep: [
      may.seeAlarms,
      may.state({
        get: ['drills', 'incidents', 'readiness', 'requests', 'sent#*', 'standing', 'token#*', 'waivers#*'],
        query: ['answers#*', 'holders', 'incident#*', 'incidents', 'requests', 'signals#*', 'standing', 'standing#*'],
        put: ['drills', 'incident#*', 'incidents', 'link#*', 'requests', 'sent#*', 'signals#*', 'standing#*'],
        remove: ['standing#*'],
      }),
      may.answerHere,
      may.seeStops,
      may.seePlanThere,
      may.readLinkKey,
      may.start,
      may.watchFence,
      may.lookAgain,
      may.tell,
      may.endExperiments,
      may.seeMetrics,
    ],
    'report-failure': [
      step({
        get: ['drills', 'incidents', 'requests', 'sent#*', 'standing'],
        query: ['incident#*', 'incidents', 'requests', 'signals#*', 'standing', 'standing#*'],
        put: ['drills', 'incident#*', 'requests', 'sent#*'],
        remove: ['standing#*'],
      }),
      may.seeExecutions,
      may.tell,
      may.endExperiments,
      ...lookRights('report-failure', stack),
    ],

    // What asks people, and takes their answers.
    'request-approval': [
      step({
        get: ['incidents', 'requests', 'sent#*', 'standing'],
        query: ['drills', 'incidents', 'requests', 'signals#*', 'standing', 'standing#*'],
        put: ['incident#*', 'link#*', 'requests', 'sent#*', 'token#*'],
      }),
      may.readLinkKey,
      may.tell,
    ],
    'serve-approval': [
      may.state({
        get: ['incidents', 'link#*', 'requests', 'sent#*', 'token#*', 'waivers#*'],
        query: ['answers#*', 'incident#*', 'incidents', 'standing', 'standing#*'],
        put: ['answers#*', 'hits#*', 'incidents', 'requests', 'sent#*'],
        update: ['hits#*'],
      }),
      may.answerAnywhere,
      may.seeRequestAnywhere,
      may.readLinkKey,
    ],
    'rotate-link-key': [may.rotateLinkKey],

    // Steps that every flow shares.
    'take-lock': [
      step({
        get: ['drills', 'incidents', 'sent#*'],
        query: ['incidents', 'standing', 'standing#*'],
        put: ['incidents', 'standing#*'],
        remove: ['standing#*'],
      }),
      may.seeDegradation,
    ],
    'release-lock': [
      step({
        get: ['incidents', 'requests'],
        query: ['incidents', 'requests'],
        put: ['incidents', 'requests'],
        remove: ['standing#*'],
      }),
    ],
    'record-recovery': [step({ get: ['incidents'], query: ['incident#*', 'incidents'], put: ['incident#*'] })],
    notify: [
      step({
        get: ['incidents', 'sent#*', 'standing'],
        query: ['answers#*', 'incidents', 'requests', 'signals#*', 'standing', 'standing#*'],
        put: ['incident#*', 'sent#*'],
      }),
      may.seeChanges,
      lookRights('notify', stack),
      may.tell,
    ],
    pause: [
      step({
        get: ['incidents', 'sent#*', 'standing'],
        query: ['incident#*', 'incidents', 'signals#*'],
        put: ['incident#*', 'sent#*'],
      }),
      may.tell,
    ],
    'verify-service': [step({})],

    'watch-zone': [
      step({
        get: ['incidents', 'requests'],
        query: ['incident#*', 'incidents', 'signals#*', 'standing', 'standing#*'],
        put: ['incident#*', 'incidents', 'standing#*'],
        remove: ['standing#*'],
      }),
      may.keepShifts,
    ],

    // Steps of region-failover: they run in the region that takes over.
    assess: [
      step({
        get: ['incidents', 'rehearsals', 'requests'],
        query: ['answers#*', 'holders', 'incident#*', 'incidents', 'signals#*', 'standing', 'standing#*'],
        put: ['incident#*'],
      }),
      lookRights('assess', stack),
      may.seeRecord,
      may.seeMetrics,
    ],
    'verify-region': [step({})],
    'redirect-users': [step(acts), may.closeLatch, may.changeRecord],
    'move-role': [step({ get: ['standing'], query: ['standing', 'standing#*'], put: ['standing'] })],
    'watch-fence': [step({ get: ['sent#*'], put: ['incident#*'] }), may.watchFence],
    'hand-over-watch': [step({ put: ['incident#*'] }), may.watchFence],
    'await-fence': [step({ query: ['incident#*'] })],
    'record-failover': [
      step({
        get: ['incidents', 'requests'],
        query: ['answers#*', 'holders', 'incident#*', 'incidents'],
        put: ['comparisons', 'incident#*'],
      }),
      may.seeMetrics,
    ],

    // Steps of service-degradation.
    diagnose: [step({ query: ['signals#*'] }), may.seeChanges, lookRights('diagnose', stack)],
    remediate: [step(acts), may.rollBack],
    'watch-incident': [
      step({ get: ['incidents'], query: ['incidents', 'signals#*', 'standing', 'standing#*'], put: ['incidents'] }),
    ],

    // Steps of drill. The fault itself is made by inject-fault alone, and of a plan that breaks nothing by nobody.
    'prepare-drill': [
      step({
        get: ['drills', 'incidents', 'lever', 'readiness', 'sent#*', 'standing'],
        query: ['drills', 'holders', 'signals#*', 'standing', 'standing#*'],
        put: ['drills', 'incident#*', 'sent#*', 'standing#*'],
        remove: ['standing#*'],
      }),
      may.tell,
      backupRights(stack),
    ],
    'inject-fault': [
      step({
        get: ['drills', 'incidents', 'lever', 'requests', 'sent#*', 'standing'],
        query: ['holders', 'incidents', 'signals#*', 'standing', 'standing#*'],
        put: ['drills', 'incident#*', 'link#*', 'requests', 'sent#*', 'token#*'],
      }),
      may.readLinkKey,
      may.tell,
      may.startDryRun,
      may.startExperiments,
      faultRights('inject-fault', stack),
    ],
    'follow-drill': [
      step({
        get: ['drills', 'incidents', 'lever', 'rehearsals', 'requests'],
        query: ['answers#*', 'holders', 'standing', 'standing#*'],
        put: ['drills'],
      }),
      may.seeRequestHere,
      may.seeExperiments,
      faultRights('follow-drill', stack),
    ],
    'verify-drill': [
      step({
        get: ['drills', 'incidents', 'ledger', 'lever'],
        query: ['standing', 'standing#*'],
        put: ['drills'],
      }),
    ],
    'conclude-drill': [
      step({
        get: ['drills', 'requests', 'sent#*', 'standing'],
        query: ['requests', 'signals#*'],
        put: ['drills', 'incident#*', 'requests', 'sent#*'],
        remove: ['standing#*'],
      }),
      may.tell,
      may.endExperiments,
    ],

    // What the schedules start.
    'send-heartbeat': [may.beat, measure],
    'probe-dependencies': [may.askPeer, measure, may.tellProbe],
    'check-readiness': [
      may.seeStandingAnywhere,
      may.state({
        get: ['readiness', 'rehearsals', 'rejoins'],
        put: ['incident#*', 'readiness'],
      }),
      lookRights('check-readiness', stack),
      may.seeLatches,
      may.layReadable,
      may.lookAtRecord,
      may.seeSubscriptions,
      may.seeSms,
      may.seeMetrics,
      measure,
    ],
    'keep-backups': [
      may.state({ query: ['holders', 'standing', 'standing#*'], put: ['incident#*'] }),
      lookRights('keep-backups', stack),
    ],
    'run-canary': [measure, tellRun],
    'forward-cache-events': [may.forward],
    'keep-ledger': [
      may.state({ get: ['ledger'], query: ['holders', 'incident#*', 'standing', 'standing#*'], put: ['ledger'] }),
      lookRights('keep-ledger', stack),
    ],
    'rehearse-restores': [
      may.state({
        get: ['comparisons', 'incidents', 'ledger', 'rehearsals', 'rejoins', 'sent#*', 'standing'],
        query: ['drills', 'holders', 'incident#*', 'incidents', 'signals#*', 'standing', 'standing#*'],
        put: ['comparisons', 'incident#*', 'rehearsals', 'sent#*'],
      }),
      lookRights('rehearse-restores', stack),
      may.tell,
    ],
    'rejoin-standby': [
      may.state({
        get: ['incidents', 'rejoins', 'sent#*', 'standing'],
        query: ['holders', 'incident#*', 'incidents', 'signals#*', 'standing', 'standing#*'],
        put: ['holders', 'incident#*', 'rejoins', 'sent#*'],
      }),
      lookRights('rejoin-standby', stack),
      may.tell,
    ],
    'write-reports': [
      may.state({
        get: ['comparisons', 'incidents', 'waivers#*'],
        query: ['answers#*', 'drills', 'incident#*', 'incidents', 'requests'],
        put: ['incident#*'],
      }),
      may.writeReports,
      may.seeMetrics,
    ],
    'keep-cache-exports': [may.state({ query: ['standing', 'standing#*'] }), upkeepRights(stack)],
  };
}

/** What every verb of a flow's Map does with the record (functions/shared/recovery/reach.ts); fences have rules of their own. */
function reachRights(verb: Verb, said: Partitions): Partitions {
  if (verb === 'fence' || verb === 'unfence' || verb === 'fence-late') return said;
  return together(said, reaches, verb === 'leave-zone' ? leaves : {});
}

/** Of the verbs of each kind, as its rights.ts says. Those of a zone act in this stack's own region. */
function verbRights(stack: Stack): Readonly<Record<string, Rights>> {
  const { state } = rightsIn(stack);
  const said = rightsOfKinds(stack);
  const find = [...said.values()].flatMap((kind) => kind.find ?? []);
  const ask = [...said.values()].flatMap((kind) => kind.ask ?? []);
  return Object.fromEntries(
    verbsIn(stack.plan).map(({ kind, verb, name }) => {
      const { state: partitions = {}, may = [], finds, asks } = said.get(kind)?.verbs[verb] ?? {};
      return [
        name,
        [state(reachRights(verb, partitions)), ...[...may, ...(finds ? find : []), ...(asks ? ask : [])].map(ofKind)],
      ];
    }),
  );
}

/** What the kinds' looks ask of AWS in a function that looks at all of them. */
function lookRights(who: Looking, stack: Stack): Right[] {
  return [...rightsOfKinds(stack).values()].flatMap(({ looks }) => (looks?.[who] ?? []).map(ofKind));
}

/** What the plan's drills break, and look at afterwards: of the kinds that they break, and of no other. */
function faultRights(who: 'follow-drill' | 'inject-fault', stack: Stack): Right[] {
  const broken = new Set<string>(
    scheduledIn(stack.plan).flatMap(({ target }) => (target && brokenKind[target.fault]) ?? []),
  );
  return [...rightsOfKinds(stack)].flatMap(([kind, { looks }]) =>
    broken.has(kind) ? (looks?.[who] ?? []).map(ofKind) : [],
  );
}

/** What is backed up before drills that may harm it; of a plan without such drills nothing is. */
function backupRights(stack: Stack): Right[] {
  const isHarmful = scheduledIn(stack.plan).some((drill) => databasesKept(drill, stack.plan).length > 0);
  return isHarmful ? lookRights('prepare-drill', stack) : [];
}

/** What the kinds keep up on a schedule. */
function upkeepRights(stack: Stack): Right[] {
  return [...rightsOfKinds(stack).values()].flatMap(({ upkeep = [] }) => upkeep.map(ofKind));
}

function rightsOf(stack: Stack): Readonly<Record<string, Rights>> {
  if (stack.kind === 'main') {
    const all = { ...mainRights(stack), ...verbRights(stack) };
    const made = functionsOf(stack);
    return Object.fromEntries(Object.entries(all).filter(([verb]) => verb in made));
  }
  const { measure, tellRun } = canaryRights(stack);
  return stack.kind === 'observer' ? { 'run-canary': [measure, tellRun] } : {};
}

/** @throws InvalidPlan where a role would be larger than IAM takes. */
export function roles(stack: Stack): Resources {
  const lambdas = functionsOf(stack);
  const ofFunctions = Object.entries(rightsOf(stack)).map(
    ([verb, rights]) => [`${pascal(verb)}Role`, functionRole(verb, rights.flat(), lambdas[verb], stack)] as const,
  );
  const ofFlows = (stack.kind === 'main' ? machines : []).map(
    (flow) => [`${pascal(flow)}MachineRole`, machineRole(flow, stack)] as const,
  );
  const all = Object.fromEntries([...ofFunctions, ...ofFlows]);
  const line = tooLarge(all, stack);
  if (line !== null) throw new InvalidPlan([{ path: ['contacts'], line }]);
  return all;
}

/** With what every function has: its log, the use of the key that its rights need, the queue of what failed. */
function functionRole(verb: string, rights: readonly Right[], lambda: Value | undefined, stack: Stack): Resource {
  const { prefix } = stack;
  const has = (property: string) => typeof lambda === 'object' && lambda !== null && property in lambda;
  const log = arnHere('logs', `log-group:/aws/lambda/${prefix}-${verb}:*`);
  const own: Right[] = [
    { sid: 'Log', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], on: [log] },
    ...rights,
    ...(has('destinations') ? [{ sid: 'OnFailure', actions: ['sqs:SendMessage'], on: [arnOf('DeadLetters')] }] : []),
  ];
  // Lambda reads the signals queue, and connects a function to a network, with the function's role; what it says of itself
  // then is documented nowhere, and is known to be less (aws-parallelcluster 6926): such a role does without the condition.
  const isUsedOtherwise = has('vpc') || verb === 'classify';
  const trusted = isUsedOtherwise ? null : arnHere('lambda', `function:${prefix}-${verb}`);
  const made = serviceRole(verb, 'lambda.amazonaws.com', trusted, [...own, ...keyUse(own)]);
  if (!isNamed(verb)) return made;
  return { ...made, Properties: { RoleName: roleName(verb, stack), ...made.Properties } };
}

/** What a service does with the key in the name of the caller, by the action that makes it do so. */
const usesOfKey: Readonly<Record<string, readonly string[]>> = {
  'sns:Publish': ['kms:Decrypt', 'kms:GenerateDataKey'],
  'sqs:ReceiveMessage': ['kms:Decrypt'],
  'sqs:SendMessage': ['kms:Decrypt', 'kms:GenerateDataKey'],
  'secretsmanager:GetSecretValue': ['kms:Decrypt'],
  'secretsmanager:PutSecretValue': ['kms:Decrypt', 'kms:GenerateDataKey'],
};

/** The key of the region, through the services that the rights are about. A kind's secrets are the application's, with keys of their own. */
function keyUse(rights: readonly Right[]): Right[] {
  const own = rights.filter(({ ofPlan }) => ofPlan === undefined);
  const using = own.flatMap(({ actions }) => actions).filter((action) => usesOfKey[action] !== undefined);
  if (using.length === 0) return [];
  const services = [...new Set(using.map((action) => action.split(':')[0] ?? ''))];
  const actions = [...new Set(using.flatMap((action) => usesOfKey[action] ?? []))];
  const through = services.map((service) => ({ 'Fn::Sub': `${service}.\${AWS::Region}.amazonaws.com` }));
  return [{ sid: 'UseKey', actions, on: [arnOf('Key')], onlyIf: { StringEquals: { 'kms:ViaService': through } } }];
}

/**
 * May invoke the functions that its file names, and deliver its log: Step Functions sets up the delivery with the machine's
 * role, and IAM knows no resource for that. Source of the condition: Step Functions, "Creating an IAM role".
 */
function machineRole(flow: Machine, { prefix, plan }: Stack): Resource {
  const invoked = [...new Set(functionsIn(definitionOf(flow, plan)))].sort();
  const deliverLogs = [
    'CreateLogDelivery',
    'DeleteLogDelivery',
    'DescribeLogGroups',
    'DescribeResourcePolicies',
    'GetLogDelivery',
    'ListLogDeliveries',
    'PutResourcePolicy',
    'UpdateLogDelivery',
  ];
  return serviceRole(flow, 'states.amazonaws.com', arnHere('states', `stateMachine:${machineName(flow, prefix)}`), [
    { sid: 'DeliverLogs', actions: deliverLogs.map((action) => `logs:${action}`), on: '*' },
    { sid: 'Invoke', actions: ['lambda:InvokeFunction'], on: invoked.map((verb) => arnOf(functionId(verb))) },
  ]);
}

/** The functions that a state machine's file names, as `Fn::GetAtt: [function, Arn]`. */
function functionsIn(definition: Value): string[] {
  if (typeof definition !== 'object' || definition === null) return [];
  const attribute = 'Fn::GetAtt' in definition ? definition['Fn::GetAtt'] : undefined;
  if (Array.isArray(attribute)) return [String(attribute[0])];
  return Object.values(definition).flatMap(functionsIn);
}

/** "IAM and AWS STS quotas": the inline policies of a role together, without white space. */
const mostCharacters = 10_240;
/** More than the ARN has of whatever is named by Ref or Fn::GetAtt here. */
const longestReference = 160;

/** Which role of a stack would be larger than IAM takes, in one line; null where none would. */
function tooLarge(all: Resources, stack: Stack): string | null {
  const shared = Object.values(vpcRights(stack)).map(({ Properties }) => Properties);
  const sizes = Object.entries(all).map(([name, { Properties }]) => {
    const attached = shared.filter(({ Roles }) => JSON.stringify(Roles).includes(`"${name}"`));
    const policies = [Properties['Policies'], ...attached.map(({ PolicyDocument }) => PolicyDocument)];
    return { name, characters: lengthOf(policies as Value, stack.region) };
  });
  const [first] = sizes.toSorted((a, b) => b.characters - a.characters);
  if (first === undefined || first.characters <= mostCharacters) return null;
  const { name, characters } = first;
  return `contacts, parameters, latches, balancers or network: ${name} would have policies of ${characters} characters, expected at most ${mostCharacters}, IAM's limit`;
}

/** The characters of a policy as IAM gets it. */
function lengthOf(policies: Value, region: string): number {
  const text = JSON.stringify(policies, (_, part: unknown) => {
    const [name = '', ...others] = typeof part === 'object' && part !== null ? Object.keys(part) : [];
    if (others.length > 0 || !/^(Ref|Fn::)/.test(name)) return part;
    const written = (part as { readonly 'Fn::Sub'?: string })['Fn::Sub'];
    if (written === undefined) return '?'.repeat(longestReference);
    return written
      .replaceAll(`\${AWS::Partition}`, 'aws-us-gov')
      .replaceAll(`\${AWS::Region}`, region)
      .replaceAll(`\${AWS::AccountId}`, '?'.repeat(12));
  });
  return text.length;
}
