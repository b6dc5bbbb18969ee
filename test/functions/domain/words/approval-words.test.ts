// What one person is told about a request: each sentence as it reads in each case, and what is said where nothing is known.
import { describe, expect, test } from 'vitest';
import type { ApprovalRequest, Incident, RecordedDecision } from '../../../../functions/domain/types.ts';
import {
  type About,
  type Addressee,
  answerSentences,
  messageTo,
  notGivenUpMessage,
  notToldMessage,
} from '../../../../functions/domain/words/approval-words.ts';
import { plan } from '../../../plan.ts';
import { answer, at, request as sample } from '../../../store/samples.ts';
import { openIncident } from '../../setting.ts';

const standby = 'us-west-2';
const shown = { reason: 'region us-east-1 failed', standby };
const request: ApprovalRequest = { ...sample, unfenced: [], unfencedAssets: [], shown };
const goingOn = { ...shown, goingOn: { since: at, atMostSeconds: 60 }, promoted: ['database'] };
const dba: Addressee = { asked: true, role: 'dba', link: 'https://page.example/r/link' };
const incident: Incident = { ...openIncident, level: 3, openedAt: at - 300_000 };
const reach = '@dba (dba) or @lead (infra-lead)';
const asked: About = { news: 'asked', reach };
const decision: RecordedDecision = {
  action: 'request-approval',
  reason: 'region us-east-1 failed',
  at,
  level: 3,
  scope: { region: 'us-east-1', zone: null },
  evidence: [],
  causes: [],
  attempt: 1,
  execution: null,
};

/** The lines below a heading. */
function part({ body }: { readonly body: string }, heading: string): string[] {
  return body.split('\n\n').flatMap((text) => (text.startsWith(`${heading}\n`) ? text.split('\n').slice(1) : []));
}

type Given = {
  readonly change?: Partial<ApprovalRequest>;
  readonly to?: Addressee;
  readonly about?: About;
  readonly of?: Incident | null;
  readonly cools?: number | null;
};
const mail = ({ change = {}, to = dba, about = asked, of = incident, cools = null }: Given = {}) =>
  messageTo(to, about, { ...request, ...change }, of, 'prod', cools);
const happened = (given: Given) => part(mail(given), 'WHAT HAPPENED').slice(1);
const follows = (given: Given) => part(mail(given), 'WHAT FOLLOWS');
/** What decides an answer, which stands right below the question. */
const costs = (given: Given) => part(mail(given), 'WHAT IS NEEDED FROM YOU').slice(3, 5);
const told: Addressee = { asked: false, role: 'on-call' };
const more = (change: object) => part(mail({ change: { shown: { ...shown, ...change } } }), 'MORE');

describe('a request of a drill', () => {
  test('says so first, and wakes nobody as a disaster does', () => {
    const { subject, body, thread } = mail({ change: { drill: true } });
    expect(subject).toBe('[Breakwater] [DRILL] Approve or reject by 04:00 UTC: failover of us-east-1 to us-west-2');
    expect(body.split('\n')[0]).toBe('DRILL: Answer as in a real incident. Nothing is changed, whatever you answer.');
    expect(thread).toEqual({ incident: 'incident-1', severity: 'info', state: 'open' });
  });

  test('that really moves users says that', () => {
    const { body, thread } = mail({ change: { drillMoves: true } });
    expect(body.split('\n')[0]).toBe('DRILL: This drill is planned, and an approval really MOVES the users.');
    expect(thread?.severity).toBe('info');
  });

  test('is not what a real one looks like', () => {
    const { subject, body, thread } = mail();
    expect(`${subject}${body}`).not.toContain('DRILL');
    expect(thread).toEqual({ incident: 'incident-1', severity: 'critical', state: 'open' });
  });
});

describe('what is needed', () => {
  test('from who has a page: to answer there or by a line', () => {
    expect(part(mail(), 'WHAT IS NEEDED FROM YOU')).toEqual([
      'Answer by 04:00 UTC (1 h left): May us-east-1 be given up, so that us-west-2 takes over?',
      'Your own page, for dba only. Opening the page changes nothing:',
      'https://page.example/r/link',
      'When users are served again is NOT KNOWN.',
      'The data loss is NOT KNOWN.',
      'Or type one of these lines, with the AWS role or user that plan.yml names for you:',
      '  npm run approve -- request-1 --region us-east-1 --stage prod',
      '  npm run reject -- request-1 --region us-east-1 --stage prod --reason "why"',
    ]);
  });

  test('from who has no page: to answer by a line, until the link comes', () => {
    const lines = part(mail({ to: { asked: true, role: 'dba', link: null } }), 'WHAT IS NEEDED FROM YOU');
    expect(lines[1]).toBe('There is no page for dba now. Breakwater sends you the link as soon as there is one.');
    expect(lines[4]).toBe('Or type one of these lines, with the AWS role or user that plan.yml names for you:');
  });

  test('from who is not asked: nothing, but those who are can be reached', () => {
    expect(part(mail({ to: { asked: false, role: 'on-call' } }), 'WHAT IS NEEDED FROM YOU')).toEqual([
      `Nothing, unless you can help: ask ${reach} to answer by 04:00 UTC (1 h left). Each has a page of their own. You are told as on-call and are not asked to approve.`,
    ]);
  });

  test('names everything that an approval leaves open', () => {
    const change = { shown: { ...shown, unfenced: ['database', 'orders'] } };
    // Before the lines that approve it: who copies one has read it.
    const needed = part(mail({ change }), 'WHAT IS NEEDED FROM YOU');
    const commands = needed.findIndex((line) => line.startsWith('Or type one of these lines'));
    expect(needed[commands - 1]).toBe(
      'If you approve, you accept that database, orders cannot be closed: what is still written there is missing in us-west-2. See NOT FENCED below.',
    );
    expect(follows({ change })[1]).toBe(
      'NOT FENCED: database, orders do not answer. The old database may go on taking writes. Those writes are missing in the new database.',
    );
  });

  test('says who approved, who is silent, and no time below none', () => {
    const about = {
      news: 'reminder',
      reach,
      answered: ['dba', 'cto'],
      silent: ['infra-lead'],
      now: at + 4_000_000,
    } as const;
    const lines = part(mail({ about }), 'WHAT IS NEEDED FROM YOU');
    expect(lines[0]).toContain('(0 s left)');
    expect(lines.at(-1)).toBe(
      'People were asked 1 h 6 min ago. Approved: dba, cto. Not answered: infra-lead. In all, 2 must approve.',
    );
  });
});

describe('news of a request', () => {
  const news = { reach, answered: ['dba'], silent: ['infra-lead'], now: at + 900_000 } as const;
  const subject = (given: Given) => mail(given).subject.replace('[Breakwater] ', '');
  const ofRestore = { mode: 'restore', target: 'us-east-1' } as const;

  test.for<[string, Given, string]>([
    [
      'reminds who has not answered',
      { about: { ...news, news: 'reminder' } },
      'REMINDER: approve or reject by 04:00 UTC: us-east-1 to us-west-2',
    ],
    [
      'reminds them of a restore by its whole question',
      { about: { ...news, news: 'reminder' }, change: ofRestore },
      'REMINDER: approve or reject by 04:00 UTC: restore in us-east-1',
    ],
    [
      'tells the others of a reminder that nobody has to answer yet',
      { about: { ...news, news: 'reminder' }, to: told },
      'For information: REMINDER: approval is asked for: us-east-1 to us-west-2',
    ],
    [
      'has others call who does not answer',
      { about: { ...news, news: 'no-answer' }, to: told },
      'Call infra-lead by 04:00 UTC: NO ANSWER, us-east-1 to us-west-2',
    ],
    [
      'asks whether to go on, once something was promoted',
      { about: { ...news, news: 'reminder' }, change: { shown: goingOn } },
      'REMINDER: approve or reject by 04:00 UTC: on to us-west-2, or stay?',
    ],
  ])('%s', ([, given, line]) => {
    expect(subject(given)).toBe(line);
  });
});

describe('of a switchover whose region was lost since people were asked', () => {
  const minute = 60_000;
  const now = at + 16 * minute;
  const held: RecordedDecision = {
    ...{ ...decision, at: at + 9 * minute, action: 'hold', hold: 'another-execution-active' },
    reason: 'the whole region fails',
  };
  const news = { reach, answered: [], silent: ['dba', 'infra-lead'], now } as const;
  const given = (more: Given = {}): Given => ({
    about: { ...news, news: 'reminder' },
    change: { mode: 'switchover' },
    of: { ...incident, decisions: [held] },
    ...more,
  });
  const needed = (more: Given = {}) => part(mail(given(more)), 'WHAT IS NEEDED FROM YOU');
  const cannot = 'us-east-1 has failed since this was asked: this switchover cannot be done.';
  const untrue = [
    'users are served again',
    'No data is lost',
    'needs to have failed',
    'npm run approve',
    'can now close',
  ];

  test('a reminder has people reject it, and says nothing of what was found before', () => {
    const { subject, body } = mail(given());
    expect(subject).toBe('[Breakwater] REMINDER: reject by 04:00 UTC: us-east-1 has failed');
    expect(needed()[0]).toBe(`${cannot} Reject it, and you are asked about a failover.`);
    expect(needed().at(-1)).toContain('npm run reject -- ');
    for (const words of untrue) expect(body).not.toContain(words);
  });

  test('who reaches an approver reads the same', () => {
    const { subject, body } = mail(given({ about: { ...news, news: 'no-answer' }, to: told }));
    expect(subject).toBe('[Breakwater] Call dba, infra-lead by 04:00 UTC: NO ANSWER, us-east-1 has failed');
    expect(body).toContain(`${cannot} Reach ${reach} by 04:00 UTC: one of them has to reject it. Then you are asked`);
    for (const words of untrue) expect(body).not.toContain(words);
    expect(mail(given({ about: asked, to: told })).body).toContain(`${cannot} Reach ${reach}: one of them`);
  });

  test('no failover is promised while something else holds it back', () => {
    expect(needed({ cools: now + 1 })[0]).toContain('Breakwater asks about a failover after 03:16 UTC. To ask sooner');
    expect(needed({ cools: now })[0]).toContain('you are asked about a failover.');
    const frozen = { ...incident, decisions: [{ ...held, hold: 'frozen' as const }] };
    expect(needed({ of: frozen })[0]).toContain('see why nobody is asked about a failover yet: npm run status.');
  });

  test.for<[string, Given]>([
    ['a failover', given({ change: { mode: 'failover' } })],
    ['a restore', given({ change: { mode: 'restore' } })],
    ['one that nobody knows more of', given({ of: null })],
    ['one whose region had failed before', given({ of: { ...incident, decisions: [decision, held] } })],
    ['one whose region is back', given({ of: { ...incident, level: 2, decisions: [held] } })],
    ['one whose incident is over', given({ of: { ...incident, closedAt: now, decisions: [held] } })],
  ])('%s is asked as it was', ([, as]) => {
    expect(mail(as).body).not.toContain('cannot be done');
  });
});

describe('what happened', () => {
  const changed = 'the replica lags';
  const again = 'You are asked again. The earlier approval no longer holds: the replica lags.';

  test('without a record of the incident is the reason alone', () => {
    expect(happened({ of: null })).toEqual(['Region us-east-1 failed.']);
    expect(happened({ of: null, change: { shown: { ...shown, changed } } })).toEqual([
      'Region us-east-1 failed.',
      again,
    ]);
  });

  test('of a planned move says that nothing failed', () => {
    expect(happened({ change: { mode: 'switchover', shown: { ...shown, changed } } })).toEqual([
      'This move is planned. Nothing in us-east-1 needs to have failed.',
      'Region us-east-1 failed.',
      again,
    ]);
  });

  test.for([
    [59_999, 'less than a minute'],
    [60_000, '1 min'],
    [300_000, '5 min'],
    [-60_000, 'less than a minute'],
  ] as const)('%d ms ago is %s', ([ago, said]) => {
    const [first] = happened({ of: { ...incident, openedAt: at - ago } });
    expect(first?.replace(/ at \d\d:\d\d UTC/, '')).toBe(
      `The first sign that users of us-east-1 failed was (${said} ago).`,
    );
  });

  test('is said to be an outage of users where the level says so', () => {
    expect(happened({})).toEqual([
      'The first sign that users of us-east-1 failed was at 02:55 UTC (5 min ago).',
      'Region us-east-1 failed.',
    ]);
    expect(happened({ of: { ...incident, level: 2 } })[0]).toBe(
      'The trouble in us-east-1 began at 02:55 UTC (5 min ago).',
    );
  });

  test('of a restore that a person started is that, and no outage', () => {
    const plan = { ...incident, planned: 'restore', decisions: [] } as const;
    expect(happened({ of: plan, change: { mode: 'restore', requestedBy: 'anna' } })[0]).toBe(
      'anna started this restore at 02:55 UTC (5 min ago).',
    );
  });

  test('of an outage whose last served visit is known is since then', () => {
    const countsFrom = { at: at - 360_000, what: 'last-served' };
    const change = { shown: { ...shown, predicted: { recoverySeconds: 600, dataLossSeconds: 32, countsFrom } } };
    expect(happened({ change })[0]).toBe('Users of us-east-1 went down at 02:54 UTC (6 min ago).');
  });

  test('is how the incident came to it, where more was decided than one thing', () => {
    const earlier: RecordedDecision = { ...decision, action: 'notify', level: 2, reason: 'api fails', at: at - 60_000 };
    expect(happened({ of: { ...incident, decisions: [earlier, decision] } }).slice(2)).toEqual([
      '- 3 Nov 2026, 02:59 UTC, level 2 (zone failure): api fails.',
      '- 3 Nov 2026, 03:00 UTC, level 3 (region disaster): region us-east-1 failed.',
    ]);
    expect(happened({ of: { ...incident, decisions: [decision] } })).toHaveLength(2);
  });

  test('after something was promoted is the outage while it lasts, and the reason alone when it is over', () => {
    const change = { shown: { ...goingOn, changed } };
    expect(happened({ change })[0]).toBe('The first sign that users of us-east-1 failed was at 02:55 UTC (5 min ago).');
    expect(happened({ change, of: null })).toEqual(['Region us-east-1 failed.', again]);
    expect(happened({ change, of: { ...incident, closedAt: at } })).toEqual([
      again,
      'What was seen then: Region us-east-1 failed.',
    ]);
    expect(happened({ of: { ...incident, closedAt: at } })).toHaveLength(2);
  });
});

describe('what follows', () => {
  const predicted = { recoverySeconds: 600, dataLossSeconds: 32 };
  const must = '2 of dr-coordinator, infra-lead, dba must approve. One rejection rejects the request.';
  const fence = 'Breakwater can now close (fence) everything that takes writes.';
  const none =
    'Without enough approvals by 04:00 UTC, nothing is changed: us-east-1 keeps its role, the flow ends, and people are told.';

  test('where nobody knows anything says so', () => {
    const nothing = ['When users are served again is NOT KNOWN.', 'The data loss is NOT KNOWN.'];
    expect(follows({})).toEqual([must, fence, none]);
    expect(costs({})).toEqual(nothing);
    expect(follows({ to: told })).toEqual([must, ...nothing, fence, none]);
  });

  test('counts from when the incident opened, or from when people were asked', () => {
    const change = { shown: { ...shown, predicted } };
    expect(costs({ change })[0]).toBe('If people approve now, users are served again at about 03:05 UTC.');
    expect(costs({ change, of: null })[0]).toBe('If people approve now, users are served again at about 03:10 UTC.');
  });

  test('of a region that serves its users again is when they fail, and until when', () => {
    const change = { shown: { ...shown, predicted, servedFrom: ['eu-west-1', 'us-west-2'] } };
    expect(costs({ change })[0]).toBe(
      'Users are served in us-east-1 now. If people approve, users fail until the other region serves them, at about 03:05 UTC.',
    );
    const reminder = { news: 'reminder', reach, answered: [], silent: ['dba'], now: at + 900_000 } as const;
    expect(costs({ change, about: reminder })[0]).toMatch(
      /^Users were served in us-east-1 when this was asked\. If people approve, users fail until/,
    );
    expect(costs({ change: { shown: { ...change.shown, servedFrom: [] } } })[0]).toMatch(/^If people approve now/);
  });

  test('after something was promoted is told while users are down', () => {
    const down = [
      'When users are served again is NOT KNOWN.',
      'If people reject, users stay down while us-east-1 fails.',
    ];
    const change = { shown: goingOn };
    expect(follows({ change, to: told })).toEqual([must, ...down, fence, none]);
    expect(follows({ change, to: told, of: null })).toEqual([must, ...down, fence, none]);
    expect(follows({ change, to: told, of: { ...incident, closedAt: at } })).toEqual([
      must,
      'If people approve, users fail until us-west-2 serves them.',
      fence,
      none,
    ]);
  });
});

describe('more', () => {
  const ends = [
    'Runbook: docs/runbook.md#request-approval. Times are UTC.',
    'Incident incident-1, execution execution-1, request request-1, asked for by Breakwater.',
  ];
  const ceiling = 'If the loss would exceed 1 min 32 s, Breakwater stops, and people are asked again.';
  const usable = { usable: true, dataUntil: null, seconds: null };

  test('is no way where none is known', () => {
    const found = ['No safe way: not known.', ceiling, ...ends];
    expect(more({})).toEqual(found);
    expect(more({ ways: [{ asset: 'database', ways: [] }] })).toEqual(found);
  });

  test('is the way of each asset, its evidence, and by what the time is predicted', () => {
    const ways = [
      { asset: 'database', ways: [{ way: 'promote-replica', ...usable }] },
      { asset: 'cache', ways: [{ way: 'start-empty', ...usable }] },
    ];
    const predicted = { recoverySeconds: 600, dataLossSeconds: 32, basis: 'the last 3 drills' };
    expect(more({ ways, offered: true, why: 'replica lag: 2 s', predicted })).toEqual([
      'The way: Promote the replica in us-west-2 (database); Start in us-west-2 with an empty cache (cache).',
      'Found: replica lag: 2 s.',
      'The predicted time without service goes by the last 3 drills.',
      ceiling,
      ...ends,
    ]);
    expect(more({ predicted: { ...predicted, basis: null } })).toEqual(['No safe way: not known.', ceiling, ...ends]);
  });

  const other = { way: 'restore-snapshot', asset: 'database', offered: true, why: 'it is of today' };
  const instead = 'Another way: Restore the latest snapshot in us-west-2 (database). It is of today.';
  test.for([
    [
      'its cost',
      {},
      { recoverySeconds: 1800, dataLossSeconds: 7200 },
      `${instead} It takes 30 min, and it loses the last 2 h.`,
    ],
    [
      'that its cost is not known',
      {},
      { recoverySeconds: null, dataLossSeconds: null },
      `${instead} How long it takes is not known, and what it loses is not known.`,
    ],
    [
      'no cost where it is not offered',
      { offered: false },
      { recoverySeconds: 1800, dataLossSeconds: 7200 },
      'Not offered: Restore the latest snapshot in us-west-2 (database). It is of today.',
    ],
    [
      'no cost of waiting',
      { way: 'wait', asset: undefined },
      { recoverySeconds: 1800, dataLossSeconds: 7200 },
      'Another way: Wait for us-east-1. It is of today.',
    ],
  ] as const)('says of another way %s', ([, change, cost, said]) => {
    expect(more({ alternatives: [{ ...other, ...change, ...cost }] })).toContain(said);
  });

  test('is the record alone, once something was promoted', () => {
    expect(more(goingOn)).toEqual(ends);
  });
});

describe('who can reach an approver that was not told', () => {
  const told = (role = 'dba', change: Partial<ApprovalRequest> = {}, contacts = plan.contacts) =>
    notToldMessage({ ...request, ...change }, role, { contacts }, 'prod');
  const countsFrom = { at: at - 60_000, what: 'last-served' };
  const predicted = { recoverySeconds: 600, dataLossSeconds: 32, countsFrom };
  const down = 'Users of us-east-1 went down at 02:59 UTC.';

  test('reads whom to call, until when, and what the question is', () => {
    const contacts = { dba: { handle: '@dba', channel: 'email' } } as never;
    const message = told('dba', {}, contacts);
    expect(message.subject).toBe('[Breakwater] NOT TOLD: dba. Call them by 04:00 UTC: failover of us-east-1?');
    expect(part(message, 'WHAT IS NEEDED FROM YOU')).toEqual([
      'Call @dba (dba) by 04:00 UTC. The question: May us-east-1 be given up, so that us-west-2 takes over?',
      'Without the e-mail, dba can answer from the command line, with the AWS role or user that plan.yml names:',
      '  npm run approve -- request-1 --region us-east-1 --stage prod',
      '  npm run reject -- request-1 --region us-east-1 --stage prod --reason "why"',
    ]);
    expect(part(message, 'WHAT HAPPENED').slice(1)).toEqual([
      'Region us-east-1 failed.',
      'Breakwater cannot reach dba (@dba): the channel (email) fails.',
    ]);
  });

  test('tells who is not asked, and names what is not in the plan', () => {
    const message = told('on-call', {}, {});
    expect(part(message, 'WHAT IS NEEDED FROM YOU')).toEqual([
      'Tell not in the plan. on-call hears of the request and is not asked to approve.',
    ]);
    expect(part(message, 'WHAT HAPPENED').at(-1)).toBe(
      'Breakwater cannot reach on-call (not in the plan): the channel (unknown) fails.',
    );
  });

  test.for([
    ['since when users are down', { shown: { ...shown, predicted } }, [down]],
    ['nothing of it where nobody knows', { shown: { ...shown, predicted: { ...predicted, countsFrom: null } } }, []],
    ['nothing of it where nothing is predicted', {}, []],
    ['nothing of it for a planned move', { mode: 'switchover', shown: { ...shown, predicted } }, []],
    ['nothing of it once something was promoted', { shown: { ...goingOn, predicted } }, []],
  ] as const)('reads %s', ([, change, said]) => {
    expect(part(told('dba', change), 'WHAT HAPPENED').slice(2, -1)).toEqual(said);
  });

  test('reads what would be lost, or what both answers cost', () => {
    expect(part(told(), 'WHAT FOLLOWS')[1]).toBe('The data loss is NOT KNOWN.');
    expect(part(told('dba', { shown: { ...shown, predicted } }), 'WHAT FOLLOWS')[1]).toBe(
      'Predicted data loss: at most the writes of the last 32 s before the failure.',
    );
    expect(part(told('dba', { shown: goingOn }), 'WHAT FOLLOWS')[1]).toContain('To go on loses what us-east-1 took');
  });

  test('reads that it is a drill', () => {
    expect(told('dba', { drill: true }).subject).toBe(
      '[Breakwater] [DRILL] NOT TOLD: dba. Call them by 04:00 UTC: failover of us-east-1?',
    );
  });
});

describe('a region that is lost and that nobody gave up', () => {
  const told = (to: Addressee, outcome: 'rejected' | 'expired' | 'void' | 'approved' = 'expired') =>
    notGivenUpMessage(request, { outcome, at }, to, { now: at + 1_800_000, everySeconds: 900 });
  const reachThem = 'Reach dr-coordinator, infra-lead, dba: they have pages of their own, where they can ask again.';

  test('is decided about by who has a page, and others reach them', () => {
    expect(part(told(dba), 'WHAT IS NEEDED FROM YOU')).toEqual([
      "Decide whether to ask all approvers again. To ask, type the region's name on your own page, for dba only. Opening the page changes nothing:",
      'https://page.example/r/link',
    ]);
    expect(part(told({ asked: true, role: 'dba', link: null }), 'WHAT IS NEEDED FROM YOU')).toEqual([reachThem]);
    expect(part(told({ asked: false, role: 'on-call' }), 'WHAT IS NEEDED FROM YOU')).toEqual([reachThem]);
    expect(told(dba).thread).toEqual({ incident: 'incident-1', severity: 'critical', state: 'open' });
  });

  test.for([
    ['rejected', 'was rejected', ''],
    ['expired', 'expired', ''],
    ['void', 'ended without an answer, as its flow ended,', ''],
    ['approved', 'was approved', ' Its flow has ended since, without giving the region up.'],
  ] as const)('is told with how the request ended: %s', ([outcome, ended, then]) => {
    expect(part(told(dba, outcome), 'WHAT HAPPENED').at(-1)).toBe(
      `us-east-1 is still lost. The request ${ended} at 03:00 UTC, 30 min ago.${then}`,
    );
  });

  test('is not asked about again lightly once a database was to take over: a new flow does not use it', () => {
    const more = { tookOver: true, left: ['chatops-dr-replica takes writes'] };
    const message = notGivenUpMessage(request, { outcome: 'approved', at }, dba, {
      ...{ now: at + 1_800_000, everySeconds: 900 },
      ...more,
    });
    expect(message.subject).toBe('[Breakwater] STILL LOST: us-east-1 was not given up. Read this before you ask again');
    const needed = part(message, 'WHAT IS NEEDED FROM YOU');
    expect(needed[0]).toMatch(/^Do NOT ask again before you have read docs\/runbook.md#stay: /);
    expect(needed[1]).toMatch(/^Decide whether to ask all approvers again/);
    expect(part(message, 'WHAT IS BEING DONE')).toEqual([
      'No flow gives us-east-1 up. The fence watch goes on, unless somebody has ended it (docs/runbook.md#fence-watch).',
      expect.stringMatching(/^Earlier flows have left this/),
      '  chatops-dr-replica takes writes',
    ]);
  });
});

test('answers are told with their reasons, and who is silent by name', () => {
  const rejected = { ...answer, approver: 'cto', answer: 'reject', reason: '' } as const;
  const said = [
    'dba approved the request at 3 Nov 2026, 03:01 UTC, and wrote: "it is dark".',
    'cto rejected the request at 3 Nov 2026, 03:01 UTC.',
  ];
  expect(answerSentences([answer, rejected], [])).toEqual(said);
  expect(answerSentences([answer, rejected], ['infra-lead', 'dr-coordinator'])).toEqual([
    ...said,
    'Not answered: infra-lead, dr-coordinator.',
  ]);
});
