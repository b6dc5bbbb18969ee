// honest-loss: the reported data loss is never less than the true one; unknown is reported as unknown.
import type { Invariant, Violation } from './model/history.ts';
import { regionActOf } from './model/region-acts.ts';

export const honestLoss: Invariant = (history) => {
  const losses = history.of('loss');
  const dishonest = losses.flatMap(
    ({ at, incident, reportedSeconds: reported, actualSeconds: actual }): Violation[] => {
      if (reported === null) return [];
      const report = `${incident} reports ${reported} s of lost data`;
      if (!Number.isFinite(reported) || reported < 0) return [{ at, what: `${report}, which is no duration` }];
      if (actual === null) return [{ at, what: `${report} where the loss is not known` }];
      return reported < actual ? [{ at, what: `${report} where ${actual} s were lost` }] : [];
    },
  );
  // A flow that made another database the writer and ended well has to have said what that cost.
  const silent = [...history.executions.values()].flatMap(({ name, stateMachine, periods }): Violation[] => {
    const end = periods.at(-1);
    const moved = history
      .of('mutation')
      .find(
        (one) =>
          one.execution === name &&
          one.service === 'rds' &&
          ['promoted', 'restored'].includes(regionActOf(one, stateMachine) ?? ''),
      );
    if (moved === undefined || end?.ended !== 'SUCCEEDED' || end.to === null) return [];
    const told = losses.some(({ incident }) => incident === moved.incident);
    return told
      ? []
      : [
          {
            at: end.to,
            what: `${name} ended without a report of what was lost when ${moved.target} in ${moved.region} became the writer`,
          },
        ];
  });
  return [...dishonest, ...silent];
};
