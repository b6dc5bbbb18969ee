// EventBridge rules: what happens in a region goes to its signals queue, and to the bus of the other main stack, so that
// both classify everything and either may be lost.
import { heardOfKinds } from '../functions/domain/kind-signals.ts';
import { arnOf, pascal, type Resources, sub, type Value } from './template.ts';
import type { Stack } from './values.ts';

/** A state of an alarm, or that it was deleted: then it sends no state any more. Nothing else that is changed of it. */
const stateOrDeletion = [{ exists: false }, 'delete'];

type Pattern = { readonly [key: string]: Value };

/** What each rule takes. An event that the plan's rules do not know is not filtered here: it is kept and counted. */
function patternsOf({ plan, prefix }: Stack): Readonly<Record<string, Pattern>> {
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
    // What the application and its pipeline say: heartbeats, releases, maintenance, forwarded cache messages.
    application: { source: [{ prefix: `${plan.application}.` }] },
  };
}

/** Everything that is heard in this region, from here or forwarded, goes to the queue in front of classify. */
export function eventRules(stack: Stack): Resources {
  const rules = Object.entries(patternsOf(stack)).map(([name, EventPattern]) => {
    const target = {
      Id: 'signals',
      Arn: arnOf('SignalsQueue'),
      DeadLetterConfig: { Arn: arnOf('SignalsDeadLetters') },
    };
    const Properties = { Name: `${stack.prefix}-${name}`, EventPattern, Targets: [target] };
    return [`${pascal(name)}Rule`, { Type: 'AWS::Events::Rule', Properties }] as const;
  });
  return Object.fromEntries(rules);
}

/** What an outside region can know of the application: `application` are the runs of its own canary. */
const heardOutside = ['alarms', 'canaries', 'health', 'application'];

/**
 * What happened in this region is told to the other main stack, and by an outside one to both. Only what happened here:
 * a forwarded event keeps the region it came from, and two buses that forward everything would never end.
 */
export function forwardingRules(stack: Stack): Resources {
  const { prefix, region, plan, tells, kind } = stack;
  const bus = (told: string) => sub(`arn:\${AWS::Partition}:events:${told}:\${AWS::AccountId}:event-bus/default`);
  // send-heartbeat puts each beat on both buses itself.
  const beats = plan.signals.events.filter((rule) => rule.kind === 'beat').map((rule) => rule.detailType);
  const own: Readonly<Record<string, Pattern>> = {
    application: beats.length === 0 ? {} : { 'detail-type': [{ 'anything-but': beats }] },
    // An outside region may be full of alarms that are about something else.
    alarms:
      kind === 'main'
        ? {}
        : { detail: { alarmName: [{ prefix: `${plan.application}-` }], operation: stateOrDeletion } },
  };
  const rules = Object.entries(patternsOf(stack))
    .filter(([name]) => kind === 'main' || heardOutside.includes(name))
    .map(([name, pattern]) => {
      const Properties = {
        Name: `${prefix}-forward-${name}`,
        EventPattern: { ...pattern, ...own[name], region: [region] },
        Targets: tells.map((told) => ({
          Id: told,
          Arn: bus(told),
          RoleArn: arnOf('ForwardEventsRole'),
          DeadLetterConfig: { Arn: arnOf('DeadLetters') },
        })),
      };
      return [`Forward${pascal(name)}Rule`, { Type: 'AWS::Events::Rule', Properties }] as const;
    });
  return { ...Object.fromEntries(rules), ForwardEventsRole: forwardingRole(prefix, tells.map(bus)) };
}

function forwardingRole(prefix: string, buses: readonly Value[]): Resources[string] {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
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
                'aws:SourceArn': sub(
                  `arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/${prefix}-forward-*`,
                ),
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
