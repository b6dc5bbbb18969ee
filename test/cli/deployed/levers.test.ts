// Resuming, leaving out and aborting from the command line: the execution is found by name or ARN, in whichever
// region it runs.
import { beforeEach, describe, expect, test } from 'vitest';
import { answer, request } from '../../store/samples.ts';
import { run } from '../invented.ts';
import { arnOf, caller, deployed, historyOf, onAws, onStage, primary, standby } from './aws.ts';

const aws = onAws();
let stage: string;
let prefix: string;
let store: Awaited<ReturnType<typeof deployed>>['store'];
let zoneArn: string;
let regionArn: string;

const zone = 'incident-1-az-failover-1';
const region = 'incident-1-request-approval-2';

beforeEach(async () => {
  aws.reset();
  ({ stage, prefix, store } = await deployed());
  zoneArn = arnOf(prefix, 'az-failover', zone, primary);
  regionArn = arnOf(prefix, 'region-failover', region, standby);
  aws.executions.set(zoneArn, { status: 'FAILED', events: historyOf('TakeLock', 'LeaveZone/cache') });
  aws.executions.set(regionArn, { status: 'RUNNING', events: historyOf('TakeLock', 'RequestApproval') });
  aws.asked.length = 0;
});

const on = (...args: string[]) => run([...args, ...onStage(stage)]);
const changed = () => aws.asked.filter(({ what }) => /^(Redrive|Stop|PutItem|Delete)/.test(what));

/** The region flow holds the primary region, has fenced its database and promoted the other one. */
async function hasPromoted(): Promise<void> {
  const of = { incident: 'incident-1', execution: region };
  await store.takeLock({ ...of, target: primary, action: 'request-approval', at: 1 });
  const call = { ...of, actor: 'classify', drill: false };
  const fence = { step: 'fence/database', call: 'rds:ModifyDBInstance', region: primary, target: 'chatops-prod' };
  const promotion = { step: 'take-over/database', call: 'rds:PromoteReadReplica', region: standby };
  await store.audit({ ...call, ...fence, at: 2 });
  await store.audit({ ...call, ...promotion, target: 'chatops-dr-replica', at: 3 });
}
const done = [
  `${region} has held the lock of us-east-1 since 1 Jan 1970, 00:00 UTC. AWS calls so far: rds:ModifyDBInstance of chatops-prod in us-east-1`,
  'These changes stay: chatops-prod in us-east-1 was fenced, or is about to be fenced: chatops-prod takes no writes',
  'chatops-dr-replica in us-west-2 was asked to be promoted: once it is, it takes writes and replicates no more',
];

describe('resume', () => {
  test.for(['its name', 'its ARN'])('by %s continues it, in its region, at the state it stopped at', async (by) => {
    const { status, out, err } = await on('resume', by === 'its name' ? zone : zoneArn);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toBe(`Resumed az-failover ${zone} in us-east-1, at LeaveZone cache\n${zone} holds no region.\n`);
    expect(changed()).toMatchObject([{ region: primary, what: 'RedriveExecution' }]);
  });

  test('says what the flow has done, and what stays of it, by the record', async () => {
    await hasPromoted();
    aws.executions.set(regionArn, { status: 'FAILED', events: historyOf('Pause') });
    const { out } = await on('resume', region);
    for (const words of done) expect(out.replaceAll(/\s+/g, ' ')).toContain(words);
    aws.executions.set(regionArn, { status: 'FAILED', events: historyOf('Pause') });
    const told = JSON.parse((await on('resume', region, '--json')).out);
    for (const words of done) expect(told.done.join(' ').replaceAll(/\s+/g, ' ')).toContain(words);
  });

  test('while frozen says that it stops again', async () => {
    await store.freeze('ben', 'wait', 1);
    const { out } = await on('resume', zone);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'Breakwater is FROZEN by ben (wait). The flow stops again before its next step',
    );
  });

  test('of what runs is not done', async () => {
    const { status, err } = await on('resume', region);
    expect({ status, err }).toEqual({ status: 1, err: `${region} is running already\n` });
    expect(changed()).toEqual([]);
  });

  test.for([
    [
      'another name',
      'no-such-execution',
      'EXECUTION: is no-such-execution, expected the name or ARN of an execution of ',
    ],
    [
      'a state machine',
      'arn:aws:states:us-east-1:1:stateMachine:x',
      'EXECUTION: is arn:aws:states:us-east-1:1:stateMachine:x, expected the ARN of',
    ],
    ['a name that no execution can have', 'a b/c', 'EXECUTION: is a b/c, expected'],
  ] as const)('of %s is wrong input', async ([, text, expected]) => {
    const { status, err } = await on('resume', text);
    expect(status).toBe(2);
    expect(err).toContain(expected);
    expect(err.match(/\n/g)).toHaveLength(1);
  });

  test('of an execution whose region is dark is not done, and says where it may be', async () => {
    aws.dark.set(primary, 'hangs-up');
    for (const text of [zone, zoneArn]) {
      const { status, err } = await on('resume', text);
      expect(status).toBe(1);
      expect(err).toMatch(/execution \S+ was not found where it may be: us-east-1: no answer \(.*\)\n$/);
    }
  });
});

describe('skip', () => {
  test('signs with the name of the caller, and says how to go on', async () => {
    aws.executions.set(regionArn, { status: 'FAILED', events: historyOf('TakeOver/cache') });
    const { status, out } = await on('skip', region, 'TakeOver', 'cache', '--reason', 'it may start empty');
    expect(status).toBe(0);
    expect(await store.readWaiver(region, 'TakeOver/cache')).toMatchObject({
      by: caller,
      reason: 'it may start empty',
    });
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      `TakeOver cache is left out of ${region}, signed by ${caller}: it may start empty ${region} holds no region. Then:`,
    );
    expect(out).toContain(`Then:\n  npm run resume -- ${region} ${onStage(stage).join(' ')}\n`);
  });

  test('says what the flow has done, and what stays of it, by the record', async () => {
    await hasPromoted();
    aws.executions.set(regionArn, { status: 'FAILED', events: historyOf('TakeOver/cache') });
    const { out } = await on('skip', region, 'TakeOver', 'cache', '--reason', 'it may start empty');
    for (const words of done) expect(out.replaceAll(/\s+/g, ' ')).toContain(words);
  });

  test('a second signature changes nothing and shows the first', async () => {
    await store.keepWaiver(region, 'TakeOver/cache', 'ben', 'first', 1);
    const { out } = await on('skip', region, 'TakeOver', 'cache', '--reason', 'second', '--json');
    expect(JSON.parse(out)).toMatchObject({
      ...{ execution: region, state: 'TakeOver', asset: 'cache' },
      ...{ by: 'ben', reason: 'first' },
    });
  });

  test.for([
    ['TakeOver database', 'TakeOver database cannot be left out, expected'],
    ['Fence database', 'Fence database cannot be left out: no approval names database as unfenced'],
    ['TakeOver', 'ASSET: is missing: TakeOver is about one asset, expected one of cache'],
    ['TakeOver nothing', 'ASSET: is nothing, expected'],
    ['RedirectUsers cache', 'RedirectUsers cache cannot be left out, expected'],
    ['NoSuchState', 'STATE: is NoSuchState, which no flow has, expected'],
  ] as const)('of %s is wrong input', async ([words, expected]) => {
    const { status, err } = await on('skip', region, ...words.split(' '), '--reason', 'x');
    expect(status).toBe(2);
    expect(err).toContain(expected);
    expect(await store.readWaiver(region, words.replace(' ', '/'))).toBeNull();
  });

  test('of an execution that there is not signs nothing', async () => {
    expect((await on('skip', 'other', 'TakeOver', 'cache', '--reason', 'x')).status).toBe(2);
    expect(changed()).toEqual([]);
  });

  test('needs a reason', async () => {
    const { status, err } = await on('skip', region, 'TakeOver', 'cache');
    expect(status).toBe(2);
    expect(err).toContain('--reason: is missing, expected');
  });
});

describe('retire', () => {
  const retire = (...words: string[]) => on('retire', ...words, '--reason', 'it was renamed');

  test('says so where the name of the plan holds already, and changes nothing', async () => {
    const { status, out } = await retire('database', standby, 'chatops-dr-replica');
    expect(status).toBe(0);
    expect(out.replaceAll(/\s+/g, ' ')).toContain('database in us-west-2 is chatops-dr-replica already');
    expect(changed()).toEqual([]);
  });

  test.for([
    [
      ['database', standby, 'chatops-prod'],
      'expected chatops-dr-replica, which the plan names for database in us-west-2: bring plan.yml',
    ],
    [['database', 'eu-west-1', 'chatops-prod'], 'REGION: is eu-west-1, expected one of us-east-1, us-west-2'],
    [['cache', standby, 'chatops-redis'], 'ASSET: is cache, expected one of database'],
  ] as const)('of %j is refused in one line', async ([words, why]) => {
    const { status, err } = await retire(...words);
    expect(status).toBe(2);
    expect(err).toContain(why);
    expect(changed()).toEqual([]);
  });
});

test.for([['resume'], ['skip', 'TakeOver', 'cache', '--reason', 'x']])(
  '%s of what has come to its end is not done',
  async ([verb = '', ...more]) => {
    aws.executions.set(regionArn, { status: 'SUCCEEDED', events: historyOf('NotifyRecovered') });
    const { status, err } = await on(verb, region, ...more);
    expect(status).toBe(1);
    expect(err).toMatch(/^incident-1-request-approval-2 has come to its end: there is nothing to .*\n$/);
    expect(changed()).toEqual([]);
  },
);

describe('abort', () => {
  test('stops the flow, voids its request and gives its region back', async () => {
    await store.openRequest({ ...request, execution: region }, 'token');
    await store.keepAnswer(answer);
    await store.takeLock({
      target: primary,
      execution: region,
      incident: 'incident-1',
      action: 'request-approval',
      at: 1,
    });
    const { status, out } = await on('abort', region);
    expect(status).toBe(0);
    expect(aws.executions.get(regionArn)?.status).toBe('ABORTED');
    expect(aws.asked.find(({ what }) => what === 'StopExecution')).toMatchObject({
      region: standby,
      body: expect.stringContaining(`${caller} aborted it`),
    });
    expect((await store.readStanding(primary)).lock).toBeNull();
    expect((await store.readOutcome(request.id))?.outcome).toBe('void');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      `Aborted region-failover ${region} in us-west-2, by ${caller} Given back: us-east-1.`,
    );
  });

  test('works while the region that is given up is dark', async () => {
    await store.takeLock({
      target: primary,
      execution: region,
      incident: 'incident-1',
      action: 'request-approval',
      at: 1,
    });
    aws.dark.set(primary, 'hangs-up');
    const { status, out } = await on('abort', region, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      execution: region,
      by: caller,
      released: [primary],
      unfenced: null,
      stays: '',
    });
  });

  test.for(['its name', 'its ARN'])(
    'by %s ends a flow that runs where nobody answers, where its region is left',
    async (by) => {
      const lock = { execution: region, incident: 'incident-1', action: 'request-approval', at: 1 } as const;
      await store.takeLock({ ...lock, target: primary });
      aws.dark.set(standby, 'hangs-up');
      const named = by === 'its name' ? region : regionArn;
      const not = await on('abort', named);
      expect(not.status).toBe(1);
      expect(not.err).toContain('abort again when us-west-2 answers, or now with --leave-fenced');
      aws.dark.clear();
      expect((await store.readStanding(primary)).lock).not.toBeNull();
      aws.dark.set(standby, 'hangs-up');
      const { status, out } = await on('abort', named, '--leave-fenced');
      expect({ status, out }).toMatchObject({ status: 0, out: expect.stringContaining('Given back: us-east-1.') });
      aws.dark.clear();
      expect((await store.readStanding(primary)).lock).toBeNull();
      aws.dark.set(standby, 'hangs-up');
      // What holds nothing cannot be told from what there is not.
      expect(
        (await on('abort', by === 'its name' ? 'another' : arnOf(prefix, 'region-failover', 'another', standby))).err,
      ).toContain('was not found where it may be: us-west-2: ');
    },
  );

  test('of another deployment is refused before anything is stopped', async () => {
    const theirs = arnOf('breakwater-prod', 'az-failover', zone, primary);
    aws.executions.set(theirs, { status: 'RUNNING', events: [] });
    const { status, err } = await on('abort', theirs);
    expect(status).toBe(2);
    expect(err).toContain(`expected the ARN of an execution of ${prefix} in us-east-1 or us-west-2`);
    expect(aws.executions.get(theirs)?.status).toBe('RUNNING');
  });

  test('needs a name, since the record says who did it', async () => {
    aws.stsIsDown = true;
    const { status, err } = await on('abort', region);
    expect({ status, changed: changed() }).toEqual({ status: 1, changed: [] });
    expect(err).toContain('who calls is not known');
  });
});
