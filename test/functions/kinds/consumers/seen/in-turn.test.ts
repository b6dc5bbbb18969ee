// Consumers of one sort are looked at one after the other, and a region that does not answer is not waited for once for each.
import { expect, test } from 'vitest';
import { Unavailable } from '../../../../../functions/domain/errors.ts';
import type { Consumer, ConsumerSeen } from '../../../../../functions/kinds/consumers/rules/listed.ts';
import { inTurn } from '../../../../../functions/kinds/consumers/seen/in-turn.ts';

const consumer = (what: string, id: string) => ({ what, id }) as unknown as Consumer;
const all = [consumer('mapping', 'a'), consumer('rule', 'x'), consumer('mapping', 'b'), consumer('mapping', 'c')];

test('at most one call of a sort is on its way, and the answers stand in the order that was asked for', async () => {
  const going = new Map<string, number>();
  let most = 0;
  const answers = await inTurn(all, async ({ what, id }) => {
    going.set(what, (going.get(what) ?? 0) + 1);
    most = Math.max(most, ...going.values());
    await new Promise((resolve) => setImmediate(resolve));
    going.set(what, (going.get(what) ?? 0) - 1);
    return { id } as unknown as ConsumerSeen;
  });
  expect(most).toBe(1);
  expect(answers.map(({ seen }) => (seen as unknown as { id: string }).id)).toEqual(['a', 'x', 'b', 'c']);
});

test.for([
  ['no answer ends the looks of its sort, and of no other', false, ['a', 'x']],
  ['"not now" is an answer', true, ['a', 'x', 'b', 'c']],
] as const)('%s', async ([, refused, expected]) => {
  const asked: string[] = [];
  const answers = await inTurn(all, async ({ what, id }) => {
    asked.push(id);
    if (what === 'mapping') throw new Unavailable(`${id} does not answer`, { refused });
    return null;
  });
  expect(asked.toSorted()).toEqual([...expected].toSorted());
  expect(answers.filter(({ seen }) => seen instanceof Unavailable)).toHaveLength(3);
});
