// The ledgers of the databases that are asked with SQL. A list of its own: no other function needs a driver for what it keeps up.
import { assetsOf } from '../domain/assets.ts';
import type { Shell } from '../shared/shell.ts';
import { keepLedger } from './rds-instance/keep-ledger.ts';

/** One that fails does not keep the others from theirs. @throws what failed, together */
export async function keepAllLedgers(shell: Shell): Promise<void> {
  const asked = assetsOf('rds-instance', shell.plan).filter(({ data }) => data !== undefined);
  const kept = await Promise.allSettled(asked.map((asset) => keepLedger(asset, shell)));
  const failed = kept.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join('; '));
}
