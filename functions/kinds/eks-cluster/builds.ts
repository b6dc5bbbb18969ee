// The builds by which a flow makes a cluster again and scales what runs in it: each is started once, followed, and told of with the link
// of its log. What is known of them stands in the record, so that a step that is asked again goes on with the same build.

import { readObject } from '../../aws/objects.ts';
import { type BuildSeen, describeBuild, startBuild } from '../../aws/workloads/builds.ts';
import { CannotProceed } from '../../domain/errors.ts';
import { day } from '../../domain/page/page-times.ts';
import { act, givingUp, lastCallAt } from '../../shared/recovery/act.ts';
import type { FlowIncident } from '../../shared/recovery/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import type { Task } from './moves.ts';
import { type Rebuild, recoverProject } from './says/rebuild-plan.ts';

/** What the builds of a flow are about. `region`: where they run. */
export type Of = {
  readonly incident: FlowIncident;
  readonly asset: string;
  readonly region: string;
  readonly rebuild: Rebuild;
};

/** A build of a flow. `number`: the how manieth it is for its asset, from 1. */
export type Build = {
  readonly number: number;
  readonly task: Task;
  readonly id: string;
  /** When it had been started, in milliseconds since 1970. */
  readonly at: number;
  /** A failure that was told: a person has looked since, or nobody would have asked again. */
  readonly failed: boolean;
};

/** CodeBuild knows a token for five minutes; a repetition close to that could start a second build. */
const tokenLastsSeconds = 240;
/** Of what a build told; the rest is in its log. */
const mostCharacters = 600;

/** CodeBuild's phases, as infrastructure/runs/projects.ts fills them. */
const phaseNames: Readonly<Record<string, string>> = {
  INSTALL: 'tools',
  PRE_BUILD: 'terraform',
  BUILD: 'application',
  POST_BUILD: 'scale',
};

const mark = (asset: string, number: number) => `build/${asset}/${number}`;

/** The last build that this flow started for an asset; null where it started none. */
export async function lastBuild(
  { incident, asset }: Pick<Of, 'incident' | 'asset'>,
  { store }: Shell,
): Promise<Build | null> {
  const steps = await store.readSteps(incident.id);
  const own = steps.filter(({ execution }) => execution === incident.execution);
  const started = own.flatMap(({ step, outcome, at }) => {
    const number = Number(/^build\/(.+)\/(\d+)$/.exec(step)?.[2]);
    if (step !== mark(asset, number)) return [];
    const failed = own.some((past) => past.step === `${step}/failed`);
    return [{ number, task: outcome['task'] as Task, id: String(outcome['build']), at, failed }];
  });
  return started.toSorted((a, b) => a.number - b.number).at(-1) ?? null;
}

/**
 * Starts a build, once; asked again in time, it is the same one. What was asked for and never answered is for a person, and after
 * that another one.
 */
export async function beginBuild(task: Task, last: Build | null, of: Of, shell: Shell): Promise<string> {
  const { incident, asset, region } = of;
  const number = (last?.number ?? 0) + 1;
  const project = recoverProject(asset, shell.prefix);
  const call = {
    step: `take-over/${asset}`,
    call: 'codebuild:StartBuild',
    target: project,
    region,
    continues: givingUp,
  };
  const lastAt = await lastCallAt(incident, call, shell);
  // The call before the last build was that build's own.
  const calledAt = lastAt !== null && lastAt > (last?.at ?? 0) ? lastAt : null;
  if (calledAt !== null && shell.now() - calledAt > tokenLastsSeconds * 1000) {
    await note(of, number, { build: 'not known', task }, shell);
    const why = `a build of ${project} was requested at ${day(calledAt)}; whether it runs is not known`;
    await noteFailure(of, number, why, shell);
    throw new CannotProceed(why);
  }
  const token = `${incident.execution}/${asset}/${number}`;
  const variables = { TASK: task, BREAKWATER_INCIDENT: incident.id };
  const change = {
    before: number === 1 ? 'none was started' : `${number - 1} were started`,
    wanted: `one runs: ${task}`,
  };
  const id = await act(incident, { ...call, change }, shell, () => startBuild(region, { project, token, variables }));
  await note(of, number, { build: id, task }, shell);
  return id;
}

/** What a build came to. `phases`: seconds of each that has ended. `log`: null where CodeBuild names none. `told`: what it told people, a line each; empty while it goes on. */
export type Followed = {
  readonly ended: boolean;
  readonly phases: Readonly<Record<string, number>>;
  readonly log: string | null;
  readonly told: readonly string[];
};

/**
 * Looks at a build and writes into the record what has ended of it.
 * @throws CannotProceed where it failed: with what it told, such as the addresses of a plan that does more than create.
 */
export async function followBuild(build: Build, of: Of, shell: Shell): Promise<Followed> {
  const seen = await describeBuild(of.region, build.id);
  // CodeBuild may not know a build yet that was started a moment ago.
  if (seen === null) return { ended: false, phases: {}, log: null, told: [] };
  await notePhases(build, seen, of, shell);
  const phases = Object.fromEntries(
    seen.phases.flatMap(({ phase, seconds }) => {
      const name = phaseNames[phase];
      return name === undefined || seconds === null ? [] : [[name, seconds]];
    }),
  );
  if (seen.status === 'in-progress') return { ended: false, phases, log: seen.log, told: [] };
  if (seen.status === 'succeeded') {
    const told = await toldBy(build, of);
    await noteTold(build, told, of, shell);
    return { ended: true, phases, log: seen.log, told };
  }
  const why = await failureOf(build, seen, of);
  await noteFailure(of, build.number, why, shell);
  throw new CannotProceed(why);
}

/** What it told people. It helps, and its absence says no more than the build's status. */
async function toldBy({ id }: Build, { rebuild: { bucket } }: Of): Promise<string[]> {
  const key = `builds/${id.slice(id.indexOf(':') + 1)}.txt`;
  const told = await readObject({ region: bucket.region, bucket: bucket.name, key }).catch(() => null);
  return (told ?? '').split('\n').filter((line) => line !== '');
}

/** A script tells last why it ends. What it told before, that it had made something, is not why. */
async function failureOf(build: Build, { status, phases, log }: BuildSeen, of: Of): Promise<string> {
  const { id, task } = build;
  const told = await toldBy(build, of);
  const failed = phases
    .filter(({ succeeded }) => succeeded === false)
    .map(({ phase, said }) => `${phaseNames[phase] ?? phase}: ${said || 'failed'}`);
  const words = [...told, ...failed].join('; ');
  const short = words.length > mostCharacters ? `${words.slice(0, mostCharacters)} … (the log has the rest)` : words;
  return `the ${task} ended: ${status}: ${short || 'it said nothing'}. Log: ${log ?? `build ${id}`}`;
}

/** In the record too where it ended well: that a release which hung was rolled back, say, or that volumes start empty. */
async function noteTold(build: Build, told: readonly string[], of: Of, shell: Shell): Promise<void> {
  const { incident, asset } = of;
  const step = `${mark(asset, build.number)}/told`;
  if (told.length === 0) return;
  const steps = await shell.store.readSteps(incident.id);
  if (steps.some((past) => past.execution === incident.execution && past.step === step)) return;
  await record(of, step, { told }, shell);
}

async function notePhases(build: Build, seen: BuildSeen, of: Of, shell: Shell): Promise<void> {
  const { incident, asset, rebuild } = of;
  const steps = await shell.store.readSteps(incident.id);
  for (const { phase, seconds, succeeded } of seen.phases) {
    const name = phaseNames[phase];
    if (name === undefined || succeeded === null) continue;
    // As people call it: what was brought into the cluster.
    const step = `${mark(asset, build.number)}/${name === 'application' ? rebuild.application.from : name}`;
    if (steps.some((past) => past.execution === incident.execution && past.step === step)) continue;
    await record(of, step, { succeeded, seconds }, shell);
  }
}

async function note(of: Of, number: number, outcome: Record<string, unknown>, shell: Shell): Promise<void> {
  await record(of, mark(of.asset, number), outcome, shell);
}

async function noteFailure(of: Of, number: number, why: string, shell: Shell): Promise<void> {
  await record(of, `${mark(of.asset, number)}/failed`, { why }, shell);
}

async function record({ incident }: Of, step: string, outcome: Record<string, unknown>, shell: Shell): Promise<void> {
  const { id, execution } = incident;
  await shell.store.recordStep({ incident: id, execution, step, at: shell.now(), outcome });
}
