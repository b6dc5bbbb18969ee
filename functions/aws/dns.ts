// Changes the service's record in Route 53, and looks whether a change has reached every name server.
import { ChangeResourceRecordSetsCommand, GetChangeCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CannotProceed } from '../domain/errors.ts';
import { limits, oneForEachRegion } from './client.ts';
import { asking } from './faults.ts';

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
  const id = (await asking(`point ${record} at ${to}`, route53(controlPlane).send(request))).ChangeInfo?.Id;
  if (id === undefined) throw new CannotProceed(`Route 53 changed ${record} and did not name the change`);
  return id;
}

/** Whether every name server has a change. @throws Unavailable, CannotProceed. */
export async function isInSync(change: string): Promise<boolean> {
  const answer = await asking(
    `look at change ${change}`,
    route53(controlPlane).send(new GetChangeCommand({ Id: change })),
  );
  return answer.ChangeInfo?.Status === 'INSYNC';
}
