// Rubbish for the edges: whatever JSON can hold, and real things of which one place was exchanged. FUZZ_SEED runs a run again, with what
// is printed beside a failure; FUZZ_TIMES looks longer than the gate does.
import fc from 'fast-check';

export type Json = Readonly<Record<string, unknown>>;

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000);

/** How often a property is tried. What is printed of a failure holds the seed. */
export function runs(count: number): fc.Parameters<unknown> {
  return { numRuns: count * Number(process.env['FUZZ_TIMES'] ?? 1), seed, endOnFailure: false };
}

/** Names that hide what every object has, and texts that are no text of a person. */
const nasty = [
  '__proto__',
  'constructor',
  'toString',
  '',
  ' ',
  '\u0000',
  '\u202e',
  '\ud800',
  '%',
  '../',
  '{}',
  '1e999',
];
export const text = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 30 }), fc.string());

/** A value that stands where it should not. */
export const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, false, 0, -1, 1e15, 1e308, -0.5, [], {}, [null], [[]]),
  text,
  text.map((long) => long.repeat(200)),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Anything that JSON can say. */
export const rubbish: fc.Arbitrary<unknown> = fc.oneof(
  value,
  fc.dictionary(text, value, { maxKeys: 5 }),
  fc.jsonValue(),
);

type Path = readonly (string | number)[];

/** A real thing with one or two places exchanged, or left out. */
export function broken<Real>(real: Real): fc.Arbitrary<Real> {
  const paths = placesIn(real);
  const change = fc.tuple(fc.constantFrom(...paths), fc.option(value, { nil: undefined }));
  return fc
    .array(change, { minLength: 1, maxLength: 2 })
    .map((changes) => changes.reduce<unknown>((now, [path, next]) => changed(now, path, next), real) as Real);
}

function placesIn(real: unknown, path: Path = []): Path[] {
  if (typeof real !== 'object' || real === null || ArrayBuffer.isView(real)) return [path];
  const inner = Object.entries(real).flatMap(([name, one]) => placesIn(one, [...path, name]));
  return path.length === 0 ? inner : [path, ...inner];
}

/** Undefined leaves it out. */
function changed(real: unknown, [first, ...rest]: Path, next: unknown): unknown {
  if (first === undefined) return next;
  if (typeof real !== 'object' || real === null) return next;
  const copy = (Array.isArray(real) ? [...real] : { ...real }) as Record<string | number, unknown>;
  if (rest.length === 0 && next === undefined) delete copy[first];
  else copy[first] = changed(copy[first], rest, next);
  return copy;
}
