// Approvers in a drill: they open the page of their mail when it comes, and answer there in their own time, through the real
// door of the stack that asked them. Where a mail had no link they answer as the command line does.
import { Unavailable } from '../../functions/domain/errors.ts';
import { secondPhrase } from '../../functions/domain/page/approval-forms.ts';
import { personsIn } from '../../functions/domain/plan/persons.ts';
import type { ApprovalRequest } from '../../functions/domain/types.ts';
import { answerRequest } from '../../functions/shared/approval/approve.ts';
import type { Stack } from '../aws/stack.ts';
import { wait } from '../clock.ts';
import type { Progress } from '../drill/result.ts';
import type { Clock, Message } from '../estate/types.ts';
import type { World } from '../world.ts';
import { createScanner } from './scanner.ts';
import { type Fields, formsIn, linksIn, submit, visit } from './visitor.ts';

/**
 * What approvers do: all that are needed approve after a time, one rejects, one rejects and asks again when reminded, each approves
 * twice, the last one rejects what the others approved, nobody answers, nobody but scanners does, or a person at a real browser does.
 */
export type Way =
  | { readonly kind: 'approve' | 'reject' | 'reject-once' | 'doubled' | 'split'; readonly afterSeconds: number }
  | { readonly kind: 'never' | 'scanner' | 'ask' };

type Answer = 'approve' | 'reject';

const secondsOf = { s: 1, m: 60, h: 3_600 } as const;
const usualSeconds = 300;
const againMs = 30_000;
/** How long a browser waits for a page. */
const patienceMs = 30_000;
const reason = 'the drill asks for it';

/** Reads `after=10m`, `deny`, `never`, `scanner` or `ask`; and `deny-once`, `doubled` and `split`, of scenarios alone. @throws Error saying what was expected */
export function parseWay(text: string): Way {
  if (text === 'never' || text === 'scanner' || text === 'ask') return { kind: text };
  if (text === 'deny') return { kind: 'reject', afterSeconds: usualSeconds };
  if (text === 'deny-once') return { kind: 'reject-once', afterSeconds: usualSeconds };
  if (text === 'doubled' || text === 'split') return { kind: text, afterSeconds: usualSeconds };
  const after = /^after=(\d+)([smh])$/.exec(text);
  if (after === null)
    throw new Error(`approve: is ${JSON.stringify(text)}, expected after=10m, deny, never, scanner or ask`);
  return { kind: 'approve', afterSeconds: Number(after[1]) * secondsOf[after[2] as keyof typeof secondsOf] };
}

/** Whether a request can be approved in this way before it expires; of a person at a browser nobody knows. */
export function mayApprove(way: Way, expirySeconds: number): boolean {
  const approves = way.kind === 'approve' || way.kind === 'reject-once' || way.kind === 'doubled';
  return way.kind === 'ask' || (approves && way.afterSeconds < expirySeconds);
}

type Tell = ((progress: Progress) => void) | undefined;

export type Approvers = {
  /** Called with each request, and the region whose stack opened it. */
  asked(request: ApprovalRequest, region: string): void;
  /** Called with each message to people. */
  told(message: Message, role: string): void;
};

/** Approvers who answer in one way; `pageUrls` says where the pages of each region's stack are. */
export function createApprovers(
  way: Way,
  clock: Clock,
  worldOf: () => World,
  pageUrls: ReadonlyMap<string, string>,
  tell: Tell,
): Approvers {
  const stackOf = (link: URL): Stack | null => {
    const region = [...pageUrls].find(([, url]) => new URL(url).origin === link.origin)?.[0];
    return worldOf().stacks.get(region ?? '') ?? null;
  };
  if (way.kind === 'scanner') return { asked: () => undefined, told: createScanner(clock, stackOf) };
  if (!('afterSeconds' in way)) return { asked: () => undefined, told: () => undefined };
  const { afterSeconds } = way;
  /** Who answers what, in this order. */
  const answersTo = ({ id, roles, required }: ApprovalRequest): readonly (readonly [role: string, Answer])[] => {
    const persons = personsIn(roles, worldOf().plan);
    const rejects = way.kind === 'reject' || (way.kind === 'reject-once' && [...known][0] === id);
    if (rejects) return persons.slice(0, 1).map((role) => [role, 'reject']);
    const approving = persons.slice(0, required);
    const last = approving.length - 1;
    const answers = approving.map((role, index): readonly [string, Answer] => [
      role,
      way.kind === 'split' && index === last ? 'reject' : 'approve',
    ]);
    return way.kind === 'doubled' ? answers.flatMap((one) => [one, one]) : answers;
  };

  /** The pages that approvers have open, by request and role, with the forms that were on them. */
  const pages = new Map<string, { readonly stack: Stack; readonly path: string; readonly forms: readonly Fields[] }>();
  const known = new Set<string>();
  const targets = new Map<string, string>();

  const answerOnPage = async (request: ApprovalRequest, role: string, given: Answer): Promise<boolean> => {
    const page = pages.get(`${request.id} ${role}`);
    const form = page?.forms.find(({ answer }) => answer === given);
    if (page === undefined || form === undefined) return false;
    const typed = {
      ...form,
      ...('region' in form ? { region: request.target } : {}),
      ...('unfenced' in form ? { unfenced: secondPhrase(request) ?? '' } : {}),
      ...('reason' in form ? { reason } : {}),
    };
    const shown = await inTime(submit(page.stack, page.path, typed, addressOf(role, worldOf())), clock);
    if (shown === null || shown.statusCode >= 500) throw new Unavailable('the page does not answer');
    return true;
  };

  const answerByCommand = async (
    request: ApprovalRequest,
    region: string,
    role: string,
    answer: Answer,
  ): Promise<void> => {
    const stack = worldOf().stacks.get(region);
    const given = {
      request: request.id,
      approver: role,
      answer,
      unfenced: request.unfenced,
      reason,
      from: addressOf(role, worldOf()),
      who: role,
      how: 'command-line' as const,
    };
    await stack?.as('approver', (shell) => answerRequest({ ...given, at: clock.now() }, shell));
  };

  const answer = async (request: ApprovalRequest, region: string, role: string, given: Answer): Promise<void> => {
    tell?.({
      at: clock.now(),
      kind: 'operator',
      text: `${role} ${given}s the request of ${request.execution}`,
    });
    try {
      if (!(await answerOnPage(request, role, given))) await answerByCommand(request, region, role, given);
    } catch (error) {
      // A person whose answer did not get through sends it again.
      if (!(error instanceof Unavailable)) throw error;
      clock.setTimeout(() => void answer(request, region, role, given), againMs);
    }
  };

  return {
    asked(request, region) {
      if (known.has(request.id)) return;
      known.add(request.id);
      targets.set(request.id, request.target);
      const answering = answersTo(request);
      clock.setTimeout(async () => {
        for (const [role, given] of answering) await answer(request, region, role, given);
      }, afterSeconds * 1000);
    },
    told({ body }, role) {
      const request = [...known].find((id) => body.includes(id));
      const [link] = linksIn(body);
      const stack = link === undefined ? null : stackOf(link);
      const path = link?.pathname;
      const page = `${request} ${role}`;
      // A reminder that has the same link is about a page that is open.
      if (request === undefined || path === undefined || stack === null || pages.get(page)?.path === path) return;
      pages.set(page, { stack, path, forms: [] });
      const look = async (): Promise<void> => {
        const address = addressOf(role, worldOf());
        const shown = await inTime(visit(stack, { method: 'GET', path, address }), clock);
        if (shown === null) return;
        // A page that failed is loaded again.
        if (shown.statusCode >= 500) {
          clock.setTimeout(() => void look(), againMs);
          return;
        }
        const forms = formsIn(shown.body);
        pages.set(page, { stack, path, forms });
        const again = forms.find(({ answer }) => answer === 'ask-again');
        if (way.kind !== 'reject-once' || again === undefined) return;
        tell?.({ at: clock.now(), kind: 'operator', text: `${role} asks again` });
        await submit(stack, path, { ...again, region: targets.get(request) ?? '' }, address);
      };
      clock.setTimeout(() => void look(), 1_000);
    },
  };
}

/** Everybody has an address of their own. */
function addressOf(role: string, { plan }: World): string {
  return `192.0.2.${Object.keys(plan.contacts).indexOf(role) + 1}`;
}

/** What came in time; null where nothing did: of a dark region nothing ever comes. */
async function inTime<Result>(answer: Promise<Result>, clock: Clock): Promise<Result | null> {
  return Promise.race([answer, wait(clock, patienceMs).then(() => null)]);
}
