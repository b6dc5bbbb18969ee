// What EC2, Service Quotas and ECR say: how large a type of instance is, how many vCPUs an account may run at once, which images there are.
import * as z from 'zod';
import { type Answers, read } from '../apis/answer.ts';
import { refusal } from '../calls/aws-error.ts';

/** The type of every node. */
export const nodeType = 'm6i.xlarge';

const sizes: Readonly<Record<string, number>> = { [nodeType]: 4, 'm6i.2xlarge': 8 };
const quotas: Readonly<Record<string, number>> = {
  'ec2 L-1216C47A': 256,
  'ec2 L-34B43A08': 256,
  'elasticache L-DFE45DF3': 300,
};

/** What runs in each cluster, and was replicated into the registry of the other region. */
const images: Readonly<Record<string, readonly string[]>> = { 'chatops/api': ['1.4.0'], 'chatops/worker': ['1.4.0'] };

/** A resource backup, as far as anybody here reads it: a workload for each image. */
export function backupNaming([host = 'registry.example.com']: readonly string[]): string {
  const all = Object.entries(images).flatMap(([repository, tags]) => tags.map((tag) => `${host}/${repository}:${tag}`));
  return all.map((image) => `---\n${JSON.stringify({ kind: 'Deployment', image }, null, 2)}\n`).join('');
}

const describe = z.looseObject({
  repositoryName: z.string(),
  imageIds: z.array(z.looseObject({ imageTag: z.string().optional(), imageDigest: z.string().optional() })).default([]),
});
const types = z.looseObject({ InstanceTypes: z.array(z.string()).min(1) });
const quota = z.looseObject({ ServiceCode: z.string(), QuotaCode: z.string() });

export const room: Readonly<Record<'ec2' | 'service-quotas' | 'ecr', Answers>> = {
  ecr: {
    DescribeImages(call) {
      const { repositoryName, imageIds } = read(describe, call);
      const tags = images[repositoryName];
      if (tags === undefined)
        throw refusal(
          'RepositoryNotFoundException',
          `The repository with name '${repositoryName}' does not exist in the registry`,
        );
      for (const { imageTag = 'null', imageDigest = 'null' } of imageIds)
        if (!tags.includes(imageTag))
          throw refusal(
            'ImageNotFoundException',
            `The image with imageId {imageDigest:'${imageDigest}', imageTag:'${imageTag}'} does not exist within the repository with name '${repositoryName}'`,
          );
      return { imageDetails: imageIds.map(({ imageTag }) => ({ repositoryName, imageTags: [imageTag] })) };
    },
  },
  ec2: {
    DescribeInstanceTypes(call) {
      const { InstanceTypes: asked } = read(types, call);
      const unknown = asked.filter((type) => sizes[type] === undefined);
      if (unknown.length > 0)
        throw refusal(
          'InvalidInstanceType',
          `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
        );
      return {
        InstanceTypes: asked.map((InstanceType) => ({ InstanceType, VCpuInfo: { DefaultVCpus: sizes[InstanceType] } })),
      };
    },
  },
  'service-quotas': {
    GetServiceQuota(call) {
      const { ServiceCode, QuotaCode } = read(quota, call);
      const Value = quotas[`${ServiceCode} ${QuotaCode}`];
      if (Value === undefined)
        throw refusal(
          'NoSuchResourceException',
          'The request failed because the specified service does not exist.',
          400,
        );
      return { Quota: { ServiceCode, QuotaCode, Value, Unit: 'None', Adjustable: true, GlobalQuota: false } };
    },
  },
};
