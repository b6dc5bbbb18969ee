// The levers of a person: each does one thing, can be pulled twice, and says why where it may not be pulled.
import 'aws-sdk-client-mock-vitest/extend';
import { DescribeDBInstancesCommand, ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { RedriveExecutionCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../functions/domain/store.ts';
import { act } from '../../../functions/shared/act.ts';
import { abort, freeze, resume, skip, unfreeze } from '../../../functions/shared/operate.ts';
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
  rds.on(ModifyDBInstanceCommand).resolves({});
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [groups('sg-0a1closed')] });
  shell = await running(regionIncident, { region: 'us-west-2' });
});

function groups(...ids: readonly string[]) {
  const listed = ids.map((VpcSecurityGroupId) => ({ VpcSecurityGroupId, Status: 'active' }));
  return { DBInstanceStatus: 'available', VpcSecurityGroups: listed };
}

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
    const promote = { step: 'take-over/database', call: 'rds:PromoteReadReplica', target: 'chatops-dr-replica' };
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
    ['approved with the region named', ['us-east-1'], 'approved', 2, true],
    ['approved without it', [], 'approved', 2, false],
    ['settled as approved without the answers', ['us-east-1'], 'approved', 1, false],
    ['rejected', ['us-east-1'], 'rejected', 2, false],
    ['another execution’s', ['us-east-1'], 'other', 2, false],
  ] as const)('of the fence, where the request was %s', async ([, unfenced, outcome, answers, may]) => {
    const asked = { ...request, unfenced, execution: outcome === 'other' ? 'other' : execution };
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

  test('is in the record: whoever redrives the execution changes nothing, users redirected or not', async () => {
    await abort(arn, 'ana', shell);
    const steps = await shell.store.readSteps(regionIncident.id);
    expect(steps.map(({ step }) => step)).toContain('aborted');
    await shell.store.recordStep({
      incident: regionIncident.id,
      execution,
      step: 'redirect-users',
      at: start,
      outcome: {},
    });
    const lock = {
      target: 'us-east-1',
      execution,
      incident: regionIncident.id,
      action: 'request-approval',
      at: start,
    } as const;
    await shell.store.takeLock(lock);
    const promote = { step: 'take-over/database', call: 'rds:PromoteReadReplica', target: 'chatops-dr-replica' };
    expect((await failureOf(act(regionIncident, promote, shell, async () => undefined))).message).toContain('aborted');
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
    rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [groups('sg-0a1chatopsdb')] });
    expect(await abort(arn, 'ana', shell)).toMatchObject({ unfenced: 'chatops-prod' });
    expect(rds).not.toHaveReceivedCommand(ModifyDBInstanceCommand);
  });

  test('names each thing that it has changed and nobody undoes, and where the role is by now', async () => {
    const west = 'us-west-2';
    await called('rds:ModifyDBInstance');
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
      'chatops-dr-replica in us-west-2 was promoted, takes writes and replicates no more',
      'sqs:PurgeQueue was asked of orders in us-west-2',
      'users are kept away from their region: the latch latch-b/us-east-1 is closed',
    ]);
  });

  test('after a promotion keeps the fence: two databases would take writes', async () => {
    await called('rds:ModifyDBInstance');
    await called('rds:PromoteReadReplica', {
      region: 'us-west-2',
      target: 'chatops-dr-replica',
      step: 'take-over/database',
    });
    const aborted = await abort(arn, 'ana', shell);
    expect(aborted).toMatchObject({ unfenced: null, stays: expect.stringContaining('stays fenced') });
    expect(rds).not.toHaveReceivedCommand(ModifyDBInstanceCommand);
    expect(await lockNow()).toBeNull();
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
    rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [groups('sg-0a1closed')] });
    rds.on(ModifyDBInstanceCommand).resolves({});
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
    rds.on(DescribeDBInstancesCommand).rejects(fault('TimeoutError'));
    await failureOf(abort(arn, 'ana', shell));
    const promote = { step: 'take-over/database', call: 'rds:PromoteReadReplica', target: 'chatops-dr-replica' };
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
