// The ids by which AWS knows the requests of a call: the record keeps them, and CloudTrail has each under the same id.
import { AsyncLocalStorage } from 'node:async_hooks';

const answered = new AsyncLocalStorage<string[]>();

/** A call may look at something before it changes it; of more requests the last ones are kept. */
const mostKept = 5;

/** Runs a call; `ids`: of the requests that were answered in it, oldest first, filled as they come, also where it fails. */
export function noteRequestIds<Result>(ids: string[], run: () => Promise<Result>): Promise<Result> {
  return answered.run(ids, run);
}

/** Remembers what AWS called a request, for the call in which it was made; outside of one, nothing. */
export function noteRequestId(id: unknown): void {
  const ids = answered.getStore();
  if (ids === undefined || typeof id !== 'string' || id === '' || ids.includes(id)) return;
  ids.push(id);
  if (ids.length > mostKept) ids.shift();
}

/** The same, of an answer or a fault as SDK clients give them. */
export function noteAnswered(answer: unknown): void {
  const { $metadata } = (answer ?? {}) as { readonly $metadata?: { readonly requestId?: unknown } };
  noteRequestId($metadata?.requestId);
}
