// Sees by what SNS counts that messages do not arrive, although their topic takes them: a mailbox that sends them back. Who can reach the person hears of it,
// and for the rest of the day the person is told by the next channel too.
import { readCounts } from '../../aws/looking/metrics.ts';
import { topicName, topicsTo, undeliveredMark } from '../../domain/plan/channels.ts';
import type { Incident } from '../../domain/types.ts';
import { undeliveredMessage } from '../../domain/words/words.ts';
import type { Shell } from '../shell.ts';
import { tell } from './tell.ts';

/** SNS may try a mailbox for hours before it counts [SNS, "Message delivery retries"]; CloudWatch is minutes late. */
const lookBackMs = 3 * 3_600_000;

/** Each minute while an incident is at work, and once an hour otherwise: what is read has its price. Once a day for each topic. */
export async function tellUndelivered(atWork: readonly Incident[], shell: Shell): Promise<void> {
  const { plan, region, prefix, now, store, log } = shell;
  const isOnTheHour = new Date(now()).getUTCMinutes() === 0;
  if (atWork.length === 0 && !isOnTheHour) return;
  const { contacts, approval, notifications } = plan;
  const ways = Object.entries(contacts).flatMap(([role, contact]) =>
    topicsTo(role, contact).map((way) => ({ role, way, topic: topicName(way.of, prefix) })),
  );
  const metrics = ways.map(({ topic }) => ({
    namespace: 'AWS/SNS',
    name: 'NumberOfNotificationsFailed',
    dimensions: { TopicName: topic },
    stat: 'Sum' as const,
  }));
  const counts = await readCounts(region, metrics, now() - lookBackMs, now()).catch((error: unknown) => {
    log.warn('not known which messages arrive', { error: String(error) });
    return [];
  });
  const failures: unknown[] = [];
  for (const [index, { role, way, topic }] of ways.entries()) {
    const { count, lastAt } = counts[index] ?? { count: 0, lastAt: null };
    if (lastAt === null) continue;
    const mark = undeliveredMark(way.of, region, lastAt);
    // Kept before anybody is told: the message itself goes by the next channel too.
    if (!(await store.wasSent(mark))) await store.markSent(mark, now());
    const hasOther = (contacts[role]?.next ?? []).length > 0;
    const others = [...approval.escalation, ...notifications.failure].filter((one) => one !== role);
    const roles = [...(hasOther ? [role] : []), ...new Set(others)];
    const found = { role, channel: way.channel, topic, region, count, hasOther };
    const message = undeliveredMessage(found, plan, atWork[0] ?? null, lastAt);
    // One that nobody can be told costs no other.
    await tell({ id: mark, message, of: null, swept: true }, roles, shell).catch((error: unknown) =>
      failures.push(error),
    );
  }
  if (failures.length > 0) throw failures[0];
}
