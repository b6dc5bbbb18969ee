// The cost of an incident or a drill as its report tells it.
import { expect, test } from 'vitest';
import { billOf, dearestOf, incidentBill, money } from '../../../../functions/domain/cost/bill.ts';
import { priceOf } from '../../../../functions/domain/cost/prices.ts';
import { costOfDrill, leastCostOf } from '../../../../functions/domain/cost/words.ts';

const notIn =
  'Not included: the cost of the assets themselves, such as restored instances, more nodes, and traffic between regions. The AWS bill has it. `npm run cost` shows every line with its source.';

test('a drill costs nothing, and is told what it would have cost, the dearest first', () => {
  const counts = { transitions: 100, runs: 50, signals: 20, messages: 3 };
  const bill = incidentBill(counts);
  expect(costOfDrill(counts)).toBe(
    `The simulator costs nothing. On AWS this would add ${money(bill.dollars)} to the month, at list prices: ${dearestOf(bill)}. ${notIn}`,
  );
});

test('of a record the least is told, for what it counts', () => {
  const bill = incidentBill({ transitions: 3, runs: 3, signals: 5, messages: 0 });
  const record = { calls: [1], reached: [1, 2], decisions: [{ signals: 2 }, { signals: 3 }] };
  expect(leastCostOf(record)).toBe(
    `At least ${money(bill.dollars)} at list prices, for the 1 call, 2 steps and 5 signals in the record: ${dearestOf(bill)}. Repeated looks and messages are not counted. ${notIn}`,
  );
  expect(leastCostOf({ calls: [], reached: [], decisions: [] })).toBe(
    `At least $0.0000 at list prices, for the 0 calls, 0 steps and 0 signals in the record: nothing. Repeated looks and messages are not counted. ${notIn}`,
  );
});

test('what costs less than ten cents is told to the hundredth of a cent', () => {
  expect([0, 0.09996, 0.0999, 0.1, 12.345].map(money)).toEqual(['$0.0000', '$0.1000', '$0.0999', '$0.10', '$12.35']);
});

test('lines of one price and one thing are one line, what costs nothing is none, and four are told', () => {
  const bill = billOf((add) => {
    add('sns-requests', 'a', 1_000_000);
    add('sns-requests', 'a', 1_000_000);
    add('sns-requests', 'b', 1_000_000);
    add('sns-requests', 'none', 0);
    add('sqs-requests', 'a', 1_000_000);
    add('state-transitions', 'c', 1_000_000);
    add('custom-events', 'd', 1_000_000);
  });
  expect(bill.lines.map(({ price, what, amount }) => `${price} ${what} ${amount}`)).toEqual([
    ...['sns-requests a 2000000', 'sns-requests b 1000000', 'sqs-requests a 1000000'],
    ...['state-transitions c 1000000', 'custom-events d 1000000'],
  ]);
  for (const line of bill.lines) expect(line.dollars).toBe(priceOf(line.price, line.amount).dollars);
  expect(bill.dollars).toBeCloseTo(bill.lines.reduce((sum, { dollars }) => sum + dollars, 0));
  // What is free is free once for a price, and not for each line of it.
  const free = [
    ['sns-requests', 3_000_000],
    ['sqs-requests', 1_000_000],
    ['state-transitions', 1_000_000],
    ['custom-events', 1_000_000],
  ] as const;
  expect(bill.allowance).toBeCloseTo(free.reduce((sum, [price, amount]) => sum + priceOf(price, amount).free, 0));
  const told = bill.lines.toSorted((a, b) => b.dollars - a.dollars).slice(0, 4);
  expect(dearestOf(bill)).toBe(told.map(({ what, dollars }) => `${money(dollars)} ${what}`).join('; '));
});
