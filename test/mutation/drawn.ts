// What is mutated: the functions of the domain and of the kinds' moves, some of them drawn by chance.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../../simulator/estate/chance/random.ts';

const root = join(import.meta.dirname, '..', '..');

/** A function or a constant of a module with its lines, counted from 1. */
export type Part = { readonly file: string; readonly from: number; readonly to: number };

/** Every part of the domain and of the kinds' moves, or of the files that are named. */
export function allParts(files?: readonly string[]): Part[] {
  const wanted =
    files ?? globSync(['functions/domain/**/*.ts', 'functions/kinds/*/moves.ts'], { cwd: root }).toSorted();
  return wanted.flatMap((file) => partsOf(file, readFileSync(join(root, file), 'utf8')));
}

/** Declarations begin at the left edge, as the formatter writes them; each ends before the next one. */
export function partsOf(file: string, text: string): Part[] {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, index) => (/^[a-z]/.test(line) ? [index] : []));
  return starts.flatMap((start, place) => {
    if (!/^(export )?(async )?(function|const|class) /.test(lines[start] ?? '')) return [];
    return [{ file, from: start + 1, to: starts[place + 1] ?? lines.length }];
  });
}

/** So many of the parts, each as likely as the others; the same ones for a seed. */
export function drawn(parts: readonly Part[], count: number, seed: number): Part[] {
  const random = createRandom(seed);
  return parts
    .map((part) => ({ part, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .slice(0, count)
    .map(({ part }) => part);
}
