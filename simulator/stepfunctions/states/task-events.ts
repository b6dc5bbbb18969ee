// The history events of a task. A Lambda function called by its ARN has event types of its own, as on AWS.
import { failureDetails, type StateFailure } from '../errors.ts';
import type { Resource } from './resource.ts';

export type Limits = { timeoutInSeconds?: number; heartbeatInSeconds?: number };

/** The type of an event and its details: the last two arguments of `record`. */
type Event = [type: string, details?: Record<string, unknown>];

export type Events = {
  scheduled: Event;
  started: Event;
  submitted: (output: string) => Event;
  succeeded: (output: string) => Event;
  failed: (failure: StateFailure) => Event;
  timedOut: (failure: StateFailure) => Event;
};

export function taskEvents(region: string, resource: Resource, parameters: string, limits: Limits): Events {
  if (resource.direct) {
    return {
      scheduled: ['LambdaFunctionScheduled', { resource: resource.name, input: parameters, ...limits }],
      started: ['LambdaFunctionStarted'],
      submitted: (output) => ['TaskSubmitted', { output }],
      succeeded: (output) => ['LambdaFunctionSucceeded', { output }],
      failed: (failure) => ['LambdaFunctionFailed', failureDetails(failure)],
      timedOut: (failure) => ['LambdaFunctionTimedOut', failureDetails(failure)],
    };
  }
  const which = { resourceType: resource.service, resource: resource.operation };
  return {
    scheduled: ['TaskScheduled', { ...which, region, parameters, ...limits }],
    started: ['TaskStarted', which],
    submitted: (output) => ['TaskSubmitted', { ...which, output }],
    succeeded: (output) => ['TaskSucceeded', { ...which, output }],
    failed: (failure) => ['TaskFailed', { ...which, ...failureDetails(failure) }],
    timedOut: (failure) => ['TaskTimedOut', { ...which, ...failureDetails(failure) }],
  };
}
