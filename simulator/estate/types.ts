// The words of the estate: what it is asked, what it emits, what can be broken, and what is true in it.
// Times are milliseconds since 1970 in virtual time.
import type { Kind } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import type { Metrics } from '../aws/metrics/metrics.ts';
import type { AlarmDefinition } from './alarms/alarm-catalogue.ts';
import type { AwsError } from './calls/aws-error.ts';
import type { InactiveError } from './calls/inactive-functions.ts';
import type { Latencies, LatencyName } from './chance/latencies.ts';
import type { Random } from './chance/random.ts';
import type { CacheStatus } from './elasticache/cache.ts';
import type { Faults } from './faults/faults.ts';
import type { RestoreWay } from './rds-instance/account.ts';
import type { RestoreError } from './rds-instance/api/restore-errors.ts';
import type { DatabaseStatus, FailedRestore } from './rds-instance/database-status.ts';
import type { ExperimentTemplate } from './services/experiments.ts';
import type { RecordShape } from './services/records.ts';
import type { RegionConditions } from './traffic.ts';

/** The clock that the estate lives on; the drill moves it. */
export type Clock = {
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
};

/** One run of a function. `of`: what it is called for, a state of an execution and an asset; nothing where no flow calls it. */
export type Run = { readonly id: string; readonly of: string };

/** Who calls an API: the region it calls from, and what it acts for. */
export type Caller = {
  readonly region: string;
  /** The state that a function runs for; the function's own name where no state called it. */
  readonly step: string;
  /** The function's name, where a function calls. */
  readonly function?: string | undefined;
  /** The run of that function. */
  readonly run?: Run | undefined;
  /** Which one it is of the runs that began one another through queues, as Lambda counts them. */
  readonly chain?: number | undefined;
  readonly execution: string;
  readonly incident: string;
};

/** An EventBridge event as it appears on the bus of the region it was sent from. */
export type Event = {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
};

/** An SDK command: the service as its client package is named (rds, route-53), the command without its suffix. */
export type Call = {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  /** How often the client asks where nothing answers; as often as SDK clients mostly do, where it does not say. */
  readonly tries?: number | undefined;
};

/** A call that changed the estate, at the moment it took effect, whatever its caller was told. */
export type Mutation = {
  readonly at: number;
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly target: string;
  readonly step: string;
  readonly execution: string;
  readonly incident: string;
  /** Where the changed thing stood at that moment: for a reboot, the zone of the writer that was rebooted. */
  readonly scope: { readonly region: string; readonly zone: string | null };
};

/** A message published to a topic. */
export type Message = {
  readonly at: number;
  /** When SNS took it; left out where it is heard at once. */
  readonly takenAt?: number;
  readonly region: string;
  /** Whose it is; the ARN of a topic that is nobody's. */
  readonly role: string;
  readonly channel: string;
  readonly subject: string;
  readonly body: string;
};

/** Work that a call set going, with the time the estate took for it: what the overhead is measured against. */
export type Work = {
  readonly latency: string;
  readonly target: string;
  readonly startedAt: number;
  readonly seconds: number;
  readonly step: string;
  readonly execution: string;
};

type Place = { readonly region?: string | undefined; readonly zone?: string | undefined };
/** Which asset is struck; the first of its kind where none is named. */
type OfAsset = { readonly asset?: string | undefined };

/** Which calls fail, and how often. All that is named must hold. */
type FailingCalls = {
  readonly kind: 'api-failure';
  readonly service: string;
  /** '*' for every operation; then the control plane probe of the service fails too. */
  readonly operation: string;
  readonly region?: string | undefined;
  /** What the call names: an identifier, or the end of an ARN. */
  readonly target?: string | undefined;
  /** The function, or the state, that calls. */
  readonly caller?: string | undefined;
  /** So many calls pass before. */
  readonly after?: number | undefined;
  /** So many calls fail, then all pass again. */
  readonly times?: number | undefined;
};

/** How a call fails. `deny`: by IAM; `refuse`: by an error of the service, with the name that the SDK gives it. */
type CallFailure =
  | { readonly error: 'throttle' | 'deny' | 'timeout-after-acting' | 'timeout' | 'internal' }
  | {
      readonly error: 'refuse';
      readonly name: string;
      readonly status?: number | undefined;
      readonly message?: string | undefined;
    };

/**
 * Something that is broken, or other than the plan says. Region defaults to the primary, and to every region for what is
 * counted: calls, crashes, messages. Without `forSeconds` it lasts until it is healed.
 */
export type Fault = { readonly id: string; readonly forSeconds?: number | undefined } & (
  | { readonly kind: 'zone-impaired'; readonly zone: string }
  | { readonly kind: 'zone-power'; readonly zone: string }
  | ({ readonly kind: 'database-crash' } & OfAsset)
  /** It answers, and slowly, wherever it stands: a query without an index, a volume without credits. */
  | ({
      readonly kind: 'database-slow';
      /** Which call of RDS made it so, and who called, as role/session: CloudTrail has it. */
      readonly call?: string | undefined;
      readonly by?: string | undefined;
    } & OfAsset)
  /** `told`: what ElastiCache did by itself, in its words, so that the cache is slow. */
  | ({ readonly kind: 'cache-slow'; readonly told?: string | undefined } & OfAsset)
  | ({ readonly kind: 'cache-node-loss'; readonly zone?: string | undefined } & OfAsset)
  /** ElastiCache shows a group (the primary region's where none is named) in a status. */
  | ({ readonly kind: 'cache-status'; readonly status: CacheStatus; readonly group?: string | undefined } & OfAsset)
  /** The cache of the primary region runs in cluster mode: each shard has a primary of its own, in another zone. */
  | ({ readonly kind: 'cache-cluster-mode'; readonly shards: number } & OfAsset)
  /** Nothing is exported any more, since so many hours before; where that is left out, nothing ever was. */
  | ({ readonly kind: 'cache-exports-stopped'; readonly hoursAgo?: number | undefined } & OfAsset)
  | { readonly kind: 'bad-release'; readonly region?: string | undefined }
  /** A release that breaks nothing. */
  | { readonly kind: 'release'; readonly region?: string | undefined }
  /** Somebody announces planned work on components, zones or regions; when the fault ends, that it is over. It breaks nothing by itself. */
  | {
      readonly kind: 'maintenance';
      readonly targets: readonly string[];
      readonly plannedMinutes?: number | undefined;
      readonly region?: string | undefined;
    }
  | ({ readonly kind: 'pod-crash' } & Place)
  | ({ readonly kind: 'node-loss' } & Place)
  | { readonly kind: 'canary-broken'; readonly observer: string }
  | { readonly kind: 'telemetry-loss'; readonly region?: string | undefined }
  | { readonly kind: 'partition'; readonly between: readonly [string, string]; readonly oneWay?: boolean | undefined }
  | { readonly kind: 'region-dark'; readonly region?: string | undefined }
  /** Replication has stopped: the replica no longer receives what the primary writes, and its lag is not known. */
  | ({ readonly kind: 'replica-broken' } & OfAsset)
  /** Replication of automated backups has stopped by itself: what is kept in the other region grows no more, and says nothing of it. */
  | ({ readonly kind: 'backup-replication-stopped' } & OfAsset)
  /** Somebody has deleted the snapshots of a database in a region; automated ones only where they stand. */
  | ({ readonly kind: 'snapshot-missing'; readonly region?: string | undefined } & OfAsset)
  /**
   * Restores fail, of one way or of both: at once with an error, whose cause whoever looks before sees missing; or half way, and the
   * instance ends in a status.
   */
  | {
      readonly kind: 'restore-fails';
      readonly error?: RestoreError | undefined;
      readonly ends?: FailedRestore | undefined;
      readonly way?: RestoreWay | undefined;
      readonly region?: string | undefined;
    }
  /**
   * What the writer is given from now on is wrong, and what follows it gets that too. `failing`: the share of requests that fail by it,
   * none where it is left out. It heals by another
   * instance without it, or where it is `corrected`: the end of the fault alone heals nothing.
   */
  | ({
      readonly kind: 'data-corrupted';
      readonly failing?: number | undefined;
      /** When the fault ends, the people of the application have corrected the data. */
      readonly corrected?: boolean | undefined;
    } & OfAsset)
  /** The tables of a database are empty in a region, of the standby where none is named, and nobody sees it but who asks. */
  | ({ readonly kind: 'rows-lost'; readonly region?: string | undefined } & OfAsset)
  /** Nobody writes: users read, and jobs have nothing to do. */
  | ({ readonly kind: 'writer-idle' } & OfAsset)
  /** RDS shows an instance (the primary where none is named) in a status, and it does what it does in that one. */
  | ({
      readonly kind: 'database-status';
      readonly status: DatabaseStatus;
      readonly instance?: string | undefined;
    } & OfAsset)
  /** An instance answers and takes writes, and nothing that is asked of it comes to an end. */
  | ({ readonly kind: 'database-stuck'; readonly instance?: string | undefined } & OfAsset)
  /** The cluster of a region (the standby where none is named) is not there, as after somebody removed it. */
  /** A deployment of the cluster was changed by a tool, `by`, so that requests fail wherever it runs; nobody announces it. */
  | ({
      readonly kind: 'cluster-changed';
      readonly by?: string | undefined;
      readonly region?: string | undefined;
    } & OfAsset)
  | ({ readonly kind: 'cluster-missing'; readonly region?: string | undefined } & OfAsset)
  /** A phase of builds that recover a cluster ends with a status, and tells why. */
  | {
      readonly kind: 'build-fails';
      readonly phase: 'terraform' | 'application' | 'scale';
      readonly exit: number;
      readonly told: readonly string[];
    }
  /** What would take over is no better: every replica has failed, and so has the application beside them. */
  | { readonly kind: 'standby-bad' }
  | { readonly kind: 'bucket-lost'; readonly bucket: string }
  /** S3 Block Public Access keeps everybody out of a bucket of latches who signs nothing; of all of them where none is named, as the account's does. */
  | { readonly kind: 'bucket-private'; readonly bucket?: string | undefined }
  /** Somebody has made the application's parameters of a region anew as SecureStrings; when the fault ends they are Strings again. */
  | { readonly kind: 'parameter-sealed'; readonly region?: string | undefined }
  /** The service's record is of another shape than the redirection of the plan needs. */
  | { readonly kind: 'record-shape'; readonly shape: RecordShape }
  | ({ readonly kind: 'alarm-storm'; readonly component: string; readonly count: number } & Place)
  | {
      readonly kind: 'alarm-flapping';
      readonly alarm: string;
      readonly region?: string | undefined;
      readonly everySeconds?: number | undefined;
    }
  /** Functions (all of the region where none is named) were idle for weeks: the first calls of each fail. */
  | {
      readonly kind: 'functions-inactive';
      readonly functions?: readonly string[] | undefined;
      readonly region?: string | undefined;
      readonly error?: InactiveError | undefined;
    }
  /** Somebody deletes an alarm; when the fault ends it is made again. */
  | { readonly kind: 'alarm-deleted'; readonly alarm: string; readonly region?: string | undefined }
  | (FailingCalls & CallFailure)
  | {
      readonly kind: 'stale-reads';
      readonly service: string;
      readonly operation: string;
      readonly region?: string | undefined;
    }
  /** AWS moves traffic out of a zone by itself, and lets it back in when the fault ends. */
  | { readonly kind: 'autoshift'; readonly zone: string }
  | FunctionCrash
  | MessageFault
  | MessagesBounce
  /** AWS's weekly rehearsal of an autoshift: 30 minutes, unless another shift interrupts it. */
  | { readonly kind: 'practice-run'; readonly zone: string }
);

/** How often a fault bites: `after` so many have passed, and then so many `times`. */
type Often = { readonly after?: number | undefined; readonly times?: number | undefined };

/** A function ends before its code runs, or after it has run: then its effect is there and its answer is lost. */
type FunctionCrash = Often & {
  readonly kind: 'function-crash';
  readonly function: string;
  readonly when: 'before' | 'after';
  readonly region?: string | undefined;
};

/** Something on its way between AWS's services is lost, late or doubled. */
type MessageFault = Often & {
  readonly kind: 'message-fault';
  /** event: from a bus to a target; message: of a queue; notification: of a topic. */
  readonly what: 'event' | 'message' | 'notification';
  readonly effect: 'lost' | 'late' | 'doubled';
  /** Of what is late. */
  readonly lateSeconds?: number | undefined;
  /** Only what holds this text, as JSON. */
  readonly text?: string | undefined;
  /** Only where it arrives there. */
  readonly region?: string | undefined;
};

/** Messages to a topic are taken and do not arrive: the mailbox sends them back. SNS counts each. */
type MessagesBounce = { readonly kind: 'messages-bounce'; readonly target: string };

/** A fault of one kind. */
export type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;

/** What is so of a database, whatever the signals say. */
export type DatabaseTruth = {
  readonly name: string;
  /** Regions in which it takes writes now. */
  readonly writableRegions: readonly string[];
  /** Behind in truth, whatever the engine reports; null where replication does not run. */
  readonly replicaLagSeconds: number | null;
  /** Lag when the writer was last seen alive; null where replication did not run then. */
  readonly lagAtOutageSeconds: number | null;
  /** What promotions and restores have cost: writes, and the time in which they were made. 0 where there were none. */
  readonly lostWrites: number;
  readonly lostSeconds: number;
  /** Writes that an old writer took after the promotion, or the restore, of the other one had begun. */
  readonly divergedWrites: number;
  /** Whether what users work with is corrupt. */
  readonly corrupt: boolean;
  readonly lastCommittedSequence: number;
  readonly lastReplicatedSequence: number;
};

/** What a promotion or a restore lost. `until`: the time of the last lost write, in milliseconds. */
export type Lost = { readonly seconds: number; readonly until: number };
/** Whether what was promoted or restored in an incident counts; null: in none. */
export type Counts = (incident: string | null) => boolean;

/** Where an asset is now, and whether it does there what it is for. `zone` is null for what stands in no single zone. */
export type AssetTruth = {
  readonly name: string;
  readonly kind: Kind;
  readonly region: string;
  readonly zone: string | null;
  readonly serves: boolean;
};

/** What is so, whatever the signals say. Zones are zone ids. */
export type Glance = Pick<Truth, 'usersRegion' | 'served'> & {
  /** By database, the regions in which it takes writes now. */
  readonly writable: Readonly<Record<string, readonly string[]>>;
  /** By asset, the regions in which its consumers take work now. */
  readonly consuming: Readonly<Record<string, readonly string[]>>;
};

export type Truth = {
  /** All that the plan protects, in its order. */
  readonly assets: readonly AssetTruth[];
  readonly databases: readonly DatabaseTruth[];
  /** Of the first database and the first cache; null where there is none. */
  readonly writerZone: string | null;
  readonly writerRegion: string | null;
  readonly cachePrimaryZone: string | null;
  readonly cacheRegion: string | null;
  readonly usersRegion: string;
  readonly served: boolean;
  /** Share of the users' requests that succeed, 0 to 1. */
  readonly successRatio: number;
  /** Regions in which every database takes writes now; none where there is no database. */
  readonly writableRegions: readonly string[];
  /** Of the database that is behind the most; null where replication of one does not run, or there is none. */
  readonly replicaLagSeconds: number | null;
  /** The sum of all databases' writes, and of the database that lost the most the time. */
  readonly lostWrites: number;
  readonly lostSeconds: number;
  readonly divergedWrites: number;
  /** Zones of the users' region that a load balancer's traffic is shifted away from. */
  readonly shiftedZones: readonly string[];
};

/** What the estate is made of and where its output goes. */
export type EstateOptions = {
  readonly plan: Plan;
  readonly clock: Clock;
  /** Seeded; numbers from 0 up to 1. The same sequence gives the same history. */
  readonly random: Random;
  readonly account: string;
  readonly latencies?: Latencies | undefined;
  /** Called with each event on the bus of its own region; carrying it to other buses is the receiver's work. */
  readonly emit: (event: Event) => void;
  /** Called with what a cache tells the notification topic of its region. */
  readonly cacheMessage: (region: string, message: string) => void;
  /** Called with what an alarm tells a topic of its region. */
  readonly alarmMessage: (alarmArn: string, topicArn: string, subject: string, body: string) => void;
  readonly deployed: Deployed;
};

/** What the stacks' deployment decides about every call. */
export type Deployed = {
  /** Whether a call can be answered now, beside the way between regions. */
  reaches(call: Call): boolean;
  /** @throws AccessDenied where the caller's role does not allow the call */
  authorize(call: Call): void;
};

/** The digital twin: the application and AWS, in virtual time. */
export type Estate = {
  start(): void;
  stop(): void;
  inject(fault: Fault): void;
  heal(faultId: string): void;
  /**
   * Answers one SDK command in the SDK's output shape, after the API's latency. `answer` is given for a service that
   * another part of the twin answers: its calls fail on the same ways.
   * @throws errors with the names and fields of the SDK's, TimeoutError where the region cannot be reached
   */
  call(call: Call, answer?: () => unknown): Promise<unknown>;
  /** One request to the service's health endpoint. @throws TypeError where the service cannot be reached */
  fetch(url: string, callerRegion: string, caller?: Caller | null): Promise<Response>;
  /** What a call of a function is told that was idle for weeks, under the name that Step Functions hands on; else null. */
  invocationRefusal(functionName: string, region: string): AwsError | null;
  /** Whether what one region sends arrives in the other. */
  canReach(from: string, to: string): boolean;
  truth(): Truth;
  /** Of the truth what every second of a drill is looked at for, without the rest. */
  glance(): Glance;
  /** Of the truth where users are sent. */
  usersRegion(): string;
  /** Of the truth what decides about the requests to a region. */
  conditions(region: string): RegionConditions;
  /** Each change between served and not served, beginning with the state at the start. */
  servedHistory(): readonly { readonly at: number; readonly served: boolean }[];
  /** Writes that the old writer of a database took between two times, after the promotion of the other one had begun; of these incidents. */
  divergedBetween(database: string, from: number, until: number, counts?: Counts): number;
  /** Of the truth what the promotions and restores of these incidents have cost, by database. `losses`: each one's, `until` its last lost write. */
  costOf(
    counts: Counts,
  ): readonly (Pick<DatabaseTruth, 'name' | 'lostSeconds' | 'divergedWrites'> & { readonly losses: readonly Lost[] })[];
  mutations(): readonly Mutation[];
  works(): readonly Work[];
  readonly metrics: Metrics;
  readonly faults: Pick<Faults, 'bites' | 'of'>;
  /** Adds an alarm that a stack deploys. */
  addAlarm(definition: AlarmDefinition): void;
  /** Adds a template of FIS that a stack deploys. */
  addExperiment(template: ExperimentTemplate): void;
  /** Seconds that something takes, drawn from latencies.yml. */
  draw(latency: LatencyName): number;
  newId(): string;
  /** The tags of a database or of its snapshot, by the ARN. */
  tagsOf(arn: string): Readonly<Record<string, string>>;
  /** The key of automated backups or of a snapshot: by the ARN, by the resource id or by the ARN of the instance. */
  backupKeyOf(backup: string): { readonly arn: string; readonly aliases: readonly string[] } | null;
  /** The ARN of what a zonal shift moves. */
  shiftedBy(zonalShiftId: string): string;
};
