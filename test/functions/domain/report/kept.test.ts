// The report of each kept record is, letter by letter, the page that is kept beside it: `npx vitest run test/functions/domain/report/kept.test.ts -u`
// writes the pages again. The records are of drills (region-outage, az-outage, drill-zone and late-resume, each with seed 1), as a
// release of November 2026 kept them: a later one has to read them still.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildReport } from '../../../../functions/domain/report/build.ts';
import { type Bar, type Report, readReport } from '../../../../functions/domain/report/facts.ts';
import type { IncidentRecord } from '../../../../functions/domain/report/record.ts';
import type { Seen } from '../../../../functions/domain/report/seen.ts';
import { reportPage } from '../../../../functions/domain/report-page/page.ts';
import { plan } from '../../../plan.ts';
import { bare, whole } from '../../../reports.ts';

type Kept = { readonly record: IncidentRecord; readonly seen: Seen };

const folder = join(import.meta.dirname, 'kept');

/** The page, a line for each element, and no style: who changes a sentence reads that one. */
function read(report: Report): string {
  const page = reportPage(report, []).replace(/<style>[^<]*<\/style>/, '');
  return page.replaceAll(/(?<=>)(?=<)/g, '\n');
}

test.for(['region-outage', 'az-outage', 'drill-zone', 'late-resume'])('the report of %s', async (name) => {
  const { record, seen } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Kept;
  const report = buildReport(record, seen, plan);
  expect(readReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
  await expect(read(report)).toMatchFileSnapshot(join(folder, `${name}.page.txt`));
});

/** Rows that only an old database has: forty of each are shown. */
const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    table: 'messages',
    key: `${index}`,
    hash: `h${index}`,
    writtenAt: index === 0 ? null : '2026-11-03T03:00:00.000Z',
    other: index === 1,
  }));
const onlyOld = [40, 41].map((count) => ({
  ...{ asset: `database-${count}`, region: 'us-east-1', comparedAt: null, words: ['1 row'] },
  rows: rows(count),
}));

const time = (second: number) => new Date(Date.UTC(2026, 10, 3, 3, 0, second)).toISOString();
const number = (seconds: number | null, met: boolean | null) => ({
  ...{ seconds, objectiveSeconds: 3_600, met, how: 'As it was measured.' },
});
const bar = (name: string, from: number | null, to: number | null, change: Partial<Bar> = {}): Bar => ({
  ...{ name, outcome: 'succeeded', attempts: null, critical: false, predictedSeconds: null },
  ...{ from: from === null ? null : time(from), to: to === null ? null : time(to), ...change },
});
const [call] = whole.calls;
const [approval] = whole.approvals;
if (call === undefined || approval === undefined) throw new Error('the record has both');
const given = {
  ...{ at: time(9), approver: 'dba', answer: 'approve', valid: true, why: '', reason: 'it is dark', from: '192.0.2.1' },
  ...{ who: 'arn:aws:iam::1:user/ana', how: 'page', shownHash: 'a1b2c3d4e5f6a7b8' },
};
const decision = {
  ...{ at: time(0), action: 'hold', level: 3 as const, reason: 'it is not clear', indication: 'zone-lost' },
  ...{ evidence: [`${time(0)} api fails: errors (34.87)`], signals: 3, execution: 'flow-1' },
};
const person = { role: 'dba', duty: 'recovers it', asked: true, told: 2, answer: null, absence: null };
const said = { at: time(0), answer: 'approve', valid: true, afterSeconds: 60 };
const asset = { name: 'database', kind: 'rds-instance', before: 'use1-az1', after: 'use1-az2', serves: true };
const phase = { phase: 'during' as const, from: time(0), to: time(90), servedPercent: 40.5, requestsPercent: 41.25 };

/** Where the record that has everything goes one way, this one goes the other. */
const otherwise: Report = {
  ...whole,
  ...{ occasion: 'drill', orderedBy: null, runbookUrl: null, title: 'a drill of a zone' },
  numbers: { recovery: number(0, true), dataLoss: number(0, true), restore: number(0, false) },
  incident: { id: 'i-1', level: 1, region: 'us-east-1', zone: null, openedAt: time(0), closedAt: null },
  others: [
    { id: 'i-2', level: 2, region: 'us-east-1', zone: 'use1-az1', openedAt: time(1), closedAt: null },
    { id: 'i-3', level: 3, region: 'us-west-2', zone: null, openedAt: time(2), closedAt: time(3) },
  ],
  clocks: [
    { name: 'Unprotected', seconds: null, how: 'until it was ready' },
    { name: 'Execute', seconds: null, how: 'as it ran' },
    { name: 'Lasted', seconds: 7_200, how: 'to its end' },
  ],
  predicted: { recoverySeconds: 60, dataLossSeconds: 0, basis: 'what AWS says' },
  why: {
    ...{ reason: 'It was planned.', faults: ['zone-dark, for 3600 s', 'region-dark'] },
    assumptions: [
      { what: 'one', state: 'held', why: 'it was 12 s' },
      { what: 'two', state: 'broken', why: 'it was not' },
      { what: 'three', state: 'not-tested', why: 'nobody looked' },
    ],
  },
  people: [
    person,
    { ...person, role: 'never-asked', asked: false, told: 0 },
    { ...person, role: 'absent', absence: 'on leave', told: null },
    { ...person, role: 'late', answer: { ...said, valid: false, answer: 'reject' } },
    { ...person, role: 'timeless', answer: { ...said, afterSeconds: null } },
  ],
  timeline: {
    zeroAt: time(0),
    lanes: [
      { name: 'Users', bars: [bar('not served', 0, 90, { outcome: 'not-served' })] },
      {
        name: 'Flow',
        bars: [
          bar('waits', 5, 30, { outcome: 'waiting' }),
          bar('overlaps', 10, 60, { attempts: 3, critical: true }),
          bar('once', 60, 61, { attempts: 1 }),
          bar('goes on', 70, null, { outcome: 'refused' }),
          bar('ends', null, 20, { outcome: 'failed' }),
          bar('nowhere', null, null, { outcome: 'held' }),
        ],
      },
      {
        name: 'a lane with a name that is too long',
        bars: [
          bar('short', 1, 2),
          bar('LeaveZone', 10, 50, { predictedSeconds: 30, critical: true }),
          bar('Verify', 92, 99, { predictedSeconds: 5, outcome: 'not-possible' }),
          bar('TakeOver', 80, null, { predictedSeconds: 60 }),
        ],
      },
    ],
    marks: [
      { lane: 'Flow', at: time(3), text: 'it failed, for 120 s' },
      { lane: 'elsewhere', at: time(4), text: 'a signal' },
      { lane: 'Users', at: time(900), text: 'long after' },
    ],
    ...{ servedAt: time(90), predictedAt: time(60) },
  },
  decisions: [
    decision,
    { ...decision, action: 'none', indication: null, evidence: [], execution: null },
    { ...decision, action: 'notify', evidence: [], signals: 1 },
    { ...decision, at: '2026-11-04T03:00:00.000Z', evidence: ['a', 'b', 'c'], level: 'unknown' },
  ],
  ways: (['taken', 'offered', 'refused'] as const).map((state) => ({
    ...{ way: `promote-${state}`, state, why: `seen at ${time(0)}`, recoverySeconds: null, dataLossSeconds: 12 },
  })),
  approvals: [
    { ...approval, outcome: null, settledAt: null, unfenced: [], answers: [], requestedBy: 'classify' },
    {
      ...{ ...approval, lossCeilingSeconds: null, unfenced: ['database', 'orders'], requestedBy: 'role/ana' },
      answers: [
        given,
        { ...given, who: null, how: null, shownHash: null, reason: '' },
        { ...given, valid: false, why: 'it is late', shownHash: '' },
      ],
    },
  ],
  waivers: [{ at: time(0), state: 'TakeOver/cache', by: 'ana', reason: 'it is empty' }],
  calls: [
    { ...call, refused: true },
    { ...call, before: null, wanted: null, reachedAt: null, requestId: null },
    { ...call, call: 'lambda:Invoke', before: null, wanted: null },
    { ...call, at: time(20) },
    { ...call, at: time(40), requestId: 'another' },
    { ...call, actor: 'classify', target: 'another' },
  ],
  reached: [{ at: time(5), step: 'leave-zone/database', outcome: `moved at ${time(4)}` }],
  before: ['us-east-1 is primary in epoch 1', 'nothing is frozen'],
  assets: [
    asset,
    { ...asset, name: 'stays', after: 'use1-az1', serves: false },
    { ...asset, name: 'unseen', before: null, after: null, serves: null },
    { ...asset, name: 'gone', after: null },
    { ...asset, name: 'made', before: null },
  ],
  users: {
    phases: [
      { ...phase, runs: { passed: 3, failed: 5 }, took: { medianMs: 1_500, slowestMs: 2_500 } },
      { ...phase, phase: 'after', servedPercent: null, requestsPercent: null, runs: null, took: null },
    ],
    ...{ how: 'As it was measured.', latency: 'Latency: as it was.' },
  },
  messages: [
    { at: time(147), role: 'dba', channel: 'email', subject: 'It fails', body: 'It fails.\nAct.' },
    { at: time(200), role: 'on-call', channel: 'page', subject: 'It is over', body: 'It is over.' },
  ],
  invariants: [
    { id: 'one-writer', held: true, detail: null },
    { id: 'honest-loss', held: false, detail: 'it was more' },
  ],
  findings: (['high', 'medium', 'low'] as const).map((severity) => ({ severity, what: `It is ${severity}.` })),
  ...{ cost: 'It is little: type `npm run cost` and `more`.', gaps: [] },
};

/** Nothing at all, as a drill of the simulator has it. */
const empty: Report = {
  ...bare,
  ...{ id: 'drill-1', source: 'simulator', occasion: 'drill', orderedBy: null, incident: null, runbookUrl: null },
  numbers: { recovery: number(null, null), dataLoss: number(4_000, false), restore: number(12, true) },
  timeline: { zeroAt: time(0), lanes: [], marks: [], servedAt: null, predictedAt: null },
  ...{ people: [], data: [], silent: {}, gaps: [], clocks: [], notTested: [] },
  why: { reason: 'It was chosen.', faults: [], assumptions: [] },
};
const verdicts = ['passed', 'missed', 'recovered', 'not-recovered', 'held', 'open', 'not-known'] as const;

test.for([
  ['a record that has everything', whole],
  ['a record that has hardly anything', bare],
  ['a record that has everything otherwise', otherwise],
  ['a drill that has nothing', empty],
  ['rows that only an old database has', { ...bare, onlyOld }],
] as const)('the page of %s', async ([name, report]) => {
  await expect(read(report)).toMatchFileSnapshot(join(folder, 'pages', `${name.replaceAll(' ', '-')}.page.txt`));
});

test('each verdict has its word and its colour', () => {
  const badges = verdicts.map((state) => {
    const page = reportPage({ ...empty, verdict: { ...empty.verdict, state } }, []);
    return /<p><span class="badge ([a-z]+)">([^<]+)<\/span><\/p>/.exec(page)?.slice(1).join(': ');
  });
  expect(badges).toEqual([
    ...['good: Passed', 'bad: Missed', 'good: Recovered', 'bad: Not recovered', 'warn: Held', 'warn: Still open'],
    'none: Not known',
  ]);
});
