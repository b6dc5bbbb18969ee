// A person begins the way home: each database is to come back as a replica in the region that was given up.
import { CannotProceed, InvalidInput } from '../../../domain/errors.ts';
import { assetsOf } from '../../../domain/plan/assets.ts';
import type { Rejoin } from '../../../domain/recovery/rejoin.ts';
import { unknownRoles } from '../../../domain/types.ts';
import { peerOf } from '../../../shared/estate.ts';
import { lastMove, type Moved } from '../../../shared/recovery/undone.ts';
import type { Shell } from '../../../shared/shell.ts';
import { describeDatabase } from '../aws/instances.ts';
import { begin } from './rejoin.ts';

/** `begun`: by this call; else it goes on, or is over. */
export type WayHome = {
  readonly home: string;
  readonly serving: string;
  readonly undoes: Moved;
  readonly databases: readonly (Rejoin & { readonly begun: boolean })[];
};

/** Whether what came back is still there, and a replica: what was deleted or ended since is made again. */
async function follows({ region, instance }: Rejoin): Promise<boolean> {
  return instance !== null && (await describeDatabase(region, instance))?.replicaOf != null;
}

/** Safe to repeat: what goes on, or has come back, is not begun again. @throws InvalidInput, CannotProceed, Unavailable. */
export async function beginFailback(by: string, reason: string, shell: Shell): Promise<WayHome> {
  const { store, plan } = shell;
  if (by === '' || reason === '') throw new InvalidInput('a way home needs a name and a reason');
  const { primary: serving, epoch, movedAt } = await store.readStanding(plan.roles.primary);
  const home = peerOf(serving, plan);
  if (epoch === unknownRoles.epoch || home === null)
    throw new CannotProceed('which region serves users is not known: docs/runbook.md#store-damaged');
  if (movedAt === null)
    throw new InvalidInput(`${serving} has been the primary region from the first: nothing is undone`);
  const undoes = await lastMove({ from: home, to: serving }, shell);
  if (undoes === null) throw new CannotProceed(`no record says which execution gave ${home} up`);
  const assets = assetsOf('rds-instance', plan);
  const unsaid = assets.filter(({ regions }) => regions[home]?.restore === undefined).map(({ name }) => name);
  if (unsaid.length > 0)
    throw new InvalidInput(
      `assets: the plan does not say what a replica of ${unsaid.join(', ')} in ${home} is made as, expected regions.${home}.restore`,
    );
  const databases: WayHome['databases'][number][] = [];
  for (const asset of assets) {
    const known = await store.readRejoin(asset.name, home);
    const stands =
      known?.epoch === epoch && (known.endedAt === null || (known.wrong.length === 0 && (await follows(known))));
    databases.push(
      stands
        ? { ...known, begun: false }
        : { ...(await begin(asset, { epoch, moved: undoes, by, reason }, shell, home)), begun: true },
    );
  }
  return { home, serving, undoes, databases };
}
