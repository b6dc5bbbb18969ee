// Every kind of message as a person reads it, in test/messages: read them as somebody who was woken up, then change the words here.
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { drillBeginsMessage, drillEndsMessage } from '../../../functions/domain/drills/words.ts';
import { rejoinMessage } from '../../../functions/domain/recovery/rejoin.ts';
import type { Action } from '../../../functions/domain/types.ts';
import { messageTo, notGivenUpMessage, notToldMessage } from '../../../functions/domain/words/approval-words.ts';
import {
  abortedMessage,
  endedStepMessage,
  failingMessage,
  fencedMessage,
  flowMessage,
  heldSentence,
  pausedMessage,
  servesAgainMessage,
  stoppedMessage,
  wayFailedMessage,
} from '../../../functions/domain/words/flow-words.ts';
import {
  decisionMessage,
  keptOutMessage,
  lateMessage,
  type Message,
  notStartedMessage,
  stillFailingMessage,
  untoldMessage,
} from '../../../functions/domain/words/words.ts';
import { comparisonMessage, rehearsalMessage } from '../../../functions/kinds/rds-instance/rules/rehearsing.ts';
import { regionCallWords } from '../../../infrastructure/rights/calls.ts';
import { plan } from '../../plan.ts';
import { at, comparison, drill, incidentOf, lock, region, rehearsal, rejoined, request } from '../../store/samples.ts';
import { incident, regionIncident } from '../setting.ts';

const minute = 60_000;
const other = 'us-west-2';
const stopped = {
  flow: 'az-failover',
  state: 'LeaveZone',
  asset: 'database',
  status: 'FAILED',
  error: 'CannotProceed',
  cause: 'chatops-prod is deleting',
  incident: incident.id,
  region: null,
  execution: incident.execution,
  executionArn: 'arn:aws:states:us-east-1:111122223333:execution:breakwater-test-az-failover:1',
  drill: false,
} as const;
const fence = { id: incident.id, execution: regionIncident.execution, region, standby: other };
const left = { database: { moved: true, zone: 'use1-az2' }, cache: { moved: false, stays: 'it is in use1-az2' } };
const recovered = {
  assets: left,
  recoverySeconds: 410,
  executeSeconds: 250,
  dataLossSeconds: 0,
  countsFrom: { at, what: 'last-served' },
  verifiedAt: at + 7 * minute,
};
const degraded = {
  cause: 'release',
  suspected: 'release v42, started before the first failure',
  release: 'v42',
  facts: ['2026-11-03T02:50:00.000Z release v42 started', '2026-11-03T02:58:00.000Z api fails: errors (34.87)'],
  changed: ['2026-11-03T02:50:00.000Z release v42 started'],
  gaps: [],
  remediation: 'observe',
  buildProject: 'chatops-rollback',
} as const;
const changedByAnna = {
  cause: 'change',
  suspected: 'a change 2 min before the first sign: ModifyDBInstance on database, by anna (role database-admin)',
  release: null,
  changed: ['2026-11-03T02:56:00.000Z ModifyDBInstance on database, by anna (role database-admin)'],
  remediation: 'none',
  buildProject: null,
} as const;
const degradation = { ...incident, flow: 'service-degradation', zone: null, reason: 'api fails' } as const;
const decided = (action: Action) => {
  const [decision] = incidentOf({}).decisions;
  if (decision === undefined) throw new Error('samples have a decision');
  return {
    ...decision,
    action,
    indication: 'zone-lost',
    facts: ['2026-11-03T03:00:00.000Z api fails: errors (12)'],
  } as const;
};
const asked = { ...request, shown: { ...request.shown, reason: 'region us-east-1 failed' } };
const lost = incidentOf({ level: 3, scope: { region, zone: null } });
const dba = { asked: true, role: 'dba', link: 'https://page.example/r/1#t' } as const;
const onCall = { asked: false, role: 'on-call' } as const;
const waiting = { now: at + 20 * minute, answered: ['dr-coordinator'], silent: ['infra-lead', 'dba'] };
const release = flowMessage('degraded', degradation, degraded, '');

const switchover = {
  offered: true,
  why: 'the replica in us-west-2 is available',
  mode: 'switchover',
  unfenced: [],
  ways: [],
  alternatives: [],
};

const messages: Readonly<Record<string, Message>> = {
  'decision-notify': decisionMessage(incidentOf({}), decided('notify')),
  'decision-hold': decisionMessage(incidentOf({}), { ...decided('hold'), hold: 'cooling-down' }),
  'decision-frozen': decisionMessage(
    incidentOf({}),
    { ...decided('hold'), hold: 'frozen' },
    { by: 'anna', reason: 'the network team works on the balancer', at: at - 20 * minute },
  ),
  'decision-over': decisionMessage(incidentOf({}), decided('none')),
  'not-started': notStartedMessage(incidentOf({}), decided('az-failover')),
  'still-failing': stillFailingMessage(incidentOf({}), { reason: 'users fail at eu-west-1', usersFail: true }, null, {
    now: at + 30 * minute,
    silentSeconds: 900,
    stage: 'prod',
  }),
  'still-failing-paused': stillFailingMessage(
    incidentOf({}),
    { reason: 'users fail at eu-west-1', usersFail: true },
    {
      execution: incident.execution,
      held: heldSentence({ ...lock, execution: incident.execution, at }, []),
      pausedAt: at + 20 * minute,
    },
    { now: at + 30 * minute, silentSeconds: 900, stage: 'prod' },
  ),
  'kept-out': keptOutMessage(
    incidentOf({}),
    { zone: 'use1-az1', until: at + 60 * minute, returnedAt: null, pausesAt: at + 24 * 60 * minute },
    { drill: false, now: at + 10 * minute },
  ),
  'kept-out-again': keptOutMessage(
    incidentOf({}),
    { zone: 'use1-az1', until: null, returnedAt: at - 10 * minute, pausesAt: at + 24 * 60 * minute },
    { drill: false, now: at + 10 * minute },
  ),
  'degraded-release-people': release,
  'degraded-release-act': flowMessage('degraded', degradation, { ...degraded, remediation: 'act' }, ''),
  'degraded-unknown': flowMessage(
    'degraded',
    degradation,
    {
      ...degraded,
      suspected: 'not known: nothing that was seen explains the failure',
      release: null,
      changed: [],
      remediation: 'none',
      buildProject: null,
      owner: 'app-lead',
    },
    '',
  ),
  'degraded-change': flowMessage(
    'degraded',
    degradation,
    {
      ...degraded,
      ...changedByAnna,
      changed: [
        ...Array.from(
          { length: 9 },
          (_, minute) => `2026-11-03T02:4${minute}:00.000Z UpdateService on web, by AWS (ecs)`,
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
  'more-changes': flowMessage('more-changes', degradation, { ...degraded, ...changedByAnna }, ''),
  'degradation-ended': flowMessage('degradation-ended', degradation, { ended: 'recovered', closedAt: at }, 'Evidence:'),
  'zone-started': flowMessage('started', incident, {}, 'Evidence: 2 signals, in the record.', {
    lastServedAt: incident.since - 90_000,
  }),
  'zone-recovered': flowMessage('recovered', incident, recovered, 'Evidence: 2 signals, in the record.', {
    report: 'https://r.example',
  }),
  'zone-recovered-late': flowMessage(
    'recovered',
    incident,
    {
      ...{
        ...recovered,
        inPartAt: at + 3 * minute,
        verifiedAt: at + 80 * minute,
        recoverySeconds: 4_800,
        wellAgain: true,
      },
      assets: { ...left, ingress: { shifted: ['ingress'], awayFrom: 'use1-az1' } },
    },
    'Evidence: none recorded.',
  ),
  'zone-not-served': flowMessage(
    'not-recovered',
    incident,
    { ...recovered, visits: '54 of 60 were answered just now' },
    'Evidence: none recorded.',
  ),
  'zone-failed': flowMessage(
    'failed',
    incident,
    { LeaveZone: { database: { failed: 'CannotProceed', why: 'chatops-prod is deleting' } } },
    'Evidence: 2 signals, in the record.',
  ),
  'zone-closed': flowMessage('closed', incident, { ended: 'recovered', closedAt: at }, 'Evidence: none recorded.'),
  'region-dry-run': flowMessage(
    'dry-run',
    { ...regionIncident, dryRun: true },
    switchover,
    'Evidence: none recorded.',
    {
      calls: regionCallWords(plan)['us-east-1']?.['switchover'] ?? [],
    },
  ),
  'region-closed': flowMessage(
    'closed',
    regionIncident,
    { ended: 'recovered', closedAt: at },
    'Evidence: none recorded.',
  ),
  'region-closed-home': flowMessage(
    'closed',
    { ...regionIncident, mode: 'switchover', requestedBy: 'anna', reason: 'we go home' },
    { closedAt: at },
    'Evidence: none recorded.',
    { isHome: true },
  ),
  'region-recovered': flowMessage('recovered', regionIncident, recovered, 'Evidence: none recorded.'),
  'step-ended': endedStepMessage(
    { id: incident.id, level: 2 },
    { name: 'LeaveZone database', at, state: 'done', words: 'done', execution: incident.execution },
    { drill: true, report: 'https://r.example' },
  ),
  'way-failed': wayFailedMessage(
    { asset: 'database', way: 'restore-snapshot' },
    {
      incident: incident.id,
      execution: regionIncident.execution,
      step: 'take-over/database',
      at,
      outcome: { why: 'AWS has no room for db.r6g.large', left: 'chatops-prod-restored' },
    },
  ),
  stopped: stoppedMessage(stopped, ['rds:RebootDBInstance of chatops-prod in us-east-1'], 'prod'),
  'stopped-drill': stoppedMessage({ ...stopped, drill: true }, [], 'prod'),
  'paused-drill': pausedMessage({ ...incident, drill: true }, [], {
    stage: 'prod',
    until: at,
    changed: [],
    unfenced: [],
  }),
  paused: pausedMessage(
    incident,
    [
      {
        state: 'LeaveZone',
        asset: 'database',
        why: 'chatops-prod is deleting',
        called: ['rds:RebootDBInstance of chatops-prod in us-east-1'],
        mayBeSkipped: true,
        held: false,
        error: 'reboot chatops-prod: InternalFailure: rds could not process the request',
      },
    ],
    {
      ...{ stage: 'prod', until: at + 60 * minute, changed: [], unfenced: [] },
      ...{ lastServedAt: incident.since - 90_000, users: { answered: 41, made: 60 } },
    },
  ),
  aborted: abortedMessage(stopped, { by: 'maria', at }, 'prod'),
  failing: failingMessage(
    { state: 'LeaveZone', asset: 'database' },
    {
      incident: incident.id,
      execution: incident.execution,
      drill: false,
      at,
      why: 'RDS refuses: InvalidDBInstanceState',
    },
  ),
  'serves-again': servesAgainMessage(fence, { watch: 'watch-1', paused: true, prefix: 'breakwater-prod' }),
  fenced: fencedMessage(fence, {
    asset: 'database',
    since: at,
    fenced: at + 9 * minute,
    isAborted: false,
    isRedirected: false,
    prefix: 'breakwater-prod',
  }),
  'request-asked': messageTo(dba, { news: 'asked' }, asked, lost, 'prod'),
  'request-for-information': messageTo(onCall, { news: 'asked' }, asked, lost, 'prod'),
  'request-reminder': messageTo(dba, { news: 'reminder', ...waiting }, asked, lost, 'prod'),
  'request-no-answer': messageTo(onCall, { news: 'no-answer', ...waiting }, asked, lost, 'prod'),
  'request-not-told': notToldMessage(asked, 'dba', plan, 'prod'),
  'not-given-up': notGivenUpMessage(asked, { outcome: 'expired', at } as never, dba, {
    now: at + 30 * minute,
    everySeconds: 900,
  }),
  untold: untoldMessage(release, ['dba'], plan, true),
  'untold-for-good': untoldMessage(release, ['dba'], plan, false),
  late: lateMessage(release, at),
  'drill-begins': drillBeginsMessage(drill, 'prod'),
  'drill-passed': drillEndsMessage({ ...drill, recoveredAt: at + 4 * minute }, 'passed'),
  'drill-failed': drillEndsMessage({ ...drill, why: ['the database did not move within 5 min'] }, 'failed'),
  'rehearsal-well': rehearsalMessage({ ...rehearsal, availableAt: at + 14 * minute, data: 'all is there' }),
  'rehearsal-wrong': rehearsalMessage({ ...rehearsal, wrong: ['its data is older than the plan allows'] }),
  'only-old-unknown': comparisonMessage({ ...comparison, wrong: ['its backups lack its last writes'] }, 'prod'),
  'replica-again': rejoinMessage(
    { ...rejoined, instance: 'chatops-replica', replicatesAt: at, endedAt: at + minute },
    other,
  ),
  'no-replica': rejoinMessage({ ...rejoined, wrong: ['RDS refuses: InstanceQuotaExceeded'] }, other),
};

test('one place makes all subjects', async () => {
  const files: string[] = [];
  for await (const file of glob('functions/**/*.ts')) files.push(file);
  const makers = files.filter((file) => readFileSync(file, 'utf8').includes('[Breakwater]'));
  expect(makers).toEqual(['functions/domain/words/words.ts']);
});

describe.for(Object.entries(messages))('%s', ([name, { subject, body }]) => {
  test('is what people read', async () => {
    await expect(`Subject: ${subject}\n\n${body}\n`).toMatchFileSnapshot(`../../messages/${name}.txt`);
  });

  test('has a subject that says where nothing is needed, after the mark of a drill, and that SNS takes', () => {
    const [, needed] = /WHAT IS NEEDED FROM YOU\n(.*)/.exec(body) ?? [];
    expect(subject).toMatch(/^\[Breakwater\] (\[[A-Z ]+\] )?[^[]+$/);
    expect(subject.length).toBeLessThanOrEqual(100);
    expect(/\] (LATE: )?For information: /.test(subject)).toBe(needed?.startsWith('Nothing'));
    expect(subject.includes('For information')).toBe(needed?.startsWith('Nothing'));
  });

  test('says first what is needed, tells times by the clock, and has no raw field', () => {
    expect(`${body}\n`).toMatch(/^(LATE: .*\n\n)?WHAT IS NEEDED FROM YOU\n/);
    // Names of incidents and requests bear their time; they stand last, for whoever has to type them.
    expect(body).not.toMatch(/\b\d{4}-\d\d-\d\dT\d\d:/);
    expect(body).not.toMatch(/^-? ?[a-z]+[A-Z]\w*: /m);
    expect(body).not.toMatch(/undefined|\[object|NaN|\bnull\b|\b1[67]\d{11}\b/);
  });
});
