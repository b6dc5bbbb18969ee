// Which write an instance had reached when: what a restore to a time holds, and what it lacks.

/** Writes each second when every request succeeds. */
export const writesPerSecond = 40;

export type Ledger = {
  /** The number of the last write that it holds now. */
  note(at: number, sequence: number): void;
  /** The number of the last write that it held at a time; before its beginning users wrote as they always did. */
  at(time: number): number;
  /** When its last write until a time was made. */
  lastWriteAt(until: number): number;
  /** Its writes between two times. */
  between(from: number, until: number): number;
  /** When the write with that number was made. */
  writtenAt(sequence: number): number;
};

export function createLedger(beganAt: number, first: number): Ledger {
  const points: { at: number; sequence: number }[] = [{ at: beganAt, sequence: first }];

  const at = (time: number): number => {
    if (time <= beganAt) return first - Math.round(((beganAt - time) / 1000) * writesPerSecond);
    const index = points.findLastIndex((point) => point.at <= time);
    const [from, to] = [points[index], points[index + 1]];
    if (from === undefined) return first;
    if (to === undefined) return from.sequence;
    return from.sequence + Math.floor(((to.sequence - from.sequence) * (time - from.at)) / (to.at - from.at));
  };

  return {
    at,
    note(time, sequence) {
      const [before, last] = points.slice(-2);
      // While nobody writes two points say all there is to say.
      if (last !== undefined && before?.sequence === sequence && last.sequence === sequence) last.at = time;
      else if (points.at(-1)?.at === time) points[points.length - 1] = { at: time, sequence };
      else points.push({ at: time, sequence });
    },
    lastWriteAt(until) {
      const index = points.findLastIndex(
        (point, here) => point.at < until && (points[here + 1]?.sequence ?? point.sequence) > point.sequence,
      );
      return index === -1 ? Math.min(beganAt, until) : Math.min(until, points[index + 1]?.at ?? until);
    },
    writtenAt(sequence) {
      const next = points.findIndex((point) => point.sequence >= sequence);
      const [from, to] = [points[next - 1], points[next]];
      if (to === undefined) return points.at(-1)?.at ?? beganAt;
      if (from === undefined) return beganAt - ((first - sequence) / writesPerSecond) * 1000;
      return from.at + ((to.at - from.at) * (sequence - from.sequence)) / (to.sequence - from.sequence);
    },
    between: (from, until) => Math.max(0, at(until) - at(from)),
  };
}
