// Starts builds of a CodeBuild project and looks at them.
import { createHash } from 'node:crypto';
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  ListBuildsForProjectCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import { CannotProceed } from '../../domain/errors.ts';
import { limits, oneForEachRegion } from '../calls/client.ts';
import { calling } from '../calls/faults.ts';

const codeBuild = /* @__PURE__ */ oneForEachRegion((region) => new CodeBuildClient({ region, ...limits }));

/** What a build is started with. CodeBuild knows a token for five minutes: repeated within them, it gives the same build. */
export type BuildRequest = {
  readonly project: string;
  readonly token: string;
  readonly variables: Readonly<Record<string, string>>;
};

/** Starts a build and gives its id. @throws Unavailable, CannotProceed. */
export async function startBuild(region: string, { project, token, variables }: BuildRequest): Promise<string> {
  const request = new StartBuildCommand({
    projectName: project,
    // A hash has the same length and characters, whatever the token is made of.
    idempotencyToken: createHash('sha256').update(token).digest('hex'),
    environmentVariablesOverride: Object.entries(variables).map(([name, value]) => ({
      name,
      value,
      type: 'PLAINTEXT',
    })),
  });
  const id = (await calling(`start a build of ${project}`, codeBuild(region).send(request))).build?.id;
  if (id === undefined) throw new CannotProceed(`CodeBuild started a build of ${project} and did not name it`);
  return id;
}

/** What a build came to, or in-progress. Everything but succeeded and in-progress is a failure. */
export type BuildStatus = 'in-progress' | 'succeeded' | 'failed' | 'fault' | 'timed-out' | 'stopped';

const statuses: Record<string, BuildStatus> = {
  IN_PROGRESS: 'in-progress',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  FAULT: 'fault',
  TIMED_OUT: 'timed-out',
  STOPPED: 'stopped',
};

/** A phase of a build that has begun. `said`: what CodeBuild says of its end, such as a command's exit status. */
export type BuildPhase = {
  readonly phase: string;
  readonly succeeded: boolean | null;
  readonly seconds: number | null;
  readonly said: string;
};

/** `log`: where a person reads what it printed. */
export type BuildSeen = {
  readonly status: BuildStatus;
  readonly phases: readonly BuildPhase[];
  readonly log: string | null;
};

/** A build as it stands; null where CodeBuild does not know it. @throws Unavailable, CannotProceed. */
export async function describeBuild(region: string, id: string): Promise<BuildSeen | null> {
  const request = new BatchGetBuildsCommand({ ids: [id] });
  const found = (await calling(`look at build ${id}`, codeBuild(region).send(request))).builds?.[0];
  const status = statuses[found?.buildStatus ?? ''];
  if (found === undefined || status === undefined) return null;
  const phases = (found.phases ?? []).map(({ phaseType, phaseStatus, durationInSeconds, contexts = [] }) => ({
    phase: phaseType ?? '',
    succeeded: phaseStatus === undefined || phaseStatus === 'IN_PROGRESS' ? null : phaseStatus === 'SUCCEEDED',
    seconds: durationInSeconds ?? null,
    said: contexts.flatMap(({ message }) => message || []).join('; '),
  }));
  return { status, phases, log: found.logs?.deepLink ?? null };
}

/** The builds of a project, by their ids: the one that began last, and one that has not ended, also where it only waits for its turn. Null: there is none. */
export type Builds = { readonly newest: string | null; readonly running: string | null };

/** What the first page has: the hundred that began last, of which a build that has not ended is one. @throws Unavailable, CannotProceed. */
export async function buildsOf(region: string, project: string): Promise<Builds> {
  const listing = new ListBuildsForProjectCommand({ projectName: project, sortOrder: 'DESCENDING' });
  const { ids = [] } = await calling(`list the builds of ${project}`, codeBuild(region).send(listing));
  const [newest] = ids;
  if (newest === undefined) return { newest: null, running: null };
  const looking = new BatchGetBuildsCommand({ ids });
  const { builds = [] } = await calling(`look at the builds of ${project}`, codeBuild(region).send(looking));
  const running = builds.find(({ buildStatus }) => buildStatus === 'IN_PROGRESS');
  return { newest, running: running?.id ?? null };
}

/** The status of a build; null where CodeBuild does not know it. @throws Unavailable, CannotProceed. */
export async function buildStatus(region: string, id: string): Promise<BuildStatus | null> {
  return (await describeBuild(region, id))?.status ?? null;
}
