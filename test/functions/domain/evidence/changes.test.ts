// What counts as a change of the application, who made it, and which change is suspected.
import { describe, expect, test } from 'vitest';
import {
  type Change,
  changeFact,
  changeIn,
  changeOfDatabase,
  changeOfGroup,
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
  ] as const)('%s', ([, said, by, who]) => {
    expect(seen({ at, ...said })).toMatchObject({ by, who });
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
  const database = { at, instance: 'chatops-prod', message: 'Finished applying modification to DB instance class' };
  expect(changeOfDatabase(database, reading)).toMatchObject({ by: 'aws', who: 'AWS (rds)', asset: 'database' });
  expect(changeOfDatabase({ ...database, instance: 'billing' }, reading)).toBeNull();
  const group = { at, group: 'eks-chatops-prod-general-9cc0', what: 'Launching EC2 instance: i-1' };
  expect(changeOfGroup({ ...group, cause: 'an unhealthy instance needing to be replaced' }, reading)).toMatchObject({
    ...{ who: 'AWS (autoscaling)', what: 'Launching EC2 instance: i-1', asset: 'cluster' },
  });
  expect(
    changeOfGroup({ ...group, cause: 'At 02:57 a user request changed the desired capacity' }, reading),
  ).toBeNull();
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
});
