// The images that a resource backup would have pulled: which they are, and whether the registry of the standby has them.
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeEach, expect, test } from 'vitest';
import { pulledBy } from '../../../../../functions/kinds/eks-cluster/rules/images.ts';
import { imagesAreReady } from '../../../../../functions/kinds/eks-cluster/seen/images.ts';
import type { Call } from '../../../../../simulator/estate/types.ts';
import { runIn } from '../../../../../simulator/sdk.ts';
import { the, withRebuild } from '../../../../assets.ts';
import { mocked } from '../../../../mocked.ts';
import { plan as base } from '../../../../plan.ts';
import { setting } from '../../../setting.ts';

const s3 = mocked(S3Client);
const plan = withRebuild(base);
const shell = setting({ plan, region: 'us-west-2' });
const host = '111122223333.dkr.ecr.us-west-2.amazonaws.com';
const digest = `sha256:${'0a'.repeat(32)}`;
const deployment = (...images: string[]) =>
  `---\n${JSON.stringify({ kind: 'Deployment', containers: images.map((image) => ({ image })) }, null, 2)}\n`;
const key = 'backups/chatops-resources-latest.yaml';
const place = { registry: '111122223333', region: 'us-west-2' };
let asked: object[];
/** What ECR says no with; null: it has all. */
let no: string | null;

beforeEach(() => {
  s3.reset();
  asked = [];
  no = null;
  backedUp(deployment(`${host}/chatops/api:1.4.0`, `${host}/chatops/api:1.4.0@${digest}`, `${host}/chatops/worker`));
});

const backedUp = (text: string) =>
  s3.on(GetObjectCommand).callsFake(async ({ Key }) => {
    if (Key === `${key}.images`) throw Object.assign(new Error('none'), { name: 'NoSuchKey' });
    return { Body: { transformToString: async () => text } };
  });

async function answer({ operation, input, region }: Call): Promise<unknown> {
  asked.push({ operation, region, ...input });
  if (no !== null && input['repositoryName'] === 'chatops/api')
    throw Object.assign(new Error('no'), { name: no, $metadata: { httpStatusCode: 400 } });
  return { imageDetails: [] };
}

const look = () => {
  const caller = { region: 'us-west-2', step: '', execution: '', incident: '' };
  return runIn({ answer, caller }, () => imagesAreReady(the('eks-cluster', plan), shell));
};

test('each repository is asked once for all that is pulled of it', async () => {
  expect(await look()).toEqual({
    state: 'ready',
    why: `all 3 images that resource backup ${key} pulls are in its registry`,
  });
  const common = { operation: 'DescribeImages', region: 'us-west-2', registryId: '111122223333' };
  expect(asked).toEqual([
    { ...common, repositoryName: 'chatops/api', imageIds: [{ imageTag: '1.4.0' }, { imageDigest: digest }] },
    { ...common, repositoryName: 'chatops/worker', imageIds: [{ imageTag: 'latest' }] },
  ]);
});

test.for([
  ['ImageNotFoundException', `of repository chatops/api in us-west-2, one is missing of 1.4.0, ${digest}`],
  ['RepositoryNotFoundException', 'there is no repository chatops/api in us-west-2'],
])('%s is not ready', async ([name, why]) => {
  no = name ?? null;
  expect(await look()).toEqual({ state: 'not-ready', why });
});

test('a registry that refuses to say is unknown, and no missing image', async () => {
  no = 'AccessDeniedException';
  await expect(look()).rejects.toThrow(/AccessDenied/);
});

test('a backup that names no image of the plan’s registries says nothing', async () => {
  backedUp(deployment('docker.io/library/nginx:1'));
  expect(await look()).toMatchObject({ state: 'unknown' });
  expect(asked).toEqual([]);
});

test('an image of a registry of ECR that the plan does not name is not ready; of others it is only said', async () => {
  backedUp(
    deployment(`${host}/chatops/worker`, 'nginx:1', '111122223333.dkr.ecr.us-east-1.amazonaws.com/chatops/api:1'),
  );
  expect(await look()).toEqual({
    state: 'not-ready',
    why: `resource backup ${key} pulls from registries that the plan does not name: 111122223333.dkr.ecr.us-east-1.amazonaws.com/chatops/api:1`,
  });
  backedUp(deployment(`${host}/chatops/worker`, 'nginx:1'));
  expect(await look()).toEqual({
    state: 'ready',
    why: `all 1 images that resource backup ${key} pulls are in its registry; 1 more of other registries were not looked at`,
  });
});

test('what a chart pulls is read where its daily dry run wrote it', async () => {
  const sha256 = 'a'.repeat(64);
  const chart = { from: 'chart' as const, chart: { key: 'c.tgz', sha256 }, values: null, release: 'r', namespace: 'n' };
  const charted = withRebuild(base, (one) => ({
    ...one,
    ...(one.rebuild && { rebuild: { ...one.rebuild, application: chart } }),
  }));
  const caller = { region: 'us-west-2', step: '', execution: '', incident: '' };
  const lookAt = () => runIn({ answer, caller }, () => imagesAreReady(the('eks-cluster', charted), shell));
  backedUp(`"image": "${host}/chatops/worker:2"\n`);
  expect(await lookAt()).toEqual({ state: 'ready', why: 'all 1 images that chart c.tgz pulls are in its registry' });
  expect(s3.commandCalls(GetObjectCommand)[0]?.args[0].input).toMatchObject({ Key: 'c.tgz.images' });
  s3.on(GetObjectCommand).rejects(Object.assign(new Error('no'), { name: 'NoSuchKey' }));
  expect(await lookAt()).toEqual({ state: 'not-ready', why: 'no dry run has said yet what chart c.tgz pulls' });
});

test('the region that serves is looked at too, in its own bucket and registry; there the other one may have had nothing to copy yet', async () => {
  const serving = setting({ plan, region: 'us-east-1' });
  const caller = { region: 'us-east-1', step: '', execution: '', incident: '' };
  const lookThere = () => runIn({ answer, caller }, () => imagesAreReady(the('eks-cluster', plan), serving));
  const here = host.replace('us-west-2', 'us-east-1');
  backedUp(deployment(`${here}/chatops/api:1.4.0`));
  no = 'ImageNotFoundException';
  expect(await lookThere()).toEqual({ state: 'not-ready', why: 'image chatops/api 1.4.0 is not in us-east-1' });
  s3.on(GetObjectCommand).rejects(Object.assign(new Error('none'), { name: 'NoSuchKey' }));
  expect(await lookThere()).toEqual({
    state: 'ready',
    why: `us-east-1 serves users, and there is no resource backup ${key} yet`,
  });
});

test('what the pods ran that were copied is looked for too: operators and webhooks bring images that no backup names', async () => {
  const of = (text: string) => ({ Body: { transformToString: async () => text } as never });
  s3.on(GetObjectCommand, { Key: `${key}.images` }).resolves(of(`"image": "${host}/mesh/proxy:2"\n`));
  expect(await look()).toMatchObject({ state: 'ready', why: expect.stringMatching(/^all 4 images/) });
  expect(asked).toContainEqual(
    expect.objectContaining({ repositoryName: 'mesh/proxy', imageIds: [{ imageTag: '2' }] }),
  );
});

test('neither does one that is not there make them ready', async () => {
  s3.on(GetObjectCommand).rejects(
    Object.assign(new Error('none'), { name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } }),
  );
  expect(await look()).toEqual({ state: 'not-ready', why: `there is no resource backup ${key}` });
});

test('what only looks like an image is none', () => {
  const text =
    deployment(`${host}/a/b:1`) + JSON.stringify({ kind: 'ConfigMap', data: { note: `"image" is ${host}/c:2` } });
  expect(pulledBy(text, [host, 'quay.io'])).toEqual([{ ...place, repository: 'a/b', images: ['1'] }]);
  expect(pulledBy(text.replaceAll('.', 'x'), [host])).toEqual([]);
});
