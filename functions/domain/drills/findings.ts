// What a failed drill leaves to be done: by whom, until when, and when it is looked at again. Pure.
import type { Plan } from '../plan/plan.ts';
import { localTime } from './calendar.ts';
import { type DrillRecord, retestDays } from './record.ts';

/** `due`: the day until which it is to be mended. From that day on the drill is due again, in its first open window. */
export type Finding = { readonly what: string; readonly owner: string; readonly due: string };

const dayMs = 86_400_000;

/** One of each line of why; none of a run that has not failed. */
export function findingsOf(run: DrillRecord, plan: Pick<Plan, 'assets' | 'drills' | 'notifications'>): Finding[] {
  if (run.outcome !== 'failed') return [];
  const { notifications, assets, drills } = plan;
  const kind = assets.find(({ name }) => name === run.asset)?.kind ?? '';
  const owner = notifications.owners[kind] ?? notifications.owners['other'] ?? notifications.failure[0] ?? '';
  const timeZone = drills.find(({ name }) => name === run.name)?.window?.timeZone ?? 'UTC';
  const { day: due } = localTime((run.endedAt ?? run.startedAt) + retestDays * dayMs, timeZone);
  return run.why.map((what) => ({ what, owner, due }));
}
