// What the fence of a database was, and how it is undone: by an abort here, by a switchover that gives up in unfence.ts.
import { type AssetOf, assetsOf } from '../../domain/assets.ts';
import { Unavailable } from '../../domain/errors.ts';
import { unfenceMark } from '../../domain/reaching.ts';
import type { AuditRecord } from '../../domain/store.ts';
import { callsOf } from '../../shared/act.ts';
import { peerOf, placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { describeDatabase, exchangeGroups } from './aws.ts';

/** `unfenced`: those that admit their applications again; null where none was fenced, or may not. `stays`: why, or empty. */
export type Undone = { readonly unfenced: string | null; readonly stays: string };

/** What an execution that holds no lock any more has fenced, and why it stays so; empty where it has fenced nothing. */
export async function fencesLeft(region: string, incident: string, name: string, shell: Shell): Promise<string[]> {
  const past = await callsOf({ id: incident, execution: name }, shell);
  return assetsOf('rds-instance', shell.plan).flatMap((asset) => {
    const { instance } = placeOf(asset, region);
    const last = past.findLast(({ call, target }) => call === 'rds:ModifyDBInstance' && target === instance);
    return last === undefined || last.step === 'abort' || last.step === unfenceMark(asset.name)
      ? []
      : [`${instance} stays fenced: the flow has given ${region} back`];
  });
}

/** Each database that this execution has fenced admits its applications again, unless its replica was promoted. */
export async function unfence(
  region: string,
  incident: string,
  name: string,
  by: string,
  shell: Shell,
): Promise<Undone> {
  const past = await callsOf({ id: incident, execution: name }, shell);
  const undone: Undone[] = [];
  for (const asset of assetsOf('rds-instance', shell.plan))
    undone.push(await unfenceOne(asset, region, past, by, shell));
  const unfenced = undone.flatMap((one) => one.unfenced ?? []);
  return {
    unfenced: unfenced.length === 0 ? null : unfenced.join(', '),
    stays: undone.flatMap(({ stays }) => (stays === '' ? [] : [stays])).join('; '),
  };
}

async function unfenceOne(
  asset: AssetOf<'rds-instance'>,
  region: string,
  past: readonly AuditRecord[],
  by: string,
  shell: Shell,
): Promise<Undone> {
  const { store, now } = shell;
  const { instance: database } = placeOf(asset, region);
  const fence = fenceOf(database, region, past);
  const promotion = past.find(
    ({ call, step }) => call === 'rds:PromoteReadReplica' && step === `take-over/${asset.name}`,
  );
  if (promotion !== undefined)
    return { unfenced: null, stays: await whatStays(asset.name, database, fence, promotion.at, shell) };
  if (fence === undefined) return { unfenced: null, stays: '' };
  const other = await otherWriter(asset, region, shell);
  if (other !== null) return { unfenced: null, stays: `${database} stays fenced: ${other}` };
  const open = openGroupsOf(asset, region);
  const seen = await describeDatabase(region, database);
  if (seen === null) return { unfenced: null, stays: `${database} is not in ${region} any more` };
  if (String(seen.groups) === String(open)) return { unfenced: database, stays: '' };
  const record: AuditRecord = { ...fence, at: now(), step: 'abort', actor: by };
  await store.audit(record);
  if (!(await exchangeGroups(region, database, open)))
    throw new Unavailable(`database ${database} is changing and stays fenced: abort again in a minute`);
  return { unfenced: database, stays: '' };
}

/**
 * Of a database whose replica was promoted, at a time in milliseconds since 1970: one writer is enough, so its fence is not undone.
 * Where it has none people must know, and where it came late, what has diverged: no record of the flow says that any more.
 */
async function whatStays(
  asset: string,
  database: string,
  fence: AuditRecord | undefined,
  promotedAt: number,
  { store }: Shell,
): Promise<string> {
  if (fence === undefined)
    return `${database} is NOT FENCED though its replica was promoted: what it writes is lost, and the fence watch closes it when it answers and serves nobody`;
  const steps = await store.readSteps(fence.incident);
  const fenced = steps.find(({ execution, step }) => execution === fence.execution && step === `fence/${asset}/fenced`);
  if (fenced === undefined)
    return `${database} stays HALF FENCED: it admits nobody new, and sessions of before may go on; its replica was promoted`;
  const stays = `${database} stays fenced: its replica was promoted, and one writer is enough`;
  const [from, until] = [promotedAt, fenced.at].map((at) => new Date(at).toISOString());
  return fenced.at > promotedAt ? `${stays}; what it wrote between ${from} and ${until} has diverged` : stays;
}

/**
 * Why a database stays fenced that this flow has promoted nothing beside: somebody else has; null where its replica is one still, or is
 * not there. A region that does not answer keeps nobody from writing where they did.
 */
export async function otherWriter(
  asset: AssetOf<'rds-instance'>,
  region: string,
  { plan }: Pick<Shell, 'plan'>,
): Promise<string | null> {
  const peer = peerOf(region, plan);
  if (peer === null) return null;
  const { instance } = placeOf(asset, peer);
  try {
    const seen = await describeDatabase(peer, instance);
    return seen?.replicaOf === null ? `${instance} in ${peer} is no replica any more, and one writer is enough` : null;
  } catch (error) {
    if (error instanceof Unavailable) return null;
    throw error;
  }
}

/** The call with which a database was fenced first; undefined where it was not. */
export function fenceOf(database: string, region: string, past: readonly AuditRecord[]): AuditRecord | undefined {
  return past.find(
    ({ call, target, region: at }) => call === 'rds:ModifyDBInstance' && at === region && target === database,
  );
}

/** The security groups with which it admits its applications, in alphabetical order. */
export function openGroupsOf(asset: AssetOf<'rds-instance'>, region: string): readonly string[] {
  return [...(placeOf(asset, region).securityGroups?.open ?? [])].sort();
}
