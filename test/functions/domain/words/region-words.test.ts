// What people read when they are asked, reminded and told: nothing is left out, and nothing is raw data.
import { describe, expect, test } from 'vitest';
import { flowMessage } from '../../../../functions/domain/flow-words/flow-message.ts';
import { day } from '../../../../functions/domain/page/page-times.ts';
import type { ApprovalRequest, Incident, RecordedDecision } from '../../../../functions/domain/types.ts';
import { type About, type Addressee, messageTo } from '../../../../functions/domain/words/approval-words.ts';
import {
  actOf,
  askingSentences,
  assessmentSentences,
  ceiling,
  divergence,
  downSince,
  incidentSentences,
  notApprovedSentence,
  questionOf,
  usersBackAt,
  wayWords,
  whatIsAsked,
} from '../../../../functions/domain/words/region-words.ts';
import { assessed } from '../../../assessed.ts';
import { plan } from '../../../plan.ts';
import { at, request as sample } from '../../../store/samples.ts';
import { openIncident, regionIncident } from '../../setting.ts';

const { bounds, ...assessment } = assessed(
  {
    target: 'us-east-1',
    standby: 'us-west-2',
    mode: 'failover',
    plan: 'a1b2',
    now: at + 240_000,
    since: at,
    aliveAt: at - 20_000,
    writesEndedAt: at,
    over: false,
    called: [],
    fenced: [],
    databases: [
      {
        asset: 'database',
        replica: { status: 'available', isReplica: true, replicating: false },
        lag: { at: at - 30_000, lagSeconds: 2 },
      },
    ],
    writers: [{ asset: 'database', status: undefined }],
    caches: [{ asset: 'cache', datastore: 'ldgnf-chatops', member: true }],
    clusters: [{ cluster: 'chatops-dr', warm: true }],
    pageAnswers: true,
    takingOver: {
      region: 'us-west-2',
      incident: { id: 'incident-7', level: 2, place: 'usw2-az1', since: at - 60_000, reason: 'zone usw2-az1 failed' },
      controlPlanes: ['rds', 'ec2'],
    },
  },
  plan,
);
const shown = {
  ...assessment,
  reason: 'region us-east-1 failed',
  standby: 'us-west-2',
  mode: 'failover',
  changed: null,
};
const request: ApprovalRequest = { ...sample, ...bounds, shown };

const dba: Addressee = { asked: true, role: 'dba', link: 'https://page.example/r/link' };
const incident: Incident = { ...openIncident, level: 3, openedAt: at - 300_000 };
const reach = '@dba (dba) or @lead (infra-lead)';
const asked: About = { news: 'asked', reach };
const mailOf = (change: Partial<ApprovalRequest> = {}, addressee: Addressee = dba, about: About = asked) =>
  messageTo(addressee, about, { ...request, ...change }, incident, 'prod');

describe('the request', () => {
  const { subject, body } = mailOf();

  test('answers in this order what is needed, what happened, what is done and what follows', () => {
    const heads = body.split('\n').filter((line) => /^[A-Z ]{4,}$/.test(line));
    expect(heads).toEqual(['WHAT IS NEEDED FROM YOU', 'WHAT HAPPENED', 'WHAT IS BEING DONE', 'WHAT FOLLOWS', 'MORE']);
    expect(body.split('\n').slice(0, 4)).toEqual([
      'WHAT IS NEEDED FROM YOU',
      'Answer by 04:00 UTC (1 h left): May us-east-1 be given up, so that us-west-2 takes over?',
      'Your own page, for dba only. Opening the page changes nothing:',
      'https://page.example/r/link',
    ]);
  });

  test('has its names and numbers of things in its last line, and in what is typed', () => {
    const [last = '', ...others] = body.split('\n').toReversed();
    expect(last).toContain(`request ${request.id}`);
    expect(others.filter((line) => line.includes(request.id) && !line.startsWith('  npm run'))).toEqual([]);
  });

  test('fits a phone and says what is asked for', () => {
    expect(subject).toBe('[Breakwater] Approve or reject by 04:00 UTC: failover of us-east-1 to us-west-2');
    const told = mailOf({}, { asked: false, role: 'on-call' });
    expect(told.subject).toBe(
      '[Breakwater] For information: approval is asked for: failover of us-east-1 to us-west-2',
    );
    expect(told.body).toContain('You are told as on-call and are not asked to approve.');
    expect(told.body).not.toContain('npm run');
    expect(body).toContain('This flow has changed nothing yet.');
  });

  test.for([
    ['why', 'Region us-east-1 failed.'],
    ['how long users have been down', 'Users of us-east-1 went down at 02:59 UTC (less than a minute ago).'],
    ['the evidence', 'replica lag: 2 s, measured 10 s before the last successful user request'],
    [
      'that the region that takes over has an incident of its own',
      'us-west-2 has an open incident of its own, incident-7, since 3 Nov 2026, 02:59 UTC: level 2, zone failure in usw2-az1: zone usw2-az1 failed.',
    ],
    ['which of its control planes fail', 'Control planes of us-west-2 do not answer: rds, ec2.'],
    ['the predicted time, by the clock', 'If people approve now, users are served again at about 03:11 UTC.'],
    ['the predicted loss', 'the writes of the last 32 s before the failure'],
    ['how far an approval holds', 'If the loss would exceed 1 min 32 s, Breakwater stops'],
    ['what is not fenced', 'NOT FENCED: us-east-1'],
    [
      'what else there is',
      'Not offered: Restore the latest snapshot in us-west-2 (database). The plan does not say what a restore in us-west-2 needs.',
    ],
    ['what happens when nothing is done', 'Another way: Wait for us-east-1. Nothing is changed'],
    ['who is asked and how many are needed', '2 of dr-coordinator, infra-lead, dba must approve'],
    [
      'when it expires, and what happens then',
      'Without enough approvals by 04:00 UTC, nothing is changed: us-east-1 keeps its role',
    ],
    ['where to read on', 'docs/runbook.md#request-approval'],
  ] as const)('says %s', ([, words]) => {
    expect(body).toContain(words);
  });

  test('has no raw data in it', () => {
    expect(body).not.toMatch(/[{}[\]]|undefined|null/);
  });

  test('says what changed when people are asked again', () => {
    const again = mailOf({ shown: { ...shown, changed: 'us-east-1 can not be fenced any more' } });
    expect(again.body).toContain('The earlier approval no longer holds: us-east-1 can not be fenced any more.');
    expect(body).not.toContain('asked again because');
  });

  test('says that a loss is not known, and that nothing is lost', () => {
    const unknown = { ...shown, predicted: { recoverySeconds: 600, dataLossSeconds: null } };
    const blind = mailOf({ lossCeilingSeconds: null, shown: unknown });
    expect(blind.body.match(/NOT KNOWN/g)).toHaveLength(2);
    const planned = { mode: 'switchover', unfenced: [], lossCeilingSeconds: 0 } as const;
    const calm = mailOf({ ...planned, shown: { ...shown, mode: 'switchover', unfenced: [] } });
    expect(calm.body).toContain('No data is lost');
    expect(calm.body).toContain('Breakwater can now close (fence) everything that takes writes.');
  });

  test.for([
    [
      'each has its own',
      { database: 32, orders: 7_200 },
      { database: 92, orders: 7_260 },
      [
        'For each asset: database 32 s, orders 2 h.',
        'If the loss would exceed 1 min 32 s of database or 2 h 1 min of orders, Breakwater stops, and people are asked again.',
      ],
    ],
    [
      'of one nobody knows it',
      { database: 32, orders: null },
      { database: 92, orders: null },
      [
        'For each asset: database 32 s, orders NOT KNOWN.',
        'exceed 1 min 32 s of database, Breakwater stops, and people are asked again. The data loss of orders is NOT KNOWN: an approval allows any loss there.',
      ],
    ],
    [
      'of none anybody knows it',
      { database: null, orders: null },
      { database: null, orders: null },
      [
        'For each asset: database NOT KNOWN, orders NOT KNOWN.',
        'The data loss is NOT KNOWN: an approval allows any loss.',
      ],
    ],
  ] as const)(
    'of two databases says what may be lost of each: %s',
    ([, assetLossSeconds, assetCeilingSeconds, said]) => {
      const most = (all: Readonly<Record<string, number | null>>) => {
        const known = Object.values(all).filter((seconds) => seconds !== null);
        return known.length < 2 ? null : Math.max(...known);
      };
      const predicted = { recoverySeconds: 600, dataLossSeconds: most(assetLossSeconds), assetLossSeconds };
      const change = {
        assetCeilingSeconds,
        lossCeilingSeconds: most(assetCeilingSeconds),
        shown: { ...shown, predicted },
      };
      const { body: told } = mailOf(change);
      for (const words of said) expect(told).toContain(words);
      expect(body).not.toContain('For each asset');
    },
  );

  test('whose evidence is damaged is still readable', () => {
    const damaged = mailOf({
      shown: { reason: 'x', standby: 'us-west-2', predicted: 7, replica: 'y' },
    });
    expect(damaged.body).toContain('not known');
  });
});

test('the reminder says who has not answered and how much time is left', () => {
  const waiting = { answered: ['dba'], silent: ['infra-lead', 'dr-coordinator'], now: at + 2_700_000 };
  const { subject, body } = mailOf({}, { ...dba, role: 'infra-lead' }, { news: 'reminder', reach, ...waiting });
  expect(subject).toBe('[Breakwater] REMINDER: approve or reject by 04:00 UTC: us-east-1 to us-west-2');
  expect(body).toContain('Answer by 04:00 UTC (15 min left)');
  expect(body).toContain(
    'People were asked 45 min ago. Approved: dba. Not answered: infra-lead, dr-coordinator. In all, 2 must approve.',
  );
  expect(body).toContain('NOT FENCED: us-east-1');
  // Each minute without an answer comes on top.
  expect(body).toContain('at about 03:56 UTC.');
  const nobody = mailOf({}, dba, { news: 'reminder', reach, ...waiting, answered: [], now: at + 900_000 });
  expect(nobody.body).toContain('Approved: nobody.');
});

test('who is called because others do not answer is told whom to reach, until when', () => {
  const waiting = { answered: [], silent: ['dba', 'infra-lead'], now: at + 2_700_000 };
  const { subject, body } = mailOf(
    {},
    { asked: false, role: 'app-lead' },
    {
      news: 'no-answer',
      reach: '@dba (dba) or @lead (infra-lead)',
      ...waiting,
    },
  );
  expect(subject).toBe('[Breakwater] Call dba, infra-lead by 04:00 UTC: NO ANSWER, us-east-1 to us-west-2');
  expect(body.split('\n')[1]).toBe(
    'Reach @dba (dba) or @lead (infra-lead) by 04:00 UTC (15 min left): they were asked and have not answered.',
  );
});

describe('how it ended', () => {
  const told = (occasion: 'no-way' | 'not-approved' | 'dry-run', facts: object) =>
    flowMessage(occasion, regionIncident, { ...facts }, 'Evidence: e-1.').body;

  test.for([
    ['rejected', 'one rejection is enough'],
    ['expired', 'no answer means no'],
    ['void', 'The request is void: the flow that asked has ended, and no answer counts any more.'],
  ] as const)('%s', ([answer, words]) => {
    expect(told('not-approved', { answer, round: 1 })).toContain(words);
    expect(told('not-approved', { answer, round: 2 })).toContain('(request 2)');
  });

  test('no way says everything that speaks against it, and predicts nothing', () => {
    const body = told('no-way', { ...assessment, offered: false, why: 'replication was broken' });
    expect(body).toContain('No safe way: replication was broken.');
    expect(body).not.toContain('predicted');
    expect(body).not.toMatch(/[{}]/);
  });

  test('a dry run says what people would be asked', () => {
    expect(told('dry-run', { ...assessment, bounds })).toContain('Predicted data loss');
  });
});

describe('once something was promoted', () => {
  const since = at - 60_000;
  const asking = (goingOn: object | null, begun = true) =>
    mailOf({ shown: { ...shown, begun, promoted: ['database'], goingOn } });

  test('the request asks the other question, with figures', () => {
    const { subject, body } = asking({ since, atMostSeconds: 300 });
    expect(subject).toBe('[Breakwater] Approve or reject by 04:00 UTC: go on to us-west-2, or stay in us-east-1?');
    for (const text of [
      'Go on to us-west-2, or stay in us-east-1? database was promoted in us-west-2 already.',
      'The flow has begun, and waits for this answer.',
      `To go on loses what us-east-1 took since ${day(since)}: at most 5 min of writes. How many writes that are is NOT KNOWN: only its data can say.`,
      'To stay throws the promoted copy of database in us-west-2 away',
      'nothing more is changed: the flow is paused, keeps its lock, and people are told.',
    ])
      expect(body).toContain(text);
    expect(body).not.toMatch(/May us-east-1 be given up|Nothing has been changed|keeps its role/);
  });

  test('what is not known is said to be so', () => {
    expect(asking({ since: null, atMostSeconds: null }).body).toContain(
      'To go on loses what us-east-1 took since a time that is NOT KNOWN: how many seconds of writes is NOT KNOWN.',
    );
  });

  test('who does not answer is reminded of what both answers cost', () => {
    const told = { shown: { ...shown, begun: true, promoted: ['database'], goingOn: { since, atMostSeconds: 300 } } };
    const { body } = mailOf(told, dba, { news: 'reminder', reach, answered: [], silent: ['dba'], now: at });
    expect(body).toContain('To go on loses what us-east-1 took since');
    expect(body).toContain('To stay throws the promoted copy of database');
  });

  test('a flow that has fenced and promoted nothing asks the first question, and says that it has begun', () => {
    const { body } = asking(null);
    expect(body).toContain('May us-east-1 be given up, so that us-west-2 takes over?');
    expect(body).toContain('The flow has begun, and waits for this answer.');
    expect(body).toContain('nothing more is changed: the flow is paused');
  });

  test.for([
    [['Database one TAKES WRITES AGAIN.'], 'and waits for this answer. Database one TAKES WRITES AGAIN.'],
    [[], 'and waits for this answer.'],
    ['damaged', 'and waits for this answer.'],
  ] as const)('what was opened while people think is said beside it: %j', ([opened, says]) => {
    const { body } = mailOf({ shown: { ...shown, begun: true, opened } });
    expect(body.split('\n').find((line) => line.includes('The flow has begun, ')) ?? '').toMatch(
      new RegExp(`${says}$`),
    );
  });
});

describe('a restore', () => {
  const restore = (ways: readonly object[], promoted = {}): ApprovalRequest => ({
    ...sample,
    mode: 'restore',
    shown: { standby: 'us-west-2', ways, ...promoted },
  });
  const way = (asset: string, dataUntil: number | null) => ({
    asset,
    ways: [{ way: 'restore-point-in-time', usable: true, dataUntil, seconds: null }],
  });

  test('is asked for by what it brings back, and where', () => {
    expect(questionOf(restore([]))).toEqual({
      line: 'May data in us-east-1 be restored to what it was before? Users stay in us-east-1, and what was written since is lost.',
      costs: [],
      approve: 'us-east-1 goes on with restored data',
      reject: 'us-east-1 keeps the data that it has',
    });
    expect(actOf(restore([]))).toBe('restore in us-east-1');
    expect(actOf(restore([way('database', null), way('orders', null)]))).toBe(
      'restore of database, orders in us-east-1',
    );
  });

  test('says to what moment: of several assets the earliest', () => {
    expect(whatIsAsked(restore([way('database', null), { asset: 'cache', ways: [] }]))).toBe(
      'restore of database, cache in us-east-1',
    );
    expect(whatIsAsked(restore([way('database', at), way('orders', at - 60_000)]))).toBe(
      'restore of database, orders in us-east-1, to 3 Nov 2026, 02:59 UTC',
    );
  });

  test('that nobody approves leaves the data as it is', () => {
    expect(askingSentences(restore([])).at(-1)).toBe(
      'Without enough approvals by 04:00 UTC, nothing is changed: us-east-1 keeps the data that it has, the flow ends, and people are told.',
    );
  });

  test('that has promoted something asks the other question', () => {
    const promoted = { promoted: ['database'], goingOn: { since: null, atMostSeconds: null } };
    expect(questionOf(restore([], promoted)).line).toMatch(/^Go on to us-west-2, or stay in us-east-1\?/);
  });
});

describe('the question', () => {
  test('of a move that nothing forces gives nothing up', () => {
    const planned = questionOf({ ...request, mode: 'switchover' });
    expect(planned.reject).toBe('us-east-1 keeps its role');
    expect(planned.approve).toBe('us-west-2 takes over');
    expect(questionOf(request).approve).toBe('us-east-1 is given up');
    expect(planned.line).toBe('May us-east-1 be given up, so that us-west-2 takes over?');
  });

  test.for([
    [['database', 'orders'], 'database, orders'],
    [[], 'what was promoted'],
  ] as const)('once %j was promoted names it', ([promoted, said]) => {
    const goingOn = { since: null, atMostSeconds: null };
    expect(questionOf({ ...request, shown: { ...shown, goingOn, promoted } }).line).toBe(
      `Go on to us-west-2, or stay in us-east-1? ${said} was promoted in us-west-2 already.`,
    );
  });

  test('is read by who watches a drill: how far it holds, who answers, and what comes without an answer', () => {
    expect(askingSentences({ ...sample, shown: {} })).toEqual([
      'If the loss would exceed 1 min 32 s, Breakwater stops, and people are asked again.',
      '2 of dr-coordinator, infra-lead, dba must approve. One rejection rejects the request.',
      'Without enough approvals by 04:00 UTC, nothing is changed: us-east-1 keeps its role, the flow ends, and people are told.',
    ]);
  });

  test.for([
    ['start-empty', true, true],
    ['start-empty', false, false],
    ['wait', true, false],
    ['wait', false, false],
  ] as const)('says that a next way is taken only where there is one: %s, offered %s', ([way, offered, said]) => {
    const other = { way, offered, why: 'x', recoverySeconds: null, dataLossSeconds: null };
    const next =
      'If a way fails, Breakwater takes the next one if it loses no more than that. Otherwise people are asked again.';
    expect(askingSentences({ ...sample, shown: { alternatives: [other] } }).includes(next)).toBe(said);
  });

  test('of a request whose record is damaged names no region', () => {
    expect(whatIsAsked({ ...sample, shown: { standby: 7 } })).toBe('failover of us-east-1 to the standby region');
  });
});

test('users are back when what was predicted has passed, and nobody knows where it has run out', () => {
  const { shown: _, ...bare } = sample;
  const countsFrom = { at: at - 60_000, what: 'last-served' };
  const of = (predicted: object) => ({ ...bare, shown: { predicted: { recoverySeconds: 600, ...predicted } } });
  expect(downSince(of({}), at)).toEqual({ at, what: 'first-evidence' });
  expect(downSince(of({ countsFrom }), at)).toEqual(countsFrom);
  expect(usersBackAt(of({}), at - 599_999, at)).toBe(at + 1);
  expect(usersBackAt(of({}), at - 600_000, at)).toBeNull();
  expect(usersBackAt(of({ recoverySeconds: null }), at, at)).toBeNull();
  // Of another way the same rule.
  expect(usersBackAt(of({}), at, at, 900)).toBe(at + 900_000);
  expect(usersBackAt(of({}), at, at, null)).toBeNull();
});

test.for([
  ['failover', 'Wait for us-east-1'],
  ['switchover', 'Stay in us-east-1'],
  ['restore', 'Keep the data of us-east-1 as it is'],
] as const)('not to answer is called by what it comes to: of a %s', ([mode, words]) => {
  expect(wayWords({ way: 'wait' }, { target: 'us-east-1', standby: 'us-west-2', mode })).toBe(words);
});

describe('what an assessment found', () => {
  const chosen = (asset: string, way: string, usable = true) => ({
    asset,
    ways: [{ way, usable, dataUntil: null, seconds: null }],
  });
  const ways = [
    chosen('database', 'promote-replica'),
    chosen('cache', 'start-empty'),
    chosen('orders', 'restore-snapshot', false),
    { asset: 'queue', ways: [] },
  ];
  const found = { offered: true, why: 'lag: 2 s', region: 'us-east-1', standby: 'us-west-2' };
  const fenced = 'Breakwater can now close (fence) everything that takes writes.';
  const first = (change: object) => assessmentSentences({ ...found, ways, ...change })[0];

  test('is the way of each asset that has one', () => {
    expect(assessmentSentences({ ...found, ways })).toEqual([
      'The way: Promote the replica in us-west-2 (database); Start in us-west-2 with an empty cache (cache).',
      'Found: lag: 2 s.',
      fenced,
    ]);
    expect(assessmentSentences({ ...found, ways: [] })).toEqual(['Found: lag: 2 s.', fenced]);
    expect(assessmentSentences({ ...found, ways, offered: false })).toEqual(['No safe way: lag: 2 s.']);
  });

  test('is what stays open, instead of that all can be closed', () => {
    expect(assessmentSentences({ ...found, unfenced: ['us-east-1'] })).toEqual([
      'Found: lag: 2 s.',
      'NOT FENCED: us-east-1 does not answer. The old database may go on taking writes. Those writes are missing in the new database.',
    ]);
  });

  test('names no region where one of the two is not known', () => {
    const bare = 'The way: Promote the replica (database); Start with an empty cache (cache).';
    expect(first({ region: null })).toBe(bare);
    expect(first({ standby: null })).toBe(bare);
  });

  test.for([
    [{ lagSeconds: 2, lastSeenAt: null }, 'Replica lag before the last successful user request: NOT KNOWN.'],
    [
      { lagSeconds: null, lastSeenAt: at },
      'Replication was broken at 3 Nov 2026, 03:00 UTC, before the last successful user request.',
    ],
    [
      { lagSeconds: 2, lastSeenAt: at },
      'Replica lag: 2 s, measured at 3 Nov 2026, 03:00 UTC, before the last successful user request.',
    ],
  ] as const)('is the replica, where there is no way: %j', ([seen, said]) => {
    const replica = { status: 'available', ...seen };
    expect(assessmentSentences({ offered: false, why: 'x', replica })).toEqual([
      'No safe way: x.',
      `Replica status: available. ${said}`,
    ]);
    expect(assessmentSentences({ offered: true, why: 'x', replica })).toEqual(['Found: x.', fenced]);
  });

  test.for([
    [{ recoverySeconds: null }, 'When users would be served again is NOT KNOWN.'],
    [
      { recoverySeconds: 600 },
      'If people approve now, users are predicted to be down for 10 min, counted from the first sign of the failure.',
    ],
    [
      { recoverySeconds: 600, countsFrom: { at, what: 'last-served' }, basis: 'the last drill' },
      'If people approve now, users are predicted to be down for 10 min, counted from the last successful user request (3 Nov 2026, 03:00 UTC). This prediction goes by the last drill.',
    ],
  ] as const)('is for how long users would be down: %j', ([predicted, said]) => {
    const told = assessmentSentences({ offered: true, why: 'x', predicted });
    expect(told).toEqual(['Found: x.', said, 'The data loss is NOT KNOWN.', fenced]);
    expect(assessmentSentences({ offered: false, why: 'x', predicted })).toEqual(['No safe way: x.']);
  });

  test('is the region that takes over, and what else there is', () => {
    const takingOver = { region: 'us-west-2', incident: null, controlPlanes: [] };
    const other = { way: 'wait', why: 'y', recoverySeconds: null, dataLossSeconds: null };
    const alternatives = [
      { ...other, offered: true },
      { ...other, way: 'redirect-users', offered: false },
    ];
    expect(assessmentSentences({ ...found, takingOver, alternatives })).toEqual([
      'Found: lag: 2 s.',
      'us-west-2 has no open incident of its own, and none of its control planes is known to fail.',
      fenced,
      'Another way: Wait for us-east-1. Y.',
      'Not offered: Send users to us-west-2. Y.',
    ]);
  });
});

test.for([
  ['promote-replica', 'Promote the replica in us-west-2', 'Promote the replica'],
  ['promote-delayed-replica', 'Promote the delayed replica in us-west-2', 'Promote the delayed replica'],
  [
    'restore-point-in-time',
    'Restore in us-west-2 to a point in time, from automated backups',
    'Restore to a point in time, from automated backups',
  ],
  [
    'fail-over-datastore',
    'Make the cache in us-west-2 the primary of its global datastore',
    'Make the cache the primary of its global datastore',
  ],
  ['start-empty', 'Start in us-west-2 with an empty cache', 'Start with an empty cache'],
  ['redirect-users', 'Send users to us-west-2', 'Send users to the other region'],
  ['restore-snapshot', 'Restore the latest snapshot in us-west-2', 'Restore the latest snapshot'],
  ['wait', 'Wait for us-east-1', 'Wait for the region'],
  ['toString', 'toString', 'toString'],
] as const)('the way %s is said in words, with and without its places', ([way, there, anywhere]) => {
  expect(wayWords({ way }, { target: 'us-east-1', standby: 'us-west-2' })).toBe(there);
  expect(wayWords({ way }, null)).toBe(anywhere);
  expect(wayWords({ way, asset: 'orders' }, null)).toBe(`${anywhere} (orders)`);
});

test('an incident is told by its last five decisions to do something', () => {
  const decision = (minute: number, change: Partial<RecordedDecision> = {}): RecordedDecision => ({
    ...{ action: 'notify', reason: `reason ${minute}`, at: at + minute * 60_000, level: 2, execution: null },
    ...{ scope: { region: 'us-east-1', zone: null }, evidence: [], causes: [], attempt: 1 },
    ...change,
  });
  const decisions = [1, 2, 3, 4, 5, 6].map((minute) => decision(minute));
  const told = incidentSentences({ ...incident, decisions: [...decisions, decision(7, { action: 'none' })] });
  expect(told).toEqual(
    [2, 3, 4, 5, 6].map((minute) => `3 Nov 2026, 03:0${minute} UTC, level 2 (zone failure): reason ${minute}.`),
  );
  expect(incidentSentences({ ...incident, decisions: [decision(1, { hold: 'frozen' })] })).toEqual([
    '3 Nov 2026, 03:01 UTC, level 2 (zone failure): reason 1 (held: frozen).',
  ]);
  expect(incidentSentences({ ...incident, decisions: [] })).toEqual([]);
});

test.for([
  [{ answer: 'expired', round: 1 }, 'The request expired: too few people approved in time, and no answer means no.'],
  [
    { answer: 'rejected', round: '2' },
    'The request was rejected: one rejection is enough. Nothing is done until people are asked again.',
  ],
  [{ answer: 'late', round: 3 }, 'The request ended without an approval (request 3): late.'],
  [{}, 'The request ended without an approval: undefined.'],
] as const)('a request that ended so is told: %j', ([facts, said]) => {
  expect(notApprovedSentence(facts)).toBe(said);
});

test('what stays open is named, with why, and with what an approval accepts', () => {
  const open = { mode: 'failover', unfenced: ['us-east-1'], cannotFence: [], unfencedAssets: [] } as const;
  const missing = 'may go on taking writes. Those writes are missing in the new database.';
  expect(divergence(open)).toBe(`us-east-1 does not answer. The old database ${missing}`);
  expect(divergence({ ...open, unfenced: ['database', 'orders'] })).toBe(
    `database, orders do not answer. The old database ${missing}`,
  );
  expect(divergence({ ...open, unfencedAssets: ['database'] })).toContain(
    'An approval covers database: Breakwater goes on although it is open.',
  );
  expect(divergence({ ...open, cannotFence: ['RDS refuses', 'EKS refuses'] })).toBe(
    `RDS refuses; EKS refuses. The old database ${missing}`,
  );
  expect(divergence({ ...open, mode: 'restore', cannotFence: ['RDS refuses'] })).toBe(
    'RDS refuses. The old database may go on taking writes. Those writes are missing in the restored one, and come on top of the predicted data loss.',
  );
  expect(divergence({ ...open, unfencedAssets: ['database', 'orders'] })).toBe(
    `us-east-1 does not answer. The old database ${missing} An approval covers database, orders: Breakwater goes on although they are open. If anything else cannot be closed, people are asked again.`,
  );
});

test.for([
  ['of one asset', {}, 'If the loss would exceed 1 min 32 s, Breakwater stops, and people are asked again.'],
  ['of none that is known', { lossCeilingSeconds: null }, 'The data loss is NOT KNOWN: an approval allows any loss.'],
  [
    'of a planned move',
    { mode: 'switchover' },
    'If any data would be lost, Breakwater stops, and people are asked again.',
  ],
  [
    'of two that are known',
    { assetCeilingSeconds: { database: 92, orders: 60 } },
    'If the loss would exceed 1 min 32 s of database or 1 min of orders, Breakwater stops, and people are asked again.',
  ],
  [
    'of three, two of which nobody knows',
    { lossCeilingSeconds: null, assetCeilingSeconds: { database: 92, orders: null, users: null } },
    'If the loss would exceed 1 min 32 s of database, Breakwater stops, and people are asked again. The data loss of orders, users is NOT KNOWN: an approval allows any loss there.',
  ],
] as const)('how far an approval holds is said: %s', ([, change, said]) => {
  expect(ceiling({ ...sample, ...change })).toBe(said);
});

test('of a planned move no loss of each asset is told', () => {
  const predicted = { dataLossSeconds: 0, assetLossSeconds: { database: 0, orders: 0 }, recoverySeconds: null };
  const told = (mode: string) => assessmentSentences({ offered: true, why: 'x', mode, predicted }).slice(2, -1);
  expect(told('switchover')).toEqual(['No data is lost: the flow waits until all writes are copied.']);
  expect(told('restore')).toEqual([
    'Predicted data loss: all writes of the last 0 s.',
    'For each asset: database 0 s, orders 0 s.',
  ]);
});
