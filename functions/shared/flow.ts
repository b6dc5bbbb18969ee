// What every step of a flow is given: the incident that the flow's first state found or opened.
import * as z from 'zod';

/** Times are milliseconds since 1970. `zone` is a zone id; null where the flow is not about one zone. */
export const FlowIncident = z.strictObject({
  id: z.string().min(1),
  region: z.string().min(1),
  zone: z.string().min(1).nullable(),
  reason: z.string(),
  requestedBy: z.string(),
  dryRun: z.boolean(),
  drill: z.boolean(),
  execution: z.string().min(1),
  /** When the trouble began: the incident's first evidence, or a manual start's own start. */
  since: z.number(),
  startedAt: z.number(),
});
export type FlowIncident = Readonly<z.infer<typeof FlowIncident>>;

/** The input of a step that needs nothing but the incident. */
export const StepInput = z.strictObject({ incident: FlowIncident });

/** The input of a step that works on one zone. */
export const ZoneStepInput = z.strictObject({ incident: FlowIncident.extend({ zone: z.string().min(1) }) });
export type ZoneIncident = z.infer<typeof ZoneStepInput>['incident'];

/** Incidents that a manual start opened; their flow or the classifier closes them. */
export function isManual(incident: { readonly id: string }): boolean {
  return incident.id.startsWith('manual-');
}

/** The incident that a manual start opens. */
export function manualIncidentId(execution: string): string {
  return `manual-${execution}`;
}
