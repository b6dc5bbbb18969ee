// The events that Breakwater itself puts on the application's bus, named as the plan's rules want to read them.
import { CannotProceed } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';

/** The bus that a stack has for the application's events: its policy says who may put them there (infrastructure/events/bus.ts). */
export function busName(prefix: string): string {
  return `${prefix}-events`;
}

/** What Breakwater alone tells of: a source ends with one of these. No sender of the plan may. */
export const ownSources = { heartbeat: 'heartbeat', canary: 'canary', probe: 'probe', cache: 'elasticache' } as const;

type Name = keyof typeof ownSources;
type Rule = Plan['signals']['events'][number];

/** The kind that each is read as. */
const kinds = { heartbeat: 'beat', canary: 'canary-run', probe: 'probe-run', cache: 'cache' } as const;

export type OwnEvent = { readonly source: string; readonly detailType: string };

/** The event that a stack says it is alive with. @throws CannotProceed where no rule of the plan would read it. */
export function heartbeatEvent(plan: Plan): OwnEvent {
  return named('heartbeat', plan);
}

/** The event that a run of a canary is told with. @throws CannotProceed where no rule of the plan would read it. */
export function canaryRunEvent(plan: Plan): OwnEvent {
  return named('canary', plan);
}

/** The event that a run of the probes is told with. @throws CannotProceed where no rule of the plan would read it. */
export function probeRunEvent(plan: Plan): OwnEvent {
  return named('probe', plan);
}

/** The event that a message of ElastiCache is forwarded in. @throws CannotProceed where no rule of the plan would read it. */
export function cacheEvent(plan: Plan): OwnEvent {
  return named('cache', plan);
}

/** The source is fixed: the functions that put these events may put no other. */
function named(name: Name, plan: Plan): OwnEvent {
  const { source, kind, rule } = ruleFor(name, plan);
  if (rule === undefined) throw new CannotProceed(`signals.events has no rule for ${source} with kind ${kind}`);
  return { source, detailType: rule.detailType };
}

function ruleFor(name: Name, plan: Plan) {
  const [source, kind] = [`${plan.application}.${ownSources[name]}`, kinds[name]];
  return { source, kind, rule: plan.signals.events.find((known) => known.source === source && known.kind === kind) };
}

/** What Breakwater puts every minute, whatever the plan protects, and no rule of the plan would read. */
export function unreadEvents(plan: Plan): Pick<Rule, 'source' | 'kind'>[] {
  const always = ['heartbeat', 'canary', 'probe'] as const;
  return always.map((name) => ruleFor(name, plan)).filter(({ rule }) => rule === undefined);
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
