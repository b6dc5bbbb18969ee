// Asks STS whose credentials these are (Query protocol, signed here because its SDK client is no dependency).
import { calling } from '../../functions/aws/calls/faults.ts';
import { callSigned, ServiceFault } from '../../functions/aws/calls/signed.ts';

/** Who calls: the ARN of a user or of an assumed role's session, and the account. */
export type Caller = { readonly arn: string; readonly account: string };

/**
 * Asks the regional endpoint, once.
 * @throws Unavailable where it does not answer or there are no credentials, CannotProceed where it refuses them.
 */
export async function readCaller(region: string): Promise<Caller> {
  return calling(`ask STS in ${region} who calls`, ask(region));
}

async function ask(region: string): Promise<Caller> {
  const body = 'Action=GetCallerIdentity&Version=2011-06-15';
  const contentType = 'application/x-www-form-urlencoded';
  const text = await callSigned(
    { method: 'POST', segments: [], body, contentType },
    { service: 'sts', variable: 'STS' },
    region,
  );
  const [arn, account] = [element('Arn', text), element('Account', text)];
  if (arn === null || account === null) throw new ServiceFault('UnreadableAnswer', text.slice(0, 200), 200);
  return { arn, account };
}

/** The text of the first element of a name; what is read here holds no entities. */
function element(name: string, xml: string): string | null {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? null;
}
