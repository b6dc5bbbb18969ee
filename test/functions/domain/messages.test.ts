// Every kind of message as a person gets it, in test/messages: read them as somebody who was woken up, then change the words here.

import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, test } from 'vitest';
import { drillBeginsMessage, drillEndsMessage } from '../../../functions/domain/drills/words.ts';
import type { IndicationName } from '../../../functions/domain/evidence/indications.ts';
import { flowMessage } from '../../../functions/domain/flow-words/flow-message.ts';
import { notBegunMessage } from '../../../functions/domain/flow-words/not-begun.ts';
import { endedStepMessage, failingMessage, wayFailedMessage } from '../../../functions/domain/flow-words/steps.ts';
import {
  abortedMessage,
  darkFlowMessage,
  fencedMessage,
  givenBackMessage,
  pausedMessage,
  servesAgainMessage,
  stoppedMessage,
  unfencedSentences,
} from '../../../functions/domain/flow-words/stops.ts';
import type { StepRecord } from '../../../functions/domain/record/store.ts';
import { whereSentences } from '../../../functions/domain/record/where.ts';
import { rejoinMessage } from '../../../functions/domain/recovery/rejoin.ts';
import type {
  Action,
  ApprovalRequest,
  Classification,
  HoldReason,
  Incident,
  RecordedDecision,
  Signal,
} from '../../../functions/domain/types.ts';
import {
  answerSentences,
  messageTo,
  notGivenUpMessage,
  notToldMessage,
} from '../../../functions/domain/words/approval-words.ts';
import { failedBuildMessage } from '../../../functions/domain/words/build-words.ts';
import {
  type AsItStands,
  decisionMessage,
  evidenceWords,
  type Holding,
  keepsLockMessage,
  keptOutMessage,
  notStartedMessage,
  stillFailingMessage,
} from '../../../functions/domain/words/decision-words.ts';
import { besidePlanMessage } from '../../../functions/domain/words/degradation-words.ts';
import { canFence } from '../../../functions/domain/words/region-words.ts';
import {
  lateMessage,
  type Message,
  type Undelivered,
  undeliveredMessage,
  untoldMessage,
} from '../../../functions/domain/words/words.ts';
import { comparisonMessage, rehearsalMessage } from '../../../functions/kinds/rds-instance/rules/rehearsing.ts';
import { tellAll } from '../../../functions/shared/messages/tell.ts';
import { regionCallWords } from '../../../infrastructure/rights/calls.ts';
import { rawLineIn } from '../../../simulator/playing/raw-words.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import {
  answer,
  comparison,
  drill,
  incidentOf,
  lock,
  other,
  region,
  rehearsal,
  rejoined,
  request,
} from '../../store/samples.ts';
import { incident, regionIncident, setting, start } from '../setting.ts';
import { canary, run as canaryRun } from './evidence/sightings.ts';
import { asItStands } from './message-parts.ts';

const minute = 60_000;
const zone = 'use1-az1';
/** When the flows began; the failure began a minute before, and users had last been served two minutes before. */
const at = start;
const since = at - minute;
const lastServedAt = at - 2 * minute;
const utc = (time: number, said: string) => `${new Date(time).toISOString()} ${said}`;
const ofZone = {
  ...incident,
  since,
  reason: `zone ${zone} failed: api, database, ingress fail in ${zone}, the other zones are well`,
};
const ofRegion = {
  ...regionIncident,
  since,
  reason: `region ${region} failed: users fail, as seen from eu-west-1, us-west-2; AWS's control planes of ec2, rds fail`,
};
const stopped = {
  flow: 'az-failover',
  state: 'LeaveZone',
  asset: 'database',
  status: 'FAILED',
  error: 'CannotProceed',
  cause: 'chatops-prod has no standby in another zone',
  incident: incident.id,
  region: null,
  execution: incident.execution,
  executionArn: 'arn:aws:states:us-east-1:111122223333:execution:breakwater-prod-az-failover:1',
  drill: false,
  mayBeSkipped: true,
  reason: ofZone.reason,
  stoppedAt: at + 5 * minute,
} as const;
const stoppedAt = [
  { step: 'LeaveZone database', why: 'chatops-prod has no standby in another zone', mayBeSkipped: true },
];
const bounced: Undelivered = {
  role: 'dba',
  channel: 'email',
  topic: 'breakwater-prod-dba',
  region: other,
  count: 2,
  lastAt: Date.parse('2026-11-23T03:04:00Z'),
  isFirst: true,
  others: ['sms'],
};
const called = ['rds:RebootDBInstance of chatops-prod in us-east-1 at 23 Nov 2026, 03:01 UTC'];
const notLeft = {
  state: 'LeaveZone',
  asset: 'database',
  why: 'chatops-prod has no standby in another zone',
  called,
  mayBeSkipped: true,
  held: false,
  error: null,
};
const fence = { id: incident.id, execution: regionIncident.execution, region, standby: other };
const left = {
  database: { moved: true, zone: 'use1-az2' },
  cache: { moved: false, stays: 'it is in use1-az2' },
  ingress: { shifted: ['ingress'], awayFrom: zone },
};
const countsFrom = { at: lastServedAt, what: 'last-served' } as const;
const recovered = {
  assets: left,
  recoverySeconds: 410,
  executeSeconds: 290,
  dataLossSeconds: 0,
  countsFrom,
  verifiedAt: lastServedAt + 410_000,
  users: { answered: 60, made: 60 },
};
const movedRegion = {
  to: other,
  recoverySeconds: 1_020,
  approvalSeconds: 300,
  executeSeconds: 600,
  dataLossSeconds: 102,
  predicted: { recoverySeconds: 960, dataLossSeconds: 113 },
  countsFrom,
  assets: {
    database: { promoted: true, database: 'chatops-dr-replica' },
    cache: { moved: true },
    cluster: { answers: 200 },
  },
  redirected: { redirectedAt: at + 13 * minute },
  verifiedAt: lastServedAt + 1_020_000,
  users: { answered: 60, made: 60 },
  unfenced: [],
};
const notFenced = {
  unfenced: [region],
  fenced: { database: { region, fenced: false, unfenced: [region], why: 'it does not answer' } },
};
const leaving = {
  LeaveZone: { database: { failed: 'CannotProceed', why: 'chatops-prod has no standby in another zone' } },
};
const degraded = {
  cause: 'release',
  suspected: 'release v42, started before the first failure',
  release: 'v42',
  facts: [
    utc(at - 10 * minute, 'release v42 started'),
    utc(since, 'api fails: errors (the value of its alarm: 34.87)'),
  ],
  changed: [utc(at - 10 * minute, 'release v42 started')],
  gaps: [],
  remediation: 'observe',
  buildProject: 'chatops-rollback',
} as const;
const changedByAnna = {
  cause: 'change',
  suspected: 'a change 2 min before the first sign: ModifyDBInstance on database, by anna (role database-admin)',
  call: 'ModifyDBInstance on database',
  release: null,
  changed: [utc(since - 2 * minute, 'ModifyDBInstance on database, by anna (role database-admin)')],
  remediation: 'none',
  buildProject: null,
} as const;
const degradation = {
  ...ofZone,
  flow: 'service-degradation',
  zone: null,
  reason: 'api fails',
  execution: `${incident.id}-notify-1`,
} as const;
const decision: RecordedDecision = {
  action: 'az-failover',
  reason: ofZone.reason,
  at,
  level: 2,
  indication: 'zone-lost',
  scope: { region, zone },
  evidence: ['e1', 'e2'],
  facts: [utc(since, 'api fails: errors in use1-az1 (the value of its alarm: 12)')],
  causes: ['api', 'database', 'ingress'],
  attempt: 1,
  execution: incident.execution,
};
const opened: Incident = { ...incidentOf({}), id: incident.id, openedAt: since, lastServedAt, decisions: [decision] };
const found = `api, database, ingress fail in ${zone}, the other zones are well`;
const decided = (action: Action): RecordedDecision => ({
  ...decision,
  action,
  reason: found,
  execution: null,
});
const over: RecordedDecision = {
  ...decided('none'),
  ...{
    level: 0,
    reason: 'recovered: all has been well for long enough',
    at: at + 40 * minute,
    evidence: [],
    facts: [],
  },
  scope: { region, zone: null },
};
const unclassified: Classification = {
  ...{ region, level: 0, indication: null, scope: { region, zone: null }, reason: '', evidence: [], facts: [] },
  ...{ causes: [], others: [], newestSince: null, rising: null, since, users: 'unknown', wellSince: null },
  ...{ platformWellSince: 0, zonesWellAt: {}, lookAgainAt: null },
};
const standing = asItStands(at, region);
const held = (hold: HoldReason, now: Partial<AsItStands> = {}) =>
  decisionMessage(opened, { ...decided('hold'), hold }, { ...standing, ...now });
const unsure = (indication: IndicationName, reason: string) => {
  const level = 'unknown' as const;
  const decision = { ...decided('hold'), hold: 'evidence-incomplete' as const, level, indication, reason };
  return decisionMessage({ ...opened, level }, decision, standing);
};
const frozen = { by: 'anna', reason: 'the network team works on the balancer', at: at - 20 * minute };
const failing = { reason: found, since, usersFail: true, servedAt: null };
const later = { now: at + 30 * minute, silentSeconds: 900, stage: 'prod' };
const runs: Holding = {
  execution: ofRegion.execution,
  where: whereSentences(
    'region-failover',
    {
      calls: [],
      own: [
        kept('reassess', 12, { request: 'request-1' }),
        kept('take-over/database', 20, { promoted: true }),
        kept('redirect-users', 21, {}),
      ],
      lookedAt: at + 12 * minute,
    },
    later.now,
  ),
  pausedAt: null,
  stoppedAt: [],
};
function kept(step: string, minutes: number, outcome: StepRecord['outcome']): StepRecord {
  return { incident: incident.id, execution: ofRegion.execution, step, at: at + minutes * minute, outcome };
}
const lost: Incident = {
  ...opened,
  level: 3,
  scope: { region, zone: null },
  decisions: [
    { ...decision, action: 'request-approval', level: 3, reason: ofRegion.reason, scope: { region, zone: null } },
  ],
};
/** What an assessment found, as a flow hands it on and a request shows it. */
const assessed = {
  offered: true,
  why: 'the replica in us-west-2 is available; replica lag: 1.5 s, measured 16 s before the last successful user request; cluster chatops-dr answers',
  standby: other,
  region,
  mode: 'failover',
  predicted: { recoverySeconds: 960, dataLossSeconds: 113, countsFrom, basis: null },
  unfenced: [],
  takingOver: { region: other, incident: null, controlPlanes: [] },
  ways: [{ asset: 'database', ways: [{ way: 'promote-replica', usable: true, dataUntil: null, seconds: 300 }] }],
  alternatives: [
    {
      way: 'restore-snapshot',
      asset: 'database',
      offered: true,
      why: 'snapshot chatops-prod-daily in us-west-2 has data until 23 Nov 2026, 02:00 UTC',
      recoverySeconds: 2_700,
      dataLossSeconds: 3_500,
    },
    { way: 'wait', offered: true, why: `nothing is changed; users are served when ${region} is back` },
  ],
};
const openAssets = { unfenced: [region], unfencedAssets: ['database'], cannotFence: [] };
const asked: ApprovalRequest = {
  ...request,
  incident: incident.id,
  execution: ofRegion.execution,
  askedAt: at,
  expiresAt: at + 60 * minute,
  lossCeilingSeconds: 173,
  shown: { ...assessed, ...openAssets, reason: ofRegion.reason },
};
const { unfencedAssets: _, ...bounds } = asked;
const closable: ApprovalRequest = { ...bounds, unfenced: [], shown: { ...assessed, reason: ofRegion.reason } };
const goingOn: ApprovalRequest = {
  ...closable,
  shown: {
    ...closable.shown,
    begun: true,
    promoted: ['database'],
    goingOn: { since: at - minute, atMostSeconds: 600 },
    changed: `${region} is well again, and database takes writes in the other region`,
  },
};
const noWay = {
  ...assessed,
  offered: false,
  why: 'no replica was seen in us-west-2; cluster chatops-dr does not answer',
  predicted: null,
  ways: [],
  alternatives: assessed.alternatives.slice(1),
};
const dba = { asked: true, role: 'dba', link: 'https://page.example/r/1#t' } as const;
const reach = '@dr-coordinator (dr-coordinator), @infra-lead (infra-lead), @dba-team (dba)';
const onCall = { asked: false, role: 'on-call' } as const;
const waiting = { now: at + 20 * minute, answered: ['dr-coordinator'], silent: ['infra-lead', 'dba'] };
const release = () => flowMessage('degraded', degradation, degraded, '');
const shownBy = { incident: incident.id, stage: 'prod' };
const evidence = evidenceWords(decision, shownBy);
const noEvidence = evidenceWords({ evidence: [] }, shownBy);
const evidenceOfRegion = evidenceWords(
  {
    evidence: ['e1', 'e2', 'e3'],
    facts: [
      utc(since, 'users fail, seen from eu-west-1 (0 % of the visits succeeded)'),
      utc(since, 'AWS service rds does not answer'),
    ],
  },
  shownBy,
);
const report = 'https://r.example';
const told = { lastServedAt, report, now: at + 15 * minute, remindsAt: at + 30 * minute };
/** As the restore of a database ends (`kinds/rds-instance/restoring/restore.ts`). */
const restored = {
  ...{ way: 'restore-point-in-time', restored: true, restoreTo: at - 30 * minute, dataUntil: at - 30 * minute },
  writableSince: at + 14 * minute,
};

const ended = { report: null, stage: 'prod' };

/** Made in the test, and not before: a change of the words is tried only there. */
const messages: Readonly<Record<string, () => Message>> = {
  'decision-notify': () =>
    decisionMessage(
      { ...opened, level: 1 },
      {
        ...decided('notify'),
        level: 1,
        scope: { region, zone: null },
        indication: 'components-fail',
        reason: 'api, search fail',
      },
      standing,
    ),
  'decision-hold': () => held('cooling-down', { coolsUntil: at + 25 * minute }),
  'decision-hold-unknown': () =>
    unsure('zone-half-seen', `api, database fail or give no data in ${zone}, the other zones are well`),
  'decision-hold-last-zone': () =>
    unsure(
      'zone-lost-others-unseen',
      `api, ingress fail in ${zone}, and nothing says that use1-az2, use1-az4 are well`,
    ),
  'decision-hold-busy': () =>
    held('another-execution-active', {
      lock: { ...lock, execution: 'by-hand-1', action: 'request-approval', at: at - 5 * minute },
    }),
  'decision-hold-while-moving': () =>
    decisionMessage(
      { ...lost, level: 'unknown' },
      {
        ...decided('hold'),
        hold: 'evidence-incomplete',
        level: 'unknown',
        scope: { region, zone: null },
        reason: 'users fail, as seen from eu-west-1, us-west-2, and Breakwater cannot tell why',
      },
      {
        ...standing,
        lock: { ...lock, execution: runs.execution, action: 'request-approval', at: at - 5 * minute },
        working: runs,
      },
    ),
  'decision-frozen': () => held('frozen', { frozen }),
  'decision-over': () => decisionMessage(opened, over, { ...standing, now: over.at }),
  'beside-plan': () =>
    besidePlanMessage(
      { ...lost, id: 'manual-by-hand-1', planned: 'switchover', decisions: [] },
      {
        ...unclassified,
        level: 1,
        indication: 'components-fail',
        reason: 'api, ingress fail',
        facts: [utc(since, 'api fails: errors (the value of its alarm: 34.87)')],
      },
      { execution: 'by-hand-1', stage: 'prod', drill: false, isAsked: true },
    ),
  'beside-restore': () =>
    besidePlanMessage(
      { ...lost, id: 'manual-by-hand-1', planned: 'restore', decisions: [] },
      { ...unclassified, level: 1, indication: 'components-fail', reason: 'database fails' },
      { execution: 'by-hand-1', stage: 'prod', drill: false, isAsked: true },
    ),
  'beside-plan-unasked': () =>
    besidePlanMessage(
      { ...lost, id: 'manual-by-hand-1', planned: 'switchover', decisions: [] },
      { ...unclassified, level: 1, indication: 'components-fail', reason: 'database fails' },
      { execution: 'by-hand-1', stage: 'prod', drill: false, isAsked: false },
    ),
  'given-back': () =>
    givenBackMessage(
      { ...stopped, flow: 'region-failover', region, state: 'TakeLock', asset: null, reason: 'yearly rehearsal' },
      'prod',
    ),
  'dark-flow': () =>
    darkFlowMessage(
      { incident: 'manual-by-hand-1', region, execution: 'by-hand-1', drill: false },
      {
        ...{ runs: 'us-west-2', lastAt: at + 11 * minute, takesOver: false, now: at + 14 * minute },
        calls: [
          {
            ...{ incident: 'manual-by-hand-1', execution: 'by-hand-1', actor: 'anna', drill: false, region },
            ...{ step: 'fence/database', call: 'rds:ModifyDBInstance', target: 'chatops-prod', at: at + 11 * minute },
          },
        ],
      },
      'prod',
    ),
  'keeps-lock': () =>
    keepsLockMessage(
      { ...lost, closedAt: at + 40 * minute },
      { ...runs, pausedAt: at + 10 * minute },
      {
        ...{ now: at + 41 * minute, stage: 'prod', drill: false },
      },
    ),
  'not-started': () => notStartedMessage(opened, decision, { stage: 'prod', primary: region }),
  'still-failing': () => stillFailingMessage(lost, { ...failing, reason: ofRegion.reason }, runs, later),
  'still-failing-again': () =>
    stillFailingMessage(
      opened,
      { ...failing, servedAt: at + 7 * minute, since: at + 14 * minute },
      {
        ...runs,
        execution: incident.execution,
        where: ['Done so far: moving database out of the zone.', 'The flow is watching the zone.'],
      },
      later,
    ),
  'still-failing-frozen': () =>
    stillFailingMessage({ ...opened, decisions: [{ ...decided('hold'), hold: 'frozen' }] }, failing, null, {
      ...later,
      frozen,
    }),
  'still-failing-paused': () =>
    stillFailingMessage(
      opened,
      failing,
      {
        execution: incident.execution,
        where: ['Done so far: moving ingress out of the zone.'],
        pausedAt: at + 20 * minute,
        stoppedAt,
      },
      later,
    ),
  'kept-out': () =>
    keptOutMessage(
      opened,
      {
        zone,
        execution: incident.execution,
        until: at + 60 * minute,
        returnedAt: null,
        pausesAt: at + 24 * 60 * minute,
      },
      { drill: false, now: at + 10 * minute },
    ),
  'kept-out-again': () =>
    keptOutMessage(
      opened,
      {
        zone,
        execution: incident.execution,
        until: null,
        returnedAt: at + 2 * minute,
        pausesAt: at + 24 * 60 * minute,
      },
      { drill: false, now: at + 10 * minute },
    ),
  'degraded-release-people': release,
  'degraded-release-act': () => flowMessage('degraded', degradation, { ...degraded, remediation: 'act' }, ''),
  'degraded-unknown': () =>
    flowMessage(
      'degraded',
      degradation,
      {
        ...degraded,
        cause: 'unknown',
        suspected: 'not known: nothing that was seen explains the failure',
        facts: degraded.facts.slice(1),
        release: null,
        changed: [],
        remediation: 'none',
        buildProject: null,
        owner: 'app-lead',
      },
      '',
    ),
  'degraded-change': () =>
    flowMessage(
      'degraded',
      degradation,
      {
        ...degraded,
        ...changedByAnna,
        facts: degraded.facts.slice(1),
        changed: [
          ...Array.from({ length: 9 }, (_none, index) =>
            utc(at - (19 - index) * minute, 'UpdateService on web, by AWS (ecs)'),
          ),
          ...changedByAnna.changed,
        ],
        gaps: [
          'CloudTrail may be 15 min late: a change after 02:47 UTC may be missing. Breakwater reads CloudTrail again at 03:13 UTC and tells you what is new.',
          'Auto Scaling could not be read: AccessDenied.',
        ],
      },
      '',
    ),
  'more-changes': () =>
    flowMessage('more-changes', degradation, { ...degraded, ...changedByAnna, facts: degraded.facts.slice(1) }, ''),
  'degradation-ended': () =>
    flowMessage('degradation-ended', degradation, { ended: 'recovered', closedAt: at + 40 * minute }, evidence, told),
  'zone-started': () => flowMessage('started', ofZone, {}, evidence, told),
  'zone-recovered': () => flowMessage('recovered', ofZone, recovered, evidence, told),
  'zone-recovered-late': () =>
    flowMessage(
      'recovered',
      ofZone,
      {
        ...recovered,
        inPartAt: at + 3 * minute,
        verifiedAt: lastServedAt + 4_800_000,
        recoverySeconds: 4_800,
        executeSeconds: 4_680,
        wellAgain: true,
      },
      evidence,
      told,
    ),
  'zone-not-served': () =>
    flowMessage('not-recovered', ofZone, { ...recovered, users: { answered: 54, made: 60 } }, evidence, told),
  'zone-in-part': () =>
    flowMessage(
      'recovered-in-part',
      ofZone,
      { ...recovered, assets: { ...left, ...leaving.LeaveZone } },
      evidence,
      told,
    ),
  'zone-failed': () =>
    flowMessage(
      'failed',
      ofZone,
      { ...leaving, round: 1, againSeconds: 600, users: { answered: 41, made: 60 } },
      evidence,
      told,
    ),
  'zone-failed-last': () =>
    flowMessage('failed', ofZone, { ...leaving, round: 3, againSeconds: null, users: null }, evidence, told),
  'zone-superseded': () =>
    flowMessage('closed', ofZone, { ended: 'superseded', by: 'use1-az2', left: ['ingress'] }, evidence, told),
  'zone-closed': () =>
    flowMessage('closed', ofZone, { ended: 'recovered', closedAt: at + 40 * minute, left: [] }, evidence, told),
  'zone-closed-left': () =>
    flowMessage(
      'closed',
      ofZone,
      { ended: 'recovered', closedAt: at + 40 * minute, left: ['ingress'], leftUntil: at + 12 * 60 * minute },
      evidence,
      told,
    ),
  'zone-closed-not-served': () =>
    flowMessage(
      'closed-unserved',
      ofZone,
      { ended: 'recovered', closedAt: at + 40 * minute, left: [], users: { answered: 54, made: 60 } },
      evidence,
      told,
    ),
  'zone-dry-run': () =>
    flowMessage(
      'dry-run',
      { ...ofZone, dryRun: true, requestedBy: 'anna', reason: 'we look how it would go' },
      {
        database: { dryRun: true, wouldDo: 'reboot chatops-prod with failover' },
        ingress: { dryRun: true, wouldDo: 'start a zonal shift away from use1-az1' },
        cache: { moved: false, stays: 'it is in use1-az2' },
        service: { dryRun: true, served: true, wouldDo: 'wait for 3 passes of https://chatops.example/health' },
      },
      noEvidence,
    ),
  'region-dry-run': () =>
    flowMessage(
      'dry-run',
      { ...ofRegion, dryRun: true, mode: 'switchover', requestedBy: 'anna', reason: 'we look how it would go' },
      {
        ...assessed,
        mode: 'switchover',
        predicted: { ...assessed.predicted, dataLossSeconds: 0 },
        alternatives: assessed.alternatives.map((one) =>
          one.way === 'wait' ? { ...one, why: `nothing is moved; users stay in ${region}` } : one,
        ),
      },
      noEvidence,
      { calls: regionCallWords(plan)['us-east-1']?.['switchover'] ?? [] },
    ),
  'region-no-way': () => flowMessage('no-way', ofRegion, noWay, evidenceOfRegion, told),
  'region-no-way-beside': () =>
    flowMessage(
      'no-way',
      { ...ofRegion, mode: 'switchover', requestedBy: 'anna' },
      { ...noWay, beside: true },
      evidenceOfRegion,
      told,
    ),
  'region-no-way-over': () =>
    flowMessage(
      'no-way',
      ofRegion,
      {
        ...noWay,
        over: true,
        why: `the incident is over: ${region} may be well again`,
        users: { answered: 60, made: 60 },
      },
      evidenceOfRegion,
      told,
    ),
  'region-not-approved': () =>
    flowMessage(
      'not-approved',
      ofRegion,
      {
        answer: 'rejected',
        round: 1,
        answers: answerSentences([{ ...answer, answer: 'reject', at: at + 5 * minute }], ['infra-lead']),
      },
      evidenceOfRegion,
      told,
    ),
  'region-not-approved-gives-way': () =>
    flowMessage(
      'not-approved',
      { ...ofRegion, mode: 'switchover', requestedBy: 'anna' },
      { answer: 'void', round: 1, overtaken: 'now', answers: [] },
      evidenceOfRegion,
      told,
    ),
  'region-recovered': () => flowMessage('recovered', ofRegion, movedRegion, evidenceOfRegion, told),
  'region-recovered-not-fenced': () =>
    flowMessage('recovered', ofRegion, { ...movedRegion, ...notFenced }, evidenceOfRegion, told),
  'region-closed': () =>
    flowMessage(
      'closed',
      ofRegion,
      { database: { region, fenced: true, fencedAt: at + 60 * minute, divergedWrites: null } },
      evidenceOfRegion,
      told,
    ),
  'region-closed-open': () => {
    const signed = {
      region,
      fenced: false,
      skipped: true,
      by: 'anna',
      reason: `${region} stays unfenced`,
      at: at + 50 * minute,
    };
    return flowMessage(
      'closed',
      ofRegion,
      {
        database: { ...signed, divergedWrites: null, divergedFrom: at - minute },
        senders: { ...signed, consumers: {}, divergedWrites: null, divergedFrom: at - minute },
      },
      evidenceOfRegion,
      told,
    );
  },
  'region-closed-home': () =>
    flowMessage(
      'closed',
      { ...ofRegion, mode: 'switchover', requestedBy: 'anna', reason: 'we go home' },
      { database: { region, fenced: true, fencedAt: at + 10 * minute, divergedWrites: 0 } },
      noEvidence,
      { ...told, isHome: true },
    ),
  'restore-recovered': () =>
    flowMessage(
      'recovered',
      { ...ofRegion, mode: 'restore', requestedBy: 'anna', reason: 'a release has deleted orders' },
      {
        ...movedRegion,
        to: region,
        redirected: null,
        dataLossSeconds: 1_800,
        predicted: { recoverySeconds: 960, dataLossSeconds: 1_800 },
        assets: {
          database: {
            ...restored,
            database: 'chatops-prod-restored',
            drift: [],
            endpoint: 'chatops-prod-restored.example',
          },
        },
      },
      noEvidence,
      told,
    ),
  'step-ended': () =>
    endedStepMessage(
      { id: incident.id, level: 2 },
      {
        step: { state: 'LeaveZone', asset: 'database' },
        at,
        state: 'done',
        words: 'done',
        execution: incident.execution,
      },
      { drill: true, report, zone },
    ),
  'way-failed': () =>
    wayFailedMessage(
      { asset: 'database', way: 'restore-snapshot' },
      kept('take-over/database', 20, { why: 'AWS has no room for db.r6g.large', left: 'chatops-prod-restored' }),
      ofRegion.reason,
    ),
  stopped: () => stoppedMessage(stopped, called, 'prod'),
  'not-begun': () =>
    notBegunMessage(
      {
        ...stopped,
        flow: 'region-failover',
        state: 'TakeLock',
        asset: null,
        error: 'LockHeld',
        cause: `another execution acts on ${region}`,
        reason: 'yearly rehearsal',
      },
      {
        why: 'LockHeld',
        holder: {
          target: region,
          execution: 'by-hand-1',
          incident: 'manual-by-hand-1',
          action: 'request-approval',
          at,
        },
      },
      { by: 'maria', region, stage: 'prod' },
    ),
  'stopped-drill': () => stoppedMessage({ ...stopped, drill: true }, [], 'prod'),
  'paused-drill': () =>
    pausedMessage({ ...ofZone, drill: true }, [notLeft], {
      stage: 'prod',
      until: at + 14 * 24 * 60 * minute,
      changed: [],
      unfenced: [],
    }),
  'paused-well': () =>
    pausedMessage(
      ofRegion,
      [
        {
          ...{ state: 'Reassess', asset: null, held: true, stale: false, called: [], error: null, mayBeSkipped: false },
          why: `held: nobody has approved going on as it is now: the incident is over: ${region} may be well again`,
        },
      ],
      {
        ...{
          stage: 'prod',
          until: at + 14 * 24 * 60 * minute,
          isOver: true,
          ends: { movedAnything: false },
          lastServedAt,
        },
        changed: [`rds:ModifyDBInstance of chatops-prod in ${region}, 2 times, the last at 23 Nov 2026, 03:19 UTC`],
        unfenced: unfencedSentences(
          {
            Unfence: { database: { region, database: 'chatops-prod', opened: true, openSince: at + 20 * minute } },
          },
          null,
        ),
        users: { answered: 60, made: 60 },
      },
    ),
  paused: () =>
    pausedMessage(
      ofZone,
      [
        {
          ...notLeft,
          error: 'reboot chatops-prod: InternalFailure: rds could not process the request',
        },
      ],
      {
        ...{ stage: 'prod', until: at + 14 * 24 * 60 * minute, changed: [], unfenced: [] },
        ...{ lastServedAt, users: { answered: 41, made: 60 } },
      },
    ),
  aborted: () => abortedMessage(stopped, { by: 'maria', at }, 'prod'),
  failing: () =>
    failingMessage(
      { state: 'LeaveZone', asset: 'database' },
      {
        incident: incident.id,
        execution: incident.execution,
        drill: false,
        zone,
        reason: ofZone.reason,
        at,
        why: 'RDS refuses: InvalidDBInstanceState',
        stage: 'prod',
        hasTakenOver: false,
      },
    ),
  'failing-to-open': () =>
    failingMessage(
      { state: 'Unfence', asset: 'database' },
      {
        incident: incident.id,
        execution: incident.execution,
        drill: false,
        zone: null,
        reason: 'yearly rehearsal of the move',
        at,
        why: 'it is STILL FENCED, and users cannot write: no answer from rds in us-east-1 in time',
        stage: 'prod',
        hasTakenOver: false,
      },
    ),
  'serves-again': () =>
    servesAgainMessage(fence, {
      watch: `${regionIncident.execution}-fence`,
      paused: true,
      prefix: 'breakwater-prod',
    }),
  fenced: () =>
    fencedMessage(fence, {
      asset: 'database',
      since: at,
      fenced: at + 9 * minute,
      isAborted: false,
      isRedirected: false,
      prefix: 'breakwater-prod',
    }),
  'request-asked': () => messageTo(dba, { news: 'asked', reach }, closable, lost, 'prod'),
  'request-not-fenced': () => messageTo(dba, { news: 'asked', reach }, asked, lost, 'prod'),
  'request-going-on': () =>
    messageTo(dba, { news: 'asked', reach }, goingOn, { ...lost, closedAt: at + 30 * minute }, 'prod'),
  'request-going-on-down': () =>
    messageTo(
      dba,
      { news: 'asked', reach },
      { ...goingOn, shown: { ...goingOn.shown, changed: 'up to 10 min of writes would be lost now' } },
      lost,
      'prod',
    ),
  'request-for-information': () => messageTo(onCall, { news: 'asked', reach }, closable, lost, 'prod'),
  'request-reminder': () => messageTo(dba, { news: 'reminder', reach, ...waiting }, asked, lost, 'prod'),
  'request-lost-since': () =>
    messageTo(
      dba,
      { news: 'reminder', reach, ...waiting },
      { ...closable, mode: 'switchover', requestedBy: 'maria' },
      {
        ...lost,
        decisions: lost.decisions.slice(0, 1).map((one) => ({
          ...one,
          ...({ at: asked.askedAt + minute, level: 3, action: 'hold', hold: 'another-execution-active' } as const),
        })),
      },
      'prod',
    ),
  'request-no-answer': () =>
    messageTo(
      onCall,
      { news: 'no-answer', reach: '@infra-lead (infra-lead) or @dba-team (dba)', ...waiting },
      closable,
      lost,
      'prod',
    ),
  'request-not-told': () => notToldMessage(asked, 'dba', plan, 'prod'),
  'not-given-up': () =>
    notGivenUpMessage(closable, { outcome: 'expired', at: at + 60 * minute } as never, dba, {
      now: at + 90 * minute,
      everySeconds: 900,
    }),
  untold: () => untoldMessage(release(), ['dba'], plan, true),
  undelivered: () =>
    undeliveredMessage([bounced, { ...bounced, role: 'on-call', channel: 'page' }], plan, { id: incident.id, region }),
  'undelivered-quiet': () => undeliveredMessage([{ ...bounced, count: 1, others: [] }], plan, null),
  'undelivered-next': () =>
    undeliveredMessage([{ ...bounced, channel: 'sms', isFirst: false, others: ['email'] }], plan, {
      id: incident.id,
      region,
    }),
  'untold-for-good': () => untoldMessage(release(), ['dba'], plan, false),
  late: () => lateMessage(release(), at),
  'drill-begins': () => drillBeginsMessage(drill, 'prod'),
  'drill-passed': () => drillEndsMessage({ ...drill, recoveredAt: drill.startedAt + 4 * minute }, 'passed', [], ended),
  'drill-failed': () =>
    drillEndsMessage({ ...drill, why: ['the database did not move within 5 min'] }, 'failed', [], ended),
  'rehearsal-well': () =>
    rehearsalMessage({
      ...rehearsal,
      availableAt: rehearsal.begunAt + 14 * minute,
      data: 'all acknowledged rows of the ledger are there',
    }),
  'rehearsal-wrong': () => rehearsalMessage({ ...rehearsal, wrong: ['its data is older than the plan allows'] }),
  'only-old': () =>
    comparisonMessage(
      {
        ...comparison,
        begunAt: comparison.openedAt,
        comparedAt: comparison.openedAt + 60 * minute,
        tables: [
          {
            table: 'messages',
            newer: 9,
            compared: 3,
            rows: [{ key: '7', hash: 'a', at: comparison.writesEndedAt + minute, other: false }],
          },
        ],
      },
      'prod',
    ),
  'only-old-unknown': () => comparisonMessage({ ...comparison, wrong: ['its backups lack its last writes'] }, 'prod'),
  'replica-again': () =>
    rejoinMessage(
      { ...rejoined, instance: 'chatops-replica', replicatesAt: rejoined.begunAt, endedAt: rejoined.begunAt + minute },
      other,
    ),
  'failback-overtaken': () =>
    rejoinMessage({ ...rejoined, wrong: [`${region} is the primary region now`] }, rejoined.region),
  'no-replica': () => rejoinMessage({ ...rejoined, wrong: ['RDS refuses: InstanceQuotaExceeded'] }, other),
  'build-failed': () =>
    failedBuildMessage({
      project: { name: 'breakwater-prod-cluster-daily', description: 'Looks at the images of cluster' },
      region,
      task: null,
      status: 'failed',
      phase: { type: 'BUILD', said: '' },
      told: ['image api:v42 is not in us-west-2'],
      log: 'https://log.example',
    }),
};

const sns = mocked(SNSClient);

/** How many minutes after the beginning a message leaves, where it tells of what came later. */
const leavesAfter: readonly (readonly [RegExp, number])[] = [
  [/^region-closed$/, 61],
  [/^region-not-approved/, 6],
  [/^(kept-out-again|region-closed-home)/, 11],
  [/^paused-well/, 21],
  [/^(still-failing|way-failed|serves-again)/, 30],
  [/^(zone-closed|region-closed|decision-over|degradation-ended|zone-superseded|region-no-way-over)/, 40],
  [/^fenced/, 9],
  [/^not-given-up/, 90],
  [/^late/, 45],
  [/^request-(reminder|no-answer)/, 20],
  [/^(zone-failed|stopped|paused|aborted)/, 15],
];
const observers = ['eu-west-1', 'us-west-2'];
/** What an observer's canary and its alarm say of users a moment before the message. */
function seenBy(observer: string, passes: boolean, seconds: number, servedAt: number): Signal[] {
  return passes
    ? [canary(observer, seconds - 600, 'healthy'), canaryRun(observer, seconds - 20, true)]
    : [canary(observer, -30, 'failing'), canaryRun(observer, servedAt, true), canaryRun(observer, seconds - 20, false)];
}

/** As it leaves: what people read is what the sender made of it. */
async function asSent(name: string, message: Message): Promise<{ readonly subject: string; readonly body: string }> {
  sns.reset();
  sns.on(PublishCommand).resolves({});
  const servedAt = name === 'still-failing-again' ? 13 * 60 : -120;
  const seconds = 60 * (leavesAfter.find(([names]) => names.test(name))?.[1] ?? 0);
  const shell = setting({ prefix: 'breakwater-prod', now: () => at + seconds * 1000 });
  // Of most messages nothing is over; what begins with a name below is told while observers see the service work, or see nothing.
  const passes =
    /^(decision-over|decision-hold-busy|drill-|replica-again|no-replica|late|degradation-ended|zone-closed|region-closed|kept-out|serves-again|request-going-on$|restore-|zone-dry-run|region-dry-run|decision-hold$)/;
  const seesNothing = name === 'decision-hold-unknown';
  await shell.store.keepSignals(
    seesNothing ? [] : observers.flatMap((observer) => seenBy(observer, passes.test(name), seconds, servedAt)),
  );
  const roles = /^(untold|request-not-told)/.test(name) ? ['on-call', 'infra-lead'] : ['dba', 'on-call'];
  await tellAll(name, roles, message, shell);
  const [{ input } = { input: null }] = sns.commandCalls(PublishCommand).map(({ args: [command] }) => command);
  return { subject: input?.Subject ?? '', body: input?.Message ?? '' };
}

test('one place makes all subjects', async () => {
  const files: string[] = [];
  for await (const file of glob('functions/**/*.ts')) files.push(file);
  const makers = files.filter((file) => readFileSync(file, 'utf8').includes('[Breakwater]'));
  expect(makers).toEqual(['functions/domain/words/words.ts']);
});

describe.for(Object.entries(messages))('%s', ([name, make]) => {
  test('is what people read', async () => {
    const { subject, body } = await asSent(name, make());
    await expect(`Subject: ${subject}\n\n${body}\n`).toMatchFileSnapshot(`../../messages/${name}.txt`);
  });

  test('has a subject that says where nothing is needed, after the mark of a drill, and that SNS takes', () => {
    const { subject, body } = make();
    const [, needed] = /WHAT IS NEEDED FROM YOU\n(.*)/.exec(body) ?? [];
    expect(subject).toMatch(/^\[Breakwater\] (\[[A-Z ]+\] )?[^[]+$/);
    expect(subject.length).toBeLessThanOrEqual(100);
    expect(/\] (LATE: )?For information: /.test(subject)).toBe(needed?.startsWith('Nothing'));
    expect(subject.includes('For information')).toBe(needed?.startsWith('Nothing'));
  });

  test('says first what is needed, tells times by the clock, and has no raw field', () => {
    const { body } = make();
    expect(`${body}\n`).toMatch(
      /^((DRILL: .*|LATE: .*\nWhether users .*\n\nAS IT WAS AT .*)\n\n)?WHAT IS NEEDED FROM YOU\n/,
    );
    // Names of incidents and requests bear their time; they stand last, for whoever has to type them.
    expect(body).not.toMatch(/\b\d{4}-\d\d-\d\dT\d\d:/);
    expect(rawLineIn(make())).toBeNull();
    expect(body).not.toContain('arn:aws');
  });

  test('names what it is about by its name: what must be typed stands in a command, and the rest last', () => {
    const [first = ''] = make().body.split(/\n(?:> )?MORE\n/);
    const texts = first.split('\n').filter((line) => !line.startsWith('  npm run ') && !line.startsWith('http'));
    expect(texts.filter((line) => line.includes(incident.id))).toEqual([]);
  });

  test('has commands that run as they stand: with their stage, and with what they ask for beside it', async () => {
    const { body } = await asSent(name, make());
    const commands = body.match(/npm run [^\n`]*/g) ?? [];
    const isWhole = (command: string) =>
      command.includes('--stage prod') &&
      (!/npm run (failback|failover|switchover|skip|breakwater -- reject)/.test(command) ||
        command.includes('--reason "')) &&
      (!command.includes(' approve ') || command.includes('--unfenced "') === body.includes('NOT FENCED: '));
    expect(commands.filter((command) => !isWhole(command))).toEqual([]);
  });

  test('rests on facts that can be so together', () => {
    const { subject, body } = make();
    // What cannot be fenced, and that everything can be, are two assessments; so are a way and none.
    expect(body.includes(canFence) && body.includes('NOT FENCED')).toBe(false);
    expect(body.includes(' approve ') && body.includes('No safe way')).toBe(false);
    if (/^(region|restore|request)-/.test(name)) expect(body).not.toMatch(/use1-az\d|zone/);
    // Who is told that users are served is not told beside it that they fail.
    expect(
      /^\[Breakwater\][^\n]*users are (served|NOT)/i.exec(subject)?.[1] === 'served' && body.includes('Users FAIL now'),
    ).toBe(false);
    // Users were served before the first sign, and not after what is told.
    const clocks = [...body.matchAll(/(?:first sign[^\n]* at|down at|user request at) (\d\d:\d\d)/g)].map(
      ([, time]) => time,
    );
    expect(clocks.filter((time) => time !== '02:58' && time !== '02:59')).toEqual([]);
  });
});
