// What servers that tests start have in common: whom they run as, where they listen, and that they end with the test's process.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** `nobody`, on every Linux, where tests run as root: databases refuse to, and such a process may do nothing else. */
export const unprivileged: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/**
 * Ends a server with this process, however that ends: a test run that is killed says goodbye to nobody. A shell waits for the end of a pipe that
 * this process holds. Gives the end of the server.
 */
export async function endsWithMe(server: ChildProcess): Promise<void> {
  const ending = 'cat >/dev/null; kill -9 "$0"';
  const watcher = spawn('sh', ['-c', ending, String(server.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.stdin?.on('error', () => undefined);
  watcher.unref();
  await new Promise<void>((done) => server.once('exit', () => done()));
  if (watcher.pid !== undefined) process.kill(-watcher.pid, 'SIGKILL'); // before the number belongs to another process
}
