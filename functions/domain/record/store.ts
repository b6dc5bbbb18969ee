// What the incident store can do. Two implementations: DynamoDB (functions/aws/store/store.ts) and the simulator's.
// Reads are strongly consistent and every change is conditional, so that copies at work side by side agree.
//
// A record that cannot be read costs only itself. Of many, it is left out. One that is asked for by its key is refused
// (CannotProceed names it), so that nothing rests on it. What every judgement reads gives the careful answer instead,
// for judging must never stop: a freeze is a freeze, a lock is held, roles that are not known are no region's,
// readiness is not known, a lever is pulled, and an open incident is set aside by the next one. A call that was recorded counts as made,
// whatever else its record says, and an answer that may be a rejection is one.
import type { Link } from '../approval/link.ts';
import type { LedgerRecord } from '../data/ledger.ts';
import type { Comparison } from '../data/only-old.ts';
import type { Rehearsal } from '../data/rehearsal.ts';
import type { DrillRecord, Lever } from '../drills/record.ts';
import type { Readiness } from '../recovery/readiness.ts';
import type { Rejoin } from '../recovery/rejoin.ts';
import type { Action, ApprovalRequest, Incident, Lock, RecordedAnswer, Signal, Standing, Stray } from '../types.ts';

/** What a call changes, in words: its target as it was seen before the call, and what is asked for. */
export type Change = { readonly before: string; readonly wanted: string };

export type AuditRecord = {
  readonly incident: string;
  readonly at: number;
  readonly step: string;
  readonly actor: string;
  readonly execution: string;
  /** service:operation, such as rds:RebootDBInstance. */
  readonly call: string;
  readonly region: string;
  readonly target: string;
  readonly drill: boolean;
  /** Left out where nobody had looked at the target. */
  readonly change?: Change;
};

/** What a step reached, kept so that the flow's record and its report can be written from it. */
export type StepRecord = {
  readonly incident: string;
  readonly execution: string;
  readonly step: string;
  readonly at: number;
  readonly outcome: Readonly<Record<string, unknown>>;
};

/** How a request ends. Void: another one took its place, or its execution ended without an answer. */
export type Settlement = 'approved' | 'rejected' | 'expired' | 'void';
export type Settled = { readonly outcome: Settlement; readonly at: number };
export type SettledRequest = Settled & { readonly request: ApprovalRequest };

/** Which instance is the asset in a region, where it is another than the plan names: one that was restored. */
export type Holder = {
  readonly asset: string;
  readonly region: string;
  /** Null: the plan's own is it again, as a person said. */
  readonly instance: string | null;
  /** What the plan named when that was written; absent in records of before that was kept. */
  readonly instead?: string;
  /** The execution that restored it, or the person who said so, and when. */
  readonly execution: string;
  readonly at: number;
};

/**
 * The lock of a region's fence, `<region>/fence`: which fence watch may change something there. The newest one has it: that of the later epoch, in it of
 * the flow that started later, and of a flow's watches the last.
 */
export type FenceLock = {
  readonly region: string;
  readonly epoch: number;
  /** The watch's flow, and when that started, in milliseconds since 1970. */
  readonly execution: string;
  readonly startedAt: number;
  /** Which one of its flow's watches it is, from 1 on. */
  readonly start: number;
  readonly incident: string;
  readonly at: number;
};

/**
 * Hears of items that cannot be read: their keys, and what is wrong with them, but never what they hold. `newer`: a newer release has
 * written it, and nothing is wrong with it.
 */
export type Damaged = (
  items: readonly { readonly pk: string; readonly sk: string; readonly why: string; readonly newer?: true }[],
) => void;

export interface Store {
  /** Keeps the newest signal of each key; older and repeated ones change nothing. */
  keepSignals(signals: readonly Signal[]): Promise<void>;
  /** The newest signal of each key about a region, not older than `since`. */
  readSignals(region: string, since: number): Promise<Signal[]>;
  /** Keeps an event that gave no signal. Repeating it changes nothing. */
  keepStray(stray: Stray): Promise<void>;
  countStrays(): Promise<number>;

  /** The open incident of a region; null where there is none. */
  readOpenIncident(region: string): Promise<Incident | null>;
  /** The newest incident of a region, open or closed; null where there was none. */
  readLastIncident(region: string): Promise<Incident | null>;
  readIncident(id: string): Promise<Incident | null>;
  /** Writes an incident whose stored version is `incident.version - 1`; false when another writer was first. */
  writeIncident(incident: Incident): Promise<boolean>;
  listIncidents(): Promise<Incident[]>;

  readStanding(region: string): Promise<Standing>;
  /** Who is the primary region, and since when: what of the standing events are read with. */
  readRoles(): Promise<Pick<Standing, 'primary' | 'movedAt'>>;
  freeze(by: string, reason: string, at: number): Promise<void>;
  unfreeze(): Promise<void>;
  /** Takes the lock of a target. True when this execution holds it afterwards, also when it held it before. */
  takeLock(lock: Lock): Promise<boolean>;
  /** Takes the lock from an execution of a zone flow: a region request supersedes it. Otherwise as takeLock. */
  supersedeLock(lock: Lock): Promise<boolean>;
  /** Takes the lock of a region's fence, unless a newer watch has it. True when this one has it afterwards, also when it had it before. */
  takeFence(lock: FenceLock): Promise<boolean>;
  /** Null where no watch has taken it. */
  readFence(region: string): Promise<FenceLock | null>;
  /** Moves the primary role and the epoch on. True when this execution did it, now or before; conditional on the epoch. */
  moveRole(primary: string, fromEpoch: number, execution: string, at: number): Promise<boolean>;
  /** Gives the lock back; of another execution's lock nothing changes. */
  releaseLock(target: string, execution: string): Promise<void>;
  recordAction(action: Action, target: string, at: number): Promise<void>;
  /** Keeps the newest readiness of a region; an older one changes nothing. */
  keepReadiness(readiness: Readiness): Promise<void>;
  /** The readiness that a region was last seen in; null where nobody has looked. How old it is says its time. */
  readReadiness(region: string): Promise<Readiness | null>;

  /** Keeps what is known of a database outside of its region. False where another one has tried as much, later: nothing changes then. */
  keepLedger(record: LedgerRecord): Promise<boolean>;
  /** What was written last of an asset; null where nothing was. */
  readLedger(asset: string): Promise<LedgerRecord | null>;

  /** Keeps the last rehearsal of an asset in a region; of an earlier one nothing is kept over it. */
  keepRehearsal(rehearsal: Rehearsal): Promise<void>;
  /** Null where none was. */
  readRehearsal(asset: string, region: string): Promise<Rehearsal | null>;

  /** Opens the comparison of what a failover left behind. One of that failover, or of a later one, stays as it is. */
  openComparison(comparison: Comparison): Promise<void>;
  /** Keeps how far it has come. Of another failover, and of what is compared or given up already, nothing changes. */
  keepComparison(comparison: Comparison): Promise<void>;
  /** Of the newest failover that left an asset in a region; null where none was. */
  readComparison(asset: string, region: string): Promise<Comparison | null>;

  /** Keeps how a database comes back as a replica in a region; of one that was begun earlier nothing is kept over it. */
  keepRejoin(rejoin: Rejoin): Promise<void>;
  /** Null where none was begun. */
  readRejoin(asset: string, region: string): Promise<Rejoin | null>;

  /** Keeps how far a run of a drill has come. Of one that is over nothing changes but by what is over too. */
  keepDrill(drill: DrillRecord): Promise<void>;
  /** Null where there is no such run. */
  readDrill(execution: string): Promise<DrillRecord | null>;
  /** All runs there ever were, by the names of their executions. */
  listDrills(): Promise<DrillRecord[]>;
  /** The lever of all drills: while it is pulled none begins, and none goes on. */
  pullLever(by: string, reason: string, at: number): Promise<void>;
  releaseLever(): Promise<void>;
  /** Null where it is not pulled. */
  readLever(): Promise<Lever | null>;

  /** Keeps which instance is an asset in a region; an older one changes nothing. */
  keepHolder(holder: Holder): Promise<void>;
  /** All of them; none of a place where the plan's own name still holds. */
  readHolders(): Promise<Holder[]>;

  /** Keeps a request with its task token. The token is never read but by `readTaskToken`. Repeating it changes nothing. */
  openRequest(request: ApprovalRequest, taskToken: string): Promise<void>;
  readRequest(id: string): Promise<ApprovalRequest | null>;
  /** The requests that are not settled, oldest first. */
  listOpenRequests(): Promise<ApprovalRequest[]>;
  /** The settled requests that have not expired at a time, oldest first: whoever waits for one of them may still do. */
  listSettledRequests(at: number): Promise<SettledRequest[]>;
  /** How a request was settled; null while it is open. */
  readOutcome(id: string): Promise<Settled | null>;
  readTaskToken(id: string): Promise<string | null>;
  /** The state that waits for a request was tried again: from now on its newest try is the one to tell. */
  renewTaskToken(id: string, taskToken: string): Promise<void>;
  /** Keeps an answer; a valid one only if it is the person's first to this request. False when it is not. */
  keepAnswer(answer: RecordedAnswer): Promise<boolean>;
  readAnswers(request: string): Promise<RecordedAnswer[]>;
  /** Settles a request once: the outcome that was first stays. Returns the one that stands. */
  settleRequest(id: string, outcome: Settlement, at: number): Promise<Settlement>;
  /** Keeps what a link opens. Repeating it changes nothing. */
  keepLink(link: Link): Promise<void>;
  readLink(id: string): Promise<Link | null>;
  /**
   * Counts one more hit of a key in the window that began at a time, as long as there were fewer than `most`; false when
   * there were not. Of many at once, `most` are counted.
   */
  countHit(key: string, windowStart: number, most: number): Promise<boolean>;
  /** A signed decision to leave a step out; the step reads it before a redrive. The first one stays. */
  keepWaiver(execution: string, step: string, by: string, reason: string, at: number): Promise<void>;
  readWaiver(execution: string, step: string): Promise<{ by: string; reason: string; at: number } | null>;

  /** Keeps one mutating call. Repeating the same record changes nothing. */
  audit(record: AuditRecord): Promise<void>;
  readAudit(incident: string): Promise<AuditRecord[]>;
  recordStep(record: StepRecord): Promise<void>;
  readSteps(incident: string): Promise<StepRecord[]>;
  /** Whether a message was sent. Asked before and marked after sending: a crash between repeats it and loses none. */
  wasSent(id: string): Promise<boolean>;
  /** False where it was marked before. */
  markSent(id: string, at: number): Promise<boolean>;
}
