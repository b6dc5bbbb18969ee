// What EC2 and Service Quotas say of instances: how large a type is, and how many vCPUs an account may run at once.
import * as z from 'zod';
import { type Answers, read } from '../apis/answer.ts';
import { refusal } from '../aws-error.ts';

/** The type of every node. */
export const nodeType = 'm6i.xlarge';

const sizes: Readonly<Record<string, number>> = { [nodeType]: 4, 'm6i.2xlarge': 8 };
const quotas: Readonly<Record<string, number>> = { 'L-1216C47A': 256, 'L-34B43A08': 256 };

const types = z.looseObject({ InstanceTypes: z.array(z.string()).min(1) });
const quota = z.looseObject({ ServiceCode: z.string(), QuotaCode: z.string() });

export const room: Readonly<Record<'ec2' | 'service-quotas', Answers>> = {
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
      const Value = quotas[QuotaCode];
      if (ServiceCode !== 'ec2' || Value === undefined)
        throw refusal('NoSuchResourceException', 'The request failed because the specified service does not exist.', 400);
      return { Quota: { ServiceCode, QuotaCode, Value, Unit: 'None', Adjustable: true, GlobalQuota: false } };
    },
  },
};
