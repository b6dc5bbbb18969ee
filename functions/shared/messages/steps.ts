// Tells PagerDuty of each step that a flow has ended, as a change beside the alert: it calls nobody, so nobody is told otherwise where it fails.

import { zoneOfFlow } from '../../domain/decision/incident.ts';
import { speaksAt } from '../../domain/decision/responsibility.ts';
import { whyOf } from '../../domain/errors.ts';
import { endedStepMessage } from '../../domain/flow-words/steps.ts';
import { type Way, waysTo } from '../../domain/plan/channels.ts';
import { type EndedStep, endedSteps } from '../../domain/record/progress.ts';
import { reportAddress } from '../../domain/report/place.ts';
import type { Incident } from '../../domain/types.ts';
import { stateWords } from '../../domain/words/words.ts';
import { isOfDrill } from '../drills/drill.ts';
import type { Shell } from '../shell.ts';
import { post } from './post.ts';

/** So many to each contact at one look of the sweep, which has other things to do; the rest follows a minute later. */
const mostAtOnce = 10;

/** Each step of the incidents at work that has ended, once to each contact who is told by PagerDuty. Nothing waits for it, and nothing fails by it. */
export async function tellSteps(atWork: readonly Incident[], shell: Shell): Promise<void> {
  const ways = pagedWays(shell);
  if (ways.length === 0) return;
  for (const incident of atWork) await tellStepsOf(incident, ways, shell);
}

type Paged = { readonly role: string; readonly way: Extract<Way, { by: 'post' }> };

function pagedWays({ plan: { contacts } }: Shell): Paged[] {
  return Object.entries(contacts).flatMap(([role, contact]) => {
    const [way] = waysTo(role, contact);
    return way?.by === 'post' && way.channel === 'pagerduty' ? [{ role, way }] : [];
  });
}

async function tellStepsOf(incident: Incident, ways: readonly Paged[], shell: Shell): Promise<void> {
  const { store, now, region, log } = shell;
  const steps = endedSteps(await store.readSteps(incident.id)).filter(({ at }) =>
    speaksAt(at, incident, region, now()),
  );
  const untold = (await Promise.all(ways.map((one) => untoldTo(one, steps, shell)))).flat();
  if (untold.length === 0) return;
  const drill = await isOfDrill(incident, shell);
  const report = reportAddress(incident.id, shell);
  const tellOne = async ({ role, way, step, sent }: Untold): Promise<void> => {
    const { execution } = step;
    try {
      await post(
        way,
        endedStepMessage(incident, step, { drill, report, zone: zoneOfFlow(incident, execution) }),
        sent,
        shell,
      );
      await store.markSent(sent, now());
    } catch (error) {
      log.warn('step not told', {
        incident: incident.id,
        execution,
        step: stateWords(step.step),
        role,
        error: whyOf(error),
      });
    }
  };
  await Promise.all(untold.map(tellOne));
}

type Untold = Paged & { readonly step: EndedStep; readonly sent: string };

/** What one contact has not heard yet: one whose PagerDuty refuses everything takes no other's place. */
async function untoldTo(to: Paged, steps: readonly EndedStep[], { store }: Shell): Promise<Untold[]> {
  const untold: Untold[] = [];
  for (const step of steps) {
    const sent = `step:${step.execution}/${stateWords(step.step)}:${to.role}`;
    if (untold.length < mostAtOnce && !(await store.wasSent(sent))) untold.push({ ...to, step, sent });
  }
  return untold;
}
