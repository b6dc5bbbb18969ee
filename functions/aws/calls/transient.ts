// The faults that pass, all of them: of the SDK's calls that functions make, and of the calls of functions that state machines make. Who reads
// names of such faults reads them here: functions by faults.ts, state machines as `Breakwater::Transient` by infrastructure/runs/machines.ts.
import type { Unavailable } from '../../domain/errors.ts';

/** Names of throttling, as the SDK knows them (a test compares): it does not export its list. */
export const throttling: readonly string[] = [
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
];

/** On the SDK's list, but Secrets Manager, the one service here that has it, means a quota: waiting changes nothing. */
export const quotas: readonly string[] = ['LimitExceededException'];

/** Names of an answer that did not come in time, as the SDK knows them: what was asked for may have begun. */
export const timeouts: readonly string[] = ['TimeoutError', 'RequestTimeout', 'RequestTimeoutException'];

/** DynamoDB: another region, or a transaction, is writing the item. */
export const contended: readonly string[] = ['ReplicatedWriteConflictException', 'TransactionConflictException'];

/** Answers of "not now" with a status of 400 that the SDK does not know, or knows only by a trait in its models. */
export const notNow: readonly string[] = [
  'TooManyUpdates', // SSM: somebody else is writing the parameter
  'ExecutionLimitExceeded', // Step Functions: as many executions run as may
  'AccountLimitExceededException', // CodeBuild: as many builds wait as may
  'UnrecognizedClientException', // DynamoDB: now and then, of keys that are right; its table of errors says to ask again [Error handling with DynamoDB]
  ...contended,
];

/** What is switched is being changed by somebody else at this moment: Lambda, EventBridge and ECS, in words of their own. */
export const busy: readonly string[] = [
  'ConflictException',
  'ConcurrentModificationException',
  'ResourceInUseException',
  'ResourceConflictException',
];

const unavailable: Unavailable['name'] = 'Unavailable';

/**
 * What a state asks again after: `Breakwater::Transient` in ErrorEquals. Time over is beside it (States.Timeout): where a state waits for people,
 * nobody is asked again because nobody answered.
 */
export const transient: readonly string[] = [
  unavailable, // a step: one of the faults above, a status of 5xx, or no answer

  // Lambda did not run the function, or Step Functions did not reach Lambda [Step Functions, Handle Lambda service exceptions].
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',

  // The function began and did not answer. Every step looks before it acts.
  'Lambda.Unknown',
  'Sandbox.Timedout',
  'Runtime.ExitError',
  'Runtime.OutOfMemory',

  // In a VPC it was idle for weeks, and Lambda connects it again; or others hold the last addresses and may give them back, as
  // what stood in a failed zone does [Lambda, Invoke; Lambda function states].
  'Lambda.ResourceNotReadyException',
  'Lambda.ResourceConflictException',
  'Lambda.CodeArtifactUserPendingException',
  'Lambda.ENINotReadyException',
  'Lambda.ENILimitReachedException',
  'Lambda.SubnetIPAddressLimitReachedException',
  'Lambda.EC2ThrottledException',
  'Lambda.EC2UnexpectedException',
];
