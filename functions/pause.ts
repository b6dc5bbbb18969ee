// Desired state: somebody who was told that the flow waits has asked it to go on. The last state of a flow with failures.
import * as z from 'zod';
import { endedAt } from './domain/decision/incident.ts';
import { Paused } from './domain/errors.ts';
import { callsWords } from './domain/flow-words/steps.ts';
import { areOpen, pausedMessage, unfencedSentences } from './domain/flow-words/stops.ts';
import { pausePage, resumableUntil, stageOf } from './domain/flows.ts';
import { elsewhere } from './domain/recovery/left-behind.ts';
import { type Failure, failuresIn, isWellAgain, lastErrorOf, recordedAs } from './domain/recovery/reaching.ts';
import { whyNotSkipped } from './domain/recovery/skipping.ts';
import { stateWords } from './domain/words/words.ts';
import { tell } from './shared/messages/tell.ts';
import { callsOf } from './shared/recovery/act.ts';
import { takesOver } from './shared/recovery/done.ts';
import { FlowIncident } from './shared/recovery/flow.ts';
import { pauseMark } from './shared/recovery/fresh.ts';
import { expectNotGivenBack } from './shared/recovery/waivers.ts';
import { step } from './shared/shell.ts';
import { lookAsUsers } from './shared/traffic/health.ts';

const found = z.record(z.string(), z.unknown());
const PauseInput = z.strictObject({
  incident: FlowIncident,
  /** How often the execution had been redriven when the flow came here, and how often it has been by now. */
  redrives: z.int().nonnegative(),
  redriven: z.int().nonnegative(),
  /** What the states ended with, by state and asset; and of those about the whole flow. */
  ofAssets: z.record(z.string(), found),
  ofFlow: found,
  /** Whether a region flow does not go on because the region serves again, and no database was promoted. */
  isWell: z.boolean().default(false),
});

/**
 * Pages once for each time the flow stops, then throws: neither a lost answer nor a retry of the call goes on, a redrive alone
 * makes the count grow. @throws Paused until then, and what kept everybody from hearing it where nobody could be told: it is tried again.
 */
export const handler = step(PauseInput, async ({ incident, redrives, redriven, ofAssets, ofFlow, isWell }, shell) => {
  const { id, execution } = incident;
  const { plan, now, log } = shell;
  if (redriven > redrives) return { resumed: redriven };
  // It holds nothing any more, and nobody has to act: that it has ended is told when it has.
  await expectNotGivenBack(execution, shell);
  const failures = failuresIn(ofAssets, ofFlow);
  const maySkip = (failure: Failure) => !failure.held && whyNotSkipped(failure, [], plan) === null;
  const failed = failures.map((one) => ({ step: stateWords(one), why: one.why, mayBeSkipped: maySkip(one) }));
  const [calls, record] = await Promise.all([
    callsOf(incident, shell),
    // What cannot be read keeps nobody from hearing that the flow waits.
    shell.store.readIncident(id).catch(() => null),
  ]);
  const movedAnything = calls.some((past) => past.step.startsWith('take-over/'));
  // Its incident may have ended while people were asked, and no look was made since.
  const isOverBefore = incident.mode !== undefined && endedAt(incident, record) !== null && !movedAnything;
  const ends = (isWell || isOverBefore) && areOpen(ofAssets);
  // What was approved is looked at again before anything more is changed, and the fence watch knows that people have to choose.
  await shell.store.recordStep({
    incident: id,
    execution,
    step: pauseMark(redriven),
    at: now(),
    outcome: { failed, ...(ends && { ends }) },
  });
  const words = failed.map(({ step: name, why }) => `${name}: ${why}`);
  log.warn('paused', { incident: id, execution, failures: words });
  const [users, all] = await Promise.all([lookAsUsers(shell).catch(() => undefined), shell.store.readSteps(id)]);
  const own = all.filter((past) => past.execution === execution);
  const steps = failures.map(recordedAs);
  const seen = failures.map((failure) => ({
    ...failure,
    called: callsWords(calls.filter((past) => past.step === recordedAs(failure))),
    // What is held has not failed: it begins once what it needs is there.
    error: lastErrorOf(failure, own),
    mayBeSkipped: maySkip(failure),
  }));
  const changed = callsWords(calls.filter((past) => !steps.includes(past.step)));
  const until = resumableUntil(now());
  const moved = elsewhere(calls, own, incident.region);
  const unfenced = unfencedSentences(ofAssets, moved);
  const stage = stageOf(shell.prefix);
  const lastServedAt = record?.lastServedAt ?? null;
  const isOver = isWellAgain(incident.zone, record);
  const happened = {
    ...{ changed, unfenced, lastServedAt, users, isOver, ends: ends ? { movedAnything } : null },
    takesOver: takesOver(calls, incident.region, plan),
    moved,
  };
  const message = pausedMessage(incident, seen, { stage, until, ...happened });
  await tell({ id: pausePage(execution, redriven), message, of: incident }, plan.notifications.failure, shell);
  throw new Paused(words.join('; ') || 'a state of the flow failed');
});
