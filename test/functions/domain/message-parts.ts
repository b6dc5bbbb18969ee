// A message as its reader sees it: the lines under each heading; and what is known when a decision is told.
import type { AsItStands } from '../../../functions/domain/words/decision-words.ts';
import type { Message, Parts } from '../../../functions/domain/words/words.ts';

const headings: Readonly<Record<keyof Parts, string>> = {
  needed: 'WHAT IS NEEDED FROM YOU',
  happened: 'WHAT HAPPENED',
  done: 'WHAT IS BEING DONE',
  follows: 'WHAT FOLLOWS',
  more: 'MORE',
};

/** The lines under each heading; none where the heading is left out. */
export function partsOf({ body }: Message): Record<keyof Parts, string[]> {
  const under = (heading: string) => {
    const [, lines] = new RegExp(`(?:^|\n)${heading}\n([^]*?)(?:\n\n|$)`).exec(body) ?? [];
    return lines?.split('\n') ?? [];
  };
  return {
    needed: under(headings.needed),
    happened: under(headings.happened),
    done: under(headings.done),
    follows: under(headings.follows),
    more: under(headings.more),
  };
}

/** Nothing holds anything back at a time, in a region that serves users. */
export function asItStands(now: number, primary: string): AsItStands {
  return { now, frozen: null, lock: null, working: null, coolsUntil: null, stage: 'prod', primary };
}
