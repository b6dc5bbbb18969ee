// What every incident store must do with requests to people, their answers, and waivers.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../functions/domain/record/store.ts';
import { answer, at, count, request } from './samples.ts';

const token = 'AQCEAAAAKgAAAAMAAAAA-secret';

export function approvalsContract(name: string, create: () => Promise<Store>): void {
  describe(`${name}: requests`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await create();
    });

    test('a request is read as it was opened, and opening it again changes nothing', async () => {
      await store.openRequest(request, token);
      await store.openRequest({ ...request, required: 1 }, 'another token');
      expect(await store.readRequest(request.id)).toEqual(request);
      expect(await store.readTaskToken(request.id)).toBe(token);
      expect(await store.readRequest('request-2')).toBeNull();
      // Those of before had no ceiling of each asset.
      const each = { ...request, id: 'request-3', assetCeilingSeconds: { orders: null, stock: 63.5 } };
      await store.openRequest(each, token);
      expect(await store.readRequest('request-3')).toEqual(each);
      expect(await store.readTaskToken('request-2')).toBeNull();
    });

    test('no other read returns the task token', async () => {
      await store.openRequest(request, token);
      await store.keepAnswer(answer);
      const open = await store.listOpenRequests();
      await store.settleRequest(request.id, 'approved', at);
      const seen = await Promise.all([
        store.readRequest(request.id),
        store.listSettledRequests(0),
        store.readOutcome(request.id),
        store.readAnswers(request.id),
        store.readStanding(request.target),
        store.readAudit(request.incident),
        store.readSteps(request.incident),
      ]);
      expect(JSON.stringify([open, seen])).not.toContain(token);
    });

    test('open requests are listed, oldest first, until they are settled', async () => {
      const later = { ...request, id: 'request-0', askedAt: at + 1 };
      await store.openRequest(later, token);
      await store.openRequest(request, token);
      expect((await store.listOpenRequests()).map(({ id }) => id)).toEqual(['request-1', 'request-0']);
      await store.settleRequest(request.id, 'void', at);
      expect(await store.listOpenRequests()).toEqual([later]);
    });

    test.for([
      ['before it expires', -1, ['request-1']],
      ['when it expires', 0, []],
    ] as const)('a settled request is listed %s', async ([, laterBy, ids]) => {
      await store.openRequest(request, token);
      expect(await store.listSettledRequests(0)).toEqual([]);
      await store.settleRequest(request.id, 'rejected', at + 5);
      const listed = await store.listSettledRequests(request.expiresAt + laterBy);
      expect(listed.map((one) => one.request.id)).toEqual(ids);
      if (ids.length > 0) expect(listed).toEqual([{ request, outcome: 'rejected', at: at + 5 }]);
    });

    test('a request is settled once: the first outcome stays', async () => {
      await store.openRequest(request, token);
      expect(await store.readOutcome(request.id)).toBeNull();
      expect(await store.settleRequest(request.id, 'expired', at)).toBe('expired');
      expect(await store.settleRequest(request.id, 'approved', at + 1)).toBe('expired');
      expect(await store.readOutcome(request.id)).toEqual({ outcome: 'expired', at });
    });

    test('of outcomes that come at once, one stays and everybody hears of that one', async () => {
      await store.openRequest(request, token);
      const outcomes = ['approved', 'rejected', 'expired', 'void'] as const;
      const told = await Promise.all(outcomes.map((outcome) => store.settleRequest(request.id, outcome, at)));
      expect(new Set(told).size).toBe(1);
      expect((await store.readOutcome(request.id))?.outcome).toBe(told[0]);
    });
  });

  describe(`${name}: answers`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await create();
    });

    test('an answer is read as it was kept, and only with its own request', async () => {
      expect(await store.keepAnswer(answer)).toBe(true);
      expect(await store.readAnswers(answer.request)).toEqual([answer]);
      expect(await store.readAnswers('request-2')).toEqual([]);
      expect(await store.keepAnswer({ ...answer, request: 'request-2' })).toBe(true);
    });

    test('the first valid answer of a person stays, also of 100 at once', async () => {
      const answers = Array.from({ length: 100 }, (_, index) => ({ ...answer, from: `192.0.2.${index}` }));
      const kept = await Promise.all(answers.map((one) => store.keepAnswer(one)));
      expect(count(kept)).toBe(1);
      expect(await store.keepAnswer({ ...answer, answer: 'reject' })).toBe(false);
      expect(await store.readAnswers(answer.request)).toEqual([answers[kept.indexOf(true)]]);
    });

    test('what does not count is kept beside what does, in the order in which it was given', async () => {
      const late = { ...answer, at: answer.at + 10, valid: false, why: 'it is late' };
      const twice = { ...answer, at: answer.at + 5, valid: false, why: 'it came twice' };
      for (const one of [late, answer, twice]) expect(await store.keepAnswer(one)).toBe(true);
      expect(await store.readAnswers(answer.request)).toEqual([answer, twice, late]);
    });

    test('an approver whom nobody knows can be kept', async () => {
      const stranger = { ...answer, approver: '', valid: false, why: 'unknown' };
      const long = { ...answer, approver: 'x'.repeat(2_000), valid: false, why: 'y'.repeat(2_000) };
      for (const one of [stranger, long]) expect(await store.keepAnswer(one)).toBe(true);
      expect(await store.readAnswers(answer.request)).toEqual([stranger, long]);
    });
  });

  describe(`${name}: links`, () => {
    const link = { id: 'abc_-1', request: 'request-1', approver: 'dba', expiresAt: at + 5 };

    test('a link is read as it was kept first', async () => {
      const store = await create();
      expect(await store.readLink(link.id)).toBeNull();
      await store.keepLink(link);
      await store.keepLink({ ...link, approver: 'infra-lead' });
      expect(await store.readLink(link.id)).toEqual(link);
      expect(await store.readLink('abc')).toBeNull();
    });
  });

  describe(`${name}: hits`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await create();
    });

    test('of a key are counted up to the most that a window allows', async () => {
      const taken = [];
      for (let hit = 0; hit < 4; hit += 1) taken.push(await store.countHit('address 192.0.2.1', at, 3));
      expect(taken).toEqual([true, true, true, false]);
      expect(await store.countHit('address 192.0.2.2', at, 3)).toBe(true);
    });

    test('begin again with the next window, and one that is over does not begin again', async () => {
      for (const windowStart of [at, at + 60_000]) {
        expect(await store.countHit('a', windowStart, 1)).toBe(true);
        expect(await store.countHit('a', windowStart, 1)).toBe(false);
      }
      expect(await store.countHit('a', at, 1)).toBe(false);
    });

    test('that come at once are counted right, in the first window and in the next', async () => {
      for (const windowStart of [at, at + 60_000]) {
        const taken = await Promise.all(Array.from({ length: 30 }, () => store.countHit('a', windowStart, 7)));
        expect(count(taken)).toBe(7);
      }
    });

    test('of which none is allowed are not counted', async () => {
      expect(await store.countHit('a', at, 0)).toBe(false);
    });
  });

  describe(`${name}: waivers`, () => {
    test('a waiver holds for one state of one execution, and the first one stays', async () => {
      const store = await create();
      expect(await store.readWaiver('execution-1', 'TakeOver/cache')).toBeNull();
      await store.keepWaiver('execution-1', 'TakeOver/cache', 'ana', 'it may start empty', at);
      await store.keepWaiver('execution-1', 'TakeOver/cache', 'ben', 'me too', at + 1);
      const waiver = { by: 'ana', reason: 'it may start empty', at };
      expect(await store.readWaiver('execution-1', 'TakeOver/cache')).toEqual(waiver);
      expect(await store.readWaiver('execution-1', 'RedirectUsers')).toBeNull();
      expect(await store.readWaiver('execution-2', 'TakeOver/cache')).toBeNull();
    });
  });
}
