// What the approval page says, to whom it offers forms, and that nothing that is shown becomes markup.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLive } from '../../functions/domain/page/approval-facts.ts';
import { secondPhrase } from '../../functions/domain/page/approval-forms.ts';
import {
  approvalPage,
  pageStyle,
  tooManyRequestsPage,
  unknownLinkPage,
} from '../../functions/domain/page/approval-page.ts';
import type { ApprovalView } from '../../functions/domain/page/approval-view.ts';
import { ways } from '../../functions/domain/types.ts';
import { plan } from '../plan.ts';
import {
  answerOf,
  asked,
  askedAt,
  blindRequest,
  darkRequest,
  fencedRequest,
  goingOnRequest,
  minute,
  seen,
  shown,
  switchoverRequest,
  twoRequest,
  views,
} from './views.ts';

/** The words of a page, as somebody reads them. */
function wordsOf(page: string): string {
  const body = page.slice(page.indexOf('<body>'));
  return body
    .replace(/<[^>]*>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:;?])/g, '$1');
}
const read = (view: ApprovalView) => wordsOf(approvalPage(view));
const approving = { answer: 'approve', region: '', unfenced: '', reason: '' } as const;
const formsOf = (page: string) => page.match(/<form/g)?.length ?? 0;

describe('who is asked reads', () => {
  const words = read(asked);

  test.for([
    ['the question', 'Give up us-east-1?'],
    ['what an approval does', 'If 2 of 3 approve, us-west-2 takes over. This flow has changed nothing yet.'],
    ['level, scope and since when', 'Level 3, region disaster in us-east-1, since 03:00 UTC (16 min ago)'],
    ['why', 'Region us-east-1 failed: users fail, as seen from eu-west-1 and ap-southeast-1'],
    ['the evidence', 'Probe of rds in us-east-1 has failed'],
    ['what was found', 'replica lag: 2 s, measured 10 s before the last successful user request'],
    ['how long users have been down', 'Users down for 16 min since 02:59 UTC, the last successful user request'],
    ['when users are served, by the clock', 'Users are back 03:23 UTC in 7 min, if approved now'],
    ['until when to answer', 'Answer by 04:04 UTC (in 48 min): 0 of 2 approvals so far.'],
    ['both answers, before anything else', 'Approve: give up us-east-1 Reject: stay in us-east-1'],
    [
      'the loss, and how far an approval holds',
      'Data loss 32 s of writes, predicted; above 1 min 32 s you are asked again',
    ],
    [
      'what stays unfenced',
      'Not fenced: us-east-1 does not answer. The old database may go on taking writes. Those writes are missing in the new database.',
    ],
    ['what is done first', 'What an approval starts Everything is looked at once more.'],
    [
      'what takes over, by the plan’s names',
      'database, cache, cluster and search take over in us-west-2, side by side.',
    ],
    ['what takes over after that', 'settings takes over in us-west-2.'],
    ['what is done last', 'Users are sent to us-west-2, and the service is verified from outside.'],
    ['the chosen way', 'Promote the replica in us-west-2 Chosen Users are back 03:23 UTC Data loss 32 s'],
    [
      'a way that is not offered',
      'Restore the latest snapshot in us-west-2 Not offered Users are back not known Data loss not known',
    ],
    [
      'what waiting means',
      'Wait for us-east-1 Users are back not known Nothing is changed; users are served when us-east-1 is back. No answer by 04:04 UTC means the same: us-east-1 keeps its role, the flow ends, and people are told.',
    ],
    [
      'what exactly to type',
      "To approve, type the region's name: us-east-1 Capital and small letters are the same here. And type what stays unfenced: us-east-1 stays unfenced Capital and small letters are the same here.",
    ],
    ['what exactly to type to reject', "To reject, type the region's name: us-east-1 Capital and small letters"],
    ['who was asked', '0 of 3 answered 0 of 2 needed approvals. dr-coordinator no answer yet'],
    ['as whom the answer counts', 'You answer as dba, who recovers the database.'],
    ['when it expires', 'expires at 04:04 UTC (in 48 min)'],
    ['what happens then', 'Nothing is changed then: us-east-1 keeps its role, the flow ends, and people are told.'],
    [
      'how to approve without the page',
      `npm run approve -- ${darkRequest.id} --region us-east-1 --stage prod --unfenced "us-east-1 stays unfenced"`,
    ],
    [
      'how to reject without the page',
      `npm run reject -- ${darkRequest.id} --region us-east-1 --stage prod --reason "why"`,
    ],
    ['who asked, and when', 'asked for by Breakwater at 03:04 UTC (12 min ago)'],
  ] as const)('%s', ([, text]) => {
    expect(words).toContain(text);
  });

  test('from what the predicted time comes, beside it; nothing where the record does not say', () => {
    const basis = 'the figures of the plan, until 3 moves of a region are in the record (now 0)';
    const predicted = { recoverySeconds: 710, dataLossSeconds: 32, basis };
    const request = { ...darkRequest, shown: { ...darkRequest.shown, predicted } };
    expect(read({ ...asked, request })).toContain(
      `each minute without an answer makes the time a minute later. The time goes by ${basis}.`,
    );
    for (const unsaid of [{ basis: null }, { recoverySeconds: null }]) {
      const less = { ...request, shown: { ...request.shown, predicted: { ...predicted, ...unsaid } } };
      expect(read({ ...asked, request: less })).not.toContain('The time goes by');
    }
  });

  test.for(ways)('the way %s in words', (way) => {
    const request = { ...darkRequest, way, shown: { ...darkRequest.shown, way } };
    const words = read({ ...views['asked'], request } as ApprovalView);
    expect(words).toContain('Chosen');
    expect(words).not.toContain(way);
  });

  test('a switchover of a drill says DRILL in its title and badge, and that users move; it has the figures of any other', () => {
    const request = { ...switchoverRequest, drillMoves: true as const };
    const words = read({ ...views['asked'], request } as ApprovalView);
    expect(approvalPage({ ...views['asked'], request } as ApprovalView)).toContain('<title>DRILL: Switch over from');
    expect(words).toContain('DRILL, REAL MOVE: Approval needed DRILL: Switch over from us-east-1 to us-west-2?');
    expect(words).toContain('This drill is planned, and an approval really MOVES the users. If 2 of');
    expect(words).toContain('A planned move out of us-east-1, asked for at 03:00 UTC');
    expect(words).not.toContain('Region disaster');
    for (const figure of ['Users now', 'Users are moved by', 'Data loss']) expect(words).toContain(figure);
  });

  test('no raw data', () => {
    for (const view of Object.values(views)) expect(read(view)).not.toMatch(/[{}[\]]|undefined|null|NaN|object Object/);
  });

  test('the date of another day', () => {
    const yesterday = { ...asked, now: asked.now + 24 * 60 * minute };
    expect(read(yesterday)).toContain('since 3 Nov 2026, 03:00 UTC (1 d ago)');
  });

  test('the other question once something was promoted, with what each answer costs', () => {
    const words = read(views['asked-going-on'] as ApprovalView);
    for (const text of [
      'Go on to us-west-2, or stay in us-east-1?',
      'If 2 of 3 approve, us-west-2 takes over. The flow has begun, and waits for this answer.',
      // From a minute and a half before the last lag that was read before the promotion, until people were asked.
      'To go on loses what us-east-1 took since 3 Nov 2026, 02:59 UTC: at most 4 min 30 s of writes. How many writes that are is NOT KNOWN',
      'To stay throws the promoted copy of database in us-west-2 away, with what it took since',
      'Nothing more is changed then: the flow is paused, keeps its lock, and people are told.',
      'Approve: go on to us-west-2, unfenced',
      'Reject: pause the flow',
    ])
      expect(words).toContain(text);
    expect(words).not.toMatch(/Nothing has been changed|us-east-1 keeps its role|Give up us-east-1\?/);
  });

  test('why people are asked again', () => {
    expect(words).not.toContain('no longer holds');
    expect(read(views['asked-again'] as ApprovalView)).toContain(
      'You are asked again. What was approved is no longer so: 4 min of data would be lost, approved were at most 1 min 32 s.',
    );
  });

  test('that a loss is not known, as loud as what is bad', () => {
    const page = approvalPage({ ...asked, request: blindRequest });
    expect(page).toContain('<div class="bad"><dt>Data loss</dt><dd class="value">Not known</dd>');
    expect(wordsOf(page)).toContain('The data loss is NOT KNOWN: an approval allows any loss.');
  });

  test('of two databases what each may lose, and the worse of both as the one number', () => {
    const page = read({ ...asked, request: twoRequest });
    expect(page).toContain('Data loss 15 min 30 s of what loses most; what an approval holds for is said of each');
    expect(page).toContain('For each asset: database 32 s, orders 15 min 30 s.');
    expect(page).toContain('If the loss would exceed 1 min 32 s of database or 16 min 30 s of orders,');
    expect(words).not.toContain('For each asset');
  });

  test('that a switchover loses nothing and waits, and what comes of no answer: nobody waits for an outage', () => {
    const planned = read(views['switchover'] as ApprovalView);
    expect(planned).toContain('What is planned A planned move out of us-east-1, asked for at 03:03 UTC (13 min ago).');
    expect(planned).toContain(
      'Stay in us-east-1 Nothing is moved; users stay in us-east-1. No answer by 04:04 UTC means the same: us-east-1 keeps its role, the flow ends, and people are told.',
    );
    expect(planned).not.toMatch(/Wait for|Not offered|users are served when|Trouble seen|ways to recover/);
    expect(planned).toContain('Switch over from us-east-1 to us-west-2?');
    expect(planned).toContain('Data loss None all that was written is waited for');
    expect(planned).toContain('us-west-2 catches up until nothing is missing.');
    expect(planned).toContain('Approve: us-west-2 takes over');
  });

  test('that an incident has no record any more, and damaged evidence, on a page that stands', () => {
    const damaged = { ...darkRequest, shown: { reason: 7, predicted: 'soon', alternatives: [{}], standby: null } };
    const words = read({ ...asked, incident: null, request: damaged });
    expect(words).toContain('There is no record of the incident any more. The reason is not known.');
    expect(words).toContain('Users are back Not known');
    expect(read({ ...asked, now: Number.NaN, request: { ...damaged, askedAt: Number.NaN } })).toContain(
      'a time not known',
    );
  });
});

describe('the forms', () => {
  const page = approvalPage(asked);

  test('have nothing in them that was not typed: as found they approve and reject nothing', () => {
    const values = [...page.matchAll(/<(?:input|textarea|button)[^>]*>/g)].map(([tag]) => tag);
    expect(values.filter((tag) => /\bvalue=|placeholder=/.test(tag))).toEqual([
      '<input type="hidden" name="answer" value="approve">',
      '<input type="hidden" name="token" value="token-of-dba">',
      '<input type="hidden" name="answer" value="reject">',
      '<input type="hidden" name="token" value="token-of-dba">',
    ]);
    expect(page).toMatch(/<textarea[^>]*><\/textarea>/);
    expect(page.match(/<form method="post" action="">/g)).toHaveLength(2);
  });

  test('ask for a second phrase only where something stays unfenced', () => {
    expect(secondPhrase(darkRequest)).toBe('us-east-1 stays unfenced');
    expect(secondPhrase({ ...darkRequest, unfenced: ['us-east-1', 'cache'] })).toBe('us-east-1, cache stay unfenced');
    expect(secondPhrase(fencedRequest)).toBe(null);
    expect(page).toContain('name="unfenced"');
    expect(approvalPage({ ...asked, request: fencedRequest })).not.toContain('name="unfenced"');
  });

  test('say what was not taken, where it was typed', () => {
    const approve = approvalPage(views['not-taken'] as ApprovalView);
    expect(approve).toContain(
      '<a href="#region">To approve, type the name of the region that is given up: <span class="whole">us-east-1</span>.</a>',
    );
    expect(approve.match(/aria-describedby="region-problem region-hint" aria-invalid="true"/g)).toHaveLength(1);
    expect(approve.match(/ aria-invalid="true"/g)).toHaveLength(1);
    const reject = approvalPage(views['reason-missing'] as ApprovalView);
    expect(reject).toContain('<a href="#reason">To reject, say why: the others are told.</a>');
    expect(reject.match(/aria-describedby="reason-problem reason-hint" aria-invalid="true"/g)).toHaveLength(1);
    expect(reject.match(/ aria-invalid="true"/g)).toHaveLength(1);
    expect(page).not.toMatch(/aria-invalid="true">|role="alert"/);
  });

  test('keep what was typed where one was not taken', () => {
    const approve = approvalPage(views['not-taken'] as ApprovalView);
    expect(approve).toContain('required value="us-west-2" aria-describedby="region-problem');
    expect(approve).toContain('required value="us-east-1 stays unfenced" aria-describedby="unfenced-hint"');
    const wrong = [{ field: 'reason', text: 'too long' }] as const;
    const typed = { answer: 'reject', region: 'us-east-1', unfenced: '', reason: '</textarea><b>"x"' } as const;
    const reject = approvalPage({ ...asked, problem: { typed, wrong } });
    expect(reject).toContain('>&lt;/textarea&gt;&lt;b&gt;&quot;x&quot;</textarea>');
    // Only into the form that was sent.
    expect(reject.match(/ value="us-east-1"/g)).toHaveLength(1);
  });

  test('are not offered to a person who has answered in another role, and both roles have answered', () => {
    const { dba } = plan.contacts;
    if (dba === undefined) throw new Error('the plan has no dba');
    const one = { contacts: { ...plan.contacts, 'infra-lead': dba } };
    const view = seen({ ...shown, approver: 'infra-lead' }, [answerOf('dba')], one);
    const closed = approvalPage(view);
    expect(formsOf(closed)).toBe(0);
    expect(closed).toContain('Your approval is recorded');
    expect(closed).toContain(`<h2>2 of ${view.request.roles.length} answered</h2>`);
    expect(closed).toContain('1 of 2 needed approvals');
  });

  test.for([
    ['who has answered', {}, [answerOf('dba')]],
    ['who is told and not asked', { approver: 'on-call' }],
    ['who asked for it', { request: { ...darkRequest, requestedBy: 'dba' } }],
    ['who asked for it by another name', { request: { ...darkRequest, requestedBy: '@DBA-team' } }],
    ['anybody once it is approved', { state: 'approved' }],
    ['anybody once it is rejected', { state: 'rejected' }],
    ['anybody once it has expired', { state: 'expired' }],
    ['anybody once it is void', { state: 'void' }],
    ['anybody whose time is over, though no sweep has seen it', { now: darkRequest.expiresAt }],
  ] as const)('are not offered to %s', ([, change, answers]) => {
    const closed = approvalPage(
      seen(
        { ...shown, ...change, problem: { typed: approving, wrong: [{ field: null, text: 'typed was x' }] } },
        answers,
      ),
    );
    expect(closed).not.toMatch(/value="(approve|reject)"|breakwater -- approve/);
    expect(page.match(/value="(approve|reject)"/g)).toHaveLength(2);
  });

  test.for([
    ['rejected', {}, 1],
    ['expired', {}, 1],
    // Where nothing speaks against it, its flow has ended and has given nothing up.
    ['approved', {}, 1],
    ['void', {}, 1],
    ['approved', { whyNotAgain: 'Another flow acts.' }, 0],
    ['void', { whyNotAgain: 'The incident is over.' }, 0],
    ['rejected', { approver: 'on-call' }, 0],
    ['rejected', { whyNotAgain: 'The incident is over.' }, 0],
  ] as const)('once it is %s, %o: the only form there may be asks again', ([state, change, forms]) => {
    const closed = approvalPage(seen({ ...shown, state, ...change }));
    expect(formsOf(closed)).toBe(forms);
    expect(closed.includes('name="answer" value="ask-again"')).toBe(forms === 1);
    if (forms === 0) expect(closed).not.toContain('token-of-dba');
    if ('whyNotAgain' in change) expect(closed.includes(change.whyNotAgain)).toBe(state !== 'approved');
  });
});

test.for(['asked', 'asked-again', 'asked-served', 'asked-going-on', 'switchover', 'fenced', 'drill-moves'])(
  'the figures above and the way that is chosen say one time and one loss: %s',
  (name) => {
    const page = approvalPage(views[name] as ApprovalView).replaceAll(/<span class="whole">([^<]*)<\/span>/g, '$1');
    const told = (pattern: RegExp) =>
      [...page.matchAll(pattern)].map(([, what = '', value = '']) => [what, value.toLowerCase()]);
    const [, back, loss] = told(/<dt>([^<]*)<\/dt><dd class="value">([^<]*)<\/dd>/g);
    const [way, lost] = told(/<div><dt>([^<]*)<\/dt><dd>([^<]*)<\/dd><\/div>/g).filter(
      ([what]) => what === back?.[0] || what === loss?.[0],
    );
    expect([way, lost].map((one) => one?.map((text) => text.toLowerCase()))).toEqual(
      [back, loss].map((one) => one?.map((text) => text.toLowerCase())),
    );
  },
);

test('a drill is asked about like a real request, and marked: where the figures stand, and what an approval would start', () => {
  const words = read(views['drill-asked'] as ApprovalView);
  for (const said of [
    'DRILL: Approval needed DRILL: Give up us-east-1? Answer as in a real incident. Nothing is changed, whatever you answer.',
    'Users now Not touched in a real incident: for how long they are down',
    'Users are back Not predicted in a real incident: when, if approved now',
    'Data loss None in a real incident: how much is lost',
    'Not fenced Nothing in a real incident: what cannot be closed to writes',
    'This is a drill: it says nothing of how us-east-1 is. Answer as if its users were down',
    'What an approval would start This is done in a real incident. In this drill nothing of it is done.',
    'database, cache, cluster and search take over in us-west-2, side by side.',
    'The drill fails then.',
    'Drill drill-approvers-2026-11-03.',
  ])
    expect(words).toContain(said);
  expect(words).not.toMatch(/no record of the incident|No safe way|NOT KNOWN|Not known/);
  const over = read({ ...(views['drill-asked'] as ApprovalView), state: 'expired' });
  expect(over).toContain('This was a drill. Nothing was changed, whatever was answered.');
  expect(over).not.toMatch(/Not predicted|What to do: docs\/runbook.md#not-approved|Ask again/);
});

test('who is asked again because users are served reads no word of users who are down', () => {
  const words = read(views['asked-served'] as ApprovalView);
  expect(words).toContain('Users when asked Served seen at 03:14 UTC; they failed from 02:59 UTC on');
  expect(words).toContain('If approved, users fail until 03:24 UTC');
  expect(words).toContain('3 Asked, users served 03:14 UTC');
  expect(words).toContain('users were seen to be served in us-east-1');
  expect(words).toContain('Not fenced Nothing');
  expect(words).not.toContain('Users down for');
});

test('what would be lost is one number: why people are asked again, and the figures', () => {
  const words = read(views['asked-again'] as ApprovalView);
  expect(words).toContain('4 min of data would be lost, approved were at most 1 min 32 s.');
  expect(words).toContain('Data loss 4 min of writes, predicted');
});

test('a form that was not taken says whose it was, what counts of theirs, and what to do now', () => {
  expect(read(views['not-taken'] as ApprovalView)).toContain(
    'Your approval was NOT recorded To approve, type the name of the region that is given up: us-east-1. Nothing is recorded for you (dba). Correct it below, and send it again.',
  );
  expect(read(views['reason-missing'] as ApprovalView)).toContain('Your rejection was NOT recorded');
  expect(read(views['not-asked-again'] as ApprovalView)).toContain(
    'Nobody was asked again To ask again, type the name of the region that may be given up: us-east-1. No e-mail was sent. Correct it below, and send it again.',
  );
  const wrong = [{ field: null, text: 'This does not count.' }] as const;
  const late = (typed: NonNullable<ApprovalView['problem']>['typed']) =>
    read({ ...(views['answered'] as ApprovalView), problem: { typed, wrong } });
  expect(late({ ...approving, answer: 'reject' })).toContain(
    'Your rejection was NOT recorded This does not count. Your approval of 03:11 UTC counts, and this changes nothing.',
  );
  expect(late(null)).toContain('What you sent was NOT recorded');
});

test('of a request that has ended the page says what the record knows, and since when', () => {
  for (const name of ['rejected', 'expired']) {
    const words = read(views[name] as ApprovalView);
    expect(words).not.toContain('still lost');
    expect(words).toContain('The record has no end of the incident. It was last judged at 03:03 UTC');
    expect(words).toContain('Level 3, region disaster. What came after that, this page does not know.');
    expect(words).toContain('the last successful user request; nobody has seen them served since');
  }
  expect(read(views['expired'] as ApprovalView)).toContain('1 of 2 approvals, by infra-lead.');
});

test('where the flow is stands on the page once it has begun, and not while people are first asked', () => {
  expect(asked).toMatchObject({ progress: null });
  expect(approvalPage(asked)).not.toContain('Where the flow is now');
  const words = read(views['approved'] as ApprovalView);
  expect(words).toContain('Where the flow is now The flow runs. This page shows what is new every 15 seconds.');
  for (const said of [
    '\u2713 Closing (fencing) database done 03:14 UTC',
    '\u2013 Copying the last writes of database left out, signed by ana',
    '\u2026 Taking over database begun, and not seen to be done',
    '! Taking over cache held: needs database',
  ])
    expect(words).toContain(said);
});

test('a page loads again by itself while others are waited for or a flow runs that was approved, and never where something can be typed', () => {
  const live = Object.entries(views).filter(([, view]) => isLive(view));
  expect(live.map(([name]) => name)).toEqual(['answered', 'approved', 'approved-just-now']);
  const approved = views['approved'] as ApprovalView;
  expect(isLive({ ...approved, whyNotAgain: null })).toBe(false);
  const paused = { standing: 'paused', failed: [], said: 'The flow is PAUSED.', steps: [], servedAt: null } as const;
  expect(isLive({ ...approved, progress: paused })).toBe(false);
});

test.for([
  [
    'approved-just-now',
    'us-east-1 is being given up',
    'Before anything is changed, everything is looked at once more.',
  ],
  ['approved', 'us-east-1 is being given up', 'It is being done now.'],
  ['paused', 'The flow is paused: a person is needed', 'docs/runbook.md#pause'],
  ['aborted', 'The flow was aborted', 'docs/runbook.md#give-up'],
  ['finished', 'Users are served in us-west-2', 'Nothing more comes of this request.'],
] as const)('of an approved request the headline says what the flow has come to: %s', ([name, title, next]) => {
  const view = views[name] as ApprovalView;
  expect(approvalPage(view)).toMatch(new RegExp(`<title>${title} - `));
  const words = read(view);
  expect(words).toContain(next);
  expect(words.includes('You get a message when users are served again')).toBe(view.progress?.standing === 'runs');
  // Once it is begun, its steps say what is done.
  expect(words.includes('What is done now')).toBe(name === 'approved-just-now');
  expect(words.includes('What was approved, in order')).toBe(name !== 'approved-just-now');
});

test('sections of the runbook are links where the plan says where it is read', () => {
  const paused = views['paused'] as ApprovalView;
  expect(approvalPage({ ...paused, runbookUrl: 'https://git.example.com/runbook.md' })).toContain(
    '<a href="https://git.example.com/runbook.md#pause">docs/runbook.md#pause</a>',
  );
  expect(approvalPage({ ...paused, runbookUrl: null })).toContain('<code>docs/runbook.md#pause</code>');
});

test('after an answer it still says how long users have been down, and stops counting when they are served', () => {
  const since = 'since 02:59 UTC, the last successful user request';
  for (const name of ['approved', 'paused', 'rejected'])
    expect(read(views[name] as ApprovalView)).toContain(`Users down for 16 min ${since}`);
  const finished = read(views['finished'] as ApprovalView);
  expect(finished).toContain('Users were down for 20 min until 03:20 UTC; from 02:59 UTC');
  expect(finished).toContain('Served again 03:20 UTC');
});

test('who is only told reads first that nothing is needed', () => {
  const words = read(views['told'] as ApprovalView);
  expect(words).toContain('For information Others are asked: give up us-east-1? Nothing is needed from you.');
  expect(words).toContain('They can answer by 04:04 UTC');
  expect(words).not.toContain(' Answer by ');
});

test('who rejected it and why, and the way to ask again, stand above what happened', () => {
  const [top = ''] = approvalPage(views['rejected'] as ApprovalView).split('<div class="facts">');
  expect(wordsOf(top)).toContain(
    'infra-lead rejected it at 03:13 UTC (3 min ago), and wrote: “ us-east-1 is coming back',
  );
  expect(top).toContain('href="#asking-again"');
  expect(approvalPage(views['rejected-a-moment-ago'] as ApprovalView)).not.toContain('href="#asking-again"');
});

test('a flow that was aborted after it asked is not called paused', () => {
  const { progress } = views['aborted'] as ApprovalView;
  const words = read({ ...asked, request: goingOnRequest, state: 'void', progress });
  expect(words).toContain('A person has aborted the flow since: nothing of it goes on.');
  expect(words).not.toContain('the flow is paused, and keeps its lock');
});

test('a request that is approved shows what was predicted when people approved, while its flow runs', () => {
  expect(read(views['approved'] as ApprovalView)).toMatch(
    /Users are back \d\d:\d\d UTC in \d+ min, as predicted when people approved/,
  );
  const late = { ...(views['approved'] as ApprovalView), now: (views['approved'] as ApprovalView).now + 3_600_000 };
  expect(read(late)).toMatch(/Users are back Not known predicted was \d\d:\d\d UTC/);
});

test.for(['paused', 'aborted', 'finished', 'rejected', 'expired', 'void'])(
  'a request that is %s shows no prediction',
  (state) => {
    expect(read(views[state] as ApprovalView)).not.toMatch(/Users are back|Data loss \d|if approved now/);
  },
);

test('the picture of the outage ends where it is over, and says the same in words', () => {
  expect(read(asked)).toContain(
    '1 Users down 02:59 UTC 2 Trouble seen 03:00 UTC 3 People asked 03:04 UTC 4 Now 03:16 UTC 5 Answer until 04:04 UTC',
  );
  const { incident } = asked;
  if (incident === null) throw new Error('there is an incident');
  const over = { ...asked, state: 'expired' as const, incident: { ...incident, closedAt: askedAt + 30 * minute } };
  expect(read({ ...over, now: askedAt + 300 * minute })).toContain('4 Over 03:34 UTC 5 Could answer until 04:04 UTC');
  expect(approvalPage({ ...asked, now: Number.NaN })).not.toContain('NaN');
});

test('a prediction that has run out is not shown', () => {
  // Each minute without an answer comes on top: what runs out is a prediction that was made long after the first evidence.
  const late = { ...asked, request: { ...darkRequest, askedAt: asked.now } };
  expect(read({ ...late, now: asked.now + 1 })).toContain('Users are back Not known what was predicted has run out');
});

test('trouble of the region that takes over is loud, and its absence is said', () => {
  const well = approvalPage(asked);
  const calm = 'us-west-2 has no open incident of its own, and none of its control planes is known to fail.';
  expect(wordsOf(well)).toContain(calm);
  const incident = { id: 'own', level: 2, place: 'usw2-az1', since: askedAt, reason: 'api fails in usw2-az1' };
  const takingOver = { region: 'us-west-2', incident, controlPlanes: ['rds'] };
  const page = approvalPage({ ...asked, request: { ...darkRequest, shown: { ...darkRequest.shown, takingOver } } });
  expect(wordsOf(page)).toContain('level 2, zone failure in usw2-az1: api fails in usw2-az1.');
  expect(wordsOf(page)).toContain('Control planes of us-west-2 do not answer: rds.');
  expect(wordsOf(page)).not.toContain(calm);
  const notes = (text: string) => text.match(/class="note warn gap"/g)?.length ?? 0;
  expect(notes(page)).toBe(notes(well) + 1);
  // A request that was kept before, or is damaged, says nothing of it.
  const { takingOver: _, ...older } = darkRequest.shown;
  expect(wordsOf(approvalPage({ ...asked, request: { ...darkRequest, shown: older } }))).not.toContain('of its own');
});

describe('afterwards', () => {
  test('who has answered reads what is recorded, and for whom it waits', () => {
    const words = read(views['answered'] as ApprovalView);
    expect(words).toContain('Your approval is recorded');
    expect(words).toContain('At 03:11 UTC (5 min ago) From 192.0.2.17 Accepted as not fenced us-east-1');
    expect(words).toContain('1 of 3 answered 1 of 2 needed approvals. dr-coordinator no answer yet');
    expect(words).toContain('dba (you) approved at 03:11 UTC (5 min ago)');
  });

  test.for([
    ['approved', 'Enough people approved. It is being done now.'],
    ['approved', '2 of 3 answered 2 of 2 needed approvals.'],
    ['rejected', 'us-east-1 is NOT given up Nothing was changed by this request. Users stay down'],
    ['rejected', 'one rejection is enough'],
    ['rejected', '“ us-east-1 is coming back'],
    ['expired', 'no answer means no. It was open until 04:04 UTC (15 min ago).'],
    ['expired', 'dr-coordinator no answer infra-lead approved'],
    [
      'void',
      'The flow that asked has ended or has asked again, or the region was well again before people had answered.',
    ],
  ] as const)('it is said how it ended: %s, "%s"', ([name, text]) => {
    expect(read(views[name] as ApprovalView)).toContain(text);
  });
});

describe('time that is left', () => {
  test.for([
    [12 * minute, 'Answer by 04:04 UTC (in 48 min)'],
    [50 * minute + 1, 'Answer by 04:04 UTC (in 9 min)'],
    [59 * minute + 30_000, 'Answer by 04:04 UTC (in less than a minute)'],
  ] as const)('%i ms after asking: %s', ([waited, text]) => {
    expect(read({ ...asked, now: askedAt + waited })).toContain(text);
  });
});

describe('what somebody wrote', () => {
  const hostile = fc.oneof(
    fc.string({ minLength: 1, unit: 'binary' }),
    fc.constantFrom(
      '</style><script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "' onfocus='alert(1)' autofocus='",
      '</textarea></form><form action="//evil.example">',
      '<!--',
      ']]>',
      '&lt;script&gt;',
      '&#x22;',
      '` onload=`',
      'a\u202eb\u0000c\ud800',
    ),
  );
  const view = fc.array(hostile, { minLength: 20, maxLength: 20 }).map((texts) => viewWith(texts));

  const tags = /<(?:[^"<>]|"[^"]*")*>/g;
  /** The page's skeleton: its tags with the names of their attributes, without any text. */
  const skeletonOf = (page: string) =>
    [...page.matchAll(tags)].map(([tag]) => tag.replace(/="[^"]*"/g, '=""')).join('\n');

  test('never becomes a tag, an attribute or an entity', () => {
    const harmless = viewWith(Array.from({ length: 20 }, () => 'x'));
    for (const made of [harmless, answered(harmless), { ...harmless, state: 'rejected' as const }]) {
      const expected = skeletonOf(approvalPage(made));
      fc.assert(
        fc.property(view, (evil) => {
          const page = approvalPage({
            ...evil,
            approver: made.approver === harmless.approver ? evil.approver : (evil.tally.answers[0]?.approver ?? ''),
            state: made.state,
          });
          expect(skeletonOf(page)).toBe(expected);
          expect(page.replace(pageStyle, '').replace(tags, '')).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot|#39|#96);)/);
          expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
          expect(page.isWellFormed()).toBe(true);
        }),
      );
    }
  });

  test('is shown as it was written', () => {
    const reason = '5 < 6 & "7" > \'6\'';
    const page = approvalPage({
      ...seen({ ...shown, state: 'rejected' }, [answerOf('dba', { answer: 'reject', reason })]),
    });
    expect(page).toContain('“5 &lt; 6 &amp; &quot;7&quot; &gt; &#39;6&#39;”');
  });

  function answered(from: ApprovalView): ApprovalView {
    return { ...from, approver: from.tally.answers[0]?.approver ?? '' };
  }

  function viewWith(texts: readonly string[]): ApprovalView {
    const [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = texts.map((text) => `${text}.`) as string[];
    const role = `role ${c}`;
    const view = {
      ...shown,
      application: String(a),
      request: {
        ...darkRequest,
        id: String(b),
        roles: [role, `other ${c}`],
        target: String(d),
        unfenced: [String(e)],
        incident: String(f),
        requestedBy: 'classify',
        shown: {
          offered: true,
          why: g,
          reason: h,
          standby: i,
          changed: j,
          replica: { status: k, lagSeconds: 1, lastSeenAt: 1 },
          predicted: { recoverySeconds: 1, dataLossSeconds: 1 },
          alternatives: [{ way: l, offered: false, why: m, recoverySeconds: null, dataLossSeconds: null }],
        },
      },
      incident: { level: 3, openedAt: askedAt, closedAt: null, judgedAt: askedAt, evidence: [String(n), String(o)] },
      approver: role,
      duty: String(p),
      formToken: String(s),
      problem: {
        typed: { answer: 'reject', region: String(t), unfenced: String(t), reason: String(t) },
        wrong: [{ field: 'reason', text: String(t) }],
      },
    } as const;
    const words = { request: String(b), reason: String(q), from: String(r), unfenced: [String(e)] };
    return seen(view, [answerOf(`other ${c}`, { ...words, answer: 'reject' })]);
  }
});

describe('a page without a request', () => {
  test('says the same of every link that opens nothing', () => {
    const words = wordsOf(unknownLinkPage('prod'));
    expect(words).toContain('This link opens nothing');
    expect(words).toContain('Nothing was recorded and nothing was changed.');
    expect(words).toContain('npm run status -- --stage prod');
    expect(unknownLinkPage('prod')).toBe(unknownLinkPage('prod'));
    expect(formsOf(unknownLinkPage('prod'))).toBe(0);
  });

  test('says what to do after too many requests', () => {
    expect(wordsOf(tooManyRequestsPage('prod'))).toContain('it was not recorded: send it again');
    expect(wordsOf(tooManyRequestsPage('prod'))).toContain('npm run approve -- ID --region NAME --stage prod');
  });
});

describe('every page', () => {
  const pages = [...Object.values(views).map(approvalPage), unknownLinkPage('prod'), tooManyRequestsPage('prod')];

  test('has its one style as it is hashed, no script, no style attribute, and fetches nothing', () => {
    for (const page of pages) {
      expect(page.split('<style>')[1]?.split('</style>')[0]).toBe(pageStyle);
      expect(page).not.toMatch(
        /<script|<link|<img|<iframe|\sstyle=|\son[a-z]+=|src=|url\(|@import|http-equiv|javascript:/i,
      );
    }
  });

  test('is a document in English with headings in order', () => {
    for (const page of pages) {
      expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
      const levels = [...page.matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
      expect(levels.filter((level) => level === 1)).toHaveLength(1);
      for (const [index, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1);
      expect(page.match(/<main>/g)).toHaveLength(1);
    }
  });
});
