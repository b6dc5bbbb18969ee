// What people are told of a build that failed and that no flow waits for. Pure.
import type { KindProject } from '../kind/projects.ts';
import { plainText } from './plain-text.ts';
import { type Message, messageOf } from './words.ts';

/** `phase`: the first that failed, and what CodeBuild says of it; `told`: what its scripts told, a line each. */
export type FailedBuild = {
  readonly project: Pick<KindProject, 'name' | 'description'>;
  readonly region: string;
  readonly status: string;
  readonly phase: { readonly type: string; readonly said: string } | null;
  readonly told: readonly string[];
  readonly log: string | null;
};

/** Lines of what it told; the log has the rest. */
const mostLines = 20;
const mostCharacters = 300;

export function failedBuildMessage({ project, region, status, phase, told, log }: FailedBuild): Message {
  const { name, description } = project;
  const said = (phase === null || phase.said === '' ? [] : [phase.said]).concat(told);
  const lines = said.slice(0, mostLines).map((line) => plainText(line).slice(0, mostCharacters));
  return messageOf({
    canWait: true,
    headline: `build ${name} failed in ${region}`,
    needed: [
      'Repair what is named below, then start the build again. The build changes nothing in a cluster:',
      `  aws codebuild start-build --project-name ${name} --region ${region}`,
      'See docs/runbook.md#daily-builds.',
    ],
    happened: [
      `The build ${status}${phase === null ? '' : ` in ${phase.type}`}. It ${description.replace(/./, (first) => first.toLowerCase())}.`,
      ...(lines.length === 0 ? ['The build printed nothing. Its log says why.'] : lines),
    ],
    done: ['Nothing. The build starts again each day. Users notice nothing of it: it can wait until morning.'],
    follows: [
      'The result of the last good build stays, and grows old. When it is too old, readiness says so (check `cluster`).',
    ],
    more: log === null ? [] : [`Log: ${log}`],
    users: null,
  });
}
