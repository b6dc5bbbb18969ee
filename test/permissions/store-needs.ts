// What each method of the DynamoDB store asks of the table: measured, not listed. Actions and the partitions they touch.
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { dynamoStore } from '../../functions/aws/store.ts';
import type { Store } from '../../functions/domain/store.ts';
import { alarm, answer, at, call, incidentOf, lock, plan, reached, region, request } from '../store/samples.ts';

/** A call of each method; a method without one is named by the test. */
const calls: Readonly<Record<keyof Store, (store: Store) => Promise<unknown>>> = {
  // From so many signals on, it looks before it writes.
  keepSignals: (store) => store.keepSignals(Array.from({ length: 60 }, (_, index) => alarm({ key: `alarm-${index}` }))),
  readSignals: (store) => store.readSignals(region, 0),
  keepStray: (store) => store.keepStray({ id: 'stray', at, reason: 'unknown', event: '{}' }),
  countStrays: (store) => store.countStrays(),
  readOpenIncident: (store) => store.readOpenIncident(region),
  readIncident: (store) => store.readIncident('incident-1'),
  writeIncident: async (store) => {
    await store.writeIncident(incidentOf({}));
    await store.writeIncident(incidentOf({ version: 2 }));
  },
  listIncidents: (store) => store.listIncidents(),
  readStanding: (store) => store.readStanding(region),
  freeze: (store) => store.freeze('ana', 'moving house', at),
  unfreeze: (store) => store.unfreeze(),
  takeLock: (store) => store.takeLock(lock),
  supersedeLock: (store) => store.supersedeLock(lock),
  moveRole: (store) => store.moveRole('us-west-2', 1, 'execution-1', at),
  releaseLock: (store) => store.releaseLock(region, 'execution-1'),
  recordAction: (store) => store.recordAction('az-failover', region, at),
  keepReadiness: (store) => store.keepReadiness({ region, at, checks: [] }),
  readReadiness: (store) => store.readReadiness(region),
  openRequest: (store) => store.openRequest(request, 'token'),
  readRequest: (store) => store.readRequest(request.id),
  listOpenRequests: (store) => store.listOpenRequests(),
  listSettledRequests: (store) => store.listSettledRequests(at),
  readOutcome: (store) => store.readOutcome(request.id),
  readTaskToken: (store) => store.readTaskToken(request.id),
  keepAnswer: (store) => store.keepAnswer(answer),
  readAnswers: (store) => store.readAnswers(request.id),
  settleRequest: (store) => store.settleRequest(request.id, 'approved', at),
  keepWaiver: (store) => store.keepWaiver('execution-1', 'RedirectUsers', 'ana', 'done by hand', at),
  readWaiver: (store) => store.readWaiver('execution-1', 'RedirectUsers'),
  keepLink: (store) => store.keepLink({ id: 'link', request: request.id, approver: 'dba', expiresAt: at }),
  readLink: (store) => store.readLink('link'),
  countHit: (store) => store.countHit('link', at, 1),
  audit: (store) => store.audit(call),
  readAudit: (store) => store.readAudit('incident-1'),
  recordStep: (store) => store.recordStep(reached),
  readSteps: (store) => store.readSteps('incident-1'),
  wasSent: (store) => store.wasSent('message:1'),
  markSent: (store) => store.markSent('message:1', at),
};

/** An action of IAM and the partitions it is needed for, such as dynamodb:PutItem on signals#*. */
export type TableNeed = { readonly action: string; readonly key: string };

/** The methods that there are, and those that can be measured here. */
export const storeMethods = Object.keys(dynamoStore(region, 'breakwater', plan, () => undefined));
export const measuredMethods = Object.keys(calls);

/** Runs each method against an empty table, and against one that refuses its writes. */
export async function storeNeeds(): Promise<ReadonlyMap<string, readonly TableNeed[]>> {
  const needs = new Map<string, TableNeed[]>();
  for (const [method, run] of Object.entries(calls)) {
    const seen = new Map<string, TableNeed>();
    for (const refuses of [false, true]) {
      for (const need of await measure(run, refuses)) seen.set(`${need.action} ${need.key}`, need);
    }
    needs.set(method, [...seen.values()]);
  }
  return needs;
}

async function measure(run: (store: Store) => Promise<unknown>, refuses: boolean): Promise<TableNeed[]> {
  const needs: TableNeed[] = [];
  const table = mockClient(DynamoDBDocumentClient);
  const refusal = Object.assign(new Error('no'), {
    name: 'ConditionalCheckFailedException',
    $metadata: { httpStatusCode: 400 },
  });
  const write = (action: string, pk: unknown) => {
    needs.push({ action, key: partitionOf(pk) });
    if (refuses) throw refusal;
    return {};
  };
  table.on(GetCommand).callsFake((input) => {
    needs.push({ action: 'dynamodb:GetItem', key: partitionOf(input.Key.pk) });
    return {};
  });
  table.on(QueryCommand).callsFake(({ ExpressionAttributeValues }: QueryCommandInput) => {
    needs.push({ action: 'dynamodb:Query', key: partitionOf(ExpressionAttributeValues?.[':pk']) });
    return { Items: [], Count: 0 };
  });
  table.on(PutCommand).callsFake((input) => write('dynamodb:PutItem', input.Item.pk));
  table.on(UpdateCommand).callsFake((input) => write('dynamodb:UpdateItem', input.Key.pk));
  table.on(DeleteCommand).callsFake((input) => write('dynamodb:DeleteItem', input.Key.pk));
  await run(dynamoStore(region, 'breakwater', plan, () => undefined));
  table.restore();
  return needs;
}

/** What a policy can name of a partition key: all of it, or what stands before what differs. */
function partitionOf(pk: unknown): string {
  const text = String(pk);
  return text.includes('#') ? `${text.slice(0, text.indexOf('#'))}#*` : text;
}
