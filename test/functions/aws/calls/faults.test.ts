// Which faults of AWS pass, by name and status, for every service that is called here.
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { calling } from '../../../../functions/aws/calls/faults.ts';
import { throttling, timeouts } from '../../../../functions/aws/calls/transient.ts';
import { putEvent } from '../../../../functions/aws/events.ts';
import { mocked } from '../../../mocked.ts';

const sdk = new URL('../../../../node_modules/@smithy/core/dist-es/submodules/retry/', import.meta.url);

function fault(name: string, status?: number): Error {
  const $metadata = status === undefined ? {} : { httpStatusCode: status };
  return Object.assign(new Error('said so'), { name, $metadata });
}

async function told(cause: unknown): Promise<unknown> {
  return calling('reboot chatops-prod', Promise.reject(cause)).catch((error: unknown) => error);
}

/** Certain not to have begun, perhaps begun, and no. */
const putOff = { name: 'Unavailable', refused: true };
const unknown = { name: 'Unavailable', refused: false };
const no = { name: 'CannotProceed' };

test('the names are those that the SDK itself tries again', async () => {
  const lists = await import(`${sdk}service-error-classification/constants.js`);
  expect(throttling).toEqual(lists.THROTTLING_ERROR_CODES);
  expect(timeouts).toEqual(lists.TRANSIENT_ERROR_CODES);
  expect(lists.TRANSIENT_ERROR_STATUS_CODES).toEqual([500, 502, 503, 504]);
  for (const status of lists.TRANSIENT_ERROR_STATUS_CODES)
    expect(await told(fault('Unheard', status))).toMatchObject(unknown);
});

test.for(throttling.filter((name) => name !== 'LimitExceededException'))(
  '%s passes, and what was asked for has not begun',
  async (name) => {
    expect(await told(fault(name, 400))).toMatchObject(putOff);
  },
);

test.for([
  ['Route 53', 'PriorRequestNotComplete', 400, putOff],
  ['Route 53', 'InvalidChangeBatch', 400, no],
  ['SSM', 'TooManyUpdates', 400, putOff],
  ['DynamoDB', 'UnrecognizedClientException', 400, putOff],
  ['SSM', 'ParameterLimitExceeded', 400, no],
  ['SSM', 'ParameterMaxVersionLimitExceeded', 400, no],
  ['SSM', 'HierarchyLevelLimitExceededException', 400, no],
  ['SSM', 'PoliciesLimitExceededException', 400, no],
  ['Secrets Manager', 'LimitExceededException', 400, no],
  ['Secrets Manager', 'InternalServiceError', 500, unknown],
  ['Step Functions', 'ExecutionLimitExceeded', 400, putOff],
  ['Step Functions', 'KmsThrottlingException', 400, putOff],
  ['Step Functions', 'ExecutionNotRedrivable', 400, no],
  ['CodeBuild', 'AccountLimitExceededException', 400, putOff],
  ['CodeBuild', 'InvalidInputException', 400, no],
  ['DynamoDB', 'ReplicatedWriteConflictException', 400, putOff],
  ['DynamoDB', 'TransactionConflictException', 400, putOff],
  ['DynamoDB', 'RequestLimitExceeded', 400, putOff],
  ['DynamoDB', 'ItemCollectionSizeLimitExceededException', 400, no],
  ['DynamoDB', 'ConditionalCheckFailedException', 400, no],
  ['SQS', 'KmsThrottled', 400, putOff],
  ['SNS', 'KMSThrottlingException', 400, putOff],
  ['SNS', 'NotFoundException', 404, no],
  ['ElastiCache', 'NodeQuotaForClusterExceededFault', 400, no],
  ['RDS', 'Throttling', 400, putOff],
  ['RDS', 'InvalidDBInstanceStateFault', 400, no],
  ['S3', 'SlowDown', 503, putOff],
  ['S3', 'RequestTimeout', 400, unknown],
  ['ARC zonal shift', 'ThrottlingException', 429, putOff],
  ['any service', 'Http429', 429, putOff],
  ['any service', 'AccessDeniedException', 403, no],
  ['any service', 'ServiceUnavailable', 503, unknown],
  ['no service', 'TimeoutError', undefined, unknown],
  ['no service', 'CredentialsProviderError', undefined, unknown],
] as const)('%s says %s with status %s', async ([, name, status, expected]) => {
  const cause = fault(name, status);
  expect(await told(cause)).toMatchObject({ ...expected, cause, message: `reboot chatops-prod: ${name}: said so` });
});

test.for([
  ['InternalFailure', unknown],
  ['InternalException', unknown],
  ['ThrottlingException', putOff],
  ['MalformedDetail', no],
  ['NotAuthorizedForSourceException', no],
] as const)('a bus that takes no entry because of %s answers with success', async ([ErrorCode, expected]) => {
  const entry = { ErrorCode, ErrorMessage: 'said so' };
  mocked(EventBridgeClient)
    .on(PutEventsCommand)
    .resolves({ FailedEntryCount: 1, Entries: [entry] });
  const event = { source: 'chatops.heartbeat', detailType: 'Beat', detail: {}, at: 0 };
  const failed = await putEvent('us-east-1', 'breakwater-test-events', event).catch((error: unknown) => error);
  expect(failed).toMatchObject({ ...expected, message: `put Beat on the bus of us-east-1: ${ErrorCode}: said so` });
});
