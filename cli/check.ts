// `breakwater check`: validates the plan and says in a few lines what it protects and who acts.
import type { Command } from 'commander';
import type { Plan } from '../functions/domain/plan.ts';
import { formatSeconds, wrap } from './layout.ts';
import { planName, readPlanFile } from './plan-file.ts';
import { colorsOf, type Terminal } from './terminal.ts';

type Options = { readonly plan?: string; readonly json?: boolean };

const labelWidth = 13;

/** Adds the verb. An invalid plan ends as wrong input, with a line for each thing that is wrong. */
export function addCheck(program: Command, terminal: Terminal): void {
  program
    .command('check')
    .summary('validates the plan')
    .option('--plan <file>', 'another plan than plan.yml')
    .option('--json', 'print one JSON object')
    .action((options: Options) => {
      const plan = readPlanFile(options.plan);
      const name = planName(options.plan);
      if (options.json === true) {
        terminal.out(
          `${JSON.stringify({ plan: name, valid: true, application: plan.application, ...rows(plan) }, null, 2)}\n`,
        );
        return;
      }
      const colors = colorsOf(terminal);
      terminal.out(`${colors.bold(plan.application)}\n`);
      for (const [label, text] of Object.entries(rows(plan))) {
        const lines = wrap(text, terminal.columns - labelWidth - 2);
        terminal.out(`  ${colors.dim(label.padEnd(labelWidth))}${lines.join(`\n${' '.repeat(labelWidth + 2)}`)}\n`);
      }
      terminal.out(`\n${colors.green(`${name} is valid`)}\n`);
    });
}

/** What a plan protects, in words. */
function rows(plan: Plan): Record<string, string> {
  const { roles, database, cache, cluster, objectives, approval, levels, drills } = plan;
  const zones = (region: string) => Object.keys(plan.regions[region]?.zones ?? {}).join(', ');
  const balancers = `${cluster.loadBalancers.length} load ${cluster.loadBalancers.length === 1 ? 'balancer' : 'balancers'}`;
  const acts = (mode: 'act' | 'observe', act: string) =>
    mode === 'act' ? act : 'tells people what it would have done';
  return {
    primary: `${roles.primary} (${zones(roles.primary)})`,
    standby: `${roles.standby} (${zones(roles.standby)}), witness ${roles.witness}`,
    observers: roles.observers.join(', ') || 'none',
    database: `${database.instance}, replica ${database.replica} in ${roles.standby}`,
    cache: cache.replicationGroup,
    cluster: `${cluster.name}, namespace ${cluster.namespace}, ${balancers}`,
    objectives: `users served within ${formatSeconds(objectives.rtoSeconds)}, at most ${formatSeconds(objectives.rpoSeconds)} of data lost`,
    degradation: acts(levels.level1.mode, 'tells people and diagnoses'),
    zone: acts(levels.level2.mode, 'moves out of a failed zone by itself'),
    region: acts(levels.level3.mode, `asks ${approval.required} of ${approval.roles.join(', ')} before it moves`),
    drills: drills.map(({ name, every }) => `${name} (every ${every})`).join(', ') || 'none',
  };
}
