// Evaluates JSONata as Step Functions does: `{% … %}` in the strings of a template, and answers that are plain JSON.
import jsonata from 'jsonata';

/** Why a part of a template could not be evaluated, and where: `Arguments/Payload/id`. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  readonly location: string;

  constructor(location: string, message: string) {
    super(message);
    this.location = location;
  }
}

/** A compiled expression keeps no data between evaluations, so all executions of the process share them. */
const compiled = new Map<string, jsonata.Expression>();

/** The expression in a string of a template, or null: AWS wants the delimiters first and last, without blanks around. */
export function expressionIn(text: string): string | null {
  return text.length >= 4 && text.startsWith('{%') && text.endsWith('%}') ? text.slice(2, -2).trim() : null;
}

/** What is wrong with an expression, or null. */
export function syntaxError(expression: string): string | null {
  try {
    compile(expression);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** A copy of the template with every expression replaced by its value. Throws EvaluationError. */
export async function evaluateTemplate(
  template: unknown,
  location: string,
  bindings: Record<string, unknown>,
): Promise<unknown> {
  if (typeof template === 'string') {
    const expression = expressionIn(template);
    return expression === null ? template : await evaluate(expression, location, bindings);
  }
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) {
    const values: unknown[] = [];
    for (const [index, part] of template.entries()) {
      values.push(await evaluateTemplate(part, `${location}[${index}]`, bindings));
    }
    return values;
  }
  const values: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(template)) {
    values[key] = await evaluateTemplate(part, `${location}/${key}`, bindings);
  }
  return values;
}

async function evaluate(expression: string, location: string, bindings: Record<string, unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await compile(expression).evaluate(undefined, bindings);
  } catch (error) {
    throw failed(expression, location, `threw an error during evaluation. ${messageOf(error)}`);
  }
  if (value === undefined) throw failed(expression, location, 'returned nothing (undefined).');
  try {
    return plain(value);
  } catch (error) {
    throw failed(expression, location, `returned an unsupported result. ${messageOf(error)}`);
  }
}

/** The wording AWS uses where a value is of the wrong type for its field. */
export function wrongType(template: unknown, location: string, expected: string, value: unknown): EvaluationError {
  const actual = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const found = `Expected '${expected}', but was '${actual}' for value: ${JSON.stringify(value)}`;
  const expression = typeof template === 'string' ? expressionIn(template) : null;
  return expression === null
    ? new EvaluationError(location, `The field '${location}' has an unexpected type. ${found}`)
    : failed(expression, location, `returned an unexpected result type. ${found}`);
}

function failed(expression: string, location: string, what: string): EvaluationError {
  return new EvaluationError(
    location,
    `The JSONata expression '${expression}' specified for the field '${location}' ${what}`,
  );
}

function compile(expression: string): jsonata.Expression {
  const known = compiled.get(expression);
  if (known !== undefined) return known;
  const fresh = jsonata(expression);
  compiled.set(expression, fresh);
  return fresh;
}

/**
 * A copy that is JSON and nothing else. JSONata marks its arrays with extra properties and may answer functions and
 * infinite numbers; and an answer that shared an object with the input would let a later change reach back in time.
 */
function plain(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw new Error(`${value} is not a number in JSON`);
  }
  if (Array.isArray(value)) return Array.from(value, (part) => (part === undefined ? null : plain(part)));
  if (typeof value !== 'object' || isFunction(value)) throw new Error('A function is not a value in JSON');
  const copy: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) {
    if (part !== undefined) copy[key] = plain(part);
  }
  return copy;
}

const isFunction = (value: object): boolean => '_jsonata_lambda' in value || '_jsonata_function' in value;

/** JSONata throws plain objects as well as errors. */
function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
