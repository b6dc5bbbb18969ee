// What each method of the DynamoDB store asks of the table: measured, not listed. Actions and the partitions they touch.
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { dynamoStore } from '../../functions/aws/store/store.ts';
import type { Store } from '../../functions/domain/record/store.ts';
import { requestsOf, type Where } from '../../simulator/iam/calls.ts';
import { plan } from '../plan.ts';
import {
  alarm,
  answer,
  at,
  call,
  comparison,
  drill,
  fenceLock,
  incidentOf,
  ledger,
  lock,
  reached,
  region,
  rehearsal,
  rejoined,
  request,
} from '../store/samples.ts';

/** A call of each method; a method without one is named by the test. */
const calls: Readonly<Record<keyof Store, (store: Store) => Promise<unknown>>> = {
  // From so many signals on, it looks before it writes.
  keepSignals: (store) => store.keepSignals(Array.from({ length: 60 }, (_, index) => alarm({ key: `alarm-${index}` }))),
  readSignals: (store) => store.readSignals(region, 0),
  keepStray: (store) => store.keepStray({ id: 'stray', at, reason: 'unknown', event: '{}' }),
  countStrays: (store) => store.countStrays(),
  readOpenIncident: (store) => store.readOpenIncident(region),
  readLastIncident: (store) => store.readLastIncident(region),
  readIncident: (store) => store.readIncident('incident-1'),
  writeIncident: async (store) => {
    await store.writeIncident(incidentOf({}));
    await store.writeIncident(incidentOf({ version: 2 }));
  },
  listIncidents: (store) => store.listIncidents(),
  readStanding: (store) => store.readStanding(region),
  readRoles: (store) => store.readRoles(),
  freeze: (store) => store.freeze('ana', 'moving house', at),
  unfreeze: (store) => store.unfreeze(),
  takeLock: (store) => store.takeLock(lock),
  supersedeLock: (store) => store.supersedeLock(lock),
  moveRole: (store) => store.moveRole('us-west-2', 1, 'execution-1', at),
  releaseLock: (store) => store.releaseLock(region, 'execution-1'),
  recordAction: (store) => store.recordAction('az-failover', region, at),
  keepReadiness: (store) => store.keepReadiness({ region, at, checks: [] }),
  readReadiness: (store) => store.readReadiness(region),
  keepLedger: (store) => store.keepLedger(ledger),
  readLedger: (store) => store.readLedger('database'),
  takeFence: (store) => store.takeFence(fenceLock),
  readFence: (store) => store.readFence(region),
  openComparison: (store) => store.openComparison(comparison),
  keepComparison: (store) => store.keepComparison(comparison),
  readComparison: (store) => store.readComparison('database', region),
  keepRehearsal: (store) => store.keepRehearsal(rehearsal),
  keepRejoin: (store) => store.keepRejoin(rejoined),
  readRejoin: (store) => store.readRejoin('database', region),
  readRehearsal: (store) => store.readRehearsal('database', region),
  keepDrill: (store) => store.keepDrill(drill),
  readDrill: (store) => store.readDrill('execution-1'),
  listDrills: (store) => store.listDrills(),
  pullLever: (store) => store.pullLever('ana', 'users complain', at),
  releaseLever: (store) => store.releaseLever(),
  readLever: (store) => store.readLever(),
  keepHolder: (store) =>
    store.keepHolder({ asset: 'database', region, instance: 'chatops-prod-restored', execution: 'execution-1', at }),
  readHolders: (store) => store.readHolders(),
  openRequest: (store) => store.openRequest(request, 'token'),
  readRequest: (store) => store.readRequest(request.id),
  listOpenRequests: (store) => store.listOpenRequests(),
  listSettledRequests: (store) => store.listSettledRequests(at),
  readOutcome: (store) => store.readOutcome(request.id),
  readTaskToken: (store) => store.readTaskToken(request.id),
  renewTaskToken: (store) => store.renewTaskToken(request.id, 'token of the next try'),
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
  const ask = (operation: string, input: object) => {
    const call = { service: 'dynamodb', operation, region, input: { ...input } };
    for (const { action, context } of requestsOf(call, anybody))
      needs.push({ action, key: partitionOf(String(context['dynamodb:LeadingKeys'])) });
  };
  const write = (operation: string) => async (input: object) => {
    ask(operation, input);
    if (refuses) throw refusal;
    return {};
  };
  table.on(GetCommand).callsFake(async (input) => {
    ask('Get', input);
    return {};
  });
  table.on(QueryCommand).callsFake(async (input) => {
    ask('Query', input);
    return { Items: [], Count: 0 };
  });
  table.on(PutCommand).callsFake(write('Put'));
  table.on(UpdateCommand).callsFake(write('Update'));
  table.on(DeleteCommand).callsFake(write('Delete'));
  await run(dynamoStore(region, 'breakwater', plan, () => undefined));
  table.restore();
  return needs;
}

/** The table is asked the same for everybody. */
const anybody: Where = {
  principal: 'arn:aws:iam::111122223333:role/anybody',
  functionArn: null,
  keyOf: () => null,
  shiftedBy: () => '',
  waitingFor: () => '',
};

/** What a policy can name of a partition key: all of it, or what stands before what differs. */
function partitionOf(pk: string): string {
  return pk.includes('#') ? `${pk.slice(0, pk.indexOf('#'))}#*` : pk;
}
