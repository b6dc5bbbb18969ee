// Draws the events of a drill as lines: time, kind, text. A flood is cut short, and a repeated line is shown once.

import { actionWords } from '../../functions/domain/words/decision-words.ts';
import { formatSeconds } from '../../functions/domain/words/durations.ts';
import { levelWords } from '../../functions/domain/words/words.ts';
import type { Progress } from '../../simulator/drill/result.ts';
import { pageLine } from './asking.ts';
import { formatCount, formatOffset, wrap } from './layout.ts';
import type { Colors } from './terminal.ts';

export type Timeline = {
  show(progress: Progress): void;
  /** What runs at this moment, for the spinner; empty if nothing runs. */
  running(): string;
  /** Prints the lines that were held back. */
  end(): void;
};

export type TimelineOptions = {
  readonly print: (line: string) => void;
  readonly colors: Colors;
  readonly columns: number;
  /** The region that is not named on each line. */
  readonly home: string;
};

type Of<Kind extends Progress['kind']> = Extract<Progress, { kind: Kind }>;

/** The signals of one burst that are shown; the rest is only counted. A burst is over after a quiet time. */
const shownPerBurst = 5;
const quietMs = 120_000;
/** How often the same signal is shown. After that it is only counted: it flaps. */
const shownRepeats = 2;
/** How many different reasons are shown for the failed tries of one step. */
const shownReasons = 3;
const indent = 20;
const stepWidth = 24;

/** How a step is shown that neither succeeded nor failed. */
const ticks = {
  skipped: { mark: '–', words: 'skipped by a person' },
  held: { mark: '!', words: 'held' },
  'not-needed': { mark: '○', words: 'not needed' },
  'not-possible': { mark: '!', words: 'not possible' },
  'dry-run': { mark: '○', words: 'dry run: nothing is changed' },
} as const;

/** Prints each line once it is complete. */
export function createTimeline({ print, colors, columns, home }: TimelineOptions): Timeline {
  const width = columns - indent;
  const flows = new Map<string, { stateMachine: string; since: number; running: boolean }>();
  const steps = new Map<string, { words: string; tries: number; reasons: Set<string> }>();
  const burst = { shown: { bad: 0, well: 0 }, hidden: 0, lastAt: Number.NEGATIVE_INFINITY };
  const seen = new Map<string, number>();
  let zero = 0;
  let message: { at: number; subject: string; roles: string[] } | null = null;
  let unservedSince: number | null = null;
  let newest = 0;

  /** The first line has time, kind and text; the other lines stand below the text. */
  const write = (at: number, kind: string, lines: readonly string[], color: (text: string) => string) => {
    const time = formatOffset((at - zero) / 1000);
    const head = `${colors.dim(time.padStart(8))}  ${color(kind.padEnd(indent - 10))}`;
    for (const [index, line] of lines.entries()) print(index === 0 ? `${head}${line}` : `${' '.repeat(indent)}${line}`);
  };
  const plain = (text: string) => text;
  const flushMessage = () => {
    if (message === null) return;
    const { at, subject, roles } = message;
    message = null;
    const told = wrap(`to ${roles.join(', ')}: ${subject}`, width);
    write(at, 'message', told, colors.magenta);
  };
  const flushBurst = () => {
    if (burst.hidden === 0) return;
    const { hidden } = burst;
    burst.hidden = 0;
    print(colors.dim(`${' '.repeat(indent)}… and ${formatCount(hidden)} more ${hidden === 1 ? 'signal' : 'signals'}`));
  };

  const showSignal = ({ at, text, bad, region }: Of<'signal'>) => {
    if (at < zero && !bad) return; // alarms that settle before the fault
    const fresh = at - burst.lastAt > quietMs;
    burst.lastAt = at;
    if (fresh) burst.shown = { bad: 0, well: 0 };
    const kind = bad ? 'bad' : 'well';
    const line = `${text}${region === home ? '' : ` (${region})`}`;
    const repeats = seen.get(line) ?? 0;
    if (burst.shown[kind] >= shownPerBurst || repeats >= shownRepeats) {
      burst.hidden += 1;
      return;
    }
    burst.shown[kind] += 1;
    seen.set(line, repeats + 1);
    flushMessage();
    if (fresh) flushBurst();
    write(at, 'signal', wrap(line, width), bad ? colors.yellow : colors.dim);
  };

  const showDecision = ({ at, action, level, place, reason }: Of<'decision'>) => {
    const color = action === 'none' ? colors.green : colors.cyan;
    const what = action === 'none' ? 'nothing to do' : actionWords[action];
    const headline = `${levelWords(level)} in ${place} (level ${level}): ${what}`;
    write(at, 'decision', [...wrap(headline, width).map(colors.bold), ...wrap(reason, width).map(colors.dim)], color);
  };

  const showExecution = ({ at, name, stateMachine, region, status }: Of<'execution'>) => {
    const known = flows.get(name);
    const since = known?.since ?? at;
    flows.set(name, { stateMachine, since, running: status === 'RUNNING' });
    if (status === 'RUNNING') {
      const verb = known === undefined ? 'started' : 'goes on';
      write(at, 'flow', wrap(`${stateMachine} ${verb} in ${region}`, width), colors.cyan);
      return;
    }
    for (const key of steps.keys()) if (key.startsWith(`${name} `)) steps.delete(key);
    const ended = `after ${formatSeconds((at - since) / 1000)}`;
    if (status === 'SUCCEEDED') write(at, 'flow', [`${stateMachine} finished ${ended}`], colors.green);
    else write(at, 'flow', [colors.red(`${stateMachine} ${status} ${ended}`)], colors.red);
  };

  const showStep = ({ at, execution, state, phase, seconds, detail }: Of<'step'>) => {
    const key = `${execution} ${state}`;
    // A late answer of a flow that has ended is not shown.
    if (phase === 'retrying' && flows.get(execution)?.running === false) return;
    const words = state.replace('/', ' ');
    const step = steps.get(key) ?? { words, tries: 0, reasons: new Set() };
    if (phase === 'began' || phase === 'retrying') steps.set(key, step);
    else steps.delete(key);
    if (phase === 'began') return;
    const others = [...flows.values()].filter(({ running }) => running).length > 1;
    const flow = others ? ` (${flows.get(execution)?.stateMachine ?? execution})` : '';
    const took = formatSeconds(seconds);
    const name = words.padEnd(stepWidth);
    const why = detail === null ? [] : wrap(detail, width - 2).map((line) => colors.dim(`  ${line}`));
    flushMessage();
    if (phase === 'retrying') {
      step.tries += 1;
      const reason = detail ?? '';
      if (step.reasons.has(reason) || step.reasons.size >= shownReasons) return;
      step.reasons.add(reason);
      write(at, 'step', [`${colors.yellow('↻')} ${name} a try failed after ${took}${flow}`, ...why], plain);
      return;
    }
    const news = step.reasons.has(detail ?? '') ? [] : why;
    const tries = step.tries === 0 ? '' : `, ${formatCount(step.tries)} ${step.tries === 1 ? 'try' : 'tries'} failed`;
    const tick = phase === 'succeeded' || phase === 'failed' ? null : ticks[phase];
    if (tick !== null) write(at, 'step', [`${colors.yellow(tick.mark)} ${name} ${tick.words}${flow}`, ...news], plain);
    else if (phase !== 'failed') write(at, 'step', [`${colors.green('✔')} ${name} ${took}${tries}${flow}`], plain);
    else write(at, 'step', [`${colors.red('✖')} ${name} gave up after ${took}${tries}${flow}`, ...news], colors.red);
  };

  const showUsers = ({ at, served }: Of<'users'>) => {
    const outage = unservedSince === null ? '' : ` after ${formatSeconds((at - unservedSince) / 1000)}`;
    unservedSince = served ? null : (unservedSince ?? at);
    if (served) write(at, 'users', [colors.green(colors.bold(`served again${outage}`))], colors.green);
    else write(at, 'users', [colors.red(colors.bold('no longer served'))], colors.red);
  };

  const showSentences = ({ at, kind, sentences }: Of<'assessment' | 'request'>) => {
    const label = kind === 'request' ? 'request' : 'assessed';
    write(
      at,
      label,
      sentences.flatMap((sentence) => wrap(sentence, width)),
      colors.cyan,
    );
  };

  const showMessage = ({ at, role, subject: raw }: Of<'message'>) => {
    const subject = raw.replace(/^\[Breakwater\] /, '');
    if (message?.subject !== subject) flushMessage();
    message ??= { at, subject, roles: [] };
    if (!message.roles.includes(role)) message.roles.push(role);
  };

  return {
    show(progress) {
      if (progress.kind === 'zero') {
        zero = progress.at;
        return;
      }
      newest = progress.at;
      if (progress.kind === 'message') return showMessage(progress);
      if (progress.kind === 'signal') return showSignal(progress);
      if (progress.kind === 'step') return showStep(progress);
      flushMessage();
      flushBurst();
      if (progress.kind === 'decision') showDecision(progress);
      if (progress.kind === 'execution') showExecution(progress);
      if (progress.kind === 'assessment' || progress.kind === 'request') showSentences(progress);
      if (progress.kind === 'users') showUsers(progress);
      const page = pageLine(progress);
      if (page !== null) write(progress.at, 'page', [page], colors.bold);
      if (progress.kind === 'fault') write(progress.at, 'fault', wrap(progress.text, width), colors.red);
      if (progress.kind === 'operator') write(progress.at, 'operator', wrap(progress.text, width), colors.blue);
    },
    running() {
      const states = [...new Set([...steps.values()].map(({ words }) => words))];
      return states.length === 0 ? '' : `${formatOffset((newest - zero) / 1000)}  ${states.join(', ')}`;
    },
    end() {
      flushMessage();
      flushBurst();
    },
  };
}
