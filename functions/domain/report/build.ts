// Makes the facts of a report from an incident's record and from what other sources saw. Incidents and drills go the same way. What a
// source does not know is null, or is named as a gap; it is never filled in. Pure and total.
import { namedUnfenced } from '../approval/approval.ts';
import { leastCostOf } from '../cost/words.ts';
import { type Comparison, countOnlyOld, hasNothing, onlyOldWords } from '../data/only-old.ts';
import { dataMark, readChecked, returnedWords } from '../data/returned-data.ts';
import { findingsOf as findingsOfRun } from '../drills/findings.ts';
import type { Plan } from '../plan/plan.ts';
import { type CountsFrom, countsFrom } from '../record/fault-clock.ts';
import { tickOf, tickWords } from '../record/step.ts';
import type { StepRecord } from '../record/store.ts';
import { tookWords } from '../record/users-seen.ts';
import { outcomeWords } from '../report-page/outcome-words.ts';
import { countOf, dayOf, isoOf } from '../report-page/times.ts';
import type { Incident, RecordedDecision } from '../types.ts';
import { reasonWords } from '../words/decision-words.ts';
import { formatSeconds } from '../words/durations.ts';
import { assessmentSentences, ceiling, readAssessment } from '../words/region-words.ts';
import { stateWords } from '../words/words.ts';
import { assumptionsOf, notExceeded, predictedNumbers, recordedFailures, staying } from './assumptions.ts';
import { type Measured, type Report, reportVersion } from './facts.ts';
import { timelineOf } from './lanes.ts';
import { notTestedOf } from './not-tested.ts';
import { type IncidentRecord, isOwnLambda, isTable, type MadeCall } from './record.ts';
import { askedInRun, gapsOfRun, noneAsked, noticedIn, recoveryOfRun, restoredIn, verdictOfRun } from './run.ts';
import type { Seen } from './seen.ts';

export function buildReport(record: IncidentRecord | null, seen: Seen, plan: Plan): Report {
  const zeroAt = seen.zeroAt ?? record?.incident.openedAt ?? seen.asOf;
  const predicted = predictedOf(record);
  const numbers = numbersOf(record, seen, plan);
  const servedAt = servedAtOf(record, seen, numbers, zeroAt);
  const predictedAt =
    record === null || predicted === null || predicted.recoverySeconds === null
      ? null
      : clockOf(record).at + predicted.recoverySeconds * 1000;
  const assumptions = [...assumptionsOf(record, seen, numbers, predicted, plan), ...seen.expectations];
  const { id, subject, title, source, environment, others, users } = seen;
  const decisions = (record?.incident.decisions ?? []).map(decisionOf);
  const calls = callsOf(record, seen);
  const reached = (record?.steps ?? []).map(({ at, step, outcome }) => ({
    at: isoOf(at),
    step,
    outcome: reachedWords(outcome),
  }));
  return {
    version: reportVersion,
    id,
    subject,
    title,
    application: plan.application,
    occasion: source === 'simulator' || seen.run !== null || record?.drill === true ? 'drill' : 'incident',
    source,
    environment,
    plan: seen.plan,
    runbookUrl: plan.notifications.runbookUrl ?? null,
    asOf: isoOf(seen.asOf),
    orderedBy: seen.orderedBy,
    verdict: verdictOf(record, seen, numbers),
    incident: record === null ? null : incidentOf(record.incident),
    others,
    numbers,
    clocks: clocksOf(record, seen),
    predicted,
    why: { reason: seen.why ?? whyOf(record), faults: [...seen.faults], assumptions },
    notTested: notTestedOf(record, seen, plan),
    people: peopleOf(record, seen, plan),
    timeline: timelineOf(record, seen, zeroAt, servedAt, predictedAt, plan),
    decisions,
    ways: waysOf(record),
    approvals: approvalsOf(record),
    waivers: (record?.waivers ?? []).map(({ at, state, by, reason }) => ({ at: isoOf(at), state, by, reason })),
    calls,
    reached,
    before: [...(seen.run?.before ?? [])],
    assets: seen.assets ?? [],
    data: dataOf(record, seen, numbers, predicted),
    onlyOld: (record?.comparisons ?? []).map(onlyOldOf),
    users,
    messages: seen.messages ?? [],
    invariants: seen.invariants ?? [],
    findings: findingsOf(record, seen, numbers, assumptions, plan),
    cost: seen.cost ?? leastCostOf({ calls, reached, decisions }),
    gaps: gapsOf(record, seen),
    silent: silentOf(record, seen),
  };
}

/** The result of a step. A step that did nothing says so first. */
function reachedWords(outcome: Readonly<Record<string, unknown>>): string {
  const { state } = tickOf(outcome);
  return state === 'done' ? outcomeWords(outcome) : `${tickWords[state]}; ${outcomeWords(outcome)}`;
}

export function incidentOf({ id, level, scope, openedAt, closedAt }: Incident): NonNullable<Report['incident']> {
  return {
    id,
    level,
    region: scope.region,
    zone: scope.zone,
    openedAt: isoOf(openedAt),
    closedAt: closedAt === null ? null : isoOf(closedAt),
  };
}

/** When the last flow proved that users are served; null if no flow did. */
function verifiedAtOf(record: IncidentRecord | null): number | null {
  return record?.came.findLast(({ verifiedAt }) => verifiedAt !== null)?.verifiedAt ?? null;
}

function numbersOf(record: IncidentRecord | null, seen: Seen, { objectives }: Plan): Report['numbers'] {
  const { rtoSeconds, rpoSeconds, mttrSeconds } = objectives;
  const against = (seconds: number | null, objectiveSeconds: number, how: string): Measured => ({
    seconds,
    objectiveSeconds,
    met: seconds === null ? null : seconds <= objectiveSeconds,
    how,
  });
  return {
    recovery: against(...recoveryOf(record, seen, rtoSeconds)),
    dataLoss: against(...lossOf(record, seen, rpoSeconds)),
    restore: against(...restoreOf(record, seen, mttrSeconds)),
  };
}

type Taken = [seconds: number | null, objective: number, how: string];

function recoveryOf(record: IncidentRecord | null, { truth, run }: Seen, objective: number): Taken {
  if (run !== null) {
    const { seconds, how } = recoveryOfRun(run);
    return [seconds, objective, how];
  }
  if (truth !== null) {
    const { recoverySeconds } = truth;
    if (recoverySeconds === 0) return [0, objective, 'Users were served all the time: nothing had to be recovered.'];
    if (recoverySeconds === null) return [null, objective, 'Users were not served at the end.'];
    return [recoverySeconds, objective, 'From the fault until users were served again and stayed served.'];
  }
  const verifiedAt = verifiedAtOf(record);
  if (record === null || verifiedAt === null)
    return [null, objective, 'No flow of this incident proved that users are served.'];
  const from = clockOf(record);
  return [
    (verifiedAt - from.at) / 1000,
    objective,
    from.what === 'last-served'
      ? 'From the last successful user request to the proof that users are served again. The fault came after that request. Its exact time is not known.'
      : 'From the first evidence to the proof that users are served again. The fault came before the first evidence. Its exact time is not known.',
  ];
}

/** The start of the clock of the last flow that proved something. */
function clockOf({ came, incident }: IncidentRecord): CountsFrom {
  return came.findLast(({ countsFrom: from }) => from !== null)?.countsFrom ?? countsFrom(incident.openedAt, null);
}

function lossOf(record: IncidentRecord | null, { truth }: Seen, objective: number): Taken {
  const reported = record?.came.findLast(({ dataLossSeconds }) => dataLossSeconds !== null)?.dataLossSeconds ?? null;
  if (truth === null) {
    if (reported === null) return [null, objective, 'No flow of this incident measured the data loss.'];
    const most = 'Measured by the flow. It is an upper bound: the true loss may be smaller.';
    return [
      reported,
      objective,
      reported === 0
        ? 'Measured by the flow: the writer stayed, or the flow waited until all writes had arrived.'
        : most,
    ];
  }
  const { lossSeconds, lostWrites, divergedWrites } = truth;
  const parts = [
    reported === null ? 'No flow reported a loss' : `Reported: ${formatSeconds(reported)}`,
    ...(lostWrites === null ? [] : [`${countOf(lostWrites, 'write')} lost`]),
    ...(divergedWrites === null ? [] : [`${countOf(divergedWrites, 'write')} only in the old database`]),
  ];
  return [lossSeconds, objective, `${parts.join(', ')}.`];
}

/** Users may fail again after the proof. If that is known, the time from which they stayed served counts. */
function restoreOf(record: IncidentRecord | null, { truth, faultAt }: Seen, objective: number): Taken {
  if (record === null) return [null, objective, 'There was no incident.'];
  const { openedAt, closedAt } = record.incident;
  if (truth?.recoverySeconds === null) return [null, objective, 'Users were not served at the end.'];
  const verifiedAt = verifiedAtOf(record);
  const stayedAt = truth === null || faultAt === null ? null : faultAt + truth.recoverySeconds * 1000;
  if (verifiedAt !== null && stayedAt !== null && stayedAt > verifiedAt)
    return [
      (stayedAt - openedAt) / 1000,
      objective,
      'From the first evidence until users stayed served. An earlier proof that users are served did not last.',
    ];
  if (verifiedAt !== null)
    return [
      (verifiedAt - openedAt) / 1000,
      objective,
      'From the first evidence to the proof from outside that users are served again.',
    ];
  if (closedAt === null)
    return [null, objective, 'The incident is not over, and no flow proved that users are served.'];
  // What was to be moved and was not proven says nothing of users.
  const hadToMove = record.incident.decisions.some(({ action }) => !['none', 'notify', 'hold'].includes(action));
  if (hadToMove && stayedAt !== null)
    return [
      Math.max(0, stayedAt - openedAt) / 1000,
      objective,
      'From the first evidence until users stayed served, as the simulator saw them. No flow proved it.',
    ];
  if (hadToMove) return [null, objective, 'The incident is over, and no flow proved that users are served.'];
  return [
    (closedAt - openedAt) / 1000,
    objective,
    'From the first evidence to the end of the incident. No flow had to prove that users are served.',
  ];
}

function predictedOf(record: IncidentRecord | null): Report['predicted'] {
  const told = record?.came.findLast(({ predicted }) => predicted !== null)?.predicted;
  if (told !== undefined && told !== null)
    return { recoverySeconds: told.recoverySeconds, dataLossSeconds: told.dataLossSeconds, basis: told.basis };
  const shown = record?.asked.at(-1)?.request.shown;
  if (shown === undefined) return null;
  const predicted = readAssessment(shown).predicted;
  if (predicted === null) return null;
  const { recoverySeconds, dataLossSeconds, basis } = predicted;
  return { recoverySeconds, dataLossSeconds, basis };
}

function servedAtOf(
  record: IncidentRecord | null,
  { truth, run }: Seen,
  { recovery }: Report['numbers'],
  zeroAt: number,
): number | null {
  if (run !== null) return run.kind === 'fault' ? run.recoveredAt : null;
  if (truth === null) return verifiedAtOf(record);
  return recovery.seconds === null || recovery.seconds === 0 ? null : zeroAt + recovery.seconds * 1000;
}

function verdictOf(
  record: IncidentRecord | null,
  { missed, truth, run }: Seen,
  numbers: Report['numbers'],
): Report['verdict'] {
  if (run !== null) return verdictOfRun(run);
  const { recovery, dataLoss, restore } = numbers;
  const came = cameTo(numbers, truth);
  if (missed !== null) {
    const [first, ...more] = missed;
    if (first === undefined) return { state: 'passed', line: `Passed: ${came}.`, missed: [] };
    const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return { state: 'missed', line: `Missed: ${first}${rest}.`, missed: [...missed] };
  }
  if (record === null) return { state: 'not-known', line: 'There is no incident in the record.', missed: [] };
  const { closedAt, decisions } = record.incident;
  const objectives = [
    ...(recovery.met === false ? ['the recovery time was longer than the RTO'] : []),
    ...(dataLoss.met === false ? ['the data loss was larger than the RPO'] : []),
    ...(restore.met === false ? ['the time to restore was longer than the MTTR'] : []),
  ];
  if (closedAt === null) return { state: 'open', line: `Not over yet: ${came}.`, missed: objectives };
  if (verifiedAtOf(record) !== null || truth !== null)
    return objectives.length === 0
      ? { state: 'recovered', line: `Recovered: ${came}.`, missed: [] }
      : { state: 'missed', line: `Recovered, but ${objectives.join(', ')}: ${came}.`, missed: objectives };
  const last = decisions.findLast(({ action }) => action !== 'none');
  if (last?.action === 'hold')
    return {
      state: 'held',
      line: `Over. The last decision was to hold: ${last.hold ?? last.reason}.`,
      missed: objectives,
    };
  if (last?.action === 'notify')
    return { state: 'recovered', line: 'Over. People were told. Nothing had to be moved.', missed: objectives };
  if (last === undefined && record.steps.length + record.calls.length === 0)
    return {
      state: 'not-known',
      line: 'Over. Nothing was decided or done. The effect on users is not known.',
      missed: objectives,
    };
  const aborted = record.aborts.at(-1);
  const by = aborted === undefined ? '' : `${aborted.by} aborted the last flow. `;
  return {
    state: 'not-recovered',
    line: `Over. ${by}No flow proved that users are served again.`,
    missed: objectives,
  };
}

/** `truth`: the simulator saw the whole loss. Else a flow measured an upper bound. */
function cameTo({ recovery, dataLoss }: Report['numbers'], truth: Seen['truth']): string {
  const served =
    recovery.seconds === null
      ? 'the recovery time is not known'
      : recovery.seconds === 0
        ? 'users were served all the time'
        : `users were served again after ${formatSeconds(recovery.seconds)}`;
  const lost =
    dataLoss.seconds === null
      ? 'the data loss is not known'
      : dataLoss.seconds === 0
        ? 'nothing was lost'
        : `${truth !== null ? '' : 'at most '}${formatSeconds(dataLoss.seconds)} of data was lost`;
  const diverged = truth?.divergedWrites ?? 0;
  return diverged === 0
    ? `${served}, and ${lost}`
    : `${served}, ${lost}, and ${countOf(diverged, 'write')} ${diverged === 1 ? 'is' : 'are'} only in the old database`;
}

function clocksOf(record: IncidentRecord | null, { faultAt, firstSignalAt }: Seen): Report['clocks'] {
  const came = record?.came.at(-1)?.clocks ?? null;
  const decidedAt = record?.incident.decisions.find(({ action }) => action !== 'none')?.at ?? null;
  const beganAt = firstSignalAt ?? record?.incident.openedAt ?? null;
  const between = (from: number | null, to: number | null) =>
    from === null || to === null ? null : (to - from) / 1000;
  return [
    faultAt === null && came?.detectSeconds != null
      ? { name: 'Detect', seconds: came.detectSeconds, how: 'last successful user request to first evidence' }
      : { name: 'Detect', seconds: between(faultAt, firstSignalAt), how: 'fault to first signal' },
    {
      name: 'Decide',
      seconds: (faultAt === null ? came?.decideSeconds : null) ?? between(beganAt, decidedAt),
      how: 'first signal to decision',
    },
    ...((record?.asked ?? []).length === 0
      ? []
      : [{ name: 'Approve', seconds: approvalSecondsOf(record), how: 'request to its final answer' }]),
    {
      name: 'Execute',
      seconds: came?.executeSeconds ?? null,
      how: 'start of the flow to verification, without the approval',
    },
    {
      name: 'Lasted',
      seconds: between(record?.incident.openedAt ?? null, record?.incident.closedAt ?? null),
      how: 'first evidence until the incident ended',
    },
    ...unprotectedOf(record),
  ];
}

/** After the primary role moved: how long no other region could take over; null while none can. A failback names the failover that it undoes. */
function unprotectedOf(record: IncidentRecord | null): Report['clocks'] {
  const steps = record?.steps ?? [];
  const moved = steps.findLast(({ step }) => step === 'record-failover')?.outcome;
  if (moved === undefined || moved['mode'] === 'restore' || typeof moved['from'] !== 'string') return [];
  const { unprotectedSeconds: seconds } = steps.findLast(({ step }) => step === 'covered')?.outcome ?? {};
  const undoes = moved['undoes'];
  const undone = isTable(undoes)
    ? `; undoes ${String(undoes['execution'])} (incident ${String(undoes['incident'])})`
    : '';
  return [
    {
      name: 'Unprotected',
      seconds: typeof seconds === 'number' ? seconds : null,
      how: `first evidence until ${moved['from']} was ready to take over again${undone}`,
    },
  ];
}

function approvalSecondsOf(record: IncidentRecord | null): number | null {
  const settled = (record?.asked ?? []).flatMap(({ request, settled }) =>
    settled === null ? [] : [(settled.at - request.askedAt) / 1000],
  );
  return settled.length === 0 ? null : settled.reduce((sum, seconds) => sum + seconds, 0);
}

function whyOf(record: IncidentRecord | null): string {
  if (record === null) return 'Nothing in the record says why.';
  const first = record.incident.decisions.find(({ action }) => action !== 'none');
  const reason = first === undefined ? 'nothing was decided' : reasonWords(first);
  return record.drill ? `A drill that was started on AWS: ${reason}.` : `A real incident, not a drill: ${reason}.`;
}

function peopleOf(record: IncidentRecord | null, { messages, absence, run }: Seen, plan: Plan): Report['people'] {
  const asked = record?.asked ?? [];
  const rehearsed = run === null ? noneAsked : askedInRun(run, plan);
  const answers = [
    ...rehearsed.answers.map((answer) => ({ answer: { ...answer, valid: true }, askedAt: rehearsed.askedAt })),
    ...asked.flatMap((one) => one.answers.map((answer) => ({ answer, askedAt: one.request.askedAt }))),
  ];
  const roles = new Set([
    ...Object.keys(plan.contacts),
    ...asked.flatMap(({ request }) => request.roles),
    ...answers.map(({ answer }) => answer.approver),
    ...(messages ?? []).map(({ role }) => role),
  ]);
  return [...roles].map((role) => {
    const wasAsked = rehearsed.roles.includes(role) || asked.some(({ request }) => request.roles.includes(role));
    const own = answers.filter(({ answer }) => answer.approver === role);
    const given = own.findLast(({ answer }) => answer.valid) ?? own.at(-1);
    return {
      role,
      duty: plan.contacts[role]?.duty ?? 'not in the plan',
      asked: wasAsked,
      told: messages === null ? null : messages.filter((message) => message.role === role).length,
      answer:
        given === undefined
          ? null
          : {
              at: isoOf(given.answer.at),
              answer: given.answer.answer,
              valid: given.answer.valid,
              afterSeconds: (given.answer.at - given.askedAt) / 1000,
            },
      absence: wasAsked && given === undefined ? (absence ?? 'did not answer; the reason is not known') : null,
    };
  });
}

function decisionOf(decision: RecordedDecision): Report['decisions'][number] {
  const { at, action, level, indication, evidence, facts, execution } = decision;
  return {
    at: isoOf(at),
    action,
    level,
    reason: reasonWords(decision),
    indication: indication ?? null,
    evidence: [...(facts ?? [])],
    signals: evidence.length,
    execution,
  };
}

/** The way of each request, and the other ways that people were shown. */
function waysOf(record: IncidentRecord | null): Report['ways'] {
  const refused = staying(record).map(({ asset, why }) => ({
    way: `move ${asset}`,
    state: 'refused' as const,
    why,
    recoverySeconds: null,
    dataLossSeconds: null,
  }));
  const asked = (record?.asked ?? []).flatMap(({ request, settled }) => {
    const { offered, why, predicted, alternatives } = readAssessment(request.shown);
    const taken = settled?.outcome === 'approved';
    return [
      {
        way: request.way,
        state: taken ? ('taken' as const) : offered ? ('offered' as const) : ('refused' as const),
        why: `${taken ? '' : `${settled?.outcome ?? 'not answered yet'}: `}${why}`,
        recoverySeconds: predicted?.recoverySeconds ?? null,
        dataLossSeconds: predicted?.dataLossSeconds ?? null,
      },
      ...alternatives.map((other) => ({
        way: other.way,
        state: other.offered ? ('offered' as const) : ('refused' as const),
        why: other.why,
        recoverySeconds: other.recoverySeconds,
        dataLossSeconds: other.dataLossSeconds,
      })),
    ];
  });
  return [...asked, ...refused];
}

function approvalsOf(record: IncidentRecord | null): Report['approvals'] {
  return (record?.asked ?? []).map(({ request, answers, settled }) => ({
    id: request.id,
    askedAt: isoOf(request.askedAt),
    expiresAt: isoOf(request.expiresAt),
    requestedBy: request.requestedBy,
    mode: request.mode,
    target: request.target,
    way: request.way,
    required: request.required,
    roles: [...request.roles],
    unfenced: [...namedUnfenced(request)],
    lossCeilingSeconds: request.lossCeilingSeconds,
    plan: request.plan,
    shown: [...assessmentSentences(request.shown), ceiling(request)],
    outcome: settled?.outcome ?? null,
    settledAt: settled === null ? null : isoOf(settled.at),
    answers: answers.map(({ at, approver, answer, valid, why, reason, from, who, how, shownHash }) => ({
      at: isoOf(at),
      approver,
      answer,
      valid,
      why,
      reason,
      from,
      who: who ?? null,
      how: how ?? null,
      shownHash: shownHash ?? null,
    })),
  }));
}

function callsOf(record: IncidentRecord | null, { ownCalls }: Seen): Report['calls'] {
  const calls = [...ownCalls, ...(record?.calls ?? [])].sort((a, b) => a.at - b.at);
  return calls.map((made) => ({
    at: isoOf(made.at),
    call: made.call,
    target: made.target,
    region: made.region,
    step: made.step,
    actor: made.actor,
    refused: record?.refused.includes(made) === true,
    // The last of several: the earlier ones only looked.
    requestId: made.requestIds.at(-1) ?? null,
    before: made.change?.before ?? null,
    wanted: made.change?.wanted ?? null,
    reachedAt: reachedAtOf(made, record?.steps ?? []),
  }));
}

/** A late fence and a late stop have step names of their own. */
function reachedAtOf({ execution, step, at }: MadeCall, steps: readonly StepRecord[]): string | null {
  const names = [step, `${step}/fenced`, step.replace(/^fence\//, 'fence-late/')];
  const reached = steps.find(
    (one) =>
      one.execution === execution &&
      one.at >= at &&
      names.includes(one.step) &&
      one.outcome['fenced'] !== false &&
      one.outcome['skipped'] !== true,
  );
  return reached === undefined ? null : isoOf(reached.at);
}

function dataOf(
  record: IncidentRecord | null,
  { truth, invariants, steps, run }: Seen,
  { dataLoss }: Report['numbers'],
  predicted: Report['predicted'],
): Report['data'] {
  const check = (what: string, state: Report['data'][number]['state'], why: string) => ({ what, state, why });
  const honest = invariants?.find(({ id }) => id === 'honest-loss');
  const verified = (steps ?? []).filter(
    ({ state, asset, endedAt }) => state === 'Verify' && asset !== null && endedAt !== null,
  );
  const bound = (record?.asked ?? []).length === 0 ? null : (predicted?.dataLossSeconds ?? null);
  const reported = record?.came.findLast((came) => came.dataLossSeconds !== null)?.dataLossSeconds ?? null;
  return [
    ...(truth === null || truth.lostWrites === null
      ? []
      : [
          truth.lostWrites === 0
            ? check('No write was lost', 'held', 'every acknowledged write is there')
            : check(
                'No write was lost',
                'broken',
                `missing: ${countOf(truth.lostWrites, 'acknowledged write')} of the last ${formatSeconds(truth.lossSeconds)} before the fault`,
              ),
        ]),
    ...(truth === null || truth.divergedWrites === null
      ? []
      : [
          truth.divergedWrites === 0
            ? check('No write is only in the old database', 'held', 'only the region that serves users took writes')
            : check(
                'No write is only in the old database',
                'broken',
                `the old region took ${countOf(truth.divergedWrites, 'write')} after the promotion`,
              ),
        ]),
    ...(honest === undefined
      ? []
      : [
          check(
            'The reported loss is not smaller than the true one',
            honest.held ? 'held' : 'broken',
            honest.detail ?? `reported ${formatSeconds(reported)}, true ${formatSeconds(dataLoss.seconds)}`,
          ),
        ]),
    bound === null || reported === null
      ? check(
          'The data loss is not larger than the one people were shown',
          'not-tested',
          bound === null ? 'people were shown no data loss' : 'the data loss was not measured',
        )
      : check(
          'The data loss is not larger than the one people were shown',
          reported <= bound ? 'held' : 'broken',
          `shown ${formatSeconds(bound)}, measured ${formatSeconds(reported)}`,
        ),
    ...verified.map(({ asset, outcome }) =>
      check(
        `${asset} takes writes and has its data`,
        outcome === 'succeeded' ? 'held' : 'broken',
        `Verify: ${outcome ?? 'not known'}`,
      ),
    ),
    ...fenceChecks(record),
    ...contentChecks(record),
    ...onlyOldChecks(record),
    (run === null ? null : restoredIn(run)) ??
      check('A backup was restored and read', 'not-tested', 'no backup was restored'),
  ];
}

/** The data of each new database, compared with the figures that were published before the failure. No checksum of the content is made. */
function contentChecks(record: IncidentRecord | null): Report['data'] {
  const what = 'The new database has the data that was published before the failure';
  const steps = (record?.steps ?? []).filter(({ step }) => step.startsWith(dataMark('')));
  const newest = [...new Map(steps.map((one) => [one.step, one])).values()];
  if (newest.length === 0)
    return [{ what, state: 'not-tested', why: 'no database of the plan was compared: the application has to do that' }];
  return newest.map(({ step, outcome }) => {
    const checked = readChecked(outcome);
    const state = 'unknown' in checked ? 'not-tested' : checked.wrong.length === 0 ? 'held' : 'broken';
    return { what: `${what}: ${step.slice(dataMark('').length)}`, state, why: returnedWords(checked) };
  });
}

/** Whether an old database has rows that the new one lacks. */
function onlyOldChecks(record: IncidentRecord | null): Report['data'] {
  return (record?.comparisons ?? []).map((comparison) => {
    const { asset, region, comparedAt, endedAt, wrong } = comparison;
    const what = `The old ${asset} has no rows that the new one lacks`;
    if (comparedAt !== null)
      return {
        what,
        state: countOnlyOld(comparison) > 0 ? 'broken' : hasNothing(comparison) ? 'held' : 'not-tested',
        why: [...onlyOldWords(comparison), ...wrong].join('; '),
      };
    const why = endedAt === null ? `not compared yet: it begins when ${region} answers` : wrong.join('; ');
    return { what, state: 'not-tested', why };
  });
}

function onlyOldOf(comparison: Comparison): Report['onlyOld'][number] {
  const { asset, region, comparedAt, tables, wrong } = comparison;
  const rows = tables.flatMap(({ table, rows: found }) =>
    found.map(({ key, hash, at, other = false }) => ({
      ...{ table, key, hash, other },
      writtenAt: at === null ? null : isoOf(at),
    })),
  );
  // Before the comparison nobody knows which of these rows the new database has too.
  if (comparedAt === null) return { asset, region, comparedAt: null, words: [...wrong], rows: [] };
  return { asset, region, comparedAt: isoOf(comparedAt), words: [...onlyOldWords(comparison), ...wrong], rows };
}

/** Whether the old copy of each asset was fenced, at once or later. */
function fenceChecks(record: IncidentRecord | null): Report['data'] {
  const fences = (record?.steps ?? []).filter(({ step }) => /^fence\/[^/]+(\/fenced)?$/.test(step));
  const assets = [...new Set(fences.flatMap(({ step }) => step.split('/')[1] ?? []))];
  return assets.map((asset) => {
    const own = fences.filter(({ step }) => step.split('/')[1] === asset);
    const fencedAt =
      own.find(({ step, outcome }) => step.endsWith('/fenced') || outcome['fenced'] === true)?.at ?? null;
    const first = own.find(({ step, outcome }) => !step.endsWith('/fenced') && outcome['fenced'] === false);
    const why = typeof first?.outcome['why'] === 'string' ? ` (${first.outcome['why']})` : '';
    const late = first === undefined ? '' : `the first try failed${why}; `;
    return {
      what: `The old ${asset} takes no writes`,
      state: fencedAt === null ? 'broken' : 'held',
      why: fencedAt === null ? `it was not fenced${why}` : `${late}fenced at ${dayOf(isoOf(fencedAt))}`,
    };
  });
}

function findingsOf(
  record: IncidentRecord | null,
  seen: Seen,
  { recovery, dataLoss, restore }: Report['numbers'],
  assumptions: readonly Report['why']['assumptions'][number][],
  plan: Plan,
): Report['findings'] {
  const failedOnce = (seen.steps ?? []).filter(({ outcome }) => outcome === 'failed');
  const failed = [...new Set(failedOnce.map(stateWords))];
  const expired = (record?.asked ?? []).filter(({ settled }) => settled?.outcome === 'expired');
  const invalid = (record?.asked ?? []).flatMap(({ answers }) => answers.filter(({ valid }) => !valid));
  const unfenced = [...new Set((record?.asked ?? []).flatMap(({ request }) => namedUnfenced(request)))];
  const diverged = seen.truth?.divergedWrites ?? 0;
  const found: Report['findings'] = [
    ...(seen.missed ?? []).map((what) => ({ severity: 'high' as const, what: `${what}${ownerOf(what, seen, plan)}` })),
    ...(seen.invariants ?? [])
      .filter(({ held }) => !held)
      .map(({ id, detail }) => ({
        severity: 'high' as const,
        what: `invariant ${id} did not hold${detail === null ? '' : `: ${detail}`}`,
      })),
    ...(seen.run === null ? [] : noticedIn(seen.run)),
    ...(recovery.met === false
      ? [{ severity: 'high' as const, what: 'The recovery time was longer than the RTO.' }]
      : []),
    ...(restore.met === false
      ? [{ severity: 'medium' as const, what: 'The time to restore was longer than the MTTR.' }]
      : []),
    ...(dataLoss.met === false ? [{ severity: 'high' as const, what: 'The data loss was larger than the RPO.' }] : []),
    ...failed.map((state) => ({ severity: 'medium' as const, what: `${state} failed at least once.` })),
    ...recordedFailures(record).map((failure) => ({
      severity: 'medium' as const,
      what: `${stateWords(failure)} did not succeed: ${failure.why}.`,
    })),
    ...staying(record).map(({ asset, why }) => ({
      severity: 'low' as const,
      what: `${asset} stays where it is: ${why}.`,
    })),
    ...unfenced.map((open) => ({
      severity: 'medium' as const,
      what: `${open} could not be fenced when people were asked. A person has to compare what it wrote since then.`,
    })),
    ...(diverged > 0
      ? [
          {
            severity: 'medium' as const,
            what: `${countOf(diverged, 'write')} ${diverged === 1 ? 'is' : 'are'} only in the old database. A person has to merge or delete ${diverged === 1 ? 'it' : 'them'}.`,
          },
        ]
      : []),
    ...expired.map(({ request }) => ({
      severity: 'medium' as const,
      what: `Request ${request.id} expired: too few people answered.`,
    })),
    ...(record?.waivers ?? []).map(({ state, by, reason }) => ({
      severity: 'medium' as const,
      what: `${by} skipped ${state}: ${reason}.`,
    })),
    ...(record?.aborts ?? []).map(({ execution, by, at }) => ({
      severity: 'medium' as const,
      what: `${by} aborted ${execution} at ${dayOf(isoOf(at))}. The flow did nothing after that.`,
    })),
    ...(record?.refused ?? []).map(({ call, target }) => ({
      severity: 'low' as const,
      what: `${call} on ${target} was refused.`,
    })),
    ...(invalid.length === 0
      ? []
      : [{ severity: 'low' as const, what: `${countOf(invalid.length, 'answer')} did not count.` }]),
    ...predictedNumbers.flatMap((number) =>
      assumptions
        .filter(({ state, what }) => state === 'broken' && what === notExceeded(number))
        .map(({ why }) => ({ severity: 'low' as const, what: `The ${number} was worse than predicted: ${why}.` })),
    ),
  ];
  // A step that failed three times is one finding.
  return found.filter(({ what }, index) => found.findIndex((one) => one.what === what) === index);
}

/** The owner and the due day of a finding, if a drill of the deployment found it. */
function ownerOf(what: string, { run }: Seen, plan: Plan): string {
  const found = run === null ? undefined : findingsOfRun(run, plan).find((one) => one.what === what);
  return found === undefined ? '' : `. Owner: ${found.owner}; due ${found.due}.`;
}

function gapsOf(record: IncidentRecord | null, seen: Seen): string[] {
  const { source, steps, messages, served, firstSignalAt, faultAt, run } = seen;
  const executions = (record?.incident.decisions ?? []).flatMap(({ execution }) =>
    execution === null ? [] : [execution],
  );
  const silent = executions.filter(
    (name) => ![...(record?.steps ?? []), ...(record?.calls ?? [])].some(({ execution }) => execution === name),
  );
  const wordless = (record?.incident.decisions ?? []).filter(
    ({ action, facts }) => action !== 'none' && (facts ?? []).length === 0,
  );
  const unnamed = [...seen.ownCalls, ...(record?.calls ?? [])].filter(({ requestIds }) => requestIds.length === 0);
  const empty = (record?.asked ?? []).filter(
    ({ answers, settled }) => answers.length === 0 && settled?.outcome === 'approved',
  );
  return [
    ...seen.gaps,
    ...(run === null ? [] : gapsOfRun(run, record !== null)),
    ...(record === null && run === null
      ? ['There is no incident in the record. This page shows only what other sources saw.']
      : []),
    ...(record?.incident.closedAt === null ? ['The incident is still open: everything here may change.'] : []),
    ...(source === 'record' && faultAt === null && run === null
      ? [
          `The start of the fault is not known. Times count from ${record === null ? 'the first sight of it' : startWords(clockOf(record))}.`,
        ]
      : []),
    ...(steps === null && record !== null
      ? [
          "The record says when a step finished, not when it began. A bar begins with the step's first call. When an asset leaves a zone, its bar begins with the flow. Step Functions keeps the whole history of the execution for 90 days.",
        ]
      : []),
    ...(messages === null
      ? ['The record says that people were told. It does not hold the texts: mailboxes and channels do.']
      : []),
    ...(served === null ? usersGaps(record) : []),
    ...unnamedWords(unnamed),
    ...unseenWords(callsOf(record, seen)),
    ...silent.map(
      (name) => `The record has nothing of execution ${name}. It may not have started, or it changed nothing.`,
    ),
    ...wordless.map(
      ({ action, at }) =>
        `The evidence for ${action} at ${isoOf(at)} has no text: only the ids of its signals are known.`,
    ),
    ...empty.map(({ request }) => `Request ${request.id} is approved, but its answers cannot be read.`),
    ...(firstSignalAt === null && source === 'simulator' && record !== null
      ? ['No signal after the fault is known.']
      : []),
  ];
}

function usersGaps(record: IncidentRecord | null): string[] {
  const users = record?.users ?? null;
  if (users === null) return ['The record does not say what users experienced. The canaries in CloudWatch do.'];
  return users.phases.every(({ took }) => took === null) ? [tookWords(users)] : [];
}

/** CloudTrail has the calls to AWS. It has no calls to a cluster's own API server. */
function unnamedWords(calls: readonly IncidentRecord['calls'][number][]): string[] {
  const ofClusters = calls.filter(({ call }) => call.startsWith('kubernetes:')).length;
  const others = calls.length - ofClusters;
  const by = 'by time, call and target';
  return [
    ...(others === 0
      ? []
      : [
          `The request id of ${countOf(others, 'call')} is not known: AWS did not answer, or the id could not be stored. Find it in CloudTrail ${by}.`,
        ]),
    ...(ofClusters === 0
      ? []
      : [
          `${countOf(ofClusters, 'call')} to a cluster ${ofClusters === 1 ? 'has' : 'have'} no request id. If the audit log of the cluster is on, find ${ofClusters === 1 ? 'it' : 'them'} there ${by}.`,
        ]),
  ];
}

/** Calls of which the state before, or after, is not known. */
function unseenWords(calls: Report['calls']): string[] {
  const made = calls.filter(({ refused }) => !refused);
  const blind = made.filter(({ before }) => before === null);
  const own = blind.filter(isOwnLambda).length;
  const unseen = blind.length - own;
  const open = made.filter(({ reachedAt }) => reachedAt === null).length;
  return [
    ...(unseen === 0 ? [] : [`The state before ${countOf(unseen, 'call')} is not known: nobody had looked.`]),
    ...(own === 0
      ? []
      : [
          `${countOf(own, 'call')} went to the application's own Lambdas. What they changed is not known: only those Lambdas see it. Their answers stand under "Results of steps". Their logs have the rest.`,
        ]),
    ...(open === 0
      ? []
      : [
          `The record does not show that ${countOf(open, 'call')} had the wanted result: ${open === 1 ? 'the step' : 'their steps'} finished nothing after that.`,
        ]),
  ];
}

/** Why a part of the page is empty. */
function silentOf(record: IncidentRecord | null, seen: Seen): Record<string, string> {
  const noRecord = 'There is no incident in the record.';
  const last = record?.incident.decisions.findLast(({ action }) => action !== 'none');
  const whyNobody =
    last?.action === 'az-failover'
      ? 'leaving a zone needs no approval'
      : last?.action === 'hold'
        ? 'Breakwater held before that'
        : 'nothing needed an approval';
  return {
    decisions: record === null ? noRecord : `Nothing was decided${record.incident.closedAt === null ? ' yet' : ''}.`,
    ways: record === null ? noRecord : `No ways were compared: ${whyNobody}.`,
    approvals: record === null ? noRecord : `Nobody was asked: ${whyNobody}.`,
    calls: record === null ? noRecord : 'Breakwater changed nothing: the record has no call that changes something.',
    reached: record === null ? noRecord : 'The record has no result of any step.',
    assets: 'The record does not say where assets were before and after. The result of each step is listed below.',
    messages: seen.messages === null ? 'The record does not hold the texts of messages.' : 'Nobody was told anything.',
    invariants: 'Only the simulator checks invariants: on AWS nobody can see everything.',
    findings:
      seen.source === 'simulator'
        ? 'Nothing was missed, nothing failed, and nothing was skipped.'
        : 'The record shows nothing that was missed, failed or skipped.',
    timeline: 'There is nothing to draw.',
    others: 'No other incident is known at the same time.',
  };
}

function startWords({ what }: CountsFrom): string {
  return what === 'last-served' ? 'the last successful user request' : 'the first evidence';
}
