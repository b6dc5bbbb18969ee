// Releases and the builds that roll them back. A bad release breaks the application in all zones and nothing else.
import { refusal } from './aws-error.ts';
import { uuid } from './random.ts';
import type { Caller } from './types.ts';
import { ownEvent, type World } from './world.ts';

export type Build = {
  readonly id: string;
  readonly arn: string;
  readonly project: string;
  readonly region: string;
  readonly number: number;
  readonly startedAt: number;
  endedAt: number | null;
};

export type Releases = {
  /** Rolls a bad release out in a region; its errors begin while it is rolled out. */
  deployBad(faultId: string, region: string): void;
  /** Rolls a release out that breaks nothing. */
  deploy(region: string): void;
  /** Rolls back by a release of the version before. */
  rollBack(faultId: string): void;
  /** Share of requests that a bad release fails in a region, 0 to 1. */
  failure(region: string): number;
  /** Starts a build of the rollback project of the plan. @throws ResourceNotFoundException for another project */
  startBuild(project: string, region: string, caller: Caller): Build;
  builds(region: string): Build[];
};

export function createReleases(world: World, heal: (faultId: string) => void): Releases {
  const { plan } = world;
  const bad = new Map<string, { readonly region: string; active: boolean }>();
  const builds: Build[] = [];
  let releases = 0;

  const announce = (region: string, phase: 'STARTED' | 'COMPLETED', deploymentId: string, note: string): void => {
    const version = `1.${deploymentId.slice(2)}.0`;
    const detail = { application: plan.application, phase, version, deploymentId, targetRegion: region, note };
    world.emit({ region, ...ownEvent(plan, 'release'), detail });
  };

  const release = (region: string, note: string): void => {
    releases += 1;
    const id = `d-${releases}`;
    announce(region, 'STARTED', id, note);
    world.after(world.draw('release-rollout'), () => announce(region, 'COMPLETED', id, note));
  };

  const buildEvent = (build: Build): void => {
    world.emit({
      region: build.region,
      source: 'aws.codebuild',
      type: 'CodeBuild Build State Change',
      resources: [build.arn],
      detail: {
        'build-status': build.endedAt === null ? 'IN_PROGRESS' : 'SUCCEEDED',
        'project-name': build.project,
        'build-id': build.arn,
        'current-phase': build.endedAt === null ? 'SUBMITTED' : 'COMPLETED',
        'current-phase-context': '[]',
        version: '1',
      },
    });
  };

  return {
    deployBad(faultId, region) {
      const state = { region, active: false };
      bad.set(faultId, state);
      release(region, '');
      world.after(20, () => {
        state.active = true;
      });
    },
    deploy: (region) => release(region, ''),
    rollBack(faultId) {
      const state = bad.get(faultId);
      if (!bad.delete(faultId) || state === undefined) return;
      release(state.region, 'rollback');
    },
    failure: (region) => ([...bad.values()].some((state) => state.active && state.region === region) ? 0.35 : 0),
    startBuild(project, region, caller) {
      if (project !== plan.remediation.afterRelease?.buildProject) {
        throw refusal(
          'ResourceNotFoundException',
          `Project cannot be found: arn:aws:codebuild:${region}:${world.account}:project/${project}`,
        );
      }
      const id = `${project}:${uuid(world.chances.ids)}`;
      const arn = `arn:aws:codebuild:${region}:${world.account}:build/${id}`;
      const number = builds.length + 1;
      const build: Build = { id, arn, project, region, number, startedAt: world.now(), endedAt: null };
      builds.push(build);
      buildEvent(build);
      const seconds = world.draw('build');
      world.recordWork('build', id, seconds, caller);
      world.after(seconds, () => {
        build.endedAt = world.now();
        buildEvent(build);
        for (const [faultId, state] of [...bad]) if (state.region === region) heal(faultId);
      });
      return build;
    },
    builds: (region) => builds.filter((build) => build.region === region),
  };
}
