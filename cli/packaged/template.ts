// Reads the CloudFormation templates that packaging made, for the verbs that judge or price what is deployed.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Option } from 'commander';
import { isRecord, readTemplate, type Template } from '../../check/template.ts';
import { readText } from '../files/text.ts';
import { WrongInput } from '../screen/wrong-input.ts';

const root = join(import.meta.dirname, '../..');

/** Where `npm run package` puts a folder for each region. */
export const packages = join(root, '.packaged');

/** Where each region has its folder: of what packages, and of what looks at what was packaged. */
export function intoOption(): Option {
  return new Option('--into <folder>', 'where each region has its folder, instead of .packaged');
}

/** The template in a folder that packaging made. */
export function templateIn(folder: string): string {
  return join(folder, 'cloudformation-template-update-stack.json');
}

/** How a file is called in messages: those of the project from there. */
export function shownAs(file: string): string {
  const path = relative(root, file);
  return path.startsWith('..') ? file : path;
}

/**
 * The folders of the last packaging: of each region, or the one that `npx serverless package` and `deploy` have, where that is
 * newer. None where nothing was packaged.
 */
export function lastPackaging(project: string = root): string[] {
  const all = join(project, '.packaged');
  const regions = existsSync(all) ? readdirSync(all).map((region) => join(all, region)) : [];
  const ours = regions.filter((folder) => existsSync(templateIn(folder)));
  const framework = join(project, '.serverless');
  const madeAt = (folder: string) => statSync(templateIn(folder)).mtimeMs;
  const newer = existsSync(templateIn(framework)) && ours.every((folder) => madeAt(folder) < madeAt(framework));
  return newer ? [framework] : ours;
}

/** The folders of the regions that were packaged into a folder. @throws WrongInput where there are none. */
export function packagedInto(into: string): string[] {
  const regions = existsSync(into) ? readdirSync(into).map((region) => join(resolve(into), region)) : [];
  const folders = regions.filter((folder) => existsSync(templateIn(folder)));
  if (folders.length > 0) return folders;
  throw new WrongInput(`--into: ${into} has no packaged stacks, expected the folder of npm run package -- --into`);
}

/** The template of a region in the last packaging, or in the folder that a person names; where it should be, if there is none. */
export function packagedTemplate(region: string, into?: string): string {
  if (into !== undefined) {
    packagedInto(into);
    return templateIn(join(resolve(into), region));
  }
  const [only, ...others] = lastPackaging();
  return templateIn(only !== undefined && others.length === 0 ? only : join(packages, region));
}

/** A template, and what it was packaged for; null where the packaging has not left its state beside it. */
export type PackagedTemplate = {
  readonly template: Template;
  readonly region: string | null;
  /** The application of its plan. */
  readonly application: string | null;
};

/** @throws WrongInput in one line where there is no such file, or where it is no template. */
export function readTemplateFile(file: string): PackagedTemplate {
  const expected = 'the template that npm run package makes';
  const text = readText(file, expected);
  const template = readTemplate(parse(text));
  if (template === null) throw new WrongInput(`${file}: is no CloudFormation template, expected ${expected}`);
  return { template, ...packagedFor(join(dirname(file), 'serverless-state.json')) };
}

function packagedFor(state: string): Omit<PackagedTemplate, 'template'> {
  const raw = existsSync(state) ? parse(readFileSync(state, 'utf8')) : null;
  const service = isRecord(raw) ? raw['service'] : null;
  const provider = isRecord(service) ? service['provider'] : null;
  const { region, stackTags } = isRecord(provider) ? provider : {};
  const application = isRecord(stackTags) ? stackTags['protects'] : null;
  return {
    region: typeof region === 'string' ? region : null,
    application: typeof application === 'string' ? application : null,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
