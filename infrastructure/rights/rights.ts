// What a function may do, in words of its own: rights on what the plan and the stack name, and on nothing by a prefix that
// another stage or another application could share. roles.ts gives them to functions.
import { flows, type Machine, machineName, machines } from '../../functions/domain/flows.ts';
import {
  accountId,
  arnIn as arnText,
  type KindRight,
  type KindRights,
  type Partitions,
  shiftRight,
} from '../../functions/domain/kind/rights.ts';
import { assetsOf, type Kind, saidOf, shiftedIn, standsIn } from '../../functions/domain/plan/assets.ts';
import { tellsBySms, topicName, topicsTo, waysTo } from '../../functions/domain/plan/channels.ts';
import { ownSources } from '../../functions/domain/signals/own-events.ts';
import { latchObject, readableMark } from '../../functions/domain/traffic/latch.ts';
import { peerOf, shiftedResources } from '../../functions/shared/estate.ts';
import { reportsIn } from '../data/reports.ts';
import { busIn } from '../events/bus.ts';
import { experimentsHere, startedExperiments } from '../runs/experiments.ts';
import { arnHere, ref, sub, type Value } from '../template.ts';
import type { Stack } from '../values.ts';

/** One statement that allows. `*` where IAM knows no resource for the actions; a right on nothing is none. */
export type Right = {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly on: '*' | readonly Value[];
  readonly onlyIf?: Value;
  /** It is about what the plan names, and about nothing that is encrypted with the key of the stack. */
  readonly ofPlan?: true;
};

const tableActions = {
  get: 'dynamodb:GetItem',
  query: 'dynamodb:Query',
  put: 'dynamodb:PutItem',
  update: 'dynamodb:UpdateItem',
  remove: 'dynamodb:DeleteItem',
} as const;

/** Of a main stack, which acts in its own region, fences and probes its peer, and shares the state with it. */
export function rightsIn(stack: Stack) {
  const { plan, region: here } = stack;
  const there = peerOf(here, plan) ?? here;
  const { redirection, dependencies, remediation } = plan;
  const names = namesIn(stack);
  const isAsked = (service: string) => dependencies.hard.includes(service);
  const rollback = remediation.afterRelease?.mode === 'act' ? [remediation.afterRelease.buildProject] : [];
  const records = redirection.mode === 'record-change';
  const { latches } = names;
  const closed = latches.filter(({ givenUp }) => givenUp === there);
  const opened = latches.filter(({ givenUp }) => givenUp === here);
  const moved = new Set(plan.assets.map((asset) => saidOf(asset).movedBy));
  return {
    state: (partitions: Partitions) => tableRights(partitions, [names.table(here)]),
    seeStandingAnywhere: tableRights(
      { query: ['drills', 'holders', 'incident#*', 'incidents', 'standing', 'standing#*'] },
      [names.table(here), names.table(there)],
    ),

    // From event to decision.
    readQueue: right(
      'ReadQueue',
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      [names.signals],
    ),
    lookAgain: right('LookAgain', ['sqs:SendMessage'], [names.signals]),
    start: right(
      'Start',
      ['states:StartExecution'],
      flows.map((flow) => names.flow(flow, here)),
    ),
    watchFence: right('WatchFence', ['states:StartExecution'], [names.flow('fence-watch', here)]),
    startDryRun: right('StartDryRun', ['states:StartExecution'], [names.flow('region-failover', here)]),
    startExperiments: right('StartExperiments', ['fis:StartExperiment'], experimentsHere(stack)),
    seeExperiments: right('SeeExperiments', ['fis:GetExperiment'], startedExperiments(stack)),
    endExperiments: right('EndExperiments', ['fis:GetExperiment', 'fis:StopExperiment'], startedExperiments(stack)),
    seeAlarms: right('SeeAlarms', ['cloudwatch:DescribeAlarms'], '*'),
    // IAM knows no resource of these, and none of them changes anything.
    seeChanges: [
      right('SeeCalls', ['cloudtrail:LookupEvents'], '*'),
      right('SeeDatabaseEvents', ['rds:DescribeEvents'], moved.has('rds') ? '*' : []),
      right('SeeCacheEvents', ['elasticache:DescribeEvents'], moved.has('elasticache') ? '*' : []),
      right('SeeScaling', ['autoscaling:DescribeScalingActivities'], moved.has('autoscaling') ? '*' : []),
    ],
    seeExecutions: right('SeeExecutions', ['states:GetExecutionHistory'], names.executions),
    seeStops: right('SeeStops', ['states:DescribeExecution', 'states:GetExecutionHistory'], names.executions),
    seeDegradation: right('SeeDegradation', ['states:DescribeExecution'], [names.degradations]),

    seeRequestHere: right('SeeRequest', ['states:DescribeExecution'], [names.requests(here)]),
    seePlanThere: right('SeePlan', ['states:DescribeExecution'], [names.requests(there)]),
    seeRequestAnywhere: right(
      'SeeRequest',
      ['states:DescribeExecution'],
      [...names.askers(here), ...names.askers(there)],
    ),

    // People.
    tell: [right('Tell', ['sns:Publish'], names.topics), right('Webhooks', ['ssm:GetParameter'], names.webhooks)],
    seeSubscriptions: right('SeeSubscriptions', ['sns:ListSubscriptionsByTopic'], names.topics),
    // IAM knows no resource of these, and they change nothing.
    seeSms: right('SeeSms', ['sns:GetSMSAttributes', 'sns:GetSMSSandboxAccountStatus'], tellsBySms(plan) ? '*' : []),
    answerHere: right('Answer', ['states:SendTaskSuccess'], [names.flow('region-failover', here)]),
    answerAnywhere: right(
      'Answer',
      ['states:SendTaskSuccess'],
      [names.flow('region-failover', here), names.flow('region-failover', there)],
    ),
    readLinkKey: right('LinkKey', ['secretsmanager:GetSecretValue'], [ref('LinkKey')]),
    rotateLinkKey: right(
      'RotateLinkKey',
      ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
        (action) => `secretsmanager:${action}`,
      ),
      [ref('LinkKey')],
    ),

    seeMetrics: right('SeeMetrics', ['cloudwatch:GetMetricData'], '*'),
    keepShifts: ofKind(
      shiftRight(
        'KeepShifts',
        ['GetManagedResource', 'StartZonalShift', 'UpdateZonalShift', 'CancelZonalShift'],
        names.shifted,
      ),
    ),

    // Users. A latch of this stack's own region is not among those that it may close; its own it may open.
    closeLatch: [
      right(
        'CloseLatch',
        ['s3:GetObject', 's3:PutObject'],
        closed.map(({ object }) => object),
      ),
      // The way home is opened by who comes home.
      right(
        'OpenLatch',
        ['s3:DeleteObject', 's3:GetObject'],
        opened.map(({ object }) => object),
      ),
      right('SeeLatches', ['s3:ListBucket'], once([...closed, ...opened].map(({ bucket }) => bucket))),
    ],
    seeLatches: [
      right(
        'SeeLatch',
        ['s3:GetObject'],
        latches.map(({ object }) => object),
      ),
      right('SeeLatches', ['s3:ListBucket'], once(latches.map(({ bucket }) => bucket))),
    ],
    // What anybody may try to read; no latch is among them.
    layReadable: right('LayReadable', ['s3:PutObject'], once(latches.map(({ readable }) => readable))),
    writeReports: right('WriteReports', ['s3:PutObject'], [reportsIn(stack)]),
    seeRecord: records ? seeRecordRights(redirection.hostedZone) : [],
    lookAtRecord: [
      ...seeRecordRights(redirection.hostedZone),
      right('SeeHealthChecks', ['route53:ListHealthChecks'], records ? [] : '*'),
    ],
    changeRecord: records ? recordRights(redirection.hostedZone, redirection.record) : [],
    rollBack: right(
      'StartRollback',
      ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'],
      rollback.map((project) => arnHere('codebuild', `project/${project}`)),
    ),

    // What the schedules start.
    beat: eventRight('Beat', [names.bus(here), names.bus(there)], `${plan.application}.${ownSources.heartbeat}`),
    forward: eventRight('Forward', [names.bus(here)], `${plan.application}.${ownSources.cache}`),
    tellProbe: eventRight('TellProbe', [names.bus(here)], `${plan.application}.${ownSources.probe}`),
    askPeer: [
      right('AskZones', ['ec2:DescribeAvailabilityZones'], isAsked('ec2') ? '*' : []),
      right('AskBalancers', ['elasticloadbalancing:DescribeLoadBalancers'], isAsked('elb') ? '*' : []),
      right('AskTable', ['dynamodb:DescribeTable'], isAsked('dynamodb') ? [names.table(there)] : []),
      right('AskCluster', ['eks:DescribeCluster'], isAsked('eks') ? names.clusters(there).slice(0, 1) : []),
      right(
        'AskCache',
        ['elasticache:DescribeReplicationGroups'],
        isAsked('elasticache') ? names.caches(there).slice(0, 1) : [],
      ),
      right('AskDatabase', ['rds:DescribeDBInstances'], isAsked('rds') ? names.databases(there).slice(0, 1) : []),
    ],
  };
}

/** What each kind that the plan uses says of its functions, in a main stack. */
export function rightsOfKinds({ plan, region: here, prefix }: Stack): Map<Kind, KindRights> {
  const there = peerOf(here, plan) ?? here;
  const used = new Set(plan.assets.map(({ kind }) => kind));
  return new Map(
    [...used].map((kind) => {
      const assets = assetsOf(kind, plan);
      const standing = (place: string) => assets.flatMap((asset) => standsIn(place, asset));
      const shifted = assets.flatMap((asset) => shiftedIn(here, accountId, asset));
      return [kind, saidOf({ kind }).rights({ assets, here, there, prefix, standing, shifted })];
    }),
  );
}

/** A right as a kind says it, with what is filled in at deployment. */
export function ofKind({ sid, actions, on, onlyIf, through }: KindRight): Right {
  const [operator = '', key = '', values = []] = onlyIf ?? [];
  const own = onlyIf === undefined ? {} : { [operator]: { [key]: values.map(sub) } };
  const via =
    through === undefined
      ? {}
      : { StringEquals: { 'kms:ViaService': sub(`${through}.\${AWS::Region}.amazonaws.com`) } };
  const condition = onlyIf === undefined && through === undefined ? undefined : { ...via, ...own };
  return { ...right(sid, actions, on === '*' ? on : on.map(sub), condition), ofPlan: true };
}

/** Of every stack with a canary: an observer's too. */
export function canaryRights({ plan, region, prefix }: Stack) {
  return {
    measure: right('Measure', ['cloudwatch:PutMetricData'], '*', { StringEquals: { 'cloudwatch:namespace': prefix } }),
    tellRun: eventRight('TellRun', [busIn(region, { prefix })], `${plan.application}.${ownSources.canary}`),
  };
}

/** What stands in which region, as ARNs. */
function namesIn({ plan, region, prefix }: Stack) {
  const contacts = Object.entries(plan.contacts);
  const standing = (kind: Kind, place: string) => assetsOf(kind, plan).flatMap((asset) => standsIn(place, asset));
  const group = (place: string, id: string) => arnIn('elasticache', place, `replicationgroup:${id}`);
  const parameter = (name: string) => arnHere('ssm', `parameter${name}`);
  return {
    table: (place: string) => arnIn('dynamodb', place, `table/${prefix}`),
    bus: (place: string) => busIn(place, { prefix }),
    flow: (flow: Machine, place: string) => arnIn('states', place, `stateMachine:${machineName(flow, prefix)}`),
    /** Whose requests people answer. */
    askers: (place: string) =>
      (['region-failover', 'drill'] as const).map((machine) =>
        arnIn('states', place, `execution:${machineName(machine, prefix)}:*`),
      ),
    requests: (place: string) => arnIn('states', place, `execution:${machineName('region-failover', prefix)}:*`),
    degradations: arnHere('states', `execution:${machineName('service-degradation', prefix)}:*`),
    executions: machines.map((flow) => arnHere('states', `execution:${machineName(flow, prefix)}:*`)),
    signals: arnHere('sqs', `${prefix}-signals`),
    // What is posted has a topic too, which nobody publishes to.
    topics: contacts.flatMap(([role, contact]) =>
      topicsTo(role, contact).map(({ of }) => arnHere('sns', topicName(of, prefix))),
    ),
    webhooks: contacts.flatMap(([role, contact]) =>
      waysTo(role, contact).flatMap((way) => (way.by === 'post' ? [parameter(way.parameter)] : [])),
    ),
    databases: (place: string) => standing('rds-instance', place).map((id) => arnIn('rds', place, `db:${id}`)),
    caches: (place: string) => standing('elasticache', place).map((id) => group(place, id)),
    clusters: (place: string) => standing('eks-cluster', place).map((id) => arnIn('eks', place, `cluster/${id}`)),
    shifted: shiftedResources({ region, account: accountId, plan }).map(({ resource }) => resource),
    latches: plan.redirection.mode === 'latch' ? latchesOf(plan.redirection.latchBuckets) : [],
  };
}

function arnIn(service: string, region: string, resource: string): Value {
  return sub(arnText(service, region, resource));
}

/** `readable`: what lies beside it. */
type Latch = { readonly givenUp: string } & { readonly [what in 'bucket' | 'object' | 'readable']: Value };

function latchesOf(buckets: Stack['plan']['redirection']['latchBuckets']): Latch[] {
  const s3 = (path: string) => sub(`arn:\${AWS::Partition}:s3:::${path}`);
  return Object.entries(buckets).flatMap(([givenUp, places]) =>
    Object.values(places).map((bucket) => ({
      givenUp,
      bucket: s3(bucket),
      object: s3(latchObject(bucket, givenUp)),
      readable: s3(latchObject(bucket, readableMark)),
    })),
  );
}

/** Each once: one bucket may hold the latches of both directions. */
function once(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function right(sid: string, actions: readonly string[], on: Right['on'], onlyIf?: Value): Right {
  return { sid, actions, on, ...(onlyIf === undefined ? {} : { onlyIf }) };
}

function tableRights(partitions: Partitions, on: readonly Value[]): Right[] {
  return Object.entries(partitions).map(([verb, keys]) => {
    const sid = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
    return right(
      sid,
      [tableActions[verb as keyof Partitions]],
      on,
      onlyThese('StringLike', 'dynamodb:LeadingKeys', keys),
    );
  });
}

function eventRight(sid: string, buses: readonly Value[], source: string): Right {
  return right(sid, ['events:PutEvents'], buses, onlyThese('StringEquals', 'events:source', [source]));
}

/** IAM knows no record as a resource: who may look at one sees its zone. */
function seeRecordRights(hostedZone: string): Right[] {
  const zone = sub(`arn:\${AWS::Partition}:route53:::hostedzone/${hostedZone}`);
  return [right('SeeRecord', ['route53:GetHostedZone', 'route53:ListResourceRecordSets'], [zone])];
}

/** The one record may be pointed elsewhere, and not be deleted. The id of a change is Route 53's own. */
function recordRights(hostedZone: string, record: string): Right[] {
  const key = (name: string) => `route53:ChangeResourceRecordSets${name}`;
  const zone = sub(`arn:\${AWS::Partition}:route53:::hostedzone/${hostedZone}`);
  return [
    right('SeeRecord', ['route53:ListResourceRecordSets'], [zone]),
    right('ChangeRecord', ['route53:ChangeResourceRecordSets'], [zone], {
      'ForAllValues:StringEquals': {
        [key('NormalizedRecordNames')]: [record],
        [key('RecordTypes')]: ['CNAME'],
        [key('Actions')]: ['UPSERT'],
      },
      Null: { [key('NormalizedRecordNames')]: 'false', [key('RecordTypes')]: 'false', [key('Actions')]: 'false' },
    }),
    right('SeeChange', ['route53:GetChange'], [sub(`arn:\${AWS::Partition}:route53:::change/*`)]),
  ];
}

/** A key with several values: each has to be one of these. Of a request without any, ForAllValues would be true. */
function onlyThese(operator: 'StringEquals' | 'StringLike', key: string, values: readonly string[]): Value {
  return { [`ForAllValues:${operator}`]: { [key]: values }, Null: { [key]: 'false' } };
}
