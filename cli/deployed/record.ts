// One incident's whole record as `report --json` prints it: for other programs.
import type { IncidentRecord } from '../../functions/domain/report/record.ts';
import { isoTime } from '../screen/layout.ts';

/** The same with times that other programs read. What a step reached is its own data and stays as it was kept. */
export function recordForMachines(record: IncidentRecord): Record<string, unknown> {
  const { incident, drill, asked, waivers, steps, calls, came } = record;
  const { openedAt, lastSignalAt, closedAt, decisions, version: _, ...rest } = incident;
  return {
    incident: {
      ...rest,
      openedAt: isoTime(openedAt),
      lastSignalAt: isoTime(lastSignalAt),
      closedAt: isoTime(closedAt),
    },
    drill,
    decisions: decisions.map(timed),
    requests: asked.map(({ request, answers, settled }) => ({
      ...request,
      askedAt: isoTime(request.askedAt),
      expiresAt: isoTime(request.expiresAt),
      settled: settled === null ? null : timed(settled),
      answers: answers.map(timed),
    })),
    waivers: waivers.map(timed),
    steps: steps.map(timed),
    mutations: calls.map(timed),
    came: came.map(({ verifiedAt, ...one }) => ({ ...one, verifiedAt: isoTime(verifiedAt) })),
  };
}

function timed<Timed extends { readonly at: number }>(
  record: Timed,
): Omit<Timed, 'at'> & { readonly at: string | null } {
  return { ...record, at: isoTime(record.at) };
}
