// Releases and the builds that roll them back. A bad release breaks the application in all zones and nothing else.
import type { Builds } from '../services/builds.ts';
import { ownEvent, type World } from '../world.ts';

export type Releases = {
  /** Rolls a bad release out in a region; its errors begin while it is rolled out. */
  deployBad(faultId: string, region: string): void;
  /** Rolls a release out that breaks nothing. */
  deploy(region: string): void;
  /** Rolls back by a release of the version before. */
  rollBack(faultId: string): void;
  /** Share of requests that a bad release fails in a region, 0 to 1. */
  failure(region: string): number;
};

export function createReleases(world: World, builds: Builds, heal: (faultId: string) => void): Releases {
  const { plan } = world;
  const bad = new Map<string, { readonly region: string; active: boolean }>();
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

  const rollback = plan.remediation.afterRelease?.buildProject;
  if (rollback !== undefined)
    builds.define({
      name: rollback,
      region: null,
      changes: () => true,
      phases({ id, region }, _variables, caller) {
        const seconds = world.draw('build');
        world.recordWork('build', id, seconds, caller);
        const run = (): null => {
          for (const [faultId, state] of [...bad]) if (state.region === region) heal(faultId);
          return null;
        };
        return [{ type: 'BUILD', seconds, run }];
      },
    });

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
    failure: (region) =>
      [...bad.values()].some((state) => state.active && state.region === region) ||
      world.faults.of('cluster-changed').some((fault) => (fault.region ?? plan.roles.primary) === region)
        ? 0.35
        : 0,
  };
}
