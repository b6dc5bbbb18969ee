// Events of the application itself (beats, runs of its canaries and probes, releases, planned work), as the plan names them.
import * as z from 'zod';
import type { Plan } from '../plan/plan.ts';
import { firstIssue, isObserver, name, ownName, type SignalReader, slotOf } from './reading.ts';

const mostTargets = 100;
/** Work that is planned for longer than a week is no window any more. */
const planned = { least: 0.1, most: 10_080 };
const plannedWords = `expected ${planned.least} to ${planned.most} minutes`;

const beatDetail = z.object({
  sourceRegion: z.string().optional().catch(undefined),
  everySeconds: z.number().min(1).max(3_600).optional().catch(undefined),
});
const runDetail = z.object({
  observer: name,
  passed: z.boolean(),
  /** Of its visits, those that were answered well. */
  share: z.number().min(0).max(1).optional().catch(undefined),
});
const probeDetail = z.object({
  observer: name,
  region: name,
  failing: z.array(name).max(mostTargets, `expected at most ${mostTargets}`),
});
const releaseDetail = z.object({ phase: name, deploymentId: ownName, targetRegion: name.optional() });
const maintenanceDetail = z.object({
  phase: name,
  windowId: ownName,
  targets: z.array(ownName).max(mostTargets, `expected at most ${mostTargets}`),
  plannedMinutes: z.number().min(planned.least, plannedWords).max(planned.most, plannedWords).optional(),
});

/** Who reads each kind of event that the plan names, but for those that kinds of assets read. */
export const ownReaders: Readonly<
  Record<'beat' | 'canary-run' | 'probe-run' | 'release' | 'maintenance', SignalReader>
> = {
  beat: (detail, _event, common) => {
    // What of it cannot be read is left out: a beat is a beat.
    const { sourceRegion: region = common.region, everySeconds } = beatDetail.parse(detail);
    return {
      ...common,
      kind: 'beat',
      region,
      key: `beat:${region}`,
      ...(everySeconds !== undefined && { everySeconds }),
    };
  },
  'canary-run': (detail, _event, common, plan) => {
    const parsed = runDetail.safeParse(detail);
    if (!parsed.success) return firstIssue('detail', parsed.error);
    const { observer, passed, share } = parsed.data;
    const wrong = wrongObserver(observer, common.region, plan);
    if (wrong !== null) return wrong;
    return {
      ...common,
      kind: 'canary-run',
      region: plan.roles.primary,
      observer,
      key: `run:${observer}:${passed}`,
      passed,
      ...(share !== undefined && { value: share }),
    };
  },
  'probe-run': (detail, _event, common, plan) => {
    const parsed = probeDetail.safeParse(detail);
    if (!parsed.success) return firstIssue('detail', parsed.error);
    const { observer, region, failing } = parsed.data;
    const wrong = wrongObserver(observer, common.region, plan);
    if (wrong !== null) return wrong;
    if (region === observer) return `detail.region: is ${region}, which the observer is in, expected another one`;
    // In the plan's order and no others: what failed is in the key, since another service may have answered then.
    const services = plan.dependencies.hard.filter((service) => failing.includes(service));
    return {
      ...common,
      kind: 'probe-run',
      region,
      observer,
      key: `probe-run:${observer}:${region}:${services.join('+') || 'none'}`,
      services,
    };
  },
  release: (detail, _event, common) => {
    const parsed = releaseDetail.safeParse(detail);
    if (!parsed.success) return firstIssue('detail', parsed.error);
    const phase = phaseOf(parsed.data.phase);
    const { deploymentId: release, targetRegion: region = common.region } = parsed.data;
    return { ...common, kind: 'release', region, key: `release:${slotOf(release)}:${phase}`, release, phase };
  },
  maintenance: (detail, _event, common) => {
    const parsed = maintenanceDetail.safeParse(detail);
    if (!parsed.success) return firstIssue('detail', parsed.error);
    const { windowId: window, targets, plannedMinutes } = parsed.data;
    const phase = phaseOf(parsed.data.phase);
    return {
      ...common,
      kind: 'maintenance',
      key: `maintenance:${slotOf(window)}:${phase}`,
      window,
      phase,
      targets,
      plannedSeconds: plannedMinutes === undefined ? null : plannedMinutes * 60,
    };
  },
};

/** Why a run is not its observer's own; null where it is. */
function wrongObserver(observer: string, from: string, plan: Plan): string | null {
  if (!isObserver(observer, plan)) return `detail.observer: is ${observer}, expected a region of the plan`;
  return observer === from ? null : `detail.observer: is ${observer}, expected ${from}, where the event is from`;
}

/** Anything but a start ends a release or a window: failed, cancelled and completed all stop changing things. */
function phaseOf(phase: string): 'started' | 'ended' {
  return /^(start|begin|in.?progress)/i.test(phase) ? 'started' : 'ended';
}
