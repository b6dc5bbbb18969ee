// Looks whether the cache that the plan would make on the day could be made in a region. Changes nothing.
import { isSecret, isSecurityGroup, keyState, quotaOf } from '../../../aws/looking/lookups.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import { type CheckResult, ready } from '../../../domain/recovery/readiness.ts';
import { placeOf } from '../../../shared/estate.ts';
import type { Shell } from '../../../shared/shell.ts';
import { isOffered, isParameterGroup, isSubnetGroup, nodesIn, userGroupStatus } from '../aws/room.ts';
import { cacheRoomReady } from '../rules/room.ts';
import { nodesQuota } from '../says/backup-plan.ts';

export async function cacheCanBeMade(asset: AssetOf<'elasticache'>, { region }: Shell): Promise<CheckResult> {
  const { restore: made } = placeOf(asset, region);
  if (made === undefined) return ready(`the plan makes no cache in ${region}`);
  const { authTokenSecret: secret, kmsKey, userGroup } = made;
  const [offered, subnetGroup, parameterGroup, securityGroups, users, isThere, key, most, used] = await Promise.all([
    isOffered(region, made.nodeType),
    isSubnetGroup(region, made.subnetGroup),
    isParameterGroup(region, made.parameterGroup),
    Promise.all(made.securityGroups.map(async (id) => ({ id, there: await isSecurityGroup(region, id) }))),
    userGroup === null ? null : userGroupStatus(region, userGroup).then((status) => ({ status })),
    secret === null ? null : isSecret(region, secret),
    kmsKey === null ? null : keyState(region, kmsKey).then((state) => ({ state })),
    quotaOf(region, 'elasticache', nodesQuota),
    nodesIn(region),
  ]);
  const seen = { offered, subnetGroup, parameterGroup, securityGroups, userGroup: users, secret: isThere, key };
  return cacheRoomReady(made, { ...seen, most, used }, region);
}
