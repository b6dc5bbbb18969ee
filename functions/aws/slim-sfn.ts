// Step Functions for the bundles, in the place of @aws-sdk/client-sfn.
import { randomUUID } from 'node:crypto';
import { type Command, clientOf, commandOf, type Input } from './slim-client.ts';
import { jsonProtocol } from './slim-json.ts';

const json = jsonProtocol('states', 'SFN', 'AWSStepFunctions');

export const SFNClient = clientOf({
  ...json,
  // A redrive that is asked for twice, as its first answer was lost, happens once.
  encode: (operation, input) =>
    json.encode(operation, operation === 'RedriveExecution' ? { clientToken: randomUUID(), ...input } : input),
  decode: (_operation, { text }) => JSON.parse(text === '' ? '{}' : text, withDates),
});

export const DescribeExecutionCommand: new (input: Input) => Command = commandOf('DescribeExecution');
export const GetExecutionHistoryCommand: new (input: Input) => Command = commandOf('GetExecutionHistory');
export const ListExecutionsCommand: new (input: Input) => Command = commandOf('ListExecutions');
export const RedriveExecutionCommand: new (input: Input) => Command = commandOf('RedriveExecution');
export const SendTaskFailureCommand: new (input: Input) => Command = commandOf('SendTaskFailure');
export const SendTaskSuccessCommand: new (input: Input) => Command = commandOf('SendTaskSuccess');
export const StartExecutionCommand: new (input: Input) => Command = commandOf('StartExecution');
export const StopExecutionCommand: new (input: Input) => Command = commandOf('StopExecution');

/** The service writes times as seconds since 1970; the SDK gives Dates. */
function withDates(key: string, value: unknown): unknown {
  return typeof value === 'number' && /^timestamp$|Date$/.test(key) ? new Date(value * 1000) : value;
}
