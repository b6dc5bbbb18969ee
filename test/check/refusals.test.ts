// What is wrong with a plan is said once: by `breakwater check`, by `breakwater package` and by the framework's own command
// in the same lines; and what `check` passes can be packaged.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { planToPackage, refusals } from '../../check/packaging.ts';
import { type Judged, judgePlan } from '../../check/plan-file.ts';
import { findRefusals } from '../../check/refusals.ts';
import { kindNames } from '../../functions/domain/plan/assets.ts';
import { buildStack } from '../../infrastructure/stack.ts';
import { Contradiction, placesOf, type Values } from '../../infrastructure/values.ts';
import { run } from '../cli/invented.ts';
import { plan, planText } from '../plan.ts';

type Edit = (plan: string) => string;
type Framework = { readonly options: object; readonly resolveVariable: (name: string) => Promise<unknown> };

const stage = 'rehearsal';
const stackOfFramework = createRequire(import.meta.url)('../../infrastructure/stack.cjs') as (
  framework: Framework,
) => Promise<unknown>;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-refusals-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const edit =
  (from: string | RegExp, to: string): Edit =>
  (plan) =>
    plan.replace(from, to);
const recordChange = edit('mode: latch', 'mode: record-change');
const vpc = (region: string) => `\nvpc:\n  ${region}: { subnets: [subnet-a], securityGroups: [sg-b] }\n`;
const latch = 'us-east-1: { us-west-2: chatops-latch-us-west-2, us-east-2: chatops-latch-us-east-2 }';

/** Plans that are broken, and the lines that say so, as they begin; each after a text of the line of the file that it names. */
const broken: readonly (readonly [string, Edit, readonly (readonly [at: string, line: string])[]])[] = [
  [
    'is no YAML',
    () => 'a: b: c\n- x\n',
    [['', ' line 1, column 4: Nested mappings are not allowed in compact mappings, expected valid YAML']],
  ],
  [
    'names a key twice',
    () => 'application: a\napplication: b\n',
    [['', ' line 2, column 1: Map keys must be unique, expected valid YAML']],
  ],
  [
    'has a shape that is none',
    edit('rtoSeconds: 14400', 'rtoSeconds: 4h'),
    [['rtoSeconds:', 'objectives.rtoSeconds: is "4h", expected a number']],
  ],
  [
    'protects what is of no kind',
    edit('kind: elasticache', 'kind: memcached'),
    [['kind: memcached', `assets.1.kind: is "memcached", expected one of ${kindNames.join(', ')}`]],
  ],
  [
    'gives one name to two assets',
    edit('- name: ingress', '- name: cluster # again'),
    [['# again', 'assets.3.name: is "cluster", expected a name of its own: assets.2 has it already']],
  ],
  [
    'lets assets need each other in a circle',
    edit('kind: elasticache', 'kind: elasticache\n    needs: [settings]'),
    [
      [
        'assets:',
        'assets: is ["database","cache","cluster","ingress","settings","search"], expected needs that go in no circle: cache, settings',
      ],
    ],
  ],
  [
    'has a witness that no strongly consistent table can have',
    edit('witness: us-east-2', 'witness: ca-central-1'),
    [
      [
        'witness:',
        'roles.witness: is "ca-central-1", expected one of us-east-2: where DynamoDB makes a strongly consistent table with us-east-1 and us-west-2',
      ],
    ],
  ],
  [
    'reads no run of the probes',
    edit(/ +- \{ source: chatops\.probe.*\n/, ''),
    [
      [
        'events:',
        'signals.events: is ["chatops.heartbeat","chatops.canary","chatops.deploy","chatops.elasticache","ch…, expected a rule for chatops.probe with kind probe-run: Breakwater puts these events every minute',
      ],
    ],
  ],
  [
    'calls the application by another name than its events',
    edit('application: chatops', 'application: shop'),
    [
      [
        'events:',
        'signals.events: is ["chatops.heartbeat","chatops.canary","chatops.probe","chatops.deploy","chatops.…, expected a rule for shop.heartbeat with kind beat, and one for shop.canary with kind canary-run, and one for shop.probe with kind probe-run: Breakwater puts these events every minute',
      ],
    ],
  ],
  [
    'changes a record at the apex of its zone',
    (text) => recordChange(text).replace('record: api.chatops.example.com', 'record: example.com'),
    [
      [
        'record: example.com',
        'redirection.record: is "example.com", expected a name below its zone, as the apex takes no CNAME: set mode: latch, whose records may be aliases',
      ],
    ],
  ],
  [
    'changes a record to an address',
    (text) => recordChange(text).replace('https://us-west-2.api.chatops.example.com', 'https://[2001:db8::7]'),
    [
      [
        'us-west-2: https',
        'service.regionalHealthUrls.us-west-2: is "https://[2001:db8::7]/health", expected a name and no address, as a changed record is a CNAME to it',
      ],
    ],
  ],
  [
    'has a latch in the region that it gives up',
    edit(latch, latch.replace(' }', ', us-east-1: other-bucket }')),
    [
      [
        latch.slice(0, -2),
        'redirection.latchBuckets.us-east-1.us-east-1: is "other-bucket", expected no bucket in the region that is given up',
      ],
    ],
  ],
  [
    'has a latch in one region',
    edit(latch, 'us-east-1: { us-west-2: chatops-latch-us-west-2 }'),
    [
      [
        'us-east-1: { us-west-2: chatops-latch',
        'redirection.latchBuckets.us-east-1: is {"us-west-2":"chatops-latch-us-west-2"}, expected buckets in two regions that are not us-east-1: a lost one would send users back',
      ],
    ],
  ],
  [
    'has no latch for the way back',
    edit(/^ {4}us-west-2: \{ us-east-1: chatops-latch.*\n/m, ''),
    [
      [
        'latchBuckets:',
        'redirection.latchBuckets.us-west-2: is missing, expected buckets in two regions that are not us-west-2: a lost one would send users back',
      ],
    ],
  ],
  [
    'has one bucket in two regions',
    edit('us-east-1: chatops-latch-us-east-1', 'us-east-1: chatops-latch-us-west-2'),
    [
      [
        'us-west-2: { us-east-1: chatops-latch',
        'redirection.latchBuckets.us-west-2.us-east-1: is "chatops-latch-us-west-2", expected a name of its own: it is the bucket in us-west-2',
      ],
    ],
  ],
  [
    'has no address of the standby',
    edit(/^ {4}us-west-2: https.*\n/m, ''),
    [
      [
        'regionalHealthUrls:',
        'service.regionalHealthUrls.us-west-2: is missing, expected the health page of us-west-2, past the DNS record',
      ],
    ],
  ],
  [
    'has a network where no function stands',
    (plan) => plan + vpc('eu-west-1'),
    [
      [
        'eu-west-1: { subnets',
        'vpc.eu-west-1: is {"subnets":["subnet-a"],"securityGroups":["sg-b"]}, expected a network in the primary or the standby region: no other has functions that need one',
      ],
    ],
  ],
  [
    'has a contact that can name no topic',
    (plan) => plan.replaceAll('app-lead', 'App Lead!'),
    [
      [
        '  App Lead!:',
        'contacts.App Lead!: is "App Lead!", expected the name of a topic: lower-case letters, digits and hyphens, not cache-events',
      ],
    ],
  ],
  [
    'has a contact with the name of a topic that there is',
    (plan) => plan.replaceAll('app-lead', 'cache-events'),
    [['  cache-events:', 'contacts.cache-events: is "cache-events", expected the name of a topic']],
  ],
  [
    'lets alarms on the automation reach nobody',
    edit(
      'on-call: { handle: PagerDuty, channel: page,',
      "on-call: { handle: '#on-call', channel: slack, webhook: /chatops/webhooks/on-call,",
    ),
    [
      [
        'failure:',
        'notifications.failure.0: is "on-call", expected a role with a channel that is a topic, as slack is none: alarms on the automation reach people through SNS alone, so give it next: [email]',
      ],
    ],
  ],
  [
    'has a cache in a global datastore that its region does not offer',
    (plan) => plan.replaceAll('us-west-2', 'ap-east-2').replaceAll('us[ew]', '[a-z]{2,4}'),
    [
      ['standby: ap-east-2', 'roles.standby: is "ap-east-2", expected one of us-west-2: where DynamoDB'],
      [
        'ap-east-2: { replicationGroup:',
        'assets.1.regions.ap-east-2: is {"replicationGroup":"chatops-redis-dr"}, expected a region that offers global datastores of ElastiCache, which ap-east-2 does not, or globalDatastore: null',
      ],
    ],
  ],
  [
    'predicts nothing for a database that it has',
    edit('rds-instance: 300, elasticache: 60', 'elasticache: 60'),
    [
      [
        'predictions:',
        'predictions.takeOverSeconds.rds-instance: is missing, expected the seconds that it takes, as assets has one',
      ],
    ],
  ],
  [
    'predicts for a cache that it has not',
    (plan) =>
      plan
        .replace(/ {2}- name: cache\n(?: {4}.*\n)+/, '')
        .replace('needs: [database, cache]', 'needs: [database]')
        .replace(/.*endpointOf: cache.*\n/, '')
        .replace(', elasticache, sts', ', sts'),
    [
      [
        'predictions:',
        'predictions.takeOverSeconds.elasticache: is 60, expected nothing, as assets has none of that kind',
      ],
    ],
  ],
  [
    'cannot live without a service that nothing in it can be asked about',
    edit('hard: [ec2,', 'hard: [s3, ec2,'),
    [
      [
        'hard:',
        'dependencies.hard.0: is "s3", expected one of ec2, eks, elb, rds, elasticache, sts, dynamodb: there is nothing in assets that another could be asked about',
      ],
    ],
  ],
  [
    'knows the alarms of its stacks by no rule',
    edit(/^ {4}- \{ match: '\^chatops-heartbeat.*\n/m, ''),
    [
      [
        '  alarms:',
        'signals.alarms: chatops-heartbeat-us-west-2: no rule knows alarm chatops-heartbeat-us-west-2, expected a rule of kind heartbeat',
      ],
      [
        '  alarms:',
        'signals.alarms: chatops-heartbeat-us-east-1: no rule knows alarm chatops-heartbeat-us-east-1, expected a rule of kind heartbeat',
      ],
    ],
  ],
  [
    'has a rule for alarms that names no zone of the standby region',
    edit('us[ew]\\d-az', 'use\\d-az'),
    [['(?<component>', 'signals.alarms.4.match: is "^chatops-']],
  ],
  [
    'has rules about a component that no alarm can be about',
    edit('infrastructureComponents: [', 'infrastructureComponents: [storage, '),
    [
      [
        'infrastructureComponents',
        'infrastructureComponents.0: is "storage", expected a component that an alarm can be about, by a rule in signals.alarms',
      ],
    ],
  ],
  [
    'is wrong in its parts, in what they say of each other, and in what no stack can be made of',
    (plan) =>
      `${plan}${vpc('eu-west-1')}`
        .replace('required: 2', 'required: 9')
        .replace('witness: us-east-2', 'witness: eu-west-1'),
    [
      [
        'required:',
        'approval.required: is 9, expected at most 2: of the 3 persons in approval.roles, a manual start needs one more',
      ],
      ['witness:', 'roles.witness: is "eu-west-1", expected one of us-east-2'],
      ['eu-west-1: { subnets', 'vpc.eu-west-1: is {'],
    ],
  ],
];

test.for(broken)('a plan that %s is refused in the same lines, whoever is asked', async ([, change, expected]) => {
  const { file, lines } = save(change(planText));
  const starts = expected.map(([at, line]) => {
    const place = at === '' ? '' : `${lines.findIndex((one) => one.includes(at)) + 1}: `;
    return `${file}:${place}${line}`;
  });
  const checked = await run(['check', '--no-template', '--stage', stage, '--plan', file]);
  const begins = linesOf(checked.err).map((line, index) => line.slice(0, starts[index]?.length ?? 0));
  expect({ status: checked.status, begins }).toEqual({ status: 2, begins: starts });
  const packaged = await run(['package', '--stage', stage, '--param', `plan=${file}`, '--into', folder]);
  expect({ status: packaged.status, said: packaged.err }).toEqual({ status: 2, said: checked.err });
  const { stack = '' } = await stackOfFramework(framework(file)).then(
    () => new Error('packaged'),
    (error: Error) => error,
  );
  expect(linesOf(stack).map((line) => line.trim())).toEqual(linesOf(checked.err));
});

test('what is wrong with the values of the command is said beside what is wrong with the plan', async () => {
  const { file } = save(planText.replace('witness: us-east-2', 'witness: eu-west-1'));
  const param = ['--param', `plan=${file}`, '--param', 'boss=a@example.com'];
  const { status, err } = await run(['package', '--stage', stage, ...param, '--into', folder]);
  expect({ status, said: linesOf(err) }).toEqual({
    status: 2,
    said: [
      expect.stringContaining(': roles.witness: is "eu-west-1"'),
      expect.stringContaining('--param boss: is no value'),
    ],
  });
});

test.for([
  ['us-east-1', 'us-west-2', 'us-east-2', []],
  ['eu-central-1', 'eu-west-1', 'eu-west-3', []],
  ['us-east-1', 'us-west-2', 'eu-west-1', ['roles.witness: is "eu-west-1", expected one of us-east-2:']],
  ['eu-central-1', 'eu-west-1', 'us-east-2', ['roles.witness: is "us-east-2", expected one of eu-west-2, eu-west-3:']],
  ['us-east-1', 'eu-west-1', 'us-east-2', ['roles.standby: is "eu-west-1", expected one of us-west-2:']],
  [
    'us-east-1',
    'eu-west-1',
    'eu-west-2',
    [
      'roles.standby: is "eu-west-1", expected one of us-east-2, us-west-2:',
      'roles.witness: is "eu-west-2", expected one of us-east-2, us-west-2:',
    ],
  ],
  ['sa-east-1', 'us-west-2', 'us-east-2', ['roles.primary: is "sa-east-1", expected one of us-east-1, us-east-2,']],
] as const)('the state of %s and %s with witness %s', ([primary, standby, witness, expected]) => {
  const found = findRefusals({ ...plan, roles: { ...plan.roles, primary, standby, witness } });
  const said = found.map(({ line }) => line).filter((line) => line.startsWith('roles.'));
  expect(said).toEqual(expected.map((line) => expect.stringContaining(line)));
});

test('a plan that check passes packages, and one that it does not pass stops packaging in the same lines', async () => {
  const outcomes = { passed: 0, refused: 0 };
  const whole = parse(planText) as object;
  const paths = pathsIn(whole);
  // What stands elsewhere in a plan, half of it of the same type, is often right here too.
  const leaves = paths.map((path) => valueAt(whole, path)).filter((value) => !isTable(value));
  const like = (path: readonly string[]) => leaves.filter((value) => typeof value === typeof valueAt(whole, path));
  const change = fc
    .constantFrom(...paths)
    .chain((path) =>
      fc.tuple(fc.constant(path), fc.constantFrom(...like(path), ...like(path), null, '', -1, [], undefined)),
    );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
      const raw = structuredClone(whole);
      for (const [path, value] of changes) set(raw, path, value);
      const judged = judgePlan(stringify(raw), 'some.yml');
      const refused = refusals(judged, stage);
      outcomes[refused.length === 0 ? 'passed' : 'refused'] += 1;
      const regions = judged.plan === null ? [primary] : [...placesOf(judged.plan).keys()];
      for (const region of regions) {
        const said = await packagingOf(judged, valuesOf(region));
        expect(said).toEqual(refused);
      }
    }),
    { numRuns: 120, seed: 10 },
  );
  expect(Math.min(outcomes.passed, outcomes.refused)).toBeGreaterThan(10);
}, 120_000);

const { primary } = plan.roles;

/** What packaging says of a plan; nothing where it makes the stack. */
async function packagingOf(judged: Judged, values: Values): Promise<readonly string[]> {
  try {
    await buildStack(await planToPackage(judged, values), values);
    return [];
  } catch (error) {
    if (!(error instanceof Contradiction)) throw error;
    return error.lines;
  }
}

function valuesOf(region: string): Values {
  return { region, stage, named: ['addresses'], given: async (name) => (name === 'addresses' ? 'elsewhere' : null) };
}

/** What the framework hands over for a region of the plan. */
function framework(file: string): Framework {
  const variables: Readonly<Record<string, string>> = {
    'self:provider.region': primary,
    'sls:stage': stage,
    'param:addresses, null': 'elsewhere',
  };
  return {
    options: { param: [`plan=${file}`] },
    resolveVariable: async (name) => variables[name] ?? null,
  };
}

function save(text: string): { readonly file: string; readonly lines: readonly string[] } {
  const file = join(folder, 'broken.yml');
  writeFileSync(file, text);
  return { file, lines: text.split('\n') };
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** The keys on the way to each value of a table, and to each table in it. */
function pathsIn(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[key], ...pathsIn(inner).map((path) => [key, ...path])]);
}

/** Undefined takes the key away. What an earlier change has taken away stays so. */
function set(raw: object, path: readonly string[], value: unknown): void {
  const last = path.at(-1) ?? '';
  const holder = valueAt(raw, path.slice(0, -1));
  if (!isTable(holder)) return;
  if (value === undefined) Reflect.deleteProperty(holder, last);
  else Reflect.set(holder, last, value);
}

function valueAt(raw: object, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isTable(at) ? Reflect.get(at, key) : null), raw);
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
