// Asks the API server of an EKS cluster what is in it, with a token that EKS takes for our role, and changes three things: how many replicas a
// deployment has, whether a cron job is suspended, and for drills that a pod ends.
import { request } from 'node:https';
import type {
  V1ConfigMap,
  V1CronJob,
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Job,
  V1Namespace,
  V1Node,
  V1ObjectMeta,
  V1Pod,
  V1PodDisruptionBudget,
  V1Scale,
  V1StatefulSet,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import { CannotProceed, Unavailable } from '../../domain/errors.ts';
import { oneForEachRegion } from '../calls/client.ts';
import { regionalHost } from '../calls/endpoint.ts';
import { faultName, faultStatus } from '../calls/faults.ts';
import { presign } from '../calls/signing.ts';

export type {
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Job,
  V1Namespace,
  V1Node,
  V1ObjectMeta,
  V1Pod,
  V1PodDisruptionBudget,
  V1StatefulSet,
  V2HorizontalPodAutoscaler,
};

/** What KEDA scales, and within which bounds [KEDA, ScaledObject specification]. */
export type ScaledObject = {
  readonly metadata?: { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
    readonly maxReplicaCount?: number;
  };
};

/** An API server as EKS describes it. `authority`: PEM of the only authority whose certificate it may show. */
export type ApiServer = {
  readonly region: string;
  readonly cluster: string;
  readonly endpoint: string;
  readonly authority: string;
};

/** What is listed, as the API server writes it. Nothing in it is certain to be there. */
type Lists = {
  ListNodes: V1Node;
  ListNamespaces: V1Namespace;
  ListPods: V1Pod;
  ListDeployments: V1Deployment;
  ListStatefulSets: V1StatefulSet;
  ListDaemonSets: V1DaemonSet;
  ListEndpointSlices: V1EndpointSlice;
  ListJobs: V1Job;
  ListAutoscalers: V2HorizontalPodAutoscaler;
  ListScaledObjects: ScaledObject;
  ListDisruptionBudgets: V1PodDisruptionBudget;
  ListConfigMaps: Pick<V1ConfigMap, 'metadata'>;
};
/** What is read or changed alone: of a deployment its scale, of a cron job all. A change is merged into what is there; a pod is ended by one. */
type Objects = {
  ReadScale: V1Scale;
  PatchScale: V1Scale;
  ReadCronJob: V1CronJob;
  PatchCronJob: V1CronJob;
  DeletePod: V1Pod;
};

/** `namespace`: of what stands in one; `service`: of endpoint slices, the one that they are of; `metadata`: nothing else is asked for. */
type ListInput = {
  readonly server: ApiServer;
  readonly namespace: string;
  readonly service?: string;
  readonly metadata?: true;
};
type ObjectInput = {
  readonly server: ApiServer;
  readonly namespace: string;
  readonly name: string;
  readonly change?: object;
};
type Operation = keyof Lists | keyof Objects;
type Input<Name extends Operation> = Name extends keyof Lists ? ListInput : ObjectInput;
type Answer<Name extends Operation> = Name extends keyof Lists
  ? { readonly items: readonly Lists[Name][] }
  : Name extends keyof Objects
    ? Objects[Name]
    : never;

const listPaths: Readonly<Record<keyof Lists, (namespace: string) => string>> = {
  ListNodes: () => '/api/v1/nodes',
  ListNamespaces: () => '/api/v1/namespaces',
  ListPods: (namespace) => `/api/v1/namespaces/${namespace}/pods`,
  ListDeployments: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
  ListStatefulSets: (namespace) => `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
  ListDaemonSets: (namespace) => `/apis/apps/v1/namespaces/${namespace}/daemonsets`,
  ListEndpointSlices: (namespace) => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
  ListJobs: (namespace) => `/apis/batch/v1/namespaces/${namespace}/jobs`,
  ListAutoscalers: (namespace) => `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`,
  ListScaledObjects: (namespace) => `/apis/keda.sh/v1alpha1/namespaces/${namespace}/scaledobjects`,
  ListDisruptionBudgets: (namespace) => `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`,
  ListConfigMaps: (namespace) => `/api/v1/namespaces/${namespace}/configmaps`,
};
/** What objects hold beside their metadata the API server leaves out then [Kubernetes, API concepts: metadata-only fetches]. */
const metadataAlone = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const scale = (namespace: string, name: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/scale`;
const cronJob = (namespace: string, name: string) => `/apis/batch/v1/namespaces/${namespace}/cronjobs/${name}`;
const objectPaths: Readonly<Record<keyof Objects, (namespace: string, name: string) => string>> = {
  ReadScale: scale,
  PatchScale: scale,
  ReadCronJob: cronJob,
  PatchCronJob: cronJob,
  DeletePod: (namespace, name) => `/api/v1/namespaces/${namespace}/pods/${name}`,
};

/** Who changed something, as a cluster keeps it. */
export const ownManager = 'breakwater';

const answerMs = 5_000;
/** A page of the API server, and the most pages: nobody has more pods in a namespace. */
const pageSize = 250;
const mostPages = 40;
const mostBytes = 20_000_000;
/** Of metadata alone; whoever asks for it has little memory, and tells people afterwards. */
const mostMetadataBytes = 4_000_000;

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
  async send<Name extends Operation>({
    operation,
    input,
  }: {
    readonly operation: Name;
    readonly input: Input<Name>;
  }): Promise<Answer<Name>> {
    const token = await tokenFor(input.server);
    const isList = Object.hasOwn(listPaths, operation);
    const asked = isList
      ? listed(operation as keyof Lists, input, token)
      : one(operation as keyof Objects, input as ObjectInput, token);
    return (await asked) as Answer<Name>;
  }
}

async function listed(
  operation: keyof Lists,
  { server, namespace, service, metadata }: ListInput,
  token: string,
): Promise<{ readonly items: readonly unknown[] }> {
  const items: unknown[] = [];
  let next = '';
  for (let page = 0; page < mostPages; page += 1) {
    const query = new URLSearchParams({
      limit: String(pageSize),
      ...(next === '' ? {} : { continue: next }),
      ...(service === undefined ? {} : { labelSelector: `kubernetes.io/service-name=${service}` }),
    });
    const path = `${listPaths[operation](encodeURIComponent(namespace))}?${query}`;
    const list = await ask(
      server,
      path,
      token,
      metadata === true ? { accept: metadataAlone, most: mostMetadataBytes } : {},
    );
    items.push(...((list['items'] as readonly unknown[] | undefined) ?? []));
    next = String((list['metadata'] as { readonly continue?: string } | undefined)?.continue ?? '');
    if (next === '') return { items };
  }
  throw new KubernetesFault('TooMuch', null, `it does not end after ${mostPages} pages`);
}

function one(
  operation: keyof Objects,
  { server, namespace, name, change }: ObjectInput,
  token: string,
): Promise<Readonly<Record<string, unknown>>> {
  const path = objectPaths[operation](encodeURIComponent(namespace), encodeURIComponent(name));
  return ask(server, path, token, { change, how: operation === 'DeletePod' ? 'DELETE' : 'PATCH' });
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

/** One request: a look, or a change: merged into what is there, or how it ends. */
function ask(
  { endpoint, authority }: ApiServer,
  path: string,
  token: string,
  {
    change,
    how = 'PATCH',
    accept = 'application/json',
    most = mostBytes,
  }: {
    readonly change?: object | undefined;
    readonly how?: 'PATCH' | 'DELETE';
    readonly accept?: string;
    readonly most?: number;
  },
): Promise<Readonly<Record<string, unknown>>> {
  const url = new URL(path, endpoint);
  const { promise, resolve, reject } = Promise.withResolvers<Readonly<Record<string, unknown>>>();
  const fail = (name: string, status: number | null, message: string) =>
    reject(new KubernetesFault(name, status, message));
  const signal = AbortSignal.timeout(answerMs);
  // What ends a request at its time is called otherwise by node:https.
  const nameOf = ({ code, name }: NodeJS.ErrnoException) => (signal.aborted ? 'TimeoutError' : (code ?? name));
  const body = change === undefined ? null : JSON.stringify(change);
  const headers = {
    // The cluster keeps by this name what was changed [Kubernetes, "Server-Side Apply": managers].
    ...{ authorization: `Bearer ${token}`, accept, 'user-agent': ownManager },
    ...(body !== null && { 'content-type': contentTypes[how], 'content-length': Buffer.byteLength(body) }),
  };
  const method = body === null ? 'GET' : how;
  const asked = request(url, { method, ca: authority, headers, signal, agent: false }, (answer) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    answer.on('error', (error: NodeJS.ErrnoException) =>
      error instanceof KubernetesFault ? reject(error) : fail(nameOf(error), null, 'the answer broke off'),
    );
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > most) answer.destroy(new KubernetesFault('TooMuch', null, 'the answer is too long'));
      else chunks.push(chunk);
    });
    answer.on('end', () => {
      const { statusCode = 0 } = answer;
      const found = jsonIn(Buffer.concat(chunks).toString());
      if ((statusCode === 200 || statusCode === 202) && found !== null) return resolve(found);
      // Only what the API server says of itself: a page of something else in between is not repeated.
      const { message, reason } = found ?? {};
      const said = typeof message === 'string' ? message : 'no answer of an API server';
      fail(typeof reason === 'string' ? reason : 'Unknown', statusCode, said);
    });
  });
  asked.on('error', (error: NodeJS.ErrnoException) =>
    error instanceof KubernetesFault
      ? reject(error)
      : fail(nameOf(error), null, signal.aborted ? `no answer within ${answerMs / 1000} s` : 'no connection'),
  );
  asked.end(body);
  return promise;
}

const contentTypes = { PATCH: 'application/merge-patch+json', DELETE: 'application/json' } as const;

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
export async function list<Name extends keyof Lists>(
  operation: Name,
  server: ApiServer,
  namespace = '',
  service?: string,
): Promise<readonly Lists[Name][]> {
  const input = { server, namespace, ...(service === undefined ? {} : { service }) };
  const of = `${wordsOf[operation]}${namespace === '' ? '' : ` in namespace ${namespace}`}`;
  // A cluster without KEDA has no such sort of things, and answers with a page of its own.
  const request = client(server.region)
    .send<keyof Lists>({ operation, input })
    .catch((error: unknown) => {
      if (operation === 'ListScaledObjects' && faultStatus(error) === 404) return { items: [] };
      throw error;
    });
  return (await calling(`list ${of} of cluster ${server.cluster}`, request)).items as readonly Lists[Name][];
}

/** The metadata of everything of one sort in a namespace. @throws Unavailable, CannotProceed. */
export async function listMetadata(
  operation: keyof Lists,
  server: ApiServer,
  namespace: string,
): Promise<readonly { readonly metadata?: V1ObjectMeta }[]> {
  const input = { server, namespace, metadata: true } as const;
  const request = client(server.region).send<keyof Lists>({ operation, input });
  const what = `list ${wordsOf[operation]} in namespace ${namespace} of cluster ${server.cluster}`;
  return (await calling(what, request)).items as readonly { readonly metadata?: V1ObjectMeta }[];
}

const wordsOf: Readonly<Record<keyof Lists, string>> = {
  ListNodes: 'nodes',
  ListNamespaces: 'namespaces',
  ListPods: 'pods',
  ListDeployments: 'deployments',
  ListStatefulSets: 'stateful sets',
  ListDaemonSets: 'daemon sets',
  ListEndpointSlices: 'endpoints',
  ListJobs: 'jobs',
  ListAutoscalers: 'autoscalers',
  ListScaledObjects: 'scaled objects of KEDA',
  ListDisruptionBudgets: 'disruption budgets',
  ListConfigMaps: 'config maps',
};

/** What stands in a namespace, by its name. */
export type Named = { readonly namespace: string; readonly name: string };

/** How a deployment is scaled. `wanted`: the replicas that it was asked to run; `running`: those that it has, without those that are being ended. */
export type ScaleSeen = { readonly wanted: number; readonly running: number };

/** Null where there is no such deployment. @throws Unavailable, CannotProceed. */
export async function readScale(server: ApiServer, { namespace, name }: Named): Promise<ScaleSeen | null> {
  const input = { server, namespace, name };
  const request = client(server.region).send({ operation: 'ReadScale', input });
  const found = await ifThere(
    `read the scale of deployment ${namespace}/${name} of cluster ${server.cluster}`,
    request,
  );
  return found === null ? null : { wanted: found.spec?.replicas ?? 0, running: found.status?.replicas ?? 0 };
}

/** Asks for so many replicas; false where there is no such deployment. An autoscaler of pods lets one at 0 alone. @throws Unavailable, CannotProceed. */
export async function setReplicas(server: ApiServer, { namespace, name }: Named, replicas: number): Promise<boolean> {
  const input = { server, namespace, name, change: { spec: { replicas } } };
  const request = client(server.region).send({ operation: 'PatchScale', input });
  const what = `ask for ${replicas} replicas of deployment ${namespace}/${name} of cluster ${server.cluster}`;
  return (await ifThere(what, request)) !== null;
}

/** Whether a cron job starts no more jobs; null where there is no such cron job. @throws Unavailable, CannotProceed. */
export async function isSuspended(server: ApiServer, { namespace, name }: Named): Promise<boolean | null> {
  const input = { server, namespace, name };
  const request = client(server.region).send({ operation: 'ReadCronJob', input });
  const found = await ifThere(`read cron job ${namespace}/${name} of cluster ${server.cluster}`, request);
  return found === null ? null : found.spec?.suspend === true;
}

/** False where there is no such cron job. Jobs that have begun go on. @throws Unavailable, CannotProceed. */
export async function suspendCronJob(
  server: ApiServer,
  { namespace, name }: Named,
  suspend: boolean,
): Promise<boolean> {
  const input = { server, namespace, name, change: { spec: { suspend } } };
  const request = client(server.region).send({ operation: 'PatchCronJob', input });
  const what = `${suspend ? 'suspend' : 'resume'} cron job ${namespace}/${name} of cluster ${server.cluster}`;
  return (await ifThere(what, request)) !== null;
}

/** Ends the pod of this uid. @throws CannotProceed where another one has its name by now, Unavailable. */
export async function deletePod(server: ApiServer, { namespace, name }: Named, uid: string): Promise<void> {
  const input = { server, namespace, name, change: { preconditions: { uid } } };
  const request = client(server.region).send({ operation: 'DeletePod', input });
  await calling(`end pod ${namespace}/${name} of cluster ${server.cluster}`, request);
}

async function ifThere<Found>(what: string, request: Promise<Found>): Promise<Found | null> {
  try {
    return await calling(what, request);
  } catch (error) {
    if (faultName(error) === 'NotFound') return null;
    throw error;
  }
}

async function calling<Found>(what: string, request: Promise<Found>): Promise<Found> {
  try {
    return await request;
  } catch (error) {
    throw translated(what, error);
  }
}

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
