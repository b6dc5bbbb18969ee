// The incident store in DynamoDB: one table with keys pk and sk, strongly consistent, shared by the stacks of all regions.
import type { Plan } from '../../domain/plan/plan.ts';
import type { Damaged, Store } from '../../domain/record/store.ts';
import { approvalsIn } from './approvals.ts';
import { doorIn } from './door.ts';
import { drillsIn } from './drills.ts';
import { incidentsIn } from './incidents.ts';
import { recordsIn } from './records.ts';
import { signalsIn } from './signals.ts';
import { standingIn } from './standing.ts';
import { openTable, type Unpacking } from './table.ts';

/**
 * The store as the stack of a region sees it. `plan` says which region is primary until a failover moves that role.
 * Methods throw Unavailable when the table throttles or cannot be reached, CannotProceed when it refuses, or would
 * refuse, what is asked. `damaged` hears of each item that cannot be read. `read`: how items are unpacked, if not each time.
 */
export function dynamoStore(region: string, table: string, plan: Plan, damaged: Damaged, read?: Unpacking): Store {
  const opened = openTable(region, table, damaged, read);
  return {
    ...signalsIn(opened),
    ...incidentsIn(opened),
    ...standingIn(opened, plan),
    ...approvalsIn(opened, plan),
    ...doorIn(opened),
    ...drillsIn(opened),
    ...recordsIn(opened),
  };
}
