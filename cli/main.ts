// The entry of the command line: `node cli/main.ts <verb>`, or `npm run <verb> --`. What it loads is compiled once and kept
// under node_modules, so that the next command begins twice as fast.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compiled'));
const [{ breakwater }, { processTerminal }] = await Promise.all([
  import('./breakwater.ts'),
  import('./screen/terminal.ts'),
]);
process.exitCode = await breakwater(process.argv.slice(2), processTerminal());
