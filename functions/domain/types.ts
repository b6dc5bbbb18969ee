// The words of Breakwater as types: signal, classification, decision, incident, standing. Times are milliseconds since 1970.
import type { IndicationName } from './evidence/indications.ts';

/** 0: nothing is wrong; 1: degradation; 2: one zone failed; 3: the region failed; unknown: the evidence does not say. */
export type Level = 0 | 1 | 2 | 3 | 'unknown';

export type Action = 'none' | 'notify' | 'az-failover' | 'request-approval' | 'hold';

/** Where something is wrong. `zone` is a zone id (use1-az4), or null where it is not about one zone. */
export type Scope = { readonly region: string; readonly zone: string | null };

/**
 * What a signal says about its subject. Absent data is `unknown`: neither failing nor healthy. What was deleted is `gone`: it says
 * nothing any more, and is missed by nobody.
 */
export type Condition = 'failing' | 'healthy' | 'unknown' | 'gone';

type Seen = {
  /** The event's id: one id is one signal, however often it is delivered. */
  readonly id: string;
  /** What it speaks about. Of the signals with one key the newest counts. */
  readonly key: string;
  /** The event's own time, not its arrival. */
  readonly at: number;
  /** When it was first kept. Absent: at its own time. */
  readonly seenAt?: number | undefined;
  /** The region it speaks about; not always the one it was sent from. */
  readonly region: string;
  /** The failure domain it was seen from: signals from one observer are one opinion. */
  readonly observer: string;
  /** The newest value of the metric that an alarm's state rests on; absent where it is not told. */
  readonly value?: number | undefined;
};

/** One event that says something about the application's health. */
export type Signal = Seen &
  (
    | {
        readonly kind: 'component';
        readonly component: string;
        readonly measure: string;
        readonly zone: string | null;
        readonly condition: Condition;
      }
    | { readonly kind: 'canary'; readonly condition: Condition }
    | { readonly kind: 'canary-run'; readonly passed: boolean }
    | { readonly kind: 'probe'; readonly service: string; readonly condition: Condition }
    /** One look at the control planes of a region. `services`: those that did not answer. */
    | { readonly kind: 'probe-run'; readonly services: readonly string[] }
    | { readonly kind: 'heartbeat'; readonly condition: Condition }
    /** `everySeconds`: how soon its sender says that the next one follows. */
    | { readonly kind: 'beat'; readonly everySeconds?: number | undefined }
    | { readonly kind: 'replica'; readonly condition: Condition }
    /** A check of readiness, by its name. `why`: one sentence. */
    | { readonly kind: 'readiness'; readonly check: string; readonly why: string; readonly condition: Condition }
    | {
        readonly kind: 'health';
        readonly service: string;
        readonly open: boolean;
        readonly category: string;
        readonly zones: readonly string[];
      }
    | { readonly kind: 'database'; readonly instance: string; readonly change: DatabaseChange }
    | { readonly kind: 'cache'; readonly group: string; readonly change: CacheChange }
    | {
        readonly kind: 'shift';
        readonly zone: string;
        readonly cause: 'autoshift' | 'manual' | 'practice' | 'experiment';
        readonly active: boolean;
      }
    | { readonly kind: 'release'; readonly release: string; readonly phase: 'started' | 'ended' }
    | {
        readonly kind: 'maintenance';
        readonly window: string;
        readonly phase: 'started' | 'ended';
        readonly targets: readonly string[];
        readonly plannedSeconds: number | null;
      }
  );

export type DatabaseChange =
  | 'failover-started'
  | 'failover-completed'
  | 'restarted'
  | 'shutdown'
  | 'replication-stopped'
  | 'replication-resumed'
  | 'promoted'
  | 'other';
export type CacheChange =
  | 'failover-started'
  | 'failover-completed'
  | 'replacement-scheduled'
  | 'replacement-canceled'
  | 'replacement-started'
  | 'node-replaced'
  | 'other';

/** An event that gave no signal: kept as evidence and counted, never dropped. */
export type Stray = { readonly id: string; readonly at: number; readonly reason: string; readonly event: string };

/** One thing that the signals, taken together, show. */
export type Found = Pick<
  Classification,
  'level' | 'indication' | 'scope' | 'reason' | 'since' | 'evidence' | 'facts' | 'causes'
>;

/** What the signals, taken together, mean. It decides nothing. */
export type Classification = {
  /** The region that was classified. */
  readonly region: string;
  readonly level: Level;
  /** The name of what was found; null where nothing was. */
  readonly indication: IndicationName | null;
  /** Where the trouble is: mostly that region, but the region of the observer whose own sight may be lost. */
  readonly scope: Scope;
  /** Why, in words of the plan: one sentence that a person can read at 3 a.m. */
  readonly reason: string;
  /** Ids of the signals that it rests on, oldest first. */
  readonly evidence: readonly string[];
  /** The first of them in words, with times and values. */
  readonly facts: readonly string[];
  /** The distinct causes that fail: components, or what several of them share, such as one node. */
  readonly causes: readonly string[];
  /** What was found beside it, strongest first; no degradations. */
  readonly others: readonly Found[];
  /** When the newest part of that evidence appeared; null where there is none. */
  readonly newestSince: number | null;
  /** A stronger level whose evidence has not held long enough; null where none is forming. */
  readonly rising: Level | null;
  /** When the first of that evidence appeared; null where there is none. */
  readonly since: number | null;
  /** How users fare now, as several observers outside of the region see it; unknown where fewer do. */
  readonly users: 'fail' | 'served' | 'unknown';
  /** All has been well since then; null while something is wrong. */
  readonly wellSince: number | null;
  /** Since when control planes and the heartbeat are well; 0 where they never failed, null while several or the heartbeat fail. */
  readonly platformWellSince: number | null;
  /** When something in a zone last became well, or AWS let traffic back into it: by zone. */
  readonly zonesWellAt: Readonly<Record<string, number>>;
  /** When time alone can change this classification; null where it cannot. */
  readonly lookAgainAt: number | null;
};

/** Why an action is held back. */
export const holdReasons = [
  'evidence-incomplete',
  'frozen',
  'observe-only',
  'roles-unknown',
  'not-primary',
  'cooling-down',
  'another-execution-active',
  'not-started',
] as const;
export type HoldReason = (typeof holdReasons)[number];

/** What to do, and what was found that it is for. `hold`: what holds it back, of a hold alone. */
export type Decision = { readonly action: Action; readonly reason: string; readonly hold?: HoldReason };

/** A decision as it stands in the record. */
export type RecordedDecision = Decision & {
  readonly at: number;
  readonly level: Level;
  /** The name of what it is about; absent at the end, and where a person decided. */
  readonly indication?: IndicationName;
  readonly scope: Scope;
  readonly evidence: readonly string[];
  /** The first of it in words, with times and values; absent where nobody wrote it down. */
  readonly facts?: readonly string[];
  /** The distinct causes that it is about. */
  readonly causes: readonly string[];
  /** Grows with each decision of one incident; part of the name of the execution it starts. */
  readonly attempt: number;
  /** Name of the execution it starts; null where it starts none. */
  readonly execution: string | null;
};

/** One thing that went wrong, from its first signal to the end of its recovery. */
export type Incident = {
  readonly id: string;
  readonly region: string;
  /** What is dealt with now: the highest level it reached, unless it has fallen to a zone case since. */
  readonly level: Level;
  readonly scope: Scope;
  /** Time of its first evidence. */
  readonly openedAt: number;
  /** When users were last seen to be served, as it was known when the incident was found; absent where nobody saw that shortly before. */
  readonly lastServedAt?: number;
  readonly lastSignalAt: number;
  readonly closedAt: number | null;
  readonly decisions: readonly RecordedDecision[];
  /** The zone that users were last sent back to, by the end of this incident or of one before it, and when; absent where they never were. */
  readonly returned?: { readonly zone: string; readonly at: number };
  /** Opened by what a person started, and not by anything that failed: what that is. */
  readonly planned?: Exclude<Mode, 'failover'>;
  /** When the flow of that gave the region back, having come to its end. */
  readonly doneAt?: number;
  /** Grows with each change; a writer that read an older one reads again. */
  readonly version: number;
};

/** What holds an action back, as it stands now. */
export type Standing = {
  /** Who froze the automation and why; null while it is not frozen. */
  readonly frozen: { readonly by: string; readonly reason: string; readonly at: number } | null;
  /** The region that serves users now. */
  readonly primary: string;
  /** Grows each time the primary role moves. */
  readonly epoch: number;
  /** When it last moved, in milliseconds since 1970; null where it never did, or nobody knows. */
  readonly movedAt: number | null;
  /** The execution that acts on the region now. */
  readonly lock: Lock | null;
  /** The one that answers a degradation of it, which acts beside. */
  readonly degradation: Lock | null;
  /** The last action on each target. */
  readonly lastActions: readonly { readonly action: Action; readonly target: string; readonly at: number }[];
};

/** What the roles are while they cannot be read: no region is primary, and no epoch is one to move on from. */
export const unknownRoles: Pick<Standing, 'primary' | 'epoch' | 'movedAt'> = {
  primary: 'unknown',
  epoch: 0,
  movedAt: null,
};

/** Who may act on a target. Held by one execution until it ends. */
export type Lock = {
  readonly target: string;
  readonly execution: string;
  readonly incident: string;
  readonly action: Action;
  readonly at: number;
};

/** How what holds the data comes back, or a region by it. Which of them is best is said by evidence, and not by this order. */
export const ways = [
  'promote-replica',
  'promote-delayed-replica',
  'restore-point-in-time',
  'restore-snapshot',
  'fail-over-datastore',
  'start-empty',
  'redirect-users',
] as const;
export type Way = (typeof ways)[number];

/**
 * failover: unplanned, may lose data; switchover: planned, loses none; restore: data was corrupted and comes back from before that, where
 * it stands: users stay, and no role moves.
 */
export const modes = ['failover', 'switchover', 'restore'] as const;
export type Mode = (typeof modes)[number];

/** What an approval is bound to: outside of it the approval is void. */
export type Bounds = {
  /** Hash of the plan's content. */
  readonly plan: string;
  /** The region that is given up. */
  readonly target: string;
  readonly mode: Mode;
  readonly way: Way;
  /** The way of each asset that has more than one, by its name; absent where none has. */
  readonly ways?: Readonly<Record<string, Way>>;
  /** What could not be fenced when people were asked, such as us-east-1; empty where all can be. */
  readonly unfenced: readonly string[];
  /** Which of its assets, by name; absent where all can be fenced, and in records of before that was kept: such a one names none. */
  readonly unfencedAssets?: readonly string[];
  /** The most seconds of data that may be lost; null where the loss is not known and people are told so. */
  readonly lossCeilingSeconds: number | null;
  /** The same of each asset that has a way of its own, by its name; absent where none has, and in records of before that was kept. */
  readonly assetCeilingSeconds?: Readonly<Record<string, number | null>>;
};

/** A request that people answer. One is open for a region at a time. */
export type ApprovalRequest = Bounds & {
  readonly id: string;
  readonly incident: string;
  readonly execution: string;
  /** Answers needed, each from another person; the requester is none of them. */
  readonly required: number;
  readonly roles: readonly string[];
  readonly requestedBy: string;
  readonly askedAt: number;
  readonly expiresAt: number;
  /** What people are shown: predictions, evidence, what happens on no answer. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** It is asked by a drill: no flow waits for it, and nothing is changed whatever is answered. */
  readonly drill?: true;
  /** A flow asks that a drill has started: an answer does what it always does, and people read that it is a drill. */
  readonly drillMoves?: true;
};

export type Answer = {
  readonly request: string;
  /** The role that answers; a person in two roles counts once. */
  readonly approver: string;
  readonly answer: 'approve' | 'reject';
  /** Must name what stays unfenced when the request has it: the second phrase. */
  readonly unfenced: readonly string[];
  readonly reason: string;
  readonly at: number;
  readonly from: string;
};

/** Who gave an answer, in which way, and what they were shown. */
export type Given = {
  /** The link it was given with, or the ARN of the one who called. */
  readonly who: string;
  readonly how: 'page' | 'command-line';
  /** Hash of the request as it was shown; empty where there is no such request. */
  readonly shownHash: string;
};

/** An answer as it is kept: valid, or why not. Kept once and never changed: it is the audit record of the answer. */
export type RecordedAnswer = Answer & Partial<Given> & { readonly valid: boolean; readonly why: string };

/** What the lock of a degradation of a region is taken on. */
export function degradationLock(region: string): string {
  return `${region}/degradation`;
}

/** The name of what an action is done to: a zone of a region, or the region. */
export function targetOf(scope: Scope): string {
  return scope.zone === null ? scope.region : `${scope.region}/${scope.zone}`;
}
