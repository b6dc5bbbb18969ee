// docs/flows.md shows the flows as they are: `npx vitest run test/statemachines/diagram.test.ts -u` draws it again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { machines } from '../../functions/domain/flows.ts';
import { shipped } from '../shipped.ts';
import { diagramOf } from './diagram.ts';
import { machineOf } from './flows.ts';

const root = join(import.meta.dirname, '..', '..');

test('docs/flows.md is drawn from the state machines', async () => {
  const parts = machines.map((flow) => {
    const [first = ''] = /^(?:# .*\n)+/.exec(readFileSync(join(root, `statemachines/${flow}.asl.yaml`), 'utf8')) ?? [];
    const words = first.replace(/^# /gm, '').trimEnd();
    return [`## ${flow}`, words, `\`\`\`mermaid\n${diagramOf(machineOf(flow, shipped))}\n\`\`\``].join('\n\n');
  });
  const opening = [
    '# Flows',
    'Drawn from `statemachines/*.asl.yaml` by a test, which fails where a flow and its diagram differ. A flow knows no kind: it maps over\nthe assets of the plan, and calls the verb of each one’s kind (`functions/kinds`).',
  ];
  await expect(`${[...opening, ...parts].join('\n\n')}\n`).toMatchFileSnapshot(join(root, 'docs/flows.md'));
});
