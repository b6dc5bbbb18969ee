// The verbs of the kinds: each has a file and a right asset to work on, and no file is a verb that nobody calls.
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { machines } from '../../../functions/domain/flows.ts';
import type { Kind } from '../../../functions/domain/plan/assets.ts';
import { stepName } from '../../../functions/domain/record/step.ts';
import { kinds } from '../../../functions/kinds/kinds.ts';
import { assetsThat, stateOf, type Verb, verbs, verbsIn } from '../../../functions/kinds/verbs.ts';
import type { Call } from '../../../simulator/estate/types.ts';
import { runIn } from '../../../simulator/sdk.ts';
import { withConsumers, without, withRebuild, withSecondDatabase, withService } from '../../assets.ts';
import { plan } from '../../plan.ts';
import { calledBy, machineOf, statesOf } from '../../statemachines/flows.ts';
import { failureOf, incident, reached, regionIncident, running, setting } from '../setting.ts';

const folder = 'functions/kinds';
const all = Object.entries(verbs).flatMap(([kind, known]) =>
  Object.entries(known).map(([verb, leftOut]) => ({ kind: kind as Kind, verb: verb as Verb, leftOut })),
);
/** What a verb needs beside the incident and the asset. */
const more: Partial<Record<Verb, object>> = {
  fence: { approved: [], unreachable: [] },
  'catch-up': { fencedAt: 0 },
};

/** An AWS that refuses whatever it is asked: a step that goes on beyond its waiver fails. */
const silent = {
  answer: async ({ operation }: Call) => {
    throw new Error(`${operation} is asked`);
  },
  caller: { region: 'us-west-2', step: '', execution: '', incident: '' },
};

test('each kind is in the list by the name that a plan calls it', () => {
  for (const [kind, { plan: schema }] of Object.entries(kinds)) expect(schema.shape.kind.value).toBe(kind);
});

test.for(Object.keys(verbs))('the Lambdas in the folder of %s are its verbs', async (kind) => {
  const files = readdirSync(`${folder}/${kind}`)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''));
  const modules = await Promise.all(files.map((file) => import(`../../../${folder}/${kind}/${file}.ts`)));
  const handlers = files.filter((_, index) => typeof modules[index].handler === 'function');
  expect(handlers.toSorted()).toEqual(Object.keys(verbs[kind as Kind]).toSorted());
});

test.for(all)('$verb of $kind is left out: $leftOut, when a person signed that', async ({ kind, verb, leftOut }) => {
  const full = withConsumers(withService(plan));
  const asset = full.assets.find((one) => one.kind === kind)?.name ?? 'none';
  const given = ['leave-zone', 'tidy-up'].includes(verb) ? incident : regionIncident;
  const signed = stepName({ state: stateOf[verb], asset });
  const approvals = leftOut === 'where-unfenced' ? [[], [given.region], [asset]] : [[asset]];
  for (const approved of approvals) {
    const shell = await running(given, { plan: full });
    await shell.store.keepWaiver(given.execution, signed, 'dba', 'a person sees more', shell.at);
    const { handler } = await import(`../../../${folder}/${kind}/${verb}.ts`);
    const input = { incident: given, asset, ...more[verb], ...(verb === 'fence' && { approved }) };
    const outcome = await runIn(silent, () => handler.on(shell)(input)).catch((error: unknown) => error);
    const isLeft = JSON.stringify(outcome).match(/"skipped":true|"why":"a waiver leaves it out"/) !== null;
    expect(isLeft, String(outcome)).toBe(leftOut !== 'never' && approved.includes(asset));
  }
});

test('each verb is asked for in the state that it names', () => {
  const everyKind = withRebuild(withConsumers(withService(plan)));
  const states = machines.flatMap((flow) => statesOf(machineOf(flow, everyKind)));
  for (const { verb, name } of verbsIn(everyKind)) {
    const asking = states.filter(([, state]) => calledBy(state, everyKind).includes(name)).map(([state]) => state);
    expect(asking, name).toContain(stateOf[verb]);
  }
  expect(verbsIn(everyKind)).toHaveLength(all.length);
});

describe('what a plan uses', () => {
  const namesIn = (other: typeof plan) => verbsIn(other).map(({ name }) => name);

  test('is every verb of every kind of a plan that has all kinds, each once, also with two databases', () => {
    const names = namesIn(withRebuild(withConsumers(withService(plan))));
    expect(names.toSorted()).toEqual(all.map(({ kind, verb }) => `${kind}-${verb}`).toSorted());
    expect(namesIn(withSecondDatabase(withRebuild(withConsumers(withService(plan)))))).toEqual(names);
  });

  test('is nothing of a kind that it does not have', () => {
    const few = without(plan, 'rds-instance', 'elasticache', 'custom');
    expect(namesIn(few)).toEqual(['eks-cluster-leave-zone', 'eks-cluster-take-over', 'load-balancer-leave-zone']);
    expect(assetsThat('fence', few)).toEqual([]);
  });

  test.for([
    ['leave-zone', ['database', 'cache', 'cluster', 'ingress', 'search', 'orders']],
    ['tidy-up', ['cache']],
    ['fence', ['database', 'orders']],
    ['catch-up', ['database', 'orders']],
    ['unfence', ['database', 'orders']],
    ['take-over', ['database', 'cache', 'cluster', 'settings', 'search', 'orders']],
    ['verify', ['database', 'search', 'orders']],
    ['fence-late', ['database', 'orders']],
  ] as const)('%s is for %o', ([verb, names]) => {
    expect(assetsThat(verb, withSecondDatabase(plan)).map(({ name }) => name)).toEqual(names);
  });
});

describe('an asset', () => {
  const other = (kind: Kind) => (kind === 'rds-instance' ? 'cache' : 'database');

  test.for(all)('that is not in the plan, or of another kind, is refused by $verb of $kind', async ({ kind, verb }) => {
    const { handler } = await import(`../../../${folder}/${kind}/${verb}.ts`);
    const shell = setting();
    const run = handler.on(shell);
    const given = ['leave-zone', 'tidy-up'].includes(verb) ? incident : regionIncident;
    const mine = plan.assets.filter((one) => one.kind === kind).map(({ name }) => name);
    for (const asset of ['no-such', other(kind)]) {
      if (verb === 'verify') await reached(`take-over/${asset}`, given, shell);
      expect(await failureOf(run({ incident: given, asset, ...more[verb] }))).toEqual({
        name: 'InvalidInput',
        message: `input.asset: is ${asset}, expected one of kind ${kind}: ${mine.join(', ') || 'there is none'}`,
      });
    }
  });

  test('of a kind that the plan does not have is refused, and said so', async () => {
    const { handler } = await import(`../../../${folder}/elasticache/tidy-up.ts`);
    const shell = setting({ plan: without(plan, 'elasticache') });
    expect(await failureOf(handler.on(shell)({ incident, asset: 'cache' }))).toEqual({
      name: 'InvalidInput',
      message: 'input.asset: is cache, expected one of kind elasticache: there is none',
    });
  });

  test.for(all)('has to be named to $verb of $kind', async ({ kind, verb }) => {
    expect(existsSync(`${folder}/${kind}/${verb}.ts`)).toBe(true);
    const { handler } = await import(`../../../${folder}/${kind}/${verb}.ts`);
    const given = ['leave-zone', 'tidy-up'].includes(verb) ? incident : regionIncident;
    const { name, message } = await failureOf(handler.on(setting())({ incident: given, ...more[verb] }));
    expect(name).toBe('InvalidInput');
    expect(message).toContain('asset');
  });
});
