// What the functions of an `rds-instance` may do. Fencing may not promote, and promotion not fence.
import { type About, acts, arnIn, heeds, type KindRights, together, waived } from '../../domain/rights.ts';

export function rights({ here, there, standing }: About<unknown>): KindRights {
  const databases = (region: string) => standing(region).map((id) => arnIn('rds', region, `db:${id}`));
  const see = (...regions: string[]) => ({
    sid: 'SeeDatabase',
    actions: ['rds:DescribeDBInstances'],
    on: regions.flatMap(databases),
  });
  const seeLag = { sid: 'SeeLag', actions: ['cloudwatch:GetMetricData'], on: '*' } as const;
  const fences = (...seen: string[]) => ({
    state: together(waived, acts, heeds),
    may: [
      see(...seen),
      { sid: 'Fence', actions: ['rds:ModifyDBInstance', 'rds:RebootDBInstance'], on: databases(there) },
    ],
  });
  return {
    verbs: {
      'leave-zone': {
        state: together(acts, heeds),
        may: [see(here), { sid: 'MoveDatabase', actions: ['rds:RebootDBInstance'], on: databases(here) }],
      },
      fence: fences(there),
      // What was taken over is looked at as well: a promotion may have been lost.
      'fence-late': fences(here, there),
      'catch-up': { may: [see(here), seeLag] },
      unfence: {
        state: together(waived, acts),
        may: [see(here, there), { sid: 'Unfence', actions: ['rds:ModifyDBInstance'], on: databases(there) }],
      },
      'take-over': {
        state: acts,
        may: [see(here), { sid: 'Promote', actions: ['rds:PromoteReadReplica'], on: databases(here) }],
      },
      verify: { may: [see(here)] },
    },
    looks: { assess: [see(here, there)], 'check-readiness': [see(here)] },
    find: [see(here)],
  };
}
