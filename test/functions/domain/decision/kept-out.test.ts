// Whether users stay out of a zone of which nothing tells whether it is well, until when, and what follows when it fails again.
import { expect, test } from 'vitest';
import { decide } from '../../../../functions/domain/decision/decide.ts';
import { advance } from '../../../../functions/domain/decision/incident.ts';
import { keptOut, leftZone, returnedTo, returnOf } from '../../../../functions/domain/decision/kept-out.ts';
import { drawPicture } from '../../../../functions/domain/evidence/picture.ts';
import type { Plan } from '../../../../functions/domain/plan/plan.ts';
import type { Classification, Incident, Standing } from '../../../../functions/domain/types.ts';
import { keptOutMessage } from '../../../../functions/domain/words/decision-words.ts';
import { plan } from '../../../plan.ts';
import { after, alarm, autoshift, az1, az2, idle, region } from '../evidence/sightings.ts';

const { expirySeconds } = plan.zonalShift;
const { cooldownSeconds } = plan.levels.level2;
const leavingSeconds = 900;

const well: Classification = {
  region,
  level: 0,
  indication: null,
  others: [],
  platformWellSince: 0,
  scope: { region, zone: null },
  reason: 'nothing fails',
  evidence: [],
  facts: [],
  causes: [],
  rising: null,
  since: null,
  newestSince: null,
  users: 'unknown',
  wellSince: after(300),
  zonesWellAt: { [az1]: after(300) },
  lookAgainAt: null,
};
const failed: Classification = {
  ...well,
  level: 2,
  scope: { region, zone: az1 },
  reason: 'it fails',
  causes: ['api'],
  since: after(0),
  wellSince: null,
};

function opened(seconds: number, before: Incident | null = null): Incident {
  const { incident } = advance(null, { ...failed, since: after(seconds) }, idle, plan, after(seconds), before);
  if (incident === null) throw new Error('no incident');
  return incident;
}
/** The flow of an incident holds its region since a time. */
function leaving({ id }: Incident, seconds: number): Standing {
  const lock = { target: region, execution: `${id}-az-failover-1`, incident: id, action: 'az-failover' } as const;
  return {
    ...idle,
    lock: { ...lock, at: after(seconds) },
    lastActions: [{ action: 'az-failover', target: `${region}/${az1}`, at: after(seconds) }],
  };
}

const open = opened(0);
const left = leaving(open, 0);
const ends = (found: Partial<Classification>, seconds: number, standing = left, of: Plan = plan) =>
  advance(open, { ...well, ...found }, standing, of, after(seconds)).incident?.closedAt === after(seconds);

test('what became well when users left keeps them out until a shift would have ended, and people hear until when', () => {
  expect(ends({}, expirySeconds - 1)).toBe(false);
  const { keptOut: kept, lookAgainAt } = advance(open, well, left, plan, after(1000));
  expect(kept).toEqual({
    ...{ zone: az1, execution: left.lock?.execution, until: after(expirySeconds), returnedAt: null },
    pausesAt: after(plan.zonalShift.maximumSeconds),
  });
  expect(lookAgainAt).toBe(after(expirySeconds));
  expect(ends({}, expirySeconds)).toBe(true);
});

test.for([
  ['something in the zone became well long after users had left', leavingSeconds, true],
  ['it became well a moment sooner', leavingSeconds - 0.001, false],
] as const)('where %s the incident ends: %s', ([, seconds, isOver]) => {
  const wellSince = after(seconds);
  const at = seconds + plan.evidence.recoverySeconds;
  expect(ends({ wellSince, zonesWellAt: { [az1]: after(seconds) } }, at)).toBe(isOver);
  // What became well in another zone says nothing of this one.
  expect(ends({ wellSince, zonesWellAt: { [az2]: after(seconds) } }, at)).toBe(false);
});

test('users who are in the zone are not kept out of it: an aborted flow, and a plan that shifts no traffic', () => {
  expect(ends({}, 1000, idle)).toBe(true);
  const shiftless = { ...plan, assets: plan.assets.filter(({ kind }) => kind === 'rds-instance') };
  expect(ends({}, 1000, left, shiftless)).toBe(true);
});

test('an incident that has turned to another zone keeps users out of the one that its flow left, and remembers that one', () => {
  const turned = { ...open, scope: { region, zone: az2 } };
  expect(keptOut(turned, well, left, plan, after(1000))?.zone).toBe(az1);
  const { incident } = advance(turned, well, left, plan, after(expirySeconds));
  expect(incident?.returned).toEqual({ zone: az1, at: after(expirySeconds) });
});

test('an alarm in the zone, and the end of an autoshift, tell of a zone; an alarm of the region does not', () => {
  const told = [alarm('api-5xx', az1, 40, 'healthy'), alarm('api-5xx', null, 60, 'healthy')];
  expect(drawPicture([...told, autoshift(az2, 50, false)], region, plan, after(100)).zonesWellAt).toEqual({
    [az1]: after(40),
    [az2]: after(50),
  });
  expect(drawPicture([...told, autoshift(az2, 50)], region, plan, after(100)).zonesWellAt).toEqual({
    [az1]: after(40),
  });
});

test('a zone that fails again after its own closing is left again at once, and users then wait for a person', () => {
  const closed = advance(open, well, left, plan, after(expirySeconds)).incident;
  expect(closed?.returned).toEqual({ zone: az1, at: after(expirySeconds) });
  const again = opened(expirySeconds + 300, closed);
  expect(again.decisions.map(({ action }) => action)).toEqual(['az-failover']);
  const standing = leaving(again, expirySeconds + 300);
  const kept = keptOut(again, well, standing, plan, after(2 * expirySeconds));
  expect(kept).toMatchObject({ zone: az1, until: null, returnedAt: after(expirySeconds) });
  if (kept === null) return;
  const { subject, body } = keptOutMessage(again, kept, { drill: true, now: after(2 * expirySeconds) });
  expect(subject).toContain(`[DRILL] Not urgent: users stay out of ${az1}: decide by `);
  expect(body).toContain('docs/runbook.md#kept-out');
});

test('what was sent back is remembered by the incidents between, and for no longer than the cooldown', () => {
  const closed = advance(open, well, left, plan, after(expirySeconds)).incident;
  const between = advance(null, { ...failed, level: 1, scope: well.scope }, idle, plan, after(expirySeconds), closed);
  expect(between.incident?.returned).toEqual(closed?.returned);
  const just = leaving(open, expirySeconds);
  const decided = (seconds: number, zone: string, incident = closed) =>
    decide(
      { ...failed, scope: { region, zone } },
      { ...just, lock: null },
      plan,
      after(seconds),
      incident ?? undefined,
    );
  expect(decided(expirySeconds + 60, az1).action).toBe('az-failover');
  // Where a flow was aborted nobody sent users back: a person looks first.
  expect(decided(expirySeconds + 60, az1, open).hold).toBe('cooling-down');
  const later = opened(expirySeconds + cooldownSeconds, closed);
  expect(
    keptOut(later, well, leaving(later, expirySeconds + cooldownSeconds), plan, after(expirySeconds + cooldownSeconds))
      ?.returnedAt,
  ).toBe(null);
});

const { lock: held } = left;
if (held === null) throw new Error('no lock');

test.for([
  ['a flow of it has left', {}, {}, az1],
  ['no flow acts on', {}, null, null],
  ['the flow of another incident has left', {}, { incident: 'another' }, null],
  ['a flow of the whole region acts on', {}, { action: 'request-approval' }, null],
  ['a flow has left that was decided before the incident turned', { scope: { region, zone: az2 } }, {}, az1],
  ['a person has started a flow for', { scope: { region, zone: az2 } }, { execution: 'by-hand' }, az2],
] as const)('the zone of an incident that %s', ([, change, acting, zone]) => {
  expect(leftZone({ ...open, ...change }, acting === null ? null : { ...held, ...acting })).toBe(zone);
});

test.for([
  ['users left at its start, and nothing tells of the zone', {}, {}, 60, after(expirySeconds)],
  ['the time is nearly up', {}, {}, expirySeconds - 0.001, after(expirySeconds)],
  ['the time is up', {}, {}, expirySeconds, null],
  ['nothing of the zone was ever well', {}, { zonesWellAt: {} }, 60, after(expirySeconds)],
  ['it has become one of the region, which has a flow of its own', { level: 3 }, {}, 60, null],
  ['it is only unclear', { level: 'unknown' }, {}, 60, null],
] as const)('users stay out of a zone while its incident is open: %s', ([, change, found, seconds, until]) => {
  const kept = keptOut({ ...open, ...change }, { ...well, ...found }, left, plan, after(seconds));
  expect(kept?.until ?? null).toBe(until);
});

test('users stay out of no zone for the sake of another incident, or of a flow of the whole region', () => {
  const acting = (change: object) => keptOut(open, well, { ...left, lock: { ...held, ...change } }, plan, after(60));
  expect(acting({})?.zone).toBe(az1);
  expect(acting({ incident: 'another' })).toBeNull();
  expect(acting({ action: 'request-approval' })).toBeNull();
});

test('an incident that ends remembers the zone that its flow kept users out of, and nothing else', () => {
  expect(returnOf(open, held, after(9))).toEqual({ returned: { zone: az1, at: after(9) } });
  expect(returnOf(open, null, after(9))).toEqual({});
  expect(returnOf({ ...open, level: 3 }, held, after(9))).toEqual({});
});

test.for([
  ['a moment ago', { zone: az1, at: after(0) }, 1, after(0)],
  ['nearly as long ago as the cooldown', { zone: az1, at: after(0) }, cooldownSeconds - 0.001, after(0)],
  ['as long ago as the cooldown', { zone: az1, at: after(0) }, cooldownSeconds, null],
  ['to another zone', { zone: az2, at: after(0) }, 1, null],
  ['never', undefined, 1, null],
] as const)('users were sent back to the zone %s', ([, returned, seconds, at]) => {
  expect(returnedTo(az1, returned === undefined ? {} : { returned }, plan, after(seconds))).toBe(at);
});
