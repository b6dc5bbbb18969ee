// Freezing and unfreezing a deployment from the command line: everywhere at once, with a region dark, by whom.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { root, run } from '../invented.ts';
import { arnOf, caller, deployed, historyOf, onAws, onStage, primary, standby } from './aws.ts';

const aws = onAws();
let stage: string;
let store: Awaited<ReturnType<typeof deployed>>['store'];

beforeEach(async () => {
  aws.reset();
  ({ stage, store } = await deployed());
  aws.asked.length = 0;
});

const frozen = async () => (await store.readStanding(primary)).frozen;
const freeze = (...more: string[]) => run(['freeze', ...onStage(stage), '--reason', 'we look at it', ...more]);

describe('freeze', () => {
  test('writes who and why in every region, and says which confirmed it and how to undo it', async () => {
    const { status, out, err } = await freeze();
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(await frozen()).toEqual({ by: caller, reason: 'we look at it', at: expect.any(Number) });
    expect(out).toContain(`breakwater-${stage} is frozen, confirmed by us-east-1 and us-west-2\n`);
    expect(out).toContain(`npm run unfreeze -- ${onStage(stage).join(' ')}\n`);
    const wrote = aws.asked.filter(({ what }) => what === 'PutItem').map(({ region }) => region);
    expect(wrote.toSorted()).toEqual([primary, standby]);
  });

  test('says of each flow that runs where it is, where it stops, and what it has done', async () => {
    const name = 'incident-1-request-approval-2';
    const arn = arnOf(`breakwater-${stage}`, 'region-failover', name, standby);
    aws.executions.set(arn, { status: 'RUNNING', events: historyOf('TakeLock', 'TakeOver/cache') });
    const of = { incident: 'incident-1', execution: name };
    await store.takeLock({ ...of, target: primary, action: 'request-approval', at: 1 });
    const { out } = await freeze();
    const said = (text: string) => text.replaceAll(/\s+/g, ' ');
    expect(said(out)).toContain(
      `region-failover ${name} in us-west-2 is in TakeOver cache. This flow stops before the next step that would change something`,
    );
    expect(said(out)).toContain('AWS calls so far: none. The flow has changed nothing that stays.');
    const call = { ...of, at: 2, actor: 'classify', drill: false, region: primary, target: 'chatops-prod' };
    await store.audit({ ...call, step: 'fence/database', call: 'rds:ModifyDBInstance' });
    const begun = said((await freeze()).out);
    expect(begun).toContain('This flow has begun to give its region up. It goes on until everything has taken over');
    expect(begun).toContain('chatops-prod in us-east-1 was fenced');
    expect(JSON.parse((await freeze('--json')).out).flows).toMatchObject([
      { flow: 'region-failover', name, region: standby, states: [{ state: 'TakeOver', asset: 'cache' }] },
    ]);
  });

  test.for([primary, standby])('works while %s hangs up, and says so', async (dark) => {
    aws.dark.set(dark, 'hangs-up');
    const other = dark === primary ? standby : primary;
    const { status, out, err } = await freeze();
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain(`confirmed by ${other}\n`);
    expect(out).toContain(`${dark} did not confirm the freeze (no answer (`);
    aws.dark.clear();
    expect((await frozen())?.by).toBe(caller);
  });

  test('takes a bounded time where the primary region takes requests and stays silent', async () => {
    aws.dark.set(primary, 'is-silent');
    const began = Date.now();
    const { status, out } = await freeze('--json');
    expect(Date.now() - began).toBeLessThan(12_000);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      deployment: `breakwater-${stage}`,
      frozen: true,
      by: caller,
      frozenIn: [standby],
      silent: [{ region: primary, why: 'no answer within 8 s' }],
    });
  }, 20_000);

  test('does not wait for a name: what stopped counts', async () => {
    aws.stsIsDown = true;
    expect((await freeze()).status).toBe(0);
    expect((await frozen())?.by).toBe('a caller whom STS could not name');
  });

  test('that no region took is not done, in one line that names both', async () => {
    aws.dark.set(primary, 'hangs-up').set(standby, 'hangs-up');
    const { status, out, err } = await freeze();
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(
      /^breakwater-\w+: NOT FROZEN, no region answers: us-east-1: no answer .*; us-west-2: no answer .*\n$/,
    );
  });

  test('of a deployment that is not there is one line', async () => {
    const { status, err } = await run(['freeze', ...onStage('nowhere'), '--reason', 'x']);
    expect(status).toBe(1);
    expect(err).toBe(
      'breakwater-nowhere: NOT FROZEN, no region answers: us-east-1: there is no such table; another --stage, account or plan?; us-west-2: there is no such table; another --stage, account or plan?\n',
    );
  });

  test('of a deployment that nobody named says which one it is about, once', async () => {
    const { status, err } = await run(['freeze', '--reason', 'x']);
    expect(status).toBe(1);
    expect(err).toMatch(/^--stage was not given: this is about breakwater-dev\nbreakwater-dev: NOT FROZEN, [^\n]*\n$/);
  });

  test('is confirmed where both regions wrote at one moment and one was refused', async () => {
    await store.freeze('ana', 'the other region was first', 1);
    aws.refuseWrites.set(primary, 'ReplicatedWriteConflictException');
    const { status, out } = await freeze();
    expect(status).toBe(0);
    expect(out).toContain('confirmed by us-east-1 and us-west-2\n');
  });

  test('that a region refused and does not show is not confirmed by it', async () => {
    aws.refuseWrites.set(primary, 'ReplicatedWriteConflictException').set(standby, 'ReplicatedWriteConflictException');
    const { status, err } = await freeze();
    expect(status).toBe(1);
    expect(err).toContain('NOT FROZEN');
    expect(await frozen()).toBeNull();
  });

  test('runs as a process of its own that honours AWS_ENDPOINT_URL', async () => {
    const main = join(root, 'cli', 'main.ts');
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      ...[main, 'freeze', ...onStage(stage), '--reason', 'from outside'],
    ]);
    expect(stderr).toBe('');
    expect(stdout).toContain('is frozen, confirmed by us-east-1 and us-west-2');
    expect((await frozen())?.reason).toBe('from outside');
    expect(new Set(aws.asked.map(({ service }) => service))).toEqual(new Set(['sts', 'dynamodb', 'states'])); // what runs is told
  });
});

describe('unfreeze', () => {
  test('lets it act again, and says who had frozen it and why', async () => {
    await store.freeze('ben', 'a deployment', 1);
    const { status, out } = await run(['unfreeze', ...onStage(stage)]);
    expect(status).toBe(0);
    expect(await frozen()).toBeNull();
    expect(out).toContain('is not frozen, confirmed by us-east-1 and us-west-2\n');
    expect(out).toContain('Breakwater was frozen by ben: a deployment\n');
  });

  test('of what is not frozen says so', async () => {
    const { status, out } = await run(['unfreeze', ...onStage(stage)]);
    expect(status).toBe(0);
    expect(out).toContain('Breakwater was not frozen before.\n');
  });

  test('needs a name', async () => {
    await store.freeze('ben', 'a deployment', 1);
    aws.stsIsDown = true;
    const { status, err } = await run(['unfreeze', ...onStage(stage)]);
    expect(status).toBe(1);
    expect(err).toMatch(/^who calls is not known: no answer .*\n$/);
    expect(await frozen()).not.toBeNull();
  });

  test('works while the primary region is dark', async () => {
    await store.freeze('ben', 'a deployment', 1);
    aws.dark.set(primary, 'hangs-up');
    const { status, out } = await run(['unfreeze', ...onStage(stage), '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ frozen: false, was: { by: 'ben' }, unfrozenIn: [standby] });
  });
});

describe('credentials', () => {
  test.for([
    ['have expired', 'ExpiredToken', 400, 'the AWS credentials have expired: sign in again\n'],
    ['have expired for DynamoDB', 'ExpiredTokenException', 400, 'the AWS credentials have expired: sign in again\n'],
    [
      'are unknown',
      'InvalidClientTokenId',
      403,
      'AWS does not know the credentials (InvalidClientTokenId): sign in again',
    ],
    ['are unknown to DynamoDB', 'UnrecognizedClientException', 400, 'AWS does not know the credentials (Unrecog'],
  ] as const)('that %s are one line and status 1', async ([, code, status, line]) => {
    aws.refusal = { code, status };
    for (const verb of [['freeze', '--reason', 'x'], ['status'], ['history']]) {
      const { status: ended, out, err } = await run([...verb, ...onStage(stage)]);
      expect({ ended, out }).toEqual({ ended: 1, out: '' });
      expect(err).toContain(line);
      expect(err.match(/\n/g)).toHaveLength(1);
    }
  });

  test('that may not do it are one line for each region', async () => {
    aws.refusal = { code: 'AccessDeniedException', status: 400 };
    const { status, err } = await freeze();
    expect(status).toBe(1);
    expect(err).toMatch(/us-east-1: not permitted: .*AccessDeniedException: said so; us-west-2: not permitted: .*\n$/);
  });
});
