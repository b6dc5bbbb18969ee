// What the code itself costs: the real classify handler and the real judgement on a table in memory, on this machine's clock. Nothing of
// a network is in it.

import { handler as classify } from '../../functions/classify.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import type { Store } from '../../functions/domain/record/store.ts';
import type { Signal } from '../../functions/domain/types.ts';
import { judge } from '../../functions/shared/judgement/judge.ts';
import type { Shell } from '../../functions/shared/shell.ts';
import { alarmCatalogue } from '../estate/alarms/alarm-catalogue.ts';
import { zonesOf } from '../estate/faults/faults.ts';
import type { Call } from '../estate/types.ts';
import { createMemoryStore } from '../memory-store.ts';
import { runIn } from '../sdk.ts';
import { prefix } from '../stage.ts';
import { account } from '../world.ts';

export type Speed = {
  readonly eventsPerSecond: number;
  /** Processor time from an event that completes a zone case to the call that starts the flow. */
  readonly eventToStartMs: number;
  readonly judgements: readonly { readonly signals: number; readonly ms: number }[];
};

const startAt = Date.UTC(2026, 0, 5, 9, 0, 0);
/** As the queue hands them over. */
const batchSize = 10;
const events = 5_000;
/** The first runs are slower: what is compiled then is not measured. */
const rounds = 25;

export async function measureSpeed(plan: Plan): Promise<Speed> {
  const judgements = [];
  for (const signals of [1, 100, 10_000]) judgements.push({ signals, ms: await msOfJudgement(signals, plan) });
  return { eventsPerSecond: await classifiedPerSecond(plan), eventToStartMs: await msToStart(plan), judgements };
}

/** The usual time of a judgement of a region of which so many signals are kept, all of them failing in one zone. */
async function msOfJudgement(count: number, plan: Plan): Promise<number> {
  const store = createMemoryStore(plan);
  await store.keepSignals(Array.from({ length: count }, (_, index) => failing(index, plan)));
  return usual(() => judge(plan.roles.primary, store, plan, startAt));
}

function failing(index: number, plan: Plan): Signal {
  const { primary } = plan.roles;
  const [component = ''] = plan.infrastructureComponents;
  const [zone = null] = zonesOf(plan, primary);
  const common = { id: `event-${index}`, key: `alarm:${primary}:bench-${index}`, at: startAt, observer: primary };
  return { ...common, region: primary, kind: 'component', component, measure: 'errors', zone, condition: 'failing' };
}

/** Alarms of all that the twin watches, which go off and end in turn. */
async function classifiedPerSecond(plan: Plan): Promise<number> {
  const names = alarmsOf(plan);
  const stack = createStack(plan);
  const batches = Array.from({ length: events / batchSize }, (_, batch) =>
    Array.from({ length: batchSize }, (_, index) => {
      const event = batch * batchSize + index;
      const isOff = Math.floor(event / names.length) % 2 === 0;
      return alarm(names[event % names.length] ?? '', isOff ? 'ALARM' : 'OK', event * 10, plan);
    }),
  );
  const began = performance.now();
  for (const batch of batches) await stack.read(batch, startAt + (events / batchSize) * 100);
  return Math.round(events / ((performance.now() - began) / 1000));
}

/** One zone's alarms go off, and are read again once their evidence has held. */
async function msToStart(plan: Plan): Promise<number> {
  const [zone = ''] = zonesOf(plan, plan.roles.primary);
  const ofZone = alarmsOf(plan).filter((name) => name.includes(zone));
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const stack = createStack(plan);
    const [last = '', ...others] = ofZone;
    const heldAt = startAt + plan.evidence.zone.confirmSeconds.costly * 2_000;
    await stack.read(
      others.map((name) => alarm(name, 'ALARM', 0, plan)),
      startAt,
    );
    const began = performance.now();
    await stack.read([alarm(last, 'ALARM', heldAt - startAt, plan)], heldAt);
    const [startedAt] = stack.started;
    if (startedAt === undefined) throw new Error(`alarms of ${zone} started no flow, expected az-failover`);
    took.push(startedAt - began);
  }
  return median(took);
}

function alarmsOf(plan: Plan): string[] {
  return alarmCatalogue(plan).flatMap(({ name, region }) => (region === plan.roles.primary ? [name] : []));
}

function alarm(name: string, value: 'ALARM' | 'OK', afterMs: number, plan: Plan): string {
  const time = new Date(startAt + afterMs).toISOString();
  return JSON.stringify({
    id: `${name}-${afterMs}`,
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    ...{ time, region: plan.roles.primary, account },
    detail: { alarmName: name, state: { value, timestamp: time } },
  });
}

/** A stack that only classifies: what it starts and tells is heard, and goes nowhere. */
function createStack(plan: Plan) {
  let now = startAt;
  const started: number[] = [];
  const silent = () => undefined;
  const store: Store = createMemoryStore(plan);
  const shell: Shell = {
    ...{ plan, region: plan.roles.primary, account, prefix, store, now: () => now, pageUrl: null, linkKey: null },
    experiments: [],
    after: () => new Promise(() => undefined), // nothing hangs
    log: { info: silent, warn: silent, error: silent },
    fetch: () => Promise.reject(new Error('classify asks nobody')),
  };
  const answer = async ({ operation }: Call): Promise<unknown> => {
    if (operation === 'StartExecution') started.push(performance.now());
    return {};
  };
  const caller = { region: plan.roles.primary, step: '', execution: '', incident: '' };
  const handler = classify.on(shell);
  return {
    started,
    read(bodies: readonly string[], at: number) {
      now = at;
      const Records = bodies.map((body, index) => ({ messageId: `m-${index}`, body }));
      return runIn({ answer, caller }, () => handler({ Records } as never));
    },
  };
}

async function usual(run: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    await run();
    took.push(performance.now() - began);
  }
  return median(took);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return Number((sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(2));
}
