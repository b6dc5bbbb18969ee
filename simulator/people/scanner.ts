// Mail scanners in a drill: they follow every link of every mail, guess what a query may do, and submit each form as they
// find it. None of it may approve anything.
import type { Stack } from '../aws/stack.ts';
import { wait } from '../clock.ts';
import type { Clock, Message } from '../estate/types.ts';
import { formsIn, linksIn, submit, visit } from './visitor.ts';

/** A mail is scanned as it is delivered, and again when it is opened. */
const scansAfterMs = [2_000, 60_000];

const guesses = [
  'approve=true',
  'answer=approve',
  'action=approve&confirm=yes',
  'decision=approved&method=POST&_method=POST',
] as const;

/** Scans the links of a message; each scanner has an address of its own. */
export function createScanner(clock: Clock, stackOf: (link: URL) => Stack | null): (message: Message) => void {
  let scanners = 0;

  const scan = async (link: URL): Promise<void> => {
    const stack = stackOf(link);
    if (stack === null) return;
    scanners += 1;
    const address = `2001:db8:${Math.floor(scanners / 65_536).toString(16)}:${(scanners % 65_536).toString(16)}::1`;
    const path = link.pathname;
    await visit(stack, { method: 'HEAD', path, address });
    const { body } = await visit(stack, { method: 'GET', path, address });
    for (const query of guesses) {
      await visit(stack, { method: 'HEAD', path, query, address });
      await visit(stack, { method: 'GET', path, query, address });
    }
    for (const fields of formsIn(body)) await submit(stack, path, fields, address);
  };

  return ({ body }) => {
    for (const link of linksIn(body)) {
      for (const ms of scansAfterMs) void wait(clock, ms).then(() => scan(link));
    }
  };
}
