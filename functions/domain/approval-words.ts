// What each person is told about a request: the facts that all are told, and what only this one needs: their own link, how to
// answer without it, or that they are told and not asked. Pure.
import * as z from 'zod';
import { secondPhrase } from './approval-page.ts';
import { formatSeconds } from './durations.ts';
import type { Plan } from './plan.ts';
import { actOf, drillSentence, incidentSentences, wayOf } from './region-words.ts';
import type { Settled } from './store.ts';
import type { ApprovalRequest, Incident, RecordedAnswer } from './types.ts';
import { levelWords, type Message, subject } from './words.ts';

/** Who is told. `link` is null where there is none for this role at the moment. */
export type Reader =
  | { readonly asked: true; readonly role: string; readonly link: string | null }
  | { readonly asked: false; readonly role: string };

/** A message about a request as one person gets it. `incident` is null where there is no record of it. */
export function messageTo(
  reader: Reader,
  { subject, body }: Message,
  request: ApprovalRequest,
  incident: Incident | null,
): Message {
  const parts = [
    ...(incident === null ? [] : [happened(incident)]),
    [body, ...alternatives(request)].join('\n'),
    reader.asked ? howToAnswer(reader, request) : toldOnly(reader, request),
  ];
  return marked(request, { subject, body: parts.join('\n\n') });
}

/** What a drill asks says so first. */
function marked({ drill }: ApprovalRequest, { subject: said, body }: Message): Message {
  if (drill !== true) return { subject: said, body };
  const first = said.replace('[Breakwater]', '[Breakwater] [DRILL]');
  return { subject: subject(first), body: `DRILL: ${drillSentence}\n\n${body}` };
}

/** For somebody who was not asked, when those who were do not answer. */
export function escalationMessage(request: ApprovalRequest, silent: readonly string[], reminder: Message): Message {
  return {
    subject: subject(`[Breakwater] NO ANSWER from ${silent.join(', ')}: ${actOf(request)}`),
    body: [`${silent.join(', ')} have been asked and do not answer. Reach them, or decide.`, reminder.body].join('\n'),
  };
}

/** For those who can reach an approver in another way, when the approver's channel fails. */
export function notToldMessage(request: ApprovalRequest, role: string, { contacts }: Pick<Plan, 'contacts'>): Message {
  const { id, roles, required, expiresAt } = request;
  const { handle = 'not in the plan', channel = 'unknown' } = contacts[role] ?? {};
  return marked(request, {
    subject: subject(`[Breakwater] NOT TOLD: ${role}, of the ${actOf(request)}`),
    body: [
      `Breakwater can not reach ${role} (${handle}): the channel (${channel}) fails. It is tried again every minute.`,
      ...(roles.includes(role)
        ? [
            `${role} is asked to approve request ${id}. ${required} of ${roles.join(', ')} must approve until ${new Date(expiresAt).toISOString()}.`,
            `Call ${handle}. Without an e-mail, ${role} answers from the command line, with AWS credentials:`,
            ...commands(request),
          ]
        : [`${role} is told of request ${id}, and not asked. The request goes on. Tell ${handle}.`]),
      'See docs/runbook.md#request-approval.',
    ].join('\n'),
  });
}

/** For everybody, while a region is lost that nobody gave up. `now` in milliseconds since 1970. */
export function notGivenUpMessage(
  { id, incident, target, roles }: ApprovalRequest,
  { outcome, at }: Settled,
  reader: Reader,
  now: number,
): Message {
  const ended = endings[outcome];
  const waited = formatSeconds((now - at) / 1000);
  return {
    subject: subject(`[Breakwater] STILL LOST: ${target}, which nobody gave up. Ask again?`),
    body: [
      `${target} is still lost. Request ${id} ${ended} ${waited} ago, at ${new Date(at).toISOString()}.`,
      `Incident ${incident} is open. Breakwater does nothing now: people must decide.`,
      ...(reader.asked && reader.link !== null
        ? [
            `To ask all approvers again, open your own page, for ${reader.role} and nobody else, and type the region's name. Opening it changes nothing:`,
            reader.link,
          ]
        : [`${roles.join(', ')} have pages of their own, where they can ask again. Reach them.`]),
      'See docs/runbook.md#not-approved.',
    ].join('\n'),
  };
}

const endings: Record<Settled['outcome'], string> = {
  rejected: 'was rejected',
  expired: 'expired',
  void: 'ended without an answer, with the flow that asked,',
  approved: 'was approved, and its flow has ended without giving the region up,',
};

/** Who answered what, and who did not: one sentence for each. `silent` are roles. */
export function answerSentences(answers: readonly RecordedAnswer[], silent: readonly string[]): string[] {
  const given = answers.map(({ approver, answer, reason, at }) => {
    const why = reason === '' ? '' : `: ${reason}`;
    return `${approver} ${answer === 'approve' ? 'approved' : 'rejected'} it at ${new Date(at).toISOString()}${why}.`;
  });
  return silent.length === 0 ? given : [...given, `Not answered: ${silent.join(', ')}.`];
}

function happened(incident: Incident): string {
  const { level, scope, openedAt } = incident;
  const since = new Date(openedAt).toISOString();
  return [
    `What happened: level ${level}, ${levelWords(level)} in ${scope.zone ?? scope.region}, since ${since}.`,
    ...incidentSentences(incident).map((sentence) => `- ${sentence}`),
  ].join('\n');
}

function howToAnswer({ role, link }: { role: string; link: string | null }, request: ApprovalRequest): string {
  const phrase = secondPhrase(request);
  return [
    link === null
      ? `There is no page for ${role} at the moment: it is sent as soon as there is.`
      : `Your own page, for ${role} and nobody else. Opening it changes nothing:\n${link}`,
    'Or answer from the command line, with your AWS credentials:',
    ...commands(request),
    `NAME is the region that would be given up${phrase === null ? '' : `, and PHRASE is "${phrase}"`}.`,
  ].join('\n');
}

function commands(request: ApprovalRequest): string[] {
  const second = secondPhrase(request) === null ? '' : ' --unfenced PHRASE';
  return [
    `  npm run breakwater -- approve ${request.id} --region NAME${second}`,
    `  npm run breakwater -- reject ${request.id} --region NAME --reason REASON`,
  ];
}

function toldOnly({ role }: { role: string }, { roles }: ApprovalRequest): string {
  return `You are told as ${role}, and not asked: ${roles.join(', ')} have pages of their own.`;
}

const number = z.number().nullable().catch(null);
const Alternatives = z
  .array(
    z.object({
      way: z.string(),
      asset: z.string().optional(),
      recoverySeconds: number,
      dataLossSeconds: number,
    }),
  )
  .catch([]);

/** What the other ways are predicted to take and to lose. */
function alternatives({ shown }: ApprovalRequest): string[] {
  return Alternatives.parse(shown['alternatives']).map(({ recoverySeconds, dataLossSeconds, ...other }) => {
    const time = recoverySeconds === null ? 'takes a time that is not known' : `takes ${recoverySeconds} s`;
    const loss = dataLossSeconds === null ? 'loses what is not known' : `loses the last ${dataLossSeconds} s`;
    return `Predicted: ${wayOf(other)} ${time} and ${loss}.`;
  });
}
