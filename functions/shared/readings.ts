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
  // Made when it is asked for: a run calls a few of some seventy methods.
  return new Proxy({} as Store, {
    get(_, name) {
      const method: unknown = Reflect.get(store, name);
      if (typeof name !== 'string' || !isMethod(method)) return method;
      return reading.test(name) ? read(name, method) : write(method);
    },
  });
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}
