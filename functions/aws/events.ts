// Puts events on the application's bus of a region.
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { limits, oneForEachRegion } from './calls/client.ts';
import { calling, translate } from './calls/faults.ts';

const eventBridge = oneForEachRegion((region) => new EventBridgeClient({ region, ...limits }));

/** An event to be put. `at`: its own time in milliseconds since 1970, which EventBridge keeps in whole seconds. */
export type NewEvent = {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly at: number;
};

/** Puts one event on a bus, by its name in a region. @throws Unavailable, CannotProceed. */
export async function putEvent(
  region: string,
  bus: string,
  { source, detailType, detail, at }: NewEvent,
): Promise<void> {
  const entry = {
    EventBusName: bus,
    Source: source,
    DetailType: detailType,
    Detail: JSON.stringify(detail),
    Time: new Date(at),
  };
  const what = `put ${detailType} on the bus of ${region}`;
  const { Entries } = await calling(what, eventBridge(region).send(new PutEventsCommand({ Entries: [entry] })));
  // The request succeeds also where the bus takes none of its entries: then each has a fault of its own.
  const { ErrorCode: name, ErrorMessage: message = '' } = Entries?.find((one) => one.ErrorCode !== undefined) ?? {};
  if (name === undefined) return;
  throw translate(what, { name, message, $metadata: { httpStatusCode: name.startsWith('Internal') ? 500 : 400 } });
}
