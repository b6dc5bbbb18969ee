// Reads the CloudFormation template that packaging made, for the verbs that judge or price what is deployed.
import { join } from 'node:path';
import { readTemplate, type Template } from '../functions/domain/template.ts';
import { readText } from './input-file.ts';
import { WrongInput } from './wrong-input.ts';

const shown = '.serverless/cloudformation-template-update-stack.json';

/** Where `npm run package` puts it, and how that is called in messages. */
export const packagedTemplate = { file: join(import.meta.dirname, '..', shown), shown };

/** @throws WrongInput in one line where there is no such file, or where it is no template. */
export function readTemplateFile(file: string): Template {
  const expected = 'the template that npm run package makes';
  const text = readText(file, expected);
  const template = readTemplate(parse(text));
  if (template === null) throw new WrongInput(`${file}: is no CloudFormation template, expected ${expected}`);
  return template;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
