// What the answer of a control plane says about it.

/**
 * 1: the control plane answers; 0: it fails or stays silent. A refusal is an answer too: throttled is busy, and a right
 * that was forgotten must not pass for the loss of a region. `status` is null where nothing answered.
 */
export function probeValue(status: number | null): 0 | 1 {
  return status !== null && status < 500 ? 1 : 0;
}
