// Who may do what: the reviewed table, the roles as they are packaged, and the calls in each function's bundle say the same.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readArchives } from '../cli/archives.ts';
import { parsePlan } from '../functions/domain/plan.ts';
import { type Needs, needsOf } from './permissions/needs.ts';
import {
  folderOf,
  leadingKeys,
  type Role,
  readRole,
  roleOf,
  type Statement,
  templateOf,
  words,
} from './permissions/packaged.ts';
import { measuredMethods, storeMethods } from './permissions/store-needs.ts';

const root = join(import.meta.dirname, '..');
const functions = namesIn('functions', '.ts');
const machines = namesIn('statemachines', '.asl.yaml');
const plan = parsePlan(parse(readFileSync(join(root, 'plan.yml'), 'utf8')));
const documents = readFileSync(join(root, 'docs/permissions.md'), 'utf8');
/** Functions that stand in the observer stacks and not in the main one. */
const observers = ['run-canary'];
/** Statements by which AWS itself acts with a function's role; no code of the function makes these calls. */
const onBehalf: Readonly<Record<string, RegExp>> = {
  Log: /^logs:(CreateLogStream|PutLogEvents)$/,
  ReadQueue: /^sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)$/,
  OnFailure: /^sqs:SendMessage$/,
  UseKey: /^kms:(Decrypt|GenerateDataKey)$/,
};
/** Actions that change nothing. */
const reading = /:(Get|List|Describe|BatchGet|Query|ConditionCheck)|^kms:|^logs:|^sqs:(Receive|GetQueue)/;

const roles = new Map<string, Role>();
const machineRoles = new Map<string, Role>();
let needs: ReadonlyMap<string, Needs>;

beforeAll(async () => {
  const { primary, witness } = plan.roles;
  const [outer = witness] = plan.roles.observers;
  const main = (await templateOf(primary)).Resources;
  const outside = (await templateOf(outer)).Resources;
  for (const name of functions) {
    const stack = observers.includes(name) ? outside : main;
    roles.set(name, readRole(roleOf(name, stack), stack));
  }
  for (const name of machines) machineRoles.set(name, readRole(roleOf(name, main), main));
  needs = await needsOf(readArchives(await folderOf(primary)));
}, 300_000);

describe('the reviewed table', () => {
  test('names every function and no other', () => {
    const named = new Set(rowsOf('Functions').map(([name]) => name));
    expect([...named].filter((name) => name !== 'every function').toSorted()).toEqual(functions.toSorted());
  });

  test.for(functions)('says what the packaged role of %s allows, each with a reason', (name) => {
    const rows = rowsOf('Functions').filter(([who]) => who === name || who === 'every function');
    for (const [, , , , why] of rows) expect(why).toMatch(/\w{3}/);
    const reviewed = rows.map(([, actions, resources, onlyIf]) =>
      line(
        actions.replaceAll('`', ''),
        resources.replaceAll('`', '').replace('<function>', name),
        onlyIf.replaceAll('`', ''),
      ),
    );
    expect(statementsOf(name).map(inTable).toSorted()).toEqual(reviewed.toSorted());
  });

  test('lists every action that has * for its resource, and each is used', () => {
    const listed = rowsOf('Actions without resources').map(([action]) => action.replaceAll('`', ''));
    const used = allStatements().filter(({ resources }) => resources.includes('*'));
    expect([...new Set(used.flatMap(({ actions }) => actions))].toSorted()).toEqual(listed.toSorted());
  });

  test('says of each mutating action without a resource what limits it instead', () => {
    const unlimited = allStatements().filter(
      ({ resources, actions, onlyIf }) =>
        resources.includes('*') && actions.some((action) => !reading.test(action)) && onlyIf.length === 0,
    );
    expect(unlimited).toEqual([]);
  });
});

describe('the calls in the bundles', () => {
  test.for(functions)('%s may make the calls that its code makes, and no others', (name) => {
    const own = statementsOf(name).filter(({ effect, sid }) => effect === 'Allow' && onBehalf[sid] === undefined);
    const granted = own.flatMap(({ actions, keys }) =>
      actions.flatMap((action) => (keys ?? ['']).map((key) => `${action} ${key}`.trim())),
    );
    const { actions = [], table = [] } = needs.get(name) ?? {};
    const needed = [...actions, ...table.map(({ action, key }) => `${action} ${key}`)];
    expect([...new Set(granted)].toSorted()).toEqual([...new Set(needed)].toSorted());
  });

  test('every method of the store is measured', () => {
    expect(measuredMethods.toSorted()).toEqual(storeMethods.toSorted());
  });

  test('calls that the scan knows of are there: a scan that finds nothing proves nothing', () => {
    expect(needs.get('promote-database')?.actions.toSorted()).toEqual([
      'rds:DescribeDBInstances',
      'rds:PromoteReadReplica',
    ]);
    expect(needs.get('shift-traffic')?.actions).toContain('arc-zonal-shift:StartZonalShift');
    expect(needs.get('probe-dependencies')?.actions).toContain('ec2:DescribeAvailabilityZones');
    expect(needs.get('move-role')?.table).toContainEqual({ action: 'dynamodb:PutItem', key: 'standing' });
  });

  test('what AWS does on behalf of a function is what its statement is for', () => {
    for (const { sid, actions } of allStatements())
      if (onBehalf[sid] !== undefined) expect(actions.filter((action) => !onBehalf[sid]?.test(action))).toEqual([]);
  });
});

describe('limits', () => {
  test('what the plan names is what the roles mean by the application: every name begins with it', () => {
    const { application, database, cache, cluster, redirection, parameters, remediation } = plan;
    const names = [
      ...[database.instance, database.replica, database.restoredInstance],
      ...[cache.replicationGroup, cache.standbyReplicationGroup, cache.restoredReplicationGroup],
      ...[cluster.name, cluster.standby.name, ...cluster.loadBalancers.map((id) => id.split('/')[1] ?? '')],
      ...Object.values(redirection.latchBuckets).flatMap((buckets) => Object.values(buckets)),
      ...parameters.map(({ name }) => name.slice(1).replace('/', '-')),
      ...(remediation.afterRelease === null ? [] : [remediation.afterRelease.buildProject]),
    ];
    expect(names.filter((name) => !name.startsWith(`${application}-`))).toEqual([]);
    expect(cache.globalDatastore?.slice(6)).toMatch(new RegExp(`^${application}`));
  });

  test('no statement allows an action by a pattern', () => {
    expect(allStatements().filter(({ actions }) => actions.some((action) => action.includes('*')))).toEqual([]);
  });

  test('every right to the table names its partitions, also for a request that names none', () => {
    const unkeyed = allStatements().filter(
      ({ actions, keys, onlyIf }) =>
        actions.some((action) => action.startsWith('dynamodb:') && action !== 'dynamodb:DescribeTable') &&
        (keys === null || keys.includes('*') || !onlyIf.includes(`Null ${leadingKeys} false`)),
    );
    expect(unkeyed).toEqual([]);
  });

  test('fencing and promotion share no right to change anything at AWS', () => {
    const changes = (names: readonly string[]) =>
      names
        .flatMap((name) => statementsOf(name))
        .flatMap(({ actions }) => actions.filter((action) => !reading.test(action) && !action.startsWith('dynamodb:')));
    const fencing = changes(['fence-database', 'fence-old-region']);
    const promotion = changes(['promote-database', 'failover-cache']);
    expect(fencing).toContain('rds:ModifyDBInstance');
    expect(promotion).toContain('rds:PromoteReadReplica');
    expect(fencing.filter((action) => promotion.includes(action))).toEqual([]);
  });

  test.for([
    ['promotes', 'rds:PromoteReadReplica', ['promote-database']],
    ['fences', 'rds:ModifyDBInstance', ['fence-database', 'fence-old-region']],
    ['answers a flow', 'states:SendTaskSuccess', ['serve-approval', 'sweep']],
    ['starts flows', 'states:StartExecution', ['classify', 'sweep']],
    ['changes the record of the service', 'route53:ChangeResourceRecordSets', ['redirect-users']],
    ['closes latches', 's3:PutObject', ['redirect-users']],
    [
      'reads the key of the links',
      'secretsmanager:GetSecretValue',
      ['request-approval', 'rotate-link-key', 'serve-approval', 'sweep'],
    ],
  ] as const)('nobody else %s', ([, action, allowed]) => {
    expect(whoMay((statement) => statement.actions.includes(action))).toEqual(
      allowed.filter((name) => functions.includes(name)),
    );
  });

  test.for([
    ['a task token', 'token#', 'dynamodb:PutItem', ['request-approval']],
    ['a task token', 'token#', 'dynamodb:GetItem', ['serve-approval', 'sweep']],
    ['a task token', 'token#', 'dynamodb:Query', []],
    ['who is primary', 'standing', 'dynamodb:PutItem', ['move-role']],
    ['who is primary', 'standing', 'dynamodb:DeleteItem', []],
    ['an answer', 'answers#', 'dynamodb:PutItem', ['serve-approval']],
    ['a waiver', 'waivers#', 'dynamodb:PutItem', []],
  ] as const)('of %s (%s) nobody else has %s', ([, partition, action, allowed]) => {
    const holds = ({ actions, keys }: Statement) =>
      actions.includes(action) && (keys ?? []).some((key) => key === partition || key === `${partition}*`);
    expect(whoMay(holds)).toEqual(allowed.filter((name) => functions.includes(name)));
  });

  test('only who tells people may read the addresses of their channels', () => {
    const readers = whoMay(({ resources }) => resources.some((resource) => resource.includes('/webhooks/')));
    const tellers = whoMay(({ actions }) => actions.includes('sns:Publish'));
    expect(readers.filter((name) => !tellers.includes(name))).toEqual([]);
  });

  test.for(['iam:', 'sts:', 'cloudformation:', 'lambda:', 'kms:Create', 'organizations:'])(
    'no function may %s anything',
    (service) => {
      expect(whoMay(({ actions }) => actions.some((action) => action.startsWith(service)))).toEqual([]);
    },
  );

  test.for(functions)('the role of %s is used by Lambda, in this account, for this function', (name) => {
    const others = name === 'classify' ? ['lambda:here:account:event-source-mapping:*'] : [];
    expectTrust(roles.get(name), 'lambda.amazonaws.com', [`lambda:here:account:function:prefix-${name}`, ...others]);
  });

  test.for(machines)('the role of %s is used by Step Functions, in this account, for this machine', (name) => {
    expectTrust(machineRoles.get(name), 'states.amazonaws.com', [`states:here:account:stateMachine:prefix-${name}`]);
  });

  test.for(machines)('%s may invoke the functions that its file names and nothing else', (name) => {
    const file = readFileSync(join(root, `statemachines/${name}.asl.yaml`), 'utf8');
    const named = new Set(
      [...file.matchAll(/Fn::GetAtt: \[([a-z-]+), Arn\]/g)].map(([, verb]) => `breakwater-rehearsal-${verb}`),
    );
    const statements = machineRoles.get(name)?.statements ?? [];
    const invoking = statements.filter(({ actions }) => actions.includes('lambda:InvokeFunction'));
    const others = statements.filter((statement) => !invoking.includes(statement));
    expect(invoking.flatMap(({ actions }) => actions)).toEqual(['lambda:InvokeFunction']);
    expect(invoking.flatMap(({ resources }) => resources).toSorted()).toEqual(
      [...named].map((one) => words(one)).toSorted(),
    );
    expect(others.map(({ sid }) => sid)).toEqual(['DeliverLogs']);
  });

  test.for(machines)(
    '%s may deliver its log by the actions that are listed with their reason, and by no other',
    (name) => {
      const rows = rowsOf('State machines');
      for (const [, why] of rows) expect(why).toMatch(/\w{3}/);
      const listed = rows.flatMap(([actions]) => actions.replaceAll('`', '').split(', '));
      const delivering = machineRoles.get(name)?.statements.filter(({ sid }) => sid === 'DeliverLogs') ?? [];
      expect(delivering.flatMap(({ actions }) => actions).toSorted()).toEqual(listed.toSorted());
    },
  );
});

function namesIn(folder: string, ending: string): string[] {
  const files = readdirSync(join(root, folder)).filter((file) => file.endsWith(ending));
  return files.map((file) => basename(file, ending));
}

function statementsOf(name: string): readonly Statement[] {
  return roles.get(name)?.statements ?? [];
}

function allStatements(): Statement[] {
  return functions.flatMap((name) => statementsOf(name));
}

function whoMay(may: (statement: Statement) => boolean): string[] {
  return functions
    .filter((name) => statementsOf(name).some((statement) => statement.effect === 'Allow' && may(statement)))
    .toSorted();
}

function expectTrust(role: Role | undefined, service: string, sources: readonly string[]): void {
  const { Effect, Action, Principal, Condition = {} } = role?.trust ?? {};
  expect({ Effect, Action, Principal }).toEqual({
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { Service: service },
  });
  expect(Condition['StringEquals']).toEqual({ 'aws:SourceAccount': { Ref: 'AWS::AccountId' } });
  const named = Condition['ArnLike']?.['aws:SourceArn'];
  expect((Array.isArray(named) ? named : [named]).map((one) => words(one))).toEqual(sources);
}

type Row = readonly [string, string, string, string, string];

/** The rows of the table under a heading, without its head. */
function rowsOf(heading: string): Row[] {
  const section = documents.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((text) => text.startsWith('| '));
  return rows.slice(1).map((text) => {
    const [, who = '', actions = '', resources = '', onlyIf = '', why = ''] = text
      .split('|')
      .map((cell) => cell.trim());
    return [who, actions, resources, onlyIf, why];
  });
}

/** One statement, or one row, as text that is the same for both. */
function line(actions: string, resources: string, onlyIf: string): string {
  const [, never = '', rest = ''] = /^(never )?(.*)$/.exec(actions) ?? [];
  const sorted = (list: string, separator: string) =>
    list
      .split(separator)
      .map((one) => one.trim())
      .toSorted()
      .join(', ');
  return `${never}${sorted(rest, ',')} | ${sorted(resources, ',')} | ${sorted(onlyIf, ';')}`;
}

function inTable({ effect, actions, resources, onlyIf, keys }: Statement): string {
  const others = onlyIf.filter((condition) => !condition.includes(leadingKeys));
  const conditions = keys === null ? others : [`keys ${keys.join(', ')}`, ...others];
  return line(`${effect === 'Deny' ? 'never ' : ''}${actions.join(',')}`, resources.join(','), conditions.join(';'));
}
