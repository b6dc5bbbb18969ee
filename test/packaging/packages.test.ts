// What a deployment uploads: the zips that packaging makes, and the handlers in them.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Archive, readArchives } from '../../cli/packaged/archives.ts';
import { packageStack } from '../../cli/packaged/packaging.ts';
import { templateIn } from '../../cli/packaged/template.ts';
import { tooLarge } from '../../cli/size.ts';
import { folderOf, packaged as plan } from '../permissions/packaged.ts';
import { planText as written } from '../plan.ts';
import { fileOf } from '../statemachines/flows.ts';

const root = join(import.meta.dirname, '../..');
const { roles } = plan;
const [observer = ''] = roles.observers;

let folder: string;
let archives: Archive[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-packages-'));
  archives = readArchives(await folderOf(roles.primary));
}, 480_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('each zip holds its function, where its lines come from, and nothing else', () => {
  expect(archives.length).toBeGreaterThan(30);
  for (const { name, files, bundle } of archives)
    expect([name, bundle, Object.keys(files).toSorted()]).toEqual([
      name,
      fileOf(name, plan).replace(/\.ts$/, '.mjs'),
      [bundle, `${bundle}.map`],
    ]);
});

test('no bundle is over the limit', () => {
  expect(tooLarge(archives)).toEqual([]);
});

test('no bundle holds a parser of YAML, and each holds the SDK that the drills and tests have', () => {
  const packagesIn = ({ files, bundle }: Archive) => {
    const { sources } = JSON.parse(textOf(files[`${bundle}.map`])) as { sources: string[] };
    return new Set(sources.map((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? 'our own'));
  };
  for (const archive of archives) {
    const packages = packagesIn(archive);
    expect([...packages].filter((name) => /yaml/.test(name))).toEqual([]);
    expect([...packages]).toEqual(expect.arrayContaining(['our own', '@aws-sdk/client-dynamodb', 'zod']));
  }
});

test('a zip is the same wherever it is made: what it says of its sources begins at the project', () => {
  for (const { files, bundle } of archives) {
    const { sources } = JSON.parse(textOf(files[`${bundle}.map`])) as { sources: string[] };
    const up = '../'.repeat(bundle.split('/').length + 1);
    const begins = ['functions', 'node_modules'].map((one) => `${up}${one}/`);
    expect(sources.filter((source) => !begins.some((one) => source.startsWith(one)))).toEqual([]);
  }
});

test('every bundle loads and has a handler', async () => {
  const files = archives.map((archive) => pathToFileURL(unpack(archive)).href);
  const code = `for (const file of ${JSON.stringify(files)}) console.log(typeof (await import(file)).handler);`;
  const printed = await runNode(code, { AWS_REGION: observer });
  expect(printed.trim().split('\n')).toEqual(files.map(() => 'function'));
}, 120_000);

test('a handler runs with the plan that was packaged, and so does its stack: another application, another file', async () => {
  // A fixed place, so that the packaging is shared with the run before.
  const plan = join(root, 'node_modules/.cache/breakwater/ledger.yml');
  const nobody = 'https://127.0.0.1:9/health';
  writeFileSync(plan, written.replaceAll('chatops', 'ledger').replace(/healthUrl: .*/, `healthUrl: ${nobody}`));
  const made = await packageStack({
    region: observer,
    stage: 'another',
    params: [`plan=${plan}`, 'addresses=elsewhere'],
  });
  const asked = await runsWith(readArchives(made)[0]);
  const [entry] = (JSON.parse(asked) as { Entries: Record<string, string>[] }).Entries;
  expect(entry).toMatchObject({
    Source: 'ledger.canary',
    Detail: JSON.stringify({ observer, passed: false, share: 0 }),
  });
  expect(readFileSync(templateIn(made), 'utf8').match(/.*chatops.*/g)).toBeNull();
}, 120_000);

/** Puts what is in a zip into a folder, as Lambda does. Gives the file that Lambda loads. */
function unpack({ name, files, bundle }: Archive): string {
  const place = join(folder, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), content);
  }
  return join(place, bundle);
}

/** Runs the canary of an archive in a process of its own. Gives what it asks EventBridge to take. */
async function runsWith(archive: Archive | undefined): Promise<string> {
  if (archive === undefined) throw new Error('there is no function');
  let asked = '';
  const aws = createServer(async (request, answer) => {
    const chunks = await request.toArray();
    const events = String(request.headers['x-amz-target']).endsWith('PutEvents');
    if (events) asked = Buffer.concat(chunks).toString();
    answer.end(events ? '{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}' : '{}');
  }).listen(0, '127.0.0.1');
  await once(aws, 'listening');
  try {
    const { port } = aws.address() as { port: number };
    const code = `const { handler } = await import(${JSON.stringify(pathToFileURL(unpack(archive)).href)}); await handler({}, {});`;
    await runNode(code, {
      ...archive.environment,
      ...{ AWS_REGION: observer, AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' },
      ...{ AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, BREAKWATER_ACCOUNT: '000000000000' },
    });
    return asked;
  } finally {
    aws.close();
  }
}

/** Runs code in a process of its own, which has nothing but the environment that is given. Gives what it prints. */
async function runNode(code: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { env });
  return stdout;
}

function textOf(content: Uint8Array | undefined): string {
  return new TextDecoder().decode(content);
}
