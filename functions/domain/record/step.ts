// A step of a flow: what it is called, which asset it is about, and how it ended. Pure.

/** A state of a flow. `asset` is the one that it is about; null where it is about the whole flow. */
export type Step = { readonly state: string; readonly asset: string | null };

/** Such as TakeOver/database; without an asset the state's name alone. Waivers are kept by it. */
export function stepName({ state, asset }: Step): string {
  return asset === null ? state : `${state}/${asset}`;
}

/** What each state does, in words that follow "is" or "while". */
const deeds: Readonly<Record<string, (asset: string, zone: string) => string>> = {
  TakeLock: () => 'taking the lock',
  ReleaseLock: () => 'giving the lock back',
  ReleaseHeldLock: () => 'giving the lock back',
  LeaveZone: (asset, zone) => `moving ${asset} out of ${zone}`,
  TidyUp: (asset, zone) => `letting ${asset} use ${zone} again`,
  VerifyService: () => 'checking that users are served',
  RecordRecovery: () => 'keeping how the recovery went',
  RecordTried: () => 'keeping what was tried',
  WatchZone: (_, zone) => `watching ${zone}`,
  Assess: () => 'looking for a safe way',
  RequestApproval: () => 'asking people to approve',
  Reassess: () => 'looking again at what was approved',
  Fence: (asset) => `closing (fencing) ${asset}`,
  CatchUp: (asset) => `copying the last writes of ${asset}`,
  TakeOver: (asset) => `taking over ${asset}`,
  Verify: (asset) => (asset === '' ? 'checking the service after the drill' : `checking ${asset}`),
  VerifyRegion: () => 'checking the other region',
  RedirectUsers: () => 'sending users to the other region',
  VerifyOutside: () => 'checking the service from outside',
  MoveRole: () => 'keeping which region is primary now',
  RecordFailover: () => 'keeping how the failover went',
  FenceOldRegion: () => 'fencing the old region',
  FenceOnReturn: (asset) => `closing (fencing) ${asset} in the old region`,
  WatchFence: () => 'starting the fence watch',
  HandOver: () => 'handing the fence watch on',
  Unfence: (asset) => `opening ${asset} again`,
  Diagnose: () => 'looking for the cause',
  Remediate: () => 'starting the remedy of the plan',
  WatchAtFirst: () => 'watching the service',
  TellChanges: () => 'telling people what changed',
  WatchIncident: () => 'watching the service',
  Prepare: () => 'preparing the drill',
  Inject: () => 'breaking what the drill breaks',
  Follow: () => 'following the drill',
  Conclude: () => 'ending the drill',
  Pause: () => 'waiting for people',
};

/** What a state does, as people are told it: such as "moving database out of use1-az1". Its name is for the lines that they type. */
export function stepWords({ state, asset }: Step, zone?: string | null): string {
  if (/^(?:Notify|Page)/.test(state)) return 'telling people';
  return deeds[state]?.(asset ?? '', zone ?? 'the zone') ?? `at ${asset === null ? state : `${state} ${asset}`}`;
}

/** The asset of the item that an iteration of a Map is given, from the state's input; null where that is no such item. */
export function assetIn(input: string | undefined): string | null {
  const { name, kind } = readJson(input);
  return typeof name === 'string' && typeof kind === 'string' ? name : null;
}

/**
 * succeeded: it was done. held: it needs what has not been reached. skipped: a person signed that it is left out. not-needed: it was so before.
 * not-possible: it could not be done, and the flow goes on without. dry-run: it said what it would have done.
 */
export type StepOutcome = 'succeeded' | 'failed' | Exclude<Tick['state'], 'done'>;

/** How a step ended that did not throw, by what it handed on: what its tick says. A flow that is a dry run changes nothing in any step. */
export function outcomeOf(
  output: string | undefined,
  asset: string | null,
  dryRun: boolean,
): Exclude<StepOutcome, 'failed'> {
  const { state } = tickIn(output, asset);
  if (dryRun && state !== 'skipped' && state !== 'held') return 'dry-run';
  return state === 'done' ? 'succeeded' : state;
}

/** What a state handed on; what is about an asset stands under its name. */
function reachedIn(output: string | undefined, asset: string | null): Readonly<Record<string, unknown>> {
  const all = readJson(output);
  return asset === null || all[asset] === undefined ? all : readJson(JSON.stringify(all[asset]));
}

/** Whether anything was done. not-needed: it was so before. not-possible: it could not be done, and the flow goes on without. */
export type Tick = {
  readonly state: 'done' | 'skipped' | 'held' | 'not-needed' | 'not-possible' | 'dry-run';
  /** Why, or what would be done; null where there is nothing to say. */
  readonly why: string | null;
};

/** The tick of a step that did not throw: a tick says done only of what was done. One rule for timeline and page. */
export function tickOf(outcome: Readonly<Record<string, unknown>>): Tick {
  const { skipped, by, held, dryRun, wouldDo, failed, unreachable, fenced, opened, stays, why } = outcome;
  const { moved, promoted, empty, shifted } = outcome;
  const textOf = (...texts: readonly unknown[]) =>
    texts.find((text): text is string => typeof text === 'string') ?? null;
  if (skipped === true) return { state: 'skipped', why: `signed by ${String(by)}` };
  if (typeof held === 'string') return { state: 'held', why: held };
  if (dryRun === true) return { state: 'dry-run', why: textOf(wouldDo) };
  const isImpossible =
    typeof failed === 'string' || typeof unreachable === 'string' || typeof stays === 'string' || fenced === false;
  if (isImpossible) return { state: 'not-possible', why: textOf(stays, why, unreachable, failed) };
  const isAsBefore =
    opened === false ||
    promoted === false ||
    (moved === false && empty !== true) ||
    (Array.isArray(shifted) && shifted.length === 0);
  return isAsBefore ? { state: 'not-needed', why: textOf(why) } : { state: 'done', why: null };
}

/** How a step ended, as page and report say it. */
export const tickWords: Readonly<Record<Tick['state'], string>> = {
  done: 'done',
  skipped: 'left out',
  held: 'held',
  'not-needed': 'not needed: it was so before',
  'not-possible': 'not possible',
  'dry-run': 'not done: a dry run',
};

/** The tick of a state by what it handed on. */
export function tickIn(output: string | undefined, asset: string | null): Tick {
  return tickOf(reachedIn(output, asset));
}

/** What a state was given or handed on, as far as it is an object; a long one is cut by AWS and is none. */
export function readJson(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Errors of the state machines' own: what they mean stands in the cause. */
const ownErrors = [
  ...['CannotProceed', 'InvalidInput', 'InProgress', 'Restoring', 'Unavailable', 'ApprovalStale'],
  ...['LockLost', 'LockHeld', 'Frozen', 'Aborted', 'Paused'],
];

/** Why a state failed, in words: the cause, behind the error where that is AWS's own and says more. */
export function errorWords(error: string | null, cause: string | null): string {
  const said = cause === null ? null : causeWords(cause);
  if (said === null || said === '') return error ?? 'none given';
  return error === null || ownErrors.includes(error) ? said : `${error}: ${said}`;
}

/** What a function said when it threw: Lambda gives the message in JSON, with a stack that helps nobody at night; it may be cut. */
export function causeWords(cause: string): string {
  const { errorMessage } = readJson(cause);
  if (typeof errorMessage === 'string') return errorMessage;
  return /"errorMessage":"((?:[^"\\]|\\.)*)/.exec(cause)?.[1]?.replaceAll('\\"', '"') ?? cause;
}
