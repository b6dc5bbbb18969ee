// A flow that is paused while the role is brought home, in the twin: whoever resumes it, and however, it leaves the region alone that serves users again.
import { expect, test } from 'vitest';
import { answerRequest } from '../../../functions/shared/approval/approve.ts';
import { resume } from '../../../functions/shared/operate.ts';
import { prefix } from '../../../simulator/stage.ts';
import { the } from '../../assets.ts';
import { failureOf } from '../../functions/setting.ts';
import { plan } from '../../plan.ts';
import { account, databaseTruth, primary, rehearseStacks, standby } from '../estate/rehearsal.ts';

const name = 'by-hand';
const machine = `arn:aws:states:${standby}:${account}:stateMachine:${prefix}-region-failover`;
const arn = `arn:aws:states:${standby}:${account}:execution:${prefix}-region-failover:${name}`;

/** A switchover that has redirected users and moved the role, and pauses because its record is not written. */
async function paused() {
  const alone = await rehearseStacks(1, 600, (all) => all.map((one) => ({ ...one, mappings: [], rules: [] })));
  const { world, estate, pass } = alone;
  const stack = world.stacks.get(standby);
  if (stack === undefined) throw new Error('no stack');
  const crash = { id: 'crash', kind: 'function-crash', function: 'record-failover', when: 'before', region: standby };
  estate.inject(crash as never);
  const input = {
    target: { region: primary },
    expectedEpoch: 1,
    reason: 'rehearsal',
    requestedBy: 'ana',
    mode: 'switchover',
  };
  stack.machines.startExecution({ stateMachineArn: machine, name, input: JSON.stringify(input) });
  await pass(120);
  const [request] = await world.store.listOpenRequests();
  if (request === undefined) throw new Error('nobody was asked');
  for (const approver of request.roles) {
    const given = { request: request.id, approver, answer: 'approve' as const, unfenced: [], reason: 'drill' };
    const how = { from: '192.0.2.1', who: approver, how: 'command-line' as const };
    const answered = stack.as('approver', (shell) => answerRequest({ ...given, ...how, at: alone.now() }, shell));
    await pass(5);
    await answered;
  }
  const status = () => stack.machines.describeExecution(arn).status;
  for (let minutes = 0; minutes < 90 && status() === 'RUNNING'; minutes += 1) await pass(60);
  return { ...alone, stack, status };
}

/** Somebody has brought the role home: the database there takes writes again, and the one that had taken over takes none. */
async function bringHome({ world, call, now }: Awaited<ReturnType<typeof paused>>): Promise<void> {
  const { regions } = the('rds-instance', plan);
  for (const [region, groups] of [
    [primary, 'open'],
    [standby, 'closed'],
  ] as const) {
    const { instance, securityGroups } = regions[region] ?? {};
    const asked = { DBInstanceIdentifier: instance, VpcSecurityGroupIds: securityGroups?.[groups] };
    await call(
      'rds',
      'ModifyDBInstance',
      { ...asked, VpcSecurityGroupIds: [asked.VpcSecurityGroupIds].flat() },
      { in: region },
    );
  }
  await world.store.moveRole(primary, 2, 'the-way-home', now());
}

test('resumed or redriven, it changes nothing of the region that serves users again', async () => {
  const night = await paused();
  const { world, estate, pass, stack, status } = night;
  expect(status()).toBe('FAILED');
  expect(await world.store.readRoles()).toMatchObject({ primary: standby, epoch: 2 });
  await bringHome(night);
  estate.heal('crash');
  await pass(300);
  const { lock } = await world.store.readStanding(primary);
  expect(lock?.execution).toBe(name);
  const made = () => world.store.readAudit(lock?.incident ?? '');
  const before = await made();
  const untouched = async () => {
    for (let minutes = 0; minutes < 60; minutes += 1) await pass(60);
    expect(status()).toBe('FAILED');
    expect(await made()).toEqual(before);
    expect(databaseTruth(night).writableRegions).toContain(primary);
  };

  // By the command line.
  const resumed = stack.as('operator', (shell) => failureOf(resume(arn, shell)));
  await pass(10);
  const moved = `the roles have moved on: ${primary} is the primary in epoch 3`;
  expect(await resumed).toEqual({
    name: 'LockLost',
    message: `${moved}: ${name} changes nothing any more; abort it`,
  });
  await untouched();

  // In the console of Step Functions, where nobody refuses it.
  stack.machines.redriveExecution(arn);
  await untouched();
  expect(stack.machines.describeExecution(arn).cause).toContain(moved);
}, 240_000);
