// The levers of a person: each does one thing, can be pulled twice, and says why where it may not be pulled.
import 'aws-sdk-client-mock-vitest/extend';
import { DescribeDBInstancesCommand, ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  DescribeExecutionCommand,
  RedriveExecutionCommand,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, test } from 'vitest';
import { callMark } from '../../../functions/domain/record/call-marks.ts';
import type { AuditRecord } from '../../../functions/domain/record/store.ts';
import { unseenMark } from '../../../functions/domain/traffic/sent.ts';
import type { Incident } from '../../../functions/domain/types.ts';
import { abort, freeze, resume, skip, unfreeze } from '../../../functions/shared/operate.ts';
import { act } from '../../../functions/shared/recovery/act.ts';
import { withSecondDatabase } from '../../assets.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { answer, request } from '../../store/samples.ts';
import {
  account,
  failureOf,
  openIncident,
  regionIncident,
  running,
  type Setting,
  setting,
  start,
  incident as zoneIncident,
} from '../setting.ts';

const rds = mocked(RDSClient);
const sfn = mocked(SFNClient);
let shell: Setting;

const { execution } = regionIncident;
const arnOf = (machine: string, name: string, region = 'us-west-2') =>
  `arn:aws:states:${region}:${account}:execution:breakwater-test-${machine}:${name}`;
const arn = arnOf('region-failover', execution);
const fault = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error('said so'), { name, $metadata: httpStatusCode === undefined ? {} : { httpStatusCode } });

beforeEach(async () => {
  rds.reset();
  sfn.reset();
  sfn.on(StopExecutionCommand).resolves({});
  sfn.on(RedriveExecutionCommand).resolves({});
  sfn.on(DescribeExecutionCommand).resolves({ status: 'FAILED', stopDate: new Date(start + 500) });
  rds.on(ModifyDBInstanceCommand).resolves({});
  for (const id of ['chatops-prod', 'orders-prod']) described(id).resolves({ DBInstances: [groups('sg-0a1closed')] });
  replicaIs({ ReadReplicaSourceDBInstanceIdentifier: 'chatops-prod' });
  shell = await running(regionIncident, { region: 'us-west-2' });
});

const decisionOf = (of: string): Incident['decisions'][number] => ({
  action: 'az-failover',
  reason: 'zone failed',
  at: start,
  level: 2,
  scope: { region: 'us-east-1', zone: 'use1-az1' },
  evidence: [],
  causes: [],
  attempt: 1,
  execution: of,
});

function groups(...ids: readonly string[]) {
  const listed = ids.map((VpcSecurityGroupId) => ({ VpcSecurityGroupId, Status: 'active' }));
  return { DBInstanceStatus: 'available', VpcSecurityGroups: listed };
}

const described = (DBInstanceIdentifier: string) => rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier });
/** What stands in the region that takes over. */
const replicaIs = (said: object) => {
  for (const id of ['chatops-dr-replica', 'orders-dr'])
    described(id).resolves({ DBInstances: [{ DBInstanceStatus: 'available', ...said }] });
};

const called = (call: string, change: Partial<AuditRecord> = {}): Promise<void> =>
  shell.store.audit({
    incident: regionIncident.id,
    at: start,
    step: 'fence/database',
    actor: 'classify',
    execution,
    call,
    region: 'us-east-1',
    target: 'chatops-prod',
    drill: false,
    ...change,
  });
const fenced = (asset = 'database') =>
  shell.store.recordStep({
    incident: regionIncident.id,
    execution,
    step: `fence/${asset}/fenced`,
    at: start,
    outcome: {},
  });
const lockNow = async () => (await shell.store.readStanding('us-east-1')).lock;

describe('freeze', () => {
  test('says who and why, and is undone', async () => {
    await freeze('ana', 'moving house', shell);
    expect((await shell.store.readStanding('us-east-1')).frozen).toEqual({
      by: 'ana',
      reason: 'moving house',
      at: start,
    });
    await unfreeze('ben', shell);
    expect((await shell.store.readStanding('us-west-2')).frozen).toBeNull();
  });

  test.for([
    ['', 'a reason'],
    ['ana', ''],
  ] as const)('needs a name and a reason: %o', async ([by, reason]) => {
    expect(await failureOf(freeze(by, reason, shell))).toMatchObject({ name: 'InvalidInput' });
    expect((await shell.store.readStanding('us-east-1')).frozen).toBeNull();
  });
});

describe('resume', () => {
  test('continues an execution in the region that runs it', async () => {
    await resume(arn, shell);
    expect(sfn).toHaveReceivedCommandWith(RedriveExecutionCommand, { executionArn: arn });
    const [client] = sfn.commandCalls(RedriveExecutionCommand).map(({ thisValue }) => thisValue as SFNClient);
    expect(await client?.config.region()).toBe('us-west-2');
  });

  test('of a region flow lets nothing be changed before another look, whatever state it goes on from', async () => {
    shell.at += 1_000;
    await resume(arn, shell);
    const promote = {
      step: 'take-over/database',
      call: 'rds:PromoteReadReplica',
      target: 'chatops-dr-replica',
      change: null,
    };
    expect((await failureOf(act(regionIncident, promote, shell, async () => undefined))).name).toBe('ApprovalStale');
  });

  test('of an execution that has not stopped says so', async () => {
    sfn.on(RedriveExecutionCommand).rejects(fault('ExecutionNotRedrivable', 400));
    const { name, message } = await failureOf(resume(arn, shell));
    expect({ name, said: message.includes('ExecutionNotRedrivable') }).toEqual({ name: 'CannotProceed', said: true });
  });

  test.for(['', execution, arn.replace(':execution:', ':stateMachine:'), arn.replace(':states:', ':lambda:')])(
    'of what is no execution (%s) is refused',
    async (other) => {
      expect(await failureOf(resume(other, shell))).toMatchObject({ name: 'InvalidInput' });
      expect(sfn).not.toHaveReceivedAnyCommand();
    },
  );
});

describe('of a flow that stopped because its region serves again', () => {
  const stopped = (outcome: object, number = 0) =>
    shell.store.recordStep({
      ...{ incident: regionIncident.id, execution, step: `paused/${number}`, at: shell.at + number },
      outcome: { failed: [{ step: 'Reassess', why: 'it is over', mayBeSkipped: false }], ...outcome },
    });

  test('no resume begins, and one line says what to do', async () => {
    await stopped({ ends: true });
    const message = `the region serves again, and no database was promoted: ${execution} does not go on; abort it`;
    expect(await failureOf(resume(arn, shell))).toEqual({ name: 'LockLost', message });
    await shell.store.recordStep({
      ...{
        incident: regionIncident.id,
        execution,
        step: 'paused/stopped-1',
        at: shell.at + 5,
        outcome: { failed: [] },
      },
    });
    expect(await failureOf(resume(arn, shell))).toMatchObject({ name: 'LockLost' });
    expect(sfn).not.toHaveReceivedCommand(RedriveExecutionCommand);
  });

  test('it is resumed where its newest stop was for something else', async () => {
    await stopped({ ends: true });
    await stopped({}, 1);
    await resume(arn, shell);
    expect(sfn).toHaveReceivedCommand(RedriveExecutionCommand);
  });
});

describe('once the roles have moved on beyond what a flow has made of them', () => {
  beforeEach(async () => {
    const { id } = regionIncident;
    const outcome = { incident: regionIncident };
    await shell.store.recordStep({ incident: id, execution, step: 'watch-fence/1', at: start, outcome });
    await called('rds:ModifyDBInstance');
    await fenced();
    shell.at += 60_000;
    await shell.store.moveRole('us-west-2', 1, execution, start);
  });
  const isHome = () => shell.store.moveRole('us-east-1', 2, 'the-way-home', shell.at);

  test('it is not resumed, and one line says what to do', async () => {
    await isHome();
    expect(await failureOf(resume(arn, shell))).toEqual({
      name: 'LockLost',
      message: `the roles have moved on: us-east-1 is the primary in epoch 3: ${execution} changes nothing any more; abort it`,
    });
    expect(sfn).not.toHaveReceivedCommand(RedriveExecutionCommand);
  });

  test('it is resumed while they are where it has moved them', async () => {
    await resume(arn, shell);
    expect(sfn).toHaveReceivedCommandWith(RedriveExecutionCommand, { executionArn: arn });
  });

  test('its abort opens and closes nothing: what stands there is another flow’s', async () => {
    await isHome();
    expect(await abort(arn, 'ana', shell)).toMatchObject({
      released: ['us-east-1'],
      unfenced: null,
      stays: 'what stands in us-east-1: the roles have moved on: us-east-1 is the primary in epoch 3',
    });
    expect(rds).not.toHaveReceivedAnyCommand();
    expect(await lockNow()).toBeNull();
  });
});

describe('skip', () => {
  test('leaves a waiver with a name and a reason, and does nothing else', async () => {
    await skip(execution, { state: 'TakeOver', asset: 'cache' }, 'ana', 'it may start empty', shell);
    const waiver = { by: 'ana', reason: 'it may start empty', at: start };
    expect(await shell.store.readWaiver(execution, 'TakeOver/cache')).toEqual(waiver);
    expect(sfn).not.toHaveReceivedAnyCommand();
  });

  test.for([
    ['TakeOver', 'database', 'ana', 'why not'],
    ['Fence', 'database', 'ana', 'why not'],
    ['TakeOver', null, 'ana', 'why not'],
    ['TakeOver', 'cache', '', 'why not'],
    ['TakeOver', 'cache', 'ana', ''],
  ] as const)('%s of %o by %o because %o is refused', async ([state, asset, by, reason]) => {
    expect(await failureOf(skip(execution, { state, asset }, by, reason, shell))).toMatchObject({
      name: 'InvalidInput',
    });
    for (const kept of [state, `${state}/${asset}`]) expect(await shell.store.readWaiver(execution, kept)).toBeNull();
  });

  test.for([
    ['approved with the asset named', ['database'], 'approved', 2, true],
    ['approved without it', [], 'approved', 2, false],
    ['approved with another asset of the region named', ['orders'], 'approved', 2, false],
    ['settled as approved without the answers', ['database'], 'approved', 1, false],
    ['rejected', ['database'], 'rejected', 2, false],
    ['another execution’s', ['database'], 'other', 2, false],
  ] as const)('of the fence, where the request was %s', async ([, unfencedAssets, outcome, answers, may]) => {
    const asked = { ...request, unfencedAssets, execution: outcome === 'other' ? 'other' : execution };
    await shell.store.openRequest(asked, 'token');
    for (const approver of ['dba', 'infra-lead'].slice(0, answers))
      await shell.store.keepAnswer({ ...answer, approver });
    await shell.store.settleRequest(request.id, outcome === 'other' ? 'approved' : outcome, start);
    const skipped = await skip(execution, { state: 'Fence', asset: 'database' }, 'ana', 'it is dark', shell).then(
      () => true,
      () => false,
    );
    expect(skipped).toBe(may);
    expect((await shell.store.readWaiver(execution, 'Fence/database')) !== null).toBe(may);
  });
});

describe('abort', () => {
  test('stops the execution, voids its request and gives the lock back', async () => {
    await shell.store.openRequest({ ...request, execution }, 'token');
    await shell.store.openRequest({ ...request, id: 'request-2', execution: 'other' }, 'token');
    const aborted = await abort(arn, 'ana', shell);
    expect(aborted).toEqual({ execution, released: ['us-east-1'], unfenced: null, stays: '', left: [] });
    expect(sfn).toHaveReceivedCommandWith(StopExecutionCommand, { executionArn: arn, cause: 'ana aborted it' });
    expect((await shell.store.readOutcome(request.id))?.outcome).toBe('void');
    expect((await shell.store.listOpenRequests()).map(({ id }) => id)).toEqual(['request-2']);
    expect(await lockNow()).toBeNull();
    expect(rds).not.toHaveReceivedAnyCommand();
  });

  test('undoes the fence, with a record written before, in the name of who aborts', async () => {
    await called('rds:ModifyDBInstance');
    shell.at += 60_000;
    expect(await abort(arn, 'ana', shell)).toMatchObject({ unfenced: 'chatops-prod', stays: '' });
    const exchange = { DBInstanceIdentifier: 'chatops-prod', VpcSecurityGroupIds: ['sg-0a1chatopsdb'] };
    expect(rds).toHaveReceivedCommandWith(ModifyDBInstanceCommand, exchange);
    expect((await shell.store.readAudit(regionIncident.id)).at(-1)).toMatchObject({
      at: start + 60_000,
      step: 'abort',
      actor: 'ana',
      call: 'rds:ModifyDBInstance',
      target: 'chatops-prod',
    });
    expect(await lockNow()).toBeNull();
  });

  test('finds the fence undone already and leaves it so', async () => {
    await called('rds:ModifyDBInstance');
    described('chatops-prod').resolves({ DBInstances: [groups('sg-0a1chatopsdb')] });
    shell.at += 60_000;
    expect(await abort(arn, 'ana', shell)).toMatchObject({ unfenced: 'chatops-prod' });
    expect(rds).not.toHaveReceivedCommand(ModifyDBInstanceCommand);
  });

  test('keeps the fence where somebody else has promoted the replica: one writer is enough', async () => {
    await called('rds:ModifyDBInstance');
    await fenced();
    replicaIs({});
    const other = 'chatops-dr-replica in us-west-2 is no replica any more, and one writer is enough';
    expect(await abort(arn, 'ana', shell)).toMatchObject({
      unfenced: null,
      stays: `chatops-prod stays fenced: ${other}`,
    });
    expect(rds).not.toHaveReceivedCommand(ModifyDBInstanceCommand);
  });

  test('lets users write again although the region that would have taken over does not answer', async () => {
    await called('rds:ModifyDBInstance');
    described('chatops-dr-replica').rejects(fault('TimeoutError'));
    expect(await abort(arn, 'ana', shell)).toMatchObject({ unfenced: 'chatops-prod', stays: '' });
  });

  test('says to abort again while a promotion that was asked for may still come, and then opens what it was lost for', async () => {
    await called('rds:ModifyDBInstance');
    await called('rds:PromoteReadReplica', { region: 'us-west-2', step: 'take-over/database' });
    for (const leaveFenced of [false, true])
      expect((await failureOf(abort(arn, 'ana', shell, { leaveFenced }))).message).toMatch(
        /and may still come: chatops-prod stays as it is; abort again in a minute, and not before/,
      );
    expect(await lockNow()).not.toBeNull();
    shell.at += 121_000;
    expect(await abort(arn, 'ana', shell)).toMatchObject({ unfenced: 'chatops-prod', stays: '' });
  });

  test('says to abort again while a fence that was asked for may still come', async () => {
    await called('rds:ModifyDBInstance');
    described('chatops-prod').resolves({ DBInstances: [groups('sg-0a1chatopsdb')] });
    expect((await failureOf(abort(arn, 'ana', shell))).message).toContain('the fence of chatops-prod may still come');
    expect(await lockNow()).not.toBeNull();
  });

  test.for(['failed', 'storage-full', 'stopped'])(
    'is through where the database is %s: nothing opens it before somebody repairs it',
    async (status) => {
      await called('rds:ModifyDBInstance');
      described('chatops-prod').resolves({
        DBInstances: [{ ...groups('sg-0a1chatopsfence'), DBInstanceStatus: status }],
      });
      shell.at += 60_000;
      expect(await abort(arn, 'ana', shell)).toMatchObject({
        released: ['us-east-1'],
        unfenced: null,
        stays: `chatops-prod stays fenced: it is ${status}, and takes no change until somebody repairs it`,
      });
      expect(rds).not.toHaveReceivedCommand(ModifyDBInstanceCommand);
    },
  );

  test('gives the region back although it does not answer, where a person leaves fenced what is', async () => {
    await called('rds:ModifyDBInstance');
    described('chatops-prod').rejects(fault('TimeoutError'));
    expect((await failureOf(abort(arn, 'ana', shell))).message).toMatch(
      /abort again in a minute: nobody else may act on us-east-1 until then\. .* only a person opens later: abort with --leave-fenced$/,
    );
    expect(await lockNow()).not.toBeNull();
    const { released, unfenced, stays } = await abort(arn, 'ana', shell, { leaveFenced: true });
    expect({ released, unfenced }).toEqual({ released: ['us-east-1'], unfenced: null });
    expect(stays).toMatch(/^database in us-east-1, if the flow has fenced it \(.*TimeoutError/);
    expect(await lockNow()).toBeNull();
  });

  test('opens what answers, and says that it has, where a person leaves another database fenced', async () => {
    shell = await running(regionIncident, { region: 'us-west-2', plan: withSecondDatabase(plan) });
    await called('rds:ModifyDBInstance');
    await called('rds:ModifyDBInstance', { target: 'orders-prod', step: 'fence/orders' });
    described('chatops-prod').rejects(fault('TimeoutError'));
    shell.at += 60_000;
    const { unfenced, stays } = await abort(arn, 'ana', shell, { leaveFenced: true });
    expect(unfenced).toBe('orders-prod');
    expect(stays).toMatch(/^database in us-east-1, if the flow has fenced it \([^;]*\)$/);
  });

  test.for([
    ['were sent to the other region has that one as the primary', {}, 'us-west-2', 2],
    [
      'were sent by a change that Route 53 has taken has that one as the primary',
      { change: '/change/C1' },
      'us-west-2',
      2,
    ],
    ['may have been sent, as nobody answered, keeps its primary', null, 'us-east-1', 1],
    ['were not sent, as a person left that out, keeps its primary', { skipped: true }, 'us-east-1', 1],
  ] as const)('of a flow whose users %s', async ([, sent, primary, epoch]) => {
    replicaIs({});
    await called('rds:PromoteReadReplica', {
      region: 'us-west-2',
      target: 'chatops-dr-replica',
      step: 'take-over/database',
    });
    await called('s3:PutObject', { region: 'us-west-2', target: 'latch-b/us-east-1', step: 'redirect-users' });
    if (sent !== null)
      await shell.store.recordStep({
        ...{ incident: regionIncident.id, execution },
        step: 'change' in sent ? 'redirect-users/change' : 'redirect-users',
        ...{ at: shell.at, outcome: sent },
      });
    const { released, left } = await abort(arn, 'ana', shell);
    expect(released).toEqual(['us-east-1']);
    expect(await shell.store.readStanding('us-east-1')).toMatchObject({ primary, epoch, lock: null });
    expect(left.includes('us-west-2 is the primary region now, in epoch 2')).toBe(epoch === 2);
  });

  test.for([
    ['cannot read still keeps its primary', 403, 'us-east-1'],
    ['can read by now has the other region as the primary', 200, 'us-west-2'],
  ] as const)('of a flow whose latch nobody could read, and health checks %s', async ([, status, primary]) => {
    replicaIs({});
    const latch = { region: 'us-west-2', target: 'latch-b/us-east-1', step: 'redirect-users' };
    await called('rds:PromoteReadReplica', { ...latch, target: 'chatops-dr-replica', step: 'take-over/database' });
    await called('s3:PutObject', latch);
    const own = { incident: regionIncident.id, execution, at: shell.at, outcome: {} };
    const calls = (await shell.store.readAudit(regionIncident.id)).filter(({ call }) => call === 's3:PutObject');
    for (const call of calls) await shell.store.recordStep({ ...own, step: callMark('made', call), at: call.at });
    await shell.store.recordStep({ ...own, step: unseenMark });
    await abort(arn, 'ana', { ...shell, fetch: async () => new Response(null, { status }) });
    expect(await shell.store.readStanding('us-east-1')).toMatchObject({ primary, lock: null });
  });

  test('of a flow whose own region is dark is done where a person leaves it fenced: it is signed, and has lost its lock', async () => {
    sfn.on(StopExecutionCommand).rejects(fault('TimeoutError'));
    expect(await failureOf(abort(arn, 'ana', shell))).toMatchObject({
      name: 'Unavailable',
      message: expect.stringMatching(/abort again when us-west-2 answers, or now with --leave-fenced/),
    });
    expect(await lockNow()).toMatchObject({ execution });
    expect((await abort(arn, 'ana', shell, { leaveFenced: true })).released).toEqual(['us-east-1']);
    expect(await lockNow()).toBeNull();
  });

  test('names each thing that it has changed and nobody undoes, and where the role is by now', async () => {
    const west = 'us-west-2';
    replicaIs({});
    await called('rds:ModifyDBInstance');
    await fenced();
    await called('rds:PromoteReadReplica', { region: west, target: 'chatops-dr-replica', step: 'take-over/database' });
    await called('ssm:PutParameter', { region: west, target: '/chatops/database/host', step: 'take-over/settings' });
    await called('ssm:PutParameter', { region: west, target: '/chatops/database/host', step: 'take-over/settings' });
    await called('s3:PutObject', { region: west, target: 'latch-b/us-east-1', step: 'redirect-users' });
    await called('sqs:PurgeQueue', { region: west, target: 'orders', step: 'take-over/orders' });
    await shell.store.moveRole(west, 1, execution, start);
    const { stays, left } = await abort(arn, 'ana', shell);
    expect(stays).toContain('stays fenced');
    expect(left.at(-1)).toBe('us-west-2 is the primary region now, in epoch 2');
    expect(left.slice(0, -1).toSorted()).toEqual([
      '/chatops/database/host in us-west-2 holds an address of that region',
      'chatops-dr-replica in us-west-2 was asked to be promoted: once it is, it takes writes and replicates no more',
      'sqs:PurgeQueue was asked of orders in us-west-2',
      'users are kept away from their region: the latch latch-b/us-east-1 is closed',
    ]);
  });

  const promoted = 'chatops-dr-replica in us-west-2 is no replica any more';
  test.for([
    ['is seen fenced', true, true, `chatops-prod stays fenced: ${promoted}, and one writer is enough`],
    ['is half fenced', true, false, 'chatops-prod stays HALF FENCED: it refuses new clients'],
    ['did not answer', false, false, `chatops-prod is NOT FENCED though ${promoted}`],
  ] as const)('after a promotion leaves a database that %s as it is, and says so', async ([, asked, seen, said]) => {
    replicaIs({});
    if (asked) await called('rds:ModifyDBInstance');
    if (seen) await fenced();
    await called('rds:PromoteReadReplica', {
      region: 'us-west-2',
      target: 'chatops-dr-replica',
      step: 'take-over/database',
    });
    const aborted = await abort(arn, 'ana', shell);
    expect(aborted).toMatchObject({ unfenced: null, stays: expect.stringContaining(said) });
    expect(rds).not.toHaveReceivedCommand(ModifyDBInstanceCommand);
    expect(await lockNow()).toBeNull();
  });

  test('after a promotion says what has diverged, where the fence came later', async () => {
    replicaIs({});
    await called('rds:ModifyDBInstance', { at: start + 60_000 });
    await called('rds:PromoteReadReplica', { region: 'us-west-2', target: 'chatops-dr', step: 'take-over/database' });
    const mark = { step: 'fence/database/fenced', at: start + 120_000, outcome: {} };
    await shell.store.recordStep({ incident: regionIncident.id, execution, ...mark });
    const diverged = 'what it wrote between 23 Nov 2026, 03:00:00 UTC and 23 Nov 2026, 03:02:00 UTC has diverged';
    expect((await abort(arn, 'ana', shell)).stays).toContain(diverged);
  });

  test('after a region flow has taken the lock over still names what the zone flow has changed', async () => {
    shell = await running(regionIncident);
    await shell.store.writeIncident({ ...openIncident, decisions: [decisionOf(zoneIncident.execution)] });
    const shift = { execution: zoneIncident.execution, call: 'arc-zonal-shift:StartZonalShift', target: 'balancer' };
    await called(shift.call, { ...shift, step: 'leave-zone/ingress' });
    const { released, left } = await abort(arnOf('az-failover', zoneIncident.execution, 'us-east-1'), 'ana', shell);
    expect(released).toEqual([]);
    expect(left).toEqual([expect.stringContaining('traffic of balancer stays out of the zone')]);
    expect((await lockNow())?.execution).toBe(execution);
  });

  test.for([
    ['off', ['switch-off'], 'its automatic failover is OFF'],
    ['off, with another primary', ['switch-off', 'promote'], 'another primary of chatops-sessions was chosen; its'],
    ['on again', ['switch-off', 'promote', 'switch-on'], 'was switched on again'],
  ] as const)('says that the automatic failover of a cache is %s', async ([, marks, said]) => {
    shell = await running(zoneIncident);
    const { id, execution } = zoneIncident;
    for (const mark of marks) {
      const outcome = { group: 'chatops-sessions', multiAz: true };
      await shell.store.recordStep({ incident: id, execution, step: `leave-zone/cache/${mark}`, at: start, outcome });
    }
    const call = 'elasticache:ModifyReplicationGroup';
    await called(call, { incident: id, execution, step: 'leave-zone/cache', target: 'chatops-sessions' });
    const { left } = await abort(arnOf('az-failover', execution, 'us-east-1'), 'ana', shell);
    expect(left).toEqual([expect.stringContaining(said)]);
  });

  test('is the end of the execution: whoever resumes it is refused, and hears who aborted it', async () => {
    await abort(arn, 'ana', shell);
    const { name, message } = await failureOf(resume(arn, shell));
    expect({ name, message }).toEqual({
      name: 'Aborted',
      message: `${execution} was aborted by ana at 23 Nov 2026, 03:00 UTC: nothing of it goes on`,
    });
    expect(sfn).not.toHaveReceivedCommand(RedriveExecutionCommand);
  });

  test('does not undo what another execution fenced', async () => {
    await called('rds:ModifyDBInstance', { execution: 'other' });
    expect(await abort(arn, 'ana', shell)).toMatchObject({ unfenced: null });
    expect(rds).not.toHaveReceivedAnyCommand();
  });

  test.for([
    ['the region does not answer', () => rds.on(DescribeDBInstancesCommand).rejects(fault('TimeoutError'))],
    ['the database is changing', () => rds.on(ModifyDBInstanceCommand).rejects(fault('InvalidDBInstanceState', 400))],
  ] as const)('keeps the lock while %s, and ends when it is repeated', async ([, arrange]) => {
    await called('rds:ModifyDBInstance');
    arrange();
    expect(await failureOf(abort(arn, 'ana', shell))).toMatchObject({ name: 'Unavailable' });
    expect(await lockNow()).not.toBeNull();
    described('chatops-prod').resolves({ DBInstances: [groups('sg-0a1closed')] });
    rds.on(ModifyDBInstanceCommand).resolves({});
    expect(await abort(arn, 'ana', shell)).toMatchObject({ unfenced: 'chatops-prod', released: ['us-east-1'] });
    expect(await lockNow()).toBeNull();
  });

  test('gives the lock back while a region does not answer whose database the flow had opened again', async () => {
    await called('rds:ModifyDBInstance');
    await called('rds:ModifyDBInstance', { step: 'unfence/database', at: start + 1_000 });
    shell.at = start + 600_000;
    described('chatops-prod').rejects(fault('TimeoutError'));
    expect(await abort(arn, 'ana', shell)).toMatchObject({ unfenced: 'chatops-prod', released: ['us-east-1'] });
    expect(await lockNow()).toBeNull();
  });

  describe('of a plan with two databases', () => {
    beforeEach(async () => {
      shell = await running(regionIncident, { region: 'us-west-2', plan: withSecondDatabase(plan) });
      await called('rds:ModifyDBInstance');
      await called('rds:ModifyDBInstance', { step: 'fence/orders', target: 'orders-prod' });
    });
    const exchanged = () =>
      rds.commandCalls(ModifyDBInstanceCommand).map(({ args: [{ input }] }) => input.DBInstanceIdentifier);

    test('undoes the fence of each', async () => {
      expect(await abort(arn, 'ana', shell)).toMatchObject({ unfenced: 'chatops-prod, orders-prod', stays: '' });
      expect(exchanged()).toEqual(['chatops-prod', 'orders-prod']);
      expect(rds).toHaveReceivedCommandWith(ModifyDBInstanceCommand, {
        DBInstanceIdentifier: 'orders-prod',
        VpcSecurityGroupIds: ['sg-0a1orders'],
      });
    });

    test('keeps the fence of the one whose replica was promoted', async () => {
      await fenced('orders');
      described('orders-dr').resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });
      const promoted = { step: 'take-over/orders', region: 'us-west-2', target: 'orders-dr' };
      await called('rds:PromoteReadReplica', promoted);
      expect(await abort(arn, 'ana', shell)).toMatchObject({
        unfenced: 'chatops-prod',
        stays: expect.stringMatching(/^orders-prod stays fenced/),
      });
      expect(exchanged()).toEqual(['chatops-prod']);
    });

    test('is repeated while one of them is changing, and then has undone both', async () => {
      rds
        .on(ModifyDBInstanceCommand, { DBInstanceIdentifier: 'orders-prod' })
        .rejectsOnce(fault('InvalidDBInstanceState', 400));
      expect(await failureOf(abort(arn, 'ana', shell))).toMatchObject({
        name: 'Unavailable',
        message: expect.stringContaining('orders-prod'),
      });
      expect(await lockNow()).not.toBeNull();
      rds.on(ModifyDBInstanceCommand, { DBInstanceIdentifier: 'orders-prod' }).resolves({});
      expect(await abort(arn, 'ana', shell)).toMatchObject({ unfenced: 'chatops-prod, orders-prod' });
      expect(await lockNow()).toBeNull();
    });
  });

  test('keeps a step that is still running from making its next call', async () => {
    await called('rds:ModifyDBInstance');
    described('chatops-prod').rejects(fault('TimeoutError'));
    await failureOf(abort(arn, 'ana', shell));
    const promote = {
      step: 'take-over/database',
      call: 'rds:PromoteReadReplica',
      target: 'chatops-dr-replica',
      change: null,
    };
    const acting = act(regionIncident, promote, shell, () => Promise.resolve('promoted'));
    expect(await failureOf(acting)).toMatchObject({ name: 'LockLost' });
  });

  test('of an execution that has ended, or holds no lock, stops it and touches nothing', async () => {
    const other = arnOf('region-failover', 'other');
    expect(await abort(other, 'ana', shell)).toEqual({
      execution: 'other',
      released: [],
      unfenced: null,
      stays: '',
      left: [],
    });
    expect((await lockNow())?.execution).toBe(execution);
  });

  test('closes the incident of a manual start, and no other', async () => {
    const id = `manual-${execution}`;
    await shell.store.writeIncident({ ...openIncident, id });
    await shell.store.takeLock({ target: 'us-east-1', execution, incident: id, action: 'request-approval', at: start });
    await abort(arn, 'ana', shell);
    expect((await shell.store.readIncident(id))?.closedAt).toBe(start);
    await shell.store.writeIncident(openIncident);
    await abort(arn, 'ana', shell);
    expect((await shell.store.readIncident(openIncident.id))?.closedAt).toBeNull();
  });

  test('of a zone flow gives its lock back and undoes nothing', async () => {
    shell = await running(zoneIncident);
    const zoneArn = arnOf('az-failover', zoneIncident.execution, 'us-east-1');
    expect(await abort(zoneArn, 'ana', shell)).toMatchObject({ released: ['us-east-1'], unfenced: null });
    expect(await lockNow()).toBeNull();
    expect(rds).not.toHaveReceivedAnyCommand();
  });

  test('of a degradation frees its own lock', async () => {
    shell = setting();
    const lock = { target: 'us-east-1/degradation', incident: 'i', action: 'notify', at: start } as const;
    await shell.store.takeLock({ ...lock, execution: 'one' });
    await abort(arnOf('service-degradation', 'one', 'us-east-1'), 'ana', shell);
    expect(await shell.store.takeLock({ ...lock, execution: 'two' })).toBe(true);
  });

  test('that Step Functions does not hear changes nothing', async () => {
    await called('rds:ModifyDBInstance');
    sfn.on(StopExecutionCommand).rejects(fault('TimeoutError'));
    expect(await failureOf(abort(arn, 'ana', shell))).toMatchObject({ name: 'Unavailable' });
    expect((await lockNow())?.execution).toBe(execution);
    expect(rds).not.toHaveReceivedAnyCommand();
  });
});
