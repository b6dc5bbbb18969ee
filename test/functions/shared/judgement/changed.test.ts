// What was changed before is read from three sources side by side: one that cannot be read is one line, and stops nothing.
import { afterEach, expect, test, vi } from 'vitest';
import { changesBefore } from '../../../../functions/shared/judgement/changed.ts';
import { called, changesAnswer, refused } from '../../changes.ts';
import { incident, type Setting, setting, start } from '../../setting.ts';

afterEach(() => vi.restoreAllMocks());

const at = start - 180_000;
const event = {
  Date: new Date(at),
  SourceIdentifier: 'chatops-prod',
  Message: 'Updated',
  EventCategories: ['maintenance'],
};
const late =
  'CloudTrail may be 15 min late: a change after 02:45 UTC may be missing. Breakwater reads CloudTrail again at 03:15 UTC and tells you what is new.';
const complete = (): Setting => Object.assign(setting(), { at: start + 15 * 60_000 });
const readIn = (shell = complete()) => changesBefore(incident, shell);

test('everything that was changed is told in order of time, in the plan’s window', async () => {
  const asked = changesAnswer({
    LookupEvents: () => ({ Events: [called({ at: start - 60_000, call: 'RebootDBInstance' })] }),
    DescribeEvents: () => ({ Events: [event] }),
  });
  const { changes, gaps } = await readIn();
  expect(changes.map(({ what, by }) => [what, by])).toEqual([
    ['Updated', 'aws'],
    ['RebootDBInstance', 'people'],
  ]);
  expect(gaps).toEqual([]);
  expect(asked[0]?.input).toMatchObject({ StartTime: start / 1000 - 1800, EndTime: start / 1000 });
});

test('until CloudTrail has all of it, its lateness is said', async () => {
  changesAnswer();
  expect((await readIn(setting())).gaps).toEqual([late]);
});

test.for([
  ['refuses', refused('AccessDeniedException'), 'AccessDeniedException'],
  ['throttles', refused('ThrottlingException'), 'ThrottlingException'],
  ['does not answer', Object.assign(new Error('aborted'), { name: 'TimeoutError' }), 'TimeoutError'],
] as const)('a source that %s is one line, and the others are told', async ([, error, name]) => {
  changesAnswer({
    LookupEvents: () => {
      throw error;
    },
    DescribeEvents: () => ({ Events: [event] }),
  });
  const { changes, gaps } = await readIn();
  expect(changes).toHaveLength(1);
  expect(gaps).toEqual([`CloudTrail could not be read: ${name}.`]);
});

test('where no source can be read, each is named', async () => {
  const no = () => {
    throw refused('AccessDenied', 403);
  };
  changesAnswer({ LookupEvents: no, DescribeEvents: no, DescribeScalingActivities: no });
  const { changes, gaps } = await readIn();
  expect(changes).toEqual([]);
  expect(gaps).toEqual(['CloudTrail', 'RDS', 'Auto Scaling'].map((name) => `${name} could not be read: AccessDenied.`));
});

test('reading ends after ten seconds, and says how far it came', async () => {
  const shell = complete();
  const asked = changesAnswer({
    LookupEvents: () => {
      shell.at += 6_000;
      return { Events: [called({ at: start - (shell.at % 7_000) - 60_000 })], NextToken: 't' };
    },
  });
  const { gaps } = await readIn(shell);
  expect(asked.filter(({ operation }) => operation === 'LookupEvents')).toHaveLength(2);
  expect(gaps).toEqual([expect.stringMatching(/^CloudTrail was read back to 02:5\d UTC only: it answers slowly\.$/)]);
});

test('who has no database and no node groups is asked about neither', async () => {
  const asked = changesAnswer();
  const shell = setting();
  const plan = { ...shell.plan, assets: shell.plan.assets.filter(({ kind }) => kind === 'elasticache') };
  await changesBefore(incident, setting({ plan }));
  expect(asked.map(({ operation }) => operation)).toEqual(['LookupEvents']);
});
