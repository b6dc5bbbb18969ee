// The tests' plan with a database that is asked with SQL: a data block, and the network that it needs.
import { parse, stringify } from 'yaml';
import { parsePlan } from '../check/plan.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { planText } from './plan.ts';

type Table = { [key: string]: unknown };

export const dataKey = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

export const data = {
  database: 'chatops',
  secrets: {
    'us-east-1': { reader: 'chatops/reader', writer: 'chatops/writer' },
    'us-west-2': { reader: 'chatops/reader', writer: 'chatops/writer', key: dataKey },
  },
  tables: [{ name: 'messages', key: 'id', updatedAt: 'updated_at' }],
};
const network = { subnets: ['subnet-a'], securityGroups: ['sg-a'] };

/** What the plan's file holds, with some of the block and of the database changed. */
export function rawWithData(change: Table = {}, database: Table = {}): Table {
  const raw = parse(planText) as Table & { assets: Table[] };
  const assets = raw.assets.map((asset) =>
    asset['kind'] === 'rds-instance' ? { ...asset, ...database, data: { ...data, ...change } } : asset,
  );
  return { ...raw, assets, vpc: { 'us-east-1': network, 'us-west-2': network } };
}

export function planWithData(change: Table = {}, database: Table = {}): Plan {
  return parsePlan(rawWithData(change, database));
}

/** As a file holds it. */
export function textWithData(change: Table = {}, database: Table = {}): string {
  return stringify(rawWithData(change, database));
}
