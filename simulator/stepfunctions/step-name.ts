// What a step of a flow is called: after its state, and after the asset that it is about.

/** Such as TakeOver/database; without an asset the state's name alone. */
export function stepName({ state, asset }: { readonly state: string; readonly asset: string | null }): string {
  return asset === null ? state : `${state}/${asset}`;
}

/** The asset that a function is called for; null where it is called for the whole flow. */
export function assetOf(call: unknown): string | null {
  const { Payload } = (call ?? {}) as { readonly Payload?: { readonly asset?: unknown } | null };
  return typeof Payload?.asset === 'string' ? Payload.asset : null;
}
