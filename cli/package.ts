// `breakwater package`: packages the stack of each region of the plan into a folder of its own, and says what it has.
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { parse } from 'yaml';
import { planToPackage } from '../check/packaging.ts';
import type { Judged } from '../check/plan-file.ts';
import { oneOf } from '../functions/domain/words/nearest.ts';
import { most } from '../infrastructure/limits.ts';
import { planFileOf, readPlan } from '../infrastructure/plan-file.ts';
import { Contradiction, placesOf } from '../infrastructure/values.ts';
import { stageOption } from './deployed/deployment.ts';
import { usable } from './files/plan.ts';
import { makeFolder } from './files/report-folder.ts';
import { type Packaging, PackagingFailed, packageStack } from './packaged/packaging.ts';
import { intoOption, packages, readTemplateFile, shownAs, templateIn } from './packaged/template.ts';
import type { Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';

type Options = {
  readonly region?: string;
  readonly stage: string;
  readonly param: readonly string[];
  readonly plan?: string;
  readonly into?: string;
};

/** Adds the verb. The first stack that cannot be packaged ends it, with 1 and with what the framework says. */
export function addPackage(program: Command, terminal: Terminal, end: (status: number) => void): void {
  program
    .command('package')
    .summary('packages the stack of each region of the plan, without network or credentials')
    .option('--region <region>', 'package this region only')
    .addOption(stageOption())
    .option('--plan <file>', 'another plan than plan.yml')
    .addOption(paramOption('a value of the stacks'))
    .addOption(intoOption())
    .action(async ({ region, stage, param, plan, into = packages }: Options) => {
      const params = plan === undefined ? param : [...param, `plan=${plan}`];
      const judged = judgeNamed(params);
      const places = regionsOf(judged, region);
      for (const place of places.keys()) await checkValues(judged, { region: place, stage, params });
      makeFolder('--into', into);
      try {
        const rows: string[][] = [];
        for (const [place, role] of places) {
          terminal.out(`packaging ${place} (${role})\n`);
          rows.push([place, role, ...(await packageInto(join(into, place), { region: place, stage, params }))]);
        }
        if (region === undefined && into === packages) forgetOthers(places);
        printTable([['region', 'for', `of ${most.resources} resources`, 'folder'], ...rows], terminal);
      } catch (error) {
        if (!(error instanceof PackagingFailed)) throw error;
        terminal.err(`${error.message}\n`);
        end(1);
      }
    });
}

/** Each value of an option that may be given several times. */
const collect = (one: string, all: readonly string[]): string[] => [...all, one];

/** `--param`, which may be given several times. */
export function paramOption(what: string): Option {
  return new Option('--param <name=value>', what).argParser(collect).default([], 'none');
}

/** What is wrong with the plan that the values name. @throws WrongInput where there is none. */
export function judgeNamed(params: readonly string[]): Judged {
  try {
    return readPlan(planFileOf({ param: params }));
  } catch (error) {
    throw asWrongInput(error);
  }
}

/** The regions to package, with what each is there for. @throws WrongInput */
function regionsOf({ plan, lines }: Judged, only: string | undefined): ReadonlyMap<string, string> {
  const places = placesOf(plan ?? usable(plan, lines));
  if (only === undefined) return places;
  const role = places.get(only);
  if (role === undefined) throw new WrongInput(`--region: is ${only}, expected ${oneOf([...places.keys()], only)}`);
  return new Map([[only, role]]);
}

/** What the framework would say of the values, without its words around it, and before a minute has passed. @throws WrongInput */
export async function checkValues(judged: Judged, { region, stage, params = [] }: Packaging): Promise<void> {
  const pairs = params.map((one) => one.split(/=(.*)/s, 2));
  const broken = pairs.find(([, value]) => value === undefined);
  if (broken !== undefined) throw new WrongInput(`--param: is ${broken[0]}, expected <name>=<value>`);
  const values = { ...stageParams(stage), ...Object.fromEntries(pairs) };
  const named = pairs.map(([name = '']) => name);
  try {
    await planToPackage(judged, { region, stage, named, given: async (name) => values[name] ?? null });
  } catch (error) {
    throw asWrongInput(error);
  }
}

/** What contradicts is what a person wrote. */
function asWrongInput(error: unknown): unknown {
  if (!(error instanceof Contradiction)) return error;
  const [first = error.message, ...others] = error.lines;
  return new WrongInput(first, ...others);
}

/** What serverless.yml gives a stage that the command does not. */
export function stageParams(stage: string): Readonly<Record<string, unknown>> {
  const text = readFileSync(join(import.meta.dirname, '..', 'serverless.yml'), 'utf8');
  const { params } = parse(text) as { readonly params: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  return { ...params['default'], ...params[stage] };
}

/** Gives the number of resources, and how the folder is called. */
async function packageInto(folder: string, packaging: Packaging): Promise<string[]> {
  const made = await packageStack(packaging);
  rmSync(folder, { recursive: true, force: true });
  cpSync(made, folder, { recursive: true });
  const { template } = readTemplateFile(templateIn(folder));
  return [String(Object.keys(template.Resources).length), shownAs(folder)];
}

/** Regions that an earlier plan had. */
function forgetOthers(places: ReadonlyMap<string, string>): void {
  for (const other of readdirSync(packages).filter((name) => !places.has(name)))
    rmSync(join(packages, other), { recursive: true });
}

function printTable(rows: readonly (readonly string[])[], { out }: Terminal): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? [];
  for (const row of rows)
    out(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
}
