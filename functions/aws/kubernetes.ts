// Asks the API server of an EKS cluster what is in it, with a token that EKS takes for our role. Lists alone: nothing is changed.
import { request } from 'node:https';
import type {
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Namespace,
  V1Node,
  V1Pod,
  V1StatefulSet,
} from '@kubernetes/client-node';
import { CannotProceed, Unavailable } from '../domain/errors.ts';
import { oneForEachRegion } from './client.ts';
import { regionalHost } from './endpoint.ts';
import { presign } from './signing.ts';

export type { V1DaemonSet, V1Deployment, V1EndpointSlice, V1Namespace, V1Node, V1Pod, V1StatefulSet };

/** An API server as EKS describes it. `authority`: PEM of the only authority whose certificate it may show. */
export type ApiServer = {
  readonly region: string;
  readonly cluster: string;
  readonly endpoint: string;
  readonly authority: string;
};

/** What is listed, as the API server writes it. Nothing in it is certain to be there. */
export type KubernetesOperations = {
  ListNodes: V1Node;
  ListNamespaces: V1Namespace;
  ListPods: V1Pod;
  ListDeployments: V1Deployment;
  ListStatefulSets: V1StatefulSet;
  ListDaemonSets: V1DaemonSet;
  ListEndpointSlices: V1EndpointSlice;
};
type Operation = keyof KubernetesOperations;

/** `namespace`: of what stands in one; `service`: of endpoint slices, the one that they are of. */
type Input = { readonly server: ApiServer; readonly namespace: string; readonly service?: string };

const paths: Readonly<Record<Operation, (namespace: string) => string>> = {
  ListNodes: () => '/api/v1/nodes',
  ListNamespaces: () => '/api/v1/namespaces',
  ListPods: (namespace) => `/api/v1/namespaces/${namespace}/pods`,
  ListDeployments: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
  ListStatefulSets: (namespace) => `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
  ListDaemonSets: (namespace) => `/apis/apps/v1/namespaces/${namespace}/daemonsets`,
  ListEndpointSlices: (namespace) => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
};

const answerMs = 5_000;
/** A page of the API server, and the most pages: nobody has more pods in a namespace. */
const pageSize = 250;
const mostPages = 40;
const mostBytes = 20_000_000;

/** A fault of the API server, as SDK clients give theirs: by name and status. */
export class KubernetesFault extends Error {
  override readonly name: string;
  readonly $metadata: { readonly httpStatusCode?: number };

  constructor(name: string, status: number | null, message: string) {
    super(message);
    this.name = name;
    this.$metadata = status === null ? {} : { httpStatusCode: status };
  }
}

/** A client of the shape that SDK clients have: `send` takes a command, `config.region` names the region. */
export class KubernetesClient {
  readonly config: { readonly region: () => Promise<string> };

  constructor({ region }: { readonly region: string }) {
    this.config = { region: async () => region };
  }

  /** @throws KubernetesFault */
  async send<Name extends Operation>(command: {
    readonly operation: Name;
    readonly input: Input;
  }): Promise<{ readonly items: readonly KubernetesOperations[Name][] }> {
    const { server, namespace, service } = command.input;
    const token = await tokenFor(server);
    const items: KubernetesOperations[Name][] = [];
    let next = '';
    for (let page = 0; page < mostPages; page += 1) {
      const query = new URLSearchParams({
        limit: String(pageSize),
        ...(next === '' ? {} : { continue: next }),
        ...(service === undefined ? {} : { labelSelector: `kubernetes.io/service-name=${service}` }),
      });
      const path = `${paths[command.operation](encodeURIComponent(namespace))}?${query}`;
      const list = await get(server, path, token);
      items.push(...((list['items'] as KubernetesOperations[Name][] | undefined) ?? []));
      next = String((list['metadata'] as { readonly continue?: string } | undefined)?.continue ?? '');
      if (next === '') return { items };
    }
    throw new KubernetesFault('TooMuch', null, `it does not end after ${mostPages} pages`);
  }
}

/**
 * EKS takes a URL that asks STS who we are, signed for this cluster, as a token [AWS IAM Authenticator for Kubernetes, "API Authorization
 * from Outside a Cluster"]. A minute is enough: it is used at once.
 */
async function tokenFor({ region, cluster }: ApiServer): Promise<string> {
  const url = await presign(
    {
      endpoint: new URL(`https://${regionalHost('sts', region)}/`),
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { 'x-k8s-aws-id': cluster },
    },
    { service: 'sts', region, seconds: 60 },
  );
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
}

function get(
  { endpoint, authority }: ApiServer,
  path: string,
  token: string,
): Promise<Readonly<Record<string, unknown>>> {
  const url = new URL(path, endpoint);
  const { promise, resolve, reject } = Promise.withResolvers<Readonly<Record<string, unknown>>>();
  const fail = (name: string, status: number | null, message: string) =>
    reject(new KubernetesFault(name, status, message));
  const signal = AbortSignal.timeout(answerMs);
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  const asked = request(url, { ca: authority, headers, signal, agent: false }, (answer) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    answer.on('error', (error: NodeJS.ErrnoException) =>
      error instanceof KubernetesFault ? reject(error) : fail(error.code ?? error.name, null, 'the answer broke off'),
    );
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) answer.destroy(new KubernetesFault('TooMuch', null, 'the answer is too long'));
      else chunks.push(chunk);
    });
    answer.on('end', () => {
      const { statusCode = 0 } = answer;
      const body = jsonIn(Buffer.concat(chunks).toString());
      if (statusCode === 200 && body !== null) return resolve(body);
      // Only what the API server says of itself: a page of something else in between is not repeated.
      const said =
        body !== null && typeof body['message'] === 'string' ? body['message'] : 'no answer of an API server';
      fail(body !== null && typeof body['reason'] === 'string' ? body['reason'] : 'Unknown', statusCode, said);
    });
  });
  asked.on('error', (error: NodeJS.ErrnoException) =>
    fail(error.code ?? error.name, null, signal.aborted ? `no answer within ${answerMs / 1000} s` : 'no connection'),
  );
  asked.end();
  return promise;
}

function jsonIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

const client = /* @__PURE__ */ oneForEachRegion((region) => new KubernetesClient({ region }));

/** Everything of one sort. @throws Unavailable, CannotProceed: with what a person can do about it */
export async function list<Name extends Operation>(
  operation: Name,
  server: ApiServer,
  namespace = '',
  service?: string,
): Promise<readonly KubernetesOperations[Name][]> {
  const input = { server, namespace, ...(service === undefined ? {} : { service }) };
  const of = `${wordsOf[operation]}${namespace === '' ? '' : ` in namespace ${namespace}`}`;
  try {
    return (await client(server.region).send({ operation, input })).items;
  } catch (error) {
    throw translated(`list ${of} of cluster ${server.cluster}`, error);
  }
}

const wordsOf: Readonly<Record<Operation, string>> = {
  ListNodes: 'nodes',
  ListNamespaces: 'namespaces',
  ListPods: 'pods',
  ListDeployments: 'deployments',
  ListStatefulSets: 'stateful sets',
  ListDaemonSets: 'daemon sets',
  ListEndpointSlices: 'endpoints',
};

/** How TLS says that a certificate is not of who should show it. */
const untrusted = /^(ERR_TLS_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET|VERIFY))/;

function translated(what: string, error: unknown): Error {
  const { name, message, $metadata } = error as KubernetesFault;
  const status = $metadata?.httpStatusCode ?? null;
  const said = (why: string) => `${what}: ${why} (${status ?? name})`;
  // The cluster asks STS, and says the same where STS does not answer it.
  if (status === 401)
    return new Unavailable(
      said('the cluster refuses our token: has the role of this function an access entry? (docs/deploy.md)'),
      { cause: error },
    );
  if (name === 'TooMuch') return new CannotProceed(said(message), { cause: error });
  if (status === 403)
    return new CannotProceed(said(`our role may not do this: give its group the right (docs/deploy.md). ${message}`), {
      cause: error,
    });
  if (untrusted.test(name))
    return new CannotProceed(said('the connection cannot be trusted: the certificate is not the cluster’s'), {
      cause: error,
    });
  if (status === null || [408, 409, 410, 429].includes(status) || status >= 500)
    return new Unavailable(said(message), { cause: error });
  return new CannotProceed(said(message), { cause: error });
}
