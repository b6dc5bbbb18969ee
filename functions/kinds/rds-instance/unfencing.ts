// What the fence of a database was, and how it is undone: by an abort here, by a switchover that gives up in unfence.ts.
import { type AssetOf, assetsOf } from '../../domain/assets.ts';
import { Unavailable } from '../../domain/errors.ts';
import type { AuditRecord } from '../../domain/store.ts';
import { placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { describeDatabase, exchangeGroups } from './aws.ts';

/** `unfenced`: those that admit their applications again; null where none was fenced, or may not. `stays`: why, or empty. */
export type Undone = { readonly unfenced: string | null; readonly stays: string };

/** Each database that this execution has fenced admits its applications again, unless its replica was promoted. */
export async function unfence(
  region: string,
  incident: string,
  name: string,
  by: string,
  shell: Shell,
): Promise<Undone> {
  const past = (await shell.store.readAudit(incident)).filter((call) => call.execution === name);
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
  if (fence === undefined) return { unfenced: null, stays: '' };
  if (past.some(({ call, step }) => call === 'rds:PromoteReadReplica' && step === `take-over/${asset.name}`))
    return { unfenced: null, stays: `${database} stays fenced: its replica was promoted, and one writer is enough` };
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
