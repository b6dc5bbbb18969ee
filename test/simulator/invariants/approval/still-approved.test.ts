// When what people approved is stale, as an observer of the estate sees it: computed from looks, changes, stops and closures alone.
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../../simulator/invariants/model/observations.ts';
import { plan } from '../../../plan.ts';
import { decision, east, fence, latch, look, promotion, regionExecution, regionFlow, verdictOn } from '../story.ts';

const { freshSeconds } = plan.approval;
const asked = decision(100, {
  level: 3,
  action: 'request-approval',
  scope: { region: east, zone: null },
  execution: regionFlow,
});
const over = (seconds: number) =>
  decision(seconds, { attempt: 2, action: 'none', level: 0, scope: { region: east, zone: null }, execution: null });
const story = [asked, regionExecution(101, 'RUNNING')];
const later = <Change extends Observation>(change: Change, seconds: number): Change => ({
  ...change,
  at: look(seconds).at,
});
const verdict = (...more: readonly Observation[]) => verdictOn('still-approved', [...story, ...more]);

describe('still-approved', () => {
  test.for<[string, readonly Observation[]]>([
    ['the first change follows the look soon', [look(600), fence, promotion, latch]],
    ['a flow goes on for hours without a stop', [look(600), fence, later(promotion, 20_000), later(latch, 40_000)]],
    ['the incident ends after users were redirected', [look(600), fence, latch, over(1_000), later(promotion, 2_000)]],
    [
      'a look finds the incident over, and people approve going on',
      [look(600), fence, over(800), look(900), later(promotion, 1_000)],
    ],
    [
      'a person started it, whose region is not the one that is over',
      [look(600), fence, over(800), later(promotion, 2_000)].filter((one) => one.kind !== 'decision'),
    ],
    [
      'it is resumed, looks again, and goes on',
      [
        look(600),
        fence,
        regionExecution(720, 'FAILED'),
        regionExecution(9_000, 'RUNNING'),
        look(9_010),
        later(promotion, 9_020),
      ],
    ],
    [
      'the fence watch fences what came back after the promotion',
      [look(600), promotion, over(800), later({ ...fence, step: 'FenceOnReturn/database' }, 5_000)],
    ],
    [
      'a switchover gives its fence back',
      [look(600), fence, over(800), later({ ...fence, step: 'Unfence/database' }, 5_000)],
    ],
    [
      'a person undoes it by hand',
      [look(600), fence, regionExecution(720, 'ABORTED'), later({ ...fence, step: 'operator' }, 5_000)],
    ],
  ])('holds when %s', ([, history]) => {
    expect(verdict(...history)).toBeNull();
  });

  test.for<[string, readonly Observation[], string]>([
    ['nobody had looked', [fence], 'before anybody had looked'],
    ['the look found that it is not so', [look(600, false), fence], 'before anybody had looked'],
    ['the first change comes late', [look(600), later(fence, 600 + freshSeconds + 61)], `${freshSeconds + 61} s after`],
    [
      'the incident was over by then',
      [look(600), fence, over(800), later(promotion, 900)],
      'when the incident was over',
    ],
    [
      'the flow was resumed and nobody looked again',
      [look(600), fence, regionExecution(720, 'FAILED'), regionExecution(9_000, 'RUNNING'), later(promotion, 9_020)],
      'after the flow had been resumed',
    ],
    [
      'it was resumed, looked at, and waited for too long then',
      [
        look(600),
        fence,
        regionExecution(720, 'FAILED'),
        regionExecution(9_000, 'RUNNING'),
        look(9_010),
        later(promotion, 9_010 + freshSeconds + 61),
      ],
      `${freshSeconds + 61} s after`,
    ],
    [
      'the flow had stopped',
      [look(600), fence, regionExecution(720, 'ABORTED'), later(promotion, 800)],
      'after the flow had stopped',
    ],
    [
      'the fence watch fences before anything was promoted',
      [look(600), over(800), later({ ...fence, step: 'FenceOnReturn/database' }, 900)],
      'when the incident was over',
    ],
    [
      'a fence is no fence watch',
      [look(600), promotion, over(800), later({ ...fence, step: 'Fence/database' }, 900)],
      'when the incident was over',
    ],
  ])('is broken when %s', ([, history, why]) => {
    expect(verdict(...history)).toContain(why);
  });
});
