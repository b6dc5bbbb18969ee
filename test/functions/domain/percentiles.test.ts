// What a history of durations comes to.
import { expect, test } from 'vitest';
import { calibrationOf, percentilesOf } from '../../../functions/domain/percentiles.ts';

test('percentiles are durations that there were, and what is not known is left out', () => {
  const twenty = Array.from({ length: 20 }, (_, n) => 20 - n);
  expect(percentilesOf([...twenty, null])).toEqual({ count: 20, p50: 10, p95: 19, longest: 20 });
  expect(percentilesOf([7])).toEqual({ count: 1, p50: 7, p95: 7, longest: 7 });
  expect(percentilesOf([null])).toBeNull();
});

test('predictions are calibrated by what was achieved where something was predicted, and by nothing else', () => {
  const of = (predictedSeconds: number | null, recoverySeconds: number | null) => ({
    predictedSeconds,
    recoverySeconds,
  });
  expect(calibrationOf([of(100, 120), of(100, 90), of(100, 150), of(null, 9), of(0, 9), of(100, null)])).toEqual({
    count: 3,
    factor: 1.2,
  });
  expect(calibrationOf([of(null, 9)])).toBeNull();
});

test('the middle of an even number is the lower one, and an order of numbers is none of letters', () => {
  expect(percentilesOf([10, 9])).toEqual({ count: 2, p50: 9, p95: 10, longest: 10 });
  expect(percentilesOf([100, 20, 3, 0])).toEqual({ count: 4, p50: 3, p95: 100, longest: 100 });
  expect(percentilesOf([])).toBeNull();
});

test('a prediction of nothing, or of less, calibrates nothing; the factor is told by the hundredth', () => {
  const of = (predictedSeconds: number, recoverySeconds: number) => ({ predictedSeconds, recoverySeconds });
  expect(calibrationOf([of(0, 9), of(-5, 9)])).toBeNull();
  expect(calibrationOf([of(300, 100), of(0.5, 0)])).toEqual({ count: 2, factor: 0 });
  expect(calibrationOf([of(300, 100)])).toEqual({ count: 1, factor: 0.33 });
  expect(calibrationOf([])).toBeNull();
});
