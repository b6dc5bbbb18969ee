// Every function of the stacks, by how it is given its input; and a place where all that it does is seen.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorNames } from '../../functions/domain/errors.ts';
import { verbs } from '../../functions/kinds/verbs.ts';
import type { Log, Shell, ShellHandler } from '../../functions/shared/shell.ts';
import type { TableServer } from '../../simulator/aws/table/table.ts';
import type { Call } from '../../simulator/estate/types.ts';
import { createMemoryStore, createMemoryTable } from '../../simulator/memory-store.ts';
import { runIn } from '../../simulator/sdk.ts';
import { setting } from '../functions/setting.ts';
import { plan } from '../plan.ts';

const functions = join(import.meta.dirname, '../../functions');

/** Started by a schedule: what it is given says nothing, and nothing of it is read. */
export const heedless = [
  'check-readiness',
  'keep-backups',
  'keep-cache-exports',
  'keep-ledger',
  'probe-dependencies',
  'rehearse-restores',
  'rejoin-standby',
  'run-canary',
  'send-heartbeat',
  'sweep',
  'write-reports',
];

/** Given events as AWS sends them: each has a test of its own in events.test.ts. */
export const ofEvents = ['classify', 'forward-cache-events', 'report-failure', 'rotate-link-key', 'serve-approval'];

/** The file of each function below functions/, without its ending. */
export const files = [
  ...readdirSync(functions).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -'.ts'.length)] : [])),
  ...Object.entries(verbs).flatMap(([kind, known]) => Object.keys(known).map((verb) => `kinds/${kind}/${verb}`)),
];

export async function handlerOf(file: string): Promise<ShellHandler<unknown, unknown>> {
  return (await import(join(functions, `${file}.ts`))).handler;
}

export type Seen = {
  readonly shell: Shell & { log: { -readonly [Name in keyof Log]: Log[Name] } };
  readonly table: TableServer;
  /** Partitions of the table that were written to. */
  readonly written: string[];
  /** What AWS was asked beside the table: `service Operation`. */
  readonly asked: string[];
  /** Runs a function there. Gives what it threw that no state machine knows, or null. */
  run(file: string, input: unknown): Promise<string | null>;
  /** Runs something else there. */
  within<Result>(act: () => Promise<Result>): Promise<Result>;
};

/** A stack where AWS answers what `answer` says, empty by default. */
export function seen(answer: (call: Call) => unknown = () => ({}), change: Partial<Shell> = {}): Seen {
  const table = createMemoryTable();
  const written: string[] = [];
  const asked: string[] = [];
  const store = createMemoryStore(
    plan,
    async ({ operation, input }) => {
      if (!/^(Get|Query|BatchGet)$/.test(operation)) written.push(partitionOf(input));
    },
    table,
  );
  const shell = setting({ store, ...change });
  const caller = { region: shell.region, step: '', execution: '', incident: '' };
  const heard = async (call: Call): Promise<unknown> => {
    asked.push(`${call.service} ${call.operation}`);
    return answer(call);
  };
  return {
    ...{ shell, table, written, asked },
    within: (act) => runIn({ answer: heard, caller }, act),
    async run(file, input) {
      const handler = await handlerOf(file);
      try {
        await runIn({ answer: heard, caller }, () => handler.on(shell)(input));
        return null;
      } catch (error) {
        const { name, stack } = error instanceof Error ? error : new Error(`threw ${String(error)}`);
        return (errorNames as readonly string[]).includes(name) ? null : `${name}: ${stack}`;
      }
    },
  };
}

function partitionOf(input: Readonly<Record<string, unknown>>): string {
  const { pk } = (input['Item'] ?? input['Key'] ?? {}) as { readonly pk?: unknown };
  return typeof pk === 'string' ? pk : JSON.stringify(Object.keys(input));
}
