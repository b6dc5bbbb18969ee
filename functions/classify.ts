// Reads events from the signals queue, keeps what they say, and responds to what it means. Many copies run at once.
import type { SQSBatchResponse } from 'aws-lambda';
import * as z from 'zod';
import { CannotProceed } from './domain/errors.ts';
import { isGoodNews, supersedes } from './domain/evidence/picture.ts';
import type { Plan } from './domain/plan/plan.ts';
import { asRolesStand } from './domain/roles.ts';
import { readEvent } from './domain/signals/signals.ts';
import type { Signal } from './domain/types.ts';
import { respond } from './shared/judgement/respond.ts';
import { onEvent, parsed, type Shell } from './shared/shell.ts';

/** The parts of a batch of SQS that are read here. */
const Batch = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });
type Message = z.infer<typeof Batch>['Records'][number];
/** A request to look at a region again; one of a release before has no chain. */
const Look = z.object({ lookAgain: z.string(), chain: z.int().min(1).catch(1) });

/** A sender's clock may be off by this much, and counts as ours then. What is later is no event of now. */
const furthestAheadMs = 300_000;
/** An id and a reason may hold all of an event, which is in the table. */
const longestInLog = 300;

/**
 * One event is one signal, a stray, or a request to look again, and costs only itself, whatever it says. What counts
 * comes first: signals are kept, regions are judged where one is no good news, strays are kept. What could not be
 * done for a record is done when it is delivered again; doing it twice changes nothing. @throws the first failure where no
 * record was spared: then the function counts as failing.
 */
export const handler = onEvent(async (event: unknown, shell: Shell): Promise<SQSBatchResponse> => {
  const { Records } = parsed(Batch, event);
  const failed = new Map<Message, unknown>();
  const forAll = async (records: readonly Message[], what: string, run: () => Promise<unknown>): Promise<void> => {
    if (records.length === 0) return;
    try {
      await run();
    } catch (error) {
      shell.log.error(what, { records: records.length, error: String(error) });
      for (const record of records) failed.set(record, error);
    }
  };
  // What canaries and replicas tell is about who serves users by now.
  const plan = asRolesStand(shell.plan, await shell.store.readRoles());
  const { signals, looks, strays } = read(Records, plan, shell);
  await forAll(recordsOf(signals), 'signals not kept', async () => strays.push(...(await keep(signals, shell))));
  // Nine of ten signals are good news, and the next sweep is soon enough for them.
  const news = signals.filter(({ signal }) => !isGoodNews(signal));
  // What one run sends continues the longest chain that it was begun by.
  const chain = Math.max(0, ...looks.map((look) => look.chain));
  for (const region of Object.keys(shell.plan.regions)) {
    const about = [...news, ...looks].filter((one) => one.region === region && !failed.has(one.record));
    await forAll(recordsOf(about), 'region not judged', () => respond(region, shell, chain));
  }
  for (const { record, reason } of strays)
    await forAll([record], 'stray not kept', () => keepStray(record, reason, shell));
  const [[, first] = []] = failed;
  if (failed.size > 0 && failed.size === Records.length) throw first;
  return { batchItemFailures: [...failed.keys()].map(({ messageId }) => ({ itemIdentifier: messageId })) };
});

/** What a record says: a signal, that a region is to be looked at again, or nothing, and why. */
type Said = { readonly record: Message };
type SignalSaid = Said & { readonly signal: Signal; readonly region: string };
type LookSaid = Said & { readonly region: string; readonly chain: number };
type StraySaid = Said & { readonly reason: string };

function read(records: readonly Message[], plan: Plan, { account, now: clock }: Shell) {
  const now = clock();
  const signals: SignalSaid[] = [];
  const looks: LookSaid[] = [];
  const strays: StraySaid[] = [];
  for (const record of records) {
    const event = parse(record.body);
    const look = Look.safeParse(event).data;
    if (look !== undefined) {
      looks.push({ record, region: look.lookAgain, chain: look.chain });
      continue;
    }
    const reading = readEvent(event, plan, account);
    if ('stray' in reading) strays.push({ record, reason: reading.stray });
    else if (reading.signal.at > now + furthestAheadMs)
      strays.push({ record, reason: `time ${new Date(reading.signal.at).toISOString()} lies ahead` });
    else signals.push({ record, region: reading.signal.region, signal: { ...reading.signal, seenAt: now } });
  }
  return { signals: asOfNow(signals, now), looks, strays };
}

/**
 * No signal is of the future: it would hide its key until then, and every true one that comes meanwhile. One that is ahead counts from
 * now on; of several with one key that are ahead, the last of them.
 */
function asOfNow(said: readonly SignalSaid[], now: number): SignalSaid[] {
  const last = new Map<string, SignalSaid>();
  for (const one of said) {
    const known = last.get(one.signal.key);
    if (one.signal.at > now && (known === undefined || supersedes(one.signal, known.signal)))
      last.set(one.signal.key, one);
  }
  return said.flatMap((one) => {
    if (one.signal.at <= now) return [one];
    return last.get(one.signal.key) === one ? [{ ...one, signal: { ...one.signal, at: now } }] : [];
  });
}

/** Keeps signals. What the store refuses, whatever comes with it, is a stray. @throws Unavailable. */
async function keep(said: readonly SignalSaid[], { store }: Shell): Promise<StraySaid[]> {
  const refusal = async (some: readonly SignalSaid[]): Promise<string | null> => {
    try {
      await store.keepSignals(some.map(({ signal }) => signal));
      return null;
    } catch (error) {
      if (error instanceof CannotProceed) return error.message;
      throw error;
    }
  };
  if ((await refusal(said)) === null) return [];
  const strays: StraySaid[] = [];
  for (const one of said) {
    const reason = await refusal([one]);
    if (reason !== null) strays.push({ record: one.record, reason });
  }
  return strays;
}

function recordsOf(said: readonly Said[]): Message[] {
  return said.map(({ record }) => record);
}

async function keepStray({ body, messageId }: Message, reason: string, shell: Shell): Promise<void> {
  const event = parse(body);
  const named = typeof event === 'object' && event !== null && 'id' in event && typeof event.id === 'string';
  const id = named ? String(event.id) : messageId;
  shell.log.warn('stray event kept', { id: id.slice(0, longestInLog), reason: reason.slice(0, longestInLog) });
  await shell.store.keepStray({ id, at: shell.now(), reason, event: body });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
