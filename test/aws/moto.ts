// moto, an AWS that nobody here wrote, as one server on this machine; moto/ has what it lacks. Where it is missing, tests
// say so and are skipped.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const command = 'moto_server';
const env = {
  // An empty AWS_PROFILE is none in Node, and one that is missing in Python.
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))),
  PYTHONPATH: [join(import.meta.dirname, 'moto'), process.env['PYTHONPATH'] ?? ''].join(delimiter),
  PYTHONDONTWRITEBYTECODE: '1',
};

const asked = spawnSync(command, ['--help'], { env, encoding: 'utf8' });
export const hasMoto = asked.status === 0;
if (!hasMoto) {
  const why = asked.stderr?.trim() || `there is no ${command}`;
  process.stderr.write(`Nothing is deployed to an AWS that nobody here wrote: ${why}\n`);
}

/** The account that moto is. */
export const account = '123456789012';

type Request = { readonly method?: string; readonly target?: string; readonly body?: unknown };

/** One request to a service of a region. Gives its answer, read as JSON. @throws Error where it is refused. */
export type Ask = (service: string, region: string, path: string, request?: Request) => Promise<unknown>;

export type Moto = {
  readonly url: string;
  /** For services whose SDK clients the project does not have. */
  readonly ask: Ask;
  /** Calls a function of the stack of a region, and waits for its answer; `failed` where it threw. */
  invoke(region: string, name: string, event: unknown): Promise<{ readonly failed: boolean; readonly answer: unknown }>;
  /** What went wrong in it last. */
  lastError(): string;
  stop(): Promise<void>;
};

/** Starts a server. `hostedZone`: the id that the application's zone gets. @throws Error where it does not answer. */
export async function startMoto(hostedZone: string): Promise<Moto> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-moto-'));
  const log = join(folder, 'log');
  const port = await freePort();
  const file = openSync(log, 'w');
  const server = spawn(command, ['-H', '127.0.0.1', '-p', String(port)], {
    env: { ...env, TMPDIR: folder, MOTO_PORT: String(port), NODE: process.execPath, HOSTED_ZONE: hostedZone },
    stdio: ['pipe', file, file], // it ends when its input does
  });
  closeSync(file);
  const ended = once(server, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    server.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const isUp = () =>
    fetch(`${url}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const until = Date.now() + 60_000; !(await isUp()); await wait(100)) {
    if (server.exitCode === null && Date.now() < until) continue;
    const said = readFileSync(log, 'utf8').trim();
    await stop();
    throw new Error(`${command} does not answer: ${said}`);
  }
  const send = (service: string, region: string, path: string, { method, target, body }: Request) =>
    fetch(`${url}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        // moto knows a request's service and region from its credential, and checks no signature.
        authorization: `AWS4-HMAC-SHA256 Credential=none/20260101/${region}/${service}/aws4_request`,
        ...(target !== undefined && { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    url,
    lastError: () => readFileSync(log, 'utf8').split('Traceback').at(-1) ?? '',
    stop,
    async ask(service, region, path, request = {}) {
      const response = await send(service, region, path, request);
      if (!response.ok) throw new Error(`${service} in ${region}: ${response.status} ${await response.text()}`);
      return response.json();
    },
    async invoke(region, name, event) {
      const response = await send('lambda', region, `/2015-03-31/functions/${name}/invocations`, { body: event });
      return { failed: response.headers.has('x-amz-function-error'), answer: await response.json() };
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('the server has no address');
  return address.port;
}
