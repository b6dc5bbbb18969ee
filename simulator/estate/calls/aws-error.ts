// Errors as the AWS SDK throws them: AWS's name, who is at fault, the status, and whether trying again may help.
// A test gives the SDK's own clients these errors as they come over the wire, and compares.
import type { Authorization, Request } from '../../iam/evaluate.ts';
import { WithoutStack } from '../../without-stack.ts';
import { kindServices } from '../kind-services.ts';
import type { Call } from '../types.ts';

/** An error with the fields that the SDK's own errors have; `instanceof` the SDK's classes holds by name. */
export type AwsError = Error & {
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode?: number; readonly attempts: number };
  readonly $retryable?: { readonly throttling: boolean };
};

type Named = { readonly name: string; readonly status: number };
type ServiceErrors = {
  /** What IAM calls the service. */
  readonly action: string;
  readonly throttled: Named;
  readonly denied: Named;
  readonly internal: Named;
};

/** The query protocol [AWS, Common Errors of each API reference]. */
const query = {
  throttled: { name: 'Throttling', status: 400 },
  denied: { name: 'AccessDenied', status: 403 },
  internal: { name: 'InternalFailure', status: 500 },
} as const;
/** JSON over HTTP: a denial is a 400. */
const json = {
  throttled: { name: 'ThrottlingException', status: 400 },
  denied: { name: 'AccessDeniedException', status: 400 },
  internal: { name: 'InternalFailure', status: 500 },
} as const;

/** Each service's own names; where the SDK has a class for an error, its name is that class's. */
const services: Readonly<Record<string, ServiceErrors>> = {
  rds: { action: 'rds', ...query },
  autoscaling: { action: 'autoscaling', ...query },
  cloudtrail: { action: 'cloudtrail', ...json, internal: { name: 'InternalFailure', status: 500 } },
  elasticache: { action: 'elasticache', ...query },
  sns: {
    action: 'SNS',
    throttled: { name: 'ThrottledException', status: 429 },
    denied: { name: 'AuthorizationErrorException', status: 403 },
    internal: { name: 'InternalErrorException', status: 500 },
  },
  'route-53': { action: 'route53', ...query },
  s3: {
    action: 's3',
    throttled: { name: 'SlowDown', status: 503 },
    denied: { name: 'AccessDenied', status: 403 },
    internal: { name: 'InternalError', status: 500 },
  },
  'arc-zonal-shift': {
    action: 'arc-zonal-shift',
    throttled: { name: 'ThrottlingException', status: 429 },
    denied: { name: 'AccessDeniedException', status: 403 },
    internal: { name: 'InternalServerException', status: 500 },
  },
  // Of the key management service all failures of its own have one name.
  kms: { action: 'kms', ...json, internal: { name: 'KMSInternalException', status: 500 } },
  // The EC2 protocol: as the query protocol, with names of its own [AWS, error codes of the EC2 API].
  ec2: {
    action: 'ec2',
    throttled: { name: 'RequestLimitExceeded', status: 503 },
    denied: { name: 'UnauthorizedOperation', status: 403 },
    internal: { name: 'InternalError', status: 500 },
  },
  iam: {
    action: 'iam',
    throttled: { name: 'Throttling', status: 400 },
    denied: { name: 'AccessDenied', status: 403 },
    internal: { name: 'ServiceFailure', status: 500 },
  },
  cloudwatch: { action: 'cloudwatch', ...json, internal: { name: 'InternalServiceFault', status: 500 } },
  codebuild: { action: 'codebuild', ...json },
  eventbridge: { action: 'events', ...json, internal: { name: 'InternalException', status: 500 } },
  lambda: {
    action: 'lambda',
    throttled: { name: 'TooManyRequestsException', status: 429 },
    denied: { name: 'AccessDeniedException', status: 403 },
    internal: { name: 'ServiceException', status: 500 },
  },
  scheduler: {
    action: 'scheduler',
    throttled: { name: 'ThrottlingException', status: 429 },
    denied: { name: 'AccessDeniedException', status: 403 },
    internal: { name: 'InternalServerException', status: 500 },
  },
  fis: {
    action: 'fis',
    throttled: { name: 'ThrottlingException', status: 429 },
    denied: { name: 'AccessDeniedException', status: 403 },
    internal: { name: 'InternalServerException', status: 500 },
  },
  ecr: { action: 'ecr', ...json, internal: { name: 'ServerException', status: 500 } },
  'service-quotas': {
    action: 'servicequotas',
    throttled: { name: 'TooManyRequestsException', status: 400 },
    denied: { name: 'AccessDeniedException', status: 400 },
    internal: { name: 'ServiceException', status: 500 },
  },
  'secrets-manager': { action: 'secretsmanager', ...json, internal: { name: 'InternalServiceError', status: 500 } },
  sfn: { action: 'states', ...json },
  sqs: { action: 'sqs', ...json },
  ssm: { action: 'ssm', ...json, internal: { name: 'InternalServerError', status: 500 } },
  ...Object.fromEntries(kindServices.map(({ name, errors }) => [name, { action: name, ...errors }])),
};

function errorsOf(service: string): ServiceErrors {
  return services[service] ?? { action: service, ...json };
}

/** The names of the services whose errors are known. */
export const knownServices = Object.keys(services);

/** A refusal: the call did nothing and asking the same again will be refused again. */
export function refusal(name: string, message: string, httpStatusCode = 400): AwsError {
  return answered({ name, status: httpStatusCode }, message);
}

/** Too many calls: the service did nothing. The SDK has tried three times. */
export function throttled(service: string): AwsError {
  const error = answered(errorsOf(service).throttled, 'Rate exceeded', 3);
  return Object.assign(error, { $retryable: { throttling: true } });
}

/** IAM says no, in the sentence that it has for every service [AWS, Troubleshoot access denied error messages]. */
export function denied({ service, operation, input, caller }: Call, account: string): AwsError {
  const { action, denied: named } = errorsOf(service);
  const role = caller.function ?? caller.step;
  const who = `arn:aws:sts::${account}:assumed-role/${role}/${role}`;
  const resource = Object.values(input).find((value) => String(value).startsWith('arn:')) ?? '*';
  const what = `${action}:${operation}`;
  const why = `because no identity-based policy allows the ${what} action`;
  return answered(named, `User: ${who} is not authorized to perform: ${what} on resource: ${resource} ${why}`);
}

/** The same, by the policies that the stacks deploy: the question and why the answer is no. */
export function accessDenied(
  service: string,
  who: string,
  { action, resource }: Request,
  authorization: Authorization,
): AwsError {
  const why =
    authorization.allowed || authorization.why === 'implicit-deny'
      ? `because no identity-based policy allows the ${action} action`
      : `with an explicit deny in ${authorization.in === 'identity' ? 'an identity-based' : 'a resource-based'} policy: ${authorization.sid}`;
  const said = `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  return answered(errorsOf(service).denied, said);
}

/** The service failed; whether it acted is not known. */
export function internalFailure(service: string): AwsError {
  return answered(errorsOf(service).internal, `${service} could not process the request`, 3);
}

/** No answer came in time; whether the call acted is not known. Thrown by the HTTP handler, so it has no status. */
export function timedOut(endpoint: string): AwsError {
  const fields = { $fault: 'client', $metadata: { attempts: 3 } } as const;
  return Object.assign(named('TimeoutError', `no answer from ${endpoint} in time`), fields);
}

/** The same error as answer to a HEAD, which has no body: only the status is left of it, and a 404 is told by that. */
export function withoutBody(error: AwsError): AwsError {
  const { $fault, $metadata } = error;
  const name = $metadata.httpStatusCode === 404 ? 'NotFound' : 'Unknown';
  return Object.assign(named(name, 'UnknownError'), { $fault, $metadata });
}

function answered({ name, status }: Named, message: string, attempts = 1): AwsError {
  const $fault = status < 500 ? 'client' : 'server';
  return Object.assign(named(name, message), { $fault, $metadata: { httpStatusCode: status, attempts } } as const);
}

function named(name: string, message: string): Error {
  return Object.assign(new WithoutStack(message), { name });
}
