// What each function needs of AWS, read from the bundle that is deployed: the SDK's commands that are in it, requests that
// are signed by hand, and the methods of the store that it calls. The bundle's source map says what comes from where.
import { SourceMap, type SourceMapPayload } from 'node:module';
import type { Archive } from '../../cli/packaged/archives.ts';
import { actionsOf } from '../../simulator/iam/calls.ts';
import { storeNeeds, type TableNeed } from './store-needs.ts';

export type Needs = { readonly actions: readonly string[]; readonly table: readonly TableNeed[] };

const controlPlanes = /^functions\/aws\/looking\/control-planes\.ts$/;

/** The store stands for its own commands: every function holds all of it, and calls a few of its methods. */
const storeModule = /^functions\/aws\/store\/\w+\.ts$/;

export async function needsOf(archives: readonly Archive[]): Promise<ReadonlyMap<string, Needs>> {
  const methods = await storeNeeds();
  return new Map(archives.map((archive) => [archive.name, needs(archive, methods)]));
}

function needs(archive: Archive, methods: ReadonlyMap<string, readonly TableNeed[]>): Needs {
  const { modules, found } = readBundle(archive);
  const called = [...methods.keys()].filter((method) =>
    found(new RegExp(`\\.(${method})\\(`, 'g'), /^functions\//).some(({ file }) => !storeModule.test(file)),
  );
  const signed = [
    ...found(/service:"([\w-]+)",operation:"(\w+)"|\("([\w-]+)","(\w+)","\d{4}-\d\d-\d\d"/g, controlPlanes).map(
      ({ groups: [service = '', operation = '', form = service, its = operation] }) => [form, its] as const,
    ),
    ...found(
      /service:"([\w-]+)",operation:"(\w+)"/g,
      /^functions\/aws\/(looking\/(changes|lookups)|workloads\/switches)\.ts$/,
    ).map(({ groups: [service = '', operation = ''] }) => [service, operation] as const),
    ...found(/\.send\(\{operation:"(\w+)"/g, /^functions\/aws\/traffic\/zonal-shift\.ts$/).map(
      ({ groups: [operation = ''] }) => ['arc-zonal-shift', operation] as const,
    ),
    ...found(/\.send\(\{operation:"(\w+)"/g, /^functions\/aws\/experiments\.ts$/).map(
      ({ groups: [operation = ''] }) => ['fis', operation] as const,
    ),
  ];
  const actions = [...modules.flatMap(commandIn), ...signed].flatMap(([service, operation]) =>
    actionsOf(service, operation),
  );
  return { actions: [...new Set(actions)], table: called.flatMap((method) => methods.get(method) ?? []) };
}

/** The command that a module of the SDK is, with its client. Those of the table are the store's. */
function commandIn(file: string): (readonly [service: string, operation: string])[] {
  const [, client = '', command = ''] =
    /^node_modules\/@aws-sdk\/client-([a-z0-9-]+)\/dist-es\/commands\/(\w+)Command\.js$/.exec(file) ?? [];
  // The client of S3 opens sessions by itself, for directory buckets alone.
  if (command === '' || client === 'dynamodb' || command === 'CreateSession') return [];
  return [[client, command]];
}

type Found = { readonly file: string; readonly groups: readonly string[] };

/** The modules that a bundle is made of, and a search in the code that comes from some of them; dead code is gone. */
function readBundle({ files, bundle }: Archive): {
  readonly modules: readonly string[];
  readonly found: (pattern: RegExp, file: RegExp) => Found[];
} {
  const text = (path: string) => new TextDecoder().decode(files[path]);
  const payload = JSON.parse(text(`${bundle}.map`)) as SourceMapPayload;
  const map = new SourceMap(payload);
  const lines = text(bundle).split('\n');
  return {
    modules: payload.sources.map(named),
    found: (pattern, file) =>
      lines.flatMap((line, index) =>
        [...line.matchAll(pattern)].flatMap((match) => {
          const entry = map.findEntry(index, match.index);
          const from = 'originalSource' in entry ? named(entry.originalSource) : '';
          return file.test(from) ? [{ file: from, groups: [...match].slice(1) }] : [];
        }),
      ),
  };
}

/** A source as the project calls it: the map has it from where the bundle was built. */
function named(source: string): string {
  return source.replace(/^(\.\.\/)+/, '');
}
