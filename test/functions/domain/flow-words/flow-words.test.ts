// What people read while a flow runs, where it differs by who asked, by what was left behind and by what nobody knows.
import { describe, expect, test } from 'vitest';
import type { Occasion } from '../../../../functions/domain/flow-words/courses.ts';
import {
  factSentences,
  flowMessage,
  type Told,
  unservedOf,
} from '../../../../functions/domain/flow-words/flow-message.ts';
import {
  callsWords,
  endedStepMessage,
  failingMessage,
  heldSentence,
  wayFailedMessage,
} from '../../../../functions/domain/flow-words/steps.ts';
import {
  abortedMessage,
  fencedMessage,
  pausedMessage,
  type Stopped,
  servesAgainMessage,
  stoppedMessage,
  unfencedSentences,
} from '../../../../functions/domain/flow-words/stops.ts';
import type { AuditRecord } from '../../../../functions/domain/record/store.ts';
import { usersLine } from '../../../../functions/domain/words/users-words.ts';
import type { Message } from '../../../../functions/domain/words/words.ts';
import { call, lock } from '../../../store/samples.ts';
import { incident, regionIncident, start } from '../../setting.ts';
import { partsOf } from '../message-parts.ts';

const minute = 60_000;
const region: Told = regionIncident;
const byAnna = { requestedBy: 'anna', reason: 'we go' };
const restore: Told = { ...region, ...byAnna, mode: 'restore' };
const headline = (message: Message) => message.subject.replace('[Breakwater] ', '');
const told = (occasion: Occasion, of: Told, facts: Readonly<Record<string, unknown>> = {}, more = {}) => {
  const message = flowMessage(occasion, of, facts, 'Evidence: none recorded.', more);
  return { headline: headline(message), thread: message.thread, ...partsOf(message) };
};
const answered = { users: { answered: 60, made: 60 } };
const nothing = ['Nothing now.'];

describe('where users are not seen to be served', () => {
  test.for([
    ['recovered', 'recovered', 'not-recovered'],
    ['recovered-in-part', undefined, 'not-recovered-in-part'],
    ['closed', 'recovered', 'closed-unserved'],
    ['degradation-ended', 'recovered', 'degradation-ended-unserved'],
    ['closed', 'superseded', null],
    ['failed', undefined, null],
  ] as const)('%s, which ended as %s, is told as %s', ([occasion, ended, instead]) => {
    expect(unservedOf(occasion, { ended })).toBe(instead);
  });
});

test.for([
  ['not-recovered-in-part', incident, 'NOT all has left use1-az1: look for what users still need'],
  ['degradation-ended-unserved', incident, 'no alarm is left in use1-az1: look for another cause'],
  ['not-recovered', restore, 'restored in us-east-1: look for a second cause'],
  ['closed', restore, 'For information: the restore in us-east-1 is complete'],
  ['no-way', restore, 'HELD: there is no safe way to restore in us-east-1'],
  ['not-approved', restore, 'HELD: nothing is restored in us-east-1'],
  ['closed-unserved', restore, 'the restore in us-east-1 ends here: look for another cause'],
  ['closed-unserved', region, 'the move away from us-east-1 ends here: look for another cause'],
] as const)('a subject says what is so: %s', ([occasion, of, said]) => {
  expect(told(occasion, of).headline).toBe(said);
});

test('a restore that failed says what failed, and that not everything is restored', () => {
  const failed = { TakeOver: { database: { failed: 'NoRoom', why: 'AWS has no room' } } };
  expect(told('failed', restore, failed).headline).toBe(
    'taking over database failed: not everything in us-east-1 is restored',
  );
});

describe('how people are asked again', () => {
  const mend = 'Repair every point under "No safe way": docs/runbook.md#no-way says how. One alone is not enough.';
  const decide = 'Decide whether people are asked again: docs/runbook.md#not-approved.';
  const byHand =
    'To ask again: open the link in the reminder at 03:00 UTC. To ask sooner, somebody who is no approver types this. It needs one approval more than before:';
  test.for([
    ['no-way', region, [mend]],
    ['no-way', { ...region, ...byAnna }, [mend, 'Then start the flow again:', '  npm run failover']],
    [
      'no-way',
      { ...region, ...byAnna, mode: 'switchover' },
      [mend, 'Then start the flow again:', '  npm run switchover'],
    ],
    ['no-way', restore, [mend]],
    ['not-approved', region, [decide, byHand, '  npm run failover']],
    ['not-approved', { ...region, mode: undefined }, [decide, byHand, '  npm run failover']],
    [
      'not-approved',
      { ...region, ...byAnna, mode: 'switchover' },
      [decide, 'Then start the flow again:', '  npm run switchover'],
    ],
    ['not-approved', restore, [decide]],
  ] as const)('after %s, $1.mode by $1.requestedBy', ([occasion, of, needed]) => {
    expect(told(occasion, of).needed).toEqual(needed);
  });

  test('what a person asked for, Breakwater does not ask for by itself later', () => {
    expect(told('not-approved', { ...region, ...byAnna }).follows).toEqual([
      'Breakwater does NOT remind you of this: a person had started it.',
    ]);
    expect(told('no-way', { ...region, ...byAnna }).follows).toEqual([]);
    expect(told('no-way', region).follows).toEqual([
      'While the region is lost, Breakwater looks for a safe way again. If there is one, Breakwater asks the approvers. If they were asked before, a reminder has a link to ask again.',
    ]);
  });

  test('people who were asked three times about what changed each time: what changed, and how to ask again', () => {
    const changed = 'users of us-east-1 are served again, seen from eu-west-1, us-west-2';
    const outgrown = told('no-way', region, { offered: true, changed, why: 'the replica is available' });
    expect(outgrown).toMatchObject({
      needed: told('not-approved', region).needed,
      follows: told('not-approved', region).follows,
    });
    expect(outgrown.happened).toContain(
      `People are asked three times at most. What they approved last holds no longer: ${changed}.`,
    );
    expect(told('no-way', region, { offered: false, changed }).needed).toEqual([mend]);
  });

  test.for(['no-way', 'not-approved'] as const)(
    'a flow that has begun leaves what to do to the next message: %s',
    (occasion) => {
      const said = told(occasion, region, { begun: true });
      expect(said.headline).toBe('the flow for us-east-1 has no approval to go on');
      expect(said.needed).toEqual(['Wait for the next message, then decide: it says what is half done.']);
      expect(said.done).toEqual(['The flow had begun. It is paused now and keeps its lock.']);
      expect(said.follows).toEqual([
        'The next message says what is half done, and what to type. See docs/runbook.md#pause.',
      ]);
    },
  );

  test('other news of a flow that has begun is that news', () => {
    expect(told('recovered', region, { begun: true }).headline).toBe(
      'For information: users are served without us-east-1',
    );
  });

  test('the answers that were given stand below, and nothing where nobody answered', () => {
    const rejected = 'The request was rejected: one rejection is enough. Nothing is done until people are asked again.';
    expect(factSentences('not-approved', region, { answer: 'rejected' })).toEqual([rejected]);
    expect(factSentences('not-approved', region, { answer: 'rejected', answers: ['dba did.'] })).toEqual([
      rejected,
      'dba did.',
    ]);
  });
});

describe('a region that may be well again', () => {
  const over = { over: true, why: 'the incident is over', ways: [] };
  test('is looked at by a person where the test visits were not all answered', () => {
    const said = told('no-way', region, { ...over, users: { answered: 59, made: 60 } });
    expect(said.headline).toContain('us-east-1 may be well again, so nobody is asked to leave it');
    expect(said.needed).toEqual([
      'Open the service (service.healthUrl in plan.yml) and see whether it works. See docs/runbook.md#no-way.',
    ]);
  });
  test('needs nobody where they were', () => {
    const said = told('no-way', region, { ...over, ...answered });
    expect(said.needed).toEqual(nothing);
    expect(said.follows).toEqual([
      'If us-east-1 fails again, you hear of it. Until the cooldown of the plan is over Breakwater asks nobody again by itself.',
    ]);
  });
  test('is what a move that was not approved says, too', () => {
    const said = told('not-approved', region, { ...over, answer: 'expired' });
    expect(said.happened).toContain(
      'The incident is over: what failed in us-east-1 has recovered. What was approved, or asked for, holds no longer.',
    );
  });
  test('is no reason for a dry run to say less', () => {
    const said = told('dry-run', { ...region, dryRun: true }, over);
    expect(said.headline).toBe('[DRY RUN] For information: nothing was changed in us-east-1');
    expect(said.happened).toContain('A real flow would find this now:');
  });
});

describe('a region that was left', () => {
  const failback = (from = 'us-west-2') => [
    `When us-east-1 is well again, make it a standby. Until then no region can take over from ${from}:`,
    '  npm run failback',
    'Users are served: it may wait until morning. Read docs/runbook.md#the-way-home.',
  ];
  test.for([
    ['a failover', region, {}, failback()],
    [
      'a failover whose standby is not known',
      { ...region, standby: undefined },
      {},
      failback('the region that serves'),
    ],
    ['a switchover', { ...region, mode: 'switchover' }, {}, failback()],
    ['a drill of a failover', { ...region, drill: true }, {}, failback()],
    ['a drill of a switchover, which comes home', { ...region, drill: true, mode: 'switchover' }, {}, nothing],
    ['a move home', { ...region, mode: 'switchover' }, { isHome: true }, nothing],
    ['a failover that ends at home, and makes no replica', region, { isHome: true }, failback()],
    ['a restore, which moves nobody', restore, {}, nothing],
    ['a zone', incident, {}, nothing],
  ] as const)('needs a way home at the end of %s', ([, of, more, needed]) => {
    expect(told('closed', of, {}, more).needed).toEqual(needed);
  });

  test('that leaves a database open by the hand of a person says so first, and by whom', () => {
    const open = { skipped: true, fenced: false, region: 'us-east-1', by: 'anna', reason: 'us-east-1 stays unfenced' };
    const said = told('closed', region, {
      database: open,
      cluster: { ...open, consumers: {} },
      cache: { skipped: true },
    });
    expect(said.headline).toBe('us-east-1 is NOT fenced, and Breakwater does not fence it any more');
    expect(said.needed[0]).toMatch(/^Close database, cluster in us-east-1 by hand as soon as us-east-1 answers: /);
    expect(said.happened).toContain(
      '- database: the old one is NOT FENCED, as anna signed. What it has taken since then, and takes from now on, the new one does not have',
    );
    expect(said.happened).toContain('- cluster: NOT off in the old region, as anna signed');
    const unserved = told('closed-unserved', region, { database: open });
    expect(unserved.headline).toBe('us-east-1 is NOT fenced, and Breakwater does not fence it any more');
    expect(unserved.needed[0]).toMatch(/^Close database in us-east-1 by hand/);
    expect(unserved.needed[1]).toMatch(/^Look for another cause of the failure/);
    const moved = told('recovered', region, { unfenced: ['us-east-1'], leftOpen: ['database'] });
    expect(moved.headline).toBe('users are served without us-east-1, and Breakwater does NOT fence it any more');
    expect(moved.needed).toEqual([expect.stringMatching(/^Close database in us-east-1 by hand/)]);
    expect(moved.happened).toContain('NOT FENCED: us-east-1.');
    const stopped = told('closed', region, { cluster: { ...open, divergedWrites: 0 } });
    expect(stopped.headline).toBe('Not urgent: the move away from us-east-1 is complete');
    expect(stopped.happened).toContain('- cluster: left out, signed by anna');
  });

  test('whose database a person left out, as it is deleted or closed by hand, is complete', () => {
    const out = { skipped: true, fenced: false, region: 'us-east-1', by: 'anna', reason: 'it is deleted' };
    const said = told('closed', region, { database: out });
    expect(said.headline).toBe('Not urgent: the move away from us-east-1 is complete');
    expect(said.happened).toContain('- database: left out, signed by anna');
  });

  test('by an incident that goes on elsewhere is watched no more, and the message says where to look', () => {
    const said = told('closed', region, { ended: 'superseded' });
    expect(said.headline).toBe('For information: the incident goes on elsewhere');
    expect(said.needed).toEqual(['Nothing from this flow. What is being done about the incident: npm run status.']);
    expect(told('degradation-ended', incident, { ended: 'superseded' }).headline).toBe(
      'For information: degradation in use1-az1 has ended',
    );
  });

  test('has its other region in what follows, also where nobody knows which that is', () => {
    expect(told('closed', { ...region, standby: undefined }).follows[0]).toMatch(
      /^the other region is the primary now, and stays the primary\. What the old region wrote in the meantime is missing in the other region\. /,
    );
  });

  test('is told as not fenced only beside users who are served', () => {
    const open = { unfenced: ['us-east-1', 'database'] };
    const served = told('recovered', region, open);
    expect(served.headline).toBe('For information: users are served without us-east-1, which is NOT fenced yet');
    expect(served.done).toEqual(['Breakwater tries to fence us-east-1, database until it can.']);
    expect(told('not-recovered', region, open).headline).toBe('us-east-1 was left: look for a second cause');
  });

  test('by a flow of which the mode is not known completes the move', () => {
    expect(told('recovered', { ...region, mode: undefined }).done).toEqual(['Breakwater completes the move.']);
  });
});

describe('after a restore', () => {
  test('the old database that is not fenced is closed by hand: nobody watches it', () => {
    const said = told('recovered', restore, { unfenced: ['us-east-1'] });
    expect(said.headline).toBe('restored: users are served in us-east-1, and the old database is NOT fenced');
    expect(said.needed?.[0]).toMatch(/^Close the old database by hand: docs.runbook.md#fence\. Nobody watches it/);
    expect(said.done).toEqual(['Breakwater completes the restore.']);
    expect(said.follows).not.toContain('stays fenced');
    const why = 'it is stopped, and takes writes when somebody starts it';
    const { happened } = told('recovered', restore, {
      ...{ mode: 'restore', to: 'us-east-1', unfenced: ['us-east-1'] },
      fenced: {
        database: { fenced: false, unfenced: ['us-east-1'], why },
        orders: { fenced: false, unfenced: [], why: 'this flow restores others where they stand' },
      },
    });
    expect(happened).toContain(
      `The old database is NOT FENCED: ${why}. What is written to it is missing in the restored one.`,
    );
  });

  test('some work is left where users are served, and a cause is looked for where they are not', () => {
    expect(told('recovered', restore).needed).toEqual([
      'It can wait until morning: compare the old database, copy what you need, then delete it. Make a new replica. See docs/runbook.md#after-a-restore.',
    ]);
    expect(told('not-recovered', restore).needed).toEqual([
      'Look for a second cause of the failure. See docs/runbook.md#verify-service.',
    ]);
  });
});

test('a zone that is well again while users fail is told as users who fail', () => {
  expect(told('not-recovered', incident, { wellAgain: true }).headline).toBe(
    'use1-az1 was left: look for a second cause',
  );
});

describe('what failed to leave a zone', () => {
  const leaving = {
    LeaveZone: { database: { failed: 'CannotProceed', why: 'no standby' } },
    TidyUp: { cache: { failed: 'Gone', why: 'no such cache' } },
  };
  const sections = 'docs/runbook.md#leave-zone, docs/runbook.md#tidy-up';
  test.for([
    [
      'some visits fail',
      { users: { answered: 59, made: 60 } },
      `Users fail until this is mended. Look at what failed: ${sections}. Breakwater tries it again by itself.`,
    ],
    [
      'nobody looked',
      {},
      `Users may fail until this is mended. Look at what failed: ${sections}. Breakwater tries it again by itself.`,
    ],
    ['all visits are answered', answered, 'Nothing now.'],
  ] as const)('and is tried again: %s', ([, users, needed]) => {
    const said = told('failed', incident, { ...leaving, againSeconds: 600, ...users });
    expect(said.headline).toContain('moving database out of use1-az1, letting cache use use1-az1 again f');
    expect(said.needed).toEqual([needed]);
    expect(said.done).toEqual([
      'Breakwater keeps traffic out of use1-az1 and goes on with the rest. At about 03:10 UTC it tries again what failed.',
    ]);
  });
  test('for the last time is repaired by hand', () => {
    expect(told('failed', incident, leaving).needed).toEqual([
      `Move what failed out of use1-az1 by hand: ${sections}. Breakwater does not try it again.`,
    ]);
  });
});

test('the beginning tells of nothing that was reached, and an end has no report where there is none', () => {
  const reached = { database: { moved: true, zone: 'use1-az2' } };
  expect(told('started', incident, reached).happened.join()).not.toContain('moved to use1-az2');
  const last = `Incident ${incident.id}, execution ${incident.execution}, started by Breakwater.`;
  const none = 'Evidence: none recorded.';
  expect(told('closed', incident, {}).more).toEqual([none, last]);
  expect(told('started', incident, {}, { report: 'https://r.example' }).more).toEqual([none, last]);
  expect(told('closed', incident, {}, { report: 'https://r.example' }).more).toEqual([
    none,
    'The report is ready some minutes after the incident is over: https://r.example',
    last,
  ]);
});

test('a dry run tells of each asset, also of one that has the name of a field of the record', () => {
  const users = { dryRun: true, wouldDo: 'reboot it' };
  expect(factSentences('dry-run', incident, { users })).toEqual(['- users: in a real run: reboot it']);
});

test.for([
  [{}, 'error'],
  [{ flow: 'region-failover' }, 'critical'],
  [{ flow: 'service-degradation' }, 'warning'],
  [{ drill: true }, 'info'],
  [{ dryRun: true }, 'info'],
] as const)('a flow with %j calls people as %s', ([change, severity]) => {
  expect(told('started', { ...incident, ...change }).thread?.severity).toBe(severity);
});

const stopped: Stopped = {
  flow: 'az-failover',
  state: 'LeaveZone',
  asset: 'database',
  status: 'FAILED',
  error: 'CannotProceed',
  cause: 'it has no standby',
  incident: incident.id,
  region: null,
  execution: 'execution-1',
  executionArn: 'arn',
  drill: false,
  mayBeSkipped: false,
  reason: null,
  stoppedAt: null,
};
const stop = (change: Partial<Stopped> = {}, called: string[] = []) => {
  const message = stoppedMessage({ ...stopped, ...change }, called, 'prod');
  return { headline: headline(message), ...partsOf(message) };
};

describe('a flow that stopped', () => {
  const toGiveUp = [
    'Or give up the flow and its lock (docs/runbook.md#give-up):',
    '  npm run abort -- execution-1 --stage prod',
  ];
  test('says what is known of it, and no more', () => {
    expect(stop({ error: null, cause: null })).toEqual({
      headline: 'you are needed: STOPPED while moving database out of the zone',
      needed: [
        'Correct the cause (docs/runbook.md#leave-zone). Then type this:',
        '  npm run resume -- execution-1 --stage prod',
        ...toGiveUp,
      ],
      happened: [usersLine, 'az-failover failed while moving database out of the zone.', 'Error: none given'],
      done: ['Nothing. The flow waits until a person acts.'],
      follows: ['Nothing goes on until you resume the flow or give it up. It keeps its lock: no other flow acts here.'],
      more: [`Incident ${incident.id}, execution execution-1.`],
    });
  });

  test('says which state may be left out, and until when it can be resumed', () => {
    expect(stop({ mayBeSkipped: true, stoppedAt: start }).needed).toEqual([
      'Correct the cause: it has no standby (docs/runbook.md#leave-zone). Then type this (possible until 7 Dec 2026, 03:00 UTC):',
      '  npm run resume -- execution-1 --stage prod',
      'Or go on without moving database out of the zone: that step stays undone, the flow does the rest. Type both:',
      '  npm run skip -- execution-1 LeaveZone database --stage prod --reason "<why>"',
      '  npm run resume -- execution-1 --stage prod',
      ...toGiveUp,
    ]);
  });

  test('says why it was started, when it stopped and what it called', () => {
    const known = stop({ reason: 'a zone failed', stoppedAt: start, status: 'TIMED_OUT' }, ['one', 'two']);
    expect(known.happened).toEqual([
      usersLine,
      'Why the flow was started: A zone failed.',
      'az-failover timed out while moving database out of the zone, at 03:00 UTC.',
      'Error: it has no standby',
    ]);
    expect(known.more.slice(0, 3)).toEqual(['AWS calls so far: ', '  one', '  two']);
    expect(stop({}, ['one']).more[0]).toBe('AWS calls so far: one.');
  });

  test('at a state that nobody knows is looked up by its flow', () => {
    const said = stop({ state: null, asset: null, status: 'ABORTED' });
    expect(said.headline).toBe('you are needed: STOPPED in a state that is not known');
    expect(said.needed[0]).toBe('Correct the cause: it has no standby (docs/runbook.md#az-failover). Then type this:');
    expect(said.happened[1]).toBe('az-failover was aborted in a state that is not known.');
  });

  test('after it gave its lock back has no lock to give up', () => {
    const said = stop({ state: 'PageHeld', asset: null });
    expect(said.needed).toEqual([
      'Correct the cause: it has no standby (docs/runbook.md#page-held). Then type this:',
      '  npm run resume -- execution-1 --stage prod',
    ]);
    expect(said.follows).toEqual(['The flow has given its lock back: another flow may act.']);
  });

  test.for([
    ['us-east-1', 'us-east-1 is not fenced yet.'],
    [null, 'The old region is not fenced yet.'],
  ] as const)('and was the watch of a fence of %s starts again by itself', ([of, done]) => {
    const said = stop({ flow: 'fence-watch', state: 'FenceOnReturn', region: of });
    expect(said).toEqual({
      headline: 'For information: fence-watch stopped while closing (fencing) database in the old region',
      needed: ['Nothing yet: Breakwater starts the watch again. Read docs/runbook.md#fence-on-return.'],
      happened: [
        usersLine,
        'fence-watch failed while closing (fencing) database in the old region.',
        'Error: it has no standby',
      ],
      done: [done],
      follows: [],
      more: [`Incident ${incident.id}, execution execution-1.`],
    });
  });
});

describe('a flow that a person gave up', () => {
  const aborted = (change: Partial<Stopped> = {}) =>
    abortedMessage({ ...stopped, ...change }, { by: 'maria', at: start }, 'prod');
  test('says who did, and why it had begun where that is known', () => {
    expect(partsOf(aborted()).happened).toEqual([usersLine, 'maria aborted the flow at 03:00 UTC.']);
    expect(partsOf(aborted({ reason: 'a zone failed' })).happened[1]).toBe('Why the flow was started: A zone failed.');
    expect(partsOf(aborted()).done).toEqual(['The flow does nothing more and cannot be resumed.']);
  });
  test('of a fence watch names the line that is not refused, and nothing that was being closed', () => {
    const watch = aborted({ flow: 'fence-watch', region: 'us-east-1', state: 'FenceOnReturn', asset: 'database' });
    expect(watch.subject).toBe('[Breakwater] ABORTED: nobody closes (fences) us-east-1 any more');
    expect(partsOf(watch).needed.slice(1)).toEqual([
      'If users are in the other region: close us-east-1 by hand as soon as it answers (docs/runbook.md#fence). If they are to stay in us-east-1: go on with step 3 of docs/runbook.md#stay.',
      expect.stringContaining('type it again:'),
      `  npm run abort -- ${stopped.execution} --stage prod --confirm "us-east-1 stays unfenced"`,
    ]);
  });
  test.for([
    [
      'az-failover',
      'Breakwater does not leave this zone again by itself in this incident. It may do so only where it had held,',
    ],
    ['region-failover', 'Breakwater gives no region up without a new approval.'],
    ['service-degradation', 'Breakwater does not watch this degradation any more.'],
    ['fence-watch', 'Breakwater does not start this watch again.'],
    ['drill', 'If this drill is still due, Breakwater starts it again in its next window in plan.yml.'],
  ] as const)('%s, says whether Breakwater acts again', ([flow, words]) => {
    expect(partsOf(aborted({ flow })).needed[0]).toContain(`Decide what happens now. ${words}`);
  });
  test('says that it was a drill', () => {
    expect(aborted({ drill: true }).subject).toBe('[Breakwater] [DRILL] ABORTED while moving database out of the zone');
  });
  test.for([
    ['us-east-1', 'us-east-1'],
    [null, 'the old region'],
  ] as const)('and watched the fence of %s fences it no more', ([of, words]) => {
    expect(partsOf(aborted({ flow: 'fence-watch', region: of })).done).toEqual([
      'The flow does nothing more and cannot be resumed.',
      `Nobody fences ${words} from now on. If it was not fenced before, its writes are missing in the other region.`,
    ]);
  });
});

const fence = { id: incident.id, execution: 'flow-1', region: 'us-east-1', standby: 'us-west-2' };

test('an old region that serves again after the flow was given up can only stay, or be left by hand', () => {
  const message = servesAgainMessage(fence, { watch: 'watch-1', paused: false, prefix: 'breakwater-prod' });
  const { needed, happened, follows } = partsOf(message);
  expect(needed).toEqual([
    'Choose now. If users fail in us-east-1 for three minutes, Breakwater closes its database, and then nobody can write. To stay in us-east-1:',
    '  npm run abort -- watch-1 --stage prod --confirm "us-east-1 stays unfenced"',
    'To go to us-west-2 after all, do it by hand: docs/runbook.md#fence-watch. A new flow cannot use what was promoted.',
  ]);
  expect(happened[2]).toBe('The flow was aborted and cannot be resumed.');
  expect(follows).toEqual(['The longer you wait, the more is lost if you go on to us-west-2.']);
});

describe('an old region that is fenced at last', () => {
  const fenced = (isAborted: boolean, isRedirected: boolean) => {
    const message = fencedMessage(fence, {
      ...{ asset: 'database', since: start, fenced: start + 9 * minute },
      ...{ isAborted, isRedirected, prefix: 'breakwater-prod' },
    });
    const { needed, happened, done } = partsOf(message);
    return { headline: headline(message), needed, happened: happened.slice(1), done };
  };
  const both = [
    'us-west-2 has taken over database, and database in us-east-1 takes no writes any more.',
    'Writes to database in us-east-1 between 03:00 UTC and 03:09 UTC are missing in us-west-2.',
  ];
  const resume = '  npm run resume -- flow-1 --stage prod';
  const check = ['Check which region serves users: npm run status -- --stage prod'];
  const noMore = 'FENCED: database in us-east-1 takes no writes any more';
  const waits = ['Nothing. The flow waits until you resume it.'];
  const hasEnded = ['Nothing more: the flow has ended.'];

  test('stops all writes until the flow is resumed, where users are not sent away yet', () => {
    expect(fenced(false, false)).toEqual({
      headline: 'FENCED: nobody can write to database: resume now, to go to us-west-2',
      needed: [
        'The flow that moves users from us-east-1 to us-west-2 is paused: nobody can write to database until the flow goes on. To go on to us-west-2, type now:',
        resume,
        'To stay in us-east-1 instead: docs/runbook.md#stay.',
      ],
      happened: both,
      done: waits,
    });
  });
  test('stops nobody, where users are in the other region', () => {
    expect(fenced(false, true)).toEqual({
      headline: noMore,
      needed: [
        'The flow that moves users from us-east-1 to us-west-2 is paused. To go on to us-west-2, type now:',
        resume,
      ],
      happened: both,
      done: waits,
    });
  });
  test('after the flow was given up says where it had sent users', () => {
    expect(fenced(true, true)).toEqual({
      headline: noMore,
      needed: check,
      happened: [...both, 'The flow was aborted after it had sent users to us-west-2.'],
      done: hasEnded,
    });
    expect(fenced(true, false)).toEqual({
      headline: noMore,
      needed: check,
      happened: [...both, 'The flow was aborted and sends no users to us-west-2.'],
      done: hasEnded,
    });
  });
});

test('a step that is tried again in a drill says that it is one', () => {
  const of = { incident: 'i', execution: 'e', drill: true, zone: null, reason: null, stage: 'prod' };
  const why = { ...of, at: start, why: 'RDS refuses', hasTakenOver: false };
  expect(failingMessage({ state: 'LeaveZone', asset: 'database' }, why).subject).toBe(
    '[Breakwater] [DRILL] For information: moving database out of the zone fails and is tried again',
  );
});

test('of a fence that cannot be opened people read how the region is left all the same', () => {
  const of = { incident: 'i', execution: 'e', drill: false, zone: null, reason: null, stage: 'prod' };
  const unfence = { state: 'Unfence', asset: 'database' };
  const said = failingMessage(unfence, { ...of, at: start, why: 'dark', hasTakenOver: false });
  const { needed } = partsOf(said);
  expect(said.subject).toBe('[Breakwater] opening database again fails and is tried again');
  expect(needed[0]).toContain('nobody is asked about a failover');
  expect(needed[1]).toBe('  npm run abort -- e --leave-fenced --stage prod');
  // By that another database would be lost, which has taken over already.
  const moved = partsOf(failingMessage(unfence, { ...of, at: start, why: 'dark', hasTakenOver: true })).needed;
  expect(moved).toEqual([expect.stringContaining('Do NOT end the flow')]);
});

test.for([
  [false, 'error'],
  [true, 'info'],
] as const)('news of a step stand beside what calls people: a drill %s, as %s', ([drill, severity]) => {
  const step = {
    step: { state: 'LeaveZone', asset: 'database' },
    at: start,
    state: 'done',
    words: 'done',
    execution: 'e',
  } as const;
  const { thread } = endedStepMessage({ id: 'incident-1', level: 2 }, step, {
    drill,
    report: 'https://r.example',
    zone: null,
  });
  expect(thread).toEqual({
    ...{ incident: 'incident-1', severity, state: 'step' },
    ...{ at: start, report: 'https://r.example' },
  });
});

test.for([
  [{ why: 'no room' }, 'Nothing now.'],
  [
    { why: 'no room', left: 'restored-1' },
    'Nothing now. Later: look at restored-1, then delete it. It costs money, and nobody else deletes it.',
  ],
] as const)('a way that failed, %j, says what it has left behind', ([outcome, needed]) => {
  const record = { incident: 'i', execution: 'e', step: 's', at: start, outcome };
  expect(partsOf(wayFailedMessage({ asset: 'database', way: 'restore-snapshot' }, record, null)).needed).toEqual([
    needed,
  ]);
});

describe('what was called', () => {
  const reboot: AuditRecord = { ...call, at: start };
  const shift: AuditRecord = {
    ...reboot,
    call: 'arc-zonal-shift:StartZonalShift',
    target: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/ingress/0f1e',
  };
  test('is told once, by names, with how often and when it was last', () => {
    expect(callsWords([reboot, shift, { ...reboot, at: start + minute }])).toEqual([
      'rds:RebootDBInstance of chatops-prod in us-east-1, 2 times, the last at 23 Nov 2026, 03:01 UTC',
      'arc-zonal-shift:StartZonalShift of ingress in us-east-1 at 23 Nov 2026, 03:00 UTC',
    ]);
  });
  test('is told of a flow that holds a region, also where it was nothing', () => {
    const held = 'execution-1 has held the lock of us-east-1 since 23 Nov 2026, 03:00 UTC. AWS calls so far: ';
    expect(heldSentence({ ...lock, at: start }, [])).toBe(`${held}none.`);
    expect(heldSentence({ ...lock, at: start }, [reboot, shift])).toBe(
      `${held}rds:RebootDBInstance of chatops-prod in us-east-1 at 23 Nov 2026, 03:00 UTC, arc-zonal-shift:StartZonalShift of ingress in us-east-1 at 23 Nov 2026, 03:00 UTC.`,
    );
  });
});

describe('of a database that a switchover had fenced and gave up', () => {
  const one = { region: 'us-east-1', database: 'chatops-prod', opened: true };
  test.for([
    [
      { ...one, openSince: start },
      [
        'Database chatops-prod in us-east-1 TAKES WRITES AGAIN, since 23 Nov 2026, 03:00 UTC: nothing took over, and users write to it as before.',
      ],
    ],
    [one, []],
    [{ ...one, opened: false, openSince: start }, []],
    [
      { ...one, opened: false, stays: 'the copy was promoted' },
      ['Database chatops-prod in us-east-1 STAYS FENCED: the copy was promoted.'],
    ],
    [
      { failed: 'Denied', why: 'no right' },
      ['database in the old region is STILL FENCED: users cannot write until it is opened.'],
    ],
    [
      { region: 'us-east-1', unreachable: 'it does not answer' },
      ['database in us-east-1 is STILL FENCED, as far as Breakwater can see: it does not answer.'],
    ],
    ['damaged', []],
  ] as const)('with %j people read whether it takes writes', ([outcome, said]) => {
    expect(unfencedSentences({ Unfence: { database: outcome } }, null)).toEqual(said);
  });
  test('nothing is said where nothing was undone', () => {
    expect(unfencedSentences({}, null)).toEqual([]);
  });
  test.for([
    [['cache'], 'cache was', 'it'],
    [['orders', 'cache'], 'orders, cache were', 'them'],
  ] as const)('that %j took over in the other region people read, and not that nothing did', ([assets, words, it]) => {
    expect(
      unfencedSentences(
        { Unfence: { database: { ...one, openSince: start } } },
        { leaves: 'us-east-1', assets: [...assets] },
      ),
    ).toEqual([
      `Database chatops-prod in us-east-1 TAKES WRITES AGAIN, since 23 Nov 2026, 03:00 UTC. But ${words} asked to take over in the other region: users of us-east-1 may fail without ${it} (docs/runbook.md#left-behind).`,
    ]);
  });
});

describe('a pause', () => {
  const failed = {
    state: 'LeaveZone',
    asset: 'database',
    why: 'no standby',
    held: false,
    called: ['one'],
    mayBeSkipped: false,
    error: null,
  };
  const paused = (seen: Parameters<typeof pausedMessage>[1], of: Partial<Told> = {}, more = {}) =>
    pausedMessage({ ...incident, ...of }, seen, {
      ...{ stage: 'prod', until: start, changed: [], unfenced: [] },
      ...more,
    });
  const again = [
    'Correct the cause. Then type this (possible until 23 Nov 2026, 03:00 UTC):',
    `  npm run resume -- ${incident.execution} --stage prod`,
  ];
  const giveUp = [
    'Or give up the flow and its lock (docs/runbook.md#give-up):',
    `  npm run abort -- ${incident.execution} --stage prod`,
  ];

  test('by nothing that failed is told by its state, and has nothing to leave out', () => {
    const message = paused([], byAnna);
    expect(headline(message)).toBe('you are needed: PAUSED');
    expect(partsOf(message)).toEqual({
      needed: [...again, ...giveUp],
      happened: [usersLine, 'Started by anna: We go.'],
      done: ['az-failover has done what it could and is paused. The flow waits until a person acts.'],
      follows: ['Nothing goes on until you resume the flow or give it up. It keeps its lock: no other flow acts here.'],
      more: [`Incident ${incident.id}, execution ${incident.execution}.`],
    });
  });

  test('of a zone that is well again has nothing to correct: a resume ends the flow', () => {
    expect(partsOf(paused([failed], {}, { isOver: true })).needed[0]).toBe(
      'This flow has nothing left to move out of use1-az1. Type this to end the flow and give its lock back (possible until 23 Nov 2026, 03:00 UTC). By day, find out why it failed:',
    );
  });
  test('of a zone that is well again still has a cause to correct where something else than leaving it failed', () => {
    const tidying = { ...failed, state: 'TidyUp', asset: 'cache', why: 'it is gone' };
    for (const seen of [[tidying], [failed, tidying]])
      expect(partsOf(paused(seen, {}, { isOver: true })).needed[0]).toMatch(/^Correct the cause/);
  });
  test('after nobody has approved going on asks for a decision, and warns of an abort alone', () => {
    const asked = { ...failed, state: 'Reassess', asset: null, held: true, why: 'held: nobody has approved going on' };
    const region = { flow: 'region-failover', mode: 'failover', zone: null } as const;
    const { needed } = partsOf(paused([asked], region, { takesOver: true }));
    expect(needed[0]).toBe(
      'Decide: nobody has approved going on. This asks the approvers again (possible until 23 Nov 2026, 03:00 UTC):',
    );
    expect(needed.at(-1)).toMatch(
      /^Do NOT abort it before you have read docs\/runbook.md#give-up: a database was asked/,
    );
    expect(needed.join()).not.toContain('npm run abort');
    expect(partsOf(paused([asked], region)).needed.slice(-2)).toEqual([
      'Or give up the flow and its lock (docs/runbook.md#give-up):',
      expect.stringContaining('npm run abort -- '),
    ]);
  });

  test('has a cause to correct where nothing that failed is known, where a look failed, and where something else is held', () => {
    const held = { ...failed, state: 'Fence', held: true, why: 'held: frozen' };
    const looked = { ...failed, state: 'Reassess', asset: null, why: 'it does not answer' };
    for (const seen of [[], [held], [looked]])
      expect(partsOf(paused(seen, {}, { isOver: seen.length === 0 })).needed[0]).toMatch(/^Correct the cause/);
  });

  test('of a restore is given up as it is: nothing was promoted', () => {
    const region = { flow: 'region-failover', mode: 'restore', zone: null } as const;
    expect(partsOf(paused([failed], region)).needed.at(-2)).toBe(giveUp[0]);
  });

  test('names every step that failed, and offers to leave out what may be left out', () => {
    const other = { ...failed, state: 'TidyUp', asset: 'cache', why: 'gone', called: [], error: 'ElastiCache refuses' };
    const message = paused([failed, { ...other, mayBeSkipped: true }]);
    expect(headline(message)).toBe(
      'you are needed: PAUSED while moving database out of use1-az1, letting cache use use1...',
    );
    const { needed, happened, more } = partsOf(message);
    expect(needed).toEqual([
      'Correct the cause of each step that failed, named below. Then type this (possible until 23 Nov 2026, 03:00 UTC):',
      ...again.slice(1),
      'Or go on without letting cache use the zone again: that step stays undone, the flow does the rest. Type both:',
      `  npm run skip -- ${incident.execution} TidyUp cache --stage prod --reason "<why>"`,
      `  npm run resume -- ${incident.execution} --stage prod`,
      ...giveUp,
    ]);
    expect(happened.slice(1)).toEqual([
      'Api, database, ingress fail in use1-az1.',
      'The first sign of the failure was at 03:00 UTC.',
      'Moving database out of use1-az1 failed: no standby. Read docs/runbook.md#leave-zone.',
      'Letting cache use use1-az1 again failed: gone. The last try failed with: ElastiCache refuses. Read docs/runbook.md#tidy-up.',
    ]);
    expect(more[0]).toBe('AWS calls for moving database out of use1-az1: one.');
    expect(more).toHaveLength(2);
  });

  test('of a region that is well again before anything took over: to give up, and nothing else, for no resume goes on', () => {
    const { needed, follows } = partsOf(
      paused([{ ...failed, mayBeSkipped: true }], {}, { isOver: true, ends: { movedAnything: false } }),
    );
    expect(needed).toEqual([
      'Give up the flow and its lock soon (docs/runbook.md#give-up): until then no other flow can act. It does not go on: what failed has recovered, and nothing has taken over.',
      giveUp.at(-1),
    ]);
    expect(follows).toEqual([
      'Until you give it up it keeps its lock: no other flow acts here, also if the region fails again.',
    ]);
    const moved = partsOf(paused([failed], {}, { isOver: true, ends: { movedAnything: true } })).needed;
    expect(moved).toEqual([
      'Give up the flow and its lock soon (docs/runbook.md#give-up): until then no other flow can act. It does not go on: what failed has recovered, and no database has taken over.',
      giveUp.at(-1),
    ]);
  });

  test('of what has moved a cache to the other region says how that is moved back before it names the line that aborts', () => {
    const moved = {
      leaves: 'us-east-1',
      assets: ['cache'],
      lines: ['ldgnf-chatops was asked to make us-west-2 its primary'],
    };
    const back = [
      'An abort moves nothing back. If users are to stay in us-east-1, FIRST move back what they need of this (docs/runbook.md#left-behind):',
      '- ldgnf-chatops was asked to make us-west-2 its primary',
      'Then type:',
      giveUp.at(-1),
    ];
    for (const ends of [null, { movedAnything: true }]) {
      const { needed } = partsOf(paused([failed], {}, { isOver: ends !== null, ends, moved }));
      expect(needed.slice(-4)).toEqual(back);
      expect(needed.at(-5)).toMatch(/give up the flow and its lock/i);
    }
  });

  test('says what was changed besides, what takes writes again and that the incident is over', () => {
    const opened = 'Database one TAKES WRITES AGAIN.';
    const { happened, done, more } = partsOf(
      paused([], {}, { changed: ['one', 'two'], unfenced: [opened], isOver: true, lastServedAt: start - minute }),
    );
    expect(happened.slice(2)).toEqual([
      'The first sign of the failure was at 03:00 UTC, after the last successful user request at 02:59 UTC.',
      'The incident is over: what failed has recovered.',
    ]);
    expect(done[1]).toBe(opened);
    expect(more.slice(0, 3)).toEqual(['AWS calls for what did not fail: ', '  one', '  two']);
  });
});
