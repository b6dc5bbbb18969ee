// What the functions of `consumers` may do: look at what the plan names and switch it, in the one region that each of them is for.
import {
  type About,
  accountId,
  acts,
  arnIn,
  fences,
  heeds,
  type KindRight,
  type KindRights,
  names,
  together,
  waived,
} from '../../../domain/kind/rights.ts';
import type { Place } from './place-plan.ts';

type Consumers = { readonly regions: Readonly<Record<string, Place>> };

export function rights({ assets, here, there }: About<Consumers>): KindRights {
  const places = (region: string) => assets.flatMap(({ regions }) => regions[region] ?? []);
  const see = (...regions: string[]) =>
    rightsOn(
      regions.flatMap((region) => arnsIn(region, places(region))),
      {
        mappings: ['SeeMappings', 'lambda:GetEventSourceMapping'],
        schedules: ['SeeSchedules', 'scheduler:GetSchedule'],
        rules: ['SeeRules', 'events:DescribeRule'],
        services: ['SeeWorkers', 'ecs:DescribeServices'],
        // What it may do in the cluster, that says itself: by an access entry for its role.
        clusters: ['SeeClusters', 'eks:DescribeCluster'],
      },
    );
  const change = (region: string, rule: readonly string[]) => [
    ...rightsOn(arnsIn(region, places(region)), {
      mappings: ['SwitchMappings', 'lambda:UpdateEventSourceMapping'],
      schedules: ['SwitchSchedules', 'scheduler:UpdateSchedule'],
      rules: ['SwitchRules', ...rule],
      services: ['SwitchWorkers', 'ecs:UpdateService'],
    }),
    passRoles(places(region)),
  ];
  const off = change(there, ['events:DisableRule']);
  const backOn = change(there, ['events:EnableRule']);
  return {
    verbs: {
      fence: { state: together(waived, acts), may: [...see(there), ...off] },
      'fence-late': {
        state: together(waived, acts, heeds, names, fences),
        may: [...see(there), ...off],
        asks: true,
      },
      unfence: { state: together(waived, acts, names), may: [...see(there), ...backOn], asks: true },
      'take-over': { state: acts, may: [...see(here), ...change(here, ['events:EnableRule'])] },
    },
    looks: { assess: see(here, there), 'check-readiness': [...see(here), ...seesUse(places(here), here)] },
  };
}

type Lists = 'mappings' | 'schedules' | 'rules' | 'services' | 'clusters';
type Arn = { readonly of: Lists; readonly arn: string };

function arnsIn(region: string, places: readonly Place[]): Arn[] {
  return places.flatMap(({ mappings, schedules, rules, services, cronJobs, deployments }): Arn[] => [
    ...mappings.map(({ uuid }) => ({
      of: 'mappings' as const,
      arn: arnIn('lambda', region, `event-source-mapping:${uuid}`),
    })),
    ...schedules.map(({ group, name }) => ({
      of: 'schedules' as const,
      arn: arnIn('scheduler', region, `schedule/${group}/${name}`),
    })),
    // A rule of the default bus has no bus in its ARN.
    ...rules.map(({ bus, name }) => ({
      of: 'rules' as const,
      arn: arnIn('events', region, bus === 'default' ? `rule/${name}` : `rule/${bus}/${name}`),
    })),
    ...services.map(({ cluster, service }) => ({
      of: 'services' as const,
      arn: arnIn('ecs', region, `service/${cluster}/${service}`),
    })),
    ...[...cronJobs.map(({ cluster }) => cluster), ...deployments.map(({ cluster }) => cluster)].map((cluster) => ({
      of: 'clusters' as const,
      arn: arnIn('eks', region, `cluster/${cluster}`),
    })),
  ]);
}

type Allowed = Readonly<Partial<Record<Lists, readonly [string, ...string[]]>>>;

function rightsOn(arns: readonly Arn[], allowed: Allowed): KindRight[] {
  return Object.entries(allowed).map(([list, [sid, ...actions]]) => {
    return { sid, actions, on: [...new Set(arns.flatMap(({ of, arn }) => (of === list ? [arn] : [])))] };
  });
}

/** To look whether the role of a schedule is there, and the key of one usable, which no plan names. */
function seesUse(places: readonly Place[], here: string): KindRight[] {
  const roles = places.flatMap(({ schedules }) => schedules.map(({ role }) => role));
  if (roles.length === 0) return [];
  return [
    {
      sid: 'SeeRolesOfSchedules',
      actions: ['iam:GetRole'],
      on: [...new Set(roles)].map((role) => `arn:\${AWS::Partition}:iam::${accountId}:role/${role}`),
    },
    { sid: 'SeeKeys', actions: ['kms:DescribeKey'], on: [arnIn('kms', here, 'key/*')] },
  ];
}

/** Whoever writes a schedule passes the role that it calls its target with, also where that stays as it is. */
function passRoles(places: readonly Place[]): KindRight {
  const roles = places.flatMap(({ schedules }) => schedules.map(({ role }) => role));
  return {
    sid: 'PassRoleOfSchedule',
    actions: ['iam:PassRole'],
    on: [...new Set(roles)].map((role) => `arn:\${AWS::Partition}:iam::${accountId}:role/${role}`),
    onlyIf: ['StringEquals', 'iam:PassedToService', ['scheduler.amazonaws.com']],
  };
}
