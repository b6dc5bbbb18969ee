// The stack as it would be deployed, packaged without network or credentials.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Resource = {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
};
export type Resources = Readonly<Record<string, Resource>>;
export type Template = {
  readonly Resources: Resources;
  readonly Outputs: Readonly<Record<string, { Value: unknown }>>;
};

const root = join(import.meta.dirname, '..', '..');
const prefix = 'breakwater-rehearsal';

type Options = {
  readonly stage?: string;
  readonly parameters?: readonly string[];
  /** Text of another plan.yml. */
  readonly plan?: string;
  /** Without code the functions are empty: the template is the same, and there is next to nothing to bundle. */
  readonly code?: boolean;
};

/**
 * The template of a region as it would be deployed, without network or credentials, with its archives in a folder. The
 * service is copied to a place of its own: packaging uses fixed folders beside serverless.yml, and tests run side by side.
 * Throws with what the command printed.
 */
export function packageTemplate(
  region: string,
  output: string,
  { stage = 'rehearsal', parameters = [], plan, code = true }: Options = {},
): Template {
  const service = mkdtempSync(join(tmpdir(), 'breakwater-service-'));
  try {
    for (const name of ['serverless.yml', 'package.json', 'plan.yml'])
      copyFileSync(join(root, name), join(service, name));
    for (const name of ['functions', 'infrastructure', 'statemachines'])
      cpSync(join(root, name), join(service, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(service, 'node_modules'));
    if (!code) emptyFunctions(join(service, 'functions'));
    if (plan !== undefined) writeFileSync(join(service, 'plan.yml'), plan);
    const nowhere = 'http://127.0.0.1:9'; // a proxy that nothing answers: whatever asks the network fails
    const options = ['--stage', stage, '--region', region, '--package', output];
    const { status, stdout, stderr } = spawnSync(
      join(root, 'node_modules/.bin/serverless'),
      ['package', ...options, ...parameters.flatMap((one) => ['--param', one])],
      {
        cwd: service,
        env: { PATH: process.env['PATH'], HOME: service, CI: 'true', HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere },
        encoding: 'utf8',
        timeout: 150_000,
      },
    );
    if (status !== 0) throw new Error(`${stdout}${stderr}`);
    return JSON.parse(readFileSync(join(output, 'cloudformation-template-update-stack.json'), 'utf8')) as Template;
  } finally {
    rmSync(service, { recursive: true, force: true });
  }
}

function emptyFunctions(folder: string): void {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.ts')))
    writeFileSync(join(folder, name), 'export const handler = async (): Promise<void> => {};\n');
}

/** The template of a region, where nothing but the template is of interest. */
export function templateOf(region: string, options: Omit<Options, 'code'> = {}): Template {
  const output = mkdtempSync(join(tmpdir(), 'breakwater-package-'));
  try {
    return packageTemplate(region, output, { ...options, code: false });
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

/** The role that a function or a state machine of the template runs with. */
export function roleOf(name: string, resources: Resources): string {
  const found = Object.values(resources).find(
    ({ Type, Properties }) =>
      (Type === 'AWS::Lambda::Function' && Properties['FunctionName'] === `${prefix}-${name}`) ||
      (Type === 'AWS::StepFunctions::StateMachine' && Properties['StateMachineName'] === `${prefix}-${name}`),
  );
  const arn = found?.Properties['Role'] ?? found?.Properties['RoleArn'];
  return isAttribute(arn) ? arn['Fn::GetAtt'][0] : '';
}

type Attribute = { readonly 'Fn::GetAtt': readonly [string, string] };

function isAttribute(value: unknown): value is Attribute {
  return typeof value === 'object' && value !== null && 'Fn::GetAtt' in value;
}
