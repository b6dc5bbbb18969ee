// What CloudWatch says of its alarms: their states to the millisecond, that one was deleted, and their data page by page.
import { expect, test } from 'vitest';
import { alarmCatalogue, resourceAlarm } from '../../../../simulator/estate/alarms/alarm-catalogue.ts';
import { databaseIn } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { primary, rehearse } from '../rehearsal.ts';

const name = 'chatops-cluster-nodes-notready-use1-az1';
const inAlarm = { AlarmNames: [name] };

async function impaired() {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'grey', kind: 'zone-impaired', zone: 'use1-az1' });
  await rehearsal.pass(400);
  const of = (type: string) =>
    rehearsal.events.filter((event) => event['detail-type'] === type && event.detail['alarmName'] === name);
  const listed = async () => (await rehearsal.call('cloudwatch', 'DescribeAlarms', inAlarm)).MetricAlarms;
  return { ...rehearsal, of, listed };
}

test('what an application measures itself stands in a namespace of that application', () => {
  const namespaces = new Set(alarmCatalogue({ ...plan, application: 'shop' }).map(({ namespace }) => namespace));
  expect([...namespaces].filter((one) => !/^(AWS\/|ContainerInsights$)/.test(one))).toEqual(['shop/app']);
  expect(resourceAlarm({ ...plan, application: 'shop' }, 'shop-worker-0001', primary, 'worker').namespace).toBe(
    'shop/app',
  );
});

test('a state carries milliseconds and the state before it, and the envelope whole seconds', async () => {
  const { events, of } = await impaired();
  const changes = events.filter((event) => event['detail-type'] === 'CloudWatch Alarm State Change');
  expect(changes.length).toBeGreaterThan(5);
  const stamps = changes.map(({ detail }) => (detail['state'] as { timestamp: string }).timestamp);
  for (const stamp of stamps) expect(stamp).toMatch(/^2026-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
  expect(stamps.some((stamp) => !stamp.endsWith('.000+0000'))).toBe(true);
  for (const [index, { time }] of changes.entries()) expect(time).toBe(`${stamps[index]?.slice(0, 19)}Z`);
  const [change] = of('CloudWatch Alarm State Change');
  expect(change?.detail).toMatchObject({ state: { value: 'ALARM' }, previousState: { value: 'OK' } });
});

test('a deleted alarm tells that it is deleted, changes its state no more, and is not listed', async () => {
  const { estate, pass, of, listed } = await impaired();
  expect(await listed()).toMatchObject([{ StateValue: 'ALARM' }]);
  const before = of('CloudWatch Alarm State Change').length;
  estate.inject({ id: 'gone', kind: 'alarm-deleted', alarm: name });
  expect(of('CloudWatch Alarm Configuration Change')).toMatchObject([
    {
      source: 'aws.cloudwatch',
      region: primary,
      resources: [expect.stringMatching(`:alarm:${name}$`)],
      detail: {
        operation: 'delete',
        state: { value: 'ALARM', timestamp: expect.any(String) },
        configuration: { alarmName: name, metrics: [expect.anything()] },
      },
    },
  ]);
  estate.heal('grey');
  await pass(1800);
  expect(await listed()).toEqual([]);
  expect(of('CloudWatch Alarm State Change')).toHaveLength(before);
});

test('an alarm that is made again has no data at first, and then the state of its metric', async () => {
  const { estate, pass, of, listed } = await impaired();
  estate.inject({ id: 'gone', kind: 'alarm-deleted', alarm: name, forSeconds: 600 });
  await pass(601);
  expect(of('CloudWatch Alarm Configuration Change').map(({ detail }) => detail['operation'])).toEqual([
    'delete',
    'create',
  ]);
  expect(await listed()).toMatchObject([
    { StateValue: 'INSUFFICIENT_DATA', StateReason: 'Unchecked: Initial alarm creation' },
  ]);
  await pass(180);
  expect(of('CloudWatch Alarm State Change').at(-1)?.detail).toMatchObject({
    previousState: { value: 'INSUFFICIENT_DATA' },
    state: { value: 'ALARM' },
  });
});

test('an alarm that there is not cannot be deleted', async () => {
  const { estate } = await rehearse();
  expect(() => estate.inject({ id: 'gone', kind: 'alarm-deleted', alarm: 'another' })).toThrow(
    `there is no alarm another in ${primary}`,
  );
});

test('the data of a metric come page by page, and say where they go on', async () => {
  const rehearsal = await rehearse(1, 3600);
  const lag = (Id: string) => ({
    Id,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/RDS',
        MetricName: 'ReplicaLag',
        Dimensions: [{ Name: 'DBInstanceIdentifier', Value: databaseIn(plan.roles.standby, plan) }],
      },
      Period: 60,
      Stat: 'Maximum',
    },
  });
  const input = {
    MetricDataQueries: [lag('one'), lag('two')],
    StartTime: new Date(rehearsal.now() - 1800_000),
    EndTime: new Date(rehearsal.now()),
    ScanBy: 'TimestampAscending',
  };
  const ask = (more: object) =>
    rehearsal.call('cloudwatch', 'GetMetricData', { ...input, ...more }, { in: plan.roles.standby });
  const whole = await ask({});
  expect(whole).not.toHaveProperty('NextToken');
  expect(whole.MetricDataResults.map((result: { StatusCode: string }) => result.StatusCode)).toEqual([
    'Complete',
    'Complete',
  ]);
  const count = whole.MetricDataResults[0].Timestamps.length;
  expect(count).toBeGreaterThan(20);

  const pages: { one: Date[]; two: Date[]; states: string[] }[] = [];
  let token: string | undefined;
  do {
    const answer = await ask({ MaxDatapoints: 20, ...(token === undefined ? {} : { NextToken: token }) });
    const [one, two] = answer.MetricDataResults;
    expect(one.Values).toHaveLength(one.Timestamps.length);
    pages.push({ one: one.Timestamps, two: two.Timestamps, states: [one.StatusCode, two.StatusCode] });
    token = answer.NextToken;
  } while (token !== undefined);
  expect(pages.length).toBe(Math.ceil((2 * count) / 20));
  for (const { one, two } of pages) expect(one.length + two.length).toBeLessThanOrEqual(20);
  expect(pages.flatMap(({ one }) => one)).toEqual(whole.MetricDataResults[0].Timestamps);
  expect(pages.flatMap(({ two }) => two)).toEqual(whole.MetricDataResults[1].Timestamps);
  expect(pages[0]?.states).toEqual(['PartialData', 'PartialData']);
  expect(pages.at(-1)?.states).toEqual(['Complete', 'Complete']);
  await expect(ask({ NextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidNextToken' });
});
