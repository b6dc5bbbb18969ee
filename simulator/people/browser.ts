// A person at a real browser in a drill: the pages of the stacks are served on this machine through their real handlers, and
// virtual time stands still while a request waits for a click.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApprovalRequest } from '../../functions/domain/types.ts';
import type { Stack } from '../aws/stack.ts';
import type { Progress } from '../drill/result.ts';
import type { Clock, Message } from '../estate/types.ts';
import type { World } from '../world.ts';
import { linksIn, visit } from './visitor.ts';

/** How long real time may pass until nobody is expected any more. */
const longestMs = 3_600_000;
const mostBytes = 100_000;

export type Asking = {
  /** Where the pages of each region's stack are. */
  readonly pageUrls: ReadonlyMap<string, string>;
  asked(request: ApprovalRequest): void;
  told(message: Message, role: string): void;
  settled(request: string): void;
  /** Waits, in real time, until virtual time may go on: a page is asked for, all is answered, or nobody is expected. */
  standStill(): Promise<void>;
  close(): Promise<void>;
};

/** Serves pages on free ports of this machine; `signal` says that nobody will answer any more. */
export async function askOnLocalhost(
  regions: readonly string[],
  clock: Clock,
  worldOf: () => World,
  tell: (progress: Progress) => void,
  signal: AbortSignal | undefined,
): Promise<Asking> {
  /** The roles whose mails are still to come, by request. */
  const open = new Map<string, { readonly request: ApprovalRequest; readonly expected: Set<string> }>();
  let asking = 0;
  let over = signal?.aborted === true;
  let wake = (): void => undefined;
  const giveUp = (): void => {
    over = true;
    wake();
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  const timer = setTimeout(giveUp, longestMs);

  const serve = async (region: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const stack = worldOf().stacks.get(region);
    const body = await bodyOf(request);
    if (stack === undefined || body === null) return void response.writeHead(413).end();
    asking += 1;
    wake();
    try {
      const { statusCode, headers, body: page } = await answerOf(stack, request, body);
      response.writeHead(statusCode, headers).end(page);
    } catch {
      response.writeHead(503).end();
    } finally {
      asking -= 1;
    }
  };

  const servers = new Map<string, Server>();
  const pageUrls = new Map<string, string>();
  for (const region of regions) {
    const server = createServer((request, response) => void serve(region, request, response));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    servers.set(region, server);
    pageUrls.set(region, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  const isWaiting = (): boolean =>
    !over && asking === 0 && [...open.values()].some(({ expected }) => expected.size === 0);

  return {
    pageUrls,
    asked(request) {
      if (!open.has(request.id)) open.set(request.id, { request, expected: new Set(request.roles) });
    },
    told({ body }, role) {
      const [link] = linksIn(body);
      const waiting = [...open.values()].find(({ request }) => body.includes(request.id));
      if (link === undefined || waiting?.expected.delete(role) !== true) return;
      tell({ at: clock.now(), kind: 'page', role, url: link.href });
    },
    settled(request) {
      open.delete(request);
      wake();
    },
    async standStill() {
      while (isWaiting()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async close() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      for (const server of servers.values()) {
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
      }
    },
  };
}

function answerOf(stack: Stack, request: IncomingMessage, body: string): ReturnType<typeof visit> {
  const { pathname, search } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
  return visit(stack, {
    // The door refuses what it does not offer.
    method: (request.method ?? 'GET') as 'GET',
    path: pathname,
    query: search.slice(1),
    headers: Object.fromEntries(headers),
    body,
    address: request.socket.remoteAddress ?? '127.0.0.1',
  });
}

/** A request's body; null where it is longer than any answer. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += (part as Buffer).byteLength;
    if (bytes > mostBytes) return null;
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}
