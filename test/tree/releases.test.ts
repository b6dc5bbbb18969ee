// What the release before gave its functions, and kept in its table, this one takes and reads: a flow that was started before an
// upgrade goes on with it. The files beside test/releases/record.ts are never changed; a release adds one.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verbsIn } from '../../functions/kinds/verbs.ts';
import type { Shell } from '../../functions/shared/shell.ts';
import { createMemoryStore, createMemoryTable } from '../../simulator/memory-store.ts';
import { setting } from '../functions/setting.ts';
import { plan } from '../plan.ts';
import { recorded, releases } from '../releases/recorded.ts';

const root = join(import.meta.dirname, '../..');
const fileOf = new Map(verbsIn(plan).map(({ name, kind, verb }) => [name, `kinds/${kind}/${verb}`]));

/** Whatever a function does first, once it has taken its input, ends here. */
class Taken extends Error {}
const taken = (): never => {
  throw new Taken();
};
const store = Object.fromEntries(
  Object.keys(createMemoryStore(plan)).map((method) => [method, taken]),
) as unknown as Shell['store'];

describe.each(releases)('%s', (file) => {
  const { inputs, items } = recorded(file);

  test.for(inputs.map(({ name, input }, index) => [`${index} of ${name}`, name, input] as const))(
    'input %s is taken',
    async ([, name, input]) => {
      const { handler } = await import(join(root, 'functions', `${fileOf.get(name) ?? name}.ts`));
      await expect(handler.on(setting({ store }))(input)).rejects.toThrow(Taken);
    },
  );

  test('an input that was never given is refused, and not taken for one of these', async () => {
    const { handler } = await import(join(root, 'functions/take-lock.ts'));
    await expect(handler.on(setting({ store }))({ flow: 'az-failover' })).rejects.toThrow('execution');
  });

  test('its items are read, none is damaged or newer', async () => {
    const table = createMemoryTable();
    for (const item of items) table.answer('Put', { TableName: 'breakwater-memory', Item: item });
    // Throws where an item cannot be read.
    const known = createMemoryStore(plan, undefined, table);
    const regions = [plan.roles.primary, plan.roles.standby];
    const incidents = await known.listIncidents();
    const read = [
      incidents,
      await known.listDrills(),
      await known.readHolders(),
      await known.readLever(),
      await known.readRoles(),
      ...(await Promise.all(regions.map((region) => known.readSignals(region, 0)))),
      ...(await Promise.all(regions.map((region) => known.readStanding(region)))),
      ...(await Promise.all(regions.map((region) => known.readReadiness(region)))),
      ...(await Promise.all(regions.map((region) => known.readFence(region)))),
      ...(await Promise.all(ids('incident').map((id) => known.readAudit(id)))),
      ...(await Promise.all(ids('incident').map((id) => known.readSteps(id)))),
      ...(await Promise.all(ids('answers').map((id) => known.readAnswers(id)))),
      ...(await Promise.all(ids('token').map((id) => known.readTaskToken(id)))),
      ...(await Promise.all(ids('link').map((id) => known.readLink(id)))),
      ...(await known.listOpenRequests()),
    ];
    expect(incidents.length).toBeGreaterThan(0);
    expect(read).not.toContain(undefined);
  });

  function ids(partition: string): string[] {
    const found = items.flatMap(({ pk }) => (pk.startsWith(`${partition}#`) ? pk.slice(partition.length + 1) : []));
    return [...new Set(found)];
  }
});
