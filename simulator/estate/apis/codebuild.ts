// CodeBuild: starts builds, and tells how they stand.
import * as z from 'zod';
import { refusal } from '../calls/aws-error.ts';
import { type Build, logOf, reasonOf, statusOf } from '../services/builds.ts';
import { type Answers, noteMutation, read } from './answer.ts';

const start = z.looseObject({
  projectName: z.string(),
  idempotencyToken: z.string().optional(),
  environmentVariablesOverride: z.array(z.looseObject({ name: z.string(), value: z.string() })).default([]),
});

/** Builds in one question [AWS, BatchGetBuilds]. */
const mostBuilds = 100;

const batch = z.looseObject({ ids: z.array(z.string()) });

export const codebuild: Answers = {
  StartBuild(call, parts) {
    const { projectName, idempotencyToken = null, environmentVariablesOverride } = read(start, call);
    const variables = Object.fromEntries(environmentVariablesOverride.map(({ name, value }) => [name, value]));
    const { build, fresh } = parts.builds.start(projectName, call.region, idempotencyToken, variables, call.caller);
    if (fresh && parts.builds.changes(projectName, variables)) noteMutation(call, parts, projectName, null);
    return { build: shown(build) };
  },
  BatchGetBuilds(call, parts) {
    const { ids } = read(batch, call);
    if (ids.length === 0 || ids.length > mostBuilds)
      throw refusal('InvalidInputException', `The number of builds must be between 1 and ${mostBuilds}.`);
    const known = parts.builds.list(call.region);
    const found = known.filter((build) => ids.includes(build.id) || ids.includes(build.arn));
    const buildsNotFound = ids.filter((id) => !known.some((build) => build.id === id || build.arn === id));
    return { builds: found.map(shown), buildsNotFound };
  },
};

function shown(build: Build): Record<string, unknown> {
  const { endedAt } = build;
  const running = endedAt === null;
  const group = `/aws/vendedlogs/codebuild/${build.project}`;
  const stream = build.id.slice(build.id.indexOf(':') + 1);
  const completed = running ? [] : [{ phaseType: 'COMPLETED', startTime: new Date(endedAt) }];
  return {
    id: build.id,
    arn: build.arn,
    buildNumber: build.number,
    projectName: build.project,
    startTime: new Date(build.startedAt),
    ...(running ? {} : { endTime: new Date(endedAt) }),
    currentPhase: running ? (build.phases.at(-1)?.type ?? 'SUBMITTED') : 'COMPLETED',
    buildStatus: statusOf(build),
    buildComplete: !running,
    phases: [...build.phases.map(phaseOf), ...completed],
    logs: {
      groupName: group,
      streamName: stream,
      deepLink: logOf(build),
    },
  };
}

function phaseOf({ type, startedAt, endedAt, failure }: Build['phases'][number]): Record<string, unknown> {
  const begun = { phaseType: type, startTime: new Date(startedAt) };
  if (endedAt === null) return { ...begun, phaseStatus: 'IN_PROGRESS' };
  return {
    ...begun,
    endTime: new Date(endedAt),
    durationInSeconds: Math.round((endedAt - startedAt) / 1000),
    phaseStatus: failure === null ? 'SUCCEEDED' : 'FAILED',
    contexts: failure === null ? [] : [{ statusCode: 'COMMAND_EXECUTION_ERROR', message: reasonOf(failure) }],
  };
}
