// SNS for the bundles, in the place of @aws-sdk/client-sns. It speaks the older query protocol: a form out, XML back.
import { type Answer, type Command, clientOf, commandOf, type Input } from './slim-client.ts';
import { element } from './slim-xml.ts';

export const SNSClient = clientOf({
  service: 'sns',
  variable: 'SNS',
  encode: (operation, input) => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      Action: operation,
      Version: '2010-03-31',
      ...(Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Record<
        string,
        string
      >),
    }).toString(),
  }),
  decode: (operation, { text }) =>
    operation === 'GetTopicAttributes' ? { Attributes: attributesIn(text) } : { MessageId: element(text, 'MessageId') },
  fault: ({ status, text }: Answer) => ({
    name: nameOf(element(text, 'Code') ?? `Http${status}`),
    message: element(text, 'Message') ?? '',
  }),
});

export const GetTopicAttributesCommand: new (input: Input) => Command = commandOf('GetTopicAttributes');
export const PublishCommand: new (input: Input) => Command = commandOf('Publish');

/** The faults of Publish: the service's code lacks the ending that the SDK's names have. */
function nameOf(code: string): string {
  if (code === 'ParameterValueInvalid') return 'InvalidParameterValueException';
  const known =
    /^(AuthorizationError|EndpointDisabled|InternalError|InvalidParameter|InvalidSecurity|KMS\w+?|NotFound|PlatformApplicationDisabled|Throttled|Validation)$/;
  return known.test(code) ? `${code}Exception` : code;
}

function attributesIn(xml: string): Record<string, string> {
  const entries = [...xml.matchAll(/<entry>(.*?)<\/entry>/gs)].map(([, entry = '']) => [
    element(entry, 'key') ?? '',
    element(entry, 'value') ?? '',
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}
