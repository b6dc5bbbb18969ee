// A secret's versions and stages move as Secrets Manager moves them.
import { beforeEach, expect, test } from 'vitest';
import { createSecrets, type Secrets } from '../../../simulator/aws/secrets.ts';

const SecretId = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:key-AbCdEf';
let secrets: Secrets;

beforeEach(() => {
  secrets = createSecrets([SecretId], 'us-east-1');
});

const staged = (VersionStage = 'AWSCURRENT') => secrets.answer('GetSecretValue', { SecretId, VersionStage });

test('the first value is the seed, the same in each drill and another in each region', () => {
  expect(staged()).toMatchObject({ VersionStages: ['AWSCURRENT'] });
  const other = createSecrets([SecretId], 'us-west-2').answer('GetSecretValue', { SecretId });
  expect(other['SecretString']).not.toBe(staged()['SecretString']);
});

test('a pending version comes into use, and the one before it is kept', () => {
  const put = { SecretId, ClientRequestToken: 'v2', SecretString: 'two', VersionStages: ['AWSPENDING'] };
  secrets.answer('PutSecretValue', put);
  expect(staged('AWSPENDING')).toMatchObject({ SecretString: 'two' });
  const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: 'v2', RemoveFromVersionId: 'version-1' };
  secrets.answer('UpdateSecretVersionStage', move);
  expect(staged()).toMatchObject({ VersionId: 'v2', SecretString: 'two' });
  const { VersionIdsToStages } = secrets.answer('DescribeSecret', { SecretId });
  expect(VersionIdsToStages).toEqual({ 'version-1': ['AWSPREVIOUS'], v2: ['AWSPENDING', 'AWSCURRENT'] });
});

test.for<[string, string, Readonly<Record<string, unknown>>, string]>([
  ['a secret that is not there', 'GetSecretValue', { SecretId: 'other' }, 'ResourceNotFoundException'],
  ['a stage that no version has', 'GetSecretValue', { VersionStage: 'AWSPENDING' }, 'ResourceNotFoundException'],
  [
    'another value for a version',
    'PutSecretValue',
    { ClientRequestToken: 'version-1', SecretString: 'x' },
    'ResourceExistsException',
  ],
  [
    'a stage that is somewhere else',
    'UpdateSecretVersionStage',
    { VersionStage: 'AWSCURRENT', MoveToVersionId: 'v2', RemoveFromVersionId: 'v9' },
    'InvalidParameterException',
  ],
])('%s is refused', ([, operation, input, name]) => {
  expect(() => secrets.answer(operation, { SecretId, ...input })).toThrow(expect.objectContaining({ name }));
});

test('the version of a test holds nothing', () => {
  const VersionId = secrets.pend(SecretId);
  expect(() => secrets.answer('GetSecretValue', { SecretId, VersionId, VersionStage: 'AWSPENDING' })).toThrow(
    expect.objectContaining({ name: 'ResourceNotFoundException' }),
  );
});
