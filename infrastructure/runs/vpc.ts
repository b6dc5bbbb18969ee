// The network of the functions that must reach a database or a cluster, where the plan gives one.
import { brokenKind, scheduledIn } from '../../functions/domain/drills/plan.ts';
import { saidOf } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { verbsOf } from '../../functions/kinds/verbs.ts';
import { arnHere, pascal, type Resources, ref } from '../template.ts';
import type { Stack } from '../values.ts';

/** As serverless.yml wants it; null where the plan has none for this region. */
export function vpcOf({ plan, region, kind }: Stack): { subnetIds: string[]; securityGroupIds: string[] } | null {
  const vpc = kind === 'main' ? plan.vpc?.[region] : undefined;
  return vpc === undefined ? null : { subnetIds: [...vpc.subnets], securityGroupIds: [...vpc.securityGroups] };
}

/** Whether a database is asked with SQL: its ledger is kept then. */
export function asksDatabases({ assets }: Pick<Plan, 'assets'>): boolean {
  return assets.some((asset) => asset.kind === 'rds-instance' && asset.data !== undefined);
}

/** Whether the restore of a database that is asked is rehearsed. */
export function rehearsesRestores({ assets }: Pick<Plan, 'assets'>): boolean {
  return assets.some(
    (asset) =>
      asset.kind === 'rds-instance' &&
      asset.data !== undefined &&
      Object.values(asset.regions).some(({ restore }) => restore?.rehearsal !== undefined),
  );
}

/** Whether a database can come back as a replica in a region that was given up: the plan says what it is made as. */
export function rejoinsStandby({ assets }: Pick<Plan, 'assets'>): boolean {
  return assets.some(
    (asset) =>
      asset.kind === 'rds-instance' && Object.values(asset.regions).some(({ restore }) => restore !== undefined),
  );
}

/** Whether a drill breaks something in a cluster: its API server is asked what is there. */
function breaksCluster(plan: Pick<Plan, 'drills'>): boolean {
  return scheduledIn(plan).some(({ target }) => target !== undefined && brokenKind[target.fault] === 'eks-cluster');
}

/** The functions that it is for: they ask an application itself, and not an API of AWS. */
export function connectedIn({ plan }: Stack): readonly string[] {
  const verbs = plan.assets.flatMap((asset) =>
    verbsOf(asset)
      .filter((verb) => saidOf(asset).connected?.(verb, asset))
      .map((verb) => `${asset.kind}-${verb}`),
  );
  const asking = [
    ...(asksDatabases(plan) ? ['keep-ledger'] : []),
    ...(rehearsesRestores(plan) ? ['rehearse-restores'] : []),
    ...(asksDatabases(plan) && rejoinsStandby(plan) ? ['rejoin-standby'] : []),
    ...(breaksCluster(plan) ? ['inject-fault', 'follow-drill'] : []),
  ];
  return [...new Set(verbs), ...asking, 'verify-region'];
}

/**
 * What Lambda needs to connect those functions ("Giving Lambda functions access to resources in an Amazon VPC"): it does so
 * with their roles, which is why their own code is denied the same (lambda:SourceFunctionArn, which only calls of the code
 * carry: "Using source function ARN to control function access behavior"). Reading knows no resources.
 */
export function vpcRights(stack: Stack): Resources {
  const vpc = vpcOf(stack);
  if (vpc === null) return {};
  const interfaces = arnHere('ec2', 'network-interface/*');
  const joined = [
    ...vpc.subnetIds.map((id) => arnHere('ec2', `subnet/${id}`)),
    ...vpc.securityGroupIds.map((id) => arnHere('ec2', `security-group/${id}`)),
  ];
  const join = 'ec2:CreateNetworkInterface';
  const keep = ['ec2:AssignPrivateIpAddresses', 'ec2:DeleteNetworkInterface', 'ec2:UnassignPrivateIpAddresses'];
  const reads = ['NetworkInterfaces', 'SecurityGroups', 'Subnets', 'Vpcs'].map((kind) => `ec2:Describe${kind}`);
  const themselves = connectedIn(stack).map((verb) => arnHere('lambda', `function:${stack.prefix}-${verb}`));
  return {
    VpcRights: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: `${stack.prefix}-vpc`,
        Roles: connectedIn(stack).map((verb) => ref(`${pascal(verb)}Role`)),
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Sid: 'Join', Effect: 'Allow', Action: join, Resource: [interfaces, ...joined] },
            { Sid: 'Keep', Effect: 'Allow', Action: keep, Resource: interfaces },
            { Sid: 'SeeNetwork', Effect: 'Allow', Action: reads, Resource: '*' },
            {
              Sid: 'NotTheirCode',
              Effect: 'Deny',
              Action: [join, ...keep],
              Resource: '*',
              Condition: { ArnEquals: { 'lambda:SourceFunctionArn': themselves } },
            },
          ],
        },
      },
    },
  };
}
