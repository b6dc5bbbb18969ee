// Looks at the service's record in Route 53, changes it, and looks whether a change has reached every name server.
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListHealthChecksCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { CannotProceed } from '../../domain/errors.ts';
import {
  type HealthCheckSeen,
  type Policy,
  type RecordSeen,
  type SetSeen,
  sameName,
} from '../../domain/traffic/record.ts';
import { limits, oneForEachRegion } from '../calls/client.ts';
import { calling, faultName } from '../calls/faults.ts';

/** Where Route 53's control plane stands, whatever the region that asks. */
export const controlPlane = 'us-east-1';

const route53 = oneForEachRegion((region) => new Route53Client({ region, ...limits }));

export type RecordChange = {
  readonly hostedZone: string;
  readonly record: string;
  /** The name that the record leads to. */
  readonly to: string;
  readonly ttlSeconds: number;
};

/** Points a record at another name and gives the id of the change. @throws Unavailable, CannotProceed. */
export async function pointRecord({ hostedZone, record, to, ttlSeconds }: RecordChange): Promise<string> {
  const set = { Name: record, Type: 'CNAME' as const, TTL: ttlSeconds, ResourceRecords: [{ Value: to }] };
  const request = new ChangeResourceRecordSetsCommand({
    HostedZoneId: hostedZone,
    ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: set }] },
  });
  const id = (await calling(`point ${record} at ${to}`, route53(controlPlane).send(request))).ChangeInfo?.Id;
  if (id === undefined) throw new CannotProceed(`Route 53 changed ${record} and did not name the change`);
  return id;
}

/** The record as it is, and the zone that it would be changed in; null where there is no such zone. @throws Unavailable, CannotProceed. */
export async function describeRecord(hostedZone: string, record: string): Promise<RecordSeen | null> {
  try {
    const request = new GetHostedZoneCommand({ Id: hostedZone });
    const { HostedZone: zone } = await calling(
      `look at hosted zone ${hostedZone}`,
      route53(controlPlane).send(request),
    );
    const sets = await readSets(hostedZone, record); // after the zone: where nobody answers, one timeout is enough
    return {
      zone: zone?.Name ?? '',
      isPrivate: zone?.Config?.PrivateZone === true,
      managedBy: zone?.LinkedService?.ServicePrincipal ?? null,
      sets,
    };
  } catch (error) {
    if (faultName(error) === 'NoSuchHostedZone') return null;
    throw error;
  }
}

/** Where a record leads: the names and addresses of all its sets. @throws Unavailable, CannotProceed. */
export async function readTargets(hostedZone: string, record: string): Promise<string[]> {
  return (await readSets(hostedZone, record)).flatMap(({ to = [] }) => to);
}

/**
 * The sets of one name, which are listed from it on. The first page of 300 is enough: a simple CNAME stands alone, and of many
 * sets the first says what they are.
 */
async function readSets(hostedZone: string, record: string): Promise<SetSeen[]> {
  const request = new ListResourceRecordSetsCommand({ HostedZoneId: hostedZone, StartRecordName: record });
  const { ResourceRecordSets: sets = [] } = await calling(
    `look at the record ${record}`,
    route53(controlPlane).send(request),
  );
  return sets.filter(({ Name = '' }) => sameName(Name, record)).map(setSeen);
}

const policies: readonly (readonly [keyof ResourceRecordSet, Policy])[] = [
  ['Weight', 'weighted'],
  ['Region', 'latency'],
  ['Failover', 'failover'],
  ['GeoLocation', 'geolocation'],
  ['GeoProximityLocation', 'geoproximity'],
  ['MultiValueAnswer', 'multivalue'],
  ['CidrRoutingConfig', 'IP-based'],
];

function setSeen(set: ResourceRecordSet): SetSeen {
  const named = policies.find(([field]) => set[field] !== undefined)?.[1];
  return {
    type: set.Type ?? 'of no type',
    isAlias: set.AliasTarget !== undefined,
    policy: named ?? (set.SetIdentifier === undefined ? null : 'other'),
    trafficPolicy: set.TrafficPolicyInstanceId ?? null,
    ...(set.Failover !== undefined && { failover: set.Failover }),
    ...(set.HealthCheckId !== undefined && { healthCheck: set.HealthCheckId }),
    to: [
      ...(set.ResourceRecords ?? []).map(({ Value }) => Value ?? ''),
      ...(set.AliasTarget?.DNSName === undefined ? [] : [set.AliasTarget.DNSName]),
    ],
  };
}

/** As many as one page of Route 53 has at most. */
const mostChecks = 1_000;

/** The health checks of the account; null where there are more than one page says. @throws Unavailable, CannotProceed. */
export async function listHealthChecks(): Promise<HealthCheckSeen[] | null> {
  const request = new ListHealthChecksCommand({ MaxItems: mostChecks });
  const { HealthChecks = [], IsTruncated } = await calling('list health checks', route53(controlPlane).send(request));
  if (IsTruncated === true) return null;
  return HealthChecks.map(({ Id = '', HealthCheckConfig: config }) => ({
    id: Id,
    host: config?.FullyQualifiedDomainName ?? '',
    path: config?.ResourcePath ?? '',
    inverted: config?.Inverted === true,
    disabled: config?.Disabled === true,
    children: config?.Type === 'CALCULATED' ? (config.ChildHealthChecks ?? []) : null,
    threshold: config?.HealthThreshold ?? 0,
  }));
}

/** Whether every name server has a change. @throws Unavailable, CannotProceed. */
export async function isInSync(change: string): Promise<boolean> {
  const answer = await calling(
    `look at change ${change}`,
    route53(controlPlane).send(new GetChangeCommand({ Id: change })),
  );
  return answer.ChangeInfo?.Status === 'INSYNC';
}
