// The list of scenarios in groups: by what is lost, or by who starts it.
import { readScenario, type Scenario, scenarioNames } from '../../simulator/playing/scenario.ts';
import { colorsOf, type Terminal } from './terminal.ts';

const groups = [
  'A zone is lost',
  'A region is lost',
  'Part of the service fails, or a standby is not ready',
  'Nothing is moved: Breakwater holds, or nothing is wrong',
  'A person starts the flow',
  'A drill that the deployment runs itself',
] as const;
type Group = (typeof groups)[number];

/** Who starts it counts first, then what is lost. */
function groupOf({ drill, manual, expect: { level } }: Scenario): Group {
  if (drill !== undefined) return 'A drill that the deployment runs itself';
  if (manual !== undefined) return 'A person starts the flow';
  if (level === 3) return 'A region is lost';
  if (level === 2) return 'A zone is lost';
  if (level === 1) return 'Part of the service fails, or a standby is not ready';
  return 'Nothing is moved: Breakwater holds, or nothing is wrong';
}

export type Listed = { readonly group: Group; readonly name: string; readonly title: string };

/** Every scenario once, group by group, and by name within a group. */
export function listed(): Listed[] {
  const all = scenarioNames().map((name) => {
    const scenario = readScenario(name);
    return { group: groupOf(scenario), name, title: scenario.title };
  });
  return groups.flatMap((group) => all.filter((one) => one.group === group));
}

export function printScenarios(terminal: Terminal): void {
  const colors = colorsOf(terminal);
  const all = listed();
  const width = Math.max(0, ...all.map(({ name }) => name.length)) + 2;
  for (const [group, scenarios] of Map.groupBy(all, (one) => one.group)) {
    terminal.out(`\n${colors.bold(group)}\n`);
    for (const { name, title } of scenarios) terminal.out(`  ${name.padEnd(width)}${colors.dim(title)}\n`);
  }
}
