// Asks the regional control plane of a service one cheap, read-only question (signed here: seven SDK clients would say no
// more). Whether it answers is what counts, not what it says.
import { endpointOf, type Service } from './endpoint.ts';
import { sign, type Unsigned } from './signing.ts';

/** What is asked about: names from the plan, so that each function may ask about these and about nothing else. */
export type Known = {
  readonly cluster: string;
  readonly database: string;
  readonly cache: string;
  readonly table: string;
};

type Question = { readonly operation: string; readonly request: Omit<Unsigned, 'endpoint'> };

/** The question for each service that can be asked. */
const questions: Readonly<Record<string, (known: Known) => Question>> = {
  ec2: () => form({ operation: 'DescribeAvailabilityZones', version: '2016-11-15' }),
  eks: ({ cluster }) => ({
    operation: 'DescribeCluster',
    request: { method: 'GET', segments: ['clusters', cluster] },
  }),
  elb: () => form({ operation: 'DescribeLoadBalancers', version: '2015-12-01', PageSize: '1' }),
  rds: ({ database }) =>
    form({ operation: 'DescribeDBInstances', version: '2014-10-31', DBInstanceIdentifier: database }),
  elasticache: ({ cache }) =>
    form({ operation: 'DescribeReplicationGroups', version: '2015-02-02', ReplicationGroupId: cache }),
  sts: () => form({ operation: 'GetCallerIdentity', version: '2011-06-15' }),
  dynamodb: ({ table }) => ({
    operation: 'DescribeTable',
    request: {
      method: 'POST',
      segments: [],
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.DescribeTable' },
      body: JSON.stringify({ TableName: table }),
    },
  }),
};

/** Where the plan's word for a service is not the one that AWS puts into its host and its signature. */
const otherNames: Readonly<Record<string, Service>> = {
  elb: { service: 'elasticloadbalancing', variable: 'ELASTIC_LOAD_BALANCING_V2' },
};

/** The control plane has so long to answer: a probe that waits longer says the same. */
const longestAnswerMs = 5_000;

/** Whether there is a question for a service. */
export function canAsk(service: string): boolean {
  return Object.hasOwn(questions, service);
}

/**
 * The status that the control plane of a service answers with; null where it does not answer in its time.
 * @throws where the request cannot be signed: then nothing was asked.
 */
export async function askControlPlane(
  region: string,
  service: string,
  known: Known,
  send: typeof fetch,
): Promise<number | null> {
  const question = questions[service]?.(known);
  if (question === undefined) throw new Error(`there is no question for the control plane of ${service}`);
  const asked = otherNames[service] ?? { service, variable: service.toUpperCase() };
  const request = await sign(
    { ...question.request, endpoint: endpointOf(asked, region) },
    { service: asked.service, region },
  );
  try {
    const answer = await send(request, { signal: AbortSignal.timeout(longestAnswerMs) });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return null;
  }
}

/** A question in the query protocol of the older services. */
function form({
  operation,
  version,
  ...rest
}: Readonly<Record<'operation' | 'version', string> & Record<string, string>>): Question {
  return {
    operation,
    request: {
      method: 'POST',
      segments: [],
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ Action: operation, Version: version, ...rest }).toString(),
    },
  };
}
