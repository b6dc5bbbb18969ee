// Names of tables and columns, as a plan may give them and as a statement has them: checked, then quoted. No other text of a
// plan becomes part of a statement.
import * as z from 'zod';

export type Engine = 'postgres' | 'mysql' | 'mariadb';

/** What every engine here takes without a question: 63 bytes, and no character that ends a quotation. */
const word = '[A-Za-z_][A-Za-z0-9_]{0,62}';
const column = new RegExp(`^${word}$`);
const table = new RegExp(`^${word}(\\.${word})?$`);

export const columnName = z.string().regex(column, 'a column: letters, digits and _');
export const tableName = z.string().regex(table, 'a table, or schema.table: letters, digits and _');

/** A name that is not one, whoever gave it: it never reaches a statement. */
export class NotAName extends Error {
  override readonly name = 'NotAName';
}

/** A table as a statement has it. Without a schema PostgreSQL means `public`: a search path could mean another. @throws NotAName */
export function quotedTable(name: string, engine: Engine): string {
  const words = expected(table, name).split('.');
  const whole = engine === 'postgres' && words.length === 1 ? ['public', ...words] : words;
  return whole.map((one) => quote(one, engine)).join('.');
}

/** A column as a statement has it. @throws NotAName */
export function quotedColumn(name: string, engine: Engine): string {
  return quote(expected(column, name), engine);
}

function expected(pattern: RegExp, name: string): string {
  if (!pattern.test(name)) throw new NotAName(`${JSON.stringify(name)} is no name of a table or column`);
  return name;
}

function quote(word: string, engine: Engine): string {
  return engine === 'postgres' ? `"${word}"` : `\`${word}\``;
}
