// Approving and rejecting from the command line: signed with the caller's credentials, sent to the region that takes
// over, and never without the words being typed.
import { beforeEach, describe, expect, test } from 'vitest';
import { answerCommands } from '../../../functions/domain/page/approval-forms.ts';
import type { ApprovalRequest } from '../../../functions/domain/types.ts';
import { planFile } from '../../plan.ts';
import { answer, request as sample } from '../../store/samples.ts';
import { run } from '../invented.ts';
import { deployed, onAws, onStage, primary, standby, wordsIn } from './aws.ts';

const aws = onAws();
let stage: string;
let store: Awaited<ReturnType<typeof deployed>>['store'];

const request: ApprovalRequest = { ...sample, askedAt: Date.now(), expiresAt: Date.now() + 3_600_000 };
const phrase = 'us-east-1 stays unfenced';

beforeEach(async () => {
  aws.reset();
  ({ stage, store } = await deployed());
  await store.openRequest(request, 'the-task-token');
  aws.asked.length = 0;
});

const approve = (...more: string[]) => run(['approve', request.id, ...onStage(stage), ...more]);
const reject = (...more: string[]) => run(['reject', request.id, ...onStage(stage), ...more]);
const sent = () => aws.asked.filter(({ service }) => service === 'execute-api');

test.for([
  ['approve', 0, { unfenced: phrase, reason: '' }],
  ['reject', 1, { unfenced: '', reason: 'why' }],
] as const)('what mails and page print to %s runs as it is printed', async ([verb, index, said]) => {
  const line = answerCommands(request, stage)[index];
  const { status, err } = await run([...wordsIn(line), '--plan', planFile]);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(JSON.parse(sent()[0]?.body ?? '')).toEqual({ answer: verb, region: primary, ...said });
});

describe('an approval', () => {
  test('that was typed in full is sent, signed for the region that takes over, and what is recorded is told', async () => {
    await store.keepAnswer(answer);
    const { status, out, err } = await approve('--region', primary, '--unfenced', phrase);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(sent()).toMatchObject([{ region: standby, what: `/page/requests/${request.id}` }]);
    expect(JSON.parse(sent()[0]?.body ?? '')).toEqual({
      answer: 'approve',
      region: primary,
      unfenced: phrase,
      reason: '',
    });
    expect(out).toContain(`Recorded: approve of request ${request.id}\n`);
    expect(out).toContain('1 of 2 approvals are given. Not answered: dr-coordinator, infra-lead.\n');
    expect(out).toContain('The request is open');
  });

  test('that settles the request says so', async () => {
    aws.reply = { status: 200, body: { valid: true, why: '', outcome: 'approved' } };
    expect((await approve('--region', primary)).out).toContain('The request is approved.\n');
  });

  test('that does not count ends with status 1 and says why', async () => {
    const why = 'it is late: request request-1 is rejected already';
    aws.reply = { status: 200, body: { valid: false, why, outcome: 'rejected' } };
    const { status, out } = await approve('--region', primary);
    expect(status).toBe(1);
    expect(out).toContain(`Recorded, and does not count: ${why}\n`);
    const json = await approve('--region', primary, '--json');
    expect(json.status).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      request: request.id,
      answer: 'approve',
      valid: false,
      why,
      outcome: 'rejected',
    });
  });

  test.for([
    ['without the region', [], '--region: is missing, expected'],
    ['with no region behind the option', ['--region'], "option '--region <name>' argument missing"],
    ['with an empty region', ['--region', ' '], '--region: is empty, expected the name of the region, typed in full'],
    ['with the other region', ['--region', standby], '--region: is us-west-2, expected the region that request'],
    [
      'with a region of no plan',
      ['--region', 'eu-west-1'],
      '--region: is eu-west-1, expected one of us-east-1, us-west-2',
    ],
  ] as const)('%s is wrong input, and nothing is sent', async ([, typed, expected]) => {
    const { status, out, err } = await approve(...typed);
    expect({ status, out, sent: sent() }).toEqual({ status: 2, out: '', sent: [] });
    expect(err).toContain(expected);
    expect(err.match(/\n/g)).toHaveLength(1);
  });

  test('whose phrase the page refuses is wrong input, in its own words', async () => {
    aws.reply = { status: 400, body: { error: `unfenced: is empty, expected "${phrase}"` } };
    const { status, err } = await approve('--region', primary);
    expect({ status, err }).toEqual({ status: 2, err: `unfenced: is empty, expected "${phrase}"\n` });
    expect(JSON.parse(sent()[0]?.body ?? '').unfenced).toBe('');
  });

  test('of a request that there is not is wrong input', async () => {
    const { status, err } = await run(['approve', 'other', ...onStage(stage), '--region', primary]);
    expect({ status, sent: sent() }).toEqual({ status: 2, sent: [] });
    expect(err).toBe('request other is not known, expected one of the open requests that status lists\n');
  });

  test('works while the region that is given up is dark', async () => {
    aws.dark.set(primary, 'hangs-up');
    const { status, out } = await approve('--region', primary, '--unfenced', phrase);
    expect({ status, sent: sent().length }).toEqual({ status: 0, sent: 1 });
    expect(out).toContain('0 of 2 approvals are given.');
  });

  test('needs no right to read the table: the page judges', async () => {
    aws.forbidTable = true;
    const { status, out } = await approve('--region', primary, '--unfenced', phrase);
    expect({ status, sent: sent().length }).toEqual({ status: 0, sent: 1 });
    expect(out).not.toContain('approvals are given');
    expect((await approve('--region', '')).status).toBe(2);
  });

  test.for([
    ['may not answer', 403, { error: 'intern is no approver' }, 'not permitted: intern is no approver; an approver’s'],
    ['is refused by the API itself', 403, { message: 'Forbidden' }, 'not permitted: the page answered with status 403'],
    ['answers too often', 429, {}, 'too many answers in a short time'],
    ['meets a fault', 500, { message: 'Internal Server Error' }, 'it is NOT KNOWN whether the answer was recorded'],
    [
      'meets an answer that is none',
      200,
      'hello',
      'the page answered with status 200; it is NOT KNOWN whether the answer was',
    ],
  ] as const)('by someone who %s is not done', async ([, code, body, line]) => {
    aws.reply = { status: code, body };
    const { status, out, err } = await approve('--region', primary);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toContain(line.replace('’', "'"));
    expect(err.match(/\n/g)).toHaveLength(1);
  });

  test('where the stack has no page is not done', async () => {
    aws.pageUrl = null;
    const { status, err } = await approve('--region', primary);
    expect(status).toBe(1);
    expect(err).toBe(`stack breakwater-${stage} of us-west-2 has no output ApprovalPageUrl\n`);
  });
});

describe('a rejection', () => {
  test('needs the region’s name and a reason', async () => {
    aws.reply = { status: 200, body: { valid: true, why: '', outcome: 'rejected' } };
    const { status, out } = await reject('--region', primary, '--reason', 'the region is coming back');
    expect({ status, region: sent()[0]?.region }).toEqual({ status: 0, region: standby });
    expect(JSON.parse(sent()[0]?.body ?? '')).toEqual({
      answer: 'reject',
      region: primary,
      unfenced: '',
      reason: 'the region is coming back',
    });
    expect(out).toContain('The request is rejected.\n');
  });

  test.for([
    ['without the region', ['--reason', 'no'], '--region: is missing, expected'],
    [
      'with an empty region',
      ['--reason', 'no', '--region', ' '],
      '--region: is empty, expected the name of the region',
    ],
    ['with the other region', ['--reason', 'no', '--region', standby], 'expected the region that request'],
    ['without a reason', ['--region', primary], '--reason: is missing, expected'],
    ['with an empty reason', ['--region', primary, '--reason', ' '], '--reason: is " ", expected a sentence'],
    [
      'with a reason that is too long',
      ['--region', primary, '--reason', 'x'.repeat(501)],
      'expected a sentence of up to 500 characters',
    ],
  ] as const)('%s is wrong input', async ([, typed, expected]) => {
    const { status, err } = await reject(...typed);
    expect({ status, sent: sent() }).toEqual({ status: 2, sent: [] });
    expect(err).toContain(expected);
  });

  test('reaches the page of the region that was typed where the table cannot be read', async () => {
    aws.forbidTable = true;
    expect((await reject('--reason', 'no', '--region', primary)).status).toBe(0);
    expect(sent()[0]?.region).toBe(standby);
  });
});

test('the task token is in nothing that is told', async () => {
  for (const { out, err } of [
    await approve('--region', primary, '--json'),
    await reject('--region', primary, '--reason', 'no'),
  ])
    expect(out + err).not.toContain('the-task-token');
});
