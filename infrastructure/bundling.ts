// What a bundle holds in the place of larger packages: an esbuild plugin that serverless.yml names and `npm run size` uses.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');

/** Of whose bundles the limits of `npm run size` cannot be met with the SDK's own clients. */
const small = /(?:^|\/)functions\/(?:classify|check-readiness)\.ts$/;

/** Packages and what takes their place. An import that the small one lacks fails the bundling, not the Lambda. */
export const replaced: Readonly<Record<string, string>> = {
  '@aws-sdk/client-dynamodb': 'functions/aws/slim-dynamodb.ts',
  '@aws-sdk/lib-dynamodb': 'functions/aws/slim-dynamodb.ts',
  '@aws-sdk/client-s3': 'functions/aws/slim-s3.ts',
  '@aws-sdk/client-sqs': 'functions/aws/slim-sqs.ts',
  '@aws-sdk/client-sfn': 'functions/aws/slim-sfn.ts',
  '@aws-sdk/client-sns': 'functions/aws/slim-sns.ts',
  '@aws-sdk/client-ssm': 'functions/aws/slim-ssm.ts',
};

/** Profiles, single sign-on and instance roles: a Lambda has its credentials in the environment. */
const credentials = { '@aws-sdk/credential-provider-node': 'functions/aws/slim-environment.ts' };

const smaller: Plugin = {
  name: 'smaller',
  setup(build) {
    const { entryPoints } = build.initialOptions;
    const entries = Array.isArray(entryPoints) ? entryPoints.map(String) : [];
    const used: Record<string, string> =
      entries.length === 1 && small.test(entries[0] ?? '') ? { ...replaced, ...credentials } : credentials;
    const packages = new RegExp(`^(${Object.keys(used).join('|')})$`);
    build.onResolve({ filter: packages }, ({ path }) => ({ path: join(root, used[path] ?? path) }));
    // The plan as it is now: parsed once, here, and not at each cold start.
    build.onLoad({ filter: /functions\/shared\/plan-file\.ts$/ }, () => {
      const file = join(root, 'plan.yml');
      const plan = JSON.stringify(JSON.stringify(parse(readFileSync(file, 'utf8'))));
      return { contents: `export const readPlan = () => JSON.parse(${plan});`, loader: 'js', watchFiles: [file] };
    });
  },
};

export default [smaller];
