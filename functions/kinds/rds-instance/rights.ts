// What the functions of an `rds-instance` may do. Fencing may neither promote nor restore, and neither of them may fence.
import {
  type About,
  acts,
  arnIn,
  heeds,
  type KindRight,
  type KindRights,
  names,
  together,
  waived,
} from '../../domain/rights.ts';
import type { Backups, Restore } from './backup-plan.ts';
import { restoreNames } from './restored.ts';

type Named = {
  readonly regions: Readonly<Record<string, { readonly instance: string; readonly restore?: Restore | undefined }>>;
  readonly backups?: Backups | undefined;
};

export function rights({ assets, here, there }: About<Named>): KindRights {
  const arn = (region: string, kind: string) => (name: string) => arnIn('rds', region, `${kind}:${name}`);
  const restored = (region: string) => assets.flatMap(({ regions }) => regions[region]?.restore ?? []);
  const restorable = (region: string) => restored(region).flatMap(restoreNames).map(arn(region, 'db'));
  const databases = (region: string) => [
    ...assets.flatMap(({ regions }) => regions[region]?.instance ?? []).map(arn(region, 'db')),
    ...restorable(region),
  ];
  const see = (...regions: string[]) => ({
    sid: 'SeeDatabase',
    actions: ['rds:DescribeDBInstances'],
    on: regions.flatMap(databases),
  });
  const seeLag = { sid: 'SeeLag', actions: ['cloudwatch:GetMetricData'], on: '*' } as const;
  const fence = (on: readonly string[]) => ({
    sid: 'Fence',
    actions: ['rds:ModifyDBInstance', 'rds:RebootDBInstance'],
    on,
  });
  // What is corrupted is fenced where it stands.
  const fenced = [...databases(there), ...(restored(here).length === 0 ? [] : databases(here))];
  const wanted = restored(here);
  const made: KindRight[] = [
    {
      sid: 'Restore',
      actions: ['rds:RestoreDBInstanceToPointInTime', 'rds:RestoreDBInstanceFromDBSnapshot'],
      on:
        wanted.length === 0
          ? []
          : [
              ...restorable(here),
              ...unique(wanted.map(({ subnetGroup }) => subnetGroup)).map(arn(here, 'subgrp')),
              ...unique(wanted.map(({ parameterGroup }) => parameterGroup)).map(arn(here, 'pg')),
              ...unique(wanted.map(({ optionGroup }) => optionGroup)).map(arn(here, 'og')),
              // Their ids are made by RDS, or by whoever copies them.
              arnIn('rds', here, 'auto-backup:*'),
              arnIn('rds', here, 'snapshot:*'),
            ],
    },
    { sid: 'TagRestored', actions: ['rds:AddTagsToResource'], on: restorable(here) },
    ...useOfKeys(here, assets),
  ];
  return {
    verbs: {
      'leave-zone': {
        state: together(acts, heeds, names),
        may: [see(here), { sid: 'MoveDatabase', actions: ['rds:RebootDBInstance'], on: databases(here) }],
      },
      fence: {
        state: together(waived, acts, heeds, names),
        may: [{ ...see(there), on: fenced }, fence(fenced)],
      },
      // What was taken over is looked at as well: a promotion may have been lost.
      'fence-late': { state: together(waived, acts, heeds, names), may: [see(here, there), fence(databases(there))] },
      'catch-up': { state: names, may: [see(here), seeLag] },
      unfence: {
        state: together(waived, acts, names),
        may: [see(here, there), { sid: 'Unfence', actions: ['rds:ModifyDBInstance'], on: databases(there) }],
      },
      'take-over': {
        state: together(acts, names, { put: ['holders'] }),
        may: [see(here), { sid: 'Promote', actions: ['rds:PromoteReadReplica'], on: databases(here) }, ...made],
      },
      verify: { state: names, may: [see(here)] },
    },
    looks: { assess: [see(here, there)], 'check-readiness': [see(here)] },
    find: [see(here)],
  };
}

/** RDS uses the key of an encrypted backup in the name of who restores it [AWS, RDS: Encrypting Amazon RDS resources]. */
function useOfKeys(here: string, assets: readonly Named[]): KindRight[] {
  const keys = unique(
    assets.flatMap(({ backups }) =>
      [backups?.replicated, backups?.snapshots].flatMap((kept) => kept?.keys?.[here] ?? []),
    ),
  );
  const actions = ['kms:CreateGrant', 'kms:DescribeKey'];
  const aliases = keys.filter((key) => key.startsWith('alias/'));
  const arns = keys.filter((key) => !key.startsWith('alias/'));
  return [
    { sid: 'UseBackupKeys', actions, on: arns, through: 'rds' },
    {
      sid: 'UseBackupKeysByAlias',
      actions,
      on: aliases.length === 0 ? [] : [arnIn('kms', here, 'key/*')],
      onlyIf: ['ForAnyValue:StringEquals', 'kms:ResourceAliases', aliases],
      through: 'rds',
    },
  ];
}

function unique(all: readonly string[]): string[] {
  return [...new Set(all)];
}
