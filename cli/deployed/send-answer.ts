// Sends a person's answer to the approval page's API, signed with the person's own credentials.
import { calling } from '../../functions/aws/calls/faults.ts';
import { sign } from '../../functions/aws/calls/signing.ts';

/** What a person typed. `region` and `unfenced` are the two phrases of an approval, empty where nothing was typed. */
export type TypedAnswer = {
  readonly answer: 'approve' | 'reject';
  readonly region: string;
  readonly unfenced: string;
  readonly reason: string;
};

/** What came back: the status, and the body where it is JSON, else null. */
export type Reply = { readonly status: number; readonly body: unknown };

/** The API settles the request and tells the flow before it answers. */
const longestAnswerMs = 20_000;

/** `page` is the address of the page, without a request. @throws Unavailable where it does not answer. */
export async function sendAnswer(region: string, page: string, request: string, typed: TypedAnswer): Promise<Reply> {
  return calling(`answer request ${request} at ${page}`, send(region, page, request, typed));
}

async function send(region: string, page: string, request: string, typed: TypedAnswer): Promise<Reply> {
  const signed = await sign(
    { method: 'POST', endpoint: new URL(page), segments: ['requests', request], body: JSON.stringify(typed) },
    { service: 'execute-api', region },
  );
  const answer = await fetch(signed, { signal: AbortSignal.timeout(longestAnswerMs) });
  const text = await answer.text();
  try {
    return { status: answer.status, body: JSON.parse(text) };
  } catch {
    return { status: answer.status, body: null };
  }
}
