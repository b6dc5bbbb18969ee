// The faults that pass stand in one file: state machines ask again after what it says, and nobody keeps a list of his own.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { translate } from '../../../../functions/aws/calls/faults.ts';
import { busy, notNow, quotas, throttling, timeouts, transient } from '../../../../functions/aws/calls/transient.ts';
import { machines } from '../../../../functions/domain/flows.ts';
import { definitionOf, readFlow } from '../../../../infrastructure/runs/machines.ts';
import type { Value } from '../../../../infrastructure/template.ts';
import { plan } from '../../../plan.ts';

/** Each ErrorEquals of a Retry in a machine. */
function retried(value: Value): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(retried);
  return Object.entries(value).flatMap(([key, one]) =>
    key === 'Retry' ? (one as readonly { ErrorEquals: string[] }[]).map((rule) => rule.ErrorEquals) : retried(one),
  );
}

const unpassing = (errors: readonly string[]) => errors.filter((one) => !transient.includes(one));

describe.for(machines)('%s', (machine) => {
  test('asks again after each of the list or after none of it', () => {
    const rules = retried(definitionOf(machine, plan)).map((errors) => ({
      passing: errors.filter((one) => transient.includes(one)),
      others: unpassing(errors),
    }));
    expect(rules.some(({ passing }) => passing.length > 0)).toBe(true);
    for (const { passing, others } of rules) {
      expect(passing).toEqual(passing.length === 0 ? [] : transient);
      expect(['InProgress', 'Restoring', 'States.Timeout', undefined]).toContain(others[0]);
    }
  });

  test('names none of them itself', () => {
    const named = retried(readFlow(machine)).flat();
    expect(named.filter((one) => transient.includes(one))).toEqual([]);
  });
});

test('what the SDK is told comes to a state as one name, which it asks again after', () => {
  for (const name of [...throttling, ...timeouts, ...notNow].filter((one) => !quotas.includes(one))) {
    const fault = Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: 400 } });
    expect(transient).toContain(translate('ask', fault).name);
  }
});

test('no other file has a list of its own', () => {
  const names = [...throttling, ...timeouts, ...notNow, ...busy, ...transient.filter((one) => one !== 'Unavailable')];
  const folders = ['functions', 'statemachines', 'infrastructure', 'check', 'cli'];
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  );
  const sources = files.filter((file) => /\.(ts|ya?ml)$/.test(file) && file !== 'functions/aws/calls/transient.ts');
  expect(sources.length).toBeGreaterThan(200);
  const found = sources.filter((file) => {
    const text = readFileSync(file, 'utf8');
    // One name alone asks about one fault, and is no list.
    return names.filter((name) => new RegExp(`(?<![\\w.])${name.replace('.', '\\.')}(?!\\w)`).test(text)).length > 1;
  });
  expect(found).toEqual([]);
});
