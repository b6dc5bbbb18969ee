// Reads the Resource of a Task: which service is called, and how long the state waits for it.

export type Pattern = 'request-response' | 'wait-for-task-token' | 'sync';

export type Resource = {
  /** What the caller's `task` is told: `lambda:invoke`, or the whole ARN of a function called directly. */
  name: string;
  pattern: Pattern;
  /** As history events say it: `lambda` and `invoke.waitForTaskToken`. A direct call has its own event types. */
  service: string;
  operation: string;
  direct: boolean;
};

const integration = /^arn:aws[\w-]*:states:[\w-]*:\d*:([\w-]+:[\w:-]+?)(\.waitForTaskToken|\.sync(?::2)?)?$/;
const lambdaFunction = /^arn:aws[\w-]*:lambda:[\w-]+:\d*:function:[\w:$-]+$/;

/** What the ARN means, or null where the simulator has nothing to call (activities, typing errors). */
export function parseResource(arn: string): Resource | null {
  if (lambdaFunction.test(arn)) {
    return { name: arn, pattern: 'request-response', service: 'lambda', operation: 'invoke', direct: true };
  }
  const match = integration.exec(arn);
  const name = match?.[1];
  if (name === undefined || name.startsWith('activity:')) return null;
  const suffix = match?.[2] ?? '';
  const colon = name.lastIndexOf(':');
  return {
    name,
    pattern: suffix === '' ? 'request-response' : suffix === '.waitForTaskToken' ? 'wait-for-task-token' : 'sync',
    service: name.slice(0, colon),
    operation: name.slice(colon + 1) + suffix,
    direct: false,
  };
}
