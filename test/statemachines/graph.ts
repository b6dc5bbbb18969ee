// The state machines as graphs, for every test that walks them: each state, those in branches and maps too, the ways from
// one to another, and what the function behind a state brings with it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { parse } from 'yaml';

export type Retrier = {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: string;
};
export type State = {
  readonly Type: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number | string;
  readonly Arguments?: {
    readonly FunctionName: { readonly 'Fn::GetAtt': readonly [string, string] };
    readonly Payload: Readonly<Record<string, unknown>>;
  };
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Next?: string;
  readonly End?: boolean;
  readonly Choices?: readonly { readonly Condition: string; readonly Next: string }[];
  readonly Default?: string;
  readonly Branches?: readonly Sequence[];
  readonly ItemProcessor?: Sequence;
};
export type Sequence = { readonly StartAt: string; readonly States: Readonly<Record<string, State>> };
export type Machine = Sequence & { readonly TimeoutSeconds?: number };

const root = join(import.meta.dirname, '..', '..');

export const files = readdirSync(join(root, 'statemachines')).filter((file) => file.endsWith('.asl.yaml'));

export function read(file: string): Machine {
  return parse(readFileSync(join(root, 'statemachines', file), 'utf8'), { merge: true });
}

/** What runs within a state: the branches of a Parallel, the states of a Map. */
export function within({ Branches = [], ItemProcessor }: State): readonly Sequence[] {
  return ItemProcessor === undefined ? Branches : [...Branches, ItemProcessor];
}

/** All states by name, those within others too. */
export function statesOf({ States }: Sequence): [string, State][] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...within(state).flatMap(statesOf),
  ]);
}

/** Where a state leads in its own sequence, failures included. */
export function waysFrom({ Next, Default, Choices = [], Catch = [] }: State): string[] {
  return [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((rule) => rule.Next)].filter(
    (way) => way !== undefined,
  );
}

/**
 * Every state that can be reached from the start when no way leads through `closed`; a way is from one state to another,
 * or from a state to where a sequence within it begins. What follows a Parallel or a Map is reached when each sequence
 * within it can come to an end; what its failure leads to, always.
 */
export function reachedWithout(machine: Sequence, closed: (from: string, to: string) => boolean): Set<string> {
  const states = new Map(statesOf(machine));
  const reached = new Set<string>();
  const ends = ({ States }: Sequence) =>
    Object.entries(States).some(([name, { End, Type }]) => reached.has(name) && (End === true || Type === 'Succeed'));
  const open = (from: string, ways: readonly string[]) => {
    for (const to of ways) if (!closed(from, to)) reached.add(to);
  };
  open('', [machine.StartAt]);
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const from of [...reached]) {
      const state = states.get(from) ?? { Type: '' };
      const inner = within(state);
      open(from, inner.every(ends) ? waysFrom(state) : (state.Catch ?? []).map((rule) => rule.Next));
      open(
        from,
        inner.map(({ StartAt }) => StartAt),
      );
    }
  }
  return reached;
}

/** The function that a state runs. */
export function verbOf(state: State): string | null {
  return state.Arguments?.FunctionName['Fn::GetAtt'][0] ?? null;
}

/** Functions as they are bundled, without what none of their code uses: what is left, they can come to. */
const { metafile, outputFiles } = buildSync({
  entryPoints: readdirSync(join(root, 'functions'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `functions/${file}`),
  absWorkingDir: root,
  outdir: 'bundles',
  bundle: true,
  write: false,
  metafile: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
});

/** Whether a function can change something in AWS: the one door to that is in its bundle. */
export function canAct(verb: string): boolean {
  return (bundleOf(verb).inputs['functions/shared/act.ts']?.bytesInOutput ?? 0) > 0;
}

/** Whether a function can say that its step has begun and is not done. */
export function canBeInProgress(verb: string): boolean {
  bundleOf(verb);
  const text = outputFiles.find(({ path }) => path === join(root, 'bundles', `${verb}.js`))?.text;
  return text?.includes('new InProgress(') === true;
}

function bundleOf(verb: string) {
  const bundle = metafile.outputs[`bundles/${verb}.js`];
  if (bundle === undefined) throw new Error(`there is no function ${verb}`);
  return bundle;
}
