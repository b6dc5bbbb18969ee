// The build projects of a cluster: one that makes it again, scales what runs in it and tries its resource backup, and one that copies
// what runs in it into the bucket of the other region. Pure.
import type { Consuming } from '../../../domain/kind/kind.ts';
import type { KindProject } from '../../../domain/kind/projects.ts';
import { accountId, arnIn, type KindRight } from '../../../domain/kind/rights.ts';
import type { Task } from '../moves.ts';
import { backUpProject, type ClusterPlace, deploymentsIn, type Rebuild, recoverProject } from './rebuild-plan.ts';

type About = {
  readonly here: string;
  readonly there: string;
  readonly prefix: string;
  readonly consuming: readonly Consuming[];
};
type Cluster = { readonly name: string; readonly regions: Readonly<Record<string, ClusterPlace>> };

/** CodeBuild ends a build after 8 h at most [AWS, quotas of CodeBuild]. */
const mostMinutes = 480;
/** A copy of some hundred objects takes a minute or two. */
const copyMinutes = 30;

export function projectsIn({ name, regions }: Cluster, { here, there, prefix, consuming }: About): KindProject[] {
  const own = regions[here];
  const theirs = regions[there];
  return [
    ...(own?.rebuild === undefined
      ? []
      : [recovering(recoverProject(name, prefix), own, own.rebuild, here, consuming)]),
    ...(own === undefined || theirs?.rebuild === undefined || here === there
      ? []
      : backingUp(backUpProject(name, prefix), own, theirs.rebuild, here, there)),
  ];
}

function recovering(
  name: string,
  place: ClusterPlace,
  rebuild: Rebuild,
  here: string,
  consuming: readonly Consuming[],
): KindProject {
  const { cluster } = place;
  const idle = consuming.filter((one) => one.cluster === cluster);
  const { bucket, terraform, application, seconds } = rebuild;
  const { state, providers } = terraform;
  const keys = applicationKeys(rebuild);
  return {
    name,
    description: `Makes cluster ${cluster} again, scales what runs in it, and tries its resource backup`,
    variables: {
      // Whoever starts a build by hand and says no task changes nothing.
      TASK: 'dry-run',
      ...common(cluster, here, rebuild),
      TOOLS: toolsOf(rebuild, ['terraform', 'kubectl', 'helm']),
      SOURCE: terraform.source.key,
      SOURCE_SHA256: terraform.source.sha256,
      DIRECTORY: terraform.directory,
      PROVIDERS: providers ?? '',
      STATE_BUCKET: state.bucket.name,
      STATE_KEY: state.key,
      STATE_REGION: state.bucket.region,
      ROLE_ARN: roleArn(terraform.role),
      ...(application.from === 'resources'
        ? { RESOURCES_KEY: application.key, OLDEST_HOURS: String(Math.ceil(application.oldestHours)) }
        : {
            CHART_KEY: application.chart.key,
            CHART_SHA256: application.chart.sha256,
            VALUES_KEY: application.values?.key ?? '',
            VALUES_SHA256: application.values?.sha256 ?? '',
            RELEASE: application.release,
            NAMESPACE: application.namespace,
          }),
      DEPLOYMENTS: scaledOf(place),
      // What works without a user is applied, and stands still until what it writes to has taken over.
      CONSUMERS: idle.map((one) => `${one.kind} ${one.namespace} ${one.name}`).join(';'),
    },
    tasks: ['rebuild', 'scale'] satisfies Task[],
    may: [
      seeCluster(cluster, here),
      reads(bucket.name, [
        ...toolKeys(rebuild, ['terraform', 'kubectl', 'helm']),
        terraform.source.key,
        ...(providers === null ? [] : [`${providers}/*`]),
        ...keys,
      ]),
      // Without it S3 says of what is not there that it is forbidden, and a folder cannot be copied.
      { sid: 'SeeBucket', actions: ['s3:ListBucket'], on: [arnOf(bucket.name)] },
      writes(bucket.name, [
        'builds/*',
        application.from === 'resources' ? `${application.key}.dry-run` : imagesKey(application.chart),
      ]),
      { sid: 'RunTerraform', actions: ['sts:AssumeRole'], on: [roleArn(terraform.role)] },
    ],
    minutes: Math.min(mostMinutes, Math.max(60, Math.ceil((2 * seconds) / 60))),
    daily: true,
  };
}

/** Beside a chart, what it pulls, as its daily look finds; beside a resource backup, what the pods run that it was made of. */
export function imagesKey({ key }: { readonly key: string }): string {
  return `${key}.images`;
}

/** None where the chart is what is installed: it lies in the bucket already. */
function backingUp(name: string, place: ClusterPlace, rebuild: Rebuild, here: string, there: string): KindProject[] {
  const { cluster } = place;
  const { bucket, application } = rebuild;
  if (application.from !== 'resources') return [];
  return [
    {
      name,
      description: `Copies what runs in cluster ${cluster} into ${bucket.name}, for ${there}`,
      variables: {
        TASK: 'back-up',
        ...common(cluster, here, rebuild),
        TOOLS: toolsOf(rebuild, ['kubectl']),
        NAMESPACES: application.namespaces.join(' '),
        LOST_REGION: here,
        OTHER_REGION: there,
        REPLACE: JSON.stringify(application.replace),
        RESOURCES_KEY: application.key,
        DEPLOYMENTS: scaledOf(place),
      },
      tasks: [],
      may: [
        seeCluster(cluster, here),
        reads(bucket.name, toolKeys(rebuild, ['kubectl'])),
        writes(bucket.name, ['builds/*', application.key, imagesKey(application)]),
      ],
      minutes: copyMinutes,
      daily: true,
    },
  ];
}

/** As the scripts take them; empty where the plan has none. */
function scaledOf(place: ClusterPlace): string {
  return deploymentsIn(place)
    .map((one) => `${one.namespace} ${one.name} ${one.replicas}`)
    .join(';');
}

function common(cluster: string, here: string, { bucket }: Rebuild): Record<string, string> {
  return { CLUSTER: cluster, REGION: here, BUCKET: bucket.name, BUCKET_REGION: bucket.region };
}

type Tool = keyof Rebuild['tools'];

/** As their makers call them. */
const published: Readonly<Record<Tool, (version: string) => string>> = {
  terraform: (version) => `tools/terraform_${version}_linux_amd64.zip`,
  kubectl: (version) => `tools/kubectl-v${version}-linux-amd64`,
  helm: (version) => `tools/helm-v${version}-linux-amd64.tar.gz`,
};

function toolKeys({ tools }: Rebuild, which: readonly Tool[]): string[] {
  return which.map((tool) => published[tool](tools[tool].version));
}

function toolsOf(rebuild: Rebuild, which: readonly Tool[]): string {
  const keys = toolKeys(rebuild, which);
  return which.map((tool, index) => `${tool} ${keys[index]} ${rebuild.tools[tool].sha256}`).join(';');
}

/** What a rebuild brings from the bucket beside its backup, which has a check of its own, and the mirror of its providers, which is a folder. */
export function broughtBy(rebuild: Rebuild): string[] {
  const { terraform, application } = rebuild;
  return [
    ...toolKeys(rebuild, ['terraform', 'kubectl', 'helm']),
    terraform.source.key,
    ...(application.from === 'resources' ? [] : applicationKeys(rebuild)),
  ];
}

function applicationKeys({ application }: Rebuild): string[] {
  if (application.from === 'resources') return [application.key];
  return [application.chart.key, ...(application.values === null ? [] : [application.values.key])];
}

function seeCluster(cluster: string, here: string): KindRight {
  return { sid: 'SeeCluster', actions: ['eks:DescribeCluster'], on: [arnIn('eks', here, `cluster/${cluster}`)] };
}

function reads(bucket: string, keys: readonly string[]): KindRight {
  return { sid: 'Read', actions: ['s3:GetObject'], on: keys.map((key) => arnOf(`${bucket}/${key}`)) };
}

function writes(bucket: string, keys: readonly string[]): KindRight {
  return { sid: 'Write', actions: ['s3:PutObject'], on: keys.map((key) => arnOf(`${bucket}/${key}`)) };
}

function arnOf(path: string): string {
  return `arn:\${AWS::Partition}:s3:::${path}`;
}

function roleArn(role: string): string {
  return `arn:\${AWS::Partition}:iam::${accountId}:role/${role}`;
}
