// A little web server on localhost around one function, so that a browser can be pointed at any door.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};
export type Handler = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Reply | Promise<Reply>;

export type Server = { readonly url: string; close(): Promise<void> };

export async function serve(handler: Handler): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const body = Buffer.concat(chunks).toString('utf8');
    const reply = await handler(request.method ?? 'GET', request.url ?? '/', headers, body);
    response.writeHead(reply.status, reply.headers).end(request.method === 'HEAD' ? '' : reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
