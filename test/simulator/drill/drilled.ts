// Drills of the shipped plan that several tests look at: a seed gives one history, so each runs once.
import { runDrill } from '../../../simulator/drill/drill.ts';
import { shipped as plan } from '../../shipped.ts';

const ran = new Map<string, ReturnType<typeof runDrill>>();

/** The drill of a scenario with a seed, with everything else as `npm run drill` has it. */
export function drilled(scenario: string, seed: number): ReturnType<typeof runDrill> {
  const key = `${scenario} ${seed}`;
  const drill = ran.get(key) ?? runDrill({ scenario, seed, plan });
  ran.set(key, drill);
  return drill;
}
