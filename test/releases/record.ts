// Records what a release gives its functions and keeps in its table, for the release after it to read. Run once, when a release is
// made: `npx -y node test/releases/record.ts`. The file has the version's name, and once that is released it is never changed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import packageFile from '../../package.json' with { type: 'json' };
import { runDrill } from '../../simulator/drill/drill.ts';
import type { TaskCall } from '../../simulator/stepfunctions/options.ts';
import { plan } from '../plan.ts';

/** Together they call every step of the flows, pause one, and write every kind of item that flows write. */
const scenarios = [
  'az-outage',
  'region-outage',
  'promote-fails',
  'manual-switchover',
  'manual-dry-run',
  'restore-snapshot',
  'returns-while-paused',
  'failback',
  'drill-dry-run',
  'drill-approvers',
  'service-degradation',
];
type Json = Readonly<Record<string, unknown>>;
const inputs = new Map<string, { readonly name: string; readonly input: Json }>();
const items = new Map<string, Json>();

/** The keys that something has, at every depth: what has the same needs no second example. */
const shapeOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? `{${Object.entries(value)
        .map(([key, inner]) => `${key}${shapeOf(inner)}`)
        .toSorted()}}`
    : '';

for (const scenario of scenarios)
  await runDrill({
    ...{ scenario, seed: 1, plan },
    losesAnswer({ arguments: given }: TaskCall) {
      const { FunctionName = '', Payload = {} } = given as { readonly FunctionName?: string; readonly Payload?: Json };
      const name =
        FunctionName.split(':')
          .at(-1)
          ?.replace(/^breakwater-sim-/, '') ?? '';
      const { incident, ...others } = Payload;
      const shape = `${name} ${Object.keys(others).toSorted()} ${shapeOf(incident)}`;
      if (name !== '' && !inputs.has(shape)) inputs.set(shape, { name, input: Payload });
      return false;
    },
    upgrade: {
      fromStart: true,
      regions: [plan.roles.primary, plan.roles.standby],
      machine: (_, definition) => definition,
      item(item) {
        const shape = `${String(item['pk']).split('#')[0]} ${shapeOf(item)}`;
        if (!items.has(shape)) items.set(shape, item);
        return item;
      },
    },
  });

/** Bytes as text: what of an item is packed. */
const packed = (_: string, value: unknown): unknown =>
  isBytes(value) ? { base64: Buffer.from(value.data).toString('base64') } : value;
const isBytes = (value: unknown): value is { readonly data: readonly number[] } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';

const file = join(import.meta.dirname, `${packageFile.version}.json`);
writeFileSync(file, `${JSON.stringify({ inputs: [...inputs.values()], items: [...items.values()] }, packed)}\n`, {
  flag: 'wx',
});
process.stdout.write(`${inputs.size} inputs and ${items.size} items in ${file}\n`);
