// What a history of the campaign is made of: items, of which each can be left out, and the scenario that they make together.
import type { Scenario } from '../playing/scenario.ts';

export type Item =
  | { readonly kind: 'fault'; readonly of: Scenario['faults'][number] }
  | { readonly kind: 'operator'; readonly of: Scenario['operator'][number] }
  /** What approvers do. Without it all that are needed approve, five minutes after they were asked. */
  | { readonly kind: 'approvers'; readonly of: string }
  /** A flow that a person starts. */
  | { readonly kind: 'by-hand'; readonly atSeconds: number; readonly of: NonNullable<Scenario['manual']> };

/** A history that is still going on then does not come to an end. Restores take hours, and a flow with two of them half a day. */
const longestSeconds = 86_400;
/** So long is looked on where nothing comes of it. */
const watchSeconds = 480;
/** What stopped, and what nobody has ended in this time, a person aborts, and then the watch: a fence is watched for the plan's days, and no history goes on so long. */
const atLast = [
  { afterFailureSeconds: 7_200, do: 'abort', maybe: true },
  { afterFailureSeconds: 9_000, do: 'abort-watch', maybe: true },
] as const;

/** What approvers do, and how often people resume what stops, belong to every history: the last approvers are those that count. */
export function scenarioOf(items: readonly Item[]): Scenario {
  const faults = items.flatMap((item) => (item.kind === 'fault' ? [item.of] : []));
  const byHand = items.find((item) => item.kind === 'by-hand');
  const first = Math.min(...faults.map(({ atSeconds }) => atSeconds));
  // A scenario counts from its first fault.
  const manual = byHand && {
    manual: byHand.of,
    manualAfterSeconds: Math.max(0, byHand.atSeconds - (Number.isFinite(first) ? first : 0)),
  };
  return {
    title: 'made by chance',
    plan: {},
    needs: [],
    restores: false,
    watchSeconds,
    before: { actedSecondsAgo: {} },
    faults,
    operator: [...items.flatMap((item) => (item.kind === 'operator' ? [item.of] : [])), ...atLast],
    approve: items.find((item) => item.kind === 'approvers')?.of ?? 'after=5m',
    manualAfterSeconds: 60,
    withinSeconds: longestSeconds,
    endsOpen: true,
    expect: { level: 0, actions: [], failedSteps: [], served: true, told: [], said: [], notified: [] },
    expectOf: {},
    ...manual,
  };
}

/** An item in words. */
export function wordsOf(item: Item): string {
  if (item.kind === 'approvers') return `approvers: ${item.of}`;
  if (item.kind === 'by-hand') {
    const { mode, target } = item.of;
    return `${item.atSeconds} s a person starts a flow: ${mode ?? 'failover'} of ${Object.values(target).join(' ')}`;
  }
  if (item.kind === 'operator') {
    const { atSeconds, afterFailureSeconds, do: what, state, asset } = item.of;
    const when = atSeconds === undefined ? `${afterFailureSeconds} s after a flow has stopped` : `${atSeconds} s`;
    return [when, 'a person does', what, state, asset].filter((one) => one !== undefined).join(' ');
  }
  const { atSeconds, fault } = item.of;
  const { id: _id, kind, forSeconds, ...details } = fault;
  const lasts = forSeconds === undefined ? '' : `, for ${forSeconds} s`;
  const words = Object.entries(details).map(([key, value]) => (value === true ? key : [value].flat().join(' ')));
  return [`${atSeconds} s`, kind, ...words].join(' ').concat(lasts);
}
