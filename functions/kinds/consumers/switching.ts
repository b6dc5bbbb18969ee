// Switches all consumers of a region on or off: looks at each, asks for what is missing, and keeps in the record how each stood before.
// One that cannot be switched costs itself: the others are switched first.
import { createServerFinder } from '../../aws/workloads/clusters.ts';
import { CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import { act, callsOf, givingUp, type Watching } from '../../shared/recovery/act.ts';
import type { RegionIncident } from '../../shared/recovery/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { callFor, describeConsumer, type Switch } from './aws.ts';
import { nextSwitch, standingFor, stateOf } from './moves.ts';
import { type Consumer, type ConsumerSeen, type Goal, isCounted } from './rules/listed.ts';
import { type Answered, inTurn } from './seen/in-turn.ts';

/** So many calls are made in one run of a function; the next run makes the next ones. */
const mostCalls = 8;

/** What is switched. `step`: as the record names it, such as fence/workers. `watches`: where it is the fence watch that asks. */
export type Switching = {
  readonly region: string;
  readonly step: string;
  readonly consumers: readonly { readonly one: Consumer; readonly goal: Goal }[];
  /** The call towards that goal. */
  readonly call: Switch;
  readonly watches?: Watching | undefined;
};

/** How each consumer stood before this flow touched it, and how it stands now, in words. */
export type Switched = Readonly<Record<string, { readonly before: string; readonly after: string }>>;

/** How a consumer stood before. `tasks`: how many were wanted of what is counted; 0 of all others. */
export type Before = { readonly state: string; readonly on: boolean; readonly tasks: number };

/**
 * Called again until all are as they have to be. @throws InProgress until then, CannotProceed where one of them cannot be switched and the others
 * are done, and Unavailable where the region does not answer.
 */
export async function switchAll(
  incident: RegionIncident,
  { region, step, consumers, call: ask, watches }: Switching,
  shell: Shell,
): Promise<Switched> {
  const { now } = shell;
  const find = createServerFinder();
  const goals = new Map(consumers.map(({ one, goal }) => [one, goal]));
  const answered = await inTurn([...goals.keys()], (one) => describeConsumer(region, one, now(), find));
  const looked = answered.flatMap(({ one, seen }) => {
    const goal = goals.get(one);
    return goal === undefined ? [] : [{ one, goal, seen }];
  });
  const before = await keepBefore(incident, step, looked.flatMap(knownOf), shell);
  const calls = (await callsOf(incident, shell)).filter((past) => past.step === step && past.region === region);
  const failures: Error[] = [];
  const pending: string[] = [];
  let made = 0;
  for (const { one, goal, seen } of looked) {
    if (seen instanceof Error) {
      failures.push(seen);
      continue;
    }
    const call = callFor(one, goal.on);
    const calledAt = calls.findLast((past) => past.call === call && past.target === one.target)?.at ?? null;
    const move = nextSwitch(seen, goal, calledAt, now());
    if (move.next === 'done') continue;
    const end = goal.on ? 'on' : 'off';
    if (move.next === 'give-up')
      failures.push(new CannotProceed(`${one.words} cannot be switched ${end}: ${move.why}`));
    else if (move.next === 'wait') pending.push(`${one.words} is not ${end} yet: ${move.why}`);
    else if (made >= mostCalls) pending.push(`${one.words} is switched ${end} next`);
    else {
      made += 1;
      const change = { before: stateOf(seen), wanted: end };
      const asked = { step, call, target: one.target, region, change, continues: givingUp, watches };
      try {
        const begun = await act(incident, asked, shell, () => ask(region, one, goal.tasks, now()));
        pending.push(`${one.words} ${begun ? `is being switched ${end}` : `is still changing and accepts no call`}`);
      } catch (error) {
        if (!(error instanceof CannotProceed || error instanceof Unavailable)) throw error;
        failures.push(error);
      }
    }
  }
  const first = pending[0];
  if (first !== undefined)
    throw new InProgress(pending.length === 1 ? first : `${first}, and ${pending.length - 1} more`);
  // What did not answer is asked again; what said no is for a person.
  const failed = failures.find((error) => error instanceof Unavailable) ?? together(failures);
  if (failed !== null) throw failed;
  return Object.fromEntries(
    looked.map(({ one, seen }) => {
      const state = stateOf(seen as ConsumerSeen | null);
      return [one.id, { before: before.get(one.id)?.state ?? state, after: state }];
    }),
  );
}

function knownOf({ one, seen }: Answered): [string, Before][] {
  if (seen instanceof Error) return [];
  // What is being created, enabled or updated is on, or will be.
  const isGoing = seen !== null && !isCounted(seen) && /^(Disab|Delet)/i.test(seen.state);
  const on = seen !== null && !isGoing && standingFor(seen, { on: false, tasks: 0 }) !== 'off';
  return [[one.id, { state: stateOf(seen), on, tasks: seen !== null && isCounted(seen) ? seen.desired : 0 }]];
}

function together(failures: readonly Error[]): Error | null {
  const [first] = failures;
  if (first === undefined || failures.length === 1) return first ?? null;
  return new CannotProceed(failures.map(({ message }) => message).join('; '));
}

/** In the record, how consumers stood before a step first touched them. */
function beforeMark(step: string): string {
  return `before/${step}`;
}

/** How each stood before a step of an execution, by its id; what was kept first counts. */
export async function readBefore(
  { id, execution }: Pick<RegionIncident, 'id' | 'execution'>,
  step: string,
  { store }: Pick<Shell, 'store'>,
): Promise<Map<string, Before>> {
  const kept = (await store.readSteps(id)).filter(
    (past) => past.execution === execution && past.step === beforeMark(step),
  );
  const all = kept.flatMap(({ outcome }) => Object.entries(outcome['consumers'] as Readonly<Record<string, Before>>));
  return new Map(all.toReversed());
}

/** Before the first call: what was on is switched on again where the flow gives up. */
async function keepBefore(
  incident: RegionIncident,
  step: string,
  seen: readonly (readonly [string, Before])[],
  shell: Shell,
): Promise<Map<string, Before>> {
  const known = await readBefore(incident, step, shell);
  const fresh = seen.filter(([id]) => !known.has(id));
  if (fresh.length === 0) return known;
  const { id, execution } = incident;
  const outcome = { consumers: Object.fromEntries(fresh) };
  await shell.store.recordStep({ incident: id, execution, step: beforeMark(step), at: shell.now(), outcome });
  return new Map([...fresh, ...known]);
}
