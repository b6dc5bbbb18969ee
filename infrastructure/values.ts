// What the stack of one region is, from plan.yml and the command's values. One stack in each region of the plan: main in
// the two that take over from each other; observer where only a canary runs; outside where there is only the witness, a
// latch or the place to which AWS Health sends its copies. A value that is missing, or contradicts another, stops packaging; of
// the plan itself, check/ says what does.
import { topicsTo } from '../functions/domain/plan/channels.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { oneOf } from '../functions/domain/words/nearest.ts';
import { type Addresses, readAddresses } from './contacts.ts';

/** Values that are missing, or contradict others: a line each says what, its value, what was expected. */
export class Contradiction extends Error {
  override readonly name = 'Contradiction';
  readonly lines: readonly string[];
  constructor(...lines: readonly [string, ...string[]]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** What the command says: its region and stage, the names after --param, and the value of each, null where it has none. */
export type Values = {
  readonly region: string;
  readonly stage: string;
  readonly named: readonly string[];
  readonly given: (name: string) => Promise<unknown>;
};

export type Stack = {
  readonly plan: Plan;
  readonly region: string;
  /** Prefix of every name, such as breakwater-prod. */
  readonly prefix: string;
  readonly kind: 'main' | 'observer' | 'outside';
  /** The main stacks that are told what happens here. */
  readonly tells: readonly string[];
  /** Whether the application's events are forwarded, and exports replicated: not before the peer's stack has what takes them. */
  readonly forwards: boolean;
  /** Whose topic hears alarms on the automation itself: a role's, or that of one of its later channels. */
  readonly onCall: string;
  /** Null: people are subscribed in another way. */
  readonly addresses: Addresses | null;
  /** Whether the failover records are made; their health checks always are. */
  readonly makesRecords: boolean;
};

/** Whether events of the application begin or are heard where a stack stands: then it has a bus of their own. */
export function hasBus({ kind }: Pick<Stack, 'kind'>): boolean {
  return kind !== 'outside';
}

/** Of every name of a stage's stacks. */
export function prefixOf(stage: string): string {
  return `breakwater-${stage}`;
}

/** @throws Contradiction with everything that is wrong with the values. */
export async function describeStack(plan: Plan, { region, stage, named, given }: Values): Promise<Stack> {
  const { addresses, wrong } = await readAddresses(plan, given);
  const records = (await given('records')) ?? 'stack';
  const forwarding = (await given('forwarding')) ?? 'now';
  refuse([
    ...wrongRegion(plan, region),
    ...wrongNames(plan, named),
    ...wrong,
    ...(records === 'stack' || records === 'elsewhere'
      ? []
      : [`--param records: is ${JSON.stringify(records)}, expected stack or elsewhere`]),
    ...(forwarding === 'now' || forwarding === 'later'
      ? []
      : [`--param forwarding: is ${JSON.stringify(forwarding)}, expected now or later`]),
  ]);
  return {
    ...stackOf(plan, region, prefixOf(stage)),
    addresses,
    forwards: forwarding === 'now',
    ...(records === 'stack' ? {} : { makesRecords: false }),
  };
}

/** The stack of a region of the plan, with nobody subscribed. */
export function stackOf(plan: Plan, region: string, prefix: string): Stack {
  const { primary, standby, observers } = plan.roles;
  const main = region === primary || region === standby;
  return {
    plan,
    region,
    prefix,
    kind: main ? 'main' : observers.includes(region) ? 'observer' : 'outside',
    tells: [primary, standby].filter((told) => told !== region),
    forwards: true,
    onCall: onCallOf(plan),
    addresses: null,
    // A record that the flow changes itself is nobody else's: a deployment would send users back.
    makesRecords: plan.redirection.mode === 'latch',
  };
}

/** Every region that has a stack, with what it is there for. */
export function placesOf({ roles, redirection }: Plan): ReadonlyMap<string, string> {
  const { primary, standby, witness, observers } = roles;
  const latches = Object.values(redirection.latchBuckets).flatMap((buckets) => Object.keys(buckets));
  const wanted: (readonly [string, string])[] = [
    [primary, 'primary'],
    [standby, 'standby'],
    [witness, 'witness'],
    ...observers.map((region) => [region, 'observer'] as const),
    ...latches.map((region) => [region, 'latch'] as const),
    ...[primary, standby].map((region) => [healthBackup(region), 'copies of AWS Health'] as const),
  ];
  const places = new Map<string, string>();
  for (const [region, role] of wanted) if (!places.has(region)) places.set(region, role);
  return places;
}

/** Where AWS Health sends a copy of a region's public events, in case the region cannot say them itself. */
function healthBackup(region: string): string {
  return region === 'us-west-2' ? 'us-east-1' : 'us-west-2';
}

/** The first who is told when a flow fails, by the first channel that CloudWatch can send to: `check` demands that there is one. */
function onCallOf({ notifications, contacts }: Plan): string {
  const [role = ''] = notifications.failure;
  return topicsTo(role, contacts[role])[0]?.of ?? role;
}

function refuse([first, ...others]: readonly string[]): void {
  if (first !== undefined) throw new Contradiction(first, ...others);
}

function wrongRegion(plan: Plan, region: string): string[] {
  const places = placesOf(plan);
  if (places.has(region)) return [];
  const expected = [...places].map(([place, role]) => `${place} (${role})`).join(', ');
  return [`--region is ${region}, expected a region of the plan: ${expected}`];
}

function wrongNames({ contacts }: Plan, named: readonly string[]): string[] {
  const people = Object.entries(contacts).flatMap(([role, contact]) => topicsTo(role, contact).map(({ of }) => of));
  const known = [...people, 'addresses', 'plan', 'records', 'forwarding'];
  const strange = named.filter((name) => !known.includes(name));
  return strange.map((name) => `--param ${name}: is no value, expected ${oneOf(known, name)}`);
}
