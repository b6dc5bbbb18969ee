// No call without the lock of its flow, whatever comes between; and what the record keeps of a call beside its intention: under which ids AWS knows it, so that CloudTrail and the report can be laid side by side.
import { RDSClient, RebootDBInstanceCommand } from '@aws-sdk/client-rds';
import { beforeEach, expect, test, vi } from 'vitest';
import { rebootWithFailover } from '../../../../functions/kinds/rds-instance/aws/instances.ts';
import { act, callsOf } from '../../../../functions/shared/recovery/act.ts';
import { lockTarget } from '../../../../functions/shared/recovery/locks.ts';
import { recordOf } from '../../../../functions/shared/report/incident-record.ts';
import { mocked } from '../../../mocked.ts';
import { failureOf, incident, regionIncident, running, type Setting, start } from '../../setting.ts';

const rds = mocked(RDSClient);
let shell: Setting;

beforeEach(async () => {
  rds.reset();
  shell = await running(incident);
  await shell.store.writeIncident({
    ...{ id: incident.id, region: incident.region, level: 2, scope: { region: incident.region, zone: incident.zone } },
    ...{ openedAt: start, lastSignalAt: start, closedAt: null, decisions: [], version: 1 },
  });
});

const call = { step: 'leave-zone/database', call: 'rds:RebootDBInstance', target: 'chatops-prod', change: null };
const reboot = () => act(incident, call, shell, () => rebootWithFailover(incident.region, call.target));
const kept = async () => {
  const record = await recordOf(incident.id, shell);
  return {
    ids: record?.calls.map(({ requestIds }) => requestIds),
    refused: record?.refused.length,
    steps: record?.steps,
  };
};

test('a call that was made is kept with the id of its request, and its mark is no step of the flow', async () => {
  rds.on(RebootDBInstanceCommand).resolves({ $metadata: { requestId: 'b7a1-reboot' } });
  await reboot();
  expect(await kept()).toEqual({ ids: [['b7a1-reboot']], refused: 0, steps: [] });
});

test('what was seen before it and what it asks for is kept with it, and no words of AWS keep it from being made', async () => {
  rds.on(RebootDBInstanceCommand).resolves({});
  const change = { before: `${'x'.repeat(299)}\u{1f600}`, wanted: 'in another zone' };
  await act(incident, { ...call, change }, shell, () => rebootWithFailover(incident.region, call.target));
  const [made] = (await recordOf(incident.id, shell))?.calls ?? [];
  expect(made?.change).toEqual({ before: `${'x'.repeat(299)}\ufffd`, wanted: 'in another zone' });
});

test('so is one that was refused', async () => {
  const $metadata = { httpStatusCode: 400, requestId: 'b7a2-refused', attempts: 1 };
  rds
    .on(RebootDBInstanceCommand)
    .rejects(Object.assign(new Error('no'), { name: 'InvalidDBInstanceState', $metadata }));
  expect(await reboot()).toBe(false);
  expect(await kept()).toMatchObject({ ids: [['b7a2-refused']], refused: 1 });
});

test('an id that cannot be kept stops nothing: what was done is done', async () => {
  rds.on(RebootDBInstanceCommand).resolves({ $metadata: { requestId: 'b7a3-reboot' } });
  const recordStep = () => Promise.reject(new Error('the table does not answer'));
  shell = Object.assign(shell, { store: { ...shell.store, recordStep } });
  await reboot();
  expect(await kept()).toMatchObject({ ids: [[]], refused: 0 });
});

test.for([
  ['a zone', incident],
  ['a region', { ...regionIncident, dryRun: false }],
  ['a degradation', { ...incident, flow: 'service-degradation', zone: null }],
] as const)(
  'an abort between the look at the lock and the record of a call lets the flow of %s call nothing',
  async (one) => {
    const [, flow] = one;
    shell = await running(flow);
    const { store } = shell;
    const { audit } = store;
    store.audit = async (record) => {
      await store.releaseLock(lockTarget(flow), flow.execution);
      await audit(record);
    };
    const run = vi.fn(async () => true);
    expect((await failureOf(act(flow, call, shell, run))).name).toBe('LockLost');
    expect(run).not.toHaveBeenCalled();
    expect(await callsOf(flow, shell)).toEqual([]);
  },
);
