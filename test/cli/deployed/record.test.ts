// What the command line tells of the past: the list of incidents, and one incident's whole record.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { readReport } from '../../../functions/domain/report/facts.ts';
import type { Incident } from '../../../functions/domain/types.ts';
import { comparisonMessage } from '../../../functions/kinds/rds-instance/rules/rehearsing.ts';
import { planFile } from '../../plan.ts';
import { answer, at, call, comparison, drill, incidentOf, reached, request } from '../../store/samples.ts';
import { run } from '../invented.ts';
import { deployed, onAws, onStage, primary, standby, wordsIn } from './aws.ts';

const aws = onAws();
let stage: string;
let prefix: string;
let store: Awaited<ReturnType<typeof deployed>>['store'];

beforeEach(async () => {
  aws.reset();
  ({ stage, prefix, store } = await deployed());
});

const on = (...args: string[]) => run([...args, ...onStage(stage)]);
const flat = (text: string) => text.replaceAll(/\s+/g, ' ');

/** An incident as it is written when it is over. */
async function over(incident: Incident, seconds: number): Promise<void> {
  await store.writeIncident(incident);
  await store.writeIncident({ ...incident, version: 2, closedAt: incident.openedAt + seconds * 1000 });
}

describe('history', () => {
  test('lists incidents, newest first, with what was done about each', async () => {
    await over(incidentOf({ id: 'old' }), 754);
    await store.writeIncident(
      incidentOf({ id: 'new', openedAt: at + 3_600_000, level: 3, scope: { region: primary, zone: null } }),
    );
    const { status, out, err } = await on('history');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.split('\n').slice(0, 4)).toEqual([
      '2026-11-03 04:00:00Z: region disaster in us-east-1, open new',
      '  az-failover: zone use1-az1 failed',
      '2026-11-03 03:00:00Z: zone failure in use1-az1, over after 12 min 34 s old',
      '  az-failover: zone use1-az1 failed',
    ]);
    expect(out).toContain(`npm run report -- ID ${onStage(stage).join(' ')}\n`);
  });

  test('with --json is one object with all of them', async () => {
    await over(incidentOf({ id: 'old' }), 754);
    const told = JSON.parse((await on('history', '--json')).out);
    expect(told).toMatchObject({
      deployment: prefix,
      silent: [],
      incidents: [
        {
          id: 'old',
          level: 2,
          openedAt: '2026-11-03T03:00:00.000Z',
          closedAt: '2026-11-03T03:12:34.000Z',
          decisions: [{ action: 'az-failover' }],
        },
      ],
    });
  });

  test('of a year shows the newest and says how many are left out', async () => {
    for (let day = 0; day < 33; day += 1) await over(incidentOf({ id: `i-${day}`, openedAt: at + day }), 1);
    const { out } = await on('history');
    expect(out).toContain('i-32\n');
    expect(out).toContain('and 3 older ones (--json has them all)\n');
    expect(JSON.parse((await on('history', '--json')).out).incidents).toHaveLength(33);
  });

  test('of a deployment without incidents says so', async () => {
    expect((await on('history')).out).toBe(`${prefix} has no incident in its record.\n`);
  });

  test('plots recovery times, oldest first, and says what each came to', async () => {
    const recovered = async (id: string, hours: number, seconds: number | null) => {
      const openedAt = at + hours * 3_600_000;
      await over(incidentOf({ id, openedAt }), 20_000);
      const outcome = { verifiedAt: seconds === null ? null : openedAt + seconds * 1000, dataLossSeconds: 0 };
      await store.recordStep({ ...reached, incident: id, step: 'record-recovery', outcome });
    };
    await recovered('first', 0, 120);
    expect((await on('history')).out).not.toContain('oldest first');
    await recovered('second', 10, null);
    await recovered('third', 20, 960);
    const { out } = await on('history');
    expect(out).toContain('Recovery, oldest first: ▂·█ up to 16 min, RTO 4 h\n');
    expect(out).toContain('users served after 2 min, data loss 0 s\n');
    const { incidents } = JSON.parse((await on('history', '--json')).out);
    expect(incidents).toMatchObject([
      { id: 'third', drill: false, recoverySeconds: 960, dataLossSeconds: 0, restoreSeconds: 960 },
      { id: 'second', recoverySeconds: null },
      { id: 'first', recoverySeconds: 120 },
    ]);
  });

  test('says what the times come to, how good predictions were, and what the drills came to', async () => {
    for (const [index, seconds] of [600, 1200].entries()) {
      const openedAt = at + index * 3_600_000;
      await over(incidentOf({ id: `i-${index}`, openedAt }), 20_000);
      const predicted = { recoverySeconds: 1000, dataLossSeconds: 0 };
      const outcome = { verifiedAt: openedAt + seconds * 1000, dataLossSeconds: 3, executeSeconds: 90, predicted };
      await store.recordStep({ ...reached, incident: `i-${index}`, step: 'record-failover', outcome });
    }
    await store.keepDrill({
      ...drill,
      recoveredAt: (drill.faultAt ?? 0) + 80_000,
      outcome: 'failed',
      why: ['it is slow'],
    });
    const { out } = await on('history');
    expect(out).toContain('  execute: p50 1 min 30 s, p95 1 min 30 s, longest 1 min 30 s, of 2\n');
    expect(out).toContain('  recovery: p50 10 min, p95 20 min, longest 20 min, of 2\n');
    expect(out).toContain('recovery took 0.6 times what was predicted (median of 2).');
    expect(out).toMatch(
      /Drills:\n {2}\S+ \S+: database failover \(fault\) failed in 1 min 20 s of 5 min: it is slow\n/,
    );
    expect(JSON.parse((await on('history', '--json')).out)).toMatchObject({
      percentiles: { recovery: { count: 2, p50: 600, p95: 1200, longest: 1200 }, detect: null },
      predictions: { count: 2, factor: 0.6 },
      drills: [{ name: 'database failover', outcome: 'failed', recoverySeconds: 80 }],
    });
  });

  test('is told from the other region while the primary is dark', async () => {
    await over(incidentOf({ id: 'old' }), 754);
    aws.dark.set(primary, 'hangs-up');
    const { status, out } = await on('history');
    expect(status).toBe(0);
    expect(out).toContain('! us-east-1 does not answer: no answer (');
    expect(out).toContain('over after 12 min 34 s old\n');
  });
});

describe('report', () => {
  const execution = 'execution-1';

  beforeEach(async () => {
    await over(incidentOf({ level: 3, scope: { region: primary, zone: null } }), 1_800);
    await store.openRequest(request, 'the-task-token');
    await store.keepAnswer(answer);
    await store.keepAnswer({ ...answer, approver: 'infra-lead', at: at + 120_000, from: '192.0.2.2', reason: '' });
    await store.keepAnswer({
      ...answer,
      approver: 'intern',
      at: at + 90_000,
      valid: false,
      why: 'intern is no approver',
    });
    await store.settleRequest(request.id, 'approved', at + 120_000);
    await store.keepWaiver(execution, 'TakeOver/cache', 'ana', 'it may start empty', at + 150_000);
    await store.audit(call);
    await store.recordStep(reached);
    await store.recordStep({
      ...reached,
      step: 'record-failover',
      at: at + 1_200_000,
      outcome: {
        decideSeconds: 150,
        approvalSeconds: 120,
        executeSeconds: 610.4,
        recoverySeconds: 880,
        dataLossSeconds: 31,
        predicted: { recoverySeconds: 1260, dataLossSeconds: 32 },
        drill: false,
      },
    });
    await store.audit({ ...call, incident: 'other', target: 'not-ours' });
    await store.openRequest({ ...request, id: 'request-2', incident: 'other', target: standby }, 'token');
  });

  test('tells decisions, approvals, waivers, changes, steps, and what it came to beside what was predicted', async () => {
    const { status, out, err } = await on('report', 'incident-1');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const told = flat(out);
    expect(told).toContain(
      'incident-1 Level 3, region disaster in us-east-1; first evidence 2026-11-03 03:00:00Z, over 2026-11-03 03:30:00Z, after 30 min',
    );
    expect(told).toContain('az-failover: zone use1-az1 failed Evidence: e1, e2. Starts incident-1-az-failover-1.');
    expect(told).toContain(
      'request request-1: failover of us-east-1, asked for by classify; 2 of dr-coordinator, infra-lead, dba',
    );
    expect(told).toContain('03:01:00Z: dba: approve from 192.0.2.1, counts (it is dark); names as unfenced: us-east-1');
    expect(told).toContain('03:01:30Z: intern: approve from 192.0.2.1, does not count: intern is no approver');
    expect(told).toContain('03:02:00Z: approved');
    expect(told).toContain('03:02:30Z: TakeOver/cache of execution-1, by ana: it may start empty');
    expect(told).toContain(
      'rds:RebootDBInstance on chatops-prod in us-east-1, by leave-zone/database of execution-1 (az-failover)',
    );
    expect(told).toContain('leave-zone/database {"zone":"use1-az2"');
    expect(told).toContain(
      'Users were served again 14 min 40 s after the first sign of the failure, predicted 21 min; RTO 4 h: met',
    );
    expect(told).toContain('Data loss 31 s, predicted 32 s; RPO 1 h: met');
    expect(told).toContain('decided in 2 min 30 s, approved in 2 min, moved in 10 min 10 s');
    expect(out).not.toContain('not-ours');
    expect(out).not.toContain('request-2');
  });

  test('what a mail prints to read all rows of a comparison runs as it is printed', async () => {
    const compared = { table: 'messages', newer: 1, compared: 1, rows: [{ key: '1', hash: 'a', at, other: false }] };
    const { body } = comparisonMessage({ ...comparison, comparedAt: at, tables: [compared] }, stage);
    const line = body.split('\n').find((one) => one.startsWith('  npm run report'));
    const { status, out } = await run([...wordsIn(line ?? ''), '--plan', planFile]);
    expect(status).toBe(0);
    expect(JSON.parse(out).incident.id).toBe('incident-1');
  });

  test('with --json is the record as one object, with times as ISO 8601', async () => {
    const { out } = await on('report', 'incident-1', '--json');
    expect(JSON.parse(out)).toMatchObject({
      deployment: prefix,
      incident: { id: 'incident-1', level: 3, closedAt: '2026-11-03T03:30:00.000Z' },
      drill: false,
      decisions: [{ at: '2026-11-03T03:00:00.000Z', action: 'az-failover', evidence: ['e1', 'e2'] }],
      requests: [
        {
          id: 'request-1',
          settled: { outcome: 'approved', at: '2026-11-03T03:02:00.000Z' },
          answers: [
            { approver: 'dba', valid: true, from: '192.0.2.1', at: '2026-11-03T03:01:00.000Z' },
            { approver: 'intern', valid: false, why: 'intern is no approver' },
            { approver: 'infra-lead', valid: true },
          ],
        },
      ],
      waivers: [{ state: 'TakeOver/cache', by: 'ana' }],
      steps: [{ step: 'leave-zone/database', outcome: reached.outcome }, { step: 'record-failover' }],
      mutations: [{ call: 'rds:RebootDBInstance', target: 'chatops-prod', at: '2026-11-03T03:00:00.000Z' }],
      came: [
        {
          execution,
          predicted: { recoverySeconds: 1260, dataLossSeconds: 32 },
          clocks: { recoverySeconds: 880 },
          dataLossSeconds: 31,
        },
      ],
    });
    expect(out).not.toContain('the-task-token');
  });

  test('of a loss that is not known says so, and that the objective may be missed', async () => {
    await store.writeIncident(incidentOf({ id: 'unknown', openedAt: at + 9_000_000 }));
    const outcome = { recoverySeconds: 20_000, dataLossSeconds: null, predicted: {} };
    await store.recordStep({ ...reached, incident: 'unknown', step: 'record-failover', outcome });
    const told = flat((await on('report', 'unknown')).out);
    expect(told).toContain('5 h 33 min after the first sign of the failure, predicted not known; RTO 4 h: missed');
    expect(told).toContain('Data loss not known, predicted not known; RPO 1 h: not known whether it was met');
  });

  test('of an incident that is not in the record is wrong input', async () => {
    const { status, out, err } = await on('report', 'incident-9');
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toBe(
      `incident incident-9 is not in the record of ${prefix}, expected one that npm run history -- ${onStage(stage).join(' ')} lists, or the execution of a drill\n`,
    );
  });

  test('of a drill that the deployment ran is made from what was kept of the run', async () => {
    const whole = { ...drill, execution: 'drill-1', recoveredAt: at + 70_000, endedAt: at + 130_000 };
    await store.keepDrill({ ...whole, outcome: 'passed' });
    const { status, out } = await on('report', 'drill-1');
    expect(status).toBe(0);
    expect(flat(out)).toContain('Passed: it took 1 min 1 s, the limit is 5 min.');
    const folder = mkdtempSync(join(tmpdir(), 'breakwater-runs-'));
    expect((await on('report', 'drill-1', '--html', folder)).status).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['drill-1.html', 'drill-1.json']);
    expect(readFileSync(join(folder, 'drill-1.html'), 'utf8')).toContain('us-east-1 is primary in epoch 1');
    rmSync(folder, { recursive: true });
  });

  test.for(['', 'a\nb', 'a b', ' '])('of %j is refused in one line, before anything is read', async (id) => {
    const { status, err } = await on('report', id);
    expect(status).toBe(2);
    expect(err).toBe(`id: is ${JSON.stringify(id)}, expected an incident's id, or the execution of a drill\n`);
  });

  test('whose id is longer than any is refused in a line that a screen holds', async () => {
    const { status, err } = await on('report', 'x'.repeat(5_000));
    expect(status).toBe(2);
    expect(err).toBe("id: is 5000 letters, expected an incident's id, or the execution of a drill\n");
  });

  test('of a drill that asks approvers names who answered, after how long, and who did not', async () => {
    await store.keepDrill({ ...drill, kind: 'approvers', asset: null, execution: 'drill-3' });
    const { report } = JSON.parse((await on('report', 'drill-3', '--json')).out);
    const person = (role: string) => report.people.find((one: { role: string }) => one.role === role);
    expect(person('dba')).toMatchObject({ asked: true, answer: { answer: 'approve', afterSeconds: 11 } });
    expect(person('infra-lead')).toMatchObject({
      asked: true,
      answer: null,
      absence: expect.stringContaining('did not'),
    });
    expect(person('on-call')).toMatchObject({ asked: false });
  });

  test('of a drill that failed gives each finding an owner and a day', async () => {
    const ended = { outcome: 'failed' as const, endedAt: at + 60_000, why: ['it took too long'] };
    await store.keepDrill({ ...drill, execution: 'drill-4', ...ended });
    const { report } = JSON.parse((await on('report', 'drill-4', '--json')).out);
    expect(report.findings[0]).toEqual({
      severity: 'high',
      what: 'it took too long. Owner: dba; due 2026-11-17.',
    });
  });

  test('what it cost is counted from the record, and said to be the least', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'breakwater-cost-'));
    await on('report', 'incident-1', '--html', folder);
    const { report } = JSON.parse(readFileSync(join(folder, 'incident-1.json'), 'utf8'));
    rmSync(folder, { recursive: true });
    expect(report.cost).toMatch(
      /^At least \$0\.0\d+ at list prices, for the 1 call, 2 steps and 2 signals in the record/,
    );
    expect(report.cost).toContain('The AWS bill has it');
  });

  test('history names each drill as report takes it, and has a plot of those that ran twice', async () => {
    for (const [number, seconds] of [61, 400].entries())
      await store.keepDrill({
        ...{ ...drill, execution: `drill-${number}`, startedAt: at + number, faultAt: at },
        ...{ recoveredAt: at + seconds * 1000, endedAt: at + 500_000, outcome: 'passed' },
      });
    const told = flat((await on('history')).out);
    expect(told).toContain('(drill-1)');
    expect(told).toContain("One drill's: npm run report -- EXECUTION");
    expect(told).toContain('database failover, oldest first: ▂█ up to 6 min 40 s, within 5 min');
  });

  test.for([
    [
      'is not over',
      {},
      'open',
      'Not over yet: there is no result so far.',
      'It is not over, or its end was not recorded',
    ],
    ['failed', { outcome: 'failed', why: ['it took too long'] }, 'missed', 'Failed: it took too long.', ''],
    [
      'was stopped',
      { outcome: 'stopped', why: ['by dba'] },
      'held',
      'A person stopped the drill, so it proves nothing',
      '',
    ],
    ['lost its incident', { incident: 'gone' }, 'open', 'Not over yet', 'The incident gone, which the drill caused'],
  ] as const)('of a drill that %s says so, and fills nothing in', async ([, change, state, line, gap]) => {
    await store.keepDrill({ ...drill, execution: 'drill-2', ...change, why: 'why' in change ? [...change.why] : [] });
    const { report } = JSON.parse((await on('report', 'drill-2', '--json')).out);
    expect(report).toMatchObject({ occasion: 'drill', verdict: { state }, numbers: { recovery: { seconds: null } } });
    expect(report.verdict.line).toContain(line);
    expect(report.gaps.join('\n')).toContain(gap);
    expect(readReport(report)).toEqual(report);
  });

  test('of a drill says that it was one', async () => {
    await store.audit({ ...call, drill: true, target: 'rehearsed' });
    expect((await on('report', 'incident-1')).out).toContain('incident-1 (a drill)\n');
  });

  test('is told from the other region while the primary is dark', async () => {
    aws.dark.set(primary, 'hangs-up');
    expect((await on('report', 'incident-1')).status).toBe(0);
  });

  test('goes past a damaged item, and says which, in one line', async () => {
    const client = new DynamoDBClient({ region: standby });
    const Item = { pk: { S: 'incident#incident-1' }, sk: { S: 'step#9' }, outcome: { S: '{' } };
    await client.send(new PutItemCommand({ TableName: prefix, Item }));
    client.destroy();
    const { status, out, err } = await on('report', 'incident-1');
    expect(status).toBe(0);
    expect(out).toContain('leave-zone/database');
    expect(err).toMatch(/^cannot be read: item incident#incident-1 \/ step#9: .+\n$/);
  });

  describe('as a page', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'breakwater-page-'));
      return () => rmSync(folder, { recursive: true });
    });

    test('is written with the JSON beside it, and earlier ones of its level', async () => {
      await over(incidentOf({ id: 'before', openedAt: at - 86_400_000, level: 3 }), 600);
      await over(incidentOf({ id: 'of-level-1', openedAt: at - 86_400_000, level: 1 }), 600);
      const { status, out, err } = await on('report', 'incident-1', '--html', folder);
      const file = join(folder, 'incident-1.html');
      expect({ status, out, err }).toEqual({ status: 0, out: `Report written to ${file}\n`, err: '' });
      const page = readFileSync(file, 'utf8');
      expect(page).toContain('from the record in us-east-1.');
      expect(page.replaceAll('<wbr>', '')).toContain('rds:RebootDBInstance');
      expect(page).toContain('before</th>');
      expect(page).not.toContain('of-level-1');
      expect(page).not.toContain('the-task-token');
      const { report, ...rest } = JSON.parse(readFileSync(join(folder, 'incident-1.json'), 'utf8'));
      expect(rest).toEqual(JSON.parse((await on('report', 'incident-1', '--json')).out));
      expect(readReport(report)?.approvals).toMatchObject([{ id: 'request-1', outcome: 'approved' }]);
    });

    test('has the name that it is given, and with --json the object is still printed', async () => {
      const { out } = await on('report', 'incident-1', '--json', '--html', join(folder, 'new', 'night.html'));
      expect(JSON.parse(out)).toMatchObject({ incident: { id: 'incident-1' } });
      expect(readdirSync(join(folder, 'new'))).toEqual(['night.html', 'night.json']);
    });

    test('of a damaged record says what is missing', async () => {
      const client = new DynamoDBClient({ region: standby });
      const Item = { pk: { S: 'incident#incident-1' }, sk: { S: 'step#9' }, outcome: { S: '{' } };
      await client.send(new PutItemCommand({ TableName: prefix, Item }));
      client.destroy();
      aws.dark.set(primary, 'hangs-up');
      expect((await on('report', 'incident-1', '--html', folder)).status).toBe(0);
      const page = readFileSync(join(folder, 'incident-1.html'), 'utf8');
      expect(page).toContain('A part of the record cannot be read: item incident#incident-1 / step#9');
      expect(page).toContain('us-east-1 did not answer');
    });

    test('in a folder that cannot be written is refused before AWS is asked', async () => {
      const file = join(folder, 'file');
      writeFileSync(file, '');
      aws.asked.length = 0;
      const { status, err } = await on('report', 'incident-1', '--html', file);
      expect(status).toBe(2);
      expect(err).toBe(
        `--html: is ${JSON.stringify(file)}, expected a folder that can be written, or that can be made\n`,
      );
      expect(aws.asked).toEqual([]);
    });

    test('of an incident that there is none of is not written', async () => {
      expect((await on('report', 'incident-9', '--html', folder)).status).toBe(2);
      expect(readdirSync(folder)).toEqual([]);
    });
  });
});
