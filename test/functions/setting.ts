// The setting of the step tests: a shell on a clock that stands still, a store in memory, the tests' plan.
import { actionOf } from '../../functions/domain/flows.ts';
import type { Incident, Signal } from '../../functions/domain/types.ts';
import type { FlowIncident, RegionIncident } from '../../functions/shared/recovery/flow.ts';
import { lockTarget } from '../../functions/shared/recovery/locks.ts';
import type { Shell } from '../../functions/shared/shell.ts';
import { createMemoryStore } from '../../simulator/memory-store.ts';
import { plan } from '../plan.ts';

export const start = Date.parse('2026-11-23T03:00:00Z');
export const account = '111122223333';

/** A shell and its clock. `at` is set by tests that let time pass. */
export type Setting = Shell & { at: number };

export function setting(change: Partial<Shell> = {}): Setting {
  const silent = () => undefined;
  const shell: Setting = {
    plan,
    region: 'us-east-1',
    account,
    prefix: 'breakwater-test',
    pageUrl: 'https://page.example',
    linkKey: 'arn:aws:secretsmanager:us-west-2:111122223333:secret:breakwater-test-link-key',
    experiments: [],
    at: start,
    now: () => shell.at,
    after: () => new Promise(() => undefined),
    log: { info: silent, warn: silent, error: silent },
    store: createMemoryStore(change.plan ?? plan),
    fetch: () => Promise.reject(new Error('no fetch expected')),
    ...change,
  };
  return shell;
}

export const incident: FlowIncident & { flow: 'az-failover'; zone: string } = {
  id: 'us-east-1-20261123T025900000Z',
  flow: 'az-failover',
  region: 'us-east-1',
  zone: 'use1-az1',
  reason: 'api, database, ingress fail in use1-az1',
  requestedBy: 'classify',
  dryRun: false,
  drill: false,
  execution: 'us-east-1-20261123T025900000Z-az-failover-1',
  since: start,
  startedAt: start,
};

/** What the steps of a region flow are given; it runs in us-west-2. */
export const regionIncident: RegionIncident = {
  ...incident,
  flow: 'region-failover',
  zone: null,
  reason: 'region us-east-1 failed',
  execution: 'us-east-1-20261123T025900000Z-request-approval-1',
  mode: 'failover',
  standby: 'us-west-2',
  epoch: 1,
  manual: false,
};

/** A setting in which the flow of an incident holds its lock; of a region flow what was approved is fresh. */
export async function running(flow: FlowIncident, change: Partial<Shell> = {}): Promise<Setting> {
  const shell = setting(change);
  const { id, execution } = flow;
  const target = lockTarget(flow);
  await shell.store.takeLock({ target, execution, incident: id, action: actionOf[flow.flow], at: start });
  if (flow.flow === 'region-failover') await approvedAt(start, flow, shell);
  return shell;
}

/** Keeps in the record that people approved the flow, and that a look began at a time that found it still so. */
export async function approvedAt(
  at: number,
  { id, execution }: FlowIncident,
  shell: Pick<Shell, 'store'>,
  request = 'approved-request',
): Promise<void> {
  await shell.store.settleRequest(request, 'approved', at);
  await shell.store.recordStep({ incident: id, execution, step: 'reassess', at, outcome: { request } });
}

/** Keeps in the record that the flow has reached a step, such as take-over/database. */
export async function reached(step: string, { id, execution }: FlowIncident, shell: Shell): Promise<void> {
  await shell.store.recordStep({ incident: id, execution, step, at: start, outcome: {} });
}

/** The incident as the record holds it. */
export const openIncident: Incident = {
  id: incident.id,
  region: 'us-east-1',
  level: 2,
  scope: { region: 'us-east-1', zone: 'use1-az1' },
  openedAt: start - 60_000,
  lastSignalAt: start,
  closedAt: null,
  decisions: [],
  version: 1,
};

export function componentSignal(change: Partial<Extract<Signal, { kind: 'component' }>> = {}): Signal {
  const { component = 'api', zone = 'use1-az1' } = change;
  return {
    id: `alarm-${component}-${zone}`,
    key: `alarm:us-east-1:chatops-${component}-errors-${zone}`,
    at: start,
    region: 'us-east-1',
    observer: 'us-east-1',
    kind: 'component',
    component,
    measure: 'errors',
    zone,
    condition: 'failing',
    ...change,
  };
}

export function databaseEvent(change: 'failover-started' | 'failover-completed', at: number): Signal {
  const key = `database:chatops-prod:${change}`;
  const common = { id: `${key}:${at}`, key, at, region: 'us-east-1', observer: 'rds:us-east-1' };
  return { ...common, kind: 'database', instance: 'chatops-prod', change };
}

/** The error a rejected step gave: its name, as a state machine sees it, and its message. */
export async function failureOf(run: Promise<unknown>): Promise<{ name: string; message: string }> {
  try {
    await run;
  } catch (error) {
    if (error instanceof Error) return { name: error.name, message: error.message };
  }
  throw new Error('the step did not fail');
}
