// One command puts every stack where it belongs: in order, with addresses asked once, again where it was cut short, and not
// while something is at work.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isUsualPlan } from '../../cli/files/plan.ts';
import { PackagingFailed } from '../../cli/packaged/packaging.ts';
import { incidentOf, request } from '../store/samples.ts';
import { arnOf, deployed, historyOf, onAws, onStage, primary, standby } from './deployed/aws.ts';
import { root, run } from './invented.ts';

const aws = onAws();
let stage: string;
let prefix: string;
let store: Awaited<ReturnType<typeof deployed>>['store'];
let put: string[];
let asked: string[];
/** The region whose deployment fails. */
let fails: string | null;

beforeEach(async () => {
  aws.reset();
  ({ stage, prefix, store } = await deployed());
  [put, asked, fails] = [[], [], null];
});
const kept = () => join(root, '.breakwater', `${stage}.json`);
afterEach(() => rmSync(kept(), { force: true }));

const stacks = {
  packaged: async ({ region, params = [] }: { region: string; params?: readonly string[] }) =>
    `/packaged/${region}-${params.filter((one) => !one.startsWith('plan=')).length}`,
  put: async ({ region, params = [] }: { region: string; params?: readonly string[] }) => {
    if (region === fails) throw new PackagingFailed('CREATE_FAILED: said so');
    put.push([region, ...params.filter((one) => /^(records|forwarding)=/.test(one))].join(' '));
    aws.without.delete(region);
  },
};
const ask = async (question: string) => {
  asked.push(question);
  return `${asked.length}@example.com`;
};
const deploy = (...words: string[]) =>
  run(['deploy', ...words, ...onStage(stage)], undefined, { ask }, undefined, stacks);
const flat = (text: string) => text.replaceAll(/\s+/g, ' ');
const isFirst = () => [primary, standby].forEach((region) => void aws.without.add(region));

test('the first time the primary makes the table, and gets its records once all others stand', async () => {
  isFirst();
  const { status, out, err } = await deploy();
  expect({ status, err }).toEqual({ status: 0, err: '' });
  const others = put.slice(2, -1);
  expect(put).toEqual([`${primary} records=elsewhere forwarding=later`, standby, ...others, primary]);
  expect(others).toEqual(expect.arrayContaining(['us-east-2', 'eu-west-1', 'ap-southeast-1']));
  expect(out).toContain(
    `update-termination-protection --enable-termination-protection --stack-name ${prefix} --region`,
  );
});

test('whoever deploys a plan that is not plan.yml is told that what messages say to type reads plan.yml', async () => {
  const { out } = await deploy();
  expect(flat(out)).toContain('read plan.yml, which is another plan. Replace it: cp test/plan.yml plan.yml');
  expect([isUsualPlan('plan.yml'), isUsualPlan(undefined), isUsualPlan('test/plan.yml')]).toEqual([true, true, false]);
});

test('addresses are asked once, and kept for their owner alone', async () => {
  isFirst();
  await deploy();
  expect(asked).toHaveLength(new Set(asked).size);
  expect(asked).toContain('Where is dba reached (email)? ');
  expect(statSync(kept()).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(kept(), 'utf8')).addresses).toHaveProperty('dba');
  const first = asked.length;
  await deploy();
  expect(asked).toHaveLength(first);
});

test('where nobody can type an address, what is missing is said in one line, and nothing is deployed', async () => {
  const { status, err } = await run(['deploy', ...onStage(stage)], undefined, {}, undefined, stacks);
  expect({ status, put }).toEqual({ status: 2, put: [] });
  expect(err).toMatch(/^--param dr-coordinator, .*: missing, expected an e-mail address/);
});

test('what init has invented is deployed by nobody: the lines are named, and nothing is asked', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'plan-')), 'mine.yml');
  writeFileSync(file, `# yours: the groups\n${readFileSync('test/plan.yml', 'utf8')}`);
  const { status, err } = await run(['deploy', '--stage', stage, '--plan', file], undefined, {}, undefined, stacks);
  expect({ status, put }).toEqual({ status: 2, put: [] });
  expect(err).toContain(
    'mine.yml: as init wrote it in line 1, expected what is right for your application, without "yours:", and no invented id\n',
  );
});

test('a run that was cut short goes on where it ended', async () => {
  isFirst();
  fails = 'us-east-2';
  const { status, out, err } = await deploy();
  expect({ status, err }).toEqual({ status: 1, err: 'CREATE_FAILED: said so\n' });
  expect(flat(out)).toContain(
    'us-east-2 (witness): FAILED. Correct the cause and run the same command again: it continues here.',
  );
  const before = put.splice(0);
  fails = null;
  const again = await deploy();
  expect(again.status).toBe(0);
  expect(put[0]).toBe('us-east-2');
  expect(put).not.toContain(standby);
  expect(before).toContain(standby);
});

test('an upgrade begins in the standby, and what stands as it is is left alone', async () => {
  await deploy();
  expect(put.slice(0, 2)).toEqual([standby, primary]);
  put.length = 0;
  const { status, out } = await deploy();
  expect({ status, put }).toEqual({ status: 0, put: [] });
  expect(out).toContain(`${prefix} stands as it is, in every region.`);
});

const running = 'incident-1-az-failover-1';
test.for([
  [
    'an execution runs',
    (): unknown =>
      aws.executions.set(arnOf(prefix, 'az-failover', running, primary), {
        status: 'RUNNING',
        events: historyOf('LeaveZone/cache'),
      }),
    `az-failover ${running} in us-east-1 runs, at LeaveZone cache`,
  ],
  [
    'an execution is paused',
    async (): Promise<void> => {
      await store.takeLock({
        target: primary,
        execution: running,
        incident: 'incident-1',
        action: 'request-approval',
        at: 1,
      });
      aws.executions.set(arnOf(prefix, 'region-failover', running, standby), {
        status: 'FAILED',
        events: historyOf('Pause'),
      });
    },
    `region-failover ${running} in us-west-2 is paused (FAILED), at Pause`,
  ],
  [
    'a request waits for people',
    (): unknown => store.openRequest(request, 'token'),
    `request ${request.id} about ${request.target} waits for people`,
  ],
  [
    'an incident is open',
    (): unknown => store.writeIncident(incidentOf({})),
    'incident incident-1 of us-east-1 is open',
  ],
] as const)('it is refused while %s, in one line; --anyway does it and says so', async ([, arrange, line]) => {
  await arrange();
  const { status, err } = await deploy();
  expect({ status, put }).toEqual({ status: 1, put: [] });
  expect(err).toContain(`${prefix} is not deployed now: ${line}`);
  expect(err).toContain('--anyway deploys all the same');
  expect(err.match(/\n/g)).toHaveLength(1);
  const anyway = await deploy('--anyway');
  expect(anyway.status).toBe(0);
  expect(flat(anyway.out)).toContain(`Deployed ANYWAY, while these are at work: ${line}`);
  expect(put.length).toBeGreaterThan(0);
});
