// With which key something is encrypted that a database can be restored from: whoever restores it has to be allowed to use that.
import type { World } from '../world.ts';
import { accountIn, keyNamed } from './account.ts';
import { instanceArn } from './database.ts';
import type { Replicated } from './databases.ts';

/** By the ARN of automated backups, of a snapshot or of an instance, or by an instance's resource id. Null where it has none. */
export function backupKey(
  named: string,
  world: World,
  databases: readonly Replicated[],
): { readonly arn: string; readonly aliases: readonly string[] } | null {
  if (!/^db-|^arn:[^:]+:rds:/.test(named)) return null;
  const regions = Object.keys(world.plan.regions);
  const known = databases.flatMap(({ database, backups }) => [
    ...regions.flatMap((region) => backups.automated(region)).map(({ arn, keyArn }) => [arn, keyArn] as const),
    ...regions.flatMap((region) => backups.snapshots(region)).map(({ arn, keyArn }) => [arn, keyArn] as const),
    ...database.all().flatMap((instance) => {
      const { keyArn } = instance.settings;
      return [[instanceArn(instance, world.account), keyArn] as const, [instance.resourceId, keyArn] as const];
    }),
  ]);
  const arn = known.find(([name]) => name === named)?.[1] ?? null;
  if (arn === null) return null;
  const { keys } = accountIn(world, arn.split(':')[3] ?? '', [], 0);
  return keyNamed(arn, keys) ?? { arn, aliases: [] };
}
