// Desired state: approval links are made with a key that is not old. Called by Secrets Manager, once for each step of a rotation.
import * as z from 'zod';
import { rotateKey } from './shared/approval/rotation.ts';
import { onEvent, parsed } from './shared/shell.ts';

const RotationInput = z.object({
  Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
  SecretId: z.string().min(1),
  /** The version that this rotation makes. */
  ClientRequestToken: z.string().min(1),
});

export const handler = onEvent(async (event: unknown, shell): Promise<void> => {
  const { Step, SecretId, ClientRequestToken } = parsed(RotationInput, event);
  await rotateKey(Step, SecretId, ClientRequestToken, shell);
});
