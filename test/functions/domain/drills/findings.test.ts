// What a failed drill leaves to be done.
import { expect, test } from 'vitest';
import { findingsOf } from '../../../../functions/domain/drills/findings.ts';
import { drillEndsMessage, drillFile } from '../../../../functions/domain/drills/words.ts';
import { plan as base } from '../../../plan.ts';
import { at, drill } from '../../../store/samples.ts';

const plan = {
  ...base,
  notifications: { ...base.notifications, owners: { 'rds-instance': 'dba', other: 'app-lead' } },
};
const failed = { ...drill, outcome: 'failed', endedAt: at, why: ['it is slow | and late', 'a row is lost'] } as const;

test('each line of why has the owner of what was broken, and a day until which it is to be mended', () => {
  expect(findingsOf(failed, plan)).toEqual([
    { what: 'it is slow | and late', owner: 'dba', due: '2026-11-17' },
    { what: 'a row is lost', owner: 'dba', due: '2026-11-17' },
  ]);
  expect(findingsOf({ ...failed, asset: null }, plan)[0]?.owner).toBe('app-lead');
  expect(findingsOf({ ...failed, outcome: 'stopped' }, plan)).toEqual([]);
});

test('people and the file for docs/drills are told of them', () => {
  const findings = findingsOf(failed, plan);
  expect(drillEndsMessage(failed, 'failed', findings, { report: null, stage: 'prod' }).body).toContain(
    'Owner: dba. Repair it by 2026-11-17: from then on the drill is due again.\n',
  );
  expect(drillFile(failed, 'failed', findings)).toContain(
    '| it is slow / and late | dba | 2026-11-17 | 2026-11-17 |\n| a row is lost | dba |',
  );
});
