// Where a verb writes to: the process's own streams, or what a test puts in their place.
import { env } from 'node:process';
import { createInterface } from 'node:readline';
import pc from 'picocolors';
import { wrap } from './layout.ts';

export type Terminal = {
  /** Writes text as it is; a line ends with its own line feed. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether colours and redrawn lines are wanted: on a screen, unless NO_COLOR is set. */
  readonly rich: boolean;
  readonly columns: number;
  /** Asks a person, and gives what was typed; null where nobody can type. Nobody is asked where this is missing. */
  readonly ask?: (question: string) => Promise<string | null>;
  /** Whether a person types the answers, and may be asked again; what comes from a file has one answer for each question. */
  readonly isTyped?: boolean;
  /** Whether an unexpected error shows its stack. */
  readonly debug: boolean;
  /** The script of package.json by which npm started this; undefined where nobody says. */
  readonly script?: string | undefined;
};

export type Colors = ReturnType<typeof pc.createColors>;

/** Longer lines are hard to read, however wide the screen is; shorter ones are left to the screen to break. */
const mostColumns = 100;
const fewestColumns = 60;

/** The terminal of this process. A reader that goes away, such as `head`, ends the process quietly. */
export function processTerminal(): Terminal {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    ask: asker(),
    isTyped: process.stdin.isTTY === true,
    rich: process.stdout.isTTY === true && pc.isColorSupported,
    columns: Math.max(fewestColumns, Math.min(process.stdout.columns || mostColumns, mostColumns)), // 0: not known
    // biome-ignore lint/style/noProcessEnv: how a process is debugged is said from outside.
    debug: (env['DEBUG'] ?? '') !== '',
    // biome-ignore lint/style/noProcessEnv: npm says it in no other way; nothing else is read here.
    script: env['npm_lifecycle_event'],
  };
}

/** Lines of stdin, whether a person types them or a pipe has them; a question goes to stderr, since stdout may be JSON. */
function asker(): (question: string) => Promise<string | null> {
  let lines: AsyncIterator<string> | undefined;
  return async (question) => {
    if (process.stdin.isTTY) process.stderr.write(question); // nobody reads it where answers come from a file
    lines ??= createInterface({ input: process.stdin, terminal: false })[Symbol.asyncIterator]();
    process.stdin.ref?.();
    const { done, value } = await lines.next();
    process.stdin.unref?.(); // what is not read any more keeps no process alive
    return done === true ? null : value;
  };
}

/** Colours where they are wanted, and functions that change nothing elsewhere. */
export function colorsOf(terminal: Terminal): Colors {
  return pc.createColors(terminal.rich);
}

/** Writes a text in lines that fit, each `indent` columns in and those that go on two more. */
export function sayOn({ out, columns }: Terminal): (text: string, indent?: number) => void {
  return (text, indent = 0) => {
    for (const [index, line] of wrap(text, columns - indent - 2).entries())
      out(`${' '.repeat(index === 0 ? indent : indent + 2)}${line}\n`);
  };
}
