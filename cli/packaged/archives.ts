// Reads the zips of a folder that packaging made: what a deployment uploads for each function, and with what it runs.
import { existsSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, join, normalize } from 'node:path';
import { unzipSync } from 'fflate';
import { isRecord, ofType } from '../../check/template.ts';
import { WrongInput } from '../screen/wrong-input.ts';
import { readTemplateFile, templateIn } from './template.ts';

export type Archive = {
  /** Of the function, such as classify. */
  readonly name: string;
  readonly zipBytes: number;
  /** What is in it, by path. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** The path of the one file that Lambda loads. */
  readonly bundle: string;
  /** Variables that its Lambda is given, as far as they are known before a deployment. */
  readonly environment: Readonly<Record<string, string>>;
};

/** One for each function of the stack, none where the stack has no function. @throws WrongInput where one is missing or bad. */
export function readArchives(folder: string): Archive[] {
  const { template } = readTemplateFile(templateIn(folder));
  return ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) => {
    const { Code, Environment } = Properties as { Code?: { S3Key?: unknown }; Environment?: { Variables?: unknown } };
    const zip = join(folder, basename(String(Code?.S3Key)));
    return readArchive(zip, isRecord(Environment?.Variables) ? Environment.Variables : {});
  });
}

function readArchive(zip: string, variables: Readonly<Record<string, unknown>>): Archive {
  const name = basename(zip, '.zip');
  if (!existsSync(zip)) throw new WrongInput(`${zip}: there is no such file, expected the packaged function ${name}`);
  const bytes = readFileSync(zip);
  const files = unzip(bytes);
  const [bundle, ...others] = Object.keys(files ?? {}).filter((path) => path.endsWith('.mjs'));
  if (files === null || bundle === undefined || others.length > 0)
    throw new WrongInput(`${zip}: is no packaged function, expected a zip with one file .mjs`);
  const outside = Object.keys(files).find((path) => isAbsolute(path) || normalize(path).startsWith('..'));
  if (outside !== undefined)
    throw new WrongInput(`${zip}: holds ${outside}, which lies outside of it, expected what npm run package makes`);
  const known = Object.entries(variables).filter((one): one is [string, string] => typeof one[1] === 'string');
  return { name, zipBytes: bytes.length, files, bundle, environment: Object.fromEntries(known) };
}

function unzip(bytes: Uint8Array): Record<string, Uint8Array> | null {
  try {
    return unzipSync(bytes);
  } catch {
    return null;
  }
}
