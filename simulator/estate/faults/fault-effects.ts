// What a fault does the moment it begins and the moment it ends, beside what follows from its being active.
import type { Parts } from '../apis/answer.ts';
import { stopExports } from '../elasticache/snapshots.ts';
import type { Fault, FaultOf } from '../types.ts';
import { ownEvent } from '../world.ts';
import { struckBy } from './faults.ts';

/** Seconds in which all alarms of a storm go off. */
const stormSeconds = 60;

/** The fault is active from now on. */
export function beginFault(fault: Fault, parts: Parts): void {
  const { world, databases, caches, fleet, releases, shifts } = parts;
  switch (fault.kind) {
    case 'zone-impaired':
      fleet.impair(fault.zone);
      break;
    case 'zone-power':
      shifts.losePower(fault.zone);
      fleet.losePower(fault.zone);
      break;
    case 'database-crash':
      databases.find(({ database }) => database.asset.name === struckBy(fault, world.plan))?.database.crash();
      break;
    case 'cache-node-loss':
      caches.find(({ asset }) => asset.name === struckBy(fault, world.plan))?.loseNode(fault.zone);
      break;
    case 'cache-slow':
      if (fault.told !== undefined)
        caches.find(({ asset }) => asset.name === struckBy(fault, world.plan))?.maintain(fault.told);
      break;
    case 'cache-cluster-mode':
      caches.find(({ asset }) => asset.name === struckBy(fault, world.plan))?.split(fault.shards);
      break;
    case 'data-corrupted':
      databases
        .find(({ database }) => database.asset.name === struckBy(fault, world.plan))
        ?.replication.corrupt(fault.failing ?? 0);
      break;
    case 'snapshot-missing':
      databases
        .find(({ database }) => database.asset.name === struckBy(fault, world.plan))
        ?.backups.loseSnapshots(fault.region);
      break;
    case 'cache-exports-stopped':
      stopExports(fault, parts.snapshots, world);
      break;
    case 'bad-release':
      releases.deployBad(fault.id, fault.region ?? world.plan.roles.primary);
      break;
    case 'release':
      releases.deploy(fault.region ?? world.plan.roles.primary);
      break;
    case 'maintenance':
      announceWork(fault, parts, 'STARTED');
      break;
    case 'pod-crash':
      fleet.crashPod(fault);
      break;
    case 'node-loss':
      fleet.loseNode(fault);
      break;
    case 'alarm-storm':
      storm(fault, parts, true);
      break;
    case 'alarm-flapping':
      flap(fault, parts, true);
      break;
    case 'alarm-deleted':
      parts.alarms.delete(fault.region ?? world.plan.roles.primary, fault.alarm);
      break;
    case 'autoshift':
      shifts.beginAutoshift(fault.id, fault.zone);
      break;
    case 'practice-run':
      shifts.beginPracticeRun(fault.zone);
      break;
    case 'bucket-lost':
      parts.objects.lose(fault.bucket);
      parts.dns.follow(parts.objects.isClosed, null);
      break;
    case 'bucket-private':
      parts.dns.follow(parts.objects.isClosed, null);
      break;
    case 'record-shape':
      parts.dns.reshape(fault.shape);
      break;
    case 'standby-bad':
      for (const { database } of databases) database.fail();
      break;
    case 'cluster-changed':
    case 'cluster-missing':
      for (const { strike } of parts.standing) strike?.(fault);
      break;
    case 'database-slow':
      noteChange(fault, parts);
      break;
    case 'build-fails':
    case 'replica-broken':
    case 'writer-idle':
    case 'backup-replication-stopped':
    case 'rows-lost':
    case 'restore-fails':
    case 'cache-status':
    case 'database-status':
    case 'database-stuck':
    case 'canary-broken':
    case 'telemetry-loss':
    case 'partition':
    case 'region-dark':
    case 'functions-inactive':
    case 'api-failure':
    case 'stale-reads':
    case 'function-crash':
    case 'message-fault':
    case 'messages-bounce':
    case 'parameter-sealed':
      break; // being active is all there is to it
  }
}

/** The fault is active no longer. */
export function endFault(fault: Fault, parts: Parts): void {
  switch (fault.kind) {
    case 'bad-release':
      parts.releases.rollBack(fault.id);
      break;
    case 'maintenance':
      announceWork(fault, parts, 'COMPLETED');
      break;
    case 'alarm-storm':
      storm(fault, parts, false);
      break;
    case 'alarm-flapping':
      release(fault, parts);
      break;
    case 'alarm-deleted':
      parts.alarms.recreate(fault.region ?? parts.world.plan.roles.primary, fault.alarm);
      break;
    case 'autoshift':
      parts.shifts.endAutoshift(fault.id);
      break;
    case 'standby-bad':
      for (const { database } of parts.databases) database.repair();
      break;
    case 'data-corrupted':
      if (fault.corrected === true)
        parts.databases
          .find(({ database }) => database.asset.name === struckBy(fault, parts.world.plan))
          ?.database.correct();
      break;
    default: // what was lost is replaced in its own time, and what was cut is joined by the fault's absence
  }
}

/** A person's call that made a database slow. */
function noteChange(fault: FaultOf<'database-slow'>, { world, databases, trail }: Parts): void {
  const found = databases.find(({ database }) => database.asset.name === struckBy(fault, world.plan));
  const { call: operation, by = 'admin/admin' } = fault;
  if (operation === undefined || found === undefined) return;
  const { id, region } = found.database.primary;
  const [role = '', session = ''] = by.split('/');
  trail.note({ region, service: 'rds', operation, role, session, on: { dBInstanceIdentifier: id } });
}

/** What those who do the work say of it. */
function announceWork(fault: FaultOf<'maintenance'>, { world }: Parts, phase: 'STARTED' | 'COMPLETED'): void {
  const { id: windowId, targets, plannedMinutes, region = world.plan.roles.primary } = fault;
  const planned = plannedMinutes === undefined ? {} : { plannedMinutes };
  const detail = { application: world.plan.application, phase, windowId, targets, ...planned };
  world.emit({ region, ...ownEvent(world.plan, 'maintenance'), detail });
}

function storm(fault: FaultOf<'alarm-storm'>, { world, alarms }: Parts, active: boolean): void {
  const region = fault.region ?? world.plan.roles.primary;
  for (let number = 1; number <= fault.count; number += 1) {
    const resource = String(number).padStart(3, '0');
    const zone = fault.zone === undefined ? '' : `-${fault.zone}`;
    const name = `${world.plan.application}-${fault.component}-status-${resource}${zone}`;
    const change = () => {
      // An alarm that was to go off after the storm was over stays as it is.
      if (active === (world.faults.find(fault.id) !== null))
        alarms.force(region, name, fault.component, active ? 'ALARM' : null);
    };
    world.after((stormSeconds * number) / fault.count, change);
  }
}

function flap(fault: FaultOf<'alarm-flapping'>, parts: Parts, alarmed: boolean): void {
  const { world, alarms } = parts;
  if (world.faults.find(fault.id) === null) return;
  alarms.force(fault.region ?? world.plan.roles.primary, fault.alarm, 'none', alarmed ? 'ALARM' : 'OK');
  const seconds = fault.everySeconds ?? 60 + 60 * world.chances.durations();
  world.after(seconds, () => flap(fault, parts, !alarmed));
}

function release(fault: FaultOf<'alarm-flapping'>, { world, alarms }: Parts): void {
  const region = fault.region ?? world.plan.roles.primary;
  alarms.force(region, fault.alarm, 'none', null);
}
