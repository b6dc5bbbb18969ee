// Tests of the form of all messages: sentences, subjects, the lines and addresses that they name, and what is told late or of others.
import { describe, expect, test } from 'vitest';
import {
  headlineOf,
  lateMessage,
  messageOf,
  sentenceOf,
  subject,
  untoldMessage,
  withRunbook,
  withStage,
} from '../../../../functions/domain/words/words.ts';
import { plan } from '../../../plan.ts';
import { after as second } from '../evidence/sightings.ts';

test('commands that a message names are complete once it leaves, and those that were are left alone', () => {
  const body =
    'Type npm run status. Or `npm run failback`, or: npm run status -- --stage eu\n  npm run build -- a-b --region us-east-1\n> npm run build -- a-b --release v4/2 --region us-east-1\n> npm run build -- a-b --region us-east-1 --stage eu';
  expect(withStage(body, 'prod')).toBe(
    'Type npm run status -- --stage prod. Or `npm run failback -- --reason "<why>" --stage prod`, or: npm run status -- --stage eu\n  npm run build -- a-b --region us-east-1 --stage prod\n> npm run build -- a-b --release v4/2 --region us-east-1 --stage prod\n> npm run build -- a-b --region us-east-1 --stage eu',
  );
});

test('sections of the runbook are addresses where the plan says where it is read, and the file where it does not', () => {
  const runbookUrl = 'https://git.example.com/a/docs/runbook.md';
  const read = (one?: string) => ({
    ...plan,
    notifications: { ...plan.notifications, runbookUrl: one },
  });
  const body = 'See docs/runbook.md#pause, or docs/runbook.md#skip.';
  expect(withRunbook(body, read(runbookUrl))).toBe(`See ${runbookUrl}#pause, or ${runbookUrl}#skip.`);
  expect(withRunbook(body, read())).toBe(body);
});

test.for([
  ['api fails', 'Api fails.'],
  ['it is v1.2', 'It is v1.2.'],
  ['who knows?', 'Who knows?'],
  ['Stop!', 'Stop!'],
  ['Done.', 'Done.'],
] as const)('"%s" is a sentence as "%s"', ([text, said]) => {
  expect(sentenceOf(text)).toBe(said);
});

describe('a subject', () => {
  const parts = { headline: 'x', happened: [], done: [], follows: [], more: [] };
  const subjectOf = (needed: readonly string[]) => messageOf({ ...parts, needed }).subject;
  test('says that nothing is needed only where that is the first word', () => {
    expect(subjectOf(['Nothing now.'])).toBe('[Breakwater] For information: x');
    expect(subjectOf(['Nothingness is no plan.'])).toBe('[Breakwater] x');
    expect(subjectOf(['Look: Nothing works.'])).toBe('[Breakwater] x');
    expect(subjectOf([])).toBe('[Breakwater] x');
  });
  test('is cut at a hundred characters, and is ASCII', () => {
    expect(subject('x'.repeat(100))).toBe('x'.repeat(100));
    expect(subject('x'.repeat(101))).toBe(`${'x'.repeat(97)}...`);
    expect(subject('Zürich')).toBe('Z?rich');
  });
  test('is told without who says it, and once', () => {
    expect(headlineOf('[Breakwater] x')).toBe('x');
    expect(headlineOf('LATE: [Breakwater] x')).toBe('LATE: [Breakwater] x');
  });
});

test('what a body says before all else stands before it', () => {
  const body = (more: object) =>
    messageOf({ headline: 'x', needed: ['Look.'], happened: [], done: [], follows: [], more: [], users: null, ...more })
      .body;
  expect(body({ first: 'DRILL: nothing is broken.' })).toBe(
    'DRILL: nothing is broken.\n\nWHAT IS NEEDED FROM YOU\nLook.',
  );
  expect(body({})).toBe('WHAT IS NEEDED FROM YOU\nLook.');
});

test('who is not in the plan is told of by role, and all who missed a message are named', () => {
  const { subject: about, body } = untoldMessage(
    { subject: '[Breakwater] For information: x', body: 'all of it' },
    ['nobody', 'dba'],
    plan,
    false,
  );
  expect(about).toBe('[Breakwater] NOT TOLD: nobody, dba (only you can): x');
  expect(body.split('\n')).toEqual([
    'WHAT IS NEEDED FROM YOU',
    'Call not in the plan (nobody), and read the message below to them: the channel (unknown) fails. See docs/runbook.md#not-told.',
    `Call ${plan.contacts['dba']?.handle} (dba), and read the message below to them: the channel (${plan.contacts['dba']?.channel}) fails. See docs/runbook.md#not-told.`,
    '',
    'WHAT HAPPENED',
    'Breakwater could not reach nobody, dba. The missed message: X.',
    '',
    'WHAT IS BEING DONE',
    'Breakwater does not try again: nobody, dba can hear this only from you.',
    '',
    'THE MESSAGE TO NOBODY, DBA, IN FULL',
    '',
    '> all of it',
  ]);
});

test('a message that comes late and what it was about stay in one thread', () => {
  const thread = { incident: 'incident-1', severity: 'error', state: 'open' } as const;
  expect(lateMessage({ subject: '[Breakwater] x', body: 'b', thread }, second(0)).thread).toEqual(thread);
  expect(untoldMessage({ subject: '[Breakwater] x', body: 'b', thread }, ['dba'], plan, true).thread).toEqual(thread);
});
