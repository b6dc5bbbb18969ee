// The record sets of the service's hosted zone, and what Route 53 refuses to do to them. UPSERT takes the place of a set of
// the same name, type and identifier; it changes neither a record's type nor its routing policy.
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import { latchKey } from '../../../functions/domain/traffic/latch.ts';
import { type AwsError, refusal } from '../calls/aws-error.ts';

/** What a record may be: the one that the redirection of the plan needs, or one that somebody else has made. */
export const recordShapes = [
  'simple',
  'alias',
  'address',
  'weighted',
  'latency',
  'geolocation',
  'failover',
  'traffic-policy',
  'apex',
  'missing',
  'private-zone',
  'other-zone',
] as const;
export type RecordShape = (typeof recordShapes)[number];

/** Members as Route 53 names them; a name ends with a dot. */
export type RecordSet = {
  readonly Name: string;
  readonly Type: string;
  readonly SetIdentifier?: string | undefined;
  readonly Weight?: number | undefined;
  readonly Failover?: string | undefined;
  readonly HealthCheckId?: string | undefined;
  readonly Region?: string | undefined;
  readonly GeoLocation?: { readonly CountryCode?: string | undefined } | undefined;
  readonly TrafficPolicyInstanceId?: string | undefined;
  readonly MultiValueAnswer?: boolean | undefined;
  readonly TTL?: number | undefined;
  readonly ResourceRecords?: readonly { readonly Value: string }[] | undefined;
  readonly AliasTarget?: { readonly DNSName: string } | undefined;
};
export type RecordAction = 'CREATE' | 'DELETE' | 'UPSERT';
export type RecordChange = { readonly Action: RecordAction; readonly ResourceRecordSet: RecordSet };

/** A hosted zone, whose name ends with a dot. */
export type Zone = { readonly name: string; readonly isPrivate?: boolean; readonly sets: readonly RecordSet[] };

const policies = ['Weight', 'Region', 'Failover', 'GeoLocation', 'MultiValueAnswer'] as const;
/** What Route 53 calls sets of a policy. */
const policyNames = {
  Weight: 'weighted',
  Region: 'latency',
  Failover: 'failover',
  GeoLocation: 'geolocation',
  MultiValueAnswer: 'multivalueanswer',
} as const;

/** The zone of the plan's record; it leads to the primary region. */
export function serviceZone(shape: RecordShape, { roles, redirection, service }: Plan): Zone {
  const Name = `${redirection.record}.`;
  const parent = Name.slice(Name.indexOf('.') + 1);
  const hostOf = (region: string): string =>
    new URL(service.regionalHealthUrls[region] ?? `https://${region}`).hostname;
  const cname = (region: string) => ({
    Name,
    Type: 'CNAME',
    TTL: redirection.ttlSeconds,
    ResourceRecords: [{ Value: hostOf(region) }],
  });
  const alias = { Name, Type: 'A', AliasTarget: { DNSName: `dualstack.service.${roles.primary}.elb.amazonaws.com.` } };
  const both = (fields: (isPrimary: boolean) => Partial<RecordSet>): RecordSet[] =>
    [roles.primary, roles.standby].map((region) => ({
      ...cname(region),
      SetIdentifier: region,
      ...fields(region === roles.primary),
    }));
  const { TTL } = cname(roles.primary);
  const simple = [cname(roles.primary)];
  const zones: Readonly<Record<RecordShape, Zone>> = {
    simple: { name: parent, sets: simple },
    alias: { name: parent, sets: [alias] },
    address: { name: parent, sets: [{ Name, Type: 'A', TTL, ResourceRecords: [{ Value: '192.0.2.17' }] }] },
    weighted: { name: parent, sets: both((isPrimary) => ({ Weight: isPrimary ? 100 : 0 })) },
    latency: { name: parent, sets: both((isPrimary) => ({ Region: isPrimary ? roles.primary : roles.standby })) },
    geolocation: {
      name: parent,
      sets: both((isPrimary) => ({ GeoLocation: { CountryCode: isPrimary ? '*' : 'US' } })),
    },
    failover: {
      name: parent,
      sets: both((isPrimary) => ({
        Failover: isPrimary ? 'PRIMARY' : 'SECONDARY',
        HealthCheckId: keptCheck(isPrimary ? roles.primary : roles.standby),
      })),
    },
    'traffic-policy': {
      name: parent,
      sets: [{ ...cname(roles.primary), TrafficPolicyInstanceId: '4fa1c9f3-6b1a-4d0e-9a57-3c5f0e2d7b11' }],
    },
    apex: { name: Name, sets: [alias] },
    missing: { name: parent, sets: [] },
    'private-zone': { name: parent, isPrivate: true, sets: simple },
    'other-zone': { name: 'example.org.', sets: [] },
  };
  const zone = zones[shape];
  return { ...zone, sets: [...zone.sets, ...ownSets(zone.name)] };
}

/** The id of the health check that a region's record follows. */
function keptCheck(region: string): string {
  return `${region}-not-given-up`;
}

/** The health checks that the stack makes for the latches: one for each bucket, and one of each region that passes while all of its do. */
export function latchChecks({ redirection }: Plan): object[] {
  return Object.entries(redirection.latchBuckets).flatMap(([givenUp, buckets]) => {
    const looks = Object.entries(buckets).map(([at, bucket]) => ({
      Id: `latch-${givenUp}-in-${at}`,
      HealthCheckConfig: {
        ...{ Type: 'HTTP', FullyQualifiedDomainName: `${bucket}.s3.${at}.amazonaws.com`, Port: 80 },
        ...{ ResourcePath: `/${latchKey(givenUp)}`, RequestInterval: 30, FailureThreshold: 1 },
        ...{ Inverted: true, Disabled: false },
      },
    }));
    const ChildHealthChecks = looks.map(({ Id }) => Id);
    const config = { Type: 'CALCULATED', ChildHealthChecks, HealthThreshold: looks.length, Inverted: false };
    return [...looks, { Id: keptCheck(givenUp), HealthCheckConfig: { ...config, Disabled: false } }];
  });
}

/** What every zone has at its top, and a neighbour that comes after the record in any list. */
function ownSets(zone: string): RecordSet[] {
  const values = (...all: readonly string[]) => all.map((Value) => ({ Value }));
  return [
    { Name: zone, Type: 'NS', TTL: 172_800, ResourceRecords: values('ns-1.awsdns-01.com.', 'ns-2.awsdns-02.net.') },
    {
      Name: zone,
      Type: 'SOA',
      TTL: 900,
      ResourceRecords: values('ns-1.awsdns-01.com. hostmaster.example.com. 1 2 3 4 5'),
    },
    { Name: `zone-check.${zone}`, Type: 'TXT', TTL: 300, ResourceRecords: values('"neighbour"') },
  ];
}

/** The sets as Route 53 lists them: by their names' labels from the end, then by type, beginning with a name. */
export function listed({ sets }: Zone, from: string): RecordSet[] {
  const key = (name: string) => name.replace(/\.$/, '').split('.').reverse().join('.');
  const start = key(from);
  const byText = (one: string, other: string) => (one < other ? -1 : Number(one > other));
  return sets
    .filter(({ Name }) => key(Name) >= start)
    .toSorted((a, b) => byText(key(a.Name), key(b.Name)) || byText(a.Type, b.Type));
}

/** The name that clients are led to. `isLatched`: the health check of the PRIMARY set fails. */
export function leadsTo({ sets }: Zone, record: string, isLatched: boolean): string {
  const own = sets.filter(({ Name, Type }) => Name === `${record}.` && ['A', 'AAAA', 'CNAME'].includes(Type));
  const chosen =
    own.find(({ Failover }) => Failover === (isLatched ? 'SECONDARY' : 'PRIMARY')) ??
    own.reduce<RecordSet | null>((best, set) => ((set.Weight ?? 1) > (best?.Weight ?? 0) ? set : best), null);
  return chosen?.AliasTarget?.DNSName ?? chosen?.ResourceRecords?.[0]?.Value ?? '';
}

/**
 * The zone after a batch of changes; all are made or none.
 * @throws InvalidInput for a set that is not whole, InvalidChangeBatch in Route 53's words for what the zone does not take
 */
export function changed(zone: Zone, changes: readonly RecordChange[]): Zone {
  return { ...zone, sets: changes.reduce((sets, change) => changedOnce({ ...zone, sets }, change), zone.sets) };
}

function changedOnce({ name: zone, sets }: Zone, { Action: action, ResourceRecordSet: asked }: RecordChange) {
  const set = { ...asked, Name: asked.Name.endsWith('.') ? asked.Name : `${asked.Name}.` };
  const { Name: name, Type: type, SetIdentifier: id } = set;
  const wrong = missing(set);
  const where = `[Action=${action}, Name=${name}, Type=${type}, SetIdentifier=${id ?? 'null'}]`;
  if (wrong !== null) throw refusal('InvalidInput', `Invalid request: ${wrong} in Change with ${where}`);
  const tried = `resource record set [name='${name}', type='${type}'${id === undefined ? '' : `, set identifier='${id}'`}]`;
  const others = sets.filter((one) => !isSame(one, set));
  const old = sets.find((one) => isSame(one, set));
  if (action === 'DELETE') {
    if (old === undefined) throw invalid(`Tried to delete ${tried} but it was not found`);
    if (valuesOf(old) !== valuesOf(set))
      throw invalid(`Tried to delete ${tried} but the values provided do not match the current values`);
    return others;
  }
  if (action === 'CREATE' && old !== undefined) throw invalid(`Tried to create ${tried} but it already exists`);
  const conflict = conflictOf(set, others, zone);
  if (conflict !== null) throw invalid(conflict);
  return [...others, set];
}

function conflictOf(set: RecordSet, others: readonly RecordSet[], zone: string): string | null {
  const { Name: name, Type: type, SetIdentifier: id } = set;
  if (name !== zone && !name.endsWith(`.${zone}`))
    return `RRSet with DNS name ${name} is not permitted in zone ${zone}`;
  if (type === 'CNAME' && name === zone)
    return `RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zone}`;
  const atName = others.filter((one) => one.Name === name);
  if (type === 'CNAME' && atName.some((one) => one.Type !== 'CNAME'))
    return `RRSet of type CNAME with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone}`;
  if (type !== 'CNAME' && atName.some((one) => one.Type === 'CNAME'))
    return `RRSet of type ${type} with DNS name ${name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone}`;
  const peers = atName.filter((one) => one.Type === type);
  if (id === undefined)
    return peers.length === 0
      ? null
      : `RRSet with DNS name ${name}, type ${type} cannot be created as other RRSets exist with the same name and type.`;
  const policy = policyOf(set);
  if (peers.every((one) => policyOf(one) === policy)) return null;
  const kind = policy === undefined ? '' : policyNames[policy];
  return `RRSet with DNS name ${name}, type ${type}, SetIdentifier ${id} cannot be created as a non-${kind} set exists with the same name and type.`;
}

/** What a set lacks to be one, or has too much of; null where it is whole. */
function missing(set: RecordSet): string | null {
  const plain = set.TTL !== undefined && (set.ResourceRecords ?? []).length > 0;
  const some = set.TTL !== undefined || set.ResourceRecords !== undefined;
  const alias = set.AliasTarget !== undefined;
  if (alias ? some : !plain) {
    const found = alias ? 'more than one' : 'none';
    return `Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${found}`;
  }
  const named = policies.filter((policy) => set[policy] !== undefined);
  if (set.SetIdentifier === undefined) return named.length === 0 ? null : "Missing field 'SetIdentifier'";
  if (named.length === 1) return null;
  const found = named.length === 0 ? 'none' : 'more than one';
  return `Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer], but found ${found}`;
}

function isSame(one: RecordSet, other: RecordSet): boolean {
  return one.Name === other.Name && one.Type === other.Type && one.SetIdentifier === other.SetIdentifier;
}

function policyOf(set: RecordSet): (typeof policies)[number] | undefined {
  return policies.find((policy) => set[policy] !== undefined);
}

function valuesOf({ TTL, ResourceRecords, AliasTarget }: RecordSet): string {
  return JSON.stringify([TTL, ResourceRecords?.map(({ Value }) => Value).sort(), AliasTarget?.DNSName]);
}

function invalid(message: string): AwsError {
  return refusal('InvalidChangeBatch', `[${message}]`);
}
