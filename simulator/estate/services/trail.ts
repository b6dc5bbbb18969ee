// CloudTrail's history of a region: what people, Breakwater and everybody's routine have called. An event is there minutes after its call.
import * as z from 'zod';
import { prefix } from '../../stage.ts';
import { type Answers, read } from '../apis/answer.ts';
import { refusal } from '../calls/aws-error.ts';
import { createRandom, hash } from '../chance/random.ts';
import type { Mutation } from '../types.ts';
import { eventTime, type World } from '../world.ts';

/** A call of somebody with a role. `on`: the parameter that names what it is about, and its value. */
type Called = {
  readonly region: string;
  readonly service: string;
  readonly operation: string;
  readonly role: string;
  readonly session: string;
  readonly on: Readonly<Record<string, string>>;
};

export type Trail = {
  /** Keeps a call of a person. */
  note(called: Called): void;
  readonly answers: Answers;
};

type Entry = Called & { readonly at: number; readonly id: string };

const lookup = z.looseObject({
  LookupAttributes: z
    .array(
      z.strictObject({ AttributeKey: z.enum(['ReadOnly', 'EventName', 'EventSource']), AttributeValue: z.string() }),
    )
    .max(1),
  StartTime: z.number(),
  EndTime: z.number(),
  MaxResults: z.int(),
  NextToken: z.string().optional(),
});

const mostResults = 50;
/** So often some function of the application begins a stream of its log: a call that changes something, and nothing that matters. */
const routineSeconds = 20;

/** What is no management event: of objects, and of what asks a cluster or a database itself. */
const unseen = ['kubernetes', 's3', 'sql'];
const sources: Readonly<Record<string, string>> = { 'route-53': 'route53', eventbridge: 'events' };
const parameters: Readonly<Record<string, string>> = {
  rds: 'dBInstanceIdentifier',
  elasticache: 'replicationGroupId',
  codebuild: 'projectName',
  eks: 'nodegroupName',
};

export function createTrail(world: World): Trail {
  const noted: Entry[] = [];

  const ofOurs = ({ at, service, operation, region, target, step }: Mutation, index: number): Entry => ({
    ...{ at, region, service, operation, id: `own-${index}` },
    role: `${prefix}-${step.replaceAll(/[^A-Za-z]/g, '')}Role-1A2B3C4D5E6F`,
    session: `${prefix}-${step}`,
    on: { [parameters[service] ?? 'resourceIdentifier']: target },
  });

  const routine = (region: string, from: number, to: number): Entry[] => {
    const every = routineSeconds * 1000;
    const first = Math.ceil(from / every);
    return Array.from({ length: Math.max(0, Math.floor(to / every) - first + 1) }, (_, index) => ({
      ...{ at: (first + index) * every, region, service: 'logs', operation: 'CreateLogStream' },
      ...{ id: `log-${first + index}`, role: `${world.plan.application}-worker`, session: 'worker' },
      on: { logGroupName: `/aws/lambda/${world.plan.application}-worker` },
    }));
  };

  /** The same whoever asks, and when: it draws from nothing that others draw from. */
  const isThere = ({ at, id, region }: Entry): boolean =>
    at + 1000 * world.draw('trail-delivery', createRandom(hash(`${world.shapeSeed} ${region} ${id}`))) <= world.now();

  const shown = ({ at, id, region, service, operation, role, session, on }: Entry) => {
    const { account } = world;
    const source = `${sources[service] ?? service}.amazonaws.com`;
    const record = {
      eventVersion: '1.11',
      userIdentity: {
        type: 'AssumedRole',
        principalId: `AROAEXAMPLE:${session}`,
        arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
        accountId: account,
        sessionContext: {
          sessionIssuer: {
            type: 'Role',
            arn: `arn:aws:iam::${account}:role/${role}`,
            accountId: account,
            userName: role,
          },
        },
      },
      eventTime: eventTime(at),
      eventSource: source,
      eventName: operation,
      awsRegion: region,
      requestParameters: on,
      eventID: id,
      readOnly: false,
      managementEvent: true,
      eventCategory: 'Management',
    };
    return {
      EventId: id,
      EventName: operation,
      ReadOnly: 'false',
      EventTime: Math.floor(at / 1000),
      EventSource: source,
      Username: session,
      Resources: [],
      CloudTrailEvent: JSON.stringify(record),
    };
  };

  return {
    note: (called) => void noted.push({ ...called, at: world.now(), id: `call-${noted.length}` }),
    answers: {
      LookupEvents(call) {
        const { NextToken, ...asked } = read(lookup, call);
        const { StartTime, EndTime, MaxResults, LookupAttributes } = asked;
        if (StartTime > EndTime)
          throw refusal('InvalidTimeRangeException', 'The specified start time is after the specified end time.');
        if (MaxResults < 1 || MaxResults > mostResults)
          throw refusal('InvalidMaxResultsException', `${MaxResults} is not in 1 to ${mostResults}.`);
        const same = JSON.stringify(asked);
        const [of, skipped = '0'] = NextToken === undefined ? [same] : tokenIn(NextToken);
        if (of !== same) throw refusal('InvalidNextTokenException', 'The token is not of this request.');
        const [from, to] = [StartTime * 1000, EndTime * 1000 + 999];
        const entries = [...noted, ...world.mutations.map(ofOurs), ...routine(call.region, from, to)]
          .filter(
            (one) => one.region === call.region && one.at >= from && one.at <= to && !unseen.includes(one.service),
          )
          .filter((one) => matches(LookupAttributes[0], one) && isThere(one))
          .toSorted((a, b) => b.at - a.at);
        const until = Number(skipped) + MaxResults;
        return {
          Events: entries.slice(Number(skipped), until).map(shown),
          ...(until < entries.length
            ? { NextToken: Buffer.from(JSON.stringify([same, `${until}`])).toString('base64') }
            : {}),
        };
      },
    },
  };
}

/** Nothing that is kept here only reads. */
function matches(attribute: z.infer<typeof lookup>['LookupAttributes'][number] | undefined, entry: Entry): boolean {
  if (attribute === undefined) return true;
  const { AttributeKey: key, AttributeValue: value } = attribute;
  if (key === 'ReadOnly') return value === 'false';
  return value === (key === 'EventName' ? entry.operation : `${sources[entry.service] ?? entry.service}.amazonaws.com`);
}

function tokenIn(token: string): string[] {
  try {
    return JSON.parse(Buffer.from(token, 'base64').toString());
  } catch {
    return [];
  }
}
