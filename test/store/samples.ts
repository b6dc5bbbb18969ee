// What the contract of the stores is tested with: one signal of each kind, an incident, a lock, a call and an outcome.
import type { LedgerRecord } from '../../functions/domain/data/ledger.ts';
import type { Comparison } from '../../functions/domain/data/only-old.ts';
import type { Rehearsal } from '../../functions/domain/data/rehearsal.ts';
import type { DrillRecord } from '../../functions/domain/drills/record.ts';
import type { AuditRecord, FenceLock, StepRecord } from '../../functions/domain/record/store.ts';
import type { Rejoin } from '../../functions/domain/recovery/rejoin.ts';
import type { ApprovalRequest, Incident, Lock, RecordedAnswer, Signal } from '../../functions/domain/types.ts';

export const region = 'us-east-1';
export const other = 'us-west-2';
export const at = Date.UTC(2026, 10, 3, 3, 0, 0);
const seen = { at, region, observer: region };

/** One signal of each kind: a kind that is added to the domain does not compile here until it is added. */
export const everyKind: Readonly<{ [Kind in Signal['kind']]: Extract<Signal, { kind: Kind }> }> = {
  component: {
    ...seen,
    id: 'e1',
    key: 'k1',
    kind: 'component',
    component: 'api',
    measure: 'errors',
    zone: 'use1-az1',
    condition: 'failing',
  },
  canary: { ...seen, id: 'e2', key: 'k2', kind: 'canary', condition: 'unknown' },
  'canary-run': { ...seen, id: 'e3', key: 'k3', kind: 'canary-run', passed: false },
  probe: { ...seen, id: 'e4', key: 'k4', kind: 'probe', service: 'rds', condition: 'healthy' },
  'probe-run': { ...seen, id: 'e16', key: 'k16', kind: 'probe-run', services: ['rds', 'eks'] },
  heartbeat: { ...seen, id: 'e5', key: 'k5', kind: 'heartbeat', condition: 'failing' },
  beat: { ...seen, id: 'e6', key: 'k6', kind: 'beat' },
  replica: { ...seen, id: 'e7', key: 'k7', kind: 'replica', condition: 'unknown' },
  readiness: {
    ...seen,
    id: 'e17',
    key: 'k17',
    kind: 'readiness',
    check: 'replica',
    why: 'the replica does not replicate',
    condition: 'failing',
  },
  health: {
    ...seen,
    id: 'e8',
    key: 'k8',
    kind: 'health',
    service: 'ec2',
    open: true,
    category: 'issue',
    zones: ['use1-az1', 'use1-az2'],
  },
  database: { ...seen, id: 'e9', key: 'k9', kind: 'database', instance: 'chatops-prod', change: 'failover-completed' },
  cache: { ...seen, id: 'e10', key: 'k10', kind: 'cache', group: 'chatops-redis', change: 'node-replaced' },
  shift: { ...seen, id: 'e11', key: 'k11', kind: 'shift', zone: 'use1-az1', cause: 'autoshift', active: true },
  release: { ...seen, id: 'e14', key: 'k14', kind: 'release', release: '1.2.3', phase: 'started' },
  maintenance: {
    ...seen,
    id: 'e15',
    key: 'k15',
    kind: 'maintenance',
    window: 'w1',
    phase: 'ended',
    targets: ['database'],
    plannedSeconds: null,
  },
};

export function alarm(change: Partial<Extract<Signal, { kind: 'component' }>>): Signal {
  return { ...everyKind.component, ...change };
}

export function incidentOf(change: Partial<Incident>): Incident {
  return {
    id: 'incident-1',
    region,
    level: 2,
    scope: { region, zone: 'use1-az1' },
    openedAt: at,
    lastSignalAt: at,
    closedAt: null,
    decisions: [
      {
        action: 'az-failover',
        reason: 'zone use1-az1 failed',
        at,
        level: 2,
        scope: { region, zone: 'use1-az1' },
        evidence: ['e1', 'e2'],
        causes: ['api', 'cache'],
        attempt: 1,
        execution: 'incident-1-az-failover-1',
      },
    ],
    version: 1,
    ...change,
  };
}

export const lock: Lock = {
  target: region,
  execution: 'execution-1',
  incident: 'incident-1',
  action: 'az-failover',
  at,
};

export const request: ApprovalRequest = {
  id: 'request-1',
  incident: 'incident-1',
  execution: 'execution-1',
  plan: 'a1b2',
  target: region,
  mode: 'failover',
  way: 'promote-replica',
  unfenced: [region],
  unfencedAssets: ['database'],
  lossCeilingSeconds: 92,
  required: 2,
  roles: ['dr-coordinator', 'infra-lead', 'dba'],
  requestedBy: 'classify',
  askedAt: at,
  expiresAt: at + 3_600_000,
  shown: { reason: 'region us-east-1 failed', predicted: { recoverySeconds: 600.5, notes: ['a', null] }, empty: '' },
};

export const answer: RecordedAnswer = {
  request: 'request-1',
  approver: 'dba',
  answer: 'approve',
  unfenced: [region],
  reason: 'it is dark',
  at: at + 60_000,
  from: '192.0.2.1',
  valid: true,
  why: '',
};

export const call: AuditRecord = {
  incident: 'incident-1',
  at,
  step: 'leave-zone/database',
  actor: 'az-failover',
  execution: 'execution-1',
  call: 'rds:RebootDBInstance',
  region,
  target: 'chatops-prod',
  drill: false,
  change: { before: 'available in use1-az1', wanted: 'in another zone than use1-az1' },
};

export const reached: StepRecord = {
  incident: 'incident-1',
  execution: 'execution-1',
  step: 'leave-zone/database',
  at,
  outcome: { zone: 'use1-az2', seconds: 61.5, notes: ['moved', null], already: false },
};

export function byKey(signals: readonly Signal[]): Signal[] {
  return [...signals].sort((a, b) => (a.key < b.key ? -1 : 1));
}

export function count(answers: readonly boolean[]): number {
  return answers.filter((answer) => answer).length;
}

export const fenceLock: FenceLock = {
  ...{ region: 'us-east-1', epoch: 1, execution: 'execution-1', startedAt: at, start: 1, incident: 'incident-1', at },
};

export const ledger: LedgerRecord = {
  asset: 'database',
  region,
  instance: 'chatops-prod',
  at,
  attempted: 12,
  since: 11,
  acknowledged: [{ id: 11, at: at - 60_000 }],
  watermarks: {
    at: at - 60_000,
    tables: [{ table: 'messages', count: null, greatestKey: '7', newestAt: at - 61_000 }],
  },
  countedAt: null,
  provenAt: at - 60_000,
};

export const comparison: Comparison = {
  asset: 'database',
  region,
  incident: 'incident-1',
  execution: 'execution-1',
  openedAt: at,
  writesEndedAt: at - 60_000,
  since: [{ table: 'messages', count: null, greatestKey: '7', newestAt: at - 61_000 }],
  begunAt: null,
  readAt: null,
  tables: [],
  comparedAt: null,
  endedAt: null,
  wrong: [],
};

export const rejoined: Rejoin = {
  asset: 'database',
  region,
  epoch: 2,
  undoes: { execution: 'a-failover', incident: 'an-incident' },
  by: 'operator',
  reason: 'the region is back',
  begunAt: at,
  old: 'chatops-prod',
  proof: null,
  snapshot: null,
  snapshotAt: null,
  instance: null,
  askedAt: null,
  replicatesAt: null,
  endedAt: null,
  wrong: [],
};

export const rehearsal: Rehearsal = {
  asset: 'database',
  region,
  instance: 'chatops-prod-restored-rehearsal',
  begunAt: at,
  source: 'a snapshot',
  dataUntil: at - 60_000,
  availableAt: null,
  endedAt: null,
  data: null,
  wrong: [],
};

export const drill: DrillRecord = {
  name: 'database failover',
  kind: 'fault',
  execution: 'execution-1',
  leg: null,
  by: 'schedule',
  region,
  zone: null,
  asset: 'database',
  withinSeconds: 300,
  startedAt: at,
  before: ['us-east-1 is primary in epoch 1'],
  faultAt: at + 9_000,
  struck: 'use1-az1',
  experiment: null,
  incident: null,
  answers: [{ approver: 'dba', answer: 'approve', at: at + 20_000 }],
  recoveredAt: null,
  asked: {
    before: { asked: 3, failed: 0, slowestMs: 61.5 },
    during: { asked: 1, failed: 1, slowestMs: null },
    after: { asked: 0, failed: 0, slowestMs: null },
  },
  endedAt: null,
  outcome: null,
  why: [],
};
