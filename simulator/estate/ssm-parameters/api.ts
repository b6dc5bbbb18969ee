// Systems Manager's Parameter Store: reads and writes what the application is configured with.
import * as z from 'zod';
import { type Answers, noteMutation, read } from '../apis/answer.ts';
import { refusal } from '../calls/aws-error.ts';
import { secretIn } from '../services/chat.ts';
import { parameterTypes } from './parameters.ts';

const named = z.looseObject({ Name: z.string() });
const get = named.extend({ WithDecryption: z.boolean().default(false) });
const put = named.extend({
  Value: z.string().min(1),
  Type: z.enum(parameterTypes).optional(),
  Overwrite: z.boolean().optional(),
});

export const ssm: Answers = {
  GetParameter(call, { parameters, world }) {
    const { Name, WithDecryption } = read(get, call);
    const shown = (type: string, value: string) =>
      type === 'SecureString' && !WithDecryption ? ciphertextOf(Name, value) : value;
    const secret = secretIn(Name, world.plan);
    if (secret !== null) return { Parameter: { Name, Type: 'SecureString', Value: shown('SecureString', secret) } };
    const found = parameters.get(call.region, Name);
    if (found === null) throw refusal('ParameterNotFound', `Parameter ${Name} not found.`);
    const ARN = `arn:aws:ssm:${call.region}:${world.account}:parameter${Name}`;
    const { type: Type, value, version: Version } = found;
    return { Parameter: { Name, ARN, Type, DataType: 'text', Value: shown(Type, value), Version } };
  },
  /** @throws HierarchyTypeMismatchException where the type is another one than the parameter has: it may be left out [AWS, PutParameter] */
  PutParameter(call, parts) {
    const { Name, Value, Type, Overwrite } = read(put, call);
    const found = parts.parameters.get(call.region, Name);
    if (Overwrite !== true && found !== null) {
      const how = 'To overwrite this value, set the overwrite option in the request to true.';
      throw refusal('ParameterAlreadyExists', `The parameter already exists. ${how}`);
    }
    const type = Type ?? found?.type;
    if (type === undefined)
      throw refusal('ValidationException', 'A parameter type is required when you create a parameter.');
    if (found !== null && found.type !== type)
      throw refusal('HierarchyTypeMismatchException', `The parameter is a ${found.type}, and cannot become a ${type}.`);
    const { version } = parts.parameters.put(call.region, { name: Name, value: Value, type }, call.caller);
    noteMutation(call, parts, Name, null);
    return { Version: version, Tier: 'Standard' };
  },
};

/** What KMS makes of a value: nobody reads it without the key. */
function ciphertextOf(name: string, value: string): string {
  return `AQICAH${Buffer.from(`${name} ${value}`).toString('base64').split('').reverse().join('')}`;
}
