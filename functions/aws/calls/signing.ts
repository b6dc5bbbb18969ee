// Signs an HTTP request to an AWS service for which the registry has no SDK client.
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { SignatureV4 } from '@smithy/signature-v4';

/** A request before it is signed. Path segments are not encoded yet. A content type among the headers replaces JSON. */
export type Unsigned = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Protocol, host, and the path that the segments follow. */
  readonly endpoint: URL;
  readonly segments: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** JSON where left out. */
  readonly contentType?: string;
};

type Credentials = ConstructorParameters<typeof SignatureV4>[0]['credentials'];

const defaultCredentials = defaultProvider();

/** Gives a signed request as fetch takes it. `at` is the signing time in milliseconds, the present where left out. */
export async function sign(
  request: Unsigned,
  {
    service,
    region,
    credentials = defaultCredentials,
    at,
  }: { service: string; region: string; credentials?: Credentials; at?: number },
): Promise<Request> {
  const { endpoint, contentType = 'application/json', query = {} } = request;
  const { protocol, host } = endpoint;
  const path = `${endpoint.pathname.replace(/\/$/, '')}/${request.segments.map(encodeURIComponent).join('/')}`;
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol,
      hostname: host,
      path,
      query: { ...query },
      headers: { host, 'content-type': contentType, ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
    },
    at === undefined ? {} : { signingDate: new Date(at) },
  );
  const { host: _derivedFromTheUrl, ...headers } = signed.headers;
  const asked = new URLSearchParams(query).toString();
  return new Request(`${protocol}//${host}${path}${asked === '' ? '' : `?${asked}`}`, {
    method: request.method,
    headers,
    ...(request.body === undefined ? {} : { body: request.body }),
  });
}

/** A request that is signed in its URL, for whoever passes it on. Headers are signed, and have to be sent with it. */
export type ToPresign = {
  readonly endpoint: URL;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
};

/** Gives that URL, which is good for so many seconds. `at` is the signing time in milliseconds, the present where left out. */
export async function presign(
  { endpoint, query, headers }: ToPresign,
  {
    service,
    region,
    seconds,
    credentials = defaultCredentials,
    at,
  }: { service: string; region: string; seconds: number; credentials?: Credentials; at?: number },
): Promise<string> {
  const { protocol, host, pathname } = endpoint;
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const signed = await signer.presign(
    { method: 'GET', protocol, hostname: host, path: pathname, query: { ...query }, headers: { host, ...headers } },
    { expiresIn: seconds, ...(at === undefined ? {} : { signingDate: new Date(at) }) },
  );
  const parameters = new URLSearchParams(signed.query as Record<string, string>);
  return `${protocol}//${host}${pathname}?${parameters}`;
}

/** The hash that the signer asks for: SHA-256, or its HMAC where there is a secret. */
class Sha256 {
  private readonly secret: Uint8Array | string | null;
  private hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.secret = secret === undefined ? null : bytes(secret);
    this.hash = this.fresh();
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytes(chunk));
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  reset(): void {
    this.hash = this.fresh();
  }

  private fresh(): Hash | Hmac {
    return this.secret === null ? createHash('sha256') : createHmac('sha256', this.secret);
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array | string {
  if (typeof data === 'string') return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}
