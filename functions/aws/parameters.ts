// Reads and writes what the application is configured with, in the Parameter Store of a region, and reads secrets there.
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { limits, oneForEachRegion } from './client.ts';
import { asking, faultName } from './faults.ts';

const ssm = oneForEachRegion((region) => new SSMClient({ region, ...limits }));

/** The value of a parameter; null where there is none. @throws Unavailable, CannotProceed. */
export async function readParameter(region: string, name: string): Promise<string | null> {
  try {
    const answer = await asking(`read parameter ${name}`, ssm(region).send(new GetParameterCommand({ Name: name })));
    return answer.Parameter?.Value ?? null;
  } catch (error) {
    if (faultName(error) === 'ParameterNotFound') return null;
    throw error;
  }
}

/** The value of a SecureString parameter; null where there is none. It is in no error. @throws Unavailable, CannotProceed. */
export async function readSecretParameter(region: string, name: string): Promise<string | null> {
  try {
    const request = new GetParameterCommand({ Name: name, WithDecryption: true });
    return (await asking(`read parameter ${name}`, ssm(region).send(request))).Parameter?.Value ?? null;
  } catch (error) {
    if (faultName(error) === 'ParameterNotFound') return null;
    throw error;
  }
}

/** Gives a parameter a value, whether or not it exists. @throws Unavailable, CannotProceed. */
export async function writeParameter(region: string, name: string, value: string): Promise<void> {
  const request = new PutParameterCommand({ Name: name, Value: value, Type: 'String', Overwrite: true });
  await asking(`write parameter ${name}`, ssm(region).send(request));
}
