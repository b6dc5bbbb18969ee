// What follows from the command's values and from missing data, and that forwarded events never come back.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { machines } from '../../functions/domain/flows.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { definitionOf } from '../../infrastructure/runs/machines.ts';
import { partsOf, resourcesOf } from '../../infrastructure/stack.ts';
import { describeStack } from '../../infrastructure/values.ts';
import { matches } from '../../simulator/aws/patterns.ts';
import { plan } from '../plan.ts';

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
    [
      'addresses that are missing',
      { dba: 'dba@example.com' },
      '--param dr-coordinator, infra-lead, app-lead, on-call: missing,',
    ],
    ['no address', { ...people, dba: 'dba' }, '--param dba: is "dba", expected an e-mail address or an https address'],
    ['an address beside none', { addresses: 'elsewhere', dba: 'a@example.com' }, '--param dba: contradicts'],
    ['two approvers who are one', { ...people, dba: 'INFRA-LEAD@example.com' }, 'approvers are different people'],
    ['an unknown name', { ...people, oncall: 'a@example.com' }, '--param oncall: is no value, expected'],
    [
      'another word for forwarding',
      { ...people, forwarding: 'no' },
      '--param forwarding: is "no", expected now or later',
    ],
    ['another word for records', { ...people, records: 'no' }, '--param records: is "no", expected stack or elsewhere'],
  ])('%s', async ([, given, says]) => {
    const line = await lineOf(given);
    expect(line).toContain(says);
    expect(line).not.toContain('\n');
  });
});

describe('limits that must fit each other', () => {
  // Lambda, "Creating and configuring an Amazon SQS event source mapping".
  test('an event that fails comes back after its reader has ended, often enough, and alone', async () => {
    const { functions, Resources } = partsOf(await stackOf(primary));
    const { timeout } = functions['classify'] as { timeout: number };
    const mapping = Resources['ReadSignals']?.Properties as { MaximumBatchingWindowInSeconds: number };
    const queue = Resources['SignalsQueue']?.Properties as {
      VisibilityTimeout: number;
      RedrivePolicy: { maxReceiveCount: number };
    };
    expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * timeout + mapping.MaximumBatchingWindowInSeconds);
    expect(queue.RedrivePolicy.maxReceiveCount).toBeGreaterThanOrEqual(5);
    expect(queue.RedrivePolicy.maxReceiveCount * queue.VisibilityTimeout).toBeLessThan(3_600); // or nobody is told
    expect(mapping).toMatchObject({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
  });

  test('dead letters are kept for 14 days, the longest there is, for people to read', async () => {
    const queues = await ofType('AWS::SQS::Queue', primary);
    const kept = queues.flatMap(([id, one]) => (id.endsWith('DeadLetters') ? [one['MessageRetentionPeriod']] : []));
    expect(kept).toEqual([14 * 86_400, 14 * 86_400]);
  });

  test.for([...main, ...observers])('each queue of %s is written to by whom its own policy lets in', async (region) => {
    const queueIn = (arn: unknown) => /"Fn::GetAtt":\["(\w+)","Arn"\]/.exec(JSON.stringify(arn) ?? '')?.[1];
    const subscriptions = await ofType('AWS::SNS::Subscription', region);
    const rules = await ofType('AWS::Events::Rule', region);
    const queues = (await ofType('AWS::SQS::Queue', region)).map(([id]) => id);
    const targets = rules.flatMap(
      ([, { Targets }]) => Targets as { Arn: unknown; DeadLetterConfig?: { Arn: unknown } }[],
    );
    const written = [
      ...targets.flatMap(({ Arn, DeadLetterConfig }) => [Arn, DeadLetterConfig?.Arn].map((arn) => ['events', arn])),
      ...subscriptions.map(([, one]) => [
        'sns',
        (one['RedrivePolicy'] as { deadLetterTargetArn: unknown } | undefined)?.deadLetterTargetArn,
      ]),
    ].flatMap(([service, arn]) => {
      const queue = queueIn(arn);
      return queue !== undefined && queues.includes(queue) ? [`${service}.amazonaws.com to ${queue}`] : [];
    });
    type Policy = { Statement: { Effect: string; Principal: { Service?: string }; Resource: unknown }[] };
    const policies = await ofType('AWS::SQS::QueuePolicy', region);
    const allowed = policies.flatMap(([, { Queues, PolicyDocument }]) => {
      expect(Queues).toHaveLength(1);
      return (PolicyDocument as Policy).Statement.flatMap(({ Effect, Principal, Resource }) => {
        expect([{ Ref: queueIn(Resource) }]).toEqual(Queues);
        return Effect === 'Allow' ? [`${Principal.Service} to ${queueIn(Resource)}`] : [];
      });
    });
    expect(written.length).toBeGreaterThan(0);
    expect(written.filter((one) => !allowed.includes(one))).toEqual([]);
  });

  test.for(machines)('no step of %s gives up while its function may still act', async (flow) => {
    const { functions } = partsOf(await stackOf(primary));
    const longest = Math.max(...Object.values(functions).map((one) => (one as { timeout: number }).timeout));
    const waits = timeoutsIn(definitionOf(flow, plan));
    expect(waits.length).toBeGreaterThan(0);
    expect(Math.min(...waits)).toBeGreaterThan(longest);
  });
});

describe('alarms that are signals', () => {
  const named = (region: string) => async () =>
    (await ofType('AWS::CloudWatch::Alarm', region)).filter(([, { AlarmName }]) =>
      String(AlarmName).startsWith(`${plan.application}-`),
    );

  test('only a heartbeat that is missing is bad news; no data about anything else is none', async () => {
    const alarms = await named(standby)();
    expect(alarms.filter(([, { AlarmName }]) => String(AlarmName).includes('-heartbeat-'))).toHaveLength(1);
    expect(alarms.length).toBeGreaterThan(5);
    for (const [, { AlarmName, TreatMissingData }] of alarms)
      expect([AlarmName, TreatMissingData]).toEqual([
        AlarmName,
        String(AlarmName).includes('-heartbeat-') ? 'breaching' : 'missing',
      ]);
  });
});

describe('the first stack of a stage', () => {
  test('forwards what the application says later: the other stack has no bus for it yet', async () => {
    const [now, later] = await Promise.all(
      ['now', 'later'].map(async (forwarding) =>
        Object.keys(resourcesOf(await stackOf(primary, { ...people, forwarding }))),
      ),
    );
    expect(now?.filter((name) => !later?.includes(name))).toEqual(['ForwardApplicationRule']);
  });
});

describe('who may put events on the bus of the application', () => {
  const allowedIn = async (region: string, of: Plan = plan) => {
    const resources = resourcesOf(await stackOf(region, people, of)) as unknown as Record<
      string,
      {
        Properties: {
          Policy: {
            Statement: {
              Sid: string;
              Effect: string;
              Condition?: { ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::Sub': string }[] } };
            }[];
          };
        };
      }
    >;
    const statements = resources['ApplicationBus']?.Properties.Policy.Statement ?? [];
    return Object.fromEntries(
      statements.map(({ Sid, Effect, Condition }) => [
        `${Effect} ${Sid}`,
        Condition?.ArnNotEquals['aws:PrincipalArn'].map((one) => one['Fn::Sub'].split(':role/')[1]) ?? null,
      ]),
    );
  };
  const role = (region: string, name: string) => `breakwater-prod-${region}-${name}`;
  const own = [
    ...main.map((region) => role(region, 'beat')),
    role(primary, 'run'),
    role(primary, 'probe'),
    role(primary, 'cache'),
    ...[standby, ...observers].map((region) => role(region, 'forward')),
  ];

  test('in a main region: its own functions, the heartbeat of the peer, what others forward, and the senders of the plan', async () => {
    expect(await allowedIn(primary)).toEqual({
      'Allow ThisAccount': null,
      'Deny SendersOnly': [...own, 'chatops-deploy'],
      'Deny OwnEvents': own,
    });
  });

  test('at an observer: its canary, and the senders', async () => {
    const [observer = ''] = observers;
    expect((await allowedIn(observer))['Deny SendersOnly']).toEqual([role(observer, 'run'), 'chatops-deploy']);
  });

  test('nobody else where the plan names nobody', async () => {
    const nobody = { ...plan, signals: { ...plan.signals, senders: [] } };
    expect((await allowedIn(primary, nobody))['Deny SendersOnly']).toEqual(own);
  });

  test('those are the roles that the stacks make', async () => {
    const names = await Promise.all(
      [...main, ...observers].map(async (region) =>
        (await ofType('AWS::IAM::Role', region)).flatMap(([, { RoleName }]) =>
          RoleName === undefined ? [] : String(RoleName),
        ),
      ),
    );
    expect(names.flat()).toEqual(expect.arrayContaining(own));
    expect(new Set(names.flat()).size).toBe(names.flat().length);
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

describe('what is heard', () => {
  const examples = readdirSync('events').flatMap((file): (readonly [string, Properties])[] => {
    const event = JSON.parse(readFileSync(`events/${file}`, 'utf8')) as Properties;
    // Executions and builds that fail are told by a function of their own, and judged by nobody.
    const told = ['aws.states', 'aws.codebuild'].includes(String(event['source']));
    return 'detail-type' in event && !told ? [[file, event]] : [];
  });

  /** The buses of the rules that bring an event to the signals queue, where it is on that bus. */
  const heardOn = async (event: Properties) =>
    (await ofType('AWS::Events::Rule', primary)).flatMap(([, { EventPattern, Targets, EventBusName }]) =>
      JSON.stringify(Targets).includes('["SignalsQueue","Arn"]') && matches(EventPattern, event)
        ? [EventBusName === undefined ? 'default' : 'application']
        : [],
    );

  test.for(examples)(
    '%s goes to the signals queue, once: of AWS from the default bus, and nothing else from there',
    async ([, event]) => {
      const ofAws = String(event['source']).startsWith('aws.');
      // The application's bus is heard as a whole, and AWS puts nothing there.
      expect((await heardOn(event)).toSorted()).toEqual(ofAws ? ['application', 'default'] : ['application']);
    },
  );

  test.for([...main, ...observers])(
    'the default bus of %s is heard for what AWS says, and for nothing else',
    async (region) => {
      const rules = await ofType('AWS::Events::Rule', region);
      for (const [name, { EventPattern, EventBusName }] of rules) {
        if (EventPattern === undefined || EventBusName !== undefined) continue;
        const { source } = EventPattern as { source: string[] };
        expect([name, source.filter((one) => !/^aws\./.test(one))]).toEqual([name, []]);
        expect([name, source.length]).not.toEqual([name, 0]);
      }
    },
  );

  test('instances and groups of them, of which no rule of a plan needs anything, are heard on no bus that AWS tells', async () => {
    for (const source of ['aws.ec2', 'aws.autoscaling']) expect(await heardOn({ source })).toEqual(['application']);
  });

  test('there is an example of each kind', () => {
    const sources = new Set(examples.map(([, { source }]) => String(source)));
    const kinds = ['arc-zonal-shift', 'cloudwatch', 'health', 'rds', 'synthetics'];
    expect(kinds.filter((kind) => !sources.has(`aws.${kind}`))).toEqual([]);
  });
});

describe('functions in a network that only a disaster calls', () => {
  const region = standby;
  const vpc = { [region]: { subnets: ['subnet-1'], securityGroups: ['sg-1'] } };
  const schedules = async (other: Plan) => {
    const resources = resourcesOf(await stackOf(region, people, other)) as Readonly<
      Record<string, { Type: string; Properties: { Name?: string; ScheduleExpression?: string } }>
    >;
    return Object.values(resources).flatMap(({ Properties: { Name, ScheduleExpression } }) =>
      ScheduleExpression === undefined ? [] : [[Name?.replace('breakwater-prod-', ''), ScheduleExpression]],
    );
  };

  test('are called by a schedule, so that Lambda does not take their network back; without a network nothing calls them', async () => {
    const [without, within] = [await schedules(plan), await schedules({ ...plan, vpc })];
    expect(within.filter(([name]) => !without.some(([known]) => known === name)).toSorted()).toEqual([
      ['eks-cluster-take-over', 'rate(6 hours)'],
      ['verify-region', 'rate(6 hours)'],
    ]);
  });
});

describe('forwarding', () => {
  test.for([...main, ...observers])(
    'what %s sees is sent on, with dead letters, and never comes back',
    async (region) => {
      const rules = await ofType('AWS::Events::Rule', region);
      const on = rules.flatMap(([, { Targets, EventPattern }]) =>
        (Targets as { Arn: unknown; DeadLetterConfig?: unknown }[])
          .filter(({ Arn }) => JSON.stringify(Arn).includes(':event-bus/'))
          .map((target) => ({ target, pattern: EventPattern as { region?: string[] } })),
      );
      expect(on.length).toBeGreaterThan(0);
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

/** Of every task of a flow, in seconds; one that waits for people computes its own. */
function timeoutsIn(state: unknown): number[] {
  if (typeof state !== 'object' || state === null) return [];
  const { Type, TimeoutSeconds: own } = state as { Type?: unknown; TimeoutSeconds?: unknown };
  const seconds = Type === 'Task' && typeof own === 'number' ? [own] : [];
  return [...seconds, ...Object.values(state).flatMap(timeoutsIn)];
}

describe('a call that changes what readiness looks at', () => {
  const call = (region: string, source: string, eventName: string, requestParameters: object, more: object = {}) => ({
    region,
    source,
    'detail-type': 'AWS API Call via CloudTrail',
    detail: { eventName, requestParameters, ...more },
  });
  const cluster = plan.assets
    .flatMap((one) => (one.kind === 'eks-cluster' ? one.regions[standby]?.cluster : []))
    .join();
  const { hostedZone } = plan.redirection;
  const heardBy = async (event: object): Promise<string[]> =>
    (await ofType('AWS::Events::Rule', standby)).flatMap(([, { Name, EventPattern, EventBusName }]) =>
      EventBusName === undefined && EventPattern !== undefined && matches(EventPattern, event) ? [String(Name)] : [],
    );

  test.for<[string, object, string[]]>([
    [
      'the size of a node group',
      call(standby, 'aws.eks', 'UpdateNodegroupConfig', { name: cluster }),
      ['breakwater-prod-check-readiness-on-eks'],
    ],
    ['another cluster', call(standby, 'aws.eks', 'DeleteNodegroup', { name: 'else' }), []],
    ['a look', call(standby, 'aws.eks', 'DescribeNodegroup', { name: cluster }), []],
    [
      'what was refused',
      call(standby, 'aws.eks', 'UpdateNodegroupConfig', { name: cluster }, { errorCode: 'AccessDenied' }),
      [],
    ],
    [
      'the record, which is told in another region',
      call('us-east-1', 'aws.route53', 'ChangeResourceRecordSets', { hostedZoneId: hostedZone }),
      ['breakwater-prod-check-readiness-on-dns'],
    ],
    ['another zone', call('us-east-1', 'aws.route53', 'ChangeResourceRecordSets', { hostedZoneId: 'Z1' }), []],
    [
      'a health check',
      call('us-east-1', 'aws.route53', 'UpdateHealthCheck', { healthCheckId: 'h' }),
      ['breakwater-prod-check-readiness-on-latch'],
    ],
  ])('%s', async ([, event, rules]) => {
    expect(await heardBy(event)).toEqual(rules);
  });

  test('of Route 53 is forwarded from where CloudTrail tells of it, and from nowhere else', async () => {
    const event = call('us-east-1', 'aws.route53', 'ChangeResourceRecordSets', { hostedZoneId: hostedZone });
    for (const [region, expected] of [
      ['us-east-1', [standby]],
      ['us-west-2', []],
    ] as const) {
      const rules = (await ofType('AWS::Events::Rule', region)).filter(
        ([id, { EventPattern, EventBusName }]) =>
          id.startsWith('Forward') &&
          EventBusName === undefined &&
          EventPattern !== undefined &&
          matches(EventPattern, event),
      );
      const told = rules.flatMap(([, { Targets }]) => (Targets as { Id: string }[]).map(({ Id }) => Id));
      expect(told, region).toEqual(expected);
    }
  });
});
