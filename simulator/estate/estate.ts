// The digital twin as a whole: puts its parts together, moves them every ten seconds, and answers those who ask.
import { createMetrics, type Metrics } from '../aws/metrics.ts';
import { type Alarms, createAlarms } from './alarms.ts';
import { createCalls } from './calls.ts';
import { createDns } from './dns.ts';
import { createCache } from './elasticache/cache.ts';
import { beginFault, endFault } from './fault-effects.ts';
import { regionOf } from './faults.ts';
import { createFleet } from './fleet.ts';
import { createInactiveFunctions } from './inactive-functions.ts';
import { createShifts } from './load-balancer/shifts.ts';
import { takeMeasurements } from './measurements.ts';
import { createObjects } from './objects.ts';
import { uuid } from './random.ts';
import { createDatabase } from './rds-instance/database.ts';
import { createReplication } from './rds-instance/replication.ts';
import { createReleases } from './releases.ts';
import { createService } from './service.ts';
import { createParameters } from './ssm-parameters/parameters.ts';
import { servedFromRatio } from './traffic.ts';
import type { Estate, EstateOptions, Fault, Truth } from './types.ts';
import { createWorld, tickSeconds } from './world.ts';

/** An estate of the plan's application in which all is well. It stands still until it is started. */
export function createEstate(options: EstateOptions): Estate {
  const world = createWorld(options);
  const { plan } = world;
  const { primary, standby } = plan.roles;
  const database = createDatabase(world);
  const replication = createReplication(world, database);
  const cache = createCache(world);
  const fleet = createFleet(world);
  const shifts = createShifts(world);
  const releases = createReleases(world, (faultId) => heal(faultId));
  const dns = createDns(world);
  const objects = createObjects(world);
  const parameters = createParameters(world);
  const service = createService(world, { database, cache, fleet, shifts, releases, parameters });
  const alarms: Alarms = createAlarms(world, options.alarmMessage);
  const kept = createMetrics();
  const metrics: Metrics = {
    ...kept,
    record: (region, ...measured) => {
      if (!world.isBlind(region)) kept.record(region, ...measured);
    },
  };
  const parts = {
    world,
    database,
    replication,
    cache,
    fleet,
    shifts,
    releases,
    alarms,
    dns,
    objects,
    parameters,
    metrics,
  };
  const call = createCalls(parts, options.deployed);
  const history: { at: number; served: boolean }[] = [];
  let running = false;

  const isServed = (): boolean => service.successRatio(dns.usersRegion()) >= servedFromRatio;

  const noteServed = (): void => {
    const served = isServed();
    if (history.at(-1)?.served !== served) history.push({ at: world.now(), served });
  };

  /** What was written under the conditions until now; they are about to change. */
  const settle = (): void => replication.commit(dns.usersRegion(), service.successRatio(dns.usersRegion()));

  const tick = (): void => {
    const now = world.now();
    const second = Math.floor(now / 1000) % 60;
    if (second === 0) alarms.closeMinute(now - 60_000);
    database.tick();
    cache.tick();
    dns.follow(objects.isClosed, null);
    replication.tick(dns.usersRegion(), service.successRatio(dns.usersRegion()));
    for (const region of [primary, standby])
      alarms.sample(region, service.readings(region, region === dns.usersRegion()));
    takeMeasurements(world, { service, alarms, dns, replication, fleet, metrics });
    noteServed();
    scheduleTick();
  };

  const scheduleTick = (): void => {
    const grid = tickSeconds * 1000;
    world.after((grid - (world.now() % grid)) / 1000, tick);
  };

  const heal = (faultId: string): void => {
    settle();
    const fault = world.faults.remove(faultId);
    if (fault === null) return;
    endFault(fault, parts);
    noteServed();
  };

  return {
    start() {
      if (running) throw new Error('the estate has been started already');
      running = true;
      noteServed();
      scheduleTick();
    },
    stop: () => world.stop(),
    inject(fault: Fault) {
      if ('zone' in fault && fault.zone !== undefined) regionOf(plan, fault.zone);
      if (running) settle();
      world.faults.add(fault);
      beginFault(fault, parts);
      noteServed();
      if (fault.forSeconds !== undefined) world.after(fault.forSeconds, () => heal(fault.id));
    },
    heal,
    call,
    async fetch(url, callerRegion, caller = null) {
      // The page of a region is asked past the record; every other one is where users are.
      const named = Object.entries(plan.service.regionalHealthUrls).find(([, page]) => page === url)?.[0];
      const asked = named ?? dns.usersRegion();
      const chance = world.chances.calls;
      // A canary whose own network is broken sees a service that is down.
      const isBroken =
        caller?.function === 'run-canary' &&
        world.faults.of('canary-broken').some(({ observer }) => observer === callerRegion);
      const reaches = !isBroken && world.canReach(callerRegion, asked) && world.canReach(asked, callerRegion);
      const seconds = reaches ? world.draw('health-request', chance) : plan.service.healthTimeoutSeconds;
      world.recordWork('health-request', url, seconds, caller);
      await new Promise<void>((resolve) => world.after(seconds, resolve));
      if (!reaches) throw new TypeError('fetch failed', { cause: new Error(`no answer from ${url}`) });
      const healthy = chance() < service.successRatio(asked);
      const { regionHeader } = plan.service;
      const headers = regionHeader === null ? {} : { [regionHeader]: asked };
      return Response.json({ status: healthy ? 'healthy' : 'unhealthy' }, { status: healthy ? 200 : 503, headers });
    },
    invocationRefusal: createInactiveFunctions(world).refusalOf,
    canReach: world.canReach,
    truth(): Truth {
      const users = dns.usersRegion();
      const writers = [primary, standby]
        .flatMap((region) => database.instances(region))
        .filter((one) => one.sourceId === null);
      const writer = writers.find((one) => one.region === users) ?? writers[0];
      if (writer === undefined) throw new Error('the estate has no writer');
      const cacheRegion = cache.primaryRegion();
      const group = cache.inRegion(cacheRegion);
      const loss = replication.loss();
      return {
        writerZone: writer.writerZone,
        writerRegion: writer.region,
        cachePrimaryZone: group === null ? null : cache.primaryZone(group),
        cacheRegion,
        usersRegion: users,
        served: isServed(),
        successRatio: service.successRatio(users),
        writableRegions: writers.filter((one) => database.writable(one)).map((one) => one.region),
        replicaLagSeconds: replication.behindSeconds(),
        lagAtOutageSeconds: replication.lagAtOutageSeconds(),
        lostWrites: loss.writes,
        lostSeconds: loss.seconds,
        divergedWrites: loss.divergedWrites,
        lastCommittedSequence: replication.lastCommitted(),
        lastReplicatedSequence: replication.lastReplicated(),
        shiftedZones: shifts.shiftedZones(users),
      };
    },
    servedHistory: () => history,
    divergedBetween: replication.divergedBetween,
    mutations: () => world.mutations,
    works: () => world.works,
    metrics,
    faults: world.faults,
    addAlarm: alarms.add,
    draw: (latency) => world.draw(latency, world.chances.calls),
    shiftedBy: (id) =>
      [primary, standby].flatMap((region) => shifts.list(region)).find((shift) => shift.id === id)?.resource.arn ?? '*',
    newId: () => uuid(world.chances.ids),
  };
}
