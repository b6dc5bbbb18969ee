// The words in which a kind says what its functions may do. infrastructure/rights/roles.ts makes policies of them.
import type { Verb } from '../../kinds/verbs.ts';

/** Partitions of the state table whose items may be read or written; `#*` stands for the rest of a key. */
export type Partitions = Readonly<Partial<Record<'get' | 'query' | 'put' | 'update' | 'remove', readonly string[]>>>;

/** A step that changes something looks at lock, freeze, approval and record first, and writes each call into the record (act.ts). */
export const acts = {
  get: ['incidents', 'requests'],
  query: ['incident#*', 'incidents', 'standing', 'standing#*'],
  put: ['incident#*'],
} satisfies Partitions;
/** A person may have left the step out, or aborted the execution, which every step asks. */
export const waived = { get: ['waivers#*'] } satisfies Partitions;
/** A verb that was left out, or has reached its goal before, hands on what is kept of that. */
export const reaches = { ...waived, query: ['incident#*'], put: ['incident#*'] } satisfies Partitions;
/** What leaves a zone asks before whether the zone is well again. */
export const leaves = { get: ['incidents'], query: ['incidents'] } satisfies Partitions;
/** What a step reads besides: signals of the region. */
export const heeds = { query: [...acts.query, 'signals#*'].toSorted() } satisfies Partitions;

/** What the fence watch asks changes something under a lock of its own. */
export const fences = { get: ['fences'], put: ['fences'] } satisfies Partitions;

/** What names an instance of a database: one that was restored may be it. */
export const names = { query: ['holders'] } satisfies Partitions;

/** Several together, each partition once. */
export function together(...all: readonly Partitions[]): Partitions {
  const verbs = [...new Set(all.flatMap((one) => Object.keys(one) as (keyof Partitions)[]))];
  return Object.fromEntries(
    verbs.map((verb) => [verb, [...new Set(all.flatMap((one) => one[verb] ?? []))].toSorted()] as const),
  );
}

/**
 * One statement that allows. `on`: ARNs as `arnIn` makes them, or `*` where IAM knows no resource for the actions; a right on
 * nothing is none. `onlyIf`: the condition's operator, key and values. `through`: the service that uses a key in the name of the caller.
 */
export type KindRight = {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly on: '*' | readonly string[];
  readonly onlyIf?: readonly [operator: string, key: string, values: readonly string[]];
  readonly through?: string;
};

export type VerbRights = {
  /** Of the state table. */
  readonly state?: Partitions;
  readonly may: readonly KindRight[];
  /** Whether it looks up addresses of assets, of whichever kind. */
  readonly finds?: true;
  /** Whether it asks whether something has taken over from an asset, of whichever kind. */
  readonly asks?: true;
};

/** The functions that look at all kinds; the last one also keeps what each kind keeps by itself. */
export type Looking =
  | 'assess'
  | 'check-readiness'
  | 'diagnose'
  | 'follow-drill'
  | 'inject-fault'
  | 'keep-backups'
  | 'keep-ledger'
  | 'notify'
  | 'prepare-drill'
  | 'rehearse-restores'
  | 'rejoin-standby'
  | 'report-failure';

export type KindRights = {
  readonly verbs: Readonly<Partial<Record<Verb, VerbRights>>>;
  /** Of its look, by the function that looks. */
  readonly looks?: Readonly<Partial<Record<Looking, readonly KindRight[]>>>;
  /** Of what it keeps up on a schedule. */
  readonly upkeep?: readonly KindRight[];
  /** To find an address in the stack's own region. */
  readonly find?: readonly KindRight[];
  /** To see whether something in the stack's own region has taken over from an asset. */
  readonly ask?: readonly KindRight[];
};

/** What the rights of a kind are about: the assets of the plan that are of it. */
export type About<Asset> = {
  readonly assets: readonly Asset[];
  /** How the names of what the stack made begin. */
  readonly prefix: string;
  /** The stack's own region, and the one that it takes over from or gives up to. */
  readonly here: string;
  readonly there: string;
  /** What of the assets stands in a region, by the names that AWS knows it by. */
  readonly standing: (region: string) => readonly string[];
  /** The ARNs of what of them leaves a zone of the stack's own region by a zonal shift. */
  readonly shifted: readonly string[];
};

/** The account of the stack, filled in at deployment. */
export const accountId = `\${AWS::AccountId}`;

/** An ARN of this account in whichever region; `''` for what stands in none. */
export function arnIn(service: string, region: string, resource: string): string {
  return `arn:\${AWS::Partition}:${service}:${region}:${accountId}:${resource}`;
}

/** IAM knows an action on a cluster for no resource: the condition key names what is shifted, balancers too. */
export function shiftRight(sid: string, operations: readonly string[], shifted: readonly string[]): KindRight {
  const actions = operations.map((operation) => `arc-zonal-shift:${operation}`);
  return { sid, actions, on: '*', onlyIf: ['StringEquals', 'arc-zonal-shift:ResourceIdentifier', shifted] };
}

/** What looking whether it could begin takes. */
export function seesShifts(sid: string, shifted: readonly string[]): KindRight {
  return shiftRight(sid, ['GetManagedResource'], shifted);
}

/** What leaving a zone by a zonal shift takes. */
export function startsShifts(shifted: readonly string[]): VerbRights {
  return { state: acts, may: [shiftRight('StartShifts', ['GetManagedResource', 'StartZonalShift'], shifted)] };
}
