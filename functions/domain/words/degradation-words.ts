// What people read of a degradation: what is suspected, what changed shortly before, and what the plan does about it.
import type { PlannedDiagnosis } from '../evidence/diagnose.ts';
import { clockedFacts } from './facts.ts';
import { sentenceOf } from './words.ts';

/** `owner`: the roles that answer for what failed, in words; none where no component has an owner. */
export type Degradation = PlannedDiagnosis & { readonly owner?: string };

/** More of them stand before the fold for nobody. */
const mostShown = 8;

/** What a person has to do: look, and take back what is suspected where only a person may. */
export function degradationNeeds({ cause, remediation, buildProject, release }: Degradation): string[] {
  return [
    'Look at it. The cause is a suspicion, not a proof. See docs/runbook.md#service-degradation.',
    ...(remediation === 'observe' && release !== null && buildProject !== null
      ? [`If you agree with it: take release ${release} back. The CodeBuild project for that is ${buildProject}.`]
      : []),
    ...(cause === 'change' ? ['If you agree with it: ask who made the change, and have it taken back.'] : []),
  ];
}

/** The suspicion, and the newest of what changed in the time before. `isLater`: people have heard of the rest. */
export function degradationSeen({ suspected, changed, gaps, owner }: Degradation, isLater = false): string[] {
  const shown = clockedFacts(changed).slice(-mostShown);
  const hidden = changed.length - shown.length;
  return [
    `Suspected: ${sentenceOf(suspected).replace(/^./, (first) => first.toLowerCase())}`,
    ...(changed.length === 0
      ? ['Nothing that Breakwater knows of has changed: no release, no planned work, no setting, no move by AWS.']
      : [
          `${isLater ? 'What changed before that, known since the last message' : 'What changed'}, oldest first:`,
          ...(hidden > 0 ? [`  ${hidden} earlier changes`] : []),
          ...shown.map((fact) => `  ${fact}`),
        ]),
    ...gaps,
    ...(owner === undefined ? [] : [`It belongs to: ${owner}.`]),
  ];
}

/** What Breakwater does about it, and why it does no more. */
export function degradationDone({ remediation, buildProject, release }: Degradation, isLater = false): string[] {
  if (isLater) return ['It is watched, as before.'];
  if (remediation === 'act')
    return [`Build ${buildProject} is started next. It takes release ${release ?? 'last'} back. Then it is watched.`];
  if (remediation === 'observe')
    return ['It is watched. Nothing is taken back: the plan leaves that to people (remediation in plan.yml).'];
  return ['It is watched. Nothing is changed: the plan has no remedy for this cause.'];
}

/** Everything that was seen, oldest first. */
export function degradationFacts({ facts }: Degradation): string[] {
  return facts.length === 0 ? [] : ['Seen, oldest first:', ...clockedFacts(facts).map((fact) => `  ${fact}`)];
}
