// The approval page as an approver gets it, kept letter by letter in its states: `npx vitest run test/functions/domain/page/kept.test.ts -u`
// writes the pages again; read them before they are committed.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { approvalPage, tooManyRequestsPage, unknownLinkPage } from '../../../../functions/domain/page/approval-page.ts';
import type { ApprovalView } from '../../../../functions/domain/page/approval-view.ts';
import {
  answerOf,
  asked,
  askedAt,
  darkRequest,
  goingOnRequest,
  minute,
  seen,
  shown,
  twoRequest,
  views,
} from '../../../page/views.ts';

const folder = join(import.meta.dirname, 'kept');

/** A line for each element, and no style: who changes a sentence reads that one. */
function read(page: string): string {
  return page.replace(/<style>[^<]*<\/style>/, '').replaceAll(/(?<=>)(?=<)/g, '\n');
}
const of = (name: string): ApprovalView => views[name] ?? expect.fail(`there is no view ${name}`);

const restored = {
  ...{ mode: 'restore', standby: 'us-east-1', offered: false, why: 'there is no backup' },
  ...{ waves: [['database'], ['settings', 'cache', 'search']], goingOn: null },
  ...{ predicted: { recoverySeconds: null, dataLossSeconds: 3_600, basis: null }, alternatives: [], ways: [] },
};
const damaged = { reason: 7, predicted: 'soon', alternatives: [{}], standby: null, takingOver: 'x' };
const several = {
  ...twoRequest.shown,
  ways: ['database', 'orders'].map((asset) => ({
    asset,
    ways: [{ way: 'promote-replica', usable: true, dataUntil: askedAt, seconds: 300 }],
  })),
  alternatives: [
    {
      way: 'restore-snapshot',
      asset: 'orders',
      offered: true,
      why: 'a snapshot is there',
      recoverySeconds: 900,
      dataLossSeconds: 60,
    },
    {
      way: 'restore-snapshot',
      asset: 'database',
      offered: false,
      why: 'no key',
      recoverySeconds: null,
      dataLossSeconds: null,
    },
    { way: 'wait', offered: true, why: 'nothing is changed', recoverySeconds: null, dataLossSeconds: null },
  ],
};

test.for<[string, ApprovalView]>([
  ['asked', asked],
  ['asked of two databases, in trouble', { ...of('not-taken'), request: { ...twoRequest, shown: several } }],
  ['asked whether to go on, one rejects', { ...of('reason-missing'), request: goingOnRequest }],
  [
    'asked to restore',
    {
      ...asked,
      ...{ incident: null, runbookUrl: null },
      request: { ...darkRequest, mode: 'restore', way: 'restore-snapshot', unfenced: [], shown: restored },
    },
  ],
  ['asked by a drill', of('drill-asked')],
  ['told of a switchover', seen({ ...shown, approver: 'on-call', request: of('switchover').request })],
  ['answered', of('answered')],
  ['finished', of('finished')],
  [
    'paused after users were served',
    seen(
      {
        ...shown,
        state: 'approved',
        progress: { standing: 'paused', failed: [], said: 'It is paused.', steps: [], servedAt: askedAt + 9 * minute },
      },
      [answerOf('dba'), answerOf('infra-lead')],
    ),
  ],
  ['rejected, and may be asked again', seen({ ...shown, state: 'rejected' }, [answerOf('dba', { answer: 'reject' })])],
  ['expired, and was not asked again', of('not-asked-again')],
  ['void and damaged', { ...of('void'), request: { ...darkRequest, shown: damaged } }],
])('a page that is %s', async ([name, view]) => {
  await expect(read(approvalPage(view))).toMatchFileSnapshot(join(folder, `${name.replaceAll(/,? /g, '-')}.page.txt`));
});

test('pages without a request say what to do instead', () => {
  const body = (page: string) => /<main>\n([\s\S]*)\n<\/main>/.exec(page)?.[1];
  expect(body(unknownLinkPage('prod'))).toBe(
    `<div class="top"><div class="card"><h1>This link opens nothing</h1><div class="gap"><p>It may be incomplete, too old, or not meant for this page. Nothing was recorded and nothing was changed.</p>
<p>Open the newest e-mail that Breakwater sent you and follow the link in it, or list what is open from the command line:</p>
<pre><span class="word">npm run status</span> <span class="word">--</span> <span class="word">--stage prod</span></pre></div></div></div>`,
  );
  expect(body(tooManyRequestsPage('prod'))).toBe(
    `<div class="top"><div class="card"><h1>This page was opened too often</h1><div class="gap"><p>Wait a minute, then open the link again. If you sent an answer just now, it was not recorded: send it again.</p>
<p>If it cannot wait, type the lines that stand in your e-mail. They look like these; what is in brackets is there if the e-mail says NOT FENCED:</p>
<pre><span class="word">npm run approve</span> <span class="word">--</span> <span class="word">ID</span> <span class="word">--region NAME</span> <span class="word">--stage prod</span> <span class="word">[--unfenced</span> <span class="word">&quot;REGION stays unfenced&quot;]</span></pre>
<pre><span class="word">npm run reject</span> <span class="word">--</span> <span class="word">ID</span> <span class="word">--region NAME</span> <span class="word">--stage prod</span> <span class="word">--reason &quot;why&quot;</span></pre></div></div></div>`,
  );
  expect(unknownLinkPage('prod')).not.toContain('<footer');
  expect(unknownLinkPage('prod')).toContain('<title>This link opens nothing - Breakwater</title>');
});
