import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seesLess } from '../../cli/screen/only-observes.ts';
import { InvalidPlan } from '../../functions/domain/plan/plan.ts';
import { readReport } from '../../functions/domain/report/facts.ts';
import type { DrillRun, Miss } from '../../simulator/drill/result.ts';
import { scenarioNames } from '../../simulator/playing/scenario.ts';
import { ofDrill } from '../reports.ts';
import { shipped } from '../shipped.ts';
import { fixture, hasControlCharacters, inventedEngine, passed, progressOf, run } from './invented.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-drill-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const progress = progressOf([
  [0, { kind: 'fault', text: 'zone-impaired (use1-az1)' }],
  [120, { kind: 'execution', name: 'e-1', stateMachine: 'az-failover', region: 'us-east-1', status: 'RUNNING' }],
  [121, { kind: 'step', execution: 'e-1', state: 'LeaveZone/cache', phase: 'began', seconds: null, detail: null }],
  [150, { kind: 'users', served: true }],
]);

test('without a scenario the scenarios are listed in groups, one a line with its title', async () => {
  const { status, out } = await run(['drill']);
  expect(status).toBe(0);
  const names = [...out.matchAll(/^ {2}(\S+) /gm)].map(([, name]) => name);
  expect(names.toSorted()).toEqual(scenarioNames());
  expect(out).toMatch(/^\nA zone is lost\n[\s\S]*?^ {2}az-outage +a zone is impaired but not dead/m);
  expect([...out.matchAll(/^[A-Z].*$/gm)].map(([group]) => group)).toHaveLength(6);
});

test('a drill shows its timeline and then its summary, without control characters where it is piped', async () => {
  const { engine } = inventedEngine({ result: passed, misses: [] }, progress);
  const { status, out, err } = await run(['drill', 'az-outage', '--seed', '7'], engine);
  expect(status).toBe(0);
  expect(err).toBe('');
  expect(out).toMatch(/^az-outage\n.*\nseed 7; times are virtual, since the fault\n\n {2}\+00:00 {2}fault/);
  expect(out.indexOf('served again')).toBeLessThan(out.indexOf('Summary'));
  expect(out).toMatch(/PASSED {2}az-outage, seed 7\n$/);
  expect(hasControlCharacters(out)).toBe(false);
});

test('on a screen a spinner names the step that runs and is gone at the end', async () => {
  const { engine } = inventedEngine({ result: passed, misses: [] }, progress);
  const { out } = await run(['drill', 'az-outage'], engine, { rich: true });
  const spinning = out.lastIndexOf('+02:01  LeaveZone cache');
  expect(spinning).toBeGreaterThan(-1);
  const afterwards = out.slice(out.lastIndexOf('\u001b[2K') + '\u001b[2K'.length);
  expect(afterwards).toContain('Summary');
  expect(afterwards).not.toContain('LeaveZone');
});

test('the engine is given seed, plan and the input of a start by hand', async () => {
  const { asked, engine } = inventedEngine({ result: passed, misses: [] });
  const manual = fixture('events/az-failover.manual.json');
  await run(['drill', 'calm', '--seed', '42', '--manual', manual], engine);
  await run(['drill', 'calm'], engine);
  const [first, second] = asked;
  expect(first).toMatchObject({ scenario: 'calm', seed: 42 });
  expect(first?.plan).toEqual(shipped);
  expect(first?.manual).toEqual(JSON.parse(readFileSync(manual, 'utf8')));
  expect(second).toMatchObject({ seed: 1 });
  expect(second).not.toHaveProperty('approve');
  expect(second).not.toHaveProperty('manual');
});

test('a start by hand may name roles and places, which become those of the plan', async () => {
  const file = join(folder, 'words.json');
  const start = { reason: 'rehearsal', requestedBy: 'dba' };
  writeFileSync(file, JSON.stringify({ target: { region: 'standby', zone: 'standby zone 2' }, ...start }));
  const { asked, engine } = inventedEngine({ result: passed, misses: [] });
  await run(['drill', 'calm', '--manual', file], engine);
  expect(asked[0]?.manual).toEqual({ target: { region: 'us-west-2', zone: 'usw2-az2' }, ...start });
});

test('with --json the result is all of the output, and the file of a report has the same and the facts of its page', async () => {
  const { engine } = inventedEngine({ result: passed, misses: [] }, progress);
  const reports = join(folder, 'reports');
  const { status, out, err } = await run(['drill', 'az-outage', '--json', '--report', reports], engine);
  expect(status).toBe(0);
  expect(err).toBe('');
  expect(JSON.parse(out)).toEqual(passed);
  const { report, ...rest } = JSON.parse(readFileSync(join(reports, 'az-outage-7.json'), 'utf8'));
  expect(rest).toEqual(passed);
  const cost = expect.stringMatching(/^The simulator costs nothing\. On AWS this would add \$0\.\d+ to the month/);
  expect(readReport(report)).toEqual({ ...ofDrill('az-outage', 7), cost });
  expect(readdirSync(reports)).toEqual(['az-outage-7.html', 'az-outage-7.json']);
});

test('a report says where it is, and is set beside those of the same scenario that are there', async () => {
  const reports = join(folder, 'beside');
  mkdirSync(reports);
  writeFileSync(join(reports, 'az-outage-3.json'), JSON.stringify({ report: ofDrill('az-outage', 3) }));
  writeFileSync(join(reports, 'calm-3.json'), JSON.stringify({ report: ofDrill('calm', 3) }));
  writeFileSync(join(reports, 'broken.json'), '{');
  writeFileSync(join(reports, 'old.json'), JSON.stringify({ report: { ...ofDrill('az-outage', 4), version: 0 } }));
  const { engine } = inventedEngine({ result: passed, misses: [] }, progress);
  const { out } = await run(['drill', 'az-outage', '--report', reports], engine);
  const file = join(reports, 'az-outage-7.html');
  expect(out.endsWith(`Report written to ${file}\n`)).toBe(true);
  const page = readFileSync(file, 'utf8');
  expect(page).toContain('<a href="./az-outage-3.html">az-outage-3</a>');
  expect(page).not.toContain('calm-3');
  expect(page).not.toContain('az-outage-4');
});

test.for(['a file', 'below a file', 'in a folder that takes none', 'behind a link to nowhere'])(
  'a report folder that is %s is refused in one line before the drill runs',
  async (what) => {
    const file = join(folder, 'file');
    const link = join(folder, 'link');
    writeFileSync(file, '');
    if (!readdirSync(folder).includes('link')) symlinkSync(join(folder, 'nowhere'), link);
    const paths: Readonly<Record<string, string>> = {
      'a file': file,
      'below a file': join(file, 'reports'),
      'in a folder that takes none': '/proc/none/reports',
      'behind a link to nowhere': join(link, 'reports'),
    };
    const path = paths[what] ?? '';
    const { asked, engine } = inventedEngine({ result: passed, misses: [] });
    for (const scenario of ['az-outage', 'all']) {
      const { status, out, err } = await run(['drill', scenario, '--report', path], engine);
      expect({ status, out }).toEqual({ status: 2, out: '' });
      expect(err).toBe(
        `--report: is ${JSON.stringify(path)}, expected a folder that can be written, or that can be made\n`,
      );
    }
    expect(asked).toEqual([]);
  },
);

test('a report that cannot be written after all is one line, and no success', async () => {
  const reports = join(folder, 'taken');
  mkdirSync(join(reports, 'az-outage-7.json'), { recursive: true });
  const { engine } = inventedEngine({ result: passed, misses: [] });
  const { status, err } = await run(['drill', 'az-outage', '--report', reports], engine);
  expect(status).toBe(1);
  expect(err).toMatch(/az-outage-7\.json cannot be written: EISDIR.*\n$/);
});

const missed = { misses: [{ what: 'level', expected: '2', was: '1' }] };
const broken = { invariants: [{ id: 'one-writer', held: false }] };
const late = { objectives: { ...passed.objectives, rtoMet: false } };
const lost = { objectives: { ...passed.objectives, rpoMet: false } };
const unfinished = { executions: passed.executions.map((one) => ({ ...one, status: 'FAILED' })) };
const nothing: DrillRun['misses'] = [];

test.for([
  ['all was met', passed, nothing, 0],
  ['an expectation was missed', passed, missed.misses, 1],
  ['an invariant did not hold', { ...passed, ...broken }, nothing, 1],
  ['the recovery took too long', { ...passed, ...late }, nothing, 1],
  ['too much data was lost', { ...passed, ...lost }, nothing, 1],
  [
    'the flow did not run to its end, as expected, whatever the objectives',
    { ...passed, ...late, ...unfinished },
    nothing,
    0,
  ],
  ['nothing was started, as expected, whatever the objectives', { ...passed, ...late, executions: [] }, nothing, 0],
] as const)('when %s, text and JSON end with the same status', async ([, result, misses, status]) => {
  const { engine } = inventedEngine({ result, misses });
  const text = await run(['drill', 'az-outage'], engine);
  const json = await run(['drill', 'az-outage', '--json'], engine);
  expect([text.status, json.status]).toEqual([status, status]);
  expect(text.out).toContain(status === 0 ? 'PASSED' : 'MISSED');
  expect(json.err === '').toBe(status === 0);
});

test.for([
  [
    'a field that no flow knows',
    { zon: 'use1-az1' },
    {},
    'target.zon: is not a known field, expected one of region, zone',
  ],
  [
    'an unknown field beside the target',
    {},
    { force: true },
    'force: is not a known field, expected one of target, reason',
  ],
  [
    'a zone of another region',
    { zone: 'usw2-az1' },
    {},
    'target.zone: is "usw2-az1", expected one of use1-az1, use1-az2',
  ],
  [
    'an unknown region',
    { region: 'eu-west-1' },
    {},
    'target.region: is "eu-west-1", expected one of us-east-1, us-west-2',
  ],
  ['no reason', {}, { reason: undefined }, 'reason: is missing, expected string'],
  [
    'a place that the region does not have',
    { zone: 'zone 9' },
    {},
    'target.zone: is "zone 9", expected one of use1-az1',
  ],
  ['another mode', {}, { mode: 'failback' }, 'mode: is "failback", expected'],
  [
    'a mode and a zone',
    { zone: 'use1-az1' },
    { mode: 'failover', expectedEpoch: 1 },
    'target.zone: is "use1-az1", expected none where mode is failover',
  ],
  [
    'a mode and no epoch',
    {},
    { mode: 'switchover' },
    'expectedEpoch: is missing, expected a number where mode is switchover',
  ],
  ['an empty reason', {}, { reason: '' }, 'reason: is "", expected a text'],
] as const)('a start by hand with %s is refused before the drill', async ([, target, input, expected]) => {
  const file = join(folder, 'manual.json');
  const start = { target: { region: 'us-east-1', ...target }, reason: 'rehearsal', requestedBy: 'dba', ...input };
  writeFileSync(file, JSON.stringify(start));
  const { asked, engine } = inventedEngine({ result: passed, misses: [] });
  const { status, out, err } = await run(['drill', 'calm', '--manual', file], engine);
  expect({ status, out, lines: err.split('\n').length }).toEqual({ status: 2, out: '', lines: 2 });
  expect(err).toContain(`${file}: ${expected}`);
  expect(asked).toEqual([]);
});

test('a plan that a scenario makes invalid is wrong input, with all its lines', async () => {
  const { status, err } = await run(['drill', 'calm'], async () => {
    throw new InvalidPlan([
      { path: ['roles', 'standby'], line: 'roles.standby: is wrong' },
      { path: ['levels'], line: 'levels: is wrong' },
    ]);
  });
  expect(status).toBe(2);
  expect(err).toBe('test/shipped.yml in calm: roles.standby: is wrong\ntest/shipped.yml in calm: levels: is wrong\n');
});

test('an unexpected error is one line and status 1, and its stack is shown where it is asked for', async () => {
  const fail = async () => {
    throw new Error('the estate\nfell over');
  };
  const quiet = await run(['drill', 'calm', '--json'], fail);
  expect(quiet).toEqual({ status: 1, out: '', err: 'unexpected: the estate fell over (DEBUG=1 shows where)\n' });
  const loud = await run(['drill', 'calm', '--json'], fail, { debug: true });
  expect(loud.err).toMatch(/drill\.test\.ts/);
});

test('with another plan that misses, and breaks no invariant, a line says that it may see less', async () => {
  const misses: Miss[] = [{ what: 'level', expected: '3', was: 'unknown' }];
  const hint = 'docs/deploy.md#what-your-plan-cannot-see';
  const { out } = await run(['drill', 'two-zones'], inventedEngine({ result: passed, misses }).engine);
  expect(out).toContain(hint);
  expect(seesLess('mine.yml', { result: passed, misses })).toContain(hint);
  expect(seesLess(undefined, { result: passed, misses })).toBeNull();
  expect(seesLess('mine.yml', { result: passed, misses: [] })).toBeNull();
  const invariants = passed.invariants.map((one, index) => (index === 0 ? { ...one, held: false } : one));
  expect(seesLess('mine.yml', { result: { ...passed, invariants }, misses })).toBeNull();
});

test('with a plan that only observes a line says so, which misses follow, and how to rehearse the move', async () => {
  const text = readFileSync(fixture('test/shipped.yml'), 'utf8');
  const plan = join(folder, 'observes.yml');
  writeFileSync(plan, text.replace(/(level2: \{ mode: )act/, '$1observe'));
  const [decision] = passed.decisions;
  const held = { ...passed, decisions: decision === undefined ? [] : [{ ...decision, action: 'hold' as const }] };
  const misses = [
    { what: 'zone', expected: 'use1-az1', was: 'use1-az2' },
    { what: 'actions', expected: '["az-failover"]', was: '["hold"]' },
    { what: 'mutations', expected: 'some', was: 'none' },
  ];
  const { engine } = inventedEngine({ result: held, misses });
  const said = async (...more: string[]) => {
    const { status, out, err } = await run(['drill', 'az-outage', ...more], engine);
    expect(status).toBe(1);
    return `${out}${err}`.replaceAll(/\s+/g, ' ');
  };
  const line =
    'The plan only observes (levels.level2.mode is observe), and from that follow the misses of actions, mutations; to rehearse the move, set the mode to act in a copy of the plan: npx breakwater drill az-outage --plan <copy>';
  expect(await said('--plan', plan)).toContain(line);
  expect(await said('--plan', plan, '--json')).toContain(line);
  expect(await said()).not.toContain('only observes');
  const all = await run(['drill', 'all', '--plan', plan], engine);
  expect(all.out.replaceAll(/\s+/g, ' ')).toContain(
    'az-outage: The plan only observes (levels.level2.mode is observe), and from that follow the misses of actions, mutations az-outage: zone: expected use1-az1, was use1-az2',
  );
});
