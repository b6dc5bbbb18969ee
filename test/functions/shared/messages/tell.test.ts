// What a message says of users never keeps the rest of it from people, and is true when it leaves.
import 'aws-sdk-client-mock-vitest/extend';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, expect, test } from 'vitest';
import { lateMessage, messageOf } from '../../../../functions/domain/words/words.ts';
import { tellAll } from '../../../../functions/shared/messages/tell.ts';
import type { Shell } from '../../../../functions/shared/shell.ts';
import { mocked } from '../../../mocked.ts';
import { setting, start } from '../../setting.ts';

const sns = mocked(SNSClient);
const parts = { needed: ['Nothing.'], happened: ['It has moved.'], done: [], follows: [], more: [] };
const said = async (message: ReturnType<typeof messageOf>, shell: Shell) => {
  await tellAll('moved', ['dba'], message, shell);
  return sns.commandCalls(PublishCommand)[0]?.args[0].input.Message;
};

beforeEach(() => {
  sns.reset();
  sns.on(PublishCommand).resolves({});
});

test('a store that does not answer what is asked of users keeps nobody waiting', async () => {
  const asked: number[] = [];
  const shell = setting({ after: async (ms) => void asked.push(ms) });
  shell.store.readSignals = () => new Promise(() => undefined);
  expect(await said(messageOf({ headline: 'moved', ...parts }), shell)).toContain(
    'Whether users are served now is NOT KNOWN',
  );
  expect(asked).toEqual([3_000]);
});

test('what is told late says where users stand when it leaves, and what its own visits saw is of then', async () => {
  const visited = { answered: 60, made: 60 };
  const late = lateMessage(messageOf({ headline: 'users are served', ...parts, users: visited }), start - 3_600_000);
  const body = await said(late, setting());
  expect(body).toContain('Whether users are served now is NOT KNOWN');
  expect(body).toContain('Users are served then: 60 of 60 test visits were answered just before this message.');
  expect(body).not.toContain('served now:');
});
