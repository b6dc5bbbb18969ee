// What follows from the command's values and from missing data, and that forwarded events never come back.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Plan, parsePlan } from '../../functions/domain/plan.ts';
import { resourcesOf } from '../../infrastructure/stack.ts';
import { describeStack } from '../../infrastructure/values.ts';

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

const { primary, standby, observers } = plan.roles;
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
});

describe('alarms that are signals', () => {
  const named = (region: string) => async () =>
    (await ofType('AWS::CloudWatch::Alarm', region)).filter(([, { AlarmName }]) =>
      String(AlarmName).startsWith(`${plan.application}-`),
    );

  test('only a heartbeat that is missing is bad news; no data about anything else is none', async () => {
    for (const [, { AlarmName, TreatMissingData }] of await named(standby)())
      expect([AlarmName, TreatMissingData]).toEqual([
        AlarmName,
        String(AlarmName).includes('-heartbeat-') ? 'breaching' : 'missing',
      ]);
  });
});

describe('latches and records', () => {
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
