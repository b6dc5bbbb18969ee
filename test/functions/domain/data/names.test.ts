// Names in statements: quoted where they are names, refused where they are not. And what a plan's data block may say.
import { expect, test } from 'vitest';
import { dataKeys, wrongInData } from '../../../../functions/domain/data/keys.ts';
import { NotAName, quotedColumn, quotedTable } from '../../../../functions/domain/data/names.ts';

test.for([
  ['messages', 'postgres', '"public"."messages"'],
  ['chat.messages', 'postgres', '"chat"."messages"'],
  ['messages', 'mysql', '`messages`'],
  ['chat.Messages', 'mariadb', '`chat`.`Messages`'],
] as const)('table %s of %s is %s in a statement', ([name, engine, expected]) => {
  expect(quotedTable(name, engine)).toBe(expected);
});

test.for(['', 'a b', 'a;drop', 'a"b', 'a`b', 'a.b.c', '.a', 'a.', '1a', "a'--", 'ü', 'a'.repeat(64)])(
  '%j never reaches a statement',
  (name) => {
    expect(() => quotedTable(name, 'postgres')).toThrow(NotAName);
    expect(() => quotedColumn(name, 'mysql')).toThrow(NotAName);
  },
);

const secrets = { 'us-east-1': { reader: 'chatops/reader', writer: 'chatops/writer' } };

test('a plan names a database and its secrets; all else may be left out', () => {
  expect(dataKeys.parse({ database: 'chatops', secrets })).toEqual({
    database: 'chatops',
    secrets,
    tables: [],
    extensions: [],
    parameters: {},
    statementTimeoutSeconds: 5,
  });
});

test('what contradicts itself is said by path, value and expectation', () => {
  const data = dataKeys.parse({
    database: 'chatops',
    secrets: { 'us-east-1': { reader: 'chatops/one', writer: 'chatops/one' } },
    tables: [
      { name: 'messages', key: 'id' },
      { name: 'messages', key: 'id' },
    ],
    warm: { tables: ['rooms'], withinSeconds: 60 },
  });
  expect(wrongInData(data, ['us-east-1', 'us-west-2'])).toEqual([
    ['secrets.us-west-2', undefined, 'the secrets of the region where the database stands'],
    ['secrets.us-east-1.writer', 'chatops/one', 'another secret than the reader: two roles'],
    ['tables', 'messages', 'each table once'],
    ['warm.tables', 'rooms', 'one of tables: messages'],
  ]);
});
