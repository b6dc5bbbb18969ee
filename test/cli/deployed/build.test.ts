// Starting a build by hand: which projects there are, where one is started, and what keeps it from being started.
import { beforeEach, describe, expect, test } from 'vitest';
import { buildsOf } from '../../../functions/aws/workloads/builds.ts';
import { failedBuildMessage } from '../../../functions/domain/words/build-words.ts';
import { type Degradation, degradationNeeds } from '../../../functions/domain/words/degradation-words.ts';
import { withStage } from '../../../functions/domain/words/words.ts';
import { shippedFile } from '../../shipped.ts';
import { run } from '../invented.ts';
import { deployed, onAws, primary, standby, wordsIn } from './aws.ts';

const aws = onAws();
let stage: string;
let prefix: string;
let store: Awaited<ReturnType<typeof deployed>>['store'];
let recover: string;
let backUp: string;
const rollback = 'chatops-rollback';

beforeEach(async () => {
  aws.reset();
  ({ stage, prefix, store } = await deployed());
  recover = `${prefix}-recover-cluster`;
  backUp = `${prefix}-back-up-cluster`;
  aws.asked.length = 0;
});

/** Somebody types an answer; undefined: nobody was to be asked. */
const typing = (words: readonly string[], typed?: string | null) =>
  run([...words, '--plan', shippedFile], undefined, {
    ask: async () => {
      if (typed === undefined) throw new Error('nobody was to be asked');
      return typed;
    },
  });
const build = (words: readonly string[], typed?: string | null) => typing(['build', ...words, '--stage', stage], typed);
type Started = {
  readonly projectName: string;
  readonly idempotencyToken: string;
  readonly environmentVariablesOverride: unknown;
};
const started = () =>
  aws.asked
    .filter(({ what }) => what === 'StartBuild')
    .map(({ region, body }) => ({ region, ...(JSON.parse(body) as Started) }));
const flat = (text: string) => text.replaceAll(/\s+/g, ' ');

test('the build that takes a release back is named with its place, and starts after a typed yes', async () => {
  const { status, out, err } = await build([rollback, '--region', primary], 'yes');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(started()).toMatchObject([{ region: primary, projectName: rollback, environmentVariablesOverride: [] }]);
  expect(out).toBe(`A build of chatops-rollback in us-east-1
  The project takes a release back.
  It changes what runs in production. Breakwater does not know how, and undoes nothing of it.
Started build chatops-rollback:new in us-east-1.
Its log, and how it ends:
  https://console.aws.amazon.com/codesuite/codebuild/projects/chatops-rollback/build/chatops-rollback%3Anew/log?region=us-east-1
Breakwater does not follow this build. See whether users are served with:
  npm run status -- --stage ${stage} --plan ${shippedFile}
`);
});

test('the build that takes a release back is told which one, as a start of Breakwater tells it', async () => {
  const { status, out } = await build([rollback, '--release', 'v42', '--region', primary], 'yes');
  expect(status).toBe(0);
  expect(out).toContain('A build of chatops-rollback in us-east-1\n  The project takes release v42 back.\n');
  await build([rollback, '--release', 'v41', '--region', primary], 'yes');
  expect(started().map((one) => one.environmentVariablesOverride)).toEqual(
    ['v42', 'v41'].map((value) => [{ name: 'BREAKWATER_RELEASE', value, type: 'PLAINTEXT' }]),
  );
  const [first, second] = started().map(({ idempotencyToken }) => idempotencyToken);
  expect(second).not.toBe(first);
});

test.for([
  ['no', 'yes was not typed'],
  [null, 'there was nobody to type yes'],
] as const)('after %j nothing is started', async ([typed, why]) => {
  const { status, err } = await build([rollback, '--region', primary], typed);
  expect({ status, err, started: started() }).toEqual({ status: 1, err: `not started: ${why}\n`, started: [] });
});

test('a daily build changes nothing, and nobody is asked', async () => {
  const { status, out } = await build([backUp, '--region', standby]);
  expect({ status, started: started().map(({ region, projectName }) => [region, projectName]) }).toEqual({
    status: 0,
    started: [[standby, backUp]],
  });
  expect(flat(out)).toContain('This build is the daily one: it changes nothing in a cluster.');
  expect(out).toContain('docs/runbook.md#daily-builds');
});

test.for(['rebuild', 'scale'])('with the task %s a cluster is recovered, after a typed yes', async (task) => {
  const words = [recover, '--region', standby, '--task', task];
  expect((await build(words, 'no')).status).toBe(1);
  expect(started()).toEqual([]);
  expect((await build(words, 'yes')).status).toBe(0);
  expect(started()[0]?.environmentVariablesOverride).toEqual([{ name: 'TASK', value: task, type: 'PLAINTEXT' }]);
});

test('without a region it is started where users are', async () => {
  expect((await build([rollback], 'yes')).status).toBe(0);
  await store.moveRole(standby, 1, 'x', Date.now());
  expect((await build([rollback], 'yes')).status).toBe(0);
  expect(started().map(({ region }) => region)).toEqual([primary, standby]);
});

test('without a stage it is said which deployment this is about', async () => {
  const { status, err } = await typing(['build', rollback, '--region', primary], 'yes');
  expect({ status, err }).toEqual({ status: 0, err: '--stage was not given: this is about breakwater-dev\n' });
});

test('with a region no table is asked: the stack may be down', async () => {
  aws.forbidTable = true;
  expect((await build([rollback, '--region', primary], 'yes')).status).toBe(0);
});

test('with --json one object is printed, and what a person reads goes to stderr', async () => {
  const { out, err } = await build([rollback, '--region', primary, '--json'], 'yes');
  expect(JSON.parse(out)).toEqual({
    ...{ deployment: prefix, project: rollback, region: primary, task: null, release: null, build: `${rollback}:new` },
    log: expect.stringMatching(/^https:\/\/console\.aws\.amazon\.com\/.*us-east-1$/),
  });
  expect(err).toContain('A build of chatops-rollback in us-east-1');
});

describe('what is typed wrong is said in a line, and nothing is asked', () => {
  test('of a plan without projects that it has none', async () => {
    const { status, err } = await run(['build', 'x', '--stage', stage, '--plan', 'examples/shop/plan.yml']);
    const line = `PROJECT: is x, expected a project, and neither ${prefix} nor the plan has one\n`;
    expect({ status, err, asked: aws.asked }).toEqual({ status: 2, err: line, asked: [] });
  });

  const all = () => `${recover}, ${rollback}, ${backUp}`.split(', ').toSorted();
  test.for([
    [
      'another project',
      ['chatops-rolback'],
      /^PROJECT: is chatops-rolback, expected one of (.*): did you mean chatops-rollback\?$/,
    ],
    ['a project of another stage', ['breakwater-prod-x'], /^PROJECT: is breakwater-prod-x, expected one of (.*)$/],
  ] as const)('%s: with those that there are', async ([, words, line]) => {
    const { status, err } = await build(words);
    expect(status).toBe(2);
    expect(line.exec(err.trimEnd())?.[1]?.split(', ').toSorted()).toEqual(all());
    expect(err.match(/\n/g)).toHaveLength(1);
    expect(aws.asked).toEqual([]);
  });

  test.for([
    [
      'chatops-rollback --region us-east-2',
      '--region: is us-east-2, where chatops-rollback is not, expected one of us-east-1, us-west-2: did you mean us-east-1?',
    ],
    ['chatops-rollback --task rebuild', '--task: is rebuild, expected none: chatops-rollback does one thing'],
    ['RECOVER --release v42', '--release: is v42, expected none: RECOVER takes no release back, chatops-rollback does'],
    [
      `chatops-rollback --release v42'`,
      `--release: is "v42'", expected the id of a release, such as v42: one line without quotes`,
    ],
    [
      'chatops-rollback --release v42\n',
      String.raw`--release: is "v42\n", expected the id of a release, such as v42: one line without quotes`,
    ],
    ['RECOVER --task rebuid', '--task: is rebuid, expected one of rebuild, scale: did you mean rebuild?'],
  ] as const)('%s', async ([words, line]) => {
    const { status, err } = await build(words.replace('RECOVER', recover).split(' '));
    expect({ status, err, asked: aws.asked }).toEqual({
      status: 2,
      err: `${line.replace('RECOVER', recover)}\n`,
      asked: [],
    });
  });
});

describe('nothing is started', () => {
  const begun = `${rollback}:8f3a`;
  const page = `https://console.aws.amazon.com/codesuite/codebuild/projects/${rollback}/build/${rollback}%3A8f3a/log?region=us-east-1`;

  test('beside a build of the same project that runs there', async () => {
    aws.builds.set(`${primary} ${rollback}:9999`, 'FAILED').set(`${primary} ${begun}`, 'IN_PROGRESS');
    const { status, err } = await build([rollback, '--region', primary]);
    expect({ status, err, started: started() }).toEqual({
      status: 1,
      err: `not started: build ${begun} of ${rollback} runs in us-east-1 already: ${page}\n`,
      started: [],
    });
  });

  test('where somebody else has started one before yes was typed', async () => {
    const { status, err } = await run(
      ['build', rollback, '--region', primary, '--stage', stage, '--plan', shippedFile],
      undefined,
      {
        ask: async () => {
          aws.builds.set(`${primary} ${begun}`, 'IN_PROGRESS');
          return 'yes';
        },
      },
    );
    expect({ status, started: started() }).toEqual({ status: 1, started: [] });
    expect(err).toContain(`build ${begun} of ${rollback} runs in us-east-1 already`);
  });

  test.for([
    [
      'ListBuildsForProject',
      'ResourceNotFoundException',
      /^not started: there is no project chatops-rollback in us-east-1; plan\.yml names it \(remediation\.afterRelease\): another account, or another plan\?$/,
    ],
    [
      'ListBuildsForProject',
      'AccessDeniedException',
      /^not permitted: list the builds of chatops-rollback: AccessDeniedException: said so$/,
    ],
    [
      'StartBuild',
      'AccessDeniedException',
      /^not permitted: start a build of chatops-rollback: AccessDeniedException: said so$/,
    ],
    [
      'StartBuild',
      'ThrottlingException',
      /^not started: CodeBuild of us-east-1 takes no more now \(ThrottlingException\): wait a minute, then type the line again$/,
    ],
    [
      'StartBuild',
      'AccountLimitExceededException',
      /^not started: CodeBuild of us-east-1 takes no more now \(AccountLimitExceededException\): wait/,
    ],
    ['StartBuild', 'ExpiredTokenException', /^the AWS credentials have expired: sign in again$/],
    [
      'ListBuildsForProject',
      'hangs-up',
      /^not started: CodeBuild of us-east-1: no answer \(.*\)\. Type the line again: none begins beside one that runs$/,
    ],
  ] as const)('where %s is answered with %s, and a line says why', async ([operation, refused, line]) => {
    aws.refuseBuilds.set(operation, refused);
    const { status, err } = await build([rollback, '--region', primary], 'yes');
    expect(status).toBe(1);
    expect(err.trimEnd()).toMatch(line);
    expect(err.match(/\n/g)).toHaveLength(1);
  });

  test('of a project that is not deployed, with what may be another than meant', async () => {
    aws.refuseBuilds.set('ListBuildsForProject', 'ResourceNotFoundException');
    const { status, err } = await build([recover, '--region', standby]);
    expect({ status, err }).toEqual({
      status: 1,
      err: `not started: there is no project ${recover} in us-west-2; it comes with the stack: another --stage, account or plan, or is it not deployed?\n`,
    });
  });
});

test('where the start is not answered it is not known whether one runs', async () => {
  aws.refuseBuilds.set('StartBuild', 'hangs-up');
  const { status, err } = await build([rollback, '--region', primary], 'yes');
  expect(status).toBe(1);
  expect(err).toMatch(
    /^It is NOT KNOWN whether a build was started: CodeBuild of us-east-1: no answer \(.*\)\. Type the line again: none begins beside one that runs\n$/,
  );
});

test('two who have seen the same builds ask for the same one, and after another build for another one', async () => {
  const once = () => build([rollback, '--region', primary], 'yes');
  await Promise.all([once(), once()]);
  aws.builds.set(`${primary} ${rollback}:1`, 'FAILED');
  await once();
  const [first, second, third] = started().map(({ idempotencyToken }) => idempotencyToken);
  expect([second === first, third === first]).toEqual([true, false]);
});

test('a project has a newest build, and one that runs, or none', async () => {
  expect(await buildsOf(primary, rollback)).toEqual({ newest: null, running: null });
  aws.builds.set(`${primary} ${rollback}:2`, 'FAILED').set(`${primary} ${rollback}:1`, 'IN_PROGRESS');
  expect(await buildsOf(primary, rollback)).toEqual({ newest: `${rollback}:2`, running: `${rollback}:1` });
});

test('what mails print to take a release back, and to start a failed build again, runs as it is printed', async () => {
  const degradation: Degradation = {
    ...{ cause: 'release', suspected: 'release v42', release: 'v42', facts: [], changed: [], gaps: [] },
    ...{ remediation: 'observe', buildProject: rollback },
  };
  const failed = (name: string, task: string | null) =>
    failedBuildMessage({
      project: { name, description: 'Copies' },
      ...{ region: standby, task, status: 'failed', phase: null, told: [], log: null },
    });
  const bodies = [
    degradationNeeds(degradation, primary).join('\n'),
    degradationNeeds({ ...degradation, release: 'v42; rm' }, standby).join('\n'),
    failed(backUp, null).body,
    failed(recover, 'rebuild').body,
  ];
  for (const body of bodies) {
    const line = withStage(body, stage)
      .split('\n')
      .find((one) => one.startsWith('  npm run '));
    const { status, err } = await typing(wordsIn(line ?? ''), 'yes');
    expect({ status, err }).toEqual({ status: 0, err: '' });
  }
  expect(started().map((one) => [one.region, one.projectName, one.environmentVariablesOverride])).toEqual([
    [primary, rollback, [{ name: 'BREAKWATER_RELEASE', value: 'v42', type: 'PLAINTEXT' }]],
    [standby, rollback, []],
    [standby, backUp, []],
    [standby, recover, [{ name: 'TASK', value: 'rebuild', type: 'PLAINTEXT' }]],
  ]);
});
