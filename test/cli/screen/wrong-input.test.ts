import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planFile } from '../../plan.ts';
import { fixture, root, run } from '../invented.ts';

const stream = fixture('test/incidents/zone-power-loss.ndjson');

test.for([
  ['an unknown verb', ['dril'], "breakwater: unknown verb 'dril', did you mean drill? (breakwater --help lists all)"],
  ['a verb that is like none', ['remove'], "breakwater: unknown verb 'remove', expected one that breakwater --help l"],
  ['help of a verb that is like none', ['help', 'x'], "breakwater: unknown verb 'x', expected one that breakwater --h"],
  [
    'help of an unknown verb',
    ['help', 'dril'],
    "breakwater: unknown verb 'dril', did you mean drill? (breakwater --help lists all)",
  ],
  [
    'an option without a verb',
    ['--seed'],
    "breakwater: unknown option '--seed', expected one that breakwater --help lists",
  ],
  [
    'an unknown option',
    ['drill', 'calm', '--sed', '1'],
    "breakwater drill: unknown option '--sed', did you mean --seed? (breakwater drill --help lists all)",
  ],
  [
    'an unknown scenario',
    ['drill', 'az-outge'],
    'scenario az-outge is not known, did you mean az-outage? (npm run drill lists all)',
  ],
  [
    'an option that is like none',
    ['init', '--foo'],
    "breakwater init: unknown option '--foo', expected one that breakwater init --help lists",
  ],
  [
    'a scenario that is like none',
    ['drill', 'foo'],
    'scenario foo is not known, expected one that npm run drill lists',
  ],
  ['an empty scenario', ['drill', ''], 'scenario "" is not known, expected one that npm run drill lists'],
  [
    'an option twice',
    ['drill', 'calm', '--seed', '1', '--seed', '2'],
    'breakwater drill: --seed: is given twice, expected once',
  ],
  [
    'the next option as a value',
    ['drill', 'calm', '--report', '--json'],
    'breakwater drill: --report: is "--json", which is an option, expected a value behind it',
  ],
  [
    'two options that contradict each other',
    ['check', '--no-template', '--template', 'x.json'],
    'breakwater check: --template: is given with --no-template, expected one of them',
  ],
  [
    'the same in the other order',
    ['check', '--template', 'x.json', '--no-template'],
    'breakwater check: --no-template: is given with --template, expected one of them',
  ],
  [
    'an empty id',
    ['approve', '', '--region', 'us-east-1'],
    'ID: is empty, expected the request, as the mail and status have it',
  ],
  [
    'a stage of the simulator',
    ['drill', 'calm', '--stage', 'prod'],
    '--stage: is given without --aws, expected with it',
  ],
  ['an empty folder', ['package', '--into', ''], 'breakwater package: --into: is empty, expected a value behind it'],
  [
    'a file for a folder',
    ['package', '--into', 'package.json'],
    '--into: is "package.json", expected a folder that can be written, or that can be made',
  ],
  ['an empty file', ['replay', ''], '"": there is no such file, expected recorded events'],
  [
    'a second scenario',
    ['drill', 'calm', 'calm'],
    "breakwater drill: too many arguments for 'drill', expected breakwater",
  ],
  ['a seed that is no number', ['drill', 'calm', '--seed', 'x'], '--seed: is "x", expected a whole number from 0 to'],
  ['a negative seed', ['drill', 'calm', '--seed', '-1'], '--seed: is "-1", expected a whole number'],
  ['a seed of more than 32 bits', ['drill', 'calm', '--seed', '4294967296'], '--seed: is "4294967296", expected'],
  [
    'no seed',
    ['drill', 'calm', '--seed'],
    "breakwater drill: option '--seed <number>' argument missing, expected a value",
  ],
  [
    'an approval in a way that there is not',
    ['drill', 'calm', '--approve', 'soon'],
    '--approve: is "soon", expected after=10m, deny, never, scanner or ask',
  ],
  [
    'a missing start by hand',
    ['drill', 'calm', '--manual', 'no.json'],
    'no.json: there is no such file, expected an input',
  ],
  [
    'a start by hand that is no JSON',
    ['drill', 'calm', '--manual', fixture('test/plan.yml')],
    'plan.yml: Unexpected token',
  ],
  ['a report below a file', ['drill', 'calm', '--report', join(stream, 'x')], '--report: is "'],
  ['a missing plan', ['check', '--plan', 'no.yml'], 'no.yml: there is no such file, expected a plan such as plan.yml'],
  ['a folder as plan', ['check', '--plan', root], 'is a folder, expected a plan such as plan.yml'],
  ['faults of another scenario', ['faults', '--scenario', 'calm'], '--scenario: is "calm", expected one of az-outage,'],
  ['no sample', ['faults', '--sample', '0'], '--sample: is "0", expected a whole number from 1'],
  ['no histories', ['judge', '--seeds', '0'], '--seeds: is "0", expected a whole number from 1'],
  ['no first seed', ['judge', '--from', 'x'], '--from: is "x", expected a whole number from 1'],
  ['no reason', ['failover'], 'breakwater failover: --reason: is missing, expected why: people read it before they'],
  ['no id', ['approve', '--region', 'x'], 'breakwater approve: <id>: is missing, expected the request, as the mail'],
  [
    'a mode',
    ['dry-run', '--reason', 'x', '--mode', 'x'],
    'dry-run: --mode: is "x", expected one of failover, switchov',
  ],
  ['no stream', ['replay'], 'breakwater replay: <file>: is missing, expected EventBridge events in order of arrival'],
  ['a missing stream', ['replay', 'no.ndjson'], 'no.ndjson: there is no such file, expected recorded events'],
  ['a folder as stream', ['replay', root], 'is a folder, expected recorded events'],
  [
    'a time without its zone',
    ['replay', stream, '--until', '2021-12-22T14:00:00'],
    '--until: is "2021-12-22T14:00:00", expected',
  ],
] as const)('%s is one line that says what was expected, and status 2', async ([, args, expected]) => {
  const { status, out, err } = await run(args, async () => {
    throw new Error('the drill was run');
  });
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toContain(expected);
  expect(err.match(/\n/g)).toHaveLength(1);
});

const fence = 'arn:aws:states:us-west-2:1:execution:breakwater-dev-region-failover:x';
const other = 'arn:aws:states:us-west-2:1:execution:breakwater-prod-region-failover:x';

// Without credentials: whoever is asked for them before has status 1.
test.for([
  [
    ['skip', 'x', 'TakeOvr', 'cache'],
    'STATE: is TakeOvr, which no flow has, expected one of ',
    'did you mean TakeOver?',
  ],
  [['skip', 'x', 'TakeOver', 'cach'], 'ASSET: is cach, expected one of database, cache,', 'did you mean cache?'],
  [['skip', 'x', 'TakeOver', 'database'], 'TakeOver database cannot be left out, expected one of ', 'TakeOver cache'],
  [['skip', 'x', 'LeaveZone'], 'ASSET: is missing: LeaveZone is about one asset, expected one of database, cache', ''],
  [['skip', 'x', 'LeaveZone database'], 'STATE: is "LeaveZone database", expected two words: LeaveZone database\n', ''],
  [['skip', 'x', 'LeaveZone', ''], 'ASSET: is "", expected one of database, cache', ''],
  [['skip', 'x', ''], 'STATE: is "", which no flow has, expected one of ', 'LeaveZone'],
  [['skip', 'x', 'TakeLock'], 'TakeLock cannot be left out, expected one of ', 'RedirectUsers'],
  [['skip', 'a b', 'TakeOver', 'cache'], 'EXECUTION: is a b, expected the name or ARN', 'breakwater-dev'],
  [['skip', other, 'TakeOver', 'cache'], `EXECUTION: is ${other}, expected the ARN of an`, 'breakwater-dev'],
  [['retire', 'databse', 'us-west-2', 'x'], 'ASSET: is databse, expected one of database', 'did you mean database?'],
  [['retire', 'cache', 'us-west-2', 'x'], 'ASSET: is cache, expected one of database', ''],
  [['retire', 'database', 'us-west-1', 'x'], 'REGION: is us-west-1, expected one of us-', 'did you mean us-west-2?'],
  [['retire', 'database', 'us-west-2', 'x'], 'INSTANCE: is x, expected chatops-dr-replica, which the plan', ''],
  [['resume', other], `EXECUTION: is ${other}, expected the ARN of an execution of breakwater-dev`, ''],
  [['resume', ''], 'EXECUTION: is empty, expected the name or ARN of an execution of breakwater-dev', ''],
  [['abort', 'x/y'], 'EXECUTION: is x/y, expected the name or ARN of an execution of breakwater-dev', ''],
  [
    ['abort', fence, '--confirm', 'us-est-1 stays unfenced'],
    '--confirm: is "us-est-1 stays unfenced", expected',
    'did you',
  ],
  [['approve', 'x', '--region', 'us-east-2'], '--region: is us-east-2, expected one of us-east-1, us-west-2\n', ''],
  [['reject', 'x', '--region', 'eu-west-1'], '--region: is eu-west-1, expected one of us-east-1, us-west-2', ''],
  [['failover', '--as', 'dbx'], '--as: is dbx, expected one of dr-coordinator,', 'did you mean dba?'],
  [
    ['switchover', '--as', 'dba'],
    'not started: you are dba, an approver, and 3 others would have to approve (only dr-coordinator, infra-lead are left). ',
    'Let somebody who is no approver type this line, such as on-call\n',
  ],
  [['dry-run', '--zone', 'use1-az9'], '--zone: is use1-az9, expected one of use1-az1,', 'usw2-az3\n'],
  [['drill', 'no-such', '--aws'], 'drill --aws: is "no-such", expected', ''],
  [['drill', 'stop', '--aws'], '--reason: is missing, expected why the drills are stopped', ''],
  [['report', 'a b'], 'id: is "a b", expected an incident\'s id, or the execution of a drill', ''],
  [['open', '--drills', 'no-such'], '--drills: is "no-such", expected a folder', ''],
  [['deploy', '--param', 'dbaa=a@b.example'], '--param dbaa: is no value, expected one of ', 'did you mean dba?'],
  [['deploy', '--param', 'records=x'], '--param records: is "x", expected stack or elsewhere', ''],
  [['deploy', '--param', 'dba'], '--param: is dba, expected <name>=<value>', ''],
] as const)('%j is judged before AWS is asked for anything', async ([args, expected, nearest]) => {
  const [verb] = args;
  const reasoned = ['skip', 'retire', 'reject', 'failover', 'switchover', 'dry-run'].includes(verb);
  const { status, out, err } = await run([...args, ...(reasoned ? ['--reason', 'x'] : []), '--plan', planFile]);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toContain(expected);
  expect(err).toContain(nearest);
  expect(err.match(/\n/g)).toHaveLength(1);
});

test.for([
  ['freeze', [], 'If you typed it, the -- behind the verb is missing: npm run freeze -- --stage NAME --reason "why"\n'],
  ['status', ['prod'], 'If you typed an option, the -- behind the verb is missing: npm run status -- --stage NAME\n'],
  [
    'skip',
    ['x', 'TakeOver', 'cache'],
    'the -- behind the verb is missing: npm run skip -- EXECUTION STATE --stage NAME --reason "why"\n',
  ],
  ['replay', ['a', 'b'], 'the -- behind the verb is missing: npm run replay -- FILE\n'],
] as const)(
  'under npm %s %j says that a forgotten -- may be why, and elsewhere not',
  async ([verb, words, expected]) => {
    const { status, err } = await run([verb, ...words], undefined, { script: verb });
    expect(status).toBe(2);
    expect(err).toContain(expected);
    expect(err.match(/\n/g)).toHaveLength(1);
    const { err: said } = await run([verb, ...words], undefined, { script: 'npx' });
    expect(said).not.toContain('-- behind');
  },
);

test('help is no error, and without a verb it is shown', async () => {
  for (const args of [[], ['--help'], ['help', 'drill'], ['drill', '--help']]) {
    const { status, out, err } = await run(args);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^Usage: breakwater/);
  }
});

test('the process ends with the status of its command line', () => {
  const main = join(root, 'cli', 'main.ts');
  expect(execFileSync(process.execPath, [main, 'check', '--plan', planFile], { encoding: 'utf8' })).toContain(
    'plan.yml is valid',
  );
  const call = () => execFileSync(process.execPath, [main, 'replay', 'no.ndjson'], { encoding: 'utf8', stdio: 'pipe' });
  expect(call).toThrow(expect.objectContaining({ status: 2, stdout: '' }));
});
