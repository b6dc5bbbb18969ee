// What each function needs of AWS, read from its bundle without dead code: SDK commands, requests that are signed by hand,
// and the methods of the store that it calls.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { actionsOf } from '../../simulator/iam/calls.ts';
import { storeNeeds, type TableNeed } from './store-needs.ts';

export type Needs = { readonly actions: readonly string[]; readonly table: readonly TableNeed[] };

const root = join(import.meta.dirname, '..', '..');

/** The store stands for its own commands: every function holds all of it, and calls a few of its methods. */
const storeModule = /^functions\/aws\/store(-\w+)?\.ts$/;

export async function needsOf(functions: readonly string[]): Promise<ReadonlyMap<string, Needs>> {
  const methods = await storeNeeds();
  const bundles = await Promise.all(
    functions.map(async (name) => [name, needs(await modulesOf(name), methods)] as const),
  );
  return new Map(bundles);
}

type Module = { readonly file: string; readonly code: string };

/** The modules of a function as esbuild leaves them: what no path of the function reaches is gone. */
async function modulesOf(name: string): Promise<Module[]> {
  const { outputFiles } = await build({
    entryPoints: [join(root, `functions/${name}.ts`)],
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    treeShaking: true,
    write: false,
  });
  const parts = (outputFiles[0]?.text ?? '').split(/^\/\/ (functions\/\S+\.ts)$/m).slice(1);
  return parts.flatMap((file, index) => (index % 2 === 0 ? [{ file, code: parts[index + 1] ?? '' }] : []));
}

function needs(modules: readonly Module[], methods: ReadonlyMap<string, readonly TableNeed[]>): Needs {
  const outside = modules.filter(({ file }) => !storeModule.test(file));
  const actions = outside.flatMap((module) => [...commandsIn(module), ...signedIn(module)]);
  const called = outside.flatMap(({ code }) =>
    [...code.matchAll(/\bstore\d*\.(\w+)\(/g)].map(([, method = '']) => method),
  );
  const table = [...new Set(called)].flatMap(
    (method) => methods.get(method) ?? [{ action: 'dynamodb:?', key: method }],
  );
  return { actions: [...new Set(actions)], table };
}

/** What IAM asks for the commands that are made in a module, with the client that the module's source imports them from. */
function commandsIn({ file, code }: Module): string[] {
  const source = readFileSync(join(root, file), 'utf8');
  const clients = new Map(
    [...source.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([a-z0-9-]+)'/g)].flatMap(
      ([, names = '', client = '']) =>
        [...names.matchAll(/\w+Command\b/g)].map(([command]) => [command, client] as const),
    ),
  );
  return [...code.matchAll(/new (\w+)Command\(/g)].flatMap(([, command = '']) =>
    actionsOf(clients.get(`${command}Command`) ?? `no client of ${file}`, command),
  );
}

/** Requests signed by hand name their operation; the service is that of the file, or the key that it stands under. */
function signedIn({ file, code }: Module): string[] {
  if (file === 'functions/aws/control-planes.ts') {
    return [...code.matchAll(/^ {2}(\w+): .*?operation: "(\w+)"/gms)].flatMap(([, service = '', operation = '']) =>
      actionsOf(service === 'elb' ? 'elastic-load-balancing-v2' : service, operation),
    );
  }
  if (file !== 'functions/aws/zonal-shift.ts') return [];
  return [...code.matchAll(/\.send\(\{ operation: "(\w+)"/g)].flatMap(([, operation = '']) =>
    actionsOf('arc-zonal-shift', operation),
  );
}
