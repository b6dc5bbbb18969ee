// Reports that tests are fed with: one of a record that has everything, one of a record that has hardly anything, and one in which
// everything that comes from elsewhere attacks the page.
import type { Report } from '../functions/domain/report/facts.ts';
import { cameOf, type IncidentRecord } from '../functions/domain/report/record.ts';
import type { Seen, Truth } from '../functions/domain/report/seen.ts';
import { reportOfIncident } from '../functions/shared/report/incident-report.ts';
import { plan } from './plan.ts';
import { answer, at, call, incidentOf, reached, region, request } from './store/samples.ts';

const second = 1_000;
const failover = {
  ...reached,
  step: 'record-failover',
  at: at + 1_200 * second,
  outcome: {
    decideSeconds: 150,
    approvalSeconds: 120,
    executeSeconds: 610.4,
    recoverySeconds: 880,
    verifiedAt: at + 880 * second,
    dataLossSeconds: 31,
    predicted: { recoverySeconds: 1_260, dataLossSeconds: 32 },
    assets: { database: { failed: 'Unavailable', why: '{"errorMessage":"it did not answer"}' } },
    drill: false,
  },
};

/** A record as a region failover leaves it. */
export function recordWith(change: Partial<IncidentRecord> = {}): IncidentRecord {
  const steps = change.steps ?? [{ ...reached, at: at + 200 * second }, failover];
  return {
    incident: incidentOf({ level: 3, scope: { region, zone: null }, closedAt: at + 1_800 * second }),
    drill: false,
    asked: [{ request, answers: [answer], settled: { outcome: 'approved', at: at + 120 * second } }],
    waivers: [],
    calls: [{ ...call, at: at + 150 * second, requestIds: ['3b1c-looked', '9f2e-changed'] }],
    refused: [],
    ...change,
    steps,
    came: cameOf(steps),
    comparisons: [],
    users: null,
  };
}

export const from = {
  ...{ plan, prefix: 'breakwater-test', region, account: '111122223333', gaps: [] },
  now: () => at + 3_600 * second,
};

export const whole: Report = reportOfIncident(recordWith(), from, []);

/** What a drill of that record saw beside it: faults a minute before the first evidence, and what was true. */
export function seenInDrill(truth: Partial<Truth>): Seen {
  return {
    ...{ id: 'drill-1', subject: 'drill', title: 'a drill', source: 'simulator', environment: 'The simulator.' },
    ...{
      plan: 'a1b2',
      asOf: from.now(),
      run: null,
      ownCalls: [],
      orderedBy: null,
      why: 'chosen',
      faults: ['region-dark'],
      cost: null,
    },
    ...{
      zeroAt: at - 60 * second,
      faultAt: at - 60 * second,
      firstSignalAt: at,
      missed: [],
      expectations: [],
      steps: [],
      signals: [],
    },
    ...{ served: [], messages: [], invariants: [], assets: [], absence: 'on purpose', others: [], gaps: [] },
    users: { phases: [], how: 'Not looked at.', latency: 'Not looked at.' },
    truth: { recoverySeconds: 900, lossSeconds: 0, lostWrites: 0, divergedWrites: 0, ...truth },
  };
}

/** An open incident about which the record has next to nothing. */
export const bare: Report = reportOfIncident(
  recordWith({
    incident: incidentOf({ closedAt: null, decisions: [] }),
    ...{ asked: [], steps: [], calls: [] },
  }),
  { ...from, account: '', gaps: ['A part of the record cannot be read: item a / b: damaged.'] },
  [],
);

/** Texts that would do something if one of them were taken for markup, an attribute, a style or another direction of writing. */
export const attacks = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title></style></svg><h1>owned</h1>',
  '</textarea><!--',
  '{{constructor.constructor("alert(1)")()}}',
  'javascript:alert(1)',
  '\u202egnp.exe\u0000\u0007',
  '`$' + '{alert(1)}`',
  'a'.repeat(700),
];
export const attack = attacks.join(' ');

/** The same report with the attack in every text that an event, a person or a record writes. */
export const attacked: Report = attackedOf(attack);

function attackedOf(text: string): Report {
  const incident = incidentOf({
    id: text,
    closedAt: at + 1_800 * second,
    decisions: incidentOf({}).decisions.map((decision) => ({
      ...decision,
      reason: text,
      evidence: [text],
      facts: [text],
      execution: text,
    })),
  });
  const shown = {
    ...{ offered: true, why: text, unfenced: [text], reason: text, standby: text },
    alternatives: [{ way: text, offered: false, why: text, recoverySeconds: null, dataLossSeconds: null }],
    takingOver: { region: text, incident: null, controlPlanes: [text] },
  };
  const asked = {
    request: { ...request, id: text, requestedBy: text, roles: [text], unfenced: [text], shown },
    answers: [{ ...answer, approver: text, reason: text, from: text, who: text, valid: false, why: text }],
    settled: null,
  };
  const record = recordWith({
    incident,
    asked: [asked],
    waivers: [{ execution: text, state: text, by: text, reason: text, at }],
    calls: [{ ...call, target: text, step: text, actor: text, call: text, region: text, requestIds: [text] }],
    steps: [
      { ...reached, step: text, outcome: { [text]: text } },
      { ...failover, outcome: { [text]: [text] } },
    ],
  });
  const report = reportOfIncident(record, { ...from, prefix: text, region: text, gaps: [text] }, []);
  return {
    ...report,
    title: text,
    others: [{ id: text, level: 2, region: text, zone: text, openedAt: report.asOf, closedAt: null }],
    messages: [{ at: report.asOf, role: text, channel: text, subject: text, body: text }],
    invariants: [{ id: text, held: false, detail: text }],
    assets: [{ name: text, kind: text, before: text, after: `${text}!`, serves: true }],
    cost: text,
    why: { ...report.why, reason: text, faults: [text] },
    timeline: {
      ...report.timeline,
      lanes: [
        {
          name: text,
          bars: [
            {
              name: text,
              from: report.timeline.zeroAt,
              to: report.asOf,
              outcome: 'succeeded',
              attempts: 2,
              critical: true,
              predictedSeconds: null,
            },
          ],
        },
      ],
      marks: [{ lane: text, at: report.asOf, text }],
    },
    findings: [{ severity: 'high', what: text }],
  };
}

/** A report as a drill in the simulator gives it, under a name and a seed. */
export function ofDrill(scenario: string, seed: number): Report {
  return { ...whole, id: `${scenario}-${seed}`, subject: scenario, source: 'simulator', occasion: 'drill' };
}
