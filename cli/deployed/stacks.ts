// Speaks to CloudFormation: whether a stack stands, and what it says it has made.
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { limits, oneForEachRegion } from '../../functions/aws/calls/client.ts';
import { calling, faultName } from '../../functions/aws/calls/faults.ts';

const cloudFormation = oneForEachRegion((region) => new CloudFormationClient({ region, ...limits }));

/**
 * An output of a stack; null where it has none of that name. @throws Unavailable, and CannotProceed where there is no
 * stack.
 */
export async function readOutput(region: string, stack: string, output: string): Promise<string | null> {
  const request = new DescribeStacksCommand({ StackName: stack });
  const { Stacks = [] } = await calling(`describe stack ${stack} in ${region}`, cloudFormation(region).send(request));
  return Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === output)?.OutputValue ?? null;
}

/** How a stack stands, in CloudFormation's words; null where there is none. @throws Unavailable, CannotProceed. */
export async function readStackStatus(region: string, stack: string): Promise<string | null> {
  const request = new DescribeStacksCommand({ StackName: stack });
  try {
    const { Stacks = [] } = await calling(`describe stack ${stack} in ${region}`, cloudFormation(region).send(request));
    return Stacks[0]?.StackStatus ?? null;
  } catch (error) {
    if (faultName(error) === 'ValidationError' && /does not exist/.test(String(messageOf(error)))) return null;
    throw error;
  }
}

function messageOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : error;
}
