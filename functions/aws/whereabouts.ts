// Finds the executions of a deployment and the states they are in. Changes nothing; the command line asks.
import {
  DescribeExecutionCommand,
  type ExecutionStatus,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { limits, oneForEachRegion } from './client.ts';
import { asking, faultName } from './faults.ts';

const sfn = oneForEachRegion((region) => new SFNClient({ region, ...limits }));

/** An execution. `flow` is its state machine's name without the prefix; times are milliseconds since 1970. */
export type Execution = {
  readonly region: string;
  readonly flow: string;
  readonly name: string;
  readonly arn: string;
  readonly status: ExecutionStatus;
  readonly startedAt: number | null;
};

/**
 * What a deployment's state machines are called: `<prefix>-<flow>`. Another one's prefix may begin with the same
 * letters.
 */
export type Named = { readonly prefix: string; readonly flows: readonly string[] };

/** A state that an execution is in, and since when. A flow that does several things at once is in several. */
export type Whereabouts = { readonly state: string; readonly since: number | null };

/** A history has at most 25,000 events, a page at most 1,000; lists are far shorter. */
const mostPages = 25;

/** The executions that run now, of every flow of a deployment. @throws Unavailable, CannotProceed. */
export async function listRunning(region: string, named: Named): Promise<Execution[]> {
  const machines = await listMachines(region, named);
  const running = await Promise.all(
    machines.map(async ({ arn: stateMachineArn, flow }) => {
      const pages = paged(`list the executions of ${stateMachineArn}`, (nextToken) =>
        sfn(region).send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING', ...nextToken })),
      );
      const found: Execution[] = [];
      for await (const { executions = [] } of pages) {
        for (const { executionArn: arn = '', name = '', status = 'RUNNING', startDate } of executions)
          found.push({ region, flow, name, arn, status, startedAt: startDate?.getTime() ?? null });
      }
      return found;
    }),
  );
  return running.flat();
}

/** The execution of a name, of whichever flow; null where a region has none. @throws Unavailable, CannotProceed. */
export async function findExecution(region: string, named: Named, name: string): Promise<Execution | null> {
  const machines = await listMachines(region, named);
  const found = await Promise.all(
    machines.map(({ arn }) => readExecution(region, named, `${arn.replace(':stateMachine:', ':execution:')}:${name}`)),
  );
  return found.find((execution) => execution !== null) ?? null;
}

/** The execution of an ARN; null where there is none. @throws Unavailable, CannotProceed. */
export async function readExecution(region: string, { prefix }: Named, arn: string): Promise<Execution | null> {
  try {
    const request = new DescribeExecutionCommand({ executionArn: arn });
    const { name = '', status = 'RUNNING', startDate } = await asking(`look at ${arn}`, sfn(region).send(request));
    const flow = (arn.split(':').at(-2) ?? '').slice(prefix.length + 1);
    return { region, flow, name, arn, status, startedAt: startDate?.getTime() ?? null };
  } catch (error) {
    // InvalidName and InvalidArn: of such a name there can be none.
    if (['ExecutionDoesNotExist', 'InvalidArn', 'InvalidName'].includes(faultName(error))) return null;
    throw error;
  }
}

/** The states that a running execution is in, by their entry. @throws Unavailable, CannotProceed. */
export async function readWhereabouts(region: string, arn: string): Promise<Whereabouts[]> {
  const events: HistoryEvent[] = [];
  const pages = paged(`read the history of ${arn}`, (nextToken) =>
    sfn(region).send(
      new GetExecutionHistoryCommand({ executionArn: arn, reverseOrder: true, maxResults: 1000, ...nextToken }),
    ),
  );
  for await (const page of pages) events.push(...(page.events ?? []));
  return statesIn(events);
}

/** Each event names the one before it: those that nothing follows are where the execution is, one for each branch. */
function statesIn(events: readonly HistoryEvent[]): Whereabouts[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const followed = new Set(events.map((event) => event.previousEventId));
  // A redrive takes up every state that had not ended: what came before it says nothing about now.
  const redrivenAt = Math.max(0, ...events.filter(({ type }) => type === 'ExecutionRedriven').map(({ id }) => id ?? 0));
  const fresh = events.filter(({ id = 0 }) => id > redrivenAt);
  const states = new Map<string, Whereabouts>();
  for (const event of fresh.length === 0 ? events : fresh) {
    // A branch that has come to its end is in no state; others beside it may still be at work.
    const ended = event.type?.endsWith('StateExited') === true;
    if (followed.has(event.id) || ended) continue;
    let at: HistoryEvent | undefined = event;
    while (at !== undefined && at.stateEnteredEventDetails === undefined) at = byId.get(at.previousEventId);
    const state = at?.stateEnteredEventDetails?.name;
    if (state !== undefined) states.set(state, { state, since: at?.timestamp?.getTime() ?? null });
  }
  return [...states.values()].sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
}

async function listMachines(
  region: string,
  { prefix, flows }: Named,
): Promise<{ readonly arn: string; readonly flow: string }[]> {
  const pages = paged(`list the state machines of ${region}`, (nextToken) =>
    sfn(region).send(new ListStateMachinesCommand({ maxResults: 1000, ...nextToken })),
  );
  const found: { arn: string; flow: string }[] = [];
  for await (const { stateMachines = [] } of pages) {
    for (const { stateMachineArn: arn = '', name = '' } of stateMachines) {
      const flow = name.slice(prefix.length + 1);
      if (name.startsWith(`${prefix}-`) && flows.includes(flow)) found.push({ arn, flow });
    }
  }
  return found;
}

async function* paged<Page extends { readonly nextToken?: string | undefined }>(
  what: string,
  ask: (next: { nextToken?: string }) => Promise<Page>,
): AsyncGenerator<Page> {
  let nextToken: string | undefined;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const page: Page = await asking(what, ask(nextToken === undefined ? {} : { nextToken }));
    yield page;
    nextToken = page.nextToken;
    if (nextToken === undefined) return;
  }
}
