// What an incident adds to a month, and how a report says it.
import { expect, test } from 'vitest';
import { incidentBill } from '../../../../functions/domain/cost/bill.ts';
import { prices } from '../../../../functions/domain/cost/prices.ts';
import { leastCostOf } from '../../../../functions/domain/cost/words.ts';

test('an incident is priced by what was counted', () => {
  const { lines } = incidentBill({ transitions: 1000, runs: 900, signals: 50, messages: 10 });
  const amounts = Object.fromEntries(lines.map(({ price, amount }) => [price, amount]));
  expect(amounts).toMatchObject({ 'state-transitions': 1000, 'lambda-requests': 950, 'sns-requests': 10 });
  expect(lines.find(({ price }) => price === 'state-transitions')?.dollars).toBeCloseTo(0.025, 9);
});

test('each price has where it comes from', () => {
  for (const { source } of Object.values(prices)) expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/./);
});

test('a record says what it counted, and that it is the least', () => {
  const counted = { calls: Array(100), reached: Array(300), decisions: [{ signals: 70 }, { signals: 30 }] };
  expect(leastCostOf(counted)).toMatch(
    /^At least \$0\.01\d\d at list prices, for the 100 calls, 300 steps and 100 signals in the record: \$0\.0100 trans/,
  );
  expect(leastCostOf({ calls: [], reached: [], decisions: [] })).toMatch(/^At least \$0\.0000 .*: nothing\. /);
});
