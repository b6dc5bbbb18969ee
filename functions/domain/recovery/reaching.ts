// What has to be reached before a verb of an asset makes sense, and what a branch that did not reach it ends with. Pure.
import * as z from 'zod';
import { assetsThat, leavesWithUsers, stateOf, type Verb, verbs, verbsOf } from '../../kinds/verbs.ts';
import { saidOf } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import { errorWords, readJson, type Step, stepName } from '../record/step.ts';
import type { StepRecord } from '../record/store.ts';
import { type Incident, type Way, ways } from '../types.ts';
import type { Message } from '../words/words.ts';

/** Verbs that bring an asset somewhere. The fence is none: what it cannot do is a matter of the approval. */
export type Reaching = 'leave-zone' | 'tidy-up' | 'catch-up' | 'take-over' | 'verify';

/** The names of the assets whose old copy must take no writes once the other has taken over. */
export function watchedIn(plan: Pick<Plan, 'assets'>): string[] {
  return assetsThat('fence-late', plan).map(({ name }) => name);
}

/** The names of the assets that take what would be missing elsewhere: what else is watched is only stopped, and holds no data. */
export function fencedIn(plan: Pick<Plan, 'assets'>): string[] {
  return assetsThat('fence', plan).map(({ name }) => name);
}

/** The names of the assets that leave a failed zone. */
export function leavingIn(plan: Pick<Plan, 'assets'>): string[] {
  return assetsThat('leave-zone', plan).map(({ name }) => name);
}

/** The assets whose takeover ends what an asset does in the old region: its own, and that of what it works for, where its kind says so. */
export function endedBy(name: string, { assets }: Pick<Plan, 'assets'>): string[] {
  const asset = assets.find((one) => one.name === name);
  return asset !== undefined && saidOf(asset).endsWithNeeds === true ? [name, ...asset.needs] : [name];
}

/** The state in which a verb is asked for. */
export function stateFor(verb: Reaching): string {
  return stateOf[verb];
}

/** Whether a person may sign that a verb of an asset is left out. For an asset that the plan lacks there is no waiver. */
export function mayBeLeftOut(verb: Reaching, name: string, { assets }: Pick<Plan, 'assets'>): boolean {
  const kind = assets.find((one) => one.name === name)?.kind;
  return kind === undefined || (verbs[kind][verb] ?? 'never') !== 'never';
}

/**
 * The assets that take over before: those that one needs to take over itself, and the one that is to be verified. What the old region has no use
 * of afterwards comes after what is `restored`, too: that takes hours, and the region may be back before.
 */
export function neededBefore(
  verb: Reaching,
  name: string,
  { assets }: Pick<Plan, 'assets'>,
  restored: readonly string[] = [],
): string[] {
  const takesOver = (need: string) => assets.some((one) => one.name === need && verbsOf(one).includes('take-over'));
  const asset = assets.find((one) => one.name === name);
  const needs = asset?.needs ?? [];
  const waits = asset !== undefined && leavesWithUsers(asset) ? restored.filter((one) => one !== name) : [];
  if (verb === 'take-over') return [...needs, ...waits].filter(takesOver);
  return verb === 'verify' ? [name].filter(takesOver) : [];
}

/** Whether a zone is well again: its incident is over, or is about another zone by now. One that is not known says nothing. */
export function isWellAgain(zone: string | null, incident: Incident | null): boolean {
  if (incident === null) return false;
  return incident.closedAt !== null || (incident.level === 2 && incident.scope.zone !== zone);
}

/**
 * Whether the zone that a flow has left may have its users back: its incident is over, or needs the flow's lock for another zone. What is held for
 * any other reason leaves no zone, and nothing says that the first one is well.
 */
export function mayReturn(zone: string | null, incident: Incident): boolean {
  if (!isWellAgain(zone, incident)) return false;
  const { closedAt, decisions, scope } = incident;
  const last = decisions.findLast((one) => one.level === 2 && one.scope.zone === scope.zone);
  return closedAt !== null || last?.hold === undefined || last.hold === 'another-execution-active';
}

/** Why a branch, or a state of the whole flow, did not reach what it is for. */
export type Failure = Step & {
  readonly why: string;
  /** Whether it waits for another, which failed. */
  readonly held: boolean;
};

/**
 * The failures among what the states of a flow ended with: by state and asset, of the whole flow by state alone. What failed
 * was caught as `{ failed: error, why: cause }`, or `stale` where what people approved has to be looked at again; what was held says
 * what it needs.
 */
export function failuresIn(
  ofAssets: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ofFlow: Readonly<Record<string, unknown>>,
): Failure[] {
  const all = [
    ...Object.entries(ofAssets).flatMap(([state, outcomes]) =>
      Object.entries(outcomes).map(([asset, outcome]) => ({ state, asset, outcome })),
    ),
    ...Object.entries(ofFlow).map(([state, outcome]) => ({ state, asset: null, outcome })),
  ];
  return all.flatMap(({ state, asset, outcome }): Failure[] => {
    const { stale, failed = stale, why, held } = readJson(JSON.stringify(outcome));
    if (typeof held === 'string') return [{ state, asset, held: true, why: `held: ${held}` }];
    if (typeof failed !== 'string') return [];
    return [{ state, asset, held: false, why: errorWords(failed, typeof why === 'string' ? why : null) }];
  });
}

/** What the record holds of a fence that is undone, from right before its call on: what rested on that fence counts no more. */
export function unfenceMark(asset: string): string {
  return `unfence/${asset}`;
}

/** What the record holds of a step that fails and is tried again, from its first failure on. */
export function failingMark(step: string): string {
  return `failing/${step}`;
}

/** What the record holds of a step that still failed when people's patience had ended: they are told. */
export function failingOnMark(step: string): string {
  return `failing-on/${step}`;
}

/** What the record holds of a step that failed and does not any more. */
export function mendedMark(step: string): string {
  return `mended/${step}`;
}

/** Whether what was tried again was reached since. What was kept before its first failure says nothing. */
export function isMended({ execution, step: mark, at }: StepRecord, steps: readonly StepRecord[]): boolean {
  const step = mark.replace(/^failing(-on)?\//, '');
  // That something is opened again is kept before it is asked for, and says nothing of how that ended.
  const ends = step.startsWith(unfenceMark('')) ? [mendedMark(step)] : [step, mendedMark(step)];
  return steps.some((past) => past.execution === execution && ends.includes(past.step) && past.at >= at);
}

/** What a step that gave up had last failed with while it was tried again, by the steps of its execution; null where its end says that, or nothing does. */
export function lastErrorOf(failure: Failure, own: readonly StepRecord[]): string | null {
  const step = recordedAs(failure);
  const mark = own.findLast((past) => [failingMark(step), failingOnMark(step)].includes(past.step));
  if (mark === undefined || isMended(mark, own)) return null;
  const why = String(mark.outcome['why']);
  return failure.why.includes(why) ? null : why;
}

/** The step that such a mark is about, from its first failure on; null of another. */
export function failingIn(mark: string): Step | null {
  return stepIn('failing', mark);
}

/** The step that people are told of; null where the mark is about none. */
export function failingOnIn(mark: string): Step | null {
  return stepIn('failing-on', mark);
}

function stepIn(kind: string, mark: string): Step | null {
  const [first, step, asset = null] = mark.split('/');
  if (first !== kind || step === undefined) return null;
  return { state: step in stateOf ? stateOf[step as Verb] : pascal(step), asset };
}

/** What the record holds of a round of a zone flow in which an asset did not leave, from the moment on at which the last one had left or given up. */
export const triedMark = 'record-recovery/tried';

/** What the record holds of an asset that could be fenced by all that was seen, and could not when it was tried; its outcome says why. */
export function inVainMark(asset: string): string {
  return `${inVain}/${asset}`;
}
const inVain = 'fence-in-vain';

/**
 * The assets that a flow has tried to fence in vain since it last stopped, with why, by its steps: a flow that goes on after a stop
 * tries again first. `stoppedAt`: null where it never did.
 */
export function fencedInVain(own: readonly StepRecord[], stoppedAt: number | null): Readonly<Record<string, string>> {
  const tried = own.flatMap(({ step, at, outcome: { why } }) => {
    const [mark, asset] = step.split('/');
    if (mark !== inVain || asset === undefined || at <= (stoppedAt ?? Number.NEGATIVE_INFINITY)) return [];
    const isFenced = own.some((past) => past.step === `fence/${asset}/fenced` && past.at > at);
    return isFenced ? [] : [[asset, String(why)] as const];
  });
  return Object.fromEntries(tried);
}

/** What the record holds of a way in which an asset did not take over: from then on it is left out. */
export function wayFailedMark(asset: string, way: Way): string {
  return `${wayFailed}/${asset}/${way}`;
}
const wayFailed = 'way-failed';

/** What such a mark is about; null of another step. */
export function wayFailedIn(step: string): { readonly asset: string; readonly way: string } | null {
  const [mark, asset, way] = step.split('/');
  return mark === wayFailed && asset !== undefined && way !== undefined ? { asset, way } : null;
}

/** What the record holds of a message that somebody could not be told: its occasion, from which a role hears once. */
export function notToldMark(occasion: string): string {
  return `${notTold}${occasion}`;
}
const notTold = 'not-told/';

const Untold = z.object({ roles: z.array(z.string()), subject: z.string(), body: z.string() });

/** The message that such a mark is about, and who missed it; null of another step. */
export function untoldIn({
  step,
  outcome,
}: Pick<StepRecord, 'step' | 'outcome'>):
  | (Message & { readonly id: string; readonly roles: readonly string[] })
  | null {
  const read = step.startsWith(notTold) ? Untold.safeParse(outcome) : null;
  return read?.success === true ? { id: step.slice(notTold.length), ...read.data } : null;
}

/** The ways of an asset that have failed, by the steps of an execution. */
export function waysFailedIn(own: readonly Pick<StepRecord, 'step'>[], asset: string): Way[] {
  return ways.filter((way) => own.some(({ step }) => step === wayFailedMark(asset, way)));
}

/** The failures for a headline: what waits for another says nothing new there. */
export function headed(failures: readonly Failure[]): readonly Failure[] {
  const failed = failures.filter(({ held }) => !held);
  return failed.length === 0 ? failures : failed;
}

/** The step under which the calls of a state are in the record. */
export function recordedAs({ state, asset }: Step): string {
  const verb = Object.entries(stateOf).find(([, name]) => name === state)?.[0];
  return stepName({ state: verb ?? kebab(state), asset });
}

/** The state whose section in the runbook has a name. */
function pascal(section: string): string {
  return section.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A state's section in the runbook, and the function that it calls. */
export function kebab(state: string): string {
  return state.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
