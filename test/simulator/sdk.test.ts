// SDK commands inside a simulation go to its model, and nowhere else do.
import { RDSClient, RebootDBInstanceCommand } from '@aws-sdk/client-rds';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, test } from 'vitest';
import { ArcZonalShiftClient } from '../../functions/aws/traffic/zonal-shift.ts';
import type { Call, Caller } from '../../simulator/estate/types.ts';
import { patchClient, plainCommand, runIn } from '../../simulator/sdk.ts';

const caller: Caller = { region: 'us-west-2', step: 'LeaveZone/database', execution: 'e-1', incident: 'i-1' };
const rds = new RDSClient({ region: 'us-east-1' });
const reboot = new RebootDBInstanceCommand({ DBInstanceIdentifier: 'chatops-prod', ForceFailover: true });

test('a command is answered by the model, with its service, operation, region, input, caller and tries', async () => {
  const calls: Call[] = [];
  const answer = async (call: Call) => {
    calls.push(call);
    return { DBInstance: { DBInstanceStatus: 'rebooting' } };
  };
  const output = await runIn({ answer, caller }, () => rds.send(reboot));
  expect(output.DBInstance?.DBInstanceStatus).toBe('rebooting');
  expect(calls).toEqual([
    {
      service: 'rds',
      operation: 'RebootDBInstance',
      region: 'us-east-1',
      input: { DBInstanceIdentifier: 'chatops-prod', ForceFailover: true },
      caller,
      tries: 3,
    },
  ]);
});

test('simulations side by side are answered each by its own model, also after waiting', async () => {
  const simulate = (name: string, waitMs: number) =>
    runIn({ answer: async () => ({ MessageId: name }), caller }, async () => {
      const sns = new SNSClient({ region: 'us-east-1' });
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      const { MessageId } = await sns.send(new PublishCommand({ TopicArn: 'arn', Message: name }));
      return MessageId;
    });
  expect(await Promise.all([simulate('first', 20), simulate('second', 1), simulate('third', 10)])).toEqual([
    'first',
    'second',
    'third',
  ]);
});

test('outside of a simulation the real client sends', async () => {
  const sent: string[] = [];
  const client = new RDSClient({
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: {
      handle: async (request: { hostname: string }) => {
        sent.push(request.hostname);
        throw new Error('no network in this test');
      },
    },
  });
  await expect(client.send(reboot)).rejects.toThrow('no network in this test');
  expect(sent).toEqual(['rds.us-east-1.amazonaws.com']);
});

test('the zonal shift client, which is not one of the SDK, is answered as well', async () => {
  const arc = new ArcZonalShiftClient({ region: 'us-east-1' });
  const calls: Call[] = [];
  const answer = async (call: Call) => {
    calls.push(call);
    return { zonalShiftId: 'z-1' };
  };
  const command = { operation: 'CancelZonalShift', input: { zonalShiftId: 'z-1' } } as const;
  expect(await runIn({ answer, caller }, () => arc.send(command))).toEqual({ zonalShiftId: 'z-1' });
  expect(calls).toMatchObject([{ service: 'arc-zonal-shift', operation: 'CancelZonalShift', region: 'us-east-1' }]);
});

test('errors of the model reach the code that asked', async () => {
  const answer = async () => {
    throw Object.assign(new Error('busy'), { name: 'InvalidDBInstanceStateFault' });
  };
  await expect(runIn({ answer, caller }, () => rds.send(reboot))).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
  });
});

test('patching a client twice asks the model once', async () => {
  class OwnClient {
    readonly config = { region: 'eu-west-1' };
    async send(_command: { operation: string; input: Record<string, unknown> }): Promise<string> {
      return 'real';
    }
  }
  patchClient(OwnClient, 'own', plainCommand);
  patchClient(OwnClient, 'own', plainCommand);
  const calls: Call[] = [];
  const client = new OwnClient();
  const answer = async (call: Call) => {
    calls.push(call);
    return 'model';
  };
  const command = { operation: 'Look', input: {} };
  expect(await runIn({ answer, caller }, () => client.send(command))).toBe('model');
  expect(calls).toMatchObject([{ service: 'own', operation: 'Look', region: 'eu-west-1' }]);
  expect(await client.send(command)).toBe('real');
});

test('a class that sends nothing cannot be answered', () => {
  class Mute {}
  expect(() => patchClient(Mute, 'mute')).toThrow('the mute client has no method send');
});
