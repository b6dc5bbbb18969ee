// The store within one run of a function: what was just read is not asked for again, and nothing that changed is missed.
import { beforeEach, expect, test, vi } from 'vitest';
import { dynamoStore } from '../../../functions/aws/store/store.ts';
import type { Store } from '../../../functions/domain/record/store.ts';
import { withReadings } from '../../../functions/shared/readings.ts';
import { plan } from '../../plan.ts';

let at = 0;
/** Answers how often it was asked. */
let asked: ReturnType<typeof vi.fn<() => Promise<unknown>>>;
let store: Store;

beforeEach(() => {
  at = 0;
  let times = 0;
  asked = vi.fn(async () => {
    times += 1;
    return times;
  });
  const changed = async () => true;
  store = withReadings({ readSteps: asked, recordStep: changed } as unknown as Store, () => at);
});

test('what was just read is asked for once, also by two at the same time', async () => {
  expect(await Promise.all([store.readSteps('one'), store.readSteps('one')])).toEqual([1, 1]);
  at = 999;
  expect(await store.readSteps('one')).toBe(1);
});

test('of something else, and after a second, it is asked again', async () => {
  expect(await store.readSteps('one')).toBe(1);
  expect(await store.readSteps('another')).toBe(2);
  at = 1_000;
  expect(await store.readSteps('one')).toBe(3);
});

test('after a write it is asked again', async () => {
  await store.readSteps('one');
  await store.recordStep({ incident: 'one', execution: '', step: '', at, outcome: {} });
  expect(await store.readSteps('one')).toBe(2);
});

test('what was read while a write was on its way is asked for again when that has ended', async () => {
  const written = store.recordStep({ incident: 'one', execution: '', step: '', at, outcome: {} });
  const read = store.readSteps('one');
  await written;
  await read;
  expect(await store.readSteps('one')).toBe(2);
});

test('a read that failed is asked again', async () => {
  asked.mockRejectedValueOnce(new Error('busy'));
  await expect(store.readSteps('one')).rejects.toThrow('busy');
  expect(await store.readSteps('one')).toBe(1);
});

test('whatever changes something is asked each time', async () => {
  const real = dynamoStore('us-east-1', 'table', plan, () => undefined);
  const methods = Object.keys(real).toSorted();
  const answers = methods.map((name) => [name, vi.fn(async () => null)] as const);
  const kept = withReadings(Object.fromEntries(answers) as unknown as Store, () => at);
  const askedOnce: string[] = [];
  for (const [name, answer] of answers) {
    const ask = kept[name as keyof Store] as () => Promise<unknown>;
    await ask();
    await ask();
    if (answer.mock.calls.length === 1) askedOnce.push(name);
  }
  expect(askedOnce).toEqual([
    'countStrays',
    'listDrills',
    'listIncidents',
    'listOpenRequests',
    'listSettledRequests',
    'readAnswers',
    'readAudit',
    'readComparison',
    'readDrill',
    'readFence',
    'readHolders',
    'readIncident',
    'readLastIncident',
    'readLedger',
    'readLever',
    'readLink',
    'readOpenIncident',
    'readOutcome',
    'readReadiness',
    'readRehearsal',
    'readRejoin',
    'readRequest',
    'readRoles',
    'readSignals',
    'readStanding',
    'readSteps',
    'readTaskToken',
    'readWaiver',
    'wasSent',
  ]);
});
