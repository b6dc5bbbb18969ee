// The words in which a plan is found to be unsafe: a kind says them of its assets, and check/ of the rest.

/** Something a recovery depends on and cannot rely on. An error makes a plan unsafe, a warning names a risk that is taken. */
export type Weakness = {
  readonly id: string;
  readonly severity: 'error' | 'warning';
  /** Where: keys of the plan, or the template's resource. */
  readonly where: { readonly plan: readonly string[] } | { readonly resource: string };
  /** What depends on what. */
  readonly depends: string;
  readonly reason: string;
  readonly fix: string;
};

/** What a kind knows beside an asset: the roles of the plan's regions, and where in the plan the asset is described. */
export type Around = {
  readonly primary: string;
  readonly standby: string;
  readonly path: (...keys: readonly string[]) => readonly string[];
};

type Words = Pick<Weakness, 'depends' | 'reason' | 'fix'>;

export function error(id: string, plan: readonly string[], words: Words): Weakness {
  return { id, severity: 'error', where: { plan }, ...words };
}

export function warning(id: string, plan: readonly string[], words: Words): Weakness {
  return { id, severity: 'warning', where: { plan }, ...words };
}
