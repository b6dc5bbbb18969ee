// Moves a cache's primary out of a failed zone, and gives automatic failover back as it was.
import type * as z from 'zod';
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { assetNamed, zoneIdOf } from '../../shared/estate.ts';
import { act } from '../../shared/recovery/act.ts';
import type { ZoneIncident, ZoneVerbInput } from '../../shared/recovery/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { promoteNode, switchFailoverOff, switchFailoverOn } from './aws/groups.ts';
import {
  type CacheHistory,
  type CacheStanding,
  leftToElastiCache,
  nextCacheMove,
  promotionCandidate,
} from './moves.ts';
import { servingIn } from './seen/serving.ts';

type Modification = 'switch-off' | 'promote' | 'switch-on';
type Memory = CacheHistory & {
  /** Whether Multi-AZ was on before this incident switched it off. */ readonly multiAz: boolean;
};

/** `moved`: enough for users. `restored`: ElastiCache can fail over by itself again. */
type Until = 'moved' | 'restored';

/**
 * Makes at most one modification, and throws InProgress until what was asked for was seen. `stays` says why a primary is
 * left where it is, for people.
 */
export async function move({ incident, asset: name }: z.infer<typeof ZoneVerbInput>, until: Until, shell: Shell) {
  const { region, zone, dryRun } = incident;
  const asset = assetNamed(name, 'elasticache', shell.plan);
  const { group, seen } = await servingIn(asset, region);
  if (seen === null) return absent(group, region, shell);
  const nodes = seen.nodes.map((node) => ({ ...node, zone: zoneIdOf(node.zoneName, region, shell.plan) }));
  const cache: CacheStanding = { ...seen, nodes };
  const memory = await readMemory(incident, name, shell);
  const next = nextCacheMove(cache, until === 'moved' ? zone : null, memory, asset.ownFailoverSeconds, shell.now());
  const primary = nodes.find((node) => node.primary)?.zone ?? null;
  if (dryRun) return { dryRun, cache: group, zone: primary, wouldDo: wouldDo(cache, zone, group) };
  const isMoved = primary !== null && primary !== zone;
  if (next.next === 'done' || (until === 'moved' && isMoved))
    return { cache: group, moved: memory.promotedAt !== null, zone: primary };
  if (next.next === 'stay') return { cache: group, moved: false, zone: primary, stays: next.why };
  if (next.next === 'give-up') throw new CannotProceed(`cache ${group} cannot leave ${zone}: ${next.why}`);
  if (next.next === 'wait') throw new InProgress(`cache ${group} is not done: ${next.why}`);
  await modify(next.next, { asset: name, group }, cache, memory, incident, shell);
  throw new InProgress(`cache ${group}: ${next.next} was requested`);
}

/** A region that serves nobody may stand without a cache; the one that serves users may not. */
async function absent(group: string, region: string, { store }: Shell) {
  const { primary } = await store.readStanding(region);
  if (region === primary) throw new CannotProceed(`cache ${group} is not in ${region}`);
  return { cache: group, moved: false, zone: null };
}

async function modify(
  what: Modification,
  { asset, group }: { readonly asset: string; readonly group: string },
  seen: CacheStanding,
  memory: Memory,
  incident: ZoneIncident,
  shell: Shell,
): Promise<void> {
  const { id, execution, region, zone } = incident;
  const node = promotionCandidate(seen, zone);
  const step = `leave-zone/${asset}`;
  const multiAz = memory.switchedOffAt === null ? seen.multiAz : memory.multiAz;
  const change = { before: standingWords(seen), wanted: wantedWords(what, node, multiAz) };
  const call = { step, call: 'elasticache:ModifyReplicationGroup', target: group, change };
  await act(incident, call, shell, async () => {
    // Remembered before the call: a crash between the two must not forget that it has to be switched on again.
    await shell.store.recordStep({
      incident: id,
      execution,
      step: `${step}/${what}`,
      at: shell.now(),
      outcome: { group, multiAz },
    });
    if (what === 'switch-off') return switchFailoverOff(region, group);
    if (what === 'switch-on') return switchFailoverOn(region, group, multiAz);
    return node === null ? false : promoteNode(region, group, node);
  });
}

/** Where the primary stands, and whether ElastiCache moves it by itself. */
function standingWords({ nodes, automaticFailover, multiAz }: CacheStanding): string {
  const primary = nodes.find((node) => node.primary);
  const where =
    primary === undefined
      ? 'no node is primary'
      : `${primary.id} in ${primary.zone ?? 'a zone that is not known'} is primary`;
  return `${where}, automatic failover ${automaticFailover}, Multi-AZ ${multiAz ? 'on' : 'off'}`;
}

function wantedWords(what: Modification, node: string | null, multiAz: boolean): string {
  if (what === 'promote') return node === null ? 'no other node can be primary' : `${node} is primary`;
  return what === 'switch-off'
    ? 'automatic failover disabled, Multi-AZ off'
    : `automatic failover enabled, Multi-AZ ${multiAz ? 'on' : 'off'}`;
}

/** What this incident did to the cache so far, in whichever of its executions. */
async function readMemory({ id, since }: ZoneIncident, asset: string, { store }: Shell): Promise<Memory> {
  const steps = await store.readSteps(id);
  const newest = (what: Modification) =>
    steps.filter((past) => past.step === `leave-zone/${asset}/${what}`).sort((a, b) => b.at - a.at)[0] ?? null;
  const switchedOff = newest('switch-off');
  return {
    since,
    switchedOffAt: switchedOff?.at ?? null,
    promotedAt: newest('promote')?.at ?? null,
    switchedOnAt: newest('switch-on')?.at ?? null,
    multiAz: switchedOff?.outcome['multiAz'] === true,
  };
}

function wouldDo(seen: CacheStanding, zone: string, group: string): string {
  if (!seen.clusterMode && seen.nodes.every((node) => !node.primary || node.zone !== zone))
    return `nothing: the primary of ${group} is not in ${zone}`;
  const left = leftToElastiCache(seen);
  if (left !== null) return `wait for ElastiCache's own failover of ${group}: ${left}`;
  const node = promotionCandidate(seen, zone);
  return node === null
    ? `stop: ${group} has no replica outside ${zone}`
    : `promote ${node} of ${group}, unless ElastiCache does first`;
}
