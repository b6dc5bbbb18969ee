// The facts of a report and its page: what is known is told, what is not known is said to be so, and nothing from outside becomes
// markup.
import { describe, expect, test } from 'vitest';
import { written } from '../../../../functions/domain/page/html.ts';
import { inParts } from '../../../../functions/domain/report/breaks.ts';
import { buildReport } from '../../../../functions/domain/report/build.ts';
import { plotOf } from '../../../../functions/domain/report/comparison.ts';
import { earlierOf, type Report, readReport } from '../../../../functions/domain/report/facts.ts';
import { criticalPath } from '../../../../functions/domain/report/lanes.ts';
import { controls } from '../../../../functions/domain/report/mapping.ts';
import { indexPage, listedOf } from '../../../../functions/domain/report-page/index-page.ts';
import { outcomeWords } from '../../../../functions/domain/report-page/outcome-words.ts';
import { reportPage } from '../../../../functions/domain/report-page/page.ts';
import { timelinePicture } from '../../../../functions/domain/report-page/picture.ts';
import { inUnits, toRead } from '../../../../functions/domain/report-page/times.ts';
import { reportOfIncident } from '../../../../functions/shared/report/incident-report.ts';
import { plan } from '../../../plan.ts';
import { attack, attacked, bare, from, ofDrill, recordWith, seenInDrill, whole } from '../../../reports.ts';
import { at, incidentOf, reached, region, request } from '../../../store/samples.ts';

/** A page without the places where a long name may break. */
const unbroken = (page: string) => page.replaceAll(/<wbr>|<span class="whole">([^<]*)<\/span>/g, '$1');
const assumption = (report: Report, what: RegExp) => report.why.assumptions.find((one) => what.test(one.what));

describe('the facts', () => {
  test('say the three numbers beside their objectives, and how each was measured', () => {
    expect(whole.numbers).toMatchObject({
      recovery: { seconds: 880, objectiveSeconds: 14_400, met: true },
      dataLoss: { seconds: 31, objectiveSeconds: 3_600, met: true },
      restore: { seconds: 880, objectiveSeconds: 7_200, met: true },
    });
    expect(whole.numbers.recovery.how).toContain('Its exact time is not known.');
    expect(whole.verdict).toEqual({
      state: 'recovered',
      line: 'Recovered: users were served again after 14 min 40 s, and at most 31 s of data was lost.',
      missed: [],
    });
  });

  test('never fill in what is not known', () => {
    expect(bare.numbers.recovery).toMatchObject({ seconds: null, met: null });
    expect(bare.numbers.dataLoss).toMatchObject({ seconds: null, met: null });
    expect(bare.verdict.state).toBe('open');
    expect(bare.orderedBy).toBe('nobody: no flow was started');
    expect(bare.why.assumptions.filter(({ state }) => state === 'held')).toEqual([]);
    expect(bare.gaps).toEqual(
      expect.arrayContaining([
        'A part of the record cannot be read: item a / b: damaged.',
        'The incident is still open: everything here may change.',
      ]),
    );
  });

  test('say who ordered it: all who did, nobody where nothing was started, and no guess where somebody unknown did', () => {
    const whole = recordWith();
    const [asked] = whole.asked;
    const [call] = whole.calls;
    if (asked === undefined || call === undefined) throw new Error('the record has both');
    const decided = (execution: string | null) => {
      const decisions = whole.incident.decisions.map((one) => ({ ...one, execution }));
      return { incident: { ...whole.incident, decisions } };
    };
    const orderedBy = (change: Partial<typeof whole>) => reportOfIncident(recordWith(change), from, []).orderedBy;
    const itself = 'Breakwater itself, by its own decision';
    const home = { ...asked, request: { ...asked.request, requestedBy: 'arn:aws:iam::1:user/ana' } };
    const calls = [{ ...call, actor: 'arn:aws:iam::1:user/ana' }];
    expect(orderedBy({ ...decided('one'), asked: [], calls: [] })).toBe(itself);
    expect(orderedBy({ ...decided('one'), asked: [home], calls })).toBe(`${itself}; arn:aws:iam::1:user/ana`);
    expect(orderedBy({ ...decided(null), asked: [home], calls })).toBe('arn:aws:iam::1:user/ana');
    expect(orderedBy({ ...decided(null), asked: [], calls: [] })).toBeNull();
    expect(orderedBy({ ...decided(null), asked: [], calls: [], steps: [] })).toBe('nobody: no flow was started');
  });

  test.for([
    ['an objective was missed', {}, { recoverySeconds: 9_999, verifiedAt: at + 15_000_000 }, 'missed'],
    ['too much was lost', {}, { dataLossSeconds: 4_000, verifiedAt: at + 880_000 }, 'missed'],
    ['no flow proved anything', {}, { verifiedAt: null }, 'not-recovered'],
    ['it is open', { closedAt: null }, { verifiedAt: null }, 'open'],
  ] as const)('of an incident after which %s say so first', ([, change, outcome, state]) => {
    const { incident, steps } = recordWith();
    const changed = steps.map((step) =>
      step.step === 'record-failover' ? { ...step, outcome: { ...step.outcome, ...outcome } } : step,
    );
    const report = reportOfIncident(recordWith({ incident: { ...incident, ...change }, steps: changed }), from, []);
    expect(report.verdict.state).toBe(state);
  });

  test('of a flow that a person aborted say so first, and who', () => {
    const { incident } = recordWith();
    const aborts = [{ execution: 'flow-1', by: 'jo', at: at + 60_000 }];
    const report = reportOfIncident({ ...recordWith({ incident, asked: [], steps: [] }), aborts }, from, []);
    expect(report.verdict).toMatchObject({
      state: 'not-recovered',
      line: 'Over. jo aborted the last flow. No flow proved that users are served again.',
    });
    expect(report.findings.map(({ what }) => what).join()).toMatch(/^jo aborted flow-1 at 2026-/);
  });

  test('of a hold name what held it back', () => {
    const decision = {
      ...incidentOf({}).decisions[0],
      action: 'hold' as const,
      hold: 'frozen' as const,
      execution: null,
    };
    const incident = incidentOf({ closedAt: at + 60_000, decisions: [decision as never] });
    const report = reportOfIncident(recordWith({ incident, asked: [], steps: [], calls: [] }), from, []);
    expect(report.verdict).toMatchObject({ state: 'held', line: 'Over. The last decision was to hold: frozen.' });
  });

  test.for([
    ['users stayed served before the proof', { recoverySeconds: 900 }, 880, 'to the proof from outside'],
    ['users failed again after the proof', { recoverySeconds: 1_500 }, 1_440, 'did not last'],
    ['users were not served at the end', { recoverySeconds: null }, null, 'not served at the end'],
  ] as const)('of a drill in which %s restore counts what was true', ([, truth, seconds, how]) => {
    const { numbers } = buildReport(recordWith(), seenInDrill(truth), plan);
    expect(numbers.restore.seconds).toBe(seconds);
    expect(numbers.restore.how).toContain(how);
    expect(numbers.recovery.seconds).toBe(truth.recoverySeconds);
  });

  test('count from when users were last seen to be served, where the record says so, and say it', () => {
    const { steps, incident } = recordWith();
    const at = incident.openedAt - 40_000;
    const counted = { countsFrom: { at, what: 'last-served' }, detectSeconds: 40 };
    const record = recordWith({ steps: steps.map((one) => ({ ...one, outcome: { ...one.outcome, ...counted } })) });
    const report = reportOfIncident(record, from, []);
    expect(report.numbers.recovery.seconds).toBe(920);
    expect(report.numbers.recovery.how).toContain('From the last successful user request');
    expect(report.clocks[0]).toEqual({
      ...{ name: 'Detect', seconds: 40, how: 'last successful user request to first evidence' },
    });
    expect(report.gaps).toContainEqual(expect.stringContaining('Times count from the last successful user request'));
  });

  test('of a drill are judged by what was missed, and name each finding once', () => {
    const seen = {
      ...seenInDrill({ lostWrites: 3, divergedWrites: 1 }),
      missed: ['level: expected 3, was 2', 'x', 'x'],
    };
    const report = buildReport(recordWith(), seen, plan);
    expect(report.verdict).toMatchObject({ state: 'missed', line: 'Missed: level: expected 3, was 2 (and 2 more).' });
    expect(report.findings.filter(({ what }) => what === 'x')).toHaveLength(1);
    expect(report.data.filter(({ state }) => state === 'broken').map(({ what }) => what)).toEqual([
      'No write was lost',
      'No write is only in the old database',
    ]);
    expect(report.people.find(({ role }) => role === 'infra-lead')?.absence).toBe('on purpose');
  });

  test('say of each assumption whether it held, was broken, or was not tested', () => {
    expect(assumption(whole, /RTO/)?.state).toBe('held');
    expect(assumption(whole, /answer within/)).toMatchObject({ state: 'held', why: 'approved after 2 min' });
    expect(assumption(whole, /kept from taking writes/)).toMatchObject({ state: 'not-tested' });
    expect(assumption(whole, /^database recovers as planned/)).toMatchObject({ state: 'broken' });
    expect(assumption(whole, /^cache recovers as planned/)).toMatchObject({ state: 'not-tested' });
    const expired = recordWith({
      asked: [{ request, answers: [], settled: { outcome: 'expired', at: at + 3_600_000 } }],
    });
    expect(assumption(reportOfIncident(expired, from, []), /answer within/)?.state).toBe('broken');
  });

  test.for([
    ['each asset that nobody could fence', { unfencedAssets: ['database', 'orders'] }, ['database', 'orders']],
    ['the region, where the record kept no asset', {}, null],
  ] as const)('name %s, in the approval, in what was assumed, and in what was found', ([, kept, assets]) => {
    const { unfencedAssets: _, ...before } = request;
    const shown = { ...before.shown, ...kept, unfenced: [region] };
    const asked = [{ request: { ...before, ...kept, shown }, answers: [], settled: null }];
    const report = reportOfIncident(recordWith({ asked }), from, []);
    const open = assets === null ? [region] : assets.map((asset) => `${asset} in ${region}`);
    expect(report.approvals.map(({ unfenced }) => unfenced)).toEqual([open]);
    expect(reportPage(report, [])).toContain(`Not fenced: ${open.join(', ')}.`);
    expect(assumption(report, /kept from taking writes/)).toMatchObject({
      state: 'broken',
      why: `${open.join(', ')} could not be fenced when people were asked; the request said so`,
    });
    const found = report.findings.map(({ what }) => what).filter((what) => what.includes('could not be fenced'));
    expect(found).toEqual(
      open.map(
        (one) => `${one} could not be fenced when people were asked. A person has to compare what it wrote since then.`,
      ),
    );
  });

  test('take the end of an incident in which nothing was proved for no recovery, and break no prediction by it', () => {
    const { steps } = recordWith();
    const unproved = steps.map((one) => ({ ...one, outcome: { ...one.outcome, verifiedAt: null } }));
    expect(
      assumption(reportOfIncident(recordWith({ steps: unproved }), from, []), /^The predicted recovery time/),
    ).toEqual({
      what: 'The predicted recovery time is not exceeded',
      state: 'not-tested',
      why: expect.stringMatching(/^predicted .*, the true value is not known$/),
    });
  });

  test('tell what was predicted beside what it came to', () => {
    expect(assumption(whole, /^The predicted recovery time/)?.state).toBe('held');
    const { steps } = recordWith();
    const late = steps.map((step) => ({ ...step, outcome: { ...step.outcome, verifiedAt: at + 2_000_000 } }));
    const report = reportOfIncident(recordWith({ steps: late }), from, []);
    expect(assumption(report, /^The predicted recovery time/)).toMatchObject({
      state: 'broken',
      why: 'predicted 21 min, was 33 min 20 s, both from the first sign of the failure',
    });
  });

  test('of a request that nobody approved say that its prediction was not tested', () => {
    const settled = { outcome: 'expired' as const, at: at + 3_600_000 };
    const record = recordWith({ asked: [{ request, answers: [], settled }], steps: [] });
    const report = reportOfIncident(record, from, []);
    for (const what of [/^The predicted recovery time/, /^The predicted data loss/])
      expect(assumption(report, what)).toMatchObject({
        state: 'not-tested',
        why: 'the failover was not approved',
      });
  });

  test('name who was asked and did not answer', () => {
    expect(whole.people.find(({ role }) => role === 'dba')).toMatchObject({ asked: true, answer: { valid: true } });
    expect(whole.people.find(({ role }) => role === 'infra-lead')).toMatchObject({
      asked: true,
      answer: null,
      absence: 'did not answer; the reason is not known',
    });
  });

  test('name an execution that left nothing behind', () => {
    expect(whole.gaps.join('\n')).toContain('The record has nothing of execution incident-1-az-failover-1.');
  });

  test('of one call that was refused say that it was', () => {
    const record = recordWith();
    const report = reportOfIncident({ ...record, refused: record.calls }, from, []);
    expect(report.calls).toMatchObject([{ refused: true, requestId: '9f2e-changed' }]);
    expect(report.findings.map(({ what }) => what)).toContain('rds:RebootDBInstance on chatops-prod was refused.');
  });

  test('of a call whose request id is not known say so, and where it is', () => {
    expect(whole.gaps.join('\n')).not.toContain('request id');
    const { calls } = recordWith();
    const report = reportOfIncident(recordWith({ calls: calls.map((one) => ({ ...one, requestIds: [] })) }), from, []);
    expect(report.calls).toMatchObject([{ requestId: null }]);
    expect(report.gaps.join('\n')).toContain('The request id of 1 call is not known');
    const ofCluster = calls.map((one) => ({ ...one, call: 'kubernetes:PatchScale', requestIds: [] }));
    const { gaps } = reportOfIncident(recordWith({ calls: ofCluster }), from, []);
    expect(gaps.join('\n')).toContain('If the audit log of the cluster is on');
    expect(gaps.join('\n')).not.toContain('CloudTrail has it');
  });

  test('have of each call what was seen before it, what it asked for, and when its step had reached that', () => {
    const [call] = recordWith().calls;
    const change = { before: 'available in use1-az1', wanted: 'in another zone than use1-az1' };
    if (call === undefined) throw new Error('the record has a call');
    const { change: _, ...without } = call;
    const calls = [
      { ...without, change },
      { ...without, at: call.at + 1, target: 'other', execution: 'other' },
    ];
    const report = reportOfIncident(recordWith({ calls }), from, []);
    expect(report.calls).toMatchObject([
      { ...change, reachedAt: new Date(at + 200_000).toISOString() },
      { before: null, wanted: null, reachedAt: null },
    ]);
    expect(report.gaps).toEqual(
      expect.arrayContaining([
        'The state before 1 call is not known: nobody had looked.',
        'The record does not show that 1 call had the wanted result: the step finished nothing after that.',
      ]),
    );
    const page = unbroken(reportPage(report, []));
    expect(page).toContain('available in use1-az1</td>');
    expect(page).toContain('in another zone than use1-az1<br><span class="soft">confirmed 03:03:20 UTC');
    expect(page).toContain('not known<br><span class="soft">not confirmed');
    const own = reportOfIncident(recordWith({ calls: [{ ...without, call: 'lambda:Invoke' }] }), from, []);
    expect(own.gaps.join()).toContain("1 call went to the application's own Lambdas. What they changed is not known");
    expect(own.gaps.join()).not.toContain('nobody had looked');
    expect(unbroken(reportPage(own, []))).toContain('<td data-label="Before">only that Lambda knows</td>');
    const late = { ...reached, step: 'fence-late/database', at: at + 300_000 };
    const fence = { ...without, step: 'fence/database' };
    const fenced = (outcome: object) =>
      reportOfIncident(recordWith({ calls: [fence], steps: [{ ...late, outcome: { ...outcome } }] }), from, []).calls;
    expect(fenced({ fenced: true })).toMatchObject([{ reachedAt: new Date(late.at).toISOString() }]);
    expect(fenced({ fenced: false })).toMatchObject([{ reachedAt: null }]);
  });

  test('have what was predicted of a step beside what it took, where people were told it', () => {
    const step = { ...reached, step: 'take-over/database', at: at + 700_000 };
    const redirect = { ...reached, step: 'redirect-users', at: at + 800_000 };
    const shown = {
      ...request.shown,
      ways: [{ asset: 'database', ways: [{ way: 'promote-replica', usable: true, seconds: 480 }] }],
    };
    const record = recordWith({ steps: [step, redirect] });
    const asked = record.asked.map((one) => ({ ...one, request: { ...request, shown } }));
    const barsOf = (changed: Partial<typeof record>) =>
      reportOfIncident({ ...record, ...changed }, from, [])
        .timeline.lanes.flatMap(({ name, bars }) => bars.map((bar) => [name, bar.name, bar.predictedSeconds] as const))
        .filter(([, name]) => name === 'take-over' || name === 'redirect-users');
    expect(barsOf({ asked })).toEqual([
      ['Flow', 'redirect-users', plan.predictions.redirectionSeconds],
      ['database', 'take-over', 480],
    ]);
    expect(barsOf({})).toContainEqual(['database', 'take-over', plan.predictions.takeOverSeconds['rds-instance']]);
    expect(barsOf({ asked: [] }).map(([, , seconds]) => seconds)).toEqual([null, null]);
    const drawn = written(timelinePicture(reportOfIncident({ ...record, asked }, from, [])));
    expect(drawn).toContain('predicted 8 min');
  });

  test('have what leaving a zone was predicted to take beside what it took: from the start of the flow', () => {
    const step = { ...reached, step: 'leave-zone/database', at: at + 150_000 };
    const outcome = {
      ...{ startedAt: at + 30_000, verifiedAt: at + 160_000, executeSeconds: 130 },
      predicted: { recoverySeconds: 180, dataLossSeconds: 0, basis: 'what AWS says', assetSeconds: { database: 120 } },
    };
    const recovery = { ...reached, step: 'record-recovery', at: at + 160_000, outcome };
    const report = reportOfIncident(recordWith({ asked: [], calls: [], steps: [step, recovery] }), from, []);
    expect(report.timeline.lanes.find(({ name }) => name === 'database')?.bars).toMatchObject([
      { from: new Date(at + 30_000).toISOString(), to: new Date(at + 150_000).toISOString(), predictedSeconds: 120 },
    ]);
    expect(report.timeline.predictedAt).toBe(new Date(at + 180_000).toISOString());
    expect(assumption(report, /^The predicted recovery time/)?.state).toBe('held');
    // Nobody was asked, so nobody was shown a loss.
    expect(report.data).toContainEqual(
      expect.objectContaining({
        what: 'The data loss is not larger than the one people were shown',
        state: 'not-tested',
      }),
    );
    expect(reportPage(report, [])).toContain('Predictions use what AWS says.');
    expect(written(timelinePicture(report))).toContain('leave-zone: succeeded, 2 min, predicted 2 min');
  });

  test('can be read back from JSON, and of another version cannot', () => {
    expect(readReport(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
    for (const wrong of [null, [], 'x', {}, { ...whole, version: 2 }, { ...whole, numbers: {} }])
      expect(readReport(wrong)).toBeNull();
  });

  test('a time that is none costs itself alone', () => {
    const { incident } = recordWith();
    const report = reportOfIncident(recordWith({ incident: { ...incident, openedAt: Number.NaN } }), from, []);
    expect(reportPage(report, [])).toContain('<!doctype html>');
  });
});

describe('the page', () => {
  test('has the verdict and the numbers before everything else, and sections in one order', () => {
    const page = reportPage(whole, []);
    const ids = [...page.matchAll(/<(?:section|header) id="([a-z-]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual([
      'verdict',
      'findings',
      'why',
      'not-tested',
      'people',
      'timeline',
      'evidence',
      'ways',
      'approvals',
      'calls',
      'data',
      'users',
      'messages',
      'safety',
      'comparison',
      'cost',
      'gaps',
      'mapping',
    ]);
    expect(page.indexOf('14 min 40 s')).toBeLessThan(page.indexOf('id="why"'));
    for (const { sections } of controls) for (const id of sections) expect(ids).toContain(id);
  });

  test('tells how long answers took as far as somebody measured it, and says where nobody did', () => {
    const [from, to] = ['2026-01-05T09:00:00.000Z', '2026-01-05T09:05:00.000Z'];
    const phase = { from, to, servedPercent: null, requestsPercent: 100, runs: null };
    const phases = [
      { ...phase, phase: 'before' as const, took: { medianMs: 153.4, slowestMs: 1_446 } },
      { ...phase, phase: 'during' as const, took: null },
      { ...phase, phase: 'during' as const, requestsPercent: 0, took: null },
      { ...phase, phase: 'after' as const, took: { medianMs: null, slowestMs: 61.5 } },
    ];
    const page = reportPage({ ...whole, users: { ...whole.users, phases } }, []);
    const cells = [...page.matchAll(/data-label="Latency">([^<]*)</g)].map(([, cell]) => cell);
    expect(cells).toEqual([
      'median 153\u00a0ms, slowest 1.4\u00a0s',
      'not measured',
      'none succeeded',
      'slowest 62\u00a0ms',
    ]);
  });

  test('names as a gap that the record of an incident has no times of answers', () => {
    const runs = { passed: 0, failed: 1 };
    const phase = { phase: 'during' as const, from: at, to: at + 60_000, requestsPercent: 10, runs, took: null };
    const users = { phases: [phase], regions: [region], silent: [], untimed: [region] };
    const gap = `Latency was not measured: the canaries of ${region} reported no times`;
    expect(reportOfIncident({ ...recordWith(), users }, from, []).gaps.join()).toContain(gap);
    const timed = { ...users, phases: [{ ...phase, took: { medianMs: 1, slowestMs: 1 } }], untimed: [] };
    expect(reportOfIncident({ ...recordWith(), users: timed }, from, []).gaps.join()).not.toContain('How long answers');
  });

  test('needs nothing from elsewhere, and no script', () => {
    for (const report of [whole, bare, attacked]) {
      const page = reportPage(report, []);
      expect(page).not.toMatch(/<(script|link|img|iframe|object|embed|base|form|input)\b/i);
      expect(page).not.toMatch(/<[^>]*\s(src|on[a-z]+)=/i);
      expect(page.match(/<style>/g)).toHaveLength(1);
      expect(page).not.toContain('url(');
      expect(page).not.toContain('@import');
    }
  });

  test('of a part with nothing to say gives the reason in a line', () => {
    const page = reportPage(bare, []);
    for (const line of [
      'Nothing was decided yet.',
      'Nobody was asked: nothing needed an approval.',
      'the record has no call that changes something',
      'The record does not hold the texts of messages.',
      'No earlier report of zone failure',
      'not known',
    ])
      expect(page).toContain(line);
    expect(page).not.toMatch(/\b(undefined|NaN|null)\b/);
  });

  test('tells a call that is made again and again once, with how often and until when', () => {
    const [call] = recordWith().calls;
    const calls = [0, 60, 120].flatMap((seconds) => (call === undefined ? [] : [{ ...call, at: at + seconds * 1000 }]));
    const page = unbroken(reportPage(reportOfIncident(recordWith({ calls }), from, []), []));
    expect(page).toContain('03:00:00 UTC</span>, 3 times until <span class="num">03:02:00 UTC');
    expect(page.match(/<code>rds:RebootDBInstance<\/code>/g)).toHaveLength(1);
  });

  test('escapes whatever comes from events, people and the record', () => {
    const page = reportPage(attacked, [{ ...earlierOf(attacked, null), id: attack }]);
    expect(page).not.toContain('<script');
    expect(page).not.toMatch(/<img|<h1>owned|<!--|\u202e/);
    expect(page).not.toContain('\u0000');
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    // Every tag is one of the page's own.
    const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag));
    const own = new Set(
      [
        ...reportPage({ ...ofDrill('x', 1), messages: attacked.messages }, [earlierOf(whole, './a.html')]).matchAll(
          /<\/?([a-z0-9]+)/gi,
        ),
      ].map(([, tag]) => tag),
    );
    for (const tag of ['br', 'b']) own.add(tag);
    expect([...tags].filter((tag) => !own.has(tag))).toEqual([]);
    const list = indexPage({
      ...{ title: attack, lead: attack, none: attack },
      reports: [listedOf(attacked, './x.html')],
      without: [{ what: attack, why: attack }],
    });
    expect(list).not.toMatch(/<script|<img|<h1>owned/);
  });

  test('sets earlier reports beside this one, oldest first', () => {
    const earlier = [1, 2, 3].map((seed) => ({
      ...earlierOf(ofDrill('az-outage', seed), `./az-outage-${seed}.html`),
      recoverySeconds: seed * 60,
    }));
    const page = reportPage({ ...ofDrill('az-outage', 4) }, earlier);
    expect(page).toContain('<a href="./az-outage-1.html">az-outage-1</a>');
    expect(page).toContain('Recovery time of 4 reports: median 2 min, longest 14 min 40 s.');
    expect(page).toContain('az-outage-4 (this report)');
  });
});

describe('for people', () => {
  test.for([
    ['fence/database', 'fence/database'],
    ['take-over/settings-of-all', 'take-<wbr>over/<wbr>settings-<wbr>of-<wbr>all'],
    ['elasticache:FailoverGlobalReplicationGroup', 'elasticache:<wbr>Failover<wbr>Global<wbr>Replication<wbr>Group'],
    ['moved to use1-az2, and stays', 'moved to <span class="whole">use1-az2</span>, and stays'],
    ['us-east-1 and az-outage-1', '<span class="whole">us-east-1</span> and az-outage-1'],
    ['a'.repeat(40), `${'a'.repeat(16)}<wbr>${'a'.repeat(16)}<wbr>${'a'.repeat(8)}`],
    ['', ''],
  ] as const)('a name breaks at its parts and never inside a word: %s', ([text, parts]) => {
    expect(written(inParts(text))).toBe(parts);
    expect(unbroken(written(inParts(text)))).toBe(text);
  });

  test('a time has no milliseconds, and a value is said to be one', () => {
    expect(toRead('2026-01-05T09:07:12.417Z users fail, seen from eu-west-1 (0)')).toBe(
      '2026-01-05 09:07:12 UTC users fail, seen from eu-west-1, measured: 0',
    );
    expect(toRead('traffic left use1-az1 (autoshift)')).toBe('traffic left use1-az1 (autoshift)');
    expect(inUnits('region-dark, for 3600 s')).toBe('region-dark, for 1 h');
  });

  test('a number and its unit stay in one line of the verdict', () => {
    expect(reportPage(whole, [])).toContain(
      'after 14\u00a0min 40\u00a0s, and at most 31\u00a0s of data was lost.</h1>',
    );
  });
});

describe('the picture', () => {
  test('has what is known of steps, and a point where only their end is', () => {
    const text = written(timelinePicture(whole));
    expect(text).toContain('leave-zone');
    expect(text).toContain('served after 14 min 40 s');
    expect(text).toContain('predicted 21 min');
    expect(text).toContain('After the end of this picture: MTTR 2 h, RTO 4 h');
  });

  test('begins with the first evidence of an incident, with the fault of a drill, and just begins where nothing was broken', () => {
    const beginningOf = (report: Report) =>
      />(first evidence|fault|beginning)<\/text>/.exec(written(timelinePicture(report)))?.[1];
    const broken = { ...whole.why, faults: ['a database fails over'] };
    expect(beginningOf(whole)).toBe('first evidence');
    expect(beginningOf({ ...whole, id: 'drill-1', why: broken })).toBe('fault');
    expect(beginningOf({ ...whole, id: 'drill-1', incident: null })).toBe('beginning');
  });

  test('marks what the recovery waited for, one after the other', () => {
    const bar = (name: string, from: number | null, to: number | null) => ({
      ...{ name, from, to, attempts: null },
      outcome: 'succeeded' as const,
    });
    const lanes = [
      { name: 'Users', bars: [bar('not served', 0, 100_000)] },
      { name: 'Flow', bars: [bar('lock', 0, 10_000), bar('verify', 90_000, 100_000), bar('watch', 100_000, 900_000)] },
      { name: 'database', bars: [bar('take-over', 10_500, 89_000)] },
      { name: 'cache', bars: [bar('take-over', 10_500, 30_000), bar('unknown', null, 50_000)] },
    ];
    expect([...criticalPath(lanes, 100_000)].map(({ name, to }) => `${name} ${to}`)).toEqual([
      'verify 100000',
      'take-over 89000',
      'lock 10000',
    ]);
  });
});

test('what a step reached is told in words, with times and durations', () => {
  const outcome = { fenced: false, fencedAt: at, waitSeconds: 95, notes: ['a', null], more: { region }, none: [] };
  expect(outcomeWords(outcome)).toBe(
    'fenced: no; fencedAt: 2026-11-03T03:00:00.000Z; waitSeconds: 1 min 35 s; notes: a, not known; more: (region: us-east-1); none: none',
  );
  expect(outcomeWords({})).toBe('reached');
  expect(outcomeWords({ text: 'x'.repeat(2_000) }).length).toBeLessThan(700);
});

test('where a role moved the report says how long no other region could have taken over, and what a way home undoes', () => {
  const { steps } = recordWith();
  const last = steps.at(-1) ?? expect.fail('nothing was recorded');
  const moved = (change: object) => ({
    ...last,
    outcome: { ...last.outcome, from: region, to: 'us-west-2', ...change },
  });
  const unprotected = (...more: (typeof steps)[number][]) =>
    reportOfIncident(recordWith({ steps: more }), from, []).clocks.find(({ name }) => name === 'Unprotected');
  expect(unprotected(moved({ mode: 'failover' }))).toEqual({
    name: 'Unprotected',
    seconds: null,
    how: `first evidence until ${region} was ready to take over again`,
  });
  const still = reportPage(reportOfIncident(recordWith({ steps: [moved({ mode: 'failover' })] }), from, []), []);
  expect(still).toContain(`<dd>still (first evidence until ${region} was ready to take over again`);
  const covered = { ...last, step: 'covered', outcome: { unprotectedSeconds: 10_120 } };
  const undoes = { execution: 'the-failover', incident: 'the-incident' };
  const home = unprotected(moved({ mode: 'switchover', undoes }), covered);
  expect(home?.seconds).toBe(10_120);
  expect(home?.how).toContain('; undoes the-failover (incident the-incident)');
  expect(unprotected(moved({ mode: 'restore' }))).toBeUndefined();
});

describe('of an incident that lasts for years', () => {
  const year = 365 * 86_400_000;
  const { incident, steps } = recordWith();
  const late = { ...(steps.at(-1) ?? expect.fail('nothing was recorded')), at: at + 3 * year };
  const outcome = { ...late.outcome, verifiedAt: at + 3 * year };
  const record = recordWith({
    incident: { ...incident, closedAt: at + 3 * year + 60_000 },
    steps: [...steps.slice(0, -1), { ...late, outcome }],
  });
  const report = reportOfIncident(record, from, []);

  test('the words above the picture stand below each other, and those below it beside each other', () => {
    const picture = written(timelinePicture(report));
    const heads = [...picture.matchAll(/<text class="(?:objective|predicted)-text" x="([^"]+)" y="([^"]+)"/g)];
    expect(heads.length).toBeGreaterThan(2);
    expect(new Set(heads.map(([, , y]) => y)).size).toBe(heads.length);
    const ticks = [...picture.matchAll(/x="([\d.]+)" y="[^"]+" text-anchor="(start|middle|end)">([^<]+)</g)]
      .filter(([, , , text = '']) => text === 'first evidence' || /^\d+ d/.test(text))
      .map(([, x, anchor, text = '']) => {
        const long = text.length * 6;
        const start = Number(x) - (anchor === 'start' ? 0 : anchor === 'end' ? long : long / 2);
        return { text, start, stop: start + long };
      })
      .sort((a, b) => a.start - b.start);
    expect(ticks.length).toBeGreaterThan(3);
    for (const [index, { text, stop }] of ticks.entries()) {
      expect(stop, text).toBeLessThanOrEqual(960);
      expect(ticks[index + 1]?.start ?? 961, text).toBeGreaterThan(stop);
      expect(text).toMatch(/^(first evidence|\d+ d)$/); // whole days, and no odd hours
    }
  });

  test('a time of another day has its day', () => {
    const page = reportPage(report, []);
    expect(page).toContain('2029-11-02 03:00:00 UTC</span> <strong>record-failover</strong>');
    expect(page).toContain('<span class="num">03:03:20 UTC</span>');
  });
});

test('an incident that is over, and about which nothing was decided or done, is said to be one', () => {
  const { incident } = recordWith();
  const record = recordWith({ incident: { ...incident, decisions: [] }, asked: [], steps: [], calls: [] });
  const { verdict, silent } = reportOfIncident(record, from, []);
  expect(verdict.state).toBe('not-known');
  expect(verdict.line).toContain('Nothing was decided or done.');
  expect(silent['decisions']).toBe('Nothing was decided.');
});

test('where no recovery is known there is no plot of recoveries: red columns of nothing would say that all failed', () => {
  const unknown = { ...earlierOf(bare, './b.html'), restoreSeconds: 60 };
  expect(written(plotOf([unknown], null))).toBe('');
  expect(reportPage(bare, [unknown])).not.toContain('class="plot"');
});

test.for([1, 20, 207, 2_000])('a plot of %d reports has a column for each, inside the picture', (count) => {
  const all = Array.from({ length: count }, (_, index) => ({ id: `drill-${index}`, recoverySeconds: index + 1 }));
  const columns = [...written(plotOf(all, null)).matchAll(/ x="([-\d.e]+)" y="[^"]+" width="([-\d.e]+)"/g)];
  expect(columns).toHaveLength(count);
  for (const [, x, width] of columns) {
    expect(Number(width)).toBeGreaterThan(0);
    expect(Number(x) + Number(width)).toBeLessThanOrEqual(960);
  }
});
