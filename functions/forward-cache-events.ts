// Forwards what a node-based ElastiCache group tells its SNS topic to this region's bus: it tells EventBridge nothing.
import * as z from 'zod';
import { putEvent } from './aws/events.ts';
import { busName, cacheDetail, cacheEvent } from './domain/signals/own-events.ts';
import { onEvent, parsed, type Shell } from './shared/shell.ts';

/** The parts of an event of SNS that are read here. */
const Messages = z.object({
  Records: z.array(
    z.object({ Sns: z.object({ MessageId: z.string(), Message: z.string(), Timestamp: z.iso.datetime() }) }),
  ),
});

/** Delivered again as a whole where the bus did not take it: an event that is read twice changes nothing. */
export const handler = onEvent(async (event: unknown, { region, plan, prefix, log }: Shell): Promise<void> => {
  for (const { Sns } of parsed(Messages, event).Records) {
    const detail = cacheDetail(Sns.Message);
    await putEvent(region, busName(prefix), { ...cacheEvent(plan), detail, at: Date.parse(Sns.Timestamp) });
    log.info('forwarded', { messageId: Sns.MessageId, said: Object.keys(detail)[0] ?? '' });
  }
});
