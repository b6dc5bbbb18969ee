// A role that a service of AWS takes on: whom it trusts, and what it may do.
import type { Right } from './rights.ts';
import type { Resource, Value } from './template.ts';

/**
 * `source`: the only function, flow or project that the service may use it for; null where the service may not say which. That Lambda
 * says it for the others is among what docs/deploy.md watches.
 */
export function serviceRole(name: string, service: string, source: Value, rights: readonly Right[]): Resource {
  const trust = {
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sts:AssumeRole',
    ...(source === null ? {} : { Condition: { ArnLike: { 'aws:SourceArn': source } } }),
  };
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
      Policies: [
        {
          PolicyName: name,
          PolicyDocument: { Version: '2012-10-17', Statement: rights.filter(({ on }) => on.length > 0).map(statement) },
        },
      ],
    },
  };
}

function statement({ sid, actions, on, onlyIf }: Right): Value {
  return {
    Sid: sid,
    Effect: 'Allow',
    Action: actions,
    Resource: on,
    ...(onlyIf === undefined ? {} : { Condition: onlyIf }),
  };
}
