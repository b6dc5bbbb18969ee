// CloudTrail's history and Auto Scaling's activities in the twin: what they show, when, and what they refuse.
import { expect, test } from 'vitest';
import type { Fault } from '../../../../simulator/estate/types.ts';
import { type Rehearsal, rehearse, standby } from '../rehearsal.ts';

const quietSeconds = 600;
const changed: Fault = {
  ...{ id: 'setting', forSeconds: 3000, call: 'ModifyDBInstance', by: 'database-admin/anna' },
  kind: 'database-slow',
};
const question = (rehearsal: Rehearsal) => ({
  LookupAttributes: [{ AttributeKey: 'ReadOnly', AttributeValue: 'false' }],
  StartTime: rehearsal.now() / 1000 - 3600,
  EndTime: rehearsal.now() / 1000,
  MaxResults: 50,
});
const look = (rehearsal: Rehearsal, more: object = {}, region?: string) =>
  rehearsal.call(
    'cloudtrail',
    'LookupEvents',
    { ...question(rehearsal), ...more },
    region === undefined ? {} : { in: region },
  );
const changes = async (rehearsal: Rehearsal, region?: string) =>
  (
    await look(
      rehearsal,
      { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'ModifyDBInstance' }] },
      region,
    )
  ).Events;

test('a call is shown minutes after it was made, by whoever made it, in its region alone', async () => {
  const rehearsal = await rehearse(1, quietSeconds);
  rehearsal.estate.inject(changed);
  expect(await changes(rehearsal)).toEqual([]);
  await rehearsal.pass(900);
  const [event, ...others] = await changes(rehearsal);
  expect(others).toEqual([]);
  expect(JSON.parse(event.CloudTrailEvent)).toMatchObject({
    eventSource: 'rds.amazonaws.com',
    userIdentity: {
      principalId: 'AROAEXAMPLE:anna',
      sessionContext: { sessionIssuer: { userName: 'database-admin' } },
    },
    requestParameters: { dBInstanceIdentifier: 'chatops-prod' },
  });
  expect(await changes(rehearsal, standby)).toEqual([]);
});

test('the routine of everybody fills pages of fifty, newest first, and a token goes on where its own question ended', async () => {
  const rehearsal = await rehearse(1, 3600);
  const asked = question(rehearsal);
  const first = await look(rehearsal, asked);
  const next = await look(rehearsal, { ...asked, NextToken: first.NextToken });
  const times = [...first.Events, ...next.Events].map(({ EventTime }) => EventTime);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  expect(times).toHaveLength(100);
  await expect(look(rehearsal, { ...asked, MaxResults: 10, NextToken: first.NextToken })).rejects.toThrow(
    'not of this request',
  );
});

test.for([
  ['a time that ends before it begins', { EndTime: 1 }, 'InvalidTimeRangeException'],
  ['more than a page', { MaxResults: 51 }, 'InvalidMaxResultsException'],
  ['a token that is none', { NextToken: 'x' }, 'InvalidNextTokenException'],
] as const)('%s is refused', async ([, more, name]) => {
  await expect(look(await rehearse(), more)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
});

test('a node that is replaced is an activity of its group', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'node', kind: 'node-loss' });
  await rehearsal.pass(600);
  const filters = (at: number) => ({
    Filters: [{ Name: 'StartTimeLowerBound', Values: [new Date(at).toISOString()] }],
  });
  const { Activities } = await rehearsal.call('autoscaling', 'DescribeScalingActivities', filters(0));
  expect(Activities.map(({ Description }: { Description: string }) => Description.split(' ')[0])).toEqual([
    'Launching',
    'Terminating',
  ]);
  expect(await rehearsal.call('autoscaling', 'DescribeScalingActivities', filters(rehearsal.now()))).toEqual({
    Activities: [],
  });
});
