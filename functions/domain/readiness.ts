// Says of each thing that a failover needs whether it is there. What could not be read is unknown, and never ready.
import { works } from './database-status.ts';
import type { Plan } from './plan.ts';
import { type Standing, unknownRoles } from './types.ts';

export type Ready = 'ready' | 'not-ready' | 'unknown';

/** What was looked at, in words of the plan. Also the dimension Check of the metric Ready. */
export const readinessChecks = [
  'replica',
  'lag',
  'cache',
  'cluster',
  'functions',
  'latches',
  'state-table',
  'contacts',
  'approval-page',
] as const;
export type ReadinessCheck = (typeof readinessChecks)[number];

/** `why`: one sentence, also where it is ready. */
export type Verdict = { readonly state: Ready; readonly why: string };
export type CheckedReadiness = Verdict & { readonly check: ReadinessCheck };

/** The readiness of a region to take over, as its own stack saw it. `at`: milliseconds since 1970. */
export type Readiness = { readonly region: string; readonly at: number; readonly checks: readonly CheckedReadiness[] };

/** How many checks are not ready; one that is unknown is not. */
export function readinessLost(checks: readonly Verdict[]): number {
  return checks.filter(({ state }) => state !== 'ready').length;
}

/** Of several the worst, and why each that is as bad is so. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const state = (['not-ready', 'unknown', 'ready'] as const).find((one) =>
    verdicts.some((verdict) => verdict.state === one),
  );
  const why = verdicts.flatMap((verdict) => (verdict.state === state ? [verdict.why] : []));
  return { state: state ?? 'unknown', why: why.join('; ') };
}

const ready = (why: string): Verdict => ({ state: 'ready', why });
const notReady = (why: string): Verdict => ({ state: 'not-ready', why });

/** What could not be read says nothing. */
export function unread(why: string): Verdict {
  return { state: 'unknown', why: `could not be read: ${why}` };
}

type Replica = { readonly status: string; readonly replicaOf: string | null; readonly replicating: boolean | null };

/** The database that would be promoted; null where there is none. */
export function replicaReady(name: string, replica: Replica | null): Verdict {
  if (replica === null) return notReady(`replica ${name} does not exist`);
  if (replica.replicaOf === null) return notReady(`${name} replicates from nothing`);
  if (!works(replica.status)) return notReady(`replica ${name} is ${replica.status}`);
  if (replica.replicating === null) return unread(`RDS does not say whether ${name} replicates`);
  return replica.replicating ? ready(`replica ${name} replicates`) : notReady(`replication to ${name} has stopped`);
}

/** CloudWatch is a minute or two late; a value that is older than this says nothing about now. */
const freshLagSeconds = 300;

/** The newest measured lag; null where there is none, or where the metric itself says that it does not know. */
export function lagReady(
  newest: { readonly at: number; readonly lagSeconds: number | null } | null,
  { objectives }: Plan,
  now: number,
): Verdict {
  if (newest === null || now - newest.at > freshLagSeconds * 1000)
    return unread(`no lag was measured in the last ${freshLagSeconds} s`);
  if (newest.lagSeconds === null) return notReady('the lag is not known: replication is broken');
  const said = `the replica is ${newest.lagSeconds} s behind, with an RPO of ${objectives.rpoSeconds} s`;
  return newest.lagSeconds < objectives.rpoSeconds ? ready(said) : notReady(said);
}

type Member = { readonly group: string; readonly region: string; readonly primary: boolean; readonly status: string };

/** The members of the global datastore; null where there is no such datastore. */
export function cacheMemberReady(group: string, region: string, members: readonly Member[] | null): Verdict {
  if (members === null) return notReady('the global datastore of the plan does not exist');
  const member = members.find((one) => one.region === region && one.group === group);
  if (member === undefined) return notReady(`cache ${group} of ${region} is no member of the global datastore`);
  const { status } = member;
  return /^(available|associated)$/i.test(status)
    ? ready(`cache ${group} is ${status}`)
    : notReady(`${group} is ${status}`);
}

/** Without a global datastore: the group that starts empty; null where there is none. */
export function emptyCacheReady(group: string, cache: { readonly status: string } | null): Verdict {
  if (cache === null) return notReady(`cache ${group} does not exist: it needs a person to restore it`);
  return cache.status === 'available' ? ready(`cache ${group} stands`) : notReady(`cache ${group} is ${cache.status}`);
}

/** The status that the standby's page answers with: 5xx is an answer, since it has no writer yet. Null: no answer. */
export function clusterReady(
  { cluster: name, warm }: { readonly cluster: string; readonly warm: boolean },
  { service: { regionHeader } }: Plan,
  region: string,
  answer: { readonly status: number; readonly region: string | null } | null,
): Verdict {
  if (!warm) return notReady(`cluster ${name} is not warm: it has to be created and scaled by a person`);
  if (answer === null) return notReady(`cluster ${name} does not answer`);
  // Without its name a failover would wait at the very end for an answer that nobody can give.
  if (regionHeader !== null && answer.region !== region)
    return notReady(`cluster ${name} answers without ${regionHeader}: ${region}, which service.regionHeader promises`);
  return ready(`cluster ${name} answers with ${answer.status}`);
}

/** The Lambdas of a custom asset, and whether each is there. */
export function functionsReady(
  region: string,
  functions: readonly { readonly name: string; readonly stands: boolean }[],
): Verdict {
  const missing = functions.filter(({ stands }) => !stands).map(({ name }) => name);
  return missing.length === 0
    ? ready(`${functions.map(({ name }) => name).join(', ')} can be called`)
    : notReady(`no such function in ${region}: ${missing.join(', ')}`);
}

/** Whether each latch could be read, and is open. A closed one keeps users away from its region. */
export function latchesReady(
  latches: readonly { readonly bucket: string; readonly region: string; readonly closed: boolean }[],
): Verdict {
  const closed = latches.filter((latch) => latch.closed);
  if (closed.length > 0)
    return notReady(
      `users are kept away: ${closed.map(({ bucket, region }) => `the latch of ${region} is closed in ${bucket}`).join('; ')}`,
    );
  return latches.length === 0
    ? notReady('the plan names no latch buckets')
    : ready(`${latches.length} latches are open`);
}

type Roles = Pick<Standing, 'primary' | 'epoch'>;

/** The roles as the table says in this region and in the peer's: with one truth they are the same. */
export function stateTableReady(here: Roles, there: Roles): Verdict {
  if ([here, there].some(({ epoch }) => epoch === unknownRoles.epoch))
    return notReady('the record of the roles cannot be read');
  const words = ({ primary, epoch }: Roles) => `${primary} is primary in epoch ${epoch}`;
  if (here.primary !== there.primary || here.epoch !== there.epoch)
    return notReady(`the regions disagree: ${words(here)} here, and ${words(there)} there`);
  return ready(`both regions read that ${words(here)}`);
}

/** How many subscriptions of each contact's topic are confirmed; null where SNS does not say. */
export function contactsReady(
  contacts: readonly { readonly role: string; readonly confirmed: number | null }[],
): Verdict {
  const deaf = contacts.filter(({ confirmed }) => confirmed === 0).map(({ role }) => role);
  if (deaf.length > 0) return notReady(`nobody hears ${deaf.join(', ')}: no subscription is confirmed`);
  const untold = contacts.filter(({ confirmed }) => confirmed === null).map(({ role }) => role);
  if (untold.length > 0) return unread(`SNS does not say who hears ${untold.join(', ')}`);
  return ready(`all ${contacts.length} contacts are subscribed`);
}

/** The status of the approval page for a link that nobody was sent; null where it does not answer. */
export function approvalPageReady(status: number | null): Verdict {
  if (status === null) return notReady('the approval page does not answer');
  return status < 500
    ? ready(`the approval page answers with ${status}`)
    : notReady(`the approval page fails with ${status}`);
}
