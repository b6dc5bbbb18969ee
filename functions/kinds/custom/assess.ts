// What it means that a Lambda of the user's is not there. Pure.
import { type CheckResult, notReady, ready } from '../../domain/recovery/readiness.ts';

/** The Lambdas of an asset, and whether each is there. */
export function functionsReady(
  region: string,
  functions: readonly { readonly name: string; readonly stands: boolean }[],
): CheckResult {
  const missing = functions.filter(({ stands }) => !stands).map(({ name }) => name);
  return missing.length === 0
    ? ready(`${functions.map(({ name }) => name).join(', ')} can be called`)
    : notReady(`no such function in ${region}: ${missing.join(', ')}`);
}
