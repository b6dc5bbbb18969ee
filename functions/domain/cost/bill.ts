// Lines of a bill with their sum, and what an incident adds to a month, from what was counted. Pure.
import { type PriceName, priceOf, usageOf } from './prices.ts';

/** One line of the bill. `price` is its key in prices.ts. */
export type Line = {
  readonly what: string;
  readonly amount: number;
  readonly price: PriceName;
  readonly dollars: number;
};

/** Lines and their sum; `allowance` is what of it AWS gives every account, if nothing else has used it up. */
export type Bill = { readonly lines: readonly Line[]; readonly dollars: number; readonly allowance: number };

export type Add = (price: PriceName, what: string, amount: number) => void;

export function billOf(fill: (add: Add) => void): Bill {
  const amounts = new Map<string, { price: PriceName; what: string; amount: number }>();
  fill((price, what, amount) => {
    const key = `${price}/${what}`;
    amounts.set(key, { price, what, amount: amount + (amounts.get(key)?.amount ?? 0) });
  });
  const used = [...amounts.values()].filter(({ amount }) => amount > 0);
  const lines = used.map((line) => ({ ...line, dollars: priceOf(line.price, line.amount).dollars }));
  const byPrice = Map.groupBy(used, ({ price }) => price);
  const allowances = [...byPrice].map(
    ([price, some]) =>
      priceOf(
        price,
        some.reduce((sum, { amount }) => sum + amount, 0),
      ).free,
  );
  return { lines, dollars: total(lines.map(({ dollars }) => dollars)), allowance: total(allowances) };
}

function total(dollars: readonly number[]): number {
  return dollars.reduce((sum, one) => sum + one, 0);
}

/** What was counted of an incident, or of a drill. */
export type Counts = {
  readonly transitions: number;
  readonly runs: number;
  /** Signals that both stacks read, and looks that were asked for later. */
  readonly signals: number;
  readonly messages: number;
};

/** What an incident adds to the month, over what runs anyway. */
export function incidentBill({ transitions, runs, signals, messages }: Counts): Bill {
  return billOf((add) => {
    add('state-transitions', 'transitions of state machines, retries too', transitions);
    add('lambda-requests', 'runs of steps and of classify', runs + signals);
    add('lambda-gb-seconds', 'time of steps and of classify', (runs + signals) * usageOf('lambda-seconds') * 0.5);
    add('log-ingestion-gb', 'logs, written', ((runs + signals) * usageOf('log-bytes')) / 1e9);
    add('dynamodb-reads', 'reads of the state', runs * usageOf('other-reads') + signals * usageOf('classify-reads'));
    add('dynamodb-writes', 'writes of the state', (runs + signals) * usageOf('writes') * usageOf('write-copies'));
    add('custom-events', 'events forwarded to the peer', signals);
    add('sqs-requests', 'signals in the queues', signals * 3);
    add('sns-requests', 'messages to people', messages);
    add('sns-emails', 'messages to people, as e-mail', messages);
    add('api-requests', 'openings of the approval page', messages * 2);
  });
}

export function money(dollars: number): string {
  return `$${dollars < 0.1 ? dollars.toFixed(4) : dollars.toFixed(2)}`;
}

/** The dearest first; the rest is less. */
const mostLines = 4;

/** Its dearest lines, in words. */
export function dearestOf({ lines }: Bill): string {
  const dearest = lines.toSorted((a, b) => b.dollars - a.dollars).slice(0, mostLines);
  return dearest.map(({ what, dollars }) => `${money(dollars)} ${what}`).join('; ') || 'nothing';
}
