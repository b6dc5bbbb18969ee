// The real door of the page on a store in memory, with a clock that is set by the test.
import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import type { ApprovalRequest, RecordedAnswer } from '../../functions/domain/types.ts';
import { mockLinkKey, pathFor, visit } from '../functions/door/visitors.ts';
import { setting } from '../functions/setting.ts';
import type { Handler } from './serve.ts';

export type Door = {
  readonly handler: Handler;
  /** The path of an approver's link. */
  pathOf(approver: string): Promise<string>;
  answers(): Promise<readonly RecordedAnswer[]>;
  now: number;
};

export async function openDoor(request: ApprovalRequest, now: number): Promise<Door> {
  mockLinkKey();
  mockClient(SFNClient).on(SendTaskSuccessCommand).resolves({});
  const shell = setting({ region: 'us-west-2' });
  shell.at = now;
  await shell.store.openRequest(request, 'the-task-token');
  return {
    async handler(method, path, headers, body) {
      const shown = await visit(path, shell, { method, headers, body });
      return { status: shown.statusCode, headers: shown.headers, body: shown.body };
    },
    pathOf: (approver) => pathFor(request, approver, shell),
    answers: () => shell.store.readAnswers(request.id),
    get now() {
      return shell.at;
    },
    set now(at) {
      shell.at = at;
    },
  };
}
