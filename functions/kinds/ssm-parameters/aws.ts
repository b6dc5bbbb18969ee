// Reads and writes what the application is configured with, in the Parameter Store of a region.
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { limits, oneForEachRegion } from '../../aws/calls/client.ts';
import { calling, faultName } from '../../aws/calls/faults.ts';

const ssm = /* @__PURE__ */ oneForEachRegion((region) => new SSMClient({ region, ...limits }));

/** The value of a parameter; null where there is none. @throws Unavailable, CannotProceed. */
export async function readParameter(region: string, name: string): Promise<string | null> {
  try {
    const answer = await calling(`read parameter ${name}`, ssm(region).send(new GetParameterCommand({ Name: name })));
    return answer.Parameter?.Value ?? null;
  } catch (error) {
    if (faultName(error) === 'ParameterNotFound') return null;
    throw error;
  }
}

/** Gives a parameter a value, whether or not it exists. @throws Unavailable, CannotProceed. */
export async function writeParameter(region: string, name: string, value: string): Promise<void> {
  const request = new PutParameterCommand({ Name: name, Value: value, Type: 'String', Overwrite: true });
  await calling(`write parameter ${name}`, ssm(region).send(request));
}
