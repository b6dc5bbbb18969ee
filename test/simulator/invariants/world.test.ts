// What the world may look like: who takes writes, where users are sent, and what is said about lost data.
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../simulator/invariants/model/observations.ts';
import {
  approval,
  at,
  east,
  fence,
  incident,
  latch,
  loss,
  message,
  mutation,
  promotion,
  regionExecution,
  regionFlow,
  regionStory,
  secondLatch,
  tick,
  verdictOn,
  west,
  without,
  zoneStory,
} from './story.ts';

const both = { writableRegions: [east, west] };
const ready = { writableRegions: [west], verifiedRegions: [west] };
const readyWith = (writable: Record<string, string[]>, verified = { orders: [west], stock: [west] }) => ({
  writable,
  verified,
});

describe('one-writer', () => {
  const unfenced = approval(1, { names: [east] });
  test.for<[string, readonly Observation[]]>([
    ['one region writes', [tick(1)]],
    ['no region writes', [tick(1, { writableRegions: [] })]],
    ['one region stops in the same moment in which the other begins', [tick(1), tick(2, { writableRegions: [west] })]],
    ['an approval named the old region as unfenced', [unfenced, tick(2, both)]],
    [
      'an approval named that database in the old region as unfenced',
      [approval(1, { names: [east], assets: ['orders'] }), tick(2, { writable: { orders: [east, west] } })],
    ],
    ['the approval has the same time', [tick(1, both), unfenced]],
    ['one region is listed twice', [tick(1, { writableRegions: [east, east] })]],
    ['two databases write in a region each', [tick(1, { writable: { orders: [east], stock: [west] } })]],
    ['there is no database', [tick(1, { writable: {} })]],
    [
      'all diverged writes were reported',
      [{ ...loss(1, 0, 0), divergedWrites: { database: { reported: 7, actual: 7 } } } as Observation],
    ],
    [
      'nothing diverged',
      [{ ...loss(1, 0, 0), divergedWrites: { database: { reported: null, actual: 0 } } } as Observation],
    ],
  ])('holds when %s', ([, history]) => {
    expect(verdictOn('one-writer', history)).toBeNull();
  });

  test.for<[string, readonly Observation[], string]>([
    ['two regions write', [tick(1, both)], 'us-east-1 and us-west-2 take writes'],
    ['the approval came later', [tick(1, both), approval(2, { names: [east] })], '09:00:01'],
    ['the approval is void', [approval(1, { names: [east], valid: false }), tick(2, both)], '09:00:02'],
    ['the approval became void', [unfenced, tick(2, both), approval(3, { valid: false })], '09:00:03'],
    ['the approval named nothing', [approval(1), tick(2, both)], '09:00:02'],
    [
      'the approval named another database of the region',
      [
        approval(1, { names: [east], assets: ['stock'] }),
        tick(2, { writable: { orders: [east, west], stock: [east, west] } }),
      ],
      'take writes of orders',
    ],
    ['the approval named another region', [approval(1, { names: ['eu-west-1'] }), tick(2, both)], '09:00:02'],
    [
      'the approval was for another target',
      [approval(1, { names: [east], target: 'eu-west-1' }), tick(2, both)],
      '09:00:02',
    ],
    [
      'a third region writes',
      [unfenced, tick(2, { writableRegions: [east, west, 'eu-west-1'] })],
      'eu-west-1 and us-east-1',
    ],
    [
      'two regions write of the second of two databases',
      [tick(1, { writable: { orders: [east], stock: [east, west] } })],
      'us-east-1 and us-west-2 take writes of stock',
    ],
    [
      'two regions write of both databases',
      [tick(1, { writable: { orders: [east, west], stock: [east, west] } })],
      'the first of 2',
    ],
    ['they write together twice', [tick(1, both), tick(2), tick(3, both)], 'the first of 2'],
    [
      'a diverged write is not reported',
      [{ ...loss(1, 0, 0), divergedWrites: { database: { reported: 6, actual: 7 } } } as Observation],
      '6 diverged writes of database where 7',
    ],
    [
      'one database reports what the other did not',
      [
        {
          ...loss(1, 0, 0),
          divergedWrites: { orders: { reported: 9, actual: 2 }, stock: { reported: 0, actual: 7 } },
        } as Observation,
      ],
      '0 diverged writes of stock where 7',
    ],
    [
      'diverged writes are called unknown',
      [{ ...loss(1, 0, 0), divergedWrites: { database: { reported: null, actual: 1 } } } as Observation],
      'no diverged writes of database where 1',
    ],
  ])('is broken when %s', ([, history, word]) => {
    expect(verdictOn('one-writer', history)).toContain(word);
  });

  test('counts two writers once for as long as they last', () => {
    const history = [1, 2, 3, 4].map((seconds) => tick(seconds, { ...both, served: seconds % 2 === 0 }));
    expect(verdictOn('one-writer', history)).not.toContain('the first of');
  });
});

describe('served-then-redirect', () => {
  test.for<[string, readonly Observation[]]>([
    ['users stay where they are while their database is down', [tick(1), tick(2, { writableRegions: [] })]],
    [
      'users come to a region whose database is writable and verified',
      [tick(1), tick(2, { ...ready, usersRegion: west })],
    ],
    [
      'users are nowhere for a while and then where they were',
      [tick(1), tick(2, { usersRegion: null }), tick(3, { writableRegions: [] })],
    ],
    ['the drill begins with users in the standby region', [tick(1, { usersRegion: west })]],
    [
      'the first of two latches has moved users already',
      [tick(1), tick(899, ready), latch, tick(904, { ...ready, usersRegion: west }), secondLatch],
    ],
    [
      'the region that users leave is unfenced and writable too',
      [tick(1), tick(899, { writableRegions: [east, west], verifiedRegions: [west] }), latch],
    ],
    ['a latch is written where there is no database', [tick(1, { writable: {} }), latch]],
    [
      'users come to a region where both of two databases are writable and verified',
      [tick(1), tick(2, { ...readyWith({ orders: [west], stock: [west] }), usersRegion: west })],
    ],
    [
      'the database fails while users are on their way',
      [tick(1), tick(899, ready), latch, tick(901, { verifiedRegions: [west] }), tick(1_200, { usersRegion: west })],
    ],
    [
      'the application writes to what was verified once it has read its address, half a minute later at most',
      [tick(1), tick(899, { writableRegions: [], verifiedRegions: [west] }), latch, tick(930, ready)],
    ],
    ['a latch is re-armed when users are home', [tick(1), mutation(2, 's3:DeleteObject', 'bucket/latch/us-east-1')]],
    ['an object that is no latch is written', [tick(1), mutation(2, 's3:PutObject', 'bucket/reports/latched.json')]],
  ])('holds when %s', ([, history]) => {
    expect(verdictOn('served-then-redirect', history)).toBeNull();
  });

  test.for<[string, readonly Observation[], string]>([
    [
      'users come to a database that is not writable',
      [tick(1), tick(2, { usersRegion: west, verifiedRegions: [west] })],
      'not writable',
    ],
    [
      'the database fails, and users who were sent come long after',
      [tick(1), tick(899, ready), latch, tick(901, { verifiedRegions: [west] }), tick(1_201, { usersRegion: west })],
      'not writable',
    ],
    [
      'the database fails, and users come back after they had left again',
      [
        ...[tick(1), tick(899, ready), latch, tick(901, { ...ready, usersRegion: west })],
        ...[tick(902, { usersRegion: east, writableRegions: [east], verifiedRegions: [east] })],
        tick(903, { usersRegion: west, writableRegions: [east] }),
      ],
      'not writable',
    ],
    [
      'users come to a database that is not verified',
      [tick(1), tick(2, { usersRegion: west, writableRegions: [west], verifiedRegions: [east] })],
      'not verified',
    ],
    [
      'users come to a region where one of two databases is not writable',
      [tick(1), tick(2, { ...readyWith({ orders: [west], stock: [east] }), usersRegion: west })],
      'stock is not writable',
    ],
    [
      'a latch is written while one of two databases is not writable elsewhere',
      [tick(1, readyWith({ orders: [west], stock: [east] })), latch],
      '09:15:00',
    ],
    [
      'users come to a region where one of two databases is not verified',
      [
        tick(1),
        tick(2, {
          ...readyWith({ orders: [west], stock: [west] }, { orders: [west], stock: [east] }),
          usersRegion: west,
        }),
      ],
      'stock is not verified',
    ],
    [
      'a latch is written while one of two databases is not verified elsewhere',
      [tick(1, readyWith({ orders: [west], stock: [west] }, { orders: [west], stock: [] })), latch],
      '09:15:00',
    ],
    [
      'nobody knows whether it is verified',
      [tick(1), tick(2, { usersRegion: west, writableRegions: [west] })],
      'not verified',
    ],
    [
      'users come from nowhere to another region',
      [tick(1), tick(2, { usersRegion: null }), tick(3, { usersRegion: west })],
      'came from us-east-1 to us-west-2',
    ],
    ['a latch is written before the other database is writable', [tick(1), latch], '09:15:00'],
    [
      'a latch is written before the other database is verified',
      [tick(1, { writableRegions: [west] }), latch],
      '09:15:00',
    ],
    [
      'only the database that users leave is writable and verified',
      [tick(1, { verifiedRegions: [east] }), latch],
      '09:15:00',
    ],
    [
      'the record is changed before anything was seen',
      [mutation(2, 'route-53:ChangeResourceRecordSets', 'api')],
      'route-53:ChangeResourceRecordSets',
    ],
    ['verification comes a second after the redirect', [tick(1), latch, tick(901, ready)], '09:15:00'],
    [
      'the database takes writes later than the application reads its address',
      [tick(1), tick(899, { writableRegions: [], verifiedRegions: [west] }), latch, tick(931, ready)],
      '09:15:00',
    ],
  ])('is broken when %s', ([, history, word]) => {
    expect(verdictOn('served-then-redirect', history)).toContain(word);
  });
});

describe('honest-loss', () => {
  const flow = (...observations: Observation[]) => [
    regionExecution(1, 'RUNNING'),
    ...observations,
    regionExecution(990, 'SUCCEEDED'),
  ];
  test.for<[string, readonly Observation[]]>([
    ['the report is the truth', [loss(1, 10, 10)]],
    ['the report is more than the truth', [loss(1, 11, 10)]],
    ['nothing was lost', [loss(1, 0, 0)]],
    ['unknown is reported as unknown', [loss(1, null, null)]],
    ['unknown is reported although the estate knows', [loss(1, null, 10)]],
    ['a promotion reports its loss', flow(promotion, loss(980, 3, 2))],
    ['a promotion reports an unknown loss', flow(promotion, loss(980, null, 2))],
    [
      'a flow only moved the cache',
      flow(mutation(2, 'elasticache:ModifyReplicationGroup', 'chatops-redis', { execution: regionFlow })),
    ],
    [
      'a promotion did not end well and has yet to report',
      [regionExecution(1, 'RUNNING'), promotion, regionExecution(990, 'FAILED')],
    ],
    ['a zone flow promoted nothing', zoneStory],
  ])('holds when %s', ([, history]) => {
    expect(verdictOn('honest-loss', history)).toBeNull();
  });

  test.for<[string, readonly Observation[], string]>([
    ['the report is less than the truth', [loss(1, 9, 10)], '9 s of lost data where 10 s were lost'],
    ['the report is a little less than the truth', [loss(1, 9.999, 10)], '9.999 s'],
    ['unknown is reported as nothing', [loss(1, 0, null)], 'not known'],
    ['the lag of a stopped replica is reported', [loss(1, -1, 10)], 'no duration'],
    ['the report is no number', [loss(1, Number.NaN, 10)], 'no duration'],
    ['a promotion never reports', flow(promotion), 'chatops-dr-replica in us-west-2'],
    [
      'a redriven promotion never reports',
      [
        regionExecution(1, 'RUNNING'),
        promotion,
        regionExecution(720, 'FAILED'),
        regionExecution(800, 'RUNNING'),
        regionExecution(990, 'SUCCEEDED'),
      ],
      'without a report',
    ],
    [
      'the report is about another incident',
      flow(promotion, { ...loss(980, 3, 2), incident: 'other' } as Observation),
      'without a report',
    ],
  ])('is broken when %s', ([, history, word]) => {
    expect(verdictOn('honest-loss', history)).toContain(word);
  });
});

describe('approved', () => {
  const running = regionExecution(101, 'RUNNING');
  const acts = [
    fence,
    promotion,
    latch,
    mutation(700, 'rds:RestoreDBInstanceFromDBSnapshot', 'chatops-prod-restored', {
      execution: regionFlow,
      region: west,
    }),
    mutation(700, 'elasticache:FailoverGlobalReplicationGroup', 'chatops-global', {
      execution: regionFlow,
      region: west,
    }),
    mutation(700, 'elasticache:CreateReplicationGroup', 'chatops-redis-restored', {
      execution: regionFlow,
      region: west,
    }),
    mutation(700, 'route-53:ChangeResourceRecordSets', 'api.chatops.example.com', { execution: regionFlow }),
    mutation(700, 'rds:RebootDBInstance', 'chatops-prod', { execution: regionFlow }),
    mutation(700, 'codebuild:StartBuild', 'chatops-cluster', { execution: regionFlow, region: west }),
    mutation(700, 'new-service:DoSomething', 'unknown to this model', { execution: regionFlow }),
  ].map((act) => [`${act.service}:${act.operation}`, act] as const);

  test.for(acts)('holds for %s after a valid approval', ([, act]) => {
    expect(verdictOn('approved', [running, approval(600), act])).toBeNull();
    expect(verdictOn('approved', [running, { ...approval(0), at: act.at } as Observation, act])).toBeNull();
  });

  test.for(acts)('is broken by %s without a valid approval', ([, act]) => {
    const call = `${act.service}:${act.operation}`;
    expect(verdictOn('approved', [running, act])).toContain(call);
    expect(verdictOn('approved', [running, approval(600, { valid: false }), act])).toContain('void');
    expect(verdictOn('approved', [running, approval(600), approval(650, { valid: false }), act])).toContain('void');
    expect(verdictOn('approved', [running, { ...approval(0), at: act.at + 1 } as Observation, act])).toContain(call);
    expect(verdictOn('approved', [running, approval(600, { execution: 'another' }), act])).toContain(call);
  });

  test('holds for what a zone flow does to the database and the cache', () => {
    expect(verdictOn('approved', zoneStory)).toBeNull();
  });

  test.for<[string, Observation]>([
    ['a zone flow promotes the replica', mutation(2, 'rds:PromoteReadReplica', 'chatops-dr-replica', { region: west })],
    ['a zone flow writes a latch', mutation(2, 's3:PutObject', 'bucket/latch/us-east-1')],
    [
      'somebody without an execution restores a snapshot',
      mutation(2, 'rds:RestoreDBInstanceFromDBSnapshot', 'copy', { execution: '' }),
    ],
  ])('is broken when %s', ([, change]) => {
    const any = approval(1, { execution: '' });
    expect(verdictOn('approved', [...zoneStory, any, change])).toContain('without an approval');
  });

  test('is broken when another region is promoted than the approved one', () => {
    const other = approval(600, { target: 'eu-west-1' });
    expect(verdictOn('approved', [running, other, promotion])).toContain('the approval is for eu-west-1');
    expect(verdictOn('approved', [running, other, fence])).toBeNull();
  });

  test('says when and what of the first act', () => {
    const story = without(regionStory, ({ kind }) => kind === 'approval');
    const detail = verdictOn('approved', story);
    expect(detail).toContain(new Date(at(700)).toISOString());
    expect(detail).toContain('something was fenced without an approval (the first of 4)');
    expect(detail).not.toContain(incident.repeat(2));
  });
});

describe('watched', () => {
  const approved: Observation = {
    ...{ kind: 'approval', at: at(0), execution: regionFlow, target: west, valid: true },
    names: [east],
  };
  const flow = regionExecution(0, 'RUNNING');
  const sent = mutation(60, 'route-53:ChangeResourceRecordSets', 'app.example', { execution: regionFlow });
  const choose: Observation = {
    ...{ kind: 'message', at: at(0), role: 'on-call', body: '' },
    subject: '[Breakwater] CHOOSE NOW: us-east-1 serves users again, and two databases may take writes',
  };
  const abortedWatch: Observation = {
    ...{ kind: 'message', at: at(0), role: 'on-call', body: '--confirm "us-east-1 stays unfenced"' },
    subject: '[Breakwater] ABORTED: nobody closes (fences) us-east-1 any more',
  };
  const ended: Observation = {
    ...{ kind: 'message', at: at(0), role: 'on-call', body: '' },
    subject: '[Breakwater] us-east-1 is NOT fenced, and Breakwater does not fence it any more',
  };
  test('the watch closes an old database beside one that takes writes, and no other', () => {
    const late = { ...fence, step: 'FenceOnReturn/database' };
    expect(verdictOn('watched', [tick(699, both), late, tick(701, ready)], 1_000)).toBeNull();
    expect(verdictOn('watched', [tick(699), late], 1_000)).toContain('nothing else took writes of database');
    expect(verdictOn('watched', [tick(699), fence], 1_000)).toBeNull();
  });

  test.for<[string, readonly Observation[]]>([
    ['one region writes', [tick(1)]],
    ['the old region is fenced within a quarter of an hour', [tick(1, both), tick(900, ready)]],
    ['a person hears that it serves users again', [tick(1, both), message(60, 'us-east-1 serves users again')]],
    ['a person hears that it is not fenced', [tick(1, both), message(899, 'us-east-1 is not fenced')]],
    ['a person ended the watch before, and heard what that means', [ended, tick(1, both)]],
    ['a person aborted the watch before, and heard what that means', [abortedWatch, tick(1, both)]],
    ['people had to choose before the second of two began', [choose, tick(1, both)]],
    ['people approved it so, and the flow still brings the database back', [approved, flow, tick(1, both)]],
    ['it was fenced and comes back for a moment', [tick(1, both), tick(9, ready), tick(800, both), tick(950, ready)]],
  ])('holds when %s', ([, history]) => {
    expect(verdictOn('watched', history, 1_000)).toBeNull();
  });

  test.for<[string, readonly Observation[]]>([
    ['two regions write on and on', [tick(1, both)]],
    ['it is fenced too late', [tick(1, both), tick(903, ready)]],
    ['people hear of something else', [tick(1, both), message(60, 'us-east-1 has an alarm')]],
    ['people hear of another region', [tick(1, both), message(60, 'eu-west-1 is not fenced')]],
    ['they hear that the flow stopped', [tick(1, both), message(60, 'you are needed: PAUSED in us-east-1')]],
    [
      'they hear of an incident of its name',
      [tick(1, both), message(60, 'Incident us-east-1-20260105: not fenced yet')],
    ],
    [
      'they hear of a fence, and of it elsewhere',
      [tick(1, both), message(60, 'It is not fenced.\nSince us-east-1 fails')],
    ],
    ['the flow that people approved has ended', [approved, flow, tick(1, both), regionExecution(60, 'FAILED')]],
    ['the flow that people approved has sent users on', [approved, flow, tick(1, both), sent]],
    ['people approved something else', [{ ...approved, names: ['eu-west-1'] }, flow, tick(1, both)]],
    ['they had to choose long before', [{ ...choose, at: at(-901) }, tick(1, both)]],
    ['they heard of it before', [message(0, 'us-east-1 is not fenced'), tick(1, both)]],
    ['they hear of it too late', [tick(1, both), message(902, 'us-east-1 is not fenced')]],
  ])('is broken when %s', ([, history]) => {
    expect(verdictOn('watched', history, 1_000)).toContain('nobody was told');
  });
});
