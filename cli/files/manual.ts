// Reads the input of an execution that a person starts by hand, and refuses what the flow would refuse.
import * as z from 'zod';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { modes } from '../../functions/domain/types.ts';
import { oneOf } from '../../functions/domain/words/nearest.ts';
import { regionIn, zoneIn } from '../../simulator/playing/words.ts';
import { printable } from '../screen/layout.ts';
import { WrongInput } from '../screen/wrong-input.ts';
import { readText } from './text.ts';

const text = z.string().min(1, 'a text');

/** What `take-lock`, the first state of every flow, takes from a person. */
const manualStart = z.strictObject({
  target: z.strictObject({ region: text, zone: text.optional() }),
  reason: text,
  requestedBy: text,
  incidentId: text.optional(),
  attempt: z.int().positive().optional(),
  expectedEpoch: z.int().nonnegative().optional(),
  mode: z.enum(modes).optional(),
  corruptedSince: z.iso.datetime({ offset: true, error: 'a time such as 2026-11-03T03:00:00Z' }).optional(),
  asset: text.optional(),
  dryRun: z.boolean().optional(),
  drill: z.boolean().optional(),
});
export type ManualStart = z.infer<typeof manualStart>;

/**
 * The input, in the plan's names also where the file has a scenario's words for them (`primary`, `zone 1`).
 * @throws WrongInput with one line: what is wrong in which field of which file, and what was expected.
 */
export function readManualFile(file: string, plan: Plan): ManualStart {
  return expectManual(parseJson(file, readText(file, 'an input such as events/az-failover.manual.json')), file, plan);
}

/** The same of an input that is read already. `file`: what messages call it. @throws WrongInput */
export function expectManual(raw: unknown, file: string, plan: Plan): ManualStart {
  const parsed = manualStart.safeParse(raw);
  if (!parsed.success) throw new WrongInput(`${file}: ${describe(parsed.error.issues[0], raw)}`);
  const { target } = parsed.data;
  const region = regionIn(plan, target.region) ?? target.region;
  const zone = target.zone === undefined ? undefined : (zoneIn(plan, target.zone) ?? target.zone);
  const zones = plan.regions[region]?.zones;
  if (zones === undefined) {
    const known = oneOf(Object.keys(plan.regions), region);
    throw new WrongInput(`${file}: target.region: is ${show(region)}, expected ${known}`);
  }
  if (zone !== undefined && !Object.hasOwn(zones, zone)) {
    throw new WrongInput(`${file}: target.zone: is ${show(zone)}, expected ${oneOf(Object.keys(zones), zone)}`);
  }
  // A mode starts the region flow, which is about no zone and moves the role from an epoch that its author knew.
  const { mode, expectedEpoch } = parsed.data;
  if (mode !== undefined && zone !== undefined) {
    throw new WrongInput(`${file}: target.zone: is ${show(zone)}, expected none where mode is ${mode}`);
  }
  if (mode !== undefined && expectedEpoch === undefined) {
    throw new WrongInput(`${file}: expectedEpoch: is missing, expected a number where mode is ${mode}`);
  }
  const { corruptedSince, asset } = parsed.data;
  if (mode === 'restore' && corruptedSince === undefined) {
    throw new WrongInput(`${file}: corruptedSince: is missing, expected the time since when data is corrupted`);
  }
  if (mode !== 'restore' && asset !== undefined) {
    throw new WrongInput(`${file}: asset: is ${show(asset)}, expected none where mode is not restore`);
  }
  return { ...parsed.data, target: { region, ...(zone === undefined ? {} : { zone }) } };
}

function parseJson(file: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new WrongInput(`${file}: ${printable((error as Error).message)}, expected one JSON object`);
  }
}

function describe(issue: z.core.$ZodIssue | undefined, raw: unknown): string {
  if (issue === undefined) return 'is not an input of a flow';
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(path[0] === 'target' ? manualStart.shape.target.shape : manualStart.shape);
    return `${[...path, ...issue.keys.slice(0, 1)].join('.')}: is not a known field, expected ${oneOf(known, issue.keys[0])}`;
  }
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], raw);
  const expected = issue.message.replace(/^Invalid input: expected /, '').replace(/, received .*$/, '');
  return `${path.join('.') || 'input'}: is ${show(value)}, expected ${expected}`;
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80);
}
