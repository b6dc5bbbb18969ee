// From EventBridge events to signals, by the rules of the plan. What no rule knows, or is malformed, becomes a stray.
import * as z from 'zod';
import { readerOfKind } from '../kind/kind-signals.ts';
import type { Plan } from '../plan/plan.ts';
import { signalRecord, whyNotNumber } from '../record/recorded.ts';
import type { Condition, Signal } from '../types.ts';
import { awsReader } from './aws-signals.ts';
import { ownReaders } from './own-signals.ts';
import {
  type Common,
  compiled,
  type Envelope,
  envelope,
  firstIssue,
  isObserver,
  isPlanned,
  name,
  type SignalReader,
} from './reading.ts';

/** What an event came to: a signal, or the reason why it gave none. */
export type Reading = { readonly signal: Signal } | { readonly stray: string };

/**
 * Reads one event, already parsed from JSON. Never throws: an event that says nothing is kept as a stray. `account`: the one that
 * is protected; what happened in another says nothing about it. Left out where events were recorded and may name none.
 */
export function readEvent(raw: unknown, plan: Plan, account?: string): Reading {
  const parsed = envelope.safeParse(raw);
  if (!parsed.success) return { stray: firstIssue('event', parsed.error) };
  const event = parsed.data;
  if (account !== undefined && event.account !== account)
    return { stray: `event.account: is ${event.account ?? 'missing'}, expected ${account}` };
  const common = { id: event.id, at: Date.parse(event.time), region: event.region, observer: event.region };
  const rule = plan.signals.events.find(
    (known) => known.source === event.source && known.detailType === event['detail-type'],
  );
  const reader = rule === undefined ? readerOf(event) : readerOfRule(rule.kind);
  if (reader === null) return { stray: `no rule knows ${event.source} "${event['detail-type']}"` };
  const signal = reader(event.detail, event, common, plan);
  if (typeof signal === 'string') return { stray: signal };
  if (!isPlanned(signal.region, plan))
    return { stray: `it is about ${signal.region.slice(0, 64)}, expected a region of the plan` };
  // Whatever a reader let through: what could not be read back is not kept.
  const kept = signalRecord(signal);
  return 'corrupt' in kept ? { stray: `its signal cannot be kept: ${kept.corrupt}` } : { signal };
}

function readerOfRule(kind: Plan['signals']['events'][number]['kind']): SignalReader | null {
  return kind === 'cache' ? readerOfKind(({ rule }) => rule === kind) : ownReaders[kind];
}

function readerOf(event: Envelope): SignalReader | null {
  if (event.source !== 'aws.cloudwatch') return awsReader(event);
  if (event['detail-type'] === 'CloudWatch Alarm State Change') return readAlarm;
  return event['detail-type'] === 'CloudWatch Alarm Configuration Change' ? readAlarmChange : awsReader(event);
}

/** What an alarm says by its state. */
export const conditions = {
  ALARM: 'failing',
  OK: 'healthy',
  INSUFFICIENT_DATA: 'unknown',
} as const satisfies Record<string, Condition>;
const timestamp = z.string().transform(Date.parse).optional().catch(undefined);
const alarmDetail = z.object({
  alarmName: name,
  state: z.object({
    value: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
    reasonData: z.string().optional().catch(undefined),
    timestamp,
  }),
  previousState: z.object({ timestamp }).optional().catch(undefined),
});
const changeDetail = z.object({
  alarmName: name,
  operation: name,
  state: z.object({ timestamp }).optional().catch(undefined),
});

const readAlarm: SignalReader = (detail, _event, common, plan) => {
  const parsed = alarmDetail.safeParse(detail);
  if (!parsed.success) return firstIssue('detail', parsed.error);
  const { alarmName, state, previousState } = parsed.data;
  const at = afterPrevious(ownTime(state.timestamp, common.at) ?? common.at, previousState?.timestamp);
  return alarmSignal(alarmName, conditions[state.value], { ...common, at }, plan, state.reasonData);
};

/** A deleted alarm sends no state any more: what it said last would count for ever. */
const readAlarmChange: SignalReader = (detail, _event, common, plan) => {
  const parsed = changeDetail.safeParse(detail);
  if (!parsed.success) return firstIssue('detail', parsed.error);
  const { alarmName, operation, state } = parsed.data;
  if (operation !== 'delete') return `alarm ${alarmName} was changed (${operation}), which says nothing of its state`;
  return alarmSignal(alarmName, 'gone', { ...common, at: afterPrevious(common.at, state?.timestamp) }, plan);
};

const longestOnTheWayMs = 60_000;

/** The state's own time where it can be that of the event, whose envelope has whole seconds and may have been sent a while later. */
function ownTime(stateAt: number | undefined, sentAt: number): number | null {
  if (stateAt === undefined || stateAt >= sentAt + 1000) return null;
  return sentAt - stateAt < longestOnTheWayMs ? stateAt : null;
}

/** A state is later than the one before it, also where both have the same millisecond, or one the second alone. */
function afterPrevious(at: number, previousAt: number | undefined): number {
  return previousAt !== undefined && previousAt >= at && previousAt - at < 1000 ? previousAt + 1 : at;
}

/**
 * The signal of an alarm's state, from an event or from reading the alarm itself; a string says why there is none.
 * `reasonData` of the state holds the metric's newest value where that is known: a replica that reports -1 does not replicate,
 * and its lag is not known although it lies below every threshold.
 */
export function alarmSignal(
  alarmName: string,
  condition: Condition,
  common: Common,
  plan: Plan,
  reasonData?: string,
): Signal | string {
  for (const rule of plan.signals.alarms) {
    const match = compiled(rule.match).exec(alarmName);
    if (match === null) continue;
    const {
      component = '',
      measure = '',
      zone,
      service = '',
      region = common.region,
      observer = common.region,
    } = match.groups ?? {};
    const key = `alarm:${common.region}:${alarmName}`;
    const value = newestDatapoint(reasonData);
    const seen = { ...common, key, ...(value !== null && whyNotNumber(value) === null && { value }) };
    switch (rule.kind) {
      case 'component':
        if (zone !== undefined && !Object.hasOwn(plan.regions[common.region]?.zones ?? {}, zone))
          return `alarm ${alarmName} names zone ${zone}, which ${common.region} does not have in the plan`;
        return { ...seen, kind: 'component', component, measure, zone: zone ?? null, condition };
      case 'canary':
        if (!isObserver(observer, plan))
          return `alarm ${alarmName} names observer ${observer}, which the plan does not have`;
        if (observer !== common.region) return `alarm ${alarmName} is of ${common.region}, and speaks for ${observer}`;
        return { ...seen, kind: 'canary', region: plan.roles.primary, observer, condition };
      case 'probe':
        return { ...seen, kind: 'probe', region, service, condition };
      case 'heartbeat':
        return { ...seen, kind: 'heartbeat', region, condition };
      case 'replica':
        return {
          ...seen,
          kind: 'replica',
          region: plan.roles.primary,
          condition: condition === 'healthy' && (value ?? 0) < 0 ? 'unknown' : condition,
        };
    }
  }
  return `no rule knows alarm ${alarmName}`;
}

const reasonDetail = z.object({ recentDatapoints: z.array(z.number()) });

/** The newest value that an alarm's state rests on, from the `reasonData` of its state; null where it has none. */
function newestDatapoint(reasonData: string | undefined): number | null {
  try {
    const parsed = reasonDetail.safeParse(JSON.parse(reasonData ?? 'null'));
    return parsed.success ? (parsed.data.recentDatapoints.at(-1) ?? null) : null;
  } catch {
    return null;
  }
}
