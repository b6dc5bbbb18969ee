// What people read when they are asked, reminded and told: nothing is left out, and nothing is raw data.
import { describe, expect, test } from 'vitest';
import { day } from '../../../../functions/domain/page/page-times.ts';
import type { ApprovalRequest, Incident } from '../../../../functions/domain/types.ts';
import { type About, type Addressee, messageTo } from '../../../../functions/domain/words/approval-words.ts';
import { flowMessage } from '../../../../functions/domain/words/flow-words.ts';
import { assessed } from '../../../assessed.ts';
import { plan } from '../../../plan.ts';
import { at, request as sample } from '../../../store/samples.ts';
import { openIncident, regionIncident } from '../../setting.ts';

const { bounds, ...assessment } = assessed(
  {
    target: 'us-east-1',
    standby: 'us-west-2',
    mode: 'failover',
    plan: 'a1b2',
    now: at + 240_000,
    since: at,
    aliveAt: at - 20_000,
    writesEndedAt: at,
    over: false,
    called: [],
    fenced: [],
    databases: [
      {
        asset: 'database',
        replica: { status: 'available', isReplica: true, replicating: false },
        lag: { at: at - 30_000, lagSeconds: 2 },
      },
    ],
    writers: [{ asset: 'database', status: undefined }],
    caches: [{ asset: 'cache', datastore: 'ldgnf-chatops', member: true }],
    clusters: [{ cluster: 'chatops-dr', warm: true }],
    pageAnswers: true,
    takingOver: {
      region: 'us-west-2',
      incident: { id: 'incident-7', level: 2, place: 'usw2-az1', since: at - 60_000, reason: 'zone usw2-az1 failed' },
      controlPlanes: ['rds', 'ec2'],
    },
  },
  plan,
);
const shown = {
  ...assessment,
  reason: 'region us-east-1 failed',
  standby: 'us-west-2',
  mode: 'failover',
  changed: null,
};
const request: ApprovalRequest = { ...sample, ...bounds, shown };

const dba: Addressee = { asked: true, role: 'dba', link: 'https://page.example/r/link' };
const incident: Incident = { ...openIncident, level: 3, openedAt: at - 300_000 };
const asked: About = { news: 'asked' };
const mailOf = (change: Partial<ApprovalRequest> = {}, addressee: Addressee = dba, about: About = asked) =>
  messageTo(addressee, about, { ...request, ...change }, incident, 'prod');

describe('the request', () => {
  const { subject, body } = mailOf();

  test('answers in this order what is needed, what happened, what is done and what follows', () => {
    const heads = body.split('\n').filter((line) => /^[A-Z ]{4,}$/.test(line));
    expect(heads).toEqual(['WHAT IS NEEDED FROM YOU', 'WHAT HAPPENED', 'WHAT IS BEING DONE', 'WHAT FOLLOWS', 'MORE']);
    expect(body.split('\n').slice(0, 4)).toEqual([
      'WHAT IS NEEDED FROM YOU',
      'Answer by 04:00 UTC (1 h left): May us-east-1 be given up, so that us-west-2 takes over?',
      'Your own page, for dba only. Opening the page changes nothing:',
      'https://page.example/r/link',
    ]);
  });

  test('has its names and numbers of things in its last line, and in what is typed', () => {
    const [last = '', ...others] = body.split('\n').toReversed();
    expect(last).toContain(`request ${request.id}`);
    expect(others.filter((line) => line.includes(request.id) && !line.startsWith('  npm run'))).toEqual([]);
  });

  test('fits a phone and says what is asked for', () => {
    expect(subject).toBe('[Breakwater] Approve or reject by 04:00 UTC: failover of us-east-1 to us-west-2');
    const told = mailOf({}, { asked: false, role: 'on-call' });
    expect(told.subject).toBe(
      '[Breakwater] For information: approval is asked for: failover of us-east-1 to us-west-2',
    );
    expect(told.body).toContain('You are told as on-call and are not asked to approve.');
    expect(told.body).not.toContain('npm run');
    expect(body).toContain('Nothing has been changed yet.');
  });

  test.for([
    ['why', 'Region us-east-1 failed.'],
    ['how long users have been down', 'Users of us-east-1 went down at 02:59 UTC (less than a minute ago).'],
    ['the evidence', 'replica lag: 2 s, measured 10 s before the last successful user request'],
    [
      'that the region that takes over has an incident of its own',
      'us-west-2 has an open incident of its own, incident-7, since 3 Nov 2026, 02:59 UTC: level 2, zone failure in usw2-az1: zone usw2-az1 failed.',
    ],
    ['which of its control planes fail', 'Control planes of us-west-2 do not answer: rds, ec2.'],
    ['the predicted time, by the clock', 'If people approve now, users are served again at about 03:11 UTC.'],
    ['the predicted loss', 'the writes of the last 32 s before the failure'],
    ['how far an approval holds', 'If the loss would exceed 1 min 32 s, we stop'],
    ['what is not fenced', 'NOT FENCED: us-east-1'],
    [
      'what else there is',
      'Not offered: Restore the latest snapshot in us-west-2 (database). The plan does not say what a restore in us-west-2 needs.',
    ],
    ['what happens when nothing is done', 'Instead: Wait for us-east-1. Nothing is changed'],
    ['who is asked and how many are needed', '2 of dr-coordinator, infra-lead, dba must approve'],
    [
      'when it expires, and what happens then',
      'Without enough approvals by 04:00 UTC, nothing is changed: us-east-1 keeps its role',
    ],
    ['where to read on', 'docs/runbook.md#request-approval'],
  ] as const)('says %s', ([, words]) => {
    expect(body).toContain(words);
  });

  test('has no raw data in it', () => {
    expect(body).not.toMatch(/[{}[\]]|undefined|null/);
  });

  test('says what changed when people are asked again', () => {
    const again = mailOf({ shown: { ...shown, changed: 'us-east-1 can not be fenced any more' } });
    expect(again.body).toContain('The earlier approval no longer holds: us-east-1 can not be fenced any more.');
    expect(body).not.toContain('asked again because');
  });

  test('says that a loss is not known, and that nothing is lost', () => {
    const unknown = { ...shown, predicted: { recoverySeconds: 600, dataLossSeconds: null } };
    const blind = mailOf({ lossCeilingSeconds: null, shown: unknown });
    expect(blind.body.match(/NOT KNOWN/g)).toHaveLength(2);
    const planned = { mode: 'switchover', unfenced: [], lossCeilingSeconds: 0 } as const;
    const calm = mailOf({ ...planned, shown: { ...shown, mode: 'switchover', unfenced: [] } });
    expect(calm.body).toContain('No data is lost');
    expect(calm.body).toContain('Breakwater can close (fence) everything that takes writes now.');
  });

  test.for([
    [
      'each has its own',
      { database: 32, orders: 7_200 },
      { database: 92, orders: 7_260 },
      [
        'For each asset: database 32 s, orders 2 h.',
        'If the loss would exceed 1 min 32 s of database or 2 h 1 min of orders, we stop and ask again.',
      ],
    ],
    [
      'of one nobody knows it',
      { database: 32, orders: null },
      { database: 92, orders: null },
      [
        'For each asset: database 32 s, orders NOT KNOWN.',
        'exceed 1 min 32 s of database, we stop and ask again. The data loss of orders is NOT KNOWN: an approval allows any loss there.',
      ],
    ],
    [
      'of none anybody knows it',
      { database: null, orders: null },
      { database: null, orders: null },
      [
        'For each asset: database NOT KNOWN, orders NOT KNOWN.',
        'The data loss is NOT KNOWN: an approval allows any loss.',
      ],
    ],
  ] as const)(
    'of two databases says what may be lost of each: %s',
    ([, assetLossSeconds, assetCeilingSeconds, said]) => {
      const most = (all: Readonly<Record<string, number | null>>) => {
        const known = Object.values(all).filter((seconds) => seconds !== null);
        return known.length < 2 ? null : Math.max(...known);
      };
      const predicted = { recoverySeconds: 600, dataLossSeconds: most(assetLossSeconds), assetLossSeconds };
      const change = {
        assetCeilingSeconds,
        lossCeilingSeconds: most(assetCeilingSeconds),
        shown: { ...shown, predicted },
      };
      const { body: told } = mailOf(change);
      for (const words of said) expect(told).toContain(words);
      expect(body).not.toContain('For each asset');
    },
  );

  test('whose evidence is damaged is still readable', () => {
    const damaged = mailOf({
      shown: { reason: 'x', standby: 'us-west-2', predicted: 7, replica: 'y' },
    });
    expect(damaged.body).toContain('not known');
  });
});

test('the reminder says who has not answered and how much time is left', () => {
  const waiting = { answered: ['dba'], silent: ['infra-lead', 'dr-coordinator'], now: at + 2_700_000 };
  const { subject, body } = mailOf({}, { ...dba, role: 'infra-lead' }, { news: 'reminder', ...waiting });
  expect(subject).toBe('[Breakwater] STILL NEEDED: Approve or reject by 04:00 UTC: failover of us-east-1 to us-west-2');
  expect(body).toContain('Answer by 04:00 UTC (15 min left)');
  expect(body).toContain(
    'People were asked 45 min ago. Approved: dba. Not answered: infra-lead, dr-coordinator. In all, 2 must approve.',
  );
  expect(body).toContain('NOT FENCED: us-east-1');
  // Each minute without an answer comes on top.
  expect(body).toContain('at about 03:56 UTC.');
  const nobody = mailOf({}, dba, { news: 'reminder', ...waiting, answered: [], now: at + 900_000 });
  expect(nobody.body).toContain('Approved: nobody.');
});

test('who is called because others do not answer is told whom to reach, until when', () => {
  const waiting = { answered: [], silent: ['dba', 'infra-lead'], now: at + 2_700_000 };
  const { subject, body } = mailOf(
    {},
    { asked: false, role: 'app-lead' },
    {
      news: 'no-answer',
      reach: '@dba (dba) or @lead (infra-lead)',
      ...waiting,
    },
  );
  expect(subject).toBe('[Breakwater] NO ANSWER from dba, infra-lead: failover of us-east-1 to us-west-2');
  expect(body.split('\n')[1]).toBe(
    'Reach @dba (dba) or @lead (infra-lead) by 04:00 UTC (15 min left): they were asked and have not answered.',
  );
});

describe('how it ended', () => {
  const told = (occasion: 'no-way' | 'not-approved' | 'dry-run', facts: object) =>
    flowMessage(occasion, regionIncident, { ...facts }, 'Evidence: e-1.').body;

  test.for([
    ['rejected', 'one rejection is enough'],
    ['expired', 'no answer means no'],
    ['void', 'The request is void: the flow that asked has ended, and no answer counts any more.'],
  ] as const)('%s', ([answer, words]) => {
    expect(told('not-approved', { answer, round: 1 })).toContain(words);
    expect(told('not-approved', { answer, round: 2 })).toContain('(request 2)');
  });

  test('no way says everything that speaks against it, and predicts nothing', () => {
    const body = told('no-way', { ...assessment, offered: false, why: 'replication was broken' });
    expect(body).toContain('No safe way: replication was broken.');
    expect(body).not.toContain('predicted');
    expect(body).not.toMatch(/[{}]/);
  });

  test('a dry run says what people would be asked', () => {
    expect(told('dry-run', { ...assessment, bounds })).toContain('Predicted data loss');
  });
});

describe('once something was promoted', () => {
  const since = at - 60_000;
  const asking = (goingOn: object | null, begun = true) =>
    mailOf({ shown: { ...shown, begun, promoted: ['database'], goingOn } });

  test('the request asks the other question, with figures', () => {
    const { subject, body } = asking({ since, atMostSeconds: 300 });
    expect(subject).toBe(
      '[Breakwater] Approve or reject by 04:00 UTC: go on, or stay? failover of us-east-1 to us-west-2',
    );
    for (const text of [
      'Go on to us-west-2, or stay in us-east-1? database was promoted in us-west-2 already.',
      'The flow has begun, and waits for this answer.',
      `To go on loses what us-east-1 took since ${day(since)}: at most 5 min of writes. How many writes that are is NOT KNOWN: only its data can say.`,
      'To stay throws the promoted copy of database in us-west-2 away',
      'nothing more is changed: the flow is paused, keeps its lock, and people are told.',
    ])
      expect(body).toContain(text);
    expect(body).not.toMatch(/May us-east-1 be given up|Nothing has been changed|keeps its role/);
  });

  test('what is not known is said to be so', () => {
    expect(asking({ since: null, atMostSeconds: null }).body).toContain(
      'To go on loses what us-east-1 took since a time that is NOT KNOWN: how many seconds of writes is NOT KNOWN.',
    );
  });

  test('who does not answer is reminded of what both answers cost', () => {
    const told = { shown: { ...shown, begun: true, promoted: ['database'], goingOn: { since, atMostSeconds: 300 } } };
    const { body } = mailOf(told, dba, { news: 'reminder', answered: [], silent: ['dba'], now: at });
    expect(body).toContain('To go on loses what us-east-1 took since');
    expect(body).toContain('To stay throws the promoted copy of database');
  });

  test('a flow that has fenced and promoted nothing asks the first question, and says that it has begun', () => {
    const { body } = asking(null);
    expect(body).toContain('May us-east-1 be given up, so that us-west-2 takes over?');
    expect(body).toContain('The flow has begun, and waits for this answer.');
    expect(body).toContain('nothing more is changed: the flow is paused');
  });

  test.for([
    [['Database one TAKES WRITES AGAIN.'], 'and waits for this answer. Database one TAKES WRITES AGAIN.'],
    [[], 'and waits for this answer.'],
    ['damaged', 'and waits for this answer.'],
  ] as const)('what was opened while people think is said beside it: %j', ([opened, says]) => {
    const { body } = mailOf({ shown: { ...shown, begun: true, opened } });
    expect(body.split('\n').find((line) => line.includes('The flow has begun, ')) ?? '').toMatch(
      new RegExp(`${says}$`),
    );
  });
});
