// Keeps requests moving: reminds who has not answered, ends what has expired, and delivers again what was lost on its way. Reminds people of a
// region that nobody gave up, and has a way out of one looked for again where there was none.
import { tallyOf } from '../../domain/approval/approval.ts';
import type { ApprovalRequest, Incident } from '../../domain/types.ts';
import { runsIn } from '../estate.ts';
import type { Shell } from '../shell.ts';
import { lookOnceMore, remindOfLost } from './again.ts';
import { deliver, isNeededNoMore, settle } from './approve.ts';
import { askAgain, askTheMissing } from './ask.ts';
import { hasEnded } from './asker.ts';
import { giveBack, giveWay, tellAgain } from './give-way.ts';

/**
 * Called with every sweep. Only the stack that runs the flow reminds: two would say everything twice. @throws the first
 * failure, after every request had its turn.
 */
export async function remind(shell: Shell): Promise<void> {
  const { store, region, plan, now } = shell;
  const isMine = (request: Pick<ApprovalRequest, 'target' | 'mode'>) => runsIn(request, plan) === region;
  const open = (await store.listOpenRequests()).filter(isMine);
  const all = await store.listSettledRequests(0);
  const settled = all.filter(({ request }) => isMine(request));
  const incidents = (await openIncidents(shell)).map((incident) => ({
    incident,
    requests: [...settled.map(({ request }) => request), ...open].filter((request) => request.incident === incident.id),
    last: settled.findLast(({ request }) => request.incident === incident.id),
  }));
  const turns = [
    ...open.map((request) => () => look(request, shell)),
    // The flow of a plan may run in the region that fails, or in one that fails beside it.
    ...incidents.map(
      ({ incident }) =>
        () =>
          giveBack(incident, shell),
    ),
    ...all.map((one) => () => tellAgain(one, shell)),
    ...settled
      .filter(({ request }) => now() < request.expiresAt)
      .map(
        ({ request, outcome }) =>
          () =>
            deliver(request, outcome, shell),
      ),
    // The newest request alone, however it ended: those before it were asked again.
    ...incidents.flatMap(({ last }) => (last === undefined ? [] : [() => remindOfLost(last, shell)])),
    ...incidents
      .filter(
        ({ incident, requests }) => requests.length === 0 && isMine({ target: incident.region, mode: 'failover' }),
      )
      .map(
        ({ incident }) =>
          () =>
            lookOnceMore(incident, shell),
      ),
  ];
  const failures: unknown[] = [];
  for (const turn of turns) await turn().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function openIncidents({ store, plan }: Shell): Promise<Incident[]> {
  const open = await Promise.all(Object.keys(plan.regions).map((region) => store.readOpenIncident(region)));
  return open.filter((incident) => incident !== null);
}

async function look(request: ApprovalRequest, shell: Shell): Promise<void> {
  const { store, plan, now } = shell;
  if (await hasEnded(request, shell)) {
    // Nobody answered in time, whenever this is looked at: people are reminded of that.
    await store.settleRequest(request.id, now() >= request.expiresAt ? 'expired' : 'void', now());
    return;
  }
  // Answers that were kept by someone who crashed before settling are as good as any.
  if ((await settle(request, shell)) !== 'pending') return;
  if (await isNeededNoMore(request, shell)) {
    // Somebody may have answered a moment before: that stands.
    await deliver(request, await store.settleRequest(request.id, 'void', now()), shell);
    return;
  }
  if (await giveWay(request, shell)) return;
  if (now() >= request.expiresAt) {
    await store.settleRequest(request.id, 'expired', now());
    return;
  }
  const reminder = Math.floor((now() - request.askedAt) / (plan.approval.reminderSeconds * 1000));
  const { answers, silent } = tallyOf(request, await store.readAnswers(request.id), plan);
  await askTheMissing(request, silent, shell);
  if (reminder < 1) return;
  const waiting = { answered: answers.map(({ approver }) => approver), silent, now: now() };
  if (silent.length > 0) await askAgain(request, waiting, reminder, shell);
}
