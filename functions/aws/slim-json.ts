// The JSON protocol of AWS, which DynamoDB, SQS, Step Functions and the Parameter Store speak, as the small client needs it.
import type { Answer, Protocol } from './slim-client.ts';

/** `target` is what the service's operations are called under: AWSStepFunctions, AmazonSQS; `version` that of its JSON. */
export function jsonProtocol(service: string, variable: string, target: string, version = '1.0'): Protocol {
  return {
    service,
    variable,
    encode: (operation, input) => ({
      headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': `${target}.${operation}` },
      body: JSON.stringify(input),
    }),
    decode: (_operation, { text }) => JSON.parse(text === '' ? '{}' : text),
    fault: jsonFault,
  };
}

/** The name stands in the body or in a header, with its namespace in front and perhaps an address behind. */
export function jsonFault({ headers, status, text }: Answer): { name: string; message: string } {
  const said = parsed(text);
  const written = String(said['__type'] ?? headers['x-amzn-errortype'] ?? `Http${status}`);
  const name = written.split(':')[0]?.split('#').at(-1) ?? written;
  return { name, message: String(said['message'] ?? said['Message'] ?? '') };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
