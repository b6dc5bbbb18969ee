// Which answers count, what they add up to, and when an approval no longer holds.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkBounds,
  isAsked,
  judgeAnswer,
  namedUnfenced,
  tallyOf,
} from '../../../../functions/domain/approval/approval.ts';
import { personOf } from '../../../../functions/domain/plan/persons.ts';
import type { Answer, ApprovalRequest, Bounds, RecordedAnswer, Way } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { at, answer as recorded, request } from '../../../store/samples.ts';

const { valid: _, why: __, ...approval } = recorded;
const now = at + 60_000;

function judge(
  change: Partial<Answer> = {},
  past: readonly RecordedAnswer[] = [],
  asked: Partial<ApprovalRequest> = {},
  when = now,
) {
  return judgeAnswer({ ...request, ...asked }, past, { ...approval, ...change }, plan, when);
}

describe('an answer', () => {
  test('of an approver counts', () => {
    expect(judge()).toEqual({ valid: true, why: '' });
  });

  test.for([
    ['for another request', () => judge({ request: 'request-2' }), 'it answers request request-2, expected request-1'],
    [
      'of somebody who is no approver',
      () => judge({ approver: 'app-lead' }),
      'app-lead is no approver, expected dr-coordinator, infra-lead, dba',
    ],
    ['of somebody nobody knows', () => judge({ approver: 'constructor' }), 'constructor is no approver'],
    ['of the one who asked', () => judge({}, [], { requestedBy: 'dba' }), 'who asks does not approve'],
    ['of the one who asked, by name', () => judge({}, [], { requestedBy: '@dba-team' }), 'who asks does not approve'],
    ['of the one who asked, in capitals', () => judge({}, [], { requestedBy: ' DBA ' }), 'who asks does not approve'],
    [
      'of the one who asked, by the IAM name',
      () => judge({}, [], { requestedBy: 'arn:aws:sts::111122223333:assumed-role/chatops-dba/me' }),
      'who asks does not approve',
    ],
    ['given twice', () => judge({ answer: 'reject' }, [recorded]), 'has answered request request-1 before'],
    ['without naming what stays unfenced', () => judge({ unfenced: [] }), 'what stays unfenced: us-east-1'],
    ['naming something else', () => judge({ unfenced: ['us-west-2'] }), 'what stays unfenced: us-east-1'],
    [
      'without naming one of two',
      () => judge({ unfenced: ['b'] }, [], { unfenced: ['a', 'b', 'c'] }),
      'it does not name what stays unfenced: a, c',
    ],
    ['when the request expires', () => judge({}, [], {}, request.expiresAt), 'it is late'],
    ['that claims an earlier time', () => judge({ at: 0 }, [], {}, request.expiresAt + 1), 'it is late'],
  ] as const)('%s does not count, and one line says why', ([, judged, why]) => {
    const verdict = judged();
    expect(verdict).toEqual({ valid: false, why: expect.stringContaining(why) });
    expect(verdict.why).not.toContain('\n');
  });

  describe('of one human in two roles', () => {
    const session = (role: string, name = 'ana') => `arn:aws:sts::111122223333:assumed-role/${role}/${name}`;
    const first = { ...recorded, approver: 'infra-lead', who: session('chatops-infra-lead') };
    const second = (who: string) => judgeAnswer(request, [first], { ...approval, who }, plan, now);

    test.for([
      ['a session of the same name', session('chatops-dba')],
      ['a session of the same name in capitals', session('chatops-dba', 'Ana')],
      ['a user of the same name', 'arn:aws:iam::111122223333:user/people/ana'],
    ] as const)('does not count again: %s', ([, who]) => {
      expect(second(who)).toEqual({
        valid: false,
        why: 'ana has answered as infra-lead before, and one person counts once, in whatever role',
      });
    });

    test('is another one with a session of another name, or on a page of their own', () => {
      expect(second(session('chatops-dba', 'ben')).valid).toBe(true);
      expect(second('link-1').valid).toBe(true);
    });

    test('counts once where both answers came at the same moment', () => {
      const both = [first, { ...recorded, approver: 'dba', who: session('chatops-dba') }];
      expect(tallyOf(request, both, plan)).toMatchObject({ approvals: 1, outcome: 'pending' });
      const two = [first, { ...recorded, approver: 'dba', who: session('chatops-dba', 'ben') }];
      expect(tallyOf(request, two, plan)).toMatchObject({ approvals: 2, outcome: 'approved' });
    });

    test('who asked for it under the same name does not approve', () => {
      const asked = { ...request, requestedBy: session('planner') };
      const verdict = judgeAnswer(asked, [], { ...approval, who: session('chatops-dba') }, plan, now);
      expect(verdict.why).toContain('who asks does not approve');
    });
  });

  test('counts until the last moment', () => {
    expect(judge({}, [], {}, request.expiresAt - 1).valid).toBe(true);
  });

  test('that rejects needs to name nothing, nor does one where everything can be fenced', () => {
    expect(judge({ answer: 'reject', unfenced: [] }).valid).toBe(true);
    expect(judge({ unfenced: [] }, [], { unfenced: [] }).valid).toBe(true);
  });

  test('counts although the same person answered another request, or gave an answer that did not count', () => {
    expect(judge({}, [{ ...recorded, request: 'request-0' }]).valid).toBe(true);
    expect(judge({}, [{ ...recorded, valid: false }]).valid).toBe(true);
  });

  test('of a person in two roles counts once', () => {
    const dba = plan.contacts['dba'];
    if (dba === undefined) throw new Error('the plan has no dba');
    const shared = { ...plan, contacts: { ...plan.contacts, 'infra-lead': dba } };
    const second = { ...approval, approver: 'infra-lead' };
    expect(personOf('infra-lead', shared)).toBe(personOf('dba', shared));
    expect(judgeAnswer(request, [recorded], second, plan, now).valid).toBe(true);
    expect(judgeAnswer(request, [recorded], second, shared, now).valid).toBe(false);
  });
});

describe('the outcome', () => {
  const by = (approver: string, change: Partial<RecordedAnswer> = {}) => ({ ...recorded, approver, ...change });

  test.for([
    ['nobody answered', [], 'pending'],
    ['one approved', [by('dba')], 'pending'],
    ['as many approved as are needed', [by('dba'), by('infra-lead')], 'approved'],
    ['more approved', [by('dba'), by('infra-lead'), by('dr-coordinator')], 'approved'],
    ['one approved twice', [by('dba'), by('dba')], 'pending'],
    ['one of two does not count', [by('dba'), by('infra-lead', { valid: false })], 'pending'],
    ['one of two is no approver', [by('dba'), by('app-lead')], 'pending'],
    ['one of two answered another request', [by('dba'), by('infra-lead', { request: 'request-2' })], 'pending'],
    ['one rejects', [by('dba', { answer: 'reject' })], 'rejected'],
    ['one rejects among enough', [by('dba'), by('infra-lead'), by('dr-coordinator', { answer: 'reject' })], 'rejected'],
    ['a rejection does not count', [by('dba', { answer: 'reject', valid: false })], 'pending'],
  ] as const)('when %s', ([, answers, outcome]) => {
    expect(tallyOf(request, answers, plan).outcome).toBe(outcome);
  });

  test('counts a person in two roles once, whatever the record says', () => {
    const { dba } = plan.contacts;
    if (dba === undefined) throw new Error('the plan has no dba');
    const shared = { contacts: { ...plan.contacts, 'infra-lead': { ...dba, handle: 'DBA-team' } } };
    const both = [by('dba'), by('infra-lead')];
    expect(tallyOf(request, both, plan).outcome).toBe('approved');
    expect(tallyOf(request, both, shared).outcome).toBe('pending');
  });

  test('is told of persons: who has answered in one role has answered in both', () => {
    const { dba } = plan.contacts;
    if (dba === undefined) throw new Error('the plan has no dba');
    const shared = { contacts: { ...plan.contacts, 'infra-lead': { ...dba, handle: 'DBA-team' } } };
    const asked = { ...request, roles: ['dba', 'infra-lead', 'dr-coordinator'] };
    const tally = tallyOf(asked, [by('infra-lead')], shared);
    expect(tally).toMatchObject({ approvals: 1, silent: ['dr-coordinator'] });
    expect(tally.answerOf('dba')).toEqual(by('infra-lead'));
    expect(tallyOf(asked, [by('infra-lead')], plan).silent).toEqual(['dba', 'dr-coordinator']);
  });

  test('tells how many approve, and who rejects is none of them', () => {
    expect(tallyOf(request, [by('dba'), by('infra-lead', { answer: 'reject' })], plan)).toMatchObject({
      approvals: 1,
      outcome: 'rejected',
    });
  });

  test('does not take who answered in vain for one who has answered', () => {
    const tally = tallyOf(request, [by('dba', { valid: false }), by('infra-lead', { request: 'request-2' })], plan);
    expect(tally).toMatchObject({ answers: [], approvals: 0, silent: request.roles });
  });

  test('counts nothing of the one who asked, however the name is written', () => {
    const asked = { ...request, requestedBy: '@DBA-Team' };
    expect(tallyOf(asked, [by('dba'), by('infra-lead')], plan).outcome).toBe('pending');
    expect(tallyOf(asked, [by('dba', { answer: 'reject' })], plan).outcome).toBe('pending');
  });
});

test('who is asked has a role of the request, and is not who asks', () => {
  expect(isAsked('dba', request, plan)).toBe(true);
  expect(isAsked('app-lead', request, plan)).toBe(false);
  expect(isAsked('dba', { ...request, requestedBy: '@DBA-Team' }, plan)).toBe(false);
});

test('what stays unfenced is named asset by asset, and by its region where no asset was kept', () => {
  const { unfencedAssets: _, ...bare } = request;
  expect(namedUnfenced({ ...request, unfencedAssets: ['orders', 'stock'] })).toEqual([
    'orders in us-east-1',
    'stock in us-east-1',
  ]);
  expect(namedUnfenced(bare)).toEqual(['us-east-1']);
  expect(namedUnfenced({ ...request, unfencedAssets: [] })).toEqual(['us-east-1']);
});

test('two answers of one human that came at the same moment count once', () => {
  const session = (role: string) => `arn:aws:sts::111122223333:assumed-role/${role}/ana`;
  const both = ['dba', 'infra-lead'].map((approver) => ({ ...recorded, approver, who: session(approver) }));
  expect(tallyOf(request, both, plan)).toMatchObject({ approvals: 1, outcome: 'pending' });
  const another = { ...recorded, approver: 'dr-coordinator', who: session('x').replace('ana', 'ben') };
  expect(tallyOf(request, [...both, another], plan)).toMatchObject({ approvals: 2, outcome: 'approved' });
});

describe('for all answers', () => {
  const roles = ['dr-coordinator', 'infra-lead', 'dba', 'app-lead'] as const;
  const asked = fc.record({
    required: fc.integer({ min: 1, max: 4 }),
    requestedBy: fc.constantFrom(...roles, 'classify'),
    roles: fc.subarray([...roles], { minLength: 1 }),
  });
  const given = fc.array(
    fc.record({
      approver: fc.constantFrom(...roles, 'classify', 'stranger'),
      answer: fc.constantFrom<'approve' | 'reject'>('approve', 'approve', 'reject'),
      valid: fc.boolean(),
      request: fc.constantFrom('request-1', 'request-2'),
    }),
    { maxLength: 8 },
  );
  const full = (answers: readonly Partial<RecordedAnswer>[]) => answers.map((change) => ({ ...recorded, ...change }));

  test('their order and duplicates do not change the outcome', () => {
    const shuffled = given.chain((answers) =>
      fc.tuple(fc.constant(answers), fc.shuffledSubarray([...answers, ...answers], { minLength: answers.length * 2 })),
    );
    fc.assert(
      fc.property(asked, shuffled, (change, [answers, order]) => {
        const one = { ...request, ...change };
        expect(tallyOf(one, full(order), plan).outcome).toBe(tallyOf(one, full(answers), plan).outcome);
      }),
    );
  });

  test('a requester never approves', () => {
    fc.assert(
      fc.property(asked, given, (change, answers) => {
        const one = { ...request, ...change };
        const own = full([{ approver: change.requestedBy, answer: 'approve' }]);
        expect(tallyOf({ ...one, required: 1 }, own, plan).outcome).toBe('pending');
        expect(tallyOf(one, [...full(answers), ...own], plan).outcome).toBe(tallyOf(one, full(answers), plan).outcome);
        const verdict = judgeAnswer(one, [], { ...approval, approver: change.requestedBy }, plan, now);
        expect(verdict.valid).toBe(false);
      }),
    );
  });

  test('one rejection that counts rejects, whatever else was answered', () => {
    fc.assert(
      fc.property(asked, given, (change, answers) => {
        const one = { ...request, ...change };
        const approver = one.roles.find((role) => role !== one.requestedBy);
        fc.pre(approver !== undefined);
        const rejection = full([{ approver: approver ?? '', answer: 'reject' }]);
        expect(tallyOf(one, [...full(answers), ...rejection], plan).outcome).toBe('rejected');
      }),
    );
  });

  test('approved are only requests that as many different approvers approved as are needed', () => {
    fc.assert(
      fc.property(asked, given, (change, answers) => {
        const one = { ...request, ...change };
        fc.pre(tallyOf(one, full(answers), plan).outcome === 'approved');
        const people = new Set(
          answers.filter(({ answer, valid }) => valid && answer === 'approve').map((a) => a.approver),
        );
        expect(people.size).toBeGreaterThanOrEqual(one.required);
      }),
    );
  });

  test('judged one after the other and kept where they count, repeating all of them changes nothing', () => {
    const take = (answers: readonly RecordedAnswer[], past: readonly RecordedAnswer[]) => {
      const kept = [...past];
      for (const one of answers) {
        const { valid } = judgeAnswer(request, kept, one, plan, now);
        if (valid) kept.push({ ...one, valid });
      }
      return kept;
    };
    fc.assert(
      fc.property(given, (answers) => {
        const kept = take(full(answers), []);
        expect(take(full(answers), kept)).toEqual(kept);
        expect(new Set(kept.map(({ approver }) => approver)).size).toBe(kept.length);
      }),
    );
  });
});

describe('what was approved', () => {
  const { unfencedAssets: _, ...asked } = request;
  const approved: Bounds = { ...asked, unfenced: ['us-east-1'], lossCeilingSeconds: 92 };
  /** What each may lose, and the most of them. */
  const each = (assetCeilingSeconds: Readonly<Record<string, number | null>>): Partial<Bounds> => {
    const all = Object.values(assetCeilingSeconds);
    const known = all.filter((seconds) => seconds !== null);
    return { assetCeilingSeconds, lossCeilingSeconds: known.length < all.length ? null : Math.max(...known) };
  };

  const stock = (way: Way) => ({ stock: way });
  const otherWay = 'the way would be restore-snapshot, approved was promote-replica';
  const tooMuch = '1 min 33 s of data would be lost, approved were at most 1 min 32 s';
  test.for<[string, Partial<Bounds>, Partial<Bounds>, string | null]>([
    ['nothing changed', {}, {}, null],
    ['as much is lost as was approved', {}, { lossCeilingSeconds: 92 }, null],
    ['less is lost', {}, { lossCeilingSeconds: 0 }, null],
    [
      'more is lost',
      {},
      { lossCeilingSeconds: 93 },
      '1 min 33 s of data would be lost, approved were at most 1 min 32 s',
    ],
    [
      'the loss is not known any more',
      {},
      { lossCeilingSeconds: null },
      'the data loss is not known any more, approved were at most 1 min 32 s',
    ],
    ['any loss was approved', { lossCeilingSeconds: null }, { lossCeilingSeconds: 9_000 }, null],
    [
      'any loss was approved and it is still not known',
      { lossCeilingSeconds: null },
      { lossCeilingSeconds: null },
      null,
    ],
    [
      'one database loses more than it was approved to lose, and less than another one was',
      each({ orders: 7_200, stock: 63 }),
      each({ orders: 7_200, stock: 7_140 }),
      '1 h 59 min of data of stock would be lost, approved were at most 1 min 3 s',
    ],
    [
      'two lose more',
      each({ orders: 10, stock: 10 }),
      each({ orders: 11, stock: 12 }),
      '11 s of data of orders would be lost, approved were at most 10 s; 12 s of data of stock would be lost, approved were at most 10 s',
    ],
    ['each loses as much as it was approved to', each({ orders: 92, stock: 63 }), each({ orders: 92, stock: 0 }), null],
    [
      'the loss of one is not known any more',
      each({ orders: 92, stock: 63 }),
      each({ orders: 92, stock: null }),
      'the data loss of stock is not known any more, approved were at most 1 min 3 s',
    ],
    [
      'any loss of one was approved, and the other one loses more',
      each({ orders: null, stock: 63 }),
      each({ orders: 9_000, stock: 64 }),
      '1 min 4 s of data of stock would be lost, approved were at most 1 min 3 s',
    ],
    ['any loss of one was approved', each({ orders: null, stock: 63 }), each({ orders: 9_000, stock: 63 }), null],
    [
      'nobody was asked about one',
      each({ orders: 92 }),
      each({ orders: 92, stock: 0 }),
      'nobody was asked how much stock may lose',
    ],
    [
      'the only one loses more',
      each({ database: 92 }),
      each({ database: 93 }),
      '1 min 33 s of data would be lost, approved were at most 1 min 32 s',
    ],
    ['it was approved before each had its own', {}, each({ orders: 92, stock: 63 }), null],
    [
      'it was approved before each had its own, and one loses more than that',
      {},
      each({ orders: 92, stock: 93 }),
      '1 min 33 s of data would be lost, approved were at most 1 min 32 s',
    ],
    ['what was unfenced can be fenced', {}, { unfenced: [] }, null],
    [
      'something more is unfenced',
      {},
      { unfenced: ['us-east-1', 'cache', 'web'] },
      'cache, web can not be fenced any more, which nobody approved',
    ],
    [
      'something is unfenced that was not',
      { unfenced: [] },
      {},
      'us-east-1 can not be fenced any more, which nobody approved',
    ],
    [
      'another asset of the same region is unfenced',
      { unfencedAssets: ['orders'] },
      { unfencedAssets: ['orders', 'catalogue'] },
      'catalogue in us-east-1 can not be fenced any more, which nobody approved',
    ],
    ['fewer assets are unfenced', { unfencedAssets: ['orders', 'catalogue'] }, { unfencedAssets: ['orders'] }, null],
    [
      'it was approved before assets were named, so that it names none',
      {},
      { unfencedAssets: ['orders'] },
      'orders in us-east-1 can not be fenced any more, which nobody approved',
    ],
    ['the plan is another one', {}, { plan: 'c3d4' }, 'the plan has changed since the approval'],
    ['the target is another one', {}, { target: 'us-west-2' }, 'the target is us-west-2, approved was us-east-1'],
    ['the mode is another one', {}, { mode: 'switchover' }, 'it would be a switchover, approved was a failover'],
    ['the way is another one', {}, { way: 'restore-snapshot' }, otherWay],
    ['ways were not approved by asset', {}, { ways: stock('promote-replica') }, null],
    ['ways are not told by asset any more', { ways: stock('restore-snapshot') }, { way: 'restore-snapshot' }, otherWay],
    [
      'the way of an asset is as approved, whatever is named the way of all',
      { ways: stock('promote-replica') },
      { ways: stock('promote-replica'), way: 'restore-snapshot' },
      null,
    ],
    [
      'the way of an asset is another one',
      { ways: stock('promote-replica') },
      { ways: stock('restore-snapshot') },
      'the way of stock would be restore-snapshot, approved was promote-replica',
    ],
    [
      'an asset has a way that nobody approved',
      { ways: {} },
      { ways: stock('restore-snapshot') },
      'the way of stock would be restore-snapshot, approved was none',
    ],
    [
      'nobody was asked how much the only one may lose',
      { assetCeilingSeconds: {} },
      { assetCeilingSeconds: { stock: 0 } },
      'nobody was asked how much the database may lose',
    ],
    [
      'no asset has a loss of its own',
      { assetCeilingSeconds: {} },
      { assetCeilingSeconds: {}, lossCeilingSeconds: 93 },
      tooMuch,
    ],
    [
      'a region and an asset are not fenced',
      { unfenced: [] },
      { unfencedAssets: ['orders'] },
      'us-east-1 can not be fenced any more, which nobody approved',
    ],
  ])('when %s', ([, before, now, changed]) => {
    const said = checkBounds({ ...approved, ...before }, { ...approved, ...now });
    expect(said).toBe(changed);
  });

  test('a way that was tried in vain makes room for the next one, of the same asset alone', () => {
    const before = { ...approved, ways: { orders: 'promote-replica', stock: 'promote-replica' } } as const;
    const next = { ...before, ways: { orders: 'promote-replica', stock: 'restore-snapshot' } } as const;
    expect(checkBounds(before, next, { stock: ['promote-replica'] })).toBeNull();
    const said = 'the way of stock would be restore-snapshot, approved was promote-replica';
    expect(checkBounds(before, next, { orders: ['promote-replica'] })).toBe(said);
    expect(checkBounds(before, next, { stock: ['restore-snapshot'] })).toBe(said);
  });
});
