// What a flow reached is told in sentences: nothing is raw data, what is not known is said to be so, and nothing is lost.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endSentences, outcomeSentences, outcomesOf } from '../../../../functions/domain/words/outcome-words.ts';

const at = Date.UTC(2026, 10, 3, 3, 20);

test('a region that was given up: what it cost, what took over, where users are, what is not fenced', () => {
  const facts = {
    from: 'us-east-1',
    to: 'us-west-2',
    mode: 'failover',
    startedAt: at - 600_000,
    verifiedAt: at,
    detectSeconds: null,
    decideSeconds: 32.378,
    approvalSeconds: 302.3,
    executeSeconds: 503,
    recoverySeconds: 838.4,
    dataLossSeconds: 102,
    predicted: { recoverySeconds: 793, dataLossSeconds: 113, assetLossSeconds: { database: 113 } },
    unfenced: ['us-east-1'],
    fenced: { database: { fenced: false, late: false, unfenced: ['us-east-1'], why: 'it does not answer' } },
    assets: {
      database: { database: 'chatops-dr', promoted: true, writableSince: at, endpoint: 'chatops-dr.example' },
      cache: { cache: 'chatops-redis-dr', moved: true, empty: true },
      cluster: { cluster: 'chatops-dr', answers: 200 },
      settings: { parameters: { '/chatops/database/host': 'x', '/chatops/cache/host': 'y' } },
      search: { failed: 'States.TaskFailed', why: '{"errorMessage":"it is gone"}' },
      jobs: { held: 'needs database' },
      shop: { skipped: true, by: 'ana' },
    },
    redirected: { mode: 'latch', closed: ['bucket'], missing: [], redirectedAt: at - 60_000 },
    drill: false,
  };
  const [started] = outcomeSentences({ ...facts, startedAt: at, countsFrom: { at, what: 'first-evidence' } });
  expect(started).toMatch(/^Users were served 13 min 58 s after the start of the flow at \d\d:\d\d UTC\.$/);
  const [seen] = outcomeSentences({ ...facts, startedAt: at + 1, countsFrom: { at, what: 'first-evidence' } });
  expect(seen).toMatch(/^Users were down for 13 min 58 s, counted from the first sign of the failure at /);
  expect(outcomeSentences(facts)).toEqual([
    'Users were down for 13 min 58 s.',
    'At most the last 1 min 42 s of writes before the move are lost. Beside that, all is missing that us-east-1 takes until it is fenced.',
    'The approval took 5 min 2 s.',
    'The execution took 8 min 23 s.',
    'Predicted: 13 min 13 s without service and a loss of 1 min 53 s of writes.',
    '- database: took over (chatops-dr)',
    '- cache: took over, and began empty',
    '- cluster: answers',
    '- settings: 2 settings point to what took over',
    '- search: FAILED: it is gone',
    '- jobs: waits: needs database',
    '- shop: left out, signed by ana',
    'Users were sent to us-west-2 at 03:19 UTC.',
    'All test visits were answered at 03:20 UTC.',
    'NOT FENCED yet: us-east-1: it does not answer. What it still writes is missing in us-west-2.',
  ]);
});

test('a database that was restored, with the data until when', () => {
  const restored = {
    database: 'orders-r1',
    way: 'restore-point-in-time',
    restored: true,
    endpoint: 'x',
    writableSince: at,
  };
  const said = (change: object) => outcomesOf({ orders: { ...restored, ...change } });
  const until = 'restored as orders-r1, with the data until 3 Nov 2026, 03:20 UTC';
  expect(said({ restoreTo: at, dataUntil: at - 60_000, drift: [] })).toEqual([`- orders: ${until}`]);
  expect(
    said({ restoreTo: null, dataUntil: at, drift: ['class: is a, the plan says b', 'zone: is c, the plan says d'] }),
  ).toEqual([
    `- orders: ${until}. It differs from the plan: class: is a, the plan says b; zone: is c, the plan says d`,
  ]);
  expect(said({ restoreTo: null, dataUntil: null, drift: [] })).toEqual(['- orders: restored as orders-r1']);
});

test('what could not be written into the record is said with why', () => {
  const why = JSON.stringify({ errorType: 'CannotProceed', errorMessage: 'put it: AccessDenied' });
  expect(outcomeSentences({ failed: 'CannotProceed', why })).toEqual([
    'What it came to is NOT in the record: put it: AccessDenied.',
  ]);
  expect(outcomeSentences({ failed: 'States.Timeout' })).toEqual([
    'What it came to is NOT in the record: States.Timeout.',
  ]);
});

test('a watch that gave up says why, in words', () => {
  const why = JSON.stringify({ errorType: 'Unavailable', errorMessage: 'the table does not answer' });
  expect(endSentences({ failed: 'Unavailable', why }, 'use1-az1')).toEqual([
    'use1-az1 is watched no more: the table does not answer.',
  ]);
});

test('a zone that was left', () => {
  const stays = 'its automatic failover is a setting of a global datastore';
  const assets = {
    database: { database: 'chatops-prod', moved: true, zone: 'use1-az2' },
    orders: { database: 'orders-prod', moved: false, zone: 'use1-az2' },
    cache: { cache: 'chatops-redis', moved: false, zone: 'use1-az1', stays },
    ingress: { awayFrom: 'use1-az1', shifted: ['arn:aws:x'] },
  };
  const predicted = { recoverySeconds: 108, dataLossSeconds: 0 };
  expect(
    outcomeSentences({ from: 'use1-az1', executeSeconds: 153, dataLossSeconds: 0, predicted, assets, dryRun: false }),
  ).toEqual([
    'No data was lost.',
    'The execution took 2 min 33 s.',
    'Predicted: 1 min 48 s without service and no loss of writes.',
    '- database: moved to use1-az2',
    '- orders: not moved, because it stands in use1-az2',
    `- cache: not moved, because ${stays}`,
    '- ingress: traffic was moved away from use1-az1',
  ]);
});

test('a loss that nobody knows', () => {
  expect(outcomeSentences({ dataLossSeconds: null })).toEqual(['How much data is lost is NOT KNOWN.']);
});

test('why it is over, and what the region that was left came to', () => {
  expect(endSentences({ ended: 'recovered', closedAt: at, left: [] }, 'use1-az1')).toEqual([
    'What had failed shows no failure any more.',
    'The incident ended at 03:20 UTC.',
    'Traffic goes to use1-az1 again: nothing keeps it out any more.',
  ]);
  expect(endSentences({ ended: 'superseded', by: 'use1-az2', left: ['ingress', 'cluster'] }, 'use1-az1')).toEqual([
    'The incident is about use1-az2 now.',
    'Traffic of ingress, cluster STAYS OUT of use1-az1 until the zonal shift expires. To end it sooner: step 2 of docs/runbook.md#kept-out; no abort is needed.',
  ]);
  expect(
    endSentences({ ended: 'recovered', closedAt: at, left: ['ingress'], leftUntil: at + 3_600_000 }, 'use1-az1')[2],
  ).toBe(
    'Traffic of ingress STAYS OUT of use1-az1 until the zonal shift expires at 3 Nov 2026, 04:20 UTC. To end it sooner: step 2 of docs/runbook.md#kept-out; no abort is needed.',
  );
  const database = { region: 'us-east-1', fenced: true, fencedAt: at, divergedWrites: null };
  const cluster = { region: 'us-east-1', fenced: false, why: 'it refuses the token', divergedWrites: 0 };
  const runsOn = { ...cluster, stops: 'deployments', why: 'a planned switchover leaves its deployments as they are' };
  const gone = { fenced: true, stops: 'tasks', why: 'no task runs', divergedWrites: 0, fencedAt: at };
  const workers = { consumers: {}, divergedWrites: null };
  const off = { ...workers, fenced: true, fencedAt: at };
  const on = { ...workers, fenced: false, why: 'it does not answer' };
  expect(endSentences({ runsOn, gone, off, on }, 'us-east-1')).toEqual([
    '- runsOn: its deployments in the old region run on: a planned switchover leaves its deployments as they are',
    '- gone: its tasks in the old region do not run any more since 03:20 UTC',
    '- off: off in the old region since 03:20 UTC',
    '- on: NOT off in the old region: it does not answer',
  ]);
  expect(endSentences({ database, cluster }, 'us-east-1')).toEqual([
    '- database: the old one takes no writes any more since 03:20 UTC. What it took until then, and the new one does not have, is not known',
    '- cluster: the old one is NOT FENCED: it refuses the token',
  ]);
});

test('whatever a record holds, there are sentences, and what no rule knows is told', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything()), (facts) => {
      for (const said of [...outcomeSentences(facts), ...endSentences(facts, 'use1-az1')])
        expect(said).not.toContain('[object');
      expect(outcomeSentences({ ...facts, strange: { of: 'a kind of its own' } })).toContain(
        '- strange: of a kind of its own',
      );
    }),
  );
});

test.for([
  [{ recoverySeconds: 60, dataLossSeconds: 5 }, ['Predicted: 1 min without service and a loss of 5 s of writes.']],
  [{ recoverySeconds: 60, dataLossSeconds: 0 }, ['Predicted: 1 min without service and no loss of writes.']],
  [{ recoverySeconds: 60, dataLossSeconds: null }, ['Predicted: 1 min without service.']],
  [{ recoverySeconds: null, dataLossSeconds: 5 }, ['Predicted: a loss of 5 s of writes.']],
  [{ recoverySeconds: null, dataLossSeconds: null }, []],
  ['soon', []],
  [undefined, []],
] as const)('a prediction %j is told by what it has', ([predicted, said]) => {
  expect(outcomeSentences({ predicted })).toEqual(said);
});

test('how long the approval and the execution took is told where it is known', () => {
  expect(outcomeSentences({ approvalSeconds: 90 })).toEqual(['The approval took 1 min 30 s.']);
  expect(outcomeSentences({ executeSeconds: 90 })).toEqual(['The execution took 1 min 30 s.']);
  expect(outcomeSentences({ approvalSeconds: null, executeSeconds: null })).toEqual([]);
});

const open = { fenced: false, unfenced: ['us-east-1'] };
test.for([
  [{ database: { ...open, why: 'it does not answer' }, cache: { fenced: true } }, ': it does not answer'],
  [
    { a: { ...open, why: 'it is dark' }, b: { ...open, why: 'it is dark' }, c: { ...open, why: 'it is gone' } },
    ': it is dark; it is gone',
  ],
  [{ database: { ...open, why: 'it is dark' }, orders: { unfenced: [], why: 'it is left alone' } }, ': it is dark'],
  [{ database: 'lost', cache: { ...open, why: 7 } }, ''],
  [undefined, ''],
] as const)('why something was not fenced is told once, where %j says it', ([fenced, why]) => {
  const [said] = outcomeSentences({ unfenced: ['us-east-1'], fenced, to: 'us-west-2' });
  expect(said).toBe(`NOT FENCED yet: us-east-1${why}. What it still writes is missing in us-west-2.`);
  expect(outcomeSentences({ unfenced: [], fenced })).toEqual([]);
});

test.for([
  [{ moved: true }, 'took over'],
  [{ moved: true, empty: true }, 'took over, and began empty'],
  [{ moved: true, zone: 'use1-az2' }, 'moved to use1-az2'],
  [{ cache: 'c', moved: true, zone: null }, 'moved to another zone'],
  [{ cache: 'c', moved: false, zone: null }, 'not moved: it is not there'],
  [{ cache: 'c', moved: false, empty: true }, 'takes over (c), and began empty'],
  [{ moved: false, empty: false }, 'is the primary already'],
  [{ cache: 'c', moved: false, empty: false }, 'is the primary already (c)'],
  [
    { cache: 'c', moved: true, empty: true, way: 'start-empty', why: 'no export' },
    'took over, and began empty: no export',
  ],
  [
    {
      cache: 'c',
      moved: true,
      empty: false,
      why: 'x',
      snapshot: { name: 'e', ageSeconds: 7_200 },
      differs: ['a', 'b'],
    },
    'took over, with an export that was 2 h old. It differs from the plan: a; b',
  ],
  [{ cache: 'c', moved: true, empty: false, snapshot: null, differs: [] }, 'took over'],
  [{ leftAlone: 'others are restored' }, 'left as it is: others are restored'],
  [{ database: 'd', promoted: false, writableSince: at }, 'takes writes already (d)'],
  [{ service: 's', tasks: 4, raised: true }, 'runs 4 tasks'],
  [{ function: 'search-take-over', seen: {} }, 'done by the function search-take-over'],
  [{ consumers: { 'mapping/1': { before: 'disabled', after: 'enabled' } } }, '1 consumer is on'],
  [
    { consumers: { a: {}, b: {} }, wereOff: 'a WAS OFF', goesOn: 'job 1 runs' },
    '2 consumers are on. a WAS OFF. Still at work: job 1 runs',
  ],
  [{ fenced: true, fencedAt: at, consumers: { a: {} }, divergedWrites: null }, 'off in the old region since 03:20 UTC'],
  [
    { fenced: true, fencedAt: at, consumers: {}, why: 'job 1 runs' },
    'off in the old region since 03:20 UTC. Still at work: job 1 runs',
  ],
  [{ fenced: false, consumers: {}, why: 'it is dark' }, 'NOT off in the old region: it is dark'],
  [{ moved: false, stays: 'users are served' }, 'not moved, because users are served'],
  [{ moved: false, zone: 'use1-az2' }, 'not moved, because it stands in use1-az2'],
  [{ fenced: true, fencedAt: at }, 'the old one takes no writes any more since 03:20 UTC'],
  [{ fenced: false, why: 'it is dark' }, 'the old one is NOT FENCED: it is dark'],
  [{ answers: 200 }, 'answers'],
  [
    { cluster: 'c', answers: 200, way: 'rebuild', seconds: { deploy: 60 }, log: null, told: ['2 volumes'] },
    'was rebuilt, and answers. 2 volumes',
  ],
  [{ answers: 200, way: 'scale' }, 'was scaled up, and answers'],
  [
    { answers: 200, raised: ['app'], deployments: ['api', 'jobs'], notRaised: 'deployment web is not there' },
    'answers. More nodes were asked for in app. Asked to run again: api, jobs. NOT asked to run: deployment web is not there',
  ],
  [{ dryRun: true, wouldDo: 'promote it' }, 'in a real run: promote it'],
  [{ seen: 'x', none: null, verifiedAt: at, list: ['a', 2] }, 'seen x, verifiedAt 03:20 UTC, list a, 2'],
] as const)('what an asset came to, %j, in words', ([outcome, words]) => {
  expect(outcomesOf({ one: outcome })).toEqual([`- one: ${words}`]);
});

test.for([
  [{ shifted: 'none' }, 'shifted none'],
  [{ failed: 'States.Timeout' }, 'FAILED: States.Timeout'],
  [{ failed: 'States.Timeout', why: 7 }, 'FAILED: States.Timeout'],
  [{ dryRun: true }, 'dryRun true'],
  [{ wouldDo: 'promote it' }, 'wouldDo promote it'],
  [{ dryRun: true, wouldDo: null }, 'dryRun true'],
  [{ stays: 'users are served' }, 'stays users are served'],
  [{ zone: 'use1-az2' }, 'zone use1-az2'],
  [{ moved: false }, 'moved false'],
  [{ empty: true }, 'empty true'],
  [{ consumers: 4 }, 'consumers 4'],
  [{ function: 'search', seen: undefined }, 'function search, seen not known'],
  [{ note: { of: 'a kind', since: 2 }, more: ['a', { b: 'c' }] }, 'note of a kind, since 2, more a, b c'],
  [
    { verifiedAt: 'noon', openSince: at, Atlas: at, none: undefined },
    `verifiedAt noon, openSince 03:20 UTC, Atlas ${at}, none not known`,
  ],
  ['done', 'done'],
  [true, 'true'],
] as const)('what no rule knows of an asset, %j, is told as it stands', ([outcome, words]) => {
  expect(outcomesOf({ one: outcome })).toEqual([`- one: ${words}`]);
});

test('an asset of which nothing is known has no line', () => {
  expect(outcomesOf({ one: {}, two: { left: null }, three: '', four: 'done' })).toEqual(['- four: done']);
  expect(outcomesOf('damaged')).toEqual([]);
});

test('what still goes on while users are served is told as what comes next', () => {
  expect(outcomeSentences({ later: ['reports', 'search'] })).toEqual([
    'Next, while users are served already: reports, search.',
  ]);
  expect(outcomeSentences({ later: [] })).toEqual([]);
  expect(outcomeSentences({ later: 'reports' })).toEqual([]);
});

test('users who were not sent anywhere are not told as sent', () => {
  expect(outcomeSentences({ to: 'us-west-2', redirected: { mode: 'latch', redirectedAt: null } })).toEqual([]);
  expect(outcomeSentences({ to: 'us-west-2', redirected: null })).toEqual([]);
});

test('an end that no rule knows is told by its name, and no zone that failed on is told as open', () => {
  expect(endSentences({ ended: 'struck', left: [] }, 'use1-az1')).toEqual(['The flow ended: struck.']);
  expect(endSentences({ ended: 7, left: 'none' }, 'use1-az1')).toEqual([]);
});

test('users who were served in part are told by when, and only where the whole time is known', () => {
  const countsFrom = { at: at - 600_000, what: 'last-served' };
  expect(outcomeSentences({ inPartAt: at - 300_000, recoverySeconds: 600, countsFrom })).toEqual([
    'Users were served again at 03:15 UTC, before everything had left the zone. The whole recovery took 10 min, counted from the last successful user request at 03:10 UTC.',
  ]);
  expect(outcomeSentences({ inPartAt: at - 300_000, recoverySeconds: null })).toEqual([]);
});

test('users who fail again are not told how long they were down', () => {
  expect(outcomeSentences({ recoverySeconds: 600, verifiedAt: at }, false)).toEqual([
    'All test visits were answered at 03:20 UTC, and not all are any more.',
  ]);
});

test('where traffic is back in a zone, no asset is told as moved out of it', () => {
  const assets = { ingress: { awayFrom: 'use1-az1', shifted: ['arn'] }, database: { moved: true, zone: 'use1-az2' } };
  expect(outcomeSentences({ wellAgain: true, assets })).toEqual(['- database: moved to use1-az2']);
  expect(outcomeSentences({ wellAgain: true, assets: 'damaged' })).toEqual([]);
  expect(outcomeSentences({ wellAgain: true })).toEqual([]);
});

test('what is not fenced is told by its names, also where nobody knows where users went', () => {
  expect(outcomeSentences({ unfenced: ['database', 'orders'] })).toEqual(['NOT FENCED yet: database, orders.']);
});

test('fields that the report has are not told again, nor is what is empty', () => {
  const own = { writesEndedAt: at, verified: true, epoch: 3, undoes: 'x', drill: true, dryRun: false };
  const others = { from: 'use1-az1', mode: 'failover', startedAt: at, predicted: null, detectSeconds: 3 };
  expect(outcomeSentences({ ...own, ...others, strange: null })).toEqual([]);
});

test.for([
  [{ tasks: 1 }, 'runs 1 task'],
  [{ tasks: 2 }, 'runs 2 tasks'],
  [{ moved: false, zone: null }, 'not moved: it is not there'],
])('of an asset that came to %j people read: %s', ([outcome, words]) => {
  expect(outcomesOf({ one: outcome })).toEqual([`- one: ${words}`]);
});

test('of several regions that are not fenced all are named, and none where nothing is open', () => {
  const lost = (unfenced: readonly string[]) => outcomeSentences({ dataLossSeconds: 60, unfenced })[0];
  expect(lost(['us-east-1', 'us-east-2'])).toBe(
    'At most the last 1 min of writes before the move are lost. Beside that, all is missing that us-east-1, us-east-2 takes until it is fenced.',
  );
  expect(lost([])).toBe('At most the last 1 min of writes are lost.');
  const [none] = outcomeSentences({ dataLossSeconds: 0, unfenced: ['us-east-1'] });
  expect(none).toBe(
    'At most the last 0 s of writes before the move are lost. Beside that, all is missing that us-east-1 takes until it is fenced.',
  );
});
