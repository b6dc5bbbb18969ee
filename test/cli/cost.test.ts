// What the bill is made of, on small templates whose price can be worked out by hand; and what the verb says.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTemplate, type Template } from '../../check/template.ts';
import { apartOf, idleOf, runsOfMonth } from '../../cli/packaged/bill.ts';
import { usageOf } from '../../functions/domain/cost/prices.ts';
import { plan, planFile } from '../plan.ts';
import { inventedEngine, passed, run } from './invented.ts';

function templateOf(Resources: object, Conditions: object = {}): Template {
  const template = readTemplate({ Resources, Conditions });
  if (template === null) throw new Error('no template');
  return template;
}

const resource = (Type: string, Properties: object = {}, Condition?: string) => ({
  Type,
  Properties,
  ...(Condition === undefined ? {} : { Condition }),
});
const lambda = (verb: string) =>
  resource('AWS::Lambda::Function', { FunctionName: `breakwater-test-${verb}`, MemorySize: 512 });
const schedule = (name: string, ScheduleExpression: string) =>
  resource('AWS::Events::Rule', { ScheduleExpression, Targets: [{ Arn: { 'Fn::GetAtt': [name, 'Arn'] } }] });
const metric = { MetricStat: { Metric: { Namespace: 'a' } } };
const isPrimary = { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] };

/** Dollars of the lines of one price. */
function dollarsOf(resources: object, price: string, conditions: object = {}): number {
  const { lines } = idleOf(templateOf(resources, conditions), plan);
  return lines.filter((line) => line.price === price).reduce((sum, { dollars }) => sum + dollars, 0);
}

describe('a month in which nothing happens', () => {
  test('costs nothing where nothing is', () => {
    expect(idleOf(templateOf({}), plan)).toEqual({ lines: [], dollars: 0, allowance: 0 });
  });

  test.for([
    ['an alarm in both regions', { A: resource('AWS::CloudWatch::Alarm', { Period: 60 }) }, 'alarms', 0.2],
    [
      'an alarm over three metrics',
      { A: resource('AWS::CloudWatch::Alarm', { Metrics: [metric, metric, metric, { Expression: 'a' }] }) },
      'alarms',
      0.6,
    ],
    [
      'an alarm of ten seconds',
      { A: resource('AWS::CloudWatch::Alarm', { Period: 10 }) },
      'alarms-high-resolution',
      0.6,
    ],
    ['a composite alarm', { A: resource('AWS::CloudWatch::CompositeAlarm') }, 'alarms-composite', 1],
    ['a key', { A: resource('AWS::KMS::Key') }, 'kms-keys', 2],
    ['a secret', { A: resource('AWS::SecretsManager::Secret') }, 'secrets', 0.8],
    ['a dashboard in one region', { A: resource('AWS::CloudWatch::Dashboard', {}, 'Here') }, 'dashboards', 3],
    [
      'a secret of one region with a replica in the other',
      { A: resource('AWS::SecretsManager::Secret', { ReplicaRegions: [{ Region: 'us-west-2' }] }, 'Here') },
      'secrets',
      0.8,
    ],
    [
      'a health check over HTTP, once for both regions',
      { A: resource('AWS::Route53::HealthCheck', { HealthCheckConfig: { Type: 'HTTP' } }) },
      'health-checks',
      0.5,
    ],
    [
      'a fast one over HTTPS that looks for a text',
      {
        A: resource('AWS::Route53::HealthCheck', {
          HealthCheckConfig: { Type: 'HTTPS_STR_MATCH', RequestInterval: 10 },
        }),
      },
      'health-check-features',
      3,
    ],
  ] as const)('%s', ([, resources, price, dollars]) => {
    expect(dollarsOf(resources, price, { Here: isPrimary })).toBeCloseTo(dollars, 6);
  });

  test('a schedule of a minute is 43,800 runs in each region, with their time, logs and reads', () => {
    const resources = { Beat: lambda('forget'), Rule: schedule('Beat', 'rate(1 minute)') };
    expect(dollarsOf(resources, 'lambda-requests')).toBeCloseTo(87_600 * 0.2e-6, 6);
    const seconds = 87_600 * usageOf('lambda-seconds') * 0.5;
    expect(dollarsOf(resources, 'lambda-gb-seconds')).toBeCloseTo(seconds * 0.0000133334, 6);
    expect(dollarsOf(resources, 'dynamodb-reads')).toBeGreaterThan(0);
  });

  test('sweep asks each region for its alarms', () => {
    const resources = { Sweep: lambda('sweep'), Rule: schedule('Sweep', 'rate(1 minute)') };
    expect(dollarsOf(resources, 'cloudwatch-requests')).toBeCloseTo((87_600 * 4 * 0.01) / 1000, 6);
  });

  test('what is measured is paid by metric', () => {
    const every = (verb: string, rate: string) => ({ F: lambda(verb), Rule: schedule('F', rate) });
    expect(dollarsOf(every('send-heartbeat', 'rate(1 minute)'), 'metrics')).toBeCloseTo(4 * 0.3, 6);
    const probes = plan.dependencies.hard.length * 2;
    expect(dollarsOf(every('probe-dependencies', 'rate(1 minute)'), 'metrics')).toBeCloseTo(probes * 0.3, 6);
    expect(dollarsOf(every('check-readiness', 'rate(5 minutes)'), 'metrics')).toBeCloseTo(2 * 0.3, 6);
  });

  test('the heartbeats of both regions, and the runs of its own probe, are read by classify in each', () => {
    const mapping = resource('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: { 'Fn::GetAtt': ['SignalsQueue', 'Arn'] },
      FunctionName: { 'Fn::GetAtt': ['Classify', 'Arn'] },
    });
    const resources = { Classify: lambda('classify'), Mapping: mapping };
    const waiting = (2 * 5 * 43_800 * 60) / 20;
    expect(dollarsOf(resources, 'sqs-requests')).toBeCloseTo(waiting * 0.4e-6, 6);
    const beating = { ...resources, Beat: lambda('send-heartbeat'), Rule: schedule('Beat', 'rate(1 minute)') };
    expect(dollarsOf(beating, 'sqs-requests')).toBeCloseTo((waiting + 4 * 43_800 * 3) * 0.4e-6, 6);
    expect(dollarsOf(beating, 'lambda-requests')).toBeCloseTo(6 * 43_800 * 0.2e-6, 6);
    const probing = { ...beating, Probe: lambda('probe-dependencies'), Each: schedule('Probe', 'rate(1 minute)') };
    expect(dollarsOf(probing, 'sqs-requests')).toBeCloseTo((waiting + 6 * 43_800 * 3) * 0.4e-6, 6);
    expect(dollarsOf(probing, 'custom-events')).toBeCloseTo(6 * 43_800 * 1e-6, 6);
  });

  test('what has nothing to do with the table reads nothing of it', () => {
    for (const verb of ['send-heartbeat', 'probe-dependencies', 'run-canary'])
      expect(dollarsOf({ F: lambda(verb), R: schedule('F', 'rate(1 minute)') }, 'dynamodb-reads')).toBe(0);
  });

  test('what AWS gives every account is shown and not taken off', () => {
    const alarms = Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [`A${index}`, resource('AWS::CloudWatch::Alarm', { Period: 60 })]),
    );
    expect(idleOf(templateOf(alarms), plan)).toMatchObject({
      dollars: expect.closeTo(1.2, 6),
      allowance: expect.closeTo(1, 6),
    });
  });
});

test('canaries and the endpoints of networks are apart', () => {
  const endpoint = (VpcEndpointType: string) =>
    resource('AWS::EC2::VPCEndpoint', { VpcEndpointType, SubnetIds: ['a', 'b'] });
  const { lines } = apartOf(templateOf({ A: endpoint('Interface'), B: endpoint('Gateway') }), plan);
  expect(lines.find(({ price }) => price === 'vpc-endpoint-hours')).toMatchObject({ amount: 2 * 2 * 730 });
  expect(lines.find(({ price }) => price === 'metrics')).toMatchObject({ amount: plan.roles.observers.length * 2 });
});

test.for([
  ['rate(1 minute)', 43_800],
  ['rate(5 minutes)', 8_760],
  ['rate(1 hour)', 730],
  ['rate(30 days)', 73 / 72],
  ['cron(0 3 * * ? *)', 43_800 / 1440],
] as const)('%s runs %d times a month', ([expression, runs]) => {
  expect(runsOfMonth(expression)).toBeCloseTo(runs, 6);
});

test('a schedule that is not understood is no cost of nothing', () => {
  expect(() => runsOfMonth('cron(* * * * ? *)')).toThrow('is not understood');
});

describe('the verb', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'breakwater-cost-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function write(Resources: object): string {
    const file = join(folder, 'template.json');
    writeFileSync(file, JSON.stringify({ Resources }));
    return file;
  }
  const steps = [
    { execution: 'i-1-1', state: 'A', startedAt: '', endedAt: '', outcome: 'succeeded' as const, attempts: 70 },
  ];
  const engine = () => inventedEngine({ result: { ...passed, steps }, misses: [] }).engine;

  test('says each line, the sums and the limits', async () => {
    const { status, out, err } = await run(['cost', '--template', write({ K: resource('AWS::KMS::Key') })], engine());
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('A month in which nothing happens, both regions\n      $2.00  keys');
    expect(out).toMatch(
      /total at list prices\n.* of it is free, .*\n +\$\S+ {2}left to pay; the project keeps it below \$17\.50/,
    );
    expect(out).toContain('On top of the month, no part of its total: canaries in observer regions');
    expect(out).toContain('One incident, as in the drill region-outage');
    expect(out).toContain('total at list prices; the project keeps it below $0.10');
  });

  test('with --json says the source of each price and what was counted', async () => {
    const { out } = await run(['cost', '--json', '--template', write({ K: resource('AWS::KMS::Key') })], engine());
    expect(JSON.parse(out)).toMatchObject({
      met: true,
      idle: {
        limit: 17.5,
        lines: [{ what: 'keys', source: expect.stringContaining('https://aws.amazon.com/kms') }, {}],
      },
      incidents: [{ scenario: 'az-outage', counts: { runs: 70, messages: 3 } }, { scenario: 'region-outage' }],
    });
  });

  test('transitions are retries too, and the states that run no function', async () => {
    const { out } = await run(['cost', '--json', '--template', write({})], engine());
    const { incidents } = JSON.parse(out) as { incidents: { counts: { transitions: number; runs: number } }[] };
    expect(incidents[0]?.counts.transitions).toBeGreaterThan(incidents[0]?.counts.runs ?? 0);
  });

  test('a month over the limit is missed, and named', async () => {
    const keys = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`K${index}`, resource('AWS::KMS::Key')]));
    const { status, err } = await run(['cost', '--template', write(keys)], engine());
    expect(status).toBe(1);
    expect(err).toMatch(/^missed: a month in which nothing happens costs \$18\.\d\d, expected less than \$17\.50\n$/);
  });

  test('the template of an observer is not that of a main region', async () => {
    const state = join(folder, 'serverless-state.json');
    writeFileSync(state, JSON.stringify({ service: { provider: { region: 'eu-west-1' } } }));
    const { status, err } = await run(['cost', '--plan', planFile, '--template', write({})], engine());
    rmSync(state);
    expect(status).toBe(2);
    expect(err).toMatch(/was packaged for eu-west-1, expected us-east-1 or us-west-2\n$/);
  });

  test('the template of another application is not priced', async () => {
    const state = join(folder, 'serverless-state.json');
    writeFileSync(state, JSON.stringify({ service: { provider: { stackTags: { protects: 'shop' } } } }));
    const { status, err } = await run(['cost', '--plan', planFile, '--template', write({})], engine());
    rmSync(state);
    expect(status).toBe(2);
    expect(err).toMatch(/was packaged for shop, expected chatops: [^\n]+\n$/);
  });

  test('without a template it says in one line how to make one', async () => {
    const { status, err } = await run(['cost', '--template', join(folder, 'none.json')], engine());
    expect(status).toBe(2);
    expect(err).toMatch(/none\.json: there is no such file, expected the template that npm run package makes\n$/);
  });
});
