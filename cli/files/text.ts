// Reads a file that a person named, so that a wrong name is one line and not a stack trace.
import { readFileSync, statSync } from 'node:fs';
import { WrongInput } from '../screen/wrong-input.ts';

/** The text of a file. `expected` ends the sentence of what was expected. @throws WrongInput */
export function readText(file: string, expected: string): string {
  checkReadable(file, expected);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, expected, error);
  }
}

/** @throws WrongInput where there is no such file, or where it is a folder. */
export function checkReadable(file: string, expected: string): void {
  let folder: boolean;
  try {
    folder = statSync(file).isDirectory();
  } catch (error) {
    throw unreadable(file, expected, error);
  }
  if (folder) throw new WrongInput(`${file}: is a folder, expected ${expected}`);
}

function unreadable(file: string, expected: string, error: unknown): WrongInput {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = { ENOENT: 'there is no such file', ENOTDIR: 'there is no such file', EACCES: 'may not be read' }[code];
  return new WrongInput(`${file || '""'}: ${why ?? `cannot be read (${code})`}, expected ${expected}`);
}
