// What was changed is asked of four services: how each request is written, what its answers mean, and where reading ends.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { callsThatChanged, groupActivities, serviceEvents } from '../../../../functions/aws/looking/changes.ts';
import { start } from '../../setting.ts';

const from = start - 1_800_000;
let asked: { readonly url: string; readonly target: string | null; readonly body: string }[];
let answers: Response[];

beforeEach(() => {
  asked = [];
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push({ url: request.url, target: request.headers.get('x-amz-target'), body: await request.text() });
    return answers.shift() ?? new Response('{}');
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const page = (seconds: number, more: object = {}) =>
  new Response(
    JSON.stringify({ Events: [{ EventTime: from / 1000 + seconds, CloudTrailEvent: `${seconds}` }], ...more }),
  );
const fault = (name: string, status = 400) => new Response(JSON.stringify({ __type: name, message: 'no' }), { status });
const read = (isOver = () => false) => callsThatChanged('us-west-2', from, start, isOver);

test('calls that change something are asked for, page by page, with the same question', async () => {
  answers = [page(900, { NextToken: 't' }), page(60)];
  expect(await read()).toEqual({ events: ['900', '60'], backTo: from, stopped: null });
  expect(asked[0]).toMatchObject({
    url: 'https://cloudtrail.us-west-2.amazonaws.com/',
    target: 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents',
  });
  const question = {
    LookupAttributes: [{ AttributeKey: 'ReadOnly', AttributeValue: 'false' }],
    ...{ StartTime: from / 1000, EndTime: start / 1000, MaxResults: 50 },
  };
  expect(asked.map(({ body }) => JSON.parse(body))).toEqual([question, { ...question, NextToken: 't' }]);
});

test('nothing is an answer too', async () => {
  answers = [];
  expect(await read()).toEqual({ events: [], backTo: from, stopped: null });
});

test('it ends after six pages, and says how far back it came', async () => {
  answers = Array.from({ length: 9 }, (_, index) => page(900 - index, { NextToken: `${index}` }));
  expect(await read()).toMatchObject({ backTo: from + 895_000, stopped: 'there are more calls than are read' });
  expect(asked).toHaveLength(6);
});

test('a slow answer is not followed by another question', async () => {
  answers = [page(900, { NextToken: 't' }), page(60)];
  expect(await read(() => true)).toEqual({ events: ['900'], backTo: from + 900_000, stopped: 'it answers slowly' });
});

test('a later page that is refused costs what it would have said, and the first one all', async () => {
  answers = [page(900, { NextToken: 't' }), fault('InvalidNextTokenException')];
  expect(await read()).toMatchObject({ events: ['900'], stopped: 'InvalidNextTokenException' });
  answers = [fault('AccessDeniedException')];
  await expect(read()).rejects.toMatchObject({ name: 'CannotProceed' });
});

test('who asks too often asks again after a while, three times in all', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  answers = [fault('ThrottlingException'), fault('ThrottlingException'), page(60)];
  const answered = read();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await answered).toMatchObject({ events: ['60'], stopped: null });
  answers = Array.from({ length: 3 }, () => fault('ThrottlingException'));
  const refused = expect(read()).rejects.toMatchObject({ name: 'Unavailable' });
  await vi.advanceTimersByTimeAsync(5_000);
  await refused;
  expect(asked).toHaveLength(6);
});

test('of what RDS tells, what changes an instance is read', async () => {
  const event = (category: string, message: string, date = '2026-11-23T02:50:00.000Z') =>
    `<Event><Message>${message}</Message><SourceType>db-instance</SourceType><EventCategories><EventCategory>${category}</EventCategory></EventCategories><Date>${date}</Date><SourceIdentifier>chatops-prod</SourceIdentifier></Event>`;
  answers = [
    new Response(
      `<DescribeEventsResponse><DescribeEventsResult><Events>${event('configuration change', 'class &lt;large&gt;')}${event('backup', 'backs up')}${event('maintenance', 'when?', 'soon')}</Events></DescribeEventsResult></DescribeEventsResponse>`,
    ),
  ];
  expect(await serviceEvents('rds', 'us-west-2', from, start)).toEqual([
    { at: start - 600_000, source: 'chatops-prod', message: 'class <large>' },
  ]);
  expect([asked[0]?.url, asked[0]?.body]).toEqual([
    'https://rds.us-west-2.amazonaws.com/',
    'Action=DescribeEvents&Version=2014-10-31&SourceType=db-instance&StartTime=2026-11-23T02%3A30%3A00.000Z&EndTime=2026-11-23T03%3A00%3A00.000Z',
  ]);
});

test('of what ElastiCache tells, what changes a cache is read, and not what is heard as it happens', async () => {
  const event = (message: string, source = 'chatops-prod', date = '2026-11-23T02:50:00.000Z') =>
    `<Event><SourceIdentifier>${source}</SourceIdentifier><SourceType>replication-group</SourceType><Message>${message}</Message><Date>${date}</Date></Event>`;
  const said = [
    event('Failover from master node chatops-prod-001 to replica node chatops-prod-002 completed'),
    event('Test Failover API called for node group 0001'),
    event('Snapshot succeeded for snapshot with ID daily'),
    event('Finished recovery for cache nodes 0001', 'chatops-prod-001'),
    event('Automatic failover has been turned off for replication group chatops-prod'),
    event('Finished modifying number of nodes from 1 to 3', 'chatops-prod-001'),
    event('of another time', 'chatops-prod', '2026-11-23T02:00:00.000Z'),
  ];
  answers = [new Response(`<R><DescribeEventsResult><Events>${said.join('')}</Events></DescribeEventsResult></R>`)];
  expect(await serviceEvents('elasticache', 'us-west-2', from, start)).toEqual([
    {
      at: start - 600_000,
      source: 'chatops-prod',
      message: 'Automatic failover has been turned off for replication group chatops-prod',
    },
    { at: start - 600_000, source: 'chatops-prod-001', message: 'Finished modifying number of nodes from 1 to 3' },
  ]);
  expect([asked[0]?.url, asked[0]?.body]).toEqual([
    'https://elasticache.us-west-2.amazonaws.com/',
    'Action=DescribeEvents&Version=2015-02-02&StartTime=2026-11-23T02%3A30%3A00.000Z&EndTime=2026-11-23T03%3A00%3A00.000Z',
  ]);
});

test('of what Auto Scaling began, what lies in the time is read, and what failed says so', async () => {
  const activity = (at: string, status: string) =>
    `<member><ActivityId>1</ActivityId><AutoScalingGroupName>g</AutoScalingGroupName><Cause>c</Cause><Description>Launching</Description><StartTime>${at}</StartTime><StatusCode>${status}</StatusCode></member>`;
  const list = `${activity('2026-11-23T02:50:00Z', 'Failed')}${activity('2026-11-23T03:50:00Z', 'Successful')}`;
  answers = [
    new Response(
      `<R><DescribeScalingActivitiesResult><Activities>${list}</Activities></DescribeScalingActivitiesResult></R>`,
    ),
  ];
  expect(await groupActivities('us-west-2', from, start)).toEqual([
    { at: start - 600_000, group: 'g', cause: 'c', what: 'Launching (failed)' },
  ]);
  expect(asked[0]?.body).toBe(
    'Action=DescribeScalingActivities&Version=2011-01-01&MaxRecords=100&Filters.member.1.Name=StartTimeLowerBound&Filters.member.1.Values.member.1=2026-11-23T02%3A30%3A00.000Z',
  );
});
