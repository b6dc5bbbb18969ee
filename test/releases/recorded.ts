// Reads what releases gave their functions and kept in their tables, as record.ts wrote it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Json = Readonly<Record<string, unknown>>;
export type Recorded = {
  readonly inputs: readonly { readonly name: string; readonly input: Json }[];
  readonly items: readonly (Json & { readonly pk: string; readonly sk: string })[];
};

export const releases = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.json'));

/** Bytes, as the recorder wrote them. */
const unpacked = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'base64' in value
    ? new Uint8Array(Buffer.from(String(value.base64), 'base64'))
    : value;

export function recorded(file: string): Recorded {
  return JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8'), unpacked) as Recorded;
}

/** Of every release. */
export const ofAll: Recorded = {
  inputs: releases.flatMap((file) => recorded(file).inputs),
  items: releases.flatMap((file) => recorded(file).items),
};
