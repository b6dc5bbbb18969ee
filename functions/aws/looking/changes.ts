// Asks AWS what was changed in a region: CloudTrail for the calls of everybody; RDS, ElastiCache and Auto Scaling for what they do by
// themselves. Signed here: four SDK clients would say no more (docs/decisions/0009-the-sdk-in-every-bundle.md).
import { oneForEachRegion } from '../calls/client.ts';
import type { Service } from '../calls/endpoint.ts';
import { calling, faultName } from '../calls/faults.ts';
import { callSigned } from '../calls/signed.ts';
import type { Unsigned } from '../calls/signing.ts';
import { throttling } from '../calls/transient.ts';

/** One question, as an SDK client would name it. Times of CloudTrail are in seconds. */
export type ChangesCommand =
  | {
      readonly service: 'cloudtrail';
      readonly operation: 'LookupEvents';
      readonly input: {
        readonly LookupAttributes: readonly [{ readonly AttributeKey: 'ReadOnly'; readonly AttributeValue: 'false' }];
        readonly StartTime: number;
        readonly EndTime: number;
        readonly MaxResults: number;
        readonly NextToken?: string;
      };
    }
  | {
      readonly service: 'rds';
      readonly operation: 'DescribeEvents';
      readonly input: { readonly SourceType: 'db-instance'; readonly StartTime: Date; readonly EndTime: Date };
    }
  | {
      readonly service: 'elasticache';
      readonly operation: 'DescribeEvents';
      readonly input: { readonly StartTime: Date; readonly EndTime: Date };
    }
  | {
      readonly service: 'autoscaling';
      readonly operation: 'DescribeScalingActivities';
      readonly input: {
        readonly MaxRecords: number;
        readonly Filters: readonly [{ readonly Name: 'StartTimeLowerBound'; readonly Values: readonly [string] }];
      };
    };

const places: Readonly<Record<ChangesCommand['service'], Service>> = {
  cloudtrail: { service: 'cloudtrail', variable: 'CLOUDTRAIL' },
  rds: { service: 'rds', variable: 'RDS' },
  elasticache: { service: 'elasticache', variable: 'ELASTICACHE' },
  autoscaling: { service: 'autoscaling', variable: 'AUTO_SCALING' },
};

/** The versions of the query APIs. */
const versions = { rds: '2014-10-31', elasticache: '2015-02-02', autoscaling: '2011-01-01' } as const;

/** People measured 4 s of CloudTrail in us-east-1 on average [re:Post, LookupEvents response time]. */
const longestAnswerMs = 8_000;
const mostTries = 3;
/** CloudTrail answers two lookups in a second, in an account and region, whoever asks [AWS, LookupEvents]. */
const pauseMs = 600;

/** A client of the shape that SDK clients have: `send` takes a command, `config.region` names the region. */
export class ChangesClient {
  readonly config: { readonly region: () => Promise<string> };

  constructor({ region }: { readonly region: string }) {
    this.config = { region: async () => region };
  }

  /** As an SDK client, it asks again after a while where it asked too often. @throws ServiceFault, and what fetch throws. */
  async send(command: ChangesCommand): Promise<unknown> {
    const region = await this.config.region();
    for (let tries = 1; ; tries += 1) {
      try {
        const text = await callSigned(httpOf(command), places[command.service], region, longestAnswerMs);
        return answerIn(command.service, text);
      } catch (error) {
        if (tries === mostTries || !throttling.includes(faultName(error))) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs * tries));
      }
    }
  }
}

function httpOf({ service, operation, input }: ChangesCommand): Omit<Unsigned, 'endpoint'> {
  if (service === 'cloudtrail') {
    const contentType = 'application/x-amz-json-1.1';
    const headers = {
      'content-type': contentType,
      'x-amz-target': `com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.${operation}`,
    };
    return { method: 'POST', segments: [], headers, contentType, body: JSON.stringify(input) };
  }
  const contentType = 'application/x-www-form-urlencoded';
  const form = { Action: operation, Version: versions[service], ...formOf(input) };
  const body = new URLSearchParams(form).toString();
  return { method: 'POST', segments: [], headers: { 'content-type': contentType }, contentType, body };
}

/** An input as the query protocol has it: of a list each entry by its number. */
function formOf(input: object, before = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(input).flatMap(([name, value]): [string, string][] => {
      const path = `${before}${name}`;
      if (value instanceof Date) return [[path, value.toISOString()]];
      if (Array.isArray(value))
        return Object.entries(
          formOf(Object.fromEntries(value.map((one, at) => [String(at + 1), one])), `${path}.member.`),
        );
      if (typeof value === 'object' && value !== null) return Object.entries(formOf(value, `${path}.`));
      return [[path, String(value)]];
    }),
  );
}

/** An answer as an SDK client would give it, as far as it is read. */
function answerIn(service: ChangesCommand['service'], text: string): unknown {
  if (service === 'cloudtrail') return JSON.parse(text);
  const parts = text.split(service === 'autoscaling' ? '<member>' : '<Event>').slice(1);
  if (service !== 'autoscaling')
    return {
      Events: parts.map((part) => ({
        SourceIdentifier: fieldOf(part, 'SourceIdentifier'),
        Message: fieldOf(part, 'Message'),
        EventCategories: [...part.matchAll(/<EventCategory>([^<]*)</g)].map(([, one = '']) => one),
        Date: new Date(fieldOf(part, 'Date')),
      })),
    };
  return {
    Activities: parts.map((part) => ({
      AutoScalingGroupName: fieldOf(part, 'AutoScalingGroupName'),
      Cause: fieldOf(part, 'Cause'),
      Description: fieldOf(part, 'Description'),
      StartTime: new Date(fieldOf(part, 'StartTime')),
      StatusCode: fieldOf(part, 'StatusCode'),
    })),
    ...(text.includes('<NextToken>') ? { NextToken: fieldOf(text, 'NextToken') } : {}),
  };
}

const letters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The text of an element, as XML has it; empty where there is none. */
function fieldOf(part: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(part)?.[1] ?? '';
  return text.replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, letter: string) => letters[letter] ?? '');
}

const changes = oneForEachRegion((region) => new ChangesClient({ region }));

/** Pages of 50 calls that changed something, newest first. */
const mostPages = 6;
const pageSize = 50;

/** What was read, and until when back; `stopped`: why no further, null where all of it was read. */
export type CallsSeen = {
  readonly events: readonly string[];
  readonly backTo: number;
  readonly stopped: string | null;
};

type Page = {
  readonly Events?: readonly { readonly EventTime?: number; readonly CloudTrailEvent?: string }[];
  readonly NextToken?: string;
};

/**
 * Everybody's calls that changed something in a region, each in CloudTrail's JSON. It stops after six pages, when `isOver`, and at a fault
 * of any page but the first: the newest are the nearest to what they may have caused. @throws Unavailable, CannotProceed.
 */
export async function callsThatChanged(
  region: string,
  from: number,
  to: number,
  isOver: () => boolean,
): Promise<CallsSeen> {
  const events: string[] = [];
  let backTo = to;
  let next: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    if (page > 0 && isOver()) return { events, backTo, stopped: 'it answers slowly' };
    const input = {
      LookupAttributes: [{ AttributeKey: 'ReadOnly', AttributeValue: 'false' }],
      StartTime: Math.floor(from / 1000),
      EndTime: Math.ceil(to / 1000),
      MaxResults: pageSize,
      ...(next === undefined ? {} : { NextToken: next }),
    } as const;
    let answer: Page;
    try {
      answer = (await calling(
        `look up what was changed in ${region}`,
        changes(region).send({ service: 'cloudtrail', operation: 'LookupEvents', input }),
      )) as Page;
    } catch (error) {
      if (page === 0) throw error;
      return { events, backTo, stopped: faultName(error) };
    }
    for (const { EventTime, CloudTrailEvent } of answer.Events ?? []) {
      if (CloudTrailEvent !== undefined) events.push(CloudTrailEvent);
      if (EventTime !== undefined) backTo = Math.min(backTo, EventTime * 1000);
    }
    next = answer.NextToken;
    if (next === undefined) return { events, backTo: from, stopped: null };
  }
  return { events, backTo, stopped: 'there are more calls than are read' };
}

/** What a service tells of what it has, by its name of that. Times in milliseconds. */
export type ServiceEvent = { readonly at: number; readonly source: string; readonly message: string };

type Told = { readonly message: string; readonly categories: readonly string[] };

/** What each tells that changes something. Failovers, restarts and the like are heard as they happen. */
const ofChange: { readonly [Service in 'rds' | 'elasticache']: (told: Told) => boolean } = {
  rds: ({ categories }) => categories.some((one) => one === 'configuration change' || one === 'maintenance'),
  // ElastiCache has no categories.
  elasticache: ({ message }) =>
    !/\b(snapshot|backup|failover (from|to|api)|recover(y|ing|ed)?|restart|reboot)/i.test(message),
};

/** What RDS or ElastiCache changed. Each gives a hundred events at most; more of them in half an hour are of no one application. @throws Unavailable, CannotProceed. */
export async function serviceEvents(
  service: 'rds' | 'elasticache',
  region: string,
  from: number,
  to: number,
): Promise<ServiceEvent[]> {
  const times = { StartTime: new Date(from), EndTime: new Date(to) };
  const asked: ChangesCommand =
    service === 'rds'
      ? { service: 'rds', operation: 'DescribeEvents', input: { SourceType: 'db-instance', ...times } }
      : { service: 'elasticache', operation: 'DescribeEvents', input: times };
  const answer = (await calling(`ask ${service} what it changed in ${region}`, changes(region).send(asked))) as {
    readonly Events?: readonly {
      readonly Date?: Date;
      readonly SourceIdentifier?: string;
      readonly Message?: string;
      readonly EventCategories?: readonly string[];
    }[];
  };
  return (answer.Events ?? []).flatMap(
    ({ Date: date, SourceIdentifier: source = '', Message: message = '', EventCategories: categories = [] }) => {
      const at = date?.getTime() ?? Number.NaN;
      return at >= from && at <= to && ofChange[service]({ message, categories }) ? [{ at, source, message }] : [];
    },
  );
}

/** A scaling activity. `what`: what was done, and how it went where it failed. Time in milliseconds. */
export type GroupActivity = {
  readonly at: number;
  readonly group: string;
  readonly cause: string;
  readonly what: string;
};

/** What Auto Scaling began in a region: the newest hundred at most. @throws Unavailable, CannotProceed. */
export async function groupActivities(region: string, from: number, to: number): Promise<GroupActivity[]> {
  const Filters = [{ Name: 'StartTimeLowerBound', Values: [new Date(from).toISOString()] }] as const;
  const answer = (await calling(
    `ask Auto Scaling what it did in ${region}`,
    changes(region).send({
      service: 'autoscaling',
      operation: 'DescribeScalingActivities',
      input: { MaxRecords: 100, Filters },
    }),
  )) as {
    readonly Activities?: readonly {
      readonly AutoScalingGroupName?: string;
      readonly StartTime?: Date;
      readonly Cause?: string;
      readonly Description?: string;
      readonly StatusCode?: string;
    }[];
  };
  return (answer.Activities ?? []).flatMap(
    ({ AutoScalingGroupName: group = '', StartTime, Cause: cause = '', Description = '', StatusCode = '' }) => {
      const at = StartTime?.getTime() ?? Number.NaN;
      const what = StatusCode === 'Failed' ? `${Description} (failed)` : Description;
      return at >= from && at <= to ? [{ at, group, cause, what }] : [];
    },
  );
}
