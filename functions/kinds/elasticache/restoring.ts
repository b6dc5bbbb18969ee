// Takes a cache over in the best way that is left, where the plan says what may be made in the region: looks first, chooses once, makes
// the group in one call, and waits until it has an address.
import { faultName } from '../../aws/calls/faults.ts';
import { readSecret } from '../../aws/secrets.ts';
import { CannotProceed, InProgress, Restoring } from '../../domain/errors.ts';
import type { AssetOf } from '../../domain/plan/assets.ts';
import { type Way, ways } from '../../domain/types.ts';
import { placeOf } from '../../shared/estate.ts';
import { act, givingUp, lastCallAt } from '../../shared/recovery/act.ts';
import type { RegionIncident } from '../../shared/recovery/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { createGroup } from './aws/backups.ts';
import { type CacheSeen, describeCache } from './aws/groups.ts';
import { afterRefusal } from './rules/refusals.ts';
import { type Choice, choiceIn, differencesOf, nextRestore } from './rules/restored.ts';
import { cacheWays, wayTaken } from './rules/ways.ts';
import { objectsOf, type Restore } from './says/backup-plan.ts';
import { cacheEvidence } from './seen/evidence.ts';

type Cache = AssetOf<'elasticache'>;
type Outcome = Readonly<Record<string, unknown>>;
type Datastore = (asset: Cache, incident: RegionIncident, shell: Shell) => Promise<Outcome>;

/**
 * `throughDatastore` takes over as a member of the global datastore. What was chosen is gone on with, whatever is seen later; a way that
 * fails is left in the record, and the next one is taken.
 */
export async function takeOverAnew(
  asset: Cache,
  incident: RegionIncident,
  throughDatastore: Datastore,
  shell: Shell,
): Promise<Outcome> {
  const steps = await shell.store.readSteps(incident.id);
  const own = steps.filter(({ execution }) => execution === incident.execution);
  const failed = ways.filter((way) => own.some(({ step }) => step === failedMark(asset, way)));
  const again = () => choose(asset, incident, failed, shell);
  const choice = choiceIn(own, asset.name, failed) ?? (await again());
  if (choice.way !== 'fail-over-datastore') return goOn(asset, choice, again, incident, shell);
  try {
    return { ...(await throughDatastore(asset, incident, shell)), way: choice.way, why: choice.why };
  } catch (error) {
    // A no of ElastiCache stays one; what is only not done yet, or not known, is no failure of the way.
    if (!(error instanceof CannotProceed)) throw error;
    return leave(asset, choice, null, error.message, incident, shell);
  }
}

/** What the record holds of a way that was tried in vain. */
function failedMark({ name }: Cache, way: Way): string {
  return `way-failed/${name}/${way}`;
}

/** Kept before anything is called: whoever goes on after a crash goes on with the same group, of the same export. */
async function choose(asset: Cache, incident: RegionIncident, failed: readonly Way[], shell: Shell): Promise<Choice> {
  const { id, execution, standby: region } = incident;
  const all = cacheWays(await cacheEvidence(asset, region, failed, shell));
  const taken = wayTaken(all);
  if (taken === null || taken.way.group === null) {
    const why = all.map(({ way, against }) => `${way}: ${against.join('; ')}`).join('. ');
    throw new CannotProceed(`cache ${asset.name} cannot take over in ${region}: it needs a person. ${why}`);
  }
  const { way, group, made, source } = taken.way;
  const choice: Choice = { way, group, made, source, why: taken.why };
  const at = shell.now();
  const outcome = { ...choice, snapshot: source?.name ?? null };
  await shell.store.recordStep({ incident: id, execution, step: `way/${asset.name}/${way}`, at, outcome });
  shell.log.info('way of a cache chosen', { incident: id, execution, cache: group, way, why: taken.why });
  return choice;
}

async function goOn(
  asset: Cache,
  choice: Choice,
  again: () => Promise<Choice>,
  incident: RegionIncident,
  shell: Shell,
): Promise<Outcome> {
  const { standby: region } = incident;
  const { restore } = placeOf(asset, region);
  if (restore === undefined) throw new CannotProceed(`the plan has no restore of ${asset.name} in ${region} any more`);
  const { group, way, why, made } = choice;
  const step = `take-over/${asset.name}`;
  const call = { step, call: 'elasticache:CreateReplicationGroup', target: group, region, continues: givingUp };
  const [seen, calledAt] = await Promise.all([describeCache(region, group), lastCallAt(incident, call, shell)]);
  const move = nextRestore(seen, made, calledAt, shell.now());
  if (move.next === 'done') return reached(choice, restore, seen, shell.now());
  if (move.next === 'give-up') return leave(asset, choice, seen === null ? null : group, move.why, incident, shell);
  // Its name was taken by somebody else meanwhile: the next free one is.
  if (move.next === 'choose-again') throw new InProgress(`cache ${(await again()).group} is made instead of ${group}`);
  if (move.next === 'wait') throw coming(choice, `cache ${group} has not taken over yet: ${move.why}`);
  try {
    const request = await requestOf(asset, choice, restore, incident, shell);
    const change = { before: seen === null ? 'is not there' : seen.status, wanted: `takes over (${way})` };
    await act(incident, { ...call, change }, shell, () => createGroup(region, request));
  } catch (error) {
    if (!(error instanceof CannotProceed)) throw error;
    const after = afterRefusal(faultName(error));
    if (after === 'person') throw error;
    if (after === 'next-way') return leave(asset, choice, null, error.message, incident, shell);
    throw new InProgress(`cache ${group} is requested again: ${error.message}`, { cause: error });
  }
  throw coming(choice, `cache ${group} was requested (${way}): ${why}`);
}

/** One that reads an export takes as long as that is large; an empty one stands within minutes. */
function coming({ source }: Choice, words: string): Error {
  return source === null ? new InProgress(words) : new Restoring(words);
}

async function requestOf(
  asset: Cache,
  { group, source }: Choice,
  restore: Restore,
  { standby: region }: RegionIncident,
  { account, prefix }: Shell,
) {
  const bucket = placeOf(asset, region).snapshotBucket?.name;
  const { authTokenSecret: secret } = restore;
  const authToken = secret === null ? null : await readSecret(region, secret);
  if (secret !== null && authToken === null)
    throw new CannotProceed(`secret ${secret} of ${region} has no text for the AUTH token`);
  return {
    name: group,
    engine: restore.engine,
    engineVersion: restore.engineVersion,
    nodeType: restore.nodeType,
    clusterMode: restore.clusterMode,
    shards: restore.shards,
    replicas: restore.replicas,
    multiAz: restore.multiAz,
    subnetGroup: restore.subnetGroup,
    securityGroups: restore.securityGroups,
    parameterGroup: restore.parameterGroup,
    port: restore.port,
    transitEncryption: restore.transitEncryption,
    authToken,
    userGroup: restore.userGroup,
    encryptedAtRest: restore.encryptedAtRest,
    kmsKey: restore.kmsKey,
    snapshotRetentionDays: restore.snapshotRetentionDays,
    snapshotWindow: restore.snapshotWindow,
    maintenanceWindow: restore.maintenanceWindow,
    minorUpgrades: restore.minorUpgrades,
    tags: restore.tags,
    topicArn: `arn:aws:sns:${region}:${account}:${prefix}-cache-events`,
    objects: source === null ? [] : objectsOf(source).map((key) => `arn:aws:s3:::${bucket}/${key}`),
  };
}

/** The way has failed: the next look takes another one, or says that there is none. @throws InProgress always */
async function leave(
  asset: Cache,
  { way }: Choice,
  left: string | null,
  why: string,
  incident: RegionIncident,
  shell: Shell,
): Promise<never> {
  const { id, execution } = incident;
  const outcome = { way, why, left };
  const step = failedMark(asset, way);
  await shell.store.recordStep({ incident: id, execution, step, at: shell.now(), outcome });
  shell.log.warn('way of a cache failed', { incident: id, execution, way, why });
  throw new InProgress(`cache ${asset.name} did not take over by ${way}: ${why}`);
}

function reached({ group, way, why, made, source }: Choice, restore: Restore, seen: CacheSeen | null, now: number) {
  const empty = source === null;
  const differs = made && seen !== null ? differencesOf(restore, seen) : [];
  const snapshot = source === null ? null : { name: source.name, ageSeconds: Math.round((now - source.at) / 1000) };
  return { cache: group, moved: made, empty, way, why, snapshot, differs };
}
