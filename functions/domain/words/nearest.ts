// What a person may have meant by a word that there is not: the nearest of those that there are. Pure.

/**
 * The nearest of the words that exist, by the number of letters that are missing, strange, wrong or swapped; of two that are
 * equally near the one that begins alike, then the first. Null where there is none at all.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  const wanted = word.toLowerCase();
  const ranked = known.map((one) => {
    const candidate = one.toLowerCase();
    return { one, far: distance(wanted, candidate), alike: alikeFrom(wanted, candidate) };
  });
  return ranked.toSorted((a, b) => a.far - b.far || b.alike - a.alike)[0]?.one ?? null;
}

/** How near counts as a slip of the hand: a third of the letters, two at least. */
function isSlip(word: string, one: string): boolean {
  return distance(word.toLowerCase(), one.toLowerCase()) <= Math.max(2, Math.floor(one.length / 3));
}

/** The word that there is and that another is a slip of; null where it is a slip of none. */
export function slipOf(word: string, known: readonly string[]): string | null {
  const one = nearest(word, known);
  return one !== null && isSlip(word, one) ? one : null;
}

/** `did you mean X?`, or which is the nearest where nothing is like it; empty where there is nothing to name. */
export function didYouMean(word: string, known: readonly string[]): string {
  const one = nearest(word, known);
  if (one === null) return '';
  return isSlip(word, one) ? `did you mean ${one}?` : `the nearest is ${one}`;
}

function alikeFrom(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** Damerau and Levenshtein, optimal string alignment. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + same,
          swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(a.length, b.length);
}

/** More than a person reads in a line. */
const mostNamed = 20;

/** What was expected of a word that is none of those there are: all of them, where they fit a line, and the one that it is a slip of. */
export function oneOf(known: readonly string[], word: unknown): string {
  const isWord = typeof word === 'string' && !known.includes(word);
  if (isWord && known.length > mostNamed) return `one of ${known.length} names: ${didYouMean(word, known)}`;
  const one = isWord ? slipOf(word, known) : null;
  const meant = one === null ? '' : `: did you mean ${one}?`;
  return `one of ${known.join(', ')}${meant}`;
}
