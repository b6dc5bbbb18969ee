// Looks whether the Lambdas of the user's are there, without running them.
import { isCallable } from '../../aws/looking/lookups.ts';
import type { AssetOf } from '../../domain/plan/assets.ts';
import type { CheckResult } from '../../domain/recovery/readiness.ts';
import type { Shell } from '../../shared/shell.ts';
import { functionsReady } from './assess.ts';

export async function functionsAreReady({ functions }: AssetOf<'custom'>, { region }: Shell): Promise<CheckResult> {
  const looked = Object.values(functions).map(async (name) => ({ name, stands: await isCallable(region, name) }));
  return functionsReady(region, await Promise.all(looked));
}
