// Where a database is asked with SQL, and as whom.
import type { Database } from '../../../aws/sql/sql.ts';
import type { Data } from '../../../domain/data/keys.ts';
import { CannotProceed, InProgress } from '../../../domain/errors.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import type { DatabaseSeen } from '../aws/instances.ts';

/** `reader` reads the plan's tables; `writer` writes in the schema breakwater. */
export type AskedAs = { readonly data: Data; readonly reader: Database; readonly writer: Database };

/** @throws CannotProceed where the plan does not say how, InProgress where there is no address yet */
export function askedIn(
  { name, engine, data }: AssetOf<'rds-instance'>,
  { region, endpoint, port }: Pick<DatabaseSeen, 'endpoint' | 'port'> & { readonly region: string },
): AskedAs {
  const secrets = data?.secrets[region];
  if (data === undefined || secrets === undefined)
    throw new CannotProceed(`the plan names no secrets of ${name} in ${region}`);
  if (endpoint === null || port === null) throw new InProgress(`database ${name} has no address in ${region} yet`);
  const reader: Database = { region, engine, host: endpoint, port, data, secret: secrets.reader };
  return { data, reader, writer: { ...reader, secret: secrets.writer } };
}
