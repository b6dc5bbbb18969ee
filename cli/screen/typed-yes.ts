// The typed yes of what a person starts by hand in production.
import { NotDone } from './not-done.ts';
import type { Terminal } from './terminal.ts';

/** @throws NotDone where anything else is typed, or nobody can type. */
export async function expectYes({ ask }: Terminal): Promise<void> {
  const typed = await (ask ?? (async () => null))('Type yes to start it, anything else to leave it: ');
  if (typed?.trim() === 'yes') return;
  throw new NotDone(`not started: ${typed === null ? 'there was nobody to type yes' : 'yes was not typed'}`);
}
