// DynamoDB for the bundles, in the place of @aws-sdk/client-dynamodb and @aws-sdk/lib-dynamodb: plain values in and out.
import { whyNotNumber } from '../domain/recorded.ts';
import { type Command, clientOf, commandOf, type Input } from './slim-client.ts';
import { jsonProtocol } from './slim-json.ts';

const json = jsonProtocol('dynamodb', 'DYNAMODB', 'DynamoDB_20120810');

/** Where requests and answers hold items; everything else in them is as it is. */
const items = ['Item', 'Key', 'ExclusiveStartKey', 'LastEvaluatedKey', 'Attributes', 'ExpressionAttributeValues'];

export const DynamoDBClient = clientOf({
  ...json,
  encode: (operation, input) => json.encode(operation, mapItems(input, marshalled)),
  decode: (operation, answer, input) => mapItems(json.decode(operation, answer, input) as Input, unmarshalled),
});

type Client = InstanceType<typeof DynamoDBClient>;

/** The client takes plain values already, and gives numbers as the store asks the SDK to: this is it. */
export const DynamoDBDocumentClient = { from: (client: Client, _options?: object): Client => client };

/** A value that JavaScript has no like of: a number beyond its own, or a set. It goes back as it came. */
class Written {
  readonly value: Input;
  constructor(value: Input) {
    this.value = value;
  }
}

/** Of the SDK's class only what makes one is used. */
export const NumberValue = { from: (text: string): Written => new Written({ N: text }) };

export const GetCommand: new (input: Input) => Command = commandOf('GetItem');
export const PutCommand: new (input: Input) => Command = commandOf('PutItem');
export const DeleteCommand: new (input: Input) => Command = commandOf('DeleteItem');
export const UpdateCommand: new (input: Input) => Command = commandOf('UpdateItem');
export const QueryCommand: new (input: Input) => Command = commandOf('Query');

function mapItems(message: Input, change: (item: Input) => Input): Input {
  return Object.fromEntries(
    Object.entries(message).map(([key, value]) => {
      if (value === undefined) return [key, value];
      if (items.includes(key)) return [key, change(value as Input)];
      return [key, key === 'Items' ? (value as Input[]).map(change) : value];
    }),
  );
}

function marshalled(item: Input): Input {
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [key, attribute(value, key)]));
}

/** @throws where a value has no counterpart in DynamoDB: what is not stored would be missing later. */
function attribute(value: unknown, path: string): Input {
  if (value instanceof Written) return value.value;
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number' && Number.isFinite(value)) return { N: String(value) };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { L: value.map((inner, index) => attribute(inner, `${path}.${index}`)) };
  if (isPlain(value)) {
    return {
      M: Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, attribute(inner, `${path}.${key}`)])),
    };
  }
  throw new Error(`${path} is ${String(value)}, which DynamoDB cannot hold`);
}

function isPlain(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

function unmarshalled(item: Input): Input {
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [key, plain(value as Input)]));
}

function plain(value: Input): unknown {
  const [kind = '', held] = Object.entries(value)[0] ?? [];
  switch (kind) {
    case 'S':
    case 'BOOL':
      return held;
    case 'NULL':
      return null;
    case 'N':
      return exact(String(held));
    case 'B':
      return new Uint8Array(Buffer.from(String(held), 'base64'));
    case 'L':
      return (held as Input[]).map(plain);
    case 'M':
      return unmarshalled(held as Input);
    default:
      return new Written(value);
  }
}

function exact(text: string): number | Written {
  const value = Number(text);
  return whyNotNumber(value) === null ? value : NumberValue.from(text);
}
