// The drills of a deployment from the command line: started, stopped, allowed again, listed, and written as files.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { drillBeginsMessage } from '../../../functions/domain/drills/words.ts';
import { planText } from '../../plan.ts';
import { drill } from '../../store/samples.ts';
import { run } from '../invented.ts';
import { account, caller, deployed, onAws, primary, standby, wordsIn } from './aws.ts';

const window = { days: ['tue'], from: '10:00', to: '15:00', timeZone: 'Europe/Berlin' };
const common = { scenario: 'calm', every: 'month', withinSeconds: 300, window };
const drills = [
  { ...common, name: 'database failover', kind: 'fault', target: { fault: 'database-failover', asset: 'database' } },
  { ...common, name: 'region', kind: 'region' },
  { ...common, name: 'talk', kind: 'tabletop' },
  { ...common, name: 'talk again', kind: 'tabletop' },
];
const folder = mkdtempSync(join(tmpdir(), 'breakwater-drills-'));
const planFile = join(folder, 'plan.yml');
writeFileSync(planFile, planText.replace(/\ndrills:\n[\s\S]*$/, `\n${stringify({ drills })}`));

const aws = onAws();
let stage: string;
let store: Awaited<ReturnType<typeof deployed>>['store'];
const onAwsWith = (...words: string[]) => run(['drill', ...words, '--aws', '--stage', stage, '--plan', planFile]);
const started = () =>
  aws.asked
    .filter(({ what }) => what === 'StartExecution')
    .map(({ region, body }) => ({ region, ...JSON.parse(body) }));

beforeEach(async () => {
  aws.reset();
  ({ stage, store } = await deployed());
  aws.asked.length = 0;
});

describe('drill --aws NAME', () => {
  test('starts a drill where it runs, once what it breaks was typed', async () => {
    const { status, out, err } = await onAwsWith('database failover', '--break', 'database');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('npm run drill -- --aws stop --reason "..."');
    const [asked] = started();
    expect(asked).toMatchObject({
      region: primary,
      stateMachineArn: `arn:aws:states:${primary}:${account}:stateMachine:breakwater-${stage}-drill`,
    });
    expect(JSON.parse(asked.input)).toEqual({ drill: 'database failover', requestedBy: caller });
  });

  test('starts one by its kind, in the region that it looks from', async () => {
    const { status, out, err } = await onAwsWith('region', '--json');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ drill: 'region', region: standby });
    expect(started()).toMatchObject([{ region: standby }]);
  });

  test.for<[string, string[], string]>([
    [
      'an unknown one',
      ['chaos'],
      'drill --aws: is "chaos", expected one of "database failover", region, talk, "talk again", stop, allow',
    ],
    ['a kind of several', ['tabletop'], 'drill --aws: is "tabletop", expected one of talk, "talk again", stop, allow'],
    [
      'what it breaks, and nobody typed',
      ['fault'],
      '--break: is missing, expected database, which database failover breaks where users are',
    ],
    [
      'something else that was typed',
      ['fault', '--break', 'cache'],
      '--break: is cache, expected database, which database failover breaks where users are',
    ],
    [
      'what is broken by none',
      ['region', '--break', 'database'],
      '--break: is database, expected none: region breaks nothing',
    ],
    ['a stop without a reason', ['stop'], '--reason: is missing, expected why the drills are stopped'],
  ])('%s is one line, and nothing is started', async ([, words, line]) => {
    const { status, err } = await onAwsWith(...words);
    expect({ status, err }).toEqual({ status: 2, err: `${line}\n` });
    expect(started()).toEqual([]);
  });

  test('what a deployment takes is nothing for the simulator', async () => {
    const { status, err } = await run(['drill', 'calm', '--reason', 'because']);
    expect({ status, err }).toEqual({ status: 2, err: '--reason: is given without --aws, expected with it\n' });
  });
});

test('stop pulls the lever in every region that answers, and allow releases it', async () => {
  aws.dark.set(primary, 'hangs-up');
  const { status, out } = await onAwsWith('stop', '--reason', 'users complain');
  expect(status).toBe(0);
  expect(out).toContain(`Drills are stopped, confirmed by ${standby}.\n`);
  expect(await store.readLever()).toMatchObject({ by: caller, reason: 'users complain' });
  aws.dark.clear();
  expect((await onAwsWith()).out).toContain(`STOPPED: ${caller} pulled the lever: users complain.`);
  expect((await onAwsWith('allow')).out).toContain('Drills begin again as they are due.');
  expect(await store.readLever()).toBeNull();
});

test('what mails print to stop a drill runs as it is printed', async () => {
  const line = drillBeginsMessage(drill, stage)
    .body.split('\n')
    .find((one) => one.startsWith('  npm run drill'));
  const { status, err } = await run([...wordsIn(line ?? ''), '--plan', planFile]);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(await store.readLever()).toMatchObject({ by: caller, reason: '<why>' });
});

test('without a name all are listed with how they stand, and their runs written as files', async () => {
  const startedAt = Date.UTC(2020, 0, 7);
  await store.keepDrill({ ...drill, startedAt, outcome: 'failed', endedAt: startedAt, why: ['it took 400 s | more'] });
  await store.keepDrill({ ...drill, execution: 'execution-2' });
  const runs = join(folder, 'runs');
  const { status, out } = await onAwsWith('--report', runs);
  expect(status).toBe(0);
  expect(out).toContain('database failover (fault, every month): OVERDUE since 2020-03-01, it failed on 2020-01-07\n');
  expect(out).toContain('region (region, every month): due, it has no result yet\n');
  expect(readdirSync(runs)).toEqual(['2020-01-07-database-failover-cution-1.md']);
  const file = readFileSync(join(runs, '2020-01-07-database-failover-cution-1.md'), 'utf8');
  expect(file).toContain('# database failover: FAILED, 2020-01-07\n');
  expect(file).toContain('| it took 400 s / more | dba | 2020-01-21 | 2020-01-21 |\n');
});
