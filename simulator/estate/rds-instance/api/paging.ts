// How RDS answers with a list: what its filters let through, and in pages.
import * as z from 'zod';
import { refusal } from '../../calls/aws-error.ts';

export const listed = z.looseObject({
  MaxRecords: z.int().optional(),
  Marker: z.string().optional(),
  Filters: z.array(z.looseObject({ Name: z.string(), Values: z.array(z.string()) })).optional(),
});
type Listed = z.infer<typeof listed>;

const leastRecords = 20;
const mostRecords = 100;

/** A page of a list, and where the next one begins. */
export function paged<Thing>(things: readonly Thing[], { MaxRecords = mostRecords, Marker = '0' }: Listed) {
  if (MaxRecords < leastRecords || MaxRecords > mostRecords)
    throw refusal(
      'InvalidParameterValue',
      `Invalid value ${MaxRecords} for MaxRecords. Must be between ${leastRecords} and ${mostRecords}`,
    );
  const from = Number(Marker);
  const next = from + MaxRecords;
  return { page: things.slice(from, next), marker: next < things.length ? String(next) : undefined };
}

/** What all filters let through; `read`: the values of a thing by the name of the filter. @throws for a filter that RDS does not know */
export function filtered<Thing>(
  things: readonly Thing[],
  { Filters = [] }: Listed,
  read: Readonly<Record<string, (thing: Thing) => readonly string[]>>,
): Thing[] {
  for (const { Name } of Filters)
    if (read[Name] === undefined) throw refusal('InvalidParameterValue', `Unrecognized filter name: ${Name}`);
  return things.filter((thing) =>
    Filters.every(({ Name, Values }) => read[Name]?.(thing).some((value) => Values.includes(value))),
  );
}
