// Makes the facts of a report from an incident's record and from what else was seen. One way for incidents and for drills: what a
// source does not know is null, or named as a gap, and never filled in. Pure and total.
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
import { formatSeconds } from '../words/durations.ts';
import { assessmentSentences, ceiling, readAssessment } from '../words/region-words.ts';
import { reasonWords, stateWords } from '../words/words.ts';
import { assumptionsOf, recordedFailures, staying } from './assumptions.ts';
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

/** What a step reached, after whether it did anything where it did not. */
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

/** When users were proved to be served, by the last flow that proved it; null where none did. */
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
    return [recoverySeconds, objective, 'From the fault until users were served and stayed served, as they were.'];
  }
  const verifiedAt = verifiedAtOf(record);
  if (record === null || verifiedAt === null)
    return [null, objective, 'No flow of this incident proved that users are served.'];
  const from = clockOf(record);
  return [
    (verifiedAt - from.at) / 1000,
    objective,
    from.what === 'last-served'
      ? 'From when users were last seen to be served to the proof that they are again. The fault came after that: nobody saw when.'
      : 'From the first evidence to the proof that users are served. The fault came before the first evidence: nobody saw when.',
  ];
}

/** From when the clock of the last flow that proved something counts. */
function clockOf({ came, incident }: IncidentRecord): CountsFrom {
  return came.findLast(({ countsFrom: from }) => from !== null)?.countsFrom ?? countsFrom(incident.openedAt, null);
}

function lossOf(record: IncidentRecord | null, { truth }: Seen, objective: number): Taken {
  const reported = record?.came.findLast(({ dataLossSeconds }) => dataLossSeconds !== null)?.dataLossSeconds ?? null;
  if (truth === null) {
    if (reported === null) return [null, objective, 'No flow of this incident measured it.'];
    const most = 'The most that can have been lost, as the flow measured it.';
    return [
      reported,
      objective,
      reported === 0 ? 'As the flow measured it: the writer stayed, or was waited for.' : most,
    ];
  }
  const { lossSeconds, lostWrites, divergedWrites } = truth;
  const parts = [
    reported === null ? 'No flow reported a loss' : `Reported as ${formatSeconds(reported)}`,
    ...(lostWrites === null ? [] : [`${countOf(lostWrites, 'write')} lost`]),
    ...(divergedWrites === null ? [] : [`${countOf(divergedWrites, 'write')} diverged`]),
  ];
  return [lossSeconds, objective, `${parts.join(', ')}.`];
}

/** A proof that came before users stayed served was one of a moment: where that is known, the later of both counts. */
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
      'From the first evidence until users stayed served: they were proved to be served before that, and were not for good.',
    ];
  if (verifiedAt !== null)
    return [
      (verifiedAt - openedAt) / 1000,
      objective,
      'From the first evidence to the proof from outside that users are served.',
    ];
  if (closedAt === null)
    return [null, objective, 'The incident is not over, and no flow proved that users are served.'];
  return [
    (closedAt - openedAt) / 1000,
    objective,
    'From the first evidence to the end of the incident: no flow had to prove anything.',
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
  const came = cameTo(numbers, truth !== null);
  if (missed !== null) {
    const [first, ...more] = missed;
    if (first === undefined) return { state: 'passed', line: `Passed: ${came}.`, missed: [] };
    const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return { state: 'missed', line: `Missed: ${first}${rest}.`, missed: [...missed] };
  }
  if (record === null) return { state: 'not-known', line: 'There is no incident in the record.', missed: [] };
  const { closedAt, decisions } = record.incident;
  const objectives = [
    ...(recovery.met === false ? ['the recovery time objective was missed'] : []),
    ...(dataLoss.met === false ? ['more data was lost than the objective allows'] : []),
    ...(restore.met === false ? ['the time to restore was missed'] : []),
  ];
  if (closedAt === null) return { state: 'open', line: `Not over yet: ${came}.`, missed: objectives };
  if (verifiedAtOf(record) !== null || truth !== null)
    return objectives.length === 0
      ? { state: 'recovered', line: `Recovered: ${came}.`, missed: [] }
      : { state: 'missed', line: `Recovered, and ${objectives.join(', ')}: ${came}.`, missed: objectives };
  const last = decisions.findLast(({ action }) => action !== 'none');
  if (last?.action === 'hold')
    return { state: 'held', line: `Held, and over: ${last.hold ?? last.reason}.`, missed: objectives };
  if (last?.action === 'notify')
    return { state: 'recovered', line: 'Over: people were told, and nothing had to be moved.', missed: objectives };
  if (last === undefined && record.steps.length + record.calls.length === 0)
    return {
      state: 'not-known',
      line: 'Over, and nothing was decided or done about it: what it was to users is not known.',
      missed: objectives,
    };
  const aborted = record.aborts.at(-1);
  const by = aborted === undefined ? '' : `, ${aborted.by} aborted the last flow`;
  return {
    state: 'not-recovered',
    line: `Over${by}, and no flow proved that it recovered anything.`,
    missed: objectives,
  };
}

/** What was lost is known where somebody saw all of it, and is bounded where a flow measured it. */
function cameTo({ recovery, dataLoss }: Report['numbers'], isTrue: boolean): string {
  const served =
    recovery.seconds === null
      ? 'it is not known when users were served again'
      : recovery.seconds === 0
        ? 'users were served all the time'
        : `users were served again after ${formatSeconds(recovery.seconds)}`;
  const lost =
    dataLoss.seconds === null
      ? 'what was lost is not known'
      : dataLoss.seconds === 0
        ? 'nothing was lost'
        : `${isTrue ? '' : 'at most '}${formatSeconds(dataLoss.seconds)} of data was lost`;
  return `${served}, and ${lost}`;
}

function clocksOf(record: IncidentRecord | null, { faultAt, firstSignalAt }: Seen): Report['clocks'] {
  const came = record?.came.at(-1)?.clocks ?? null;
  const decidedAt = record?.incident.decisions.find(({ action }) => action !== 'none')?.at ?? null;
  const beganAt = firstSignalAt ?? record?.incident.openedAt ?? null;
  const between = (from: number | null, to: number | null) =>
    from === null || to === null ? null : (to - from) / 1000;
  return [
    faultAt === null && came?.detectSeconds != null
      ? { name: 'Detect', seconds: came.detectSeconds, how: 'users last seen to be served to first evidence' }
      : { name: 'Detect', seconds: between(faultAt, firstSignalAt), how: 'fault to first signal' },
    {
      name: 'Decide',
      seconds: (faultAt === null ? came?.decideSeconds : null) ?? between(beganAt, decidedAt),
      how: 'first signal to decision',
    },
    ...((record?.asked ?? []).length === 0
      ? []
      : [{ name: 'Approve', seconds: approvalSecondsOf(record), how: 'request to the answer that settled it' }]),
    { name: 'Execute', seconds: came?.executeSeconds ?? null, how: 'start of the flow to verified, without approval' },
    {
      name: 'Lasted',
      seconds: between(record?.incident.openedAt ?? null, record?.incident.closedAt ?? null),
      how: 'first evidence until the incident ended',
    },
    ...unprotectedOf(record),
  ];
}

/** Where a role moved: how long no other region could have taken over; null while none can. And what a way home undoes. */
function unprotectedOf(record: IncidentRecord | null): Report['clocks'] {
  const steps = record?.steps ?? [];
  const moved = steps.findLast(({ step }) => step === 'record-failover')?.outcome;
  if (moved === undefined || moved['mode'] === 'restore' || typeof moved['from'] !== 'string') return [];
  const { unprotectedSeconds: seconds } = steps.findLast(({ step }) => step === 'covered')?.outcome ?? {};
  const undoes = moved['undoes'];
  const undone = isTable(undoes)
    ? `; it undoes ${String(undoes['execution'])} (incident ${String(undoes['incident'])})`
    : '';
  return [
    {
      name: 'Unprotected',
      seconds: typeof seconds === 'number' ? seconds : null,
      how: `first evidence until ${moved['from']} could take over again, with all that it needs${undone}`,
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
  const reason = first === undefined ? 'nothing was decided about it' : reasonWords(first);
  return record.drill ? `A drill that was started on AWS: ${reason}.` : `Nobody chose it, it happened: ${reason}.`;
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
      absence: wasAsked && given === undefined ? (absence ?? 'did not answer; why is not known') : null,
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

/** Of each request the way that it was for, and what people were shown instead. */
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
    // Of several the last: it changed something, and what came before it looked.
    requestId: made.requestIds.at(-1) ?? null,
    before: made.change?.before ?? null,
    wanted: made.change?.wanted ?? null,
    reachedAt: reachedAtOf(made, record?.steps ?? []),
  }));
}

/** A late fence and a late stop keep theirs under a name of their own. */
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
            ? check('No write was lost', 'held', 'every write that was acknowledged is there')
            : check(
                'No write was lost',
                'broken',
                `${countOf(truth.lostWrites, 'write')} were acknowledged and are not there: the last ${formatSeconds(truth.lossSeconds)} before the fault`,
              ),
        ]),
    ...(truth === null || truth.divergedWrites === null
      ? []
      : [
          truth.divergedWrites === 0
            ? check('No write diverged', 'held', 'no region took writes beside the one that serves')
            : check(
                'No write diverged',
                'broken',
                `the region that was given up took ${countOf(truth.divergedWrites, 'write')} after the promotion`,
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
          'The loss stays below what people were shown',
          'not-tested',
          bound === null ? 'no loss was shown to anybody' : 'no loss was measured',
        )
      : check(
          'The loss stays below what people were shown',
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
      check('A backup was restored and read', 'not-tested', 'this flow restores no backup'),
  ];
}

/** What came back of each database that was asked, against what was published of it before. Of no content a checksum is made. */
function contentChecks(record: IncidentRecord | null): Report['data'] {
  const what = 'The data that came back is what was published';
  const steps = (record?.steps ?? []).filter(({ step }) => step.startsWith(dataMark('')));
  const newest = [...new Map(steps.map((one) => [one.step, one])).values()];
  if (newest.length === 0)
    return [{ what, state: 'not-tested', why: 'no database of the plan was asked: the application has to compare' }];
  return newest.map(({ step, outcome }) => {
    const checked = readChecked(outcome);
    const state = 'unknown' in checked ? 'not-tested' : checked.wrong.length === 0 ? 'held' : 'broken';
    return { what: `${what}: ${step.slice(dataMark('').length)}`, state, why: returnedWords(checked) };
  });
}

/** What only each old database has: whether nothing is left there. */
function onlyOldChecks(record: IncidentRecord | null): Report['data'] {
  return (record?.comparisons ?? []).map((comparison) => {
    const { asset, region, comparedAt, endedAt, wrong } = comparison;
    const what = `The old ${asset} has nothing that the new one lacks`;
    if (comparedAt !== null)
      return {
        what,
        state: countOnlyOld(comparison) > 0 ? 'broken' : hasNothing(comparison) ? 'held' : 'not-tested',
        why: [...onlyOldWords(comparison), ...wrong].join('; '),
      };
    const why =
      endedAt === null ? `not compared yet: ${region} has to answer, and a copy of it is read` : wrong.join('; ');
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
  // Before both sides were compared it is not known which of them are there as well.
  if (comparedAt === null) return { asset, region, comparedAt: null, words: [...wrong], rows: [] };
  return { asset, region, comparedAt: isoOf(comparedAt), words: [...onlyOldWords(comparison), ...wrong], rows };
}

/** Of each asset whether its old copy was kept from taking writes, at once or later. */
function fenceChecks(record: IncidentRecord | null): Report['data'] {
  const fences = (record?.steps ?? []).filter(({ step }) => /^fence\/[^/]+(\/fenced)?$/.test(step));
  const assets = [...new Set(fences.flatMap(({ step }) => step.split('/')[1] ?? []))];
  return assets.map((asset) => {
    const own = fences.filter(({ step }) => step.split('/')[1] === asset);
    const fencedAt =
      own.find(({ step, outcome }) => step.endsWith('/fenced') || outcome['fenced'] === true)?.at ?? null;
    const first = own.find(({ step, outcome }) => !step.endsWith('/fenced') && outcome['fenced'] === false);
    const why = typeof first?.outcome['why'] === 'string' ? ` (${first.outcome['why']})` : '';
    const late = first === undefined ? '' : `not when it was asked${why}; `;
    return {
      what: `The old ${asset} takes no writes`,
      state: fencedAt === null ? 'broken' : 'held',
      why: fencedAt === null ? `it was not fenced${why}` : `${late}fenced ${dayOf(isoOf(fencedAt))}`,
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
    ...(recovery.met === false ? [{ severity: 'high' as const, what: 'The recovery took longer than the RTO.' }] : []),
    ...(restore.met === false
      ? [{ severity: 'medium' as const, what: 'The time to restore was longer than the MTTR.' }]
      : []),
    ...(dataLoss.met === false
      ? [{ severity: 'high' as const, what: 'More data was lost than the plan allows.' }]
      : []),
    ...failed.map((state) => ({ severity: 'medium' as const, what: `${state} failed at least once.` })),
    ...recordedFailures(record).map((failure) => ({
      severity: 'medium' as const,
      what: `${stateWords(failure)} was not reached: ${failure.why}.`,
    })),
    ...staying(record).map(({ asset, why }) => ({
      severity: 'low' as const,
      what: `${asset} stays where it is: ${why}.`,
    })),
    ...unfenced.map((open) => ({
      severity: 'medium' as const,
      what: `${open} could not be fenced when people were asked: what it wrote since has to be compared by hand.`,
    })),
    ...(diverged > 0
      ? [
          {
            severity: 'medium' as const,
            what: `${countOf(diverged, 'write')} diverged and ${diverged === 1 ? 'has' : 'have'} to be merged or thrown away by a person.`,
          },
        ]
      : []),
    ...expired.map(({ request }) => ({
      severity: 'medium' as const,
      what: `Request ${request.id} expired: too few people answered.`,
    })),
    ...(record?.waivers ?? []).map(({ state, by, reason }) => ({
      severity: 'medium' as const,
      what: `${state} was left out by ${by}: ${reason}.`,
    })),
    ...(record?.aborts ?? []).map(({ execution, by, at }) => ({
      severity: 'medium' as const,
      what: `${execution} was aborted by ${by} at ${dayOf(isoOf(at))}: nothing of it went on after that.`,
    })),
    ...(record?.refused ?? []).map(({ call, target }) => ({
      severity: 'low' as const,
      what: `${call} on ${target} was refused.`,
    })),
    ...(invalid.length === 0
      ? []
      : [{ severity: 'low' as const, what: `${countOf(invalid.length, 'answer')} did not count.` }]),
    ...assumptions
      .filter(({ state, what }) => state === 'broken' && /^The (recovery|data loss) that was predicted/.test(what))
      .map(({ what, why }) => ({ severity: 'low' as const, what: `Predictions were off. ${what}: ${why}.` })),
  ];
  // What failed three times is one finding.
  return found.filter(({ what }, index) => found.findIndex((one) => one.what === what) === index);
}

/** Of what a drill of a deployment has found. */
function ownerOf(what: string, { run }: Seen, plan: Plan): string {
  const found = run === null ? undefined : findingsOfRun(run, plan).find((one) => one.what === what);
  return found === undefined ? '' : `. Owner: ${found.owner}; to be mended until ${found.due}.`;
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
      ? ['There is no incident in the record: this page has only what else was seen.']
      : []),
    ...(record?.incident.closedAt === null ? ['The incident is still open: everything here may change.'] : []),
    ...(source === 'record' && faultAt === null && run === null
      ? [
          `When the fault itself began is not known: times count from when ${record === null ? 'it was first seen' : fromClause(clockOf(record))}.`,
        ]
      : []),
    ...(steps === null && record !== null
      ? [
          "The record holds when steps had reached something, and not when they began: bars begin with a step's first call, and out of a zone with the flow. The history of the execution in Step Functions has the rest, for 90 days.",
        ]
      : []),
    ...(messages === null
      ? ['The record holds that people were told, and not the texts of the messages: mailboxes and channels have them.']
      : []),
    ...(served === null ? usersGaps(record) : []),
    ...unnamedWords(unnamed),
    ...unseenWords(callsOf(record, seen)),
    ...silent.map(
      (name) =>
        `Execution ${name} was decided on and left nothing in the record: it may never have started, or changed nothing.`,
    ),
    ...wordless.map(
      ({ action, at }) =>
        `The evidence of ${action} at ${isoOf(at)} was not written down in words: only the ids of its signals are known.`,
    ),
    ...empty.map(({ request }) => `Request ${request.id} is approved, and its answers cannot be read.`),
    ...(firstSignalAt === null && source === 'simulator' && record !== null
      ? ['No signal after the fault is known.']
      : []),
  ];
}

function usersGaps(record: IncidentRecord | null): string[] {
  const users = record?.users ?? null;
  if (users === null) return ['What users experienced is not in the record: the canaries in CloudWatch have it.'];
  return users.phases.every(({ took }) => took === null) ? [tookWords(users)] : [];
}

/** CloudTrail has the calls to AWS, and nothing of what is asked of a cluster's own API server. */
function unnamedWords(calls: readonly IncidentRecord['calls'][number][]): string[] {
  const ofClusters = calls.filter(({ call }) => call.startsWith('kubernetes:')).length;
  const others = calls.length - ofClusters;
  const where = 'has it, by time, call and target.';
  return [
    ...(others === 0
      ? []
      : [
          `Of ${countOf(others, 'call')} the request id is not known: nothing answered, or it could not be kept. CloudTrail ${where}`,
        ]),
    ...(ofClusters === 0
      ? []
      : [
          `Of ${countOf(ofClusters, 'call')} to a cluster no request id is kept. The audit log of the cluster ${where.replace('.', '')}, where it is switched on.`,
        ]),
  ];
}

/** Of which calls it is not known what was before them, or after. */
function unseenWords(calls: Report['calls']): string[] {
  const made = calls.filter(({ refused }) => !refused);
  const blind = made.filter(({ before }) => before === null);
  const own = blind.filter(isOwnLambda).length;
  const unseen = blind.length - own;
  const open = made.filter(({ reachedAt }) => reachedAt === null).length;
  return [
    ...(unseen === 0
      ? []
      : [
          `Of ${countOf(unseen, 'call')} it is not known how ${unseen === 1 ? 'its target' : 'their targets'} stood before: nobody had looked.`,
        ]),
    ...(own === 0
      ? []
      : [
          `Of ${countOf(own, 'call')} to Lambdas of the application's own it is not known what stood before, or what changed: only those Lambdas look. What each said when it was done is among the steps; their logs have the rest.`,
        ]),
    ...(open === 0
      ? []
      : [
          `Of ${countOf(open, 'call')} the record does not say that what was asked for was reached: ${open === 1 ? 'its step' : 'their steps'} reached nothing after.`,
        ]),
  ];
}

/** Why a part of the page is empty. */
function silentOf(record: IncidentRecord | null, seen: Seen): Record<string, string> {
  const noRecord = 'There is no incident in the record.';
  const last = record?.incident.decisions.findLast(({ action }) => action !== 'none');
  const whyNobody =
    last?.action === 'az-failover'
      ? 'a zone is left without asking anybody'
      : last?.action === 'hold'
        ? 'it was held before that'
        : 'nothing needed an approval';
  return {
    decisions:
      record === null ? noRecord : `Nothing was decided${record.incident.closedAt === null ? ' yet' : ' about it'}.`,
    ways: record === null ? noRecord : `No ways were weighed: ${whyNobody}.`,
    approvals: record === null ? noRecord : `Nobody was asked: ${whyNobody}.`,
    calls: record === null ? noRecord : 'Breakwater changed nothing: no call that changes something is in the record.',
    reached: record === null ? noRecord : 'No step left anything in the record.',
    assets: 'Where assets stood before and after is not in the record; what each step reached is listed below.',
    messages: seen.messages === null ? 'The texts of messages are not in the record.' : 'Nobody was told anything.',
    invariants: 'Invariants are checked in the simulator; on AWS nobody sees the whole truth.',
    findings:
      seen.source === 'simulator'
        ? 'Nothing was missed, nothing failed, and nothing was left out.'
        : 'The record shows nothing that was missed, failed or left out.',
    timeline: 'Nothing happened that could be drawn.',
    others: 'No other incident is known at the same time.',
  };
}

function fromClause({ what }: CountsFrom): string {
  return what === 'last-served' ? 'users were last seen to be served' : 'the first evidence came';
}
