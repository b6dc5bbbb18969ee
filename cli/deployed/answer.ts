// What `approve` and `reject` share: an answer goes to the approval page's API of the region that takes over,
// signed with the caller's credentials. The rules are the server's; it judges and records every answer.
import * as z from 'zod';
import { tallyOf } from '../../functions/domain/approval/approval.ts';
import type { ApprovalRequest } from '../../functions/domain/types.ts';
import { anyOf } from '../../functions/domain/words/nearest.ts';
import { peerOf, runsIn } from '../../functions/shared/estate.ts';
import { printable } from '../screen/layout.ts';
import { NotDone } from '../screen/not-done.ts';
import { colorsOf, sayOn, type Terminal } from '../screen/terminal.ts';
import { WrongInput } from '../screen/wrong-input.ts';
import { askEach, commandLine, type Deployment, type DeploymentOptions, deploymentOf } from './deployment.ts';
import { sendAnswer, type TypedAnswer } from './send-answer.ts';
import { readOutput } from './stacks.ts';

const Recorded = z.object({ valid: z.boolean(), why: z.string(), outcome: z.string() });
const Refused = z.object({ error: z.string() });

/**
 * Where a request stands, read beside the answer: null where the caller may not read the table, or it does not
 * answer.
 */
type Progress = { readonly approvals: number; readonly required: number; readonly silent: readonly string[] };

/**
 * Gives one answer and says what is recorded. Returns the exit status: 0 it counts, 1 it is recorded and does not
 * count.
 * @throws WrongInput where what was typed is empty or does not fit the request, NotDone where the answer did not arrive.
 */
export async function giveAnswer(
  id: string,
  typed: TypedAnswer,
  options: DeploymentOptions,
  terminal: Terminal,
): Promise<number> {
  if (id.trim() === '') throw new WrongInput('ID: is empty, expected the request, as the mail and status have it');
  const deployment = deploymentOf(options, terminal);
  expectRegion(typed.region, deployment);
  const known = await readRequest(id, deployment);
  const target = targetOf(known, typed, options);
  const region = known === null ? peerOf(target, deployment.plan) : runsIn(known, deployment.plan);
  if (region === null) throw new NotDone(`the plan has no region that takes over from ${target}`);
  const page = await readOutput(region, deployment.prefix, 'ApprovalPageUrl');
  if (page === null) throw new NotDone(`stack ${deployment.prefix} of ${region} has no output ApprovalPageUrl`);
  const { status, body } = await sendAnswer(region, page, id, typed);
  const recorded = recordedIn(id, status, body);
  const progress = await readProgress(id, deployment);
  if (options.json === true) {
    const told = { deployment: deployment.prefix, request: id, answer: typed.answer, ...recorded, progress };
    terminal.out(`${JSON.stringify(told, null, 2)}\n`);
  } else tell(id, typed.answer, recorded, progress, options, terminal);
  return recorded.valid ? 0 : 1;
}

/**
 * What the region's name has to be is the request's business; what can be seen here is told before anything is sent.
 */
function targetOf(request: ApprovalRequest | null, { region }: TypedAnswer, options: DeploymentOptions): string {
  const shows = `${commandLine('status', options)} shows it`;
  // Without the table the name that was typed is how the page is found; the page judges it.
  if (request !== null && region !== request.target)
    throw new WrongInput(`--region: is ${region}, expected the region that request ${request.id} gives up: ${shows}`);
  return region;
}

/** @throws WrongInput where the plan has no such main region, before anybody is asked */
function expectRegion(region: string, { regions }: Deployment): void {
  if (!regions.includes(region)) throw new WrongInput(`--region: is ${region}, expected ${anyOf(regions)}`);
}

/** The region's name as it was typed. @throws WrongInput where it is empty. */
export function typedRegion(region: string): string {
  if (region.trim() === '') throw new WrongInput('--region: is empty, expected the name of the region, typed in full');
  return region.trim();
}

function recordedIn(id: string, status: number, body: unknown): z.infer<typeof Recorded> {
  const recorded = Recorded.safeParse(body);
  if (status === 200 && recorded.success) return recorded.data;
  const said = Refused.safeParse(body);
  const error = said.success ? printable(said.data.error) : `the page answered with status ${status}`;
  if (status === 400) throw new WrongInput(error);
  if (status === 404)
    throw new WrongInput(`request ${id} is not known, expected one of the open requests that status lists`);
  if (status === 403)
    throw new NotDone(
      `not permitted: ${error}; an approver's role stands in the plan's contacts, and may call the page's API`,
    );
  if (status === 429) throw new NotDone('too many answers in a short time: wait a minute, then answer again');
  throw new NotDone(`${error}; it is NOT KNOWN whether the answer was recorded. Give it again: it counts once`);
}

/**
 * A page that is wrong about the region it gives up never sees the answer; a table that is silent does not keep it
 * away.
 */
async function readRequest(id: string, deployment: Deployment): Promise<ApprovalRequest | null> {
  const reached = await askEach(deployment, ({ store }) => store.readRequest(id));
  const answered = reached.filter((one) => 'answer' in one);
  const found = answered.find(({ answer }) => answer !== null)?.answer ?? null;
  if (found === null && answered.length > 0)
    throw new WrongInput(`request ${id} is not known, expected one of the open requests that status lists`);
  return found;
}

async function readProgress(id: string, deployment: Deployment): Promise<Progress | null> {
  const reached = await askEach(deployment, async ({ store }): Promise<Progress | null> => {
    const [request, answers] = await Promise.all([store.readRequest(id), store.readAnswers(id)]);
    if (request === null) return null;
    const { approvals, silent } = tallyOf(request, answers, deployment.plan);
    return { approvals, required: request.required, silent };
  });
  for (const one of reached) if ('answer' in one && one.answer !== null) return one.answer;
  return null;
}

function tell(
  id: string,
  answer: TypedAnswer['answer'],
  { valid, why, outcome }: z.infer<typeof Recorded>,
  progress: Progress | null,
  options: DeploymentOptions,
  terminal: Terminal,
): void {
  const colors = colorsOf(terminal);
  const say = sayOn(terminal);
  if (valid) say(`${colors.bold('Recorded')}: ${answer} of request ${id}`);
  else say(`${colors.bold('Recorded, and does not count')}: ${why}`);
  if (progress !== null) {
    const { approvals, required, silent } = progress;
    say(`${approvals} of ${required} approvals are given. Not answered: ${silent.join(', ') || 'nobody'}.`);
  }
  say(
    `The request is ${outcome === 'pending' ? `open: ${commandLine('status', options)} shows how it goes on` : outcome}.`,
  );
}
