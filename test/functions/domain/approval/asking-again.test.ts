// When people may be asked again about a region that nobody gave up, and what that writes to the record.
import { describe, expect, test } from 'vitest';
import {
  askedAgain,
  lookedAgain,
  type Now,
  whyNotAgain,
  whyNotLooked,
} from '../../../../functions/domain/approval/asking-again.ts';
import type { Incident } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { at, incidentOf, lock, request as sample } from '../../../store/samples.ts';

const target = 'us-east-1';
const every = plan.approval.reminderSeconds * 1000;
const decided = {
  ...(incidentOf({}).decisions[0] as Incident['decisions'][number]),
  action: 'request-approval',
  level: 3,
  scope: { region: target, zone: null },
  evidence: ['canary-1'],
  causes: ['users'],
  at,
} as const;
const incident = incidentOf({ level: 3, scope: { region: target, zone: null }, decisions: [decided] });
const request = { ...sample, target, askedAt: at + 1_000 };
const standing = {
  frozen: null,
  primary: target,
  epoch: 1,
  movedAt: null,
  lock: null,
  degradation: null,
  lastActions: [],
};
const now: Now = { settled: { outcome: 'rejected', at: at + 2_000 }, incident, standing, now: request.askedAt + every };

// A void one and an approved one too: no flow holds the region's lock any more, so that what asked has ended and gave nothing up.
test.for(['rejected', 'expired', 'void', 'approved'] as const)(
  'people may be asked again after a request was %s, once no flow acts',
  (outcome) => {
    const ended: Now = { ...now, settled: { outcome, at } };
    expect(whyNotAgain(request, ended, plan)).toBeNull();
    const held = { ...standing, lock: { ...lock, action: 'request-approval' as const } };
    expect(whyNotAgain(request, { ...ended, standing: held }, plan)).toBe(
      'Another flow acts on us-east-1: it asks, or has asked.',
    );
  },
);

test('they are asked again already for one reminder time: by then the flow asks, or has ended and people can ask once more', () => {
  const again: Now = { ...now, incident: { ...incident, decisions: [decided, { ...decided, at: at + 2 * every }] } };
  const later = (ms: number) => whyNotAgain(request, { ...again, now: at + 2 * every + ms }, plan);
  expect(later(every - 1)).toContain('asked again already');
  expect(later(every)).toBeNull();
});

test('a restore is started again by a person, and by nobody else', () => {
  expect(whyNotAgain({ ...request, mode: 'restore' }, now, plan)).toBe(
    'Only a person starts a restore: start it again by hand.',
  );
});

test.for<[string, Partial<Now>, string]>([
  ['the request is open', { settled: null }, 'This request is open: people are asked again only after it has ended.'],
  ['there is no record of the incident', { incident: null }, 'The incident is over: there is nothing to ask.'],
  [
    'the incident is over',
    { incident: { ...incident, closedAt: at } },
    'The incident is over: there is nothing to ask.',
  ],
  [
    'the record never asked by itself',
    { incident: { ...incident, decisions: [{ ...decided, action: 'notify' }] } },
    'Breakwater did not ask by itself: a person starts the flow again by hand.',
  ],
  [
    'they are asked again already',
    { incident: { ...incident, decisions: [decided, { ...decided, at: at + 3_000 }] } },
    'People are asked again already: wait for a newer e-mail. From 3 Nov 2026, 03:15 UTC on they can be asked again.',
  ],
  [
    'the region came back, without a zone',
    { incident: { ...incident, decisions: [decided, { ...decided, action: 'hold', level: 2 }] } },
    'us-east-1 is not judged to be lost any more.',
  ],
  [
    'the role has moved',
    { standing: { ...standing, primary: 'us-west-2' } },
    'us-east-1 is not the primary region any more.',
  ],
  [
    'it is frozen',
    { standing: { ...standing, frozen: { by: 'ana', reason: 'x', at } } },
    'ana froze the automation: nothing is started.',
  ],
  [
    'another region flow acts',
    { standing: { ...standing, lock: { ...lock, action: 'request-approval' } } },
    'Another flow acts on us-east-1: it asks, or has asked.',
  ],
  [
    'they were asked a moment ago',
    { now: request.askedAt + every - 1 },
    'People were asked a short time ago. From 3 Nov 2026, 03:15 UTC on they can be asked again.',
  ],
])('nobody is asked again when %s', ([, change, why]) => {
  expect(whyNotAgain(request, { ...now, ...change }, plan)).toBe(why);
});

test('nobody is asked again where the plan only observes', () => {
  const levels = { ...plan.levels, level3: { ...plan.levels.level3, mode: 'observe' as const } };
  expect(whyNotAgain(request, now, { ...plan, levels })).toBe(
    'The plan only observes region disasters: nothing is started.',
  );
});

test('a zone flow keeps nobody from asking: a region flow supersedes it', () => {
  expect(whyNotAgain(request, { ...now, standing: { ...standing, lock } }, plan)).toBeNull();
});

test('the decision is the next attempt, names who asks, and rests on the evidence of the one before', () => {
  const again = askedAgain(incident, request, 'dba', at + every);
  expect(again).toEqual({
    ...incident,
    version: incident.version + 1,
    decisions: [
      decided,
      {
        ...decided,
        at: at + every,
        attempt: 2,
        reason: 'dba asks again, after request request-1 was not approved: region us-east-1 failed',
        execution: `${incident.id}-request-approval-2`,
      },
    ],
  });
});

describe('a region without a way out, of which nobody was asked:', () => {
  const around: Pick<Now, 'standing' | 'now'> = { standing, now: at + every };
  const why = (changes: Partial<Incident> = {}, other: Partial<typeof around> = {}) =>
    whyNotLooked({ ...incident, region: target, ...changes }, { ...around, ...other }, plan);

  test('a way is looked for again in each reminder time', () => {
    expect(why()).toBeNull();
    expect(why({}, { now: at + every - 1 })).toContain('a short time ago');
    const second = lookedAgain(incident, at + every);
    expect(second.decisions.at(-1)).toMatchObject({ action: 'request-approval', attempt: 2, at: at + every, level: 3 });
    expect(why(second)).toContain('a short time ago');
    expect(why(second, { now: at + 2 * every })).toBeNull();
    const third = lookedAgain(second, at + 2 * every).decisions.at(-1);
    // The reason says once that it is looked for once more, however often it is.
    const reason = 'no safe way out was found, and nobody was asked: looked for once more; zone use1-az1 failed';
    expect([second.decisions.at(-1)?.reason, third?.reason]).toEqual([reason, reason]);
  });

  test('not while a flow acts, not once it is over, and not where a person started the flow', () => {
    expect(why({}, { standing: { ...standing, lock: { ...lock, action: 'request-approval' } } })).toContain(
      'Another flow',
    );
    expect(why({ closedAt: at })).toContain('is over');
    expect(why({ decisions: [{ ...decided, action: 'notify' }] })).toContain('by hand');
  });
});

test('a look where the record never asked rests on the incident alone', () => {
  expect(lookedAgain({ ...incident, decisions: [] }, at).decisions).toEqual([
    {
      ...{ action: 'request-approval', reason: expect.stringMatching(/^no safe way out was found, /), at, level: 3 },
      ...{ scope: incident.scope, evidence: [], causes: [], attempt: 1 },
      execution: `${incident.id}-request-approval-1`,
    },
  ]);
});
