// Forwards what a node-based ElastiCache group tells its SNS topic to this region's bus: it tells EventBridge nothing.
import type { SNSEvent } from 'aws-lambda';
import { putEvent } from './aws/events.ts';
import { busName, cacheDetail, cacheEvent } from './domain/signals/own-events.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** Delivered again as a whole where the bus did not take it: an event that is read twice changes nothing. */
export const handler = onEvent(async ({ Records }: SNSEvent, { region, plan, prefix, log }: Shell): Promise<void> => {
  for (const { Sns } of Records) {
    const detail = cacheDetail(Sns.Message);
    await putEvent(region, busName(prefix), { ...cacheEvent(plan), detail, at: Date.parse(Sns.Timestamp) });
    log.info('forwarded', { messageId: Sns.MessageId, said: Object.keys(detail)[0] ?? '' });
  }
});
