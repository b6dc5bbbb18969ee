// The parts of a region's stack that follow from the plan, as data: what a value does, which alarms there are and whom they
// tell, and what a latch does to users.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Plan, parsePlan } from '../../functions/domain/plan.ts';
import { readEvent } from '../../functions/domain/signals.ts';
import { resourcesOf } from '../../infrastructure/stack.ts';
import { describeStack, placesOf } from '../../infrastructure/values.ts';

const plan = parsePlan(parse(readFileSync('plan.yml', 'utf8')));
const people = Object.fromEntries(Object.keys(plan.contacts).map((role) => [role, `${role}@example.com`]));

type Properties = Readonly<Record<string, unknown>>;
type Found = readonly [string, Properties];

async function stackOf(region: string, given: Readonly<Record<string, string>> = people, other: Plan = plan) {
  const values = {
    region,
    stage: 'prod',
    named: Object.keys(given),
    given: async (name: string) => given[name] ?? null,
  };
  return describeStack(other, values);
}

async function ofType(type: string, region: string): Promise<Found[]> {
  const resources = resourcesOf(await stackOf(region)) as Readonly<
    Record<string, { Type: string; Properties: Properties }>
  >;
  return Object.entries(resources).flatMap(([id, one]) => (one.Type === type ? [[id, one.Properties] as const] : []));
}

const { primary, standby, witness, observers } = plan.roles;
const main = [primary, standby];

describe('values', () => {
  const lineOf = (given: Readonly<Record<string, string>>, region = primary) =>
    stackOf(region, given).then(
      () => 'taken',
      (error: Error) => error.message,
    );

  test.for<[string, Readonly<Record<string, string>>, string]>([
    ['all addresses', people, 'taken'],
    ['none, on purpose', { addresses: 'elsewhere' }, 'taken'],
    ['records that are another tool’s', { ...people, records: 'elsewhere' }, 'taken'],
    ['an address that is missing', { dba: 'dba@example.com' }, '--param dr-coordinator: is missing, expected'],
    ['no address', { ...people, dba: 'dba' }, '--param dba: is "dba", expected an e-mail address or an https address'],
    ['an address beside none', { addresses: 'elsewhere', dba: 'a@example.com' }, '--param dba: contradicts'],
    ['two approvers who are one', { ...people, dba: 'INFRA-LEAD@example.com' }, 'approvers are different people'],
    ['an unknown name', { ...people, oncall: 'a@example.com' }, '--param oncall: is no value, expected'],
    ['another word for records', { ...people, records: 'no' }, '--param records: is "no", expected stack or elsewhere'],
  ])('%s', async ([, given, says]) => {
    const line = await lineOf(given);
    expect(line).toContain(says);
    expect(line).not.toContain('\n');
  });

  test('a region that is not in the plan is told with those that are', async () => {
    const line = await lineOf(people, 'ap-south-1');
    for (const region of placesOf(plan).keys()) expect(line).toContain(region);
  });

  test('a latch in the region that it gives up is refused', async () => {
    const latchBuckets = { ...plan.redirection.latchBuckets, [primary]: { [primary]: 'a', [witness]: 'b' } };
    const wrong = { ...plan, redirection: { ...plan.redirection, latchBuckets } };
    await expect(stackOf(primary, people, wrong)).rejects.toThrow('lies in the region that it gives up');
  });

  test('each address is subscribed to the topic of its contact, in both main regions', async () => {
    for (const region of main) {
      const told = (await ofType('AWS::SNS::Subscription', region)).map(([, { Endpoint }]) => Endpoint);
      expect(told.toSorted()).toEqual(Object.values(people).toSorted());
    }
  });
});

describe('alarms that are signals', () => {
  const named = (region: string) => async () =>
    (await ofType('AWS::CloudWatch::Alarm', region)).filter(([, { AlarmName }]) =>
      String(AlarmName).startsWith(`${plan.application}-`),
    );

  test.for([...main, ...observers])(
    'each in %s is read by a rule of the plan, and tells nobody itself',
    async (region) => {
      const alarms = await named(region)();
      expect(alarms.length).toBeGreaterThan(0);
      for (const [, { AlarmName, AlarmActions }] of alarms) {
        const state = { value: 'ALARM' };
        const reading = readEvent(
          {
            id: 'e-1',
            source: 'aws.cloudwatch',
            'detail-type': 'CloudWatch Alarm State Change',
            time: '2026-11-23T03:00:00Z',
            region,
            detail: { alarmName: AlarmName, state },
          },
          plan,
        );
        expect(reading, String(AlarmName)).toHaveProperty('signal');
        expect(AlarmActions ?? []).toEqual([]);
      }
    },
  );

  test('a main region watches the other one: its heartbeat and each control plane that the application needs', async () => {
    const names = (await named(standby)()).map(([, { AlarmName }]) => AlarmName);
    expect(names).toContain(`${plan.application}-heartbeat-${primary}`);
    for (const service of plan.dependencies.hard)
      expect(names).toContain(`${plan.application}-probe-${service}-${primary}`);
  });

  test('only a heartbeat that is missing is bad news; no data about anything else is none', async () => {
    for (const [, { AlarmName, TreatMissingData }] of await named(standby)())
      expect([AlarmName, TreatMissingData]).toEqual([
        AlarmName,
        String(AlarmName).includes('-heartbeat-') ? 'breaching' : 'missing',
      ]);
  });
});

describe('who watches the watchman', () => {
  test.for([...main, ...observers, witness])(
    'every alarm on the automation in %s reaches the one who is on call',
    async (region) => {
      const own = (await ofType('AWS::CloudWatch::Alarm', region)).filter(([id]) => id.startsWith('Watch'));
      expect(own.length).toBeGreaterThan(0);
      for (const [id, { AlarmName, AlarmActions }] of own) {
        expect([id, AlarmActions]).toEqual([id, [{ Ref: 'OnCallTopic' }]]);
        expect(String(AlarmName)).toMatch(/^breakwater-prod-/);
      }
    },
  );

  test.for(main)('in %s nothing of it goes unwatched', async (region) => {
    const names = (await ofType('AWS::CloudWatch::Alarm', region)).map(([, { AlarmName }]) => String(AlarmName));
    for (const name of [
      'classify-failing',
      'signals-waiting',
      'signals-dead-letters',
      'dead-letters',
      'sweep-missing',
      'readiness-lost',
      'az-failover-failed',
      'region-failover-failed',
      'service-degradation-failed',
    ])
      expect(names).toContain(`breakwater-prod-${name}`);
  });
});

describe('latches and records', () => {
  test('each latch is an object in two regions outside the one that it gives up', async () => {
    for (const [givenUp, buckets] of Object.entries(plan.redirection.latchBuckets)) {
      expect(Object.keys(buckets)).toHaveLength(2);
      for (const [region, bucket] of Object.entries(buckets)) {
        expect(region).not.toBe(givenUp);
        const made = (await ofType('AWS::S3::Bucket', region)).map(([, { BucketName }]) => BucketName);
        expect(made).toContain(bucket);
      }
    }
  });

  test('a record follows checks of its own region’s latches, and one latch that can be read keeps users away', async () => {
    const checks = await ofType('AWS::Route53::HealthCheck', primary);
    const configs = checks.map(([, { HealthCheckConfig }]) => HealthCheckConfig as Record<string, unknown>);
    const looking = configs.filter(({ Type }) => Type !== 'CALCULATED');
    expect(looking).toHaveLength(4);
    // Inverted: an object that can be read makes the check fail, a bucket that is lost makes it pass.
    for (const config of looking)
      expect(config).toMatchObject({ Inverted: true, ResourcePath: expect.stringContaining('/latch/') });
    const calculated = configs.filter(({ Type }) => Type === 'CALCULATED');
    expect(calculated).toHaveLength(2);
    for (const { ChildHealthChecks, HealthThreshold } of calculated)
      expect([(ChildHealthChecks as unknown[]).length, HealthThreshold]).toEqual([2, 2]);
    expect(await ofType('AWS::Route53::HealthCheck', standby)).toEqual([]);
  });

  test('records can be left to another tool; their checks are made all the same', async () => {
    const left = resourcesOf(await stackOf(primary, { ...people, records: 'elsewhere' })) as Record<
      string,
      { Type: string }
    >;
    const types = Object.values(left).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::Route53::HealthCheck')).toHaveLength(6);
    expect(types.filter((type) => type.startsWith('AWS::Route53::Record'))).toEqual([]);
  });
});

describe('forwarding', () => {
  test.for([...main, ...observers])(
    'what %s sees is sent on, with dead letters, and never comes back',
    async (region) => {
      const rules = await ofType('AWS::Events::Rule', region);
      const on = rules.flatMap(([, { Targets, EventPattern }]) =>
        (Targets as { Arn: unknown; DeadLetterConfig?: unknown }[])
          .filter(({ Arn }) => JSON.stringify(Arn).includes('event-bus/default'))
          .map((target) => ({ target, pattern: EventPattern as { region?: string[] } })),
      );
      const peers = main.filter((one) => one !== region);
      for (const peer of peers) expect(JSON.stringify(on.map(({ target }) => target.Arn))).toContain(peer);
      expect(JSON.stringify(on.map(({ target }) => target.Arn))).not.toContain(`:${region}:`);
      for (const { target, pattern } of on) {
        expect(target.DeadLetterConfig).toBeDefined();
        expect(pattern.region).toEqual([region]);
      }
    },
  );
});
