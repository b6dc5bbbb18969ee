// Speaks to AWS FIS (REST and JSON, signed here because its SDK client of today is not in the registry): starts an experiment from a template of
// the stack's, sees how it goes, and ends it.
import { oneForEachRegion } from './calls/client.ts';
import { calling, faultName } from './calls/faults.ts';
import { callSigned } from './calls/signed.ts';
import type { Unsigned } from './calls/signing.ts';

/** One request, as an SDK client would name it. */
export type FisCommand =
  | {
      readonly operation: 'StartExperiment';
      readonly input: { readonly clientToken: string; readonly experimentTemplateId: string };
    }
  | { readonly operation: 'GetExperiment' | 'StopExperiment'; readonly input: { readonly id: string } };

type Answer = {
  readonly experiment?: {
    readonly id?: string;
    readonly state?: { readonly status?: string; readonly reason?: string };
  };
};

const fisService = { service: 'fis', variable: 'FIS' };

/** A client of the shape that SDK clients have: `send` takes a command, `config` says which region it asks, and how often. */
export class FisClient {
  readonly config: { readonly region: () => Promise<string>; readonly maxAttempts: () => Promise<number> };

  constructor({ region }: { readonly region: string }) {
    this.config = { region: async () => region, maxAttempts: async () => 1 };
  }

  /** Asks once: the state machine asks again. @throws ServiceFault, and what fetch throws. */
  async send(command: FisCommand): Promise<Answer> {
    const region = await this.config.region();
    return JSON.parse(await callSigned(httpOf(command), fisService, region));
  }
}

function httpOf({ operation, input }: FisCommand): Omit<Unsigned, 'endpoint'> {
  switch (operation) {
    case 'StartExperiment':
      return { method: 'POST', segments: ['experiments'], body: JSON.stringify(input) };
    case 'GetExperiment':
      return { method: 'GET', segments: ['experiments', input.id] };
    case 'StopExperiment':
      return { method: 'DELETE', segments: ['experiments', input.id] };
  }
}

const fis = /* @__PURE__ */ oneForEachRegion((region) => new FisClient({ region }));

/** `begins`: it has broken nothing yet; `goes`: it acts, or ends; `over`: all was done; `stopped`: an alarm or a person ended it; `failed`: also where it found no target. */
export type Experiment = { readonly state: 'begins' | 'goes' | 'over' | 'stopped' | 'failed'; readonly why: string };

const states: Readonly<Record<string, Experiment['state']>> = {
  pending: 'begins',
  initiating: 'begins',
  running: 'goes',
  stopping: 'goes',
  completed: 'over',
  stopped: 'stopped',
  cancelled: 'stopped',
  failed: 'failed',
};

/** Gives its id. The token makes this safe to repeat: FIS starts one experiment for it. @throws Unavailable, CannotProceed. */
export async function startExperiment(
  region: string,
  experimentTemplateId: string,
  clientToken: string,
): Promise<string> {
  const input = { clientToken, experimentTemplateId };
  const request = fis(region).send({ operation: 'StartExperiment', input });
  return (await calling(`start an experiment of template ${experimentTemplateId}`, request)).experiment?.id ?? '';
}

/** Null where FIS does not know it (any more). @throws Unavailable, CannotProceed. */
export async function seeExperiment(region: string, id: string): Promise<Experiment | null> {
  try {
    const request = fis(region).send({ operation: 'GetExperiment', input: { id } });
    const { status = '', reason = '' } = (await calling(`look at experiment ${id}`, request)).experiment?.state ?? {};
    return { state: states[status] ?? 'goes', why: reason === '' ? status : `${status}: ${reason}` };
  } catch (error) {
    if (faultName(error) === 'ResourceNotFoundException') return null;
    throw error;
  }
}

/** Ends what it breaks, where that can be ended. @throws Unavailable, CannotProceed: also where it was over by then. */
export async function stopExperiment(region: string, id: string): Promise<void> {
  await calling(`stop experiment ${id}`, fis(region).send({ operation: 'StopExperiment', input: { id } }));
}
