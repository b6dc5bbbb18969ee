// Asks every minute whether the control planes of the plan's hard dependencies answer in the peer region: what a region
// says about itself is worth nothing once it is lost. The alarms on its measures stand until they say otherwise; the run
// itself is an event, since two in a row that failed say the same before an alarm does.
import { putEvent } from './aws/events.ts';
import { callControlPlane } from './aws/looking/control-planes.ts';
import { writeMeasures } from './aws/looking/metrics.ts';
import { firstOf, type Kind, standsIn } from './domain/plan/assets.ts';
import type { Plan } from './domain/plan/plan.ts';
import { busName, probeRunEvent } from './domain/signals/own-events.ts';
import { askable, probeValue } from './domain/signals/probe.ts';
import { peerOf } from './shared/estate.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/**
 * A service that cannot be asked gives no value: its alarm has no data, which is unknown and never good. @throws Unavailable where
 * neither measure nor event is told.
 */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => {
  const { region, plan, prefix, now, log } = shell;
  const target = peerOf(region, plan);
  if (target === null) return;
  const at = now();
  const known = {
    cluster: firstName('eks-cluster', target, plan),
    database: firstName('rds-instance', target, plan),
    cache: firstName('elasticache', target, plan),
    table: prefix,
  };
  const asked = await Promise.all(
    plan.dependencies.hard.map(async (service) => {
      if (!askable(plan).includes(service)) {
        log.error('no probe for this dependency', { dependency: service });
        return [];
      }
      const status = await callControlPlane(target, service, known);
      if (status !== 200) log.warn('control plane', { dependency: service, region: target, status });
      return [{ service, value: probeValue(status) }];
    }),
  );
  const answers = asked.flat();
  const measures = answers.map(({ service, value }) => ({
    metric: 'Probe',
    dimensions: { Service: service, Region: target },
    value,
  }));
  const failing = answers.flatMap(({ service, value }) => (value === 0 ? [service] : []));
  const told = await Promise.allSettled([
    writeMeasures(region, prefix, measures, at),
    putEvent(region, busName(prefix), {
      ...probeRunEvent(plan),
      detail: { observer: region, region: target, failing },
      at,
    }),
  ]);
  for (const one of told) if (one.status === 'rejected') throw one.reason;
});

/** What a control plane can be asked about: the first of a kind; nothing is asked about a kind that is not there. */
function firstName(kind: Kind, region: string, plan: Plan): string {
  const asset = firstOf(kind, plan);
  return asset === null ? '' : (standsIn(region, asset)[0] ?? '');
}
