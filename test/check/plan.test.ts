// Tests of the plan's schema: the shipped plan is valid, and each mistake is told in one line.
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlan } from '../../check/plan.ts';
import { kindNames } from '../../functions/domain/plan/assets.ts';
import { InvalidPlan } from '../../functions/domain/plan/plan.ts';
import { plan, planText } from '../plan.ts';
import { shippedText } from '../shipped.ts';
import { dataKey, rawWithData } from '../with-data.ts';

const stranger = 'expected no such key: the shipped plan.yml shows those there are';
const among = (keys: string) => `expected no such key: those there are: ${keys}`;

type Table = { [key: string]: unknown };

function sample(): Table {
  return parse(planText) as Table;
}

/** The tests' plan with one value at a path changed; undefined removes it. */
function changed(path: string, value: unknown): Table {
  const plan = sample();
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const at = keys.reduce<Table>((table, key) => table[key] as Table, plan);
  if (value === undefined) delete at[last];
  else at[last] = value;
  return plan;
}

function linesOf(raw: unknown): readonly string[] {
  try {
    parsePlan(raw);
  } catch (error) {
    if (error instanceof InvalidPlan) return error.lines;
    throw error;
  }
  return [];
}

test('the shipped plan is valid', () => {
  expect(linesOf(parse(shippedText))).toEqual([]);
});

test('a valid plan keeps its values', () => {
  const plan = parsePlan(sample());
  expect(plan.application).toBe('chatops');
  expect(plan.objectives).toEqual({ rtoSeconds: 14400, rpoSeconds: 3600, mttrSeconds: 7200 });
});

const scheduled = {
  ...{ name: 'database failover', scenario: 'database-failover', every: 'quarter', withinSeconds: 300, kind: 'fault' },
  target: { fault: 'database-failover', asset: 'database' },
  window: { days: ['tue'], from: '10:00', to: '15:00', timeZone: 'America/New_York' },
};

test.for<[string, object, string]>([
  [
    'an unknown kind',
    { kind: 'chaos' },
    'drills.0.kind: is "chaos", expected one of tabletop, approvers, restore, fault, region',
  ],
  [
    'a name that stops all drills',
    { name: 'stop' },
    'drills.0.name: is "stop", expected another name: drill --aws stop and allow pull and release the lever',
  ],
  [
    'a name that no mail and no metric can have',
    { name: 'Datenbankprüfung' },
    'drills.0.name: is "Datenbankprüfung", expected at most 60 letters, digits and signs of ASCII, with none of white space at its ends',
  ],
  [
    'days that are blocked for decades',
    { blocked: ['2026-01-01/2099-12-31'] },
    'drills.0.blocked: is ["2026-01-01/2099-12-31"], expected an open day at least in every second quarter: none is open in the two from 2026-01-01',
  ],
  [
    'a kind without a window',
    { window: undefined },
    'drills.0.window: is missing, expected when it may run: { days, from, to, timeZone }',
  ],
  [
    'a fault without a target',
    { target: undefined },
    'drills.0.target: is missing, expected what is broken: { fault, … }',
  ],
  [
    'a target of a region',
    { kind: 'region' },
    'drills.0.target: is {"fault":"database-failover","asset":"database"}, expected none with kind region',
  ],
  [
    'an unknown fault',
    { target: { fault: 'fire' } },
    'drills.0.target.fault: is "fire", expected one of database-failover, pod, node, zone',
  ],
  [
    'an asset that there is not',
    { target: { fault: 'database-failover', asset: 'databse' } },
    'drills.0.target.asset: is "databse", expected one of database: did you mean database?',
  ],
  [
    'a restore of what is not rehearsed',
    { kind: 'restore', target: undefined, asset: 'database' },
    'drills.0.asset: is "database", expected a database with restore.rehearsal, of which the plan has none',
  ],
  [
    'a schedule that there is not',
    { every: 'fortnight' },
    'drills.0.every: is "fortnight", expected one of week, month, quarter, year',
  ],
  [
    'a drill that outlasts its window',
    { withinSeconds: 18001 },
    'drills.0.withinSeconds: is 18001, expected at most 18000, as long as its window is open',
  ],
  [
    'a window that closes before it opens',
    { window: { ...scheduled.window, to: '09:00' } },
    'drills.0.window.to: is "09:00", expected a later time of the same day than `from`',
  ],
  [
    'a day that there is not',
    { window: { ...scheduled.window, days: ['tuesday'] } },
    'drills.0.window.days.0: is "tuesday", expected one of mon, tue, wed, thu, fri, sat, sun',
  ],
  [
    'no day at all',
    { window: { ...scheduled.window, days: [] } },
    'drills.0.window.days: is [], expected a list with at least 1 entry',
  ],
  [
    'a time zone that there is not',
    { window: { ...scheduled.window, timeZone: 'Mars' } },
    'drills.0.window.timeZone: is "Mars", expected a time zone such as Europe/Berlin',
  ],
  [
    'blocked days that there are not',
    { blocked: ['02-30'] },
    'drills.0.blocked.0: is "02-30", expected 12-24, 12-18/01-06, or with the year: 2026-11-27/2026-11-30',
  ],
  ['days away of what moves nobody', { staysDays: 3 }, 'drills.0.staysDays: is 3, expected none with kind fault'],
  [
    'days away that are too many',
    { kind: 'region', target: undefined, every: 'month', staysDays: 15 },
    'drills.0.staysDays: is 15, expected at most 14: it has to be home before it is due again, every month',
  ],
  [
    'a zone that there is not',
    { target: { fault: 'zone', zone: 'euw1-az1', seconds: 300 } },
    'drills.0.target.zone: is "euw1-az1", expected one of use1-az1, use1-az2, use1-az4, usw2-az1, usw2-az2, usw2-az3',
  ],
  [
    'a zone that is cut off for longer than the drill may take',
    { target: { fault: 'zone', zone: 'use1-az1', seconds: 301 } },
    'drills.0.target.seconds: is 301, expected at most withinSeconds, 300',
  ],
  [
    'a node of what is no cluster',
    { target: { fault: 'node', asset: 'database' } },
    'drills.0.target.asset: is "database", expected one of cluster',
  ],
  [
    'a window that never opens',
    { blocked: ['01-01/12-31'] },
    'drills.0.blocked: is ["01-01/12-31"], expected an open day at least in every second quarter: none is open in the two from 2029-01-01',
  ],
])('%s of a drill is said in one line', ([, change, line]) => {
  expect(linesOf(changed('drills', [{ ...scheduled, ...change }]))).toEqual([line]);
});

test('two drills with one name are told apart by nothing', () => {
  expect(linesOf(changed('drills', [scheduled, scheduled]))).toEqual([
    'drills.1.name: is "database failover", expected a name that no other drill has',
  ]);
});

test('an invalid plan says its first mistake as the message of the error', () => {
  expect(() => parsePlan(changed('roles.primary', 7))).toThrow('roles.primary: is 7, expected text');
});

test.for([
  ['an unknown key at the top', 'owner', 'me', `owner: is "me", ${stranger}`],
  [
    'an unknown key in a table',
    'roles.primry',
    'us-east-1',
    `roles.primry: is "us-east-1", ${among('primary, standby, witness, observers')}`,
  ],
  [
    'an unknown key four tables down',
    'explanations.release.befor',
    1,
    `explanations.release.befor: is 1, ${among('components, measures, afterSeconds, longestSeconds')}`,
  ],
  [
    'an unknown key in a list',
    'drills.0.when',
    'now',
    `drills.0.when: is "now", ${among('name, scenario, every, withinSeconds, kind, window, blocked, target, asset, staysDays')}`,
  ],
  [
    'a malformed zone name',
    'regions.us-east-1.zones.use1-az1',
    'us-east-1',
    'regions.us-east-1.zones.use1-az1: is "us-east-1", expected a zone such as us-east-1a',
  ],
  ['a missing value', 'application', undefined, 'application: is missing, expected text'],
  ['a missing table', 'evidence.zone', undefined, 'evidence.zone: is missing, expected a table of keys'],
  ['a missing list', 'drills', undefined, 'drills: is missing, expected a list'],
  [
    'null where a value belongs',
    'assets.2.regions.us-east-1.cluster',
    null,
    'assets.2.regions.us-east-1.cluster: is null, expected text',
  ],
  ['text for a number', 'objectives.rtoSeconds', '4h', 'objectives.rtoSeconds: is "4h", expected a number'],
  ['a number for text', 'assets.0.instanceClass', 5, 'assets.0.instanceClass: is 5, expected text'],
  ['text for a truth value', 'assets.0.multiAz', 'yes', 'assets.0.multiAz: is "yes", expected true or false'],
  ['text for a list', 'dependencies.hard', 'ec2', 'dependencies.hard: is "ec2", expected a list'],
  ['a list for a table', 'contacts', ['me'], 'contacts: is ["me"], expected a table of keys'],
  [
    'a fraction for whole seconds',
    'objectives.rpoSeconds',
    1.5,
    'objectives.rpoSeconds: is 1.5, expected a whole number',
  ],
  [
    'a duration that is not a number',
    'objectives.rpoSeconds',
    Number.NaN,
    'objectives.rpoSeconds: is NaN, expected a number',
  ],
  ['a negative duration', 'evidence.recoverySeconds', -1, 'evidence.recoverySeconds: is -1, expected more than 0'],
  ['no time at all', 'evidence.region.confirmSeconds', 0, 'evidence.region.confirmSeconds: is 0, expected more than 0'],
  [
    'a negative count that may be zero',
    'evidence.zone.strayComponentsElsewhere',
    -1,
    'evidence.zone.strayComponentsElsewhere: is -1, expected at least 0',
  ],
  [
    'one observer for a region disaster',
    'evidence.region.observers',
    1,
    'evidence.region.observers: is 1, expected at least 2: one observer is never a region disaster',
  ],
  [
    'one zone for a region disaster',
    'evidence.region.zones',
    1,
    'evidence.region.zones: is 1, expected at least 2: one zone is not a region',
  ],
  ['empty text', 'contacts.on-call.duty', '', 'contacts.on-call.duty: is "", expected text that is not empty'],
  [
    'a class of another engine',
    'assets.0.instanceClass',
    'db.serverless',
    'assets.0.instanceClass: is "db.serverless", expected a class that RDS offers for this engine, such as db.r6g.xlarge',
  ],
  ['an empty list', 'approval.roles', [], 'approval.roles: is [], expected a list with at least 1 entry'],
  [
    'an application name with capitals',
    'application',
    'ChatOps',
    'application: is "ChatOps", expected lower-case letters, digits and hyphens, a letter first, 31 at most',
  ],
  [
    'a zone name for a zone id',
    'regions.us-east-1.zones.us-east-1a',
    'us-east-1a',
    'regions.us-east-1.zones.us-east-1a: is "us-east-1a", expected a zone id such as use1-az1',
  ],
  [
    'a role that is no region',
    'roles.witness',
    'ohio',
    'roles.witness: is "ohio", expected a region such as us-east-1',
  ],
  [
    'a place that is no region',
    'regions.ohio',
    { zones: {} },
    'regions.ohio: is "ohio", expected a region such as us-east-1',
  ],
  [
    'a URL that is none',
    'service.healthUrl',
    'chatops/health',
    'service.healthUrl: is "chatops/health", expected a URL',
  ],
  [
    'a mode that is none',
    'levels.level2.mode',
    'maybe',
    'levels.level2.mode: is "maybe", expected one of act, observe',
  ],
  [
    'a rule of a kind that is none',
    'signals.alarms.0.kind',
    'magic',
    'signals.alarms.0.kind: is "magic", expected one of component, canary, probe, heartbeat, replica',
  ],
  [
    'a pattern that is no regular expression',
    'signals.alarms.0.match',
    '^chatops-(canary$',
    'signals.alarms.0.match: is "^chatops-(canary$", expected a regular expression',
  ],
  [
    'a pattern without an end',
    'signals.alarms.0.match',
    '^chatops-',
    'signals.alarms.0.match: is "^chatops-", expected a regular expression from ^ to $',
  ],
  [
    'a pattern without a beginning',
    'signals.canaries.0.match',
    'chatops$',
    'signals.canaries.0.match: is "chatops$", expected a regular expression from ^ to $',
  ],
  [
    'remediation that is neither a table nor null',
    'remediation.afterRelease',
    'rollback',
    'remediation.afterRelease: is "rollback", expected a table of keys',
  ],
  [
    'a primary without zones',
    'roles.primary',
    'eu-north-1',
    'roles.primary: is "eu-north-1", expected one of us-east-1, us-west-2',
  ],
  [
    'a standby without zones',
    'roles.standby',
    'eu-north-1',
    'roles.standby: is "eu-north-1", expected one of us-east-1, us-west-2',
  ],
  [
    'a standby that is the primary',
    'roles.standby',
    'us-east-1',
    'roles.standby: is "us-east-1", expected another region than the primary',
  ],
  [
    'a witness that is the standby',
    'roles.witness',
    'us-west-2',
    'roles.witness: is "us-west-2", expected a region that is neither primary nor standby',
  ],
  [
    'an observer that is the primary',
    'roles.observers.1',
    'us-east-1',
    'roles.observers.1: is "us-east-1", expected a region that is neither primary nor standby',
  ],
  [
    'one observer twice',
    'roles.observers.1',
    'eu-west-1',
    'roles.observers: is ["eu-west-1","eu-west-1"], expected each region once',
  ],
  [
    'more observers needed than there are',
    'evidence.region.observers',
    4,
    'evidence.region.observers: is 4, expected at most 3, the outside observers there are',
  ],
  [
    'more control planes needed than are asked',
    'evidence.region.hardDependencies',
    8,
    'evidence.region.hardDependencies: is 8, expected at most 7, the services in dependencies.hard',
  ],
  [
    'more infrastructure needed than there is',
    'evidence.region.sharedInfrastructure',
    5,
    'evidence.region.sharedInfrastructure: is 5, expected at most 4, the infrastructureComponents there are',
  ],
  [
    'a primary of one zone',
    'regions.us-east-1.zones',
    { 'use1-az1': 'us-east-1a' },
    'regions.us-east-1.zones: is ["use1-az1"], expected at least two zones',
  ],
  [
    'an asset of a kind that nobody knows',
    'assets.1.kind',
    'memcached',
    `assets.1.kind: is "memcached", expected one of ${kindNames.join(', ')}`,
  ],
  [
    'two assets of one name',
    'assets.2.name',
    'database',
    'assets.2.name: is "database", expected a name of its own: assets.0 has it already',
  ],
  [
    'an asset that needs what is not there',
    'assets.4.needs.1',
    'queue',
    'assets.4.needs.1: is "queue", expected one of database, cache, cluster, ingress, search',
  ],
  [
    'a service that needs what is not there',
    'service.needs',
    ['database', 'queue'],
    'service.needs.1: is "queue", expected one of database, cache, cluster, ingress, settings, search',
  ],
  [
    'visits that may take longer than the function that makes them',
    'service.healthTimeoutSeconds',
    9,
    'service.healthTimeoutSeconds: is 9, expected at most 15 s with all 3 of healthPassesNeeded: each visit may take as long',
  ],
  ['a service that needs no asset', 'service.needs', [], 'service.needs: is [], expected a list with at least 1 entry'],
  [
    'a service that goes without its database',
    'service.needs',
    ['cluster', 'search'],
    'service.needs: is ["cluster","search"], expected also database: users are sent to no region whose database is not proven',
  ],
  [
    'assets that need each other in a circle',
    'assets.0.needs',
    ['settings'],
    'assets: is ["database","cache","cluster","ingress","settings","search"], expected needs that go in no circle: database, settings',
  ],
  [
    'an asset that is nowhere in the standby',
    'assets.2.regions.us-west-2',
    undefined,
    'assets.2.regions.us-west-2: is missing, expected what stands there',
  ],
  [
    'a parameter with the address of what has none',
    'assets.4.parameters.0.endpointOf',
    'cluster',
    'assets.4.parameters.0.endpointOf: is "cluster", expected one of database, cache',
  ],
  [
    'an unknown role to notify',
    'notifications.level2.1',
    'boss',
    'notifications.level2.1: is "boss", expected a role of contacts: one of dr-coordinator, infra-lead, dba, app-lead, on-call',
  ],
  [
    'a role named like a property of every object',
    'notifications.failure.0',
    'constructor',
    'notifications.failure.0: is "constructor", expected a role of contacts: one of dr-coordinator, infra-lead, dba, app-lead, on-call',
  ],
  [
    'an unknown role to approve',
    'approval.roles.0',
    'boss',
    'approval.roles.0: is "boss", expected a role of contacts: one of dr-coordinator, infra-lead, dba, app-lead, on-call',
  ],
  [
    'more approvals than there are persons for a manual start',
    'approval.required',
    3,
    'approval.required: is 3, expected at most 2: of the 3 persons in approval.roles, a manual start needs one more',
  ],
  [
    'an unknown role to escalate to',
    'approval.escalation',
    ['boss'],
    'approval.escalation.0: is "boss", expected a role of contacts: one of dr-coordinator, infra-lead, dba, app-lead, on-call',
  ],
  [
    'more roles to escalate to than there are reminders',
    'approval.escalation',
    ['on-call', 'app-lead', 'on-call', 'app-lead'],
    'approval.escalation: is ["on-call","app-lead","on-call","app-lead"], expected at most 3 roles: so many reminders come before a request expires',
  ],
  [
    'an approval that is stale before people can have answered',
    'approval.freshSeconds',
    300,
    'approval.freshSeconds: is 300, expected more than 300, which people need to answer, and less than the RTO, 14400',
  ],
  [
    'an approval that is fresh for as long as everything may take',
    'approval.freshSeconds',
    14400,
    'approval.freshSeconds: is 14400, expected more than 300, which people need to answer, and less than the RTO, 14400',
  ],
  [
    'a fence watch that is longer than anybody waits for a region',
    'fenceWatch',
    { days: 6 },
    'fenceWatch.days: is 6, expected at most 5',
  ],
  ['a fence watch of no day', 'fenceWatch', { days: 0 }, 'fenceWatch.days: is 0, expected at least 1'],
  ['half a day of a fence watch', 'fenceWatch', { days: 1.5 }, 'fenceWatch.days: is 1.5, expected a whole number'],
  ['a fence watch in words', 'fenceWatch', { days: 'five' }, 'fenceWatch.days: is "five", expected a number'],
  ['a fence watch in hours', 'fenceWatch', { hours: 12 }, `fenceWatch.hours: is 12, ${among('days')}`],
  [
    'a runbook that is no https address',
    'notifications.runbookUrl',
    'docs/runbook.md',
    'notifications.runbookUrl: is "docs/runbook.md", expected an https address of docs/runbook.md, as people open it',
  ],
  [
    'a runbook with a section',
    'notifications.runbookUrl',
    'https://git.example.com/runbook.md#pause',
    'notifications.runbookUrl: is "https://git.example.com/runbook.md#pause", expected an address that ends with the file: each message adds its section',
  ],
  [
    'a Slack channel without a webhook',
    'contacts.app-lead.channel',
    'slack',
    "contacts.app-lead.webhook: is missing, expected the name of a parameter with the webhook's address, as the channel is slack",
  ],
  [
    'PagerDuty without a key',
    'contacts.app-lead.channel',
    'pagerduty',
    'contacts.app-lead.webhook: is missing, expected the name of a parameter with the routing key, as the channel is pagerduty',
  ],
  [
    'the same channel next',
    'contacts.app-lead.next',
    ['sms', 'email'],
    'contacts.app-lead.next.1: is "email", expected another channel than those before: the same one would fail again',
  ],
  [
    'a next channel that needs a secret',
    'contacts.app-lead.next',
    ['slack'],
    'contacts.app-lead.next.0: is "slack", expected one of email, page, sms, amazon-q',
  ],
  [
    'many who read the link of an approver',
    'contacts.dba.next',
    ['amazon-q'],
    'contacts.dba.next: is "amazon-q", expected no channel that many read, as dba approves: its link is for one person',
  ],
  [
    'a webhook for e-mail',
    'contacts.app-lead.webhook',
    '/chatops/webhooks/dr',
    'contacts.app-lead.webhook: is "/chatops/webhooks/dr", expected no webhook, as the channel is email',
  ],
  [
    'a webhook among other secrets',
    'contacts.on-call',
    { handle: 'PagerDuty', duty: 'responds first', channel: 'slack', webhook: '/chatops/database/password' },
    'contacts.on-call.webhook: is "/chatops/database/password", expected a name that begins with /chatops/webhooks/: no other secret may be read',
  ],
  [
    'an approver whose channel many read',
    'contacts.dba',
    { handle: '@dba-team', duty: 'recovers the database', channel: 'teams', webhook: '/chatops/webhooks/dr' },
    'approval.roles.2: is "dba", expected a role whose channel is email or page: its link is for one person',
  ],
  [
    'an IAM name that is two persons',
    'contacts.dba.iam',
    ['role/chatops-dba', 'role/chatops-infra-lead'],
    'contacts.dba.iam.1: is "role/chatops-infra-lead", expected a name that is not also in contacts.infra-lead.iam',
  ],
  [
    'an IAM name that may be a role or a user',
    'contacts.dba.iam',
    ['chatops-dba'],
    'contacts.dba.iam.0: is "chatops-dba", expected role/chatops-dba or user/chatops-dba: which of the two answers',
  ],
  [
    'a role with a path, which no session tells',
    'contacts.dba.iam',
    ['role/teams/chatops-dba'],
    'contacts.dba.iam.0: is "role/teams/chatops-dba", expected role/NAME without a path, or user/PATH/NAME with the path of the user',
  ],
  [
    'a sender that may be a role or a user',
    'signals.senders',
    ['chatops-deploy'],
    'signals.senders.0: is "chatops-deploy", expected role/NAME or user/NAME, with the path where it has one: role/deploy/NAME',
  ],
  [
    'every role of the account as a sender',
    'signals.senders',
    ['role/*'],
    'signals.senders.0: is "role/*", expected role/NAME or user/NAME, with the path where it has one: role/deploy/NAME',
  ],
  [
    'a shift extended when it has expired',
    'zonalShift.extendBeforeSeconds',
    3600,
    'zonalShift.extendBeforeSeconds: is 3600, expected less than expirySeconds, 3600',
  ],
  [
    'a shift longer than any may last',
    'zonalShift.maximumSeconds',
    3599,
    'zonalShift.maximumSeconds: is 3599, expected at least expirySeconds, 3600',
  ],
  [
    'a zone beside multiAz',
    'assets.0.regions.us-east-1.restore.multiAz',
    true,
    'assets.0.regions.us-east-1.restore.zone: is "use1-az1", expected null with multiAz: RDS chooses both zones',
  ],
  [
    'a restore without a zone',
    'assets.0.regions.us-east-1.restore.zone',
    null,
    'assets.0.regions.us-east-1.restore.zone: is null, expected a zone: without multiAz RDS would choose any, the one that failed too',
  ],
  [
    'a restore in a zone of another region',
    'assets.0.regions.us-east-1.restore.zone',
    'usw2-az1',
    'assets.0.regions.us-east-1.restore.zone: is "usw2-az1", expected one of use1-az1, use1-az2, use1-az4, the zones of us-east-1',
  ],
  [
    'a restore over an instance that exists',
    'assets.0.regions.us-east-1.restore.instance',
    'chatops-dr-replica',
    'assets.0.regions.us-east-1.restore.instance: is "chatops-dr-replica", expected a name that no instance of the plan has, nor may have: chatops-dr-replica is one',
  ],
  [
    'gp3 without IOPS',
    'assets.0.regions.us-east-1.restore.iops',
    null,
    'assets.0.regions.us-east-1.restore.iops: is null, expected 3000 to 64000 with gp3',
  ],
  [
    'gp3 with too many IOPS',
    'assets.0.regions.us-east-1.restore.iops',
    70_000,
    'assets.0.regions.us-east-1.restore.iops: is 70000, expected 3000 to 64000 with gp3',
  ],
  [
    'gp3 without a throughput',
    'assets.0.regions.us-east-1.restore.storageThroughput',
    null,
    'assets.0.regions.us-east-1.restore.storageThroughput: is null, expected 125 to 4000 MiB per second with gp3',
  ],
  [
    'io2 with a throughput',
    'assets.0.regions.us-east-1.restore.storageType',
    'io2',
    'assets.0.regions.us-east-1.restore.storageThroughput: is 500, expected null with io2',
  ],
  [
    'a restore that admits nobody',
    'assets.0.regions.us-east-1.restore.securityGroups',
    ['sg-0a1closed'],
    'assets.0.regions.us-east-1.restore.securityGroups: is ["sg-0a1closed"], expected groups that admit the applications: sg-0a1closed admits nobody',
  ],
  [
    'a log of another engine',
    'assets.0.regions.us-east-1.restore.logExports',
    ['slowquery'],
    'assets.0.regions.us-east-1.restore.logExports.0: is "slowquery", expected one of postgresql, upgrade, iam-db-auth-error',
  ],
  [
    'a short window',
    'assets.0.regions.us-east-1.restore.backupWindow',
    '08:00-08:20',
    'assets.0.regions.us-east-1.restore.backupWindow: is "08:00-08:20", expected a window of 30 minutes or more',
  ],
  [
    'a restore that leaves a default to RDS',
    'assets.0.regions.us-east-1.restore.deletionProtection',
    undefined,
    'assets.0.regions.us-east-1.restore.deletionProtection: is missing, expected true or false',
  ],
  [
    'a restore without backups for it',
    'assets.0.regions.us-west-2.restore',
    undefined,
    'assets.0.regions.us-west-2.restore: is missing, expected what a restore there needs, as its backups are kept for one',
  ],
  [
    'backups that are none',
    'assets.0.backups',
    { replicated: null, snapshots: null },
    'assets.0.backups: is {"replicated":null,"snapshots":null}, expected one of both, or no backups at all',
  ],
  [
    'a key of another region',
    'assets.0.backups.replicated.keys.us-west-2',
    'arn:aws:kms:us-east-1:111122223333:key/1',
    'assets.0.backups.replicated.keys.us-west-2: is "arn:aws:kms:us-east-1:111122223333:key/1", expected a key of us-west-2: keys are not used from another region',
  ],
  [
    'a region without a key',
    'assets.0.backups.snapshots.keys',
    { 'us-east-1': 'alias/chatops-backups' },
    'assets.0.backups.snapshots.keys.us-west-2: is missing, expected a key of that region, or no keys at all',
  ],
  [
    'a key of the database of another region',
    'assets.0.regions.us-west-2.kmsKey',
    'arn:aws:kms:us-east-1:111122223333:key/1',
    'assets.0.regions.us-west-2.kmsKey: is "arn:aws:kms:us-east-1:111122223333:key/1", expected a key of us-west-2: keys are not used from another region',
  ],
  [
    'an encrypted database whose own key nobody says',
    'assets.0.regions.us-east-1.kmsKey',
    undefined,
    'assets.0.regions.us-east-1.kmsKey: is missing, expected the key of the database there, or alias/aws/rds: its backups are encrypted',
  ],
  [
    'an encrypted database whose copies have no key',
    'assets.0.backups.snapshots.keys',
    undefined,
    'assets.0.backups.snapshots.keys: is missing, expected a key of each region: the database is encrypted',
  ],
  [
    'an RPO that no backup is kept for',
    'objectives.rpoSeconds',
    1_000_000,
    'assets.0.backups.replicated.retentionDays: is 7, expected at least 12: the RPO is 1000000 s',
  ],
] as const)('%s is told in one line', ([, path, value, line]) => {
  expect(linesOf(changed(path, value))).toEqual([line]);
});

test.for([
  [
    'a database by a pattern',
    'assets.0.regions.us-east-1.instance',
    'chatops-*',
    'a DB instance identifier in lower case',
  ],
  [
    'a database by its ARN',
    'assets.0.regions.us-west-2.instance',
    'arn:aws:rds',
    'a DB instance identifier in lower case',
  ],
  [
    'a cache by a pattern',
    'assets.1.regions.us-west-2.replicationGroup',
    'redis?',
    'a replication group id in lower case',
  ],
  ['a datastore without its prefix', 'assets.1.globalDatastore', 'chatops', 'a global datastore id such as ldgnf-name'],
  ['a cluster by a pattern', 'assets.2.regions.us-east-1.cluster', '*', 'a cluster name: letters, digits, - and _'],
  [
    'a balancer without its id',
    'assets.3.regions.us-east-1.0',
    'app/chatops',
    'app/<name>/<id> or net/<name>/<id>, the end of the ARN',
  ],
  [
    'a balancer that no zonal shift knows',
    'assets.3.regions.us-east-1.0',
    'gwy/chatops/50dc',
    'app/<name>/<id> or net/<name>/<id>, the end of the ARN',
  ],
  [
    'a latch in what is no bucket',
    'redirection.latchBuckets.us-east-1.us-west-2',
    'chatops/latch',
    'a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens',
  ],
  [
    'a parameter without a leading slash',
    'assets.4.parameters.0.name',
    'chatops/database/host',
    'a parameter name with a leading slash: letters, digits, _, ., - and /',
  ],
  [
    'a parameter by a pattern',
    'assets.4.parameters.0.name',
    '/chatops/*',
    'a parameter name with a leading slash: letters, digits, _, ., - and /',
  ],
  [
    'a parameter among the secrets',
    'assets.4.parameters.0.name',
    '/chatops/webhooks/dr',
    'a name that does not begin with /chatops/webhooks/',
  ],
  ['a zone by its path', 'redirection.hostedZone', '/hostedzone/Z1', 'a hosted zone id such as Z0123456789'],
  [
    'a record with a dot at its end',
    'redirection.record',
    'api.example.com.',
    'a domain name in lower case, without a dot at its end',
  ],
  [
    'a build project by a pattern',
    'remediation.afterRelease.buildProject',
    'chatops-*',
    'a build project name: letters, digits, - and _',
  ],
] as const)('%s would give a role another right, and is told in one line', ([, path, value, expected]) => {
  expect(linesOf(changed(path, value))).toEqual([`${path}: is ${JSON.stringify(value)}, expected ${expected}`]);
});

test.for([
  ['a shift extended a second before it expires', 'zonalShift.extendBeforeSeconds', 3599],
  ['a shift that may last as long as it is set for', 'zonalShift.maximumSeconds', 3600],
  ['as many observers needed as there are', 'evidence.region.observers', 3],
  ['as many control planes needed as are asked', 'evidence.region.hardDependencies', 7],
  ['as much infrastructure needed as there is', 'evidence.region.sharedInfrastructure', 4],
  ['one approval less than there are persons', 'approval.required', 2],
  ['nobody to escalate to', 'approval.escalation', []],
  ['no word of escalation', 'approval.escalation', undefined],
  ['no word of how long an approval is fresh', 'approval.freshSeconds', undefined],
  ['no word of the fence watch', 'fenceWatch', undefined],
  ['a fence watch of one day', 'fenceWatch', { days: 1 }],
  ['a fence watch of no number', 'fenceWatch', {}],
  ['as many roles to escalate to as there are reminders', 'approval.escalation', ['on-call', 'app-lead', 'on-call']],
  [
    'one IAM name in two roles of one person',
    'contacts.app-lead',
    { handle: 'DBA-team', duty: 'recovers the application', channel: 'email', iam: ['role/chatops-dba'] },
  ],
  ['no stray components allowed', 'evidence.zone.strayComponentsElsewhere', 0],
  ['no remediation', 'remediation.afterRelease', null],
  ['no drills', 'drills', []],
] as const)('%s is a valid plan', ([, path, value]) => {
  expect(linesOf(changed(path, value))).toEqual([]);
});

test.for([
  ['named twice', (plan: Table) => plan],
  ['in two roles', (plan: Table) => withHandle(plan, 'dba-team')],
  ['in two roles, spelled in another way', (plan: Table) => withHandle(plan, ' @DBA-Team ')],
] as const)('an approver %s counts once', ([how, change]) => {
  const roles = how === 'named twice' ? ['dba', 'dba', 'infra-lead'] : ['dba', 'app-lead', 'infra-lead'];
  expect(linesOf(change(changed('approval.roles', roles)))).toEqual([
    'approval.required: is 2, expected at most 1: of the 2 persons in approval.roles, a manual start needs one more',
  ]);
});

function withHandle(plan: Table, handle: string): Table {
  ((plan['contacts'] as Table)['app-lead'] as Table)['handle'] = handle;
  return plan;
}

test('each of several mistakes has a line of its own', () => {
  const plan = changed('application', 'X');
  expect(linesOf({ ...plan, one: 1, two: 2 })).toEqual([
    'application: is "X", expected lower-case letters, digits and hyphens, a letter first, 31 at most',
    'one: is 1, expected no such key: the shipped plan.yml shows those there are',
    'two: is 2, expected no such key: the shipped plan.yml shows those there are',
  ]);
});

test('a key that is a slip of one that is missing beside it is one line with that one', () => {
  const { zonalShift, ...rest } = changed('application', 'shop');
  expect(linesOf({ ...rest, zonalShft: 1 })).toEqual([
    'zonalShft: is 1, expected no such key: did you mean zonalShift?',
  ]);
  expect(linesOf({ ...rest, other: 1 })).toHaveLength(2);
});

test('a long value is cut, so that a mistake stays one line', () => {
  const [line] = linesOf(changed('approval', 'x'.repeat(500)));
  expect(line).toBe(`approval: is "${'x'.repeat(79)}…, expected a table of keys`);
});

test.for([
  ['nothing', undefined, 'missing'],
  ['an empty file', null, 'null'],
  ['text', 'plan', '"plan"'],
  ['a list', [], '[]'],
] as const)('%s is no plan', ([, raw, shown]) => {
  expect(linesOf(raw)).toEqual([`plan: is ${shown}, expected a table of keys`]);
});

const statement = 'DROP TABLE messages; --';
test.for<readonly [string, Table, string]>([
  [
    'a table that is no name',
    { tables: [{ name: statement, key: 'id' }] },
    `tables.0.name: is "${statement}", expected a table, or schema.table: letters, digits and _`,
  ],
  [
    'a key that is no name',
    { tables: [{ name: 'messages', key: 'a b' }] },
    'tables.0.key: is "a b", expected a column: letters, digits and _',
  ],
  [
    'a table that is warmed and not named',
    { warm: { tables: ['rooms'], withinSeconds: 60 } },
    'warm.tables: is "rooms", expected one of tables: messages',
  ],
  [
    'tables that are warmed for longer than the flow asks',
    { warm: { tables: ['messages'], withinSeconds: 3600 } },
    'warm.withinSeconds: is 3600, expected at most 1200',
  ],
  [
    'a statement that may run for longer than a call',
    { statementTimeoutSeconds: 30 },
    'statementTimeoutSeconds: is 30, expected at most 8',
  ],
  [
    'a key that is an alias',
    {
      secrets: { 'us-east-1': { reader: 'a', writer: 'b', key: 'alias/c' }, 'us-west-2': { reader: 'a', writer: 'b' } },
    },
    'secrets.us-east-1.key: is "alias/c", expected the ARN of a key: arn:aws:kms:<region>:<account>:key/<id>',
  ],
  [
    'one role for reading and writing',
    { secrets: { 'us-east-1': { reader: 'a', writer: 'a' }, 'us-west-2': { reader: 'a', writer: 'b', key: dataKey } } },
    'secrets.us-east-1.writer: is "a", expected another secret than the reader: two roles',
  ],
  [
    'no secrets of the region that takes over',
    { secrets: { 'us-east-1': { reader: 'a', writer: 'b' } } },
    'secrets.us-west-2: is missing, expected the secrets of the region where the database stands',
  ],
])('of a database that is asked with SQL, %s is one line', ([, change, line]) => {
  expect(linesOf(rawWithData(change))).toEqual([`assets.0.data.${line}`]);
});

test('a database that is asked with SQL needs a network in both regions', () => {
  const { 'us-west-2': _, ...vpc } = rawWithData()['vpc'] as Table;
  expect(linesOf({ ...rawWithData(), vpc })).toEqual([
    'vpc.us-west-2: is missing, expected the network from which assets.0 is asked with SQL',
  ]);
});

test('nobody could sign in to a database that has neither a secret nor IAM', () => {
  const [database = null, ...others] = plan.assets;
  if (database?.kind !== 'rds-instance') throw new Error('the first asset is no database');
  const place = database.regions['us-east-1'];
  const restore = { ...place?.restore, secret: null, iamAuthentication: false };
  const regions = { ...database.regions, 'us-east-1': { ...place, restore } };
  expect(linesOf({ ...plan, assets: [{ ...database, regions }, ...others] })).toEqual([
    'assets.0.regions.us-east-1.restore.secret: is null, expected a secret, or iamAuthentication: true: else nobody can sign in to what was restored',
  ]);
});

test('a rehearsal of a database that nobody asks is told: it would prove nothing; and an owner of no kind, or who is no contact', () => {
  const [database = null, ...others] = plan.assets;
  if (database?.kind !== 'rds-instance') throw new Error('the first asset is no database');
  const { restore, ...place } = database.regions['us-west-2'] ?? expect.fail('it stands there');
  const rehearsal = { everyDays: 7, securityGroups: ['sg-closed'] };
  const regions = { ...database.regions, 'us-west-2': { ...place, restore: { ...restore, rehearsal } } };
  expect(linesOf({ ...plan, assets: [{ ...database, regions }, ...others] })).toEqual([
    expect.stringContaining('assets.0.regions.us-west-2.restore.rehearsal: is {'),
  ]);
  const owners = { 'rds-instance': 'nobody', cluster: 'dba' };
  expect(linesOf({ ...plan, notifications: { ...plan.notifications, owners } })).toEqual([
    'notifications.owners.rds-instance: is "nobody", expected a role of contacts: one of dr-coordinator, infra-lead, dba, app-lead, on-call',
    expect.stringMatching(/^notifications\.owners: is "cluster", expected one of .*rds-instance.*, other$/),
  ]);
});

test('a delayed replica of another engine is told, and so is a pair of regions in which RDS replicates nothing', () => {
  const [database = null, ...others] = plan.assets;
  if (database?.kind !== 'rds-instance') throw new Error('the first asset is no database');
  const place = { ...database.regions['us-east-1'], delayedReplica: { instance: 'late', delaySeconds: 3600 } };
  const other = { ...database, engine: 'mysql', regions: { ...database.regions, 'us-east-1': place } };
  expect(linesOf({ ...plan, assets: [other, ...others] })).toContain(
    'assets.0.regions.us-east-1.delayedReplica: is "late", expected none: RDS delays replicas of PostgreSQL alone, and this is mysql',
  );
  const moved: unknown = JSON.parse(JSON.stringify(plan).replaceAll('us-east-1', 'us-west-1'));
  expect(linesOf(moved)).toContain(
    'assets.0.backups.replicated: is "us-west-2", expected null, or another pair of regions: RDS does not replicate automated backups from us-west-1 into us-west-2',
  );
});
