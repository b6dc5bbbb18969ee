// A small client for AWS services: endpoint, signature, time limits, retries and faults as in the
// SDK's clients. The bundles hold it in place of five of those (infrastructure/bundling.ts), which with all they need were
// two thirds of `classify`; decision 0008 says why, test/functions/aws/slim.test.ts compares the two request by request.
import { createHash, createHmac } from 'node:crypto';
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { endpointOf, type Service } from './endpoint.ts';
import { throttling, timeouts } from './faults.ts';
import { type Credentials, credentials } from './slim-environment.ts';

/**
 * How one service is spoken to, under the name that its host and its signature have. `encode` gives headers and body,
 * `fault` the name and message of an answer that says no.
 */
export type Protocol = Service & {
  encode(
    operation: string,
    input: Input,
  ): { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  decode(operation: string, answer: Answer, input: Input): unknown;
  fault(answer: Answer): { readonly name: string; readonly message: string };
  /** Where a request's input says itself where it goes. */
  address?(input: Input, region: string): URL;
};

type Encoded = {
  readonly method?: 'POST' | 'PUT' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Input = Readonly<Record<string, unknown>>;
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

/** What the SDK's clients take of `limits` in client.ts. */
type Settings = {
  readonly region: string;
  readonly maxAttempts?: number;
  readonly requestHandler?: { readonly connectionTimeout?: number; readonly requestTimeout?: number };
};

/** A command, of the shape that the SDK's have: made with `new`, and told apart by its operation, which no minifier renames. */
export type Command = { readonly operation: string; readonly input: Input };

export function commandOf(operation: string): new (input: Input) => Command {
  return class {
    readonly operation = operation;
    readonly input: Input;
    constructor(input: Input) {
      this.input = input;
    }
  };
}

/** A client class of the shape that the SDK's have. */
export function clientOf(protocol: Protocol) {
  return class {
    readonly config: Settings;
    constructor(settings: Settings) {
      this.config = settings;
    }
    /** @throws an Error with the service's name for the fault and `$metadata.httpStatusCode`, as the SDK does. */
    send({ operation, input }: Command): Promise<unknown> {
      return sendWithRetries(protocol, this.config, operation, input);
    }
    destroy(): void {}
  };
}

/** The SDK's standard mode. Full jitter: before retry n, wait between 0 and base * 2^(n-1) at random, at most 20 s. */
const pauseMs = { usual: 100, throttled: 500, longest: 20_000 };

async function sendWithRetries(protocol: Protocol, settings: Settings, operation: string, input: Input) {
  const { maxAttempts = 3 } = settings;
  const encoded = protocol.encode(operation, input); // once: a token that marks a request is the same in each try
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await sendOnce(protocol, settings, encoded, input);
      return protocol.decode(operation, answer, input);
    } catch (error) {
      if (attempt >= maxAttempts || !mayPass(error as Fault)) throw error;
      const base = isThrottling(error as Fault) ? pauseMs.throttled : pauseMs.usual;
      await pause(Math.random() * Math.min(pauseMs.longest, base * 2 ** (attempt - 1)));
    }
  }
}

async function sendOnce(protocol: Protocol, settings: Settings, encoded: Encoded, input: Input): Promise<Answer> {
  const url = protocol.address?.(input, settings.region) ?? endpointOf(protocol, settings.region);
  const { method = 'POST', headers, body } = encoded;
  const scope = { service: protocol.service, region: settings.region };
  const signed = sign({ method, url, headers, body }, scope, credentials(), new Date());
  const answer = await exchange(url, { method, headers: signed, body }, settings.requestHandler ?? {});
  if (answer.status >= 300) {
    const { name, message } = protocol.fault(answer);
    throw Object.assign(new Error(message), { name, $metadata: { httpStatusCode: answer.status } });
  }
  return answer;
}

// One pool of connections for each protocol: they outlive a request, and a frozen Lambda too where the other end allows it.
const agents = { 'https:': new Agent({ keepAlive: true }), 'http:': new PlainAgent({ keepAlive: true }) };

function exchange(
  url: URL,
  { method, headers, body }: { method: string; headers: Readonly<Record<string, string>>; body: string },
  { connectionTimeout = 0, requestTimeout = 0 }: NonNullable<Settings['requestHandler']>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const isPlain = url.protocol === 'http:';
    const options = { method, headers, agent: agents[isPlain ? 'http:' : 'https:'] };
    const asked = (isPlain ? plainRequest : request)(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', fail);
      answer.on('end', () => {
        stop();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() });
      });
    });
    const limit = (ms: number, what: string) =>
      ms === 0 ? undefined : setTimeout(() => asked.destroy(timeout(`no ${what} within ${ms} ms`)), ms);
    const connecting = limit(connectionTimeout, 'connection');
    const answering = limit(requestTimeout + connectionTimeout, 'answer');
    const stop = () => {
      clearTimeout(connecting);
      clearTimeout(answering);
    };
    const fail = (error: Error) => {
      stop();
      reject(error);
    };
    asked.on('socket', (socket) => {
      if (socket.connecting) socket.once(isPlain ? 'connect' : 'secureConnect', () => clearTimeout(connecting));
      else clearTimeout(connecting);
    });
    asked.on('error', fail);
    asked.end(body);
  });
}

function timeout(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError' });
}

function pause(ms: number): Promise<void> {
  return new Promise((over) => setTimeout(over, ms));
}

type Fault = {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
};

/** DynamoDB's, of a table that is written in two regions: the SDK knows it by a trait in its model. */
const conflict = 'ReplicatedWriteConflictException';
/** Codes of Node.js, as the SDK knows them. */
export const unreachable: readonly string[] = [
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
];

function isThrottling({ name = '', $metadata }: Fault): boolean {
  return $metadata?.httpStatusCode === 429 || throttling.includes(name);
}

function mayPass(fault: Fault): boolean {
  const status = fault.$metadata?.httpStatusCode ?? 0;
  const { name = '', code = '' } = fault;
  return (
    isThrottling(fault) || status >= 500 || timeouts.includes(name) || name === conflict || unreachable.includes(code)
  );
}

/**
 * Signature version 4 of a request without a query, whose path is signed as it is sent.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export function sign(
  { method, url, headers, body }: { method: string; url: URL; headers: Readonly<Record<string, string>>; body: string },
  { service, region }: { service: string; region: string },
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  at: Date,
): Record<string, string> {
  const time = at.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const date = time.slice(0, 8);
  const hash = sha256(body);
  const all: Record<string, string> = {
    ...headers,
    host: url.host,
    ...(method === 'HEAD' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    'x-amz-date': time,
    'x-amz-content-sha256': hash,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(all).sort();
  const listed = names.join(';');
  const canonical = [
    method,
    url.pathname,
    '',
    ...names.map((header) => `${header}:${all[header]?.trim()}`),
    '',
    listed,
    hash,
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${listed}, Signature=${signature}`;
  return { ...all, authorization };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
