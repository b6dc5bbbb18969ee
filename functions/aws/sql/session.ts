// What a driver gives: one connection, and what each engine says in words of its own. All values come as text.
import type { Engine } from '../../domain/data/names.ts';

export type Row = Readonly<Record<string, string | null>>;

export type Connecting = {
  readonly engine: Engine;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** The only authorities whose certificates are taken, as PEM. */
  readonly authorities: string;
  readonly connectMs: number;
  readonly statementMs: number;
  /** Whether the session may write at all. */
  readonly writes: boolean;
};

export type Session = {
  /** Runs one statement. Names of columns are in lower case. @throws what the driver throws */
  rows(statement: string, values?: readonly string[]): Promise<readonly Row[]>;
  /** Says goodbye. */
  end(): Promise<unknown>;
  /** Cuts the connection, whatever the other side does. */
  cut(): void;
};

/** Statements of an engine. Their rows have one column, `value`, where nothing else is said. */
export type Dialect = {
  /** How the n-th value stands in a statement; the first is 1. */
  mark(n: number): string;
  readonly version: string;
  /** The protocol; no row, or an empty value, without encryption. */
  readonly tls: string;
  /** 0, off or f for a database that takes writes. */
  readonly readOnly: string;
  readonly extensions: string;
  /** Of those names, each with a `value`. */
  parameters(names: readonly string[]): string;
  /** One row where the schema breakwater is there. */
  readonly schema: string;
  /** Names of the tables in it. */
  readonly tables: string;
  /** What follows is read as it was at one moment. */
  readonly snapshot: string;
  /** The greatest key of a table, as text. */
  greatestKey(table: string, key: string): string;
  /** The newest time in a column, in milliseconds since 1970. */
  newestAt(table: string, column: string): string;
  /**
   * A hash of all columns of a row, as the database makes it. `table`, `key`: as the plan names them; `alias`: what a statement calls its rows.
   * @throws SqlFault where rows cannot be told by that key
   */
  hashOf(session: Session, table: string, key: string, alias: string): Promise<string>;
  /** Whether a column is at or after a time; `mark` stands for milliseconds since 1970. */
  atOrAfter(column: string, mark: string): string;
  /** A column as text. */
  asText(column: string): string;
  /** A time in a column, in milliseconds since 1970. */
  millisecondsOf(column: string): string;
  /**
   * Reads the rows of a table that follow a place in it, as many as fit into seconds, from storage. Gives the place behind
   * them; null at the end. The first place is null.
   */
  readOn(session: Session, table: string, key: string, from: string | null): Promise<string | null>;
};

export type Driver = {
  readonly dialect: Dialect;
  open(to: Connecting): Promise<Session>;
};
