// Translates what goes wrong at AWS into the errors that state machines know, once, with the cause kept.
import { CannotProceed, Unavailable } from '../domain/errors.ts';

/** What the SDK's errors carry besides name and message; nothing of it is certain to be there. */
type Fault = {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
};

/** Names that AWS services give to "ask again later" while answering with a status of 400. */
const throttled = /throttl|TooManyRequests|RequestLimitExceeded|LimitExceededException|SlowDown|RequestTimeout/i;

/**
 * Sends one request and translates its fault. An answer that says no (status 4xx) gives CannotProceed; throttling, 5xx and
 * no answer at all give Unavailable, because asking again may help. `what` names the request for people.
 */
export async function asking<Answer>(what: string, request: Promise<Answer>): Promise<Answer> {
  try {
    return await request;
  } catch (error) {
    throw translate(what, error);
  }
}

/** The name AWS gave to a fault, also to one that was translated before; empty where it has none. */
export function faultName(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return (cause as Fault | null)?.name ?? '';
}

function translate(what: string, error: unknown): Error {
  const { name = 'unknown fault', message = '', $metadata } = (error ?? {}) as Fault;
  const status = $metadata?.httpStatusCode;
  const said = `${what}: ${name}${message === '' ? '' : `: ${message}`}`;
  const isThrottled = status === 429 || (throttled.test(name) && !/timeout/i.test(name));
  const refused = status !== undefined && status >= 400 && status < 500 && !isThrottled && !throttled.test(name);
  return refused
    ? new CannotProceed(said, { cause: error })
    : new Unavailable(said, { refused: isThrottled, cause: error });
}
