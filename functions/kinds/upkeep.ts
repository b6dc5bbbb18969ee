// What each kind keeps up on a schedule, in the region that serves users. Beside kinds.ts and looks.ts, the list of the kinds that do.
import { assetsOf } from '../domain/plan/assets.ts';
import type { Shell } from '../shared/shell.ts';
import { keepExports } from './elasticache/keep-exports.ts';

/** The exports of each cache that has any. One that fails does not keep the others from theirs. @throws what failed, together */
export async function keepAllExports(shell: Shell): Promise<void> {
  const kept = await Promise.allSettled(
    assetsOf('elasticache', shell.plan).map(async (asset) => {
      if (asset.snapshots === undefined) return;
      const done = await keepExports(asset, asset.snapshots, shell);
      if (done !== null) shell.log.info('cache export', { asset: asset.name, done });
    }),
  );
  const failed = kept.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join('; '));
}
