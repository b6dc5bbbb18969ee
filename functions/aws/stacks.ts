// Speaks to CloudFormation: what a stack says it has made.
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { limits, oneForEachRegion } from './client.ts';
import { asking } from './faults.ts';

const cloudFormation = oneForEachRegion((region) => new CloudFormationClient({ region, ...limits }));

/**
 * An output of a stack; null where it has none of that name. @throws Unavailable, and CannotProceed where there is no
 * stack.
 */
export async function readOutput(region: string, stack: string, output: string): Promise<string | null> {
  const request = new DescribeStacksCommand({ StackName: stack });
  const { Stacks = [] } = await asking(`describe stack ${stack} in ${region}`, cloudFormation(region).send(request));
  return Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === output)?.OutputValue ?? null;
}
