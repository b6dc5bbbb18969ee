// Where a database is for users, and whether it takes their writes.
import type { TruthOf } from '../twins.ts';
import type { Database, Instance } from './database.ts';

export const databaseTruth: TruthOf<'rds-instance'> = (asset, { databases }, service, usersRegion) => {
  const found = databases.find((one) => one.database.asset === asset);
  if (found === undefined) throw new Error(`database ${asset.name} has no part in the estate`);
  const { database } = found;
  const writer = writerOf(database, usersRegion, service.instanceInUse(database, usersRegion));
  return { region: writer.region, zone: writer.writerZone, serves: database.writable(writer) };
};

/** What takes the writes of users in a region: what was restored once they use it; a replica is no writer before it is promoted. */
function writerOf({ primary, replica }: Database, usersRegion: string, used: Instance | null): Instance {
  if (used !== null && used !== replica && used.sourceId === null) return used;
  return replica.sourceId === null && replica.region === usersRegion ? replica : primary;
}
