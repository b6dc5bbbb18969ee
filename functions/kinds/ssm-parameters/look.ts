// Looks at what the application is configured with: whether a takeover could write it. Changes nothing.
import { parameterType } from '../../aws/looking/lookups.ts';
import { CannotProceed, Unavailable } from '../../domain/errors.ts';
import { type AssetOf, assetsOf } from '../../domain/plan/assets.ts';
import type { KindSeen, Leaving } from '../../domain/recovery/predict.ts';
import type { CheckResult } from '../../domain/recovery/readiness.ts';
import { concernedBy } from '../../domain/recovery/restoring.ts';
import type { Shell } from '../../shared/shell.ts';
import { parametersReady, parametersSeen } from './assess.ts';

type Settings = AssetOf<'ssm-parameters'>;

/** What cannot be written is said before anything is given up. Once something has taken over, to stop helps nobody: then the step says it. */
export async function seeSettings(leaving: Leaving, { plan }: Shell): Promise<KindSeen> {
  const { target, standby: region, mode, only, called } = leaving;
  const concerned = concernedBy({ mode, region: target, asset: only }, plan);
  const settings = assetsOf('ssm-parameters', plan).filter(({ name }) => concerned?.includes(name) !== false);
  if (called.length > 0) return { obstacles: [], merits: [] };
  try {
    return parametersSeen(region, (await Promise.all(settings.map((asset) => read(region, asset)))).flat());
  } catch (error) {
    // That nobody can look now is no obstacle: the step waits for the same answer.
    if (!(error instanceof Unavailable || error instanceof CannotProceed)) throw error;
    return {
      obstacles: [],
      merits: [`whether the parameters in ${region} can be written is NOT KNOWN: ${error.message}`],
    };
  }
}

export async function settingsAreReady(asset: Settings, { region }: Shell): Promise<CheckResult> {
  return parametersReady(region, await read(region, asset));
}

function read(region: string, { parameters }: Settings) {
  return Promise.all(parameters.map(async ({ name }) => ({ name, type: await parameterType(region, name) })));
}
