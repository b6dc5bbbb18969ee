// How mutants are tried: by the tests of the domain and of the kinds alone, in one process that keeps what it has loaded.
import { defineConfig } from 'vitest/config';
import suite from '../../vitest.config.ts';

// A thread takes no options of the process.
const { projects: _projects, execArgv: _execArgv, ...test } = suite.test ?? {};

export default defineConfig({
  test: {
    ...test,
    include: ['test/functions/{domain,kinds}/**/*.test.ts'],
    exclude: [
      // They start a server, which takes longer than all other tests of a mutant.
      'test/functions/kinds/rds-instance/{replication.test.ts,sql/usable.test.ts}',
      // It loads modules within a test: what these make when they are loaded would count as tried.
      'test/functions/kinds/verbs.test.ts',
    ],
    isolate: false,
  },
});
