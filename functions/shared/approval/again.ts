// Asks again about a region that nobody gave up while its incident lasts: reminds people that they can, and takes their wish. Where there was no
// way to ask about, looks for one again.
import { readExecution } from '../../aws/flows/whereabouts.ts';
import { isAsked } from '../../domain/approval/approval.ts';
import {
  askedAgain,
  lastAsked,
  lookedAgain,
  type Now,
  whyNotAgain,
  whyNotLooked,
} from '../../domain/approval/asking-again.ts';
import type { Settled, SettledRequest } from '../../domain/record/store.ts';
import type { ApprovalRequest, Incident } from '../../domain/types.ts';
import { notGivenUpMessage } from '../../domain/words/approval-words.ts';
import { executionArnOf } from '../executions.ts';
import { tellAll, usersSeen } from '../messages/tell.ts';
import { callsOf } from '../recovery/act.ts';
import { leftBehindIn, takesOver } from '../recovery/done.ts';
import type { Shell } from '../shell.ts';
import { addresseeOf } from './ask.ts';

/** Why people cannot be asked again with a request; null where they can. @throws Unavailable, CannotProceed. */
export async function whyNotNow(request: ApprovalRequest, shell: Shell): Promise<string | null> {
  return whyNotAgain(request, await look(request, shell), shell.plan);
}

async function look(request: ApprovalRequest, shell: Shell): Promise<Now> {
  const { store, now } = shell;
  const [outcome, incident, standing] = await Promise.all([
    store.readOutcome(request.id),
    store.readIncident(request.incident),
    store.readStanding(request.target),
  ]);
  // A request whose time is over has expired, whether or not the sweep has settled it yet.
  const expired: Settled | null = now() < request.expiresAt ? null : { outcome: 'expired', at: request.expiresAt };
  return { settled: outcome ?? expired, incident, standing, now: now() };
}

/**
 * Writes the decision that asks people again; the next sweep starts it. `who` is the role that wants it. Returns why not, or
 * null where it is written. @throws Unavailable, CannotProceed.
 */
export async function askOnceMore(request: ApprovalRequest, who: string, shell: Shell): Promise<string | null> {
  const { store, plan, log, now } = shell;
  // The page of one who is only told has no such form.
  if (!isAsked(who, request, plan)) return `${who} is told, and not asked.`;
  const seen = await look(request, shell);
  const why = whyNotAgain(request, seen, plan);
  const { incident } = seen;
  if (why !== null || incident === null) return why ?? 'There is no record of the incident any more.';
  // Of two who press at once, the second finds another version than the one that was judged: it was written for both.
  if (!(await store.writeIncident(askedAgain(incident, request, who, now()))))
    return 'The incident changed at the same moment. Look again in a minute.';
  log.info('asked again', { incident: incident.id, request: request.id, who });
  return null;
}

/**
 * Reminds people, once in each reminder time, that a region is still lost which nobody gave up. Each approver gets a link of
 * their own to ask again. @throws the first failure, after all were tried.
 */
export async function remindOfLost({ request, ...settled }: SettledRequest, shell: Shell): Promise<void> {
  const { plan, now } = shell;
  const reminder = Math.floor((now() - settled.at) / (plan.approval.reminderSeconds * 1000));
  if (reminder < 1 || (await whyNotNow(request, shell)) !== null) return;
  // What is missing beside them may keep the incident open: nobody is asked to leave a region that serves.
  // What cannot be read of that keeps nobody from hearing.
  const seen = await usersSeen(shell).catch(() => null);
  if (seen?.users === 'served') return;
  const told = [...new Set([...plan.notifications.level3, ...request.roles])];
  // What cannot be read of what a flow has left keeps nobody from hearing either.
  const [calls, left] = await Promise.all([
    callsOf({ id: request.incident, execution: request.execution }, shell).catch(() => []),
    leftBehindIn(request.target, shell).catch(() => []),
  ]);
  const message = async (role: string) =>
    notGivenUpMessage(request, settled, await addresseeOf(role, request, shell, now()), {
      now: now(),
      everySeconds: plan.approval.reminderSeconds,
      tookOver: takesOver(calls, request.target, plan),
      left,
    });
  await tellAll(`${request.id}/lost/${reminder}`, told, message, shell);
}

/**
 * Where the flow of an incident found no safe way out of a lost region and nobody was asked, the record starts another one, once in each reminder
 * time. A flow that failed waits for a person, and one that a person aborted is wanted by nobody: only one that ended by itself is followed. Of two
 * stacks that look at once one writes it. @throws Unavailable, CannotProceed.
 */
export async function lookOnceMore(incident: Incident, shell: Shell): Promise<void> {
  const { store, plan, log, now } = shell;
  const standing = await store.readStanding(incident.region);
  if (whyNotLooked(incident, { standing, now: now() }, plan) !== null) return;
  const execution = lastAsked(incident)?.execution ?? null;
  if (execution === null) return;
  const found = await readExecution(shell.region, shell, executionArnOf('region-failover', execution, shell));
  if (found?.status !== 'SUCCEEDED') return;
  if (await store.writeIncident(lookedAgain(incident, now())))
    log.info('looks again for a way out', { incident: incident.id });
}
