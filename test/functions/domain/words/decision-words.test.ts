// Tests of what people read of a decision: what was found and what holds it back, and its evidence as times and values.
import { describe, expect, test } from 'vitest';
import { decide } from '../../../../functions/domain/decision/decide.ts';
import { advance } from '../../../../functions/domain/decision/incident.ts';
import { classify } from '../../../../functions/domain/evidence/classify.ts';
import { factOf } from '../../../../functions/domain/signals/facts.ts';
import { alarmSignal } from '../../../../functions/domain/signals/signals.ts';
import type { Incident, RecordedDecision, Signal, Standing } from '../../../../functions/domain/types.ts';
import {
  type AsItStands,
  decisionMessage,
  evidenceWords,
  type Failing,
  type Holding,
  keptOutMessage,
  notStartedMessage,
  reasonWords,
  stillFailingMessage,
} from '../../../../functions/domain/words/decision-words.ts';
import { usersLine } from '../../../../functions/domain/words/users-words.ts';
import { plan } from '../../../plan.ts';
import { incidentOf, lock } from '../../../store/samples.ts';
import * as saw from '../evidence/sightings.ts';
import { az1, az2, idle, region, after as second } from '../evidence/sightings.ts';
import { asItStands, partsOf } from '../message-parts.ts';

function decided(signals: readonly Signal[], standing: Standing = idle): { incident: Incident; body: string } {
  const found = classify(signals, region, plan, second(900));
  const { incident } = advance(null, found, standing, plan, second(900));
  if (incident === null) throw new Error('nothing was decided');
  const last = incident.decisions.at(-1) as RecordedDecision;
  const { frozen: by, lock } = standing;
  const coolsUntil = last.hold === 'cooling-down' ? second(1_800) : null;
  const known = {
    now: second(900),
    users: found.users,
    frozen: by,
    lock,
    working: null,
    coolsUntil,
    stage: 'prod',
    primary: region,
  };
  return { incident, body: decisionMessage(incident, last, known).body };
}

const frozen: Standing = { ...idle, frozen: { by: 'me', reason: 'work', at: second(0) } };
const measured = (name: string, zone: string, seconds: number, values: number[]) =>
  alarmSignal(
    `chatops-${name}-${zone}`,
    'failing',
    { id: name, at: second(seconds), region, observer: region },
    plan,
    JSON.stringify({ recentDatapoints: values }),
  ) as Signal;

test('a hold says what holds it back, what was found, and its evidence as times and values', () => {
  const zone = [
    measured('database-latency', az1, 0, [0.2, 9.4612]),
    measured('cluster-nodes-notready', az1, 5, [3]),
    saw.alarm('api-5xx', az1, 9),
  ];
  const { body, incident } = decided(zone, frozen);
  expect(incident.decisions.at(-1)).toMatchObject({ action: 'hold', hold: 'frozen', indication: 'zone-lost' });
  expect(body.split('\n')).toEqual(
    expect.arrayContaining([
      'Zone failure in use1-az1, since 03:00 UTC.',
      'Api, cluster, database fail in use1-az1, the other zones are well.',
      'What to look at: docs/runbook.md#zone-lost.',
      'Held back: me froze Breakwater at 03:00 UTC: work.',
      'Evidence:',
      '  03:00 UTC database fails: latency in use1-az1 (the value of its alarm: 9.461)',
      '  03:00 UTC cluster fails: nodes-notready in use1-az1 (the value of its alarm: 3)',
      '  03:00 UTC api fails: 5xx in use1-az1',
    ]),
  );
});

test('of much evidence the first eight are told, and how much more there is', () => {
  const many = Array.from({ length: 30 }, (_, index) => saw.alarm(`api-${index}`, az2, index));
  const names = ['worker', 'cache', 'cluster', 'ingress'].flatMap((name) => [
    saw.alarm(`${name}-status`, az1, 40),
    saw.alarm(`${name}-errors`, az1, 40),
  ]);
  const users = [saw.canary('eu-west-1', 50), saw.canary('us-west-2', 51), saw.heartbeat(52)];
  const { incident } = decided([...many, ...names, ...users]);
  const last = incident.decisions.at(-1) as RecordedDecision;
  expect(last.facts?.length).toBeLessThanOrEqual(8);
  const words = evidenceWords({ evidence: Array.from({ length: 12 }, String), facts: ['a', 'b'] }, shownBy);
  expect(words).toBe(`Evidence:\n  a\n  b\n  and 10 more. ${toSee}`);
});

const shownBy = { incident: 'incident-1', stage: 'prod' };
const toSee = 'To see them: npm run report -- incident-1 --stage prod';

test('a record without words is told by how many signals it rests on, and without evidence as none', () => {
  expect(evidenceWords({ evidence: ['e-1', 'e-2'] }, shownBy)).toBe(`Evidence: 2 signals. ${toSee}`);
  expect(evidenceWords({ evidence: [] }, shownBy)).toBe('Evidence: none recorded.');
});

test('an observer that fails alone is not told as users who fail', () => {
  const { body } = decided([saw.canary('eu-west-1', 0)]);
  expect(body).toContain('The canary in eu-west-1 fails alone.');
  expect(body).not.toContain('Users fail');
  expect(decided([saw.canary('eu-west-1', 0), saw.canary('us-west-2', 9), saw.probe('ec2', 0)]).body).toContain(
    'Users fail, as seen from eu-west-1, us-west-2',
  );
});

test('a reason is told with what holds it back, where something does', () => {
  const found = classify([saw.canary('us-west-2', 0), saw.heartbeat(0)], region, plan, second(900));
  const held = decide(found, idle, plan, second(900));
  expect(held.reason).not.toContain('evidence-incomplete');
  expect(reasonWords(held)).toBe(`${held.reason} (held: evidence-incomplete)`);
  expect(reasonWords({ reason: 'x' })).toBe('x');
});

test.for([
  [saw.alarm('api-5xx', az1, 0, 'unknown'), 'api gives no data: 5xx in use1-az1'],
  [saw.alarm('api-5xx', null, 0, 'healthy'), null],
  [saw.alarm('api-5xx', null, 0, 'gone'), null],
  [saw.canary('eu-west-1', 0), 'users fail, seen from eu-west-1'],
  [saw.canary('eu-west-1', 0, 'unknown'), 'the canary in eu-west-1 gives no data'],
  [saw.probe('ec2', 0), 'AWS service ec2 does not answer'],
  [saw.probe('ec2', 0, 'unknown'), 'the probe of AWS service ec2 gives no data'],
  [saw.probeRun(0, ['ec2', 'rds']), 'AWS services do not answer, asked from us-west-2: ec2, rds'],
  [saw.probeRun(0), null],
  [saw.heartbeat(0), 'the heartbeat is missing'],
  [saw.replica(0, 'unknown'), 'the lag of the replica is not known'],
  [saw.autoshift(az1, 0), 'traffic left use1-az1 (autoshift)'],
  [saw.database('other', 0), null],
  [saw.beat(0), null],
] as const)('of a signal people read: $1', ([signal, words]) => {
  expect(factOf(signal)).toBe(words === null ? null : `2026-11-23T03:00:00.000Z ${words}`);
});

test('as much evidence as there is words for is told without a number', () => {
  expect(evidenceWords({ evidence: ['1', '2'], facts: ['a', 'b'] }, shownBy)).toBe('Evidence:\n  a\n  b');
});

const now = second(900);
const opened = incidentOf({ openedAt: second(0) });
const zone: RecordedDecision = {
  ...{ action: 'hold', reason: 'zone use1-az1 failed', at: second(600), level: 2, evidence: [], causes: [] },
  ...{ scope: { region, zone: az1 }, attempt: 1, execution: null },
};
const here: RecordedDecision = { ...zone, scope: { region, zone: null } };
const standing = asItStands(now, region);
const me = { by: 'me', reason: 'work', at: second(0) };
const told = (decision: Partial<RecordedDecision>, of: Partial<AsItStands> = {}) => {
  const message = decisionMessage(opened, { ...zone, ...decision }, { ...standing, ...of });
  const { happened, ...parts } = partsOf(message);
  return { subject: message.subject, thread: message.thread, happened: happened.slice(1), ...parts };
};

test.for([
  ['hold', 1, 'warning', 'open'],
  ['hold', 2, 'error', 'open'],
  ['request-approval', 3, 'critical', 'open'],
  ['hold', 'unknown', 'error', 'open'],
  ['none', 0, 'error', 'over'],
] as const)('a decision of %s at level %s calls people as %s, and is %s', ([action, level, severity, state]) => {
  expect(told({ action, level }).thread).toEqual({ incident: 'incident-1', severity, state });
});

describe('what is held back', () => {
  const anyway = ['Breakwater does nothing until that changes. You can act yourself.'];
  const readWhy = ['Read why Breakwater holds, then decide what to do: docs/runbook.md#hold.'];
  const moves = 'If this still fails then, Breakwater moves out of use1-az1 by itself.';
  const holder = 'The flow that holds the region: execution-1.';

  test('by a freeze of which nobody knows more is told as a freeze, without a name', () => {
    const said = told({ hold: 'frozen' });
    expect(said.subject).toBe('[Breakwater] zone failure in use1-az1: held, nothing is being done');
    expect(said.needed).toEqual(readWhy);
    expect(said.done).toEqual([
      'Breakwater does nothing about use1-az1. Decided at 03:10 UTC.',
      'Held back: a person has frozen Breakwater.',
      'The freeze has no end by itself: it lasts until a person ends it.',
    ]);
    expect(said.follows).toEqual([
      `Within a minute of the unfreeze Breakwater decides again. ${moves} Without the unfreeze nothing is done.`,
    ]);
  });

  test('by a freeze that is known asks whether it still holds', () => {
    const said = told({ hold: 'frozen' }, { frozen: me });
    expect(said.subject).toBe('[Breakwater] zone failure in use1-az1: Breakwater is FROZEN, nothing is being done');
    expect(said.needed).toEqual([
      'Breakwater is FROZEN and does nothing for users. Decide whether the freeze is still needed: docs/runbook.md#freeze. To end it:',
      '  npm run unfreeze',
    ]);
    expect(said.done[1]).toBe('Held back: me froze Breakwater at 03:00 UTC: work.');
  });

  test('by something else is not told as frozen, although a freeze, a lock and a cooldown stand', () => {
    const all = { frozen: me, lock, coolsUntil: second(1_800) };
    const said = told({ hold: 'observe-only' }, all);
    expect(said.subject).toBe('[Breakwater] zone failure in use1-az1: held, nothing is being done');
    expect(said.needed).toEqual(readWhy);
    expect(said.done.slice(1)).toEqual([
      'Held back: in plan.yml the mode of this level is observe.',
      'This lasts until somebody changes the mode in plan.yml and deploys it.',
    ]);
    expect(said.follows).toEqual(anyway);
    expect(said.more).toEqual(['Evidence: none recorded.', 'Incident incident-1, level 2.']);
  });

  test('by evidence of half a story names the line that leaves it, and of a region without users none', () => {
    const unsure = { hold: 'evidence-incomplete', level: 'unknown' } as const;
    expect(told(unsure).needed[1]).toBe('  npm run failover -- --zone use1-az1 --reason "<why>" --stage prod');
    const away = told(unsure, { primary: 'us-west-2' }).needed;
    expect(away).toHaveLength(1);
    expect(away[0]).toContain(`${region} is not the primary: a start by hand would move users out of us-west-2.`);
    const unread = told(unsure, { primary: 'unknown' }).needed;
    expect(unread).toHaveLength(1);
    expect(unread[0]).toContain('Which region serves users is NOT KNOWN');
  });

  test('by a cooldown is told by its end', () => {
    const said = told({ hold: 'cooling-down' }, { coolsUntil: second(1_800) });
    expect(said.needed).toEqual([
      'Find out why it fails. Breakwater decides again only after 03:30 UTC. To act sooner (docs/runbook.md#start-by-hand):',
      '  npm run failover -- --zone use1-az1 --reason "<why>" --stage prod',
    ]);
    expect(said.done[2]).toBe('The cooldown ends at 03:30 UTC.');
    expect(said.follows).toEqual([
      `Within a minute of 03:30 UTC Breakwater decides again. ${moves} Until then nothing is done, unless a person acts.`,
    ]);
  });

  test.for([
    ['in a region that is not the primary', { level: 3, scope: { region, zone: null } }, { primary: 'us-west-2' }],
    ['where nobody knows the primary', { level: 3, scope: { region, zone: null } }, { primary: 'unknown' }],
  ] as const)('by a cooldown %s has no line that moves users', ([, decision, known]) => {
    const said = told({ hold: 'cooling-down', ...decision }, { coolsUntil: second(1_800), ...known });
    expect(said.needed).toEqual(['Find out why it fails. Breakwater decides again only after 03:30 UTC.']);
    expect(said.subject).toMatch(/nothing is done until 03:30 UTC$/);
  });

  test('by a cooldown of a region that is lost has the line that asks about it', () => {
    const lost = { hold: 'cooling-down', level: 3, scope: { region, zone: null } } as const;
    const said = told(lost, { coolsUntil: second(1_800) });
    expect(said.needed[1]).toBe('  npm run failover -- --reason "<why>" --stage prod');
  });

  test('by a cooldown of which nobody knows the end says that', () => {
    const said = told({ hold: 'cooling-down' });
    expect(said.needed).toEqual(readWhy);
    expect(said.done[2]).toBe('When the cooldown ends is NOT KNOWN.');
    expect(said.follows).toEqual(anyway);
  });

  describe('while a flow works on the region', () => {
    const working = {
      execution: 'execution-1',
      where: ['The flow is taking over database (since 03:05 UTC).'],
      pausedAt: null,
      stoppedAt: [],
    };
    const known = { lock, working };
    const unsure = { hold: 'evidence-incomplete', level: 'unknown', scope: here.scope } as const;

    test('nobody reads that nothing is done, or how to start another', () => {
      const said = told(unsure, known);
      expect(said.subject).toBe(`[Breakwater] evidence incomplete in ${region}: a flow works on the region, check it`);
      expect(said.needed).toEqual([
        'Check whether the flow gets further: npm run status. See docs/runbook.md#still-failing.',
      ]);
      expect(said.done[0]).toBe(`Breakwater starts nothing new about ${region}. Decided at 03:10 UTC.`);
      expect(said.done.at(-1)).toBe(working.where[0]);
      expect(said.follows).toEqual(['You hear when the flow gets further, and while users fail.']);
      expect(said.more.at(-1)).toBe(holder);
    });

    test('news of what fails says where the flow is', () => {
      const said = told({ action: 'notify', level: 1 }, known);
      expect(said.needed[0]).toMatch(/^Check whether the flow gets further/);
      expect(said.done.at(-1)).toBe(working.where[0]);
    });

    test('a freeze is told, and that the flow goes on', () => {
      const said = told({ hold: 'frozen', level: 3 }, { ...known, frozen: me });
      expect(said.subject).toMatch(/: Breakwater is FROZEN, a flow works on the region$/);
      expect(said.needed[0]).toMatch(/^Breakwater is FROZEN: it starts nothing new\./);
      expect(said.done).toContain(working.where[0]);
    });

    test('one that is paused, or half aborted, is told as that, and with the line that goes on', () => {
      const paused = told(unsure, { lock, working: { ...working, pausedAt: second(700) } });
      expect(paused.subject).toMatch(/^\[Breakwater\] PAUSED, evidence incomplete/);
      expect(paused.needed[1]).toBe('  npm run resume -- execution-1 --stage prod');
      expect(paused.done).toContain('The flow stopped at 03:11 UTC, and has done nothing since.');
      const aborted = told(unsure, { lock, working: { ...working, aborts: true } });
      expect(aborted.subject).toMatch(/^\[Breakwater\] ABORT NOT FINISHED, evidence incomplete/);
      expect(aborted.needed[1]).toBe('  npm run abort -- execution-1 --stage prod');
    });

    const lost = { hold: 'another-execution-active', level: 3, scope: here.scope } as const;
    const end = '  npm run abort -- execution-1 --stage prod';
    const leaving = '  npm run abort -- execution-1 --leave-fenced --stage prod';
    test.for<[string, Incident['planned'], 2 | 3, Partial<Holding>, string | null, RegExp | null]>([
      [
        'a flow of which nobody knows what it is for',
        undefined,
        3,
        {},
        end,
        /^If it is no failover, end it\. Breakwater then asks/,
      ],
      [
        'one that has closed something',
        undefined,
        3,
        { fences: true },
        leaving,
        /What cannot be opened now stays fenced/,
      ],
      ['one that takes over elsewhere', undefined, 3, { takesOver: true, fences: true }, null, /^Do NOT end it: /],
      ['one beside the loss of a zone', undefined, 2, {}, null, null],
      [
        'a switchover that nobody has approved',
        'switchover',
        3,
        { asks: true },
        leaving,
        /^Wait two minutes: .* gives way if this fails still, unless it is approved first\. Breakwater then asks/,
      ],
      [
        'the same beside a zone',
        'switchover',
        2,
        { asks: true },
        leaving,
        /^Wait two minutes: .* Breakwater then moves out of the zone/,
      ],
      [
        'a switchover that has closed the database',
        'switchover',
        3,
        { fences: true },
        leaving,
        /^If it does not get further, end it\./,
      ],
      [
        'one that promotes',
        'switchover',
        3,
        { takesOver: true, fences: true },
        null,
        /^Do NOT end it: .* would be lost/,
      ],
      [
        'one that cannot open it again',
        'switchover',
        3,
        { fences: true, cannotOpen: true },
        leaving,
        /cannot open it again now/,
      ],
      [
        'a restore that goes on',
        'restore',
        3,
        { fences: true },
        leaving,
        /^The restore keeps users out by itself: .* Only if us-east-1 is lost, end it: a restore in place does not bring it back/,
      ],
      ['a restore beside a zone', 'restore', 2, { fences: true }, end, /^If it does not get further, end it\./],
      [
        'a restore beside a zone that nobody has approved',
        'restore',
        2,
        { asks: true },
        end,
        /^If it does not get further/,
      ],
    ])('%s, planned as %s, beside a loss of level %s', ([, planned, level, flow, line, why]) => {
      const decision = { ...here, ...lost, level };
      const one = { ...opened, ...(planned !== undefined && { planned }), decisions: [decision] };
      const { needed } = partsOf(
        decisionMessage(one, decision, { ...standing, lock, working: { ...working, ...flow } }),
      );
      expect(needed[0]).toMatch(/^Check whether the flow gets further/);
      if (why === null) expect(needed).toHaveLength(1);
      else expect(needed[1]).toMatch(why);
      expect(needed.slice(2)).toEqual(line === null ? [] : [line]);
    });

    test('the loss of the region waits for it, and what is planned by a person has no first sign', () => {
      const plan = { ...opened, planned: 'switchover', decisions: [{ ...here, ...lost }] } as const;
      const gives = decisionMessage(
        plan,
        { ...here, ...lost },
        { ...standing, lock, working: { ...working, asks: true } },
      );
      expect(gives.subject).toMatch(/: the plan gives way unless it is approved$/);
      expect(gives.body).toContain('so it gives way if this fails still, unless it is approved first.');
      expect(gives.body).toContain('Region disaster in us-east-1, found at 03:10 UTC.');
      const restore = decisionMessage({ ...plan, planned: 'restore' }, { ...here, ...lost }, { ...standing, ...known });
      expect(restore.subject).toMatch(/: the restore does not help, end it$/);
      const fenced = { ...standing, ...known, working: { ...working, fences: true } };
      expect(decisionMessage({ ...plan, planned: 'restore' }, { ...here, ...lost }, fenced).subject).toMatch(
        /: a restore goes on, look at the region$/,
      );
      expect(partsOf(restore).follows[0]).toMatch(/^Some minutes after that flow has ended Breakwater decides again/);
    });

    test('what has moved to the other region is moved back first, also where a paused flow is reminded of', () => {
      const moved = { leaves: 'us-east-1', assets: ['cache'], lines: ['the cache was moved'] };
      const paused = { ...working, pausedAt: second(700), moved };
      const said = decisionMessage(opened, { ...here, ...unsure }, { ...standing, lock, working: paused });
      const back = ['- the cache was moved', 'Then type:', end];
      expect(partsOf(said).needed.slice(4, 7)).toEqual(back);
      const ends = decisionMessage(
        opened,
        { ...here, ...unsure },
        {
          ...{ ...standing, lock, working: { ...paused, ends: true } },
        },
      );
      expect(partsOf(ends).needed.slice(2, 5)).toEqual(back);
      const beside = { ...here, ...lost, level: 2 } as const;
      const plan = { ...opened, planned: 'switchover', decisions: [beside] } as const;
      const goesOn = decisionMessage(plan, beside, { ...standing, lock, working: { ...working, moved } });
      expect(partsOf(goesOn).needed.slice(-3)).toEqual(back);
    });

    test('a plan gives way to what it was held for alone, and not to what is unclear', () => {
      const held = { ...here, ...lost };
      const asking = { ...standing, lock, working: { ...working, asks: true } };
      const plan = { ...opened, planned: 'switchover', decisions: [held] } as const;
      const unclear = decisionMessage(plan, { ...here, ...unsure }, asking);
      expect(unclear.subject).toMatch(/: a flow works on the region, check it$/);
      const zone = decisionMessage({ ...plan, planned: 'restore' }, { ...here, ...lost, level: 2 }, asking);
      expect(zone.subject).toMatch(/: another flow goes first, check it$/);
      expect(zone.body).not.toContain('gives way');
    });

    test('a plan whose flow stopped before anybody approved it gives way by itself, and is not resumed', () => {
      const held = { ...here, ...lost };
      const plan = { ...opened, planned: 'switchover', decisions: [held] } as const;
      const stopped = { ...working, asks: true, pausedAt: second(700) };
      const said = decisionMessage(plan, held, { ...standing, lock, working: stopped });
      expect(said.subject).toMatch(/PAUSED, .*: the plan gives way to it$/);
      const { needed } = partsOf(said);
      expect(needed[0]).toMatch(/^Wait two minutes: .* gives way if this fails still\. Breakwater then asks/);
      expect(needed.slice(1)).toEqual([leaving]);
      // Whoever aborts it finishes that: nothing gives way meanwhile.
      const aborting = decisionMessage(plan, held, { ...standing, lock, working: { ...stopped, aborts: true } });
      expect(partsOf(aborting).needed[1]).toBe(end);
    });

    test('a loss of which a failover was asked a short while ago is not waited for', () => {
      // A failover was asked about a short while ago: that it ends begins nothing.
      const cooling = told(lost, { ...known, coolsUntil: second(1_800) });
      expect(cooling.needed).toHaveLength(1);
      expect(cooling.follows[0]).toMatch(
        /^Before 03:30 UTC Breakwater does nothing about this by itself, also if that flow ends/,
      );
      expect(told(lost, { ...known, coolsUntil: now }).follows[0]).toMatch(/^Within a minute of the end of that flow/);
    });

    test('of a region that serves nobody it does nothing', () => {
      const said = told({ hold: 'not-primary', level: 3, scope: here.scope }, known);
      expect(said.subject).toMatch(/: held, nothing is being done$/);
      expect(said.done).not.toContain(working.where[0]);
    });

    test('the end of the incident says nothing of it', () => {
      expect(told({ action: 'none', level: 0 }, known).done).toEqual(['Breakwater does nothing more.']);
    });
  });

  test.for([
    ['az-failover', 'A flow az-failover has'],
    ['request-approval', 'A flow region-failover has'],
    ['notify', 'A flow service-degradation has'],
    ['hold', 'A flow has'],
    ['none', 'A flow has'],
  ] as const)('by the flow of %s names it', ([action, who]) => {
    const said = told({ hold: 'another-execution-active' }, { lock: { ...lock, action, at: second(300) } });
    expect(said.done[2]).toBe(`${who} held the lock since 03:05 UTC. When it gives the lock back is NOT KNOWN.`);
    expect(said.more.at(-1)).toBe(holder);
    expect(said.needed).toEqual([
      'Check whether the other flow gets further: npm run status. If it is paused, correct the cause, then resume it (docs/runbook.md#resume):',
      `  npm run resume -- ${lock.execution} --stage prod`,
    ]);
  });

  test('by a flow of which nobody knows more is told without it', () => {
    const said = told({ hold: 'another-execution-active' });
    expect(said.needed).toEqual([
      'Check whether the other flow gets further: npm run status. If it is paused, correct the cause, then resume it: docs/runbook.md#resume.',
    ]);
    expect(said.done[2]).toBe('This lasts until that flow gives the lock back. When that is, is NOT KNOWN.');
    expect(said.more).toEqual(['Evidence: none recorded.', 'Incident incident-1, level 2.']);
    expect(said.follows).toEqual([
      `Within a minute of the end of that flow Breakwater decides again. ${moves} Until then nothing more is done.`,
    ]);
  });

  test.for([
    [1, 'people are told'],
    [3, 'Breakwater prepares a failover of us-east-1 and asks people to approve it'],
    ['unknown', 'people are told'],
  ] as const)('at level %s says what follows the hold', ([level, then]) => {
    expect(told({ ...here, hold: 'another-execution-active', level }).follows[0]).toContain(
      `If this still fails then, ${then}.`,
    );
  });
});

test('what more fails is looked at by its own section, and by that of a degradation where none is named', () => {
  const look = 'Look at the service (service.healthUrl in plan.yml). See docs/runbook.md#';
  expect(told({ action: 'notify' }).needed).toEqual([`${look}service-degradation.`]);
  expect(told({ action: 'notify', indication: 'components-fail' }).needed).toEqual([`${look}components-fail.`]);
  expect(told({ action: 'notify' }).done).toEqual([
    'Breakwater does nothing about what is new, and starts no flow for it. Decided at 03:10 UTC.',
  ]);
});

test('what was found is looked at where something is decided of it, and names no section where none is known', () => {
  const since = 'Zone failure in use1-az1, since 03:00 UTC.';
  expect(told({}).happened).toEqual([since, 'Zone use1-az1 failed.']);
  expect(told({ indication: 'zone-lost' }).happened[2]).toBe('What to look at: docs/runbook.md#zone-lost.');
  expect(told({ action: 'notify', indication: 'zone-lost' }).happened).toHaveLength(2);
});

test('the end of an incident has no level of what failed, and nothing is left to do', () => {
  expect(told({ ...here, action: 'none', level: 0, reason: 'recovered' })).toEqual({
    subject: '[Breakwater] For information: all well in us-east-1: over',
    thread: { incident: 'incident-1', severity: 'error', state: 'over' },
    needed: ['Nothing.'],
    happened: ['The incident in us-east-1 began at 03:00 UTC, and ended at 03:10 UTC.', 'Recovered.'],
    done: ['Breakwater does nothing more.'],
    follows: ['Nothing is left to do.'],
    more: ['Evidence: none recorded.', 'Incident incident-1.'],
  });
});

describe('while users fail', () => {
  const found: Failing = { reason: 'api fails', since: second(0), usersFail: true, servedAt: null };
  const holding: Holding = {
    execution: 'flow-1',
    where: ['The flow is watching the zone.'],
    pausedAt: null,
    stoppedAt: [],
  };
  const still = (
    failing: Partial<Failing> = {},
    of: Holding | null = holding,
    { decisions = [zone], level = 2, ...more }: Partial<Pick<Incident, 'decisions' | 'level' | 'planned'>> = {},
    by: Standing['frozen'] = null,
  ) => {
    const known = { now, silentSeconds: 900, stage: 'prod', frozen: by };
    const message = stillFailingMessage({ ...opened, decisions, level, ...more }, { ...found, ...failing }, of, known);
    return { subject: message.subject, thread: message.thread, ...partsOf(message) };
  };

  test('and no flow works on it, people are to decide, and are told of no flow', () => {
    expect(still({}, null, { decisions: [], level: 3 })).toEqual({
      subject: '[Breakwater] users still fail in us-east-1, 15 min after the first sign',
      thread: { incident: 'incident-1', severity: 'critical', state: 'open' },
      needed: ['No flow works on it. See why, then decide: npm run status. See docs/runbook.md#still-failing.'],
      happened: [
        usersLine,
        'The incident in use1-az1 has lasted 15 min, since 03:00 UTC.',
        'What fails now: api fails.',
      ],
      done: ['No flow works on it.'],
      follows: ['You hear again in 15 min if users fail then.'],
      more: ['Incident incident-1, level 3 (region disaster).'],
    });
  });

  test('a flow that works on it is named, with what was decided last', () => {
    const { needed, done, more } = still();
    expect(needed).toEqual(['Check whether the flow gets further: npm run status. See docs/runbook.md#still-failing.']);
    expect(done).toEqual([
      'Decided last, at 03:10 UTC: to do nothing. Seen then: Zone use1-az1 failed.',
      'The flow is watching the zone.',
    ]);
    expect(more[1]).toBe('The flow that holds the region: flow-1.');
  });

  test('what held the last decision back is told', () => {
    const { done } = still({}, null, { decisions: [{ ...zone, hold: 'frozen' }] });
    expect(done).toEqual([
      'Decided last, at 03:10 UTC: to do nothing. Seen then: Zone use1-az1 failed.',
      'Held back: a person has frozen Breakwater.',
      'No flow works on it.',
    ]);
  });

  test('a freeze is told with what follows its end, where anything was decided', () => {
    const said = still({}, null, {}, me);
    expect(said.done[0]).toBe('me froze Breakwater at 03:00 UTC: work.');
    expect(said.follows[1]).toBe(
      'Within a minute of the unfreeze Breakwater decides again: if this still fails then, Breakwater moves out of use1-az1 by itself.',
    );
    expect(still({}, null, { decisions: [] }, me).follows).toHaveLength(1);
  });

  test('a restore that goes on while users are served says that', () => {
    const { subject: about, happened, follows } = still({ usersFail: false, servedAt: second(300) });
    expect(about).toBe('[Breakwater] a restore goes on in us-east-1, 15 min after the first sign');
    expect(happened[1]).toBe('The incident in use1-az1 has lasted 15 min, since 03:00 UTC.');
    expect(follows).toEqual(['You hear again in 15 min if the restore still goes on.']);
  });

  test.for([
    [second(600), 'since 03:10 UTC'],
    [second(300), 'some time after 03:05 UTC'],
    [second(0), 'some time after 03:05 UTC'],
    [null, 'some time after 03:05 UTC'],
  ] as const)('users who were served in between fail again: %s is told as %s', ([since, words]) => {
    const said = still({ servedAt: second(300), since });
    expect(said.subject).toBe(`[Breakwater] users fail AGAIN in us-east-1, ${words}`);
    expect(said.happened[1]).toBe(`Users were served at 03:05 UTC. They fail AGAIN, ${words}.`);
  });

  test('a paused flow that does not go on is to be given up, and nothing else', () => {
    const stoppedAt = [{ step: 'Reassess', why: 'it is over', mayBeSkipped: true }];
    expect(still({}, { ...holding, pausedAt: second(600), stoppedAt, ends: true }).needed).toEqual([
      'The flow is paused and does not go on: what it was for is over. Give it up, so that another flow can act (docs/runbook.md#give-up):',
      '  npm run abort -- flow-1 --stage prod',
      'How it all stands: npm run status.',
    ]);
  });

  test('what was restored and waits is no restore that goes on', () => {
    const said = still({ usersFail: false }, { ...holding, pausedAt: second(600) });
    expect(said.subject).toBe(
      '[Breakwater] PAUSED, a restore waits for a person in us-east-1, 15 min after the first sign',
    );
    expect(said.follows[0]).toBe('You hear again in 15 min if it still waits.');
  });

  test('what an earlier flow has left is named where no flow works on it', () => {
    const left = ['ldgnf-chatops was asked to make us-west-2 its primary'];
    const { done } = partsOf(
      stillFailingMessage(opened, { reason: 'x', since: null, usersFail: true, servedAt: null }, null, {
        ...{ now, silentSeconds: 900, stage: 'prod', left },
      }),
    );
    expect(done.slice(-3)).toEqual([
      'No flow works on it.',
      'Earlier flows have left this, unless somebody has undone it since. What of it keeps users from being served, take back (docs/runbook.md#left-behind):',
      `  ${left[0]}`,
    ]);
  });

  test('how the flow is ended that a loss waits for is said each time', () => {
    const lost = { ...here, hold: 'another-execution-active', level: 3 } as const;
    const of = { planned: 'restore', level: 3, decisions: [lost] } as const;
    expect(still({}, holding, of).needed.at(-1)).toBe('  npm run abort -- flow-1 --leave-fenced --stage prod');
    expect(still({}, holding, of).happened.at(-2)).toContain('has lasted 5 min, since 03:10 UTC.');
    // Whatever was decided last: users cannot write.
    expect(still({}, { ...holding, cannotOpen: true }).needed.slice(1)).toEqual([
      expect.stringMatching(/^The flow has closed a database and cannot open it again now/),
      '  npm run abort -- flow-1 --leave-fenced --stage prod',
    ]);
  });

  test('what a person started, and nothing beside it, is told as that', () => {
    const said = still({}, holding, { planned: 'switchover', decisions: [], level: 3 });
    expect(said.subject).toBe('[Breakwater] users fail while a switchover goes on in us-east-1');
    expect(said.happened).toContain('A person started the switchover at 03:00 UTC.');
    expect(said.more[0]).toBe('Incident incident-1.');
  });

  test('an abort that is not finished is to be typed again, whatever else is so', () => {
    const frozen = { by: 'dba', reason: 'migration', at: second(0) };
    const said = still({}, { ...holding, aborts: true }, {}, frozen);
    expect(said.subject).toBe(
      '[Breakwater] ABORT NOT FINISHED, users still fail in us-east-1, 15 min after the first sign',
    );
    expect(said.needed).toEqual([
      'The abort of the flow is not finished, and nothing else may act on us-east-1 until it is. Type it again (docs/runbook.md#give-up):',
      '  npm run abort -- flow-1 --stage prod',
      'If that cannot be done and users need us-east-1 to be left, type this. It ends the flow and keeps the fence, which only you open later. Then a failover can begin (docs/runbook.md#leave-fenced):',
      '  npm run abort -- flow-1 --leave-fenced --stage prod',
      'How it all stands: npm run status.',
    ]);
  });

  test('a paused flow says what to type, and leaves out only what may be left out', () => {
    const step = (name: string, mayBeSkipped: boolean) => ({ step: name, why: 'it is gone', mayBeSkipped });
    const paused = { ...holding, pausedAt: second(600) };
    const said = still({}, { ...paused, stoppedAt: [step('LeaveZone cache', true), step('LeaveZone api', false)] });
    expect(said.subject).toBe('[Breakwater] PAUSED, users still fail in us-east-1, 15 min after the first sign');
    const resume = [
      'The flow is paused and waits for you. Correct the cause (under WHAT IS BEING DONE), then type:',
      '  npm run resume -- flow-1 --stage prod',
    ];
    const abort = [
      'Or give up the flow and its lock (docs/runbook.md#give-up):',
      '  npm run abort -- flow-1 --stage prod',
      'See docs/runbook.md#pause. How it all stands: npm run status.',
    ];
    expect(said.needed).toEqual([
      ...resume,
      'Or go on without moving cache out of the zone: that step stays undone, the flow does the rest. Type both:',
      '  npm run skip -- flow-1 LeaveZone cache --stage prod --reason "<why>"',
      '  npm run resume -- flow-1 --stage prod',
      ...abort,
    ]);
    expect(said.done.slice(0, 3)).toEqual([
      'The flow stopped at 03:10 UTC, and has done nothing since.',
      'It stopped while moving cache out of the zone: it is gone.',
      'It stopped while moving api out of the zone: it is gone.',
    ]);
    const asking = still({}, { ...holding, asks: true }).needed;
    expect(asking[0]).toMatch(/^The flow waits for approvers\. Approvers: answer now, .*#request-approval\.$/);
    const redirect = still({}, { ...paused, takesOver: true, stoppedAt: [step('RedirectUsers', true)] });
    expect(redirect.needed).toEqual([
      ...resume,
      expect.stringMatching(
        /^Or, only if you have sent users to the other region by hand .* Breakwater closes its database/,
      ),
      '  npm run skip -- flow-1 RedirectUsers --stage prod --reason "<why>"',
      '  npm run resume -- flow-1 --stage prod',
      expect.stringMatching(/^Do NOT abort it before you have read docs\/runbook.md#give-up/),
      'See docs/runbook.md#pause. How it all stands: npm run status.',
    ]);
    const unknown = still({}, paused);
    expect(unknown.needed).toEqual([...resume, ...abort]);
    expect(unknown.done[1]).toBe('Why it stopped, its own message says. The record does not.');
  });
});

describe('users who stay out of a zone', () => {
  const kept = { zone: az1, execution: 'the-flow', until: second(3_600), returnedAt: null, pausesAt: second(7_200) };
  const out = (drill = false) => keptOutMessage(opened, kept, { drill, now });
  test('are told with the flow that keeps them out', () => {
    expect(partsOf(out()).more).toEqual(['The flow that keeps users out: the-flow.', 'Incident incident-1, level 2.']);
  });
  test('are news of a step, and a drill says that it is one', () => {
    const about = 'For information: users stay out of use1-az1 until 04:00 UTC';
    expect(out()).toMatchObject({
      subject: `[Breakwater] ${about}`,
      thread: { incident: 'incident-1', severity: 'error', state: 'step' },
    });
    expect(out(true).subject).toBe(`[Breakwater] [DRILL] ${about}`);
  });
  test('were sent back at a time that nobody kept: now stands for it', () => {
    const { happened } = partsOf(keptOutMessage(opened, { ...kept, until: null }, { drill: false, now }));
    expect(happened[2]).toMatch(/^Users went back to use1-az1 at 03:15 UTC, and it failed again\. /);
  });
});

test('a degradation whose flow did not start has nothing to start by hand: a failover would move users for it', () => {
  const notify = { ...zone, action: 'notify', level: 1, scope: { region: 'us-west-2', zone: null } } as const;
  const message = notStartedMessage(opened, notify, standing);
  expect(message.subject).toBe('[Breakwater] watching the degradation in us-west-2 was decided and has not started');
  expect(partsOf(message).needed).toEqual([
    'Look at what fails yourself: npm run status. Nothing has to be moved. See docs/runbook.md#not-started.',
  ]);
});

test.for<readonly [string, string]>([
  ['us-west-2', 'us-east-1 is not the primary: a start by hand would move users out of us-west-2.'],
  ['unknown', 'which region serves users is NOT KNOWN: docs/runbook.md#store-damaged.'],
])(
  'a flow that did not start, where %s is the primary, has no line that moves the users of another region',
  ([primary, said]) => {
    const { needed } = partsOf(notStartedMessage(opened, { ...here, level: 3 }, { stage: 'prod', primary }));
    expect(needed).toEqual([expect.stringContaining(said)]);
  },
);

test.for([
  [zone, '  npm run failover -- --zone use1-az1 --reason "<why>" --stage prod', 'error'],
  [{ ...here, level: 3 }, '  npm run failover -- --reason "<why>" --stage prod', 'critical'],
] as const)(
  'a flow that did not start is started by hand, of its zone or of its region',
  ([decision, line, severity]) => {
    const message = notStartedMessage(opened, decision, standing);
    expect(partsOf(message).needed[1]).toBe(line);
    expect(message.thread).toEqual({ incident: 'incident-1', severity, state: 'open' });
  },
);
