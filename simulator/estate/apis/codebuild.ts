// CodeBuild: starts the build that rolls a release back, and tells how builds stand.
import * as z from 'zod';
import type { Build } from '../releases.ts';
import { type Answers, noteMutation, read } from './answer.ts';

export const codebuild: Answers = {
  StartBuild(call, parts) {
    const { projectName } = read(z.looseObject({ projectName: z.string() }), call);
    const build = parts.releases.startBuild(projectName, call.region, call.caller);
    noteMutation(call, parts, projectName, null);
    return { build: shown(build) };
  },
  BatchGetBuilds(call, parts) {
    const { ids } = read(z.looseObject({ ids: z.array(z.string()) }), call);
    const known = parts.releases.builds(call.region);
    const found = known.filter((build) => ids.includes(build.id) || ids.includes(build.arn));
    const buildsNotFound = ids.filter((id) => !known.some((build) => build.id === id || build.arn === id));
    return { builds: found.map(shown), buildsNotFound };
  },
};

function shown(build: Build): Record<string, unknown> {
  const running = build.endedAt === null;
  return {
    id: build.id,
    arn: build.arn,
    buildNumber: build.number,
    projectName: build.project,
    startTime: new Date(build.startedAt),
    ...(build.endedAt === null ? {} : { endTime: new Date(build.endedAt) }),
    currentPhase: running ? 'BUILD' : 'COMPLETED',
    buildStatus: running ? 'IN_PROGRESS' : 'SUCCEEDED',
    buildComplete: !running,
  };
}
