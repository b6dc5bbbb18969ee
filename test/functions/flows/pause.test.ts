// A flow with failures stops once, tells people of all of them, and goes on by nothing but a redrive.
import 'aws-sdk-client-mock-vitest/extend';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test } from 'vitest';
import { handler as pause } from '../../../functions/pause.ts';
import { noteGivenBack } from '../../../functions/shared/recovery/waivers.ts';
import { mocked } from '../../mocked.ts';
import { failureOf, incident, openIncident, regionIncident, running, type Setting } from '../setting.ts';

const sns = mocked(SNSClient);
let shell: Setting;

beforeEach(async () => {
  sns.reset();
  sns.on(PublishCommand).resolves({});
  shell = await running(incident);
});

const why = '{"errorType":"CannotProceed","errorMessage":"no replica elsewhere","trace":["at';
const came = (redriven: number) => ({
  incident,
  redrives: 1,
  redriven,
  ofAssets: { LeaveZone: { cache: { failed: 'CannotProceed', why }, database: { moved: true } } },
  ofFlow: { VerifyService: { failed: 'InProgress', why: '0 of 3 passed' }, WatchZone: { ended: 'recovered' } },
});
const bodies = () => sns.commandCalls(PublishCommand).map((call) => call.args[0].input);

test('one page names every failure, what was called, and the lines to type, however often the call is repeated', async () => {
  const { id, execution, region } = incident;
  for (const call of [
    { step: 'leave-zone/cache', call: 'elasticache:ModifyReplicationGroup', target: 'chatops-redis' },
    { step: 'leave-zone/database', call: 'rds:RebootDBInstance', target: 'chatops-prod' },
  ])
    await shell.store.audit({
      incident: id,
      execution,
      at: shell.at,
      actor: 'classify',
      drill: false,
      region,
      ...call,
    });
  for (const _ of [1, 2, 3]) expect((await failureOf(pause.on(shell)(came(1)))).name).toBe('Paused');
  expect(bodies()).toHaveLength(2); // one for each role
  expect(bodies()[0]?.Subject).toBe(
    '[Breakwater] users FAIL: you are needed: PAUSED while moving cache out of use1-az1, checking that...',
  );
  for (const part of [
    'Moving cache out of use1-az1 failed: no replica elsewhere',
    'AWS calls for moving cache out of use1-az1: elasticache:ModifyReplicationGroup of chatops-redis in us-east-1 at ',
    'AWS calls for what did not fail: rds:RebootDBInstance of chatops-prod in us-east-1 at ',
    'Checking that users are served failed: 0 of 3 passed',
    `npm run resume -- ${execution} --stage test`,
    `npm run skip -- ${execution} LeaveZone cache --stage test --reason "<why>"`,
    `npm run abort -- ${execution} --stage test`,
  ])
    expect(bodies()[0]?.Message).toContain(part);
  expect(bodies()[0]?.Message).not.toContain('VerifyService --stage');
});

test('it says since when users fail, whether they are served now, and what AWS said while the step was tried again', async () => {
  let visits = 0;
  let failsEach = 3;
  shell = await running(incident, {
    fetch: async () => {
      visits += 1;
      return new Response(null, { status: visits % failsEach === 0 ? 503 : 200 });
    },
  });
  const { id, execution } = incident;
  const why = 'reboot chatops-redis: InternalFailure: try later';
  await shell.store.recordStep({
    incident: id,
    execution,
    step: 'failing/leave-zone/cache',
    at: shell.at,
    outcome: { why },
  });
  await shell.store.writeIncident({ ...openIncident, lastServedAt: incident.since - 60_000 });
  const LeaveZone = { cache: { failed: 'InProgress', why: 'it was asked to move' } };
  await failureOf(pause.on(shell)({ ...came(1), ofAssets: { LeaveZone } }));
  const body = bodies()[0]?.Message ?? '';
  expect(body).toContain(
    'Moving cache out of use1-az1 failed: it was asked to move. The last try failed with: reboot chatops-redis: InternalFailure: try later.',
  );
  expect(body).toMatch(
    /The first sign of the failure was at \d\d:\d\d UTC, after the last successful user request at \d\d:\d\d UTC\.\n/,
  );
  expect(body).toContain('Some users are NOT served now: 40 of 60 test visits were answered just before this message.');
  await shell.store.recordStep({
    incident: id,
    execution,
    step: 'mended/leave-zone/cache',
    at: shell.at + 1,
    outcome: {},
  });
  sns.resetHistory();
  failsEach = 1_000;
  await failureOf(pause.on(shell)({ ...came(2), redrives: 2, ofAssets: { LeaveZone } }));
  expect(bodies()[0]?.Message).not.toContain('InternalFailure');
  expect(bodies()[0]?.Message).toContain(
    'Users are served now: 60 of 60 test visits were answered just before this message.',
  );
});

test('what is held has not failed: nobody is offered to leave it out', async () => {
  const LeaveZone = {
    database: { failed: 'CannotProceed', why: '' },
    cache: { held: 'needs database' },
  };
  await failureOf(pause.on(shell)({ ...came(1), ofAssets: { LeaveZone } }));
  const body = bodies()[0]?.Message ?? '';
  expect(body).toContain('Moving cache out of use1-az1 is held: needs database');
  expect(body).toContain('LeaveZone database --stage test');
  expect(body).not.toContain('LeaveZone cache --stage test');
});

test.for([
  ['take-over/database', true],
  ['take-over/cluster', false],
] as const)(
  'after %s the line that aborts is named only where no database was asked to take over',
  async ([step, isTaken]) => {
    const region = await running(regionIncident, { region: 'us-west-2' });
    const { id, execution } = regionIncident;
    const call = { call: 'x', target: 'y', actor: 'classify', drill: false, region: 'us-west-2', step } as const;
    await region.store.audit({ incident: id, execution, at: region.at, ...call });
    expect((await failureOf(pause.on(region)({ ...came(1), incident: regionIncident }))).name).toBe('Paused');
    expect(bodies()[0]?.Message?.includes('Do NOT abort it before you have read ')).toBe(isTaken);
    expect(bodies()[0]?.Message?.includes('npm run abort')).toBe(!isTaken);
  },
);

test('a flow for which the region was given back pauses nothing: it calls nobody, and ends', async () => {
  await noteGivenBack(incident.execution, shell);
  expect((await failureOf(pause.on(shell)(came(1)))).name).toBe('Aborted');
  expect(bodies()).toEqual([]);
  expect((await shell.store.readSteps(incident.id)).filter(({ step }) => step.startsWith('paused/'))).toEqual([]);
});

test('a redrive goes on, and tells nobody', async () => {
  expect(await pause.on(shell)(came(2))).toEqual({ resumed: 2 });
  expect(bodies()).toEqual([]);
});

test('a switchover that gave up says which databases take writes again, and which stay fenced and why', async () => {
  const openSince = Date.parse('2026-11-23T03:12:00Z');
  const Unfence = {
    database: { region: 'us-east-1', database: 'chatops-prod', opened: true, openSince },
    orders: { region: 'us-east-1', database: 'orders-prod', opened: false, stays: 'the cache has moved' },
    search: { region: 'us-east-1', database: 'search-prod', opened: false, why: 'it was not fenced' },
    stock: { failed: 'CannotProceed', why },
  };
  await failureOf(
    pause.on(shell)({ ...came(1), ofAssets: { CatchUp: { database: { failed: 'InProgress' } }, Unfence } }),
  );
  const body = bodies()[0]?.Message ?? '';
  for (const part of [
    'Database chatops-prod in us-east-1 TAKES WRITES AGAIN, since 23 Nov 2026, 03:12 UTC: nothing took over',
    'Database orders-prod in us-east-1 STAYS FENCED: the cache has moved.',
    'Opening stock again failed: no replica elsewhere',
  ])
    expect(body).toContain(part);
  expect(body).not.toContain('search-prod');
});

test('a pause is in the record: nothing is changed after it before another look', async () => {
  await failureOf(pause.on(shell)(came(1)));
  const steps = await shell.store.readSteps(incident.id);
  expect(steps.map(({ step }) => step)).toEqual(['paused/1']);
  await pause.on(shell)(came(2));
  expect(await shell.store.readSteps(incident.id)).toHaveLength(1);
});

test('a branch that met a stale approval is named with why, where nobody looked again in time', async () => {
  const stale = {
    stale: 'ApprovalStale',
    why: '{"errorMessage":"what was approved is stale: it was looked at 901 s ago"}',
  };
  await failureOf(pause.on(shell)({ ...came(1), ofAssets: { TakeOver: { database: stale } }, ofFlow: {} }));
  expect(bodies()[0]?.Message).toContain('Taking over database failed: what was approved is stale: it was looked at');
});

describe('a region flow that does not go on because the region serves again', () => {
  const held = { Reassess: { held: 'nobody has approved going on as it is now' } };
  const stopped = async (unfence: object, isWell = true) => {
    const of = { ...regionIncident, mode: 'failover' as const };
    await failureOf(
      pause.on(shell)({
        ...{ incident: of, redrives: 0, redriven: 0, ofFlow: held, isWell },
        ofAssets: { Unfence: unfence },
      }),
    );
    return bodies()[0]?.Message ?? '';
  };
  const opened = { database: { region: 'us-east-1', database: 'chatops-prod', opened: true, openSince: 1 } };
  beforeEach(async () => {
    shell = await running(regionIncident);
    await shell.store.writeIncident({ ...openIncident, closedAt: null, version: 1 });
    await shell.store.writeIncident({ ...openIncident, closedAt: shell.at, version: 2 });
  });

  test('is to be given up, and no resume is offered', async () => {
    const body = await stopped(opened);
    expect(body).toContain('npm run abort -- ');
    expect(body).toContain('what failed has recovered, and nothing has taken over.');
    expect(body).not.toContain('npm run resume -- ');
  });

  test('says which consumers stay off, and is to be given up all the same', async () => {
    const workers = { region: 'us-east-1', opened: false, stays: 'cache was asked to take over' };
    const body = await stopped({ ...opened, workers });
    expect(body).toContain('workers STAY OFF in us-east-1: cache was asked to take over.');
    expect(body).not.toContain('npm run resume -- ');
  });

  test('names what else it has moved', async () => {
    const { id, execution } = regionIncident;
    const call = {
      step: 'take-over/cache',
      call: 'elasticache:FailoverGlobalReplicationGroup',
      target: 'ldgnf-chatops',
    };
    await shell.store.audit({
      ...{ incident: id, execution, at: shell.at, actor: 'classify', drill: false, region: 'us-west-2' },
      ...call,
    });
    const body = await stopped(opened);
    expect(body).toContain('no database has taken over.');
    expect(body).not.toContain('nothing took over');
    expect(body).toContain(
      'But cache was asked to take over in the other region: users of us-east-1 may fail without it',
    );
    expect(body.indexOf('- ldgnf-chatops was asked to make us-west-2 its primary')).toBeLessThan(
      body.indexOf('npm run abort -- '),
    );
  });

  test.for([
    ['stays closed', { database: { region: 'us-east-1', database: 'chatops-prod', opened: false, stays: 'x' } }],
    ['could not be opened', { database: { failed: 'CannotProceed', why: 'it is stopped' } }],
    ['said nothing that can be read', { database: null }],
    ['does not answer', { database: { region: 'us-east-1', unreachable: 'no answer' } }],
  ] as const)('is a pause like any other where a database %s', async ([, unfence]) => {
    expect(await stopped(unfence)).toContain('npm run resume -- ');
  });

  test('is to be given up too where its incident ended while people were asked, and nobody has looked since', async () => {
    expect(await stopped(opened, false)).not.toContain('npm run resume -- ');
  });

  test('is a pause like any other where nobody has looked since and something was asked to take over', async () => {
    const { id, execution } = regionIncident;
    const call = { step: 'take-over/database', call: 'rds:PromoteReadReplica', target: 'chatops-dr-replica' };
    await shell.store.audit({
      ...{ incident: id, execution, at: shell.at, actor: 'classify', drill: false, region: 'us-west-2' },
      ...call,
    });
    expect(await stopped(opened, false)).toContain('npm run resume -- ');
  });

  test('is a pause like any other while its incident lasts', async () => {
    await shell.store.writeIncident({ ...openIncident, closedAt: null, version: 3 });
    expect(await stopped(opened, false)).toContain('npm run resume -- ');
  });
});
