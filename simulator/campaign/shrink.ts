// The shortest history that still shows something: what can be left out is left out, in halves first and then one by one.

/**
 * Items of which none can be left out alone. `shows`: whether what was seen is still seen without the others; `tries` bounds how often
 * it is asked. The order is kept.
 */
export async function shortest<Item>(
  items: readonly Item[],
  shows: (left: readonly Item[]) => Promise<boolean>,
  tries: number,
): Promise<readonly Item[]> {
  let left = items;
  let asked = 0;
  let size = Math.ceil(left.length / 2);
  while (size > 0) {
    let hasShrunk = false;
    for (let at = 0; at < left.length; ) {
      const without = left.toSpliced(at, size);
      if (asked >= tries) return left;
      asked += 1;
      if (await shows(without)) {
        left = without;
        hasShrunk = true;
      } else {
        at += size;
      }
    }
    // What could not be left out may be left out once another one is gone.
    if (size > 1) size = Math.ceil(size / 2);
    else if (!hasShrunk) size = 0;
  }
  return left;
}
