// EKS: says whether a cluster of the plan stands.
import * as z from 'zod';
import { assetsOf } from '../../../functions/domain/assets.ts';
import { type Answers, read } from '../apis/answer.ts';
import { refusal } from '../aws-error.ts';

export const eks: Answers = {
  DescribeCluster(call, { world: { plan } }) {
    const { name } = read(z.looseObject({ name: z.string() }), call);
    const known = assetsOf('eks-cluster', plan).some(({ regions }) => regions[call.region]?.cluster === name);
    if (!known) throw refusal('ResourceNotFoundException', `No cluster found for name: ${name}.`, 404);
    return { cluster: { name, status: 'ACTIVE' } };
  },
};
