// What AWS's answers hold beside what the estate models: every other member of the SDK's output shapes, with values drawn by
// seed, and now and then none. Whoever trips over a field, a status or a neighbour that it does not know, fails a drill.
import { createHash } from 'node:crypto';
import * as elasticache from '@aws-sdk/client-elasticache';
import * as rds from '@aws-sdk/client-rds';
import * as sns from '@aws-sdk/client-sns';
import { createRandom, hex, type Random } from '../chance/random.ts';
import { zonalShiftShapes } from '../load-balancer/zonal-shift-shapes.ts';
import type { Call } from '../types.ts';

/** A schema as the SDK's packages hold it: a number of a simple type, a tuple of a shape, or a function that gives one. */
export type Schema = number | readonly unknown[] | (() => unknown);

type Service = {
  readonly schemas: Readonly<Record<string, unknown>>;
  /** Values of members that are enums: the schemas say that they are strings, and no more. By shape and member. */
  readonly enums: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** The services whose answers are filled. */
export const services: Readonly<Record<string, Service>> = {
  rds: {
    schemas: rds,
    enums: {
      'DBCapacityReservation.State': rds.DBCapacityReservationState,
      'DBInstance.ActivityStreamMode': rds.ActivityStreamMode,
      'DBInstance.ActivityStreamPolicyStatus': rds.ActivityStreamPolicyStatus,
      'DBInstance.ActivityStreamStatus': rds.ActivityStreamStatus,
      'DBInstance.AutomationMode': rds.AutomationMode,
      'DBInstance.DatabaseInsightsMode': rds.DatabaseInsightsMode,
      'DBInstance.ReplicaMode': rds.ReplicaMode,
      'DBInstance.StorageEncryptionType': rds.StorageEncryptionType,
      'DBInstance.UpgradeRolloutOrder': rds.UpgradeRolloutOrder,
      'DBInstanceAutomatedBackup.StorageEncryptionType': rds.StorageEncryptionType,
      'DBSnapshot.StorageEncryptionType': rds.StorageEncryptionType,
      'Event.SourceType': rds.SourceType,
      'PendingModifiedValues.AutomationMode': rds.AutomationMode,
    },
  },
  elasticache: {
    schemas: elasticache,
    enums: {
      'GlobalReplicationGroupMember.AutomaticFailover': elasticache.AutomaticFailoverStatus,
      'LogDeliveryConfiguration.DestinationType': elasticache.DestinationType,
      'LogDeliveryConfiguration.LogFormat': elasticache.LogFormat,
      'LogDeliveryConfiguration.LogType': elasticache.LogType,
      'LogDeliveryConfiguration.Status': elasticache.LogDeliveryConfigurationStatus,
      'PendingLogDeliveryConfiguration.DestinationType': elasticache.DestinationType,
      'PendingLogDeliveryConfiguration.LogFormat': elasticache.LogFormat,
      'PendingLogDeliveryConfiguration.LogType': elasticache.LogType,
      'ReplicationGroup.AutomaticFailover': elasticache.AutomaticFailoverStatus,
      'ReplicationGroup.ClusterMode': elasticache.ClusterMode,
      'ReplicationGroup.DataTiering': elasticache.DataTieringStatus,
      'ReplicationGroup.Durability': elasticache.Durability,
      'ReplicationGroup.EffectiveDurability': elasticache.EffectiveDurability,
      'ReplicationGroup.IpDiscovery': elasticache.IpDiscovery,
      'ReplicationGroup.MultiAZ': elasticache.MultiAZStatus,
      'ReplicationGroup.NetworkType': elasticache.NetworkType,
      'ReplicationGroup.StorageEncryptionType': elasticache.StorageEncryptionType,
      'ReplicationGroup.TransitEncryptionMode': elasticache.TransitEncryptionMode,
      'ReplicationGroupPendingModifiedValues.AuthTokenStatus': elasticache.AuthTokenUpdateStatus,
      'ReplicationGroupPendingModifiedValues.AutomaticFailoverStatus': elasticache.PendingAutomaticFailoverStatus,
      'ReplicationGroupPendingModifiedValues.ClusterMode': elasticache.ClusterMode,
      'ReplicationGroupPendingModifiedValues.TransitEncryptionMode': elasticache.TransitEncryptionMode,
    },
  },
  sns: { schemas: sns, enums: {} },
  'arc-zonal-shift': zonalShiftShapes,
};

/** A resolved schema: what it is made of, without the SDK's notation. */
export type Shape =
  | { readonly is: 'string' | 'number' | 'boolean' | 'time' | 'other' }
  | { readonly is: 'list' | 'map'; readonly of: Schema }
  | Structure;
type Structure = { readonly is: 'structure'; readonly name: string; readonly members: ReadonlyMap<string, Schema> };

const simple = { 0: 'string', 1: 'number', 2: 'boolean', 4: 'time', 5: 'time', 6: 'time', 7: 'time' } as const;
const listBit = 64;
const mapBit = 128;

/** The output shape of an operation; null where the service is not one of those. */
export function outputOf(service: string, operation: string): Shape | null {
  const schema = services[service]?.schemas[`${operation}$`];
  return Array.isArray(schema) ? shapeOf(schema[5]) : null;
}

const shapes = new Map<Schema, Shape>();

/** Reads a schema, once. */
export function shapeOf(schema: Schema): Shape {
  const shape = shapes.get(schema) ?? readSchema(schema);
  shapes.set(schema, shape);
  return shape;
}

/** A list, a map or a structure is a tuple, a member with traits is a pair. */
function readSchema(schema: Schema): Shape {
  if (typeof schema === 'function') return shapeOf(schema() as Schema);
  if (typeof schema === 'number') {
    if ((schema & listBit) !== 0) return { is: 'list', of: schema & ~listBit };
    if ((schema & mapBit) !== 0) return { is: 'map', of: schema & ~mapBit };
    return { is: simple[schema as keyof typeof simple] ?? 'other' };
  }
  if (schema.length === 2) return shapeOf(schema[0] as Schema);
  const [kind, , name, , names, schemas] = schema as [number, string, string, unknown, string[], Schema[]];
  if (kind === 0) return shapeOf(schema[4] as Schema);
  if (kind === 1) return { is: 'list', of: schema[4] as Schema };
  if (kind === 2) return { is: 'map', of: schema[5] as Schema };
  return { is: 'structure', name, members: new Map(names.map((member, index) => [member, schemas[index] ?? 0])) };
}

type Draw = {
  readonly enums: Service['enums'];
  readonly random: Random;
  readonly before: number;
  readonly depth: number;
};

/** Members that a reader would follow. */
const tokens = /^(Marker|NextToken|nextToken)$/;
/** How much of a shape is drawn: a structure in a list in a structure. */
const deepest = 3;
/** How often a member has a value. */
const share = 0.75;

/**
 * Fills answers. A member that the estate leaves out on purpose stands in its answer as undefined; that one is left out.
 * The same resource has the same values at each look, as at AWS. `before`: drawn times are in the year before.
 */
export function createFilling(seed: number, before: number): (call: Call, answer: unknown) => unknown {
  const known = new Map<string, Readonly<Record<string, unknown>>>();

  const extrasOf = (structure: Structure, resource: string, service: string) => {
    const key = `${service} ${structure.name} ${resource}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const random = createRandom(createHash('sha256').update(`${seed} ${key}`).digest().readUInt32LE());
    const drawn = drawStructure(structure, { enums: services[service]?.enums ?? {}, random, before, depth: 0 });
    known.set(key, drawn);
    return drawn;
  };

  const filled = (shape: Shape, value: unknown, path: string, service: string): unknown => {
    if (shape.is === 'list' && Array.isArray(value)) {
      const of = shapeOf(shape.of);
      return value.map((element, index) => filled(of, element, `${path}.${index}`, service));
    }
    if (shape.is !== 'structure' || !isRecord(value)) return value;
    const strange = Object.keys(value).find((member) => value[member] !== undefined && !shape.members.has(member));
    if (strange !== undefined) throw new Error(`${path}.${strange} is no member of ${shape.name}`);
    const extras = extrasOf(shape, firstText(value) ?? path, service);
    const result: Record<string, unknown> = {};
    for (const { member, of } of membersOf(shape)) {
      const own = value[member];
      const isOwn = own !== undefined || member in value;
      const is = !isOwn ? extras[member] : of === null ? own : filled(of, own, `${path}.${member}`, service);
      if (is !== undefined) result[member] = is;
    }
    return result;
  };

  return ({ service, operation }, answer) => {
    const shape = outputOf(service, operation);
    return shape === null ? answer : filled(shape, answer, operation, service);
  };
}

/** The first text in an answer: what names its resource. */
function firstText(value: Readonly<Record<string, unknown>>): string | null {
  for (const member in value) {
    const text = value[member];
    if (typeof text === 'string') return text;
  }
  return null;
}

/** `of`: what it is made of itself; null where there is nothing in it to fill. */
type Member = { readonly member: string; readonly of: Shape | null };
const members = new WeakMap<Structure, readonly Member[]>();

/** The members of a structure: an instance has some eighty, and they are gone through with each look at it. */
function membersOf(structure: Structure): readonly Member[] {
  const known =
    members.get(structure) ??
    [...structure.members].map(([member, schema]): Member => {
      const shape = shapeOf(schema);
      return { member, of: shape.is === 'list' || shape.is === 'structure' ? shape : null };
    });
  members.set(structure, known);
  return known;
}

function drawStructure({ name, members }: Structure, draw: Draw): Record<string, unknown> {
  const drawn: Record<string, unknown> = {};
  for (const [member, schema] of members) {
    if (tokens.test(member) || draw.random() >= share) continue;
    const value = drawValue(shapeOf(schema), `${name}.${member}`, draw);
    if (value !== undefined) drawn[member] = value;
  }
  return drawn;
}

function drawValue(shape: Shape, path: string, draw: Draw): unknown {
  const { random, enums, before, depth } = draw;
  const allowed = Object.values(enums[path] ?? {});
  switch (shape.is) {
    case 'string':
      return allowed[Math.floor(random() * allowed.length)] ?? `${path.split('.')[1]}-${hex(random, 4)}`;
    case 'number':
      return Math.floor(random() * 1_000);
    case 'boolean':
      return random() < 0.5;
    case 'time':
      return new Date(before - Math.floor(random() * yearSeconds) * 1000);
    case 'list':
      return depth >= deepest ? [] : [drawValue(shapeOf(shape.of), path, { ...draw, depth: depth + 1 })];
    case 'map':
      return {};
    case 'structure':
      return depth >= deepest ? undefined : drawStructure(shape, { ...draw, depth: depth + 1 });
    default:
      return undefined;
  }
}

const yearSeconds = 31_536_000;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
