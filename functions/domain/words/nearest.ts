// What a person may have meant by a word that there is not: the one that it is a slip of. Pure.

/**
 * The word that there is and that another is a slip of the hand of: by the letters that are missing, strange, wrong or swapped, of two
 * that are equally near the one that begins alike, then the first. Else the only one that begins so. Null where it is like none: a
 * guess that is not plausible leads people to what they do not want.
 */
export function slipOf(word: string, known: readonly string[]): string | null {
  const wanted = lettersOf(word);
  const ranked = known.map((one) => {
    const candidate = lettersOf(one);
    const far = distance(wanted, candidate);
    return { one, candidate, far, alike: alikeFrom(wanted, candidate), isNear: far <= mostWrong(candidate) };
  });
  const [near] = ranked.filter(({ isNear }) => isNear).toSorted((a, b) => a.far - b.far || b.alike - a.alike);
  if (near !== undefined && near.far < Math.max(wanted.length, 1)) return near.one;
  const [begun, ...others] = ranked.filter(({ candidate }) => candidate.startsWith(wanted));
  return begun !== undefined && others.length === 0 && wanted.length >= fewestBegun ? begun.one : null;
}

/** Fewer letters begin anything. */
const fewestBegun = 3;

/** How many letters may be wrong: a quarter, one at least. `rename` is two from `resume`, and nobody meant that. */
function mostWrong({ length }: string): number {
  return Math.max(1, Math.floor(length / 4));
}

/** The dashes of an option are right in every slip: they make it no likelier. */
function lettersOf(word: string): string {
  return word.toLowerCase().replace(/^-+/, '');
}

/** `did you mean X?`, or all that there is, where it is a slip of none. */
export function didYouMean(word: string, known: readonly string[]): string {
  const one = slipOf(word, known);
  return one === null ? oneOf(known, word) : `did you mean ${one}?`;
}

/** The same where they fit no line: `command` lists them. */
export function didYouMeanOf(command: string, word: string, known: readonly string[]): string {
  const one = slipOf(word, known);
  return one === null ? `expected one that ${command} lists` : `did you mean ${one}? (${command} lists all)`;
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

/** More than a person reads in a line, if there is anything better to say. */
const mostNamed = 20;

/** The same without a guess: of places that are given up, the nearest by letters may be the one that still serves users. */
export function anyOf(known: readonly string[]): string {
  return `one of ${listed(known)}`;
}

/** A name of several words is quoted: without that a list of them reads as one sentence. */
function listed(known: readonly string[]): string {
  return known.map((one) => (/\s/.test(one) ? JSON.stringify(one) : one)).join(', ');
}

/** What was expected of a word that is none of those there are: all of them, and the one that it is a slip of. */
export function oneOf(known: readonly string[], word: unknown): string {
  const one = typeof word === 'string' && !known.includes(word) ? slipOf(word, known) : null;
  if (one === null) return anyOf(known);
  return `one of ${known.length > mostNamed ? `${known.length} names` : listed(known)}: did you mean ${one}?`;
}
