// A role that a service of AWS takes on: whom it trusts, and what it may do.
import type { Resource, Value } from '../template.ts';
import type { Right } from './rights.ts';

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
          PolicyDocument: { Version: '2012-10-17', Statement: joined(rights).map(statement) },
        },
      ],
    },
  };
}

/** What may be done by the same actions, or to all things there are, is one statement: each has its own words, and a role has room for 10,240 characters. */
function joined(rights: readonly Right[]): Right[] {
  const kept = rights.filter(({ on }) => on.length > 0);
  const alike = Map.groupBy(kept, ({ actions, onlyIf }) => JSON.stringify([actions, onlyIf ?? null]));
  const one = [...alike.values()].flatMap(([first, ...others]): Right[] => {
    if (first === undefined) return [];
    const all = [first, ...others].map(({ on }) => on);
    const named = all.flatMap((on) => (on === '*' ? [] : on)).map((thing) => [JSON.stringify(thing), thing] as const);
    return [{ ...first, on: all.includes('*') ? '*' : [...new Map(named).values()] }];
  });
  const isAnywhere = ({ on, onlyIf }: Right) => on === '*' && onlyIf === undefined;
  const [anywhere, ...more] = one.filter(isAnywhere);
  if (anywhere === undefined) return one;
  const actions = [anywhere, ...more].flatMap((right) => right.actions);
  return [...one.filter((right) => !isAnywhere(right)), { ...anywhere, actions: [...new Set(actions)] }];
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
