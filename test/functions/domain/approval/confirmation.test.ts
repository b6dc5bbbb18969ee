// What has to be typed before an answer is taken, and what a form is told where it is not.
import { expect, test } from 'vitest';
import { confirm, type Typed } from '../../../../functions/domain/approval/confirmation.ts';
import { request } from '../../../store/samples.ts';

const approve: Typed = { answer: 'approve', region: 'us-east-1', unfenced: 'us-east-1 stays unfenced', reason: '' };
const reject: Typed = { ...approve, answer: 'reject', unfenced: '', reason: 'it is up' };
const again: Typed = { ...approve, answer: 'ask-again', unfenced: '' };
const problem = (field: string, text: string) => ({ field, text });

test.for([
  ['approves, and names what stays unfenced', approve, ['us-east-1'], ''],
  [
    'approves in capitals, with spaces',
    { ...approve, region: ' US-East-1 ', unfenced: ' US-EAST-1 stays unfenced ' },
    ['us-east-1'],
    '',
  ],
  ['approves, and says why', { ...approve, reason: ' it is dark ' }, ['us-east-1'], 'it is dark'],
  ['approves with the longest reason', { ...approve, reason: 'x'.repeat(500) }, ['us-east-1'], 'x'.repeat(500)],
  ['rejects, and says why', reject, [], 'it is up'],
  ['rejects, and agrees to nothing whatever else is typed', { ...reject, unfenced: approve.unfenced }, [], 'it is up'],
  ['asks again', again, [], ''],
] as const)('who %s is taken at the word', ([, typed, unfenced, reason]) => {
  expect(confirm(request, typed)).toEqual({ unfenced, reason, problems: [] });
});

test('where nothing stays unfenced the region is enough', () => {
  expect(confirm({ ...request, unfenced: [] }, { ...approve, unfenced: '' })).toEqual({
    ...{ unfenced: [], reason: '' },
    problems: [],
  });
});

test.for([
  [
    'approves another region',
    { ...approve, region: 'us-west-2' },
    [problem('region', 'To approve, type the name of the region that is given up: us-east-1.')],
  ],
  [
    'rejects without the region',
    { ...reject, region: '' },
    [problem('region', 'To reject, type the name of the region that keeps its role: us-east-1.')],
  ],
  [
    'asks again without the region',
    { ...again, region: 'us-east' },
    [problem('region', 'To ask again, type the name of the region that may be given up: us-east-1.')],
  ],
  [
    'approves without naming what stays unfenced',
    { ...approve, unfenced: 'us-east-1' },
    [problem('unfenced', 'To approve, type what stays unfenced: us-east-1 stays unfenced.')],
  ],
  [
    'rejects without a reason',
    { ...reject, reason: '  ' },
    [problem('reason', 'To reject, say why: the others are told.')],
  ],
  [
    'types nothing',
    { ...approve, region: '', unfenced: '' },
    [
      problem('region', 'To approve, type the name of the region that is given up: us-east-1.'),
      problem('unfenced', 'To approve, type what stays unfenced: us-east-1 stays unfenced.'),
    ],
  ],
] as const)('who %s is told all that is missing', ([, typed, problems]) => {
  expect(confirm(request, typed).problems).toEqual(problems);
});

test('a reason that is too long is refused, and cut where it is kept', () => {
  expect(confirm(request, { ...approve, reason: 'x'.repeat(501) })).toEqual({
    unfenced: ['us-east-1'],
    reason: 'x'.repeat(500),
    problems: [problem('reason', 'The reason is longer than 500 characters.')],
  });
});
