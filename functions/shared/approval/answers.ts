// Says in sentences who answered the last request of an execution, and who did not.
import { tallyOf } from '../../domain/approval/approval.ts';
import { answerSentences } from '../../domain/words/approval-words.ts';
import type { Shell } from '../shell.ts';

/** Nothing where people were not asked. The request may still be open: its flow knows first that it has expired. */
export async function answersTo(execution: string, { store, plan }: Shell): Promise<string[]> {
  const [open, settled] = await Promise.all([store.listOpenRequests(), store.listSettledRequests(0)]);
  const requests = [...open, ...settled.map(({ request }) => request)].filter((one) => one.execution === execution);
  const last = requests.toSorted((a, b) => a.askedAt - b.askedAt).at(-1);
  if (last === undefined) return [];
  const { answers, silent } = tallyOf(last, await store.readAnswers(last.id), plan);
  return answerSentences(answers, silent);
}
