// What parts of a plan say about each other and cannot be true. Functions never see such a plan: it is not packaged.
import { whyNeverOpen } from '../functions/domain/drills/calendar.ts';
import { type DrillTarget, scheduledIn } from '../functions/domain/drills/plan.ts';
import { assetsOf, kindNames, leftOver, neededToServe, saidOf } from '../functions/domain/plan/assets.ts';
import { carriesLink, isPosted } from '../functions/domain/plan/channels.ts';
import { must, type Wrong, wrong } from '../functions/domain/plan/issues.ts';
import { isSamePerson, personsIn } from '../functions/domain/plan/persons.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { didYouMean, oneOf } from '../functions/domain/words/nearest.ts';

/**
 * Everything, in the order of the plan's sections. Where a main region is none of the plan's, that alone: all else that would be said
 * follows from it.
 */
export function findContradictions(plan: Plan): Wrong[] {
  const ofMains = wrongMains(plan);
  if (ofMains.length > 0) return ofMains;
  return [
    ...contradictionsOfRegions(plan),
    ...contradictionsOfPeople(plan),
    ...contradictionsOfAssets(plan),
    ...contradictionsOfService(plan),
    ...contradictionsOfLimits(plan),
    ...contradictionsOfDrills(plan),
  ];
}

/** The region that serves users, and the one that takes over, are the plan's. */
export function wrongMains({ roles: { primary, standby }, regions }: Plan): Wrong[] {
  const known = Object.keys(regions);
  return [
    ...must(known.includes(primary), 'roles.primary', primary, oneOf(known, primary)),
    ...must(known.includes(standby), 'roles.standby', standby, oneOf(known, standby)),
  ];
}

function contradictionsOfRegions({ roles, regions }: Plan): Wrong[] {
  const { primary, standby, witness, observers } = roles;
  const free = (region: string) => region !== primary && region !== standby;
  const zones = Object.keys(regions[primary]?.zones ?? {});
  const third = 'a region that is neither primary nor standby';
  return [
    ...must(standby !== primary, 'roles.standby', standby, 'another region than the primary'),
    ...must(free(witness), 'roles.witness', witness, third),
    ...observers.flatMap((observer, index) => must(free(observer), `roles.observers.${index}`, observer, third)),
    ...must(new Set(observers).size === observers.length, 'roles.observers', observers, 'each region once'),
    ...must(zones.length >= 2, `regions.${primary}.zones`, zones, 'at least two zones'),
  ];
}

function contradictionsOfPeople({ application, notifications, approval, contacts, objectives }: Plan): Wrong[] {
  const lists = [
    ...Object.entries(notifications).flatMap(([list, roles]) =>
      Array.isArray(roles) ? [[`notifications.${list}`, roles] as const] : [],
    ),
    ['approval.roles', approval.roles] as const,
    ['approval.escalation', approval.escalation] as const,
  ];
  const persons = personsIn(approval.roles, { contacts }).length;
  const owned = [...kindNames, 'other'];
  const aRole = (role: string) => `a role of contacts: ${didYouMean(role, Object.keys(contacts))}`;
  return [
    ...contradictionsOfChannels({ application, approval, contacts }),
    ...contradictionsOfIdentities({ contacts }),
    ...contradictionsOfEscalation(approval),
    ...contradictionsOfFreshness(approval, objectives),
    ...lists.flatMap(([path, roles]) =>
      roles.flatMap((role, index) => must(Object.hasOwn(contacts, role), `${path}.${index}`, role, aRole(role))),
    ),
    ...Object.entries(notifications.owners).flatMap(([kind, role]) => [
      ...must(Object.hasOwn(contacts, role), `notifications.owners.${kind}`, role, aRole(role)),
      ...must(owned.includes(kind), 'notifications.owners', kind, oneOf(owned, kind)),
    ]),
    ...must(
      approval.required < persons,
      'approval.required',
      approval.required,
      `at most ${persons - 1}: of the ${persons} persons in approval.roles, a manual start needs one more`,
    ),
  ];
}

function contradictionsOfChannels({
  application,
  approval,
  contacts,
}: Pick<Plan, 'application' | 'approval' | 'contacts'>): Wrong[] {
  const readable = `/${application}/webhooks/`;
  return [
    ...Object.entries(contacts).flatMap(([role, { channel, webhook }]) =>
      must(
        isPosted(channel) === (webhook !== undefined),
        `contacts.${role}.webhook`,
        webhook,
        isPosted(channel)
          ? `the name of a parameter with ${channel === 'pagerduty' ? 'the routing key' : "the webhook's address"}, as the channel is ${channel}`
          : `no webhook, as the channel is ${channel}`,
      ),
    ),
    ...Object.entries(contacts).flatMap(([role, { channel, next = [] }]) =>
      next.flatMap((one, index) =>
        must(
          one !== channel && next.indexOf(one) === index,
          `contacts.${role}.next.${index}`,
          one,
          'another channel than those before: the same one would fail again',
        ),
      ),
    ),
    ...Object.entries(contacts).flatMap(([role, { channel, webhook }]) =>
      must(
        webhook === undefined || !isPosted(channel) || webhook.startsWith(readable),
        `contacts.${role}.webhook`,
        webhook,
        `a name that begins with ${readable}: no other secret may be read`,
      ),
    ),
    // Whoever reads the channel could open the link; what is short has no room for it.
    ...approval.roles.flatMap((role, index) =>
      must(
        contacts[role] === undefined || carriesLink(contacts[role].channel),
        `approval.roles.${index}`,
        role,
        'a role whose channel is email or page: its link is for one person',
      ),
    ),
    ...approval.roles.flatMap((role) =>
      must(
        contacts[role]?.next?.includes('amazon-q') !== true,
        `contacts.${role}.next`,
        'amazon-q',
        `no channel that many read, as ${role} approves: its link is for one person`,
      ),
    ),
  ];
}

/** One IAM name is one person. */
function contradictionsOfIdentities({ contacts }: Pick<Plan, 'contacts'>): Wrong[] {
  const owners = new Map<string, string>();
  return Object.entries(contacts).flatMap(([role, { iam }]) =>
    iam.flatMap((identity, index) => {
      const owner = owners.get(identity) ?? role;
      owners.set(identity, owner);
      const isOne = isSamePerson(owner, role, { contacts });
      return must(isOne, `contacts.${role}.iam.${index}`, identity, `a name that is not also in contacts.${owner}.iam`);
    }),
  );
}

function contradictionsOfEscalation({ escalation, expirySeconds, reminderSeconds }: Plan['approval']): Wrong[] {
  const reminders = Math.ceil(expirySeconds / reminderSeconds) - 1;
  return must(
    escalation.length <= reminders,
    'approval.escalation',
    escalation,
    `at most ${reminders} roles: so many reminders come before a request expires`,
  );
}

/** On-call people answer in five minutes or so: what is stale sooner would be looked at again and again. */
const answerSeconds = 300;

function contradictionsOfFreshness({ freshSeconds }: Plan['approval'], { rtoSeconds }: Plan['objectives']): Wrong[] {
  return must(
    freshSeconds > answerSeconds && freshSeconds < rtoSeconds,
    'approval.freshSeconds',
    freshSeconds,
    `more than ${answerSeconds}, which people need to answer, and less than the RTO, ${rtoSeconds}`,
  );
}

/** Names are one asset's each, and what an asset needs is there, in an order that can be kept. */
function contradictionsOfAssets({ application, assets, roles, regions, objectives, vpc = {} }: Plan): Wrong[] {
  const mains = [roles.primary, roles.standby];
  const addressed = assets.filter((asset) => saidOf(asset).hasAddress).map(({ name }) => name);
  const names = assets.map((asset) => asset.name);
  const around = {
    names,
    addressed,
    secret: `/${application}/webhooks/`,
    zones: Object.fromEntries(Object.entries(regions).map(([region, { zones }]) => [region, Object.keys(zones)])),
    mains,
    networks: Object.keys(vpc),
    rpoSeconds: objectives.rpoSeconds,
    clusters: Object.fromEntries(
      mains.map((region) => [
        region,
        assetsOf('eks-cluster', { assets }).flatMap(({ regions: places }) => {
          const place = places[region];
          return place === undefined ? [] : [{ cluster: place.cluster, deployments: place.scale?.deployments ?? [] }];
        }),
      ]),
    ),
  };
  const others = (name: string) => names.filter((one) => one !== name);
  // What a name stands for that two assets have, nobody can say.
  const twice = names.flatMap((name, index) => {
    const at = names.indexOf(name);
    return must(at === index, `assets.${index}.name`, name, `a name of its own: assets.${at} has it already`);
  });
  if (twice.length > 0) return twice;
  const each = assets.flatMap((asset, index): Wrong[] => {
    const path = `assets.${index}`;
    const { name, needs } = asset;
    const placed =
      'regions' in asset ? wrongKeys(asset.regions, `${path}.regions`, mains, regions, 'what stands there') : [];
    return [
      ...needs.flatMap((need, place) =>
        must(others(name).includes(need), `${path}.needs.${place}`, need, oneOf(others(name), need)),
      ),
      ...placed,
      ...(placed.length === 0
        ? (saidOf(asset).wrongIn?.(asset, path, { ...around, same: assetsOf(asset.kind, { assets }) }) ?? [])
        : []),
    ];
  });
  const left = each.length === 0 ? leftOver(assets) : [];
  return left.length > 0 ? [wrong(['assets'], names, `needs that go in no circle: ${left.join(', ')}`)] : each;
}

/**
 * A table by region has both main regions, and no region that is not the plan's. A strange one is said, and not what is missing for it.
 */
export function wrongKeys(
  table: Readonly<Record<string, unknown>>,
  path: string,
  mains: readonly string[],
  regions: Plan['regions'],
  expected: string,
): Wrong[] {
  const known = Object.keys(regions);
  const strange = Object.entries(table).flatMap(([region, value]) =>
    must(known.includes(region), `${path}.${region}`, value, oneOf(known, region)),
  );
  if (strange.length > 0) return strange;
  return mains.flatMap((region) =>
    must(Object.hasOwn(table, region), `${path}.${region}`, undefined, expected.replaceAll('REGION', region)),
  );
}

/** Of the 25 s that a function has, what asking a health page again and again may take. */
const longestLookSeconds = 15;

/** What the service needs is there; a plan cannot say that users go where something is not that no person may leave out. */
function contradictionsOfService({ assets, service }: Plan): Wrong[] {
  const { healthPassesNeeded, healthTimeoutSeconds } = service;
  return [
    ...must(
      healthPassesNeeded * healthTimeoutSeconds <= longestLookSeconds,
      'service.healthTimeoutSeconds',
      healthTimeoutSeconds,
      `at most ${longestLookSeconds} s with all ${healthPassesNeeded} of healthPassesNeeded: each visit may take as long`,
    ),
    ...contradictionsOfNeeds({ assets, service }),
  ];
}

function contradictionsOfNeeds({ assets, service }: Pick<Plan, 'assets' | 'service'>): Wrong[] {
  const { needs } = service;
  if (needs === undefined) return [];
  const names = assets.map(({ name }) => name);
  const strangers = needs.flatMap((need, index) =>
    must(names.includes(need), `service.needs.${index}`, need, oneOf(names, need)),
  );
  const needed = neededToServe({ assets, service });
  const missing = assets.filter((asset) => saidOf(asset).verbs.verify === 'never' && !needed.includes(asset));
  return [
    ...strangers,
    ...must(
      missing.length === 0,
      'service.needs',
      needs,
      `also ${missing.map(({ name }) => name).join(', ')}: users are sent to no region whose database is not proven`,
    ),
  ];
}

function contradictionsOfLimits({ zonalShift, roles, evidence, ...plan }: Plan): Wrong[] {
  const { expirySeconds, extendBeforeSeconds, maximumSeconds } = zonalShift;
  const needed = evidence.region.observers;
  const outside = roles.observers.length + 1;
  const { hardDependencies, sharedInfrastructure } = evidence.region;
  const dependencies = plan.dependencies.hard.length;
  const components = plan.infrastructureComponents.length;
  return [
    ...must(
      extendBeforeSeconds < expirySeconds,
      'zonalShift.extendBeforeSeconds',
      extendBeforeSeconds,
      `less than expirySeconds, ${expirySeconds}`,
    ),
    ...must(
      maximumSeconds >= expirySeconds,
      'zonalShift.maximumSeconds',
      maximumSeconds,
      `at least expirySeconds, ${expirySeconds}`,
    ),
    ...must(
      needed <= outside,
      'evidence.region.observers',
      needed,
      `at most ${outside}, the outside observers there are`,
    ),
    ...must(
      hardDependencies <= dependencies,
      'evidence.region.hardDependencies',
      hardDependencies,
      `at most ${dependencies}, the services in dependencies.hard`,
    ),
    ...must(
      sharedInfrastructure <= components,
      'evidence.region.sharedInfrastructure',
      sharedInfrastructure,
      `at most ${components}, the infrastructureComponents there are`,
    ),
  ];
}

/** Of the drills that run by themselves: one that nothing can start, or that cannot end in its window, would never be missed. */
function contradictionsOfDrills(plan: Plan): Wrong[] {
  const databases = assetsOf('rds-instance', plan);
  const restorable = databases.filter(({ regions }) =>
    Object.values(regions).some(({ restore }) => restore?.rehearsal !== undefined),
  );
  const oneOf = (assets: readonly { readonly name: string }[], none: string) =>
    assets.length === 0 ? none : `one of ${assets.map(({ name }) => name).join(', ')}`;
  const names = plan.drills.map(({ name }) => name);
  return plan.drills.flatMap((drill, index) => {
    const path = `drills.${index}`;
    const [scheduled] = scheduledIn({ drills: [drill] });
    if (scheduled === undefined) return [];
    const { name, window, blocked, withinSeconds, target, asset, staysDays } = scheduled;
    const minutes = minutesOf(window.to) - minutesOf(window.from);
    const closed = whyNeverOpen(scheduled);
    return [
      ...must(names.indexOf(name) === index, `${path}.name`, name, 'a name that no other drill has'),
      ...must(
        withinSeconds <= minutes * 60,
        `${path}.withinSeconds`,
        withinSeconds,
        `at most ${minutes * 60}, as long as its window is open`,
      ),
      ...must(
        closed === null,
        `${path}.blocked`,
        blocked,
        `an open day at least in every second ${drill.every}: none is open in the two from ${closed}`,
      ),
      ...must(
        staysDays === undefined || staysDays * 2 <= shortestDays[drill.every],
        `${path}.staysDays`,
        staysDays,
        `at most ${Math.floor(shortestDays[drill.every] / 2)}: it has to be home before it is due again, every ${drill.every}`,
      ),
      ...(target === undefined ? [] : contradictionsOfTarget(target, withinSeconds, `${path}.target`, plan)),
      ...must(
        asset === undefined || restorable.some((one) => one.name === asset),
        `${path}.asset`,
        asset,
        oneOf(restorable, 'a database with restore.rehearsal, of which the plan has none'),
      ),
    ];
  });
}

const shortestDays = { week: 7, month: 28, quarter: 90, year: 365 } as const;

/** Of what a drill breaks: it has to be in the plan, and to end before the drill is given up. */
function contradictionsOfTarget(target: DrillTarget, withinSeconds: number, path: string, plan: Plan): Wrong[] {
  if (target.fault === 'zone') {
    const { zone, seconds } = target;
    const { primary, standby } = plan.roles;
    const known = [primary, standby].flatMap((region) => Object.keys(plan.regions[region]?.zones ?? {}));
    return [
      ...must(known.includes(zone), `${path}.zone`, zone, oneOf(known, zone)),
      ...must(seconds <= withinSeconds, `${path}.seconds`, seconds, `at most withinSeconds, ${withinSeconds}`),
    ];
  }
  const clusters = assetsOf('eks-cluster', plan);
  const databases = assetsOf('rds-instance', plan).filter(({ multiAz }) => multiAz);
  const known = target.fault === 'database-failover' ? databases : clusters;
  const none = target.fault === 'database-failover' ? 'a database with multiAz' : 'a cluster';
  const names = known.map(({ name }) => name);
  return must(
    names.includes(target.asset),
    `${path}.asset`,
    target.asset,
    names.length === 0 ? `${none}, of which the plan has none` : oneOf(names, target.asset),
  );
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}
