// Tells people that a build of the stack failed that no flow waits for: the daily copy of what runs in a cluster, or the daily try of it. Whoever hears of it
// only when the copy is too old hears of it a day later.
import * as z from 'zod';
import { readObject } from '../aws/objects.ts';
import type { KindProject } from '../domain/kind/projects.ts';
import { type Kind, saidOf } from '../domain/plan/assets.ts';
import { ownerOf } from '../domain/signals/unready.ts';
import { failedBuildMessage } from '../domain/words/build-words.ts';
import { peerOf } from './estate.ts';
import { tell } from './messages/tell.ts';
import type { Shell } from './shell.ts';

/** The parts of 'CodeBuild Build State Change' that are read here. */
export const BuildChange = z.object({
  'detail-type': z.literal('CodeBuild Build State Change'),
  detail: z.object({
    'build-status': z.string(),
    'project-name': z.string(),
    /** The ARN of the build. */
    'build-id': z.string(),
    'additional-information': z
      .object({
        logs: z.object({ 'deep-link': z.string().nullish() }).nullish(),
        environment: z
          .object({
            'environment-variables': z.array(z.object({ name: z.string(), value: z.string().nullish() })).nullish(),
          })
          .nullish(),
        phases: z
          .array(
            z.object({
              'phase-type': z.string(),
              'phase-status': z.string().nullish(),
              'phase-context': z.array(z.string()).nullish(),
            }),
          )
          .nullish(),
      })
      .nullish(),
  }),
});

/** A build goes on, or ended well, with one of them. */
const well = ['IN_PROGRESS', 'SUCCEEDED'];

/** With the variable a flow has started it: it follows its builds itself, and tells what they came to. */
const ofFlow = 'BREAKWATER_INCIDENT';

/** Once for each build. One of a project that is not the stack's own is not told. */
export async function tellFailedBuild({ detail }: z.infer<typeof BuildChange>, shell: Shell): Promise<void> {
  const { 'build-status': status, 'project-name': name, 'build-id': arn, 'additional-information': more } = detail;
  const variables = more?.environment?.['environment-variables'] ?? [];
  if (well.includes(status) || variables.some((one) => one.name === ofFlow)) return;
  const { plan, region } = shell;
  const found = projectNamed(name, shell);
  if (found === null) return;
  const failed = (more?.phases ?? []).find((one) => !['SUCCEEDED', null, undefined].includes(one['phase-status']));
  const task = variables.findLast((one) => one.name === 'TASK')?.value ?? null;
  const message = failedBuildMessage({
    task: task !== null && found.project.tasks.includes(task) ? task : null,
    ...{ project: found.project, region, status: status.toLowerCase().replaceAll('_', ' ') },
    phase: failed === undefined ? null : { type: failed['phase-type'], said: failed['phase-context']?.join(' ') ?? '' },
    told: await toldBy(arn, found.project),
    log: more?.logs?.['deep-link'] ?? null,
  });
  await tell({ id: `build/${arn}`, message, of: null }, [ownerOf(found.kind, plan)], shell, { mayRepeat: true });
}

function projectNamed(
  name: string,
  { plan, region: here, prefix }: Shell,
): { project: KindProject; kind: Kind } | null {
  const there = peerOf(here, plan) ?? here;
  for (const asset of plan.assets) {
    const all = saidOf(asset).projectsIn?.(asset, { here, there, prefix, consuming: [] }) ?? [];
    const project = all.find((one) => one.name === name);
    if (project !== undefined) return { project, kind: asset.kind };
  }
  return null;
}

/** What the scripts told. It helps, and its absence keeps nobody from hearing that the build failed. */
async function toldBy(arn: string, { variables }: KindProject): Promise<string[]> {
  const { BUCKET: bucket = '', BUCKET_REGION: region = '' } = variables;
  const key = `builds/${arn.slice(arn.lastIndexOf(':') + 1)}.txt`;
  const told = await readObject({ region, bucket, key }).catch(() => null);
  return (told ?? '').split('\n').filter((line) => line !== '');
}
