// Reads and writes what the application is configured with, in the Parameter Store of a region.
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { limits, oneForEachRegion } from '../../aws/calls/client.ts';
import { calling, faultName } from '../../aws/calls/faults.ts';

const ssm = /* @__PURE__ */ oneForEachRegion((region) => new SSMClient({ region, ...limits }));

/** A parameter as it was read: its value is ciphertext where it is a SecureString. */
type ParameterSeen = { readonly value: string; readonly type: string | null };

/**
 * A parameter; null where there is none. Nothing is decrypted: an address is no secret, and the key of a SecureString is the user's.
 * @throws Unavailable, CannotProceed.
 */
export async function readParameter(region: string, name: string): Promise<ParameterSeen | null> {
  try {
    const answer = await calling(`read parameter ${name}`, ssm(region).send(new GetParameterCommand({ Name: name })));
    const { Value: value, Type: type } = answer.Parameter ?? {};
    return value === undefined ? null : { value, type: type ?? null };
  } catch (error) {
    if (faultName(error) === 'ParameterNotFound') return null;
    throw error;
  }
}

/**
 * Gives a parameter a value. A type is needed where it is made, and refused where it is another one than it has. Source: SSM, PutParameter
 * and HierarchyTypeMismatchException. @throws Unavailable, CannotProceed.
 */
export async function writeParameter(region: string, name: string, value: string, isThere: boolean): Promise<void> {
  const type = isThere ? {} : { Type: 'String' as const };
  const request = new PutParameterCommand({ Name: name, Value: value, Overwrite: true, ...type });
  await calling(`write parameter ${name}`, ssm(region).send(request));
}
