// Which asset a function is called for, by what it is given.

/** The asset that a function is called for; null where it is called for the whole flow. */
export function assetOf(call: unknown): string | null {
  const { Payload } = (call ?? {}) as { readonly Payload?: { readonly asset?: unknown } | null };
  return typeof Payload?.asset === 'string' ? Payload.asset : null;
}
