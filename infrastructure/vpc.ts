// The network of the functions that must reach a database or a cluster, where the plan gives one.
import { type Resources, ref, sub } from './template.ts';
import type { Stack } from './values.ts';

/** As serverless.yml wants it; null where the plan has none for this region. */
export function vpcOf({ plan, region, kind }: Stack): { subnetIds: string[]; securityGroupIds: string[] } | null {
  const vpc = kind === 'main' ? plan.vpc?.[region] : undefined;
  return vpc === undefined ? null : { subnetIds: [...vpc.subnets], securityGroupIds: [...vpc.securityGroups] };
}

/** What Lambda needs to put those functions into the network, and no other. Reading knows no resources. */
export function vpcPermissions(stack: Stack): Resources {
  const vpc = vpcOf(stack);
  if (vpc === null) return {};
  const ec2 = (resource: string) => sub(`arn:\${AWS::Partition}:ec2:\${AWS::Region}:\${AWS::AccountId}:${resource}`);
  return {
    VpcPolicy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: `${stack.prefix}-vpc`,
        Roles: [ref('VerifyRegionRole'), ref('CheckClusterRole')],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'Connect',
              Effect: 'Allow',
              Action: 'ec2:CreateNetworkInterface',
              Resource: [
                ec2('network-interface/*'),
                ...vpc.subnetIds.map((id) => ec2(`subnet/${id}`)),
                ...vpc.securityGroupIds.map((id) => ec2(`security-group/${id}`)),
              ],
            },
            {
              Sid: 'Disconnect',
              Effect: 'Allow',
              Action: ['ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'],
              Resource: ec2('network-interface/*'),
            },
            {
              Sid: 'SeeNetwork',
              Effect: 'Allow',
              Action: ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'],
              Resource: '*',
            },
          ],
        },
      },
    },
  };
}
