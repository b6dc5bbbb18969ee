// The events that Breakwater itself puts on the application's bus, named as the plan's rules want to read them.
import { CannotProceed } from './errors.ts';
import type { Plan } from './plan.ts';

/** The bus that a stack has for the application's events: its policy says who may put them there (infrastructure/bus.ts). */
export function busName(prefix: string): string {
  return `${prefix}-events`;
}

/** What Breakwater alone tells of: a source ends with one of these. No sender of the plan may. */
export const ownSources = { heartbeat: 'heartbeat', canary: 'canary', probe: 'probe', cache: 'elasticache' } as const;

export type OwnEvent = { readonly source: string; readonly detailType: string };

/** The event that a stack says it is alive with. @throws CannotProceed where no rule of the plan would read it. */
export function heartbeatEvent(plan: Plan): OwnEvent {
  return named(ownSources.heartbeat, 'beat', plan);
}

/** The event that a run of a canary is told with. @throws CannotProceed where no rule of the plan would read it. */
export function canaryRunEvent(plan: Plan): OwnEvent {
  return named(ownSources.canary, 'canary-run', plan);
}

/** The event that a run of the probes is told with. @throws CannotProceed where no rule of the plan would read it. */
export function probeRunEvent(plan: Plan): OwnEvent {
  return named(ownSources.probe, 'probe-run', plan);
}

/** The event that a message of ElastiCache is forwarded in. @throws CannotProceed where no rule of the plan would read it. */
export function cacheEvent(plan: Plan): OwnEvent {
  return named(ownSources.cache, 'cache', plan);
}

/** The source is fixed: the functions that put these events may put no other. */
function named(name: string, kind: Plan['signals']['events'][number]['kind'], plan: Plan): OwnEvent {
  const source = `${plan.application}.${name}`;
  const rule = plan.signals.events.find((known) => known.source === source && known.kind === kind);
  if (rule === undefined) throw new CannotProceed(`signals.events has no rule for ${source} with kind ${kind}`);
  return { source, detailType: rule.detailType };
}

/**
 * What ElastiCache said in a message, as the detail of an event. What is no object of JSON is kept as text: it becomes a
 * stray, and is not lost.
 */
export function cacheDetail(message: string): Readonly<Record<string, unknown>> {
  try {
    const said: unknown = JSON.parse(message);
    if (typeof said === 'object' && said !== null && !Array.isArray(said)) return { ...said };
  } catch {
    // no JSON
  }
  return { text: message };
}
