// What the Lambdas of a plan's custom assets move, and Lambda as far as it runs them: a model of Lambdas that keep the contract
// in docs/custom-kind.md, since the user's own code speaks to what is not in the estate.
import * as z from 'zod';
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import { type Answers, noteMutation, read } from '../apis/answer.ts';
import { refusal } from '../calls/aws-error.ts';
import type { Standing, TruthOf } from '../twins.ts';
import type { World } from '../world.ts';

const Invoke = z.looseObject({
  FunctionName: z.string(),
  InvocationType: z.enum(['RequestResponse', 'DryRun']).default('RequestResponse'),
  Payload: z.string().default('null'),
});
const Asked = z.looseObject({
  verb: z.enum(['leave-zone', 'take-over', 'verify']),
  asset: z.string(),
  dryRun: z.boolean(),
});

/** Where each asset that is moved works, and where it is on its way to, by its name. What nobody moves works everywhere. */
type Places = Map<string, { region: string; goal: string }>;
const placesOf = new WeakMap<World, Places>();

export function createCustoms(world: World): Standing {
  const assets = assetsOf('custom', world.plan);
  const { primary } = world.plan.roles;
  const moved = assets.filter(({ functions }) => functions['take-over'] !== undefined);
  const places: Places = new Map(moved.map(({ name }) => [name, { region: primary, goal: primary }]));
  placesOf.set(world, places);

  const lambda: Answers = {
    Invoke(call, parts) {
      const { FunctionName, InvocationType, Payload } = read(Invoke, call);
      const { region, caller } = call;
      if (!assets.some(({ functions }) => Object.values(functions).includes(FunctionName))) {
        const arn = `arn:aws:lambda:${region}:${world.account}:function:${FunctionName}`;
        throw refusal('ResourceNotFoundException', `Function not found: ${arn}`, 404);
      }
      if (InvocationType === 'DryRun') return { StatusCode: 204 };
      const { verb, asset, dryRun } = Asked.parse(JSON.parse(Payload));
      const place = places.get(asset);
      if (verb === 'take-over' && !dryRun && place !== undefined && place.goal !== region) {
        place.goal = region;
        const seconds = world.draw('custom-take-over');
        world.recordWork('custom-take-over', FunctionName, seconds, caller);
        world.after(seconds, () => {
          place.region = place.goal;
        });
        noteMutation(call, parts, `${FunctionName} for ${asset}`, null);
      }
      // Nothing of it stands in one zone alone: to leave one takes nothing.
      const isDone = verb === 'leave-zone' || dryRun || place === undefined || place.region === region;
      const said = isDone ? { done: true, seen: { region } } : { done: false, why: `it is not yet in ${region}` };
      return { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: Buffer.from(JSON.stringify(said)) };
    },
  };
  return {
    services: { lambda },
    serves: (region, asset) =>
      [...places].every(([name, place]) => (asset ?? name) !== name || place.region === region),
  };
}

export const customTruth: TruthOf<'custom'> = ({ name }, { world }, _, usersRegion) => {
  const region = placesOf.get(world)?.get(name)?.region ?? usersRegion;
  return { region, zone: null, serves: region === usersRegion };
};
