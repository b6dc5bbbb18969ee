// What the function that asks databases with SQL may do besides, where the plan has one asked: read the two secrets of its region.
import { expect, test } from 'vitest';
import { readPolicies } from '../../simulator/iam/policies.ts';
import { madeOf } from '../permissions/packaged.ts';
import { resolver } from '../permissions/resolve.ts';
import { plan } from '../plan.ts';
import { dataKey, planWithData } from '../with-data.ts';

const region = 'us-west-2';

function rightsOf(of: typeof plan) {
  const resources = madeOf(of, region);
  return readPolicies(resources, 'RdsInstanceVerifyRole', resolver(resources, region));
}

test('it may read the secrets of its region and use their key, and the key of the stack not', () => {
  const found = rightsOf(planWithData()).filter((right) => JSON.stringify(right).includes('secretsmanager'));
  const secret = (name: string) => `arn:aws:secretsmanager:us-west-2:111122223333:secret:${name}-??????`;
  expect(found).toEqual([
    expect.objectContaining({
      Action: ['secretsmanager:GetSecretValue'],
      Resource: [secret('chatops/reader'), secret('chatops/writer')],
    }),
    expect.objectContaining({
      Action: ['kms:Decrypt'],
      Resource: [dataKey],
      Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.us-west-2.amazonaws.com' } },
    }),
  ]);
});

test('without data in the plan it may read no secret', () => {
  expect(JSON.stringify(rightsOf(plan))).not.toContain('secretsmanager');
});

test('it stands in the network of the plan, where the database can be reached', () => {
  const joined = madeOf(planWithData(), region)['VpcRights'];
  expect(JSON.stringify(joined)).toContain('RdsInstanceVerifyRole');
  expect(JSON.stringify(madeOf({ ...plan, vpc: planWithData().vpc }, region)['VpcRights'])).not.toContain(
    'RdsInstanceVerifyRole',
  );
});
