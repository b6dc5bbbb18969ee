// What is done with databases that are asked with SQL, on a schedule. A list of its own: no other function needs a driver for what it keeps up.
import { type AssetOf, assetsOf } from '../domain/plan/assets.ts';
import type { AuditRecord } from '../domain/record/store.ts';
import type { Shell } from '../shared/shell.ts';
import { compareOld } from './rds-instance/home/compare.ts';
import { rejoin } from './rds-instance/home/rejoin.ts';
import { rehearse } from './rds-instance/restoring/rehearse.ts';
import { keepLedger } from './rds-instance/sql/keep-ledger.ts';

/** `calls`: of the flow that holds the region. */
export const keepAllLedgers = (calls: readonly AuditRecord[], shell: Shell): Promise<void> =>
  each((asset) => keepLedger(asset, calls, shell), shell);

/** Rehearses the restore of each, and compares what a failover has left behind. */
export const rehearseAll = (shell: Shell): Promise<void> =>
  each(async (asset) => {
    const done = await Promise.allSettled([rehearse(asset, shell), compareOld(asset, shell)]);
    for (const one of done) if (one.status === 'rejected') throw one.reason;
  }, shell);

/** Those that are asked with SQL, and the others. */
export const rejoinAll = (shell: Shell): Promise<void> => each(rejoin, shell, () => true);

/** One that fails does not keep the others from theirs. @throws what failed, together */
async function each(
  run: (asset: AssetOf<'rds-instance'>, shell: Shell) => Promise<void>,
  shell: Shell,
  which: (asset: AssetOf<'rds-instance'>) => boolean = ({ data }) => data !== undefined,
): Promise<void> {
  const asked = assetsOf('rds-instance', shell.plan).filter(which);
  const done = await Promise.allSettled(asked.map((asset) => run(asset, shell)));
  const failed = done.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join('; '));
}
