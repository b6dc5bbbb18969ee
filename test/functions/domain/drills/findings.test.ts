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

const window = { days: ['tue' as const], from: '10:00', to: '15:00', timeZone: 'America/New_York' };
const [played] = base.drills;
if (played === undefined) throw new Error('the plan has drills');
const drills = [
  { ...played, name: 'another', kind: 'fault' as const, window: { ...window, timeZone: 'Asia/Tokyo' } },
  { ...played, name: drill.name, kind: 'fault' as const, window },
];

test('the day is one of the place of the drill, and counts from its end, or from its beginning where that is not known', () => {
  // In New York it is still the day before.
  expect(findingsOf(failed, { ...plan, drills })[0]?.due).toBe('2026-11-16');
  expect(findingsOf(failed, { ...plan, drills: drills.slice(0, 1) })[0]?.due).toBe('2026-11-17');
  expect(findingsOf(failed, { ...plan, drills: [{ ...played, name: drill.name }] })[0]?.due).toBe('2026-11-17');
  const day = 86_400_000;
  expect(findingsOf({ ...failed, startedAt: at - 2 * day, endedAt: null }, plan)[0]?.due).toBe('2026-11-15');
  expect(findingsOf({ ...failed, startedAt: at - 2 * day }, plan)[0]?.due).toBe('2026-11-17');
});

test('what has no owner by its kind is of the first who hears of failures', () => {
  const owner = (owners: Record<string, string>, failure: string[], asset: string | null = 'database') =>
    findingsOf({ ...failed, asset }, { ...plan, notifications: { ...plan.notifications, owners, failure } })[0]?.owner;
  expect(owner({ 'rds-instance': 'dba' }, ['on-call'])).toBe('dba');
  expect(owner({ elasticache: 'dba', other: 'app-lead' }, ['on-call'])).toBe('app-lead');
  expect(owner({}, ['on-call', 'dba'])).toBe('on-call');
  expect(owner({ 'rds-instance': 'dba' }, ['on-call'], null)).toBe('on-call');
  expect(owner({ 'rds-instance': 'dba' }, ['on-call'], 'gone')).toBe('on-call');
  expect(owner({}, [])).toBe('');
});
