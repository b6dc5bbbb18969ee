// The schema of plan.yml as editors read it: they complete keys and mark what is wrong while a plan is written. Made of the one
// schema that everything else uses; what parts of a plan say about each other is `check`'s alone.
import * as z from 'zod';
import { schema } from '../functions/domain/plan/plan.ts';

/** The text of plan.schema.json. Keys with a default may be left out. */
export function planSchema(): string {
  const title = 'A disaster-recovery plan of Breakwater';
  // A pattern that is checked by code, such as "a regular expression", is any text to an editor.
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify({ title, ...made }, null, 2)}\n`;
}
