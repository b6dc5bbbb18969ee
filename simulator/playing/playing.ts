// A scenario as it is played with a plan: its changes made to the plan, its words filled from it, and what it expects of a
// database or a cache left out where the plan has none.
import { parsePlan } from '../../check/plan.ts';
import { weekdays } from '../../functions/domain/drills/calendar.ts';
import { type Asset, assetsOf, firstOf, type Kind } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { regionOf, struckKinds } from '../estate/faults/faults.ts';
import type { Fault } from '../estate/types.ts';
import { readScenario, type Scenario } from './scenario.ts';
import {
  alarmIn,
  assetIn,
  assetNameIn,
  bucketIn,
  identifierIn,
  regionIn,
  secondsIn,
  stepIn,
  textIn,
  zoneIn,
} from './words.ts';

/** A scenario that cannot be played with a plan, because the plan lacks what it is about. */
export class NotPlayable extends Error {
  override readonly name = 'NotPlayable';
  /** What the plan lacks, where the scenario is known. */
  readonly why: string;
  constructor(scenario: string, why: string) {
    super(`scenario ${scenario} cannot be played with this plan: ${why}`);
    this.why = why;
  }
}

/** What a fault breaks: where there is none, nothing can break. */
const brokenBy: Partial<Record<Fault['kind'], Kind>> = {
  ...struckKinds,
  'standby-bad': 'rds-instance',
  'restore-fails': 'rds-instance',
  'build-fails': 'eks-cluster',
  'parameter-sealed': 'ssm-parameters',
  'pod-crash': 'eks-cluster',
  'node-loss': 'eks-cluster',
};

/** Whose calls fail: where there is none, nothing is called. */
const calledBy: Readonly<Record<string, Kind>> = { rds: 'rds-instance', elasticache: 'elasticache' };

/** The fields whose values are words, and what finds these in a plan. */
const fields: Readonly<Record<string, (plan: Plan, word: string) => string | number | null>> = {
  region: regionIn,
  between: regionIn,
  observer: regionIn,
  usersRegion: regionIn,
  databaseRegion: regionIn,
  consumersRegion: regionIn,
  zone: zoneIn,
  bucket: bucketIn,
  instance: identifierIn,
  group: identifierIn,
  target: identifierIn,
  asset: assetNameIn,
  alarm: alarmIn,
  state: stepIn,
  failedSteps: stepIn,
  told: textIn,
  said: textIn,
  atSeconds: secondsIn,
  forSeconds: secondsIn,
};

/** What is expected of a database and of a cache. */
const expectedOf = {
  'database 1': ['databaseMoved', 'databaseRegion', 'lostWrites', 'divergedWrites'],
  'cache 1': ['cacheMoved'],
} as const;

/** How long after its request has expired an answer comes that is too late. */
const tooLateSeconds = 1_800;

/**
 * A scenario in the names of a plan, and the plan with the scenario's changes. `extraFaults` come beside its own. `read`:
 * the scenario where it is no file of the simulator's.
 * @throws InvalidScenario, NotPlayable, and InvalidPlan where the changes make the plan invalid
 */
export function playing(
  name: string,
  base: Plan,
  extraFaults: Scenario['faults'] = [],
  read: Scenario = readScenario(name),
): { readonly scenario: Scenario; readonly plan: Plan } {
  const faults = [...read.faults, ...extraFaults];
  const lacking = needsOf(read, faults).filter((kind) => firstOf(kind, base) === null);
  if (lacking.length > 0) throw new NotPlayable(name, `it needs ${lacking.join(' and ')}, of which the plan has none`);
  const { primary, standby } = base.roles;
  const [database] = assetsOf('rds-instance', base);
  if (read.restores && [primary, standby].some((region) => database?.regions[region]?.restore === undefined))
    throw new NotPlayable(name, 'it restores a database, and the plan does not say what one is restored as');
  if (read.primary !== undefined && read.primary !== primary)
    throw new NotPlayable(name, `it needs ${read.primary} to be primary, which is ${primary}`);
  for (const { fault } of faults)
    if (fault.kind === 'alarm-storm' && !isWatched(fault.component, base))
      throw new NotPlayable(name, `no alarm in signals.alarms is about ${fault.component}`);
  if (faults.some(({ fault }) => fault.kind === 'bucket-private') && base.redirection.mode !== 'latch')
    throw new NotPlayable(name, 'it is about latches, and the plan moves users by a changed record');
  const known: Known = (path, word, found) => {
    if (found !== null) return found;
    throw new NotPlayable(name, `${path} is ${JSON.stringify(word)}, which the plan does not have`);
  };

  const plan = changedPlan(base, { ...read.plan, ...drillsOf(read, base, known) }, known);
  const filled = <Some extends object>(path: string, some: Some): Some => fill(path, some, plan, known);
  const { approve, before, manual } = read;
  const scenario: Scenario = {
    ...read,
    before: { ...before, actedSecondsAgo: actedIn(plan, before.actedSecondsAgo, known) },
    faults: faults.map((one, index) => ({
      ...filled(`faults.${index}`, one),
      fault: filled(`faults.${index}.fault`, one.fault),
    })),
    operator: read.operator.map((one, index) => filled(`operator.${index}`, one)),
    approve: approve === 'too-late' ? `after=${plan.approval.expirySeconds + tooLateSeconds}s` : approve,
    ...(manual === undefined
      ? {}
      : { manual: { ...filled('manual', manual), target: filled('manual.target', manual.target) } }),
    ...(read.drill?.target === undefined
      ? {}
      : { drill: { ...read.drill, target: filled('drill.target', read.drill.target) } }),
    expect: filled('expect', expectable(read, plan)),
  };
  return { scenario, plan };
}

/** What a plan calls the drill that a scenario is about. */
export const drillName = 'rehearsed';

/** The drill that a scenario has, as the only one of the plan, open at all hours: a scenario is about what happens then. */
function drillsOf({ drill }: Scenario, base: Plan, known: Known): object {
  if (drill === undefined) return {};
  const { kind, withinSeconds, staysDays } = drill;
  let { target } = drill;
  const window = { days: [...weekdays], from: '00:00', to: '23:59', timeZone: 'UTC' };
  if (target?.fault === 'database-failover') {
    const word = String(target['asset']);
    const name = assetNameIn(base, word);
    const isMultiAz = assetsOf('rds-instance', base).some((one) => one.name === name && one.multiAz);
    known('drill.target.asset', word, isMultiAz ? name : null);
  }
  if (target?.fault === 'pod') {
    const word = String(target['asset']);
    const cluster = assetsOf('eks-cluster', base).find(({ name }) => name === assetNameIn(base, word));
    const [one] = cluster?.regions[base.roles.primary]?.scale?.deployments ?? [];
    const { namespace, name: deployment } = known('drill.target.asset', word, one ?? null);
    target = { ...target, namespace, deployment };
  }
  const struck = target && { target: fill('drill.target', target, base, known) };
  const common = { name: drillName, scenario: 'calm', every: 'month', withinSeconds, kind, window };
  return { drills: [{ ...common, ...struck, ...(staysDays !== undefined && { staysDays }) }] };
}

/** Gives what was found for the word at a path. @throws NotPlayable where nothing was */
type Known = <Found>(path: string, word: string, found: Found | null) => Found;

/** Whether the plan reads alarms about a component. */
function isWatched(component: string, { application, signals }: Plan): boolean {
  return signals.alarms.some(
    ({ match, kind }) => kind === 'component' && new RegExp(match).test(`${application}-${component}-status`),
  );
}

/** The kinds without which there is nothing to play. */
function needsOf({ needs }: Scenario, faults: Scenario['faults']): Kind[] {
  const kinds = faults.flatMap(({ fault }) => [
    brokenBy[fault.kind],
    'service' in fault ? calledBy[fault.service] : undefined,
  ]);
  return [...new Set([...needs, ...kinds])].filter((kind) => kind !== undefined);
}

function changedPlan(base: Plan, { assets: changes = {}, vpc, ...others }: Scenario['plan'], known: Known): Plan {
  const isAdded = ([word, change]: [string, Readonly<Record<string, unknown>>]) =>
    'kind' in change && assetIn(base, word) === null;
  const added = Object.entries(changes)
    .filter(isAdded)
    .map(([name, change]) => ({ ...(placed(change, base) as object), name, needs: needsIn(change, base, known) }));
  const changed = Object.entries(changes)
    .filter((one) => !isAdded(one))
    .map(([word, change]) => ({
      asset: known<Asset>('plan.assets', word, assetIn(base, word)),
      change: placed(change, base),
    }));
  const assets = [
    ...base.assets.map((asset) =>
      changed.reduce<unknown>((one, { asset: meant, change }) => (meant === asset ? merge(one, change) : one), asset),
    ),
    ...added,
  ];
  const networks = Object.entries(vpc ?? {}).map(([word, network]) => [
    known<string>('plan.vpc', word, regionIn(base, word)),
    network,
  ]);
  return parsePlan(merge(base, { ...others, assets, ...(vpc && { vpc: Object.fromEntries(networks) }) }));
}

/** What an asset that a scenario adds needs, by the names that the plan has. */
function needsIn({ needs = [] }: Readonly<Record<string, unknown>>, base: Plan, known: Known): string[] {
  return (needs as string[]).map((word) => known('plan.assets', word, assetIn(base, word)?.name ?? null));
}

/** Changes of an asset with its roles of regions filled, as keys and as values. */
function placed(value: unknown, base: Plan): unknown {
  const region = (word: string): string => (/^(primary|standby)$/.test(word) ? (regionIn(base, word) ?? word) : word);
  if (typeof value === 'string') return region(value);
  if (Array.isArray(value)) return value.map((one) => placed(one, base));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [region(key), placed(one, base)]));
}

/** A value with changes laid over it; lists are replaced. */
function merge(base: unknown, changes: unknown): unknown {
  if (!isRecord(base) || !isRecord(changes)) return changes === undefined ? base : changes;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(changes)) merged[key] = merge(base[key], value);
  return merged;
}

/** Fields with the words among them filled. */
function fill<Some extends object>(path: string, some: Some, plan: Plan, known: Known): Some {
  const entries = Object.entries(some).map(([key, value]: [string, unknown]) => {
    const found = (word: unknown): unknown =>
      typeof word === 'string' ? known(`${path}.${key}`, word, fields[key]?.(plan, word) ?? null) : word;
    if (!Object.hasOwn(fields, key)) return [key, value];
    return [key, Array.isArray(value) ? value.map(found) : found(value)];
  });
  return Object.fromEntries(entries) as Some;
}

/** The times of earlier actions, by the `region/zone` that they were about. */
function actedIn(plan: Plan, ago: Readonly<Record<string, number>>, known: Known): Record<string, number> {
  const entries = Object.entries(ago).map(([word, seconds]) => {
    const zone = known('before.actedSecondsAgo', word, zoneIn(plan, word));
    return [`${regionOf(plan, zone)}/${zone}`, seconds];
  });
  return Object.fromEntries(entries);
}

/** What can be expected of a plan's assets. */
function expectable({ expect, expectOf }: Scenario, plan: Plan): Scenario['expect'] {
  const engine = firstOf('rds-instance', plan)?.engine;
  const { actions = expect.actions, executions = expect.executions } = expectOf[engine ?? 'postgres'] ?? {};
  const left = { ...expect, actions, executions };
  for (const [asset, keys] of Object.entries(expectedOf))
    if (assetIn(plan, asset) === null) for (const key of keys) delete left[key];
  return left;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
