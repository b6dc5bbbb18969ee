// Asks STS whose credentials these are (Query protocol, signed here because its SDK client is no dependency).
import { endpointOf } from '../../functions/aws/calls/endpoint.ts';
import { asking } from '../../functions/aws/calls/faults.ts';
import { sign } from '../../functions/aws/calls/signing.ts';

/** Who calls: the ARN of a user or of an assumed role's session, and the account. */
export type Caller = { readonly arn: string; readonly account: string };

/** An answer that says no. `name` is the service's own, as in an SDK client. */
export class StsFault extends Error {
  override readonly name: string;
  readonly $metadata: { readonly httpStatusCode: number };
  constructor(name: string, message: string, httpStatusCode: number) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode };
  }
}

const longestAnswerMs = 3_000;

/**
 * Asks the regional endpoint, once.
 * @throws Unavailable where it does not answer or there are no credentials, CannotProceed where it refuses them.
 */
export async function readCaller(region: string): Promise<Caller> {
  return asking(`ask STS in ${region} who calls`, ask(region));
}

async function ask(region: string): Promise<Caller> {
  const endpoint = endpointOf({ service: 'sts', variable: 'STS' }, region);
  const body = 'Action=GetCallerIdentity&Version=2011-06-15';
  const contentType = 'application/x-www-form-urlencoded';
  const request = await sign({ method: 'POST', endpoint, segments: [], body, contentType }, { service: 'sts', region });
  const answer = await fetch(request, { signal: AbortSignal.timeout(longestAnswerMs) });
  const text = await answer.text();
  if (!answer.ok) {
    throw new StsFault(element('Code', text) ?? `Http${answer.status}`, element('Message', text) ?? '', answer.status);
  }
  const [arn, account] = [element('Arn', text), element('Account', text)];
  if (arn === null || account === null) throw new StsFault('UnreadableAnswer', text.slice(0, 200), answer.status);
  return { arn, account };
}

/** The text of the first element of a name; what is read here holds no entities. */
function element(name: string, xml: string): string | null {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? null;
}
