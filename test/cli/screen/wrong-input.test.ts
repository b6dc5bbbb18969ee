import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planFile } from '../../plan.ts';
import { fixture, root, run } from '../invented.ts';

const stream = fixture('test/incidents/zone-power-loss.ndjson');

test.for([
  ['an unknown verb', ['dril'], "breakwater: unknown verb 'dril', did you mean drill? (--help lists all)"],
  ['a verb that is like none', ['xyzzy'], "breakwater: unknown verb 'xyzzy', the nearest is size (--help lists all)"],
  [
    'help of an unknown verb',
    ['help', 'dril'],
    "breakwater: unknown verb 'dril', did you mean drill? (--help lists all)",
  ],
  [
    'an option without a verb',
    ['--seed'],
    "breakwater: unknown option '--seed', the nearest is --help (--help lists all)",
  ],
  [
    'an unknown option',
    ['drill', 'calm', '--sed', '1'],
    "breakwater drill: unknown option '--sed', did you mean --seed? (--help lists all)",
  ],
  [
    'an unknown scenario',
    ['drill', 'az-outge'],
    'scenario az-outge is not known, did you mean az-outage? (npm run drill lists all)',
  ],
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
