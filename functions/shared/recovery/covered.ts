// The end of the time in which no other region could take over: it stands in the record of the failover that it began with.
import { embedded, figuresOf } from '../../domain/figures.ts';
import type { Readiness } from '../../domain/recovery/readiness.ts';
import type { Standing } from '../../domain/types.ts';
import type { Shell } from '../shell.ts';
import { lastMove } from './undone.ts';

/** The step of the record that says since when the next disaster is covered again. */
export const coveredStep = 'covered';

/** Kept once, at the first look of the new standby at which nothing is missing. A region that serves covers nothing. */
export async function noteCovered(
  { region, at, coveredAt }: Readiness,
  { primary }: Pick<Standing, 'primary'>,
  { store, log, prefix }: Shell,
): Promise<void> {
  if (coveredAt !== at || primary === region) return;
  const moved = await lastMove({ from: region, to: primary }, { store });
  if (moved === null) return;
  const { incident, execution, since } = moved;
  const outcome = { region, since, unprotectedSeconds: Math.round((at - since) / 1000) };
  await store.recordStep({ incident, execution, step: coveredStep, at, outcome });
  const figures = embedded(prefix, at, figuresOf('region-failover', outcome));
  log.info('the next disaster is covered again', { incident, execution, ...outcome, ...figures });
}
