// Looks up whether a key, a secret, a parameter, a security group or a Lambda of the plan stands in a region, which images are there, and what an account may run. Signed
// here: eight SDK clients, one of them the largest there is, would say no more (docs/decisions/0009-the-sdk-in-every-bundle.md).
import { oneForEachRegion } from '../calls/client.ts';
import type { Service } from '../calls/endpoint.ts';
import { calling, faultName } from '../calls/faults.ts';
import { callSigned } from '../calls/signed.ts';
import type { Unsigned } from '../calls/signing.ts';

/** One question, as an SDK client would name it. */
export type LookupCommand =
  | { readonly service: 'kms'; readonly operation: 'DescribeKey'; readonly input: { readonly KeyId: string } }
  | {
      readonly service: 'secrets-manager';
      readonly operation: 'DescribeSecret';
      readonly input: { readonly SecretId: string };
    }
  | { readonly service: 'ssm'; readonly operation: 'GetParameter'; readonly input: { readonly Name: string } }
  | {
      readonly service: 'ec2';
      readonly operation: 'DescribeSecurityGroups';
      readonly input: { readonly GroupIds: readonly [string] };
    }
  | {
      readonly service: 'ec2';
      readonly operation: 'DescribeInstanceTypes';
      readonly input: { readonly InstanceTypes: readonly string[] };
    }
  | {
      readonly service: 'service-quotas';
      readonly operation: 'GetServiceQuota';
      readonly input: { readonly ServiceCode: string; readonly QuotaCode: string };
    }
  | {
      readonly service: 'ecr';
      readonly operation: 'DescribeImages';
      readonly input: {
        readonly registryId: string;
        readonly repositoryName: string;
        readonly imageIds: readonly ({ readonly imageTag: string } | { readonly imageDigest: string })[];
      };
    }
  | {
      readonly service: 'eks';
      readonly operation: 'DescribeNodegroup';
      readonly input: { readonly clusterName: string; readonly nodegroupName: string };
    }
  | { readonly service: 'eks'; readonly operation: 'DescribeCluster'; readonly input: { readonly name: string } }
  | { readonly service: 'iam'; readonly operation: 'GetRole'; readonly input: { readonly RoleName: string } }
  | {
      readonly service: 'lambda';
      readonly operation: 'Invoke';
      readonly input: { readonly FunctionName: string; readonly InvocationType: 'DryRun' };
    };

/** A client of the shape that SDK clients have: `send` takes a command, `config.region` names the region. */
export class LookupClient {
  readonly config: { readonly region: () => Promise<string> };

  constructor({ region }: { readonly region: string }) {
    this.config = { region: async () => region };
  }

  /** Asks once. Of what EC2 says in XML only the sizes of instances are read. @throws ServiceFault, and what fetch throws. */
  async send(command: LookupCommand): Promise<unknown> {
    const region = await this.config.region();
    const text = await callSigned(httpOf(command), places[command.service], region);
    if (command.service === 'ec2') return { InstanceTypes: instanceTypesIn(text) };
    if (command.service === 'iam') return { Role: roleIn(text) };
    return text === '' ? {} : JSON.parse(text);
  }
}

/** Hosts and ids of endpoints. */
const places: Readonly<Record<LookupCommand['service'], Service & { readonly signedAs?: string }>> = {
  kms: { service: 'kms', variable: 'KMS' },
  'secrets-manager': { service: 'secretsmanager', variable: 'SECRETS_MANAGER' },
  ssm: { service: 'ssm', variable: 'SSM' },
  ec2: { service: 'ec2', variable: 'EC2' },
  eks: { service: 'eks', variable: 'EKS' },
  lambda: { service: 'lambda', variable: 'LAMBDA' },
  'service-quotas': { service: 'servicequotas', variable: 'SERVICE_QUOTAS' },
  // Of the partition `aws`, whose IAM stands in us-east-1 and answers for all regions.
  iam: { service: 'iam', variable: 'IAM', host: 'iam.amazonaws.com' },
  // The API stands at a host of its own: api.ecr.
  ecr: { service: 'api.ecr', signedAs: 'ecr', variable: 'ECR' },
};

/** How each service that takes JSON calls itself in a header. */
const targets = {
  kms: 'TrentService',
  'secrets-manager': 'secretsmanager',
  ssm: 'AmazonSSM',
  'service-quotas': 'ServiceQuotasV20190624',
  ecr: 'AmazonEC2ContainerRegistry_V20150921',
} as const;

function httpOf(command: LookupCommand): Omit<Unsigned, 'endpoint'> {
  if (command.service === 'iam')
    return formOf({ Action: command.operation, Version: '2010-05-08', RoleName: command.input.RoleName });
  if (command.service === 'ec2') {
    const [name, values] =
      command.operation === 'DescribeSecurityGroups'
        ? ['GroupId', command.input.GroupIds]
        : ['InstanceType', command.input.InstanceTypes];
    const listed = values.map((value, index) => [`${name}.${index + 1}`, value]);
    return formOf({ Action: command.operation, Version: '2016-11-15', ...Object.fromEntries(listed) });
  }
  if (command.service === 'eks') {
    const of =
      command.operation === 'DescribeCluster'
        ? [command.input.name]
        : [command.input.clusterName, 'node-groups', command.input.nodegroupName];
    return { method: 'GET', segments: ['clusters', ...of] };
  }
  if (command.service === 'lambda') {
    const { FunctionName, InvocationType } = command.input;
    const headers = { 'x-amz-invocation-type': InvocationType };
    const segments = ['2015-03-31', 'functions', FunctionName, 'invocations'];
    return { method: 'POST', segments, headers, body: '{}' };
  }
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `${targets[command.service]}.${command.operation}`,
  };
  return { method: 'POST', segments: [], headers, body: JSON.stringify(command.input) };
}

/** As services take it that answer in XML. */
function formOf(form: Readonly<Record<string, string>>): Omit<Unsigned, 'endpoint'> {
  const contentType = 'application/x-www-form-urlencoded';
  const body = new URLSearchParams(form).toString();
  return { method: 'POST', segments: [], headers: { 'content-type': contentType }, contentType, body };
}

/** Who may take a role, as IAM writes it: encoded JSON. */
function roleIn(xml: string): { readonly AssumeRolePolicyDocument: string } {
  return {
    AssumeRolePolicyDocument: /<AssumeRolePolicyDocument>([^<]*)</.exec(xml)?.[1] ?? '',
  };
}

type InstanceType = { readonly InstanceType: string; readonly VCpuInfo: { readonly DefaultVCpus: number } };

/** The names and sizes in an answer, as an SDK client would give them. */
function instanceTypesIn(xml: string): InstanceType[] {
  return xml
    .split('<instanceType>')
    .slice(1)
    .flatMap((part) => {
      const [, name] = /^([a-z0-9.-]+)</.exec(part) ?? [];
      const [, count] = /<defaultVCpus>(\d+)</.exec(part) ?? [];
      return name === undefined || count === undefined
        ? []
        : [{ InstanceType: name, VCpuInfo: { DefaultVCpus: Number(count) } }];
    });
}

const lookups = oneForEachRegion((region) => new LookupClient({ region }));

/** The state of a key, such as Enabled; null where there is none of that name. @throws Unavailable, CannotProceed. */
export async function keyState(region: string, KeyId: string): Promise<string | null> {
  const answer = await ifThere(`describe key ${KeyId}`, ['NotFoundException'], () =>
    lookups(region).send({ service: 'kms', operation: 'DescribeKey', input: { KeyId } }),
  );
  if (answer === null) return null;
  const { KeyMetadata } = answer as { readonly KeyMetadata?: { readonly KeyState?: string } };
  return KeyMetadata?.KeyState ?? 'in a state that KMS does not say';
}

/** Whether a secret is there and not about to be deleted. @throws Unavailable, CannotProceed. */
export async function isSecret(region: string, SecretId: string): Promise<boolean> {
  const answer = await ifThere(`describe secret ${SecretId}`, ['ResourceNotFoundException'], () =>
    lookups(region).send({ service: 'secrets-manager', operation: 'DescribeSecret', input: { SecretId } }),
  );
  return answer !== null && (answer as { readonly DeletedDate?: unknown }).DeletedDate === undefined;
}

/** The type of a parameter, such as String; null where there is none of that name. Nothing is decrypted. @throws Unavailable, CannotProceed. */
export async function parameterType(region: string, Name: string): Promise<string | null> {
  const answer = await ifThere(`look at parameter ${Name}`, ['ParameterNotFound'], () =>
    lookups(region).send({ service: 'ssm', operation: 'GetParameter', input: { Name } }),
  );
  if (answer === null) return null;
  const { Parameter } = answer as { readonly Parameter?: { readonly Type?: string } };
  return Parameter?.Type ?? 'parameter of a type that SSM does not say';
}

/** @throws Unavailable, CannotProceed. */
export async function isSecurityGroup(region: string, id: string): Promise<boolean> {
  const absent = ['InvalidGroup.NotFound', 'InvalidGroupId.Malformed'];
  const answer = await ifThere(`describe security group ${id}`, absent, () =>
    lookups(region).send({ service: 'ec2', operation: 'DescribeSecurityGroups', input: { GroupIds: [id] } }),
  );
  return answer !== null;
}

/** Whether a function is there and may be called, which a dry run says without running it. @throws Unavailable, CannotProceed. */
export async function isCallable(region: string, FunctionName: string): Promise<boolean> {
  const answer = await ifThere(`look for ${FunctionName} in ${region}`, ['ResourceNotFoundException'], () =>
    lookups(region).send({ service: 'lambda', operation: 'Invoke', input: { FunctionName, InvocationType: 'DryRun' } }),
  );
  return answer !== null;
}

/** IAM is asked where its control plane stands: of another region nobody answers otherwise. */
const iamRegion = 'us-east-1';

/**
 * Who may take a role, as its policy says: encoded JSON; null where there is no such role. `path`: with its path, as in its ARN. @throws Unavailable,
 * CannotProceed.
 */
export async function trustOf(path: string): Promise<string | null> {
  const RoleName = path.slice(path.lastIndexOf('/') + 1);
  const answer = await ifThere(`look for role ${RoleName}`, ['NoSuchEntity'], () =>
    lookups(iamRegion).send({ service: 'iam', operation: 'GetRole', input: { RoleName } }),
  );
  if (answer === null) return null;
  return (
    (answer as { readonly Role?: { readonly AssumeRolePolicyDocument?: string } }).Role?.AssumeRolePolicyDocument ?? ''
  );
}

/** How many vCPUs instances of each type have; of a type that EC2 does not offer in the region there is none. @throws Unavailable, CannotProceed. */
export async function vcpusOf(region: string, InstanceTypes: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const answer = await ifThere(`describe ${InstanceTypes.join(', ')}`, ['InvalidInstanceType'], () =>
    lookups(region).send({ service: 'ec2', operation: 'DescribeInstanceTypes', input: { InstanceTypes } }),
  );
  const { InstanceTypes: found = [] } = (answer ?? {}) as { readonly InstanceTypes?: readonly InstanceType[] };
  return new Map(found.map((one) => [one.InstanceType, one.VCpuInfo.DefaultVCpus]));
}

/** What a quota is now; null where the account has none of that code. @throws Unavailable, CannotProceed. */
export async function quotaOf(region: string, ServiceCode: string, QuotaCode: string): Promise<number | null> {
  const answer = await ifThere(`read quota ${QuotaCode}`, ['NoSuchResourceException'], () =>
    lookups(region).send({
      service: 'service-quotas',
      operation: 'GetServiceQuota',
      input: { ServiceCode, QuotaCode },
    }),
  );
  const { Quota } = (answer ?? {}) as { readonly Quota?: { readonly Value?: number } };
  return Quota?.Value ?? null;
}

/** A cluster as EKS describes it. `endpoint`, `authority`: of its API server, in PEM; null while it has none. */
export type ClusterSeen = {
  readonly status: string;
  readonly endpoint: string | null;
  readonly authority: string | null;
  /** Whether EKS Auto Mode brings its nodes. */
  readonly autoMode: boolean;
};

type Cluster = {
  readonly status?: string;
  readonly endpoint?: string;
  readonly certificateAuthority?: { readonly data?: string };
  readonly computeConfig?: { readonly enabled?: boolean };
};

/** Null where there is none. @throws Unavailable, CannotProceed. */
export async function clusterOf(region: string, name: string): Promise<ClusterSeen | null> {
  const answer = await ifThere(`describe cluster ${name}`, ['ResourceNotFoundException'], () =>
    lookups(region).send({ service: 'eks', operation: 'DescribeCluster', input: { name } }),
  );
  if (answer === null) return null;
  const { cluster = {} } = answer as { readonly cluster?: Cluster };
  const { status = 'unknown', endpoint = null, certificateAuthority, computeConfig } = cluster;
  const data = certificateAuthority?.data;
  const authority = data === undefined ? null : Buffer.from(data, 'base64').toString();
  return { status, endpoint, authority, autoMode: computeConfig?.enabled === true };
}

/** A node group, by what it could grow with. */
export type NodeGroupRoom = {
  readonly status: string;
  readonly desired: number;
  /** Its own limit. */
  readonly most: number;
  /** Whether EKS replaces nodes that are ill. */
  readonly repaired: boolean;
  /** The codes of what it lacks, as EKS finds by itself: AsgInstanceLaunchFailures, InsufficientFreeAddresses. */
  readonly issues: readonly string[];
  /** Types of its instances, best first; empty where a launch template says it. */
  readonly types: readonly string[];
  readonly spot: boolean;
};

type Nodegroup = {
  readonly status?: string;
  readonly scalingConfig?: { readonly desiredSize?: number; readonly maxSize?: number };
  readonly nodeRepairConfig?: { readonly enabled?: boolean };
  readonly health?: { readonly issues?: readonly { readonly code?: string }[] };
  readonly instanceTypes?: readonly string[];
  readonly capacityType?: string;
};

/** Null where there is none, or no such cluster. @throws Unavailable, CannotProceed. */
export async function roomOf(
  region: string,
  clusterName: string,
  nodegroupName: string,
): Promise<NodeGroupRoom | null> {
  const answer = await ifThere(`describe node group ${nodegroupName}`, ['ResourceNotFoundException'], () =>
    lookups(region).send({ service: 'eks', operation: 'DescribeNodegroup', input: { clusterName, nodegroupName } }),
  );
  if (answer === null) return null;
  const { nodegroup = {} } = answer as { readonly nodegroup?: Nodegroup };
  const { status = 'unknown', scalingConfig, nodeRepairConfig, health, instanceTypes = [], capacityType } = nodegroup;
  return {
    status,
    desired: scalingConfig?.desiredSize ?? 0,
    most: scalingConfig?.maxSize ?? 0,
    repaired: nodeRepairConfig?.enabled === true,
    issues: (health?.issues ?? []).map(({ code = 'of no name' }) => code),
    types: instanceTypes,
    spot: capacityType === 'SPOT',
  };
}

type Repository = {
  readonly registry: string;
  readonly region: string;
  readonly repository: string;
  /** Tags and digests. */
  readonly images: readonly string[];
};

/** Whether a repository has all of some images; null where there is no such repository. It pulls none. @throws Unavailable, CannotProceed. */
export async function hasImages({ registry, region, repository, images }: Repository): Promise<boolean | null> {
  const imageIds = images.map((one) => (one.startsWith('sha256:') ? { imageDigest: one } : { imageTag: one }));
  const input = { registryId: registry, repositoryName: repository, imageIds };
  try {
    const absent = ['RepositoryNotFoundException'];
    const answer = await ifThere(`look for images of ${repository} in ${region}`, absent, () =>
      lookups(region).send({ service: 'ecr', operation: 'DescribeImages', input }),
    );
    return answer === null ? null : true;
  } catch (error) {
    if (faultName(error) === 'ImageNotFoundException') return false;
    throw error;
  }
}

async function ifThere(what: string, absent: readonly string[], ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await calling(what, ask());
  } catch (error) {
    if (absent.includes(faultName(error))) return null;
    throw error;
  }
}
