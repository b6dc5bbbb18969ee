// Evidence for one level, by name, and the arithmetic behind it: how many, together, since when.
import type { Level } from '../types.ts';

/** What can be found. Each has its line in docs/decisions/0005-evidence.md and its section in docs/runbook.md. */
export const indicationNames = [
  'region-lost',
  'zone-lost',
  // Unknown: what points to a disaster and lacks something, or contradicts itself.
  'zones-lost',
  'zone-lost-others-unseen',
  'zone-lost-or-dependency',
  'zone-lost-or-explained',
  'zone-half-seen',
  'zone-lost-users-well',
  'region-lost-or-cut-off',
  'users-fail-platform-fails',
  'users-fail-unexplained',
  'services-fail-users-well',
  'own-sight-lost',
  'nobody-sees-users',
  'same-in-both-regions',
  // Degradations.
  'components-fail',
  'users-fail',
  'observer-fails',
  'observers-silent',
  'control-planes-fail',
  'heartbeat-missing',
  'replica-lags',
  'replica-lag-unknown',
  'readiness-lost',
  'telemetry-lost',
  'zone-silent',
  'aws-acted',
] as const;
export type IndicationName = (typeof indicationNames)[number];

/** Evidence for a level: true since a time, and to be believed once it has held for the confirmation time. */
export type Indication = {
  readonly name: IndicationName;
  readonly level: Exclude<Level, 0>;
  readonly zone: string | null;
  /** The region to name instead of the classified one. */
  readonly elsewhere?: string;
  readonly reason: string;
  readonly since: number;
  readonly confirmSeconds: number;
  /** Evidence that is overwhelming, where there is such, has to hold for less: whichever has held first counts. */
  readonly overwhelming?: { readonly since: number; readonly confirmSeconds: number } | null;
  readonly evidence: readonly string[];
  readonly causes: readonly string[];
};

/** Something that has been so since a time. */
export type Since = { readonly since: number };

/** A signal behind an indication. */
export type Witness = Since & { readonly id: string };

/** The time at which as many as `count` were true together; null while there are fewer. */
export function nth(items: readonly Since[], count: number): number | null {
  return items.map((item) => item.since).sort((a, b) => a - b)[count - 1] ?? null;
}

/** One item for each name, the earliest. */
export function distinct<Item extends Since>(items: readonly Item[], nameOf: (item: Item) => string): Item[] {
  const first = new Map<string, Item>();
  for (const item of items) {
    const known = first.get(nameOf(item));
    if (known === undefined || item.since < known.since) first.set(nameOf(item), item);
  }
  return [...first.values()];
}

/** Since when both have been so; null where one is not. */
export function both(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

/** Since when at least one has been so; null where none is. */
export function earliest(...times: (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Names for a sentence, each once, in a fixed order. */
export function names(items: readonly { readonly name: string }[]): string {
  return [...new Set(items.map((item) => item.name))].sort().join(', ');
}

/** Ids in order of time; enough for a person, few enough for the record. */
export function ids(items: readonly Witness[]): string[] {
  const sorted = [...items].sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1));
  return [...new Set(sorted.map((item) => item.id))].slice(0, 40);
}
