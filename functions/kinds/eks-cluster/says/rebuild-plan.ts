// What a plan says of what has to run in a cluster, of scaling it, and of making it again where it is not there: all that the build reads, so that
// `check` can say whether any of it would be lost with the region.
import * as z from 'zod';
import { bucketName, clusterName, kubernetesName, regionName } from '../../../domain/plan/names.ts';

/** Keys become parts of ARNs and of command lines. */
const key = z.string().regex(/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/, 'a key such as backups/latest.yaml');
const roleName = z.string().regex(/^[A-Za-z0-9+=,.@_/-]{1,512}$/, 'the name of a role, with its path');
const host = z.string().regex(/^[a-z0-9.-]+$/, 'the host name of a registry');

/** As many as a region runs when it serves; more are left as they are. */
export const scale = z.strictObject({
  /** What brings more nodes while the region serves: the groups themselves up to their own limit, Karpenter, or EKS Auto Mode. */
  autoscaler: z.enum(['node-groups', 'karpenter', 'auto-mode']).default('node-groups'),
  /** Who replaces nodes that are ill: EKS (node auto repair), or something of your own. */
  repair: z.enum(['eks', 'own']).default('eks'),
  nodeGroups: z.array(z.strictObject({ name: clusterName, desired: z.int().positive().max(450) })),
  deployments: z.array(
    z.strictObject({ namespace: kubernetesName, name: kubernetesName, replicas: z.int().positive().max(10_000) }),
  ),
});

/** What has to run in a region before users are sent there. */
export const workload = z.strictObject({
  /** So many nodes are ready and take pods. */
  nodes: z.int().positive(),
  /** All that is in them is rolled out, and each pod is ready. */
  namespaces: z.array(kubernetesName).min(1),
  /** Services that have an address to send to. */
  services: z.array(z.strictObject({ namespace: kubernetesName, name: kubernetesName })).default([]),
});

const bucket = z.strictObject({ name: bucketName, region: regionName });

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 checksum: 64 digits 0-9 and a-f');

/** An object of the bucket, and what it must be: the build takes no other one. */
const pinned = z.strictObject({ key, sha256 });

/** One version of a tool, as its maker publishes it for linux_amd64, in the folder tools/ of the bucket. */
const tool = z.strictObject({
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'a version such as 1.11.4'),
  sha256,
});

/** Versions that understand what the scripts ask of them: another one would refuse on the day. Terraform writes plans of format 1. */
export const runnable = {
  terraform: {
    runs: /^1\.\d{2,}\./,
    expected: 'a version from 1.10.0 on, before 2.0.0: older ones know no use_lockfile',
  },
  kubectl: { runs: /^1\.(2[4-9]|[3-9]\d|\d{3,})\./, expected: 'a version from 1.24.0 on' },
  helm: { runs: /^4\./, expected: 'a version 4: others do not know --wait=legacy' },
} as const;

export const rebuild = z.strictObject({
  /** All that the build reads, but for the state: tools, source, providers, and the application. */
  bucket,
  tools: z.strictObject({ terraform: tool, kubectl: tool, helm: tool }),
  terraform: z.strictObject({
    /** A tar.gz of the root module with all modules that it calls, and its lock file, by which Terraform checks each provider of the mirror. */
    source: pinned,
    /** The root module in it. */
    directory: key,
    /** Made by `terraform providers mirror`; null: providers come from their registries. */
    providers: key.nullable(),
    state: z.strictObject({
      bucket,
      key,
      /** s3: a lock file beside the state; dynamodb: a table, whose locks name the bucket. */
      lock: z.enum(['s3', 'dynamodb']),
      /** Whether lock files (*.tflock) are replicated into the bucket, where it is a replica. */
      locksReplicated: z.boolean(),
    }),
    /** Who Terraform acts as: it makes networks, roles and clusters. */
    role: roleName,
  }),
  /** What then runs in it. */
  application: z.discriminatedUnion('from', [
    z.strictObject({
      from: z.literal('resources'),
      key,
      namespaces: z.array(kubernetesName).min(1),
      /** An older backup is none. */
      oldestHours: z.number().positive(),
      /** Texts that name the other region, and what stands for them in this one. */
      replace: z.record(z.string().min(1), z.string()),
    }),
    z.strictObject({
      from: z.literal('chart'),
      chart: pinned,
      values: pinned.nullable(),
      release: kubernetesName,
      namespace: kubernetesName,
    }),
  ]),
  /** Where images are pulled from. */
  registries: z.array(host),
  /** How long it takes from the build's start until the page answers, as the last rehearsal measured it. */
  seconds: z.number().positive(),
});

export type Workload = Readonly<z.infer<typeof workload>>;
export type Scale = z.infer<typeof scale>;
/** One that is scaled, and the replicas that it has where its region serves. */
export type Deployment = Scale['deployments'][number];
export type Rebuild = z.infer<typeof rebuild>;
/** What a plan says of a cluster in a region. */
export type ClusterPlace = {
  readonly cluster: string;
  readonly warm: boolean;
  readonly scale?: Scale | undefined;
  readonly rebuild?: Rebuild | undefined;
  readonly workload?: Workload | undefined;
};

/** The deployments of a region's cluster that the plan has numbers of. */
export function deploymentsIn({ scale: numbers }: Pick<ClusterPlace, 'scale'>): readonly Deployment[] {
  return numbers?.deployments ?? [];
}

/** What stands in a namespace, as people write it. */
export function nameOf({ namespace, name }: Pick<Deployment, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** The project that makes a cluster of a region again, scales what runs in it, and tries its resource backup. */
export function recoverProject(asset: string, prefix: string): string {
  return `${prefix}-recover-${asset}`;
}

/** The project that copies what makes up the application into the bucket of the other region. */
export function backUpProject(asset: string, prefix: string): string {
  return `${prefix}-back-up-${asset}`;
}

const ecr = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\./;

/** Registries of ECR among hosts; whether something else has an image, nobody here can ask. */
export function registriesIn(hosts: readonly string[]): { host: string; registry: string; region: string }[] {
  return hosts.flatMap((host) => {
    const [, registry, region] = ecr.exec(host) ?? [];
    return registry === undefined || region === undefined ? [] : [{ host, registry, region }];
  });
}

/** A quota on vCPUs that run at once, and how its use is called in the metrics of AWS/Usage. */
export type Quota = { readonly code: string; readonly usage: string };

/** Of instances of the standard families. Source: EC2, "On-Demand Instance quotas" and "Spot Instance quotas". */
export const onDemand: Quota = { code: 'L-1216C47A', usage: 'Standard/OnDemand' };
export const ofSpot: Quota = { code: 'L-34B43A08', usage: 'Standard/Spot' };
