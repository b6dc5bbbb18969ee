// Draws a flow as a Mermaid diagram: what docs/flows.md shows is made of the files that are deployed.
import { insideOf, type Machine, type Sequence, type State } from './flows.ts';

/** A diagram of states. What runs side by side is parted by a line; what runs for each asset says so. */
export function diagramOf(machine: Machine): string {
  return ['stateDiagram-v2', ...drawn(machine, '  ')].join('\n');
}

function drawn({ StartAt, States }: Sequence, indent: string): string[] {
  return [
    `${indent}[*] --> ${StartAt}`,
    ...Object.entries(States).flatMap(([name, state]) => [
      ...inside(name, state, indent),
      ...ways(name, state, indent),
    ]),
  ];
}

function inside(name: string, state: State, indent: string): string[] {
  const parts = insideOf(state).map((part) => drawn(part, `${indent}  `));
  if (parts.length === 0) return [];
  const title = state.Type === 'Map' ? [`${indent}state "${name}: ${each(state)}" as ${name}`] : [];
  const body = parts.flatMap((part, index) => (index === 0 ? part : [`${indent}  --`, ...part]));
  return [...title, `${indent}state ${name} {`, ...body, `${indent}}`];
}

function each({ MaxConcurrency, Items = '' }: State): string {
  const items = Items.replace(/^\{% \$|^\{% \$states\.| %\}$/g, '');
  return `for each of ${items}, ${MaxConcurrency === 1 ? 'one after the other' : 'side by side'}`;
}

function ways(name: string, { Next, End, Type, Default, Choices = [], Catch = [] }: State, indent: string): string[] {
  const to = (next: string, why?: string) => `${indent}${name} --> ${next}${why === undefined ? '' : `: ${why}`}`;
  return [
    ...Choices.map(({ Condition, Next: next }) => to(next, Condition.replace(/^\{% | %\}$/g, '').replaceAll('$', ''))),
    ...(Default === undefined ? [] : [to(Default, 'otherwise')]),
    ...(Next === undefined ? [] : [to(Next)]),
    ...Catch.map(({ Next: next, ErrorEquals }) => to(next, `on ${ErrorEquals.join(' or ')}`)),
    ...(End === true || Type === 'Succeed' ? [`${indent}${name} --> [*]`] : []),
  ];
}
