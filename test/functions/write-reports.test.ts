// The reports of incidents that are over: each in the bucket of the region, once, and again when its record has grown.
import 'aws-sdk-client-mock-vitest/extend';
import { CloudWatchClient, GetMetricDataCommand, type GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeEach, expect, test } from 'vitest';
import { readReport } from '../../functions/domain/report/facts.ts';
import { reportAddress } from '../../functions/domain/report/place.ts';
import { recordOf } from '../../functions/shared/report/incident-record.ts';
import { handler } from '../../functions/write-reports.ts';
import { mocked } from '../mocked.ts';
import { call, drill } from '../store/samples.ts';
import { type Setting, setting, start } from './setting.ts';

const s3 = mocked(S3Client);
const cloudWatch = mocked(CloudWatchClient);
let shell: Setting;
const id = 'us-east-1-20261123T025900000Z';
const minute = 60_000;

beforeEach(() => {
  s3.reset();
  s3.on(PutObjectCommand).resolves({});
  cloudWatch.reset();
  cloudWatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [] });
  shell = setting();
});

async function keep(closedAt: number | null, name = id): Promise<void> {
  await shell.store.writeIncident({
    ...{ id: name, region: 'us-east-1', level: 2, scope: { region: 'us-east-1', zone: 'use1-az1' } },
    ...{ openedAt: start - minute, lastSignalAt: start, closedAt, decisions: [], version: 1 },
  });
}
const step = (name: string) =>
  shell.store.recordStep({ incident: id, execution: 'flow-1', step: name, at: shell.at, outcome: {} });
const run = async () => {
  shell.at += minute;
  await handler.on(shell)({});
};
const written = () =>
  s3.commandCalls(PutObjectCommand).map(({ args }) => `${args[0].input.Bucket}/${args[0].input.Key}`);
const [json, page] = ['json', 'html'].map(
  (form) => `breakwater-test-reports-111122223333-us-east-1/reports/${id}.${form}`,
);

test('one that is over is written once, as a page with its facts beside it; one that is open is not', async () => {
  await keep(null);
  await run();
  expect(written()).toEqual([]);
  await shell.store.writeIncident({
    ...{ id, region: 'us-east-1', level: 2, scope: { region: 'us-east-1', zone: 'use1-az1' } },
    ...{ openedAt: start - minute, lastSignalAt: start, closedAt: shell.at, decisions: [], version: 2 },
  });
  await run();
  await run();
  expect(written()).toEqual([json, page]);
  const [facts, html] = s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);
  expect(readReport(JSON.parse(String(facts?.Body)))).toMatchObject({
    id,
    cost: expect.stringMatching(/^At least \$\d\.\d+ at list prices, for the 0 calls, 0 steps and 0 signals /),
  });
  expect(html).toMatchObject({
    ContentType: 'text/html; charset=utf-8',
    Body: expect.stringContaining('<!doctype html>'),
  });
  expect((await recordOf(id, shell))?.steps).toEqual([]);
});

test('what is added later, as by a fence watch, is in the next one', async () => {
  await keep(shell.at);
  await run();
  shell.at += minute;
  await step('fence-late/database');
  await run();
  await run();
  expect(written()).toEqual([json, page, json, page]);
});

test('what cannot be written costs itself alone, and is written at the next look', async () => {
  await keep(shell.at);
  await keep(shell.at, 'us-east-1-20261123T030000000Z');
  s3.on(PutObjectCommand, { Key: `reports/${id}.json` }).rejectsOnce(
    Object.assign(new Error('no'), { name: 'SlowDown' }),
  );
  await expect(run()).rejects.toThrow(`write reports/${id}.json`);
  expect(written()).toHaveLength(3);
  await run();
  expect(written().slice(3)).toEqual([json, page]);
});

test('nothing is looked at once nothing can be added any more', async () => {
  await keep(shell.at);
  shell.at += 6 * 24 * 60 * minute;
  await run();
  expect(written()).toEqual([]);
});

test('a drill that is over has a page too, with the call that broke something; one that runs has none', async () => {
  const { store } = shell;
  const run = { ...drill, execution: 'drill-1', startedAt: start, faultAt: start, endedAt: null };
  await store.keepDrill(run);
  const change = { before: 'use1-az1', wanted: 'broken on purpose' };
  await store.audit({ ...call, incident: 'drill-1', execution: 'drill-1', step: 'inject-fault', at: start, change });
  await handler.on(shell)({});
  expect(written()).toEqual([]);
  shell.at += minute;
  await store.keepDrill({ ...run, outcome: 'passed', endedAt: shell.at });
  for (const _ of [1, 2]) {
    shell.at += minute;
    await handler.on(shell)({});
  }
  const bucket = 'breakwater-test-reports-111122223333-us-east-1/reports';
  expect(written()).toEqual([`${bucket}/drill-1.json`, `${bucket}/drill-1.html`]);
  const facts = readReport(JSON.parse(String(s3.commandCalls(PutObjectCommand)[0]?.args[0].input.Body)));
  expect(facts).toMatchObject({ occasion: 'drill', verdict: { state: 'passed' } });
  expect(facts?.calls).toMatchObject([{ step: 'inject-fault', before: 'use1-az1', requestId: null }]);
  expect(facts?.gaps.join(' ')).toContain('The request id of 1 call is not known');
});

test('its address leads to the console of the partition that the region is in', () => {
  const place = { prefix: 'breakwater-Prod', account: '111122223333' };
  expect(reportAddress(id, { ...place, region: 'us-east-1' })).toBe(
    `https://us-east-1.console.aws.amazon.com/s3/object/breakwater-prod-reports-111122223333-us-east-1?region=us-east-1&prefix=reports%2F${id}.html`,
  );
  expect(reportAddress(id, { ...place, region: 'cn-north-1' })).toContain('https://console.amazonaws.cn/s3/');
  expect(reportAddress(id, { ...place, region: 'us-gov-west-1' })).toContain(
    'https://console.amazonaws-us-gov.com/s3/',
  );
});

/** What the canaries measured, by minutes from the beginning of the incident on. */
const measured = (runs: Readonly<Record<number, number>>) => ({
  MetricDataResults: [
    {
      Id: 'm0',
      StatusCode: 'Complete' as const,
      Timestamps: Object.keys(runs).map((minutes) => new Date(start + (Number(minutes) - 1) * minute)),
      Values: Object.values(runs),
    },
  ],
});

/** CloudWatch, by region, metric and statistic; it refuses what is asked of us-east-1. */
const answering = (all: Readonly<Record<string, Readonly<Record<number, number>>>>) =>
  cloudWatch.on(GetMetricDataCommand).callsFake(async (input: GetMetricDataCommandInput, clientOf) => {
    const region = await clientOf().config.region();
    if (region === 'us-east-1')
      throw Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    const { Metric, Stat } = input.MetricDataQueries?.[0]?.MetricStat ?? {};
    return measured(all[`${region} ${Metric?.MetricName} ${Stat}`] ?? {});
  });

test('what the canaries saw of users is read once, kept in the record, and told by every report of it', async () => {
  await keep(start + 9 * minute);
  const outcome = { verifiedAt: start + 4 * minute, countsFrom: { at: start - minute, what: 'first-evidence' } };
  await shell.store.recordStep({ incident: id, execution: 'flow-1', step: 'record-recovery', at: start, outcome });
  answering({
    'ap-southeast-1 Canary Average': { [-40]: 0, [-2]: 1, 0: 0.2, 3: 0.4, 6: 0.95, 12: 0 },
    'ap-southeast-1 CanarySeconds p50': { [-40]: 9, [-2]: 0.12, 3: 0.8, 4: 0.5, 5: 7, 6: 0.15, 7: 0.17 },
    'ap-southeast-1 CanarySeconds Maximum': { [-2]: 0.3, 3: 2.5, 4: 1.5, 6: 0.4, 7: 0.35, 12: 9 },
    'eu-west-1 Canary Average': { 6: 0.95 },
  });
  shell.at = start + 10 * minute;
  await run();
  const facts = () => readReport(JSON.parse(String(s3.commandCalls(PutObjectCommand).at(-2)?.args[0].input.Body)));
  const first = facts();
  expect(first?.users.phases).toMatchObject([
    { phase: 'before', requestsPercent: 100, runs: { passed: 1, failed: 0 }, took: { medianMs: 120, slowestMs: 300 } },
    {
      ...{ phase: 'during', requestsPercent: 30, runs: { passed: 0, failed: 2 }, to: '2026-11-23T03:04:00.000Z' },
      took: { medianMs: 500, slowestMs: 2500 },
    },
    { phase: 'after', requestsPercent: 95, runs: { passed: 2, failed: 0 }, took: { medianMs: 170, slowestMs: 400 } },
  ]);
  // The canary of eu-west-1 is of an older release: it tells which share passed, and no times.
  expect(first?.users.latency).toContain('the canaries of eu-west-1 reported no times');
  expect(first?.users.how).toContain('the visits of the canaries in eu-west-1, ap-southeast-1, counted each minute');
  expect(first?.users.how).toContain('Nothing could be read from us-east-1, us-west-2.');
  expect(first?.gaps.join()).not.toContain('What users experienced');
  const asked = cloudWatch.calls().length;
  shell.at += minute;
  await step('fence-late/database');
  await run();
  expect(s3.commandCalls(PutObjectCommand)).toHaveLength(4);
  expect(facts()?.users).toEqual(first?.users);
  expect(cloudWatch.calls()).toHaveLength(asked);
  expect((await recordOf(id, shell))?.users?.phases).toHaveLength(3);
});

test('where CloudWatch says nothing of users, the report is written and says so', async () => {
  await keep(shell.at);
  cloudWatch.on(GetMetricDataCommand).rejects(Object.assign(new Error('no'), { name: 'InternalServiceFault' }));
  await run();
  const facts = readReport(JSON.parse(String(s3.commandCalls(PutObjectCommand)[0]?.args[0].input.Body)));
  expect(facts?.users).toMatchObject({ phases: [], how: expect.stringContaining('has no availability') });
  expect(facts?.gaps.join()).toContain('The record does not say what users experienced');
});

test('a flow that was aborted is in the record of its incident, with who ended it', async () => {
  await keep(shell.at);
  await step('leave-zone/database');
  await shell.store.keepWaiver('flow-1', 'abort', 'jo', 'aborted', start);
  const record = await recordOf(id, shell);
  expect(record).toMatchObject({ aborts: [{ execution: 'flow-1', by: 'jo', at: start }], waivers: [] });
});
