// Looks at everything that a takeover by this stack's region needs, at once, and changes nothing, but that it lays beside the latches what health
// checks can be tried with.
import { readNewest } from '../aws/looking/metrics.ts';
import { hearersOf, smsAllowed } from '../aws/messages.ts';
import { dynamoStore } from '../aws/store/store.ts';
import { describeRecord, listHealthChecks } from '../aws/traffic/dns.ts';
import { isLatched, writeReadable } from '../aws/traffic/latch.ts';
import { scheduledIn } from '../domain/drills/plan.ts';
import { drillsLacking } from '../domain/drills/record.ts';
import { whyOf } from '../domain/errors.ts';
import { tellsBySms, topicArn, topicsTo } from '../domain/plan/channels.ts';
import {
  approvalPageReady,
  approvalReady,
  type CheckResult,
  contactsReady,
  drillsReady,
  type Hearing,
  lastDrill,
  latchesReadable,
  latchesReady,
  type Readiness,
  smsReady,
  stateTableReady,
  unread,
  worst,
} from '../domain/recovery/readiness.ts';
import { isReadable, latchUrl, readableMark } from '../domain/traffic/latch.ts';
import { changedRecordReady, latchRecordReady } from '../domain/traffic/record.ts';
import type { Standing } from '../domain/types.ts';
import { checksInBoth, checksOf } from '../kinds/looks.ts';
import { damageIn } from './damage.ts';
import { peerOf } from './estate.ts';
import type { Shell } from './shell.ts';
import { visitPage } from './traffic/health.ts';

type Look = readonly [check: string, look: () => Promise<CheckResult>];

/** Looks once. A check that cannot be carried out is unknown; it never fails the others. */
export async function lookAtReadiness(shell: Shell): Promise<Readiness> {
  const { region, now } = shell;
  const at = now();
  const checks = await Promise.all(
    (await looksOf(shell)).map(async ([check, look]) => ({ check, ...(await orUnread(look)) })),
  );
  return { region, at, checks };
}

async function orUnread(look: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await look();
  } catch (error) {
    return unread(error instanceof Error ? error.message : String(error));
  }
}

/** What takes over is looked at in the standby; what tells and asks people, and the truth they share, in both regions. */
async function looksOf(shell: Shell): Promise<Look[]> {
  const { region, plan, store } = shell;
  const standing = await store.readStanding(region).catch((error: unknown) => error);
  let asked: Promise<Hearing[]> | undefined;
  const hearings = () => (asked ??= hearingsIn(shell));
  const common: Look[] = [
    ['state-table', () => stateTable(standing, shell)],
    ['contacts', () => worstOf([async () => contactsReady(await hearings()), ...smsLooks(shell)])],
    ['approval', async () => approvalReady(await hearings(), plan)],
    ['approval-page', () => approvalPage(shell)],
    ...checksInBoth(shell).map(worstOfEach),
  ];
  // Where the table does not say who is primary, both look at what only one of them needs: too much, and not too little.
  if (isStanding(standing) && standing.primary === region) return common;
  const takeover = checksOf(shell).map(worstOfEach);
  if (plan.redirection.mode === 'latch')
    takeover.push(['latches', () => worstOf([() => latches(standing, shell), () => readable(shell)])]);
  takeover.push(['record', () => record(isStanding(standing) ? standing.primary : null, shell)]);
  const drills = scheduledIn(plan);
  if (drills.length > 0)
    takeover.push([lastDrill, async () => drillsReady(drillsLacking(drills, await store.listDrills(), shell.now()))]);
  return [...takeover, ...common];
}

function worstOfEach({ check, looks }: ReturnType<typeof checksOf>[number]): Look {
  return [check, () => worstOf(looks)];
}

/** One check of all assets of a kind: what is worst of them. */
async function worstOf(looks: readonly (() => Promise<CheckResult>)[]): Promise<CheckResult> {
  return worst(await Promise.all(looks.map(orUnread)));
}

function isStanding(read: unknown): read is Standing {
  return typeof read === 'object' && read !== null && 'epoch' in read;
}

/** The latches of both directions: one closes this takeover, the other would keep users away from here. */
async function latches(standing: unknown, { plan }: Shell): Promise<CheckResult> {
  const { primary } = plan.roles;
  const left = isStanding(standing) && standing.primary === plan.roles.standby ? primary : null;
  const all = Object.entries(plan.redirection.latchBuckets).flatMap(([region, buckets]) =>
    Object.entries(buckets).map(([at, bucket]) => ({ region, at, bucket })),
  );
  const looked = all.map(async ({ region, at, bucket }) => ({
    region,
    bucket,
    closed: await isLatched(at, bucket, region),
  }));
  return latchesReady(await Promise.all(looked), left, isStanding(standing) ? standing.primary : null);
}

/** What lies in the buckets of both directions, read as the health checks read it: a signed look sees a latch also where they do not. */
async function readable(shell: Shell): Promise<CheckResult> {
  const all = Object.values(shell.plan.redirection.latchBuckets).flatMap((buckets) => Object.entries(buckets));
  const places = new Map(all.map(([at, bucket]) => [bucket, at]));
  return latchesReadable(await Promise.all([...places].map(([bucket, at]) => readingOf(at, bucket, shell))));
}

/** Of a bucket that holds nothing yet S3 says 403 too: that is written first, and read again. */
async function readingOf(at: string, bucket: string, shell: Shell) {
  const read = async () => (await visitPage(latchUrl(at, bucket, readableMark), shell))?.status ?? null;
  const status = await read();
  if (isReadable({ status }) !== false) return { bucket, status };
  try {
    await writeReadable(at, bucket);
    return { bucket, status: await read() };
  } catch (error) {
    return { bucket, status, unwritten: whyOf(error) };
  }
}

/** The record that moves users: Route 53 must take its change on the day, or its health checks must look at the latches. */
async function record(serving: string | null, { plan }: Shell): Promise<CheckResult> {
  const { hostedZone, record: name, mode } = plan.redirection;
  const seen = await describeRecord(hostedZone, name);
  if (mode === 'record-change') return changedRecordReady(seen, plan, serving);
  const checks = await listHealthChecks(); // after the others: where nobody answers, one timeout is enough
  return checks === null
    ? unread('Route 53 lists more health checks than one page has')
    : latchRecordReady(seen, checks, plan);
}

/** The table as the peer region has it: whoever takes over must find there what was written here. */
async function stateTable(here: unknown, shell: Shell): Promise<CheckResult> {
  const { region, plan, prefix } = shell;
  if (!isStanding(here)) return unread(here instanceof Error ? here.message : String(here));
  const peer = peerOf(region, plan);
  if (peer === null) return unread(`${region} has no peer`);
  const store = dynamoStore(peer, prefix, plan, damageIn(shell));
  return stateTableReady(here, await store.readStanding(region));
}

/** Of each contact's topics, who hears them. What is posted has no subscription. */
function hearingsIn(shell: Shell): Promise<Hearing[]> {
  const topics = Object.entries(shell.plan.contacts).flatMap(([role, contact]) => topicsTo(role, contact));
  return Promise.all(
    topics.map(async ({ of }) => ({ role: of, hears: await hearersOf(shell.region, topicArn(of, shell)) })),
  );
}

/** Where somebody is told by SMS: whether the account may send any, and more than is spent. */
function smsLooks({ region, plan, now }: Shell): (() => Promise<CheckResult>)[] {
  return tellsBySms(plan)
    ? [async () => smsReady({ ...(await smsAllowed(region)), spentDollars: await smsSpent(region, now()) })]
    : [];
}

/** Of this month, as far back as CloudWatch keeps minutes. Source: SNS, "Monitoring Amazon SNS topics using CloudWatch". */
function smsSpent(region: string, now: number): Promise<number | null> {
  const month = new Date(now);
  const begun = Date.UTC(month.getUTCFullYear(), month.getUTCMonth());
  return readNewest(region, smsSpend, Math.max(begun, now - 14 * 86_400_000), now);
}

const smsSpend = { namespace: 'AWS/SNS', name: 'SMSMonthToDateSpentUSD', dimensions: {}, stat: 'Maximum' } as const;

/** Asked with a link that nobody was sent: the page says the same to everyone who has none. */
async function approvalPage(shell: Shell): Promise<CheckResult> {
  const { pageUrl } = shell;
  if (pageUrl === null) return unread('the address of the approval page is not set');
  return approvalPageReady((await visitPage(`${pageUrl}/r/readiness`, shell))?.status ?? null);
}
