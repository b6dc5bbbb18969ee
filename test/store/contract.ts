// What every incident store must do, as one suite that runs against each implementation.
import type { Store } from '../../functions/domain/record/store.ts';
import { approvalsContract } from './approvals.contract.ts';
import { incidentsContract } from './incidents.contract.ts';
import { recordsContract } from './records.contract.ts';
import { signalsContract } from './signals.contract.ts';

/** Runs the contract. `create` gives an empty store each time. */
export function storeContract(name: string, create: () => Promise<Store>): void {
  signalsContract(name, create);
  incidentsContract(name, create);
  recordsContract(name, create);
  approvalsContract(name, create);
}
