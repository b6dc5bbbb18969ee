// What the invariants say of whole histories, in what order and in what words.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../simulator/invariants/model/observations.ts';
import { createInvariants } from '../../../simulator/invariants.ts';
import { plan } from '../../plan.ts';
import {
  approval,
  at,
  bad,
  decision,
  east,
  execution,
  incident,
  loss,
  message,
  mutation,
  regionStory,
  tick,
  west,
  zoneStory,
} from './story.ts';

const ids = [
  'one-writer',
  'approved',
  'in-scope',
  'served-then-redirect',
  'one-execution',
  'bounded',
  'honest-loss',
  'audited',
  'never-silent',
  'still-approved',
  'watched',
  'repeatable',
];

function judge(observations: readonly Observation[], nowSeconds = 100_000) {
  const invariants = createInvariants({ plan });
  for (const observation of observations) invariants.observe(observation);
  return invariants.verdict(at(nowSeconds));
}

const allHeld = ids.map((id) => ({ id, held: true }));

describe('the verdict', () => {
  test('names all invariants in the order of the design, also for a drill in which nothing happened', () => {
    expect(judge([])).toEqual(allHeld);
  });

  test.for([
    ['a zone flow', zoneStory],
    ['a region flow', regionStory],
  ] as const)('of %s that does everything right is that all hold', ([, story]) => {
    expect(judge(story)).toEqual(allHeld);
  });

  test('does not depend on the order in which observations arrive', () => {
    const isChange = (one: Observation) => one.kind === 'mutation';
    const late = [...zoneStory.filter((one) => !isChange(one)), ...zoneStory.filter(isChange)];
    expect(judge(late)).toEqual(allHeld);
    expect(judge([...zoneStory].reverse())).toEqual(allHeld);
  });

  test('can be asked for twice and says the same', () => {
    const invariants = createInvariants({ plan });
    for (const observation of [...zoneStory, mutation(300, 'rds:RebootDBInstance', 'chatops-prod')]) {
      invariants.observe(observation);
    }
    expect(invariants.verdict(at(100_000))).toEqual(invariants.verdict(at(100_000)));
  });

  test('is one sentence with the time, what and where of the first violation, and the number of all', () => {
    const elsewhere = { scope: { region: east, zone: 'use1-az2' } };
    const results = judge([
      ...zoneStory,
      mutation(400, 'ssm:SendCommand', 'host-2', elsewhere),
      mutation(300, 'ssm:SendCommand', 'host-1', elsewhere),
    ]);
    expect(results.find(({ id }) => id === 'in-scope')).toEqual({
      id: 'in-scope',
      held: false,
      detail:
        'At 2026-01-05T09:05:00.000Z ssm:SendCommand changed host-1 in us-east-1 (use1-az2), by Step of us-east-1-20260105-az-failover-1, outside its zone use1-az1 (the first of 2).',
    });
  });
});

describe('a history without mutations', () => {
  const seconds = fc.integer({ min: 0, max: 90_000 });
  const region = fc.constantFrom(east, west);
  const names = fc.constantFrom('one', 'two');
  const machine = fc.constantFrom('az-failover', 'service-degradation', 'region-failover');
  const status = fc.constantFrom('RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED');
  const number = fc.option(fc.integer({ min: -1, max: 900 }));
  const observation: fc.Arbitrary<Observation> = fc.oneof(
    fc
      .tuple(seconds, fc.subarray([east, west]), fc.option(region))
      .map(([when, writableRegions, usersRegion]) => tick(when, { writableRegions, usersRegion })),
    fc
      .tuple(seconds, names, machine, status, fc.boolean(), fc.option(region))
      .map(([when, name, stateMachine, state, dryRun, where]) =>
        execution(when, state, {
          execution: name,
          stateMachine,
          dryRun,
          target: where === null ? null : { region: where, zone: bad },
        }),
      ),
    fc.tuple(seconds, names).map(([when, name]) => decision(when, { execution: name })),
    fc.tuple(seconds, names, fc.boolean()).map(([when, name, valid]) => approval(when, { execution: name, valid })),
    fc.tuple(seconds, number, number).map(([when, reported, actual]) => loss(when, reported, actual)),
    fc.tuple(seconds, names).map(([when, name]) => message(when, name)),
    fc
      .tuple(seconds, names)
      .map(([when, name]): Observation => ({ kind: 'crash', at: at(when), execution: name, step: 'step' })),
    fc.tuple(seconds, names, names).map(
      ([when, name, target]): Observation => ({
        kind: 'audit',
        at: at(when),
        incident,
        step: 'step',
        actor: 'classify',
        execution: name,
        call: 'rds:RebootDBInstance',
        region: east,
        target,
      }),
    ),
  );

  test('never breaks approved, in-scope, audited or repeatable', () => {
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 40 }), (observations) => {
        const held = judge(observations).filter((result) => result.held);
        expect(held.map(({ id }) => id)).toEqual(
          expect.arrayContaining(['approved', 'in-scope', 'audited', 'repeatable']),
        );
      }),
      { numRuns: 500 },
    );
  });
});
