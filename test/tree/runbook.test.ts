// The runbook has a section for each state that can fail and for each place a message points to.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { indicationNames } from '../../functions/domain/evidence/indications.ts';
import { flows } from '../../functions/domain/flows.ts';
import { readFlow } from '../../infrastructure/runs/machines.ts';

const root = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
const sections = new Set([...read('docs/runbook.md').matchAll(/^##+ (.+)$/gm)].map((match) => slug(match[1] ?? '')));

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

type States = Record<string, { Type: string; Branches?: { States: States }[]; ItemProcessor?: { States: States } }>;

function taskNames(states: States): string[] {
  return Object.entries(states).flatMap(([name, { Type, Branches = [], ItemProcessor }]) => [
    ...(Type === 'Task' ? [name] : []),
    ...Branches.flatMap((branch) => taskNames(branch.States)),
    ...(ItemProcessor === undefined ? [] : taskNames(ItemProcessor.States)),
  ]);
}

const tasks = flows.flatMap((flow) => taskNames((readFlow(flow) as unknown as { States: States }).States));

test('every flow has states, and messages and the runbook have links, to be looked for', () => {
  expect(tasks).toEqual(expect.arrayContaining(['TakeLock', 'Remediate', 'LeaveZone', 'Fence', 'TakeOver']));
  expect(links).toEqual(expect.arrayContaining(['hold', 'request-approval', 'not-approved', 'give-up']));
  expect(inner.length).toBeGreaterThan(0);
});

test.for([...new Set(tasks)])('the person who is paged for %s finds its section', (state) => {
  expect(sections).toContain(state.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase());
});

const sources = readdirSync(new URL('functions/', root), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const links = sources.flatMap((file) =>
  [...read(`functions/${file}`).matchAll(/(?:docs\/runbook\.md#|runbookSection\(')([a-z-]+)/g)].map(
    (match) => match[1] ?? '',
  ),
);

const inner = [...read('docs/runbook.md').matchAll(/\]\(#([a-z-]+)\)/g)].map((match) => match[1]);

test.for([...new Set(links)])('a message that points to #%s points to a section', (link) => {
  expect(sections).toContain(link);
});

test.for(indicationNames)('the person who reads that %s was found finds its section, and what proves it', (name) => {
  expect(sections).toContain(name);
  expect(read('docs/decisions/0005-evidence.md')).toMatch(new RegExp(`^\\| ([a-z, -]+, )?${name}[,| ]`, 'm'));
});

test('links within the runbook lead somewhere', () => {
  expect(inner.filter((link) => !sections.has(link ?? ''))).toEqual([]);
});

/** What the table at the head of the runbook quotes, in the parts that stand as they are written: names and numbers differ each time. */
const [table = ''] = /^\| it says \| go to \|\n(\|.*\n)+/m.exec(read('docs/runbook.md')) ?? [];
const quoted = [...table.matchAll(/`([^`]+)`/g)].flatMap(([, quote = '']) => quote.split(/…#?|<\w+>/));
const said = ['functions', 'cli'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read(`${folder}/${file}`).replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '')),
);

test.for(quoted.map((part) => part.trim()).filter((part) => /\w/.test(part)))('the program says "%s"', (part) => {
  expect(said.some((source) => source.includes(part))).toBe(true);
});
