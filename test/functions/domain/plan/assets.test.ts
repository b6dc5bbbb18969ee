// The assets of a plan by kind, in the order in which they take over, and those without which users are not served.
import { expect, test } from 'vitest';
import {
  type Asset,
  assetsOf,
  firstOf,
  leftOver,
  neededToServe,
  shiftedIn,
  standsIn,
  wavesOf,
} from '../../../../functions/domain/plan/assets.ts';
import { withSecondDatabase } from '../../../assets.ts';
import { plan } from '../../../plan.ts';

const asset = (name: string, ...needs: string[]) =>
  ({ name, needs, kind: 'custom', functions: {} }) as unknown as Asset;
const names = (assets: readonly Asset[]) => assets.map(({ name }) => name);

test('assets of a kind come in the order of the plan; the first is the first of them', () => {
  const two = withSecondDatabase(plan);
  expect(names(assetsOf('rds-instance', two))).toEqual(['database', 'orders']);
  expect(firstOf('rds-instance', two)?.name).toBe('database');
  expect(firstOf('ecs-service', plan)).toBeNull();
});

test('what of an asset stands in a region, and leaves a zone there', () => {
  const of = (name: string) => plan.assets.find((one) => one.name === name) ?? asset('none');
  expect(standsIn('us-east-1', of('database'))).toEqual(['chatops-prod']);
  expect(standsIn('eu-west-1', of('database'))).toEqual([]);
  expect(shiftedIn('us-east-1', '111122223333', of('ingress'))).toEqual([
    'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/chatops-ingress/50dc6c495c0c9188',
  ]);
  expect(shiftedIn('us-east-1', '111122223333', of('database'))).toEqual([]);
});

test('an asset takes over after all that it needs, side by side with those that need no more', () => {
  const assets = [asset('d', 'b', 'c'), asset('a'), asset('b', 'a'), asset('c'), asset('e', 'a')];
  expect(wavesOf(assets).map(names)).toEqual([['a', 'c'], ['b', 'e'], ['d']]);
  expect(leftOver(assets)).toEqual([]);
});

test('what needs each other in a circle, or what is not there, is in no wave', () => {
  const assets = [asset('a', 'b'), asset('b', 'a'), asset('c', 'gone'), asset('d'), asset('e', 'a')];
  expect(wavesOf(assets).map(names)).toEqual([['d']]);
  expect(leftOver(assets)).toEqual(['a', 'b', 'c', 'e']);
});

test('users need what the service needs, and all that this needs; else everything', () => {
  const assets = [asset('a', 'b'), asset('b', 'c'), asset('c'), asset('d')];
  const needed = (needs?: string[]) => names(neededToServe({ assets, service: { ...plan.service, needs } as never }));
  expect(needed(['a'])).toEqual(['a', 'b', 'c']);
  expect(needed(['d', 'c'])).toEqual(['c', 'd']);
  expect(needed()).toEqual(['a', 'b', 'c', 'd']);
});
