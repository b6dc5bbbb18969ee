// Desired state: the fence watch goes on in a fresh execution, whatever became of its flow: an abort of that does not end it.
import * as z from 'zod';
import { handOver, WatchInput } from './shared/fencing/fence-watch.ts';
import { onInput } from './shared/shell.ts';

/** Of the watch that hands over: its own execution, which of its flow's watches it is, since when they watch, and the assets that they have not fenced. */
const HandOverInput = WatchInput.extend({
  watch: z.string().min(1),
  start: z.int().positive(),
  since: z.iso.datetime(),
  left: z.array(z.string().min(1)).min(1),
});

/** Safe to repeat. @throws Aborted where a person ended this watch, CannotProceed after the plan's days, Unavailable. */
export const handler = onInput(HandOverInput, async ({ incident, start, since, left }, shell) => {
  const next = await handOver(incident, { start, since, left }, shell);
  shell.log.info('fence watch handed over', { incident: incident.id, execution: incident.execution, watch: next });
  return { watch: next };
});
