// The bus of the application's own events, in each region where there are some: what anybody in the account may put on the default
// bus, nobody may put here but whom the plan names and Breakwater's own functions and rules. An Allow alone stops nobody inside of an
// account, whose roles need no more than their own rights [IAM, Policy evaluation logic for requests within a single account]: the
// policy denies everybody else. Sources: "Permissions for event buses in Amazon EventBridge" and its example policies (the bus as
// resource, events:source as condition).
import { busName, ownSources } from '../../functions/domain/signals/own-events.ts';
import { type Named, principal, roleArn } from '../rights/named-roles.ts';
import { arnHere, type Resource, type Resources, sub, type Value } from '../template.ts';
import { hasBus, type Stack } from '../values.ts';

/** Of a region where the application's events are heard or begin. */
export function applicationBus(stack: Stack): Resources {
  return { ApplicationBus: bus(stack) };
}

function bus(stack: Stack): Resource {
  const { prefix, plan } = stack;
  const name = busName(prefix);
  const resource = arnHere('events', `event-bus/${name}`);
  const own = ownPutters(stack).map(([putter, region]) => roleArn(putter, { region, prefix }));
  const statement = (Sid: string, rest: { readonly [key: string]: Value }) => ({
    Sid,
    Action: 'events:PutEvents',
    Resource: resource,
    ...rest,
  });
  return {
    Type: 'AWS::Events::EventBus',
    Properties: {
      Name: name,
      Policy: {
        Version: '2012-10-17',
        Statement: [
          // A bus of another region is no target of a rule without it (modernisation-platform-environments 19002).
          statement('ThisAccount', { Effect: 'Allow', Principal: { AWS: principal('root') } }),
          statement('SendersOnly', {
            Effect: 'Deny',
            Principal: '*',
            Condition: { ArnNotEquals: { 'aws:PrincipalArn': [...own, ...plan.signals.senders.map(principal)] } },
          }),
          // Whoever may tell of releases may not say that users are served.
          statement('OwnEvents', {
            Effect: 'Deny',
            Principal: '*',
            Condition: {
              'ForAnyValue:StringEquals': {
                'events:source': Object.values(ownSources).map((source) => `${plan.application}.${source}`),
              },
              ArnNotEquals: { 'aws:PrincipalArn': own },
            },
          }),
        ],
      },
    },
  };
}

/** Who of Breakwater puts events on the bus of a stack: what runs beside it, the peer's heartbeat, and what other regions forward. */
function ownPutters({ plan, region, kind }: Stack): (readonly [Named, string])[] {
  if (kind !== 'main') return [['run-canary', region]];
  const { primary, standby, observers } = plan.roles;
  const main = [primary, standby];
  const others = [...new Set([...main, ...observers])].filter((one) => one !== region);
  return [
    ...main.map((one) => ['send-heartbeat', one] as const),
    ['run-canary', region],
    ['probe-dependencies', region],
    ['forward-cache-events', region],
    ...others.map((one) => ['forward-events', one] as const),
  ];
}

/** The bus of the stack of a region, as a target and as a resource. */
export function busIn(region: string, { prefix }: Pick<Stack, 'prefix'>): Value {
  return sub(`arn:\${AWS::Partition}:events:${region}:\${AWS::AccountId}:event-bus/${busName(prefix)}`);
}

/** How the ARNs of rules end: those of the default bus, and those of the bus of the application, which is a part of them. */
export function rulesCalled(name: string, stack: Stack): string[] {
  return [`rule/${name}`, ...(hasBus(stack) ? [`rule/${busName(stack.prefix)}/${name}`] : [])];
}
