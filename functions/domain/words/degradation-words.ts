// What people read of a degradation: what is suspected, what changed shortly before, and what the plan does about it.
import type { PlannedDiagnosis } from '../evidence/diagnose.ts';
import { clockedFacts } from '../signals/facts.ts';
import type { Classification, Incident } from '../types.ts';
import { theService } from './users-words.ts';
import { levelWords, type Message, markOf, messageOf, placeWords, sentenceOf, severityOf } from './words.ts';

/** `owner`: the roles that answer for what failed, in words; none where no component has an owner. `call`: a diagnosis of a release before does not say it. */
export type Degradation = Omit<PlannedDiagnosis, 'call'> &
  Partial<Pick<PlannedDiagnosis, 'call'>> & { readonly owner?: string };

/** More of them stand before the fold for nobody. */
const mostShown = 8;

/** What a person has to do: look, and take back what is suspected where only a person may. */
export function degradationNeeds(
  { cause, remediation, buildProject, release, owner }: Degradation,
  region: string,
): string[] {
  return [
    `Look at ${theService}. ${cause === 'unknown' ? 'Breakwater does not know the cause.' : 'Breakwater suspects a cause and has no proof.'} See docs/runbook.md#service-degradation.`,
    ...(owner === undefined ? [] : [`Ask ${owner}: that is the owner of what fails.`]),
    ...(remediation === 'act'
      ? [
          `Do not start build ${buildProject} yourself: Breakwater starts it next. If the release must stay, type this at once:`,
          '  npm run freeze',
        ]
      : []),
    ...(remediation === 'observe' && release !== null && buildProject !== null
      ? [
          `If you agree with the suspicion, take release ${release} back:`,
          `  npm run build -- ${buildProject}${releaseOption(release)} --region ${region}`,
        ]
      : []),
    ...(cause === 'change'
      ? ['If you agree with the suspicion, ask whoever made that change, named below, to take it back.']
      : []),
  ];
}

/** A release is named by whoever sends events: what a shell could take for more than a word is not printed to be copied. */
function releaseOption(release: string): string {
  return /^[\w.+:/][\w.+:/-]*$/.test(release) ? ` --release ${release}` : '';
}

/** The suspicion, and the newest of what changed in the time before. `isLater`: people have heard of the rest. */
export function degradationSeen({ suspected, changed, gaps }: Degradation, isLater = false): string[] {
  const shown = clockedFacts(changed).slice(-mostShown);
  const hidden = changed.length - shown.length;
  return [
    `Suspected cause: ${sentenceOf(suspected).replace(/^[A-Z](?=[a-z ])/, (first) => first.toLowerCase())}`,
    ...(changed.length === 0
      ? ['Breakwater knows of no change: no release, no planned work, no setting, no move by AWS.']
      : [
          `${isLater ? 'Changes before the first sign, new since the last message' : 'Recent changes'}, oldest first:`,
          ...(hidden > 0 ? [`  (${hidden} earlier changes)`] : []),
          ...shown.map((fact) => `  ${fact}`),
        ]),
    ...gaps,
  ];
}

/** What is suspected, and what Breakwater does at once, for the subject. */
export function degradationActs({ cause, remediation, release, call }: Degradation): string {
  if (remediation === 'observe' && release !== null) return `: take release ${release} back?`;
  if (cause === 'unknown') return ': cause not known';
  if (cause === 'change') return call == null ? ': a change is suspected' : ` (suspected: ${call})`;
  return remediation === 'act'
    ? `: Breakwater takes ${release === null ? 'the last release' : `release ${release}`} back`
    : '';
}

/** What Breakwater does about it, and why it does no more. */
export function degradationDone({ remediation, buildProject, release }: Degradation, isLater = false): string[] {
  if (isLater) return ['Breakwater watches the service, as before.'];
  if (remediation === 'act')
    return [
      `Breakwater starts build ${buildProject} next, to take ${release === null ? 'the last release' : `release ${release}`} back. Then Breakwater watches the service.`,
    ];
  if (remediation === 'observe')
    return [
      'Breakwater watches the service and takes nothing back: the plan leaves that to people (remediation in plan.yml).',
    ];
  return ['Breakwater watches the service and changes nothing: the plan has no remedy for this cause.'];
}

/** Everything that was seen, oldest first. */
export function degradationFacts({ facts }: Degradation): string[] {
  return facts.length === 0 ? [] : ['Evidence, oldest first:', ...clockedFacts(facts).map((fact) => `  ${fact}`)];
}

/**
 * What is no loss fails beside what a person planned, and nobody has approved that yet: Breakwater deals with it only when the plan has ended. `isAsked`:
 * whether approvers have a request of it.
 */
export function besidePlanMessage(
  { id, region, planned }: Incident,
  { level, scope, reason, indication, facts }: Classification,
  {
    execution,
    stage,
    drill,
    isAsked,
  }: { readonly execution: string; readonly stage: string; readonly drill: boolean; readonly isAsked: boolean },
): Message {
  const section = indication ?? 'service-degradation';
  return messageOf({
    marks: markOf({ drill }),
    headline: `${levelWords(level)} in ${placeWords(scope)}${isAsked ? ` while the ${planned} waits for an approval` : `: no request for the ${planned} yet`}`,
    needed:
      // What fails may be what the restore mends: nobody is told to end that.
      planned === 'restore'
        ? [
            `Approvers: ${isAsked ? 'answer now, by the request that you have' : 'nobody has asked you about the restore yet. When you are asked, answer at once'}. The restore may be meant for what fails: compare what fails with the reason in the request.`,
            `On-call: look at ${theService}, and at what fails: docs/runbook.md#${section}.`,
          ]
        : [
            isAsked
              ? `Approvers: decide whether the ${planned} is still right. The request that you have may be older than this failure.`
              : `Approvers: nobody has asked you about the ${planned} yet. When you are asked, decide whether it is still right.`,
            `On-call: look at ${theService}, and at what fails: docs/runbook.md#${section}. Breakwater deals with what fails only when the ${planned} has ended. To end the ${planned} now (docs/runbook.md#give-up):`,
            `  npm run abort -- ${execution} --stage ${stage}`,
          ],
    happened: [sentenceOf(reason), ...clockedFacts(facts)],
    done: [`Nothing about this. Nobody has approved the ${planned} of ${region} yet, and it has changed nothing.`],
    follows: [
      `Some minutes after the ${planned} has ended, Breakwater deals with what still fails. If a zone or the region is lost, you hear at once.`,
    ],
    more: [`Incident ${id}, execution ${execution}.`],
    thread: { incident: id, severity: severityOf(level), state: 'open' },
  });
}
