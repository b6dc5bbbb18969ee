// A door to the page that keeps its state in memory: it judges answers with the rules of the domain, and its clock is set
// by the test. The path of an approver's page is /r/ROLE.
import { createHash } from 'node:crypto';
import { judgeAnswer, outcomeOf } from '../../functions/domain/approval.ts';
import {
  type ApprovalView,
  approvalPage,
  pageStyle,
  secondPhrase,
  unknownLinkPage,
} from '../../functions/domain/approval-page.ts';
import type { ApprovalRequest, RecordedAnswer } from '../../functions/domain/types.ts';
import { plan } from '../store/samples.ts';
import type { Handler, Reply } from './serve.ts';
import { asked } from './views.ts';

const hash = createHash('sha256').update(pageStyle).digest('base64');
export const securityHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
};

export type Door = { readonly handler: Handler; readonly answers: readonly RecordedAnswer[]; now: number };

export function openDoor(request: ApprovalRequest, now: number): Door {
  const answers: RecordedAnswer[] = [];
  const door = { handler, answers, now };
  return door;

  function handler(method: string, path: string, _headers: unknown, body: string): Reply {
    const approver = path.replace('/r/', '');
    if (!request.roles.includes(approver)) return reply(404, unknownLinkPage());
    if (method !== 'POST') return reply(200, approvalPage(viewOf(approver, null)));
    const form = new URLSearchParams(body);
    if (form.get('token') !== tokenOf(approver)) return reply(404, unknownLinkPage());
    const problem = take(approver, form);
    if (problem !== null) return reply(422, approvalPage(viewOf(approver, problem)));
    return { status: 303, headers: { ...securityHeaders, location: path }, body: '' };
  }

  function take(approver: string, form: URLSearchParams): ApprovalView['problem'] {
    const answer = form.get('answer') === 'approve' ? 'approve' : 'reject';
    const [region, unfenced, reason] = ['region', 'unfenced', 'reason'].map((name) => (form.get(name) ?? '').trim());
    const phrase = secondPhrase(request);
    if (answer === 'approve' && region !== request.target)
      return { answer, text: `The region is ${request.target}, typed was ${region || 'nothing'}` };
    if (answer === 'approve' && phrase !== null && unfenced !== phrase)
      return { answer, text: `What stays unfenced has to be typed as "${phrase}", typed was "${unfenced}"` };
    if (answer === 'reject' && reason === '') return { answer, text: 'A rejection needs a reason' };
    const given = {
      request: request.id,
      approver,
      answer,
      unfenced: answer === 'approve' ? request.unfenced : [],
      reason: reason ?? '',
      at: door.now,
      from: '127.0.0.1',
    } as const;
    answers.push({ ...given, ...judgeAnswer(request, answers, given, plan, door.now) });
    return null;
  }

  function viewOf(approver: string, problem: ApprovalView['problem']): ApprovalView {
    const valid = answers.filter((answer) => answer.valid);
    const outcome = outcomeOf(request, valid, plan);
    return {
      ...asked,
      request,
      approver,
      duty: plan.contacts[approver]?.duty ?? 'answers',
      answers: valid,
      state: outcome === 'pending' ? 'open' : outcome,
      mine: valid.find((answer) => answer.approver === approver) ?? null,
      formToken: tokenOf(approver),
      problem,
      now: door.now,
    };
  }
}

function tokenOf(approver: string): string {
  return `token-of-${approver}`;
}

function reply(status: number, body: string): Reply {
  return { status, headers: securityHeaders, body };
}
