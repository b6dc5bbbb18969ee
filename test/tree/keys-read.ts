// Which code reads a key of the plan: the keys of the schema as TypeScript knows them, and what its language server finds of each.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../..');

/** A key where it is declared; `table` is the key whose value is the table that this one stands in, null where that has none. */
export type Key = {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly character: number;
  readonly table: string | null;
};

/** A place that names a key, and the text of its line behind it. */
export type Reading = { readonly file: string; readonly after: string };

/** The keys of each `z.strictObject` in a file, and those that all assets have. */
export function keysIn(file: string): Key[] {
  const text = blank(readFileSync(join(root, file), 'utf8'));
  return [...text.matchAll(/(?:(\w+): z\.)?(?:strictObject\(|\bassetKeys = )\{/g)].flatMap(
    ({ index, 0: opening, 1: table = null }) =>
      keysOf(text, index + opening.length).map(([name, at]) => {
        const above = text.slice(0, at).split('\n');
        return { name, file, line: above.length - 1, character: above.at(-1)?.length ?? 0, table };
      }),
  );
}

/** The names in an object literal, from behind its brace, each with where it stands. */
function keysOf(text: string, start: number): [string, number][] {
  const keys: [string, number][] = [];
  let depth = 0;
  for (let at = start; at < text.length && depth >= 0; at += 1) {
    const one = text.charAt(at);
    if ('([{'.includes(one)) depth += 1;
    if (')]}'.includes(one)) depth -= 1;
    if (depth !== 0 || !/[{,]\s*$/.test(text.slice(0, at))) continue;
    const [name] = /^\w+(?=\s*[:,}])/.exec(text.slice(at)) ?? [];
    if (name !== undefined) keys.push([name, at]);
  }
  return keys;
}

/** Comments and texts as blanks, so that every place stays where it is. */
function blank(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'|\/(?:\\.|[^/\n])+\/(?=[,)])/g, (found) =>
    found.replaceAll(/[^\n]/g, ' '),
  );
}

/** The places that name each key, its declaration apart. */
export async function readingsOf(keys: readonly Key[]): Promise<Map<Key, readonly Reading[]>> {
  const server = languageServer();
  try {
    await server.ask('initialize', { processId: process.pid, rootUri: uriOf(''), capabilities: {} });
    server.tell('initialized', {});
    for (const file of new Set(keys.map((key) => key.file)))
      server.tell('textDocument/didOpen', {
        textDocument: {
          uri: uriOf(file),
          languageId: 'typescript',
          version: 1,
          text: readFileSync(join(root, file), 'utf8'),
        },
      });
    const readings = new Map<Key, readonly Reading[]>();
    for (const key of keys) {
      const found = (await server.ask('textDocument/references', {
        textDocument: { uri: uriOf(key.file) },
        position: { line: key.line, character: key.character },
        context: { includeDeclaration: false },
      })) as readonly Location[] | null;
      readings.set(key, (found ?? []).map(readingAt));
    }
    return readings;
  } finally {
    server.stop();
  }
}

type Place = { readonly line: number; readonly character: number };
type Location = { readonly uri: string; readonly range: { readonly end: Place } };

function readingAt({ uri, range: { end } }: Location): Reading {
  const path = fileURLToPath(uri);
  const lines = readFileSync(path, 'utf8').split('\n');
  return { file: relative(root, path), after: (lines[end.line] ?? '').slice(end.character) };
}

function uriOf(file: string): string {
  return pathToFileURL(join(root, file)).href;
}

/** TypeScript as an editor runs it: messages of the Language Server Protocol over its standard streams. */
function languageServer() {
  const child = spawn(join(root, 'node_modules/.bin/tsc'), ['--lsp', '--stdio'], { cwd: root, stdio: 'pipe' });
  const waiting = new Map<number, (result: unknown) => void>();
  const ended = new Promise<never>((_, reject) => {
    child.once('close', () => reject(new Error('the language server ended before it had answered')));
  });
  ended.catch(() => undefined); // it may end when nobody asks any more
  let unread = Buffer.alloc(0);
  let asked = 0;
  const send = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  child.stdout.on('data', (data: Buffer) => {
    unread = Buffer.concat([unread, data]);
    for (;;) {
      const head = unread.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/.exec(unread.subarray(0, Math.max(head, 0)).toString())?.[1]);
      const end = head + 4 + length;
      if (head < 0 || unread.length < end) return;
      const message = JSON.parse(unread.subarray(head + 4, end).toString()) as {
        readonly id?: number;
        readonly method?: string;
        readonly result?: unknown;
      };
      unread = unread.subarray(end);
      if (message.id === undefined) continue;
      if (message.method === undefined) waiting.get(message.id)?.(message.result);
      else send({ id: message.id, result: null }); // what it asks of an editor
    }
  });
  return {
    tell: (method: string, params: object) => send({ method, params }),
    ask: (method: string, params: object) => {
      asked += 1;
      const id = asked;
      const answer = new Promise<unknown>((resolve) => waiting.set(id, resolve));
      send({ id, method, params });
      return Promise.race([answer, ended]);
    },
    stop: () => child.kill(),
  };
}
