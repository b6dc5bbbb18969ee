// Translates what goes wrong at AWS into the errors that state machines know, once, with the cause kept.
import { CannotProceed, Unavailable } from '../../domain/errors.ts';
import { noteAnswered } from './request-ids.ts';
import { notNow, quotas, throttling, timeouts } from './transient.ts';

/** What the SDK's errors carry besides name and message; nothing of it is certain to be there. */
type Fault = {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
};

/**
 * Sends one request and translates its fault. An answer that says no (status 4xx) gives CannotProceed; throttling, 5xx
 * and no answer at all give Unavailable, because asking again may help. `what` names the request for people.
 */
export async function calling<Answer>(what: string, request: Promise<Answer>): Promise<Answer> {
  try {
    const answer = await request;
    noteAnswered(answer);
    return answer;
  } catch (error) {
    noteAnswered(error);
    throw translate(what, error);
  }
}

/** No list that is read here has so many pages: more of them would be the same page again and again. */
const mostPages = 1_000;

/** Reads a list page by page, as one of the SDK's paginators gives it, and translates the fault of any page. */
export async function* callingEach<Page>(what: string, pages: AsyncIterable<Page>): AsyncGenerator<Page> {
  const rest = pages[Symbol.asyncIterator]();
  for (let read = 0; read < mostPages; read += 1) {
    const { done, value } = await calling(what, rest.next());
    if (done === true) return;
    yield value;
  }
  throw new CannotProceed(`${what}: it does not end after ${mostPages} pages`);
}

/** The name AWS gave to a fault, also to one that was translated before; empty where it has none. */
export function faultName(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return (cause as Fault | null)?.name ?? '';
}

/** Whether a fault is the answer to all that was asked: of several tries, an earlier one may have acted without an answer. */
export function isOnlyAnswer(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return ((cause as Fault | null)?.$metadata?.attempts ?? 1) === 1;
}

/** The status that AWS answered with; null where nothing answered. */
export function faultStatus(error: unknown): number | null {
  return (error as Fault | null)?.$metadata?.httpStatusCode ?? null;
}

/** The error that a fault is here: Unavailable or CannotProceed. What was only put off is certain not to have begun. */
export function translate(what: string, error: unknown): Error {
  const { name = 'unknown fault', message = '', $metadata } = (error ?? {}) as Fault;
  const status = $metadata?.httpStatusCode;
  const said = `${what}: ${name}${message === '' ? '' : `: ${message}`}`;
  const isPutOff = status === 429 || (isNotNow(name) && !quotas.includes(name));
  const isNo = status !== undefined && status >= 400 && status < 500 && !isPutOff && !timeouts.includes(name);
  return isNo ? new CannotProceed(said, { cause: error }) : new Unavailable(said, { refused: isPutOff, cause: error });
}

/** Services invent names of throttling (KmsThrottlingException, KmsThrottled): what speaks of it, is it. */
function isNotNow(name: string): boolean {
  return throttling.includes(name) || notNow.includes(name) || /throttl/i.test(name);
}
