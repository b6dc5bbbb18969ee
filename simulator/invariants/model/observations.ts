// What the invariants are told of a drill: raw observations of the world, none of which the code under test has judged.
// Times are milliseconds since 1970 in virtual time. Zones are zone ids. Ids and names hold letters, digits, - and _.

/** Where something stands; `zone` is null for what stands in no single zone. */
export type Place = { readonly region: string; readonly zone: string | null };

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** One thing that was seen. Observations may come late and out of order: their own time counts. */
export type Observation = { readonly at: number } & (
  | {
      readonly kind: 'tick';
      /** Regions in which each database takes writes, by the database's name. */
      readonly writable: Readonly<Record<string, readonly string[]>>;
      /** Regions in which the consumers of each asset take work, by the asset's name; none where left out. */
      readonly consuming?: Readonly<Record<string, readonly string[]>>;
      readonly usersRegion: string | null;
      /** Regions in which each database was verified, by its name; one that is not named is verified nowhere. */
      readonly verified: Readonly<Record<string, readonly string[]>>;
      readonly served: boolean;
      /** Main regions that are lost: nothing of Breakwater runs there. None where left out. */
      readonly lost?: readonly string[];
      /** Regions where SNS takes nothing from anybody. None where left out. */
      readonly mute?: readonly string[];
      /** Whether RDS shows its databases as they had been; and functions that are killed whenever they run. Not so where left out. */
      readonly stale?: boolean;
      readonly killed?: readonly string[];
    }
  | {
      /** A call that took effect, whatever its caller was told. */
      readonly kind: 'mutation';
      readonly service: string;
      readonly operation: string;
      readonly region: string;
      readonly target: string;
      readonly step: string;
      readonly execution: string;
      readonly incident: string;
      /** Where the changed thing stood when it was changed. */
      readonly scope: Place;
    }
  | {
      readonly kind: 'audit';
      readonly incident: string;
      readonly step: string;
      readonly actor: string;
      readonly execution: string;
      /** service:operation, such as rds:RebootDBInstance. */
      readonly call: string;
      readonly region: string;
      readonly target: string;
    }
  | {
      /** A decision as it was written; seen again each time its incident is written. */
      readonly kind: 'decision';
      readonly incident: string;
      /** Numbers the decisions of one incident. */
      readonly attempt: number;
      readonly action: string;
      readonly level: 0 | 1 | 2 | 3 | 'unknown';
      /** The name of what was found; absent at the end. */
      readonly indication?: string;
      readonly scope: Place;
      /** Name of the execution it starts; null where it starts none. */
      readonly execution: string | null;
    }
  | {
      /** Each change of an execution's status; RUNNING again after a redrive. */
      readonly kind: 'execution';
      readonly execution: string;
      /** Name without the stack's prefix. */
      readonly stateMachine: string;
      readonly region: string;
      readonly target: Place | null;
      readonly status: ExecutionStatus;
      readonly dryRun: boolean;
    }
  /** A flow began to give its lock back: from then on it changes nothing, and another one may act while it asks again whether that is done. */
  | { readonly kind: 'release'; readonly execution: string }
  | {
      readonly kind: 'message';
      readonly role: string;
      readonly subject: string;
      readonly body: string;
      /** When SNS took it, where it is heard later: who sends it can hasten it no further. */
      readonly takenAt?: number | undefined;
    }
  /** SNS took a message and lost it: who sends it cannot know. */
  | { readonly kind: 'lost-message'; readonly subject: string; readonly body: string }
  | {
      /** An execution's approval, each time it becomes valid and each time it becomes void; the last one counts. */
      readonly kind: 'approval';
      readonly execution: string;
      readonly valid: boolean;
      /** Whether people are asked again and have not answered: nothing may be changed, and what stands open was accepted before. */
      readonly asked?: boolean;
      /** What it accepts as unfenced; a region by its name. */
      readonly names: readonly string[];
      /** Of which databases, and what else it holds there; of all where left out. */
      readonly assets?: readonly string[];
      /** The region that it lets become the writer. */
      readonly target: string;
    }
  | {
      /** A region flow has looked again at what people approved. */
      readonly kind: 'look';
      readonly execution: string;
      /** Whether it found that still so. */
      readonly holds: boolean;
    }
  | {
      readonly kind: 'loss';
      readonly incident: string;
      readonly reportedSeconds: number | null;
      /** Null where not even the estate can tell. */
      readonly actualSeconds: number | null;
      /** Writes of each database that an unfenced region took after the other one was promoted, by its name. */
      readonly divergedWrites?: Readonly<Record<string, { readonly reported: number | null; readonly actual: number }>>;
    }
  | {
      /** A step was killed and run again. */
      readonly kind: 'crash';
      readonly execution: string;
      readonly step: string;
    }
  | {
      readonly kind: 'end';
      readonly executions: readonly { readonly execution: string; readonly status: string }[];
    }
);

export type ObservationOf<Kind extends Observation['kind']> = Extract<Observation, { kind: Kind }>;
export type Mutation = ObservationOf<'mutation'>;
