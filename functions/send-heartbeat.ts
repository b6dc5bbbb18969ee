// Says every minute that this region's stack is alive, here and to the peer: as an event, and as a measure that an alarm
// of each region misses.
import { putEvent } from './aws/events.ts';
import { writeMeasures } from './aws/looking/metrics.ts';
import { busName, heartbeatEvent } from './domain/signals/own-events.ts';
import { peerOf } from './shared/estate.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** By its schedule. */
const everySeconds = 60;

/** A peer that does not answer is no failure of this stack; its own region is. @throws Unavailable, CannotProceed. */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => {
  const { region, plan, prefix, log } = shell;
  const peer = peerOf(region, plan);
  await Promise.all([
    beat(region, shell),
    peer === null
      ? null
      : beat(peer, shell).catch((error) => log.warn('peer not told', { peer, prefix, error: String(error) })),
  ]);
});

/** The measure is what the alarm rests on, so that a bus that fails does not stop it. */
async function beat(to: string, { region, plan, prefix, now }: Shell): Promise<void> {
  const at = now();
  const detail = {
    application: plan.application,
    sourceRegion: region,
    sentBy: `${prefix}-send-heartbeat`,
    everySeconds,
  };
  const told = await Promise.allSettled([
    writeMeasures(to, prefix, [{ metric: 'Heartbeat', dimensions: { Region: region }, value: 1 }], at),
    putEvent(to, busName(prefix), { ...heartbeatEvent(plan), detail, at }),
  ]);
  for (const one of told) if (one.status === 'rejected') throw one.reason;
}
