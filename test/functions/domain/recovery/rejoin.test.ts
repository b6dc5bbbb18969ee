// How a database comes back as a replica: the line that status shows, and the message when it is over.
import { expect, test } from 'vitest';
import { type Rejoin, rejoinMessage, rejoinSentence } from '../../../../functions/domain/recovery/rejoin.ts';
import { usersLine } from '../../../../functions/domain/words/users-words.ts';
import { at, rejoined } from '../../../store/samples.ts';

const now = at + 600_000;
const begun = 'database comes back as a replica, begun 10 min ago by operator: ';
const snapshot = { snapshot: 'snap-1' };
const taken = { ...snapshot, snapshotAt: at + 60_000 };
const asked = { ...taken, instance: 'chatops-prod-2', askedAt: at + 300_000 };
const replicates = { ...asked, replicatesAt: at + 500_000 };

test.for<[string, Partial<Rejoin>, string]>([
  ['begun', {}, `${begun}chatops-prod is being set aside`],
  ['taking a snapshot', snapshot, `${begun}snapshot snap-1 of chatops-prod is being taken`],
  ['with its snapshot', taken, `${begun}snapshot snap-1 of chatops-prod is taken`],
  [
    'making the replica',
    asked,
    `${begun}snapshot snap-1 of chatops-prod is taken, replica chatops-prod-2 is being made since 5 min`,
  ],
  [
    'replicating',
    replicates,
    'database came back as the replica chatops-prod-2; chatops-prod stays closed, with snapshot snap-1',
  ],
  [
    'replicating without a snapshot',
    { ...replicates, snapshot: null },
    'database came back as the replica chatops-prod-2; chatops-prod stays closed',
  ],
  [
    'over, and wrong',
    { ...asked, endedAt: now, wrong: ['no room', 'no key'] },
    'database did NOT come back as a replica: no room; no key',
  ],
  ['wrong, and not over', { wrong: ['no room'] }, `${begun}chatops-prod is being set aside`],
  [
    'over, and well',
    { ...replicates, endedAt: now },
    'database came back as the replica chatops-prod-2; chatops-prod stays closed, with snapshot snap-1',
  ],
])('a way home that is %s', ([, change, sentence]) => {
  expect(rejoinSentence({ ...rejoined, ...change }, now)).toBe(sentence);
});

/** The lines of a body under each headline. */
const parts = (change: Partial<Rejoin>) => {
  const { subject, body } = rejoinMessage({ ...rejoined, ...change }, 'us-west-2');
  return [subject, ...body.trimEnd().split('\n\n').slice(0)];
};

test('people are told whole that the replica is there, and what is left to do', () => {
  const proof = 'its security groups admit nobody';
  expect(parts({ ...replicates, proof, endedAt: at + 500_000 })).toEqual([
    '[Breakwater] [FAILBACK] Not urgent: database has a replica in us-east-1 again',
    'WHAT IS NEEDED FROM YOU\nIt can wait until morning: compare the old database chatops-prod in us-east-1, copy what you need, then delete it. It stays there, closed, until you do.',
    `WHAT HAPPENED\n${usersLine}\nReplica chatops-prod-2 replicates from us-west-2. The failback took 8 min 20 s.\nProof that the old database takes no writes: its security groups admit nobody.\nThe snapshot of the old database: snap-1.`,
    'WHAT IS BEING DONE\nus-west-2 stays the primary. Nothing was moved, and nothing was deleted.',
    'WHAT FOLLOWS\n`npm run status` says when the region is ready to take over again. Then you can start the switchover home. Read docs/runbook.md#the-way-home.',
    'MORE\nBegun by operator: the region is back.\nThis follows flow a-failover (incident an-incident). us-west-2 has served users since.',
  ]);
});

test('people are told whole that there is none, and to repair it', () => {
  expect(parts({ wrong: ['no room', 'no key'], by: 'ana\u202e', reason: 'it is back\u202e' })).toEqual([
    '[Breakwater] [FAILBACK] Not urgent: database has NO replica in us-east-1: a person is needed',
    'WHAT IS NEEDED FROM YOU\nRepair what is wrong, then type this. It can wait until morning. Read docs/runbook.md#the-way-home.\n  npm run failback',
    `WHAT HAPPENED\n${usersLine}\nus-east-1 cannot take over from us-west-2: the replica is missing.\nWRONG: no room.\nWRONG: no key.\nBreakwater has closed the old database. Whether it still takes writes was NOT tested.`,
    'WHAT IS BEING DONE\nus-west-2 stays the primary. Nothing was moved, and nothing was deleted.',
    'WHAT FOLLOWS\nThe old database chatops-prod stays in us-east-1, closed, until you delete it.',
    'MORE\nBegun by ana: it is back.\nThis follows flow a-failover (incident an-incident). us-west-2 has served users since.',
  ]);
});

test('one that the roles have overtaken asks for no failback, and says nothing of a region that takes over from itself', () => {
  const { subject, body } = rejoinMessage(
    { ...rejoined, instance: 'chatops-prod-restored', wrong: ['us-east-1 is the primary region now'] },
    'us-east-1',
  );
  expect(subject).toBe(
    '[Breakwater] [FAILBACK] Not urgent: no failback of database is needed: us-east-1 is the primary',
  );
  expect(body).toContain('us-east-1 became the primary while a replica of database was being made there.');
  expect(body).toMatch(
    /The replica that was being made: chatops-prod-restored\. It may have writes of the region that is lost/,
  );
  expect(body).not.toMatch(/npm run failback|take over from us-east-1|has served users since|stays the primary/);
});

test('one that is told before its end took no time', () => {
  expect(parts(replicates)[2]).toContain('The failback took 0 s.');
});
