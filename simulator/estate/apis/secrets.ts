// Secrets Manager: the key that approvers' links are made with, another one in each region.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Answers, read } from './answer.ts';

const named = z.looseObject({ SecretId: z.string() });

/** A key that is the same in every drill: one seed, the same links. It protects nothing. */
export const secretsManager: Answers = {
  GetSecretValue(call) {
    const { SecretId } = read(named, call);
    const key = createHash('sha256').update(`${SecretId} in ${call.region}`).digest('base64');
    return {
      ARN: SecretId,
      VersionStages: ['AWSCURRENT'],
      SecretString: JSON.stringify({ keys: [{ id: 'k1', key }] }),
    };
  },
};
