// Looks at consumers, those of one sort one after the other: Lambda takes fifteen calls a second of all that manage something in an account and
// region [Lambda quotas, API requests], and who asks for all at once is told to come back each time.
import { CannotProceed, Unavailable } from '../../../domain/errors.ts';
import type { Consumer, ConsumerSeen } from '../rules/listed.ts';

/** What was seen of each, in the order that they were given; null: it is not there. */
export type Answered = { readonly one: Consumer; readonly seen: ConsumerSeen | null | Error };

/** Where one gets no answer, the rest of its sort would wait as long for none: they are not asked. */
export async function inTurn(
  consumers: readonly Consumer[],
  look: (one: Consumer) => Promise<ConsumerSeen | null>,
): Promise<Answered[]> {
  const sorts = [...Map.groupBy(consumers, ({ what }) => what).values()];
  const answers = new Map<Consumer, Answered['seen']>();
  await Promise.all(
    sorts.map(async (sort) => {
      let silent: Unavailable | null = null;
      for (const one of sort) {
        const seen: Answered['seen'] = silent ?? (await answerOf(look(one)));
        answers.set(one, seen);
        if (seen instanceof Unavailable && !seen.refused) silent = seen;
      }
    }),
  );
  return consumers.map((one) => ({ one, seen: answers.get(one) ?? null }));
}

async function answerOf(asked: Promise<ConsumerSeen | null>): Promise<Answered['seen']> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CannotProceed || error instanceof Unavailable) return error;
    throw error;
  }
}
