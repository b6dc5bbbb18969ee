// Desired state: the flow knows a suspected cause, with the facts behind it and what the plan would do about it.
import { diagnosisOf } from './shared/judgement/diagnosis.ts';
import { StepInput } from './shared/recovery/flow.ts';
import { step } from './shared/shell.ts';

export const handler = step(StepInput, ({ incident }, shell) => diagnosisOf(incident, shell));
