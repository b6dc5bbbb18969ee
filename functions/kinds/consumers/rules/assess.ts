// What was seen of consumers means: what people have to know before a region is left, and whether all is as it has to be. Pure.
import type { KindSeen, Leaving, Open } from '../../../domain/recovery/predict.ts';
import { type CheckResult, notReady, ready } from '../../../domain/recovery/readiness.ts';
import { standingFor, stateOf } from '../moves.ts';
import { type Consumer, type ConsumerSeen, isCounted } from './listed.ts';

/** What is seen of one; null where it is not there. */
export type Looked = { readonly one: Consumer; readonly seen: ConsumerSeen | null };

/** `there`: in the region that takes over, null where something of them did not answer; `open`: why those of the region that is left cannot be switched off now. */
export type ConsumersObserved = {
  readonly asset: string;
  readonly there: readonly Looked[] | null;
  readonly open: Open | null;
};

/** Whoever misses a consumer does without it: users are served all the same, and it is no obstacle. A switchover leaves nothing on. */
export function consumersSeen(all: readonly ConsumersObserved[], { standby, mode }: Leaving): KindSeen {
  const merits = all.map(({ asset, there }) => {
    if (there === null) return `whether the consumers of ${asset} are in ${standby} is NOT KNOWN`;
    const missing = there.filter(({ seen }) => seen === null).map(({ one }) => one.words);
    const found = `${there.length - missing.length} of ${there.length} consumers of ${asset} are in ${standby}`;
    return missing.length === 0 ? found : `${found}; ${missing.join(', ')} will be MISSING`;
  });
  const open = all.flatMap((one) => one.open ?? []);
  const obstacles = mode === 'switchover' ? open.map(({ why }) => `a switchover needs a fence, and ${why}`) : [];
  return { obstacles, merits, open };
}

/** In a region that serves all are there and on; in the one that would take over all are there and off. `unseen`: what was not reached. */
export function consumersReady(
  all: readonly Looked[],
  region: string,
  serves: boolean,
  unseen: readonly string[] = [],
): CheckResult {
  const wrong = all.flatMap(({ one, seen }) => wrongWith(one, seen, region, serves) ?? []);
  if (wrong.length > 0) return notReady(wrong.join('; '));
  const found = `all ${all.length} consumers of ${region} are ${serves ? 'on' : 'there, and off'}`;
  return ready(unseen.length === 0 ? found : `${found}; not seen from here: ${unseen.join(', ')}`);
}

function wrongWith(one: Consumer, seen: ConsumerSeen | null, region: string, serves: boolean): string | null {
  if (seen === null) return `${one.words} does not exist in ${region}`;
  if (seen.fixed !== null) return `${one.words} in ${region} cannot be switched: ${seen.fixed}`;
  if (seen.what === 'rule' && seen.state === everyCall)
    return `${one.words} in ${region} reads the calls of CloudTrail that only look, which is lost where it is switched off and on: leave it out of the plan`;
  const standing = standingFor(seen, { on: false, tasks: 0 });
  if (serves && standing === 'off') return `${one.words} is off in ${region}, which serves users`;
  if (serves && isCounted(seen) && seen.running === 0)
    return `${one.words} runs none of ${seen.desired} ${seen.what === 'service' ? 'tasks' : 'replicas'} in ${region}, which serves users`;
  if (!serves && standing === 'on')
    return `${one.words} is ${stateOf(seen)} in ${region}, which does not serve users: two regions consume`;
  return null;
}

/** EnableRule gives a rule its ordinary state back. */
const everyCall = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
