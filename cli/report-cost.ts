// The cost of an incident or a drill as its report tells it: what Breakwater itself added to the month, at list prices.
import type { Report } from '../functions/domain/report/facts.ts';
import { countOf } from '../functions/domain/report-page/times.ts';
import type { DrillRun } from '../simulator/drill/result.ts';
import { countsOf, money } from './cost.ts';
import { readPrices } from './files/prices.ts';
import { type Bill, type Counts, incidentOf } from './packaged/bill.ts';

const notIn =
  'Not in it: what the assets themselves cost meanwhile, such as restored instances, more nodes, and traffic between regions; the bill has that. `npm run breakwater -- cost` has every line with its source.';

/** The report of a drill with what it would have cost on AWS; null where no report was asked for. */
export function pricedDrill({ report, result, signals }: DrillRun): Report | null {
  if (report === undefined) return null;
  const bill = incidentOf(countsOf(result, signals ?? 0), readPrices());
  return {
    ...report,
    cost: `In the simulator nothing was paid. On AWS this would add ${money(bill.dollars)} to the month, at list prices: ${linesOf(bill)}. ${notIn}`,
  };
}

/** The report of an incident, or of a drill of a deployment, with the least that it cost: the record counts no look that was repeated, and no message. */
export function priced(report: Report): Report {
  const counts = countedIn(report);
  const bill = incidentOf(counts, readPrices());
  const counted = `${countOf(report.calls.length, 'call')}, ${countOf(report.reached.length, 'step')} and ${countOf(counts.signals, 'signal')}`;
  return {
    ...report,
    cost: `At least ${money(bill.dollars)} at list prices, for ${counted} that the record holds: ${linesOf(bill)}. Looks that were repeated and messages are not counted there. ${notIn}`,
  };
}

function countedIn({ calls, reached, decisions }: Report): Counts {
  const runs = calls.length + reached.length;
  const signals = decisions.reduce((sum, one) => sum + one.signals, 0);
  return { transitions: runs, runs, signals, messages: 0 };
}

/** The dearest first; the rest is less. */
const mostLines = 4;

function linesOf({ lines }: Bill): string {
  const dearest = lines.toSorted((a, b) => b.dollars - a.dollars).slice(0, mostLines);
  return dearest.map(({ what, dollars }) => `${money(dollars)} ${what}`).join('; ') || 'nothing';
}
