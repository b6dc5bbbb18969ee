// Diagnoses the region of a flow's incident now, and adds what the plan says about the suspected cause.
import { diagnose, type PlannedDiagnosis } from '../../domain/evidence/diagnose.ts';
import type { FlowIncident } from '../recovery/flow.ts';
import type { Shell } from '../shell.ts';
import { changesBefore } from './changed.ts';

/** Messages hold 256 KB; more facts than this help nobody. */
const mostFacts = 40;

/** Reads the signals of the region and what was changed there before, and suspects a cause. Changes nothing. */
export async function diagnosisOf(incident: FlowIncident, shell: Shell): Promise<PlannedDiagnosis> {
  const { region } = incident;
  const { store, plan, now } = shell;
  const [signals, seen] = await Promise.all([
    store.readSignals(region, now() - plan.evidence.retentionSeconds * 1000),
    changesBefore(incident, shell),
  ]);
  const diagnosis = diagnose(signals, region, plan, now(), seen);
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
