// How tests run: everything under test/, with credentials that open no account.
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What sets the environment, serves a table, a page or a database, or says which authorities are trusted: a process for each file. */
const apart = [
  'test/{permissions/people,packaging/packaging,functions/kinds/rds-instance/replication}.test.ts',
  'test/page/**/*.test.ts',
  'test/cli/deployed/*.test.ts',
  'test/simulator/kinds/sql.test.ts',
  'test/functions/kinds/rds-instance/sql/usable.test.ts',
  'test/functions/aws/sql/*.test.ts',
  'test/cli/{deploy,start}.test.ts',
  'test/functions/{load,signals/poison,flows/traffic,aws/calls/endpoint,aws/store/store,shared/shell}.test.ts',
];

/** Against an AWS that nobody here wrote, where one is installed: `npm run test:aws`, a part of its own in the gate. */
const elsewhere = ['test/aws/**/*.test.ts'];

/** The longest begin first, so that none of them is left alone with one core; those that share a process follow one another. */
const longest = [
  'test/page/browser.test.ts',
  'test/cli/deployed/freeze.test.ts',
  'test/simulator/playing/scenarios.test.ts',
  'test/judgement/incidents.test.ts',
  'test/simulator/put-back/put-back.test.ts',
  'test/simulator/faults/failing-steps.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const place = longest.findIndex((file) => moduleId.endsWith(file));
      if (place >= 0) return place;
      return longest.length + (project.name === 'together' ? 0 : 1);
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    testTimeout: 120_000,
    expect: { requireAssertions: true }, // a test whose loop runs over nothing has shown nothing
    setupFiles: ['test/setup.ts'],
    experimental: { viteModuleRunner: false, nodeLoader: false },
    maxWorkers: '100%', // the suite is bound by the processor
    execArgv: ['--max-semi-space-size=32'], // much is made and little kept: collected less often
    sequence: { sequencer: LongestFirst },
    env: {
      // What each process loads is compiled once for all.
      NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled'),
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '',
    },
    projects: [
      {
        extends: true,
        test: { name: 'together', include: ['test/**/*.test.ts'], exclude: [...apart, ...elsewhere], isolate: false },
      },
      { extends: true, test: { name: 'apart', include: apart } },
      { extends: true, test: { name: 'aws', include: elsewhere } },
    ],
  },
});
