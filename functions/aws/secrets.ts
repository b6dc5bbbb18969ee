// Reads and rotates secrets in Secrets Manager. A secret's value is in no message, whatever goes wrong.
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { limits, oneForEachRegion } from './calls/client.ts';
import { calling, faultName } from './calls/faults.ts';

const secrets = oneForEachRegion((region) => new SecretsManagerClient({ region, ...limits }));
const [current, pending] = ['AWSCURRENT', 'AWSPENDING'];

/** The value in use; null where there is none. @throws Unavailable, CannotProceed. */
export async function readSecret(region: string, arn: string): Promise<string | null> {
  return read(region, new GetSecretValueCommand({ SecretId: arn, VersionStage: current }));
}

/** The value that a rotation has made and not put into use; null where its version is empty. @throws as readSecret. */
export async function readPendingSecret(region: string, arn: string, version: string): Promise<string | null> {
  return read(region, new GetSecretValueCommand({ SecretId: arn, VersionId: version, VersionStage: pending }));
}

async function read(region: string, request: GetSecretValueCommand): Promise<string | null> {
  try {
    return (await calling('read a secret', secrets(region).send(request))).SecretString || null;
  } catch (error) {
    if (faultName(error) === 'ResourceNotFoundException') return null;
    throw error;
  }
}

/** Keeps a value beside the one in use. Repeating the same version with the same value changes nothing. */
export async function keepPendingSecret(region: string, arn: string, version: string, value: string): Promise<void> {
  const request = new PutSecretValueCommand({
    SecretId: arn,
    ClientRequestToken: version,
    SecretString: value,
    VersionStages: [pending],
  });
  await calling('keep a secret', secrets(region).send(request));
}

/** The stages of each version of a secret. @throws Unavailable, CannotProceed. */
export async function secretVersions(region: string, arn: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const answer = await calling('describe a secret', secrets(region).send(new DescribeSecretCommand({ SecretId: arn })));
  return new Map(Object.entries(answer.VersionIdsToStages ?? {}));
}

/** Puts a version into use in place of another one. @throws Unavailable, CannotProceed. */
export async function useSecretVersion(region: string, arn: string, version: string, instead: string): Promise<void> {
  const request = new UpdateSecretVersionStageCommand({
    SecretId: arn,
    VersionStage: current,
    MoveToVersionId: version,
    RemoveFromVersionId: instead,
  });
  await calling('put a secret into use', secrets(region).send(request));
}
