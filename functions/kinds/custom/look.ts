// Looks whether the Lambdas of the user's are there, without running them.
import type { AssetOf } from '../../domain/assets.ts';
import type { Verdict } from '../../domain/readiness.ts';
import type { Shell } from '../../shared/shell.ts';
import { functionsReady } from './assess.ts';
import { canInvoke } from './aws.ts';

export async function functionsAreReady({ functions }: AssetOf<'custom'>, { region }: Shell): Promise<Verdict> {
  const looked = Object.values(functions).map(async (name) => ({ name, stands: await canInvoke(region, name) }));
  return functionsReady(region, await Promise.all(looked));
}
