// What flows may do: where, how often, with which records, how many at once and for how long.
import { describe, expect, test } from 'vitest';
import type { Mutation, Observation, ObservationOf } from '../../../simulator/invariants/observations.ts';
import { createInvariants } from '../../../simulator/invariants.ts';
import {
  approval,
  at,
  audited,
  bad,
  balancer,
  decision,
  east,
  execution,
  fence,
  good,
  incident,
  message,
  mutation,
  plan,
  promotion,
  recordOf,
  regionExecution,
  regionFlow,
  verdictOn,
  west,
  without,
  zoneFlow,
  zoneMutations,
  zoneStory,
} from './story.ts';

const cache = 'elasticache:ModifyReplicationGroup';
const start = 'arc-zonal-shift:StartZonalShift';
const update = 'arc-zonal-shift:UpdateZonalShift';
const cancel = 'arc-zonal-shift:CancelZonalShift';
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

describe('one-execution', () => {
  const region = (seconds: number, status: ObservationOf<'execution'>['status'], name = regionFlow) => {
    const target = { region: east, zone: null };
    return execution(seconds, status, { execution: name, stateMachine: 'region-failover', region: west, target });
  };
  const rebooted = (seconds: number, by: string) => mutation(seconds, reboot, 'chatops-prod', { execution: by });
  test.for<[string, readonly Observation[]]>([
    [
      'the second begins when the first has ended',
      [execution(1, 'RUNNING'), execution(5, 'SUCCEEDED'), other(5, 'RUNNING'), other(9, 'SUCCEEDED')],
    ],
    [
      'they act in two regions',
      [execution(1, 'RUNNING'), other(2, 'RUNNING', { target: { region: west, zone: 'usw2-az1' } })],
    ],
    [
      'the second was refused at the lock',
      [execution(1, 'RUNNING'), other(2, 'RUNNING'), other(3, 'FAILED'), execution(9, 'SUCCEEDED')],
    ],
    ['the second is a dry run', [execution(1, 'RUNNING'), other(2, 'RUNNING', { dryRun: true })]],
    [
      'a degradation is only watched meanwhile',
      [degradation(1, 'RUNNING'), execution(2, 'RUNNING'), execution(9, 'SUCCEEDED')],
    ],
    [
      'a degradation acted before',
      [
        degradation(1, 'RUNNING'),
        mutation(2, 'codebuild:StartBuild', 'rollback', { execution: degraded }),
        execution(3, 'RUNNING'),
        execution(9, 'SUCCEEDED'),
      ],
    ],
    [
      'a region flow waits for people meanwhile',
      [execution(1, 'RUNNING'), region(2, 'RUNNING'), execution(9, 'ABORTED')],
    ],
    [
      'a region flow begins to act when the zone flow has ended',
      [execution(1, 'RUNNING'), rebooted(2, zoneFlow), region(2, 'RUNNING'), execution(700, 'ABORTED'), fence],
    ],
    [
      'it was redriven after another one had ended',
      [
        execution(1, 'RUNNING'),
        rebooted(2, zoneFlow),
        execution(3, 'FAILED'),
        other(4, 'RUNNING'),
        other(5, 'SUCCEEDED'),
        execution(6, 'RUNNING'),
      ],
    ],
    ['a decision is written again', [decision(1), decision(2)]],
    [
      'the same is done for two incidents',
      [
        execution(1, 'RUNNING'),
        rebooted(2, zoneFlow),
        mutation(9, reboot, 'chatops-prod', { execution: second, incident: 'other' }),
      ],
    ],
    [
      'a second execution promotes what the first switched off',
      [
        execution(1, 'RUNNING'),
        groupChange(2),
        groupChange(3, { execution: second }),
        groupChange(4, { ...elsewhere, execution: second }),
      ],
    ],
    [
      'the zone came back bad, and the writer had been elsewhere',
      [
        rebooted(2, zoneFlow),
        mutation(3, reboot, 'chatops-prod', { ...elsewhere, execution: '', incident: '' }),
        rebooted(4, second),
      ],
    ],
  ])('holds when %s', ([, history]) => {
    expect(verdictOn('one-execution', history)).toBeNull();
  });

  test.for<[string, readonly Observation[], string]>([
    ['two run on one zone', [execution(1, 'RUNNING'), execution(9, 'SUCCEEDED'), other(8, 'RUNNING')], '09:00:08'],
    [
      'two run for a millisecond',
      [execution(1, 'RUNNING'), { ...other(9, 'RUNNING'), at: at(9) - 1 }, execution(9, 'SUCCEEDED')],
      '09:00:08.999Z',
    ],
    [
      'two run on two zones of one region',
      [execution(1, 'RUNNING'), other(2, 'RUNNING', { target: { region: east, zone: good } })],
      `act on ${east}`,
    ],
    [
      'the second failed after it had changed something',
      [
        execution(1, 'RUNNING'),
        other(2, 'RUNNING'),
        rebooted(3, second),
        other(4, 'FAILED'),
        execution(9, 'SUCCEEDED'),
      ],
      '09:00:02',
    ],
    [
      'a redrive meets another execution',
      [execution(1, 'RUNNING'), execution(2, 'FAILED'), other(3, 'RUNNING'), execution(4, 'RUNNING')],
      '09:00:04',
    ],
    [
      'a degradation acts meanwhile',
      [
        degradation(1, 'RUNNING'),
        execution(2, 'RUNNING'),
        mutation(3, 'codebuild:StartBuild', 'rollback', { execution: degraded }),
        execution(9, 'SUCCEEDED'),
      ],
      '09:00:03',
    ],
    [
      'a region flow acts while the zone flow runs',
      [execution(1, 'RUNNING'), region(2, 'RUNNING'), fence, execution(900, 'SUCCEEDED')],
      '09:11:40',
    ],
    ['two region flows wait for people', [region(1, 'RUNNING'), region(2, 'RUNNING', 'other-region-flow')], '09:00:02'],
    [
      'a decision started two executions',
      [decision(1), decision(2, { execution: second })],
      `decision 1 of ${incident}`,
    ],
    [
      'an execution was started in both regions',
      [execution(1, 'RUNNING'), execution(1, 'RUNNING', { region: west })],
      `in ${west} and as az-failover in ${east}`,
    ],
    ['two reboot the writer in one zone', [rebooted(2, zoneFlow), rebooted(9, second)], `which ${zoneFlow} had done`],
    [
      'a second shift is begun for one resource',
      [mutation(1, start, balancer), mutation(9, start, balancer, { execution: second })],
      balancer,
    ],
    [
      'a group is switched off and promoted by one and again by another',
      [groupChange(2), groupChange(3), groupChange(4, { execution: second })],
      'chatops-redis',
    ],
  ])('is broken when %s', ([, history, word]) => {
    expect(verdictOn('one-execution', history)).toContain(word);
  });

  test('leaves to repeatable what one execution repeats', () => {
    const history = [rebooted(2, zoneFlow), rebooted(9, zoneFlow)];
    expect(verdictOn('one-execution', history)).toBeNull();
    expect(verdictOn('repeatable', history)).toContain('chatops-prod');
  });
});

describe('bounded', () => {
  const hours25 = 25 * 3600;
  const failed = [execution(1, 'RUNNING'), execution(10, 'FAILED')];
  const hold = decision(10, { action: 'hold', execution: null });
  const end = (...executions: { execution: string; status: string }[]): Observation => ({
    kind: 'end',
    at: at(900),
    executions,
  });
  test.for<[string, readonly Observation[], number]>([
    ['an execution ran for exactly 25 hours', [execution(1, 'RUNNING'), execution(1 + hours25, 'SUCCEEDED')], 200_000],
    ['one has run for exactly 25 hours', [execution(1, 'RUNNING')], 1 + hours25],
    [
      'a redriven one ran for 25 hours twice',
      [
        execution(0, 'RUNNING'),
        execution(hours25, 'FAILED'),
        message(hours25, zoneFlow),
        execution(hours25 + 9, 'RUNNING'),
        execution(2 * hours25, 'SUCCEEDED'),
      ],
      900_000,
    ],
    ['a failure was told after exactly 5 minutes', [...failed, message(310, `execution ${zoneFlow}.`)], 1000],
    ['a failure was told in the same moment', [...failed, message(10, zoneFlow)], 1000],
    ['5 minutes since a failure are not over', failed, 310],
    [
      'all had ended at the end',
      [execution(1, 'RUNNING'), execution(2, 'SUCCEEDED'), end({ execution: zoneFlow, status: 'SUCCEEDED' })],
      1000,
    ],
    ['a hold was told after exactly 5 minutes', [hold, message(310, `Incident ${incident}, level 2`)], 1000],
    ['a hold is written again long after it was told', [hold, message(20, incident), { ...hold, at: at(900) }], 5000],
    ['5 minutes since a hold are not over', [hold], 310],
    ['nothing was decided to be done', [decision(10, { action: 'none', execution: null })], 1000],
    ['a decision started its execution after exactly 5 minutes', [decision(10), execution(310, 'RUNNING')], 1000],
    [
      'people heard that an execution has not started',
      [decision(10), message(300, `${zoneFlow} is not known to have started`)],
      1000,
    ],
    [
      'a decision was overtaken by the next',
      [decision(10), decision(300, { attempt: 2, execution: second }), other(301, 'RUNNING')],
      1000,
    ],
  ])('holds when %s', ([, history, now]) => {
    expect(verdictOn('bounded', history, now)).toBeNull();
  });

  test.for<[string, readonly Observation[], number, string]>([
    [
      'an execution ran for longer than 25 hours',
      [execution(1, 'RUNNING'), execution(2 + hours25, 'SUCCEEDED')],
      200_000,
      '25 hours',
    ],
    ['one has run for longer than 25 hours', [execution(1, 'RUNNING')], 2 + hours25, '25 hours'],
    ['a failure was told a second too late', [...failed, message(311, zoneFlow)], 1000, 'FAILED'],
    ['a failure was told before it happened', [...failed, message(9, zoneFlow)], 1000, 'FAILED'],
    ['the message names another execution', [...failed, message(20, `${zoneFlow}2`)], 1000, 'FAILED'],
    ['the message names nothing', [...failed, message(20, 'something failed')], 1000, 'FAILED'],
    ['a time-out was not told', [execution(1, 'RUNNING'), execution(9, 'TIMED_OUT')], 1000, 'TIMED_OUT'],
    ['an abort was not told', [execution(1, 'RUNNING'), execution(9, 'ABORTED')], 1000, 'ABORTED'],
    [
      'the failure after a redrive was not told',
      [...failed, message(20, zoneFlow), execution(400, 'RUNNING'), execution(500, 'FAILED')],
      1000,
      '09:08:20',
    ],
    [
      'an execution still ran at the end',
      [execution(1, 'RUNNING'), end({ execution: zoneFlow, status: 'RUNNING' })],
      1000,
      'the drill ended',
    ],
    ['an execution was forgotten at the end', [execution(1, 'RUNNING'), end()], 1000, zoneFlow],
    ['a hold was told a second too late', [hold, message(311, incident)], 1000, 'hold was decided'],
    ['a hold was not told', [hold], 311, bad],
    ['only another incident was told', [hold, message(20, 'us-east-1-20260106')], 1000, incident],
    [
      'the second of two holds was not told',
      [hold, message(20, incident), decision(700, { attempt: 2, action: 'hold', execution: null })],
      5000,
      '09:11:40',
    ],
    [
      'an overtaken hold was not told',
      [hold, decision(20, { attempt: 2 }), execution(21, 'RUNNING')],
      1000,
      'hold was decided',
    ],
    [
      'a region that needs people was not told',
      [decision(10, { action: 'request-approval', execution: null })],
      1000,
      'request-approval',
    ],
    ['an execution did not start and nobody was told', [decision(10)], 1000, 'had not started'],
    [
      'an execution started a second too late and nobody was told',
      [decision(10), execution(311, 'RUNNING')],
      1000,
      'had not started',
    ],
  ])('is broken when %s', ([, history, now, word]) => {
    expect(verdictOn('bounded', history, now)).toContain(word);
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

describe('repeatable', () => {
  const shifted = mutation(0, start, balancer);
  const { expirySeconds, extendBeforeSeconds } = plan.zonalShift;
  const least = (expirySeconds - extendBeforeSeconds) / 2;
  const crash: Observation = { kind: 'crash', at: at(50), execution: zoneFlow, step: 'move-database' };
  test.for<[string, readonly Observation[]]>([
    ['each call is made once', zoneMutations],
    ['one call is made on two resources', [shifted, mutation(1, start, 'cluster')]],
    [
      'a shift is begun again after it was cancelled',
      [shifted, mutation(1, cancel, balancer), mutation(2, start, balancer)],
    ],
    ['a shift is begun again when it has expired', [shifted, mutation(expirySeconds, start, balancer)]],
    [
      'a shift is cancelled again after it was begun again',
      [shifted, mutation(1, cancel, balancer), mutation(2, start, balancer), mutation(3, cancel, balancer)],
    ],
    [
      'a shift is extended when most of its time is over',
      [shifted, mutation(2700, update, balancer), mutation(5400, update, balancer)],
    ],
    [
      'a shift is extended again as early as can be',
      [shifted, mutation(1, update, balancer), mutation(1 + least, update, balancer)],
    ],
    ['a group is switched off, promoted and switched on', [groupChange(1), groupChange(2), groupChange(3, elsewhere)]],
    ['a database is fenced and unfenced', [fence, { ...fence, at: fence.at + 1 }]],
    [
      'the writer came back into the zone in between',
      [
        mutation(1, reboot, 'chatops-prod'),
        mutation(2, reboot, 'chatops-prod', { ...elsewhere, execution: second }),
        mutation(3, reboot, 'chatops-prod'),
      ],
    ],
    ['a step was killed before it had changed anything', [crash, mutation(60, reboot, 'chatops-prod')]],
    [
      'two executions do the same',
      [mutation(1, reboot, 'chatops-prod'), mutation(2, reboot, 'chatops-prod', { execution: second })],
    ],
  ])('holds when %s', ([, history]) => {
    expect(verdictOn('repeatable', history)).toBeNull();
  });

  test.for<[string, readonly Observation[], string]>([
    [
      'the database is rebooted twice',
      [mutation(1, reboot, 'chatops-prod'), mutation(300, reboot, 'chatops-prod')],
      '09:05:00',
    ],
    [
      'the database is rebooted back',
      [mutation(1, reboot, 'chatops-prod'), mutation(300, reboot, 'chatops-prod', elsewhere)],
      '09:05:00',
    ],
    [
      'a step was killed and changed again what it had changed',
      [mutation(1, reboot, 'chatops-prod'), crash, mutation(60, reboot, 'chatops-prod')],
      'move-database was killed and run again',
    ],
    ['a shift is begun twice', [shifted, mutation(1, start, balancer)], balancer],
    [
      'a shift is begun again a second before it expires',
      [shifted, mutation(expirySeconds - 1, start, balancer)],
      balancer,
    ],
    [
      'a shift is begun again after it was extended',
      [shifted, mutation(2700, update, balancer), mutation(expirySeconds, start, balancer)],
      balancer,
    ],
    [
      'a shift is begun again after that of another resource was cancelled',
      [shifted, mutation(1, cancel, 'cluster'), mutation(2, start, balancer)],
      balancer,
    ],
    ['a shift is cancelled twice', [shifted, mutation(1, cancel, balancer), mutation(2, cancel, balancer)], balancer],
    [
      'a shift is extended again a second too early',
      [shifted, mutation(1, update, balancer), mutation(least, update, balancer)],
      balancer,
    ],
    [
      'a group is changed a third time with its primary in the zone',
      [groupChange(1), groupChange(2), groupChange(3)],
      '09:00:03',
    ],
    [
      'a group is switched on twice',
      [groupChange(1), groupChange(2), groupChange(3, elsewhere), groupChange(4, elsewhere)],
      '09:00:04',
    ],
    ['the replica is promoted twice', [promotion, { ...promotion, at: promotion.at + 1 }], 'chatops-dr-replica'],
    [
      'a database is fenced, unfenced and fenced again',
      [fence, { ...fence, at: fence.at + 1 }, { ...fence, at: fence.at + 2 }],
      'chatops-prod',
    ],
    [
      'a latch is written twice',
      [mutation(1, 's3:PutObject', 'b/latch/x'), mutation(2, 's3:PutObject', 'b/latch/x')],
      'b/latch/x',
    ],
  ])('is broken when %s', ([, history, word]) => {
    expect(verdictOn('repeatable', history)).toContain(word);
  });

  describe('beside the same drill without a crash', () => {
    const judge = (observations: readonly Observation[]) => {
      const invariants = createInvariants({ plan, withoutCrash: zoneMutations });
      for (const observation of observations) invariants.observe(observation);
      return invariants.verdict(at(100_000)).find(({ id }) => id === 'repeatable');
    };
    const later = zoneMutations.map((one) => ({ ...one, at: one.at + 7000 })).reverse();

    test('holds when the same was changed, later and in another order', () => {
      expect(judge([crash, ...later])).toEqual({ id: 'repeatable', held: true });
    });

    test('is broken when something is missing', () => {
      const detail = judge([crash, ...later.slice(1)])?.detail;
      expect(detail).toContain('09:00:50.000Z move-database of');
      expect(detail).toContain(`CancelZonalShift of ${balancer} in ${east} (${bad}) was made 0 times instead of 1`);
    });

    test('is broken when something was changed elsewhere', () => {
      const moved = later.map((one) => (one.operation === 'RebootDBInstance' ? { ...one, ...elsewhere } : one));
      expect(judge([crash, ...moved])?.detail).toContain('the first of 2');
    });

    test('holds when nothing was killed and so there is nothing to compare', () => {
      expect(judge(later.slice(1))).toEqual({ id: 'repeatable', held: true });
      expect(judge([approval(1)])).toEqual({ id: 'repeatable', held: true });
    });
  });
});
