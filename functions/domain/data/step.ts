// How the check of a database's data stands in the record, and by which name a person leaves it out.

/** What a person signs for, beside the database's name: what came back is taken as it is. */
export const dataState = 'CheckData';

export function dataMark(asset: string): string {
  return `data/${asset}`;
}
