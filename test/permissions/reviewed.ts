// docs/permissions.md, the reviewed statement of who may do what, as statements of one region's stack with one plan.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetsOf, standsIn } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import type { CustomVerb } from '../../functions/kinds/custom/rights.ts';
import { type Restore, restoreNames } from '../../functions/kinds/elasticache/says/backup-plan.ts';
import { balancersIn } from '../../functions/shared/estate.ts';
import { cacheIn, clusterIn, databaseIn, the } from '../assets.ts';
import { account } from './resolve.ts';

const root = join(import.meta.dirname, '..', '..');
export const documents = readFileSync(join(root, 'docs/permissions.md'), 'utf8');

/** The section under a heading. */
export function sectionOf(heading: string): string {
  const found = documents.split(/^#{2,3} /m).find((part) => part.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`docs/permissions.md has no section ${heading}`);
  return found;
}

/** The rows of the table under a heading, without its head; cells without their code marks. */
export function rowsOf(heading: string): string[][] {
  const rows = sectionOf(heading)
    .split('\n')
    .filter((text) => /^\| [^-]/.test(text));
  return rows.slice(1).map((text) =>
    text
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

/** Where a statement of the tables is about: one region's stack of a plan. */
export type Place = { readonly plan: Plan; readonly here: string; readonly prefix: string };

/** The statements that the tables give a function, each as text that is the same for what a role has. */
export function reviewed(name: string, place: Place): string[] {
  const inTable = rowsOf('State table').filter(([who = '']) => listed(who).includes(name));
  const atAws = rowsOf('Functions').filter(([who = '']) => who === 'every function' || listed(who).includes(name));
  return joined([
    ...inTable.flatMap((row) => ofTable(row, place)),
    ...atAws.flatMap((row) => ofFunction(row, name, place)),
  ]);
}

/** What is allowed by the same actions on the same conditions, or of all things, is one statement: a table has a row for each reason, and a role has no room for that. */
export function joined(lines: readonly string[]): string[] {
  const parts = lines
    .map((text) => text.split(' | ') as [string, string, string])
    // What is allowed of all things is one statement of a role, whatever the rows are that it has it from.
    .flatMap((part): [string, string, string][] =>
      part[1] === '*' && part[2] === '' ? listed(part[0]).map((action) => [action, '*', '']) : [part],
    );
  const alike = Map.groupBy(parts, ([actions, , conditions]) => JSON.stringify([actions, conditions]));
  return [...alike.values()]
    .flatMap(([first, ...others]) =>
      first === undefined
        ? []
        : line(
            listed(first[0]),
            [first, ...others].flatMap(([, on]) => listed(on)),
            first[2] === '' ? [] : [first[2]],
          ),
    )
    .toSorted();
}

function ofTable([, reads = '', lists = '', writes = '', other = '']: readonly string[], place: Place): string[] {
  const [, action = '', keys = ''] = /^(\w+) (.*)$/.exec(other) ?? [];
  const granted = [
    ['GetItem', reads],
    ['Query', lists],
    ['PutItem', writes],
    [action, keys],
  ].filter(([, partitions]) => partitions !== '');
  const table = arns('dynamodb:here:account:table/prefix', place);
  return granted.map(([verb, partitions = '']) =>
    line([`dynamodb:${verb}`], table, [`every dynamodb:LeadingKeys is like ${sorted(partitions)}`]),
  );
}

function ofFunction(row: readonly string[], name: string, place: Place): string[] {
  const [, actions = '', resources = '', onlyIf = '', where = ''] = row;
  if (!isThere(where, place.plan)) return [];
  const on = listed(resources).flatMap((one) => arns(one.replace('[function]', name), place));
  const conditions = onlyIf === '' ? [] : onlyIf.split(';').map((one) => condition(one.trim(), place));
  return on.length === 0 ? [] : [line(listed(actions), on, conditions)];
}

/** Conditions of the plan that rows have. */
function isThere(where: string, plan: Plan): boolean {
  const [, service] = /^(\w+) among the hard dependencies$/.exec(where) ?? [];
  if (service !== undefined) return plan.dependencies.hard.includes(service);
  switch (where) {
    case '':
      return true;
    case 'a database':
      return assetsOf('rds-instance', plan).length > 0;
    case 'a cache':
      return assetsOf('elasticache', plan).length > 0;
    case 'a cluster':
      return assetsOf('eks-cluster', plan).length > 0;
    case 'a drill of a database':
      return plan.drills.some(({ target }) => target?.fault === 'database-failover');
    case 'a drill that may harm a database':
      return plan.drills.some(
        ({ target, staysDays }) =>
          target?.fault === 'database-failover' || target?.fault === 'zone' || staysDays !== undefined,
      );
    case 'a drill of a cluster':
      return plan.drills.some(({ target }) => target?.fault === 'pod' || target?.fault === 'node');
    case 'a drill of a node or a zone':
      return plan.drills.some(({ target }) => target?.fault === 'node' || target?.fault === 'zone');
    case 'a contact by SMS':
      return Object.values(plan.contacts).some(({ channel, next = [] }) => channel === 'sms' || next.includes('sms'));
    case 'a contact with a webhook':
      return Object.values(plan.contacts).some(({ webhook }) => webhook !== undefined);
    case 'a global datastore':
      return the('elasticache', plan).globalDatastore !== null;
    case 'no global datastore, or a restore':
      return the('elasticache', plan).globalDatastore === null || cacheRestores(plan).length > 0;
    case 'a restore':
      return cacheRestores(plan).length > 0;
    case 'exports':
      return the('elasticache', plan).snapshots !== undefined;
    case 'an AUTH token':
      return cacheRestores(plan).some(({ authTokenSecret }) => authTokenSecret !== null);
    case 'a key of the cache':
      return cacheRestores(plan).some(({ kmsKey }) => kmsKey !== null);
    case 'keys of backups by alias':
      return Object.keys(plan.regions).some((region) => aliasesIn(region, plan).length > 0);
    case 'node groups':
      return Object.values(the('eks-cluster', plan).regions).some(({ scale }) => (scale?.nodeGroups.length ?? 0) > 0);
    case 'latches':
      return plan.redirection.mode === 'latch';
    case 'a changed record':
      return plan.redirection.mode === 'record-change';
    case 'a remediation that acts':
      return plan.remediation.afterRelease?.mode === 'act';
    default:
      throw new Error(`docs/permissions.md: nobody knows when a plan has ${where}`);
  }
}

/** What the plan makes of its cache in a region, or in any. */
function cacheRestores(plan: Plan, region?: string): Restore[] {
  const places = Object.entries(the('elasticache', plan).regions);
  return places.flatMap(([at, { restore }]) => (restore === undefined || at !== (region ?? at) ? [] : [restore]));
}

function condition(text: string, place: Place): string {
  const [, key = '', value = ''] = /^(.*? is(?: like)?) (.*)$/.exec(text) ?? [];
  const values = listed(value).flatMap((one) => filled(one, place));
  return `${key} ${sorted(values.join(','))}`;
}

/** A resource of the tables as ARNs: several where its name in brackets stands for several. */
function arns(text: string, place: Place): string[] {
  return text === '*' ? ['*'] : filled(text, place).map((one) => `arn:aws:${one}`);
}

/** The Lambdas of the plan's user that do a verb. */
function asked(verb: CustomVerb, plan: Plan): string[] {
  return assetsOf('custom', plan).flatMap(({ functions }) => functions[verb] ?? []);
}

/** Text with its words and its names in brackets exchanged for what they stand for. */
function filled(text: string, { plan, here, prefix }: Place): string[] {
  const { primary, standby } = plan.roles;
  const peer = here === primary ? standby : primary;
  const at = text.includes(':peer:') ? peer : here;
  const isMain = at === primary || at === standby;
  const contacts = Object.entries(plan.contacts);
  const latches = (givenUp: string) =>
    Object.values(plan.redirection.latchBuckets[givenUp] ?? {}).map((bucket) => [bucket, `${bucket}/latch/${givenUp}`]);
  const all = [...latches(primary), ...latches(standby)];
  const shiftedClusters = isMain ? [`arn:aws:eks:${here}:${account}:cluster/${clusterIn(here, plan)}`] : [];
  const shiftedBalancers = (isMain ? balancersIn(here, plan) : []).map(
    (id) => `arn:aws:elasticloadbalancing:${here}:${account}:loadbalancer/${id}`,
  );
  const restoresIn = (region: string) =>
    assetsOf('rds-instance', plan).flatMap(({ regions }) => regions[region]?.restore ?? []);
  // What a restore failed with keeps its name: there are three.
  const restored = (region: string) =>
    restoresIn(region).flatMap(({ instance }) => [instance, `${instance}-2`, `${instance}-3`]);
  const cache = the('elasticache', plan);
  const ofCache = cacheRestores(plan, here);
  const exportBucket = cache.regions[here]?.snapshotBucket?.name;
  const names: Readonly<Record<string, readonly (string | undefined)[]>> = {
    database: isMain ? [databaseIn(at, plan), ...restored(at)] : [],
    instance: isMain ? [databaseIn(at, plan)] : [],
    restored: restored(at),
    'database that can be restored': restored(here).length === 0 ? [] : [databaseIn(here, plan), ...restored(here)],
    'database that is kept': assetsOf('rds-instance', plan).flatMap(({ name, multiAz }) => (multiAz ? name : [])),
    'database that comes back': assetsOf('rds-instance', plan).flatMap(({ name, regions }) =>
      regions[here]?.restore === undefined ? [] : name,
    ),
    'database that is followed': restored(here).length === 0 || !isMain ? [] : [databaseIn(at, plan), ...restored(at)],
    'own alias': ownAliasesIn(here, plan),
    'subnet group': restoresIn(at).map(({ subnetGroup }) => subnetGroup),
    'parameter group': restoresIn(at).map(({ parameterGroup }) => parameterGroup),
    'option group': restoresIn(at).map(({ optionGroup }) => optionGroup),
    secret: restoresIn(at).flatMap(({ secret }) => secret ?? []),
    'database with copies': assetsOf('rds-instance', plan).flatMap(({ name, backups }) =>
      backups?.snapshots ? name : [],
    ),
    'alias of backups': aliasesIn(here, plan),
    'alias of what is restored': [...aliasesIn(here, plan), ...ownAliasesIn(here, plan)],
    cache: isMain ? standsIn(at, cache) : [],
    'own cache': isMain ? [cacheIn(at, plan)] : [],
    'restored cache': ofCache.flatMap((one) => restoreNames(one.replicationGroup)),
    'cache parameter group': ofCache.map(({ parameterGroup }) => parameterGroup),
    'cache subnet group': ofCache.map(({ subnetGroup }) => subnetGroup),
    'cache user group': ofCache.flatMap(({ userGroup }) => userGroup ?? []),
    'auth token': ofCache.map(({ authTokenSecret }) => authTokenSecret ?? undefined),
    'cache key': ofCache.map(({ kmsKey }) => kmsKey?.replace(/^arn:aws:/, '')),
    snapshot: [`${prefix}-${cache.name}-*`],
    'export bucket': [exportBucket],
    export: [`${exportBucket}/${prefix}-${cache.name}-*`],
    'experiment template': plan.drills
      .filter(({ target }) => target?.fault === 'node' || target?.fault === 'zone')
      .map((_, index) => `DrillExperiment${index + 1}`),
    cluster: isMain ? [clusterIn(at, plan)] : [],
    service: isMain ? assetsOf('ecs-service', plan).flatMap((asset) => standsIn(at, asset)) : [],
    ...consumerNames(at, isMain ? plan : null),
    ...clusterNames(at, isMain ? plan : null),
    datastore: [the('elasticache', plan).globalDatastore ?? undefined],
    contact: contacts.filter(([, { webhook }]) => webhook === undefined).map(([role]) => role),
    webhook: contacts.map(([, { webhook }]) => webhook),
    parameter: assetsOf('ssm-parameters', plan)
      .flatMap((asset) => asset.parameters)
      .map(({ name }) => name),
    'function that leaves': asked('leave-zone', plan),
    'function that takes over': asked('take-over', plan),
    'function that verifies': asked('verify', plan),
    'function that is asked': [...asked('leave-zone', plan), ...asked('take-over', plan), ...asked('verify', plan)],
    latch: all.map(([, object]) => object),
    readable: all.map(([bucket]) => `${bucket}/latch/readable`),
    bucket: all.map(([bucket]) => bucket),
    'latch of peer': latches(peer).map(([, object]) => object),
    'bucket of peer': latches(peer).map(([bucket]) => bucket),
    'own latch': latches(here).map(([, object]) => object),
    'bucket of the own latch': latches(here).map(([bucket]) => bucket),
    zone: [plan.redirection.hostedZone],
    record: [plan.redirection.record],
    project: [plan.remediation.afterRelease?.buildProject],
    'shifted cluster': shiftedClusters,
    'shifted balancer': shiftedBalancers,
    shifted: [...shiftedClusters, ...shiftedBalancers],
    key: ['key-id'],
    suffix: ['AbCdEf'],
  };
  const [bracket, word] = /\[([a-z ]+)\]/.exec(text) ?? [];
  const values = word === undefined ? [''] : names[word];
  if (values === undefined) throw new Error(`docs/permissions.md: [${word}] stands for nothing`);
  const known = values.filter((value) => value !== undefined);
  return [...new Set(known)].map((value) =>
    text
      .replaceAll(/\bhere\b/g, here)
      .replaceAll(/\bpeer\b(?!\])/g, peer)
      .replaceAll(/\baccount\b/g, account)
      .replaceAll(/\bprefix\b/g, prefix)
      .replaceAll(/\bapplication\./g, `${plan.application}.`)
      .replace(bracket ?? '', value),
  );
}

/** What the plan says of scaling and rebuilding the clusters of a region. */
/** What consumes in a region; a role stands in none, and each direction passes those of its own region. */
function consumerNames(at: string, plan: Plan | null): Record<string, string[]> {
  const assets = plan === null ? [] : assetsOf('consumers', plan);
  const all = assets.flatMap(({ regions }) => regions[at] ?? []);
  const roles = assets.flatMap(({ regions }) => Object.values(regions)).flatMap(({ schedules }) => schedules);
  return {
    mapping: all.flatMap(({ mappings }) => mappings.map(({ uuid }) => uuid)),
    schedule: all.flatMap(({ schedules }) => schedules.map(({ group, name }) => `${group}/${name}`)),
    rule: all.flatMap(({ rules }) => rules.map(({ bus, name }) => (bus === 'default' ? name : `${bus}/${name}`))),
    'cluster of consumers': all.flatMap(({ cronJobs, deployments }) =>
      [...cronJobs, ...deployments].map(({ cluster }) => cluster),
    ),
    worker: all.flatMap(({ services }) => services.map(({ cluster, service }) => `${cluster}/${service}`)),
    'role of schedule': [...new Set(roles.map(({ role }) => role))],
    'role of own schedule': [...new Set(all.flatMap(({ schedules }) => schedules.map(({ role }) => role)))],
  };
}

function clusterNames(at: string, plan: Plan | null): Record<string, string[]> {
  const all = plan === null ? [] : assetsOf('eks-cluster', plan);
  const places = all.flatMap(({ name, regions }) => (regions[at] === undefined ? [] : [{ name, ...regions[at] }]));
  const rebuilt = places.flatMap(({ name, rebuild }) => (rebuild === undefined ? [] : [{ name, ...rebuild }]));
  const backups = rebuilt.flatMap(({ bucket, application }) =>
    application.from === 'resources'
      ? ['', '.dry-run', '.images'].map((end) => `${bucket.name}/${application.key}${end}`)
      : [`${bucket.name}/${application.chart.key}.images`],
  );
  const brought = rebuilt.flatMap(({ bucket, terraform, application }) => [
    ...[terraform.source, ...(application.from === 'chart' ? [application.chart, application.values] : [])].flatMap(
      (one) => (one === null ? [] : [`${bucket.name}/${one.key}`]),
    ),
    `${bucket.name}/tools/*`,
  ]);
  return {
    'verified cluster': places.flatMap(({ cluster, workload }) => (workload ? [cluster] : [])),
    'scaled cluster': places.flatMap(({ cluster, scale }) => (scale?.deployments.length ? [cluster] : [])),
    'recovered cluster': places.flatMap(({ cluster, scale, rebuild }) => ((scale ?? rebuild) ? [cluster] : [])),
    'node group': places.flatMap(({ cluster, scale }) =>
      (scale?.nodeGroups ?? []).map(({ name }) => `${cluster}/${name}`),
    ),
    'rebuilt asset': rebuilt.map(({ name }) => name),
    'recovery bucket': rebuilt.map(({ bucket }) => bucket.name),
    // Where the builds of a stack tell: its own, and the copies for the other region.
    'telling bucket': all.flatMap(({ regions }) =>
      Object.entries(regions).flatMap(([region, { rebuild }]) =>
        rebuild !== undefined && (region === at || rebuild.application.from === 'resources')
          ? [rebuild.bucket.name]
          : [],
      ),
    ),
    'state bucket': rebuilt.map(({ terraform }) => terraform.state.bucket.name),
    registry: rebuilt.flatMap(({ registries }) => registries.map((host) => host.split('.')[0] ?? '')),
    'resource backup': backups,
    'brought object': brought,
  };
}

/** One statement as text. */
export function line(actions: readonly string[], resources: readonly string[], conditions: readonly string[]): string {
  const parts = [actions, resources, conditions].map((part) => [...new Set(part)].toSorted().join(', '));
  return parts.join(' | ');
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

export function sorted(text: string): string {
  return listed(text).toSorted().join(', ');
}

/** The keys by an alias of the databases that can be restored in a region. */
function ownAliasesIn(region: string, plan: Plan): string[] {
  return assetsOf('rds-instance', plan).flatMap(({ regions }) => {
    const { kmsKey = '', restore } = regions[region] ?? {};
    return restore !== undefined && /^alias\/(?!aws\/)/.test(kmsKey) ? [kmsKey] : [];
  });
}

/** The keys of backups in a region that the plan names by an alias. */
function aliasesIn(region: string, plan: Plan): string[] {
  const kept = assetsOf('rds-instance', plan).flatMap(({ backups }) => [backups?.replicated, backups?.snapshots]);
  const keys = kept.flatMap((one) => one?.keys?.[region] ?? []);
  return [...new Set(keys.filter((key) => key.startsWith('alias/')))];
}
