// `breakwater check`: validates the plan as packaging does, says in a few lines what it protects and who acts, and judges plan
// and packaged template for what a recovery would depend on that may be gone with the region it saves.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type CannotStart, cannotStart } from '../check/by-hand.ts';
import { refusals } from '../check/packaging.ts';
import { type Judged, type LineOf, place } from '../check/plan-file.ts';
import { findInPlan } from '../check/stability.ts';
import { findInTemplate } from '../check/stability-template.ts';
import { brokenBy, type ScheduledDrill, scheduledIn } from '../functions/domain/drills/plan.ts';
import type { Weakness } from '../functions/domain/kind/stability.ts';
import { type Asset, standsIn } from '../functions/domain/plan/assets.ts';
import { must } from '../functions/domain/plan/issues.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { formatSeconds } from '../functions/domain/words/durations.ts';
import { slipOf } from '../functions/domain/words/nearest.ts';
import { scenarioNames } from '../simulator/playing/scenario.ts';
import { stageOption } from './deployed/deployment.ts';
import { toFillIn } from './files/new-plan.ts';
import { judgePlanFile, readPlanText, usable } from './files/plan.ts';
import { intoOption, packagedTemplate, readTemplateFile, shownAs } from './packaged/template.ts';
import { wrap } from './screen/layout.ts';
import { colorsOf, type Terminal } from './screen/terminal.ts';

type Options = {
  readonly stage: string;
  readonly plan?: string;
  readonly json?: boolean;
  readonly template?: string | boolean;
  readonly into?: string;
};

const labelWidth = 13;

/**
 * Adds the verb. A plan that is invalid, or that packaging would refuse, ends as wrong input (2), with a line for each thing that is wrong; a valid one that is
 * unsafe ends as missed (1); warnings change no status.
 */
export function addCheck(program: Command, terminal: Terminal, end: (status: number) => void): void {
  program
    .command('check')
    .summary('validates the plan, and finds what could stop a recovery (docs/static-stability.md)')
    .option('--plan <file>', 'another plan than plan.yml')
    .option('--template <file>', 'another template than the one that npm run package made')
    .addOption(intoOption())
    .option('--no-template', 'check only the plan, without a template')
    .addOption(stageOption())
    .option('--json', 'print one JSON object')
    .action((options: Options) => {
      const judged = judgePlanFile(options.plan);
      const { name } = judged;
      const wrong = [
        ...refusals(judged, options.stage),
        ...(judged.plan === null ? [] : unplayable(judged.plan, judged)),
      ];
      const file = { plan: usable(judged.plan, wrong), lineOf: judged.lineOf };
      const template = templateOf(options, file.plan);
      const weaknesses = [
        ...findInPlan(file.plan),
        ...(template.file === null ? [] : findInFile(file.plan, template.file)),
      ];
      const errors = weaknesses.filter(({ severity }) => severity === 'error').length;
      end(errors === 0 ? 0 : 1);
      const left = toFillIn(readPlanText(options.plan)).map(({ line }) => line);
      const result = { name, file, left, template, weaknesses, errors, warnings: weaknesses.length - errors };
      if (options.json === true) terminal.out(`${JSON.stringify(jsonOf(result), null, 2)}\n`);
      else print(result, terminal);
    });
}

/** Drills that name no scenario: whoever runs them would find that out on the day. */
function unplayable({ drills }: Plan, judged: Judged): string[] {
  const known = scenarioNames();
  const wrong = drills.flatMap(({ scenario }, index) => {
    const meant = slipOf(scenario, known);
    const expected = `a scenario that npm run drill lists${meant === null ? '' : `: did you mean ${meant}?`}`;
    return must(known.includes(scenario), `drills.${index}.scenario`, scenario, expected);
  });
  return place(wrong, judged);
}

function findInFile(plan: Plan, file: string): Weakness[] {
  const { template, region } = readTemplateFile(file);
  return findInTemplate(plan, template, region);
}

type Checked = {
  readonly name: string;
  readonly file: { readonly plan: Plan; readonly lineOf: LineOf };
  /** Lines that `init` wrote and nobody has looked at: their mark is still there. */
  readonly left: readonly number[];
  readonly template: { readonly file: string | null; readonly said: string };
  readonly weaknesses: readonly Weakness[];
  readonly errors: number;
  readonly warnings: number;
};

/** Which template is looked at, and what is said of it. One that a person names has to be there. */
function templateOf({ template, into }: Options, { roles, application }: Plan): Checked['template'] {
  if (template === false) return { file: null, said: 'not checked: --no-template' };
  if (typeof template === 'string') return { file: template, said: template };
  const file = packagedTemplate(roles.primary, into);
  if (existsSync(file)) {
    const { application: other } = readTemplateFile(file);
    if (other === null || other === application) return { file, said: shownAs(file) };
    return { file: null, said: `not checked: ${shownAs(file)} was packaged for ${other}, another application` };
  }
  return { file: null, said: `not checked: ${shownAs(file)} is not there; npm run package makes it` };
}

function jsonOf({ name, file, left, template, weaknesses, errors, warnings }: Checked) {
  return {
    plan: name,
    valid: true,
    safe: errors === 0,
    application: file.plan.application,
    ...rows(file.plan),
    template: template.said,
    templateLookedAt: template.file !== null,
    cannotStartByHand: cannotStart(file.plan),
    toFillIn: left,
    errors,
    warnings,
    weaknesses: weaknesses.map(({ where, ...weakness }) => ({
      ...weakness,
      where: 'plan' in where ? { plan: where.plan.join('.'), line: file.lineOf(where.plan) } : where,
    })),
  };
}

function print({ name, file, left, template, weaknesses, errors, warnings }: Checked, terminal: Terminal): void {
  const colors = colorsOf(terminal);
  const labelled = (label: string, text: string) => {
    const lines = wrap(text, terminal.columns - labelWidth - 2);
    terminal.out(`  ${colors.dim(label.padEnd(labelWidth))}${lines.join(`\n${' '.repeat(labelWidth + 2)}`)}\n`);
  };
  terminal.out(`${colors.bold(file.plan.application)}\n`);
  for (const [label, text] of Object.entries(rows(file.plan))) labelled(label, text);
  const cannot = cannotStart(file.plan);
  for (const one of cannot) labelled('by hand', byHandWords(one));
  if (cannot.length > 0) labelled('', moreApprovers);
  if (left.length > 0)
    labelled(
      'to fill in',
      `lines ${left.join(', ')}: init wrote them. Replace what is invented, such as sg-0changeme, and delete "yours:" from each line that is right for your application.`,
    );
  labelled('template', template.said);
  for (const { id, severity, where, depends, reason, fix } of weaknesses) {
    const place = placeOf(where, name, file.lineOf);
    const color = severity === 'error' ? colors.red : colors.yellow;
    terminal.out(`\n${color(severity)} ${colors.bold(id)}  ${place}\n`);
    labelled('depends', depends);
    labelled('reason', reason);
    labelled('fix', fix);
  }
  const counts = [counted(errors, 'error'), counted(warnings, 'warning')].filter((text) => text !== '').join(', ');
  if (errors > 0) terminal.out(`\n${colors.red(`${name} is valid but not safe: ${counts}`)}\n`);
  else terminal.out(`\n${colors.green(`${name} is valid${counts === '' ? '' : `, with ${counts}`}`)}\n`);
  if (left.length > 0) terminal.out(`It cannot be deployed before what stands "to fill in" is right.\n`);
}

const moreApprovers = 'To let them: name more persons in approval.roles, or lower approval.required.';

function byHandWords({ contact, needed, left }: CannotStart): string {
  return `${contact} cannot start a region failover: ${needed} others must approve it, ${left} can`;
}

function placeOf(where: Weakness['where'], name: string, lineOf: LineOf): string {
  return 'plan' in where ? `${name}:${lineOf(where.plan)}: ${where.plan.join('.')}` : `template: ${where.resource}`;
}

/** What this verb would say of a plan before anything is packaged, a line each. @throws WrongInput where it is refused */
export function briefly(judged: Judged, stage: string): string[] {
  const { name, lineOf } = judged;
  const plan = usable(judged.plan, refusals(judged, stage));
  return [
    ...findInPlan(plan).map(
      ({ id, severity, where, reason, fix }) =>
        `${severity} ${id}  ${placeOf(where, name, lineOf)}: ${reason}; fix: ${fix}`,
    ),
    ...cannotStart(plan).map((one) => `by hand: ${byHandWords(one)}. ${moreApprovers}`),
  ];
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** What a plan protects, in words. */
function rows(plan: Plan): Record<string, string> {
  const { roles, assets, objectives, approval, levels, drills, notifications } = plan;
  const zones = (region: string) => Object.keys(plan.regions[region]?.zones ?? {}).join(', ');
  const places = (asset: Asset) => {
    const [there, here] = [roles.primary, roles.standby].map((region) => standsIn(region, asset).join(', '));
    return `${asset.kind} ${there === here ? there : `${there}; ${here} in ${roles.standby}`}`;
  };
  const acts = (mode: 'act' | 'observe', act: string) =>
    mode === 'act' ? act : 'tells people what it would have done';
  return {
    primary: `${roles.primary} (${zones(roles.primary)})`,
    standby: `${roles.standby} (${zones(roles.standby)}), witness ${roles.witness}`,
    observers: roles.observers.join(', ') || 'none',
    ...Object.fromEntries(assets.map((asset) => [asset.name, places(asset)])),
    objectives: `users served within ${formatSeconds(objectives.rtoSeconds)}, at most ${formatSeconds(objectives.rpoSeconds)} of data lost`,
    degradation: acts(levels.level1.mode, 'tells people and diagnoses'),
    zone: acts(levels.level2.mode, 'moves out of a failed zone by itself'),
    region: acts(levels.level3.mode, `asks ${approval.required} of ${approval.roles.join(', ')} before it moves`),
    drills:
      drills
        .map((drill) => {
          const { name, scenario, every, withinSeconds } = drill;
          const itself = scheduledIn({ drills: [drill] }).map((one) => `, by itself as ${whatItDoes(one)}`);
          return `${name} (${scenario} within ${formatSeconds(withinSeconds)}, every ${every}${itself.join('')})`;
        })
        .join(', ') || 'none',
    runbook: notifications.runbookUrl ?? 'messages name its sections and do not link them: notifications.runbookUrl',
  };
}

/** What a drill does in the deployment, in words of the plan. */
function whatItDoes({ kind, target, asset }: ScheduledDrill): string {
  return [kind, target?.fault, target === undefined ? asset : brokenBy(target)]
    .filter((word) => word !== undefined)
    .join(' ');
}
