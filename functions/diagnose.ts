// Desired state: people have a suspected cause, with the facts behind it and what the plan would do about it.
import { diagnose } from './domain/diagnose.ts';
import { StepInput } from './shared/flow.ts';
import { step } from './shared/shell.ts';

/** Messages hold 256 KB; more facts than this help nobody. */
const mostFacts = 40;

/** `remediation` is what the plan says about the suspected cause: act, observe, or none where it has no answer. */
export const handler = step(StepInput, async ({ incident }, { store, plan, now }) => {
  const signals = await store.readSignals(incident.region, now() - plan.evidence.retentionSeconds * 1000);
  const diagnosis = diagnose(signals, incident.region, plan, now());
  const answer = diagnosis.cause === 'release' ? plan.remediation.afterRelease : null;
  return {
    ...diagnosis,
    facts: diagnosis.facts.slice(-mostFacts),
    remediation: answer?.mode ?? 'none',
    buildProject: answer?.buildProject ?? null,
  };
});
