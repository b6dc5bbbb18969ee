// How mutants are tried: by the tests of the domain and of the kinds alone, in one process that keeps what it has loaded.
import { defineConfig } from 'vitest/config';
import suite from '../../vitest.config.ts';

// A thread takes no options of the process.
const { projects: _projects, execArgv: _execArgv, ...test } = suite.test ?? {};

export default defineConfig({
  test: {
    ...test,
    include: ['test/functions/{domain,kinds}/**/*.test.ts'],
    // They start a server, which takes longer than all other tests of a mutant.
    exclude: ['test/functions/kinds/rds-instance/{replication.test.ts,sql/usable.test.ts}'],
    isolate: false,
  },
});
