// Desired state: it is known which way out of a region there is, what it would cost, and what could not be fenced.
// Looks at everything and changes nothing.
import * as z from 'zod';
import { describeDatabase } from './aws/database.ts';
import { describeGlobalCache } from './aws/global-cache.ts';
import { checkBounds, outcomeOf } from './domain/approval.ts';
import { type AssetOf, assetsOf } from './domain/assets.ts';
import { CannotProceed, Unavailable } from './domain/errors.ts';
import { assess, type Observed } from './domain/predict.ts';
import type { ApprovalRequest } from './domain/types.ts';
import { placeOf } from './shared/estate.ts';
import { RegionIncident } from './shared/flow.ts';
import { planHash } from './shared/hash.ts';
import { askHealth } from './shared/health.ts';
import { lastAliveAt, lastKnownLag, writesEndedAt } from './shared/lag.ts';
import { type Shell, step } from './shared/shell.ts';

const AssessInput = z.strictObject({
  incident: RegionIncident,
  /** The request that people approved; null before they were asked. */
  request: z.string().nullable(),
});

/**
 * Assesses, and compares with what was approved. `changed` says what is outside of the approval; null where nothing is.
 * `approvedUnfenced` is what the approval lets go on without a fence.
 * @throws CannotProceed where the request is not this execution's, or was not approved.
 */
export const handler = step(AssessInput, async ({ incident, request: id }, shell) => {
  const { plan, store, log } = shell;
  const [seen, request, record] = await Promise.all([
    look(incident, shell),
    id === null ? null : approvedRequest(id, incident, shell),
    store.readIncident(incident.id),
  ]);
  const assessment = assess(seen, plan);
  // A region that has recovered is not given up by itself, whoever approved that; what a person started goes on.
  const over = !incident.manual && record !== null && record.closedAt !== null;
  const offered = assessment.offered && !over;
  // What would be lost now, against what was approved: the margin is for this comparison, and is not added twice.
  const current = { ...assessment.bounds, lossCeilingSeconds: assessment.predicted.dataLossSeconds };
  const changed = request === null ? null : checkBounds(request, current);
  log.info('assessed', { incident: incident.id, execution: incident.execution, offered, changed });
  return {
    ...assessment,
    offered,
    why: over ? `incident ${incident.id} is over` : assessment.why,
    approved: request !== null,
    approvedUnfenced: request?.unfenced ?? [],
    changed,
    expirySeconds: plan.approval.expirySeconds,
  };
});

async function approvedRequest(
  id: string,
  { execution }: RegionIncident,
  { store, plan }: Shell,
): Promise<ApprovalRequest> {
  const [request, answers] = await Promise.all([store.readRequest(id), store.readAnswers(id)]);
  if (request === null || request.execution !== execution)
    throw new CannotProceed(`${id} is no request of ${execution}`);
  if (outcomeOf(request, answers, plan) !== 'approved') throw new CannotProceed(`request ${id} was not approved`);
  return request;
}

/** Everything at once: a region that does not answer costs its timeout once, and is seen as not answering. */
async function look({ region, standby, mode, since }: RegionIncident, shell: Shell): Promise<Observed> {
  const { plan, now } = shell;
  const url = plan.service.regionalHealthUrls[standby];
  // Of a switchover that was planned, the moment is now; of an incident, when users were last seen to be served.
  const aliveAt = mode === 'switchover' ? now() : await lastAliveAt(region, since, shell);
  const [old, databases, caches, page] = await Promise.all([
    Promise.all(
      assetsOf('rds-instance', plan).map((asset) =>
        ifAnswered(describeDatabase(region, placeOf(asset, region).instance)),
      ),
    ),
    Promise.all(assetsOf('rds-instance', plan).map((asset) => lookAtDatabase(asset, standby, aliveAt))),
    Promise.all(assetsOf('elasticache', plan).map((asset) => lookAtCache(asset, standby))),
    url === undefined ? null : askHealth(url, shell),
  ]);
  return {
    target: region,
    standby,
    mode,
    plan: planHash(plan),
    now: now(),
    since,
    aliveAt,
    writesEndedAt: writesEndedAt(aliveAt, now()),
    databases,
    /** What takes writes now and could not be reached to be fenced. */
    unreachable: assetsOf('rds-instance', plan).flatMap(({ name }, index) => (old[index] === null ? [name] : [])),
    caches: caches.flat(),
    clusters: assetsOf('eks-cluster', plan).map((asset) => placeOf(asset, standby)),
    pageAnswers: page !== null,
  };
}

async function lookAtDatabase(asset: AssetOf<'rds-instance'>, standby: string, aliveAt: number) {
  const { instance } = placeOf(asset, standby);
  const [replica, lag] = await Promise.all([
    ifAnswered(describeDatabase(standby, instance)),
    ifAnswered(lastKnownLag({ region: standby, instance }, aliveAt)),
  ]);
  return {
    asset: asset.name,
    replica:
      replica === null
        ? null
        : { status: replica.status, isReplica: replica.replicaOf !== null, replicating: replica.replicating },
    lag,
  };
}

/** Nothing where the cache is in no global datastore: then it starts empty. */
async function lookAtCache(asset: AssetOf<'elasticache'>, standby: string): Promise<Observed['caches']> {
  const { name, globalDatastore } = asset;
  if (globalDatastore === null) return [];
  const { replicationGroup: group } = placeOf(asset, standby);
  const datastore = await ifAnswered(describeGlobalCache(standby, globalDatastore));
  const member = datastore?.members.some((one) => one.region === standby && one.group === group) === true;
  return [{ asset: name, datastore: globalDatastore, member }];
}

/** Null where the service did not answer: what is not known is not offered. */
async function ifAnswered<Answer>(question: Promise<Answer>): Promise<Answer | null> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof Unavailable) return null;
    throw error;
  }
}
