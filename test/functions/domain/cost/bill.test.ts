// What an incident adds to a month, and how a report says it.
import { expect, test } from 'vitest';
import { incidentBill } from '../../../../functions/domain/cost/bill.ts';
import { priceOf, prices } from '../../../../functions/domain/cost/prices.ts';
import { leastCostOf } from '../../../../functions/domain/cost/words.ts';

test('an incident is priced by what was counted', () => {
  const { lines } = incidentBill({ transitions: 1000, runs: 900, signals: 50, messages: 10 });
  const amounts = Object.fromEntries(lines.map(({ price, amount }) => [price, amount]));
  expect(amounts).toMatchObject({ 'state-transitions': 1000, 'lambda-requests': 950, 'sns-requests': 10 });
  expect(lines.find(({ price }) => price === 'state-transitions')?.dollars).toBeCloseTo(0.025, 9);
});

test('each thing that was counted is a line, by what a run of it takes', () => {
  const { lines } = incidentBill({ transitions: 1000, runs: 900, signals: 50, messages: 10 });
  expect(lines.map(({ price, what, amount }) => [price, what, Number(amount.toPrecision(9))])).toEqual([
    ['state-transitions', 'transitions of state machines, retries too', 1000],
    ['lambda-requests', 'runs of steps and of classify', 950],
    ['lambda-gb-seconds', 'time of steps and of classify', 142.5],
    ['log-ingestion-gb', 'logs, written', 0.00114],
    ['dynamodb-reads', 'reads of the state', 5500],
    ['dynamodb-writes', 'writes of the state', 5700],
    ['custom-events', 'events forwarded to the peer', 50],
    ['sqs-requests', 'signals in the queues', 150],
    ['sns-requests', 'messages to people', 10],
    ['sns-emails', 'messages to people, as e-mail', 10],
    ['api-requests', 'openings of the approval page', 20],
  ]);
});

test('dollars go by the price of so many, and what AWS gives every account is told beside', () => {
  expect(priceOf('health-checks', 60)).toEqual({ dollars: 30, free: 25 });
  expect(priceOf('health-checks', 40)).toEqual({ dollars: 20, free: 20 });
  expect(priceOf('health-check-features', 3)).toEqual({ dollars: 3, free: 0 });
  expect(priceOf('s3-gets', 1000).dollars).toBeCloseTo(0.0004, 12);
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
