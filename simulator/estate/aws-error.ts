// Errors as the AWS SDK throws them: AWS's name, who is at fault, the status, and whether trying again may help.

/** An error with the fields that the SDK's own errors have; `instanceof` the SDK's classes holds by name. */
export type AwsError = Error & {
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode?: number; readonly attempts: number };
  readonly $retryable?: { readonly throttling: boolean };
};

/** A refusal: the call did nothing and asking the same again will be refused again. */
export function refusal(name: string, message: string, httpStatusCode = 400): AwsError {
  return Object.assign(named(name, message), { $fault: 'client', $metadata: { httpStatusCode, attempts: 1 } } as const);
}

/** Too many calls. The query protocol's services say Throttling, the JSON ones ThrottlingException. */
export function throttled(service: string): AwsError {
  const name = ['rds', 'elasticache', 'cloudwatch', 'sns', 'route-53'].includes(service)
    ? 'Throttling'
    : 'ThrottlingException';
  const fields = {
    $fault: 'client',
    $metadata: { httpStatusCode: 400, attempts: 3 },
    $retryable: { throttling: true },
  };
  return Object.assign(named(name, 'Rate exceeded'), fields as Pick<AwsError, '$fault' | '$metadata' | '$retryable'>);
}

/** The service failed; whether it acted is not known. */
export function internalFailure(service: string): AwsError {
  const fields = { $fault: 'server', $metadata: { httpStatusCode: 500, attempts: 3 } } as const;
  return Object.assign(named('InternalFailure', `${service} could not process the request`), fields);
}

/** No answer came in time; whether the call acted is not known. Thrown by the HTTP handler, so it has no status. */
export function timedOut(endpoint: string): AwsError {
  const fields = { $fault: 'client', $metadata: { attempts: 3 } } as const;
  return Object.assign(named('TimeoutError', `no answer from ${endpoint} in time`), fields);
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
