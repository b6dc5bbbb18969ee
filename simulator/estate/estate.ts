// The digital twin as a whole: puts its parts together, moves them every ten seconds, and answers those who ask.
import { createMetrics, type Metrics } from '../aws/metrics/metrics.ts';
import { type Alarms, createAlarms } from './alarms/alarms.ts';
import { takeMeasurements } from './alarms/measurements.ts';
import { createCalls } from './calls/calls.ts';
import { createInactiveFunctions } from './calls/inactive-functions.ts';
import { type Random, uuid } from './chance/random.ts';
import { createCaches } from './elasticache/cache.ts';
import { createSnapshots } from './elasticache/snapshots.ts';
import { beginFault, endFault } from './faults/fault-effects.ts';
import { regionOf, strikesAsset, struckBy } from './faults/faults.ts';
import { createReleases } from './faults/releases.ts';
import { createShifts } from './load-balancer/shifts.ts';
import { backupKey } from './rds-instance/backup-key.ts';
import { instanceArn } from './rds-instance/database.ts';
import { createDatabases } from './rds-instance/databases.ts';
import { createService } from './service.ts';
import { createBuilds } from './services/builds.ts';
import { createDns } from './services/dns.ts';
import { createExperiments } from './services/experiments.ts';
import { createFleet } from './services/fleet.ts';
import { createObjects, objectAt } from './services/objects.ts';
import { createTrail } from './services/trail.ts';
import { createParameters } from './ssm-parameters/parameters.ts';
import { isServed } from './traffic.ts';
import { readGlance, readTruth } from './truth.ts';
import { createStanding } from './twins.ts';
import type { Caller, Estate, EstateOptions, Fault } from './types.ts';
import { createWorld, tickSeconds } from './world.ts';

type Travel = { readonly reaches: boolean; readonly chance: Random; readonly caller: Caller | null };

/** An estate of the plan's application in which all is well. It stands still until it is started. */
export function createEstate(options: EstateOptions): Estate {
  const world = createWorld(options);
  const { plan } = world;
  const { primary, standby } = plan.roles;
  const parameters = createParameters(world);
  const databases = createDatabases(world, parameters.inUse);
  const caches = createCaches(world);
  const fleet = createFleet(world);
  const shifts = createShifts(world);
  const builds = createBuilds(world);
  const releases = createReleases(world, builds, (faultId) => heal(faultId));
  const dns = createDns(world);
  const objects = createObjects(world);
  const trail = createTrail(world);
  const snapshots = createSnapshots(world, objects);
  const standing = createStanding(world, { builds, objects, fleet });
  const service = createService(world, { databases, caches, fleet, shifts, releases, parameters, standing });
  const alarms: Alarms = createAlarms(world, options.alarmMessage);
  const experiments = createExperiments(world, alarms, { inject: (fault) => inject(fault), heal: (id) => heal(id) });
  const kept = createMetrics();
  const metrics: Metrics = {
    ...kept,
    record: (region, ...measured) => {
      if (!world.isBlind(region)) kept.record(region, ...measured);
    },
  };
  const parts = {
    world,
    databases,
    caches,
    fleet,
    shifts,
    releases,
    builds,
    alarms,
    experiments,
    dns,
    objects,
    snapshots,
    parameters,
    metrics,
    trail,
    standing,
  };
  const call = createCalls(parts, options.deployed);
  const history: { at: number; served: boolean }[] = [];
  let running = false;

  const noteServed = (): void => {
    const served = isServed(service.successRatio(dns.usersRegion()));
    if (history.at(-1)?.served !== served) history.push({ at: world.now(), served });
  };

  /** What was written under the conditions until now; they are about to change. */
  const commitAll = (): void => {
    const ratio = service.successRatio(dns.usersRegion());
    for (const { replication } of databases) replication.commit(dns.usersRegion(), ratio);
  };

  const tick = (): void => {
    const now = world.now();
    const second = Math.floor(now / 1000) % 60;
    if (second === 0) alarms.closeMinute(now - 60_000);
    for (const { database } of databases) database.tick();
    for (const cache of caches) cache.tick();
    dns.follow(objects.isClosed, null);
    const ratio = service.successRatio(dns.usersRegion());
    for (const { replication, backups } of databases) {
      replication.tick(dns.usersRegion(), ratio);
      backups.tick();
    }
    for (const region of [primary, standby])
      alarms.sample(region, service.readings(region, region === dns.usersRegion()));
    takeMeasurements(world, { service, alarms, dns, databases, fleet, metrics });
    noteServed();
    scheduleTick();
  };

  const scheduleTick = (): void => {
    const grid = tickSeconds * 1000;
    world.after((grid - (world.now() % grid)) / 1000, tick);
  };

  const heal = (faultId: string): void => {
    commitAll();
    const fault = world.faults.remove(faultId);
    if (fault === null) return;
    endFault(fault, parts);
    noteServed();
  };

  const inject = (fault: Fault): void => {
    if ('zone' in fault && fault.zone !== undefined) regionOf(plan, fault.zone);
    if (strikesAsset(fault)) struckBy(fault, plan);
    if (running) commitAll();
    world.faults.add(fault);
    beginFault(fault, parts);
    noteServed();
    if (fault.forSeconds !== undefined) world.after(fault.forSeconds, () => heal(fault.id));
  };

  /** An HTTP request on its way: resolves when its answer comes. @throws TypeError where none comes in time */
  const travel = async (url: string, { reaches, chance, caller }: Travel): Promise<void> => {
    const seconds = reaches ? world.draw('health-request', chance) : plan.service.healthTimeoutSeconds;
    world.recordWork('health-request', url, seconds, caller);
    await new Promise<void>((resolve) => world.after(seconds, resolve));
    if (!reaches) throw new TypeError('fetch failed', { cause: new Error(`no answer from ${url}`) });
  };
  const isBetween = (one: string, other: string): boolean => world.canReach(one, other) && world.canReach(other, one);

  return {
    start() {
      if (running) throw new Error('the estate has been started already');
      running = true;
      noteServed();
      scheduleTick();
    },
    stop: () => world.stop(),
    inject,
    heal,
    call,
    async fetch(url, callerRegion, caller = null) {
      const object = objectAt(url);
      if (object !== null) {
        const reaches = isBetween(callerRegion, object.region);
        await travel(url, { reaches, chance: world.chances.latches, caller });
        return new Response(null, { status: objects.publicStatus(object) });
      }
      // The page of a region is asked past the record; every other one is where users are.
      const named = Object.entries(plan.service.regionalHealthUrls).find(([, page]) => page === url)?.[0];
      const asked = named ?? dns.usersRegion();
      // A stream of its own: a call more or less to an API changes nothing of what visitors see.
      const chance = world.chances.observers;
      // A canary whose own network is broken sees a service that is down.
      const isBroken =
        caller?.function === 'run-canary' &&
        world.faults.of('canary-broken').some(({ observer }) => observer === callerRegion);
      const isThere = standing.every(({ answers }) => answers?.(asked) ?? true);
      const reaches = isThere && !isBroken && isBetween(callerRegion, asked);
      await travel(url, { reaches, chance, caller });
      const healthy = chance() < service.successRatio(asked);
      const { regionHeader, healthBody } = plan.service;
      const headers = regionHeader === null ? {} : { [regionHeader]: asked };
      // Only what a plan wants to read in it: else the status and the headers say all.
      const said = healthy ? (healthBody ?? null) : null;
      return new Response(said, { status: healthy ? 200 : 503, headers });
    },
    invocationRefusal: createInactiveFunctions(world).refusalOf,
    canReach: world.canReach,
    truth: () => readTruth(parts, service, dns.usersRegion()),
    glance: () => readGlance(parts, service, dns.usersRegion()),
    usersRegion: dns.usersRegion,
    conditions: service.conditions,
    servedHistory: () => history,
    divergedBetween: (name, from, until, counts) =>
      databases
        .find(({ database }) => database.asset.name === name)
        ?.replication.divergedBetween(from, until, counts) ?? 0,
    costOf: (counts) =>
      databases.map(({ database, replication }) => {
        const { seconds, each, divergedWrites } = replication.loss(counts);
        return { name: database.asset.name, lostSeconds: seconds, losses: each, divergedWrites };
      }),
    mutations: () => world.mutations,
    works: () => world.works,
    metrics,
    faults: world.faults,
    addAlarm: alarms.add,
    addExperiment: experiments.define,
    draw: (latency) => world.draw(latency, world.chances.calls),
    tagsOf: (arn) => {
      const known = databases.flatMap(({ backups }) => backups.snapshots(arn.split(':')[3] ?? ''));
      const instances = databases.flatMap(({ database }) => database.all());
      const instance = instances.find((one) => instanceArn(one, world.account) === arn);
      return known.find((snapshot) => snapshot.arn === arn)?.tags ?? instance?.settings.tags ?? {};
    },
    backupKeyOf: (backup) => backupKey(backup, world, databases),
    shiftedBy: (id) =>
      [primary, standby].flatMap((region) => shifts.list(region)).find((shift) => shift.id === id)?.resource.arn ?? '*',
    newId: () => uuid(world.chances.ids),
  };
}
