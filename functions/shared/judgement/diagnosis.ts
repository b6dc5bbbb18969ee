// Diagnoses the region of a flow's incident now, and adds what the plan says about the suspected cause.
import { diagnose, type PlannedDiagnosis } from '../../domain/evidence/diagnose.ts';
import type { FlowIncident } from '../recovery/flow.ts';
import type { Shell } from '../shell.ts';

/** Messages hold 256 KB; more facts than this help nobody. */
const mostFacts = 40;

/** Reads the signals of the region and suspects a cause. Changes nothing. */
export async function diagnosisOf({ region }: FlowIncident, { store, plan, now }: Shell): Promise<PlannedDiagnosis> {
  const signals = await store.readSignals(region, now() - plan.evidence.retentionSeconds * 1000);
  const diagnosis = diagnose(signals, region, plan, now());
  const answer = diagnosis.cause === 'release' ? plan.remediation.afterRelease : null;
  return {
    ...diagnosis,
    facts: diagnosis.facts.slice(-mostFacts),
    changed: diagnosis.changed.slice(-mostFacts),
    // A level that only observes remedies nothing, whatever the remediation's own mode.
    remediation: answer === null ? 'none' : plan.levels.level1.mode === 'observe' ? 'observe' : answer.mode,
    buildProject: answer?.buildProject ?? null,
  };
}
