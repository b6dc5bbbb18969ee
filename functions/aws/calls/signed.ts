// Asks a service of AWS without an SDK client: signs the request, sends it once, and reads the answer.
import { endpointOf, type Service } from './endpoint.ts';
import { noteRequestId } from './request-ids.ts';
import { sign, type Unsigned } from './signing.ts';

/** An answer that says no. `name` is the service's own, as in an SDK client. */
export class ServiceFault extends Error {
  override readonly name: string;
  readonly $metadata: { readonly httpStatusCode: number };
  constructor(name: string, message: string, httpStatusCode: number) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode };
  }
}

const longestAnswerMs = 3_000;

/** The text of the answer, waited for as long as is said. Whoever calls asks again. @throws ServiceFault, and what fetch throws. */
export async function callSigned(
  request: Omit<Unsigned, 'endpoint'>,
  place: Service & { readonly signedAs?: string },
  region: string,
  answerMs = longestAnswerMs,
): Promise<string> {
  const signed = await sign(
    { ...request, endpoint: endpointOf(place, region) },
    { service: place.signedAs ?? place.service, region },
  );
  const answer = await fetch(signed, { signal: AbortSignal.timeout(answerMs) });
  noteRequestId(answer.headers.get('x-amzn-requestid'));
  const text = await answer.text();
  if (!answer.ok) throw faultOf(answer, text);
  return text;
}

/** The notations of a fault: a header of Lambda's, EKS's and FIS's, JSON with __type, and XML with Code. */
function faultOf({ status, headers }: Response, text: string): ServiceFault {
  const inHeader = headers.get('x-amzn-errortype')?.split(':')[0];
  const name =
    inHeader || /"__type"\s*:\s*"(?:[^"]*#)?([^"]+)"/.exec(text)?.[1] || /<Code>([^<]+)<\/Code>/.exec(text)?.[1];
  const message = /"[mM]essage"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? /<Message>([^<]*)<\/Message>/.exec(text)?.[1];
  return new ServiceFault(name ?? `status ${status}`, message ?? '', status);
}
