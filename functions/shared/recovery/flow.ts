// What every step of a flow is given: the incident that the flow's first state found or opened.
import * as z from 'zod';
import { flows } from '../../domain/flows.ts';
import { modes } from '../../domain/types.ts';

const mode = z.enum(modes);

/** Times are milliseconds since 1970. `zone` is a zone id; null where the flow is not about one zone. */
export const FlowIncident = z.strictObject({
  id: z.string().min(1),
  /** Which flow works on it; nothing else says that. */
  flow: z.enum(flows),
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
  /** Of region-failover only: what kind it is, which region takes over, and the epoch that it began in. */
  mode: mode.optional(),
  /** Since when data is corrupted, as a person said: what comes back comes from before that. */
  corruptedSince: z.number().optional(),
  /** The one asset that a restore brings back; where left out, all that can be restored. */
  asset: z.string().min(1).optional(),
  standby: z.string().min(1).optional(),
  epoch: z.int().nonnegative().optional(),
  /** Started by hand, and not by a decision that is in the record. */
  manual: z.boolean().optional(),
});
export type FlowIncident = Readonly<z.infer<typeof FlowIncident>>;

/** The input of a step that needs nothing but the incident. */
export const StepInput = z.strictObject({ incident: FlowIncident });

/** The input of a step that works on one zone. */
export const ZoneStepInput = z.strictObject({
  incident: FlowIncident.extend({ flow: z.literal('az-failover'), zone: z.string().min(1) }),
});
export type ZoneIncident = z.infer<typeof ZoneStepInput>['incident'];

/** What the steps of a region flow are given: `region` is given up, `standby` takes over. */
export const RegionIncident = FlowIncident.extend({
  flow: z.literal('region-failover'),
  zone: z.null(),
  mode,
  standby: z.string().min(1),
  epoch: z.int().nonnegative(),
  manual: z.boolean(),
});
export type RegionIncident = Readonly<z.infer<typeof RegionIncident>>;

/** The input of a step that changes something for a region: a dry run ends before all of them. */
export const RegionStepInput = z.strictObject({ incident: RegionIncident.extend({ dryRun: z.literal(false) }) });

const asset = z.string().min(1);

/** The input of a verb that takes an asset out of one zone. */
export const ZoneVerbInput = ZoneStepInput.extend({ asset });

/** The input of a verb that changes an asset for a region. `watch`: the fence watch's own execution, where that asks. */
export const RegionVerbInput = RegionStepInput.extend({ asset, watch: z.string().min(1).optional() });

/** The input of a verb that opens what was fenced. `asks`: people are asked next, and are not kept waiting. */
export const UnfenceInput = RegionVerbInput.extend({ asks: z.boolean().default(false) });
