// EventBridge rules: what happens in a region goes to its signals queue, and to the same bus of the other main stack, so that
// both classify everything and either may be lost. The default bus, where anybody in the account may put events, is heard for what AWS
// itself says: nobody may put events of a source that begins with `aws.` [PutEvents]. The application has a bus of its own.
import { heardOfKinds } from '../../functions/domain/kind/kind-signals.ts';
import { roleName } from '../rights/named-roles.ts';
import { arnHere, arnOf, pascal, type Resource, type Resources, ref, sub, type Value } from '../template.ts';
import { hasBus, type Stack } from '../values.ts';
import { busIn, rulesCalled } from './bus.ts';
import { healthCheckCalls, recordCalls, routes53 } from './calls.ts';

/** A state of an alarm, or that it was deleted: then it sends no state any more. Nothing else that is changed of it. */
const stateOrDeletion = [{ exists: false }, 'delete'];

type Pattern = { readonly [key: string]: Value };

/** What each rule takes. An event that the plan's rules do not know is not filtered here: it is kept and counted. */
function patternsOf({ prefix }: Stack): Readonly<Record<string, Pattern>> {
  return {
    // Alarms on the automation itself reach people directly: it is no judge of itself.
    alarms: {
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change', 'CloudWatch Alarm Configuration Change'],
      detail: { alarmName: [{ 'anything-but': { prefix: `${prefix}-` } }], operation: stateOrDeletion },
    },
    canaries: { source: ['aws.synthetics'], 'detail-type': [{ prefix: 'Synthetics Canary TestRun' }] },
    // Of this region, and the copies of another's public events (`backupEvent`), which count once.
    health: { source: ['aws.health'] },
    'zonal-shifts': { source: ['aws.arc-zonal-shift'] },
    // Of databases, and of serverless caches; node-based groups tell an SNS topic instead (forward-cache-events).
    ...Object.fromEntries(heardOfKinds.map(({ called, source }) => [called, { source: [source] }])),
  };
}

/** Whatever is on the bus of the application: heartbeats, runs of canaries and probes, releases, planned work, forwarded cache messages. */
const ofApplication = { source: [{ exists: true }] };

/** Everything that is heard in this region, from here or forwarded, goes to the queue in front of classify. */
export function eventRules(stack: Stack): Resources {
  const Targets = [
    {
      Id: 'signals',
      Arn: arnOf('SignalsQueue'),
      DeadLetterConfig: { Arn: arnOf('SignalsDeadLetters') },
    },
  ];
  const rules = Object.entries(patternsOf(stack)).map(([name, EventPattern]) => {
    const Properties = { Name: `${stack.prefix}-${name}`, EventPattern, Targets };
    return [`${pascal(name)}Rule`, { Type: 'AWS::Events::Rule', Properties }] as const;
  });
  const EventBusName = ref('ApplicationBus');
  const Properties = { Name: `${stack.prefix}-application`, EventBusName, EventPattern: ofApplication, Targets };
  return { ...Object.fromEntries(rules), ApplicationRule: { Type: 'AWS::Events::Rule', Properties } };
}

/** What an outside region can know of the application, beside the runs of its own canary. */
const heardOutside = ['alarms', 'canaries', 'health'];

/**
 * What happened in this region is told to the other main stack, and by an outside one to both. Only what happened here:
 * a forwarded event keeps the region it came from, and two buses that forward everything would never end.
 */
export function forwardingRules(stack: Stack): Resources {
  const { region, plan, kind, tells } = stack;
  const bus = (told: string) => sub(`arn:\${AWS::Partition}:events:${told}:\${AWS::AccountId}:event-bus/default`);
  // An outside region may be full of alarms that are about something else.
  const own: Readonly<Record<string, Pattern>> = {
    alarms:
      kind === 'main'
        ? {}
        : { detail: { alarmName: [{ prefix: `${plan.application}-` }], operation: stateOrDeletion } },
  };
  const rules = Object.entries(patternsOf(stack))
    .filter(([name]) => kind === 'main' || heardOutside.includes(name))
    .map(([name, pattern]) => [
      `Forward${pascal(name)}Rule`,
      forwarding(name, { ...pattern, ...own[name], region: [region] }, bus, stack),
    ]);
  return {
    ...Object.fromEntries(rules),
    ...forwardedCalls(stack, bus),
    ...forwardedApplication(stack),
    ForwardEventsRole: forwardingRole(stack, [
      ...tells.map(bus),
      ...(hasBus(stack) ? tells.map((told) => busIn(told, stack)) : []),
    ]),
  };
}

/** What changes the record that moves users is told in one region alone: whoever would take over in another one looks at it too. */
function forwardedCalls(stack: Stack, bus: (told: string) => Value): Resources {
  const { region, plan, tells } = stack;
  if (region !== routes53 || tells.length === 0) return {};
  const calls = {
    records: recordCalls(stack),
    ...(plan.redirection.mode === 'latch' && { 'health-checks': healthCheckCalls() }),
  };
  return Object.fromEntries(
    Object.entries(calls).map(([name, pattern]) => [
      `Forward${pascal(name)}Rule`,
      forwarding(name, { ...pattern, region: [region] }, bus, stack),
    ]),
  );
}

/** Bus to bus: what the application says here is heard where it is judged. */
function forwardedApplication(stack: Stack): Resources {
  if (!hasBus(stack) || !stack.forwards) return {};
  const { region, plan } = stack;
  // send-heartbeat puts each beat on both buses itself; what a probe saw reaches the other stack in the table that both share.
  const here = ['beat', 'probe-run'];
  const staying = plan.signals.events.filter(({ kind }) => here.includes(kind)).map((rule) => rule.detailType);
  const pattern = {
    ...ofApplication,
    region: [region],
    ...(staying.length === 0 ? {} : { 'detail-type': [{ 'anything-but': staying }] }),
  };
  const rule = forwarding('application', pattern, (told) => busIn(told, stack), stack);
  return {
    ForwardApplicationRule: { ...rule, Properties: { ...rule.Properties, EventBusName: ref('ApplicationBus') } },
  };
}

function forwarding(name: string, EventPattern: Pattern, bus: (told: string) => Value, stack: Stack): Resource {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: `${stack.prefix}-forward-${name}`,
      EventPattern,
      Targets: stack.tells.map((told) => ({
        Id: told,
        Arn: bus(told),
        RoleArn: arnOf('ForwardEventsRole'),
        DeadLetterConfig: { Arn: arnOf('DeadLetters') },
      })),
    },
  };
}

function forwardingRole(stack: Stack, buses: readonly Value[]): Resource {
  const { prefix } = stack;
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: roleName('forward-events', stack),
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sts:AssumeRole',
            // That EventBridge says so with a role is documented for no rule whose target is a bus: docs/deploy.md watches it.
            Condition: {
              ArnLike: {
                'aws:SourceArn': rulesCalled(`${prefix}-forward-*`, stack).map((rule) => arnHere('events', rule)),
              },
            },
          },
        ],
      },
      Policies: [
        {
          PolicyName: 'forward-events',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Sid: 'Forward', Effect: 'Allow', Action: 'events:PutEvents', Resource: buses }],
          },
        },
      ],
    },
  };
}
