// What `check` finds unsafe in databases: reasons with their sources in docs/static-stability.md.
import { type Around, error, type Weakness } from '../../../domain/kind/stability.ts';

type Database = {
  readonly multiAz: boolean;
  readonly regions: Readonly<Record<string, { readonly instance: string; readonly securityGroups?: unknown }>>;
};

export function weaknessesIn(db: Database, { primary, standby, path }: Around): Weakness[] {
  const { instance = '' } = db.regions[primary] ?? {};
  const { instance: replica = '' } = db.regions[standby] ?? {};
  const inPrimary = replicaPlace(instance, replica, primary, standby);
  const weaknesses: Weakness[] = [];
  if (inPrimary !== null) {
    weaknesses.push(
      error('replica-in-primary', path('regions', standby, 'instance'), {
        depends: `promotion in ${standby} depends on ${replica}, ${inPrimary}`,
        reason: 'a replica in the region that is lost is lost with it',
        fix: `name a replica that is in ${standby}, with a name of its own`,
      }),
    );
  }
  if (!db.multiAz) {
    weaknesses.push(
      error('database-single-zone', path('multiAz'), {
        depends: `leaving a zone depends on ${instance} having a standby in another zone, and it has none`,
        reason: 'a reboot with failover has nowhere to go: the loss of one zone becomes the loss of the database',
        fix: 'make the instance Multi-AZ and set multiAz: true',
      }),
    );
  }
  for (const region of [primary, standby]) {
    if (db.regions[region]?.securityGroups !== undefined) continue;
    weaknesses.push(
      error('no-fence', path('regions', region, 'securityGroups'), {
        depends: `fencing ${region} depends on a security group that admits nobody, and the plan names none there`,
        reason: 'without a fence the old primary takes writes beside the new one once it is back',
        fix: `create one in ${region} now and name it: during an outage nothing is created there`,
      }),
    );
  }
  return weaknesses;
}

/** Why the replica cannot be in the standby region; null where nothing speaks against it. */
function replicaPlace(instance: string, replica: string, primary: string, standby: string): string | null {
  if (replica === instance) return 'which is the name of the instance that it has to replace';
  const names = (region: string) => replica.includes(region);
  return names(primary) && !names(standby) ? `which names ${primary}` : null;
}
