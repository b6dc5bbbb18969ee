// What was seen of parameters means: whether a takeover can write them, and whether they are as they have to be. Pure.
import type { KindSeen } from '../../domain/recovery/predict.ts';
import { type CheckResult, notReady, ready } from '../../domain/recovery/readiness.ts';

/** A parameter of the plan; `type` is null where it is not there. */
type ParameterObserved = { readonly name: string; readonly type: string | null };

/**
 * Why Breakwater cannot give a parameter its value; null where it can. It cannot see whether a SecureString is right already, and its key would
 * have to let Breakwater encrypt.
 */
export function whySealed(region: string, { name, type }: ParameterObserved): string | null {
  return type === 'SecureString' ? `parameter ${name} in ${region} is a SecureString, expected a String` : null;
}

/** One that is not there is no obstacle: a takeover makes it. */
export function parametersSeen(region: string, parameters: readonly ParameterObserved[]): KindSeen {
  return { obstacles: parameters.flatMap((one) => whySealed(region, one) ?? []), merits: [] };
}

export function parametersReady(region: string, parameters: readonly ParameterObserved[]): CheckResult {
  const wrong = parameters.flatMap(({ name, type }) => {
    if (type === 'String') return [];
    return `parameter ${name} in ${region} is ${type === null ? 'not there' : `a ${type}`}, expected a String`;
  });
  if (wrong.length > 0) return notReady(wrong.join('; '));
  return ready(`${parameters.map(({ name }) => name).join(', ')} can be written`);
}
