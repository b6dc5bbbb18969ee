// Calls a Lambda of the user's and waits for what it answers. Called once: the flow asks again.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { limits, oneForEachRegion } from '../../aws/calls/client.ts';
import { calling } from '../../aws/calls/faults.ts';
import { CannotProceed, Unavailable } from '../../domain/errors.ts';

/** Of what a Lambda says of an error, or of why it is not done. */
const longestWords = 1_000;
/** Less than the 25 s of the function that asks. */
const answersWithinMs = 20_000;
const lambda = /* @__PURE__ */ oneForEachRegion(
  (region) =>
    new LambdaClient({
      region,
      ...limits,
      maxAttempts: 1,
      requestHandler: { ...limits.requestHandler, requestTimeout: answersWithinMs },
    }),
);

/**
 * What a function returns, read from JSON. @throws CannotProceed where it throws an error of that name or is not there, and
 * Unavailable where it throws another one or does not answer.
 */
export async function invokeFunction(region: string, name: string, event: unknown): Promise<unknown> {
  const request = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
  const { FunctionError, Payload } = await calling(`invoke ${name} in ${region}`, lambda(region).send(request));
  const returned = readJson(Payload === undefined ? 'null' : Buffer.from(Payload).toString('utf8'));
  if (FunctionError === undefined) return returned;
  const { errorType, errorMessage } = (returned ?? {}) as { errorType?: unknown; errorMessage?: unknown };
  const words = [errorType, errorMessage].filter((one) => typeof one === 'string' && one !== '').join(': ');
  const said = `${name} in ${region} failed: ${shortened(words) || 'it said nothing'}`;
  throw errorType === 'CannotProceed' ? new CannotProceed(said) : new Unavailable(said);
}

/** Words of a Lambda's as a message can carry them; Lambda repeats them in a stack trace, and a flow holds 32,768 letters. */
export function shortened(words: string): string {
  return words.length <= longestWords ? words : `${words.slice(0, longestWords)} (${words.length} letters)`;
}

/** What is no JSON stays a text, which is no answer. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
