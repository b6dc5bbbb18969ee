// Speaks to ARC zonal shift (REST and JSON, signed here because its SDK client is not in the registry): which shifts
// a resource has, starting one, extending it, ending it.
import { oneForEachRegion } from '../calls/client.ts';
import { endpointOf } from '../calls/endpoint.ts';
import { calling, faultName } from '../calls/faults.ts';
import { noteRequestId } from '../calls/request-ids.ts';
import { sign } from '../calls/signing.ts';

/** A shift as the service gives it; times are Dates, as in an SDK client. */
type ShiftInResource = {
  readonly zonalShiftId: string;
  readonly awayFrom: string;
  readonly expiryTime: Date;
  readonly comment: string;
  readonly shiftType?: 'ZONAL_SHIFT' | 'PRACTICE_RUN' | 'FIS_EXPERIMENT' | 'ZONAL_AUTOSHIFT';
  /** Only a practice run has one. */
  readonly practiceRunOutcome?: string;
};

/** What each operation takes and gives: the parts of the service's API that are used here. */
export type ZonalShiftOperations = {
  GetManagedResource: {
    input: { resourceIdentifier: string };
    output: {
      zonalShifts?: readonly ShiftInResource[];
      autoshifts?: readonly { awayFrom: string; appliedStatus?: 'APPLIED' | 'NOT_APPLIED' }[];
    };
  };
  StartZonalShift: {
    input: { resourceIdentifier: string; awayFrom: string; expiresIn: string; comment: string };
    output: { zonalShiftId: string };
  };
  UpdateZonalShift: { input: { zonalShiftId: string; expiresIn: string }; output: { zonalShiftId: string } };
  CancelZonalShift: { input: { zonalShiftId: string }; output: { zonalShiftId: string } };
};

/** One request: an operation and its input. */
export type ZonalShiftCommand = {
  [Name in keyof ZonalShiftOperations]: { operation: Name; input: ZonalShiftOperations[Name]['input'] };
}[keyof ZonalShiftOperations];

/** An answer that says no. `name` is the service's own, as in an SDK client. */
export class ZonalShiftFault extends Error {
  override readonly name: string;
  readonly reason: string;
  readonly $metadata: { readonly httpStatusCode: number };
  constructor(name: string, message: string, reason: string, httpStatusCode: number) {
    super(message);
    this.name = name;
    this.reason = reason;
    this.$metadata = { httpStatusCode };
  }
}

const arcZonalShift = { service: 'arc-zonal-shift', variable: 'ARC_ZONAL_SHIFT' };
const longestAnswerMs = 3_000;

type Settings = {
  readonly region: string;
  readonly fetch?: typeof fetch;
  readonly credentials?: NonNullable<Parameters<typeof sign>[1]['credentials']>;
};

/** The client, of the shape that SDK clients have: `send` takes a command, `config.region` names the region. */
export class ArcZonalShiftClient {
  readonly config: { readonly region: () => Promise<string> };
  private readonly settings: Settings;

  constructor(settings: Settings) {
    this.settings = settings;
    this.config = { region: async () => settings.region };
  }

  /** Sends one request, once; the state machine retries. @throws ZonalShiftFault, or what fetch throws. */
  async send<Name extends keyof ZonalShiftOperations>(command: {
    readonly operation: Name;
    readonly input: ZonalShiftOperations[Name]['input'];
  }): Promise<ZonalShiftOperations[Name]['output']> {
    const { region, credentials } = this.settings;
    const request = await sign(
      { endpoint: endpointOf(arcZonalShift, region), ...httpOf(command as ZonalShiftCommand) },
      { service: 'arc-zonal-shift', region, ...(credentials === undefined ? {} : { credentials }) },
    );
    const answer = await (this.settings.fetch ?? fetch)(request, { signal: AbortSignal.timeout(longestAnswerMs) });
    noteRequestId(answer.headers.get('x-amzn-requestid'));
    const text = await answer.text();
    if (!answer.ok) throw faultOf(answer, text);
    return JSON.parse(text, withDates);
  }
}

function httpOf({
  operation,
  input,
}: ZonalShiftCommand): Pick<Parameters<typeof sign>[0], 'method' | 'segments' | 'body'> {
  switch (operation) {
    case 'GetManagedResource':
      return { method: 'GET', segments: ['managedresources', input.resourceIdentifier] };
    case 'StartZonalShift':
      return { method: 'POST', segments: ['zonalshifts'], body: JSON.stringify(input) };
    case 'UpdateZonalShift': {
      const { zonalShiftId, ...change } = input;
      return { method: 'PATCH', segments: ['zonalshifts', zonalShiftId], body: JSON.stringify(change) };
    }
    case 'CancelZonalShift':
      return { method: 'DELETE', segments: ['zonalshifts', input.zonalShiftId] };
  }
}

/** The error's name stands in a header, sometimes followed by a colon and the address of its namespace. */
function faultOf(answer: Response, text: string): ZonalShiftFault {
  const name = (answer.headers.get('x-amzn-errortype') ?? '').split(':')[0] || `Http${answer.status}`;
  try {
    const said = JSON.parse(text) as { message?: string; reason?: string };
    return new ZonalShiftFault(name, said.message ?? '', said.reason ?? '', answer.status);
  } catch {
    return new ZonalShiftFault(name, text.slice(0, 200), '', answer.status);
  }
}

/** The service writes times as seconds since 1970. */
function withDates(key: string, value: unknown): unknown {
  return key.endsWith('Time') && typeof value === 'number' ? new Date(value * 1000) : value;
}

const arc = oneForEachRegion((region) => new ArcZonalShiftClient({ region }));

/**
 * An active shift of a resource. `cause`: customer, by a person or by Breakwater; autoshift, by AWS; practice and
 * experiment, rehearsals. An autoshift has no id and no end of its own.
 */
export type Shift = {
  readonly cause: 'customer' | 'autoshift' | 'practice' | 'experiment';
  readonly id: string | null;
  readonly awayFrom: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number | null;
  readonly comment: string;
};

const causes = {
  ZONAL_SHIFT: 'customer',
  PRACTICE_RUN: 'practice',
  FIS_EXPERIMENT: 'experiment',
  ZONAL_AUTOSHIFT: 'autoshift',
} as const;

/** The active shifts of a load balancer or cluster, by its ARN. @throws Unavailable, CannotProceed. */
export async function listShifts(region: string, resource: string): Promise<Shift[]> {
  const request = arc(region).send({ operation: 'GetManagedResource', input: { resourceIdentifier: resource } });
  const { zonalShifts = [], autoshifts = [] } = await calling(`look at the zonal shifts of ${resource}`, request);
  return [
    ...zonalShifts.map((shift): Shift => {
      const known = shift.practiceRunOutcome === undefined ? 'ZONAL_SHIFT' : 'PRACTICE_RUN';
      const cause = causes[shift.shiftType ?? known];
      const { zonalShiftId: id, awayFrom, expiryTime, comment } = shift;
      return { cause, id, awayFrom, expiresAt: expiryTime.getTime(), comment };
    }),
    // One that is not applied keeps nothing away: another shift counts, or none does.
    ...autoshifts
      .filter(({ appliedStatus }) => appliedStatus !== 'NOT_APPLIED')
      .map(({ awayFrom }): Shift => ({ cause: 'autoshift', id: null, awayFrom, expiresAt: null, comment: '' })),
  ];
}

/** Whether ARC knows a load balancer or cluster: only while zonal shift is enabled on it. @throws Unavailable, CannotProceed. */
export async function isManaged(region: string, resource: string): Promise<boolean> {
  try {
    await listShifts(region, resource);
    return true;
  } catch (error) {
    if (faultName(error) === 'ResourceNotFoundException') return false;
    throw error;
  }
}

/**
 * Starts a shift away from a zone id. False where the resource has one already, so that the caller looks again. The
 * comment has at most 128 characters. @throws Unavailable, CannotProceed.
 */
export async function startShift(
  region: string,
  shift: {
    readonly resource: string;
    readonly awayFrom: string;
    readonly expirySeconds: number;
    readonly comment: string;
  },
): Promise<boolean> {
  const { resource: resourceIdentifier, awayFrom, comment } = shift;
  const input = { resourceIdentifier, awayFrom, expiresIn: minutes(shift.expirySeconds), comment };
  try {
    await calling(
      `shift ${resourceIdentifier} away from ${awayFrom}`,
      arc(region).send({ operation: 'StartZonalShift', input }),
    );
    return true;
  } catch (error) {
    if (faultReason(error) === 'ZonalShiftAlreadyExists') return false;
    throw error;
  }
}

/** Lets a shift last for so many seconds from now. False where it has ended already. @throws Unavailable, CannotProceed. */
export async function extendShift(region: string, id: string, expirySeconds: number): Promise<boolean> {
  try {
    const input = { zonalShiftId: id, expiresIn: minutes(expirySeconds) };
    await calling(`extend zonal shift ${id}`, arc(region).send({ operation: 'UpdateZonalShift', input }));
    return true;
  } catch (error) {
    if (hasEnded(error)) return false;
    throw error;
  }
}

/** Ends a shift. One that has ended already is no fault. @throws Unavailable, CannotProceed. */
export async function cancelShift(region: string, id: string): Promise<void> {
  try {
    const input = { zonalShiftId: id };
    await calling(`cancel zonal shift ${id}`, arc(region).send({ operation: 'CancelZonalShift', input }));
  } catch (error) {
    if (!hasEnded(error)) throw error;
  }
}

/** Whether a shift is refused because it has ended. */
function hasEnded(error: unknown): boolean {
  return faultName(error) === 'ResourceNotFoundException' || faultReason(error) === 'ZonalShiftStatusNotActive';
}

function faultReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const reason = typeof cause === 'object' && cause !== null && 'reason' in cause ? cause.reason : '';
  return typeof reason === 'string' ? reason : '';
}

/** The service takes whole minutes or hours. */
function minutes(seconds: number): string {
  return `${Math.max(1, Math.ceil(seconds / 60))}m`;
}
