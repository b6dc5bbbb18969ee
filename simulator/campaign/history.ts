// The histories of the campaign, made by chance: what fails and when, what goes wrong with the recovery, and what people do. Pure: one
// seed and one plan, one history.
import { assetsOf } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { between, createRandom } from '../estate/chance/random.ts';
import { zonesOf } from '../estate/faults/faults.ts';
import type { Fault } from '../estate/types.ts';
import {
  announcements,
  type Draw,
  drawn,
  drawWith,
  failures,
  type History,
  type Maker,
  noises,
  losses as ofTold,
  workOf,
} from '../histories/histories.ts';
import type { Item } from './items.ts';
import { losses, troubles, weaknesses } from './parts.ts';

export type CampaignHistory = {
  readonly seed: number;
  readonly items: readonly Item[];
  /** What planned work strikes. */
  readonly work: History['work'];
};

/** Parts begin within so many seconds: a second incident falls into the first one's flow, or comes after it. */
const spreadSeconds = 900;

/** What passes by itself, and takes nothing with it when it ends: it needs no end. */
const moments: ReadonlySet<Fault['kind']> = new Set([
  'database-crash',
  'cache-node-loss',
  'node-loss',
  'pod-crash',
  'release',
  'practice-run',
  'function-crash',
]);

/** The history of a seed. */
export function campaignHistory(seed: number, plan: Plan): CampaignHistory {
  const draw = drawWith(createRandom(seed ^ 0xca3b), plan);
  const { pick, happens, seconds, random } = draw;
  const counts: [readonly Maker[], number][] = [
    [losses, pick([0, 0, 1])],
    [failures, pick([0, 1, 1, 1, 2])],
    [announcements, pick([0, 0, 0, 0, 1])],
    [noises, pick([0, 0, 0, 1])],
    [ofTold, pick([0, 0, 1])],
    [troubles, pick([0, 1, 1, 2, 3])],
    [weaknesses, pick([0, 0, 1])],
  ];
  const chosen = counts.flatMap(([makers, count]) => Array.from({ length: count }, () => drawn(makers, draw)));
  const parts = chosen.map(({ make }) => {
    const at = happens(0.5) ? 0 : Math.round(between(random, 0, spreadSeconds));
    const part = make(draw);
    return { at, ...part, faults: part.faults.map((one) => ({ ...one, fault: ending(one.fault, seconds) })) };
  });
  const faults = parts
    .flatMap(({ at, faults: some }) => some.map(({ after, fault }) => ({ atSeconds: at + after, fault })))
    .toSorted((a, b) => a.atSeconds - b.atSeconds)
    .map(({ atSeconds, fault }, index): Item => {
      return { kind: 'fault', of: { atSeconds, fault: { ...fault, id: `${fault.kind} ${index + 1}` } as Fault } };
    });
  const items = [...faults, ...byHand(draw), ...approvers(draw), ...operators(draw)];
  return { seed, items, work: parts.flatMap(workOf) };
}

/** What lasts ends some time: what never ends shows nothing of how a history ends. */
function ending<Of extends { readonly kind: Fault['kind']; readonly forSeconds?: number | undefined }>(
  fault: Of,
  seconds: Draw['seconds'],
): Of {
  if (fault.forSeconds !== undefined || moments.has(fault.kind)) return fault;
  return { ...fault, forSeconds: seconds(300, 1_800) };
}

/** Approvers are slow, answer twice, disagree, reject, or do not answer. */
function approvers({ plan, happens, pick, seconds }: Draw): Item[] {
  if (happens(0.5)) return [];
  const late = `after=${plan.approval.expirySeconds + seconds(60, 1_800)}s`;
  return [
    {
      kind: 'approvers',
      of: pick([`after=${seconds(20, 3_000)}s`, 'doubled', 'split', 'deny', 'deny-once', 'never', late]),
    },
  ];
}

/** Flows that people start themselves, some of them for what does not need it. */
function byHand(draw: Draw): Item[] {
  const { plan, happens, pick, random } = draw;
  if (!happens(0.12)) return [];
  const { primary } = plan.roles;
  const common = { reason: 'the campaign asks for it', requestedBy: 'operator' };
  const region = { ...common, target: { region: primary }, expectedEpoch: 1 };
  const databases = assetsOf('rds-instance', plan);
  const ways = [
    { ...region, mode: 'switchover' },
    { ...region, mode: 'switchover' },
    { ...common, target: { region: primary, zone: pick(zonesOf(plan, primary)) } },
    ...(databases.length > 0 ? [{ ...region, mode: 'restore', corruptedSince: 0, asset: pick(databases).name }] : []),
  ];
  return [{ kind: 'by-hand', atSeconds: Math.round(between(random, 30, spreadSeconds)), of: pick(ways) }];
}

/** Operators freeze, skip, abort, and resume late. */
function operators(draw: Draw): Item[] {
  const { happens, pick, seconds, random } = draw;
  const items: Item[] = [];
  const add = (of: Extract<Item, { kind: 'operator' }>['of']): void => {
    items.push({ kind: 'operator', of });
  };
  if (happens(0.15)) {
    const at = Math.round(between(random, 0, spreadSeconds));
    add({ atSeconds: at, do: 'freeze' });
    if (happens(0.8)) add({ atSeconds: at + seconds(60, 2_400), do: 'unfreeze' });
  }
  if (happens(0.07)) add({ atSeconds: Math.round(between(random, 60, 2_400)), do: 'abort' });
  if (happens(0.03)) add({ afterFailureSeconds: seconds(30, 3_600), do: 'abort', maybe: true });
  if (happens(0.02)) add({ atSeconds: Math.round(between(random, 600, 3_000)), do: 'abort-watch' });
  if (happens(0.1)) {
    const state = pick([
      'VerifyService',
      'RedirectUsers',
      'VerifyRegion',
      'NotifyStarted',
      'Fence',
      'TakeOver',
      'LeaveZone',
    ]);
    add({ afterFailureSeconds: seconds(30, 1_800), do: 'skip', state, maybe: true });
  }
  // Most of what stops is resumed, by chance soon, late, or when all is over.
  if (happens(0.7)) add({ afterFailureSeconds: seconds(60, 5_400), do: 'redrive', maybe: true });
  if (happens(0.2)) add({ atSeconds: seconds(900, 5_400), do: 'redrive' });
  if (happens(0.05)) add({ atSeconds: seconds(1_800, 5_400), do: 'failback' });
  return items;
}
