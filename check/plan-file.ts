// What is wrong with a plan as a person wrote it: each thing with its file and line. The command line and packaging read plans
// through here, so that both say the same.
import { type Document, isAlias, isMap, isPair, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Wrong } from '../functions/domain/plan/issues.ts';
import { InvalidPlan, type Plan, parseShape } from '../functions/domain/plan/plan.ts';
import { findContradictions, wrongMains } from './contradictions.ts';
import { findRefusals } from './refusals.ts';

/** The line of a file on which something stands: that of the nearest key above where it is not there. */
export type LineOf = (path: readonly string[]) => number;

/** A file's plan, null where its shape is wrong, and a line `file:line: path: is value, expected …` for all that is wrong. */
export type Judged = {
  readonly name: string;
  readonly plan: Plan | null;
  readonly lines: readonly string[];
  readonly lineOf: LineOf;
};

/** Judges the text of a plan file. `name`: how messages call the file. */
export function judgePlan(text: string, name: string): Judged {
  const { raw, lineOf, error } = readYaml(text);
  if (error !== null) return { name, plan: null, lines: [`${name}: ${error}, expected valid YAML`], lineOf };
  try {
    const plan = parseShape(raw);
    const refusals = wrongMains(plan).length === 0 ? findRefusals(plan) : [];
    const lines = place([...findContradictions(plan), ...refusals], { name, lineOf });
    return { name, plan, lines, lineOf };
  } catch (invalid) {
    if (!(invalid instanceof InvalidPlan)) throw invalid;
    return { name, plan: null, lines: place(invalid.wrong, { name, lineOf }), lineOf };
  }
}

/**
 * A line for each thing that is wrong with a file's plan. One mistake is one line: a name that is wrong in several places has one that
 * says where else, and what an alias repeats is said once, where it stands.
 */
export function place(wrong: readonly Wrong[], { name, lineOf }: Pick<Judged, 'name' | 'lineOf'>): string[] {
  const placed = wrong.map(({ path, line }) => {
    const said = line.slice(path.join('.').length);
    const at = lineOf(path);
    return { line, at, mistake: said.startsWith(': is "') ? said : `${at} ${path.at(-1)} ${said}` };
  });
  return [...Map.groupBy(placed, ({ mistake }) => mistake).values()].map(([first, ...more]) => {
    const others = [...new Set(more.map(({ at }) => at))].filter((at) => at !== first?.at);
    const also = others.length === 0 ? '' : ` (also in line${others.length === 1 ? '' : 's'} ${others.join(', ')})`;
    return `${name}:${first?.at}: ${first?.line}${also}`;
  });
}

type Yaml = { readonly raw: unknown; readonly lineOf: LineOf; readonly error: string | null };

/** `error` says line, column and what is wrong with the YAML. */
function readYaml(text: string): Yaml {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const lineOf: LineOf = (path) => lineCounter.linePos(positionOf(document, path)).line;
  // The first error only: those behind it mostly follow from it.
  const [first] = document.errors;
  if (first !== undefined) {
    const { line, col } = lineCounter.linePos(first.pos[0]);
    return { raw: null, lineOf, error: `line ${line}, column ${col}: ${first.message.split('\n')[0]}` };
  }
  try {
    const raw: unknown = document.toJS();
    return { raw, lineOf, error: holdsItself(raw) ? 'an alias stands within what it stands for' : null };
  } catch (error) {
    // Aliases are resolved only now.
    return { raw: null, lineOf, error: (error as Error).message };
  }
}

/** Whether a value has no end: nothing that reads it on would come to one. */
function holdsItself(value: unknown, around: readonly unknown[] = []): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return around.includes(value) || Object.values(value).some((one) => holdsItself(one, [...around, value]));
}

/** Where the key stands that a path ends with, or the last one on the way there; of what an alias repeats, where that is written. */
function positionOf(document: Document.Parsed, path: readonly string[]): number {
  const { contents } = document;
  let at: unknown = contents;
  let position = (contents as Node | null)?.range?.[0] ?? 0;
  for (const key of path) {
    if (isAlias(at)) at = at.resolve(document);
    const next = isMap(at)
      ? at.items.find((item) => isPair(item) && String(item.key) === key)
      : isSeq(at)
        ? at.items[Number(key)]
        : undefined;
    if (next === undefined || next === null) break;
    const node = isPair(next) ? next.key : next;
    position = (node as Node | null)?.range?.[0] ?? position;
    at = isPair(next) ? next.value : next;
  }
  return position;
}
