// Which control planes can be asked with a plan, and what an answer says.
import { expect, test } from 'vitest';
import { askable, probeValue } from '../../../../functions/domain/signals/probe.ts';
import { plan } from '../../../plan.ts';

test('a service can be asked without an asset, or about one that the plan has', () => {
  expect(askable(plan)).toEqual(['ec2', 'eks', 'elb', 'rds', 'elasticache', 'sts', 'dynamodb']);
  const only = (kind: string) => askable({ assets: plan.assets.filter((asset) => asset.kind === kind) });
  expect(only('rds-instance')).toEqual(['ec2', 'elb', 'rds', 'sts', 'dynamodb']);
  expect(only('eks-cluster')).toEqual(['ec2', 'eks', 'elb', 'sts', 'dynamodb']);
  expect(only('elasticache')).toEqual(['ec2', 'elb', 'elasticache', 'sts', 'dynamodb']);
  expect(only('load-balancer')).toEqual(['ec2', 'elb', 'sts', 'dynamodb']);
});

test.for([
  ['it answers', 200, 1],
  ['it refuses', 403, 1],
  ['it is busy', 429, 1],
  ['the last refusal', 499, 1],
  ['it fails', 500, 0],
  ['it is not there', 503, 0],
  ['nothing answers', null, 0],
] as const)('a control plane is well or not: %s', ([, status, value]) => {
  expect(probeValue(status)).toBe(value);
});
