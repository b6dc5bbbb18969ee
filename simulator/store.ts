// The incident store of the simulator: what functions/aws/store.ts does, in memory and within one turn of the event loop.
import {
  actionKey,
  answerKey,
  auditKey,
  byAnswered,
  byAsked,
  newestOfEach,
  regionOf,
  stepKey,
  supersedes,
} from '../functions/aws/store-identity.ts';
import type { Link } from '../functions/domain/link.ts';
import { personOf } from '../functions/domain/persons.ts';
import type { Plan } from '../functions/domain/plan.ts';
import type { Readiness } from '../functions/domain/readiness.ts';
import type { AuditRecord, Settled, StepRecord, Store } from '../functions/domain/store.ts';
import type {
  ApprovalRequest,
  Incident,
  Lock,
  RecordedAnswer,
  Signal,
  Standing,
  Stray,
} from '../functions/domain/types.ts';

type Roles = Pick<Standing, 'primary' | 'epoch'> & { readonly movedBy: string };
type Waiver = { readonly by: string; readonly reason: string; readonly at: number };

/** What the stacks of all regions share, as they share one table on AWS. */
export type SimulatedTable = ReturnType<typeof createSimulatedTable>;

export function createSimulatedTable() {
  return {
    signals: new Map<string, Map<string, Signal>>(),
    strays: new Map<string, Stray>(),
    incidents: new Map<string, Incident>(),
    /** The id of each region's open incident. */
    open: new Map<string, string>(),
    standing: { frozen: null as Standing['frozen'], roles: null as Roles | null },
    locks: new Map<string, Lock>(),
    actions: new Map<string, Standing['lastActions'][number]>(),
    readiness: new Map<string, Readiness>(),
    audit: new Map<string, AuditRecord>(),
    steps: new Map<string, StepRecord>(),
    sent: new Set<string>(),
    requests: new Map<string, ApprovalRequest>(),
    settled: new Map<string, Settled>(),
    tokens: new Map<string, string>(),
    answers: new Map<string, RecordedAnswer>(),
    waivers: new Map<string, Waiver>(),
    links: new Map<string, Link>(),
    hits: new Map<string, { windowStart: number; hits: number }>(),
  };
}

/**
 * A store in memory. `gate` is awaited before each operation and may delay it, or throw Unavailable while the region
 * is dark; after it an operation is atomic. Stacks that share a table see one truth, each through its own gate.
 */
export function createSimulatedStore(
  plan: Plan,
  gate: () => Promise<void> = async () => {},
  table: SimulatedTable = createSimulatedTable(),
): Store {
  const { signals, strays, incidents, open, standing, locks, actions, audit, steps, sent } = table;
  const { readiness, requests, settled, tokens, answers, waivers, links, hits } = table;

  return {
    async keepSignals(offered) {
      await gate();
      for (const [region, keys] of newestOfEach(offered)) {
        const stored = signals.get(region) ?? new Map<string, Signal>();
        signals.set(region, stored);
        for (const signal of keys.values()) {
          const known = stored.get(signal.key);
          if (known === undefined || supersedes(signal, known)) stored.set(signal.key, signal);
        }
      }
    },

    async readSignals(region, since) {
      await gate();
      return [...(signals.get(region)?.values() ?? [])].filter((signal) => signal.at >= since);
    },

    async keepStray(stray) {
      await gate();
      if (!strays.has(stray.id)) strays.set(stray.id, stray);
    },

    async countStrays() {
      await gate();
      return strays.size;
    },

    async readOpenIncident(region) {
      await gate();
      return incidents.get(open.get(region) ?? '') ?? null;
    },

    async readIncident(id) {
      await gate();
      return incidents.get(id) ?? null;
    },

    async writeIncident(incident) {
      await gate();
      const { id, region, version, closedAt } = incident;
      if ((incidents.get(id)?.version ?? 0) !== version - 1) return false;
      const current = open.get(region) ?? id;
      // Beside an open incident nothing opens; one that is closed may still be added to.
      if (current !== id && (version === 1 || closedAt === null)) return false;
      incidents.set(id, incident);
      if (closedAt === null) open.set(region, id);
      else if (current === id) open.delete(region);
      return true;
    },

    async listIncidents() {
      await gate();
      return [...incidents.values()].sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1));
    },

    async readStanding(region) {
      await gate();
      return {
        frozen: standing.frozen,
        primary: standing.roles?.primary ?? plan.roles.primary,
        epoch: standing.roles?.epoch ?? 1,
        lock: locks.get(region) ?? null,
        lastActions: byKey(actions).filter((last) => regionOf(last.target) === region),
      };
    },

    async freeze(by, reason, at) {
      await gate();
      standing.frozen = { by, reason, at };
    },

    async unfreeze() {
      await gate();
      standing.frozen = null;
    },

    async takeLock(lock) {
      await gate();
      const holder = locks.get(lock.target)?.execution ?? lock.execution;
      if (holder !== lock.execution) return false;
      locks.set(lock.target, lock);
      return true;
    },

    async supersedeLock(lock) {
      await gate();
      const holder = locks.get(lock.target) ?? lock;
      if (holder.execution !== lock.execution && holder.action !== 'az-failover') return false;
      locks.set(lock.target, lock);
      return true;
    },

    async moveRole(primary, fromEpoch, execution) {
      await gate();
      const { roles } = standing;
      const epoch = fromEpoch + 1;
      if ((roles?.epoch ?? 1) === fromEpoch) {
        standing.roles = { primary, epoch, movedBy: execution };
        return true;
      }
      return roles !== null && roles.epoch === epoch && roles.primary === primary && roles.movedBy === execution;
    },

    async releaseLock(target, execution) {
      await gate();
      if (locks.get(target)?.execution === execution) locks.delete(target);
    },

    async recordAction(action, target, at) {
      await gate();
      const key = actionKey(action, target);
      if (at > (actions.get(key)?.at ?? Number.NEGATIVE_INFINITY)) actions.set(key, { action, target, at });
    },

    async keepReadiness(seen) {
      await gate();
      if (seen.at > (readiness.get(seen.region)?.at ?? Number.NEGATIVE_INFINITY)) readiness.set(seen.region, seen);
    },

    async readReadiness(region) {
      await gate();
      return readiness.get(region) ?? null;
    },

    async openRequest(request, token) {
      await gate();
      keepOnce(tokens, request.id, token);
      keepOnce(requests, request.id, request);
    },

    async readRequest(id) {
      await gate();
      return requests.get(id) ?? null;
    },

    async listOpenRequests() {
      await gate();
      return [...requests.values()].filter(({ id }) => !settled.has(id)).sort(byAsked);
    },

    async listSettledRequests(at) {
      await gate();
      return [...requests.values()].sort(byAsked).flatMap((request) => {
        const end = settled.get(request.id);
        return end === undefined || request.expiresAt <= at ? [] : [{ request, ...end }];
      });
    },

    async readOutcome(id) {
      await gate();
      return settled.get(id) ?? null;
    },

    async readTaskToken(id) {
      await gate();
      return tokens.get(id) ?? null;
    },

    async keepAnswer(answer) {
      await gate();
      const key = `${answer.request}#${answerKey(answer, personOf(answer.approver, plan))}`;
      if (answers.has(key)) return false;
      answers.set(key, answer);
      return true;
    },

    async readAnswers(request) {
      await gate();
      return [...answers.values()].filter((answer) => answer.request === request).sort(byAnswered);
    },

    async settleRequest(id, outcome, at) {
      await gate();
      keepOnce(settled, id, { outcome, at });
      return settled.get(id)?.outcome ?? outcome;
    },

    async keepLink(link) {
      await gate();
      keepOnce(links, link.id, link);
    },

    async readLink(id) {
      await gate();
      return links.get(id) ?? null;
    },

    async countHit(key, windowStart, most) {
      await gate();
      const known = hits.get(key);
      const window = known === undefined || known.windowStart < windowStart ? { windowStart, hits: 0 } : known;
      if (window.hits >= most) return false;
      hits.set(key, { ...window, hits: window.hits + 1 });
      return true;
    },

    async keepWaiver(execution, step, by, reason, at) {
      await gate();
      keepOnce(waivers, `${execution}#${step}`, { by, reason, at });
    },

    async readWaiver(execution, step) {
      await gate();
      return waivers.get(`${execution}#${step}`) ?? null;
    },

    async audit(record) {
      await gate();
      keepOnce(audit, `${auditKey(record)}#${record.incident}`, record);
    },

    async readAudit(incident) {
      await gate();
      return byKey(audit).filter((record) => record.incident === incident);
    },

    async recordStep(record) {
      await gate();
      keepOnce(steps, `${stepKey(record)}#${record.incident}`, record);
    },

    async readSteps(incident) {
      await gate();
      return byKey(steps).filter((record) => record.incident === incident);
    },

    async wasSent(id) {
      await gate();
      return sent.has(id);
    },

    async markSent(id) {
      await gate();
      sent.add(id);
    },
  };
}

function keepOnce<Value>(kept: Map<string, Value>, key: string, value: Value): void {
  if (!kept.has(key)) kept.set(key, value);
}

/** The order of the keys, in which DynamoDB reads. */
function byKey<Value>(kept: ReadonlyMap<string, Value>): Value[] {
  return [...kept].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
