// `breakwater status`: what it believes, what it will do next, and how to stop it; then how each region stands.
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { restoredIn } from '../functions/domain/data/rehearsal.ts';
import { answerCommands } from '../functions/domain/page/approval-forms.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { stepWords } from '../functions/domain/record/step.ts';
import { type Readiness, readinessLost } from '../functions/domain/recovery/readiness.ts';
import { rejoinSentence } from '../functions/domain/recovery/rejoin.ts';
import { keptOutWords, reasonWords } from '../functions/domain/words/decision-words.ts';
import { formatSeconds } from '../functions/domain/words/durations.ts';
import { levelWords, placeWords, stateWords, stepNamed } from '../functions/domain/words/words.ts';
import { flowHeldFor } from '../functions/shared/recovery/locks.ts';
import {
  commandLine,
  type DeploymentOptions,
  deploymentOf,
  onDeployment,
  open,
  usualStage,
} from './deployed/deployment.ts';
import {
  type Belief,
  type DataStanding,
  type Flow,
  forMachines,
  type OpenRequest,
  type Overview,
  overviewOf,
  type Protection,
} from './deployed/overview.ts';
import { doing } from './deployed/why-not.ts';
import { drillLine, leverLine } from './drill-aws.ts';
import { formatTime, printable } from './screen/layout.ts';
import { NotDone } from './screen/not-done.ts';
import { colorsOf, sayOn, type Terminal } from './screen/terminal.ts';
import { readCount } from './screen/wrong-input.ts';

export function addStatus(program: Command, terminal: Terminal): void {
  onDeployment(program.command('status').summary('what Breakwater believes, what it will do next, and how to stop it'))
    .option('--watch [seconds]', 'look again every so many seconds, until Ctrl-C (default: 5)', readCount('--watch'))
    .action((options: Options) =>
      options.watch === undefined ? status(options, terminal) : watch(options, options.watch, terminal),
    );
}

type Options = DeploymentOptions & { readonly watch?: number | true };

const watchSeconds = 5;
const clearScreen = '\x1b[2J\x1b[3J\x1b[H';

/** Looks again and again. Of a look that AWS refuses, the reason is shown in its place: it may be well a minute later. */
async function watch(options: Options, every: number | true, terminal: Terminal): Promise<void> {
  const over = new AbortController();
  const stop = (): void => over.abort();
  process.once('SIGINT', stop);
  try {
    while (!over.signal.aborted) {
      // One picture at a time: what is drawn line by line flickers.
      const lines: string[] = [];
      await status(options, { ...terminal, out: (text) => lines.push(text) }).catch((error: unknown) => {
        if (!(error instanceof NotDone)) throw error;
        lines.push(`${printable(error.message)}\n`);
      });
      const picture = lines.join('');
      terminal.out(options.json === true ? `${picture.trim()}\n` : `${terminal.rich ? clearScreen : '\n'}${picture}`);
      const seconds = every === true ? watchSeconds : every;
      await wait(seconds * 1000, undefined, { signal: over.signal }).catch(() => undefined);
    }
  } finally {
    process.off('SIGINT', stop);
  }
}

async function status(options: Options, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  const overview = await doing(open(deployment).then((opened) => overviewOf(deployment, opened)));
  const stops = stopsOf(overview, options);
  if (options.json === true) {
    // An object a line, where there are several.
    const indent = options.watch === undefined ? 2 : 0;
    terminal.out(`${JSON.stringify(forMachines(overview, stops), null, indent)}\n`);
    return;
  }
  const colors = colorsOf(terminal);
  const head = (text: string): void => terminal.out(`\n${colors.bold(text)}\n`);
  const write = sayOn(terminal);
  const say = (text: string, indent = 2): void => write(text, indent);
  const { at, account, seenFrom, beliefs, flows, requests, frozen, regions, epoch } = overview;
  terminal.out(
    `${colors.bold(overview.deployment)} in account ${account}, seen from ${seenFrom} at ${formatTime(at)}\n`,
  );
  for (const { region, silent } of regions)
    if (silent !== null) say(`${colors.red('!')} ${region} does not answer: ${silent}`);
  if (frozen !== null) say(`${colors.red('FROZEN')} by ${frozen.by} since ${formatTime(frozen.at)}: ${frozen.reason}`);

  head('What Breakwater believes');
  for (const belief of beliefs)
    for (const [index, line] of beliefLines(belief, at).entries()) say(line, index === 0 ? 2 : 4);

  head('What Breakwater will do next');
  for (const flow of flows) {
    say(flowLine(flow, at));
    if (flow.status === 'RUNNING') continue;
    for (const { words, lines } of waysOn(flow, options)) {
      if (words !== null) say(words, 4);
      for (const line of lines) terminal.out(`    ${line}\n`); // whole lines: they are copied
    }
  }
  for (const { region, executionsUnknown } of regions)
    if (executionsUnknown !== null) say(`NOT KNOWN what runs in ${region}: ${executionsUnknown}`);
  for (const { lock, held } of overview.unseen) {
    const flow = flowHeldFor(lock);
    if (flow === lock.execution) {
      say(`NOT KNOWN whether this flow still runs: ${held}`);
      continue;
    }
    say(
      `An abort is NOT FINISHED, and nothing else may act on ${lock.target}: ${held} Type it again, or end it and keep the fence:`,
    );
    for (const more of ['', ' --leave-fenced']) terminal.out(`    ${commandLine('abort', options, flow)}${more}\n`);
  }
  for (const one of requests) {
    for (const [index, line] of requestLines(one, at).entries()) say(line, index === 0 ? 2 : 4);
    if (one.request.expiresAt <= at) continue;
    say('An approver approves it, or rejects it:', 4);
    for (const line of answerLines(one, options)) terminal.out(`    ${line}\n`);
  }
  if (flows.length + requests.length + overview.unseen.length === 0)
    for (const line of idleLines(deployment.plan, frozen !== null)) say(line);

  head('How to stop Breakwater');
  for (const line of stops) terminal.out(`  ${line}\n`); // whole lines: they are copied

  head('How each region stands');
  for (const { region, role, lock, degradation, silent, restored, readiness } of regions) {
    const held =
      lock === null ? 'no flow holds it' : `held by ${lock.execution} since ${formatTime(lock.at)} (${lock.action})`;
    say(`${region}: ${role}, ${silent === null ? 'answers' : 'does not answer'}, ${held}`);
    if (degradation !== null)
      say(`degradation: flow ${degradation.execution} has worked on it since ${formatTime(degradation.at)}`, 4);
    for (const { asset, instance, instead, execution, at: since } of restored)
      say(
        `${asset}: the database is now ${instance}${instead === undefined ? '' : `, no longer ${instead}`}. ${execution} restored it ${formatTime(since)}`,
        4,
      );
    for (const line of readinessLines(readiness, at)) say(line, 4);
  }
  const { lastDrill, data, protection } = overview;
  if (protection !== null) {
    const newest = regions.find(({ region }) => region === protection.standby)?.readiness ?? null;
    const [line, ...lines] = protectionLines(protection, newest, at);
    say(protection.coveredAt === null || lostAgain(newest) > 0 ? `${colors.red('!')} ${line}` : `${line}`);
    for (const each of lines) say(each, 4);
    if (protection.coveredAt === null && protection.rejoins.length === 0)
      terminal.out(`    ${commandLine('failback', options)} --reason "..."\n`);
  }
  for (const line of data.flatMap((one) => dataLines(one, at))) say(line);
  say(
    lastDrill === null
      ? 'Last drill: none in the record. Nobody knows whether a failover works here.'
      : `Last drill: ${formatTime(lastDrill.at)}, ${formatSeconds((at - lastDrill.at) / 1000)} ago (${lastDrill.incident}).`,
  );
  const { lever, planned, running } = overview.drills;
  for (const { name, region, execution, startedAt } of running)
    say(`A DRILL RUNS in ${region}: ${name}, since ${formatTime(startedAt)} (${execution}).`);
  if (lever !== null) say(leverLine(lever));
  for (const { drill, standing } of planned) say(`Drill ${drillLine(drill, standing)}`);
  say(`Epoch ${epoch}${epoch === 1 ? ': the primary role has never moved' : ''}.`);
}

/** Since the roles moved: whether the next disaster is covered, and how far the way home is. */
function protectionLines(
  { standby, moved, since, coveredAt, rejoins }: Protection,
  newest: Readiness | null,
  now: number,
): string[] {
  const from = since ?? now;
  const by = moved === null ? '' : ` by ${moved.execution}`;
  return [
    coveredAt === null
      ? `NOT PROTECTED for ${formatSeconds((now - from) / 1000)}: users left ${standby}${by}, and ${standby} cannot take over now`
      : lostAgain(newest) > 0
        ? `NOT PROTECTED again: users left ${standby}${by}. ${standby} could take over from ${formatTime(coveredAt)} on, and fails ${lostAgain(newest)} checks now`
        : `Protected again since ${formatTime(coveredAt)}, after ${formatSeconds((coveredAt - from) / 1000)}: users left ${standby}${by}, and ${standby} can take over again`,
    ...rejoins.map((one) => `${rejoinSentence(one, now)}.`),
  ];
}

/** How many checks miss, as they were seen last. */
function lostAgain(newest: Readiness | null): number {
  return newest === null ? 0 : readinessLost(newest.checks);
}

/** What is not ready first: it is what somebody has to do. What is kept of backups is told where it is well, too. */
function readinessLines(readiness: Readiness | null, now: number): string[] {
  if (readiness === null) return ['readiness is NOT KNOWN: Breakwater has not looked yet'];
  const { checks, at } = readiness;
  const lost = checks.filter(({ state }) => state !== 'ready');
  const seen = `checked ${formatSeconds((now - at) / 1000)} ago`;
  const kept = checks.filter(({ check, state }) => check === 'backups' && state === 'ready');
  return [
    lost.length === 0
      ? `ready (${checks.length} checks, ${seen})`
      : `NOT READY (${lost.length} of ${checks.length} checks, ${seen})`,
    ...[...lost, ...kept].map(({ check, state, why }) => `${check}${state === 'ready' ? '' : `, ${state}`}: ${why}`),
  ];
}

/** What would be known of the data of a database after a loss, to when it could go back, and how its restore was rehearsed. */
function dataLines({ asset, ledger, rehearsals }: DataStanding, now: number): string[] {
  const ago = (at: number) => `${formatSeconds((now - at) / 1000)} ago`;
  const written =
    ledger === null
      ? `${asset}: Breakwater has published nothing about its data yet.`
      : `${asset}: Breakwater last wrote to the ledger in ${ledger.region} ${ago(ledger.at)} (row ${ledger.attempted}); ${
          ledger.provenAt === null
            ? 'its data has never passed all checks yet.'
            : `its data last passed all checks ${ago(ledger.provenAt)}, at ${formatTime(ledger.provenAt)}.`
        }`;
  return [
    written,
    ...(ledger?.shrank ?? []).map(
      ({ at, why }) =>
        `${formatTime(at)}: ${asset} had less data than one minute before, deleted by an application or lost: ${why.join('; ')}.`,
    ),
    ...rehearsals.map((rehearsal) => {
      const { region, begunAt, endedAt, wrong } = rehearsal;
      const seconds = restoredIn(rehearsal);
      const came =
        wrong.length > 0
          ? `the database did NOT come back as it should: ${wrong.join('; ')}`
          : seconds === null
            ? endedAt === null
              ? 'the rehearsal runs now'
              : 'the rehearsal ended early, because something else went first'
            : `the database worked after ${formatSeconds(seconds)}`;
      return `${asset}: last rehearsal of the restore in ${region} at ${formatTime(begunAt)}: ${came}.`;
    }),
  ];
}

function beliefLines({ region, level, reason, rising, incident, keptOut }: Belief, now: number): string[] {
  const forming =
    rising === null ? [] : [`A ${levelWords(rising)} may be coming: the evidence has not held long enough yet.`];
  if (incident === null) return [`${region}: ${levelWords(level)}${level === 0 ? '' : `: ${reason}`}`, ...forming];
  const last = incident.decisions.at(-1);
  const since = `since ${formatTime(incident.openedAt)} (${formatSeconds((now - incident.openedAt) / 1000)})`;
  return [
    `${region}: ${levelWords(incident.level)} in ${placeWords(incident.scope)}, level ${incident.level}, ${since}`,
    `incident ${incident.id}`,
    `Now: ${levelWords(level)}${level === 0 ? '' : `: ${reason}`}`,
    ...forming,
    ...(keptOut === null
      ? []
      : [...keptOutWords(keptOut, now), 'To send users back sooner: docs/runbook.md#kept-out.']),
    ...(last === undefined
      ? ['Nothing was decided yet.']
      : [`Last decision, ${formatTime(last.at)}: ${last.action}: ${reasonWords(last)}`, evidenceLine(last.evidence)]),
  ];
}

const mostEvidence = 8;

function evidenceLine(evidence: readonly string[]): string {
  const more = evidence.length - mostEvidence;
  return `Evidence: ${evidence.slice(0, mostEvidence).join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}`;
}

function flowLine({ flow, name, region, status: is, states, startedAt, over, paused }: Flow, now: number): string {
  const where = states
    .map(
      ({ since, ...where }) =>
        `${stateWords(where)}${since === null ? '' : ` for ${formatSeconds((now - since) / 1000)}`}`,
    )
    .join(', ');
  if (is === 'RUNNING')
    return `${flow} ${name} in ${region}: in ${where || 'a state that is not known'}, started ${formatTime(startedAt)}`;
  const at = where === '' ? '' : ` at ${states.map(stateWords).join(', ')}`;
  const held = flow === 'service-degradation' ? 'the lock of the degradation' : 'the lock of its region';
  if (paused !== null) {
    const since = `${formatTime(paused.since)} (${formatSeconds((now - paused.since) / 1000)})`;
    const failed = paused.failed.map(({ step, why }) => `${deedOf(step, paused.zone)} failed: ${why}`).join('; ');
    return `${flow} ${name} in ${region} is PAUSED since ${since}: ${failed.replace(/\.$/, '')}. It holds ${held} and waits for ${over === null ? 'you:' : 'an abort'}`;
  }
  return `${flow} ${name} in ${region} has stopped (${is})${at} and holds ${held}. The flow waits for ${over === null ? 'a resume or an abort' : 'an abort'}`;
}

/** What a step that failed does, by the name that people type. */
function deedOf(step: string, zone: string | null): string {
  return stepWords(stepNamed(step), zone);
}

/** What people may do about a flow that has stopped: words, and the lines that they type. */
function waysOn(
  { name, over, paused }: Flow,
  options: DeploymentOptions,
): { readonly words: string | null; readonly lines: readonly string[] }[] {
  const abort = commandLine('abort', options, name);
  if (over !== null) {
    const words = `Do not resume this flow: ${over}. Abort it: that gives the lock back and changes nothing else:`;
    return [{ words, lines: [abort] }];
  }
  const resume = commandLine('resume', options, name);
  if (paused === null) return [{ words: null, lines: [resume] }];
  const skippable = paused.failed.filter(({ mayBeSkipped }) => mayBeSkipped);
  return [
    { words: 'Correct the cause, then resume it:', lines: [resume] },
    ...skippable.map(({ step }) => ({
      words: `Or go on without ${deedOf(step, paused.zone)}: what it would have done stays undone. Type both:`,
      lines: [`${commandLine('skip', options, name, step)} --reason "..."`, resume],
    })),
    { words: 'Or give up the flow and its lock (docs/runbook.md#give-up):', lines: [abort] },
  ];
}

function requestLines({ request, standby, answers, silent, approvals }: OpenRequest, now: number): string[] {
  const { id, target, mode, required, expiresAt, unfenced, unfencedAssets = [] } = request;
  const left = (expiresAt - now) / 1000;
  const open =
    unfenced.length === 0
      ? ''
      : ` (NOT FENCED: ${[unfenced, unfencedAssets].flatMap((some) => some.join(', ') || []).join(': ')})`;
  const missing = Math.max(0, required - approvals);
  return [
    `request ${id}: ${mode} of ${target} to ${standby ?? 'nowhere'} waits for ${missing} more of ${silent.join(', ') || 'nobody'}`,
    ...answers.map(
      ({ approver, answer, at, valid, why }) =>
        `${formatTime(at)} ${approver}: ${answer}${valid ? '' : `, does not count: ${why}`}`,
    ),
    `With ${required} approvals, Breakwater fences ${target} and gives it up${open}. One rejection ends the request.`,
    left > 0
      ? `Without them nothing is changed. The request expires ${formatTime(expiresAt)}, in ${formatSeconds(left)}.`
      : `The request expired ${formatTime(expiresAt)}. Nothing is changed.`,
  ];
}

/** As the request's own message has them. */
function answerLines({ request }: OpenRequest, { stage = usualStage, plan }: DeploymentOptions): [string, string] {
  const file = plan === undefined ? '' : ` --plan ${plan}`;
  const [approve, reject] = answerCommands(request, stage);
  return [`${approve}${file}`, `${reject}${file}`];
}

/** What the plan would have it do, where nothing is under way. */
function idleLines({ levels, approval }: Plan, frozen: boolean): string[] {
  if (frozen) return ['Nothing: Breakwater is frozen. People are still told.'];
  return [
    'Nothing now: no flow runs and no request is open.',
    levels.level2.mode === 'act'
      ? 'If a zone fails, Breakwater moves out of the zone by itself.'
      : 'If a zone fails, Breakwater only tells people.',
    levels.level3.mode === 'act'
      ? `If a region fails, Breakwater asks ${approval.roles.join(', ')} first: ${approval.required} must approve.`
      : 'If a region fails, Breakwater only tells people.',
  ];
}

function stopsOf(overview: Overview, options: DeploymentOptions): string[] {
  const { flows, frozen, requests, unseen } = overview;
  const holders = unseen.map(({ lock }) => flowHeldFor(lock));
  const because = '--reason "..."';
  return [
    frozen === null
      ? `${commandLine('freeze', options)} ${because}`
      : `${commandLine('unfreeze', options)}    (Breakwater is frozen)`,
    ...[...flows.map(({ name }) => name), ...holders].map((name) => commandLine('abort', options, name)),
    ...requests.map((one) => answerLines(one, options)[1]),
  ];
}
