// The incident store in DynamoDB: one table with keys pk and sk, strongly consistent, shared by the stacks of all regions.
import type { Plan } from '../domain/plan.ts';
import type { Damaged, Store } from '../domain/store.ts';
import { approvalsIn } from './store-approvals.ts';
import { doorIn } from './store-door.ts';
import { drillsIn } from './store-drills.ts';
import { incidentsIn } from './store-incidents.ts';
import { recordsIn } from './store-records.ts';
import { signalsIn } from './store-signals.ts';
import { standingIn } from './store-standing.ts';
import { openTable, type Unpacking } from './store-table.ts';

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
