// What people are told of a build that failed and that no flow waits for. Pure.
import type { KindProject } from '../kind/projects.ts';
import { plainText } from './plain-text.ts';
import { type Message, messageOf } from './words.ts';

/** `task`: what a person had it do instead of what it does each day; null where that is what it did. `phase`: the first that failed, and what CodeBuild says of it; `told`: what its scripts told, a line each. */
export type FailedBuild = {
  readonly project: Pick<KindProject, 'name' | 'description'>;
  readonly region: string;
  readonly task: string | null;
  readonly status: string;
  readonly phase: { readonly type: string; readonly said: string } | null;
  readonly told: readonly string[];
  readonly log: string | null;
};

/** Lines of what it told; the log has the rest. */
const mostLines = 20;
const mostCharacters = 300;

export function failedBuildMessage({ project, region, task, status, phase, told, log }: FailedBuild): Message {
  const { name, description } = project;
  const said = (phase === null || phase.said === '' ? [] : [phase.said]).concat(told);
  const lines = said.slice(0, mostLines).map((line) => plainText(line).slice(0, mostCharacters));
  return messageOf({
    canWait: task === null,
    headline: `build ${name} failed in ${region}`,
    needed: [
      `Repair what is named below, then start the build again. ${task === null ? 'The build changes nothing in a cluster' : `It does the task ${task}, as a person wanted`}:`,
      `  npm run build -- ${name} --region ${region}${task === null ? '' : ` --task ${task}`}`,
      `See docs/runbook.md#${task === null ? 'daily-builds' : 'take-over'}.`,
    ],
    happened: [
      `The build ${status}${phase === null ? '' : ` in ${phase.type}`}. It ${description.replace(/./, (first) => first.toLowerCase())}.`,
      ...(lines.length === 0 ? ['The build printed nothing. Its log says why.'] : lines),
    ],
    done: [
      task === null
        ? 'Nothing. The build starts again each day. Users notice nothing of it: it can wait until morning.'
        : 'Nothing. A person started this build, and no flow waits for it.',
    ],
    follows:
      task === null
        ? [
            'The result of the last good build stays, and grows old. When it is too old, readiness says so (check `cluster`).',
          ]
        : [],
    more: log === null ? [] : [`Log: ${log}`],
    users: null,
  });
}
