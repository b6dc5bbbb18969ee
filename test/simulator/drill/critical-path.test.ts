// What AWS itself takes of a flow: chains on one thing add up, what works side by side does not.
import { expect, test } from 'vitest';
import { regionPathSeconds, zonePathSeconds } from '../../../simulator/drill/critical-path.ts';
import type { Work } from '../../../simulator/estate/types.ts';

const work = (step: string, latency: string, target: string, seconds: number): Work => ({
  latency,
  target,
  startedAt: 0,
  seconds,
  step,
  execution: 'flow',
});
/** The settings take over when what they name has. */
const waveOf = (asset: string) => (asset === 'settings' ? 1 : 0);
const path = (works: readonly Work[]) => regionPathSeconds(works, 'flow', 3_600_000, 2, waveOf);

test('steps that follow one another add up, and of those side by side the longest counts', () => {
  const works = [
    work('Fence/database', 'rds-modification', 'old', 20),
    work('Fence/database', 'rds-restart', 'old', 40),
    work('TakeOver/database', 'rds-promotion', 'replica', 300),
    work('TakeOver/cache', 'elasticache-global-failover', 'cache', 45),
    work('TakeOver/settings', 'application-repoint', 'host', 10),
    work('TakeOver/settings', 'application-repoint', 'cache', 15),
  ];
  expect(path(works)).toBe(20 + 40 + 300 + 15);
});

test('a dark region costs one timeout in each step, however often it is asked', () => {
  const timeouts = [5, 6, 4].map((seconds) => work('Assess', 'api-timeout', 'rds in us-east-1', seconds));
  expect(path(timeouts)).toBe(6);
});

test('the application is waited for until the requests that passed, and no longer', () => {
  const redirect = { ...work('RedirectUsers', 'dns-change', 'record', 90), startedAt: 10_000 };
  const works = [
    work('TakeOver/settings', 'application-repoint', 'host', 8),
    work('TakeOver/settings', 'application-repoint', 'cache', 21),
    { ...work('VerifyRegion', 'health-request', 'page', 1), startedAt: 9_000 },
    redirect,
  ];
  expect(path(works)).toBe(9 + 1 + 90);
});

test('an assessment looks at everything at once', () => {
  const looks = [
    work('Assess', 'api-timeout', 'rds in us-east-1', 6),
    work('Assess', 'health-request', 'page', 1),
    work('Assess', 'api-call', 'Assess', 0.1),
  ];
  expect(path(looks)).toBe(6);
});

test.for(['FenceOnReturn/database', 'FenceOldRegion/database'])('users do not wait for %s', (step) => {
  expect(path([work(step, 'rds-restart', 'old', 60)])).toBe(0);
});

test('of the requests that verify only the last that are needed count', () => {
  const checks = [5, 5, 0.2, 0.3].map((seconds) => work('VerifyOutside', 'health-request', 'page', seconds));
  expect(path(checks)).toBe(0.5);
});

test('what another execution did, or what was still going on, is not waited for', () => {
  const other = { ...work('TakeOver/database', 'rds-promotion', 'replica', 300), execution: 'another' };
  expect(path([other])).toBe(0);
  expect(regionPathSeconds([work('RedirectUsers', 'dns-change', 'record', 90)], 'flow', 60_000, 2, waveOf)).toBe(0);
});

test('a zone flow waits for its longest chain and its checks, and never for a timeout', () => {
  const works = [
    work('LeaveZone/database', 'api-timeout', 'rds in us-east-1', 500),
    work('LeaveZone/database', 'rds-failover', 'database', 80),
    work('LeaveZone/cache', 'elasticache-modification', 'cache', 30),
    work('LeaveZone/cache', 'elasticache-promotion', 'cache', 20),
    { ...work('VerifyService', 'health-request', 'page', 1), startedAt: 90_000 },
  ];
  expect(zonePathSeconds(works, 'flow', 3_600_000, 1)).toBe(81);
  // A request that failed before: until the one that passed, users were not served.
  const failed = { ...work('VerifyService', 'health-request', 'page', 1), startedAt: 84_000 };
  expect(zonePathSeconds([failed, ...works], 'flow', 3_600_000, 1)).toBe(87);
  // Traffic that was still draining when the requests that verified began was not waited for.
  expect(
    zonePathSeconds([...works, work('LeaveZone/cluster', 'zonal-shift', 'cluster', 91)], 'flow', 3_600_000, 1),
  ).toBe(81);
});
