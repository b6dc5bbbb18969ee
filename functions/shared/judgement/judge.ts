// Judges a region: reads what is known, classifies, moves its incident on, and writes that exactly once among many copies.
import { advance } from '../../domain/decision/incident.ts';
import type { KeptOut } from '../../domain/decision/kept-out.ts';
import { Unavailable } from '../../domain/errors.ts';
import { classify, fails, type Peer } from '../../domain/evidence/classify.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import { lastServedIn } from '../../domain/record/fault-clock.ts';
import type { Store } from '../../domain/record/store.ts';
import { inForce } from '../../domain/roles.ts';
import type { Classification, Incident, RecordedDecision, Signal, Standing } from '../../domain/types.ts';
import { peerOf } from '../estate.ts';

export type Judgement = {
  readonly classification: Classification;
  /** The open incident, or the one that has just closed; null where there is none. */
  readonly incident: Incident | null;
  /** The last incident, where it had closed before and no other has opened: its end may still have to be told. */
  readonly closed: Incident | null;
  /** The decision made now; null where nothing changed. */
  readonly decision: RecordedDecision | null;
  readonly lookAgainAt: number | null;
  /** The zone that users stay out of, where the incident would be over otherwise; null where there is none. */
  readonly keptOut: KeptOut | null;
};

const attempts = 20;

/** Judges a region at a time. @throws Unavailable when other copies kept writing first. */
export async function judge(region: string, store: Store, plan: Plan, now: number): Promise<Judgement> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const [signals, last, standing] = await Promise.all([
      store.readSignals(region, 0),
      store.readLastIncident(region),
      store.readStanding(region),
    ]);
    const [open, closed] = last?.closedAt === null ? [last, null] : [null, last];
    const classification = await classified(region, signals, standing, store, plan, now);
    const {
      incident: moved,
      decision,
      lookAgainAt,
      keptOut = null,
    } = advance(open, classification, standing, plan, now, closed);
    const incident = open === null ? withLastServed(moved, signals) : moved;
    if (incident === null) return { classification, incident: open, closed, decision: null, lookAgainAt, keptOut };
    if (await store.writeIncident(incident))
      return { classification, incident, closed: null, decision, lookAgainAt, keptOut };
  }
  throw new Unavailable(`the incident of ${region} was written by others ${attempts} times in a row`);
}

/** What canaries saw is overwritten by what they see next: it is kept with the incident that it came before. */
function withLastServed(opened: Incident | null, signals: readonly Signal[]): Incident | null {
  const lastServedAt = opened === null ? null : lastServedIn(signals, opened.openedAt);
  return opened === null || lastServedAt === null ? opened : { ...opened, lastServedAt };
}

/** What the signals about a region mean now; against what fails in the other main region, where anything fails. */
export async function classified(
  region: string,
  signals: readonly Signal[],
  standing: Standing,
  store: Pick<Store, 'readSignals'>,
  plan: Plan,
  now: number,
): Promise<Classification> {
  const known = inForce(signals, region, standing, plan);
  const alone = classify(known, region, plan, now);
  const peer = fails(alone) ? await knownOfPeer(region, standing, store, plan) : null;
  return peer === null ? alone : classify(known, region, plan, now, peer);
}

/** What says that a region fails by itself. */
function speaks(signal: Signal): signal is Extract<Signal, { kind: 'component' | 'probe' | 'heartbeat' }> {
  return signal.kind === 'component' || signal.kind === 'probe' || signal.kind === 'heartbeat';
}

/**
 * What is known of the other main region; null where there is none, or where it cannot be read, which speaks against nothing.
 * It costs a query, and is asked only where anything fails.
 */
async function knownOfPeer(
  region: string,
  standing: Standing,
  store: Pick<Store, 'readSignals'>,
  plan: Plan,
): Promise<Peer | null> {
  const other = peerOf(region, plan);
  if (other === null) return null;
  const signals = await store.readSignals(other, 0).catch(() => null);
  // Judging twice is for where something fails there: of a storm each event is judged.
  const isWell = signals?.every((signal) => !speaks(signal) || signal.condition !== 'failing') ?? true;
  return signals === null || isWell ? null : { region: other, signals: inForce(signals, other, standing, plan) };
}
