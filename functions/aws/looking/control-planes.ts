// Asks the regional control plane of a service one cheap, read-only question (signed here: seven SDK clients would say no
// more). Whether it answers is what counts, not what it says.
import { oneForEachRegion } from '../calls/client.ts';
import { endpointOf, type Service } from '../calls/endpoint.ts';
import { faultStatus } from '../calls/faults.ts';
import { sign, type Unsigned } from '../calls/signing.ts';

/** What is asked about: names from the plan, so that each function may ask about these and about nothing else. */
export type Known = {
  readonly cluster: string;
  readonly database: string;
  readonly cache: string;
  readonly table: string;
};

/** One question, as an SDK client would name it: the service, the operation and its input. */
export type ControlPlaneCommand = {
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly request: Omit<Unsigned, 'endpoint'>;
};

/** The question for each service that can be asked. */
const questions: Readonly<Record<string, (known: Known) => ControlPlaneCommand>> = {
  ec2: () => form('ec2', 'DescribeAvailabilityZones', '2016-11-15', {}),
  eks: ({ cluster: name }) => ({
    service: 'eks',
    operation: 'DescribeCluster',
    input: { name },
    request: { method: 'GET', segments: ['clusters', name] },
  }),
  elb: () => form('elastic-load-balancing-v2', 'DescribeLoadBalancers', '2015-12-01', { PageSize: '1' }),
  rds: ({ database }) => form('rds', 'DescribeDBInstances', '2014-10-31', { DBInstanceIdentifier: database }),
  elasticache: ({ cache }) =>
    form('elasticache', 'DescribeReplicationGroups', '2015-02-02', { ReplicationGroupId: cache }),
  sts: () => form('sts', 'GetCallerIdentity', '2011-06-15', {}),
  dynamodb: ({ table: TableName }) => ({
    service: 'dynamodb',
    operation: 'DescribeTable',
    input: { TableName },
    request: {
      method: 'POST',
      segments: [],
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.DescribeTable' },
      body: JSON.stringify({ TableName }),
    },
  }),
};

/** Where a service's host and the id of its endpoint are not its own name. */
const otherNames: Readonly<Record<string, Service>> = {
  'elastic-load-balancing-v2': { service: 'elasticloadbalancing', variable: 'ELASTIC_LOAD_BALANCING_V2' },
};

/** The control plane has so long to answer: a probe that waits longer says the same. */
const longestAnswerMs = 5_000;

/** An answer that says no. Its status is where an SDK client's errors have it. */
class Refused extends Error {
  override readonly name = 'Refused';
  readonly $metadata: { readonly httpStatusCode: number };
  constructor(httpStatusCode: number) {
    super(`the control plane answered ${httpStatusCode}`);
    this.$metadata = { httpStatusCode };
  }
}

/** The request could not be signed: nothing was asked, and nothing is known. */
class NotAsked extends Error {
  override readonly name = 'NotAsked';
}

/** A client of the shape that SDK clients have: `send` takes a command, `config.region` names the region. */
export class ControlPlaneClient {
  readonly config: { readonly region: () => Promise<string> };

  constructor({ region }: { readonly region: string }) {
    this.config = { region: async () => region };
  }

  /** Asks once. @throws Refused for an answer that says no, NotAsked, and what fetch throws where no answer comes in time */
  async send({ service, request }: ControlPlaneCommand): Promise<unknown> {
    const region = await this.config.region();
    const asked = otherNames[service] ?? { service, variable: service.toUpperCase() };
    const place = { service: asked.service, region };
    const signed = await sign({ ...request, endpoint: endpointOf(asked, region) }, place).catch((cause: unknown) => {
      throw new NotAsked(`a question to ${service} in ${region} could not be signed`, { cause });
    });
    const answer = await fetch(signed, { signal: AbortSignal.timeout(longestAnswerMs) });
    await answer.body?.cancel();
    if (!answer.ok) throw new Refused(answer.status);
    return {};
  }
}

const controlPlane = oneForEachRegion((region) => new ControlPlaneClient({ region }));

/** The status that the control plane of a service answers with; null where it does not answer in its time. @throws NotAsked */
export async function callControlPlane(region: string, service: string, known: Known): Promise<number | null> {
  const question = questions[service]?.(known);
  if (question === undefined) throw new Error(`there is no question for the control plane of ${service}`);
  try {
    await controlPlane(region).send(question);
    return 200;
  } catch (error) {
    if (error instanceof NotAsked) throw error;
    return faultStatus(error);
  }
}

/** A question in the query protocol of the older services. */
function form(
  service: string,
  operation: string,
  version: string,
  input: Readonly<Record<string, string>>,
): ControlPlaneCommand {
  return {
    service,
    operation,
    input,
    request: {
      method: 'POST',
      segments: [],
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ Action: operation, Version: version, ...input }).toString(),
    },
  };
}
