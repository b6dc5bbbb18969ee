// Consumers are switched off and on: each verb against a stand-in of the four services, with what these refuse.
import { beforeEach, describe, expect, test } from 'vitest';
import { parsePlan } from '../../../../check/plan.ts';
import { stepName } from '../../../../functions/domain/record/step.ts';
import { handler as fence } from '../../../../functions/kinds/consumers/fence.ts';
import { handler as fenceLate } from '../../../../functions/kinds/consumers/fence-late.ts';
import { consumersAreReady } from '../../../../functions/kinds/consumers/look.ts';
import { consumersReady, consumersSeen } from '../../../../functions/kinds/consumers/rules/assess.ts';
import { type ConsumerSeen, consumersOf } from '../../../../functions/kinds/consumers/rules/listed.ts';
import type { Place } from '../../../../functions/kinds/consumers/says/place-plan.ts';
import { handler as takeOver } from '../../../../functions/kinds/consumers/take-over.ts';
import { handler as unfence } from '../../../../functions/kinds/consumers/unfence.ts';
import { fencesOf, undoFences } from '../../../../functions/kinds/undo.ts';
import { refusal, throttled, timedOut } from '../../../../simulator/estate/calls/aws-error.ts';
import type { Call } from '../../../../simulator/estate/types.ts';
import { runIn } from '../../../../simulator/sdk.ts';
import { the, withConsumers } from '../../../assets.ts';
import { plan as base } from '../../../plan.ts';
import { failureOf, regionIncident as incident, reached, running, type Setting, start } from '../../setting.ts';

const plan = withConsumers(base);
const asset = 'workers';
const { id, execution } = incident;
const home = 'us-east-1';
const mapping = `${'0'.repeat(8)}-0000-4000-8000-${'1'.padStart(12, '0')}`;

/** What the services hold of one region, and the calls that changed it. */
/** Who may take the role of a schedule, as IAM writes it; null: there is none. And how its key stands. */
let roles: { trust: string | null; key: string };
let held: { mapping: string | null; schedule: object | null; rule: string | null; desired: number; running: number };
let changed: string[];
/** What the next change of an operation is answered with. */
let refused: Partial<Record<string, Error>>;
let silent: string[];
let shell: Setting;

const schedule = {
  Name: 'digest',
  GroupName: 'jobs',
  Arn: 'arn:aws:scheduler:us-east-1:111122223333:schedule/jobs/digest',
  CreationDate: start / 1000 - 90_000,
  LastModificationDate: start / 1000 - 90_000,
  StartDate: start / 1000 - 90_000,
  EndDate: start / 1000 + 9_000_000,
  Description: 'a digest each morning',
  ScheduleExpression: 'cron(0 6 * * ? *)',
  ScheduleExpressionTimezone: 'Europe/Berlin',
  FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 },
  ActionAfterCompletion: 'NONE',
  KmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/jobs',
  Target: {
    Arn: 'arn:t',
    RoleArn: 'arn:aws:iam::111122223333:role/chatops-schedules',
    Input: '{"a":1}',
    RetryPolicy: { MaximumRetryAttempts: 7 },
    LaterField: 1,
  },
  LaterField: 'what no client of today knows',
  State: 'ENABLED',
};

beforeEach(async () => {
  roles = { trust: encodeURIComponent('{"Service":"scheduler.amazonaws.com"}'), key: 'Enabled' };
  held = { mapping: 'Enabled', schedule, rule: 'ENABLED', desired: 3, running: 3 };
  changed = [];
  refused = {};
  silent = [];
  shell = await running(incident, { plan, region: 'us-west-2' });
});

const absent = () => refusal('ResourceNotFoundException', 'it is not there', 404);

async function answer({ service, operation, input, region }: Call): Promise<unknown> {
  if (silent.includes(region) || silent.includes(operation)) throw timedOut(`${service} in ${region}`);
  const failure = refused[operation];
  if (failure !== undefined) throw failure;
  if (!/^(Get|Describe)/.test(operation)) changed.push(`${operation} ${region}`);
  switch (operation) {
    case 'GetEventSourceMapping':
      if (held.mapping === null) throw absent();
      return { State: held.mapping, FunctionArn: `arn:aws:lambda:${region}:1:function:ingest:live` };
    case 'UpdateEventSourceMapping':
      held.mapping = input['Enabled'] === true ? 'Enabling' : 'Disabling';
      return {};
    case 'GetSchedule':
      if (held.schedule === null) throw absent();
      return held.schedule;
    case 'GetRole':
      if (roles.trust === null) throw refusal('NoSuchEntity', 'it is not there', 404);
      return { Role: { AssumeRolePolicyDocument: roles.trust } };
    case 'DescribeKey':
      return { KeyMetadata: { KeyState: roles.key } };
    case 'UpdateSchedule':
      held.schedule = input;
      return {};
    case 'DescribeRule':
      if (held.rule === null) throw absent();
      return { State: held.rule };
    case 'DisableRule':
    case 'EnableRule':
      held.rule = operation === 'EnableRule' ? 'ENABLED' : 'DISABLED';
      return {};
    case 'DescribeServices':
      return {
        services: [
          { status: 'ACTIVE', schedulingStrategy: 'REPLICA', desiredCount: held.desired, runningCount: held.running },
        ],
      };
    case 'UpdateService':
      held.desired = Number(input['desiredCount']);
      return {};
    case 'DescribeDBInstances':
      return {
        DBInstances: [{ DBInstanceStatus: 'available', ReadReplicaSourceDBInstanceIdentifier: 'chatops-prod' }],
      };
    default:
      throw new Error(`${operation} is asked`);
  }
}

const caller = { region: 'us-west-2', step: '', execution: '', incident: '' };
const run = <Result>(what: () => Promise<Result>) => runIn({ answer, caller }, what);
const fenced = (approved: readonly string[] = []) =>
  run(() => fence.on(shell)({ incident, asset, approved, unreachable: [] }));
const late = () => run(() => fenceLate.on(shell)({ incident, asset }));
const took = () => run(() => takeOver.on(shell)({ incident, asset }));
const opened = () => run(() => unfence.on(shell)({ incident: { ...incident, mode: 'switchover' }, asset }));
const settle = () => {
  held.mapping = held.mapping?.replace(/ing$/, 'ed') ?? null;
  if (held.mapping === 'Enabled' || held.mapping === 'Disabled') held.running = held.desired;
  shell.at += 30_000;
};
const allOff = ['UpdateEventSourceMapping', 'UpdateSchedule', 'DisableRule', 'UpdateService'].map(
  (operation) => `${operation} ${home}`,
);
const promoted = () =>
  shell.store.audit({
    ...{ incident: id, execution, at: start, actor: 'classify', drill: false, region: 'us-west-2' },
    ...{ step: 'take-over/database', call: 'rds:PromoteReadReplica', target: 'chatops-dr-replica' },
  });

describe('the fence', () => {
  test('asks for all to be off at once, waits until they are, and says how they stood before', async () => {
    expect(await failureOf(fenced())).toEqual({
      name: 'InProgress',
      message: `mapping ${mapping} of ingest is being switched off, and 3 more`,
    });
    expect(changed).toEqual(allOff);
    shell.at += 5_000;
    expect(await failureOf(fenced())).toEqual({
      name: 'InProgress',
      message: `mapping ${mapping} of ingest is not off yet: it is disabling, and 1 more`,
    });
    settle();
    expect(await fenced()).toEqual({
      fenced: true,
      unfenced: [],
      late: false,
      fencedAt: shell.at,
      consumers: {
        [`mapping/${mapping}`]: { before: 'enabled', after: 'disabled' },
        'schedule/jobs/digest': { before: 'enabled', after: 'disabled' },
        'rule/default/nightly': { before: 'enabled', after: 'disabled' },
        'service/chatops-prod/worker': { before: 'ACTIVE, 3 of 3 tasks', after: 'ACTIVE, 0 of 0 tasks' },
      },
    });
    expect(changed).toEqual(allOff);
    const at = shell.at;
    shell.at += 60_000;
    expect(await fenced()).toMatchObject({ fencedAt: at });
    expect(changed).toEqual(allOff);
  });

  test('writes a schedule back whole, also what nobody knows yet, but for a start that has passed', async () => {
    await failureOf(fenced());
    const { Arn: _arn, CreationDate: _made, LastModificationDate: _last, StartDate: _start, ...kept } = schedule;
    expect(held.schedule).toEqual({ ...kept, State: 'DISABLED' });
  });

  test.for([
    ['rate(1 day)', -3_600, 82_800],
    ['rate(1 day)', -90_000, 82_800],
    ['rate(5 minutes)', -1_000, 200],
    ['rate(2 hours)', -7_200, 7_200],
  ] as const)(
    'keeps the beat of %s that began %d s ago: it runs in %d s, and not at once',
    async ([rate, began, next]) => {
      held = { ...held, schedule: { ...schedule, ScheduleExpression: rate, StartDate: start / 1000 + began } };
      await failureOf(fenced());
      expect(held.schedule).toMatchObject({ State: 'DISABLED', StartDate: start / 1000 + next });
    },
  );

  test('keeps the beat of a rate that has no start by when it was made, and only where it is switched on', async () => {
    const { StartDate: _, ...bare } = { ...schedule, ScheduleExpression: 'rate(1 day)' };
    held = { ...held, schedule: bare };
    await failureOf(fenced());
    expect(held.schedule).toMatchObject({ State: 'DISABLED' });
    expect(held.schedule).not.toHaveProperty('StartDate');
    held = { ...held, schedule: { ...bare, State: 'DISABLED' } };
    await reached('take-over/database', incident, shell);
    await failureOf(took());
    // It was made 25 h ago.
    expect(held.schedule).toMatchObject({ State: 'ENABLED', StartDate: start / 1000 + 82_800 });
  });

  test.for([
    ['Creating', 'Enabling', 'Updating'],
    ['Disabling', 'Deleting'],
  ])('what was %s is known for what it will be', async (states) => {
    for (const mapping_ of states) {
      shell = await running(incident, { plan, region: 'us-west-2' });
      held = { mapping: mapping_, schedule: null, rule: null, desired: 0, running: 0 };
      await failureOf(fenced());
      const [kept] = (await shell.store.readSteps(id)).filter(({ step }) => step.startsWith('before/'));
      expect(kept?.outcome['consumers'], mapping_).toMatchObject({
        [`mapping/${mapping}`]: { on: states.length === 3 },
      });
    }
  });

  test('has each call in the record before it is made', async () => {
    await failureOf(fenced());
    const audit = (await shell.store.readAudit(id)).map(({ step, call, target, region }) =>
      [step, call, target, region].join(' '),
    );
    expect(audit.toSorted()).toEqual([
      'fence/workers ecs:UpdateService worker us-east-1',
      'fence/workers eventbridge:DisableRule default/nightly us-east-1',
      `fence/workers lambda:UpdateEventSourceMapping ${mapping} us-east-1`,
      'fence/workers scheduler:UpdateSchedule jobs/digest us-east-1',
    ]);
  });

  test('of what never was there is done, and says so', async () => {
    held = { mapping: null, schedule: null, rule: null, desired: 0, running: 0 };
    expect(await fenced()).toMatchObject({
      fenced: true,
      consumers: { [`mapping/${mapping}`]: { before: 'not there', after: 'not there' } },
    });
    expect(changed).toEqual([]);
  });

  test.for([
    ['UpdateEventSourceMapping', 'ResourceInUseException'],
    ['UpdateEventSourceMapping', 'ResourceConflictException'],
    ['UpdateSchedule', 'ConflictException'],
    ['DisableRule', 'ConcurrentModificationException'],
  ] as const)('asks again where %s meets %s', async ([operation, name]) => {
    refused = { [operation]: refusal(name, 'not now', 409) };
    expect((await failureOf(fenced())).name).toBe('InProgress');
    expect(changed).toHaveLength(3);
    refused = {};
    // It was certain not to begin: nothing is waited for.
    shell.at += 1_000;
    await failureOf(fenced());
    expect(changed).toHaveLength(4);
  });

  test('that is throttled switches the others, and is asked again', async () => {
    refused = { UpdateEventSourceMapping: throttled('lambda') };
    expect((await failureOf(fenced())).name).toBe('InProgress');
    expect(changed).toHaveLength(3);
    settle();
    expect(await failureOf(fenced())).toMatchObject({
      name: 'InProgress',
      message: expect.stringContaining('TooMany'),
    });
  });

  test('that is refused switches the others first, and people are asked', async () => {
    refused = { UpdateSchedule: refusal('AccessDeniedException', 'no right to pass the role', 403) };
    expect((await failureOf(fenced())).name).toBe('InProgress');
    settle();
    expect(await failureOf(fenced())).toMatchObject({
      name: 'ApprovalStale',
      message: expect.stringContaining('no right to pass the role'),
    });
    expect([held.mapping, held.rule, held.desired]).toEqual(['Disabled', 'DISABLED', 0]);
    expect(await fenced([asset])).toMatchObject({ fenced: false, unfenced: [home] });
  });

  test('of a region that does not answer stays out only where that was approved', async () => {
    silent = [home];
    expect((await failureOf(fenced())).name).toBe('InProgress');
    shell.at += 180_000;
    expect(await failureOf(fenced())).toMatchObject({
      name: 'ApprovalStale',
      message: expect.stringContaining(
        `the consumers of ${home} cannot be fenced and the approval does not name workers`,
      ),
    });
    expect(await fenced(['workers'])).toMatchObject({ fenced: false, unfenced: [home] });
  });

  test('of a mapping that is of another function is asked about', async () => {
    const { workers } = { workers: the('consumers', plan) };
    const other = structuredClone(workers) as { regions: Record<string, Place> };
    const place = other.regions[home];
    if (place?.mappings[0] !== undefined) place.mappings[0].function = 'billing';
    shell = await running(incident, {
      plan: { ...plan, assets: [...base.assets, other as typeof workers] },
      region: 'us-west-2',
    });
    await failureOf(fenced());
    settle();
    expect(await failureOf(fenced())).toMatchObject({
      name: 'ApprovalStale',
      message: expect.stringMatching(/cannot be switched off: it is of arn:.*ingest.*, and not of billing/),
    });
  });
});

describe('the late fence', () => {
  test('changes nothing until something has taken over from what they write to', async () => {
    expect(await failureOf(late())).toMatchObject({ name: 'InProgress' });
    expect(changed).toEqual([]);
  });

  test('switches off as soon as the database was taken over, before they have taken over themselves', async () => {
    await promoted();
    await reached('take-over/database', incident, shell);
    await reached('redirect-users', incident, shell);
    await failureOf(late());
    expect(changed).toEqual(allOff);
    settle();
    expect(await late()).toMatchObject({ fenced: true, consumers: { 'rule/default/nightly': { after: 'disabled' } } });
  });

  test('waits while the promotion may still come, and for ever where it was lost', async () => {
    await promoted();
    expect(await failureOf(late())).toMatchObject({
      name: 'InProgress',
      message: expect.stringMatching(/may still come/),
    });
    shell.at += 600_000;
    expect(await failureOf(late())).toMatchObject({ message: expect.stringMatching(/was lost/) });
    expect(changed).toEqual([]);
  });

  test('asks again while the region does not answer', async () => {
    await promoted();
    await reached('take-over/database', incident, shell);
    await reached('redirect-users', incident, shell);
    silent = [home];
    expect(await failureOf(late())).toMatchObject({ name: 'InProgress', message: expect.stringMatching(/not fenced/) });
  });
});

describe('the takeover', () => {
  const off = () => {
    held = {
      mapping: 'Disabled',
      schedule: { ...schedule, State: 'DISABLED' },
      rule: 'DISABLED',
      desired: 0,
      running: 0,
    };
  };

  test('is held until the database has taken over', async () => {
    off();
    expect(await took()).toEqual({ held: 'needs database' });
    expect(changed).toEqual([]);
  });

  test('switches all on in the region that takes over, and does not wait for tasks to start', async () => {
    off();
    await reached('take-over/database', incident, shell);
    expect((await failureOf(took())).name).toBe('InProgress');
    expect(changed.map((one) => one.split(' ')[1])).toEqual(Array(4).fill('us-west-2'));
    held.mapping = 'Enabled';
    shell.at += 20_000;
    expect(await took()).toMatchObject({
      consumers: { 'service/chatops-dr/worker': { before: 'ACTIVE, 0 of 0 tasks', after: 'ACTIVE, 0 of 3 tasks' } },
    });
  });

  test('switches the others on where one is not there, and is for a person', async () => {
    off();
    held.mapping = null;
    await reached('take-over/database', incident, shell);
    await failureOf(took());
    shell.at += 20_000;
    expect(await failureOf(took())).toEqual({
      name: 'CannotProceed',
      message: expect.stringMatching(/^mapping .* of ingest cannot be switched on: it is not there$/),
    });
    expect(held).toMatchObject({ rule: 'ENABLED', desired: 3 });
  });

  test('is passed over where a person signed that', async () => {
    await reached('take-over/database', incident, shell);
    await shell.store.keepWaiver(execution, stepName({ state: 'TakeOver', asset }), 'ana', 'on by hand', start);
    expect(await took()).toMatchObject({ skipped: true, by: 'ana' });
    expect(changed).toEqual([]);
  });
});

describe('the way back', () => {
  const close = async () => {
    await failureOf(fenced());
    settle();
    await fenced();
    changed = [];
  };

  test('has those on that were on before, and leaves the others', async () => {
    held.rule = 'DISABLED';
    held.desired = 2;
    await close();
    expect((await failureOf(opened())).name).toBe('InProgress');
    expect(changed).toEqual([`UpdateEventSourceMapping ${home}`, `UpdateSchedule ${home}`, `UpdateService ${home}`]);
    settle();
    expect(await opened()).toMatchObject({ opened: true });
    expect(held).toMatchObject({ mapping: 'Enabled', rule: 'DISABLED', desired: 2 });
  });

  test('is none where nothing was switched off', async () => {
    expect(await opened()).toMatchObject({ opened: false, why: 'none of them was switched off' });
  });

  test('is none where something works in their place, and the outcome says so', async () => {
    await close();
    await reached('take-over/database', incident, shell);
    expect(await opened()).toMatchObject({
      opened: false,
      stays: expect.stringMatching(/one region that consumes is enough/),
    });
    expect(changed).toEqual([]);
  });

  test('is none where they work in the other region, whatever they need: what was found on there needed no call', async () => {
    await close();
    await reached('take-over/workers', incident, shell);
    expect(await opened()).toMatchObject({ opened: false, stays: expect.stringMatching(/^workers was asked to take/) });
    expect(changed).toEqual([]);
  });

  test('by an abort has them on again too, once no call may come any more', async () => {
    await failureOf(fenced());
    settle();
    shell.at = start + 10_000;
    const undo = () => run(() => undoFences(home, id, execution, { by: 'ana', leaveFenced: false }, shell));
    const left = await run(() => undoFences(home, id, execution, { by: 'ana', leaveFenced: true }, shell));
    expect(left.stays).toMatch(
      /^workers in us-east-1, if the flow has fenced it \(the fence of workers may still come\)$/,
    );
    expect(await failureOf(undo())).toMatchObject({
      name: 'Unavailable',
      message: expect.stringMatching(/may still come/),
    });
    shell.at = start + 60_000;
    expect(await undo()).toEqual({ unfenced: null, stays: '' });
    expect(held).toMatchObject({ mapping: 'Enabling', rule: 'ENABLED', desired: 3 });
    expect(await run(() => fencesOf(home, id, execution, shell))).toEqual([]);
  });

  test('by an abort is through while the region does not answer where the flow had switched them on again', async () => {
    await close();
    await failureOf(opened());
    settle();
    await opened();
    shell.at = start + 600_000;
    silent = [home];
    expect(await run(() => undoFences(home, id, execution, { by: 'ana', leaveFenced: false }, shell))).toEqual({
      unfenced: null,
      stays: '',
    });
  });

  test('is told of where an execution has lost its lock', async () => {
    await close();
    expect(await run(() => fencesOf(home, id, execution, shell))).toEqual([
      'workers stay off: the flow has given us-east-1 back',
    ]);
  });
});

const seen = (what: 'mapping' | 'schedule' | 'rule', state: string): ConsumerSeen => ({ what, state, fixed: null });
const tasks = (desired: number, at: number): ConsumerSeen => ({
  ...{ what: 'service', status: 'ACTIVE', fixed: null },
  ...{ desired, running: at },
});

describe('before anything happens', () => {
  const place = the('consumers', plan).regions[home];
  const [first, , , last] = place === undefined ? [] : consumersOf(place);
  const looked = (one: ConsumerSeen | null, worker: ConsumerSeen = tasks(3, 3)) =>
    first === undefined || last === undefined
      ? []
      : [
          { one: first, seen: one },
          { one: last, seen: worker },
        ];

  test.for([
    ['all on where users are', seen('mapping', 'Enabled'), true, null],
    ['one off where users are', seen('mapping', 'Disabled'), true, /ingest is off in us-east-1, which serves users/],
    ['one not there', null, true, /ingest does not exist in us-east-1/],
  ] as const)('readiness says of %s', ([, one, serves, why]) => {
    const verdict = consumersReady(looked(one), home, serves);
    expect(verdict.state).toBe(why === null ? 'ready' : 'not-ready');
    if (why !== null) expect(verdict.why).toMatch(why);
  });

  test('readiness says of one that is on where no users are, and of a worker without tasks where they are', () => {
    const off = tasks(0, 0);
    expect(consumersReady(looked(seen('mapping', 'Disabled'), off), home, false).state).toBe('ready');
    expect(consumersReady(looked(seen('mapping', 'Enabled'), off), home, false).why).toMatch(/two regions consume/);
    expect(consumersReady(looked(seen('mapping', 'Enabled'), tasks(3, 0)), home, true).why).toMatch(/none of 3 tasks/);
  });

  test('a schedule with another role than the plan says is not ready: nobody here may pass that one', async () => {
    const { Target } = schedule;
    held.schedule = {
      ...schedule,
      Target: { ...Target, RoleArn: 'arn:aws:iam::111122223333:role/jobs/chatops-schedules' },
    };
    const here = { ...shell, region: home };
    expect(await run(() => consumersAreReady(the('consumers', plan), here))).toEqual({
      state: 'not-ready',
      why:
        'schedule jobs/digest in us-east-1 cannot be switched: its role is arn:aws:iam::111122223333:role/jobs/chatops-schedules, ' +
        'and the plan says chatops-schedules, which alone may be passed',
    });
    held.schedule = schedule;
    expect((await run(() => consumersAreReady(the('consumers', plan), here))).state).toBe('ready');
  });

  test.for<[string, { trust?: string | null; key?: string }, string | null]>([
    ['can be used', {}, null],
    ['whose role is gone', { trust: null }, 'its role chatops-schedules does not exist'],
    [
      'whose role is of another service',
      { trust: encodeURIComponent('{"Service":"lambda.amazonaws.com"}') },
      'its role chatops-schedules is none that Scheduler may take',
    ],
    ['whose key is about to be deleted', { key: 'PendingDeletion' }, 'its key arn:k is PendingDeletion'],
  ])('a schedule %s', async ([, change, why]) => {
    roles = { ...roles, ...change };
    if (change.key !== undefined) held.schedule = { ...schedule, KmsKeyArn: 'arn:k' };
    const { state, why: said } = await run(() => consumersAreReady(the('consumers', plan), { ...shell, region: home }));
    expect(state).toBe(why === null ? 'ready' : 'not-ready');
    if (why !== null) expect(said).toBe(`schedule jobs/digest in us-east-1 cannot be switched: ${why}`);
  });

  test('IAM that does not answer holds no schedule: it stands in a region that may be lost', async () => {
    silent.push('GetRole');
    expect((await run(() => consumersAreReady(the('consumers', plan), { ...shell, region: home }))).state).toBe(
      'ready',
    );
  });

  const leaving = {
    ...{ target: home, standby: 'us-west-2', now: start, aliveAt: start, writesEndedAt: start },
    ...{ called: [], fenced: [] },
  };
  const observed = [
    { asset, there: looked(null), open: { asset, reachable: false, why: 'us-east-1 does not answer' } },
  ];

  test('people read what will be missing; it is no obstacle to a failover, and a switchover leaves nothing on', () => {
    const failover = consumersSeen(observed, { ...leaving, mode: 'failover' });
    expect(failover.obstacles).toEqual([]);
    expect(failover.merits).toEqual([
      `1 of 2 consumers of workers are in us-west-2; mapping ${mapping} of ingest will be MISSING`,
    ]);
    expect(failover.open).toHaveLength(1);
    expect(consumersSeen(observed, { ...leaving, mode: 'switchover' }).obstacles).toEqual([
      'a switchover needs a fence, and us-east-1 does not answer',
    ]);
  });
});

describe('a plan', () => {
  const wrong = (change: object) => {
    const workers = { ...the('consumers', plan), ...change };
    try {
      parsePlan(JSON.parse(JSON.stringify({ ...base, assets: [...base.assets, workers] })));
      return '';
    } catch (error) {
      return String((error as Error).message);
    }
  };
  const regions = (place: object) => ({ regions: { 'us-east-1': place, 'us-west-2': place } });

  test.for([
    ['nothing is named', regions({}), /at least one of mappings, schedules, rules, services, cronJobs and deployments/],
    ['what they write to is missing', { needs: [] }, /needs.*expected what they write to, which takes over first/],
    [
      'a mapping has no UUID',
      regions({ mappings: [{ function: 'f', uuid: 'f' }] }),
      /uuid.*the UUID of an event source/,
    ],
    ['a schedule has no role', regions({ schedules: [{ name: 's' }] }), /role/],
  ] as const)('in which %s is refused in one line', ([, change, line]) => {
    expect(wrong(change)).toMatch(line);
  });

  test('that says all of it is taken', () => {
    expect(wrong({})).toBe('');
  });
});
