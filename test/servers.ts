// What servers that tests start have in common: whom they run as, and where they listen.
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
