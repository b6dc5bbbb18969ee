// The cost of an incident or a drill as its report tells it: what Breakwater itself added to the month, at list prices. Pure.
import { countOf } from '../report-page/times.ts';
import { type Counts, dearestOf, incidentBill, money } from './bill.ts';

const notIn =
  'Not included: the cost of the assets themselves, such as restored instances, more nodes, and traffic between regions. The AWS bill has it. `npm run cost` shows every line with its source.';

/** Of a drill in the simulator: what it would have cost on AWS. */
export function costOfDrill(counts: Counts): string {
  const bill = incidentBill(counts);
  return `The simulator costs nothing. On AWS this would add ${money(bill.dollars)} to the month, at list prices: ${dearestOf(bill)}. ${notIn}`;
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
  return `At least ${money(bill.dollars)} at list prices, for the ${counted} in the record: ${dearestOf(bill)}. Repeated looks and messages are not counted. ${notIn}`;
}
