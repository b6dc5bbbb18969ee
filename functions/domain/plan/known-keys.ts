// Which keys a plan may have at a place, as its schema says: what a key that there is not may have been meant to be. Pure.
import type * as z from 'zod';

type Schema = z.core.$ZodType;

/** The keys that a table of keys may have, with those of every form that it may take there. `path`: where it stands in `raw`. */
export function keysAt(schema: Schema, path: readonly PropertyKey[], raw: unknown): string[] {
  const [key, ...rest] = path;
  return [
    ...new Set(
      formsOf(schema, raw).flatMap(({ _zod: { def } }) => {
        if (key === undefined) return keysOf(def as Def);
        const inner = innerOf(def as Def, String(key));
        return inner === undefined ? [] : keysAt(inner, rest, at(raw, key));
      }),
    ),
  ];
}

/** What the schemas of zod say of themselves, as far as a plan has them. */
type Def = {
  readonly type: string;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly keyType?: Schema;
  readonly valueType?: Schema;
  readonly element?: Schema;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly options?: readonly Schema[];
  readonly discriminator?: string;
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
};

/** A schema without what is wrapped around it; of alternatives those that the value says it is, or all. */
function formsOf(schema: Schema, raw: unknown): Schema[] {
  const { innerType, in: input, options, discriminator } = schema._zod.def as Def;
  const inner = innerType ?? input;
  if (inner !== undefined) return formsOf(inner, raw);
  if (options === undefined) return [schema];
  const said = discriminator === undefined ? undefined : at(raw, discriminator);
  const isSaid = (option: Schema) => {
    const literal = (option._zod.def as Def).shape?.[discriminator ?? '']?._zod.def as Def | undefined;
    return literal?.values?.includes(said) === true;
  };
  const meant = options.filter(isSaid);
  return (meant.length === 0 ? options : meant).flatMap((option) => formsOf(option, raw));
}

function keysOf({ shape, keyType }: Def): string[] {
  const named = (keyType?._zod.def as Def | undefined)?.entries;
  return shape === undefined ? Object.values(named ?? {}) : Object.keys(shape);
}

function innerOf({ shape, valueType, element }: Def, key: string): Schema | undefined {
  return shape?.[key] ?? valueType ?? element;
}

function at(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
}
