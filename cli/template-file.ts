// Reads the CloudFormation template that packaging made, for the verbs that judge or price what is deployed.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRecord, readTemplate, type Template } from '../functions/domain/template.ts';
import { readText } from './input-file.ts';
import { WrongInput } from './wrong-input.ts';

const shown = '.serverless/cloudformation-template-update-stack.json';

/** Where `npm run package` puts it, and how that is called in messages. */
export const packagedTemplate = { file: join(import.meta.dirname, '..', shown), shown };

/** A template, and the region that it was packaged for; null where the packaging has not left its state beside it. */
export type PackagedTemplate = { readonly template: Template; readonly region: string | null };

/** @throws WrongInput in one line where there is no such file, or where it is no template. */
export function readTemplateFile(file: string): PackagedTemplate {
  const expected = 'the template that npm run package makes';
  const text = readText(file, expected);
  const template = readTemplate(parse(text));
  if (template === null) throw new WrongInput(`${file}: is no CloudFormation template, expected ${expected}`);
  return { template, region: regionOf(join(dirname(file), 'serverless-state.json')) };
}

function regionOf(state: string): string | null {
  const raw = existsSync(state) ? parse(readFileSync(state, 'utf8')) : null;
  const service = isRecord(raw) ? raw['service'] : null;
  const provider = isRecord(service) ? service['provider'] : null;
  const region = isRecord(provider) ? provider['region'] : null;
  return typeof region === 'string' ? region : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
