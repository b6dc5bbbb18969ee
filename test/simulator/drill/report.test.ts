// The report of a drill: the twin's truth beside what the record says, every message in full, and the same bytes for one seed.
import { expect, test } from 'vitest';
import { type Report, readReport } from '../../../functions/domain/report/facts.ts';
import { reportPage } from '../../../functions/domain/report-page/page.ts';
import { type DrillOptions, runDrill } from '../../../simulator/drill/drill.ts';
import type { Progress } from '../../../simulator/drill/result.ts';
import { plan } from '../../plan.ts';
import { shipped } from '../../shipped.ts';
import { drilled as withoutReport } from './drilled.ts';

async function drilled(scenario: string, more: Partial<DrillOptions> = {}) {
  const done = await runDrill({ scenario, seed: 1, plan, report: true, ...more });
  if (done.report === undefined) throw new Error('a report was asked for');
  return { ...done, report: done.report };
}

const state = (report: Report, what: RegExp) => report.why.assumptions.find((one) => what.test(one.what))?.state;

test('a region outage: the facts are those of the drill', async () => {
  const { result, report } = await drilled('region-outage');
  expect(readReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
  expect(report.numbers.recovery.seconds).toBe(result.clocks.recoverySeconds);
  expect(report.numbers.dataLoss.seconds).toBe(result.dataLoss.actualSeconds);
  expect(report.verdict.state).toBe('passed');
  expect(report.clocks.find(({ name }) => name === 'Detect')?.seconds).toBe(result.clocks.detectSeconds);
  const { countsFrom, ...predicted } = result.predicted ?? {};
  expect(countsFrom).toBe('last-served');
  expect(report.predicted).toEqual({ ...predicted, basis: expect.stringContaining('the figures of the plan') });
  expect(report.messages.map(({ subject }) => subject)).toEqual(result.notifications.map(({ subject }) => subject));
  expect(report.messages.every(({ body }) => body.length > 50)).toBe(true);
  // Every call of the record is one that the estate saw; what keeps backups by the clock is no incident's.
  expect(report.calls.map(({ call, target }) => `${call} ${target}`).sort()).toEqual(
    result.mutations
      .filter(({ step }) => step !== 'keep-backups')
      .map(({ service, operation, target }) => `${service}:${operation} ${target}`)
      .sort(),
  );
  expect(report.approvals).toHaveLength(1);
  expect(report.approvals[0]?.shown.join(' ')).toContain('NOT FENCED: us-east-1');
  expect(report.people.find(({ role }) => role === 'dba')?.absence).toContain('absent on purpose');
  expect(report.assets.find(({ name }) => name === 'database')).toMatchObject({
    before: 'use1-az1',
    after: 'usw2-az1',
  });
  expect(report.users.phases.map(({ phase, servedPercent }) => [phase, servedPercent])).toEqual([
    ['before', 100],
    ['during', 0],
    ['after', 100],
  ]);
  // As on AWS: what the canaries told CloudWatch of their visits. Nobody was answered while the region was dark.
  const [before, during, after] = report.users.phases.map(({ took }) => took);
  expect(during).toBeNull();
  for (const took of [before, after]) {
    expect(took?.medianMs).toBeGreaterThan(30);
    expect(took?.slowestMs).toBeGreaterThan(took?.medianMs ?? 0);
    expect(took?.slowestMs).toBeLessThan(plan.service.healthTimeoutSeconds * 1000);
  }
  expect(report.ways.map(({ way, state }) => [way, state])).toEqual([
    ['promote-replica', 'taken'],
    ['restore-point-in-time', 'offered'],
    ['restore-snapshot', 'offered'],
    ['wait', 'offered'],
  ]);
  const path = report.timeline.lanes.flatMap(({ bars }) =>
    bars.filter(({ critical }) => critical).map(({ name }) => name),
  );
  expect(path).toEqual(
    expect.arrayContaining(['first signal to decision', 'TakeOver', 'RedirectUsers', 'VerifyOutside']),
  );
});

test('an approval that nobody gives: who is absent is so on purpose, and what was expected was not looked at', async () => {
  const { report } = await drilled('region-outage', { approve: 'never' });
  expect(report.people.filter(({ asked }) => asked).map(({ absence }) => absence)).toEqual(
    plan.approval.roles.map(() => 'absent on purpose: in this drill nobody answers'),
  );
  expect(state(report, /answer within/)).toBe('broken');
  expect(state(report, /All that the scenario expects/)).toBe('not-tested');
  expect(report.approvals[0]).toMatchObject({ outcome: 'expired', answers: [] });
  expect(report.calls).toEqual([]);
});

test('a drill without an incident has a page that says so', async () => {
  const { report } = await drilled('calm');
  expect(report.incident).toBeNull();
  expect(report.numbers.recovery).toMatchObject({
    seconds: 0,
    how: 'Users were served all the time: nothing had to be recovered.',
  });
  expect(report.numbers.restore).toMatchObject({ seconds: null, how: 'There was no incident.' });
  expect(state(report, /RTO/)).toBe('not-tested');
  const page = reportPage(report, []);
  expect(page).toContain('There is no incident in the record.');
  expect(page).not.toMatch(/\b(undefined|NaN)\b/);
});

test('what stays where it is, because its move is refused, is a way that was refused', async () => {
  const { result, report } = await drilled('az-outage', { plan: shipped });
  // To look is no part of the drill.
  expect(result).toEqual((await withoutReport('az-outage', 1)).result);
  expect(report.ways).toMatchObject([{ way: 'move cache', state: 'refused' }]);
  expect(state(report, /^cache recovers as planned/)).toBe('broken');
  expect(report.findings.map(({ what }) => what).join(' ')).toContain('cache stays where it is');
  expect(report.approvals).toEqual([]);
  expect(report.silent['approvals']).toBe('Nobody was asked: leaving a zone needs no approval.');
});

test('a step that fails is a finding', async () => {
  const { report } = await drilled('step-fails');
  expect(report.findings.map(({ what }) => what).join(' ')).toMatch(/failed at least once/);
});

test('one seed gives the same bytes', async () => {
  const [first, second] = [await drilled('database-failover'), await drilled('database-failover')];
  expect(JSON.stringify(second.report)).toBe(JSON.stringify(first.report));
  expect(reportPage(second.report, [])).toBe(reportPage(first.report, []));
});

test('where nothing is broken, timeline, report and figures count from one zero all the same', async () => {
  const told: Progress[] = [];
  const { report, result } = await drilled('manual-switchover', { onProgress: (one) => told.push(one) });
  const zeros = told.filter(({ kind }) => kind === 'zero').map(({ at }) => at);
  expect(zeros).toEqual([Date.parse(report.timeline.zeroAt)]);
  expect(told[0]?.kind).toBe('zero');
  const [zero = Number.NaN] = zeros;
  const { recoverySeconds } = result.clocks;
  if (recoverySeconds !== null)
    expect(report.timeline.servedAt).toBe(new Date(zero + recoverySeconds * 1000).toISOString());
});

test('a bar says succeeded only of what was done: what could not be fenced, and what was so before, is not', async () => {
  const { report } = await drilled('region-outage');
  const bars = report.timeline.lanes.flatMap(({ name, bars }) =>
    bars.map((bar) => [name, bar.name, bar.outcome].join(' ')),
  );
  expect(bars).toContain('database Fence not-possible');
  expect(bars).toContain('database TakeOver succeeded');
  expect(report.reached.find(({ step }) => step === 'fence/database')?.outcome).toMatch(/^not possible; /);
});
