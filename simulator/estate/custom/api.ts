// Lambda, as far as it runs the functions of custom assets. They keep the contract in docs/custom-kind.md.
import * as z from 'zod';
import { type Answers, noteMutation, read } from '../apis/answer.ts';
import { refusal } from '../aws-error.ts';

const Invoke = z.looseObject({
  FunctionName: z.string(),
  InvocationType: z.enum(['RequestResponse', 'DryRun']).default('RequestResponse'),
  Payload: z.string().default('null'),
});
const Asked = z.looseObject({ verb: z.enum(['leave-zone', 'take-over', 'verify']), dryRun: z.boolean() });

export const lambda: Answers = {
  Invoke(call, parts) {
    const { FunctionName, InvocationType, Payload } = read(Invoke, call);
    const custom = parts.customs.find(({ asset }) => Object.values(asset.functions).includes(FunctionName));
    if (custom === undefined) {
      const arn = `arn:aws:lambda:${call.region}:${parts.world.account}:function:${FunctionName}`;
      throw refusal('ResourceNotFoundException', `Function not found: ${arn}`, 404);
    }
    if (InvocationType === 'DryRun') return { StatusCode: 204 };
    const { verb, dryRun } = Asked.parse(JSON.parse(Payload));
    const { region } = call;
    if (verb === 'take-over' && !dryRun && custom.region() !== region && !custom.isMovingTo(region)) {
      custom.moveTo(region, call.caller);
      noteMutation(call, parts, FunctionName, null);
    }
    // What leaves a zone is not in any one zone here, and is done at once.
    const isThere = verb === 'leave-zone' || custom.region() === region;
    const said = isThere ? { done: true, seen: { region } } : { done: false, why: `it is not yet in ${region}` };
    return { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: Buffer.from(JSON.stringify(said)) };
  },
};
