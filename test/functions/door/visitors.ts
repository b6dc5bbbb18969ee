// Visitors of the door in tests: HTTP requests as API Gateway hands them over, and what is in the pages that come back.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ApprovalRequest } from '../../../functions/domain/types.ts';
import { handler } from '../../../functions/serve-approval.ts';
import { linkFor } from '../../../functions/shared/approval/links.ts';
import type { Shell } from '../../../functions/shared/shell.ts';
import { mocked } from '../../mocked.ts';

/** A secret with one key, whatever is asked for. */
export function mockLinkKey(): void {
  const key = Buffer.alloc(32, 'k').toString('base64');
  const SecretString = JSON.stringify({ keys: [{ id: 'k1', key }] });
  mocked(SecretsManagerClient).on(GetSecretValueCommand).resolves({ SecretString });
}

export type Visit = {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
  readonly query?: string;
  readonly callerArn?: string;
};

export type Shown = { readonly statusCode: number; readonly headers: Record<string, string>; readonly body: string };

export async function visit(path: string, shell: Shell, change: Visit = {}): Promise<Shown> {
  const { method = 'GET', body, headers = {}, address = '192.0.2.1', query = '', callerArn } = change;
  const shown = await handler.on(shell)({
    version: '2.0',
    rawPath: path,
    rawQueryString: query,
    queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
    headers,
    ...(body === undefined ? {} : { body: Buffer.from(body).toString('base64') }),
    isBase64Encoded: body !== undefined,
    requestContext: {
      http: { method, path, sourceIp: address },
      ...(callerArn === undefined ? {} : { authorizer: { iam: { userArn: callerArn } } }),
    },
  });
  return shown as Shown;
}

export async function pathFor(request: ApprovalRequest, approver: string, shell: Shell): Promise<string> {
  return new URL(await linkFor(request, approver, shell)).pathname;
}

/** The hidden token of a page's forms. */
export function tokenIn({ body }: Pick<Shown, 'body'>): string {
  const [field] = body.match(/<input[^>]*name="token"[^>]*>/) ?? [];
  return /value="([^"]*)"/.exec(field ?? '')?.[1] ?? '';
}

export function post(fields: Readonly<Record<string, string>>, change: Visit = {}): Visit {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    origin: 'null',
    'sec-fetch-site': 'same-origin',
    ...change.headers,
  };
  return { method: 'POST', body: new URLSearchParams(fields).toString(), ...change, headers };
}

/** What a person types to approve the sample request. */
export const typed = { answer: 'approve', region: 'us-east-1', unfenced: 'us-east-1 stays unfenced', reason: '' };
