// Answers AWS SDK commands from a model instead of AWS, for the code that runs inside a simulation and for no other.
// The clients' `send` is exchanged once; which simulation answers is found in the async context of the caller, so that
// several run side by side and code outside of them speaks to AWS as before.
import { AsyncLocalStorage } from 'node:async_hooks';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RDSClient } from '@aws-sdk/client-rds';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { FisClient } from '../functions/aws/experiments.ts';
import { ChangesClient } from '../functions/aws/looking/changes.ts';
import { ControlPlaneClient } from '../functions/aws/looking/control-planes.ts';
import { LookupClient } from '../functions/aws/looking/lookups.ts';
import { SqlClient } from '../functions/aws/sql/sql.ts';
import { ArcZonalShiftClient } from '../functions/aws/traffic/zonal-shift.ts';
import { KubernetesClient } from '../functions/aws/workloads/kubernetes.ts';
import { SwitchClient } from '../functions/aws/workloads/switches.ts';
import { kindServices } from './estate/kind-services.ts';
import type { Call, Caller } from './estate/types.ts';

/** Who answers the commands of a simulation, and for whom it runs at the moment. */
export type Context = {
  readonly answer: (call: Call) => Promise<unknown>;
  readonly caller: Caller;
  /** Turns false when the time of the code that runs is over: what it asks from then on is never answered. */
  readonly isAlive?: () => boolean;
};

const contexts = new AsyncLocalStorage<Context>();

/** Runs code whose SDK commands are answered by the context's model, also after every await in it. */
export function runIn<Result>(context: Context, run: () => Result): Result {
  return contexts.run(context, run);
}

/** For whom the code that asks runs at the moment; null outside of a simulation. */
export function currentCaller(): Caller | null {
  return contexts.getStore()?.caller ?? null;
}

/** A client class whose instances know their region. Commands differ; `operationOf` says what one asks for. */
type ClientClass = { readonly prototype: object };

type Request = {
  /** Where one client asks several. */
  readonly service?: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
};

type Send = (
  this: { config: { region: string | (() => Promise<string>); maxAttempts?: () => Promise<number> } },
  command: unknown,
  ...rest: unknown[]
) => unknown;

const patched = new WeakSet<object>();
const never = new Promise<never>(() => undefined);

/**
 * Makes the instances of a client class, existing and future ones, ask the simulation they run in. Patching again
 * changes nothing. `service` is the name of the client package without its prefix: rds, route-53, arc-zonal-shift.
 */
export function patchClient(
  client: ClientClass,
  service: string,
  operationOf: (command: unknown) => Request = sdkCommand,
): void {
  const prototype = client.prototype as { send?: unknown };
  if (patched.has(prototype)) return;
  if (typeof prototype.send !== 'function') throw new Error(`the ${service} client has no method send to be answered`);
  const send = prototype.send as Send;
  patched.add(prototype);
  prototype.send = async function (this, command, ...rest) {
    const context = contexts.getStore();
    if (context === undefined) return send.call(this, command, ...rest);
    const { region } = this.config;
    const { operation, input, service: asked = service } = operationOf(command);
    const name = typeof region === 'string' ? region : await region();
    const { answer, caller, isAlive = () => true } = context;
    if (!isAlive()) return never;
    const tries = await this.config.maxAttempts?.();
    try {
      const answered = await answer({ service: asked, operation, region: name, input, caller, tries });
      return isAlive() ? answered : never;
    } catch (error) {
      throw triedAtMost(error, tries ?? Number.POSITIVE_INFINITY);
    }
  } satisfies Send;
}

/** A fault says how often its client has tried: no more often than it may. */
function triedAtMost(error: unknown, most: number): unknown {
  const { $metadata } = (error ?? {}) as { readonly $metadata?: { readonly attempts?: number } };
  if ($metadata?.attempts === undefined || $metadata.attempts <= most) return error;
  return Object.assign(error as object, { $metadata: { ...$metadata, attempts: most } });
}

/** An SDK command: its class is named after the operation. */
function sdkCommand(command: unknown): Request {
  const { constructor: of, input } = command as { constructor: { name: string }; input: Record<string, unknown> };
  const operation = operations.get(of) ?? of.name.replace(/Command$/, '');
  operations.set(of, operation);
  return { operation, input };
}
const operations = new Map<{ name: string }, string>();

/** A command that says its operation itself, as that of a client written by hand. */
export function plainCommand(command: unknown): Request {
  const { service, operation, input } = command as Request;
  return { operation, input, ...(service === undefined ? {} : { service }) };
}

const clients: readonly (readonly [ClientClass, string])[] = [
  [CloudWatchClient, 'cloudwatch'],
  [CodeBuildClient, 'codebuild'],
  [DynamoDBDocumentClient, 'dynamodb'],
  [ElastiCacheClient, 'elasticache'],
  [EventBridgeClient, 'eventbridge'],
  [LambdaClient, 'lambda'],
  [RDSClient, 'rds'],
  [Route53Client, 'route-53'],
  [S3Client, 's3'],
  [SecretsManagerClient, 'secrets-manager'],
  [SFNClient, 'sfn'],
  [SNSClient, 'sns'],
  [SQSClient, 'sqs'],
  [SSMClient, 'ssm'],
];
for (const [client, service] of clients) patchClient(client, service);
for (const { client, name } of kindServices) patchClient(client, name);
patchClient(ArcZonalShiftClient, 'arc-zonal-shift', plainCommand);
patchClient(FisClient, 'fis', plainCommand);
patchClient(ControlPlaneClient, 'control-plane', plainCommand);
patchClient(LookupClient, 'lookup', plainCommand);
patchClient(ChangesClient, 'changes', plainCommand);
patchClient(SqlClient, 'sql', plainCommand);
patchClient(KubernetesClient, 'kubernetes', plainCommand);
patchClient(SwitchClient, 'switch', plainCommand);
