// Looks at ECS services: whether they can take over, and whether they are ready to. Changes nothing.
import { describeService } from '../../aws/workloads/ecs.ts';
import { type AssetOf, assetsOf } from '../../domain/plan/assets.ts';
import type { KindSeen, Leaving } from '../../domain/recovery/predict.ts';
import type { CheckResult } from '../../domain/recovery/readiness.ts';
import { createAsker, placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { serviceReady, servicesSeen } from './assess.ts';

export async function seeServices(leaving: Leaving, { plan }: Shell): Promise<KindSeen> {
  const { standby } = leaving;
  const { ask, unanswered } = createAsker();
  const services = assetsOf('ecs-service', plan).map(async (asset) => {
    const place = placeOf(asset, standby);
    return { ...place, seen: await ask(describeService(standby, place)) };
  });
  return { ...servicesSeen(await Promise.all(services), leaving), unanswered: unanswered() };
}

export async function serviceIsReady(asset: AssetOf<'ecs-service'>, { region }: Shell): Promise<CheckResult> {
  const place = placeOf(asset, region);
  return serviceReady(place.service, place.desiredCount, await describeService(region, place));
}
