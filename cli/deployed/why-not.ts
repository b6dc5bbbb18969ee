// Turns what went wrong at AWS into one line that an operator can act on.
import { faultName } from '../../functions/aws/calls/faults.ts';
import { InvalidInput } from '../../functions/domain/errors.ts';
import { printable } from '../screen/layout.ts';
import { NotDone } from '../screen/not-done.ts';
import { WrongInput } from '../screen/wrong-input.ts';

/** Credentials are the same everywhere: no other region has to be asked. @throws NotDone where they are no use. */
export function checkCredentials(fault: unknown): void {
  const name = faultName(fault);
  if (/^(CredentialsProviderError|TokenProviderError)$/.test(name)) {
    const said = fault instanceof Error && fault.cause instanceof Error ? fault.cause.message : '';
    throw new NotDone(`there are no AWS credentials: ${printable(said)} (AWS_PROFILE or a sign-in gives them)`);
  }
  if (/^(ExpiredToken|ExpiredTokenException|RequestExpired)$/.test(name)) {
    throw new NotDone('the AWS credentials have expired: sign in again');
  }
  if (
    /^(UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature)/.test(name)
  ) {
    throw new NotDone(`AWS does not know the credentials (${name}): sign in again, or name another AWS_PROFILE`);
  }
}

/** Why AWS did not do it, in words an operator can act on. */
export function whyNot(fault: unknown): string {
  const { name: kind, message, cause } = fault instanceof Error ? fault : new Error(String(fault));
  const name = faultName(fault);
  if (name === 'ResourceNotFoundException') return 'there is no such table; another --stage, account or plan?';
  if (/^AccessDenied/.test(name)) return `not permitted: ${printable(message)}`;
  if (kind === 'Unavailable' && cause instanceof Error && !hasStatus(cause))
    return `no answer (${printable(cause.message)})`;
  return printable(message);
}

/** Whether a service said something at all. */
function hasStatus(cause: unknown): boolean {
  const { $metadata } = (cause ?? {}) as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode !== undefined;
}

/**
 * Does what an operator asked for. What the rules refuse is wrong input, and what AWS refuses or does not answer is
 * not done.
 * @throws WrongInput, NotDone.
 */
export async function doing<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof InvalidInput) throw new WrongInput(printable(error.message));
    if (error instanceof WrongInput || error instanceof NotDone) throw error;
    checkCredentials(error);
    if (isOfAws(error)) throw new NotDone(whyNot(error));
    throw error;
  }
}

function isOfAws(error: unknown): boolean {
  return (
    error instanceof Error && ['Unavailable', 'CannotProceed', 'LockHeld', 'LockLost', 'Aborted'].includes(error.name)
  );
}
