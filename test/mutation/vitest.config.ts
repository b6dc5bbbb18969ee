// How mutants are tried: by the tests of the domain and of the kinds alone, in one process that keeps what it has loaded.
import { defineConfig } from 'vitest/config';
import suite from '../../vitest.config.ts';

// A thread takes no options of the process.
const { projects: _projects, execArgv: _execArgv, ...test } = suite.test ?? {};

export default defineConfig({
  test: {
    ...test,
    include: [
      'test/{functions,check}/**/*.test.ts',
      'test/judgement/{further,other,zone}-incidents.test.ts',
      'test/page/approval-page.test.ts',
    ],
    // They start servers, the command line or a copy of the project, which takes longer than all other tests of a mutant.
    exclude: [
      'test/functions/{load.test.ts,aws/**}',
      'test/functions/data/{keep-ledger,only-old}.test.ts',
      'test/functions/kinds/rds-instance/{replication.test.ts,sql/usable.test.ts}',
      'test/check/{refusals,one-line}.test.ts',
    ],
    isolate: false,
  },
});
