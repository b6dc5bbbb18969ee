// Puts events on the default bus of a region.
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { Unavailable } from '../domain/errors.ts';
import { limits, oneForEachRegion } from './client.ts';
import { asking } from './faults.ts';

const eventBridge = oneForEachRegion((region) => new EventBridgeClient({ region, ...limits }));

/** An event to be put. `at`: its own time in milliseconds since 1970, which EventBridge keeps in whole seconds. */
export type NewEvent = {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly at: number;
};

/** Puts one event on the default bus of a region. @throws Unavailable, CannotProceed. */
export async function putEvent(region: string, { source, detailType, detail, at }: NewEvent): Promise<void> {
  const entry = { Source: source, DetailType: detailType, Detail: JSON.stringify(detail), Time: new Date(at) };
  const what = `put ${detailType} on the bus of ${region}`;
  const { Entries } = await asking(what, eventBridge(region).send(new PutEventsCommand({ Entries: [entry] })));
  // The request succeeds also where the bus takes none of its entries.
  const refused = Entries?.find((one) => one.ErrorCode !== undefined);
  if (refused !== undefined) throw new Unavailable(`${what}: ${refused.ErrorCode}: ${refused.ErrorMessage ?? ''}`);
}
