// What the fence of a database was, and how it is undone: by an abort here, by a switchover that gives up in unfence.ts.

import { InProgress, Unavailable } from '../../../domain/errors.ts';
import { moment } from '../../../domain/page/page-times.ts';
import { type AssetOf, assetsOf } from '../../../domain/plan/assets.ts';
import type { AuditRecord } from '../../../domain/record/store.ts';
import { unfenceMark } from '../../../domain/recovery/reaching.ts';
import { assetNamed, placeOf } from '../../../shared/estate.ts';
import { callsOf } from '../../../shared/recovery/act.ts';
import { restoresInPlace } from '../../../shared/recovery/fresh.ts';
import type { Shell } from '../../../shared/shell.ts';
import { describeDatabase, exchangeGroups } from '../aws/instances.ts';
import { groupsChange } from '../moves.ts';
import { isStopped, isStuck } from '../rules/status.ts';
import { instanceIn } from '../seen/held.ts';
import { type Promotion, promotionOf } from '../seen/promotion.ts';

/** A function runs for 30 s at most. */
const callMs = 30_000;

/** The execution that a person ends, its incident, and the region that it gave up. */
type Ended = { readonly id: string; readonly execution: string; readonly region: string };

/** `unfenced`: those that admit their applications again; null where none was fenced, or may not. `stays`: why, or empty. */
export type Undone = { readonly unfenced: string | null; readonly stays: string };

/** What an execution that holds no lock any more has fenced, and why it stays so; empty where it has fenced nothing. */
export async function fencesLeft(region: string, incident: string, name: string, shell: Shell): Promise<string[]> {
  const past = await callsOf({ id: incident, execution: name }, shell);
  return assetsOf('rds-instance', shell.plan).flatMap((asset) => {
    const instance = fenceOf(asset.name, region, past)?.target;
    const last = lastChangeOf(instance, past);
    return last === undefined || last === 'abort' || last === unfenceMark(asset.name)
      ? []
      : [`${instance} stays fenced: the flow has given ${region} back`];
  });
}

/** The step of the last call that changed an instance; undefined where none did. */
function lastChangeOf(instance: string | undefined, past: readonly AuditRecord[]): string | undefined {
  return past.findLast(({ call, target }) => call === 'rds:ModifyDBInstance' && target === instance)?.step;
}

/** A database that this execution has fenced admits its applications again, unless its replica was promoted. */
export async function unfence(
  name: string,
  { id, execution, region }: Ended,
  by: string,
  shell: Shell,
): Promise<Undone> {
  const { store, plan, now } = shell;
  const asset = assetNamed(name, 'rds-instance', plan);
  const past = await callsOf({ id, execution }, shell);
  const fence = fenceOf(asset.name, region, past);
  // What was fenced, also where something was restored in its place since.
  const database = fence?.target ?? (await instanceIn(asset, region, shell));
  const isAsked = past.some(({ step }) => step === `take-over/${asset.name}`);
  if (fence === undefined && !isAsked) return { unfenced: null, stays: '' };
  const mode = (await restoresInPlace({ incident: id, execution }, shell)) ? 'restore' : undefined;
  const found = await promotionOf(asset.name, { id, execution, region, ...(mode !== undefined && { mode }) }, shell);
  if (found.promoted === 'soon') throw new InProgress(`${found.why}: ${database} stays as it is`);
  if (found.promoted !== 'no')
    return { unfenced: null, stays: await whatStays(asset.name, database, fence, found, shell) };
  if (fence === undefined) return { unfenced: null, stays: '' };
  const open = openGroupsOf(asset, region);
  const seen = await describeDatabase(region, database).catch((error: unknown) => {
    // A region that fails again keeps nobody from giving up the flow that had opened it before.
    const isOpened = lastChangeOf(database, past) === unfenceMark(asset.name);
    if (error instanceof Unavailable && isOpened) return 'opened' as const;
    throw error;
  });
  if (seen === 'opened') return { unfenced: database, stays: '' };
  if (seen === null) return { unfenced: null, stays: `${database} is not in ${region} any more` };
  if (String(seen.groups) === String(open)) {
    // A function that had passed the lock may still make its call.
    const isUnderWay = past.some((call) => call.target === database && now() - call.at < callMs);
    if (isUnderWay) throw new Unavailable(`the fence of ${database} may still come`);
    return { unfenced: database, stays: '' };
  }
  // What takes no change of its groups is no better in a minute: a person starts or repairs it, and opens it then.
  if (isStopped(seen.status) || isStuck(seen.status))
    return {
      unfenced: null,
      stays: `${database} stays fenced: it is ${seen.status}, and takes no change until somebody repairs it`,
    };
  const record: AuditRecord = { ...fence, at: now(), step: 'abort', actor: by, change: groupsChange(seen, open) };
  await store.audit(record);
  if (!(await exchangeGroups(region, database, open)))
    throw new Unavailable(`database ${database} is ${seen.status}, takes no change now and stays fenced`);
  return { unfenced: database, stays: '' };
}

/**
 * Of a database beside which something takes writes, or may: its fence is not undone. Where it has none people must know, and where
 * it came late, what has diverged: no record of the flow says that any more.
 */
async function whatStays(
  asset: string,
  database: string,
  fence: AuditRecord | undefined,
  { why, askedAt }: Promotion,
  { store }: Shell,
): Promise<string> {
  if (fence === undefined)
    return `${database} is NOT FENCED though ${why}: what it writes is lost, and the fence watch closes it when it answers and serves nobody`;
  const steps = await store.readSteps(fence.incident);
  const fenced = steps.find(({ execution, step }) => execution === fence.execution && step === `fence/${asset}/fenced`);
  if (fenced === undefined)
    return `${database} stays HALF FENCED: it refuses new clients, but earlier sessions may go on; ${why}`;
  const stays = `${database} stays fenced: ${why}, and one writer is enough`;
  if (askedAt === null || fenced.at <= askedAt) return stays;
  const [from, until] = [askedAt, fenced.at].map((at) => moment(at));
  return `${stays}; what it wrote between ${from} and ${until} has diverged`;
}

/** The call with which a database, an asset of the plan, was fenced first; undefined where it was not. */
export function fenceOf(asset: string, region: string, past: readonly AuditRecord[]): AuditRecord | undefined {
  return past.find(
    ({ call, step, region: at }) => call === 'rds:ModifyDBInstance' && at === region && step === `fence/${asset}`,
  );
}

/** The security groups with which it admits its applications, in alphabetical order. */
export function openGroupsOf(asset: AssetOf<'rds-instance'>, region: string): readonly string[] {
  return [...(placeOf(asset, region).securityGroups?.open ?? [])].sort();
}
