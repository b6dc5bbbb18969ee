// The databases of the plan, each with the replication between its instances and with its backups.
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import type { Parameters } from '../ssm-parameters/parameters.ts';
import type { World } from '../world.ts';
import { type Backups, createBackups } from './backups.ts';
import { createHeartbeats, type Heartbeats } from './data/heartbeats.ts';
import { createDatabase, type Database } from './database.ts';
import { createReplication, type Replication } from './replication.ts';

export type Replicated = {
  readonly database: Database;
  readonly replication: Replication;
  readonly backups: Backups;
  readonly heartbeats: Heartbeats;
};

/** In the order of the plan. `inUse`: what the application of a region uses. */
export function createDatabases(world: World, inUse: Parameters['inUse']): Replicated[] {
  return assetsOf('rds-instance', world.plan).map((asset) => {
    const database = createDatabase(world, asset);
    const replication = createReplication(world, database, inUse);
    return {
      database,
      replication,
      backups: createBackups(world, database, replication),
      heartbeats: createHeartbeats(world, replication),
    };
  });
}
