// Whether the service's record can be pointed at another region by a change, which is an UPSERT of a simple CNAME. Pure.
import type { KindSeen } from './predict.ts';
import { notReady, ready, type Verdict } from './readiness.ts';

/** How Route 53 chooses among the sets of one name; `other` is one that is not known here. */
export type Policy =
  | 'weighted'
  | 'latency'
  | 'failover'
  | 'geolocation'
  | 'geoproximity'
  | 'multivalue'
  | 'IP-based'
  | 'other';

/** One set of a record. `policy`: null for a simple one; `trafficPolicy`: the instance that wrote it, null where none did. */
export type SetSeen = {
  readonly type: string;
  readonly isAlias: boolean;
  readonly policy: Policy | null;
  readonly trafficPolicy: string | null;
};

/** The zone by its name and what it is, and all sets of the record in it. `managedBy`: a service that alone may change it. */
export type RecordSeen = {
  readonly zone: string;
  readonly isPrivate: boolean;
  readonly managedBy: string | null;
  readonly sets: readonly SetSeen[];
};

type Named = { readonly record: string; readonly hostedZone: string };

/** Names are the same in any case, with or without the dot at their end. */
export function sameName(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

/** Of a name with two labels the zone is the name itself: nobody has a zone such as `com`. */
export function isSurelyApex(record: string): boolean {
  return plain(record).split('.').length <= 2;
}

/**
 * Why Route 53 would refuse to change the record, or why users would not follow; null where neither is so. `seen`: null where the
 * zone is not there. Sources: ChangeResourceRecordSets and its refusals, [boto3 1347, ansible amazon.aws 2694,
 * Particle-Cloud-Framework 113, aws-cli 8241].
 */
export function whyUnchangeable(seen: RecordSeen | null, { record, hostedZone }: Named): string | null {
  const zoneIs = (what: string) => `hosted zone ${hostedZone} ${what}: name the public zone of ${record}`;
  if (seen === null) return zoneIs('is not there');
  const { zone, isPrivate, managedBy, sets } = seen;
  if (!`.${plain(record)}`.endsWith(`.${plain(zone)}`)) return zoneIs(`is that of ${plain(zone)}`);
  if (isPrivate) return zoneIs('is private');
  if (managedBy !== null) return zoneIs(`is changed by ${managedBy} alone`);
  const what = whatElse(sets, sameName(zone, record));
  if (what === null) return null;
  return `${record} ${what}; a changed record is a simple CNAME: make it one, or set redirection.mode: latch`;
}

/** What the record is other than one simple CNAME; null where it is one. */
function whatElse(sets: readonly SetSeen[], isApex: boolean): string | null {
  if (isApex) return 'is the apex of its zone, where no CNAME may be';
  const instance = sets.find(({ trafficPolicy }) => trafficPolicy !== null)?.trafficPolicy;
  if (instance !== undefined) return `belongs to traffic policy instance ${instance}`;
  const policy = sets.find((set) => set.policy !== null)?.policy;
  if (policy !== undefined) return `is one of ${sets.length} ${policy} sets`;
  const other = sets.find(({ type, isAlias }) => isAlias || type !== 'CNAME');
  if (other !== undefined) return `is ${other.isAlias ? 'an alias' : 'a record'} of type ${other.type}`;
  return sets.length === 0 ? 'is not there, so that users do not go by it' : null;
}

export function recordReady(seen: RecordSeen | null, named: Named): Verdict {
  const why = whyUnchangeable(seen, named);
  return why === null ? ready(`${named.record} is a simple CNAME, which can be changed`) : notReady(why);
}

/** As a part of what was seen before a region is left. */
export function recordSeen(seen: RecordSeen | null, named: Named): KindSeen {
  const { state, why } = recordReady(seen, named);
  return state === 'ready' ? { obstacles: [], merits: [why] } : { obstacles: [why], merits: [] };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
