// Tests of an incident's life: it opens once, rises as one, waits while it is held, and closes after recovery has held.
import { describe, expect, test } from 'vitest';
import {
  advance,
  decidedAt,
  endedAt,
  givesWay,
  isManual,
  isWithdrawn,
  manualIncidentId,
  withdraw,
  zoneOfFlow,
} from '../../../../functions/domain/decision/incident.ts';
import type {
  Classification,
  Incident,
  Level,
  Lock,
  RecordedDecision,
  Standing,
} from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { after, az1, az2, idle, region } from '../evidence/sightings.ts';

// Within a describe the linter takes `after` for a hook.
const at = after;
const { recoverySeconds, degradation, region: disaster } = plan.evidence;
const frozen: Standing = { ...idle, frozen: { by: 'me', reason: 'work', at: after(0) } };

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
  wellSince: after(0),
  zonesWellAt: {},
  lookAgainAt: null,
};

function found(level: Level, change: Partial<Classification> = {}): Classification {
  const zone = level === 2 ? az1 : null;
  const scope = { region, zone };
  const failing = { level, scope, reason: 'it fails', evidence: ['e-1'], causes: ['api', 'cache'] };
  return { ...well, ...failing, since: after(0), wellSince: null, ...change };
}

/** The incident after a classification at a time, which must have changed it. */
function step(open: Incident | null, classification: Classification, seconds: number, standing = idle): Incident {
  const { incident } = advance(open, classification, standing, plan, after(seconds));
  if (incident === null) throw new Error(`nothing changed after ${seconds} s`);
  return incident;
}

function unchanged(open: Incident | null, classification: Classification, seconds: number, standing = idle) {
  const progress = advance(open, classification, standing, plan, after(seconds));
  return progress.incident === null && progress.decision === null;
}

test('while all is well no incident opens', () => {
  expect(advance(null, { ...well, lookAgainAt: after(9) }, idle, plan, after(1))).toEqual({
    incident: null,
    decision: null,
    lookAgainAt: after(9),
  });
});

test.for([
  [1, 'notify', 'us-east-1-20261123T030100000Z-notify-1'],
  [2, 'az-failover', 'us-east-1-20261123T030100000Z-az-failover-1'],
  [3, 'request-approval', 'us-east-1-20261123T030100000Z-request-approval-1'],
  ['unknown', 'hold', null],
] as const)('level %s opens an incident with its decision', ([level, action, execution]) => {
  const { incident, decision } = advance(null, found(level), idle, plan, after(60));
  expect(incident).toMatchObject({
    id: 'us-east-1-20261123T030100000Z',
    region,
    level,
    openedAt: after(0),
    lastSignalAt: after(60),
    closedAt: null,
    version: 1,
  });
  expect(decision).toMatchObject({ at: after(60), level, action, attempt: 1, execution, evidence: ['e-1'] });
  expect(incident?.decisions).toEqual([decision]);
});

test('the same arguments give the same bytes', () => {
  const once = JSON.stringify(advance(null, found(2), idle, plan, after(60)));
  expect(JSON.stringify(advance(null, found(2), idle, plan, after(60)))).toBe(once);
});

test('an incident opens once', () => {
  const open = step(null, found(1), 60);
  expect(unchanged(open, found(1), 61)).toBe(true);
  expect(unchanged(open, found(1, { evidence: ['e-2'], reason: 'more fails' }), 9000)).toBe(true);
});

test('people are not called for half a story while a stronger level forms, but not kept waiting for ever', () => {
  const forming = found(1, { rising: 2 });
  const limit = degradation.aloneSeconds + disaster.unconfirmedSeconds;
  expect(unchanged(null, forming, 60)).toBe(true);
  expect(unchanged(null, forming, limit - 0.001)).toBe(true);
  expect(step(null, forming, limit).decisions).toHaveLength(1);
});

test('a doubt waits while a disaster forms, also in an open incident', () => {
  const open = step(null, found(1), 60);
  expect(unchanged(open, found('unknown', { rising: 3 }), 61)).toBe(true);
  expect(step(open, found('unknown'), 61).level).toBe('unknown');
});

test('a zone that has failed is acted on although more may be forming', () => {
  const open = step(null, found(1), 60);
  expect(step(open, found(2, { rising: 3 }), 61).decisions.at(-1)?.action).toBe('az-failover');
});

test('an incident escalates from degradation to zone to region as one', () => {
  const one = step(null, found(1), 60);
  const two = step(one, found(2), 120);
  const three = step(two, found(3), 180);
  expect([one.id, two.id]).toEqual([three.id, three.id]);
  expect(three.decisions.map(({ level, action, attempt }) => [level, action, attempt])).toEqual([
    [1, 'notify', 1],
    [2, 'az-failover', 2],
    [3, 'request-approval', 3],
  ]);
  expect(three).toMatchObject({ level: 3, version: 3, lastSignalAt: after(180), openedAt: after(0) });
});

test('an incident never falls to a doubt or a degradation', () => {
  const open = step(null, found(3), 60);
  for (const level of [1, 'unknown'] as const) expect(unchanged(open, found(level), 9000)).toBe(true);
});

test('a region does not fall to a zone of which nobody knows since when it fails', () => {
  const asked = step(null, found(3), 60);
  const zone = found(2, { since: null, platformWellSince: after(1040) });
  expect(advance(asked, zone, idle, plan, after(9000))).toEqual({ incident: null, decision: null, lookAgainAt: null });
});

const gone = {
  lock: { target: region, execution: 'x', incident: 'i', action: 'request-approval', at: after(60) },
} as const;

test.for([
  ['nobody has answered, and the flow still waits', { ...idle, ...gone }, 'hold'],
  ['the request has ended', idle, 'az-failover'],
] as const)('a region that comes back without one of its zones is a zone case again: %s', ([, standing, action]) => {
  const asked = step(null, found(3), 60);
  const zone = found(2, { since: after(1000), platformWellSince: after(1040) });
  const from = 1040 + recoverySeconds;
  expect(unchanged(asked, zone, from - 0.001, standing)).toBe(true);
  expect(unchanged(asked, { ...zone, platformWellSince: null }, 9000, standing)).toBe(true);
  expect(advance(asked, zone, standing, plan, after(1040)).lookAgainAt).toBe(after(from));
  const fallen = step(asked, zone, from, standing);
  expect(fallen).toMatchObject({ id: asked.id, level: 2, scope: { region, zone: az1 } });
  expect(fallen.decisions.at(-1)).toMatchObject({ action, level: 2, attempt: 2 });
  if (action === 'hold')
    expect(step(fallen, zone, from + 60).decisions.at(-1)).toMatchObject({ action: 'az-failover', attempt: 3 });
  else expect(unchanged(fallen, zone, from + 60, standing)).toBe(true);
  expect(step(fallen, found(3), from + 120).level).toBe(3);
});

test('what goes beyond the zone that is left is said at once and once, and the zone stays what is dealt with', () => {
  const open = step(null, found(2), 60);
  const beyond = {
    indication: 'zones-lost',
    level: 'unknown',
    scope: { region, zone: null },
    reason: 'two fail',
  } as const;
  const both = found(2, {
    others: [{ ...beyond, since: after(70), evidence: ['e-9'], facts: ['it fails'], causes: ['unknown'] }],
  });
  const told = step(open, both, 61);
  expect(told).toMatchObject({ level: 2, scope: open.scope });
  expect(told.decisions.at(-1)).toMatchObject({ action: 'hold', indication: 'zones-lost', evidence: ['e-9'] });
  expect(unchanged(told, both, 62)).toBe(true);
  expect(unchanged(told, found(2), 9000)).toBe(true);
  const another = found('unknown', { indication: 'users-fail-platform-fails' });
  expect(step(told, another, 90).decisions.at(-1)).toMatchObject({ indication: 'users-fail-platform-fails' });
});

test('a doubt of another name is told within a doubt, and the same one is not', () => {
  const open = step(null, found('unknown', { indication: 'own-sight-lost' }), 60);
  expect(unchanged(open, found('unknown', { indication: 'own-sight-lost', reason: 'still' }), 120)).toBe(true);
  expect(step(open, found('unknown', { indication: 'users-fail-unexplained' }), 120).decisions).toHaveLength(2);
});

test('a second zone gets a decision of its own', () => {
  const open = step(null, found(2), 60);
  const second = step(open, found(2, { scope: { region, zone: az2 } }), 120);
  expect(second.id).toBe(open.id);
  expect(second.decisions.at(-1)).toMatchObject({ action: 'az-failover', scope: { region, zone: az2 }, attempt: 2 });
});

test('a hold ends when its reason does: each sweep looks at it, and it asks for no look of its own', () => {
  const { incident: held, lookAgainAt } = advance(null, found(2), frozen, plan, after(60));
  expect(held?.decisions.map(({ action }) => action)).toEqual(['hold']);
  expect(lookAgainAt).toBeNull();
  expect(unchanged(held, found(2), 120, frozen)).toBe(true);
  expect(advance(held, found(2), frozen, plan, after(120)).lookAgainAt).toBeNull();
  const acted = step(held, found(2), 180);
  expect(acted.decisions.at(-1)).toMatchObject({ action: 'az-failover', attempt: 2 });
  expect(acted.decisions.at(-1)?.execution).toMatch(/-az-failover-2$/);
});

test('an earlier look that is due anyway is kept', () => {
  const soon = found(2, { lookAgainAt: after(70) });
  expect(advance(null, soon, frozen, plan, after(60)).lookAgainAt).toBe(after(70));
});

test('a hold for another reason is another decision', () => {
  const held = step(null, found(2), 60, frozen);
  const moved = { ...idle, primary: 'us-west-2' };
  expect(step(held, found(2), 120, moved).decisions.map(({ hold }) => hold)).toEqual(['frozen', 'not-primary']);
});

test('a hold of one level is not decided about at another', () => {
  const held = step(null, found(2), 60, frozen);
  expect(unchanged(held, found(1), 120)).toBe(true);
});

test('what was not told again is told when it still fails after the cooldown', () => {
  const lone = found(1, { causes: ['cache'] });
  const recent = { ...idle, lastActions: [{ action: 'notify', target: 'us-east-1/cache', at: after(0) } as const] };
  const quiet = step(null, lone, 300, recent);
  expect(quiet.decisions.map(({ action, execution }) => [action, execution])).toEqual([['none', null]]);
  expect(unchanged(quiet, { ...lone, reason: 'cache still fails' }, 600, recent)).toBe(true);
  expect(advance(quiet, lone, recent, plan, after(600)).lookAgainAt).toBeNull();
  const told = step(quiet, lone, plan.levels.level1.cooldownSeconds, recent);
  expect(told.decisions.at(-1)).toMatchObject({ action: 'notify', attempt: 2 });
});

test('an incident closes when all has been well for long enough, and not a millisecond sooner', () => {
  const open = step(null, found(2), 60);
  const recovered = { ...well, wellSince: after(1000) };
  expect(unchanged(open, recovered, 1000 + recoverySeconds - 0.001)).toBe(true);
  const closed = step(open, recovered, 1000 + recoverySeconds);
  expect(closed).toMatchObject({ id: open.id, level: 2, closedAt: after(1000 + recoverySeconds), version: 2 });
  expect(closed.decisions.at(-1)).toMatchObject({ action: 'none', level: 0, attempt: 2, execution: null });
});

test('a disaster beside what a person planned is told at once, and held while the plan goes on; beside a failover by hand it is no news', () => {
  const opened: Incident = {
    ...{ id: 'manual-by-hand', region: 'us-east-1', level: 3, scope: { region: 'us-east-1', zone: null } },
    ...{ openedAt: after(0), lastSignalAt: after(0), closedAt: null, decisions: [], version: 1 },
  };
  const lock: Lock = {
    ...{ target: 'us-east-1', execution: 'by-hand', incident: opened.id },
    ...{ action: 'request-approval', at: after(0) },
  };
  const planned = { ...opened, planned: 'switchover' } as const;
  const told = step(planned, found(3), 120, { ...idle, lock });
  expect(told.decisions).toMatchObject([{ action: 'hold', hold: 'another-execution-active', level: 3 }]);
  expect(unchanged(told, found(3), 130, { ...idle, lock })).toBe(true);
  // Some time after it has ended, what fails still is dealt with in an incident of its own, under which an approval is looked at again.
  for (const left of [told, planned].map((one) => ({ ...one, doneAt: after(150) })))
    for (const level of [1, 2, 3, 'unknown'] as const) {
      const soon = advance(left, found(level), idle, plan, after(200));
      expect(soon).toMatchObject({ incident: null, decision: null, lookAgainAt: after(150 + recoverySeconds) });
      const { incident, decision, lookAgainAt } = advance(left, found(level), idle, plan, after(150 + recoverySeconds));
      expect(incident).toMatchObject({
        id: left.id,
        closedAt: after(150 + recoverySeconds),
        decisions: left.decisions,
      });
      expect({ decision, lookAgainAt }).toEqual({ decision: null, lookAgainAt: after(150 + recoverySeconds) });
    }
  // Where nobody kept when that was, it was after the last news: a loss waits for no record.
  const news = (told.lastSignalAt - after(0)) / 1000;
  expect(unchanged(told, found(3), news + recoverySeconds - 0.001)).toBe(true);
  expect(advance(told, found(3), idle, plan, after(news + recoverySeconds)).incident?.closedAt).toBe(
    after(news + recoverySeconds),
  );
  expect(unchanged(told, found(1), 200)).toBe(true);
  // The region that was left serves nobody.
  expect(advance(told, found(3), { ...idle, primary: 'us-west-2' }, plan, after(900)).incident?.closedAt).toBeNull();
  const frozen = { by: 'me', reason: 'work', at: after(0) };
  const frozenFirst = step(planned, found(3), 120, { ...idle, lock, frozen });
  expect(frozenFirst.decisions).toMatchObject([{ hold: 'frozen' }]);
  expect(step(frozenFirst, found(3), 200, { ...idle, lock }).decisions.at(-1)).toMatchObject({
    hold: 'another-execution-active',
  });
  expect(step(planned, found(2), 120, { ...idle, lock }).decisions).toMatchObject([
    { action: 'hold', hold: 'another-execution-active', level: 2 },
  ]);
  expect(unchanged(planned, found(1), 120, { ...idle, lock })).toBe(true);
  expect(unchanged(opened, found(3), 120, { ...idle, lock })).toBe(true);
});

test.for([
  ['a switchover', 'switchover', 3, 'another-execution-active', true],
  ['a switchover', 'switchover', 2, 'frozen', true],
  ['a restore', 'restore', 3, 'frozen', true],
  ['a restore, which mends something else,', 'restore', 2, 'another-execution-active', false],
  ['a switchover, which Breakwater would do nothing in the place of,', 'switchover', 3, 'observe-only', false],
  ['what was found, and not planned,', undefined, 3, 'another-execution-active', false],
] as const)('%s that is planned as %s and held at level %s as %s gives way: %s', ([, planned, level, hold, gives]) => {
  const held = { ...step(null, found(level), 60).decisions[0], level, action: 'hold', hold } as RecordedDecision;
  expect(givesWay({ decisions: [held], ...(planned !== undefined && { planned }) })).toBe(gives);
  expect(givesWay({ decisions: [], ...(planned !== undefined && { planned }) })).toBe(false);
});

test('an incident that a person opened while all was well stays open as long as its flow runs', () => {
  const byHand = { ...step(null, found(2), 60), id: 'manual-by-hand' };
  const lock = {
    target: 'us-east-1',
    execution: 'by-hand',
    incident: 'manual-by-hand',
    action: 'notify',
    at: after(0),
  } as const;
  const later = after(86_400);
  const calm = { ...well, wellSince: after(0) };
  expect(advance(byHand, calm, { ...idle, lock }, plan, later).incident).toBeNull();
  expect(advance(byHand, calm, idle, plan, later).incident?.closedAt).toBe(later);
  // Of what the automation found, a lock says nothing: a region that recovers while people are asked is not given up.
  const known = { ...byHand, id: 'us-east-1-1', region: 'us-east-1' };
  expect(
    advance(known, calm, { ...idle, lock: { ...lock, incident: 'us-east-1-1' } }, plan, later).decision?.level,
  ).toBe(0);
});

test('an incident closes no sooner than its recovery time after its own beginning', () => {
  const open = step(null, found(2, { since: after(500) }), 600);
  const since = { ...well, wellSince: after(0) };
  expect(unchanged(open, since, 500 + recoverySeconds - 0.001)).toBe(true);
  expect(step(open, since, 500 + recoverySeconds).closedAt).toBe(after(500 + recoverySeconds));
});

test('an incident does not close while it is not known that all is well', () => {
  const open = step(null, found(2), 60);
  expect(unchanged(open, { ...well, wellSince: null }, 100_000)).toBe(true);
});

test('names of executions fit Step Functions: at most 80 letters, digits, hyphens and underscores', () => {
  const place = 'ap-southeast-4';
  const standing = { ...idle, primary: place };
  const far = (level: Level) =>
    found(level, { region: place, scope: { region: place, zone: level === 2 ? az1 : null } });
  const open = step(null, far(1), 60, standing);
  const many = Array.from({ length: 998 }, () => open.decisions).flat();
  const last = step({ ...open, decisions: many }, far(2), 120, standing).decisions.at(-1);
  expect(last?.execution).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
  expect(last?.execution).toBe('ap-southeast-4-20261123T030100000Z-az-failover-999');
});

test('people hear again of a degradation that has a new cause, not sooner than the plan says', () => {
  const { againSeconds } = plan.evidence.degradation;
  const open = step(null, found(1, { causes: ['cache'] }), 60);
  const worse = found(1, { causes: ['api', 'cache'], newestSince: after(100) });
  const oldNews = found(1, { causes: ['api', 'cache'], newestSince: after(60) });
  expect(unchanged(open, oldNews, 60 + againSeconds)).toBe(true);
  expect(unchanged(open, worse, 60 + againSeconds - 0.001)).toBe(true);
  const told = step(open, worse, 60 + againSeconds);
  expect(told.decisions.at(-1)).toMatchObject({
    action: 'notify',
    causes: ['api', 'cache'],
    attempt: 2,
    execution: null,
  });
  expect(unchanged(told, worse, 60 + 2 * againSeconds)).toBe(true);
});

test('who heard that users fail at several observers is not told of one of them, but who heard of one is told of users', () => {
  const { againSeconds } = plan.evidence.degradation;
  const [one, several] = [['observer-eu-west-1'], ['users']];
  const later = { newestSince: after(100) };
  const users = step(null, found(1, { causes: several }), 60);
  expect(unchanged(users, found(1, { causes: one, ...later }), 60 + againSeconds)).toBe(true);
  const observer = step(null, found(1, { causes: one }), 60);
  const told = step(observer, found(1, { causes: several, ...later }), 60 + againSeconds);
  expect(told.decisions.at(-1)).toMatchObject({ action: 'notify', causes: several });
});

test('a zone failure that becomes unclear is told, and stays what it was', () => {
  const { againSeconds } = plan.evidence.degradation;
  const open = step(null, found(2), 60);
  const unclear = found('unknown', { scope: open.scope, causes: ['unknown'], newestSince: after(100) });
  expect(unchanged(open, unclear, 60 + againSeconds - 0.001)).toBe(true);
  const told = step(open, unclear, 60 + againSeconds);
  expect(told).toMatchObject({ level: 2, scope: open.scope });
  expect(told.decisions.at(-1)).toMatchObject({ action: 'hold', execution: null });
});

test.for(['users', 'heartbeat', 'control-plane'])('%s failing again soon is told again', (cause) => {
  const recently = {
    ...idle,
    lastActions: [{ action: 'notify', target: `${region}/${cause}`, at: after(0) } as const],
  };
  expect(step(null, found(1, { causes: [cause] }), 60, recently).decisions.at(-1)?.action).toBe('notify');
});

test('what ended an incident is the last decision in its record', () => {
  const open = step(null, found(1, { causes: ['cache'] }), 60);
  const closed = step(open, { ...well, wellSince: after(1000), lookAgainAt: after(9000) }, 1000 + recoverySeconds);
  const at = after(1000 + recoverySeconds);
  expect(closed).toEqual({
    ...open,
    closedAt: at,
    lastSignalAt: at,
    version: 2,
    decisions: [
      ...open.decisions,
      {
        action: 'none',
        reason: 'recovered: all has been well for long enough',
        at,
        level: 0,
        scope: { region, zone: null },
        evidence: [],
        causes: [],
        attempt: 2,
        execution: null,
      },
    ],
  });
});

test('when it was decided to start an execution is known of those that were decided alone', () => {
  const open = step(null, found(2), 60);
  expect(decidedAt(open, `${open.id}-az-failover-1`)).toBe(after(60));
  expect(decidedAt(open, 'by-hand')).toBeNull();
  expect(decidedAt(null, 'by-hand')).toBeNull();
});

test('an incident that a person opened is named after the execution', () => {
  expect(manualIncidentId('by-hand')).toBe('manual-by-hand');
  expect(isManual({ id: manualIncidentId('by-hand') })).toBe(true);
  expect(isManual(step(null, found(2), 60))).toBe(false);
});

test.for([
  ['of an incident that is over', {}, after(9), after(9)],
  ['of an incident that lasts', {}, null, null],
  ['that was planned', { mode: 'switchover' }, after(9), null],
  ['that restores', { mode: 'restore' }, after(9), null],
  ['whose data is corrupted, of which no signal says that it is well', { corruptedSince: after(0) }, after(9), null],
  ['that a person started while nothing had been found', { id: 'manual-by-hand' }, after(9), null],
] as const)('the end of the incident counts for a region flow %s: %3$s', ([, change, closedAt, at]) => {
  expect(endedAt({ id: 'us-east-1-1', mode: 'failover', ...change }, { closedAt })).toBe(at);
  expect(endedAt({ id: 'us-east-1-1', mode: 'failover', ...change }, null)).toBeNull();
});

const later = after(90);

describe('a decision that nobody began to carry out', () => {
  const open = step(null, found(2, { facts: ['api fails'], indication: 'zones-lost' }), 60);
  const [decided] = open.decisions;
  if (decided === undefined) throw new Error('no decision');

  test('is held in its place, with all that it rests on', () => {
    expect(withdraw(open, decided, later)).toEqual({
      ...open,
      version: 2,
      decisions: [
        decided,
        {
          action: 'hold',
          hold: 'not-started',
          reason: `${open.id}-az-failover-1 was not started in time`,
          at: later,
          level: 2,
          indication: 'zones-lost',
          scope: { region, zone: az1 },
          evidence: ['e-1'],
          facts: ['api fails'],
          causes: ['api', 'cache'],
          attempt: 2,
          execution: null,
        },
      ],
    });
  });

  test('has no words and no name where it had none', () => {
    const { indication: _, facts: __, ...bare } = decided;
    const held = withdraw(open, bare, later).decisions.at(-1) ?? {};
    expect(Object.keys(held)).not.toContain('indication');
    expect(Object.keys(held)).not.toContain('facts');
  });

  test('is known as taken back, by the name of its execution', () => {
    const held = withdraw(open, decided, later);
    expect(isWithdrawn(held, `${open.id}-az-failover-1`)).toBe(true);
    expect(isWithdrawn(held, `${open.id}-az-failover-2`)).toBe(false);
    expect(isWithdrawn(open, `${open.id}-az-failover-1`)).toBe(false);
    const frozenSince = held.decisions.map((one) => ({ ...one, hold: 'frozen' as const }));
    expect(isWithdrawn({ decisions: frozenSince }, `${open.id}-az-failover-1`)).toBe(false);
  });

  test('is decided about again at the next look', () => {
    const again = step(withdraw(open, decided, later), found(2), 120).decisions.at(-1);
    expect(again).toMatchObject({ action: 'az-failover', execution: `${open.id}-az-failover-3` });
  });
});

test.for([
  ['about the zone that is left', { scope: { region, zone: az1 } }, false],
  ['about another zone', { scope: { region, zone: az2 } }, true],
  ['about the whole region', { scope: { region, zone: null } }, true],
] as const)('while a zone is left, a doubt %s is news: %3$s', ([, change, isNew]) => {
  const open = step(null, found(2), 60);
  expect(unchanged(open, found('unknown', { indication: 'zones-lost', ...change }), 61)).toBe(!isNew);
});

test('a doubt that was told of one zone is told again of another one, and of the same one never', () => {
  const doubt = (zone: string | null) => found('unknown', { indication: 'zones-lost', scope: { region, zone } });
  const open = step(null, doubt(az1), 60);
  const second = step(open, doubt(az2), 61);
  expect(second.decisions).toHaveLength(2);
  expect(unchanged(second, doubt(az1), 62)).toBe(true);
  expect(unchanged(second, doubt(az2), 62)).toBe(true);
});

test('a decision names what it rests on, in full', () => {
  const { decision } = advance(null, found(2, { facts: ['api fails'] }), idle, plan, after(60));
  expect(decision).toMatchObject({ facts: ['api fails'], causes: ['api', 'cache'], scope: { region, zone: az1 } });
  expect(Object.keys(decision ?? {})).not.toContain('indication');
});

test('of what was found without a beginning the incident begins now', () => {
  expect(step(null, found(1, { since: null }), 60).openedAt).toBe(after(60));
  expect(unchanged(null, found(1, { since: null, rising: 2 }), 60)).toBe(true);
});

test('a look that is due while an incident cannot close yet is kept', () => {
  const open = step(null, found(2), 60);
  expect(advance(open, { ...well, wellSince: null, lookAgainAt: after(70) }, idle, plan, after(65))).toEqual({
    ...{ incident: null, decision: null },
    lookAgainAt: after(70),
  });
});

describe('the next look', () => {
  const look = (open: Incident | null, seen: Classification, seconds: number, standing = idle) =>
    advance(open, seen, standing, plan, at(seconds));

  test.for([1, 2, 3] as const)('at an incident of level %s that is acted on is not asked for', (level) => {
    const open = step(null, found(level), 60);
    expect(look(open, found(level, { platformWellSince: 0 }), 61).lookAgainAt).toBeNull();
    expect(look(open, found(level, { lookAgainAt: at(500) }), 61).lookAgainAt).toBe(at(500));
  });

  test('at one that is held is due when something else is', () => {
    const late = found(2, { lookAgainAt: at(500) });
    const opened = look(null, late, 60, frozen);
    expect(opened.lookAgainAt).toBe(at(500));
    expect(look(opened.incident, late, 61, frozen).lookAgainAt).toBe(at(500));
    expect(look(opened.incident, found(2, { lookAgainAt: at(70) }), 61, frozen).lookAgainAt).toBe(at(70));
  });
});

test('an incident without a decision of its own is not decided about for what it was opened for', () => {
  const byHand = { ...step(null, found(2), 60), decisions: [] };
  expect(unchanged(byHand, found(2), 120)).toBe(true);
});

test('a zone that is left is not decided about again because another zone’s decision was taken back', () => {
  const first = step(null, found(2), 60);
  const other = step(first, found(2, { scope: { region, zone: az2 } }), 120);
  const [ofFirst] = other.decisions;
  if (ofFirst === undefined) throw new Error('no decision');
  expect(unchanged(withdraw(other, ofFirst, at(180)), found(2, { scope: { region, zone: az2 } }), 240)).toBe(true);
});

test('what was told of a degradation is the last word, wherever it was at first', () => {
  const recent = { ...idle, lastActions: [{ action: 'notify', target: 'us-east-1/cache', at: at(0) } as const] };
  const quiet = step(null, found(1, { causes: ['cache'], scope: { region, zone: az1 } }), 60, recent);
  const worse = found(1, { causes: ['api', 'cache'], newestSince: at(61) });
  const told = step(quiet, worse, 62, recent);
  expect(told.decisions.map(({ action }) => action)).toEqual(['none', 'notify']);
  expect(unchanged(told, worse, 63, recent)).toBe(true);
});

test('a degradation of a zone that turns out to be its failure is decided about', () => {
  const open = step(null, found(1, { scope: { region, zone: az1 } }), 60);
  expect(step(open, found(2), 61).decisions.at(-1)).toMatchObject({ action: 'az-failover', level: 2 });
});

describe('people do not hear again', () => {
  const { againSeconds } = plan.evidence.degradation;
  const later = { newestSince: at(100), causes: ['something new'] };

  test.for<[Level, Level]>([
    [2, 1],
    [2, 2],
    [3, 'unknown'],
    [3, 1],
    [3, 3],
    ['unknown', 1],
    ['unknown', 'unknown'],
  ])('of an incident of level %s for what new is found of level %s', ([level, foundLevel]) => {
    const open = step(null, found(level, { indication: 'zones-lost' }), 60);
    const seen = found(foundLevel, { ...later, indication: 'zones-lost' });
    expect(unchanged(open, seen, 60 + againSeconds)).toBe(true);
  });

  test('sooner than so long after they heard last, and what was not said does not count', () => {
    const open = step(null, found(1, { causes: ['cache'] }), 60);
    const told = step(open, found(1, { causes: ['api'], newestSince: at(100) }), 60 + againSeconds);
    const third = found(1, { causes: ['worker'], newestSince: at(700) });
    expect(unchanged(told, third, 60 + 2 * againSeconds - 0.001)).toBe(true);
    expect(step(told, third, 60 + 2 * againSeconds).decisions).toHaveLength(3);
  });
});

test('a flow is about the zone that it was started for, whatever its incident is about by now', () => {
  const scope = (zone: string | null) => ({ region: 'us-east-1', zone });
  const moved = { scope: scope('use1-az2'), decisions: [{ execution: 'one', scope: scope('use1-az1') }] };
  expect(zoneOfFlow(moved, 'one')).toBe('use1-az1');
  expect(zoneOfFlow(moved, 'by-hand')).toBeNull();
  expect(zoneOfFlow({ scope: scope('use1-az1'), decisions: [] }, 'by-hand')).toBe('use1-az1');
});
