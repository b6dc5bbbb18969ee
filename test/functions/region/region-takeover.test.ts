// The steps of a takeover that are about the whole region, against mocked services: verification, redirection, role.
import 'aws-sdk-client-mock-vitest/extend';
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, test } from 'vitest';
import { areSent } from '../../../functions/domain/traffic/sent.ts';
import { handler as moveRole } from '../../../functions/move-role.ts';
import { handler as redirectUsers } from '../../../functions/redirect-users.ts';
import { callsOf } from '../../../functions/shared/recovery/act.ts';
import { handler as verifyRegion } from '../../../functions/verify-region.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { failureOf, regionIncident as incident, running, type Setting, start } from '../setting.ts';

const s3 = mocked(S3Client);
const route53 = mocked(Route53Client);
let shell: Setting;
/** What S3 answers to who signs nothing, by the URL; null: nothing. */
let anonymous: (url: string) => number | null;

function answered(status: number | null): Response {
  if (status === null) throw new TypeError('fetch failed');
  return new Response(null, { status });
}

beforeEach(async () => {
  s3.reset();
  route53.reset();
  shell = await running(incident, { region: 'us-west-2', fetch: async (url) => answered(anonymous(String(url))) });
  anonymous = () => 200;
});

const fault = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error('no'), { name, $metadata: httpStatusCode === undefined ? {} : { httpStatusCode } });
const nameOf = async (run: Promise<unknown>) => (await failureOf(run)).name;

test.for([
  ['serves', 200, 'done'],
  ['answers with a failure', 503, 'InProgress'],
  ['answers with a redirect, maybe to a page of apologies', 302, 'InProgress'],
] as const)('a region that %s is verified: %s', async ([, status, expected]) => {
  const asked: string[] = [];
  const fetch = async (url: unknown) => {
    asked.push(String(url));
    return new Response(null, { status });
  };
  const run = verifyRegion.on({ ...shell, fetch })({ incident });
  if (expected !== 'done') expect(await nameOf(run)).toBe(expected);
  else {
    expect(await run).toEqual({ region: 'us-west-2', passes: 3, verifiedAt: start });
    expect(asked).toEqual(Array(3).fill('https://us-west-2.api.chatops.example.com/health'));
  }
});

test('no waiver leaves the verification before redirection out', async () => {
  await shell.store.keepWaiver(incident.execution, 'VerifyRegion', 'dba', 'it will be fine', start);
  const fetch = async () => new Response(null, { status: 503 });
  expect(await nameOf(verifyRegion.on({ ...shell, fetch })({ incident }))).toBe('InProgress');
});

describe('users', () => {
  const objects = new Set<string>();
  beforeEach(() => {
    objects.clear();
    s3.on(HeadObjectCommand).callsFake(({ Bucket, Key }: { Bucket: string; Key: string }) => {
      if (!objects.has(`${Bucket}/${Key}`)) throw fault('NotFound', 404);
      return {};
    });
    s3.on(PutObjectCommand).callsFake(({ Bucket, Key }: { Bucket: string; Key: string }) => {
      objects.add(`${Bucket}/${Key}`);
      return {};
    });
  });

  const redirected = async () =>
    (await shell.store.readSteps(incident.id)).filter(({ step }) => step === 'redirect-users').length;

  test('are sent away by a latch in two regions outside the one that is given up', async () => {
    expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('InProgress');
    expect(await redirected()).toBe(0);
    expect(await redirectUsers.on(shell)({ incident })).toMatchObject({
      closed: ['chatops-latch-us-west-2', 'chatops-latch-us-east-2'],
      missing: [],
    });
    expect(await redirected()).toBe(1);
    expect([...objects]).toEqual([
      'chatops-latch-us-west-2/latch/us-east-1',
      'chatops-latch-us-east-2/latch/us-east-1',
    ]);
    expect(s3).toHaveReceivedCommandTimes(PutObjectCommand, 2);
    expect((await shell.store.readAudit(incident.id)).map(({ region }) => region).toSorted()).toEqual([
      'us-east-2',
      'us-west-2',
    ]);
  });

  test('do not wait for a second bucket that is lost, and the outcome says so', async () => {
    s3.on(HeadObjectCommand, { Bucket: 'chatops-latch-us-east-2' }).rejects(fault('NoSuchBucket', 404));
    expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('InProgress');
    expect(await redirectUsers.on(shell)({ incident })).toMatchObject({
      closed: ['chatops-latch-us-west-2'],
      missing: ['chatops-latch-us-east-2'],
    });
  });

  describe('by a latch that lies, and that health checks', () => {
    const toWest = (url: string) => url === 'http://chatops-latch-us-west-2.s3.us-west-2.amazonaws.com/latch/us-east-1';
    beforeEach(() => {
      objects.add('chatops-latch-us-west-2/latch/us-east-1').add('chatops-latch-us-east-2/latch/us-east-1');
    });

    const areSentBy = async ({ id, execution }: typeof incident) =>
      areSent(await callsOf({ id, execution }, shell), await shell.store.readSteps(id), { comesHome: false });

    test('cannot read are not said to be sent away: after a minute a person is needed, and the sentence says where to look', async () => {
      objects.clear();
      anonymous = () => 403;
      expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('InProgress');
      expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('Unavailable');
      shell.at += 60_000;
      expect(await failureOf(redirectUsers.on(shell)({ incident }))).toEqual({
        name: 'CannotProceed',
        message:
          'the latch of us-east-1 lies in chatops-latch-us-west-2 (403) and chatops-latch-us-east-2 (403), but nobody without credentials can read it, so that users are not sent away: look at S3 Block Public Access of the bucket, of the account and of the organization',
      });
      expect(await redirected()).toBe(0);
      // Who ends the flow now moves no role: users are where they were.
      expect(await areSentBy(incident)).toBe(false);
      anonymous = () => 200;
      expect(await redirectUsers.on(shell)({ incident })).toMatchObject({ missing: [] });
      expect(await redirected()).toBe(1);
      expect(await areSentBy(incident)).toBe(true);
    });

    test('can read in one bucket are sent away, and the outcome says which one they cannot read', async () => {
      anonymous = (url) => (toWest(url) ? 200 : 403);
      expect(await redirectUsers.on(shell)({ incident })).toMatchObject({
        closed: ['chatops-latch-us-west-2'],
        missing: [],
        unseen: ['chatops-latch-us-east-2'],
      });
    });

    test('cannot read in one bucket, where the other gives no answer, are not said to be sent away', async () => {
      anonymous = (url) => (toWest(url) ? null : 403);
      const { name, message } = await failureOf(redirectUsers.on(shell)({ incident }));
      expect([name, message.slice(0, 57)]).toEqual([
        'CannotProceed',
        'the latch of us-east-1 lies in chatops-latch-us-east-2 (4',
      ]);
    });

    test('may read, as far as the flow can see: where its own look gets no answer it goes on', async () => {
      for (const status of [null, 503]) {
        anonymous = () => status;
        expect(await redirectUsers.on(shell)({ incident })).toMatchObject({
          closed: ['chatops-latch-us-west-2', 'chatops-latch-us-east-2'],
        });
      }
    });
  });

  test('come home by the latch that kept them away, and no other one is closed', async () => {
    objects.add('chatops-latch-us-west-2/latch/us-east-1').add('chatops-latch-us-east-2/latch/us-east-1');
    s3.on(DeleteObjectCommand).callsFake(({ Bucket, Key }) => {
      objects.delete(`${Bucket}/${Key}`);
      return {};
    });
    const home = { ...incident, region: 'us-west-2', standby: 'us-east-1', mode: 'switchover' as const, epoch: 2 };
    const there = await running(home, { region: 'us-east-1' });
    expect(await nameOf(redirectUsers.on(there)({ incident: home }))).toBe('InProgress');
    expect(await redirectUsers.on(there)({ incident: home })).toMatchObject({
      opened: ['chatops-latch-us-west-2', 'chatops-latch-us-east-2'],
    });
    expect([...objects]).toEqual([]);
    expect(s3).toHaveReceivedCommandTimes(PutObjectCommand, 0);
  });

  test('come home also where a bucket does not answer: with both latches closed users are sent to the first region', async () => {
    objects.add('chatops-latch-us-west-2/latch/us-east-1');
    s3.on(DeleteObjectCommand).rejects(fault('TimeoutError'));
    const home = { ...incident, region: 'us-west-2', standby: 'us-east-1', mode: 'failover' as const, epoch: 2 };
    const there = await running(home, { region: 'us-east-1', fetch: shell.fetch });
    expect(await nameOf(redirectUsers.on(there)({ incident: home }))).toBe('InProgress');
    expect(await redirectUsers.on(there)({ incident: home })).toMatchObject({
      closed: ['chatops-latch-us-east-1', 'chatops-latch-us-east-2'],
    });
  });

  describe('where a way home has left the latch of the region that takes over', () => {
    const own = ['chatops-latch-us-east-1/latch/us-west-2', 'chatops-latch-us-east-2/latch/us-west-2'];
    beforeEach(() => {
      for (const object of own) objects.add(object);
    });

    test('are sent there once it is taken away: with both closed they would stay', async () => {
      s3.on(DeleteObjectCommand).callsFake(({ Bucket, Key }) => {
        // The other one lies by then, or users were in neither for a moment.
        expect(objects).toContain('chatops-latch-us-west-2/latch/us-east-1');
        objects.delete(`${Bucket}/${Key}`);
        return {};
      });
      expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('InProgress');
      expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('InProgress');
      expect(await redirectUsers.on(shell)({ incident })).toMatchObject({ missing: [] });
      expect([...objects]).toEqual([
        'chatops-latch-us-west-2/latch/us-east-1',
        'chatops-latch-us-east-2/latch/us-east-1',
      ]);
    });

    test('are not said to be sent there while it cannot be taken away', async () => {
      s3.on(DeleteObjectCommand).rejects(fault('AccessDenied', 403));
      expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('InProgress');
      expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('CannotProceed');
      expect(await redirected()).toBe(0);
    });

    test('do not wait for a bucket of the lost region', async () => {
      objects.delete(own[1] ?? '');
      s3.on(HeadObjectCommand, { Bucket: 'chatops-latch-us-east-1' }).rejects(fault('TimeoutError'));
      expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('InProgress');
      expect(await redirectUsers.on(shell)({ incident })).toMatchObject({ missing: [] });
    });
  });

  test('are not said to be sent away while no bucket answers', async () => {
    s3.on(HeadObjectCommand).rejects(fault('TimeoutError'));
    expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('Unavailable');
  });

  test('are sent away by one change of the record, done when every name server has it', async () => {
    const changing = {
      ...shell,
      plan: { ...plan, redirection: { ...plan.redirection, mode: 'record-change' as const } },
    };
    route53
      .on(ChangeResourceRecordSetsCommand)
      .resolves({ ChangeInfo: { Id: '/change/C1', Status: 'PENDING', SubmittedAt: new Date() } });
    route53
      .on(GetChangeCommand)
      .resolvesOnce({ ChangeInfo: { Id: '/change/C1', Status: 'PENDING', SubmittedAt: new Date() } });
    expect(await nameOf(redirectUsers.on(changing)({ incident }))).toBe('InProgress');
    expect(await nameOf(redirectUsers.on(changing)({ incident }))).toBe('InProgress');
    route53
      .on(GetChangeCommand)
      .resolves({ ChangeInfo: { Id: '/change/C1', Status: 'INSYNC', SubmittedAt: new Date() } });
    expect(await redirectUsers.on(changing)({ incident })).toMatchObject({
      mode: 'record-change',
      change: '/change/C1',
    });
    expect(route53).toHaveReceivedCommandTimes(ChangeResourceRecordSetsCommand, 1);
    const [call] = route53.commandCalls(ChangeResourceRecordSetsCommand);
    expect(call?.args[0].input.ChangeBatch?.Changes).toEqual([
      {
        Action: 'UPSERT',
        ResourceRecordSet: {
          Name: 'api.chatops.example.com',
          Type: 'CNAME',
          TTL: 60,
          ResourceRecords: [{ Value: 'us-west-2.api.chatops.example.com' }],
        },
      },
    ]);
  });

  test.for([
    ['where it led before', [{ Value: 'old.example.com' }], 'leads to old.example.com'],
    ['that it was not there', [], 'is not there'],
    ['nothing of that, as it could not be looked at', null, null],
  ] as const)('by a changed record whose call says %s', async ([, led, before]) => {
    const redirection = { ...plan.redirection, mode: 'record-change' as const };
    const changing = { ...shell, plan: { ...plan, redirection } };
    const listed = route53.on(ListResourceRecordSetsCommand);
    if (led === null) listed.rejects(fault('AccessDenied'));
    else
      listed.resolves({
        ResourceRecordSets: led.map((one) => ({
          Name: `${redirection.record}.`,
          Type: 'CNAME',
          ResourceRecords: [one],
        })),
        ...{ IsTruncated: false, MaxItems: 300 },
      });
    route53.on(ChangeResourceRecordSetsCommand).resolves({
      ChangeInfo: { Id: '/change/C1', Status: 'PENDING', SubmittedAt: new Date() },
    });
    expect(await nameOf(redirectUsers.on(changing)({ incident }))).toBe('InProgress');
    const calls = await shell.store.readAudit(incident.id);
    expect(calls.map(({ change }) => change)).toEqual([
      before === null ? undefined : { before, wanted: 'leads to us-west-2.api.chatops.example.com' },
    ]);
  });
});

test('the role moves once, however often it is asked for, and not from an epoch that has passed', async () => {
  expect(await moveRole.on(shell)({ incident })).toEqual({ primary: 'us-west-2', epoch: 2 });
  expect(await moveRole.on(shell)({ incident })).toEqual({ primary: 'us-west-2', epoch: 2 });
  const other = { ...incident, execution: 'another' };
  await shell.store.releaseLock(incident.region, incident.execution);
  await takes('another');
  expect(await nameOf(moveRole.on(shell)({ incident: other }))).toBe('CannotProceed');
  expect(await shell.store.readStanding('us-east-1')).toMatchObject({ primary: 'us-west-2', epoch: 2 });
});

const takes = (execution: string) =>
  shell.store.takeLock({
    ...{ target: incident.region, execution, incident: incident.id },
    ...{ action: 'request-approval', at: start },
  });

test.for([
  ['a person has given the region back', () => Promise.resolve(true)],
  ['another execution has taken it over', () => takes('another')],
] as const)('the role stays where it is once %s', async ([, happen]) => {
  await shell.store.releaseLock(incident.region, incident.execution);
  await happen();
  expect(await nameOf(moveRole.on(shell)({ incident }))).toBe('LockLost');
  expect(await shell.store.readStanding('us-east-1')).toMatchObject({ primary: 'us-east-1', epoch: 1 });
});
