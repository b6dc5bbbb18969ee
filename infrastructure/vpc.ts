// The network of the functions that must reach a database or a cluster, where the plan gives one.
import { type Resources, ref, sub } from './template.ts';
import type { Stack } from './values.ts';

/** As serverless.yml wants it; null where the plan has none for this region. */
export function vpcOf({ plan, region, kind }: Stack): { subnetIds: string[]; securityGroupIds: string[] } | null {
  const vpc = kind === 'main' ? plan.vpc?.[region] : undefined;
  return vpc === undefined ? null : { subnetIds: [...vpc.subnets], securityGroupIds: [...vpc.securityGroups] };
}

const addresses = ['AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses'];

/** The functions that it is for, with the logical names of their roles. */
const connected = { 'check-cluster': 'CheckClusterRole', 'verify-region': 'VerifyRegionRole' } as const;

/**
 * What Lambda needs to connect those functions ("Giving Lambda functions access to resources in an Amazon VPC"): it does so
 * with their roles, which is why their own code is denied the same (lambda:SourceFunctionArn, which only calls of the code
 * carry: "Using source function ARN to control function access behavior"). Reading knows no resources.
 */
export function vpcRights(stack: Stack): Resources {
  const vpc = vpcOf(stack);
  if (vpc === null) return {};
  const arn = (service: string, resource: string) =>
    sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`);
  const places = [
    'network-interface/*',
    ...vpc.subnetIds.map((id) => `subnet/${id}`),
    ...vpc.securityGroupIds.map((id) => `security-group/${id}`),
  ];
  const changes = ['CreateNetworkInterface', 'DeleteNetworkInterface', ...addresses].map((action) => `ec2:${action}`);
  const reads = ['NetworkInterfaces', 'SecurityGroups', 'Subnets', 'Vpcs'].map((kind) => `ec2:Describe${kind}`);
  const themselves = Object.keys(connected).map((verb) => arn('lambda', `function:${stack.prefix}-${verb}`));
  return {
    VpcRights: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: `${stack.prefix}-vpc`,
        Roles: Object.values(connected).map(ref),
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Sid: 'Connect', Effect: 'Allow', Action: changes, Resource: places.map((place) => arn('ec2', place)) },
            { Sid: 'SeeNetwork', Effect: 'Allow', Action: reads, Resource: '*' },
            {
              Sid: 'NotTheirCode',
              Effect: 'Deny',
              Action: changes,
              Resource: '*',
              Condition: { ArnEquals: { 'lambda:SourceFunctionArn': themselves } },
            },
          ],
        },
      },
    },
  };
}
