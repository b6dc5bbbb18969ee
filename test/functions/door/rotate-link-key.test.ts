// Rotation of the key of the links, against a secret that behaves as Secrets Manager's do.
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { beforeEach, expect, test } from 'vitest';
import { readKeyRing } from '../../../functions/domain/approval/link.ts';
import { handler } from '../../../functions/rotate-link-key.ts';
import { mocked } from '../../mocked.ts';
import { failureOf, setting } from '../setting.ts';

const secrets = mocked(SecretsManagerClient);
const shell = setting({ region: 'us-west-2' });
const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
/** Versions of the secret: their stages and values. */
let versions: Map<string, { stages: string[]; value: string | null }>;

const missing = () =>
  Object.assign(new Error('none'), { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 400 } });

beforeEach(() => {
  secrets.reset();
  const seed = 's'.repeat(43);
  versions = new Map([['v0', { stages: ['AWSCURRENT'], value: JSON.stringify({ keys: [], seed }) }]]);
  secrets.on(DescribeSecretCommand).callsFake(() => ({
    VersionIdsToStages: Object.fromEntries([...versions].map(([id, { stages }]) => [id, stages])),
  }));
  secrets.on(GetSecretValueCommand).callsFake(({ VersionId, VersionStage }) => {
    const found = [...versions].find(([id, { stages, value }]) => {
      return value !== null && (VersionId === undefined || id === VersionId) && stages.includes(VersionStage);
    });
    if (found === undefined) throw missing();
    return { SecretString: found[1].value };
  });
  secrets.on(PutSecretValueCommand).callsFake(({ ClientRequestToken, SecretString }) => {
    const version = versions.get(ClientRequestToken);
    if (version === undefined || version.value !== null) throw new Error('kept before with another value');
    version.value = SecretString;
    return {};
  });
  secrets.on(UpdateSecretVersionStageCommand).callsFake(({ MoveToVersionId, RemoveFromVersionId }) => {
    for (const [id, version] of versions) {
      version.stages = version.stages.filter((stage) => stage === 'AWSPENDING' && id !== MoveToVersionId);
    }
    versions.get(MoveToVersionId)?.stages.push('AWSCURRENT');
    expect(RemoveFromVersionId).not.toBe(MoveToVersionId);
    return {};
  });
});

const run = (Step: string, version: string, SecretId: unknown = shell.linkKey) =>
  handler.on(shell)({ Step, SecretId, ClientRequestToken: version });
const begin = (version: string) => versions.set(version, { stages: ['AWSPENDING'], value: null });
async function rotate(version: string): Promise<void> {
  begin(version);
  for (const step of steps) await run(step, version);
}
const current = () => [...versions.values()].find(({ stages }) => stages.includes('AWSCURRENT'))?.value ?? '';
const ids = () => readKeyRing(current())?.map(({ id }) => id);

test('a rotation puts a new key in front and keeps the two before it', async () => {
  const seen: string[][] = [];
  for (const version of ['v1', 'v2', 'v3']) {
    await rotate(version);
    seen.push(ids() ?? []);
  }
  expect(seen).toEqual([
    ['k1', 'k0'],
    ['k2', 'k1', 'k0'],
    ['k3', 'k2', 'k1'],
  ]);
  const keys = readKeyRing(current())?.map(({ key }) => Buffer.from(key).toString('hex'));
  expect(new Set(keys).size).toBe(3);
});

test('the seed stays a key until it is old, so that links made with it open', async () => {
  await rotate('v1');
  expect(Buffer.from(readKeyRing(current())?.[1]?.key ?? []).toString()).toBe('s'.repeat(43));
});

test('every step may be repeated', async () => {
  begin('v1');
  for (const step of steps) {
    await run(step, 'v1');
    await run(step, 'v1');
  }
  expect(ids()).toEqual(['k1', 'k0']);
  for (const step of steps) await run(step, 'v1');
  expect(ids()).toEqual(['k1', 'k0']);
});

test.for(['testSecret', 'finishSecret'])(
  'a pending key ring that would leave open links dead is not put into use: %s',
  async (step) => {
    const key = Buffer.alloc(32, 'x').toString('base64');
    versions.set('v1', { stages: ['AWSPENDING'], value: JSON.stringify({ keys: [{ id: 'k1', key }] }) });
    expect(await failureOf(run(step, 'v1'))).toMatchObject({ name: 'CannotProceed' });
    expect(ids()).toEqual(['k0']);
  },
);

/** A version that RotateSecret makes for its test of the configuration, and removes afterwards. */
const trials = [
  ['without a value', () => null],
  ['with an empty value', () => ''],
  ['with the value in use', current],
] as const;

test.for(trials)('a deployment that changes no key tests the function on a version %s', async ([, value]) => {
  await rotate('v1');
  versions.set('trial', { stages: ['AWSPENDING'], value: value() });
  await run('testSecret', 'trial');
  expect(ids()).toEqual(['k1', 'k0']);
});

test.for(trials)('a version %s is never put into use', async ([, value]) => {
  await rotate('v1');
  versions.set('trial', { stages: ['AWSPENDING'], value: value() });
  expect(await failureOf(run('finishSecret', 'trial'))).toMatchObject({ name: 'CannotProceed' });
  expect(ids()).toEqual(['k1', 'k0']);
});

test('the test of the configuration fails where the secret itself holds no key ring', async () => {
  versions.set('v0', { stages: ['AWSCURRENT'], value: '{"password":"x"}' });
  versions.set('trial', { stages: ['AWSPENDING'], value: null });
  expect(await failureOf(run('testSecret', 'trial'))).toMatchObject({ name: 'CannotProceed' });
});

test.for([
  ['of another secret', () => run('createSecret', 'v0', 'arn:another')],
  ['of a version that there is not', () => run('createSecret', 'v9')],
  ['that is none of the four steps', () => run('dropSecret', 'v0')],
])('a rotation %s is refused', async ([, call]) => {
  expect(await failureOf((call as () => Promise<unknown>)())).toMatchObject({ name: 'InvalidInput' });
});
