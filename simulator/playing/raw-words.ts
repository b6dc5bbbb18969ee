// Finds what is no language in a message to people: a field of the record under its own name, or a value as it is stored.

/** Names of fields, values of them, and times in milliseconds. Addresses, paths and what AWS calls something have other letters before them. */
const raw = /(?<![\w:/#.$-])[a-z]+[A-Z]\w*|\b(?:true|false|null|undefined|NaN)\b|\[object|(?<![\w-])1[67]\d{11}\b/;

/** What must be typed, opened or found stands as it is: commands, links, and the line of an incident's names. */
const asItIs = /^(?: {2}npm run |https?:|Incident )/;

/** The first line of a message of Breakwater that has something raw in it; null where all are words. */
export function rawLineIn({ subject, body }: { readonly subject: string; readonly body: string }): string | null {
  if (!subject.startsWith('[Breakwater]')) return null;
  return [subject, ...body.split('\n')].find((line) => !asItIs.test(line) && raw.test(line)) ?? null;
}
