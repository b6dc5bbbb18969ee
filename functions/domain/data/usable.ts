// Whether a database can be used, by what it says over a connection of its own: a judge without a call.
import type { Data } from './keys.ts';

/** What a database said. */
export type Looked = {
  /** Of the engine, as it says it. */
  readonly version: string;
  /** The protocol of the connection that was asked over, such as TLSv1.3; null where it was not encrypted. */
  readonly tls: string | null;
  /** It takes no writes: a standby, or set to read only. */
  readonly isReplica: boolean;
  readonly extensions: readonly string[];
  /** Those that were asked for, by name; one that the engine does not know is missing. */
  readonly parameters: Readonly<Record<string, string>>;
};

/** What keeps a database from being used, a line each; empty where nothing does. */
export function whyNotUsable(
  looked: Looked,
  { extensions, parameters }: Pick<Data, 'extensions' | 'parameters'>,
): string[] {
  return [
    ...(looked.tls === null ? ['the connection is not encrypted'] : []),
    ...(looked.isReplica ? ['it is a replica, or read only, and takes no writes'] : []),
    ...extensions.filter((name) => !looked.extensions.includes(name)).map((name) => `extension ${name} is not there`),
    ...Object.entries(parameters).flatMap(([name, expected]) => {
      const is = looked.parameters[name];
      return is === expected ? [] : [`parameter ${name} is ${is ?? 'not there'}, expected ${expected}`];
    }),
  ];
}
