// What a person gave the command line and it cannot use; becomes exit status 2 and nothing else is done.

/** Each line says what is wrong, where, and what was expected. A single thing that is wrong is a single line. */
export class WrongInput extends Error {
  override readonly name = 'WrongInput';
  readonly lines: readonly string[];
  constructor(...lines: readonly [string, ...string[]]) {
    super(lines[0]);
    this.lines = lines;
  }
}

/** Reads an option that is a whole number from 1. @throws WrongInput */
export function readCount(option: string): (text: string) => number {
  return (text) => {
    const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (count > 0) return count;
    throw new WrongInput(`${option}: is ${JSON.stringify(text)}, expected a whole number from 1`);
  };
}
