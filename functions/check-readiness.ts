// Looks every five minutes, and when a database or cache changes, whether this region could take over; keeps what it saw
// and measures it, so that readiness that is lost is heard of before it is needed.
import { writeMeasures } from './aws/looking/metrics.ts';
import { readinessLost, sinceBefore } from './domain/recovery/readiness.ts';
import { lookAtReadiness } from './shared/readiness.ts';
import { noteCovered } from './shared/recovery/covered.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** The measures go first: an alarm hears of a table that cannot be written. @throws Unavailable, CannotProceed. */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => {
  const { prefix, store, log } = shell;
  const readiness = await lookAtReadiness(shell);
  const { region, at, checks } = readiness;
  for (const { check, state, why } of checks) if (state !== 'ready') log.warn('not ready', { check, state, why });
  const lost = { metric: 'ReadinessLost', dimensions: { Region: region }, value: readinessLost(checks) };
  // How many, and not each: which one stands in the record and in the log, and a measure of its own has its price.
  await writeMeasures(region, prefix, [lost], at);
  const [before, standing] = await Promise.all([store.readReadiness(region), store.readStanding(region)]);
  // A look that began before the roles moved, or as that of the primary, says nothing of a takeover.
  const isTakeover = checks.some(({ check }) => check === 'latches' || check === 'record');
  const isCovered = standing.primary !== region && isTakeover && at > (standing.movedAt ?? 0);
  const seen = sinceBefore(readiness, before, isCovered ? standing.movedAt : null);
  await noteCovered(seen, standing, shell);
  await store.keepReadiness(seen);
});
