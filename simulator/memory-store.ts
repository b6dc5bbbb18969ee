// The incident store on a table in memory: the real store, for code that runs outside of a drill.
import { dynamoStore } from '../functions/aws/store/store.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import type { Damaged, Store } from '../functions/domain/record/store.ts';
import { createTableServer, readOnce, type TableServer } from './aws/table/table.ts';
import type { Call } from './estate/types.ts';
import { runIn } from './sdk.ts';

const tableName = 'breakwater-memory';

const damaged: Damaged = (items) => {
  throw new Error(`a table in memory holds items that cannot be read: ${JSON.stringify(items)}`);
};

/** `gate` is awaited before each command, and may delay or refuse it. Stores of one server see one truth. */
export function createMemoryStore(
  plan: Plan,
  gate: (call: Call) => Promise<void> = async () => {},
  server: TableServer = createMemoryTable(),
): Store {
  const { primary: region } = plan.roles;
  const context = {
    answer: async (call: Call) => {
      await gate(call);
      return server.answer(call.operation, call.input);
    },
    caller: { region, step: '', execution: '', incident: '' },
  };
  return inContext(dynamoStore(region, tableName, plan, damaged, readOnce), (run) => runIn(context, run));
}

/** A table for stores that share it. */
export function createMemoryTable(): TableServer {
  return createTableServer(tableName);
}

type Method = (...values: unknown[]) => Promise<unknown>;
type Around = (run: () => Promise<unknown>, method: keyof Store, values: readonly unknown[]) => Promise<unknown>;

/** Each method of a store with something around it. */
export function inContext(store: Store, around: Around): Store {
  const methods = Object.entries(store as unknown as Record<string, Method>).map(([name, method]) => [
    name,
    (...values: unknown[]) => around(() => method.apply(store, values), name as keyof Store, values),
  ]);
  return Object.fromEntries(methods) as Store;
}
