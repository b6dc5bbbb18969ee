// The twin with faults put back into the product: the code of the project is loaded once more, with each function that a fault is about
// behind a switch. Nothing of it is in the product, and what is loaded elsewhere stays as it is.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DrillOptions } from '../../../simulator/drill/drill.ts';
import type { DrillRun } from '../../../simulator/drill/result.ts';
import type { play } from '../../judgement/expectations.ts';

/** A function that does it wrong. `real`: the one of the product, which it may call. */
type Wrong = (...given: never[]) => unknown;

/** One function of the product and what stands in its place. */
export type PutBack = {
  /** Its file, from the root of the project. */
  readonly file: string;
  readonly name: string;
  readonly wrong: Wrong;
};

export type Twin = {
  /** Runs a drill with faults. @throws Error where the drill never came to one of them: then it shows nothing. */
  drill(options: DrillOptions, faults: readonly PutBack[]): Promise<DrillRun>;
  /** What labelled events come to with faults, as `play` of test/judgement/expectations.ts tells. @throws as above. */
  play: (faults: readonly PutBack[], ...given: Parameters<typeof play>) => ReturnType<typeof play>;
  close(): void;
};

/** Puts a function in the place of one of the product. `Real`: that one, so that what it is given and gives is checked. */
export function put<Real extends (...given: never[]) => unknown>(
  place: `${string}.ts ${string}`,
  wrong: (real: Real, ...given: Parameters<Real>) => ReturnType<Real>,
): PutBack {
  const [file = '', name = ''] = place.split(' ');
  return { file, name, wrong: wrong as Wrong };
}

type Plain = (...given: unknown[]) => unknown;

const root = join(import.meta.dirname, '..', '..', '..');
const urlOf = (file: string): string => pathToFileURL(join(root, file)).href;
let twins = 0;

/** Loads the project with a switch at each place where one of these faults can be put back. @throws Error where the project has no such function */
export async function twinWith(all: readonly PutBack[]): Promise<Twin> {
  twins += 1;
  const mark = `?put-back-${twins}`;
  const files = Map.groupBy(all, ({ file }) => file);
  const sources = new Map([...files].map(([file, here]) => [`${urlOf(file)}${mark}`, withSwitches(file, here, mark)]));
  let current: readonly PutBack[] = [];
  const met = new Set<PutBack>();
  const switched = (file: string, name: string, real: Plain, given: readonly unknown[]): unknown => {
    const fault = current.find((one) => one.file === file && one.name === name);
    if (fault === undefined) return real(...given);
    met.add(fault);
    return (fault.wrong as Plain)(real, ...given);
  };
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      const isOurs = found.url.startsWith(urlOf('')) && !found.url.includes('/node_modules/');
      return isOurs && context.parentURL?.endsWith(mark) === true ? { ...found, url: `${found.url}${mark}` } : found;
    },
    load(url, context, next) {
      const source = sources.get(url);
      return source === undefined ? next(url, context) : { format: 'module-typescript', source, shortCircuit: true };
    },
  });
  Object.assign(globalThis, { [mark]: switched });
  const load = (file: string) => import(`${urlOf(file)}${mark}`);
  const { runDrill } = await load('simulator/drill/drill.ts');
  const { play: replay } = await load('test/judgement/expectations.ts');
  const withFaults = async <Result>(faults: readonly PutBack[], run: () => Promise<Result>): Promise<Result> => {
    current = faults;
    met.clear();
    const result = await run().finally(() => {
      current = [];
    });
    const missed = faults.filter((one) => !met.has(one));
    if (missed.length > 0) throw new Error(`never called: ${missed.map(({ file, name }) => `${file} ${name}`)}`);
    return result;
  };
  return {
    drill: (options, faults) => withFaults(faults, () => runDrill(options)),
    play: (faults, ...given) => withFaults(faults, () => replay(...given)),
    close() {
      hooks.deregister();
      Reflect.deleteProperty(globalThis, mark);
    },
  };
}

/** The text of a file in which each of these functions is asked for through the switch, within the file too. */
function withSwitches(file: string, faults: readonly PutBack[], mark: string): string {
  let source = readFileSync(join(root, file), 'utf8');
  for (const name of new Set(faults.map((one) => one.name))) {
    const declared = new RegExp(`^(export )?(async )?function ${name}(?=[<(])`, 'm');
    const found = declared.exec(source);
    if (found === null) throw new Error(`${file} has no function ${name}`);
    source = source.replace(declared, `$2function ${name}OfTheProduct`);
    source += `\n${found[1] ?? ''}function ${name}(...given) { return globalThis['${mark}']('${file}', '${name}', ${name}OfTheProduct, given); }`;
  }
  return source;
}
