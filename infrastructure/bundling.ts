// How the functions are bundled, beyond the settings in serverless.yml: what serverless-esbuild takes as its plugins.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';
import { type Options, planFileOf, readRawPlan } from './plan-file.ts';

/** What is used of the framework: the command's options, and the functions of this region's stack. */
type Framework = {
  readonly processedInput: { readonly options: Options };
  readonly service: { readonly functions: Readonly<Record<string, { readonly handler: string }>> };
};

export default ({ processedInput, service }: Framework): Plugin[] => [
  withPlan(planFileOf(processedInput.options)),
  versionAlone,
  credentialsOfLambda,
  together(Object.values(service.functions).map(({ handler }) => handler.replace(/\.handler$/, '.ts'))),
];

/** The plan as it is now, parsed here: a parser of YAML would be a sixth of a bundle, and a quarter of its cold start. */
function withPlan(planFile: string): Plugin {
  return {
    name: 'with-plan',
    setup(build) {
      build.onLoad({ filter: /functions\/shared\/plan-file\.ts$/ }, () => {
        const plan = JSON.stringify(readRawPlan(planFile));
        return { contents: `export const readPlan = () => (${plan});`, loader: 'js' };
      });
    },
  };
}

/** Clients of the SDK read nothing of their package.json but the version: the rest would be 4 kB of each. */
const versionAlone: Plugin = {
  name: 'version-alone',
  setup(build) {
    build.onLoad({ filter: /node_modules\/@aws-sdk\/[^/]+\/package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/**
 * Lambda gives credentials in the environment, where the SDK looks first. The clients with which it would ask elsewhere (SSO, STS,
 * sign-in) are never reached, and would be 58 kB of each.
 */
const credentialsOfLambda: Plugin = {
  name: 'credentials-of-lambda',
  setup(build) {
    build.onLoad({ filter: /node_modules\/@aws-sdk\/nested-clients\/.*\.js$/ }, () => ({
      contents: 'module.exports = {};',
      loader: 'js',
    }));
  },
};

/**
 * All functions in the first of the builds, which are asked for one by one: it reads the modules that they share once,
 * which takes a quarter of the time. The others have nothing left to do.
 */
function together(files: readonly string[]): Plugin {
  let first = true;
  return {
    name: 'together',
    setup({ initialOptions }) {
      const [asked = ''] = initialOptions.entryPoints as string[];
      const folder = initialOptions.outdir?.slice(0, -dirname(asked).length) ?? '';
      Object.assign(initialOptions, { entryPoints: first ? files : [], outdir: folder, outbase: '.' });
      first = false;
    },
  };
}
