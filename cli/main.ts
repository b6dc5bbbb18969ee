// The entry of the command line: `node cli/main.ts <verb>`, or `npm run <verb> --`.
import { breakwater } from './breakwater.ts';
import { processTerminal } from './terminal.ts';

process.exitCode = await breakwater(process.argv.slice(2), processTerminal());
