// The packaged templates of both main stacks, an observer and the witness: what the framework and the plan made together.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { alarmSignal } from '../../functions/domain/signals/signals.ts';
import type { Signal } from '../../functions/domain/types.ts';
import { damageIn } from '../../functions/shared/damage.ts';
import { balancersIn } from '../../functions/shared/estate.ts';
import type { Details } from '../../functions/shared/shell.ts';
import { type Resource, type Template, templateOf } from '../permissions/packaged.ts';
import { plan } from '../plan.ts';

type Properties = Readonly<Record<string, unknown>>;
type Statement = { Effect: string; Principal: unknown; Action: unknown; Condition?: Record<string, unknown> };

const root = join(import.meta.dirname, '..', '..');
const prefix = 'breakwater-rehearsal';
const { primary, standby, witness, observers } = plan.roles;
const [observer = ''] = observers;
const mains = [primary, standby];
const places = [primary, standby, observer, witness];

const templates = new Map<string, Template>();

beforeAll(async () => {
  for (const region of places) templates.set(region, await templateOf(region));
}, 480_000);

describe('events', () => {
  test.for(mains)('%s forwards each kind of event that it hears itself', (region) => {
    const sources = (rules: Resource[]) =>
      rules.map(({ Properties }) => JSON.stringify((Properties['EventPattern'] as Properties)['source'])).toSorted();
    const heard = all(region, 'AWS::Events::Rule').filter(({ Properties }) =>
      (Properties['Targets'] as Properties[]).some((target) => nameOf(target['Arn']) === 'SignalsQueue'),
    );
    // What was called on Route 53 is for readiness alone, and told in one region.
    const [calls, signals] = [true, false].map((isCalls) =>
      sources(forwarding(region)).filter((source) => (source === '["aws.route53"]') === isCalls),
    );
    expect(calls).toHaveLength(region === 'us-east-1' ? 2 : 0);
    expect(signals).toEqual(sources(heard));
    for (const source of ['aws.cloudwatch', 'aws.health', 'aws.rds', 'aws.elasticache', 'aws.arc-zonal-shift'])
      expect(sources(heard)).toContain(JSON.stringify([source]));
  });

  test('heartbeats are not forwarded, as each is sent to both buses, nor what probes saw, which the table tells both', () => {
    const rule = resource(primary, 'ForwardApplicationRule')?.Properties['EventPattern'] as Properties;
    expect(rule['detail-type']).toEqual([{ 'anything-but': ['Chatops Heartbeat', 'Chatops Probe Run'] }]);
  });

  test('that an alarm was deleted is heard, and nothing else that is changed of it', () => {
    for (const name of ['AlarmsRule', 'ForwardAlarmsRule']) {
      const rule = resource(primary, name)?.Properties['EventPattern'] as Properties;
      expect(rule).toMatchObject({
        'detail-type': ['CloudWatch Alarm State Change', 'CloudWatch Alarm Configuration Change'],
        detail: { operation: [{ exists: false }, 'delete'] },
      });
    }
  });

  test('alarms on the automation are no signals', () => {
    for (const name of ['AlarmsRule', 'ForwardAlarmsRule']) {
      const rule = resource(primary, name)?.Properties['EventPattern'] as { detail: unknown };
      expect(rule.detail).toMatchObject({ alarmName: [{ 'anything-but': { prefix: `${prefix}-` } }] });
    }
  });
});

describe('alarms that are signals', () => {
  const kinds: Record<string, Signal['kind']> = {
    Heartbeat: 'heartbeat',
    Probe: 'probe',
    Canary: 'canary',
    ReplicaLag: 'replica',
  };

  test.for(places)('%s: each gives the signal that the plan means, by its name', (region) => {
    expect(alarms(region, `${plan.application}-`).length > 0).toBe(region !== witness);
    for (const { Properties } of alarms(region, `${plan.application}-`)) {
      const name = String(Properties['AlarmName']);
      const signal = alarmSignal(name, 'failing', { id: 'a', at: 0, region, observer: region }, plan);
      if (typeof signal === 'string') throw new Error(signal);
      expect([name, signal.kind]).toEqual([name, kinds[String(Properties['MetricName'])] ?? 'component']);
      const dimensions = Object.fromEntries(
        ((Properties['Dimensions'] ?? []) as { Name: string; Value: string }[]).map(({ Name, Value }) => [Name, Value]),
      );
      if (signal.kind === 'heartbeat' || signal.kind === 'probe') expect(dimensions['Region']).toBe(signal.region);
      if (signal.kind === 'probe') expect(dimensions['Service']).toBe(signal.service);
      if (signal.kind === 'canary') expect([dimensions['Observer'], signal.observer]).toEqual([region, region]);
      if (signal.kind === 'component') {
        const zone = plan.regions[region]?.zones[signal.zone ?? ''];
        expect(JSON.stringify(Properties['Metrics'])).toContain(`AvailabilityZone = '${zone}'`);
      }
      expect(Properties).not.toHaveProperty('AlarmActions');
    }
  });

  test('there is one for each thing that the stacks can see', () => {
    const count = (region: string) => alarms(region, `${plan.application}-`).length;
    const targets = (region: string) =>
      Object.keys(plan.regions[region]?.zones ?? {}).length * balancersIn(region, plan).length;
    const { hard } = plan.dependencies;
    const each = 1 + hard.length; // the peer's heartbeat and its control planes
    const canary = 1;
    const lag = 1;
    const main = (region: string) => each + canary + lag + targets(region);
    expect(places.map(count)).toEqual([main(plan.roles.primary), main(plan.roles.standby), canary, 0]);
  });
});

describe('who watches the watchman', () => {
  const watched = [
    'classify-failing',
    'signals-waiting',
    'signals-dead-letters',
    'dead-letters',
    'sweep-missing',
    'readiness-missing',
    'store-damaged',
    'canary-missing',
    'az-failover-failed',
    'drill-failed',
    'fence-watch-failed',
    'region-failover-failed',
    'service-degradation-failed',
  ];

  test.for([
    [primary, watched],
    [standby, watched],
    [observer, ['dead-letters', 'canary-missing']],
    [witness, ['dead-letters']],
  ] as const)('%s: every alarm on the automation tells who is on call, without the automation', ([region, names]) => {
    const found = alarms(region, `${prefix}-`);
    expect(found.map(({ Properties }) => Properties['AlarmName']).toSorted()).toEqual(
      names.map((name) => `${prefix}-${name}`).toSorted(),
    );
    for (const { Properties } of found) expect(Properties['AlarmActions']).toEqual([{ Ref: 'OnCallTopic' }]);
    expect(resource(region, 'OnCallTopic')?.Properties['TopicName']).toBe(`${prefix}-on-call`);
    const allowed = statements(region, 'OnCallTopicPolicy').filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.map(({ Principal }) => Principal)).toEqual([{ Service: 'cloudwatch.amazonaws.com' }]);
  });

  test.for(mains)('%s: an automation that is silent is an alarm', (region) => {
    for (const name of ['sweep-missing', 'readiness-missing'])
      expect(alarms(region, `${prefix}-${name}`)[0]?.Properties['TreatMissingData']).toBe('breaching');
  });

  test.for(mains)('%s: an item that cannot be read is counted where the functions count it', (region) => {
    const counted: Details[] = [];
    const log = {
      info: vi.fn(),
      warn: vi.fn(),
      error: (_: string, details?: Details) => void counted.push(details ?? {}),
    };
    damageIn({ prefix, region, now: Date.now, log })([{ pk: 'a', sk: 'b', why: 'id: is missing' }]);
    const { Namespace, MetricName, Dimensions } = alarms(region, `${prefix}-store-damaged`)[0]?.Properties ?? {};
    const [dimension] = Dimensions as { Name: string; Value: string }[];
    const metric = { Namespace, Dimensions: [[dimension?.Name]], Metrics: [{ Name: MetricName, Unit: 'Count' }] };
    expect(counted[0]).toMatchObject({ _aws: { CloudWatchMetrics: [metric] }, [String(MetricName)]: 1 });
    expect(counted[0]?.[String(dimension?.Name)]).toBe(dimension?.Value);
  });

  test.for(mains)('%s: the alarm on a flow counts failed and timed out executions of that flow', (region) => {
    for (const flow of namesIn('statemachines', '.asl.yaml')) {
      const [alarm] = alarms(region, `${prefix}-${flow}-failed`);
      const metrics = JSON.stringify(alarm?.Properties['Metrics']);
      for (const metric of ['ExecutionsFailed', 'ExecutionsTimedOut']) expect(metrics).toContain(metric);
      expect(metrics).toContain(`stateMachine:${prefix}-${flow}"`);
    }
  });

  test.for(mains)('%s: the dashboard shows incidents, decisions, readiness, lag and clocks', (region) => {
    const [board] = all(region, 'AWS::CloudWatch::Dashboard');
    const { 'Fn::Sub': body = '' } = (board?.Properties['DashboardBody'] ?? {}) as { 'Fn::Sub'?: string };
    expect(() => JSON.parse(body)).not.toThrow();
    for (const metric of ['Incidents', 'Decisions', 'Indications', 'ReadinessLost', 'ReplicaLag', 'RecoverySeconds'])
      expect(body).toContain(`"${metric}"`);
  });
});

describe('exports of caches', () => {
  test('a bucket in each main region, which S3 replicates to the other, and ElastiCache of the region alone may write to', () => {
    for (const [here, there] of [
      [primary, standby],
      [standby, primary],
    ] as const) {
      const [bucket, ...others] = bucketsOf(here, /exports/);
      expect(others).toEqual([]);
      expect(bucket).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
        Properties: {
          BucketName: `chatops-exports-${here}`,
          VersioningConfiguration: { Status: 'Enabled' },
          PublicAccessBlockConfiguration: { BlockPublicPolicy: true, RestrictPublicBuckets: true },
          ReplicationConfiguration: {
            Rules: [
              {
                Status: 'Enabled',
                Destination: { Bucket: { 'Fn::Sub': expect.stringMatching(`:chatops-exports-${there}$`) } },
              },
            ],
          },
        },
      });
      const [policy] = all(here, 'AWS::S3::BucketPolicy').filter((one) => JSON.stringify(one).includes('exports'));
      const { Statement = [] } = (policy?.Properties['PolicyDocument'] ?? {}) as { Statement?: Statement[] };
      const allowed = Statement.filter(({ Effect }) => Effect === 'Allow');
      const service = { 'Fn::Sub': `\${AWS::Region}.elasticache-snapshot.amazonaws.com` };
      expect(allowed.map(({ Principal }) => Principal)).toEqual([{ Service: service }, { Service: service }]);
    }
  });
});

describe('latches', () => {
  test('every bucket of the plan is made once, in its region', () => {
    const wanted = new Set(Object.values(plan.redirection.latchBuckets).flatMap((buckets) => Object.values(buckets)));
    const made = places.flatMap((region) =>
      latchBuckets(region).map(({ Properties }) => [region, String(Properties['BucketName'])] as const),
    );
    expect(made.map(([, name]) => name).toSorted()).toEqual([...wanted].toSorted());
    for (const [region, name] of made)
      expect(Object.values(plan.redirection.latchBuckets).some((buckets) => buckets[region] === name)).toBe(true);
  });

  test('anybody may read a latch, and nobody else may do anything', () => {
    for (const region of [primary, standby, witness]) {
      const [bucket] = latchBuckets(region);
      expect(bucket?.DeletionPolicy).toBe('RetainExceptOnCreate');
      expect(bucket?.Properties['VersioningConfiguration']).toEqual({ Status: 'Enabled' });
      const [policy] = all(region, 'AWS::S3::BucketPolicy').filter((one) => JSON.stringify(one).includes('latch'));
      const { Statement = [] } = (policy?.Properties['PolicyDocument'] ?? {}) as {
        Statement?: (Statement & { Resource: unknown })[];
      };
      const allowed = Statement.filter(({ Effect }) => Effect === 'Allow');
      expect(allowed.map(({ Action }) => Action)).toEqual(['s3:GetObject']);
      expect(JSON.stringify(allowed[0]?.Resource)).toContain('/latch/*');
    }
  });

  test('one latch that can be read keeps users away, and a bucket that is lost does not send them', () => {
    for (const [givenUp, record] of [
      [primary, 'PrimaryRecord'],
      [standby, 'SecondaryRecord'],
    ] as const) {
      const { Failover, HealthCheckId, ResourceRecords } = resource(primary, record)?.Properties ?? {};
      expect(Failover).toBe(givenUp === primary ? 'PRIMARY' : 'SECONDARY');
      expect(ResourceRecords).toEqual([new URL(plan.service.regionalHealthUrls[givenUp] ?? '').hostname]);
      const both = healthCheck(nameOf(HealthCheckId));
      const children = both['ChildHealthChecks'] as unknown[];
      expect([both['Type'], both['HealthThreshold']]).toEqual(['CALCULATED', children.length]);
      const looksAt = children.map((child) => {
        const check = healthCheck(nameOf(child));
        expect([check['Inverted'], check['ResourcePath']]).toEqual([true, `/latch/${givenUp}`]);
        return check['FullyQualifiedDomainName'];
      });
      const buckets = Object.entries(plan.redirection.latchBuckets[givenUp] ?? {});
      expect(looksAt).toEqual(buckets.map(([at, bucket]) => `${bucket}.s3.${at}.amazonaws.com`));
      expect(looksAt).toHaveLength(2);
      expect(looksAt.join()).not.toContain(`.s3.${givenUp}.`);
    }
  });
});

describe('people', () => {
  test.for(mains)('%s: functions that make links have the key and the address of the page', (region) => {
    for (const verb of ['sweep', 'request-approval', 'serve-approval']) {
      const { Variables } = functionOf(region, verb)['Environment'] as { Variables: Properties };
      expect(Variables['BREAKWATER_LINK_KEY']).toEqual({ Ref: 'LinkKey' });
      expect(JSON.stringify(Variables['BREAKWATER_PAGE_URL'])).toMatch(/https:\/\/[^/]*"/); // no slash at its end
    }
    const [rotation] = all(region, 'AWS::SecretsManager::RotationSchedule');
    expect(rotation?.Properties['RotationRules']).toEqual({ AutomaticallyAfterDays: 30 });
  });
});

describe('safe by default', () => {
  test.for(places)('%s: no stack can come to depend on what this one exports', (region) => {
    const exported = Object.entries(packaged(region).Outputs).filter(([, output]) => 'Export' in output);
    expect(exported.map(([name]) => name)).toEqual(['ServerlessDeploymentBucketName']); // the framework's own
  });
});

function packaged(region: string): Template {
  const template = templates.get(region);
  if (template === undefined) throw new Error(`${region} was not packaged`);
  return template;
}

function resource(region: string, name: string): Resource | undefined {
  return packaged(region).Resources[name];
}

/** The resources of a type, or of all types of a service. */
function all(region: string, type: string): Resource[] {
  return Object.values(packaged(region).Resources).filter(({ Type }) =>
    type.endsWith('::') ? Type.startsWith(type) : Type === type,
  );
}

function alarms(region: string, start: string): Resource[] {
  return all(region, 'AWS::CloudWatch::Alarm').filter(({ Properties }) =>
    String(Properties['AlarmName']).startsWith(start),
  );
}

function forwarding(region: string): Resource[] {
  return all(region, 'AWS::Events::Rule').filter(({ Properties }) =>
    String(Properties['Name']).startsWith(`${prefix}-forward-`),
  );
}

function latchBuckets(region: string): Resource[] {
  return bucketsOf(region, /latch/);
}

function bucketsOf(region: string, name: RegExp): Resource[] {
  return all(region, 'AWS::S3::Bucket').filter(({ Properties }) => name.test(String(Properties['BucketName'])));
}

function functionOf(region: string, verb: string): Properties {
  const found = all(region, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties['FunctionName'] === `${prefix}-${verb}`,
  );
  return found?.Properties ?? {};
}

function healthCheck(name: string): Properties {
  return resource(primary, name)?.Properties['HealthCheckConfig'] as Properties;
}

function statements(region: string, name: string): Statement[] {
  const { PolicyDocument, KeyPolicy, ResourcePolicy } = resource(region, name)?.Properties ?? {};
  return ((PolicyDocument ?? KeyPolicy ?? ResourcePolicy) as { Statement: Statement[] }).Statement;
}

/** The resource that a Ref or an attribute points to. */
function nameOf(value: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? attribute?.[0] ?? '';
}

function namesIn(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder)).flatMap((file) =>
    file.endsWith(ending) ? [file.slice(0, -ending.length)] : [],
  );
}
