// Gathers what `breakwater status` tells: what the automation believes, what it will do next, and how regions stand.
import {
  findExecution,
  listRunning,
  readWhereabouts,
  type Whereabouts,
} from '../../functions/aws/flows/whereabouts.ts';
import { tallyOf } from '../../functions/domain/approval/approval.ts';
import type { LedgerRecord } from '../../functions/domain/data/ledger.ts';
import type { Rehearsal } from '../../functions/domain/data/rehearsal.ts';
import { isManual, zoneOfFlow } from '../../functions/domain/decision/incident.ts';
import { type KeptOut, keptOut } from '../../functions/domain/decision/kept-out.ts';
import { longestMs } from '../../functions/domain/drills/judge.ts';
import { type ScheduledDrill, scheduledIn } from '../../functions/domain/drills/plan.ts';
import {
  type DrillRecord,
  type DrillStanding,
  drillStanding,
  type Lever,
} from '../../functions/domain/drills/record.ts';
import { heldSentence } from '../../functions/domain/flow-words/steps.ts';
import { assetsOf } from '../../functions/domain/plan/assets.ts';
import type { Holder } from '../../functions/domain/record/store.ts';
import type { Readiness } from '../../functions/domain/recovery/readiness.ts';
import type { Rejoin } from '../../functions/domain/recovery/rejoin.ts';
import type { ApprovalRequest, Incident, Level, Lock, RecordedAnswer, Standing } from '../../functions/domain/types.ts';
import type { StoppedAt } from '../../functions/domain/words/decision-words.ts';
import { runsIn } from '../../functions/shared/estate.ts';
import { classified } from '../../functions/shared/judgement/judge.ts';
import { whyOverFor } from '../../functions/shared/operate.ts';
import { callsOf } from '../../functions/shared/recovery/act.ts';
import { doneBy } from '../../functions/shared/recovery/done.ts';
import { flowHeldFor } from '../../functions/shared/recovery/locks.ts';
import { lastMove, type Moved } from '../../functions/shared/recovery/undone.ts';
import { wasDrill } from '../../functions/shared/report/incident-record.ts';
import type { Shell } from '../../functions/shared/shell.ts';
import { isoTime } from '../screen/layout.ts';
import { askOne, type Deployment, type Opened, type Reached } from './deployment.ts';

/** What is believed of one region now. `rising`: a stronger level whose evidence has not held long enough. */
export type Belief = {
  readonly region: string;
  readonly level: Level;
  readonly reason: string;
  readonly rising: Level | null;
  readonly incident: Incident | null;
  /** The zone that users stay out of although nothing fails; null where there is none. */
  readonly keptOut: KeptOut | null;
};

export type Flow = {
  readonly flow: string;
  readonly name: string;
  readonly region: string;
  readonly status: string;
  readonly startedAt: number | null;
  /** The states that it is in; empty where that is not known. */
  readonly states: readonly Whereabouts[];
  /** Why it changes nothing any more where it has stopped, and can only be aborted; null where it may be resumed. */
  readonly over: string | null;
  /** Since when it is paused and why, by the record; null where it runs, and where the record does not have it. */
  readonly paused: Pause | null;
};

/** `zone`: of a flow that leaves one. */
export type Pause = {
  readonly since: number;
  readonly failed: readonly StoppedAt[];
  readonly zone: string | null;
};

export type OpenRequest = {
  readonly request: ApprovalRequest;
  /** The region that would take over. */
  readonly standby: string | null;
  readonly answers: readonly RecordedAnswer[];
  /** Roles whose people have given no answer that counts. */
  readonly silent: readonly string[];
  readonly approvals: number;
};

export type RegionStanding = {
  readonly region: string;
  readonly role: 'primary' | 'standby';
  readonly lock: Standing['lock'];
  /** Of the flow that answers a degradation of it. */
  readonly degradation: Standing['degradation'];
  /** Why the table cannot be reached there; null where it can. */
  readonly silent: string | null;
  /** Why its executions are not known; null where they are. */
  readonly executionsUnknown: string | null;
  /** Databases that are other instances there than the plan names: what was restored in their place. */
  readonly restored: readonly Holder[];
  /** Whether it could take over, or restore, as its own stack saw that last; null where nobody has looked. */
  readonly readiness: Readiness | null;
};

/**
 * Whether the next disaster is covered, since the roles moved last. `since`: when the time began in which it is not, null where no record says;
 * `coveredAt`: when it ended, null while it goes on. `standby`: the region that has to be ready.
 */
export type Protection = {
  readonly standby: string;
  readonly moved: Moved | null;
  readonly since: number | null;
  readonly coveredAt: number | null;
  readonly rejoins: readonly Rejoin[];
};

/** All that is told. Times are milliseconds since 1970. */
export type Overview = {
  readonly deployment: string;
  readonly account: string;
  readonly at: number;
  readonly seenFrom: string;
  readonly frozen: Standing['frozen'];
  readonly epoch: number;
  readonly beliefs: readonly Belief[];
  readonly flows: readonly Flow[];
  readonly requests: readonly OpenRequest[];
  /** Locks whose flow was not found, and what that has called so far: it may run where nobody answers. */
  readonly unseen: readonly { readonly lock: Lock; readonly held: string }[];
  readonly regions: readonly RegionStanding[];
  /** Null where the roles have never moved. */
  readonly protection: Protection | null;
  /** The newest drill on AWS; null where the record has none. */
  readonly lastDrill: LastDrill | null;
  readonly drills: Drills;
  /** What is published of databases that are asked, and how their restores were rehearsed; empty where the plan has none. */
  readonly data: readonly DataStanding[];
};

export type DataStanding = {
  readonly asset: string;
  readonly ledger: LedgerRecord | null;
  readonly rehearsals: readonly Rehearsal[];
};

/** The lever, how the drills of the plan stand, and those that run. */
export type Drills = {
  readonly lever: Lever | null;
  readonly planned: readonly { readonly drill: ScheduledDrill; readonly standing: DrillStanding }[];
  readonly running: readonly DrillRecord[];
};

/** `at`: when its incident was opened. */
export type LastDrill = { readonly incident: string; readonly at: number };

/**
 * Looks at everything and changes nothing. A region that does not answer is named and left out. @throws as the store
 * does.
 */
export async function overviewOf(deployment: Deployment, { shell, silent, caller }: Opened): Promise<Overview> {
  const { regions, prefix } = deployment;
  const silence = (region: string) => silent.find((one) => one.region === region)?.why ?? null;
  const [standings, readiness, holders, beliefs, requests, reached, lastDrill, drills, data] = await Promise.all([
    Promise.all(regions.map((region) => shell.store.readStanding(region))),
    Promise.all(regions.map((region) => shell.store.readReadiness(region))),
    shell.store.readHolders(),
    Promise.all(regions.map((region) => beliefAbout(region, shell))),
    openRequests(shell),
    Promise.all(regions.map((region) => runningIn(region, silence(region), deployment))),
    lastDrillIn(shell),
    drillsIn(shell),
    dataIn(regions, shell),
  ]);
  const [first] = standings;
  if (first === undefined) throw new Error('a plan has regions');
  const flows = reached.flatMap((one) => ('answer' in one ? one.answer : []));
  const locks = standings.flatMap(({ lock, degradation }) => [lock, degradation].filter((one) => one !== null));
  const stopped = await stoppedHolders(
    locks.filter(({ execution }) => !flows.some(({ name }) => name === execution)),
    reached.flatMap((one) => ('answer' in one ? [one.region] : [])),
    deployment,
    shell,
  );
  const all = [...flows, ...stopped];
  const unseen = locks.filter(({ execution }) => !all.some(({ name }) => name === execution));
  return {
    deployment: prefix,
    account: caller.account,
    at: shell.now(),
    seenFrom: shell.region,
    frozen: first.frozen,
    epoch: first.epoch,
    beliefs,
    flows: all,
    unseen: await Promise.all(
      unseen.map(async (lock) => ({
        lock,
        held: heldSentence(lock, await callsOf({ id: lock.incident, execution: flowHeldFor(lock) }, shell)),
      })),
    ),
    requests,
    protection: await protectionOf(first, regions, readiness, shell),
    lastDrill,
    drills,
    data,
    regions: regions.map((region, index) => {
      const one = reached[index];
      return {
        region,
        role: region === first.primary ? 'primary' : 'standby',
        lock: standings[index]?.lock ?? null,
        degradation: standings[index]?.degradation ?? null,
        silent: silence(region),
        executionsUnknown: one !== undefined && 'why' in one ? one.why : null,
        restored: holders.filter((one) => one.region === region && one.instance !== null),
        readiness: readiness[index] ?? null,
      };
    }),
  };
}

async function protectionOf(
  { primary, epoch, movedAt }: Standing,
  regions: readonly string[],
  readiness: readonly (Readiness | null)[],
  { plan, store }: Shell,
): Promise<Protection | null> {
  const standby = regions.find((region) => region !== primary);
  if (movedAt === null || standby === undefined) return null;
  const [moved, ...rejoins] = await Promise.all([
    lastMove({ from: standby, to: primary }, { store }),
    ...assetsOf('rds-instance', plan).map(({ name }) => store.readRejoin(name, standby)),
  ]);
  const { coveredAt = null } = readiness[regions.indexOf(standby)] ?? {};
  return {
    standby,
    moved,
    since: moved?.since ?? movedAt,
    coveredAt: coveredAt === null || coveredAt < movedAt ? null : coveredAt,
    rejoins: rejoins.filter((one) => one !== null).filter((one) => one.epoch === epoch),
  };
}

/** Nothing is asked where the plan has no database asked. */
function dataIn(regions: readonly string[], { plan, store }: Shell): Promise<DataStanding[]> {
  const asked = assetsOf('rds-instance', plan).filter((asset) => asset.data !== undefined);
  return Promise.all(
    asked.map(async ({ name }) => {
      const [ledger, ...rehearsals] = await Promise.all([
        store.readLedger(name),
        ...regions.map((region) => store.readRehearsal(name, region)),
      ]);
      return { asset: name, ledger, rehearsals: rehearsals.filter((one) => one !== null) };
    }),
  );
}

async function drillsIn({ store, plan, now }: Shell): Promise<Drills> {
  const [runs, lever] = await Promise.all([store.listDrills(), store.readLever()]);
  const planned = scheduledIn(plan).map((drill) => ({ drill, standing: drillStanding(drill, runs, now()) }));
  return {
    lever,
    planned,
    running: runs.filter(({ outcome, startedAt }) => outcome === null && now() - startedAt < longestMs),
  };
}

/** A record may be long: of what people started, so many of the newest are looked at. */
const mostLooked = 50;

async function lastDrillIn({ store }: Shell): Promise<LastDrill | null> {
  const byHand = (await store.listIncidents()).filter(isManual).slice(-mostLooked).reverse();
  for (const { id, openedAt } of byHand) {
    const [steps, calls] = await Promise.all([store.readSteps(id), store.readAudit(id)]);
    if (wasDrill(steps, calls)) return { incident: id, at: openedAt };
  }
  return null;
}

async function beliefAbout(region: string, { store, plan, now }: Shell): Promise<Belief> {
  const [signals, incident, standing] = await Promise.all([
    store.readSignals(region, 0),
    store.readOpenIncident(region),
    store.readStanding(region),
  ]);
  const found = await classified(region, signals, standing, store, plan, now());
  const { level, reason, rising } = found;
  const kept = level === 0 && incident !== null ? keptOut(incident, found, standing, plan, now()) : null;
  return { region, level, reason, rising, incident, keptOut: kept };
}

async function openRequests({ store, plan }: Shell): Promise<OpenRequest[]> {
  const open = await store.listOpenRequests();
  return Promise.all(
    open.map(async (request) => {
      const answers = await store.readAnswers(request.id);
      const { silent, approvals } = tallyOf(request, answers, plan);
      return {
        request,
        standby: runsIn(request, plan),
        answers,
        silent,
        approvals,
      };
    }),
  );
}

/** A region whose table is silent is not asked a second time. */
async function runningIn(region: string, silent: string | null, named: Deployment): Promise<Reached<Flow[]>> {
  if (silent !== null) return { region, why: silent, fault: null };
  return askOne(region, async () => {
    const running = await listRunning(region, named);
    return Promise.all(
      running.map(async ({ arn, ...execution }) => ({
        ...execution,
        states: await readWhereabouts(region, arn),
        over: null,
        paused: null,
      })),
    );
  });
}

/** Flows that hold a lock and do not run: they stopped, and wait for a person. */
async function stoppedHolders(
  locks: readonly Lock[],
  regions: readonly string[],
  named: Deployment,
  shell: Shell,
): Promise<Flow[]> {
  const found = await Promise.all(
    locks.flatMap((lock) =>
      regions.map((region) =>
        askOne(region, async (): Promise<Flow[]> => {
          const execution = await findExecution(region, named, lock.execution);
          if (execution === null) return [];
          const { arn, ...stopped } = execution;
          const [states, over, paused] = await Promise.all([
            readWhereabouts(region, arn),
            whyOverFor(lock, shell),
            pauseOf(lock, shell),
          ]);
          // The newest event of a stopped execution is in the state that it stopped at.
          return [{ ...stopped, states, over, paused }];
        }),
      ),
    ),
  );
  return found.flatMap((one) => ('answer' in one ? one.answer : []));
}

async function pauseOf(lock: Lock, shell: Shell): Promise<Pause | null> {
  // A record that cannot be read hides no flow that waits.
  const [done, incident] = await Promise.all([
    doneBy(lock, shell).catch(() => null),
    shell.store.readIncident(lock.incident).catch(() => null),
  ]);
  if (done === null || done.pausedAt === null || done.stoppedAt.length === 0) return null;
  return {
    since: done.pausedAt,
    failed: done.stoppedAt,
    zone: incident === null ? null : zoneOfFlow(incident, lock.execution),
  };
}

/** The same with times that other programs read, and with the commands that stop it. */
export function forMachines(overview: Overview, stops: readonly string[]): Record<string, unknown> {
  const { at, frozen, beliefs, flows, requests, unseen, regions, lastDrill, drills, data, protection, ...rest } =
    overview;
  return {
    ...rest,
    at: isoTime(at),
    frozen: frozen === null ? null : { ...frozen, at: isoTime(frozen.at) },
    believes: beliefs.map(({ incident, ...belief }) => ({
      ...belief,
      incident: incident === null ? null : open(incident),
    })),
    next: {
      executions: flows.map(({ startedAt, states, paused, ...flow }) => ({
        ...flow,
        paused: paused === null ? null : { ...paused, since: isoTime(paused.since) },
        startedAt: isoTime(startedAt),
        states: states.map(({ since, ...where }) => ({ ...where, since: isoTime(since) })),
      })),
      requests: requests.map(({ request, answers, ...more }) => ({
        ...request,
        askedAt: isoTime(request.askedAt),
        expiresAt: isoTime(request.expiresAt),
        ...more,
        answers: answers.map((answer) => ({ ...answer, at: isoTime(answer.at) })),
      })),
      unseen: unseen.map(({ lock: { execution, target }, held }) => ({ execution, target, held })),
    },
    regions: regions.map(({ lock, degradation, readiness, restored, ...region }) => ({
      ...region,
      restored: restored.map(({ asset, instance, instead = null, execution, at: since }) => ({
        ...{ asset, instance, instead, execution },
        at: isoTime(since),
      })),
      readiness: readiness === null ? null : { at: isoTime(readiness.at), checks: readiness.checks },
      lock: lock === null ? null : { ...lock, at: isoTime(lock.at) },
      degradation: degradation === null ? null : { ...degradation, at: isoTime(degradation.at) },
    })),
    protection:
      protection === null
        ? null
        : {
            standby: protection.standby,
            undoes: protection.moved?.execution ?? null,
            since: isoTime(protection.since),
            coveredAt: isoTime(protection.coveredAt),
            rejoins: protection.rejoins.map(({ begunAt, snapshotAt, askedAt, replicatesAt, endedAt, ...one }) => ({
              ...one,
              ...{ begunAt: isoTime(begunAt), snapshotAt: isoTime(snapshotAt), askedAt: isoTime(askedAt) },
              ...{ replicatesAt: isoTime(replicatesAt), endedAt: isoTime(endedAt) },
            })),
          },
    lastDrill: lastDrill === null ? null : { ...lastDrill, at: isoTime(lastDrill.at) },
    drills: {
      lever: drills.lever === null ? null : { ...drills.lever, at: isoTime(drills.lever.at) },
      planned: drills.planned.map(({ drill: { name, kind, every }, standing: { last, ...standing } }) => ({
        ...{ name, kind, every, ...standing },
        last: last === null ? null : { ...last, at: isoTime(last.at) },
      })),
      running: drills.running.map(({ name, kind, region, execution, startedAt, faultAt }) => ({
        ...{ name, kind, region, execution },
        ...{ startedAt: isoTime(startedAt), faultAt: isoTime(faultAt) },
      })),
    },
    data: data.map(({ asset, ledger, rehearsals }) => ({
      asset,
      ledger:
        ledger === null
          ? null
          : {
              ...{ region: ledger.region, instance: ledger.instance, attempted: ledger.attempted },
              ...{ at: isoTime(ledger.at), provenAt: isoTime(ledger.provenAt) },
              shrank: (ledger.shrank ?? []).map(({ at: since, why }) => ({ at: isoTime(since), why })),
            },
      rehearsals: rehearsals.map(({ begunAt, dataUntil, availableAt, endedAt, ...rehearsal }) => ({
        ...rehearsal,
        ...{ begunAt: isoTime(begunAt), dataUntil: isoTime(dataUntil) },
        ...{ availableAt: isoTime(availableAt), endedAt: isoTime(endedAt) },
      })),
    })),
    stop: stops,
  };
}

function open({ id, level, scope, openedAt, lastSignalAt, decisions }: Incident): Record<string, unknown> {
  const last = decisions.at(-1) ?? null;
  return {
    id,
    level,
    scope,
    openedAt: isoTime(openedAt),
    lastSignalAt: isoTime(lastSignalAt),
    decision: last === null ? null : { ...last, at: isoTime(last.at) },
    evidence: last?.evidence ?? [],
  };
}
