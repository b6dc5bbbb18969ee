// Who reads the events of a kind's service: the kind itself, told of the plan's assets of it.
import { assetsOf, kindNames, saidOf } from '../plan/assets.ts';
import type { Hearing, SignalReader } from '../signals/reading.ts';

/** The reader of the kind that hears so; null where none does. */
export function readerOfKind(
  hears: (hearing: Pick<Hearing<never>, 'source' | 'rule'>) => boolean,
): SignalReader | null {
  for (const kind of kindNames) {
    const { hears: hearing } = saidOf({ kind });
    if (hearing !== undefined && hears(hearing))
      return (detail, _event, common, plan) => hearing.read(detail, common, assetsOf(kind, plan), plan.roles);
  }
  return null;
}

/** The sources that kinds hear, and what their assets are called. */
export const heardOfKinds = kindNames.flatMap((kind) => {
  const { hears, called = kind } = saidOf({ kind });
  return hears === undefined ? [] : [{ called, source: hears.source }];
});
