// Ranks the ways in which a database can come back, from what was seen of its replicas and of its backups. Pure. Reasons and sources:
// docs/decisions/0014-ways-of-a-database.md.

import type { Leaving } from '../../domain/predict.ts';
import type { LastLag } from '../../domain/region-record.ts';
import type { Way } from '../../domain/types.ts';

/** What was looked at: undefined where nobody answered, null where it is not there, or where the plan names none. */
export type Looked<Thing> = Thing | null | undefined;

export type ReplicaEvidence = {
  readonly status: string;
  readonly isReplica: boolean;
  /** Whether it receives what its source writes now; in an outage it does not. Null where RDS does not say. */
  readonly replicating: boolean | null;
};

export type DelayedEvidence = ReplicaEvidence & { readonly instance: string; readonly delaySeconds: number };

/** Automated backups as they stand in the region in which the database comes back. Times are milliseconds since 1970. */
export type BackupsEvidence = {
  /** Replicated from another region, by their ARN; of the region's own instance, by its resource id. */
  readonly arn: string | null;
  readonly resourceId: string;
  /** active, retained (its instance is gone), creating. */
  readonly status: string;
  readonly earliestAt: number | null;
  readonly latestAt: number | null;
  readonly allocatedGib: number | null;
  readonly engine: string;
  readonly engineVersion: string;
  readonly keyId: string | null;
};

export type SnapshotEvidence = {
  readonly id: string;
  /** The snapshot that it is a copy of; null where it is none. */
  readonly copyOf: string | null;
  readonly instance: string;
  readonly resourceId: string | null;
  readonly status: string;
  /** Of the data, and not of the copy. */
  readonly takenAt: number | null;
  readonly allocatedGib: number | null;
  readonly engine: string;
  readonly engineVersion: string;
  readonly keyId: string | null;
};

/** Of one database that is to come back in one region. */
export type Evidence = Pick<Leaving, 'mode' | 'now' | 'writesEndedAt' | 'standby'> & {
  readonly corruptedSince: number | null;
  /** What this flow has tried in vain. */
  readonly failed: readonly Way[];
  readonly replica: Looked<ReplicaEvidence>;
  readonly lag: LastLag;
  readonly delayed: Looked<DelayedEvidence>;
  readonly backups: Looked<BackupsEvidence>;
  /** The one that would be restored; `leftOut`: a line for each that would not, and why. */
  readonly snapshot: Looked<SnapshotEvidence>;
  readonly leftOut: readonly string[];
  /** What speaks against a restore from each, a line each; undefined where nobody answered. */
  readonly problems: Readonly<Record<'backups' | 'snapshot', readonly string[] | undefined>>;
  /** Whether the plan says what a restore in this region needs. */
  readonly isPlanned: boolean;
  /** How long a promotion takes. */
  readonly promotionSeconds: number;
};
