// EventBridge's event patterns, as far as the stacks use them: exact values, prefix, anything-but and exists, nested as the
// event is. What is not known is refused as PutRule refuses it, so that a pattern that AWS would not take fails a drill.

/** Whether an event matches a pattern. Every field that the pattern names must; of a field's list one is enough. */
export function matches(pattern: unknown, event: unknown): boolean {
  if (!isRecord(pattern)) throw new Error(`an event pattern is a table of fields, found ${JSON.stringify(pattern)}`);
  return Object.entries(pattern).every(([field, wanted]) => {
    const value = isRecord(event) ? event[field] : undefined;
    if (!Array.isArray(wanted)) return matches(wanted, value);
    // Of a list in the event one element is enough.
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.some((one) => wanted.some((rule) => matchesOne(rule, one)));
  });
}

function matchesOne(rule: unknown, value: unknown): boolean {
  if (!isRecord(rule)) return rule === value;
  const [[operator, argument] = [], ...others] = Object.entries(rule);
  if (others.length > 0) throw unknown(rule);
  switch (operator) {
    case 'prefix':
      return typeof value === 'string' && value.startsWith(String(argument));
    case 'suffix':
      return typeof value === 'string' && value.endsWith(String(argument));
    case 'exists':
      return (value !== undefined) === argument;
    case 'anything-but':
      // A field that is not there is not something else.
      if (value === undefined) return false;
      return !(isRecord(argument) ? matchesOne(argument, value) : [argument].flat().includes(value));
    default:
      throw unknown(rule);
  }
}

function unknown(rule: unknown): Error {
  return new Error(`Event pattern is not valid. Reason: Unrecognized match type ${JSON.stringify(rule)}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
