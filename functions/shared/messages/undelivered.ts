// Sees by what SNS counts that messages do not arrive, although their topic takes them: a mailbox that sends them back. Who can reach the person hears of it,
// and for a day the person is told by the next channel too.
import { readCounts } from '../../aws/looking/metrics.ts';
import { topicName, topicsTo, undeliveredMark, waysTo } from '../../domain/plan/channels.ts';
import type { Incident } from '../../domain/types.ts';
import { type Undelivered, undeliveredMessage } from '../../domain/words/words.ts';
import type { Shell } from '../shell.ts';
import { tell } from './tell.ts';

/** SNS may try a mailbox for hours before it counts [SNS, "Message delivery retries"]; CloudWatch is minutes late. */
const lookBackMs = 3 * 3_600_000;

/**
 * Each minute while an incident is at work, and once an hour otherwise: what is read has its price. One message about all that is new: once a day
 * for each topic, and once for each incident. @throws what kept everybody from hearing it: it is tried again.
 */
export async function tellUndelivered(atWork: readonly Incident[], shell: Shell): Promise<void> {
  const { plan, region, now, store } = shell;
  const isOnTheHour = new Date(now()).getUTCMinutes() === 0;
  if (atWork.length === 0 && !isOnTheHour) return;
  const incident = atWork[0] ?? null;
  const found = await undelivered(shell);
  const marked = await Promise.all(
    found.map(async (one) => {
      // Kept before anybody is told: the message itself goes by the next channel too.
      const mark = undeliveredMark(one.of, region, now());
      if (!(await store.wasSent(mark))) await store.markSent(mark, now());
      const told = `${undeliveredMark(one.of, region, one.lastAt)}${incident === null ? '' : `/${incident.id}`}/told`;
      return { ...one, told, isNews: !(await store.wasSent(told)) };
    }),
  );
  const news = marked.filter(({ isNews }) => isNews);
  if (news.length === 0) return;
  const { approval, notifications } = plan;
  // Who has no other channel would hear of it by the one that fails.
  const reachable = news.flatMap(({ role, others }) => (others.length > 0 ? [role] : []));
  const affected = new Set(news.flatMap(({ role, isFirst }) => (isFirst ? [role] : [])));
  const others = [...approval.escalation, ...notifications.failure].filter((role) => !affected.has(role));
  const reached = new Set([...reachable, ...others]);
  // Where nobody else is left, another address of the same topic may hear it.
  const roles = [...(reached.size > 0 ? reached : affected)];
  const id = `undelivered/${news.map(({ told }) => told).join(',')}`;
  await tell({ id, message: undeliveredMessage(news, plan, incident), of: null, swept: true }, roles, shell);
  await Promise.all(news.map(({ told }) => store.markSent(told, now())));
}

/** What SNS could not deliver lately, by topic. What CloudWatch does not answer stops nothing. */
async function undelivered({ plan, region, prefix, now, log }: Shell): Promise<(Undelivered & { of: string })[]> {
  const ways = Object.entries(plan.contacts).flatMap(([role, contact]) =>
    topicsTo(role, contact).map((way) => ({ role, contact, way, topic: topicName(way.of, prefix) })),
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
  const lost = ways.flatMap((one, index) => {
    const { count, lastAt } = counts[index] ?? { count: 0, lastAt: null };
    return lastAt === null ? [] : [{ ...one, count, lastAt }];
  });
  const isLost = (of: string) => lost.some(({ way }) => way.of === of);
  return lost.map(({ role, contact, way, topic, count, lastAt }) => {
    const all = waysTo(role, contact);
    const working = all.filter((other) => other.by === 'post' || !isLost(other.of));
    const isFirst = all[0].by === 'topic' && all[0].of === way.of;
    return {
      ...{ role, topic, region, count, lastAt, of: way.of, channel: way.channel, isFirst },
      others: working.map(({ channel }) => channel),
    };
  });
}
