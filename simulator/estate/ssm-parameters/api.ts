// Systems Manager's Parameter Store: reads and writes what the application is configured with.
import * as z from 'zod';
import { type Answers, noteMutation, read } from '../apis/answer.ts';
import { refusal } from '../calls/aws-error.ts';
import { secretIn } from '../services/chat.ts';

const named = z.looseObject({ Name: z.string() });
const put = named.extend({ Value: z.string().min(1), Overwrite: z.boolean().optional() });

export const ssm: Answers = {
  GetParameter(call, { parameters, world }) {
    const { Name } = read(named, call);
    const Value = secretIn(Name, world.plan);
    if (Value !== null) return { Parameter: { Name, Type: 'SecureString', Value } };
    const found = parameters.get(call.region, Name);
    if (found === null) throw refusal('ParameterNotFound', `Parameter ${Name} not found.`);
    const ARN = `arn:aws:ssm:${call.region}:${world.account}:parameter${Name}`;
    return { Parameter: { Name, ARN, Type: 'String', DataType: 'text', Value: found.value, Version: found.version } };
  },
  PutParameter(call, parts) {
    const { Name, Value, Overwrite } = read(put, call);
    if (Overwrite !== true && parts.parameters.get(call.region, Name) !== null) {
      const how = 'To overwrite this value, set the overwrite option in the request to true.';
      throw refusal('ParameterAlreadyExists', `The parameter already exists. ${how}`);
    }
    const { version } = parts.parameters.put(call.region, Name, Value, call.caller);
    noteMutation(call, parts, Name, null);
    return { Version: version, Tier: 'Standard' };
  },
};
