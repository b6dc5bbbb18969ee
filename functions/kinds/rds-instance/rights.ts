// What the functions of an `rds-instance` may do. Fencing may not promote, and promotion not fence.
import type { Data } from '../../domain/data/keys.ts';
import {
  type About,
  acts,
  arnIn,
  heeds,
  type KindRight,
  type KindRights,
  together,
  waived,
} from '../../domain/rights.ts';

export function rights({ assets, here, there, standing }: About<{ readonly data?: Data | undefined }>): KindRights {
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
      verify: { may: [see(here), ...readCredentials(assets, here)] },
    },
    looks: { assess: [see(here, there)], 'check-readiness': [see(here)] },
    find: [see(here)],
  };
}

/** The secrets of the roles that ask databases, and of nothing else. Secrets Manager ends their ARNs with six letters of its own. */
function readCredentials(assets: readonly { readonly data?: Data | undefined }[], region: string): KindRight[] {
  const places = assets.flatMap(({ data }) => data?.secrets[region] ?? []);
  const secrets = places.flatMap(({ reader, writer }) => [reader, writer]);
  return [
    {
      sid: 'ReadCredentials',
      actions: ['secretsmanager:GetSecretValue'],
      on: secrets.map((name) => arnIn('secretsmanager', region, `secret:${name}-??????`)),
    },
    {
      sid: 'DecryptCredentials',
      actions: ['kms:Decrypt'],
      on: places.flatMap(({ key }) => key ?? []),
      onlyIf: ['StringEquals', 'kms:ViaService', [`secretsmanager.${region}.amazonaws.com`]],
    },
  ];
}
