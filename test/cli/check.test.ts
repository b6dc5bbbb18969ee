import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plan, planFile, planText } from '../plan.ts';
import { shipped } from '../shipped.ts';
import { run } from './invented.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The line of the tests' plan that holds a text. */
const lineOf = (text: string) => planText.split('\n').findIndex((line) => line.includes(text)) + 1;

async function check(plan: string, ...more: readonly string[]) {
  const file = join(folder, 'changed.yml');
  writeFileSync(file, plan);
  const { status, out, err } = await run(['check', '--no-template', '--plan', file, ...more]);
  return {
    status,
    out,
    lines: err
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(file, 'FILE')),
  };
}

test('a plan that is valid and safe says what it protects', async () => {
  const { status, out, lines } = await check(planText);
  expect({ status, lines }).toEqual({ status: 0, lines: [] });
  expect(out).toContain('primary      us-east-1 (use1-az1, use1-az2, use1-az4)');
  expect(out).toContain('users served within 4 h, at most 1 h of data lost');
  expect(out).toMatch(/\n\S+changed\.yml is valid\n$/);
});

test('a drill of a scenario that there is not is wrong, with its line', async () => {
  const { status, lines } = await check(planText.replace('scenario: node-loss', 'scenario: node-los'));
  expect(status).toBe(2);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(
    `FILE:${lineOf('scenario: node-loss')}: drills.1.scenario: is "node-los", expected a scenario that npm run drill lists: `,
  );
  expect(lines[0]).toContain('did you mean node-loss?');
});

test('the shipped plan is valid and safe; with --json the check is one object', async () => {
  const { status, out } = await run(['check', '--no-template', '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    plan: 'test/shipped.yml',
    valid: true,
    safe: true,
    application: shipped.application,
    errors: 0,
    warnings: 0,
    weaknesses: [],
  });
});

test('who cannot start by hand is listed, a line each: too few others could approve it', async () => {
  const listed = async (plan: string) => {
    const lines = (await check(plan)).out.split('\n').filter((line) => line.startsWith('  by hand'));
    return lines.map((line) => line.slice(15));
  };
  expect(await listed(planText)).toEqual(
    ['dr-coordinator', 'infra-lead', 'dba'].map(
      (contact) => `${contact} cannot start a region failover: 3 others must approve it, 2 can`,
    ),
  );
  // One person in two roles is one approver, and cannot start in either.
  const two = planText
    .replace('required: 2', 'required: 1')
    .replace("app-lead: { handle: '@app-lead'", "app-lead: { handle: '@dba-team'");
  expect(await listed(two)).toEqual([]);
  expect(await listed(two.replace('roles: [dr-coordinator, infra-lead, dba]', 'roles: [dr-coordinator, dba]'))).toEqual(
    [
      'dr-coordinator cannot start a region failover: 2 others must approve it, 1 can',
      'dba cannot start a region failover: 2 others must approve it, 1 can',
      'app-lead cannot start a region failover: 2 others must approve it, 1 can',
    ],
  );
});

test('a plan that only observes says that it will not move anything', async () => {
  const { out } = await check(planText.replace('level2: { mode: act', 'level2: { mode: observe'));
  expect(out).toContain('zone         tells people what it would have done');
});

test('a stage whose names are too long for AWS is wrong input, in one line', async () => {
  const { status, lines } = await check(planText, '--stage', `prod-${'x'.repeat(30)}`);
  expect(status).toBe(2);
  expect(lines).toEqual([
    expect.stringMatching(
      /^--stage: is prod-x+: breakwater-\S+ has 77 characters, expected at most 63 for AWS::S3::Bucket \(and \d+ more\)$/,
    ),
  ]);
});

test('more contacts than a role can name are wrong input, in one line of each region', async () => {
  const many = Array.from(
    { length: 120 },
    (_, index) => `  on-call-${index}: { handle: '@${index}', channel: page, duty: responds }`,
  );
  const { status, lines } = await check(planText.replace('\ncontacts:\n', `\ncontacts:\n${many.join('\n')}\n`));
  expect(status).toBe(2);
  // A line for each main region: the parts of a role are longer in one than in the other.
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines)
    expect(line).toMatch(
      new RegExp(
        `^FILE:${lineOf('contacts:')}: contacts, .*: \\w+Role would have policies of \\d+ characters, expected at most 10240, IAM's limit$`,
      ),
    );
});

test('each thing that is wrong with a plan is a line with file, line, path, value and expectation', async () => {
  const { status, out, lines } = await check(
    planText.replace('standby: us-west-2', 'standby: us-east-1').replace('required: 2', 'required: 9'),
  );
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(lines).toEqual([
    `FILE:${lineOf('standby: us-west-2')}: roles.standby: is "us-east-1", expected another region than the primary`,
    expect.stringMatching(new RegExp(`^FILE:${lineOf('required: 2')}: approval.required: is 9, expected at most `)),
  ]);
});

test.for([
  [
    'is not YAML',
    'a: b: c\n- x\n',
    'FILE: line 1, column 4: Nested mappings are not allowed in compact mappings, expected valid YAML',
  ],
  [
    'names a key twice',
    'application: a\napplication: b\n',
    'FILE: line 2, column 1: Map keys must be unique, expected valid YAML',
  ],
  [
    'refers to what it stands in',
    'application: &a [*a]\n',
    'FILE: an alias stands within what it stands for, expected',
  ],
  ['refers to what is not there', 'application: *name\n', 'FILE: Unresolved alias'],
  ['is empty', '', 'FILE:1: plan: is null, expected'],
] as const)('a plan that %s is one line', async ([, plan, expected]) => {
  const { status, lines } = await check(plan);
  expect(status).toBe(2);
  expect(lines).toEqual([expect.stringContaining(expected)]);
});

test('an unsafe plan is valid, says where, why and what to do, and ends with status 1', async () => {
  const unsafe = planText.replace('multiAz: true', 'multiAz: false').replace('mode: latch', 'mode: record-change');
  const { status, out } = await check(unsafe);
  expect(status).toBe(1);
  expect(out).toMatch(
    new RegExp(
      `\\nerror database-single-zone {2}\\S+:${lineOf('multiAz:')}: assets\\.0\\.multiAz\\n {2}depends {6}\\S`,
    ),
  );
  expect(out).toMatch(
    new RegExp(`\\nwarning route-53-control-plane {2}\\S+:${lineOf('mode: latch')}: redirection.mode\\n`),
  );
  expect(out).toContain('  fix          make the instance Multi-AZ and set multiAz: true\n');
  expect(out).toMatch(/is valid but not safe: 1 error, 1 warning\n$/);
});

test('a warning changes no status', async () => {
  const { status, out } = await check(planText.replace('mode: latch', 'mode: record-change'));
  expect(status).toBe(0);
  expect(out).toMatch(/is valid, with 1 warning\n$/);
});

test.for([
  ['regions that are equal', 'standby: us-west-2', 'standby: us-east-1', 'roles.standby'],
  ['an observer in a main region', 'eu-west-1, ap-southeast-1]', 'us-west-2, ap-southeast-1]', 'roles.observers.0'],
  ['an asset that needs what is not there', 'needs: [database, cache]', 'needs: [database, queue]', 'assets.4.needs.1'],
] as const)('%s are no valid plan, and the line is said', async ([, from, to, path]) => {
  const { status, lines } = await check(planText.replace(from, to));
  expect(status).toBe(2);
  expect(lines).toEqual([expect.stringContaining(`FILE:${lineOf(from)}: ${path}: is `)]);
});

test.for([
  [
    'a replica that is the instance',
    'instance: chatops-dr-replica',
    'instance: chatops-prod',
    'assets.0.regions.us-west-2.instance',
  ],
  ['a drill that cannot meet its RTO', 'rtoSeconds: 14400', 'rtoSeconds: 7200', 'drills.3.withinSeconds'],
] as const)('%s makes a plan unsafe, and the line is said', async ([, from, to, path]) => {
  const { status, out } = await check(planText.replace(from, to));
  expect(status).toBe(1);
  expect(out).toMatch(new RegExp(`^error \\S+ {2}\\S+:\\d+: ${path}$`, 'm'));
});

const resources = {
  Check: { Type: 'AWS::Route53::HealthCheck', Properties: { HealthCheckConfig: { Inverted: true } } },
  StepRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      Policies: [{ PolicyDocument: { Statement: { Effect: 'Allow', Action: 'iam:CreateRole', Resource: '*' } } }],
    },
  },
};

test('the packaged template is judged too, and a weakness names its resource', async () => {
  const template = join(folder, 'template.json');
  writeFileSync(template, JSON.stringify({ Resources: resources }));
  const { status, out } = await run(['check', '--template', template, '--plan', planFile]);
  expect(status).toBe(1);
  expect(out).toContain('\nerror iam-write  template: StepRole\n');
  writeFileSync(template, JSON.stringify({ Resources: { Check: resources.Check } }));
  expect((await run(['check', '--template', template, '--plan', planFile])).status).toBe(0);
});

test('a template that is not looked at is said', async () => {
  expect((await run(['check', '--no-template'])).out).toContain('template     not checked: --no-template');
});

test.for([
  ['is not there', null, 'there is no such file'],
  ['is no JSON', 'Resources:', 'is no CloudFormation template'],
  ['is something else', '{"a":1}', 'is no CloudFormation template'],
] as const)('a template that %s is one line', async ([, text, said]) => {
  const template = join(folder, `${said.length}.json`);
  if (text !== null) writeFileSync(template, text);
  const { status, err } = await run(['check', '--template', template, '--plan', planFile]);
  expect(status).toBe(2);
  expect(err.split('\n')).toEqual([expect.stringContaining(said), '']);
});

test('a template that package put elsewhere is found by the same option, and a folder without one is one line', async () => {
  const place = join(folder, 'packaged', plan.roles.primary);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'cloudformation-template-update-stack.json'), JSON.stringify({ Resources: resources }));
  const { status, out } = await run(['check', '--into', join(folder, 'packaged'), '--plan', planFile]);
  expect(status).toBe(1);
  expect(out).toContain('error iam-write  template: StepRole');
  for (const verb of ['check', 'cost', 'size'] as const) {
    const { err, ...none } = await run([verb, '--into', join(folder, 'none')]);
    expect({ verb, status: none.status, err }).toEqual({
      verb,
      status: 2,
      err: `--into: ${join(folder, 'none')} has no packaged stacks, expected the folder of npm run package -- --into\n`,
    });
  }
});

test('every verb that takes a stage has the same one where none is named, and says it', async () => {
  for (const verb of ['check', 'package', 'deploy', 'status', 'failover', 'freeze', 'drill'])
    expect((await run([verb, '--help'])).out.replaceAll(/\s+/g, ' ')).toContain('breakwater-<name> (default: "dev")');
});

test('who cannot start a region failover by hand is said with the key that changes it', async () => {
  const { out } = await run(['check', '--no-template']);
  expect(out.replaceAll(/\s+/g, ' ')).toContain(
    'dba cannot start a region failover: 3 others must approve it, 2 can To let them: name more persons in approval.roles, or lower approval.required.',
  );
});
