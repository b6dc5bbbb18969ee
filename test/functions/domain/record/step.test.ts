// Steps: their names, the asset that they are about, and how they ended by what they handed on.
import { expect, test } from 'vitest';
import {
  assetIn,
  causeWords,
  errorWords,
  outcomeOf,
  readJson,
  stepName,
  stepWords,
  type Tick,
  tickIn,
  tickOf,
} from '../../../../functions/domain/record/step.ts';
import { plan } from '../../../plan.ts';
import { machineOf, statesOf } from '../../../statemachines/flows.ts';

test('a step is named by its state, and by its asset where it is about one', () => {
  expect(stepName({ state: 'TakeOver', asset: 'cache' })).toBe('TakeOver/cache');
  expect(stepName({ state: 'RedirectUsers', asset: null })).toBe('RedirectUsers');
});

test.for(['az-failover', 'region-failover', 'service-degradation', 'fence-watch', 'drill'] as const)(
  'each state of %s that calls something has words for people',
  (flow) => {
    const calling = statesOf(machineOf(flow, plan)).flatMap(([state, { Type }]) => (Type === 'Task' ? [state] : []));
    expect(calling.length).toBeGreaterThan(1);
    for (const state of calling) {
      expect(stepWords({ state, asset: 'database' })).toMatch(/^[a-z]+ing /);
      expect(stepWords({ state, asset: null })).not.toContain(state);
    }
  },
);

test('what a step does names its asset and its zone, and a state that nobody knows its name', () => {
  expect(stepWords({ state: 'LeaveZone', asset: 'cache' }, 'use1-az1')).toBe('moving cache out of use1-az1');
  expect(stepWords({ state: 'LeaveZone', asset: 'cache' })).toBe('moving cache out of the zone');
  expect(stepWords({ state: 'Verify', asset: null })).toBe('checking the service after the drill');
  expect(stepWords({ state: 'Later', asset: 'cache' })).toBe('at Later cache');
  expect(stepWords({ state: 'Later', asset: null })).toBe('at Later');
});

test.for([
  ['CannotProceed', 'it has no standby', 'it has no standby'],
  ['InternalFailure', 'try later', 'InternalFailure: try later'],
  ['States.Timeout', null, 'States.Timeout'],
  ['CannotProceed', '', 'CannotProceed'],
  [null, 'it is gone', 'it is gone'],
  [null, null, 'none given'],
] as const)('an error %s with the cause %j is told as %s', ([error, cause, said]) => {
  expect(errorWords(error, cause)).toBe(said);
});

test.for([
  ['skipped', 'what a person left out', { skipped: true, by: 'dba', reason: 'it is there', at: 1 }, false],
  ['skipped', 'what a person left out of a dry run', { skipped: true, by: 'dba', reason: 'it is there', at: 1 }, true],
  ['dry-run', 'what says that nothing was done', { dryRun: true, wouldDo: 'reboot' }, false],
  ['dry-run', 'any step of a dry run', {}, true],
  ['succeeded', 'what reached its state', { fenced: true }, false],
  ['not-needed', 'what was so before', { moved: false }, false],
  [
    'not-possible',
    'what could not be done, while the flow goes on',
    { fenced: false, why: 'it does not answer' },
    false,
  ],
  ['dry-run', 'what was so before, in a dry run', { moved: false }, true],
  ['succeeded', 'what only mentions a dry run in its words', { why: 'it said "dryRun":true' }, false],
  ['succeeded', 'what hands on the result of another that was left out', { cache: { skipped: true } }, false],
  ['succeeded', 'what hands on nothing', null, false],
] as const)('%s is %s', ([outcome, , output, dryRun]) => {
  expect(outcomeOf(JSON.stringify(output), null, dryRun)).toBe(outcome);
});

test.for([
  ['held', { held: 'needs database' }],
  ['skipped', { skipped: true, by: 'dba', reason: 'it is there', at: 1 }],
  ['succeeded', { cache: 'redis' }],
] as const)('of an asset, whose outcome stands under its name: %s', ([outcome, reached]) => {
  expect(outcomeOf(JSON.stringify({ cache: reached }), 'cache', false)).toBe(outcome);
});

test('an output that AWS cut says nothing of a waiver', () => {
  expect(outcomeOf('{"skipped":true,"by":"d', null, false)).toBe('succeeded');
});

test.for([
  ['database', '{"name":"database","kind":"rds-instance"}'],
  [null, '{"name":"database"}'],
  [null, '{"name":1,"kind":"rds-instance"}'],
  [null, '{"name":"data'],
  [null, '[]'],
  [null, undefined],
] as const)('%s is the asset of an iteration that is given %s', ([asset, input]) => {
  expect(assetIn(input)).toBe(asset);
});

test('a person reads what a function said, and not where in its code', () => {
  expect(causeWords('{"errorType":"CannotProceed","errorMessage":"no replica","trace":[]}')).toBe('no replica');
  expect(causeWords('Lambda is gone')).toBe('Lambda is gone');
  // AWS cuts a long cause: what is there of the message is read, with its quotes.
  expect(causeWords('{"errorMessage":"no \\"replica\\" here","trace":["a')).toBe('no "replica" here');
  expect(causeWords('{"errorMessage":7}')).toBe('{"errorMessage":7}');
});

test.for<[Readonly<Record<string, unknown>>, Tick['state'], string | null]>([
  [{}, 'done', null],
  [{ skipped: true, by: 'dba', held: 'needs x' }, 'skipped', 'signed by dba'],
  [{ skipped: 'yes' }, 'done', null],
  [{ held: 'needs database', dryRun: true }, 'held', 'needs database'],
  [{ held: true }, 'done', null],
  [{ dryRun: true, wouldDo: 'reboot' }, 'dry-run', 'reboot'],
  [{ dryRun: true, failed: 'x' }, 'dry-run', null],
  [{ dryRun: 'true' }, 'done', null],
  [{ failed: 'CannotProceed' }, 'not-possible', 'CannotProceed'],
  [{ failed: 'CannotProceed', unreachable: 'it is dark' }, 'not-possible', 'it is dark'],
  [{ failed: 'CannotProceed', unreachable: 'it is dark', why: 'no route' }, 'not-possible', 'no route'],
  [{ stays: 'it is alone', why: 'no route' }, 'not-possible', 'it is alone'],
  [{ unreachable: 'it is dark' }, 'not-possible', 'it is dark'],
  [{ fenced: false }, 'not-possible', null],
  [{ failed: 7, unreachable: 7, stays: 7 }, 'done', null],
  [{ opened: false, why: 'it was open' }, 'not-needed', 'it was open'],
  [{ opened: false }, 'not-needed', null],
  [{ promoted: false }, 'not-needed', null],
  [{ moved: false }, 'not-needed', null],
  [{ moved: false, empty: true }, 'done', null],
  [{ moved: true, promoted: true, opened: true, fenced: true }, 'done', null],
  [{ shifted: [] }, 'not-needed', null],
  [{ shifted: ['ingress'] }, 'done', null],
  [{ shifted: '' }, 'done', null],
])('the tick of %j is %s, and why: %s', ([outcome, state, why]) => {
  expect(tickOf(outcome)).toEqual({ state, why });
});

test('the tick of an asset is that under its name, and without one that of the whole', () => {
  const output = JSON.stringify({ skipped: true, by: 'ana', cache: { held: 'needs x' } });
  expect(tickIn(output, 'cache')).toEqual({ state: 'held', why: 'needs x' });
  expect(tickIn(output, 'database')).toEqual({ state: 'skipped', why: 'signed by ana' });
  expect(tickIn(output, null)).toEqual({ state: 'skipped', why: 'signed by ana' });
});

test.for([
  ['{"a":1}', { a: 1 }],
  ['7', {}],
  ['null', {}],
  ['"a"', {}],
  ['{"a":', {}],
  [undefined, {}],
] as const)('of %s is read %j', ([raw, read]) => {
  expect(readJson(raw)).toEqual(read);
});

test('a message in whole JSON is read as it was said, with its lines', () => {
  expect(causeWords(JSON.stringify({ errorMessage: 'one\n"two"' }))).toBe('one\n"two"');
});
