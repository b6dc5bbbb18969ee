// Traffic leaves a zone and is kept away: the verbs of what has traffic, and watch-zone, against a small model of ARC zonal
// shift.
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ArcZonalShiftClient,
  type ZonalShiftCommand,
  ZonalShiftFault,
} from '../../../functions/aws/traffic/zonal-shift.ts';
import { triedMark } from '../../../functions/domain/recovery/reaching.ts';
import { handler as leaveWithCluster } from '../../../functions/kinds/eks-cluster/leave-zone.ts';
import { handler as leaveWithBalancers } from '../../../functions/kinds/load-balancer/leave-zone.ts';
import { signAbort } from '../../../functions/shared/recovery/waivers.ts';
import { handler as watchZone } from '../../../functions/watch-zone.ts';
import { changing } from '../../assets.ts';
import { plan } from '../../plan.ts';
import {
  account,
  componentSignal,
  failureOf,
  incident,
  openIncident,
  running,
  type Setting,
  start,
} from '../setting.ts';

const cluster = `arn:aws:eks:us-east-1:${account}:cluster/chatops-prod`;
const balancer = `arn:aws:elasticloadbalancing:us-east-1:${account}:loadbalancer/app/chatops-ingress/50dc6c495c0c9188`;

type Standing = { id: string; resource: string; awayFrom: string; expiresAt: number; comment: string };
let shifts: Standing[];
let autoshifts: { resource: string; awayFrom: string; appliedStatus?: 'NOT_APPLIED' }[];
let calls: ZonalShiftCommand[];
let shell: Setting;

/** What the service does, as far as the steps use it. */
function answer(command: ZonalShiftCommand): unknown {
  if (command.operation !== 'GetManagedResource') calls.push(command);
  switch (command.operation) {
    case 'GetManagedResource': {
      const resource = command.input.resourceIdentifier;
      return {
        zonalShifts: shifts
          .filter((shift) => shift.resource === resource)
          .map(({ id, awayFrom, expiresAt, comment }) => ({
            zonalShiftId: id,
            awayFrom,
            comment,
            expiryTime: new Date(expiresAt),
          })),
        autoshifts: autoshifts.filter((shift) => shift.resource === resource),
      };
    }
    case 'StartZonalShift': {
      const { resourceIdentifier: resource, awayFrom, comment } = command.input;
      const taken = shifts.some((shift) => shift.resource === resource);
      if (taken) throw new ZonalShiftFault('ConflictException', 'exists', 'ZonalShiftAlreadyExists', 409);
      shifts.push({ id: `shift-${shifts.length + 1}`, resource, awayFrom, comment, expiresAt: shell.at + 3_600_000 });
      return {};
    }
    case 'UpdateZonalShift':
      for (const shift of shifts) if (shift.id === command.input.zonalShiftId) shift.expiresAt = shell.at + 3_600_000;
      return {};
    case 'CancelZonalShift':
      shifts = shifts.filter((shift) => shift.id !== command.input.zonalShiftId);
      return {};
  }
}

beforeEach(async () => {
  shifts = [];
  autoshifts = [];
  calls = [];
  shell = await running(incident);
  vi.spyOn(ArcZonalShiftClient.prototype, 'send').mockImplementation(
    async (command) => answer(command as ZonalShiftCommand) as never,
  );
});

const operations = () => calls.map((call) => call.operation);

const shiftCluster = (change: Partial<typeof incident> = {}) =>
  leaveWithCluster.on(shell)({ incident: { ...incident, ...change }, asset: 'cluster' });
const shiftBalancers = (change: Partial<typeof incident> = {}) =>
  leaveWithBalancers.on(shell)({ incident: { ...incident, ...change }, asset: 'ingress' });
const nameOf = async (run: Promise<unknown>) => (await failureOf(run)).name;

const second = balancer.replace('chatops-ingress', 'chatops-public');
/** Two load balancers of one asset. */
function doubled(): void {
  const regions = { 'us-east-1': [balancer, second].map((arn) => arn.split(':loadbalancer/')[1] ?? '') };
  shell = { ...shell, plan: changing('load-balancer', plan, { regions }) };
}
function asPlanned(): void {
  shell = { ...shell, plan };
}

test.for([
  ['the cluster', shiftCluster, [cluster], asPlanned, 'cluster'],
  ['a load balancer', shiftBalancers, [balancer], asPlanned, 'ingress'],
  ['each of several load balancers', shiftBalancers, [balancer, second], doubled, 'ingress'],
] as const)('%s is shifted away once, and the step is done when that was seen', async (one) => {
  const [, shift, resources, arrange, asset] = one;
  arrange();
  expect(await nameOf(shift())).toBe('InProgress');
  expect(await shift()).toEqual({ awayFrom: 'use1-az1', shifted: resources });
  const common = { awayFrom: 'use1-az1', expiresIn: '60m', comment: `Breakwater ${incident.id}` };
  expect(calls).toEqual(
    resources.map((resourceIdentifier) => ({
      operation: 'StartZonalShift',
      input: { resourceIdentifier, ...common },
    })),
  );
  const audited = (await shell.store.readAudit(incident.id)).map(({ target, step }) => [target, step]);
  expect(audited).toEqual(resources.map((resource) => [resource, `leave-zone/${asset}`]));
});

test('an autoshift and a shift by a person are lived with', async () => {
  autoshifts = [{ resource: cluster, awayFrom: 'use1-az1' }];
  shifts = [{ id: 'theirs', resource: balancer, awayFrom: 'use1-az1', expiresAt: start + 1, comment: 'by hand' }];
  expect(await shiftCluster()).toMatchObject({ shifted: [cluster] });
  expect(await shiftBalancers()).toMatchObject({ shifted: [balancer] });
  expect(calls).toEqual([]);
});

test('a resource that is shifted away from another zone stops the step, after the others were shifted', async () => {
  doubled();
  shifts = [{ id: 'theirs', resource: balancer, awayFrom: 'use1-az2', expiresAt: start + 1, comment: 'by hand' }];
  expect(await nameOf(shiftBalancers())).toBe('InProgress');
  expect(await failureOf(shiftBalancers())).toEqual({
    name: 'CannotProceed',
    message: expect.stringContaining('use1-az2'),
  });
  expect(shifts.map(({ resource, awayFrom }) => [resource, awayFrom])).toEqual([
    [balancer, 'use1-az2'],
    [second, 'use1-az1'],
  ]);
});

test('a start that an old read did not show is refused, and that is no failure', async () => {
  shifts = [{ id: 'ours', resource: balancer, awayFrom: 'use1-az1', expiresAt: start + 1, comment: '' }];
  const stale = vi.spyOn(ArcZonalShiftClient.prototype, 'send');
  stale.mockImplementation(async (command) => {
    const seen = answer(command as ZonalShiftCommand) as { zonalShifts?: unknown[] };
    return { ...seen, ...(command.operation === 'GetManagedResource' && { zonalShifts: [] }) } as never;
  });
  expect(await nameOf(shiftBalancers())).toBe('InProgress');
});

test('a resource that does not answer is asked again before the step gives up on another one', async () => {
  doubled();
  vi.spyOn(ArcZonalShiftClient.prototype, 'send').mockImplementation(async (command) => {
    const { resourceIdentifier } = command.input as { resourceIdentifier: string };
    if (resourceIdentifier === balancer) throw new ZonalShiftFault('ResourceNotFoundException', 'unknown', '', 404);
    throw new ZonalShiftFault('ThrottlingException', 'slow down', '', 429);
  });
  expect(await nameOf(shiftBalancers())).toBe('Unavailable');
});

test('a dry run shifts nothing and names what it would shift', async () => {
  doubled();
  autoshifts = [{ resource: second, awayFrom: 'use1-az1' }];
  expect(await shiftBalancers({ dryRun: true })).toEqual({
    dryRun: true,
    shifted: [second],
    refused: [],
    wouldDo: 'shift traffic of chatops-ingress away from use1-az1',
  });
  expect(calls).toEqual([]);
});

async function shifted(): Promise<void> {
  await shell.store.writeIncident(openIncident);
  for (const shift of [shiftCluster, shiftBalancers]) {
    await failureOf(shift());
    await shift(); // seen
  }
  calls = [];
}

const since = new Date(start).toISOString();
/** Every asset has left the zone or has given up, as the flow keeps it where one has. */
const tried = (at = start) =>
  shell.store.recordStep({ incident: incident.id, execution: incident.execution, step: triedMark, at, outcome: {} });

async function watch(minutes: number): Promise<string> {
  shell.at += minutes * 60_000;
  return (await failureOf(watchZone.on(shell)({ incident, since, againSeconds: null }))).name;
}

test('while the incident is open each shift is extended before it expires, and not earlier', async () => {
  await shifted();
  expect(await watch(44)).toBe('InProgress');
  expect(operations()).toEqual([]);
  expect(await watch(1)).toBe('InProgress');
  expect(operations()).toEqual(['UpdateZonalShift', 'UpdateZonalShift']);
  expect(shifts.map((shift) => shift.expiresAt - shell.at)).toEqual([3_600_000, 3_600_000]);
});

test('where AWS ends its autoshift, or lets it apply to nothing, traffic is kept away by a shift of our own', async () => {
  autoshifts = [
    { resource: cluster, awayFrom: 'use1-az1' },
    { resource: balancer, awayFrom: 'use1-az1' },
  ];
  await shell.store.writeIncident(openIncident);
  await shiftCluster();
  await shiftBalancers();
  expect(await watch(1)).toBe('InProgress');
  expect(calls).toEqual([]);
  autoshifts = autoshifts.slice(0, 1).map((one) => ({ ...one, appliedStatus: 'NOT_APPLIED' as const }));
  expect(await watch(1)).toBe('InProgress');
  expect(operations()).toEqual(['StartZonalShift', 'StartZonalShift']);
  expect(shifts.map(({ resource, comment }) => [resource, comment])).toEqual(
    [cluster, balancer].map((resource) => [resource, `Breakwater ${incident.id}`]),
  );
  expect(await watch(1)).toBe('InProgress');
  expect(calls).toHaveLength(2);
});

test('a shift of ours that somebody ended stays ended', async () => {
  await shifted();
  shifts = [];
  expect(await watch(1)).toBe('InProgress');
  expect(calls).toEqual([]);
});

test('what is leaving is left to the step that moves it out, and watched from its first shift on', async () => {
  await shell.store.writeIncident(openIncident);
  autoshifts = [{ resource: cluster, awayFrom: 'use1-az1' }];
  expect(await watch(1)).toBe('InProgress');
  expect(calls).toEqual([]);
  await shiftCluster();
  autoshifts = [];
  expect(await watch(1)).toBe('InProgress');
  expect(shifts.map(({ resource }) => resource)).toEqual([cluster]);
});

test('what cannot be shifted, or not while frozen, does not end the watch', async () => {
  await tried();
  await shell.store.writeIncident(openIncident);
  await shell.store.freeze('dba', 'migration', start);
  expect(await watch(1)).toBe('InProgress');
  expect(calls).toEqual([]);
  await shell.store.unfreeze();
  shifts = [{ id: 'theirs', resource: cluster, awayFrom: 'use1-az2', expiresAt: start + 1, comment: 'by hand' }];
  expect(await watch(1)).toBe('InProgress');
  expect(shifts.map(({ resource, awayFrom }) => [resource, awayFrom])).toEqual([
    [cluster, 'use1-az2'],
    [balancer, 'use1-az1'],
  ]);
});

/** An asset has left the zone. */
const reached = (name: string, id = incident.id) =>
  shell.store.recordStep({
    incident: id,
    execution: incident.execution,
    step: `leave-zone/${name}`,
    at: start,
    outcome: {},
  });

/** What the record says of the assets whose traffic is not kept away, and of those for which that was mended. */
const noted = async () =>
  (await shell.store.readSteps(incident.id)).map(({ step }) => step).filter((step) => step.includes('watch-zone/'));

/** Refuses some commands, as the service does. */
function refusing(isRefused: (command: ZonalShiftCommand) => boolean, [name, status]: readonly [string, number]): void {
  vi.spyOn(ArcZonalShiftClient.prototype, 'send').mockImplementation(async (command) => {
    if (isRefused(command as ZonalShiftCommand)) throw new ZonalShiftFault(name, 'no', '', status);
    return answer(command as ZonalShiftCommand) as never;
  });
}
const denied = ['AccessDeniedException', 403] as const;
const unknown = ['ResourceNotFoundException', 404] as const;
const busy = ['ThrottlingException', 429] as const;
/** Asks for the cluster's shift, whose extension comes first. */
const extendsFirst = ({ operation, input }: ZonalShiftCommand) =>
  operation === 'UpdateZonalShift' && input.zonalShiftId === 'shift-1';
const cancelsFirst = ({ operation, input }: ZonalShiftCommand) =>
  operation === 'CancelZonalShift' && input.zonalShiftId === 'shift-1';
const looksAtCluster = ({ operation, input }: ZonalShiftCommand) =>
  operation === 'GetManagedResource' && input.resourceIdentifier === cluster;

test.for([
  ['may not be extended', extendsFirst, denied, ['failing/watch-zone/cluster']],
  ['does not answer', extendsFirst, busy, ['failing/watch-zone/cluster']],
  ['cannot be looked at', looksAtCluster, unknown, ['failing/watch-zone/cluster']],
  ['does not say how it stands', looksAtCluster, busy, ['failing/watch-zone/cluster']],
  ['ended since it was listed', extendsFirst, unknown, []],
] as const)('where the shift of one asset %s, the others are kept, and people hear of it', async (one) => {
  const [, isRefused, fault, marks] = one;
  await shifted();
  refusing(isRefused, fault);
  expect(await watch(50)).toBe('InProgress');
  const lasts = (resource: string) => (shifts.find((shift) => shift.resource === resource)?.expiresAt ?? 0) - shell.at;
  expect(lasts(balancer)).toBe(3_600_000);
  expect(lasts(cluster)).toBe(600_000);
  expect(await watch(1)).toBe('InProgress');
  expect(await noted()).toEqual(marks);
});

test('where the shift of a person may not be extended while frozen, the others are kept', async () => {
  shifts = [{ id: 'theirs', resource: cluster, awayFrom: 'use1-az1', expiresAt: start + 600_000, comment: 'by hand' }];
  await shell.store.writeIncident(openIncident);
  await failureOf(shiftBalancers());
  await shell.store.freeze('dba', 'migration', start);
  shifts = shifts.map((shift) => ({ ...shift, expiresAt: start + 600_000 }));
  expect(await watch(1)).toBe('InProgress');
  expect(shifts.map((shift) => shift.expiresAt - shell.at)).toEqual([540_000, 3_600_000]);
  expect(await noted()).toEqual(['failing/watch-zone/cluster']);
});

test('that an asset is kept away again is kept, and so is that it fails another time', async () => {
  await shifted();
  refusing(looksAtCluster, busy);
  expect(await watch(1)).toBe('InProgress');
  refusing(() => false, busy);
  expect(await watch(1)).toBe('InProgress');
  refusing(looksAtCluster, busy);
  for (const minutes of [1, 1]) expect(await watch(minutes)).toBe('InProgress');
  expect(await noted()).toEqual([
    'failing/watch-zone/cluster',
    'mended/watch-zone/cluster',
    'failing/watch-zone/cluster',
  ]);
});

test('what stayed while users were served is moved out once its own evidence holds, in a round that has not looked yet', async () => {
  await shifted();
  const outcome = { moved: false, stays: 'users have been served for long enough without it', until: 'database' };
  const record = { incident: incident.id, execution: incident.execution, step: 'leave-zone/database' };
  await shell.store.recordStep({ ...record, at: start, outcome });
  const watched = (againSeconds: number | null, from = since) =>
    watchZone.on(shell)({ incident, since: from, againSeconds });
  expect((await failureOf(watched(600))).name).toBe('InProgress');
  await shell.store.keepSignals([componentSignal({ component: 'database', at: start })]);
  expect((await failureOf(watched(600))).name).toBe('InProgress'); // it forms
  shell.at += 600_000;
  await shell.store.freeze('dba', 'migration', shell.at);
  expect((await failureOf(watched(600))).name).toBe('InProgress');
  await shell.store.unfreeze();
  expect(await watched(600)).toEqual({ ended: 'again' });
  expect((await failureOf(watched(null))).name).toBe('InProgress'); // no further round
  expect((await failureOf(watched(600, new Date(shell.at).toISOString()))).name).toBe('InProgress'); // that round's own look is to come
});

test('the watch ends where nothing can be kept away, and nothing may still be tried', async () => {
  await shifted();
  await tried();
  refusing(({ operation }) => operation === 'UpdateZonalShift', denied);
  expect(await watch(44)).toBe('InProgress');
  expect(await watch(1)).toBe('CannotProceed');
});

describe('a shift of ours that is not there any more while the incident lasts', () => {
  test('is started again where it ran out while nobody watched', async () => {
    await shifted();
    expect(await watch(1)).toBe('InProgress');
    shifts = [];
    expect(await watch(60)).toBe('InProgress');
    expect(operations()).toEqual(['StartZonalShift', 'StartZonalShift']);
    expect(await watch(1)).toBe('InProgress');
    expect(calls).toHaveLength(2);
  });

  test('is started again where it ran out before a watch had seen it', async () => {
    await shifted();
    shifts = [];
    expect(await watch(60)).toBe('InProgress');
    expect(operations()).toEqual(['StartZonalShift', 'StartZonalShift']);
  });

  test('counts by the time it was extended to', async () => {
    await shifted();
    expect(await watch(50)).toBe('InProgress');
    expect(await watch(1)).toBe('InProgress');
    calls = [];
    shifts = [];
    expect(await watch(20)).toBe('InProgress');
    expect(calls).toEqual([]);
  });

  test('stays ended where somebody ended it before its time, also after that', async () => {
    await shifted();
    expect(await watch(1)).toBe('InProgress');
    shifts = [];
    for (const minutes of [1, 30, 60]) expect(await watch(minutes)).toBe('InProgress');
    expect(calls).toEqual([]);
  });
});

test('a freeze does not let traffic back into a failed zone', async () => {
  await shifted();
  await shell.store.freeze('dba', 'migration', start);
  expect(await watch(50)).toBe('InProgress');
  expect(operations()).toEqual(['UpdateZonalShift', 'UpdateZonalShift']);
});

test('after the incident our shifts are ended, and those of AWS and of people are left to them', async () => {
  await shifted();
  shifts = shifts.filter((shift) => shift.resource === cluster);
  shifts.push({ id: 'theirs', resource: balancer, awayFrom: 'use1-az1', expiresAt: start, comment: 'by hand' });
  autoshifts = [{ resource: balancer, awayFrom: 'use1-az1' }];
  await shell.store.writeIncident({ ...openIncident, closedAt: start + 60_000, version: 2 });
  expect(await watch(1)).toBe('InProgress');
  expect(calls).toEqual([{ operation: 'CancelZonalShift', input: { zonalShiftId: 'shift-1' } }]);
  const ended = await watchZone.on(shell)({ incident, since, againSeconds: null });
  expect(ended).toEqual({ ended: 'recovered', closedAt: start + 60_000, left: ['ingress'], leftUntil: null });
  expect(operations()).toEqual(['CancelZonalShift']);
});

test.for([
  ['may not be ended', cancelsFirst],
  ['cannot be looked at', looksAtCluster],
] as const)('after the incident a shift that %s keeps the others from nothing, and is left', async ([, isRefused]) => {
  await shifted();
  await shell.store.writeIncident({ ...openIncident, closedAt: start + 60_000, version: 2 });
  refusing(isRefused, denied);
  expect(await watch(1)).toBe('InProgress');
  expect(shifts.map(({ resource }) => resource)).toEqual([cluster]);
  expect(await watchZone.on(shell)({ incident, since, againSeconds: null })).toMatchObject({
    ended: 'recovered',
    left: ['cluster'],
  });
});
describe('where something did not leave the zone', () => {
  const look = (minutes: number) => {
    shell.at += minutes * 60_000;
    return watchZone.on(shell)({ incident, since, againSeconds: 600 });
  };

  test('it is tried again after its time, with shifts that last until then', async () => {
    await shifted();
    await tried();
    expect((await failureOf(look(9))).name).toBe('InProgress');
    expect(await look(1)).toEqual({ ended: 'again' });
    expect(operations()).toEqual([]);
    expect(await look(21)).toEqual({ ended: 'again' });
    expect(operations()).toEqual(['UpdateZonalShift', 'UpdateZonalShift']);
  });

  test('the time counts from when the last one gave up', async () => {
    await shifted();
    await tried(start + 300_000);
    expect((await failureOf(look(14))).name).toBe('InProgress');
    expect(await look(1)).toEqual({ ended: 'again' });
  });

  test('nothing is tried again while one may still leave, or where every one has left', async () => {
    await shifted();
    expect((await failureOf(look(20))).name).toBe('InProgress');
    await tried();
    for (const name of ['database', 'cache', 'search']) await reached(name);
    expect((await failureOf(look(20))).name).toBe('InProgress');
  });

  test('of an earlier round nothing counts, and where nobody could keep that all have tried, half an hour says it', async () => {
    await shifted();
    await tried(start - 1);
    expect((await failureOf(look(30))).name).toBe('InProgress');
    expect((await failureOf(look(9))).name).toBe('InProgress');
    expect(await look(1)).toEqual({ ended: 'again' });
  });

  test('the watch outlasts the incident while traffic may still be asked to leave: that shift is ended too', async () => {
    await shell.store.writeIncident(openIncident);
    await failureOf(shiftBalancers());
    await shiftBalancers();
    await failureOf(shiftCluster()); // asked for, and not seen yet
    const [asked] = shifts.filter(({ resource }) => resource === cluster);
    shifts = [];
    await shell.store.writeIncident({ ...openIncident, closedAt: start + 60_000, version: 2 });
    expect((await failureOf(look(1))).message).toBe(`traffic of ${cluster} may still be asked to leave use1-az1`);
    shifts = [asked].filter((one) => one !== undefined);
    expect(await shiftCluster()).toMatchObject({ stays: 'use1-az1 is well again' });
    calls = [];
    expect((await failureOf(look(1))).name).toBe('InProgress');
    expect(operations()).toEqual(['CancelZonalShift']);
    expect(await look(1)).toMatchObject({ ended: 'recovered', left: [] });
  });

  test('it is not tried again once the incident is over', async () => {
    await shifted();
    shifts = [];
    await shell.store.writeIncident({ ...openIncident, closedAt: start + 60_000, version: 2 });
    expect(await look(10)).toMatchObject({ ended: 'recovered' });
  });
});

test('an incident that became a region disaster is left to the region flow, and traffic stays away', async () => {
  await shifted();
  await shell.store.writeIncident({
    ...openIncident,
    level: 3,
    scope: { region: 'us-east-1', zone: null },
    version: 2,
  });
  expect(await watchZone.on(shell)({ incident, since, againSeconds: null })).toEqual({
    ended: 'superseded',
    left: ['cluster', 'ingress'],
    leftUntil: Math.max(...shifts.map(({ expiresAt }) => expiresAt)),
  });
  expect(calls).toEqual([]);
});

describe('a zone that was left, whose region a flow of the region holds', () => {
  const region = { execution: 'by-hand', incident: 'manual-by-hand', action: 'request-approval' } as const;
  const holder = async () => (await shell.store.readStanding('us-east-1')).lock?.execution;
  const superseded = () => shell.store.supersedeLock({ target: 'us-east-1', ...region, at: start });
  /** A shift has so little time left that it must be extended. */
  const due = 60 * 60_000 - (plan.zonalShift.extendBeforeSeconds - 60) * 1000;
  const look = () => watchZone.on(shell)({ incident, since, againSeconds: null });

  beforeEach(async () => {
    await shifted();
    await superseded();
    shell.at += due;
  });

  test('stays empty while that flow only asks people: its shifts are extended, and the watch goes on', async () => {
    expect((await failureOf(look())).name).toBe('InProgress');
    expect(operations()).toEqual(['UpdateZonalShift', 'UpdateZonalShift']);
    expect(await holder()).toBe('by-hand');
  });

  test.for([
    [null, [3_600_000, 3_600_000]],
    ['migration', [(plan.zonalShift.extendBeforeSeconds - 60) * 1000, 3_600_000]],
  ] as const)('keeps the shift of a person meanwhile, too, unless Breakwater is frozen: %s', async ([reason, left]) => {
    const [first] = shifts;
    if (first !== undefined) first.comment = 'by hand';
    if (reason !== null) await shell.store.freeze('dba', reason, start);
    expect((await failureOf(look())).name).toBe('InProgress');
    expect(shifts.map(({ expiresAt }) => expiresAt - shell.at)).toEqual(left);
  });

  test('is left to that flow once it has called something: the watch changes nothing, and takes the lock again when that flow has ended', async () => {
    const call = { step: 'fence/database', call: 'rds:ModifyDBInstance', target: 'chatops-prod', region: 'us-east-1' };
    const by = { incident: region.incident, execution: 'by-hand', actor: 'dba', drill: false };
    await shell.store.audit({ ...by, ...call, at: start });
    expect((await failureOf(look())).message).toBe('another flow holds the region');
    expect(calls).toEqual([]);
    await shell.store.releaseLock('us-east-1', 'by-hand');
    expect((await failureOf(look())).name).toBe('InProgress');
    expect(await holder()).toBe(incident.execution);
  });

  test('goes no round without the lock: what could not leave the zone loses no try', async () => {
    await tried();
    const round = () => watchZone.on(shell)({ incident, since, againSeconds: 0 });
    expect((await failureOf(round())).name).toBe('InProgress');
    await shell.store.releaseLock('us-east-1', 'by-hand');
    expect((await failureOf(round())).name).toBe('InProgress');
    expect(await round()).toEqual({ ended: 'again' });
  });

  test('is watched on when that flow has ended without moving anybody: the lock is taken again', async () => {
    await shell.store.releaseLock('us-east-1', 'by-hand');
    expect(await failureOf(look())).toEqual({
      name: 'InProgress',
      message: 'the flow that held the region has ended, and this one holds it again',
    });
    expect(await holder()).toBe(incident.execution);
    expect((await failureOf(look())).name).toBe('InProgress');
    expect(operations()).toEqual(['UpdateZonalShift', 'UpdateZonalShift']);
  });

  test('is not held again by a flow that a person aborts at this moment', async () => {
    await shell.store.releaseLock('us-east-1', 'by-hand');
    const { takeLock } = shell.store;
    shell.store.takeLock = async (wanted) => {
      await signAbort(incident.execution, 'maria', shell);
      return takeLock(wanted);
    };
    expect((await failureOf(look())).name).toBe('Aborted');
    expect(await holder()).toBeUndefined();
  });

  test('is watched no more where users have left the region: nothing is taken', async () => {
    await shell.store.releaseLock('us-east-1', 'by-hand');
    await shell.store.moveRole('us-west-2', 1, 'by-hand', start);
    expect(await look()).toMatchObject({ ended: 'superseded', left: ['cluster', 'ingress'] });
    expect(await holder()).toBeUndefined();
  });
});

test('after a day a person has to take over', async () => {
  await shifted();
  shifts = [];
  expect(await watch(24 * 60 - 1)).toBe('InProgress');
  expect(await watch(1)).toBe('CannotProceed');
});

test('a manual incident ends when its zone has had no failing component for the recovery time', async () => {
  const manual = { ...incident, id: 'manual-by-hand' };
  for (const name of ['cluster', 'ingress']) await reached(name, manual.id);
  await shell.store.writeIncident({ ...openIncident, id: manual.id, openedAt: start });
  const look = async (minutes: number): Promise<unknown> => {
    shell.at += minutes * 60_000;
    return watchZone
      .on(shell)({ incident: manual, since, againSeconds: null })
      .catch((error: Error) => error.name);
  };
  await shell.store.keepSignals([componentSignal(), componentSignal({ component: 'worker', zone: 'use1-az2' })]);
  expect(await look(10)).toBe('InProgress');
  await shell.store.keepSignals([componentSignal({ id: 'ok', at: shell.at, condition: 'healthy' })]);
  expect(await look(4)).toBe('InProgress');
  expect(await look(1)).toBe('InProgress'); // the shifts that it started are asked to end
  expect(await look(0)).toMatchObject({ ended: 'recovered' });
  expect(await shell.store.readIncident(manual.id)).toMatchObject({ closedAt: shell.at, version: 2 });
});

test('the end of a manual incident remembers the zone that users are sent back to', async () => {
  const manual = { ...incident, id: 'manual-by-hand' };
  shell = await running(manual);
  await shell.store.writeIncident({ ...openIncident, id: manual.id, openedAt: start });
  shell.at += 20 * 60_000;
  await shell.store.keepSignals([componentSignal({ id: 'ok', at: shell.at - 300_000, condition: 'healthy' })]);
  await watchZone
    .on(shell)({ incident: manual, since, againSeconds: null })
    .catch((error: Error) => error.name);
  expect(await shell.store.readIncident(manual.id)).toMatchObject({
    closedAt: shell.at,
    returned: { zone: 'use1-az1', at: shell.at },
  });
});

test.for([
  ['another-execution-active', ['CancelZonalShift', 'CancelZonalShift']],
  ['cooling-down', []],
  ['frozen', []],
] as const)(
  'users go back to a zone for the sake of another one only where that needs the lock: %s',
  async ([hold, asked]) => {
    await shifted();
    const scope = { region: 'us-east-1', zone: 'use1-az2' };
    const held = { action: 'hold', hold, reason: 'it fails', at: shell.at, level: 2, scope, attempt: 1 } as const;
    const decision = { ...held, evidence: [], causes: [], execution: null };
    await shell.store.writeIncident({ ...openIncident, scope, decisions: [decision], version: 2 });
    expect(await watch(1)).toBe('InProgress');
    expect(operations()).toEqual(asked);
  },
);
