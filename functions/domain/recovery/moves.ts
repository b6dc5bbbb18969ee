// What a step does next, in the words of every kind, and how traffic leaves a zone. Pure, and total: what is not known is waited
// for, never guessed.

/** The next thing to do. `wait` and `give-up` say why, for people. */
export type Next<Call extends string> =
  | { readonly next: 'done' }
  | { readonly next: Call }
  | { readonly next: 'wait' | 'give-up'; readonly why: string };

/** An active shift of traffic away from a zone id. */
export type ShiftSeen = {
  readonly cause: 'customer' | 'autoshift' | 'practice' | 'experiment';
  readonly awayFrom: string;
};

/**
 * Traffic of one resource leaves the zone by a zonal shift, unless a shift by a person or by AWS keeps it away. A practice run and an experiment
 * end by themselves and give way to ours [AWS, Precedence for zonal shifts]; any other shift away from another zone would leave too little to stand on.
 */
export function nextShift(shifts: readonly ShiftSeen[], zone: string): Next<'start'> {
  const serious = shifts.filter(({ cause }) => cause !== 'practice' && cause !== 'experiment');
  if (serious.some((shift) => shift.awayFrom === zone)) return { next: 'done' };
  const other = serious[0];
  return other === undefined ? { next: 'start' } : giveUp(`its traffic is kept away from ${other.awayFrom} already`);
}

/** Whether it was asked for within so many seconds, so that its effect may still come. `at`: milliseconds since 1970; null where it was not. */
export function isRecent(at: number | null, seconds: number, now: number): boolean {
  return at !== null && now - at < seconds * 1000;
}

/** Nothing is done now; asked again, it may be. */
export function wait(why: string): { readonly next: 'wait'; readonly why: string } {
  return { next: 'wait', why };
}

/** The goal cannot be reached from here: a person has to look. */
export function giveUp(why: string): { readonly next: 'give-up'; readonly why: string } {
  return { next: 'give-up', why };
}
