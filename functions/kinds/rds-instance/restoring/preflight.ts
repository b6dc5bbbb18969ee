// What a restore would meet: every name that the plan gives it is looked up in the region, before it is needed. Changes nothing. Readiness,
// the assessment, the restore and its drill ask here.
import { isSecret, isSecurityGroup, keyState } from '../../../aws/looking/lookups.ts';
import { CannotProceed, Unavailable } from '../../../domain/errors.ts';
import {
  describeOffers,
  describeQuotas,
  describeReservation,
  describeVersion,
  engineOfOptionGroup,
  familyOfParameterGroup,
  isTaken,
  type Offer,
  zonesOfSubnetGroup,
} from '../aws/backups.ts';
import { restoreNames } from '../rules/restored.ts';
import type { Backup, Preflight } from '../rules/ways.ts';
import type { Restore } from '../says/backup-plan.ts';

/** Where a restore is made, of what the plan says of it, and the account's names of the plan's zones there, by their ids. */
export type Place = {
  readonly region: string;
  readonly restore: Restore;
  readonly zones: Readonly<Record<string, string>>;
};

/** One line for each problem. What nobody answers is unknown, and one silent question costs no other its answer. */
export async function preflight(place: Place, from: Backup): Promise<Preflight> {
  const checks = [
    ['which names are free', () => names(place)],
    ['the subnet group', () => subnets(place)],
    ['the parameter and option groups', () => groups(place, from)],
    ['the security groups', () => securityGroups(place)],
    ['the key', () => key(place, from)],
    ['the secret', () => secret(place)],
    ['the class', () => offered(place, from)],
    ['the quota', () => quota(place, from)],
    ['the capacity reservation', () => reservation(place, from)],
  ] as const;
  const answers = await Promise.all(checks.map(([what, check]) => answerOf(`${what} in ${place.region}`, check)));
  return {
    problems: answers.flatMap(({ problems }) => problems),
    unknown: answers.flatMap(({ unknown }) => unknown),
    ...(answers.some(({ unanswered }) => unanswered) && { unanswered: true as const }),
  };
}

async function answerOf(what: string, check: () => Promise<readonly string[]>): Promise<Preflight> {
  try {
    return { problems: await check(), unknown: [] };
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof CannotProceed)) throw error;
    const unknown = [`${what}: NOT KNOWN, ${error.message}`];
    return { problems: [], unknown, ...(error instanceof Unavailable && { unanswered: true as const }) };
  }
}

/** A restore is never made over something that exists. */
async function names({ region, restore }: Place): Promise<string[]> {
  const all = restoreNames(restore);
  const taken = await Promise.all(all.map((name) => isTaken(region, name)));
  return taken.includes(false) ? [] : [`no name is free in ${region}: ${all.join(', ')} exist`];
}

async function subnets({ region, restore, zones }: Place): Promise<string[]> {
  const { subnetGroup: name, zone, multiAz } = restore;
  const covered = await zonesOfSubnetGroup(region, name);
  if (covered === null) return [`subnet group ${name} is not in ${region}`];
  const wanted = zone === null ? null : (zones[zone] ?? zone);
  return [
    ...(covered.length < 2 ? [`subnet group ${name} covers ${covered.length} zone, and RDS wants two at least`] : []),
    ...(wanted !== null && !multiAz && !covered.includes(wanted)
      ? [`subnet group ${name} has no subnet in ${wanted}, where the plan restores`]
      : []),
  ];
}

async function groups({ region, restore }: Place, { engine, engineVersion }: Backup): Promise<string[]> {
  const { parameterGroup, optionGroup, logExports, caCertificate } = restore;
  const [family, options, version] = await Promise.all([
    familyOfParameterGroup(region, parameterGroup),
    engineOfOptionGroup(region, optionGroup),
    engineVersion === null ? undefined : describeVersion(region, engine, engineVersion),
  ]);
  const problems = [
    ...(family === null ? [`parameter group ${parameterGroup} is not in ${region}`] : []),
    ...(options === null ? [`option group ${optionGroup} is not in ${region}`] : []),
  ];
  if (version === undefined) return problems;
  const named = `${engine} ${engineVersion}`;
  if (version === null)
    return [...problems, `${named}, the version of the backup, is not offered in ${region} any more`];
  const fits = options === null || (options.engine === engine && options.major === version.major);
  return [
    ...problems,
    ...(family !== null && family !== version.family
      ? [`parameter group ${parameterGroup} is of ${family}, and the backup is of ${version.family}`]
      : []),
    ...(fits
      ? []
      : [`option group ${optionGroup} is of ${options.engine} ${options.major}, and the backup is of ${named}`]),
    ...logExports
      .filter((log) => version.logs.length > 0 && !version.logs.includes(log))
      .map((log) => `${named} exports no log ${log}`),
    ...(version.certificates.length > 0 && !version.certificates.includes(caCertificate)
      ? [`certificate authority ${caCertificate} is not offered for ${named} in ${region}`]
      : []),
  ];
}

async function securityGroups({ region, restore }: Place): Promise<string[]> {
  const found = await Promise.all(restore.securityGroups.map((id) => isSecurityGroup(region, id)));
  return restore.securityGroups
    .filter((_, index) => !found[index])
    .map((id) => `security group ${id} is not in ${region}`);
}

/** A restored database has the key of its backup. */
async function key({ region }: Place, { keyId }: Backup): Promise<string[]> {
  if (keyId === null) return [];
  const state = await keyState(region, keyId);
  if (state === 'Enabled') return [];
  return [
    state === null
      ? `key ${keyId} of the backup is not in ${region}`
      : `key ${keyId} of the backup is ${state} in ${region}`,
  ];
}

async function secret({ region, restore }: Place): Promise<string[]> {
  if (restore.secret === null || (await isSecret(region, restore.secret))) return [];
  return [`secret ${restore.secret} is not in ${region}: applications could not sign in`];
}

/** gp3 below this size has 3,000 IOPS and takes no other number, of these engines [AWS, Amazon RDS DB instance storage]. */
const smallGp3Gib = 400;

async function offered({ region, restore, zones }: Place, from: Backup): Promise<string[]> {
  const { instanceClass, storageType, zone, multiAz, iops, iamAuthentication } = restore;
  const { engine, engineVersion, allocatedGib } = from;
  if (engineVersion === null) return [];
  const offers = await describeOffers(region, { engine, engineVersion, instanceClass });
  const named = `${instanceClass} for ${engine} ${engineVersion}`;
  if (offers.length === 0) return [`${named} is not offered in ${region}`];
  const offer: Offer | undefined = offers.find((one) => one.storageType === storageType);
  if (offer === undefined) return [`${named} is not offered with ${storageType} in ${region}`];
  const wanted = zone === null ? null : (zones[zone] ?? zone);
  const isSmall = storageType === 'gp3' && allocatedGib !== null && allocatedGib < smallGp3Gib;
  return [
    ...(wanted !== null && !offer.zoneNames.includes(wanted) ? [`${named} is not offered in ${wanted}`] : []),
    ...(multiAz && !offer.multiAz ? [`${named} is not offered with Multi-AZ in ${region}`] : []),
    ...(iamAuthentication && !offer.iamAuthentication ? [`${named} has no IAM authentication in ${region}`] : []),
    ...(restore.dedicatedLogVolume && !offer.dedicatedLogVolume
      ? [`${named} has no dedicated log volume in ${region}`]
      : []),
    ...(iops !== null && !isSmall && isOutside(iops, offer.iops)
      ? [`${named} takes ${between(offer.iops)} IOPS with ${storageType}, and the plan says ${iops}`]
      : []),
    ...(isSmall && iops !== 3_000
      ? [`gp3 with ${allocatedGib} GiB has 3000 IOPS and takes no other number, and the plan says ${iops}`]
      : []),
    ...(allocatedGib !== null && isOutside(allocatedGib, offer.gib)
      ? [`${named} takes ${between(offer.gib)} GiB of ${storageType}, and the backup has ${allocatedGib}`]
      : []),
  ];
}

type Bounds = readonly [least: number | null, most: number | null];

function isOutside(value: number, [least, most]: Bounds): boolean {
  return (least !== null && value < least) || (most !== null && value > most);
}

function between([least, most]: Bounds): string {
  return `${least ?? 'any'} to ${most ?? 'any'}`;
}

async function quota({ region }: Place, { allocatedGib }: Backup): Promise<string[]> {
  const quotas = await describeQuotas(region);
  const needs: Readonly<Record<string, number>> = { DBInstances: 1, AllocatedStorage: allocatedGib ?? 0 };
  return quotas.flatMap(({ name, used, most }) =>
    used + (needs[name] ?? 0) > most ? [`quota ${name} in ${region} has ${used} of ${most} in use`] : [],
  );
}

async function reservation({ region, restore, zones }: Place, { engine }: Backup): Promise<string[]> {
  const { capacityReservation: id, instanceClass, zone } = restore;
  if (id === null) return [];
  const found = await describeReservation(region, id);
  if (found === null) return [`capacity reservation ${id} is not in ${region}`];
  const short = Object.entries(found.left).filter(
    ([name, left]) => left < 1 && (zone === null || name === (zones[zone] ?? zone)),
  );
  const named = zone === null ? null : (zones[zone] ?? zone);
  return [
    ...(found.state === 'active' ? [] : [`capacity reservation ${id} is ${found.state}`]),
    ...(found.instanceClass === instanceClass ? [] : [`capacity reservation ${id} is for ${found.instanceClass}`]),
    ...(found.engine === engine ? [] : [`capacity reservation ${id} is for ${found.engine}`]),
    ...short.map(([name]) => `capacity reservation ${id} has nothing left in ${name}`),
    ...(named !== null && !Object.hasOwn(found.left, named) ? [`capacity reservation ${id} has none in ${named}`] : []),
  ];
}
