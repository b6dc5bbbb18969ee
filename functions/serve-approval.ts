// Desired state: who holds an approver's link sees what it is about and can answer it. Behind the HTTP API of the approval page.
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { openDoor } from './shared/door/door.ts';
import { onEvent, parsed } from './shared/shell.ts';

/** The parts of an HTTP API's event (payload 2.0) that are read here. */
const HttpEvent = z.object({
  rawPath: z.string(),
  headers: z.record(z.string(), z.string().optional()).default({}),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    http: z.object({ method: z.string(), sourceIp: z.string() }),
    /** Of routes with the IAM authorizer only. */
    authorizer: z.object({ iam: z.object({ userArn: z.string() }) }).optional(),
  }),
});

export const handler = onEvent(async (event: unknown, shell): Promise<APIGatewayProxyStructuredResultV2> => {
  const { rawPath, headers, body, isBase64Encoded, requestContext } = parsed(HttpEvent, event);
  const { http, authorizer } = requestContext;
  const asked = {
    method: http.method.toUpperCase(),
    path: rawPath,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value ?? ''])),
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    address: http.sourceIp,
    callerArn: authorizer?.iam.userArn ?? null,
  };
  const { status, ...answer } = await openDoor(asked, shell);
  return { statusCode: status, ...answer };
});
