// A browser without scripts, and the tools of a mail scanner: finds links and forms, and asks the real door of a stack.
import * as z from 'zod';
import type { Stack } from '../aws/stack.ts';

export type Ask = {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** IP address of who asks. */
  readonly address: string;
};

const Shown = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});
export type Shown = z.infer<typeof Shown>;

/** What API Gateway answers where the function failed [AWS, troubleshooting of HTTP APIs]. */
const failed: Shown = { statusCode: 500, headers: {}, body: '{"message":"Internal Server Error"}' };

/** One HTTP request through the handler of a stack, as API Gateway hands it over. */
export async function visit(
  stack: Stack,
  { method, path, query = '', headers = {}, body, address }: Ask,
): Promise<Shown> {
  const route = routeOf(stack, method, path);
  if (route === null) return { statusCode: 404, headers: {}, body: '{"message":"Not Found"}' };
  // Whoever comes here has no credentials of AWS, and signs nothing.
  if (route.needsIam) return { statusCode: 403, headers: {}, body: '{"message":"Forbidden"}' };
  const event = {
    version: '2.0',
    routeKey: route.key,
    rawPath: path,
    rawQueryString: query,
    queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
    headers,
    ...(body === undefined ? {} : { body: Buffer.from(body).toString('base64') }),
    isBase64Encoded: body !== undefined,
    requestContext: { http: { method, path, sourceIp: address } },
  };
  const answered = await stack.invoke('serve-approval', event).catch(() => failed);
  return Shown.parse(answered);
}

/** The API's route of a request; null where the stack has none. */
function routeOf({ deployment }: Stack, method: string, path: string) {
  return (
    deployment.routes.find(({ key }) => {
      const [of, pattern = ''] = key.split(' ');
      return of === method && new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
    }) ?? null
  );
}

/** A GET of a page's address, as a function sends it. */
export async function visitUrl(stack: Stack, url: string): Promise<Response> {
  const { pathname, search } = new URL(url);
  const shown = await visit(stack, { method: 'GET', path: pathname, query: search.slice(1), address: '192.0.2.1' });
  return new Response(shown.body === '' ? null : shown.body, { status: shown.statusCode, headers: shown.headers });
}

/** Submits a form as a browser does from the page itself. */
export function submit(stack: Stack, path: string, fields: Fields, address: string): Promise<Shown> {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    origin: 'null',
    'sec-fetch-site': 'same-origin',
    'sec-fetch-mode': 'navigate',
  };
  return visit(stack, { method: 'POST', path, headers, body: new URLSearchParams(fields).toString(), address });
}

export type Fields = Readonly<Record<string, string>>;

/** The addresses of approvers' pages in a text. */
export function linksIn(text: string): URL[] {
  return [...text.matchAll(/https?:\/\/[^\s/]+\/r\/[\w-]+/g)].map(([link]) => new URL(link));
}

/** The forms of a page with their fields as they are found, nothing typed. */
export function formsIn(html: string): Fields[] {
  return [...html.matchAll(/<form\b[\s\S]*?<\/form>/g)].map(([form]) => {
    const controls = [...form.matchAll(/<(?:input|textarea|select|button)\b[^>]*>/g)].flatMap(([control]) => {
      const name = attribute(control, 'name');
      return name === null ? [] : [[name, attribute(control, 'value') ?? ''] as const];
    });
    return Object.fromEntries(controls);
  });
}

const signs: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function attribute(control: string, name: string): string | null {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(control)?.[1];
  if (value === undefined) return null;
  return value.replace(/&(?:#(\d+)|(\w+));/g, (whole, code: string | undefined, word: string | undefined) =>
    code === undefined ? (signs[word ?? ''] ?? whole) : String.fromCodePoint(Number(code)),
  );
}
