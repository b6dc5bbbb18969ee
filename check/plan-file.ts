// What is wrong with a plan as a person wrote it: each thing with its file and line. The command line and packaging read plans
// through here, so that both say the same.
import { type Document, isMap, isPair, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Wrong } from '../functions/domain/plan/issues.ts';
import { InvalidPlan, type Plan, parseShape } from '../functions/domain/plan/plan.ts';
import { findContradictions } from './contradictions.ts';
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
    const lines = place([...findContradictions(plan), ...findRefusals(plan)], { name, lineOf });
    return { name, plan, lines, lineOf };
  } catch (invalid) {
    if (!(invalid instanceof InvalidPlan)) throw invalid;
    return { name, plan: null, lines: place(invalid.wrong, { name, lineOf }), lineOf };
  }
}

/** A line for each thing that is wrong with a file's plan. */
export function place(wrong: readonly Wrong[], { name, lineOf }: Pick<Judged, 'name' | 'lineOf'>): string[] {
  return wrong.map(({ path, line }) => `${name}:${lineOf(path)}: ${line}`);
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
    return { raw: document.toJS(), lineOf, error: null };
  } catch (error) {
    // Aliases are resolved only now.
    return { raw: null, lineOf, error: (error as Error).message };
  }
}

/** Where the key stands that a path ends with, or the last one on the way there. */
function positionOf({ contents }: Document.Parsed, path: readonly string[]): number {
  let at: unknown = contents;
  let position = (contents as Node | null)?.range?.[0] ?? 0;
  for (const key of path) {
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
