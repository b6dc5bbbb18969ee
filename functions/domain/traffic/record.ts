// Whether the service's record moves users: by a change, which is an UPSERT of a simple CNAME, or by the latches that its health checks look
// at. Pure.
import type { Plan } from '../plan/plan.ts';
import type { KindSeen } from '../recovery/predict.ts';
import { type CheckResult, notReady, ready } from '../recovery/readiness.ts';
import { latchKey } from './latch.ts';

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
  /** Of a failover set: PRIMARY or SECONDARY. */
  readonly failover?: string;
  /** The id of the health check that it follows; absent where it follows none. */
  readonly healthCheck?: string;
  /** The names and addresses that it leads to; absent where Route 53 does not say. */
  readonly to?: readonly string[];
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
  const other = otherZone(seen, { record, hostedZone });
  if (other !== null || seen === null) return other;
  const { zone, managedBy, sets } = seen;
  if (managedBy !== null) return zoneIs(`is changed by ${managedBy} alone`, { record, hostedZone });
  const what = whatElse(sets, sameName(zone, record));
  if (what === null) return null;
  return `${record} ${what}; a changed record is a simple CNAME: make it one, or set redirection.mode: latch`;
}

/** Why the zone of the plan is not where users look the record up; null where it is. */
function otherZone(seen: RecordSeen | null, named: Named): string | null {
  if (seen === null) return zoneIs('is not there', named);
  const { zone, isPrivate } = seen;
  if (!`.${plain(named.record)}`.endsWith(`.${plain(zone)}`)) return zoneIs(`is that of ${plain(zone)}`, named);
  return isPrivate ? zoneIs('is private', named) : null;
}

function zoneIs(what: string, { record, hostedZone }: Named): string {
  return `hosted zone ${hostedZone} ${what}: name the public zone of ${record}`;
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

export function recordReady(seen: RecordSeen | null, named: Named): CheckResult {
  const why = whyUnchangeable(seen, named);
  return why === null ? ready(`${named.record} is a simple CNAME, which can be changed`) : notReady(why);
}

/** The same, and whether it leads to the region that serves. `serving`: null where nobody knows. */
export function changedRecordReady(seen: RecordSeen | null, plan: Leading, serving: string | null): CheckResult {
  const changeable = recordReady(seen, plan.redirection);
  if (changeable.state !== 'ready' || seen === null || serving === null) return changeable;
  const wrong = seen.sets.flatMap((set) => leadsElsewhere(set, serving, plan) ?? []);
  return wrong.length === 0 ? changeable : notReady(`${plan.redirection.record} ${wrong.join(', ')}`);
}

type Leading = Pick<Plan, 'redirection' | 'roles' | 'service'>;

/**
 * Where a set leads that should lead to a region; null where it does. Another name than the plan's is taken where it names the region, as a balancer's
 * does. An alias may be of something that names none: only another region's is wrong.
 */
function leadsElsewhere({ to = [], isAlias }: SetSeen, region: string, { service, roles }: Leading): string | null {
  const host = hostIn(region, service);
  const isOfOurs = (name: string) =>
    [roles.primary, roles.standby].some((one) => isIn(name, one) || sameName(name, hostIn(one, service) ?? ''));
  const isOwn = (name: string) => (host !== null && sameName(name, host)) || isIn(name, region);
  const wrong = to.filter((name) => !isOwn(name) && (isOfOurs(name) || (!isAlias && host !== null)));
  return wrong.length === 0
    ? null
    : `leads to ${wrong.map(plain).join(' and ')}, and not to ${host ?? region}, where ${region} answers`;
}

function hostIn(region: string, { regionalHealthUrls }: Plan['service']): string | null {
  const url = regionalHealthUrls[region];
  return url === undefined ? null : new URL(url).hostname;
}

/** Whether a name has a region in it, as those of balancers and APIs have. */
function isIn(name: string, region: string): boolean {
  return plain(name).split('.').includes(region);
}

/** As a part of what was seen before a region is left. */
export function recordSeen(seen: RecordSeen | null, named: Named): KindSeen {
  const { state, why } = recordReady(seen, named);
  return state === 'ready' ? { obstacles: [], merits: [why] } : { obstacles: [why], merits: [] };
}

/** A health check of Route 53. `children`: of a calculated one, which passes while `threshold` of them do. */
export type HealthCheckSeen = {
  readonly id: string;
  readonly host: string;
  readonly path: string;
  readonly inverted: boolean;
  /** Route 53 takes a disabled one for healthy, whatever it looks at. */
  readonly disabled: boolean;
  readonly children: readonly string[] | null;
  readonly threshold: number;
};

/**
 * Whether a closed latch turns users away from its region: for each of the two there is a failover set that follows a health check,
 * which fails as soon as the latch can be read in one bucket. Source: infrastructure/doors/latch.ts, which makes them so.
 */
export function latchRecordReady(
  seen: RecordSeen | null,
  checks: readonly HealthCheckSeen[],
  plan: Leading,
): CheckResult {
  const { redirection, roles } = plan;
  const { record } = redirection;
  const zone = otherZone(seen, redirection);
  if (zone !== null || seen === null) return notReady(zone ?? '');
  const wrong = [
    ...wrongWithSets('PRIMARY', roles.primary, seen.sets, checks, plan),
    ...wrongWithSets('SECONDARY', roles.standby, seen.sets, checks, plan),
  ];
  if (wrong.length > 0) return notReady(`${record}: ${wrong.join('; ')}`);
  return ready(`${record} follows the latches of ${roles.primary} and ${roles.standby}`);
}

function wrongWithSets(
  failover: 'PRIMARY' | 'SECONDARY',
  region: string,
  sets: readonly SetSeen[],
  checks: readonly HealthCheckSeen[],
  plan: Leading,
): string[] {
  const { latchBuckets } = plan.redirection;
  const own = sets.filter((set) => set.failover === failover);
  if (own.length === 0) return [`there is no ${failover} set, which leads to ${region}`];
  const buckets = Object.values(latchBuckets[region] ?? {});
  const followed = own.flatMap(({ healthCheck }) => healthCheck ?? []);
  if (followed.length < own.length)
    return [`its ${failover} set follows no health check, so that the latch of ${region} moves nobody`];
  const elsewhere = [...new Set(own.flatMap((set) => leadsElsewhere(set, region, plan) ?? []))];
  return [
    ...elsewhere.map((where) => `its ${failover} set ${where}`),
    ...[...new Set(followed)].flatMap((id) => {
      const check = checks.find((one) => one.id === id);
      return check === undefined
        ? [`health check ${id} of its ${failover} set is not there`]
        : wrongWithCheck(check, region, buckets, checks);
    }),
  ];
}

function wrongWithCheck(
  { id, inverted, disabled, children, threshold }: HealthCheckSeen,
  region: string,
  buckets: readonly string[],
  checks: readonly HealthCheckSeen[],
): string[] {
  const off = (name: string) => `health check ${name} is disabled, and counts as healthy`;
  const looks = checks.filter((one) => (children ?? [id]).includes(one.id));
  const isOf = ({ host, path }: HealthCheckSeen, bucket: string) =>
    host.toLowerCase().startsWith(`${bucket}.s3`) && path === `/${latchKey(region)}`;
  return [
    ...(disabled && children !== null ? [off(id)] : []),
    ...(inverted && children !== null ? [`health check ${id} is inverted, and its checks are already`] : []),
    ...(children !== null && threshold !== children.length
      ? [`health check ${id} passes while ${threshold} of its ${children.length} checks do, expected all`]
      : []),
    ...buckets.flatMap((bucket) => {
      const look = looks.find((one) => isOf(one, bucket));
      if (look === undefined) return [`health check ${id} does not look at the latch of ${region} in ${bucket}`];
      if (look.disabled) return [off(look.id)];
      return look.inverted
        ? []
        : [`health check ${look.id} is not inverted: it passes while the latch of ${region} is closed`];
    }),
  ];
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
