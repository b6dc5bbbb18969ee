// What contradicts itself in what a plan says of a database's data.
import { expect, test } from 'vitest';
import { dataKeys, wrongInData } from '../../../../functions/domain/data/keys.ts';

const secret = { reader: 'chatops/reader', writer: 'chatops/writer' };
const data = dataKeys.parse({
  database: 'chatops',
  secrets: { 'us-east-1': secret, 'us-west-2': secret },
  tables: [
    { name: 'messages', key: 'id' },
    { name: 'votes', key: 'id' },
  ],
  warm: { tables: ['messages'], withinSeconds: 60 },
});
const regions = ['us-east-1', 'us-west-2'];

test.for([
  ['nothing', data, []],
  ['nothing of what is warmed', { ...data, warm: undefined }, []],
  [
    'a region without secrets',
    { ...data, secrets: { 'us-east-1': secret } },
    [['secrets.us-west-2', undefined, 'the secrets of the region where the database stands']],
  ],
  [
    'one secret for both roles',
    { ...data, secrets: { ...data.secrets, 'us-west-2': { reader: 'one', writer: 'one' } } },
    [['secrets.us-west-2.writer', 'one', 'another secret than the reader: two roles']],
  ],
  [
    'a table that is named twice',
    { ...data, tables: [...data.tables, { name: 'messages', key: 'number' }] },
    [['tables', 'messages', 'each table once']],
  ],
  [
    'a warmed table that is not looked at',
    { ...data, warm: { tables: ['messages', 'users'], withinSeconds: 60 } },
    [['warm.tables', 'users', 'one of tables: messages, votes']],
  ],
  [
    'a warmed table where none is looked at',
    { ...data, tables: [] },
    [['warm.tables', 'messages', 'one of tables: there is none']],
  ],
] as const)('what is wrong with %s', ([, of, wrong]) => {
  expect(wrongInData(of as typeof data, regions)).toEqual(wrong);
});

test.for([
  ['a setting with blanks', { parameters: { 'max connections': '5' } }],
  ['an extension that is no name', { extensions: ['pg_trgm;drop'] }],
  ['an extension that begins with a digit', { extensions: ['1a'] }],
  ['a statement that runs for longer than a call', { statementTimeoutSeconds: 9 }],
  ['a warming that takes longer than the flow asks', { warm: { tables: ['messages'], withinSeconds: 1201 } }],
  ['a warming of nothing', { warm: { tables: [], withinSeconds: 60 } }],
  ['a key that there is not', { host: 'db' }],
] as const)('%s is refused', ([, change]) => {
  expect(dataKeys.safeParse({ ...data, ...change }).success).toBe(false);
});

test('what the plan does not say is nothing, and a statement may run for 5 s', () => {
  expect(dataKeys.parse({ database: 'chatops', secrets: {} })).toEqual({
    ...{ database: 'chatops', secrets: {}, tables: [], extensions: [], parameters: {}, statementTimeoutSeconds: 5 },
  });
});
