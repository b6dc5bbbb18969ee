// The numbers and short lines of the approval page, one by one: what decides is never told better than it is known.
import { describe, expect, test } from 'vitest';
import { isLive } from '../../../../functions/domain/page/approval-facts.ts';
import { answerCommands, secondPhrase } from '../../../../functions/domain/page/approval-forms.ts';
import { approvalPage } from '../../../../functions/domain/page/approval-page.ts';
import type { ApprovalView } from '../../../../functions/domain/page/approval-view.ts';
import { progressOf } from '../../../../functions/domain/record/progress.ts';
import {
  answerOf,
  asked,
  blindRequest,
  darkRequest,
  fencedRequest,
  goingOnRequest,
  minute,
  openedAt,
  seen,
  shown,
  switchoverRequest,
  twoRequest,
  views,
} from '../../../page/views.ts';

/** Without the marks of what is read as one word. */
const unbroken = (page: string): string => page.replaceAll(/<span class="whole">([^<]*)<\/span>/g, '$1');

/** The numbers by their names: tone, value and note. */
function numbers(view: ApprovalView): Record<string, string[]> {
  const found = [
    ...unbroken(approvalPage(view)).matchAll(
      /<div class="([a-z]*)"><dt>([^<]*)<\/dt><dd class="value">([^<]*)<\/dd><dd>([^<]*)<\/dd><\/div>/g,
    ),
  ];
  return Object.fromEntries(
    found.map(([, tone = '', name = '', value = '', note = '']) => [name, [tone, value, note]]),
  );
}
const { incident } = asked;
if (incident === null) throw new Error('there is an incident');
const predicting = (predicted: object, change: object = {}) => ({
  ...asked,
  request: { ...darkRequest, ...change, shown: { ...darkRequest.shown, predicted } },
});
/** Of a prediction that was made when people were asked, 260 s after users were last served. */
const back = (recoverySeconds: number | null, now = asked.now) =>
  numbers({ ...predicting({ recoverySeconds, dataLossSeconds: 1 }), now })['Users are back'];

test('once something was promoted, what is lost is what the old region took since, and not what was predicted before', () => {
  const going = (atMostSeconds: number | null) =>
    numbers({
      ...asked,
      request: { ...goingOnRequest, shown: { ...goingOnRequest.shown, goingOn: { since: openedAt, atMostSeconds } } },
    })['Lost if you go on'];
  const note = 'what us-east-1 took since; how many writes that are is not known';
  expect(going(270)).toEqual(['', '4 min 30 s', note]);
  expect(going(null)).toEqual(['bad', 'Not known', note]);
});

test('a planned move says when users are moved, and not when they are back', () => {
  const planned = numbers({ ...asked, request: switchoverRequest });
  expect(planned['Users are back']).toBeUndefined();
  expect(planned['Users are moved by']).toBeDefined();
});

describe('how long users have been down', () => {
  test.for<[string, Partial<ApprovalView>, string, string[]]>([
    ['in a disaster', {}, 'Users down for', ['bad', '16 min', 'since 02:59 UTC, the last successful user request']],
    [
      'where they were served again when people were asked',
      { request: { ...darkRequest, shown: { ...darkRequest.shown, servedFrom: ['eu-west-1', 'us-west-2'] } } },
      'Users when asked',
      ['warn', 'Served', 'seen at 03:04 UTC; they failed from 02:59 UTC on'],
    ],
    [
      'in trouble of a zone',
      { incident: { ...incident, level: 2 } },
      'Trouble for',
      ['bad', '16 min', 'since 02:59 UTC, the last successful user request'],
    ],
    [
      'and are served again',
      { incident: { ...incident, closedAt: openedAt + 10 * minute } },
      'Users were down for',
      ['', '10 min', 'until 03:10 UTC; from 02:59 UTC, the last successful user request'],
    ],
    [
      'and the trouble is over',
      { incident: { ...incident, level: 'unknown', closedAt: openedAt + 10 * minute } },
      'Trouble lasted',
      ['', '10 min', 'until 03:10 UTC; from 02:59 UTC, the last successful user request'],
    ],
    [
      'where there is no record',
      { incident: null },
      'Users down for',
      ['', 'Not known', 'nothing here says that they fail'],
    ],
    ['where a person moves them', { request: switchoverRequest }, 'Users now', ['', 'Served', 'as far as is known']],
    ['at a time that is none', { now: Number.NaN }, 'Users down for', ['bad', 'Not known', expect.any(String)]],
    ['not at all yet', { now: openedAt - 10 * minute }, 'Users down for', ['bad', '0 s', expect.any(String)]],
  ])('%s', ([, change, name, number]) => {
    expect(numbers({ ...asked, ...change })[name]).toEqual(number);
  });
});

test.for([
  ['some minutes', 240, 0, ['', '03:20 UTC', 'in 4 min, if approved now']],
  ['a minute', 60, 0, ['', '03:17 UTC', 'in 1 min, if approved now']],
  ['less, by the next minute of the clock', 20, 30_000, ['', '03:17 UTC', 'in a minute, if approved now']],
] as const)('users are back in %s, if it is approved now', ([, seconds, later, number]) => {
  expect(back(260 + seconds, asked.now + later)).toEqual(number);
});

test('users who were served when people were asked fail until another region serves them', () => {
  const served = predicting({ recoverySeconds: 500, dataLossSeconds: 1 });
  const shown = { ...served.request.shown, servedFrom: ['eu-west-1', 'us-west-2'] };
  const found = numbers({ ...served, request: { ...served.request, shown } });
  const [tone, , note] = found['If approved, users fail until'] ?? [];
  expect(tone).toBe('warn');
  expect(note).toMatch(/^for \d min, although they are served now$/);
});

test('where no prediction was made people read so', () => {
  expect(back(null)).toEqual(['bad', 'Not known', 'no prediction could be made']);
});

test.for<[string, ApprovalView, string[]]>([
  ['one', asked, ['', '32 s', 'of writes, predicted; above 1 min 32 s you are asked again']],
  [
    'of two databases',
    { ...asked, request: twoRequest },
    ['', '15 min 30 s', 'of what loses most; what an approval holds for is said of each'],
  ],
  ['of a switchover', { ...asked, request: switchoverRequest }, ['', 'None', 'all that was written is waited for']],
  ['that nobody knows', { ...asked, request: blindRequest }, ['bad', 'Not known', 'an approval holds for any loss']],
  [
    'of a switchover that nobody knows',
    { ...asked, request: { ...switchoverRequest, lossCeilingSeconds: null, assetCeilingSeconds: {} } },
    ['', 'None', 'an approval holds for any loss'],
  ],
])('the loss: %s', ([, view, number]) => {
  expect(numbers(view)['Data loss']).toEqual(number);
});

test('what is not fenced is loud', () => {
  expect(numbers(asked)['Not fenced']).toEqual(['warn', 'us-east-1', 'may take writes that us-west-2 lacks']);
  expect(numbers({ ...asked, request: fencedRequest })['Not fenced']).toEqual([
    ...['', 'Nothing', 'all that takes writes can be closed (fenced)'],
  ]);
  const two = { ...darkRequest, unfenced: ['us-east-1', 'cache'] };
  expect(numbers({ ...asked, request: two })['Not fenced']?.[1]).toBe('us-east-1, cache');
});

test('once it has ended only the outage is told, and nothing of what was planned', () => {
  const ended = (change: Partial<ApprovalView>) => Object.keys(numbers({ ...asked, state: 'void', ...change }));
  expect(ended({})).toEqual(['Users down for']);
  expect(ended({ incident: null })).toEqual([]);
  expect(ended({ request: switchoverRequest })).toEqual([]);
});

test('what is typed instead of opening the page is complete', () => {
  const { id } = darkRequest;
  expect(answerCommands(darkRequest, 'prod')).toEqual([
    `npm run approve -- ${id} --region us-east-1 --stage prod --unfenced "us-east-1 stays unfenced"`,
    `npm run reject -- ${id} --region us-east-1 --stage prod --reason "why"`,
  ]);
  expect(answerCommands(fencedRequest, 'prod')[0]).toBe(`npm run approve -- ${id} --region us-east-1 --stage prod`);
  expect(secondPhrase({ ...darkRequest, unfenced: [] })).toBeNull();
});

test('a request is over at the moment at which it expires', () => {
  const at = (now: number) => approvalPage({ ...asked, now });
  expect(at(darkRequest.expiresAt - 1)).toContain('Approval needed');
  expect(at(darkRequest.expiresAt)).toContain('<p class="badge warn">Expired</p>');
});

test('a page loads again by itself while others are waited for, or what was approved is done, and nobody types into it', () => {
  const approved = views['approved'] ?? expect.fail('there is such a view');
  expect(isLive(approved)).toBe(true);
  for (const state of ['rejected', 'void'] as const) expect(isLive({ ...approved, state })).toBe(false);
  expect(isLive({ ...approved, state: 'open' })).toBe(true); // whose page it is has answered
  expect(isLive(asked)).toBe(false);
  expect(isLive({ ...approved, progress: null })).toBe(false);
  expect(isLive({ ...approved, asked: false, whyNotAgain: null })).toBe(true);
});

test('who answered is a point each, and a rejection is one alone', () => {
  const pips = (...answers: Parameters<typeof seen>[1][]) =>
    /<div class="pips" aria-hidden="true">(.*?)<\/div>/.exec(approvalPage(seen(shown, answers[0] ?? [])))?.[1];
  expect(pips([])).toBe('<span class=""></span><span class=""></span>');
  expect(pips([answerOf('infra-lead')])).toBe('<span class="on"></span><span class=""></span>');
  expect(pips([answerOf('infra-lead', { answer: 'reject' })])).toBe('<span class="no"></span>');
});

test('six pieces of evidence are shown, and more is folded', () => {
  const page = (count: number) => {
    const evidence = Array.from({ length: count }, (_, index) => `fact ${index} holds`);
    return approvalPage({ ...asked, incident: { ...incident, evidence } });
  };
  expect(page(0)).not.toContain('<h3 class="gap">Evidence</h3>');
  expect(page(6)).toContain('<li>Fact 5 holds.</li>');
  expect(page(6)).not.toContain('more</summary>');
  expect(page(7)).toContain('<details><summary>1 more</summary><ul><li>Fact 6 holds.</li></ul></details>');
});

describe('what an approval has come to stands in the headline', () => {
  const headline = (view: ApprovalView) => {
    const [, tone, badge, title = '', lead = ''] =
      /<p class="badge ([a-z]*)">([^<]*)<\/p>\n<h1>([\s\S]*?)<\/h1>\n<p>([\s\S]*?)<\/p>/.exec(approvalPage(view)) ?? [];
    return [tone, badge, title, lead].map((text = '') => text.replaceAll(/<[^>]*>/g, ''));
  };
  const approved = (progress: Partial<NonNullable<ApprovalView['progress']>> | null, change: object = {}) =>
    headline(
      seen(
        {
          ...{ ...shown, state: 'approved', request: { ...darkRequest, ...change } },
          progress:
            progress === null
              ? null
              : { standing: 'runs', failed: [], said: '', steps: [], servedAt: null, ...progress },
        },
        [answerOf('dba'), answerOf('infra-lead')],
      ),
    );
  const begun = [
    { at: openedAt, step: { state: 'Fence', asset: 'database' }, state: 'begun', words: 'begun' },
  ] as const;
  const again = 'Enough people approved. Before anything is changed, everything is looked at once more.';
  const done = 'Enough people approved. It is being done now.';
  const stopped =
    'Enough people approved. The flow has stopped on its way, and does nothing until a person acts. The e-mail with PAUSED in its subject says why, and what to type.';
  const ended = 'Enough people approved. A person stopped the flow: nothing of it goes on.';
  const served = 'Users are served in us-west-2';
  const servedAt = openedAt + 9 * minute;

  test.for<[string, () => string[], string[]]>([
    ['nobody can say', () => approved(null), ['wait', 'Approved', 'us-east-1 is being given up', again]],
    ['nothing yet', () => approved({}), ['wait', 'Approved', 'us-east-1 is being given up', again]],
    ['it is done', () => approved({ steps: begun }), ['wait', 'Approved', 'us-east-1 is being given up', done]],
    [
      'a switchover',
      () => approved({ steps: begun }, { mode: 'switchover' }),
      ['wait', 'Approved', 'us-west-2 takes over from us-east-1', done],
    ],
    [
      'a restore',
      () => approved({ steps: begun }, { mode: 'restore' }),
      ['wait', 'Approved', 'us-east-1 goes on with restored data', done],
    ],
    [
      'users are served',
      () => approved({ servedAt }),
      ['good', 'Served', served, 'Enough people approved. The flow still runs.'],
    ],
    [
      'a pause',
      () => approved({ standing: 'paused' }),
      ['bad', 'Paused', 'The flow is paused: a person is needed', stopped],
    ],
    [
      'a pause after users were served',
      () => approved({ standing: 'paused', servedAt }),
      ['bad', 'Paused', `${served}, and the flow is paused`, stopped],
    ],
    ['an end by a person', () => approved({ standing: 'aborted' }), ['warn', 'Aborted', 'The flow was aborted', ended]],
    [
      'an end by a person after users were served',
      () => approved({ standing: 'aborted', servedAt }),
      ['warn', 'Aborted', `${served}, and the flow was aborted`, ended],
    ],
    [
      'an end',
      () => approved({ standing: 'ended', servedAt }),
      ['good', 'Done', served, 'Enough people approved. The flow has ended.'],
    ],
    [
      'an end that brought nobody back',
      () => approved({ standing: 'ended' }),
      [
        ...['warn', 'Ended', 'The flow has ended'],
        'Enough people approved. No record says that it brought users back.',
      ],
    ],
  ])('%s', ([, found, expected]) => {
    expect(found()).toEqual(expected);
  });
});

test('a prediction that has run out is said to have, and one that is damaged is none', () => {
  const late = { ...darkRequest, askedAt: asked.now };
  expect(numbers({ ...asked, request: late, now: asked.now + 1 })['Users are back']).toEqual([
    ...['bad', 'Not known', 'what was predicted has run out'],
  ]);
  const damaged = { ...darkRequest, shown: { ...darkRequest.shown, predicted: 'soon' } };
  expect(numbers({ ...asked, request: damaged })['Users are back']?.[2]).toBe('no prediction could be made');
  expect(numbers({ ...asked, request: damaged })['Data loss']?.[1]).toBe('Not known');
  expect(back(260 + 30, asked.now + 30_000)?.[2]).toBe('in a minute, if approved now');
});

test('who rejected is named only once it has ended so, and an unknown level has no words', () => {
  const rejection = [answerOf('infra-lead', { answer: 'reject', reason: '' })];
  const short = (state: ApprovalView['state'], answers = rejection) =>
    /<p class="soft">([\s\S]*?)<\/p>/
      .exec(approvalPage(seen({ ...shown, state }, answers)))?.[1]
      ?.replaceAll(/<[^>]*>/g, '');
  expect(short('rejected')).toBe('infra-lead rejected it at 03:11 UTC (5 min ago) and gave no reason.');
  expect(short('rejected', [])).toBe('0 of 2 approvals.');
  expect(short('void')).toBe('0 of 2 approvals.');
  const unknown = approvalPage({ ...asked, incident: { ...incident, level: 'unknown' } });
  expect(unknown).toContain('<strong>Level unknown</strong> in');
});

test('of two fields only the one that was not taken is marked', () => {
  const typed = { answer: 'approve', region: 'x', unfenced: 'y', reason: '' } as const;
  const wrong = [
    { field: 'unfenced', text: 'not so' },
    { field: 'region', text: 'not there' },
  ] as const;
  const marked = (all: readonly (typeof wrong)[number][]) =>
    [
      ...approvalPage({ ...asked, problem: { typed, wrong: all } }).matchAll(
        /<input id="([a-z-]+)"[^>]*aria-invalid="true"/g,
      ),
    ].map(([, id]) => id);
  expect(marked(wrong)).toEqual(['region', 'unfenced']);
  expect(marked(wrong.slice(0, 1))).toEqual(['unfenced']);
});

test('a flow that has ended says what it could not fence, by its own record, until the fence watch has', () => {
  const of = { incident: 'i', execution: 'e' };
  const own = [
    { ...of, step: 'fence/database', at: 1, outcome: { fenced: false, unfenced: true, why: 'it does not answer' } },
    { ...of, step: 'record-failover', at: 2, outcome: { verifiedAt: openedAt + 20 * minute } },
  ];
  const page = (more: typeof own = []) =>
    approvalPage({ ...asked, state: 'approved', progress: progressOf([], [...own, ...more], 'ended') });
  expect(page()).toContain('<p class="badge warn">Done, NOT all fenced</p>');
  expect(page()).toContain('NOT fenced: database.');
  expect(page()).toContain('docs/runbook.md#fence-watch');
  const late = page([{ ...of, step: 'fence-late/database', at: 3, outcome: { fenced: true } as never }]);
  expect(late).toContain('<p class="badge good">Done</p>');
});

test('what cannot be read of a flow predicts nothing', () => {
  const view = { ...asked, state: 'approved', progress: null } as const;
  expect(numbers(view)['Users are back']).toBeUndefined();
});
