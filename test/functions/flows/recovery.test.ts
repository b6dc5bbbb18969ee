// From served to told: verify-service, record-recovery, notify, release-lock and watch-incident.
import 'aws-sdk-client-mock-vitest/extend';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { handler as diagnose } from '../../../functions/diagnose.ts';
import { flowMessage } from '../../../functions/domain/flow-words/flow-message.ts';
import { triedMark } from '../../../functions/domain/recovery/reaching.ts';
import { handler as notify } from '../../../functions/notify.ts';
import { handler as record } from '../../../functions/record-recovery.ts';
import { handler as release } from '../../../functions/release-lock.ts';
import { handler as verify } from '../../../functions/verify-service.ts';
import { handler as watch } from '../../../functions/watch-incident.ts';
import { mocked } from '../../mocked.ts';
import { incidentOf } from '../../store/samples.ts';
import { called, changesAnswer } from '../changes.ts';
import {
  componentSignal,
  failureOf,
  incident,
  openIncident,
  regionIncident,
  type Setting,
  setting,
  start,
} from '../setting.ts';

const sns = mocked(SNSClient);
beforeEach(() => {
  sns.reset();
  sns.on(PublishCommand).resolves({});
  changesAnswer();
});
afterEach(() => vi.restoreAllMocks());

/** The health page gives these answers in turn; null is no answer. */
function answering(...answers: (number | null)[]): Setting {
  const shell = setting({
    fetch: async () => {
      const status = answers.shift() ?? null;
      if (status === null) throw new TypeError('fetch failed');
      return new Response(null, { status });
    },
  });
  return shell;
}

const outcomeOf = (run: Promise<unknown>) =>
  run.then(
    () => 'served',
    (error: Error) => error.name,
  );

test.for([
  ['answers three times', [200, 200, 200], 'served'],
  ['fails at first', [503, 200, 200], 'InProgress'],
  ['fails at last', [200, 200, 503], 'InProgress'],
  ['does not answer once', [200, null, 200], 'InProgress'],
  ['sends users to another page', [302, 302, 302], 'InProgress'],
] as const)('a service that %s is %s', async ([, answers, outcome]) => {
  expect(await outcomeOf(verify.on(answering(...answers))({ incident }))).toBe(outcome);
});

/** Pages of which so many visits hang until they are given up; those after them pass. A second lasts until all else has been done. */
function hanging(hang: number) {
  const visits: (AbortSignal | null | undefined)[] = [];
  const shell = setting({
    after: () => new Promise<void>((resolve) => void setImmediate(resolve)),
    fetch: async (_, { signal } = {}) => {
      visits.push(signal);
      if (visits.length > hang) return new Response(null, { status: 200 });
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    },
  });
  return { shell, visits };
}

test('while visits hang another one begins each second, and what hangs is given up with the first answer', async () => {
  const { shell, visits } = hanging(2);
  expect(await outcomeOf(verify.on(shell)({ incident }))).toBe('served');
  const needed = shell.plan.service.healthPassesNeeded;
  expect(visits.map((signal) => signal?.aborted)).toEqual([
    ...[true, true, true], // the first that passed, too: it has ended
    ...Array.from({ length: needed }, () => false), // and counts for nothing
  ]);
});

test('a page of which some visits hang passes by the best of them no more often than by one', async () => {
  const { shell } = hanging(1);
  const { fetch } = shell;
  let visits = 0;
  // The first hangs, the one beside it passes, and the first one alone hangs again.
  const flaky: typeof fetch = async (url, init) => {
    visits += 1;
    if (visits === 3) throw new TypeError('fetch failed');
    return fetch(url, init);
  };
  const service = { ...shell.plan.service, healthPassesNeeded: 1 };
  const one = { ...shell, fetch: flaky, plan: { ...shell.plan, service } };
  expect(await outcomeOf(verify.on(one)({ incident }))).toBe('InProgress');
});

test('where every visit hangs, a look lasts as long as one, and leaves none behind', async () => {
  const { shell, visits } = hanging(Number.POSITIVE_INFINITY);
  expect(await outcomeOf(verify.on(shell)({ incident }))).toBe('InProgress');
  expect(visits.map((signal) => signal?.aborted)).toEqual(
    Array.from({ length: shell.plan.service.healthTimeoutSeconds }, () => true),
  );
});

test('where a visit is refused at once, the flow looks again and not the function', async () => {
  let visits = 0;
  const shell = setting({
    after: () => new Promise<void>((resolve) => void setImmediate(resolve)),
    fetch: async () => {
      visits += 1;
      throw new TypeError('fetch failed');
    },
  });
  expect(await outcomeOf(verify.on(shell)({ incident }))).toBe('InProgress');
  expect(visits).toBe(1);
});

test('passes of an earlier try do not count', async () => {
  const shell = answering(200, 200, 503, 200, 503);
  expect(await outcomeOf(verify.on(shell)({ incident }))).toBe('InProgress');
  expect(await outcomeOf(verify.on(shell)({ incident }))).toBe('InProgress');
});

test('a dry run looks once and says whether users are served', async () => {
  const shell = answering(503);
  expect(await verify.on(shell)({ incident: { ...incident, dryRun: true } })).toMatchObject({
    dryRun: true,
    served: false,
  });
  expect(await shell.store.readSteps(incident.id)).toEqual([]);
});

test('after a redirection only answers of the region that takes over count', async () => {
  const from = (...regions: string[]) => {
    const shell = setting({
      fetch: async () => new Response(null, { status: 200, headers: { 'x-served-by': regions.shift() ?? '' } }),
    });
    return outcomeOf(verify.on(shell)({ incident: regionIncident }));
  };
  expect(await from('us-east-1', 'us-west-2', 'us-west-2')).toBe('InProgress');
  expect(await from('us-west-2', 'us-west-2', 'us-east-1')).toBe('InProgress');
  expect(await from('us-west-2', 'us-west-2', 'us-west-2')).toBe('served');
});

const moved = { database: { zone: 'use1-az2', moved: true }, cache: { zone: 'use1-az4', moved: false }, cluster: {} };

test('the record says what moved and how long it took, and is written once', async () => {
  const shell = setting();
  const input = { incident, moved, verified: { verifiedAt: start + 95_000 } };
  const written = await record.on(shell)(input);
  expect(written).toMatchObject({
    from: 'use1-az1',
    startedAt: start,
    verifiedAt: start + 95_000,
    executeSeconds: 95,
    dataLossSeconds: 0,
    assets: moved,
  });
  shell.at += 60_000;
  expect(await record.on(shell)({ ...input, verified: { verifiedAt: start + 200_000 } })).toEqual(written);
  expect(await shell.store.readSteps(incident.id)).toHaveLength(1);
});

test('a recovery that was whole only later says when users were first served again', async () => {
  const shell = setting();
  const inPart = { ...moved, cache: { failed: 'CannotProceed', why: 'no replica elsewhere' } };
  const first = await record.on(shell)({ incident, moved: inPart, verified: { verifiedAt: start + 95_000 } });
  expect(first).not.toHaveProperty('inPartAt');
  const whole = await record.on(shell)({ incident, moved, verified: { verifiedAt: start + 900_000 } });
  expect(whole).toMatchObject({ inPartAt: start + 95_000, recoverySeconds: 900 });
});

test('before anybody has looked at users, the record says that every asset has left or given up, and nothing of a recovery', async () => {
  const shell = setting();
  expect(await record.on(shell)({ incident, moved, verified: null })).toEqual({});
  expect(await shell.store.readSteps(incident.id)).toMatchObject([
    { step: triedMark, at: start, outcome: { assets: moved } },
  ]);
  expect(await record.on(shell)({ incident, moved, verified: { verifiedAt: start } })).toMatchObject({
    executeSeconds: 0,
  });
});

test('what the flow was predicted to take goes by earlier flows out of a zone, and a dry run predicts nothing', async () => {
  const shell = setting();
  const first = await record.on(shell)({ incident, moved, verified: { verifiedAt: start + 95_000 } });
  expect(first).toMatchObject({ predicted: { assetSeconds: { database: 120 } } });
  for (const id of ['one', 'two', 'three']) {
    await shell.store.writeIncident(incidentOf({ id, level: 2, closedAt: start - 60_000 }));
    const kept = { incident: id, execution: id, at: start - 400_000 };
    const outcome = { startedAt: start - 500_000, verifiedAt: start - 390_000, executeSeconds: 110 };
    await shell.store.recordStep({ ...kept, step: 'leave-zone/database', outcome: { moved: true } });
    await shell.store.recordStep({ ...kept, step: 'record-recovery', outcome });
  }
  const second = { ...incident, execution: 'the-second' };
  const verified = { verifiedAt: start + 95_000 };
  expect(await record.on(shell)({ incident: second, moved, verified })).toMatchObject({
    predicted: {
      recoverySeconds: 110,
      assetSeconds: { database: 100 },
      basis: expect.stringContaining('last 3 moves'),
    },
  });
  const dry = { ...incident, execution: 'the-third', dryRun: true };
  expect(await record.on(shell)({ incident: dry, moved, verified })).not.toHaveProperty('predicted');
});

test('the clock counts from when users were last seen to be served, and else from the first evidence, and says from which', async () => {
  const input = { incident, moved, verified: { verifiedAt: start + 95_000 } };
  expect(await record.on(setting())(input)).toMatchObject({
    ...{ countsFrom: { at: start, what: 'first-evidence' }, detectSeconds: null, recoverySeconds: 95 },
  });
  const info = vi.fn();
  const shell = setting({ log: { ...setting().log, info } });
  const [first] = incidentOf({}).decisions;
  const decision = { ...(first as NonNullable<typeof first>), execution: incident.execution, at: start + 20_000 };
  await shell.store.writeIncident({ ...openIncident, lastServedAt: start - 30_000, decisions: [decision] });
  // Canaries pass again by now: that says nothing of when users were last served before.
  const place = { region: 'us-east-1', zone: null, condition: 'healthy', observer: 'eu-west-1' } as const;
  await shell.store.keepSignals([
    { ...place, id: 'c', key: 'c', at: start + 90_000, kind: 'canary-run', passed: true } as never,
  ]);
  const clocks = { detectSeconds: 30, decideSeconds: 20, executeSeconds: 95, recoverySeconds: 125, restoreSeconds: 95 };
  expect(await record.on(shell)(input)).toMatchObject({
    ...{ countsFrom: { at: start - 30_000, what: 'last-served' }, ...clocks },
  });
  const told = { DetectSeconds: 30, DecideSeconds: 20, RecoverySeconds: 125, DataLossSeconds: 0, Flow: 'az-failover' };
  expect(info).toHaveBeenCalledWith('recovered', expect.objectContaining({ ...clocks, ...told }));
});

test('a dry run has no time of recovery', async () => {
  const input = { incident: { ...incident, dryRun: true }, moved, verified: { dryRun: true, served: true } };
  expect(await record.on(setting())(input)).toMatchObject({ verifiedAt: null, executeSeconds: null, dryRun: true });
});

const topics = () =>
  sns.commandCalls(PublishCommand).map((call) => call.args[0].input.TopicArn?.split('breakwater-test-')[1]);

test('a zone flow that was held up does not say that users are served when the region is lost', async () => {
  const shell = setting();
  await shell.store.writeIncident({ ...openIncident, level: 3, scope: { region: 'us-east-1', zone: null } });
  expect(await notify.on(shell)({ occasion: 'recovered', incident })).toEqual({
    told: [],
    untold: {},
    occasion: 'recovered',
  });
  expect(sns).not.toHaveReceivedCommand(PublishCommand);
});

/** A page that fails so many of ten visits; of a region, where it says which. */
const failing = (ofTen: number, region = ''): Setting => {
  let visits = 0;
  return setting({
    fetch: async () => {
      visits += 1;
      return new Response(null, { status: (visits - 1) % 10 < ofTen ? 503 : 200, headers: { 'x-served-by': region } });
    },
  });
};
const subjectOf = () => sns.commandCalls(PublishCommand)[0]?.args[0].input.Subject;

test.for([
  ['recovered', 0, incident, 'For information: users are served without use1-az1'],
  ['recovered', 1, incident, 'some users FAIL: use1-az1 was left: look for a second cause'],
  ['recovered', 10, incident, 'users FAIL: use1-az1 was left: look for a second cause'],
  ['recovered-in-part', 0, incident, 'For information: users are served, and NOT all has left use1-az1'],
  ['recovered-in-part', 3, incident, 'some users FAIL: NOT all has left use1-az1: look for what users still need'],
  ['closed', 0, incident, 'For information: the incident in use1-az1 is over'],
  ['closed', 3, incident, 'some users FAIL: use1-az1 is watched no more: look for another cause'],
  ['degradation-ended', 0, { ...incident, zone: null }, 'For information: degradation in us-east-1 has ended'],
  [
    'degradation-ended',
    3,
    { ...incident, zone: null },
    'some users FAIL: no alarm is left in us-east-1: look for another cause',
  ],
  ['recovered', 0, regionIncident, 'For information: users are served without us-east-1'],
  ['recovered', 3, regionIncident, 'some users FAIL: us-east-1 was left: look for a second cause'],
] as const)('of %s, where %d of 10 visits fail when it is written, people hear what was seen', async (given) => {
  const [occasion, ofTen, flow, subject] = given;
  await notify.on(failing(ofTen, flow.standby ?? ''))({ occasion, incident: flow, retries: 2 });
  expect(subjectOf()).toBe(`[Breakwater] ${subject}`);
});

test('where not every visit is answered, it is looked twice more before people hear of it', async () => {
  const shell = failing(1);
  for (const [retries, seen] of ['54 of 60', '108 of 120'].entries())
    await expect(notify.on(shell)({ occasion: 'closed', incident, retries })).rejects.toThrow(`${seen} visits`);
  expect(sns).not.toHaveReceivedCommand(PublishCommand);
  await notify.on(shell)({ occasion: 'closed', incident, retries: 2 });
  expect(subjectOf()).toContain('users FAIL: ');
});

test('all visits of a look are made at once: however they hang, it lasts as long as one', async () => {
  let [open, most] = [0, 0];
  const shell = setting({
    fetch: async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((answered) => setTimeout(answered, 5));
      open -= 1;
      return new Response(null, { status: 200 });
    },
  });
  await notify.on(shell)({ occasion: 'closed', incident });
  expect(most).toBe(60);
  // However often it was tried in vain, a Lambda has sockets for a look.
  await notify.on(shell)({ occasion: 'closed', incident, retries: 40 });
  expect(most).toBe(500);
});

test('how many visits were answered is said, where not all were', async () => {
  const bodies = () => sns.commandCalls(PublishCommand).map((call) => call.args[0].input.Message);
  await notify.on(failing(1))({ occasion: 'recovered', incident, retries: 2 });
  expect(bodies()[0]).toContain(
    'Some users are NOT served now: 162 of 180 test visits were answered just before this message.\n',
  );
  sns.resetHistory();
  await notify.on(failing(10))({ occasion: 'closed', incident, retries: 2 });
  expect(bodies()[0]).toContain(
    'Users are NOT served now: 0 of 180 test visits were answered just before this message.\n',
  );
  sns.resetHistory();
  await notify.on(failing(0))({ occasion: 'closed', incident });
  expect(bodies()[0]).toContain('Users are served now: 60 of 60 test visits were answered just before this message.\n');
});

test('what another region serves is no news that users are served by the one that takes over', async () => {
  await notify.on(failing(0, 'us-east-1'))({ occasion: 'recovered', incident: regionIncident, retries: 2 });
  expect(subjectOf()).toBe('[Breakwater] users FAIL: us-east-1 was left: look for a second cause');
});

test.for([
  ['closed', 'over'],
  ['closed-unserved', 'open'],
  ['degradation-ended-unserved', 'open'],
  ['not-recovered-in-part', 'open'],
] as const)('what people were called for is, after %s, %s', ([occasion, state]) => {
  expect(flowMessage(occasion, incident, {}, '').thread?.state).toBe(state);
});

test('the end of a watch that was superseded is not called the end of the incident', async () => {
  const shell = setting();
  await notify.on(shell)({ occasion: 'closed', incident, facts: { ended: 'superseded', left: [] } });
  const said = sns.commandCalls(PublishCommand)[0]?.args[0].input;
  expect(said?.Subject).toBe('[Breakwater] For information: the incident goes on elsewhere');
  expect(said?.Message).toContain('The incident goes on: `npm run status -- --stage test` says what is being done.');
});

test('of what cannot leave a zone people hear once, and once more that it was the last try', async () => {
  const shell = failing(0);
  const leaving = { database: { failed: 'States.TaskFailed', why: 'it has no standby' } };
  const tell = (round: number, againSeconds: number | null) =>
    notify.on(shell)({ occasion: 'failed', incident, facts: { LeaveZone: leaving, round, againSeconds }, retries: 2 });
  const bodies = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.Message ?? '');
  await tell(1, 600);
  const first = bodies();
  expect(first[0]).toContain('This was try 1 of 3.');
  await tell(2, 600);
  expect(bodies()).toHaveLength(first.length);
  await tell(3, null);
  expect(bodies()).toHaveLength(2 * first.length);
  expect(bodies().at(-1)).toContain('Breakwater has tried for the last time.');
});

test('each role of the level hears of an occasion once, however often the step runs', async () => {
  const shell = failing(0);
  await shell.store.writeIncident({
    ...openIncident,
    decisions: [
      {
        action: 'az-failover',
        reason: 'zone use1-az1 failed',
        at: start,
        level: 2,
        scope: openIncident.scope,
        evidence: ['alarm-1', 'alarm-2'],
        causes: ['api', 'cache'],
        attempt: 1,
        execution: incident.execution,
      },
    ],
  });
  await notify.on(shell)({ occasion: 'started', incident });
  await notify.on(shell)({ occasion: 'started', incident });
  expect(topics()).toEqual(['on-call', 'infra-lead', 'dba']);
  await notify.on(shell)({
    occasion: 'recovered',
    incident,
    facts: { verifiedAt: start, assets: { database: { zone: 'use1-az2' }, cache: { moved: false } } },
  });
  expect(topics()).toHaveLength(6);
  const sent = sns.commandCalls(PublishCommand).map((call) => call.args[0].input);
  expect(sent[0]?.Subject).toBe('[Breakwater] For information: moving out of use1-az1');
  expect(sent[0]?.Message).toContain(`Evidence: 2 signals. To see them: npm run report -- ${incident.id} --stage test`);
  expect(sent[3]?.Message).toContain(
    '- database: zone use1-az2\n- cache: moved false\nAll test visits were answered at 03:00 UTC.',
  );
});

test('another execution of the incident is told as well', async () => {
  const shell = setting();
  await notify.on(shell)({ occasion: 'started', incident });
  await notify.on(shell)({ occasion: 'started', incident: { ...incident, zone: 'use1-az2', execution: 'the-second' } });
  expect(topics()).toHaveLength(6);
});

test('a topic that does not answer is told later, and the others are not told twice', async () => {
  const shell = setting();
  sns
    .on(PublishCommand, { TopicArn: 'arn:aws:sns:us-east-1:111122223333:breakwater-test-infra-lead' })
    .rejectsOnce(Object.assign(new Error('slow'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } }))
    .resolves({});
  expect((await failureOf(notify.on(shell)({ occasion: 'started', incident }))).name).toBe('Unavailable');
  await notify.on(shell)({ occasion: 'started', incident });
  expect(topics().filter((role) => role === 'on-call')).toHaveLength(1);
  expect(topics().filter((role) => role === 'dba')).toHaveLength(1);
  expect(topics().at(-1)).toBe('infra-lead');
});

test.for([
  [
    'a degradation is told to level 1 only',
    { flow: 'service-degradation', zone: null },
    ['on-call'],
    '[Breakwater] service degraded in us-east-1: cause not known',
  ],
  [
    'a drill says that it is one',
    { flow: 'service-degradation', zone: null, drill: true },
    ['on-call'],
    '[Breakwater] [DRILL] service degraded in us-east-1: cause not known',
  ],
  [
    'a dry run says that it is one',
    { flow: 'service-degradation', zone: null, dryRun: true, drill: true },
    ['on-call'],
    '[Breakwater] [DRY RUN] service degraded in us-east-1: cause not known',
  ],
] as const)('%s', async ([, change, roles, subject]) => {
  await notify.on(setting())({ occasion: 'degraded', incident: { ...incident, ...change } });
  expect(topics()).toEqual(roles);
  expect(sns.commandCalls(PublishCommand)[0]?.args[0].input.Subject).toBe(subject);
});

test('a degradation is told with what is suspected and what the plan would do', async () => {
  const shell = setting();
  const at = start - 60_000;
  const common = { key: 'release', at, region: 'us-east-1', observer: 'us-east-1' };
  await shell.store.keepSignals([
    { ...common, id: 'r', kind: 'release', release: 'v42', phase: 'started' },
    componentSignal({ zone: null }),
  ]);
  await notify.on(shell)({ occasion: 'degraded', incident: { ...incident, flow: 'service-degradation', zone: null } });
  const body = sns.commandCalls(PublishCommand)[0]?.args[0].input.Message;
  expect(body).toContain(
    'take release v42 back:\n  npm run build -- chatops-rollback --release v42 --region us-east-1 --stage test\n',
  );
  expect(body).toContain('Suspected cause: release v42, started before the first failure.\n');
  expect(body).toContain('Recent changes, oldest first:\n  02:59 UTC release v42 started\n');
  expect(body).toContain('takes nothing back: the plan leaves that to people');
});

test('a lock is given back, and another execution keeps its own', async () => {
  const shell = setting();
  const lock = { target: 'us-east-1', execution: 'another', incident: 'x', action: 'az-failover', at: start } as const;
  await shell.store.takeLock(lock);
  await release.on(shell)({ incident });
  expect((await shell.store.readStanding('us-east-1')).lock).toEqual(lock);
  await release.on(shell)({ incident: { ...incident, execution: 'another' } });
  expect((await shell.store.readStanding('us-east-1')).lock).toBeNull();
});

test.for([
  ['that changed nothing ends what a person planned', true, 'manual-x', true],
  ['that has done something leaves it open: its end is seen by the evidence', false, 'manual-x', false],
  ['that changed nothing leaves what was found open', true, 'found', false],
] as const)('a flow %s', async ([, held, id, ends]) => {
  const shell = setting();
  await shell.store.writeIncident({ ...openIncident, id });
  await release.on(shell)({ incident: { ...incident, id }, held });
  expect((await shell.store.readOpenIncident('us-east-1')) === null).toBe(ends);
});

const degradation = { ...openIncident, level: 1, scope: { region: 'us-east-1', zone: null } } as const;

test.for([
  ['waits while it is open', [degradation], 'InProgress'],
  ['ends when it closes', [degradation, { ...degradation, closedAt: start, version: 2 }], 'recovered'],
  ['ends when it became a zone failure', [degradation, { ...degradation, level: 2, version: 2 }], 'escalated'],
  [
    'ends when nobody knows how bad it is',
    [degradation, { ...degradation, level: 'unknown', version: 2 }],
    'escalated',
  ],
  ['stops when the record has no such incident', [], 'CannotProceed'],
] as const)('watching a degradation %s', async ([, versions, outcome]) => {
  const shell = setting();
  for (const version of versions) await shell.store.writeIncident(version);
  const watched = watch.on(shell)({ incident: { ...incident, flow: 'service-degradation', zone: null } });
  expect(
    await watched.then(
      (reached) => reached.ended,
      (error: Error) => error.name,
    ),
  ).toBe(outcome);
});

test('a manual degradation ends when nothing in the region has failed for the recovery time', async () => {
  const shell = setting();
  const manual = { ...incident, id: 'manual-x', flow: 'service-degradation', zone: null };
  await shell.store.writeIncident({ ...degradation, id: 'manual-x', openedAt: start });
  await shell.store.keepSignals([componentSignal({ condition: 'healthy', at: start + 60_000 })]);
  shell.at += 359_000;
  expect((await failureOf(watch.on(shell)({ incident: manual }))).name).toBe('InProgress');
  shell.at += 1_000;
  expect(await watch.on(shell)({ incident: manual })).toMatchObject({ ended: 'recovered' });
});

test('a degradation is watched at first until all that was changed before is in CloudTrail', async () => {
  const shell = setting();
  const atFirst = { incident: { ...incident, flow: 'service-degradation', zone: null }, atFirst: true } as const;
  await shell.store.writeIncident({ ...openIncident, level: 1 });
  shell.at += 15 * 60_000 - 1;
  expect((await failureOf(watch.on(shell)(atFirst))).name).toBe('InProgress');
  shell.at += 1;
  expect(await watch.on(shell)(atFirst)).toEqual({ ended: 'goes-on' });
  await shell.store.writeIncident({ ...openIncident, level: 1, closedAt: shell.at, version: 2 });
  expect(await watch.on(shell)(atFirst)).toMatchObject({ ended: 'recovered' });
});

test('what was changed and known late is told once, and nobody is told where nothing is new', async () => {
  const shell = setting();
  const flow = { ...incident, flow: 'service-degradation', zone: null } as const;
  const known = called({ at: start - 300_000, call: 'RebootDBInstance' });
  await shell.store.keepSignals([componentSignal({ component: 'database', zone: null })]);
  changesAnswer({ LookupEvents: () => ({ Events: [known] }) });
  const facts = await diagnose.on(shell)({ incident: flow });
  const tellMore = () => notify.on(shell)({ occasion: 'more-changes', incident: flow, facts });
  shell.at += 15 * 60_000;
  expect(await tellMore()).toMatchObject({ told: [] });
  expect(topics()).toEqual([]);
  changesAnswer({ LookupEvents: () => ({ Events: [called({ at: start - 60_000 }), known] }) });
  await tellMore();
  await tellMore();
  expect(topics()).toEqual(['on-call']);
  const body = sns.commandCalls(PublishCommand)[0]?.args[0].input.Message;
  expect(body).toContain('  02:59 UTC ModifyDBInstance on database, by anna (role database-admin)\n');
  expect(body).toContain(
    'Suspected cause: a change 1 min before the first sign: ModifyDBInstance on database, by anna',
  );
  expect(body).not.toContain('RebootDBInstance');
});
