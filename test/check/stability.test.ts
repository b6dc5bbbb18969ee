// Each rule of static stability with a plan that breaks it, and no other rule; the plan of the tests breaks none.
import { expect, test } from 'vitest';
import { parsePlan } from '../../check/plan.ts';
import { findInPlan } from '../../check/stability.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { plan } from '../plan.ts';

type Changes = { readonly [key: string]: unknown };

/** The plan of the tests with some values exchanged; still valid. */
function planWith(changes: Changes): Plan {
  return parsePlan(merge(plan, changes));
}

function merge(base: unknown, changes: unknown): unknown {
  if (typeof changes !== 'object' || changes === null || Array.isArray(changes)) return changes;
  const known = typeof base === 'object' && base !== null ? base : {};
  if (Array.isArray(known))
    return known.map((one, index) => (index in changes ? merge(one, Reflect.get(changes, index)) : one));
  const merged: Record<string, unknown> = { ...known };
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}

test('the plan that is changed below breaks no rule as it is', () => {
  expect(findInPlan(plan)).toEqual([]);
});

test.for([
  [
    'a standby that shares a zone with the primary',
    { regions: { 'us-west-2': { zones: { 'use1-az1': 'us-west-2a' } } } },
    ['standby-in-primary', 'error', 'regions.us-west-2.zones.use1-az1'],
  ],
  [
    'a zone of another region',
    { regions: { 'us-west-2': { zones: { 'usw2-az1': 'us-east-1a' } } } },
    ['zone-of-another-region', 'error', 'regions.us-west-2.zones.usw2-az1'],
  ],
  ['nobody who may tell of releases', { signals: { senders: [] } }, ['nobody-may-send', 'warning', 'signals.senders']],
  [
    'a database on which nothing depends',
    { dependents: { database: undefined } },
    ['no-dependents', 'warning', 'dependents'],
  ],
  ['one observer', { roles: { observers: ['eu-west-1'] } }, ['single-observer', 'warning', 'roles.observers']],
  [
    'a replica with the name of the instance',
    { assets: { 0: { regions: { 'us-west-2': { instance: 'chatops-prod' } } } } },
    ['replica-in-primary', 'error', 'assets.0.regions.us-west-2.instance'],
  ],
  [
    'a replica in the primary region',
    { assets: { 0: { regions: { 'us-west-2': { instance: 'chatops-us-east-1-replica' } } } } },
    ['replica-in-primary', 'error', 'assets.0.regions.us-west-2.instance'],
  ],
  [
    'a database in one zone',
    { assets: { 0: { multiAz: false } } },
    ['database-single-zone', 'error', 'assets.0.multiAz'],
  ],
  [
    'no security group to fence the standby with, after a failover',
    { assets: { 0: { regions: { 'us-west-2': { securityGroups: undefined } } } } },
    ['no-fence', 'error', 'assets.0.regions.us-west-2.securityGroups'],
  ],
  [
    'no global datastore',
    { assets: { 1: { globalDatastore: null } } },
    ['cache-starts-cold', 'warning', 'assets.1.globalDatastore'],
  ],
  [
    'a standby cache that is the primary one',
    { assets: { 1: { regions: { 'us-west-2': { replicationGroup: 'chatops-redis' } } } } },
    ['cache-in-primary', 'error', 'assets.1.regions.us-west-2.replicationGroup'],
  ],
  [
    'a standby cluster without the capacity to serve',
    { assets: { 2: { regions: { 'us-west-2': { warm: false } } } } },
    ['standby-not-warm', 'error', 'assets.2.regions.us-west-2.warm'],
  ],
  [
    'a standby in one zone',
    { regions: { 'us-west-2': { zones: { 'usw2-az2': undefined, 'usw2-az3': undefined } } } },
    ['standby-single-zone', 'warning', 'regions.us-west-2.zones'],
  ],
  [
    'an address of the standby that follows the record',
    { service: { regionalHealthUrls: { 'us-west-2': 'https://api.chatops.example.com/health' } } },
    ['asks-the-lost-region', 'error', 'service.regionalHealthUrls.us-west-2'],
  ],
  [
    'an address of the standby that leads to the primary',
    { service: { regionalHealthUrls: { 'us-west-2': 'https://us-east-1.api.chatops.example.com/alive' } } },
    ['asks-the-lost-region', 'error', 'service.regionalHealthUrls.us-west-2'],
  ],
  [
    'users moved by changing a record',
    { redirection: { mode: 'record-change' } },
    ['route-53-control-plane', 'warning', 'redirection.mode'],
  ],
  [
    'a latch at the apex, where no CNAME may be',
    { redirection: { record: 'example.com' } },
    ['latch-at-apex', 'warning', 'redirection.record'],
  ],
  [
    'a reminder after the request has expired',
    { approval: { reminderSeconds: 3600, escalation: undefined } },
    ['no-reminder', 'warning', 'approval.reminderSeconds'],
  ],
  [
    'predictions that exceed the objective',
    { predictions: { takeOverSeconds: { 'rds-instance': 14_000 } }, drills: [] },
    ['rto-cannot-be-met', 'error', 'objectives.rtoSeconds'],
  ],
  [
    'an approval that is valid for longer than the objective allows',
    { approval: { expirySeconds: 14_400 } },
    ['approval-outlasts-rto', 'warning', 'approval.expirySeconds'],
  ],
  [
    'a drill that may take longer than the objective',
    { drills: [plan.drills[0], { name: 'slow', scenario: 'az-outage', every: 'year', withinSeconds: 14_401 }] },
    ['drill-outlasts-rto', 'error', 'drills.1.withinSeconds'],
  ],
  [
    'a drill that is shorter than what it rehearses is predicted to take',
    { drills: [{ name: 'fast', scenario: 'region-outage', every: 'year', withinSeconds: 900 }] },
    ['drill-cannot-be-met', 'error', 'drills.0.withinSeconds'],
  ],
] as const)('%s is found, and nothing else', ([, changes, [id, severity, path]]) => {
  const weaknesses = findInPlan(planWith(changes));
  expect(weaknesses).toEqual([
    {
      id,
      severity,
      where: { plan: path.split('.') },
      depends: expect.stringMatching(/depends? on|only once/),
      reason: expect.stringMatching(/\w/),
      fix: expect.stringMatching(/\w/),
    },
  ]);
});

test('a record that is changed is a warning also where us-east-1 is not saved, and says so where it is', () => {
  const [inMain] = findInPlan(planWith({ redirection: { mode: 'record-change' } }));
  expect(inMain?.depends).toContain('us-east-1, a region that this plan saves');
});
