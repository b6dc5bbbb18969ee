// The picture of a report as data: lanes with bars and marks, and the critical path: the bars that the recovery waited for. Pure.
import type { Plan } from '../plan/plan.ts';
import { type Tick, tickOf } from '../record/step.ts';
import type { StepRecord } from '../record/store.ts';
import { failingIn } from '../recovery/reaching.ts';
import { isoOf } from '../report-page/times.ts';
import { readAssessment } from '../words/region-words.ts';
import { levelWords, placeWords, stateWords } from '../words/words.ts';
import type { Bar, Report } from './facts.ts';
import type { IncidentRecord } from './record.ts';
import { barsOfRun } from './run.ts';
import type { Seen } from './seen.ts';

/** A bar with its times as numbers. */
type Stretch = Omit<Bar, 'from' | 'to' | 'critical' | 'predictedSeconds'> & {
  readonly from: number | null;
  readonly to: number | null;
};
type Drawn = { readonly name: string; readonly bars: readonly Stretch[] };

/** Entries that the record keeps for its own rules: they are no steps with a result. */
const marks = /^(request-approval|reassess|pause|paused|failing|mended|watch-fence|watch-zone|shift-|record-)/;

/** The picture. `servedAt`: when users were served again; the critical path to it is marked. */
export function timelineOf(
  record: IncidentRecord | null,
  seen: Seen,
  zeroAt: number,
  servedAt: number | null,
  predictedAt: number | null,
  plan: Plan,
): Report['timeline'] {
  const lanes = [
    { name: 'Users', bars: outages(seen, zeroAt) },
    ...(seen.run === null ? [] : [{ name: 'Drill', bars: barsOfRun(seen.run).map(drawnPart) }]),
    ...beforeTheFlow(record, seen),
    { name: 'Approval', bars: requests(record) },
    ...(seen.steps === null ? recordedLanes(record, plan) : seenLanes(seen.steps, plan)),
  ].filter(({ bars }) => bars.length > 0);
  const verifiedAt = record?.came.findLast((came) => came.verifiedAt !== null)?.verifiedAt ?? servedAt;
  const path = verifiedAt === null ? new Set<Stretch>() : criticalPath(lanes, verifiedAt);
  return {
    zeroAt: isoOf(zeroAt),
    lanes: lanes.map(({ name, bars }) => ({
      name,
      bars: bars.map((one) => barOf(one, path.has(one), predictedOf(one, name, record, plan))),
    })),
    marks: marksOf(record, seen),
    servedAt: servedAt === null ? null : isoOf(servedAt),
    predictedAt: predictedAt === null ? null : isoOf(predictedAt),
  };
}

/**
 * The predicted duration of a step. Zone: how long an asset takes to leave. Region, as people were shown: the time of the way that an asset
 * takes, or of its kind; and the time until users are there. Other steps have no prediction.
 */
function predictedOf({ name }: Stretch, lane: string, record: IncidentRecord | null, plan: Plan): number | null {
  if (name === 'LeaveZone' || name === 'leave-zone')
    return record?.came.findLast(({ predicted }) => predicted !== null)?.predicted?.assetSeconds[lane] ?? null;
  const last = record?.asked.at(-1)?.request.shown;
  if (last === undefined) return null;
  const { takeOverSeconds, redirectionSeconds } = plan.predictions;
  if (lane === 'Flow') return name === 'VerifyOutside' || name === 'redirect-users' ? redirectionSeconds : null;
  if (name !== 'TakeOver' && name !== 'take-over') return null;
  const asset = plan.assets.find((one) => one.name === lane);
  const way = readAssessment(last).ways.find((one) => one.asset === lane)?.ways[0];
  return way?.seconds ?? (asset === undefined ? null : (takeOverSeconds[asset.kind] ?? null));
}

function barOf({ from, to, ...bar }: Stretch, critical: boolean, predictedSeconds: number | null): Bar {
  return {
    ...bar,
    critical,
    predictedSeconds,
    from: from === null ? null : isoOf(from),
    to: to === null ? null : isoOf(to),
  };
}

function drawnPart({ name, from, to, failed }: ReturnType<typeof barsOfRun>[number]): Stretch {
  return stretch(name, from, to, failed ? 'failed' : 'succeeded');
}

function outages({ served }: Seen, zeroAt: number): Stretch[] {
  const changes = served?.filter(({ at }) => at >= zeroAt) ?? [];
  return changes.flatMap((change, index) =>
    change.served ? [] : [stretch('not served', change.at, changes[index + 1]?.at ?? null, 'not-served')],
  );
}

/** The time before the flow: the fault is detected, and then the decision is made. */
function beforeTheFlow(record: IncidentRecord | null, { faultAt, firstSignalAt }: Seen): Drawn[] {
  const signalAt = firstSignalAt ?? record?.incident.openedAt ?? null;
  const decidedAt = record?.incident.decisions.find(({ action }) => action !== 'none')?.at ?? null;
  return [
    {
      name: 'Detection',
      bars:
        faultAt === null || signalAt === null || signalAt < faultAt
          ? []
          : [stretch('fault to first signal', faultAt, signalAt, 'waiting')],
    },
    {
      name: 'Decision',
      bars:
        signalAt === null || decidedAt === null || decidedAt < signalAt
          ? []
          : [stretch('first signal to decision', signalAt, decidedAt, 'waiting')],
    },
  ];
}

function requests(record: IncidentRecord | null): Stretch[] {
  return (record?.asked ?? []).map(({ request, settled }) =>
    stretch(
      `${request.mode} of ${request.target}: ${settled?.outcome ?? 'open'}`,
      request.askedAt,
      settled?.at ?? null,
      settled?.outcome === 'approved' ? 'waiting' : settled === null ? 'waiting' : 'refused',
    ),
  );
}

function seenLanes(steps: NonNullable<Seen['steps']>, plan: Plan): Drawn[] {
  const barsOf = (asset: string | null) =>
    steps
      .filter((step) => step.asset === asset && step.state !== 'RequestApproval')
      .map(({ state, startedAt, endedAt, tick, attempts }) => ({
        ...stretch(state, startedAt, endedAt, drawnAs(tick)),
        attempts,
      }));
  return [{ name: 'Flow', bars: barsOf(null) }, ...plan.assets.map(({ name }) => ({ name, bars: barsOf(name) }))];
}

/** A bar reads "succeeded" only if its step did something. Null: the step threw, or never ended. */
function drawnAs(tick: Tick['state'] | null): Bar['outcome'] {
  if (tick === null) return 'failed';
  return tick === 'done' ? 'succeeded' : tick;
}

/**
 * The record says when a step finished, and when it made its calls: its bar begins with the first of them. Assets that leave a zone begin with
 * the flow.
 */
function recordedLanes(record: IncidentRecord | null, plan: Plan): Drawn[] {
  if (record === null) return [];
  const { calls, came } = record;
  const steps = record.steps.filter(({ step }) => !marks.test(step));
  const barOfStep = ({ step, at, execution, outcome }: StepRecord, name: string): Stretch => {
    const began = calls.find((call) => call.execution === execution && call.step === step && call.at <= at);
    const leaves = step.startsWith('leave-zone/') ? came.find((one) => one.execution === execution)?.startedAt : null;
    return stretch(name, leaves ?? began?.at ?? null, at, drawnAs(tickOf(outcome).state));
  };
  const assetOf = (step: string) => plan.assets.find(({ name }) => step.split('/')[1] === name)?.name ?? null;
  const barsOf = (asset: string | null) =>
    steps.filter(({ step }) => assetOf(step) === asset).map((step) => barOfStep(step, wordsOf(step.step, asset)));
  return [{ name: 'Flow', bars: barsOf(null) }, ...plan.assets.map(({ name }) => ({ name, bars: barsOf(name) }))];
}

function wordsOf(step: string, asset: string | null): string {
  return asset === null
    ? step
    : step
        .split('/')
        .filter((part) => part !== asset)
        .join(', ');
}

/** The marks, oldest first. */
function marksOf(record: IncidentRecord | null, { faultAt, signals, faults }: Seen): Report['timeline']['marks'] {
  const decisions = (record?.incident.decisions ?? []).map(({ at, action, level, scope }) => ({
    lane: 'Decision',
    at,
    text: action === 'none' ? 'over' : `${levelWords(level)} in ${placeWords(scope)}: ${action}`,
  }));
  const failing = (record?.steps ?? []).flatMap(({ step, at }) => {
    const found = failingIn(step);
    return found === null
      ? []
      : [{ lane: found.asset ?? 'Flow', at, text: `${stateWords(found)} failed; it is tried again` }];
  });
  const all = [
    ...(faultAt === null ? [] : [{ lane: 'Detection', at: faultAt, text: faults[0] ?? 'the fault' }]),
    ...signals.map(({ at, text }) => ({ lane: 'Detection', at, text })),
    ...decisions,
    ...failing,
  ];
  return all.sort((a, b) => a.at - b.at).map(({ at, ...mark }) => ({ ...mark, at: isoOf(at) }));
}

function stretch(name: string, from: number | null, to: number | null, outcome: Bar['outcome']): Stretch {
  return { name, from, to, outcome, attempts: null };
}

/** The longest gap between two states of one flow that follow each other. */
const gapMs = 1_500;

/**
 * The critical path, from its end: the last bar that ended by then, then the last one that ended before that bar began, and so on. A bar
 * without a known start is in no path.
 */
export function criticalPath(lanes: readonly Drawn[], by: number): Set<Stretch> {
  const known = lanes
    .filter(({ name }) => name !== 'Users')
    .flatMap(({ bars }) => bars)
    .flatMap((bar) =>
      bar.from === null || bar.to === null || bar.to > by + gapMs ? [] : [{ bar, from: bar.from, to: bar.to }],
    )
    .sort((a, b) => b.to - a.to || a.from - b.from);
  const path = new Set<Stretch>();
  let until = Number.POSITIVE_INFINITY;
  for (const { bar, from, to } of known) {
    if (to > until + gapMs || from >= until) continue;
    path.add(bar);
    until = from;
  }
  return path;
}
