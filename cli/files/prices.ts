// Reads the one file of prices: each with its source, and what had to be estimated with its reason.
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { readText } from './text.ts';

const schema = z.strictObject({
  prices: z.record(
    z.string(),
    z.strictObject({
      dollars: z.number().positive(),
      per: z.number().positive(),
      free: z.number().positive().default(0),
      grade: z.enum(['D', 'S', 'M']),
      source: z.string().regex(/^https:\/\//),
    }),
  ),
  usage: z.record(z.string(), z.strictObject({ value: z.number().positive(), why: z.string().min(1) })),
});

export type Prices = z.infer<typeof schema>;

export function readPrices(): Prices {
  const file = join(import.meta.dirname, 'prices.yml');
  return schema.parse(parse(readText(file, 'the prices of AWS')));
}

/** @throws where the file lacks it: a cost that left something out would be wrong without saying so. */
export function usageOf({ usage }: Prices, name: string): number {
  const found = usage[name];
  if (found === undefined) throw new Error(`prices.yml has no usage ${name}`);
  return found.value;
}

/** Dollars of an amount; `free` is how much of them falls into what AWS gives every account. */
export function priceOf({ prices }: Prices, id: string, amount: number): { dollars: number; free: number } {
  const price = prices[id];
  if (price === undefined) throw new Error(`prices.yml has no price ${id}`);
  const each = price.dollars / price.per;
  return { dollars: amount * each, free: Math.min(amount, price.free) * each };
}
