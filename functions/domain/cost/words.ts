// The cost of an incident or a drill as its report tells it: what Breakwater itself added to the month, at list prices. Pure.
import { countOf } from '../report-page/times.ts';
import { type Counts, dearestOf, incidentBill, money } from './bill.ts';

const notIn =
  'Not in it: what the assets themselves cost meanwhile, such as restored instances, more nodes, and traffic between regions; the bill has that. `npm run breakwater -- cost` has every line with its source.';

/** Of a drill in the simulator: what it would have cost on AWS. */
export function costOfDrill(counts: Counts): string {
  const bill = incidentBill(counts);
  return `In the simulator nothing was paid. On AWS this would add ${money(bill.dollars)} to the month, at list prices: ${dearestOf(bill)}. ${notIn}`;
}

type Counted = {
  readonly calls: readonly unknown[];
  readonly reached: readonly unknown[];
  readonly decisions: readonly { readonly signals: number }[];
};

/** Of what a record holds: the least that it cost. The record counts no look that was repeated, and no message. */
export function leastCostOf({ calls, reached, decisions }: Counted): string {
  const runs = calls.length + reached.length;
  const signals = decisions.reduce((sum, one) => sum + one.signals, 0);
  const bill = incidentBill({ transitions: runs, runs, signals, messages: 0 });
  const counted = `${countOf(calls.length, 'call')}, ${countOf(reached.length, 'step')} and ${countOf(signals, 'signal')}`;
  return `At least ${money(bill.dollars)} at list prices, for ${counted} that the record holds: ${dearestOf(bill)}. Looks that were repeated and messages are not counted there. ${notIn}`;
}
