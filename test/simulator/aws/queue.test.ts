// A queue and its receiver keep the limits that the stack gives them.
import { beforeEach, expect, test } from 'vitest';
import { createQueue, type Delivery, type Queue } from '../../../simulator/aws/queue.ts';
import { createVirtualClock, wait } from '../../../simulator/clock.ts';

const settings = {
  name: 'q',
  arn: 'arn:q',
  url: 'url',
  visibilitySeconds: 180,
  maximumReceives: 3,
  deadLetters: 'dead',
};
const mapping = { queue: 'arn:q', function: 'arn:f', batchSize: 2, windowSeconds: 1, reportsItems: true };

let clock: ReturnType<typeof createVirtualClock>;
let dead: string[];
let queue: Queue;
let batches: { readonly at: number; readonly bodies: string[] }[];

beforeEach(() => {
  clock = createVirtualClock(0);
  dead = [];
  batches = [];
  queue = createQueue(settings, clock, (body) => dead.push(body));
});

const pass = (seconds: number) => clock.run(clock.now() + seconds * 1000, () => false);

function read(failed: (batch: readonly Delivery[]) => readonly string[] = () => []): void {
  queue.read(mapping, async (batch) => {
    batches.push({ at: clock.now() / 1000, bodies: batch.map(({ body }) => body) });
    return failed(batch);
  });
}

test('a batch is read when it is full, or after its window', async () => {
  read();
  for (const body of ['a', 'b', 'c']) queue.send(body);
  await pass(5);
  expect(batches.map(({ bodies }) => bodies)).toEqual([['a', 'b'], ['c']]);
  expect(batches[1]?.at).toBe(1);
});

test('a message that is delayed waits, and is not visible', async () => {
  read();
  queue.send('later', 60);
  expect(queue.visible()).toBe(0);
  await pass(50);
  expect(batches).toEqual([]);
  expect(queue.oldestSeconds()).toBe(50);
  await pass(20);
  expect(batches.map(({ bodies }) => bodies)).toEqual([['later']]);
  expect(queue.oldestSeconds()).toBe(0);
});

test('only what failed is delivered again, when its visibility has ended, and at last to the dead letters', async () => {
  read((batch) => batch.flatMap(({ body, messageId }) => (body === 'bad' ? [messageId] : [])));
  queue.send('good');
  queue.send('bad');
  await pass(1_000);
  expect(batches.map(({ bodies }) => bodies)).toEqual([['good', 'bad'], ['bad'], ['bad']]);
  expect((batches[1]?.at ?? 0) - (batches[0]?.at ?? 0)).toBeGreaterThanOrEqual(180);
  expect(dead).toEqual(['bad']);
  expect(queue.oldestSeconds()).toBe(0);
});

test('the visibility of a message begins when it is read, however long its receiver takes to fail', async () => {
  const readAt: number[] = [];
  queue.read(mapping, async () => {
    readAt.push(clock.now() / 1000);
    await wait(clock, 60_000);
    throw new Error('too slow');
  });
  queue.send('a');
  await pass(190);
  // A window of 1 s before each read.
  expect(readAt).toEqual([1, 182]);
});

test('a receiver that throws has read nothing', async () => {
  let times = 0;
  queue.read(mapping, async () => {
    times += 1;
    if (times === 1) throw new Error('killed');
    return [];
  });
  queue.send('a');
  queue.send('b');
  await pass(400);
  expect(times).toBe(2);
  expect(dead).toEqual([]);
});

test('what failed is seen again when its visibility ends, which began when it was read', async () => {
  queue.read(mapping, async (batch) => {
    batches.push({ at: clock.now() / 1000, bodies: batch.map(({ body }) => body) });
    await wait(clock, 20_000);
    throw new Error('failed');
  });
  queue.send('one');
  await pass(400);
  const [first = { at: 0 }, second] = batches;
  expect(second).toEqual({ at: first.at + settings.visibilitySeconds + mapping.windowSeconds, bodies: ['one'] });
});
