// Packages the stack of one region, as `npx serverless package` does, without network or credentials; and once for the same
// input, however often it is asked for: tests, the gate and `npm run package` share what was made.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { planFileOf } from '../../infrastructure/plan-file.ts';

/** `params` are name=value, as after `--param`. */
export type Packaging = { readonly region: string; readonly stage: string; readonly params?: readonly string[] };

/** The command failed; its message is what it printed. */
export class PackagingFailed extends Error {
  override readonly name = 'PackagingFailed';
}

const root = join(import.meta.dirname, '../..');
const made = join(root, 'node_modules/.cache/breakwater');

/** What packaging never reads. Everything else is its input, so that nothing that is new can be forgotten. */
const aside = /^(\.|node_modules$|cli$|coverage$|docs$|events$|simulator$|test$)|\.(md|log)$/;

/** Of each region and stage, so many packagings are kept. */
const kept = 3;

/**
 * The folder with the templates and the zips of a stack: those bytes that `npx serverless deploy` would upload.
 * @throws PackagingFailed.
 */
export async function packageStack(packaging: Packaging): Promise<string> {
  const place = join(made, packaging.region, packaging.stage);
  mkdirSync(place, { recursive: true });
  for (;;) {
    const key = keyOf(packaging);
    const folder = join(place, key);
    const lock = `${folder}.lock`;
    if (isThere(folder)) {
      utimesSync(folder, new Date(), new Date());
      return folder;
    }
    if (!claim(lock)) {
      await wait(200);
      continue;
    }
    const unfinished = mkdtempSync(join(place, 'unfinished-'));
    try {
      writeFileSync(join(unfinished, 'packaging.log'), await runOffline(packaging, unfinished));
      // What somebody changed in the meantime may be in it or not.
      if (keyOf(packaging) === key && !isThere(folder)) renameSync(unfinished, folder);
      forgetOld(place);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
      rmSync(lock, { force: true });
    }
  }
}

/** What a packaging depends on, as one short text. */
function keyOf({ region, stage, params = [] }: Packaging): string {
  const hash = createHash('sha256').update(JSON.stringify([region, stage, params, process.version]));
  const inputs = readdirSync(root).filter((name) => !aside.test(name));
  const files = inputs.flatMap((name) =>
    statSync(join(root, name)).isDirectory()
      ? readdirSync(join(root, name), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
      : [join(root, name)],
  );
  const plan = resolve(root, planFileOf({ param: params }));
  for (const file of [import.meta.filename, ...files.toSorted(), ...(isThere(plan) ? [plan] : [])])
    hash.update(`\0${file}\0`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Whether this process may package now. One that has died holds nothing up. Two at once would only do the same twice. */
function claim(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (isThere(lock) && !isAlive(Number(readFileSync(lock, 'utf8')))) rmSync(lock, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Gives what the framework prints. */
async function runOffline({ region, stage, params = [] }: Packaging, output: string): Promise<string> {
  const nowhere = 'http://127.0.0.1:9'; // a proxy that nothing answers: whatever asks the network fails
  const args = ['package', '--stage', stage, '--region', region, '--package', output];
  return await runFramework([...args, ...params.map((one) => `--param=${one}`)], {
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
  });
}

/**
 * `npx serverless` with a command and its options, in no environment but this one, which may have a home. The framework works in fixed folders
 * beside serverless.yml: it gets a place of its own, with links to what is here, so that nothing of a deployment that runs
 * at the same time is touched. Gives what it prints. @throws PackagingFailed.
 */
export async function runFramework(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const service = mkdtempSync(join(tmpdir(), 'breakwater-service-'));
  try {
    for (const name of [...readdirSync(root).filter((one) => !aside.test(one)), 'node_modules']) {
      const from = join(root, name);
      if (statSync(from).isDirectory()) symlinkSync(from, join(service, name), 'junction');
      else copyFileSync(from, join(service, name)); // the framework takes no link for serverless.yml
    }
    return await run(
      [join(root, 'node_modules/serverless/bin/serverless.js'), ...args],
      service,
      // The framework compiles its schema once for a home, which takes longer than the rest of it.
      {
        HOME: service,
        ...env,
        SLS_SCHEMA_CACHE_BASE_DIR: made,
        NODE_COMPILE_CACHE: join(made, 'compiled'),
        CI: 'true',
      },
    );
  } finally {
    rmSync(service, { recursive: true, force: true });
  }
}

/** Gives what it prints. @throws PackagingFailed with the same. */
async function run(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (printed += text.toString()));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status !== 0) throw new PackagingFailed(printed.trim());
  return printed;
}

function forgetOld(place: string): void {
  const all = readdirSync(place).filter((name) => /^[0-9a-f]+$/.test(name));
  const age = (name: string) => statSync(join(place, name)).mtimeMs;
  for (const name of all.toSorted((a, b) => age(b) - age(a)).slice(kept))
    rmSync(join(place, name), { recursive: true, force: true });
}
