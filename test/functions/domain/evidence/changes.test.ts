// What counts as a change of the application, who made it, and which change is suspected.
import { describe, expect, test } from 'vitest';
import {
  type Change,
  changeByService,
  changeFact,
  changeIn,
  changeOfGroup,
  changeWords,
  mayCause,
  nearest,
  newlyKnown,
} from '../../../../functions/domain/evidence/changes.ts';
import { diagnose } from '../../../../functions/domain/evidence/diagnose.ts';
import type { Signal } from '../../../../functions/domain/types.ts';
import { shipped as plan } from '../../../shipped.ts';
import { called } from '../../changes.ts';
import { componentSignal, start } from '../../setting.ts';

const reading = { region: 'us-east-1', prefix: 'breakwater-test', plan };
const minutes = (count: number) => start - count * 60_000;
const at = minutes(3);
const seen = (said: Parameters<typeof called>[0]) => changeIn(called(said).CloudTrailEvent, reading);

test('a call is told by who made it, what it is and which asset it is on', () => {
  expect(seen({ at })).toEqual({
    ...{ at, by: 'people', who: 'anna (role database-admin)', what: 'ModifyDBInstance', asset: 'database' },
  });
  expect(changeFact(seen({ at }) as Change)).toBe(
    '2026-11-23T02:57:00.000Z ModifyDBInstance on database, by anna (role database-admin)',
  );
});

test.for([
  ['a node group', { service: 'eks', on: { name: 'chatops-prod', nodegroupName: 'x' } }, 'cluster'],
  [
    'an Auto Scaling group of EKS',
    { service: 'autoscaling', on: { autoScalingGroupName: 'eks-chatops-prod-general-9cc0' } },
    'cluster',
  ],
  [
    'a thing by its ARN',
    { more: { resources: [{ ARN: 'arn:aws:rds:us-east-1:1:db:chatops-prod' }] }, on: {} },
    'database',
  ],
  ['a cache', { service: 'elasticache', on: { replicationGroupId: 'chatops-redis' } }, 'cache'],
  [
    'a tag far inside a request',
    { service: 'ec2', on: { a: { items: [{ tags: [{ value: 'chatops-prod' }] }] } } },
    expect.any(String),
  ],
] as const)('%s of the plan is its asset', ([, said, asset]) => {
  expect(seen({ at, ...said })).toMatchObject({ asset });
});

test('what names the application and no asset is of the application as a whole', () => {
  const said = { at, service: 'codedeploy', call: 'CreateDeployment', on: { applicationName: 'chatops-web' } };
  expect(seen(said)).toMatchObject({ what: 'CreateDeployment of chatops-web', asset: null });
});

test.for([
  ['it was refused', { more: { errorCode: 'AccessDenied' } }],
  ['it is a backup', { call: 'CreateDBSnapshot' }],
  ['it is a label', { call: 'AddTagsToResource' }],
  ['it is of another application', { on: { dBInstanceIdentifier: 'billing-prod' } }],
  ['its name only begins as an asset of another application', { on: { dBInstanceIdentifier: 'chatopsx' } }],
  ['it begins a log', { service: 'logs', call: 'CreateLogStream', on: { logGroupName: '/aws/lambda/chatops-api' } }],
  ['it has no time', { more: { eventTime: 'yesterday' } }],
  ['it names nothing', { on: {} }],
] as const)('a call is no change where %s', ([, said]) => {
  expect(seen({ at, ...said })).toBeNull();
});

test.for(['', 'no JSON', 'null', '[]', '{"eventName":1}'])('%j is no change, and stops nothing', (event) => {
  expect(changeIn(event, reading)).toBeNull();
});

test.for<[string, string]>([
  ['appconfig', 'StartDeployment'],
  ['application-autoscaling', 'RegisterScalableTarget'],
  ['arc-zonal-shift', 'StartZonalShift'],
  ['autoscaling', 'SetDesiredCapacity'],
  ['cloudformation', 'UpdateStack'],
  ['codebuild', 'StartBuild'],
  ['codedeploy', 'CreateDeployment'],
  ['codepipeline', 'StartPipelineExecution'],
  ['ec2', 'TerminateInstances'],
  ['ecs', 'UpdateService'],
  ['eks', 'UpdateNodegroupConfig'],
  ['elasticache', 'ModifyReplicationGroup'],
  ['elasticloadbalancing', 'DeregisterTargets'],
  ['events', 'DisableRule'],
  ['lambda', 'UpdateFunctionCode20150331v2'],
  ['rds', 'RebootDBInstance'],
  ['route53', 'ChangeResourceRecordSets'],
  ['scheduler', 'UpdateSchedule'],
  ['secretsmanager', 'PutSecretValue'],
  ['ssm', 'PutParameter'],
])('a call of %s that deploys, configures or scales the application is a change: %s', ([service, call]) => {
  expect(seen({ at, service, call, on: { name: 'chatops-web' } })).toEqual({
    ...{ at, by: 'people', who: 'anna (role database-admin)', what: `${call} of chatops-web`, asset: null },
  });
});

test.for([
  ['ec2', 'CreateSnapshot', false],
  ['rds', 'RemoveTagsFromResource', false],
  ['ssm', 'UpdateInstanceInformation', false],
  ['ssm', 'PutInventory', false],
  ['ssm', 'PutComplianceItems', false],
  ['ec2', 'CreateGrant', false],
  ['ec2', 'CreateGrantee', true],
  ['ec2', 'RecreateGrant', true],
  ['ssm', 'PutInventoryRule', true],
  ['ssm', 'InputInventory', true],
  ['ssm', 'DeleteInventory', true],
  ['ssm', 'UpdateManagedInstanceRole', true],
  ['kms', 'DisableKey', false],
] as const)('whether it changes what serves users: %s %s: %s', ([service, call, isChange]) => {
  expect(seen({ at, service, call, on: { name: 'chatops-web' } }) !== null).toBe(isChange);
});

test.for([
  ['its whole name', 'chatops', 'chatops'],
  ['the beginning of a longer one', 'chatops-web', 'chatops-web'],
  ['a part of a path', '/aws/chatops-web/log', 'chatops-web'],
  ['a part of an ARN', 'arn:aws:codedeploy:us-east-1:1:application:chatops-web', 'chatops-web'],
  ['the letters of another name', 'chatopsweb', null],
  ['the middle of another name', 'my-chatops-web', null],
] as const)('the application is named by %s', ([, named, of]) => {
  const change = seen({ at, service: 'codedeploy', call: 'CreateDeployment', on: { name: named } });
  expect(change?.what ?? null).toBe(of === null ? null : `CreateDeployment of ${of}`);
});

test('one name of two assets is that of the service that was called, and of another service the first in the plan', () => {
  const assetBy = (service: string) => seen({ at, service, on: { name: 'chatops-prod' } })?.asset;
  expect([assetBy('rds'), assetBy('eks'), assetBy('ec2')]).toEqual(['database', 'cluster', 'database']);
});

test('a name is looked for as deep as requests are, and no deeper', () => {
  const nested = (depth: number): object => (depth === 0 ? { name: 'chatops-web' } : { in: nested(depth - 1) });
  const seenAt = (depth: number) => seen({ at, service: 'ec2', on: nested(depth) }) !== null;
  expect([seenAt(6), seenAt(7)]).toEqual([true, false]);
});

test('what AWS makes for a cluster is known by how its name begins', () => {
  const group = (autoScalingGroupName: string) => seen({ at, service: 'autoscaling', on: { autoScalingGroupName } });
  expect(group('eks-chatops-prod-general-9cc0')).toMatchObject({ asset: 'cluster' });
  expect(group('eks-chatops-prod-generals')).toBeNull();
  expect(group('my-eks-chatops-prod-general-9cc0')).toBeNull();
});

describe('who changed something', () => {
  test.for([
    ['a role of this stack is Breakwater', { role: 'breakwater-test-RemediateRole-1A2B' }, 'breakwater', 'Breakwater'],
    [
      'its session name alone is a claim',
      { session: 'breakwater-test-remediate' },
      'people',
      'breakwater-test-remediate (role database-admin)',
    ],
    [
      'whom the plan lets send releases is the pipeline',
      { role: 'chatops-deploy', session: 'run-17' },
      'pipeline',
      'run-17 (role chatops-deploy)',
    ],
    [
      'a role that a service made for itself is AWS',
      { role: 'AWSServiceRoleForRDS', more: {} },
      'aws',
      'AWS (AWSServiceRoleForRDS)',
    ],
    [
      'a service is AWS',
      { more: { userIdentity: { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' } } },
      'aws',
      'AWS (autoscaling)',
    ],
    ['a user has a name', { more: { userIdentity: { type: 'IAMUser', userName: 'paul' } } }, 'people', 'user paul'],
    [
      'the root user has none',
      { more: { userIdentity: { type: 'Root', principalId: '1' } } },
      'people',
      'the root user',
    ],
    ['nobody may be said', { more: { userIdentity: null } }, 'people', 'user unknown'],
    ['nor may it be told in another form', { more: { userIdentity: { type: 7 } } }, 'people', 'user unknown'],
    [
      'a user without a name is of its type',
      { more: { userIdentity: { type: 'SAMLUser' } } },
      'people',
      'user SAMLUser',
    ],
    [
      'a role whose issuer is not told is a user',
      { more: { userIdentity: { type: 'AssumedRole', userName: 'x', sessionContext: { sessionIssuer: 1 } } } },
      'people',
      'user x',
    ],
    [
      'a role without a session is somebody',
      { more: { userIdentity: { sessionContext: { sessionIssuer: { userName: 'admin' } } } } },
      'people',
      'somebody (role admin)',
    ],
    ['a session may have a colon in its name', { session: 'anna:2' }, 'people', 'anna:2 (role database-admin)'],
    [
      'a role whose name only begins like this stack is of people',
      { role: 'breakwater-testing' },
      'people',
      'anna (role breakwater-testing)',
    ],
    [
      'a role whose name only ends as one that a service makes is of people',
      { role: 'myAWSServiceRole' },
      'people',
      'anna (role myAWSServiceRole)',
    ],
    [
      'a user whom the plan lets send releases is the pipeline',
      { more: { userIdentity: { type: 'IAMUser', userName: 'chatops-deploy' } } },
      'pipeline',
      'user chatops-deploy',
    ],
    ['a service that is not told', { more: { userIdentity: { type: 'AWSService' } } }, 'aws', 'AWS (a service)'],
    [
      'a name that only holds the ending of a service is told whole',
      { more: { userIdentity: { type: 'AWSService', invokedBy: 'x.amazonaws.com.example' } } },
      'aws',
      'AWS (x. amazonaws. com. example)',
    ],
    [
      'a name that only ends in the letters is told whole',
      { more: { userIdentity: { type: 'AWSService', invokedBy: 'xamazonaws-com' } } },
      'aws',
      'AWS (xamazonaws-com)',
    ],
  ] as const)('%s', ([, said, by, who]) => {
    expect(seen({ at, ...said })).toMatchObject({ by, who });
  });

  test('a name of more than 80 letters is cut, and one of 80 is not', () => {
    const whoOf = (length: number) => seen({ at, session: 'y'.repeat(length) })?.who;
    expect(whoOf(80)).toBe(`${'y'.repeat(80)} (role database-admin)`);
    expect(whoOf(81)).toBe(`${'y'.repeat(77)}... (role database-admin)`);
  });

  test('a name with a link, lines and invisible letters in it is one short line that leads nowhere', () => {
    const session = `ok\n\nAPPROVE AT https://evil.example/x\u202e${'y'.repeat(300)}`;
    const { who = '' } = seen({ at, session }) ?? {};
    expect(who).not.toMatch(/\n|:\/\/|evil\.example|\u202e/);
    expect(who.length).toBeLessThan(120);
    expect(who).toMatch(/^ok APPROVE AT https: \/\/evil\. example\/x y+\.\.\. \(role database-admin\)$/);
  });
});

test('what RDS and Auto Scaling did by themselves is AWS, and what a call asked for is left to CloudTrail', () => {
  const database = { at, source: 'chatops-prod', message: 'Finished applying modification to DB instance class' };
  expect(changeByService('rds', database, reading)).toEqual({
    ...{ at, by: 'aws', who: 'AWS (rds)', what: database.message, asset: 'database' },
  });
  expect(changeByService('rds', { ...database, source: 'billing' }, reading)).toBeNull();
  const group = { at, group: 'eks-chatops-prod-general-9cc0', what: 'Launching EC2 instance: i-1' };
  const unhealthy = { ...group, cause: 'an unhealthy instance needing to be replaced' };
  expect(changeOfGroup(unhealthy, reading)).toEqual({
    ...{ at, by: 'aws', who: 'AWS (autoscaling)', what: 'Launching EC2 instance: i-1', asset: 'cluster' },
  });
  expect(changeOfGroup({ ...unhealthy, group: 'billing' }, reading)).toBeNull();
  const asked = 'At 02:57 a user request changed the desired capacity';
  expect(changeOfGroup({ ...group, cause: asked }, reading)).toBeNull();
  for (const cause of ['an extra user request', 'a user requested it'])
    expect(changeOfGroup({ ...group, cause }, reading)).not.toBeNull();
});

test('ElastiCache speaks of a cache by its name, or by that of one of its nodes', () => {
  const said = { at, message: 'Finished modifying number of nodes from 1 to 3' };
  const asset = (source: string) => changeByService('elasticache', { ...said, source }, reading)?.asset;
  expect(['chatops-redis', 'chatops-redis-001', 'chatops-redis-0002-001'].map(asset)).toEqual([
    'cache',
    'cache',
    'cache',
  ]);
  expect(['chatops-prod', 'chatops-redis-x', 'default.redis7'].map(asset)).toEqual([undefined, undefined, undefined]);
});

test('of two assets of one name RDS speaks of the database, and Auto Scaling of the cluster', () => {
  const said = { at, message: 'x', what: 'x', cause: '' };
  expect(changeByService('rds', { ...said, source: 'chatops-prod' }, reading)?.asset).toBe('database');
  expect(changeOfGroup({ ...said, group: 'chatops-prod' }, reading)?.asset).toBe('cluster');
});

test('of two assets of one name, in whatever order of the plan, RDS speaks of the database', () => {
  const turned = { ...reading, plan: { ...plan, assets: plan.assets.toReversed() } };
  const said = { at, message: 'x', source: 'chatops-prod' };
  expect(changeByService('rds', said, turned)?.asset).toBe('database');
});

test('an asset with a name of its own is the component that its kind is called', () => {
  const assets = plan.assets.map((one) => (one.name === 'database' ? { ...one, name: 'orders' } : one));
  const change: Change = { at, by: 'people', who: 'anna', what: 'call', asset: 'orders' };
  const may = (failing: string) => mayCause(change, [failing], { ...plan, assets });
  expect([may('database'), may('api'), may('cluster'), may('orders')]).toEqual([true, true, false, false]);
});

test('each of several senders is the pipeline, by the last part of a path', () => {
  const senders = ['role/other', 'role/teams/chatops-deploy', 'user/ci/robot'];
  const by = (said: Parameters<typeof called>[0]) =>
    changeIn(called(said).CloudTrailEvent, {
      ...reading,
      plan: { ...plan, signals: { ...plan.signals, senders } },
    })?.by;
  expect(by({ at, role: 'chatops-deploy' })).toBe('pipeline');
  expect(by({ at, role: 'teams' })).toBe('people');
  expect(by({ at, more: { userIdentity: { type: 'IAMUser', userName: 'robot' } } })).toBe('pipeline');
});

test('what is null in a request, or no text, hides no name', () => {
  const on = { options: null, count: 7, isOn: true, name: 'chatops-web' };
  expect(seen({ at, service: 'ec2', on })).toMatchObject({ what: 'ModifyDBInstance of chatops-web' });
});

test('a change is told in words, with its asset where it has one', () => {
  const change: Change = { at, by: 'people', who: 'anna', what: 'call', asset: 'cache' };
  expect(changeWords(change)).toBe('call on cache, by anna');
  expect(changeWords({ ...change, asset: null })).toBe('call, by anna');
});

test.for([
  ['a component where it fails itself', 'database', ['database'], true],
  ['a component where what depends on it fails', 'database', ['cluster', 'ingress'], true],
  ['a component where other things fail', 'cache', ['ingress', 'database'], false],
  ['a component where nothing is known to fail', 'cache', [], false],
  ['what nothing is said to depend on', 'cluster', ['database'], true],
  ['an asset that is no component', 'settings', ['database'], true],
  ['the application as a whole', null, ['database'], true],
  ['what is in the plan no more', 'gone', ['database'], true],
] as const)('a change may be the cause, of %s', ([, asset, failing, may]) => {
  expect(mayCause({ at, by: 'people', who: 'anna', what: 'call', asset }, failing, plan)).toBe(may);
});

test('the nearest change is the last one in the time that counts, in whatever order they come', () => {
  const made = (ago: number, by: Change['by'] = 'people'): Change => ({
    ...{ at: minutes(ago), by, who: 'anna', what: `call ${ago}`, asset: null },
  });
  const nearestOf = (...changes: Change[]) =>
    nearest({ changes, gaps: [], since: minutes(2) }, [], minutes(10), plan)?.what ?? null;
  expect(nearestOf(made(5), made(3), made(4))).toBe('call 3');
  expect(nearestOf(made(2), made(5))).toBe('call 2');
  expect(nearestOf(made(10))).toBe('call 10');
  expect(nearestOf(made(10.001))).toBeNull();
  expect(nearestOf(made(1.999))).toBeNull();
  expect(nearestOf(made(5, 'aws'), made(3, 'aws'), made(4, 'aws'))).toBe('call 3');
  expect(nearestOf(made(3, 'aws'), made(5, 'pipeline'))).toBe('call 5');
  expect(nearestOf(made(3, 'breakwater'))).toBeNull();
  expect(nearestOf()).toBeNull();
});

describe('the change that is suspected', () => {
  const change = (minutesAgo: number, more: Partial<Change> = {}): Change => ({
    ...{ at: minutes(minutesAgo), by: 'people', who: 'anna', what: `call ${minutesAgo}`, asset: 'database' },
    ...more,
  });
  const fails = (component: string) => componentSignal({ at: minutes(2), zone: null, component });
  const release: Signal = {
    ...{ id: 'r', key: 'r', at: minutes(10), region: 'us-east-1', observer: 'us-east-1' },
    ...{ kind: 'release', release: 'v42', phase: 'started' },
  };
  const suspectedOf = (changes: Change[], signals: Signal[] = [fails('database')]) =>
    diagnose(signals, 'us-east-1', plan, start, { changes, gaps: [], since: minutes(2) });

  test.for([
    ['it is the nearest before the first sign', [change(20), change(3)], 'call 3'],
    ['what came after the first sign is no cause', [change(1), change(5)], 'call 5'],
    ['what Breakwater did is no cause', [change(3, { by: 'breakwater' }), change(9)], 'call 9'],
    ['what AWS does by itself comes after what people did', [change(3, { by: 'aws' }), change(9)], 'call 9'],
    ['what AWS did is one where nobody else did anything', [change(3, { by: 'aws' })], 'call 3'],
    ['what nothing that fails depends on is none', [change(3, { asset: 'cache' }), change(9)], 'call 9'],
    ['an asset that is no component may be behind anything', [change(3, { asset: 'cluster' }), change(9)], 'call 3'],
    ['so may the application as a whole', [change(3, { asset: null })], 'call 3'],
  ] as const)('%s', ([, changes, suspected]) => {
    const found = suspectedOf([...changes]);
    expect(found.cause).toBe('change');
    expect(found.suspected).toContain(suspected);
    expect(found.suspected).toMatch(/^a change \d+ min before the first sign: /);
  });

  test.for([
    ['only after the first sign', [change(1)]],
    ['only by Breakwater', [change(3, { by: 'breakwater' })]],
    ['long before', [change(60)]],
    ['only on what nothing that fails depends on', [change(3, { asset: 'cache' })]],
  ] as const)('none is where it was %s, and it is listed', ([, changes]) => {
    const { cause, changed } = suspectedOf([...changes]);
    expect(cause).toBe('component');
    expect(changed).toHaveLength(1);
  });

  test('a release that was nearer stays suspected, and so does one that the pipeline was calling for', () => {
    expect(suspectedOf([change(15)], [release, fails('api')]).cause).toBe('release');
    expect(suspectedOf([change(9, { by: 'pipeline' })], [release, fails('api')]).cause).toBe('release');
    expect(suspectedOf([change(9)], [release, fails('api')]).cause).toBe('change');
  });

  test('what changed is in order of time, whoever told of it', () => {
    const { changed } = suspectedOf([change(15), change(5)], [release, fails('api')]);
    expect(changed.map((fact) => fact.slice(11, 16))).toEqual(['02:45', '02:50', '02:55']);
  });
});

test('what is new is what was not told, and no later than the first sign', () => {
  const [told, late, after] = [5, 4, 1].map((ago) => `${new Date(minutes(ago)).toISOString()} x`);
  expect(newlyKnown([told, late, after].map(String), [told], minutes(2))).toEqual([late]);
  expect(newlyKnown([String(late)], [], minutes(4))).toEqual([late]);
  expect(newlyKnown([String(late)], [], minutes(4) - 1)).toEqual([]);
});
