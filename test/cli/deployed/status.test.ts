// What the command line tells of a deployment: what it believes, what it will do next, how to stop it.
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { answerCommands } from '../../../functions/domain/page/approval-forms.ts';
import type { ApprovalRequest, Incident } from '../../../functions/domain/types.ts';
import { regionIncident } from '../../functions/setting.ts';
import { alarm, answer, drill, incidentOf, ledger, rehearsal, request as sample } from '../../store/samples.ts';
import { textWithData } from '../../with-data.ts';
import { hasControlCharacters, root, run } from '../invented.ts';
import { account, arnOf, deployed, historyOf, onAws, onStage, primary, standby } from './aws.ts';

const aws = onAws();
let stage: string;
let prefix: string;
let store: Awaited<ReturnType<typeof deployed>>['store'];

beforeEach(async () => {
  aws.reset();
  ({ stage, prefix, store } = await deployed());
});

const minute = 60_000;
const status = (...more: string[]) => run(['status', ...onStage(stage), ...more]);
const execution = 'incident-1-request-approval-2';
const open: Incident = incidentOf({
  level: 3,
  scope: { region: primary, zone: null },
  openedAt: Date.now() - 12 * minute,
  decisions: [
    {
      action: 'request-approval',
      reason: 'region us-east-1 failed: users fail in eu-west-1, us-west-2',
      at: Date.now() - 10 * minute,
      level: 3,
      scope: { region: primary, zone: null },
      evidence: Array.from({ length: 10 }, (_, index) => `event-${index}`),
      causes: ['users'],
      attempt: 2,
      execution,
    },
  ],
});
const request: ApprovalRequest = {
  ...sample,
  id: `${execution}-1-abc`,
  execution,
  askedAt: Date.now() - 9 * minute,
  expiresAt: Date.now() + 51 * minute,
};

/** A region disaster: people are asked, one has answered. */
async function disaster(): Promise<void> {
  await store.writeIncident(open);
  await store.takeLock({
    target: primary,
    execution,
    incident: open.id,
    action: 'request-approval',
    at: open.openedAt,
  });
  await store.openRequest(request, 'the-task-token');
  await store.keepAnswer({ ...answer, request: request.id });
  await store.keepAnswer({
    ...answer,
    request: request.id,
    approver: 'intern',
    valid: false,
    why: 'intern is no approver',
  });
  aws.executions.set(arnOf(prefix, 'region-failover', execution, standby), {
    status: 'RUNNING',
    events: historyOf('TakeLock', 'Assess', 'RequestApproval'),
  });
}

test('where nothing is wrong, it says so, what it would do, and how to stop that', async () => {
  const { status: ended, out, err } = await status();
  expect({ ended, err }).toEqual({ ended: 0, err: '' });
  expect(out).toContain(`${prefix} in account ${account}, seen from us-east-1 at 20`);
  expect(out).toContain('What Breakwater believes\n  us-east-1: all well\n  us-west-2: all well\n');
  expect(out).toContain(
    '  Nothing now: no flow runs and no request is open.\n  If a zone fails, Breakwater moves out of the zone by itself.\n',
  );
  expect(out).toContain(`How to stop Breakwater\n  npm run freeze -- ${onStage(stage).join(' ')} --reason "..."\n`);
  expect(out).toContain('us-east-1: primary, answers, no flow holds it\n');
  expect(out).toContain('Last drill: none in the record.');
  expect(out).toContain('Epoch 1: the primary role has never moved.\n');
  expect(out).toContain('readiness is NOT KNOWN: Breakwater has not looked yet');
});

test('of each region it says what is not ready, and until when its databases could be restored', async () => {
  const checks = [
    { check: 'lag', state: 'ready', why: 'the replica is 2 s behind' },
    { check: 'backups', state: 'ready', why: 'database can be restored in us-west-2 to 6 min ago' },
    { check: 'restore', state: 'not-ready', why: 'parameter group chatops-postgres16 is not in us-west-2' },
  ] as const;
  await store.keepReadiness({ region: standby, at: Date.now() - 2 * minute, checks });
  const { out } = await status();
  expect(out).toMatch(/NOT READY \(1 of 3 checks, checked 2 min/);
  expect(out).toContain('restore, not-ready: parameter group chatops-postgres16 is not in us-west-2\n');
  expect(out).toContain('backups: database can be restored in us-west-2 to 6 min ago\n');
  expect(out).not.toContain('the replica is 2 s behind');
});

test('it says which drill runs, how those of the plan stand, and who has stopped them', async () => {
  await store.keepDrill({ ...drill, startedAt: Date.now() - minute });
  await store.pullLever('ana', 'users complain', Date.now());
  const { out } = await status();
  expect(out).toMatch(/A DRILL RUNS in us-east-1: database failover, since 20\S+ \S+Z \(execution-1\)\./);
  expect(out).toContain('STOPPED: ana pulled the lever: users complain. None begins.');
  const { drills } = JSON.parse((await status('--json')).out);
  expect(drills).toMatchObject({ lever: { by: 'ana' }, running: [{ execution: 'execution-1', kind: 'fault' }] });
});

test('it says when what was last rehearsed on AWS was, and knows a drill from what was no drill', async () => {
  const openedAt = Date.now() - 3 * 86_400_000;
  const started = (id: string, at: number): Incident =>
    incidentOf({ id: `manual-${id}`, openedAt: at, closedAt: at + 1 });
  await store.writeIncident(started('rehearsal', openedAt));
  await store.writeIncident(started('in-earnest', openedAt + minute));
  const step = { step: 'record-failover', at: openedAt, execution: 'rehearsal' };
  await store.recordStep({ ...step, incident: 'manual-rehearsal', outcome: { drill: true } });
  await store.recordStep({ ...step, incident: 'manual-in-earnest', outcome: { drill: false } });
  expect((await status()).out).toMatch(/Last drill: 20\S+ \S+Z, 3 d ago \(manual-rehearsal\)/);
  const { lastDrill } = JSON.parse((await status('--json')).out);
  expect(lastDrill).toEqual({ incident: 'manual-rehearsal', at: new Date(openedAt).toISOString() });
});

test('of a database that is asked it says what is published of it, the last clean point, and how its restore was rehearsed', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'status-')), 'plan.yml');
  writeFileSync(file, textWithData());
  const asked = async (...more: string[]) => (await run(['status', '--stage', stage, '--plan', file, ...more])).out;
  const flat = async () => (await asked()).replaceAll(/\s+/g, ' ');
  expect(await flat()).toContain('database: Breakwater has published nothing about its data yet.');
  const at = Date.now() - minute;
  const provenAt = Date.UTC(2026, 10, 3, 3, 0, 0);
  const shrank = [{ at: provenAt - minute, why: ['messages is empty, and was not'] }];
  await store.keepLedger({ ...ledger, attempted: 41, at, provenAt, shrank });
  await store.keepRehearsal({
    ...rehearsal,
    region: standby,
    begunAt: provenAt,
    availableAt: provenAt + 75 * minute,
    endedAt: at,
  });
  await store.keepRehearsal({
    ...rehearsal,
    region: primary,
    begunAt: provenAt,
    endedAt: at,
    wrong: ['messages is empty'],
  });
  expect(await flat()).toMatch(
    /database: Breakwater last wrote to the ledger in us-east-1 1 min( \d s)? ago \(row 41\); its data last passed all checks/,
  );
  expect(await flat()).toContain('at 2026-11-03 03:00:00Z.');
  expect(await flat()).toContain(
    '2026-11-03 02:59:00Z: database had less data than one minute before, deleted by an application or lost: messages is empty, and was not.',
  );
  expect(await flat()).toContain(
    'database: last rehearsal of the restore in us-west-2 at 2026-11-03 03:00:00Z: the database worked after 1 h 15 min.',
  );
  expect(await flat()).toContain('the database did NOT come back as it should: messages is empty.');
  expect(JSON.parse(await asked('--json')).data).toMatchObject([
    {
      asset: 'database',
      ledger: { attempted: 41, provenAt: '2026-11-03T03:00:00.000Z', shrank: [{ at: '2026-11-03T02:59:00.000Z' }] },
      rehearsals: [{}, {}],
    },
  ]);
});

test('of a region disaster it tells evidence, flow, state, answers, expiry and the ways to stop it', async () => {
  await disaster();
  const { out } = await status();
  const flat = out.replaceAll(/\s+/g, ' ');
  expect(out).toContain('us-east-1: region disaster in us-east-1, level 3, since ');
  expect(out).toContain('(12 min');
  expect(flat).toContain('request-approval: region us-east-1 failed: users fail in eu-west-1, us-west-2 Evidence');
  expect(flat).toContain('event-6, event-7 and 2 more');
  expect(out).toContain(`region-failover ${execution} in us-west-2: in RequestApproval for `);
  expect(flat).toContain('to us-west-2 waits for 1 more of dr-coordinator, infra-lead');
  expect(out).toMatch(/dba: approve\n/);
  expect(out).toMatch(/intern: approve, does not count: intern is no approver\n/);
  expect(out).toContain('(NOT FENCED: us-east-1');
  expect(out).toMatch(/Without them nothing is changed. The request expires 20\S+ \S+Z, in (50|51) min/);
  expect(out).toContain(`npm run abort -- ${execution} ${onStage(stage).join(' ')}\n`);
  const [, , , plan = ''] = onStage(stage);
  const [approve, reject] = answerCommands(request, stage).map((line) => `${line} --plan ${plan}`);
  expect(reject).toContain(`reject -- ${request.id} --region us-east-1 --stage ${stage} --reason "why"`);
  expect(out).toContain(`    An approver approves it, or rejects it:\n    ${approve}\n    ${reject}\n`);
  expect(out).toMatch(new RegExp(`How to stop Breakwater\\n(?:  npm run .*\\n)*  ${reject}\\n`));
  expect(flat).toContain(`us-east-1: primary, answers, held by ${execution} since`);
  expect(out + JSON.stringify(await status('--json'))).not.toContain('the-task-token');
});

test('with --json the same is one object, with times as ISO 8601', async () => {
  await disaster();
  const told = JSON.parse((await status('--json')).out);
  expect(told).toMatchObject({
    deployment: prefix,
    account,
    seenFrom: primary,
    at: expect.stringMatching(/^20.*Z$/),
    frozen: null,
    epoch: 1,
    believes: [
      { region: primary, level: 0, incident: { id: open.id, level: 3, evidence: expect.arrayContaining(['event-9']) } },
      { region: standby, level: 0, incident: null },
    ],
    next: {
      executions: [
        {
          flow: 'region-failover',
          name: execution,
          region: standby,
          states: [{ state: 'RequestApproval', asset: null }],
        },
      ],
      requests: [{ id: request.id, approvals: 1, required: 2, standby, silent: ['dr-coordinator', 'infra-lead'] }],
    },
    regions: [
      { region: primary, role: 'primary', silent: null, lock: { execution } },
      { region: standby, role: 'standby', silent: null, lock: null },
    ],
  });
  expect(told.next.requests[0].expiresAt).toBe(new Date(request.expiresAt).toISOString());
  expect(told.stop[0]).toBe(`npm run freeze -- ${onStage(stage).join(' ')} --reason "..."`);
});

test('a frozen deployment says by whom, since when and why, and how to undo it', async () => {
  await store.freeze('ana', 'moving house', Date.UTC(2026, 10, 3, 3, 0, 0));
  const { out } = await status();
  expect(out).toContain('FROZEN by ana since 2026-11-03 03:00:00Z: moving house\n');
  expect(out).toContain('Nothing: Breakwater is frozen. People are still told.\n');
  expect(out).toContain(`npm run unfreeze -- ${onStage(stage).join(' ')}`);
});

test('a level that is forming is told before it is certain', async () => {
  const at = Date.now() - 5_000;
  await store.keepSignals(
    ['api', 'database', 'cache', 'ingress'].map((component) => alarm({ component, key: component, id: component, at })),
  );
  expect((await status()).out).toMatch(
    /us-east-1: all well\n {4}A zone failure may be coming: the evidence has not held long enough yet/,
  );
});

test('a flow that stopped and keeps its region is told with the state it stopped at', async () => {
  await store.takeLock({ target: primary, execution: 'one', incident: 'i', action: 'az-failover', at: 1 });
  aws.executions.set(arnOf(prefix, 'az-failover', 'one', primary), {
    status: 'FAILED',
    events: historyOf('TakeLock', 'LeaveZone/database'),
  });
  const { out } = await status();
  expect(out.replaceAll(/\s+/g, ' ')).toContain(
    'az-failover one in us-east-1 has stopped (FAILED) at LeaveZone database and holds the lock of its region. The flow waits for a resume or an abort',
  );
  for (const verb of ['resume', 'abort']) expect(out).toContain(`npm run ${verb} -- one ${onStage(stage).join(' ')}\n`);
});

test('a flow that is paused is told with why, by the record, and with every way on', async () => {
  const at = Date.now() - 3 * minute;
  const scope = { region: primary, zone: 'use1-az1' };
  await store.writeIncident(incidentOf({ id: 'i', level: 2, scope, openedAt: at }));
  await store.takeLock({ target: primary, execution: 'one', incident: 'i', action: 'az-failover', at });
  const failed = [
    { step: 'LeaveZone database', why: 'the instance takes no failover: another one is under way', mayBeSkipped: true },
    { step: 'VerifyService', why: 'users are not served', mayBeSkipped: false },
  ];
  await store.recordStep({ incident: 'i', execution: 'one', step: 'paused/0', at, outcome: { failed } });
  aws.executions.set(arnOf(prefix, 'az-failover', 'one', primary), {
    status: 'FAILED',
    events: historyOf('TakeLock', 'Pause'),
  });
  const { out } = await status();
  const on = onStage(stage).join(' ');
  const flat = out.replaceAll(/\s+/g, ' ');
  expect(flat).toMatch(
    /az-failover one in us-east-1 is PAUSED since 20\S+ \S+Z \(3 min[^)]*\): moving database out of use1-az1 failed: the instance takes no failover: another one is under way; checking that users are served failed: users are not served\. It holds the lock of its region and waits for you: Correct/,
  );
  const resume = `    npm run resume -- one ${on}\n`;
  expect(out).toContain(
    `    Correct the cause, then resume it:\n${resume}    Or go on without moving database out of use1-az1`,
  );
  expect(out).toContain(
    `    npm run skip -- one LeaveZone database ${on} --reason "..."\n${resume}    Or give up the flow and its lock (docs/runbook.md#give-up):\n    npm run abort -- one ${on}\n`,
  );
  expect(out).not.toContain('skip -- one VerifyService');
  expect(JSON.parse((await status('--json')).out).next.executions).toMatchObject([
    { name: 'one', paused: { since: new Date(at).toISOString(), failed, zone: 'use1-az1' } },
  ]);
});

test('one that resume refuses, because the roles moved on meanwhile, is told with its abort alone', async () => {
  const at = Date.now() - minute;
  await store.takeLock({ target: primary, execution, incident: open.id, action: 'request-approval', at });
  const outcome = { incident: { ...regionIncident, id: open.id, execution } };
  await store.recordStep({ incident: open.id, execution, step: 'watch-fence/1', at, outcome });
  await store.moveRole(standby, 1, execution, at);
  aws.executions.set(arnOf(prefix, 'region-failover', execution, standby), {
    status: 'FAILED',
    events: historyOf('TakeLock', 'Pause'),
  });
  const line = (verb: string) => `    npm run ${verb} -- ${execution} ${onStage(stage).join(' ')}\n`;
  expect((await status()).out).toContain(line('resume'));
  await store.moveRole(primary, 2, 'the-way-home', at);
  const { out } = await status();
  expect(out.replaceAll(/\s+/g, ' ')).toContain(
    `holds the lock of its region. The flow waits for an abort Do not resume this flow: the roles have moved on: ${primary} is the primary in epoch 3: ${execution} changes nothing any more. Abort it: that gives the lock back and changes nothing else:`,
  );
  expect(out).not.toContain('npm run resume');
  expect(out).toContain(line('abort'));
  expect(JSON.parse((await status('--json')).out).next.executions).toMatchObject([
    { name: execution, over: expect.stringContaining('the roles have moved on') },
  ]);
});

test('so is one that answers a degradation, beside whatever holds the region', async () => {
  const target = `${primary}/degradation`;
  await store.takeLock({
    target,
    execution: 'one',
    incident: 'i',
    action: 'notify',
    at: Date.UTC(2026, 10, 3, 3, 0, 0),
  });
  const flat = async () => (await status()).out.replaceAll(/\s+/g, ' ');
  expect(await flat()).toContain(`NOT KNOWN whether this flow still runs: one has held the lock of ${target} since`);
  aws.executions.set(arnOf(prefix, 'service-degradation', 'one', primary), {
    status: 'FAILED',
    events: historyOf('TakeLock', 'WatchIncident'),
  });
  const { out } = await status();
  expect(out.replaceAll(/\s+/g, ' ')).toContain(
    'service-degradation one in us-east-1 has stopped (FAILED) at WatchIncident and holds the lock of the degradation. The flow waits for a resume or an abort',
  );
  expect(out).toContain('degradation: flow one has worked on it since 2026-11-03 03:00:00Z\n');
  expect(out).not.toContain('no flow runs');
  for (const verb of ['resume', 'abort']) expect(out).toContain(`npm run ${verb} -- one ${onStage(stage).join(' ')}\n`);
  expect(JSON.parse((await status('--json')).out).regions).toMatchObject([
    { lock: null, degradation: { execution: 'one' } },
    { lock: null, degradation: null },
  ]);
});

test('of an abort that is not finished it says so, what the flow has called, and how it is ended', async () => {
  const [incident, name] = ['incident-1', 'flow-1'];
  const at = Date.parse('2026-11-27T03:00:00Z');
  const call = { call: 'rds:ModifyDBInstance', target: 'chatops-prod', region: primary, step: 'fence/database' };
  await store.audit({ ...call, at, incident, execution: name, actor: 'classify', drill: false });
  await store.takeLock({ target: primary, execution: `${name}/abort`, incident, action: 'request-approval', at });
  const { out } = await status();
  const flat = out.replaceAll(/\s+/g, ' ');
  expect(flat).toContain(
    `An abort is NOT FINISHED, and nothing else may act on ${primary}: ${name}/abort has held the lock`,
  );
  expect(flat).toContain('AWS calls so far: rds:ModifyDBInstance of chatops-prod in us-east-1');
  expect(flat).not.toContain('NOT KNOWN whether this flow still runs');
  for (const more of ['', ' --leave-fenced'])
    expect(out).toContain(`    npm run abort -- ${name} ${onStage(stage).join(' ')}${more}\n`);
});

test('flows of another deployment are not told, even where its name begins with the same letters', async () => {
  aws.executions.set(arnOf(`${prefix}-eu`, 'az-failover', 'theirs', primary), {
    status: 'RUNNING',
    events: historyOf('A'),
  });
  expect((await status()).out).not.toContain('theirs');
});

test.for([primary, standby])('while %s is dark, the rest is told and the region named', async (dark) => {
  await disaster();
  const call = { call: 'rds:ModifyDBInstance', target: 'chatops-prod', region: primary, step: 'fence/database' };
  const when = { at: Date.parse('2026-11-27T03:00:00Z'), incident: 'incident-1', execution };
  await store.audit({ ...call, ...when, actor: 'classify', drill: false });
  aws.dark.set(dark, 'hangs-up');
  const { status: ended, out, err } = await status();
  expect({ ended, err }).toEqual({ ended: 0, err: '' });
  expect(out).toContain(`! ${dark} does not answer: no answer (`);
  expect(out).toContain('region disaster in us-east-1, level 3');
  expect(out).toContain(`${dark}: ${dark === primary ? 'primary' : 'standby'}, does not answer, `);
  const told = JSON.parse((await status('--json')).out);
  // The flow's own region is dark: that it holds the other one is known all the same, and how to stop it.
  if (dark === standby)
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(
      new RegExp(
        `NOT KNOWN whether this flow still runs: ${execution} has held the lock of us-east-1 since [^.]+\\. AWS calls so far: ` +
          'rds:ModifyDBInstance of chatops-prod in us-east-1 at 27 Nov 2026, 03:00 UTC',
      ),
    );
  expect(told.stop).toContain(`npm run abort -- ${execution} ${onStage(stage).join(' ')}`);
  expect(told.regions.find(({ region }: { region: string }) => region === dark).executionsUnknown).toContain(
    'no answer',
  );
});

test('where no region answers, that is one line', async () => {
  aws.dark.set(primary, 'hangs-up').set(standby, 'hangs-up');
  const { status: ended, out, err } = await status();
  expect({ ended, out }).toEqual({ ended: 1, out: '' });
  expect(err).toMatch(/^breakwater-\w+: no region answers: us-east-1: no answer .*; us-west-2: .*\n$/);
});

test('a database that was restored is named where it is, until a person says that the plan names it again', async () => {
  const holder = { asset: 'database', region: standby, instance: 'restored', instead: 'chatops-dr-replica', at: 0 };
  await store.keepHolder({ ...holder, execution });
  expect((await status()).out.replaceAll(/\s+/g, ' ')).toContain(
    `database: the database is now restored, no longer chatops-dr-replica. ${execution} restored it 1970-01-01 00:00:00Z`,
  );
  const told = async () =>
    JSON.parse((await status('--json')).out).regions.map((one: { restored: unknown }) => one.restored);
  expect(await told()).toEqual([
    [],
    [
      {
        ...{ asset: 'database', instance: 'restored' },
        ...{ instead: 'chatops-dr-replica', execution, at: '1970-01-01T00:00:00.000Z' },
      },
    ],
  ]);
  await store.keepHolder({ ...holder, instance: null, execution: 'ana', at: 1 });
  expect(await told()).toEqual([[], []]);
});

test('nothing is written', async () => {
  await disaster();
  aws.asked.length = 0;
  await status();
  expect(new Set(aws.asked.map(({ what }) => what))).toEqual(
    new Set(['/', 'Query', 'GetItem', 'ListStateMachines', 'ListExecutions', 'GetExecutionHistory']),
  );
});

test('what the record holds cannot steer the terminal', async () => {
  await store.freeze('ana', 'x\u001b[2Jy', 1);
  expect(hasControlCharacters((await status()).out)).toBe(false);
});

test.for([
  ['a plan that is not there', ['--plan', 'no.yml'], 'no.yml: there is no such file, expected a plan such as plan.yml'],
  ['a stage that no name can have', ['--stage', 'a/b'], '--stage: is "a/b", expected letters, digits and hyphens'],
  [
    'an unknown option',
    ['--region', 'x'],
    "unknown option '--region', expected one that breakwater status --help lists",
  ],
] as const)('%s is wrong input, and nobody is asked', async ([, more, expected]) => {
  aws.asked.length = 0;
  const { status: ended, err } = await run(['status', ...more]);
  expect({ ended, asked: aws.asked }).toEqual({ ended: 2, asked: [] });
  expect(err).toContain(expected);
  expect(err.match(/\n/g)).toHaveLength(1);
});

test('without credentials it ends with one line', async () => {
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: aws.endpoint,
  };
  const args = [join(root, 'cli', 'main.ts'), 'status', ...onStage(stage)];
  const ended = await promisify(execFile)(process.execPath, args, { env }).catch((error: unknown) => error);
  expect(ended).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^there are no AWS credentials: .*\n$/),
  });
});

test('with --watch it looks again until Ctrl-C, also where a look fails in between', async () => {
  const pictures: string[] = [];
  const looks = run(['status', '--watch', '1', ...onStage(stage)], undefined, {
    out(text) {
      pictures.push(text);
      aws.forbidTable = pictures.length === 1;
      if (pictures.length === 3) process.emit('SIGINT');
    },
  });
  expect(await looks).toMatchObject({ status: 0 });
  expect(pictures).toEqual([
    expect.stringContaining('What Breakwater believes'),
    expect.stringContaining('not permitted'),
    expect.stringContaining('What Breakwater believes'),
  ]);
});

test('with --watch and --json each look is an object on a line of its own', async () => {
  const { status, out } = await new Promise<Awaited<ReturnType<typeof run>>>((resolve) => {
    const written: string[] = [];
    const ran = run(['status', '--watch', '--json', ...onStage(stage)], undefined, {
      out(text) {
        written.push(text);
        process.emit('SIGINT');
      },
    });
    void ran.then((one) => resolve({ ...one, out: written.join('') }));
  });
  expect(status).toBe(0);
  expect(out.match(/\n/g)).toHaveLength(1);
  expect(JSON.parse(out)).toHaveProperty('regions');
});
