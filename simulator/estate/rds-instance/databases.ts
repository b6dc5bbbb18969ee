// The databases of the plan, each with the replication between its instances.
import { assetsOf } from '../../../functions/domain/assets.ts';
import type { World } from '../world.ts';
import { createDatabase, type Database } from './database.ts';
import { createReplication, type Replication } from './replication.ts';

export type Replicated = { readonly database: Database; readonly replication: Replication };

/** In the order of the plan. */
export function createDatabases(world: World): Replicated[] {
  return assetsOf('rds-instance', world.plan).map((asset) => {
    const database = createDatabase(world, asset);
    return { database, replication: createReplication(world, database) };
  });
}
