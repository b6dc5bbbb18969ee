// Within one run of a function, what was just read from the store is not read again: fewer calls, and fewer that can fail.
import type { Store } from '../domain/record/store.ts';

/** So long a reading holds within a run, in milliseconds: a run that waits looks again. */
const holdsMs = 1_000;

const reading = /^(read|list|countStrays|wasSent)/;

type Method = (...given: unknown[]) => Promise<unknown>;

/** The store as one run sees it. Whatever it writes ends every reading, and so does a read that fails. */
export function withReadings(store: Store, now: () => number): Store {
  const readings = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();
  const read =
    (name: string, method: Method): Method =>
    (...given) => {
      const key = JSON.stringify([name, ...given]);
      const known = readings.get(key);
      if (known !== undefined && Math.abs(now() - known.at) < holdsMs) return known.answer;
      const answer = method(...given);
      readings.set(key, { at: now(), answer });
      answer.catch(() => readings.delete(key));
      return answer;
    };
  const write =
    (method: Method): Method =>
    async (...given) => {
      readings.clear();
      // What was read while the write was on its way may be older than it.
      return method(...given).finally(() => readings.clear());
    };
  const methods = methodsOf(store).map(
    ({ name, method, reads }) => [name, reads ? read(name, method) : write(method)] as const,
  );
  return Object.fromEntries(methods) as unknown as Store;
}

type Known = { readonly name: string; readonly method: Method; readonly reads: boolean };

/** A function runs again and again on one store: its methods are looked through once. */
function methodsOf(store: Store): readonly Known[] {
  const known =
    methods.get(store) ??
    Object.entries<Method>(store as unknown as Record<string, Method>).map(([name, method]) => ({
      ...{ name, method },
      reads: reading.test(name),
    }));
  methods.set(store, known);
  return known;
}
const methods = new WeakMap<Store, readonly Known[]>();
