// audited: every mutating call has a record of its own, written before it: incident, step, time, actor.
import { callOf, describe, type Invariant, type Violation } from './model/history.ts';
import type { Mutation, ObservationOf } from './model/observations.ts';
import { endsExperiment, isKeeping } from './model/region-acts.ts';

export const audited: Invariant = (history) => {
  const unused = [...history.of('audit')];
  return history.of('mutation').flatMap((mutation): Violation[] => {
    const index = unused.findIndex((record) => isRecordOf(record, mutation));
    if (index === -1)
      return [{ at: mutation.at, what: `${describe(mutation)}, without a record of that call before it` }];
    // One record stands for one call: a call that was repeated needs a second one.
    const [record] = unused.splice(index, 1);
    const missing = (['incident', 'step', 'actor'] as const).filter((field) => record?.[field] === '');
    return missing.length === 0
      ? []
      : [{ at: mutation.at, what: `${describe(mutation)}, and its record names no ${missing.join(' and no ')}` }];
  });
};

function isRecordOf(record: ObservationOf<'audit'>, mutation: Mutation): boolean {
  const { at, call, region, target, execution } = record;
  return (
    at <= mutation.at &&
    call === callOf(mutation) &&
    region === mutation.region &&
    target === mutation.target &&
    // What no flow does stands in the record under the name of the function that does it; what ends an experiment, under that of its drill.
    (endsExperiment(mutation) || execution === (isKeeping(mutation) ? mutation.step : mutation.execution))
  );
}
