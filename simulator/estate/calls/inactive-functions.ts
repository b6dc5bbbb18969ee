// Functions in a VPC that nobody has called for weeks: Lambda has taken back their network interfaces, and the first call
// fails and has them made again [AWS, Lambda function states; Giving Lambda functions access to resources in a VPC].
import type { World } from '../world.ts';
import { type AwsError, refusal } from './aws-error.ts';

type Refused = {
  readonly status: number;
  readonly message: string;
  /** Whether calls succeed once Lambda has had its time; a lasting one fails until somebody mends its cause. */
  readonly passes: boolean;
};

/** What Invoke answers [botocore's model of Lambda; for CodeArtifact..., IDP accelerator issue 801 and aws-cdk issue 20123]. */
const refusals = {
  ResourceNotReadyException: {
    status: 502,
    message: 'The function is inactive and its VPC connection is no longer available.',
    passes: true,
  },
  ResourceConflictException: {
    status: 409,
    message:
      'The operation cannot be performed at this time. The function is currently in the following state: Pending',
    passes: true,
  },
  CodeArtifactUserPendingException: {
    status: 409,
    message: 'Lambda is initializing your function. It will be ready to invoke shortly.',
    passes: true,
  },
  ENINotReadyException: {
    status: 502,
    message: "Lambda couldn't invoke the function because the ENI configured for its VPC connection isn't ready yet.",
    passes: true,
  },
  EC2ThrottledException: {
    status: 502,
    message: 'Amazon EC2 throttled Lambda during Lambda function initialization.',
    passes: true,
  },
  EC2UnexpectedException: {
    status: 502,
    message: 'Lambda received an unexpected Amazon EC2 client exception.',
    passes: true,
  },
  EC2AccessDeniedException: {
    status: 502,
    message: 'Need additional permissions to configure VPC settings.',
    passes: false,
  },
  ENILimitReachedException: {
    status: 502,
    message: "Lambda couldn't create an elastic network interface in the VPC, because the limit has been reached.",
    passes: false,
  },
  SubnetIPAddressLimitReachedException: {
    status: 502,
    message: "Lambda couldn't set up VPC access because one or more configured subnets has no available IP addresses.",
    passes: false,
  },
} as const satisfies Record<string, Refused>;

export type InactiveError = keyof typeof refusals;
export const inactiveErrors = Object.keys(refusals) as [InactiveError, ...InactiveError[]];

export type InactiveFunctions = {
  /** What a call of a function is told, under the name that Step Functions hands on; null where the function runs. */
  refusalOf(name: string, region: string): AwsError | null;
};

/** Each function wakes by its own first call; it then stays awake. */
export function createInactiveFunctions(world: World): InactiveFunctions {
  const activeAt = new Map<string, number>();
  return {
    refusalOf(name, region) {
      const fault = world.faults.of('functions-inactive').find(({ functions, region: at }) => {
        return (at ?? world.plan.roles.primary) === region && (functions === undefined || functions.includes(name));
      });
      if (fault === undefined) return null;
      const key = `${fault.id} ${region} ${name}`;
      const readyAt = activeAt.get(key);
      const error = fault.error ?? 'ResourceNotReadyException';
      if (readyAt === undefined) {
        activeAt.set(key, world.now() + world.draw('function-activation') * 1000);
        return named(error);
      }
      if (refusals[error].passes && world.now() >= readyAt) return null;
      // The call found it inactive; the ones after it find it pending.
      return named(error === 'ResourceNotReadyException' ? 'ResourceConflictException' : error);
    },
  };
}

function named(error: InactiveError): AwsError {
  const { status, message } = refusals[error];
  return refusal(`Lambda.${error}`, message, status);
}
