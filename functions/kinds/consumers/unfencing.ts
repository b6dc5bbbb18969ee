// What the fence of consumers was, and how an abort undoes it: those that were on are on again.
import { CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import { assetsOf } from '../../domain/plan/assets.ts';
import { unfenceMark } from '../../domain/recovery/reaching.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { callsOf } from '../../shared/recovery/act.ts';
import type { Shell } from '../../shared/shell.ts';
import { callFor, describeConsumer, switchOn } from './aws.ts';
import { nextSwitch, stateOf } from './moves.ts';
import { type Consumer, consumersOf, type Goal, isInCluster } from './rules/listed.ts';
import type { Place } from './says/place-plan.ts';
import { needsTakenOver } from './seen/needs.ts';
import { readBefore } from './switching.ts';

/** A function runs for 30 s at most. */
const callMs = 30_000;

/** The execution that a person ends, its incident, and the region that it gave up. */
type Ended = { readonly id: string; readonly execution: string; readonly region: string };

/** The consumers that were on before this execution switched them off, each with what it has to be again. */
export async function wereOn(
  incident: Pick<Ended, 'id' | 'execution'>,
  asset: string,
  place: Place,
  shell: Pick<Shell, 'store'>,
): Promise<{ one: Consumer; goal: Goal }[]> {
  const before = await readBefore(incident, `fence/${asset}`, shell);
  return consumersOf(place).flatMap((one) => {
    const { on = false, tasks = 0 } = before.get(one.id) ?? {};
    return on ? [{ one, goal: { on, tasks } }] : [];
  });
}

/** What an execution that holds no lock any more has switched off, and nobody on again; empty where that is nothing. */
export async function offLeft({ id, execution, region }: Ended, shell: Shell): Promise<string[]> {
  const past = (await callsOf({ id, execution }, shell)).filter((call) => call.region === region);
  return assetsOf('consumers', shell.plan).flatMap(({ name, regions }) => {
    const place = regions[region];
    const targets = place === undefined ? [] : consumersOf(place).map(({ target }) => target);
    const last = past.findLast(({ target }) => targets.includes(target));
    return last?.step === `fence/${name}` ? [`${name} stay off: the flow has given ${region} back`] : [];
  });
}

/** Those of an asset are on again that were before; what stays off, and why. @throws Unavailable where that can be undone later. */
export async function switchBackOn(name: string, ended: Ended, by: string, shell: Shell): Promise<string[]> {
  const { id, execution, region } = ended;
  const { store, plan, now } = shell;
  const asset = assetNamed(name, 'consumers', plan);
  const calls = await callsOf({ id, execution }, shell);
  const past = calls.filter(({ step }) => step === `fence/${name}`);
  const [fence] = past;
  if (fence === undefined) return [];
  const { promoted, why } = await needsTakenOver(name, ended, shell);
  if (promoted === 'soon') throw new InProgress(`${why}: ${name} stay off`);
  if (promoted !== 'no') return [`${name} stay off in ${region}: ${why}, and one region that consumes is enough`];
  // A function that had passed the lock may still make its call.
  if (past.some(({ at }) => now() - at < callMs)) throw new Unavailable(`the fence of ${name} may still come`);
  const stays: string[] = [];
  for (const { one, goal } of await wereOn(ended, name, placeOf(asset, region), shell)) {
    const isOpened = calls.findLast(({ target }) => target === one.target)?.step === unfenceMark(name);
    const seen = await describeConsumer(region, one, now()).catch((error: unknown) => {
      // A person's own machine may not reach a cluster, or have no right in it: that is no better in a minute.
      if (isInCluster(one) && (error instanceof Unavailable || error instanceof CannotProceed)) return error;
      // A region that fails again keeps nobody from giving up the flow that had switched it on before.
      if (error instanceof Unavailable && isOpened) return 'opened' as const;
      throw error;
    });
    if (seen === 'opened') continue;
    if (seen instanceof Error) {
      stays.push(`${one.words} stays off: ${seen.message}; switch it on with kubectl`);
      continue;
    }
    const move = nextSwitch(seen, goal, null, now());
    if (move.next === 'give-up') stays.push(`${one.words} stays off: ${move.why}`);
    if (move.next === 'wait') throw new Unavailable(`${one.words} stays off: ${move.why}`);
    if (move.next !== 'switch') continue;
    const call = { step: 'abort', call: callFor(one, true), target: one.target };
    const change = { before: stateOf(seen), wanted: 'on' };
    await store.audit({ ...fence, ...call, at: now(), actor: by, change });
    if (!(await switchOn(region, one, goal.tasks, now())))
      throw new Unavailable(`${one.words} is being changed and stays off`);
  }
  return stays;
}
