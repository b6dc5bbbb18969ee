// What the functions of an `elasticache` may do. A member of a global datastore fails over with it, and without one the
// standby's starts empty.
import { type About, acts, arnIn, type KindRights } from '../../domain/rights.ts';

type Cache = {
  readonly globalDatastore: string | null;
  readonly regions: Readonly<Record<string, { readonly replicationGroup: string }>>;
};

export function rights({ assets, here, standing }: About<Cache>): KindRights {
  const arn = (group: string) => arnIn('elasticache', here, `replicationgroup:${group}`);
  const groups = standing(here).map(arn);
  const empty = assets.filter(({ globalDatastore }) => globalDatastore === null);
  const datastores = assets
    .flatMap(({ globalDatastore }) => globalDatastore ?? [])
    .map((id) => arnIn('elasticache', '', `globalreplicationgroup:${id}`));
  const describe = ['elasticache:DescribeReplicationGroups'];
  const see = { sid: 'SeeCache', actions: describe, on: groups };
  const seeEmpty = { ...see, on: empty.flatMap(({ regions }) => regions[here]?.replicationGroup ?? []).map(arn) };
  const seeGlobal = {
    sid: 'SeeGlobalCache',
    actions: ['elasticache:DescribeGlobalReplicationGroups'],
    on: datastores,
  };
  const moves = {
    state: acts,
    may: [see, { sid: 'MoveCache', actions: ['elasticache:ModifyReplicationGroup'], on: groups }],
  };
  const failOver = {
    sid: 'FailOverCache',
    actions: ['elasticache:FailoverGlobalReplicationGroup'],
    on: datastores,
  };
  return {
    verbs: {
      'leave-zone': moves,
      settle: moves,
      'take-over': { state: acts, may: [seeEmpty, seeGlobal, failOver] },
    },
    looks: { assess: [seeGlobal], 'check-readiness': [seeEmpty, seeGlobal] },
    find: [see],
  };
}
