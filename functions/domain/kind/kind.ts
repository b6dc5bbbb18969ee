// What a kind of assets says of itself, in its folder's plan.ts: whoever has to know something of a kind asks for it here.
import type * as z from 'zod';
import type { LeftOut, Verb } from '../../kinds/verbs.ts';
import type { Wrong } from '../plan/issues.ts';
import type { StepRecord } from '../record/store.ts';
import type { Hearing } from '../signals/reading.ts';
import type { Way } from '../types.ts';
import type { KindProject } from './projects.ts';
import type { About, KindRights } from './rights.ts';
import type { Around as Roles, Weakness } from './stability.ts';
import type { Graph, KindAlarm, Watching } from './watched.ts';

/** What a plan says around an asset: the names of all assets and of those that have an address, and how names of secrets begin. */
export type Around = {
  readonly names: readonly string[];
  readonly addressed: readonly string[];
  readonly secret: string;
  /** The ids of the zones of each region. */
  readonly zones: Readonly<Record<string, readonly string[]>>;
  /** The regions that serve users or take over. */
  readonly mains: readonly string[];
  /** The regions in which functions have a network. */
  readonly networks: readonly string[];
  readonly rpoSeconds: number;
  /** The clusters of each region, and the deployments in them that the plan has numbers of. */
  readonly clusters: Readonly<Record<string, readonly ClusterAround[]>>;
};

/** A cluster, by EKS's name of it. */
export type ClusterAround = {
  readonly cluster: string;
  readonly deployments: readonly { readonly namespace: string; readonly name: string }[];
};

/** A cron job or a deployment of a cluster that consumes. */
export type Consuming = {
  readonly kind: 'CronJob' | 'Deployment';
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
};

/** What is left of a call, in words, by service:operation. `reached`: the steps of the execution that made it. */
export type Leaves = Readonly<
  Record<string, (target: string, region: string, reached: readonly StepRecord[]) => string>
>;

export type Says<Asset> = {
  /** What it knows to do, and what of it a person may leave out. One Lambda for each, in the folder. */
  readonly verbs: Readonly<Partial<Record<Verb, LeftOut>>>;
  /** Whether an asset knows a verb of its kind; all of them where left out. */
  knows?(verb: Verb, asset: Asset): boolean;
  /**
   * Whether the old region has no use of it any more once another one has it. Where something takes hours to come, it waits for that: the region
   * may be back before.
   */
  leavesWithUsers?(asset: Asset): boolean;
  /** What it does in the old region ends as soon as what it needs has taken over, also before it has itself. */
  readonly endsWithNeeds?: true;
  /** What such an asset is called, whatever its kind: database, cache. */
  readonly called?: string;
  /** What stays of each call of its verbs, where a person ends a flow half way. */
  readonly leaves?: Leaves;
  /** How long such an asset usually takes to leave a zone, by its service's documentation and the plan; none where it is a matter of seconds. */
  leavesSeconds?(asset: Asset): number;
  /** Whether an asset stays in its zone, although others of its kind leave theirs: an alarm of it that becomes well speaks of the zone. */
  staysInZone?(asset: Asset): boolean;
  /** Whether what it holds may be lost without anybody measuring how much. */
  readonly losesUnmeasured?: true;
  /** The way in which a region is left for another with what it holds; none where it holds nothing. */
  way?(asset: Asset): Way;
  /** The way that each of its calls begins, by service:operation; none where an asset has one way alone. */
  readonly wayBy?: Readonly<Record<string, Way>>;
  /** What is looked at before a failover, as readiness calls it. */
  readonly checks?: readonly string[];
  /** Whether one of them is about an asset; each is about every asset where left out. */
  checked?(check: string, asset: Asset): boolean;
  /** What of a gate's results a person may take as they are, beside the states of its verbs. */
  takenAsItIs?(asset: Asset): readonly string[];
  /** Whether the application finds it by an address, which parameters can hold. */
  readonly hasAddress?: true;
  /** Whether a verb asks the asset itself, and not an API of AWS: then it runs in the plan's network. */
  connected?(verb: Verb, asset: Asset): boolean;
  /** What of an asset stands in a region, by the names that AWS knows it by; empty where nothing does. */
  standsIn(region: string, asset: Asset): readonly string[];
  /** The services of AWS that such an asset is of, as CloudTrail calls them: things of several services may have one name. */
  readonly services: readonly string[];
  /** How the names begin of what AWS makes for an asset in a region. */
  makes?(region: string, asset: Asset): readonly string[];
  /** The service that changes assets of the kind by itself, without a call that CloudTrail has: it is asked what it did. */
  readonly movedBy?: 'autoscaling' | 'elasticache' | 'rds';
  /** The ARNs of what of an asset leaves a zone of a region by a zonal shift. */
  shiftedIn?(region: string, account: string, asset: Asset): readonly string[];
  /** What the functions of the kind may do. */
  rights(about: About<Asset>): KindRights;
  /** The build projects that the stack of a region has for an asset. */
  projectsIn?(
    asset: Asset,
    about: {
      readonly here: string;
      readonly there: string;
      readonly prefix: string;
      /** What works in clusters of this region without a user, by EKS's name of each: it is switched on when what it writes to has taken over. */
      readonly consuming: readonly Consuming[];
    },
  ): readonly KindProject[];
  /** What its service tells of the assets of the kind. */
  readonly hears?: Hearing<Asset>;
  /** Alarms on what CloudWatch measures of the assets of the kind, made by the stack of a region. */
  alarmsIn?(region: string, assets: readonly Asset[], plan: Watching): readonly KindAlarm[];
  /** Measures of these alarms that say something of a region only while it serves users. */
  readonly measuresOfService?: readonly string[];
  /** What the dashboard draws of them. */
  graph?(assets: readonly Asset[], plan: Watching): Graph;
  /** What of an asset a recovery depends on and cannot rely on. */
  weaknessesIn?(asset: Asset, around: Roles): Weakness[];
  /** What is wrong with an asset beyond its shape. `path`: where it stands in the plan; `same`: all assets of its kind. */
  wrongIn?(asset: Asset, path: string, around: Around & { readonly same: readonly Asset[] }): Wrong[];
};

/** A kind: the schema of its assets, and what it says of itself. */
export function kindOf<Schema extends z.ZodObject>(plan: Schema, says: Says<z.infer<Schema>>) {
  return { plan, ...says };
}

/** The one name of what stands alone; none where nothing stands. */
export function namesOf(name: string | undefined): readonly string[] {
  return name === undefined ? [] : [name];
}
