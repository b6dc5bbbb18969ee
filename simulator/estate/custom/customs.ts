// What the Lambdas of a plan's custom assets move: a model of Lambdas that keep the contract, since the user's own code speaks to
// what is not in the estate. A take-over begins when it is first asked for, and takes its time.
import { type AssetOf, assetsOf } from '../../../functions/domain/assets.ts';
import type { Caller } from '../types.ts';
import type { World } from '../world.ts';

export type Custom = {
  readonly asset: AssetOf<'custom'>;
  /** Where it works. */
  region(): string;
  isMovingTo(region: string): boolean;
  /** Begins to move it. */
  moveTo(region: string, caller: Caller): void;
};

export function createCustoms(world: World): Custom[] {
  const { plan } = world;
  return assetsOf('custom', plan).map((asset) => {
    let region = plan.roles.primary;
    let goal = region;
    return {
      asset,
      region: () => region,
      isMovingTo: (to) => goal === to && region !== to,
      moveTo(to, caller) {
        goal = to;
        const seconds = world.draw('custom-take-over');
        world.recordWork('custom-take-over', asset.name, seconds, caller);
        world.after(seconds, () => {
          region = to;
        });
      },
    };
  });
}
