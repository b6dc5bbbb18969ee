// Requests and their answers in the table, and waivers. A request, its outcome and each answer are items of their own, each
// written once: nothing that was asked or answered is ever changed. The task token is that of the newest try.
import { personOf } from '../../domain/plan/persons.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import { answerRecord, requestRecord, settledRecord, tokenRecord, waiverRecord } from '../../domain/record/recorded.ts';
import type { Settled, SettledRequest, Store } from '../../domain/record/store.ts';
import type { ApprovalRequest, RecordedAnswer } from '../../domain/types.ts';
import { answerKey, byAnswered, byAsked, keyOf } from './identity.ts';
import { type Item, type Key, refused, type Table, type Unpack } from './table.ts';

type ApprovalMethods = Pick<
  Store,
  | 'openRequest'
  | 'readRequest'
  | 'listOpenRequests'
  | 'listSettledRequests'
  | 'readOutcome'
  | 'readTaskToken'
  | 'renewTaskToken'
  | 'keepAnswer'
  | 'readAnswers'
  | 'settleRequest'
  | 'keepWaiver'
  | 'readWaiver'
>;

const pk = 'requests';
const once = { expression: 'attribute_not_exists(#pk)' };

export function approvalsIn(table: Table, plan: Plan): ApprovalMethods {
  /** Every request there ever was; there are a few a year, and as many in a month of drills. */
  async function readAll(): Promise<{ request: ApprovalRequest; settled: Settled | null }[]> {
    const items = await table.query(pk);
    const settled = new Map(items.filter(({ sk }) => sk.startsWith('outcome#')).map((item) => [item.sk, item]));
    const requests = table.recordsIn(
      items.filter(({ sk }) => sk.startsWith('request#')),
      requestIn,
    );
    return requests.sort(byAsked).flatMap((request): { request: ApprovalRequest; settled: Settled | null }[] => {
      const item = settled.get(outcomeKey(request.id).sk);
      if (item === undefined) return [{ request, settled: null }];
      // An outcome that cannot be read says that the request ended, and not how: it is neither open nor settled.
      const outcome = table.recordIn(item, settledRecord, () => null);
      return outcome === null ? [] : [{ request, settled: outcome }];
    });
  }

  async function readOutcome(id: string): Promise<Settled | null> {
    const item = await table.get(outcomeKey(id));
    return item === null ? null : table.recordIn(item, settledRecord, refused);
  }

  return {
    // The token first: a crash between the two leaves a token that nobody asks for, and no request without an end.
    async openRequest(request, token) {
      await table.put({ ...tokenKey(request.id), token }, tokenRecord, once);
      const shown = JSON.stringify(request.shown);
      await table.put({ ...requestKey(request.id), ...request, shown }, requestIn, once);
    },

    async readRequest(id) {
      const item = await table.get(requestKey(id));
      return item === null ? null : table.recordIn(item, requestIn, refused);
    },

    async listOpenRequests() {
      return (await readAll()).filter(({ settled }) => settled === null).map(({ request }) => request);
    },

    async listSettledRequests(at) {
      return (await readAll()).flatMap(({ request, settled }): SettledRequest[] =>
        settled === null || request.expiresAt <= at ? [] : [{ request, ...settled }],
      );
    },

    readOutcome,

    async readTaskToken(id) {
      const item = await table.get(tokenKey(id));
      return item === null ? null : table.recordIn(item, tokenRecord, refused).token;
    },

    async renewTaskToken(id, token) {
      await table.put({ ...tokenKey(id), token }, tokenRecord);
    },

    keepAnswer: (answer) =>
      table.put(
        { pk: answersOf(answer.request), sk: answerKey(answer, personOf(answer.approver, plan)), ...answer },
        answerRecord,
        once,
      ),

    async readAnswers(request) {
      const items = await table.query(answersOf(request));
      const answers = items.flatMap((item) => table.recordIn(item, answerRecord, () => inDoubt(item, request)) ?? []);
      return answers.sort(byAnswered);
    },

    async settleRequest(id, outcome, at) {
      if (await table.put({ ...outcomeKey(id), outcome, at }, settledRecord, once)) return outcome;
      return (await readOutcome(id))?.outcome ?? outcome;
    },

    async keepWaiver(execution, step, by, reason, at) {
      await table.put({ ...waiverKey(execution, step), by, reason, at }, waiverRecord, once);
    },

    async readWaiver(execution, step) {
      const item = await table.get(waiverKey(execution, step));
      return item === null ? null : table.recordIn(item, waiverRecord, refused);
    },
  };
}

function requestKey(id: string): Key {
  return { pk, sk: `request#${keyOf(id)}` };
}

function outcomeKey(id: string): Key {
  return { pk, sk: `outcome#${keyOf(id)}` };
}

function tokenKey(id: string): Key {
  return { pk: `token#${keyOf(id)}`, sk: 'token' };
}

function answersOf(request: string): string {
  return `answers#${keyOf(request)}`;
}

function waiverKey(execution: string, step: string): Key {
  return { pk: `waivers#${keyOf(execution)}`, sk: keyOf(step) };
}

/** What people are shown is kept as text. What is no text of JSON is null, which is no request. */
const requestIn: Unpack<ApprovalRequest> = (item) => requestRecord({ ...item, shown: shownIn(item) });

/**
 * What a damaged answer counts as. An approval is left out, and so is what never counted. Anything else may be a
 * rejection, and one rejects: while that is not known, nothing is approved.
 */
function inDoubt({ sk, answer }: Item, request: string): RecordedAnswer | null {
  const [kind, approver = ''] = sk.split('#');
  if (kind !== 'valid' || answer === 'approve') return null;
  const reason = 'the record of this answer is damaged: it counts as a rejection';
  return { request, approver, answer: 'reject', unfenced: [], reason, at: 0, from: '', valid: true, why: '' };
}

function shownIn(item: Item): unknown {
  try {
    return JSON.parse(String(item['shown']));
  } catch {
    return null;
  }
}
