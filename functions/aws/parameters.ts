// Reads secrets in the Parameter Store of a region.
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { limits, oneForEachRegion } from './calls/client.ts';
import { calling, faultName } from './calls/faults.ts';

const ssm = oneForEachRegion((region) => new SSMClient({ region, ...limits }));

/** The value of a SecureString parameter; null where there is none. It is in no error. @throws Unavailable, CannotProceed. */
export async function readSecretParameter(region: string, name: string): Promise<string | null> {
  try {
    const request = new GetParameterCommand({ Name: name, WithDecryption: true });
    return (await calling(`read parameter ${name}`, ssm(region).send(request))).Parameter?.Value ?? null;
  } catch (error) {
    if (faultName(error) === 'ParameterNotFound') return null;
    throw error;
  }
}
