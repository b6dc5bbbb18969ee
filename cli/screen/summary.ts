// The result of a drill, on half a screen: the incident, times and losses against the objectives, invariants, misses.
import { fromWords } from '../../functions/domain/record/fault-clock.ts';
import { formatSeconds } from '../../functions/domain/words/durations.ts';
import { levelWords } from '../../functions/domain/words/words.ts';
import type { DrillResult, DrillRun } from '../../simulator/drill/result.ts';
import { missesOf } from '../../simulator/drill/verdict.ts';
import { formatCount, wrap } from './layout.ts';
import type { Colors } from './terminal.ts';

const labelWidth = 14;

/** A summary is pasted into mails and tickets: its lines fit 80 columns, however wide the screen is. */
const mostColumns = 80;

/** The lines of the summary. `width`: of the screen, in columns. */
export function summarise(run: DrillRun, colors: Colors, width: number): string[] {
  const columns = Math.min(width, mostColumns);
  const { result } = run;
  const missed = missesOf(run);
  const row = (label: string, text: string): string[] =>
    wrap(text, columns - labelWidth - 2).map((line, index) =>
      index === 0 ? `  ${colors.dim(label.padEnd(labelWidth))}${line}` : `${' '.repeat(labelWidth + 2)}${line}`,
    );
  return [
    colors.bold('Summary'),
    ...row('Incident', incidentOf(result)),
    ...result.executions.flatMap((execution, index) => row(index === 0 ? 'Flow' : '', flowOf(execution))),
    ...objectiveRows(result, colors, columns),
    ...(result.predicted === null ? [] : row('Predicted', predictedOf(result.predicted))),
    ...row('Clocks', clocksOf(result)),
    ...(result.overhead.criticalPathSeconds === null ? [] : row('Overhead', overheadOf(result))),
    ...(result.approvals.length === 0 ? [] : row('Answers', answersOf(result))),
    ...row('Changed', changesOf(result)),
    ...row('Messages to', messagesOf(result)),
    ...row('At the end', endOf(result)),
    '',
    ...invariantLines(result, colors, columns),
    '',
    ...(missed.length === 0
      ? []
      : [colors.bold('Missed'), ...missed.flatMap((line) => bullet(line, colors, columns)), '']),
    verdictOf(result, missed.length, colors),
  ];
}

function incidentOf({ incident, otherIncidents }: DrillResult): string {
  if (incident === null) return 'none';
  const { level, scope, closedAt } = incident;
  const others = otherIncidents.length === 0 ? '' : `; ${formatCount(otherIncidents.length)} more`;
  return `level ${level}, ${levelWords(level)} in ${scope.zone ?? scope.region}${closedAt === null ? ', still open' : ''}${others}`;
}

function flowOf({ stateMachine, region, status, startedAt, endedAt }: DrillResult['executions'][number]): string {
  if (endedAt === null) return `${stateMachine} in ${region}: ${status}`;
  const took = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  return `${stateMachine} in ${region}: ${status} after ${formatSeconds(took)}`;
}

/** What was achieved, beside the objective. */
function objectiveRows({ clocks, dataLoss, objectives }: DrillResult, colors: Colors, columns: number): string[] {
  const line = (label: string, was: string, asked: string, met: boolean | null, more: readonly string[] = []) => {
    const words = met === null ? colors.dim('not known') : met ? colors.green('met') : colors.red('missed');
    const first = `  ${colors.dim(label.padEnd(labelWidth))}${colors.bold(was.padEnd(14))}${asked.padEnd(14)}${words}`;
    const rest = more.length === 0 ? [] : wrap(more.join(', '), columns - labelWidth - 2);
    return [first, ...rest.map((one) => `${' '.repeat(labelWidth + 2)}${one}`)];
  };
  const recovery = clocks.recoverySeconds === 0 ? 'not needed' : formatSeconds(clocks.recoverySeconds);
  const lost = dataLoss.actualSeconds === 0 ? 'none' : formatSeconds(dataLoss.actualSeconds);
  const writes = (count: number | null, what: string) =>
    count === null || count === 0 ? [] : [`${formatCount(count)} ${count === 1 ? 'write' : 'writes'} ${what}`];
  const reported = dataLoss.reportedSeconds === null ? [] : [`reported as ${formatSeconds(dataLoss.reportedSeconds)}`];
  return [
    ...line('Recovery', recovery, `RTO ${formatSeconds(objectives.rtoSeconds)}`, objectives.rtoMet),
    ...line('Data loss', lost, `RPO ${formatSeconds(objectives.rpoSeconds)}`, objectives.rpoMet, [
      ...reported,
      ...writes(dataLoss.lostWrites, 'lost'),
      ...writes(dataLoss.divergedWrites, 'diverged'),
    ]),
  ];
}

/** What people were shown before they approved, or what leaving a zone was predicted to take. `Recovery` counts from the fault. */
function predictedOf({ recoverySeconds, dataLossSeconds, countsFrom }: NonNullable<DrillResult['predicted']>): string {
  const loss =
    dataLossSeconds === null
      ? 'data loss not known'
      : dataLossSeconds === 0
        ? 'no data lost'
        : `at most ${formatSeconds(dataLossSeconds)} of data lost`;
  const served =
    recoverySeconds === null
      ? 'recovery time not known'
      : `users served ${formatSeconds(recoverySeconds)} after ${fromWords(countsFrom === null ? null : { what: countsFrom })}`;
  return `${served}, ${loss}`;
}

function clocksOf({ clocks }: DrillResult): string {
  const parts = [
    ['detected in', clocks.detectSeconds],
    ['decided in', clocks.decideSeconds],
    ['approved in', clocks.approvalSeconds],
    ['moved in', clocks.executeSeconds],
    ['unprotected for', clocks.unprotectedSeconds === 0 ? null : clocks.unprotectedSeconds],
  ] as const;
  const known = parts.filter(([, seconds]) => seconds !== null);
  const still = clocks.unprotectedSeconds === null ? ['still unprotected'] : [];
  return (
    [...known.map(([what, seconds]) => `${what} ${formatSeconds(seconds)}`), ...still].join(', ') ||
    'nothing was detected'
  );
}

function overheadOf({ overhead: { criticalPathSeconds, addedSeconds, ratio } }: DrillResult): string {
  const factor = ratio === null ? '' : ` (${ratio.toFixed(2)} times)`;
  return `Breakwater added ${formatSeconds(addedSeconds)}; AWS itself took ${formatSeconds(criticalPathSeconds)}${factor}`;
}

/** The answers of people and of mail scanners. Most answers of scanners do not count. */
function answersOf({ approvals }: DrillResult): string {
  const valid = approvals.filter((answer) => answer.valid);
  const counted = tally(valid.map(({ approver, answer }) => `${approver}: ${answer}`));
  const others = approvals.length - valid.length;
  const rest = others === 0 ? '' : `${formatCount(others)} ${others === 1 ? 'does' : 'do'} not count`;
  return [counted, rest].filter((part) => part !== '').join('; ');
}

function changesOf({ mutations }: DrillResult): string {
  const calls = tally(mutations.map(({ service, operation }) => `${service}:${operation}`));
  return calls === '' ? 'nothing' : calls;
}

function messagesOf({ notifications }: DrillResult): string {
  const roles = tally(notifications.map(({ role }) => role));
  return roles === '' ? 'nobody' : roles;
}

function endOf({ end }: DrillResult): string {
  const users = end.served ? `users are served from ${end.usersRegion ?? 'an unknown region'}` : 'users are not served';
  // Only assets in one zone are listed: the others are where users are, or have no place.
  const places = end.assets.flatMap(({ name, zone }) => (zone === null ? [] : [`${name} in ${zone}`]));
  return [users, ...places].join(', ');
}

/** The names with their counts, in order of first appearance: `a, b (3 times)`. */
function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${name} (${formatCount(count)} times)`)).join(', ');
}

function invariantLines({ invariants }: DrillResult, colors: Colors, columns: number): string[] {
  const held = invariants.filter((invariant) => invariant.held);
  const width = Math.max(0, ...invariants.map(({ id }) => id.length)) + 4;
  const perLine = Math.max(1, Math.floor((columns - 2) / width));
  const cells = invariants.map(({ id, held: holds }) => {
    const mark = holds ? colors.green('✔') : colors.red('✖');
    return `${mark} ${(holds ? id : colors.red(id)) + ' '.repeat(width - 2 - id.length)}`;
  });
  const lines: string[] = [];
  for (let at = 0; at < cells.length; at += perLine)
    lines.push(
      `  ${cells
        .slice(at, at + perLine)
        .join('')
        .trimEnd()}`,
    );
  return [`${colors.bold('Invariants')}  ${held.length} of ${invariants.length} held`, ...lines];
}

function bullet(text: string, colors: Colors, columns: number): string[] {
  return wrap(text, columns - 4).map((line, index) => `${index === 0 ? `  ${colors.red('✖')} ` : '    '}${line}`);
}

function verdictOf({ scenario, seed }: DrillResult, missed: number, colors: Colors): string {
  const name = `${scenario}, seed ${seed}`;
  return missed === 0
    ? `${colors.green(colors.bold('PASSED'))}  ${name}`
    : `${colors.red(colors.bold('MISSED'))}  ${name}: ${formatCount(missed)} ${missed === 1 ? 'miss' : 'misses'}`;
}
