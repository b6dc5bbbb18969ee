// How many executions may act on one target.
import { describe, expect, test } from 'vitest';
import type { Mutation, Observation, ObservationOf } from '../../../simulator/invariants/model/observations.ts';
import {
  at,
  balancer,
  decision,
  east,
  execution,
  fence,
  good,
  incident,
  mutation,
  regionFlow,
  verdictOn,
  west,
  zoneFlow,
} from './story.ts';

const cache = 'elasticache:ModifyReplicationGroup';
const start = 'arc-zonal-shift:StartZonalShift';
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
const released = (seconds: number): Observation => ({ kind: 'release', at: at(seconds), execution: zoneFlow });
const groupChange = (seconds: number, changes: Partial<Mutation> = {}) =>
  mutation(seconds, cache, 'chatops-redis', changes);

describe('one-execution', () => {
  const region = (seconds: number, status: ObservationOf<'execution'>['status'], name = regionFlow) => {
    const target = { region: east, zone: null };
    return execution(seconds, status, { execution: name, stateMachine: 'region-failover', region: west, target });
  };
  const watch = execution(3, 'RUNNING', {
    ...{ execution: `${regionFlow}-fence`, stateMachine: 'fence-watch', region: west },
    target: { region: east, zone: null },
  });
  const closed = { ...fence, step: 'FenceOnReturn/database' };
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
    [
      'the first gives its lock back, and does not hear that it has',
      [execution(1, 'RUNNING'), released(4), other(5, 'RUNNING'), execution(6, 'SUCCEEDED'), other(9, 'SUCCEEDED')],
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
      'a zone flow that is superseded in a dark region goes on and changes nothing more',
      [execution(1, 'RUNNING'), rebooted(2, zoneFlow), region(2, 'RUNNING'), fence],
    ],
    [
      'a zone flow that is superseded only looks on when its region is back',
      [execution(1, 'RUNNING'), rebooted(2, zoneFlow), region(2, 'RUNNING'), fence, execution(900, 'SUCCEEDED')],
    ],
    [
      'a fence watch closes the region in which such a zone flow still looks',
      [execution(1, 'RUNNING'), rebooted(2, zoneFlow), watch, closed],
    ],
    [
      'a zone flow that is superseded fails at its next call',
      [execution(1, 'RUNNING'), rebooted(2, zoneFlow), region(2, 'RUNNING'), fence, execution(900, 'FAILED')],
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
    [
      'it was redriven in the moment in which another one had ended',
      [
        execution(1, 'RUNNING'),
        rebooted(2, zoneFlow),
        execution(3, 'FAILED'),
        other(4, 'RUNNING'),
        other(6, 'SUCCEEDED'),
        execution(6, 'RUNNING'),
      ],
    ],
    [
      'a redrive was refused because another one had taken over',
      [
        execution(1, 'RUNNING'),
        rebooted(2, zoneFlow),
        execution(3, 'FAILED'),
        other(4, 'RUNNING'),
        execution(5, 'RUNNING'),
        execution(6, 'FAILED'),
      ],
    ],
    [
      'a region flow acts for one region and a zone flow in the other',
      [region(1, 'RUNNING'), other(2, 'RUNNING', { target: { region: west, zone: 'usw2-az1' } }), fence],
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
      'a region flow acts between two changes of a zone flow',
      [
        execution(1, 'RUNNING'),
        rebooted(2, zoneFlow),
        region(2, 'RUNNING'),
        fence,
        groupChange(800),
        execution(900, 'SUCCEEDED'),
      ],
      '09:11:40',
    ],
    [
      'a zone flow changes something after a fence watch has closed its region',
      [execution(1, 'RUNNING'), watch, closed, rebooted(900, zoneFlow)],
      '09:11:40',
    ],
    [
      'a zone flow that is superseded changes something all the same',
      [execution(1, 'RUNNING'), region(2, 'RUNNING'), fence, rebooted(800, zoneFlow)],
      '09:11:40',
    ],
    [
      'a zone flow that is superseded changes something before it fails',
      [execution(1, 'RUNNING'), region(2, 'RUNNING'), fence, rebooted(800, zoneFlow), execution(900, 'FAILED')],
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
    [
      'one name was started as two flows',
      [execution(1, 'RUNNING'), execution(1, 'RUNNING', { stateMachine: 'service-degradation' })],
      'started as service-degradation',
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
    const detail = verdictOn('one-execution', [...history, rebooted(20, second), rebooted(21, second)]);
    expect(detail).toContain('09:00:20');
    expect(detail).not.toContain('the first of');
  });
});
