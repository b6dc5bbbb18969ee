// Starting a flow by hand: what may be called, a dry run in the deployment, and a typed yes before anything begins.
import { beforeEach, describe, expect, test } from 'vitest';
import { arnOf, caller, deployed, historyOf, onAws, onStage, primary, type Ran, standby } from './deployed/aws.ts';
import { run } from './invented.ts';

const aws = onAws();
let stage: string;
let prefix: string;
let store: Awaited<ReturnType<typeof deployed>>['store'];
let started: { readonly arn: string; readonly input: Readonly<Record<string, unknown>> }[];

/** A dry run that ended and told people what it found. */
const told = (facts: Record<string, unknown>): Ran => {
  const events = historyOf('TakeLock', 'Assess', 'NotifyDryRun');
  const scheduled = events.findLast(({ type }) => type === 'TaskScheduled');
  const parameters = JSON.stringify({ FunctionName: 'notify', Payload: { occasion: 'dry-run', facts } });
  Object.assign(scheduled ?? {}, {
    taskScheduledEventDetails: { resourceType: 'lambda', resource: 'invoke', region: 'x', parameters },
  });
  return { status: 'SUCCEEDED', events };
};

/** A dry run that its first state refused. */
const refused = (why: string): Ran => {
  const events = historyOf('TakeLock');
  const cause = JSON.stringify({ errorType: 'InvalidInput', errorMessage: why });
  events.push({
    id: 9,
    previousEventId: events.length,
    timestamp: 1,
    type: 'TaskFailed',
    taskFailedEventDetails: { resourceType: 'lambda', resource: 'invoke', error: 'InvalidInput', cause },
  });
  return { status: 'FAILED', events };
};

const assessed = {
  offered: true,
  why: 'the replica in us-west-2 is available',
  mode: 'switchover',
  unfenced: [],
  ways: [],
  alternatives: [],
};

beforeEach(async () => {
  aws.reset();
  ({ stage, prefix, store } = await deployed());
  started = [];
  aws.starts = (arn, input) => {
    started.push({ arn, input: input as Record<string, unknown> });
    return told(assessed);
  };
});

const on = (verb: string, words: readonly string[], typed: string | null = 'yes') =>
  run([verb, ...words, '--reason', 'planned work', ...onStage(stage)], undefined, { ask: async () => typed });
const flat = (text: string) => text.replaceAll(/\s+/g, ' ');

describe('switchover', () => {
  test('says what may be called and what a dry run found, and starts the flow after yes', async () => {
    const { status, out, err } = await on('switchover', []);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/Fence database +rds:ModifyDBInstance, rds:RebootDBInstance \(chatops-prod\)/);
    expect(out).toMatch(/TakeOver database +rds:PromoteReadReplica/);
    expect(out).toMatch(/RedirectUsers +s3:PutObject/);
    expect(out).not.toMatch(/Describe|GetObject|kms:/);
    expect(flat(out)).toContain('Found: the replica in us-west-2 is available.');
    expect(flat(out)).toContain('Nothing is called before 3 of ');
    expect(started.map(({ input }) => input)).toEqual([
      {
        target: { region: primary },
        reason: 'planned work',
        requestedBy: caller,
        expectedEpoch: 1,
        mode: 'switchover',
        dryRun: true,
      },
      {
        target: { region: primary },
        reason: 'planned work',
        requestedBy: caller,
        expectedEpoch: 1,
        mode: 'switchover',
      },
    ]);
    for (const { arn } of started)
      expect(arn).toMatch(new RegExp(`^arn:aws:states:${standby}:\\d+:execution:${prefix}-region-failover:by-hand-`));
    expect(out).toMatch(/Started region-failover by-hand-\d+ of breakwater-test\d+ in us-west-2/);
  });

  test.for([
    ['no', 'yes was not typed'],
    ['Yes', 'yes was not typed'],
    ['', 'yes was not typed'],
    [null, 'there was nobody to type yes'],
  ] as const)('after %j starts nothing', async ([typed, why]) => {
    const { status, err } = await on('switchover', [], typed);
    expect({ status, err }).toEqual({ status: 1, err: `not started: ${why}\n` });
    expect(started.filter(({ input }) => input['dryRun'] !== true)).toEqual([]);
  });

  test('is refused in the words of the flow, which looks first', async () => {
    aws.starts = () => refused('input.expectedEpoch: is 1, expected 2, the epoch now');
    const { status, err } = await on('switchover', []);
    expect({ status, err }).toEqual({ status: 2, err: 'input.expectedEpoch: is 1, expected 2, the epoch now\n' });
  });

  test('is not asked for while the automation is frozen', async () => {
    await store.freeze('ben', 'wait', 1);
    const { status, err } = await on('switchover', []);
    expect(status).toBe(1);
    expect(err).toContain('FROZEN by ben (wait): first npm run unfreeze');
    expect(started).toEqual([]);
  });

  test('prints one object with --json, and what a person reads to stderr', async () => {
    const { status, out, err } = await on('switchover', ['--json']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      deployment: prefix,
      flow: 'region-failover',
      region: standby,
      started: expect.stringMatching(/^by-hand-/),
      calls: expect.arrayContaining([
        { step: 'Fence database', calls: ['rds:ModifyDBInstance', 'rds:RebootDBInstance'], of: ['chatops-prod'] },
      ]),
    });
    expect(err).toContain('Breakwater may make these calls');
  });
});

describe('failover', () => {
  test('of a zone runs where the zone is, and says that nobody is asked', async () => {
    const { status, out } = await on('failover', ['--zone', 'use1-az1']);
    expect(status).toBe(0);
    expect(flat(out)).toContain('The flow begins at once: nobody is asked before the move out of use1-az1.');
    expect(started.map(({ arn }) => arn.split(':').slice(3, 7).join(':'))).toEqual(
      Array(2).fill(`us-east-1:${arnOf(prefix, 'az-failover', '', primary).split(':').slice(4, 7).join(':')}`),
    );
    expect(started[1]?.input).toMatchObject({ target: { region: primary, zone: 'use1-az1' } });
  });

  test.for([
    [
      ['--zone', 'use1-az9'],
      '--zone: is use1-az9, expected one of use1-az1, use1-az2, use1-az4, usw2-az1, usw2-az2, usw2-az3\n',
    ],
    [
      ['--zone', 'us-east-1a'],
      '--zone: is us-east-1a, expected the id of a zone, not its name: one of use1-az1, use1-az2, use1-az4, usw2-az1, usw2-az2, usw2-az3\n',
    ],
    [['--zone', 'usw2-az1'], 'expected one of use1-az1, use1-az2, use1-az4'],
    [['--zone', 'usw2-az1'], ', the zones of us-east-1, which serves users'],
    [
      ['--as', 'on-cal'],
      '--as: is on-cal, expected one of dr-coordinator, infra-lead, dba, app-lead, on-call: did you mean on-call?',
    ],
  ] as const)('with %j is wrong input in one line, and starts nothing', async ([words, line]) => {
    const { status, err } = await on('failover', words);
    expect(status).toBe(2);
    expect(err).toContain(line);
    expect(err.match(/\n/g)).toHaveLength(1);
    expect(started).toEqual([]);
  });
});

test('dry-run starts a dry run alone, says what was found, and asks nobody', async () => {
  const { status, out } = await on('dry-run', ['--mode', 'switchover', '--as', 'on-call'], null);
  expect(status).toBe(0);
  expect(started.map(({ input }) => input)).toEqual([
    expect.objectContaining({ mode: 'switchover', requestedBy: 'on-call', dryRun: true }),
  ]);
  expect(flat(out)).toContain('Nothing was changed, and no lock was taken.');
});
