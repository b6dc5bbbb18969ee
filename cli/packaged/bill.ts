// What Breakwater costs while nothing happens, from the packaged template and the plan. Pure.
import { existsIn, isRecord, listOf, ofType, type Resource, type Template } from '../../check/template.ts';
import { type Add, type Bill, billOf } from '../../functions/domain/cost/bill.ts';
import { usageOf } from '../../functions/domain/cost/prices.ts';
import { topicsTo } from '../../functions/domain/plan/channels.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';

/** Minutes of a month of 730 hours, which AWS calculates with. */
const minutesOfMonth = 43_800;

/** A schedule's runs in a month. `rate(5 minutes)`; of cron expressions, those that name a day or an hour at most daily. */
export function runsOfMonth(expression: string): number {
  const [, count = '0', unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const minutes = { minute: 1, hour: 60, day: 1440 }[unit];
  if (minutes !== undefined) return minutesOfMonth / (Number(count) * minutes);
  if (/^cron\(\d+ \d+ /.test(expression)) return minutesOfMonth / 1440;
  throw new Error(`the schedule ${expression} is not understood, expected rate(…) or cron(minute hour …)`);
}

/** A month in which nothing happens, in both main regions; what stands in observer regions and in VPCs, and daily builds, are apart. */
export function idleOf(template: Template, plan: Plan): Bill {
  return billOf((add) => {
    for (const region of [plan.roles.primary, plan.roles.standby]) {
      const there = (...types: readonly string[]) =>
        ofType(template, ...types).filter(([, resource]) => existsIn(template, resource, region));
      standing(there, add);
      running(there, plan, add);
    }
    once(template, add);
  });
}

/** What the schedules start that has nothing to do with the table. */
const readNothing = ['send-heartbeat', 'probe-dependencies', 'run-canary'];

type There = (...types: readonly string[]) => [string, Resource][];

/** What is paid for being there, in each region. */
function standing(there: There, add: Add): void {
  for (const [, { Properties }] of there('AWS::CloudWatch::Alarm')) {
    const metrics = listOf(Properties['Metrics']).filter((one) => isRecord(one) && isRecord(one['MetricStat'])).length;
    const fine = Number(Properties['Period'] ?? 60) < 60;
    add(fine ? 'alarms-high-resolution' : 'alarms', 'alarms', Math.max(1, metrics));
  }
  add('alarms-composite', 'composite alarms', there('AWS::CloudWatch::CompositeAlarm').length);
  add('dashboards', 'dashboards', there('AWS::CloudWatch::Dashboard').length);
  add('kms-keys', 'keys', there('AWS::KMS::Key', 'AWS::KMS::ReplicaKey').length);
  for (const [, { Properties }] of there('AWS::SecretsManager::Secret'))
    add('secrets', 'secrets, with their replicas', 1 + listOf(Properties['ReplicaRegions']).length);
}

/** What runs by itself in a region: schedules, the heartbeats that are judged, the queue that is waited for. */
function running(there: There, plan: Plan, add: Add): void {
  const functions = new Map(there('AWS::Lambda::Function'));
  const invoke = (what: string, { Properties }: Resource, runs: number) => {
    add('lambda-requests', `runs of ${what}`, runs);
    const gigabytes = Number(Properties['MemorySize'] ?? 128) / 1024;
    add('lambda-gb-seconds', `time of ${what}`, runs * usageOf('lambda-seconds') * gigabytes);
    const ingested = (runs * usageOf('log-bytes')) / 1e9;
    add('log-ingestion-gb', 'logs, written', ingested);
    add('log-storage-gb', 'logs, kept for three months', ingested * 3);
  };

  const verbs = new Set<string>();
  for (const [name, runs] of schedulesIn(there)) {
    const found = functions.get(name);
    if (found === undefined) continue;
    const verb = verbOf(found);
    verbs.add(verb);
    invoke('schedules', found, runs);
    const reads = verb === 'sweep' ? usageOf('sweep-reads') : usageOf('other-reads');
    if (!readNothing.includes(verb)) add('dynamodb-reads', 'reads of schedules', runs * reads);
    if (verb === 'sweep') {
      add('cloudwatch-requests', 'reading of alarms', runs * (2 + plan.roles.observers.length));
      // Once an hour, of each topic.
      const topics = Object.entries(plan.contacts).flatMap(([role, contact]) => topicsTo(role, contact));
      add('metrics-read', 'counts of messages that do not arrive', (runs / 60) * topics.length);
    }
    if (verb === 'send-heartbeat') {
      add('cloudwatch-requests', 'writing of measures', runs * 2);
      add('custom-events', 'heartbeats, here and to the peer', runs * 2);
      add('metrics', 'metrics: heartbeats, own and peer', 2);
    }
    if (verb === 'probe-dependencies') {
      add('cloudwatch-requests', 'writing of measures', runs);
      add('custom-events', 'runs of probes', runs);
      add('metrics', 'metrics: probes', plan.dependencies.hard.length);
    }
    if (verb === 'run-canary') {
      add('cloudwatch-requests', 'writing of measures', runs);
      add('custom-events', 'runs of canaries, here and to the peer', runs * 2);
      add('metrics', 'metrics: canaries of the regions themselves', 1);
    }
    if (verb === 'check-readiness') {
      add('cloudwatch-requests', 'writing of measures', runs * usageOf('readiness-requests'));
      add('metrics', 'metrics: readiness', 1);
      add('dynamodb-writes', 'writes of readiness', runs * usageOf('readiness-writes') * usageOf('write-copies'));
    }
  }

  // Each region hears its own heartbeat and the peer's, its own probe, and every canary: one signal each, which classify keeps and does not judge.
  const canaries = verbs.has('run-canary') ? 2 + plan.roles.observers.length : 0;
  const eachMinute = (verbs.has('send-heartbeat') ? 2 : 0) + (verbs.has('probe-dependencies') ? 1 : 0) + canaries;
  const heard = eachMinute * minutesOfMonth;
  for (const [, { Properties }] of there('AWS::Lambda::EventSourceMapping')) {
    if (!JSON.stringify(Properties['EventSourceArn'] ?? '').match(/Queue|sqs/i)) continue;
    const polls = (usageOf('pollers') * minutesOfMonth * 60) / usageOf('poll-seconds');
    add('sqs-requests', 'waiting on queues', polls);
    add('sqs-requests', 'heartbeats, and runs of probes and canaries, in the queue', heard * 3);
    const reader = functions.get(referredIn(Properties['FunctionName']));
    if (reader === undefined) continue;
    invoke('classify', reader, heard);
    add('dynamodb-writes', 'writes of classify', heard * usageOf('write-copies'));
  }
  if (there('AWS::KMS::Key').length > 0) add('kms-requests', 'requests to keys', usageOf('kms-requests'));
}

/** What exists once for both regions. */
function once(template: Template, add: Add): void {
  const tables = ofType(template, 'AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table');
  for (const [, { Properties }] of tables) {
    const copies = Math.max(1, listOf(Properties['Replicas']).length);
    add('dynamodb-storage-gb', 'state, kept', usageOf('stored-gb') * copies);
    add('dynamodb-recovery-gb', 'state, recoverable to any second', usageOf('stored-gb') * copies);
  }
  for (const [, { Properties }] of ofType(template, 'AWS::Route53::HealthCheck')) {
    const config = isRecord(Properties['HealthCheckConfig']) ? Properties['HealthCheckConfig'] : {};
    const type = String(config['Type']);
    const interval = Number(config['RequestInterval'] ?? 30);
    add('health-checks', 'health checks of the latches', 1);
    const extras = [/^HTTPS/.test(type), /STR_MATCH/.test(type), interval < 30, config['MeasureLatency'] === true];
    add('health-check-features', 'what health checks do besides', extras.filter(Boolean).length);
    if (/^HTTP/.test(type))
      add(
        's3-gets',
        'health checks that ask for the latch',
        (usageOf('health-checkers') * minutesOfMonth * 60) / interval,
      );
  }
}

/** An observer's tells which share of its visits passed, and how long they took. */
const metricsOfCanary = 2;

/** What is paid beside both regions, as the plan wants it: canaries where users are looked at from, endpoints in the user's own networks, and daily builds for clusters. */
export function apartOf(template: Template, plan: Plan): Bill {
  return billOf((add) => {
    const runs = minutesOfMonth * plan.roles.observers.length;
    add('lambda-requests', 'runs of canaries, one each minute in each observer region', runs);
    add('lambda-gb-seconds', 'time of canaries', runs * usageOf('lambda-seconds') * 0.5);
    add('cloudwatch-requests', 'writing of canaries’ measures', runs);
    add('metrics', 'metrics: canaries', plan.roles.observers.length * metricsOfCanary);
    add('alarms', 'alarms on canaries', plan.roles.observers.length);
    for (const [, { Properties }] of ofType(template, 'AWS::EC2::VPCEndpoint')) {
      if (Properties['VpcEndpointType'] !== 'Interface') continue; // those for S3 and DynamoDB are free
      const zones = Math.max(1, listOf(Properties['SubnetIds']).length);
      add('vpc-endpoint-hours', 'hours of VPC endpoints, in each zone', zones * 730 * 2);
    }
    for (const [, { Properties }] of ofType(template, 'AWS::Events::Rule')) {
      const { ScheduleExpression: schedule, Targets } = Properties;
      if (typeof schedule !== 'string' || !JSON.stringify(Targets).includes(':project/')) continue;
      const minutes = runsOfMonth(schedule) * usageOf('build-minutes');
      add('build-minutes', 'daily builds: the backup of what runs in a cluster, and its dry run', minutes * 2);
    }
  });
}

/** Which function each schedule starts, and how often in a month. */
function schedulesIn(there: There): [string, number][] {
  const rules = there('AWS::Events::Rule').flatMap(([, { Properties }]): [string, number][] => {
    const expression = Properties['ScheduleExpression'];
    if (typeof expression !== 'string' || Properties['State'] === 'DISABLED') return [];
    return listOf(Properties['Targets']).map((target) => [
      referredIn(isRecord(target) ? target['Arn'] : null),
      runsOfMonth(expression),
    ]);
  });
  const schedules = there('AWS::Scheduler::Schedule').flatMap(([, { Properties }]): [string, number][] => {
    const { ScheduleExpression, Target } = Properties;
    if (typeof ScheduleExpression !== 'string') return [];
    return [[referredIn(isRecord(Target) ? Target['Arn'] : null), runsOfMonth(ScheduleExpression)]];
  });
  return [...rules, ...schedules];
}

/** The logical name that a reference points to; empty where it is none. */
function referredIn(value: unknown): string {
  if (!isRecord(value)) return '';
  const attribute = value['Fn::GetAtt'];
  return String((Array.isArray(attribute) ? attribute[0] : undefined) ?? value['Ref'] ?? '');
}

/** What a function's file is called: the end of the name after the prefix of the stage. */
function verbOf({ Properties }: Resource): string {
  const name = String(Properties['FunctionName'] ?? '');
  return /^[a-z0-9]+-[a-z0-9]+-(.+)$/.exec(name)?.[1] ?? name;
}
