// What people read of a build that failed: why, in its own words, and that it can wait.
import { expect, test } from 'vitest';
import { type FailedBuild, failedBuildMessage } from '../../../../functions/domain/words/build-words.ts';

const build: FailedBuild = {
  project: { name: 'breakwater-prod-cluster-daily', description: 'Looks at the Images of cluster' },
  region: 'us-west-2',
  task: null,
  status: 'failed',
  phase: { type: 'BUILD', said: 'exit status 1' },
  told: ['image api:v42 is not in us-west-2'],
  log: 'https://log.example',
};

/** A part of the message, below its heading. */
function part(heading: string, change: Partial<FailedBuild> = {}): string[] {
  const parts = failedBuildMessage({ ...build, ...change }).body.split('\n\n');
  return parts.flatMap((text) => (text.startsWith(`${heading}\n`) ? text.split('\n').slice(1) : []));
}

test('the subject and the first lines say which build failed, where, and how it is started again', () => {
  expect(failedBuildMessage(build).subject).toBe(
    '[Breakwater] Not urgent: build breakwater-prod-cluster-daily failed in us-west-2',
  );
  expect(part('WHAT IS NEEDED FROM YOU')).toEqual([
    'Repair what is named below, then start the build again. The build changes nothing in a cluster:',
    '  npm run build -- breakwater-prod-cluster-daily --region us-west-2',
    'See docs/runbook.md#daily-builds.',
  ]);
});

test('of a task that a person had it do the line has the task, and nobody reads that it can wait', () => {
  const by = { task: 'rebuild' };
  expect(part('WHAT IS NEEDED FROM YOU', by)).toEqual([
    'Repair what is named below, then start the build again. It does the task rebuild, as a person wanted:',
    '  npm run build -- breakwater-prod-cluster-daily --region us-west-2 --task rebuild',
    'See docs/runbook.md#take-over.',
  ]);
  expect(part('WHAT IS BEING DONE', by)).toEqual(['Nothing. A person started this build, and no flow waits for it.']);
  expect(part('WHAT FOLLOWS', by)).toEqual([]);
});

test.for([
  ['what CodeBuild says, then what the scripts told', {}, ['exit status 1', 'image api:v42 is not in us-west-2']],
  ['of a phase without words what the scripts told', { phase: { type: 'BUILD', said: '' } }, build.told],
  ['of scripts that told nothing what CodeBuild says', { told: [] }, ['exit status 1']],
  ['no link of a script', { phase: null, told: ['see http://evil.example\r\nx'] }, ['see http: //evil. example x']],
  [
    'that there is nothing',
    { phase: { type: 'BUILD', said: '' }, told: [] },
    ['The build printed nothing. Its log says why.'],
  ],
] as const)('what happened says %s', ([, change, lines]) => {
  const where = 'phase' in change && change.phase === null ? '' : ' in BUILD';
  expect(part('WHAT HAPPENED', change)).toEqual([
    `The build failed${where}. It looks at the Images of cluster.`,
    ...lines,
  ]);
});

test('a build that tells much is cut: 20 lines of 300 characters', () => {
  const told = Array.from({ length: 30 }, (_, line) => `${line} ${'x'.repeat(400)}`);
  const lines = part('WHAT HAPPENED', { told }).slice(1);
  expect(lines).toHaveLength(20);
  expect(lines[0]).toBe('exit status 1');
  expect(lines[19]).toBe(`18 ${'x'.repeat(297)}`);
});

test('the log is named where there is one', () => {
  expect(part('MORE')).toEqual(['Log: https://log.example']);
  expect(failedBuildMessage({ ...build, log: null }).body).not.toContain('MORE');
});

test('people read that it can wait, and what grows old meanwhile', () => {
  expect(part('WHAT IS BEING DONE')).toEqual([
    'Nothing. The build starts again each day. Users notice nothing of it: it can wait until morning.',
  ]);
  expect(part('WHAT FOLLOWS')).toEqual([
    'The result of the last good build stays, and grows old. When it is too old, readiness says so (check `cluster`).',
  ]);
});
