// What may be done again, and what is a second effect.
import { describe, expect, test } from 'vitest';
import type { Mutation, Observation } from '../../../simulator/invariants/model/observations.ts';
import { createInvariants } from '../../../simulator/invariants.ts';
import { plan } from '../../plan.ts';
import {
  approval,
  at,
  bad,
  balancer,
  east,
  fence,
  good,
  incident,
  mutation,
  promotion,
  tick,
  verdictOn,
  zoneFlow,
  zoneMutations,
} from './story.ts';

const cache = 'elasticache:ModifyReplicationGroup';
const start = 'arc-zonal-shift:StartZonalShift';
const update = 'arc-zonal-shift:UpdateZonalShift';
const cancel = 'arc-zonal-shift:CancelZonalShift';
const reboot = 'rds:RebootDBInstance';
const elsewhere = { scope: { region: east, zone: good } };
const second = `${incident}-az-failover-2`;
const groupChange = (seconds: number, changes: Partial<Mutation> = {}) =>
  mutation(seconds, cache, 'chatops-redis', changes);

const unfence = { ...fence, at: fence.at + 1, step: 'Unfence/database' };
/** So many seconds after the fence. */
const restart = (seconds: number): Mutation => ({
  ...fence,
  at: fence.at + seconds * 1000,
  operation: 'RebootDBInstance',
});
/** So many seconds after the fence its groups are exchanged again. */
const fencedAgain = (seconds: number): Mutation => ({ ...fence, at: fence.at + seconds * 1000 });
/** From so many seconds after the fence on RDS shows its databases as they had been, or as they are. */
const shows = (seconds: number, stale: boolean): Observation => ({
  ...tick(0, stale ? { stale } : {}),
  at: fence.at + seconds * 1000,
});
/** So many seconds after the fence its region is lost. */
const lostAt = (seconds: number): Observation => ({
  ...tick(0, { lost: [east] }),
  at: fence.at + seconds * 1000,
});

describe('repeatable', () => {
  const shifted = mutation(0, start, balancer);
  const { expirySeconds, extendBeforeSeconds } = plan.zonalShift;
  const least = (expirySeconds - extendBeforeSeconds) / 2;
  const crash: Observation = { kind: 'crash', at: at(50), execution: zoneFlow, step: 'leave-zone/database' };
  test.for<[string, readonly Observation[]]>([
    ['each call is made once', zoneMutations],
    ['groups are set again that RDS has not shown for two minutes', [shows(-1, true), fence, fencedAgain(110)]],
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
    ['a database is fenced and unfenced', [fence, unfence]],
    [
      'a switchover gave up and is resumed: fenced, restarted, unfenced, fenced and restarted',
      [fence, restart(1), { ...unfence, at: at(710) }, { ...fence, at: at(800) }, restart(101)],
    ],
    [
      'the region of a fenced database was lost before its restart could be seen, and it is restarted when it is back',
      [fence, restart(1), lostAt(2), restart(1300)],
    ],
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
    ['groups are set again that RDS has shown', [shows(-1, false), fence, fencedAgain(110)], 'ModifyDBInstance'],
    [
      'groups are set again when RDS shows them at last',
      [shows(-1, true), fence, shows(60, false), fencedAgain(110)],
      'ModifyDBInstance',
    ],
    ['groups are set again at once', [shows(-1, true), fence, fencedAgain(109)], 'ModifyDBInstance'],
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
      'leave-zone/database was killed and run again',
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
      'a shift is extended the third time a second too early',
      [mutation(1, update, balancer), mutation(1 + least, update, balancer), mutation(2 * least, update, balancer)],
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
    ['a database is fenced twice', [fence, { ...fence, at: fence.at + 1 }], 'chatops-prod'],
    ['a database is unfenced twice', [fence, unfence, { ...unfence, at: unfence.at + 1 }], 'chatops-prod'],
    [
      'a fenced database is restarted twice, and its region was lost long after the first restart',
      [fence, restart(1), lostAt(400), restart(1300)],
      'chatops-prod',
    ],
    ['a fenced database is restarted twice', [fence, restart(1), restart(2)], 'chatops-prod'],
    [
      'a latch is written twice',
      [mutation(1, 's3:PutObject', 'b/latch/x'), mutation(2, 's3:PutObject', 'b/latch/x')],
      'b/latch/x',
    ],
  ])('is broken when %s', ([, history, word]) => {
    expect(verdictOn('repeatable', history)).toContain(word);
  });

  test.for<[string, Observation]>([
    ['of another execution', { ...crash, execution: second } as Observation],
    ['before the first of them', { ...crash, at: at(0) } as Observation],
    ['after the last of them', { ...crash, at: at(61) } as Observation],
  ])('does not blame a crash %s', ([, unrelated]) => {
    const history = [mutation(1, reboot, 'chatops-prod'), unrelated, mutation(60, reboot, 'chatops-prod')];
    expect(verdictOn('repeatable', history)).not.toContain('was killed');
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
      expect(detail).toContain('09:00:50.000Z leave-zone/database of');
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
