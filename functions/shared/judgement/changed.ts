// Reads what was changed in a region before a degradation began. A source that cannot be read is one line, and stops nothing.

import { faultName } from '../../aws/calls/faults.ts';
import { callsThatChanged, groupActivities, serviceEvents } from '../../aws/looking/changes.ts';
import {
  type Change,
  type ChangesSeen,
  changeByService,
  changeIn,
  changeOfGroup,
  trailLateMs,
} from '../../domain/evidence/changes.ts';
import { windowMs } from '../../domain/evidence/diagnose.ts';
import { clock } from '../../domain/page/page-times.ts';
import { saidOf } from '../../domain/plan/assets.ts';
import { capital } from '../../domain/words/words.ts';
import { insidesOf } from '../../kinds/looks.ts';
import type { FlowIncident } from '../recovery/flow.ts';
import type { Shell } from '../shell.ts';

/** Its callers have 25 s, and tell people afterwards. */
const longestMs = 10_000;

type Source = { readonly changes: readonly Change[]; readonly gaps: readonly string[] };

/** All sources side by side, from the plan's window before the first sign up to that. Changes nothing. */
export async function changesBefore(
  { region, since, dryRun }: Pick<FlowIncident, 'region' | 'since' | 'dryRun'>,
  shell: Shell,
): Promise<ChangesSeen> {
  const { plan, prefix, now } = shell;
  const from = since - windowMs(plan);
  const reading = { region, prefix, plan };
  const uses = (service: 'autoscaling' | 'elasticache' | 'rds') =>
    plan.assets.some((asset) => saidOf(asset).movedBy === service);
  const sources = await Promise.all([
    readable('CloudTrail', shell, () => callsOf(from, since, reading, { now, dryRun })),
    ...told.map(([called, service]) =>
      readable(called, shell, async () =>
        uses(service)
          ? all(await serviceEvents(service, region, from, since), (one) => changeByService(service, one, reading))
          : none,
      ),
    ),
    readable('Auto Scaling', shell, async () =>
      uses('autoscaling')
        ? all(await groupActivities(region, from, since), (one) => changeOfGroup(one, reading))
        : none,
    ),
    ...insidesOf(region, plan).map(({ asset, changes: inside }) =>
      readable(`What was changed in ${asset}`, shell, async () => {
        const { changes, unread } = await inside(from, since);
        return { changes, gaps: unread.map(({ what, error }) => unreadLine(capital(what), error)) };
      }),
    ),
  ]);
  const changes = sources.flatMap((one) => one.changes).toSorted((a, b) => a.at - b.at);
  return { changes, gaps: sources.flatMap(({ gaps }) => gaps), since };
}

const told = [
  ['RDS', 'rds'],
  ['ElastiCache', 'elasticache'],
] as const;

const none: Source = { changes: [], gaps: [] };

function all<Told>(told: readonly Told[], changeOf: (one: Told) => Change | null): Source {
  return { changes: told.flatMap((one) => changeOf(one) ?? []), gaps: [] };
}

/** A dry run is not watched: it reads once. */
async function callsOf(
  from: number,
  to: number,
  reading: Parameters<typeof changeIn>[1],
  { now, dryRun }: { readonly now: () => number; readonly dryRun: boolean },
): Promise<Source> {
  const begunAt = now();
  const isOver = () => now() - begunAt > longestMs;
  const { events, backTo, stopped } = await callsThatChanged(reading.region, from, to, isOver);
  const completeAt = to + trailLateMs;
  return {
    changes: events.flatMap((event) => changeIn(event, reading) ?? []),
    gaps: [
      ...(stopped === null ? [] : [`CloudTrail was read back to ${clock(backTo, to)} only: ${stopped}.`]),
      ...(now() >= completeAt
        ? []
        : [
            `CloudTrail may be 15 min late: a change after ${clock(Math.max(from, begunAt - trailLateMs), to)} may be missing.${dryRun ? '' : ` Breakwater reads CloudTrail again at ${clock(completeAt, to)} and tells you what is new.`}`,
          ]),
    ],
  };
}

/** A source that answers too slowly is one that cannot be read: people are told afterwards. */
async function readable(called: string, { log, after }: Shell, read: () => Promise<Source>): Promise<Source> {
  const late = after(longestMs).then(() =>
    Promise.reject(Object.assign(new Error('it answers slowly'), { name: 'Slow' })),
  );
  try {
    return await Promise.race([read(), late]);
  } catch (error) {
    log.warn('changes not read', { source: called, error: String(error) });
    return { changes: [], gaps: [unreadLine(called, error)] };
  }
}

function unreadLine(called: string, error: unknown): string {
  return `${called} could not be read: ${faultName(error) === 'Slow' ? 'it answers slowly' : faultName(error)}.`;
}
