// Where flows may act, and which records of it there must be.
import { describe, expect, test } from 'vitest';
import type { Mutation, Observation, ObservationOf } from '../../../simulator/invariants/model/observations.ts';
import { plan } from '../../plan.ts';
import {
  audited,
  bad,
  decision,
  east,
  execution,
  fence,
  good,
  incident,
  mutation,
  promotion,
  recordOf,
  regionExecution,
  regionFlow,
  verdictOn,
  west,
  without,
  zoneMutations,
  zoneStory,
} from './story.ts';

const cache = 'elasticache:ModifyReplicationGroup';
const reboot = 'rds:RebootDBInstance';
const elsewhere = { scope: { region: east, zone: good } };
const second = `${incident}-az-failover-2`;
const degraded = 'degradation';
const degradation = (seconds: number, status: ObservationOf<'execution'>['status']) =>
  execution(seconds, status, {
    execution: degraded,
    stateMachine: 'service-degradation',
    target: { region: east, zone: null },
  });
const other = (
  seconds: number,
  status: ObservationOf<'execution'>['status'],
  changes: Partial<ObservationOf<'execution'>> = {},
) => execution(seconds, status, { execution: second, ...changes });
const groupChange = (seconds: number, changes: Partial<Mutation> = {}) =>
  mutation(seconds, cache, 'chatops-redis', changes);

describe('in-scope', () => {
  const running = execution(1, 'RUNNING');
  test.for<[string, readonly Observation[]]>([
    ['a zone flow changes things in its zone', [running, mutation(2, reboot, 'chatops-prod')]],
    [
      'a group is switched on again after its primary left the zone',
      [running, groupChange(2), groupChange(3), groupChange(4, elsewhere)],
    ],
    [
      'a later execution finishes what an earlier one of the incident began',
      [running, groupChange(2), other(3, 'RUNNING'), groupChange(4, { ...elsewhere, execution: second })],
    ],
    [
      'a degradation is worked on anywhere in its region',
      [
        degradation(1, 'RUNNING'),
        mutation(2, 'codebuild:StartBuild', 'rollback', { execution: degraded, scope: { region: east, zone: null } }),
      ],
    ],
    [
      'a region flow works in both regions and writes to the witness',
      [
        regionExecution(1, 'RUNNING'),
        fence,
        promotion,
        mutation(3, 's3:PutObject', 'b/latch/x', { execution: regionFlow, region: 'us-east-2' }),
      ],
    ],
    ['its decision was about the same zone', [decision(0), running, mutation(2, reboot, 'chatops-prod')]],
    ['a dry run looks', [execution(1, 'RUNNING', { dryRun: true }), execution(2, 'SUCCEEDED', { dryRun: true })]],
  ])('holds when %s', ([, history]) => {
    expect(verdictOn('in-scope', history)).toBeNull();
  });

  test('holds when a region flow changes a record, whose control plane is in us-east-1, of a plan that lacks that region', () => {
    const elsewhereAll = {
      ...plan,
      regions: Object.fromEntries(Object.values(plan.regions).map((one, index) => [`eu-west-${index + 1}`, one])),
      roles: { primary: 'eu-west-1', standby: 'eu-west-2', witness: 'eu-west-3', observers: ['eu-central-1'] },
    };
    const changed = (call: string) => [
      regionExecution(1, 'RUNNING'),
      mutation(3, call, 'chatops.example.com', { execution: regionFlow, region: east }),
    ];
    const verdict = (call: string) => verdictOn('in-scope', changed(call), undefined, elsewhereAll);
    expect(verdict('route-53:ChangeResourceRecordSets')).toBeNull();
    expect(verdict('ssm:PutParameter')).toContain('in a region that the plan does not know');
  });

  test.for<[string, readonly Observation[], string]>([
    [
      'a writer in another zone is rebooted',
      [running, mutation(2, reboot, 'chatops-prod', elsewhere)],
      `outside its zone ${bad}`,
    ],
    [
      'the writer is moved a second time and back',
      [...zoneStory, mutation(300, reboot, 'chatops-prod', elsewhere)],
      '09:05:00',
    ],
    [
      'something without a zone is changed by a zone flow',
      [running, mutation(2, 's3:PutObject', 'b/k', { scope: { region: east, zone: null } })],
      `outside its zone ${bad}`,
    ],
    [
      'another region is changed',
      [running, mutation(2, reboot, 'chatops-prod', { region: west })],
      `outside its region ${east}`,
    ],
    [
      'the thing stood in another region',
      [running, mutation(2, reboot, 'chatops-prod', { scope: { region: west, zone: bad } })],
      `outside its region ${east}`,
    ],
    [
      'a group with a healthy primary elsewhere is changed',
      [running, groupChange(2, elsewhere)],
      'when the flow began with it',
    ],
    [
      'a group with a healthy primary elsewhere is changed, which only then comes into the zone',
      [running, groupChange(2, elsewhere), groupChange(3), groupChange(4, elsewhere)],
      'the first of 2',
    ],
    [
      'another group is changed after the first',
      [running, groupChange(2), mutation(3, cache, 'other-redis', elsewhere)],
      'other-redis',
    ],
    [
      'another incident finishes what was begun',
      [running, groupChange(2), groupChange(3, { ...elsewhere, incident: 'other' })],
      'when the flow began with it',
    ],
    ['a group in another region is changed', [running, groupChange(2, { region: west })], `outside its region ${east}`],
    [
      'a dry run changes something',
      [execution(1, 'RUNNING', { dryRun: true }), mutation(2, reboot, 'chatops-prod')],
      'a dry run',
    ],
    [
      'a dry run of a region flow changes something',
      [execution(1, 'RUNNING', { execution: regionFlow, stateMachine: 'region-failover', dryRun: true }), fence],
      'a dry run',
    ],
    ['nobody knows the execution', [mutation(2, reboot, 'chatops-prod')], 'not known'],
    [
      'the execution has no target',
      [execution(1, 'RUNNING', { target: null }), mutation(2, reboot, 'chatops-prod')],
      'scope is not known',
    ],
    [
      'a zone flow has no zone',
      [execution(1, 'RUNNING', { target: { region: east, zone: null } }), mutation(2, reboot, 'chatops-prod')],
      'zone is not known',
    ],
    [
      'the execution was started for another zone than was decided',
      [decision(0, { scope: { region: east, zone: good } }), running, mutation(2, reboot, 'chatops-prod')],
      `outside its zone ${good}`,
    ],
    [
      'a degradation is worked on in the other region',
      [
        degradation(1, 'RUNNING'),
        mutation(2, 'codebuild:StartBuild', 'rollback', { execution: degraded, region: west }),
      ],
      `outside its region ${east}`,
    ],
    [
      'a region flow works in a region that is not in the plan',
      [
        regionExecution(1, 'RUNNING'),
        mutation(3, 's3:PutObject', 'b/latch/x', { execution: regionFlow, region: 'sa-east-1' }),
      ],
      'the plan does not know',
    ],
  ])('is broken when %s', ([, history, word]) => {
    expect(verdictOn('in-scope', history)).toContain(word);
  });
});

describe('what keeps backups by a schedule, in no flow', () => {
  const copies = { step: 'keep-backups', execution: '', incident: '' };
  const copy = (changes: Partial<Mutation> = {}) =>
    mutation(2, 'rds:CopyDBSnapshot', 'a-copy', { ...copies, region: west, ...changes });
  const record = recordOf(copy(), { execution: 'keep-backups' });

  test('is in no incident’s scope, and stands in the record under its own name', () => {
    for (const invariant of ['in-scope', 'audited', 'approved', 'still-approved', 'repeatable'])
      expect(verdictOn(invariant, [record, copy()])).toBeNull();
    expect(verdictOn('audited', [copy()])).toContain('without a record');
  });

  test.for<[string, Partial<Mutation>]>([
    ['changes what serves', { operation: 'ModifyDBInstance' }],
    ['restores', { operation: 'RestoreDBInstanceFromDBSnapshot' }],
    ['works in a region that is no main one', { region: 'eu-west-1' }],
    ['is another function', { step: 'sweep' }],
  ])('is out of scope where it %s', ([, changes]) => {
    expect(verdictOn('in-scope', [record, copy(changes)])).not.toBeNull();
  });
});

describe('what makes a standby again by a schedule, in no flow', () => {
  const rejoins = { step: 'rejoin-standby', execution: '', incident: '' };
  const made = (changes: Partial<Mutation> = {}) =>
    mutation(2, 'rds:CreateDBInstanceReadReplica', 'a-replica', { ...rejoins, region: west, ...changes });
  const record = recordOf(made(), { execution: 'rejoin-standby' });

  test('needs no approval, and stands in the record under its own name', () => {
    for (const invariant of ['in-scope', 'audited', 'approved', 'still-approved', 'repeatable'])
      expect(verdictOn(invariant, [record, made()])).toBeNull();
    expect(verdictOn('audited', [made()])).toContain('without a record');
  });

  test.for<[string, Partial<Mutation>]>([
    ['promotes', { operation: 'PromoteReadReplica' }],
    ['deletes', { operation: 'DeleteDBInstance' }],
    ['fences', { operation: 'ModifyDBInstance' }],
  ])('is out of scope where it %s', ([, changes]) => {
    expect(verdictOn('in-scope', [record, made(changes)])).not.toBeNull();
  });
});

describe('audited', () => {
  const rebooted = mutation(2, reboot, 'chatops-prod');
  const record = recordOf(rebooted);
  test.for<[string, readonly Observation[]]>([
    ['the record was written before', [record, rebooted]],
    ['the record has the same time', [rebooted, recordOf(rebooted, { at: rebooted.at })]],
    ['a record has no call, because it was refused', [record]],
    ['each of two calls has a record', audited([rebooted, mutation(3, reboot, 'chatops-prod')])],
  ])('holds when %s', ([, history]) => {
    expect(verdictOn('audited', history)).toBeNull();
  });

  test.for<[string, readonly Observation[], string]>([
    ['there is no record', [rebooted], 'without a record'],
    [
      'the record was written a millisecond later',
      [rebooted, recordOf(rebooted, { at: rebooted.at + 1 })],
      'without a record',
    ],
    ['the record is of another call', [recordOf(rebooted, { call: 'rds:DescribeDBInstances' }), rebooted], reboot],
    ['the record is of another region', [recordOf(rebooted, { region: west }), rebooted], 'without a record'],
    ['the record is of another thing', [recordOf(rebooted, { target: 'other' }), rebooted], 'without a record'],
    ['the record is of another execution', [recordOf(rebooted, { execution: second }), rebooted], 'without a record'],
    ['one record stands for two calls', [record, rebooted, mutation(3, reboot, 'chatops-prod')], '09:00:03'],
    ['the record names no incident', [recordOf(rebooted, { incident: '' }), rebooted], 'no incident'],
    [
      'the record names no step and no actor',
      [recordOf(rebooted, { step: '', actor: '' }), rebooted],
      'no step and no actor',
    ],
  ])('is broken when %s', ([, history, word]) => {
    expect(verdictOn('audited', history)).toContain(word);
  });

  test('is broken once for each call without a record', () => {
    expect(
      verdictOn(
        'audited',
        without(zoneStory, ({ kind }) => kind === 'audit'),
      ),
    ).toContain(`the first of ${zoneMutations.length}`);
  });
});
